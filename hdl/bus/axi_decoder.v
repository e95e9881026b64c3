// One AXI4 master to several slaves, chosen by address; what no slave claims is answered with DECERR.
// Keeps AXI's order without reordering buffers: writes change their target only when none is outstanding, reads of one
// ID only when none of that ID is. So a master that fetches descriptors under an ID of their own does not stop its data.
// Read bursts of different slaves are not interleaved.
`default_nettype none
module axi_decoder #(
    parameter SLAVES      = 2,
    parameter ID_WIDTH    = 4,
    // Slave i claims an address when (address & MASK[i]) == BASE[i]; the lowest number wins. Slave 0 in the low bits.
    parameter [SLAVES*64-1:0] BASE = {64'h8000_0000_0000_0000, 64'h0},
    parameter [SLAVES*64-1:0] MASK = {64'hffff_ffff_0000_0000, 64'h8000_0000_0000_0000},
    parameter OUTSTANDING = 32              // bursts outstanding on each of reads and writes, 1..255
) (
    input  wire                          clk,
    input  wire                          rst,

    input  wire [ID_WIDTH-1:0]           s_axi_awid,
    input  wire [64-1:0]                 s_axi_awaddr,
    input  wire [8-1:0]                  s_axi_awlen,
    input  wire [3-1:0]                  s_axi_awsize,
    input  wire [2-1:0]                  s_axi_awburst,
    input  wire                          s_axi_awvalid,
    output wire                          s_axi_awready,
    input  wire [64-1:0]                 s_axi_wdata,
    input  wire [8-1:0]                  s_axi_wstrb,
    input  wire                          s_axi_wlast,
    input  wire                          s_axi_wvalid,
    output wire                          s_axi_wready,
    output wire [ID_WIDTH-1:0]           s_axi_bid,
    output wire [2-1:0]                  s_axi_bresp,
    output wire                          s_axi_bvalid,
    input  wire                          s_axi_bready,
    input  wire [ID_WIDTH-1:0]           s_axi_arid,
    input  wire [64-1:0]                 s_axi_araddr,
    input  wire [8-1:0]                  s_axi_arlen,
    input  wire [3-1:0]                  s_axi_arsize,
    input  wire [2-1:0]                  s_axi_arburst,
    input  wire                          s_axi_arvalid,
    output wire                          s_axi_arready,
    output wire [ID_WIDTH-1:0]           s_axi_rid,
    output wire [64-1:0]                 s_axi_rdata,
    output wire [2-1:0]                  s_axi_rresp,
    output wire                          s_axi_rlast,
    output wire                          s_axi_rvalid,
    input  wire                          s_axi_rready,

    output wire [SLAVES*ID_WIDTH-1:0]    m_axi_awid,
    output wire [SLAVES*64-1:0]          m_axi_awaddr,
    output wire [SLAVES*8-1:0]           m_axi_awlen,
    output wire [SLAVES*3-1:0]           m_axi_awsize,
    output wire [SLAVES*2-1:0]           m_axi_awburst,
    output wire [SLAVES-1:0]             m_axi_awvalid,
    input  wire [SLAVES-1:0]             m_axi_awready,
    output wire [SLAVES*64-1:0]          m_axi_wdata,
    output wire [SLAVES*8-1:0]           m_axi_wstrb,
    output wire [SLAVES-1:0]             m_axi_wlast,
    output wire [SLAVES-1:0]             m_axi_wvalid,
    input  wire [SLAVES-1:0]             m_axi_wready,
    input  wire [SLAVES*ID_WIDTH-1:0]    m_axi_bid,
    input  wire [SLAVES*2-1:0]           m_axi_bresp,
    input  wire [SLAVES-1:0]             m_axi_bvalid,
    output wire [SLAVES-1:0]             m_axi_bready,
    output wire [SLAVES*ID_WIDTH-1:0]    m_axi_arid,
    output wire [SLAVES*64-1:0]          m_axi_araddr,
    output wire [SLAVES*8-1:0]           m_axi_arlen,
    output wire [SLAVES*3-1:0]           m_axi_arsize,
    output wire [SLAVES*2-1:0]           m_axi_arburst,
    output wire [SLAVES-1:0]             m_axi_arvalid,
    input  wire [SLAVES-1:0]             m_axi_arready,
    input  wire [SLAVES*ID_WIDTH-1:0]    m_axi_rid,
    input  wire [SLAVES*64-1:0]          m_axi_rdata,
    input  wire [SLAVES*2-1:0]           m_axi_rresp,
    input  wire [SLAVES-1:0]             m_axi_rlast,
    input  wire [SLAVES-1:0]             m_axi_rvalid,
    output wire [SLAVES-1:0]             m_axi_rready,

    output wire                          busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || aw_fire || w_end || b_fire || ar_fire || (s_axi_rvalid && (!r_locked_reg || r_end))
            || r_error_reg),
        .gated(clk_gated)
    );

    localparam TARGET_WIDTH = $clog2(SLAVES + 1);
    localparam [TARGET_WIDTH-1:0] NOWHERE = SLAVES[TARGET_WIDTH-1:0];
    localparam [1:0] DECERR = 2'b11;

    initial if (OUTSTANDING < 1 || OUTSTANDING > 255) begin
        $display("ERROR: axi_decoder OUTSTANDING must be 1..255 (%m)");
        $finish;
    end

    function [TARGET_WIDTH-1:0] decode(input [63:0] addr);
        integer i;
        begin
            decode = NOWHERE;
            for (i = SLAVES - 1; i >= 0; i = i - 1)
                if ((addr & MASK[64*i +: 64]) == BASE[64*i +: 64]) decode = i[TARGET_WIDTH-1:0];
        end
    endfunction

    genvar g;

    // ---- writes ---------------------------------------------------------------------------------------
    reg  [TARGET_WIDTH-1:0] w_target_reg;
    reg  [7:0]              w_outstanding_reg;              // address accepted, response not yet
    reg  [7:0]              w_owed_reg;                     // address accepted, last data not yet
    reg                     w_error_reg;                    // the response of NOWHERE is due
    reg  [ID_WIDTH-1:0]     w_error_id_reg;

    wire [TARGET_WIDTH-1:0] aw_target = decode(s_axi_awaddr);
    wire aw_open = w_outstanding_reg == 8'd0
                   || (aw_target == w_target_reg && aw_target != NOWHERE && w_outstanding_reg != OUTSTANDING[7:0]);
    wire aw_fire = s_axi_awvalid && s_axi_awready;
    wire w_open  = w_owed_reg != 8'd0;
    wire w_end   = s_axi_wvalid && s_axi_wready && s_axi_wlast;
    wire b_fire  = s_axi_bvalid && s_axi_bready;

    // one bit more than slaves: NOWHERE accepts everything
    wire [SLAVES:0] aw_ready_all = {1'b1, m_axi_awready};
    wire [SLAVES:0] w_ready_all  = {1'b1, m_axi_wready};
    wire [SLAVES:0] b_valid_all  = {w_error_reg, m_axi_bvalid};
    wire [(SLAVES+1)*2-1:0]        b_resp_all = {DECERR, m_axi_bresp};
    wire [(SLAVES+1)*ID_WIDTH-1:0] b_id_all   = {w_error_id_reg, m_axi_bid};

    assign s_axi_awready = aw_open && aw_ready_all[aw_target];
    assign s_axi_wready  = w_open && w_ready_all[w_target_reg];
    assign s_axi_bvalid  = b_valid_all[w_target_reg];
    assign s_axi_bresp   = b_resp_all[2*w_target_reg +: 2];
    assign s_axi_bid     = b_id_all[ID_WIDTH*w_target_reg +: ID_WIDTH];

    // ---- reads ----------------------------------------------------------------------------------------
    localparam IDS = 1 << ID_WIDTH;
    reg  [TARGET_WIDTH-1:0] id_target [0:IDS-1];            // of the bursts outstanding
    reg  [7:0]              id_count  [0:IDS-1];
    reg  [7:0]              r_outstanding_reg;              // of all IDs
    reg  [TARGET_WIDTH-1:0] r_last_reg;                     // whose burst comes, or came last
    reg                     r_locked_reg;                   // that burst has begun and not ended
    reg                     r_error_reg;                    // NOWHERE has a burst to answer
    reg  [7:0]              r_error_left_reg;
    reg  [ID_WIDTH-1:0]     r_error_id_reg;

    wire [TARGET_WIDTH-1:0] ar_target = decode(s_axi_araddr);
    wire ar_open = r_outstanding_reg != OUTSTANDING[7:0] && !(ar_target == NOWHERE && r_error_reg)
                   && (id_count[s_axi_arid] == 8'd0 || id_target[s_axi_arid] == ar_target);
    wire ar_fire = s_axi_arvalid && s_axi_arready;
    wire r_end   = s_axi_rvalid && s_axi_rready && s_axi_rlast;

    // the next slave with data after the one served last
    function [TARGET_WIDTH-1:0] pick(input [SLAVES:0] valid, input [TARGET_WIDTH-1:0] served);
        integer i, k;
        begin
            pick = served;
            if (valid != {(SLAVES+1){1'b0}}) for (i = SLAVES; i >= 0; i = i - 1) begin
                k = i + 1 + {{(32-TARGET_WIDTH){1'b0}}, served};
                if (k > SLAVES) k = k - SLAVES - 1;
                if (valid[k]) pick = k[TARGET_WIDTH-1:0];
            end
        end
    endfunction

    wire [SLAVES:0] r_valid_all  = {r_error_reg, m_axi_rvalid};
    wire [TARGET_WIDTH-1:0] r_target = r_locked_reg ? r_last_reg : pick(r_valid_all, r_last_reg);

    wire [SLAVES:0] ar_ready_all = {1'b1, m_axi_arready};
    wire [SLAVES:0] r_last_all   = {r_error_left_reg == 8'd0, m_axi_rlast};
    wire [(SLAVES+1)*2-1:0]        r_resp_all = {DECERR, m_axi_rresp};
    wire [(SLAVES+1)*ID_WIDTH-1:0] r_id_all   = {r_error_id_reg, m_axi_rid};

    assign s_axi_arready = ar_open && ar_ready_all[ar_target];
    assign s_axi_rvalid  = r_valid_all[r_target];
    assign s_axi_rlast   = r_last_all[r_target];
    assign s_axi_rdata   = r_target == NOWHERE ? 64'd0 : m_axi_rdata[64*r_target +: 64];
    assign s_axi_rresp   = r_resp_all[2*r_target +: 2];
    assign s_axi_rid     = r_id_all[ID_WIDTH*r_target +: ID_WIDTH];

    generate for (g = 0; g < SLAVES; g = g + 1) begin : slave
        assign m_axi_awvalid[g] = s_axi_awvalid && aw_open && aw_target == g[TARGET_WIDTH-1:0];
        assign m_axi_wvalid[g]  = s_axi_wvalid && w_open && w_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axi_bready[g]  = s_axi_bready && w_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axi_arvalid[g] = s_axi_arvalid && ar_open && ar_target == g[TARGET_WIDTH-1:0];
        assign m_axi_rready[g]  = s_axi_rready && r_target == g[TARGET_WIDTH-1:0];
    end endgenerate

    // to the slave written to alone: what others see stands still
    reg [64*SLAVES-1:0] w_data;
    always @* w_data = {{(64*SLAVES-64){1'b0}}, s_axi_wdata} << {w_target_reg, 6'd0};

    assign m_axi_awid    = {SLAVES{s_axi_awid}};
    assign m_axi_awaddr  = {SLAVES{s_axi_awaddr}};
    assign m_axi_awlen   = {SLAVES{s_axi_awlen}};
    assign m_axi_awsize  = {SLAVES{s_axi_awsize}};
    assign m_axi_awburst = {SLAVES{s_axi_awburst}};
    assign m_axi_wdata   = w_data;
    assign m_axi_wstrb   = {SLAVES{s_axi_wstrb}};
    assign m_axi_wlast   = {SLAVES{s_axi_wlast}};
    assign m_axi_arid    = {SLAVES{s_axi_arid}};
    assign m_axi_araddr  = {SLAVES{s_axi_araddr}};
    assign m_axi_arlen   = {SLAVES{s_axi_arlen}};
    assign m_axi_arsize  = {SLAVES{s_axi_arsize}};
    assign m_axi_arburst = {SLAVES{s_axi_arburst}};

    assign busy = w_outstanding_reg != 8'd0 || r_outstanding_reg != 8'd0 || s_axi_awvalid || s_axi_arvalid;

    integer n;
    always @(posedge clk_gated) begin
        if (aw_fire != b_fire) w_outstanding_reg <= aw_fire ? w_outstanding_reg + 8'd1 : w_outstanding_reg - 8'd1;
        if (aw_fire != w_end)  w_owed_reg        <= aw_fire ? w_owed_reg + 8'd1 : w_owed_reg - 8'd1;
        if (ar_fire != r_end)  r_outstanding_reg <= ar_fire ? r_outstanding_reg + 8'd1 : r_outstanding_reg - 8'd1;
        if (aw_fire) begin
            w_target_reg   <= aw_target;
            w_error_id_reg <= s_axi_awid;
        end
        if (w_end && w_target_reg == NOWHERE) w_error_reg <= 1'b1;
        else if (b_fire)                      w_error_reg <= 1'b0;

        if (s_axi_rvalid) begin
            r_last_reg   <= r_target;
            r_locked_reg <= !r_end;
        end
        if (r_end)   id_count[s_axi_rid] <= id_count[s_axi_rid] - 8'd1;
        if (ar_fire) begin
            id_target[s_axi_arid] <= ar_target;
            id_count[s_axi_arid]  <= id_count[s_axi_arid] + {7'd0, !(r_end && s_axi_rid == s_axi_arid)};
        end
        if (r_error_reg && s_axi_rready && r_target == NOWHERE) begin
            r_error_left_reg <= r_error_left_reg - 8'd1;
            r_error_reg      <= r_error_left_reg != 8'd0;
        end
        if (ar_fire && ar_target == NOWHERE) begin
            r_error_reg      <= 1'b1;
            r_error_id_reg   <= s_axi_arid;
            r_error_left_reg <= s_axi_arlen;
        end
        if (rst) begin
            w_target_reg      <= {TARGET_WIDTH{1'b0}};
            w_outstanding_reg <= 8'd0;
            w_owed_reg        <= 8'd0;
            w_error_reg       <= 1'b0;
            r_last_reg        <= {TARGET_WIDTH{1'b0}};
            r_locked_reg      <= 1'b0;
            for (n = 0; n < IDS; n = n + 1) id_count[n] <= 8'd0;
            r_outstanding_reg <= 8'd0;
            r_error_reg       <= 1'b0;
        end
    end
endmodule
`default_nettype wire
