// Several AXI4 masters to one slave, arbitrated per burst: a grant is the acceptance of one burst's address.
//
// Every master has two requesters, its read and its write address channel. Round robin: the requester after the one
// served last goes first, so who holds a request waits for at most one grant of every other requester. Fixed priority:
// the lowest master first, its writes before its reads. SHARED = 1 is one bus, as PCI: one grant a clock for reads and
// writes together, and a requester whose turn it is is waited for. SHARED = 0 arbitrates reads and writes apart.
//
// Responses find their way by the ID, whose upper bits are the master's number; write data go in the order of grants.
`default_nettype none
module axi_arbiter #(
    parameter MASTERS      = 4,             // 1..16
    parameter ID_WIDTH     = 4,             // of the masters
    parameter MASTER_WIDTH = MASTERS > 1 ? $clog2(MASTERS) : 1,
    parameter M_ID_WIDTH   = ID_WIDTH + MASTER_WIDTH,
    parameter SHARED       = 0,
    parameter OUTSTANDING  = 8,             // bursts without last response, 1..32; reads plus writes if SHARED, else each
    // What a requester gets at most while others wait (round robin): HOLD_BURSTS bursts in a row, or fewer when the first
    // of them was granted HOLD_CLOCKS ago (0: no limit). Bursts longer than MAX_BURST_BEATS are reported on
    // burst_too_long; a master that may send such has an axi_burst_limiter before it.
    parameter MAX_BURST_BEATS = 64,
    parameter HOLD_BURSTS  = 1,
    parameter HOLD_CLOCKS  = 0
) (
    input  wire                          clk,
    input  wire                          rst,
    input  wire                          round_robin,       // 0: fixed priority

    input  wire [MASTERS*ID_WIDTH-1:0]   s_axi_awid,
    input  wire [MASTERS*64-1:0]         s_axi_awaddr,
    input  wire [MASTERS*8-1:0]          s_axi_awlen,
    input  wire [MASTERS*3-1:0]          s_axi_awsize,
    input  wire [MASTERS*2-1:0]          s_axi_awburst,
    input  wire [MASTERS-1:0]            s_axi_awvalid,
    output wire [MASTERS-1:0]            s_axi_awready,
    input  wire [MASTERS*64-1:0]         s_axi_wdata,
    input  wire [MASTERS*8-1:0]          s_axi_wstrb,
    input  wire [MASTERS-1:0]            s_axi_wlast,
    input  wire [MASTERS-1:0]            s_axi_wvalid,
    output wire [MASTERS-1:0]            s_axi_wready,
    output wire [MASTERS*ID_WIDTH-1:0]   s_axi_bid,
    output wire [MASTERS*2-1:0]          s_axi_bresp,
    output wire [MASTERS-1:0]            s_axi_bvalid,
    input  wire [MASTERS-1:0]            s_axi_bready,
    input  wire [MASTERS*ID_WIDTH-1:0]   s_axi_arid,
    input  wire [MASTERS*64-1:0]         s_axi_araddr,
    input  wire [MASTERS*8-1:0]          s_axi_arlen,
    input  wire [MASTERS*3-1:0]          s_axi_arsize,
    input  wire [MASTERS*2-1:0]          s_axi_arburst,
    input  wire [MASTERS-1:0]            s_axi_arvalid,
    output wire [MASTERS-1:0]            s_axi_arready,
    output wire [MASTERS*ID_WIDTH-1:0]   s_axi_rid,
    output wire [MASTERS*64-1:0]         s_axi_rdata,
    output wire [MASTERS*2-1:0]          s_axi_rresp,
    output wire [MASTERS-1:0]            s_axi_rlast,
    output wire [MASTERS-1:0]            s_axi_rvalid,
    input  wire [MASTERS-1:0]            s_axi_rready,

    output wire [M_ID_WIDTH-1:0]         m_axi_awid,
    output wire [64-1:0]                 m_axi_awaddr,
    output wire [8-1:0]                  m_axi_awlen,
    output wire [3-1:0]                  m_axi_awsize,
    output wire [2-1:0]                  m_axi_awburst,
    output wire                          m_axi_awvalid,
    input  wire                          m_axi_awready,
    output wire [64-1:0]                 m_axi_wdata,
    output wire [8-1:0]                  m_axi_wstrb,
    output wire                          m_axi_wlast,
    output wire                          m_axi_wvalid,
    input  wire                          m_axi_wready,
    input  wire [M_ID_WIDTH-1:0]         m_axi_bid,
    input  wire [2-1:0]                  m_axi_bresp,
    input  wire                          m_axi_bvalid,
    output wire                          m_axi_bready,
    output wire [M_ID_WIDTH-1:0]         m_axi_arid,
    output wire [64-1:0]                 m_axi_araddr,
    output wire [8-1:0]                  m_axi_arlen,
    output wire [3-1:0]                  m_axi_arsize,
    output wire [2-1:0]                  m_axi_arburst,
    output wire                          m_axi_arvalid,
    input  wire                          m_axi_arready,
    input  wire [M_ID_WIDTH-1:0]         m_axi_rid,
    input  wire [64-1:0]                 m_axi_rdata,
    input  wire [2-1:0]                  m_axi_rresp,
    input  wire                          m_axi_rlast,
    input  wire                          m_axi_rvalid,
    output wire                          m_axi_rready,

    // for the log and for statistics; the grant signals report reads and writes only when SHARED is 1
    output wire [MASTERS-1:0]            read_request,
    output wire [MASTERS-1:0]            write_request,
    output wire                          grant_valid,
    output wire                          grant_write,
    output wire [M_ID_WIDTH-1:0]         grant_id,          // upper bits: the master
    output wire [63:0]                   grant_addr,
    output wire [8:0]                    grant_beats,
    output wire                          last_read_valid,   // RLAST accepted
    output wire [M_ID_WIDTH-1:0]         last_read_id,
    output wire                          last_write_valid,  // WLAST accepted, bursts in the order of grants
    output wire [MASTER_WIDTH-1:0]       last_write_master,
    output wire [MASTERS*32-1:0]         beats,             // data beats, read and write, by master
    output reg                           burst_too_long,    // sticky
    output wire                          busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axi_awvalid != {MASTERS{1'b0}} || s_axi_arvalid != {MASTERS{1'b0}} || aw_valid_reg || ar_valid_reg
            || m_axi_wvalid || m_axi_bvalid || m_axi_rvalid),
        .gated(clk_gated)
    );

    localparam REQUESTERS = 2 * MASTERS;    // 2 * master: its write; 2 * master + 1: its read
    localparam SEL        = MASTER_WIDTH + 1;

    initial if (MASTERS < 1 || MASTERS > 16 || OUTSTANDING < 1 || OUTSTANDING > 32 || HOLD_BURSTS < 1) begin
        $display("ERROR: axi_arbiter parameters out of range (%m)");
        $finish;
    end

    assign read_request  = s_axi_arvalid;
    assign write_request = s_axi_awvalid;

    reg [5:0] reads_reg, writes_reg;        // outstanding

    // First of the requests in circular order that begins at `from`; fixed order is from = 0.
    function [SEL-1:0] pick(input [REQUESTERS-1:0] requests, input [SEL-1:0] from);
        integer i, k;
        begin
            pick = {SEL{1'b0}};
            if (requests != {REQUESTERS{1'b0}}) for (i = REQUESTERS - 1; i >= 0; i = i - 1) begin
                k = i + {{(32-SEL){1'b0}}, from};
                if (k >= REQUESTERS) k = k - REQUESTERS;
                if (requests[k]) pick = k[SEL-1:0];
            end
        end
    endfunction

    // ---- choice: one picker for both directions, or one each --------------------------------------------
    reg [SEL-1:0] w_from_reg, r_from_reg;   // where the next search begins; SHARED uses w_from_reg only
    reg [15:0]    w_held_reg, r_held_reg;   // bursts that the requester at *_from has had in a row

    wire w_late, r_late;                    // the row has lasted HOLD_CLOCKS
    wire [SEL-1:0] w_from = w_late ? after(w_from_reg) : w_from_reg;
    wire [SEL-1:0] r_from = r_late ? after(r_from_reg) : r_from_reg;

    generate if (HOLD_CLOCKS == 0) begin : unlimited
        assign w_late = 1'b0;
        assign r_late = 1'b0;
    end else begin : limited
        reg [15:0] w_clocks_reg, r_clocks_reg;              // since the first grant of the row

        assign w_late = {16'd0, w_clocks_reg} >= HOLD_CLOCKS;
        assign r_late = {16'd0, r_clocks_reg} >= HOLD_CLOCKS;
        always @(posedge clk_gated) begin
            if (!w_late) w_clocks_reg <= w_clocks_reg + 16'd1;
            if (!r_late) r_clocks_reg <= r_clocks_reg + 16'd1;
            if (rst || w_held_reg == 16'd0) w_clocks_reg <= 16'd0;
            if (rst || r_held_reg == 16'd0) r_clocks_reg <= 16'd0;
        end
    end endgenerate

    wire [REQUESTERS-1:0] requests_w, requests_r;
    genvar g;
    generate for (g = 0; g < MASTERS; g = g + 1) begin : requester
        assign requests_w[2*g]   = s_axi_awvalid[g];
        assign requests_w[2*g+1] = SHARED != 0 && s_axi_arvalid[g];
        assign requests_r[2*g]   = 1'b0;
        assign requests_r[2*g+1] = s_axi_arvalid[g];
    end endgenerate

    wire [SEL-1:0] pick_w = pick(requests_w, round_robin ? w_from : {SEL{1'b0}});
    wire [SEL-1:0] pick_r = SHARED != 0 ? pick_w : pick(requests_r, round_robin ? r_from : {SEL{1'b0}});
    wire [MASTER_WIDTH-1:0] w_master = pick_w[SEL-1:1];
    wire [MASTER_WIDTH-1:0] r_master = pick_r[SEL-1:1];

    reg  aw_valid_reg, ar_valid_reg;
    wire [5:0] total = reads_reg + writes_reg;
    wire room_w  = (SHARED != 0 ? total : writes_reg) < OUTSTANDING[5:0];
    wire room_r  = (SHARED != 0 ? total : reads_reg)  < OUTSTANDING[5:0];
    wire grant_w = requests_w != {REQUESTERS{1'b0}} && !pick_w[0] && room_w && (!aw_valid_reg || m_axi_awready);
    wire grant_r = (SHARED != 0 ? requests_w : requests_r) != {REQUESTERS{1'b0}} && pick_r[0] && room_r
                   && (!ar_valid_reg || m_axi_arready);

    generate for (g = 0; g < MASTERS; g = g + 1) begin : ready
        assign s_axi_awready[g] = grant_w && w_master == g[MASTER_WIDTH-1:0];
        assign s_axi_arready[g] = grant_r && r_master == g[MASTER_WIDTH-1:0];
    end endgenerate

    function [SEL-1:0] after(input [SEL-1:0] served);
        after = served == REQUESTERS[SEL-1:0] - 1'b1 ? {SEL{1'b0}} : served + 1'b1;
    endfunction

    // ---- address registers ------------------------------------------------------------------------------
    reg [M_ID_WIDTH-1:0] aw_id_reg, ar_id_reg;
    reg [63:0]           aw_addr_reg, ar_addr_reg;
    reg [7:0]            aw_len_reg, ar_len_reg;
    reg [2:0]            aw_size_reg, ar_size_reg;
    reg [1:0]            aw_burst_reg, ar_burst_reg;

    wire [ID_WIDTH-1:0] w_id   = s_axi_awid[w_master*ID_WIDTH +: ID_WIDTH];
    wire [63:0]         w_addr = s_axi_awaddr[w_master*64 +: 64];
    wire [7:0]          w_len  = s_axi_awlen[w_master*8 +: 8];
    wire [ID_WIDTH-1:0] r_id   = s_axi_arid[r_master*ID_WIDTH +: ID_WIDTH];
    wire [63:0]         r_addr = s_axi_araddr[r_master*64 +: 64];
    wire [7:0]          r_len  = s_axi_arlen[r_master*8 +: 8];

    assign m_axi_awid    = aw_id_reg;
    assign m_axi_awaddr  = aw_addr_reg;
    assign m_axi_awlen   = aw_len_reg;
    assign m_axi_awsize  = aw_size_reg;
    assign m_axi_awburst = aw_burst_reg;
    assign m_axi_awvalid = aw_valid_reg;
    assign m_axi_arid    = ar_id_reg;
    assign m_axi_araddr  = ar_addr_reg;
    assign m_axi_arlen   = ar_len_reg;
    assign m_axi_arsize  = ar_size_reg;
    assign m_axi_arburst = ar_burst_reg;
    assign m_axi_arvalid = ar_valid_reg;

    assign grant_valid = grant_w || grant_r;
    assign grant_write = grant_w;
    assign grant_id    = grant_w ? {w_master, w_id} : {r_master, r_id};
    assign grant_addr  = grant_w ? w_addr : r_addr;
    assign grant_beats = {1'b0, grant_w ? w_len : r_len} + 9'd1;

    // ---- write data: in the order of grants, never before the slave has taken the address ----------------
    reg  [MASTER_WIDTH-1:0] order [0:31];
    reg  [4:0]              order_head_reg, order_tail_reg;
    wire [4:0]              order_count = order_head_reg - order_tail_reg;
    wire [MASTER_WIDTH-1:0] writer = order[order_tail_reg];
    reg                     order_full_reg;                 // 32 bursts: the count has wrapped to 0
    wire                    w_order_valid = order_full_reg || order_count != 5'd0;
    wire                    w_open = w_order_valid && !(aw_valid_reg && order_count == 5'd1);
    wire                    w_fire = m_axi_wvalid && m_axi_wready;
    wire                    w_end  = w_fire && m_axi_wlast;

    assign m_axi_wvalid = w_open && s_axi_wvalid[writer];
    assign m_axi_wdata  = s_axi_wdata[writer*64 +: 64];
    assign m_axi_wstrb  = s_axi_wstrb[writer*8 +: 8];
    assign m_axi_wlast  = s_axi_wlast[writer];
    assign last_write_valid  = w_end;
    assign last_write_master = writer;

    // ---- responses ---------------------------------------------------------------------------------------
    wire [MASTER_WIDTH-1:0] b_master = m_axi_bid[M_ID_WIDTH-1 -: MASTER_WIDTH];
    wire [MASTER_WIDTH-1:0] reader   = m_axi_rid[M_ID_WIDTH-1 -: MASTER_WIDTH];
    wire                    r_fire   = m_axi_rvalid && m_axi_rready;
    wire                    b_fire   = m_axi_bvalid && m_axi_bready;

    // to the reader alone: what others see stands still; procedural, since vvp then goes word by word, not bit by bit
    reg [64*MASTERS-1:0] r_data;
    always @* r_data = {{(64*MASTERS-64){1'b0}}, m_axi_rdata} << {reader, 6'd0};

    assign m_axi_bready = s_axi_bready[b_master];
    assign m_axi_rready = s_axi_rready[reader];
    assign s_axi_bid    = {MASTERS{m_axi_bid[ID_WIDTH-1:0]}};
    assign s_axi_bresp  = {MASTERS{m_axi_bresp}};
    assign s_axi_rid    = {MASTERS{m_axi_rid[ID_WIDTH-1:0]}};
    assign s_axi_rdata  = r_data;
    assign s_axi_rresp  = {MASTERS{m_axi_rresp}};
    assign s_axi_rlast  = {MASTERS{m_axi_rlast}};
    assign last_read_valid = r_fire && m_axi_rlast;
    assign last_read_id    = m_axi_rid;

    localparam [MASTERS-1:0] FIRST = 1;

    assign s_axi_wready = w_open && m_axi_wready ? FIRST << writer : {MASTERS{1'b0}};
    assign s_axi_bvalid = m_axi_bvalid ? FIRST << b_master : {MASTERS{1'b0}};
    assign s_axi_rvalid = m_axi_rvalid ? FIRST << reader : {MASTERS{1'b0}};

    // one vector, not one a master: simulators carry a vector driven in slices with the strength of each bit
    reg [32*MASTERS-1:0] beats_reg;

    assign beats = beats_reg;

    wire beats_clk;
    clock_gate beats_gate (.clk(clk_gated), .enable(rst || w_fire || r_fire), .gated(beats_clk));

    always @(posedge beats_clk)
        if (rst) begin
            beats_reg <= {(32*MASTERS){1'b0}};
        end else if (w_fire && r_fire && writer == reader) begin
            beats_reg[32*writer +: 32] <= beats_reg[32*writer +: 32] + 32'd2;
        end else begin
            if (w_fire) beats_reg[32*writer +: 32] <= beats_reg[32*writer +: 32] + 32'd1;
            if (r_fire) beats_reg[32*reader +: 32] <= beats_reg[32*reader +: 32] + 32'd1;
        end

    assign busy = reads_reg != 6'd0 || writes_reg != 6'd0 || s_axi_awvalid != {MASTERS{1'b0}}
                  || s_axi_arvalid != {MASTERS{1'b0}};

    wire [SEL-1:0] w_granted = SHARED != 0 && grant_r ? pick_r : pick_w;
    wire           w_granted_valid = grant_w || (SHARED != 0 && grant_r);
    wire [15:0]    w_row = w_granted == w_from_reg && !w_late ? w_held_reg + 16'd1 : 16'd1;
    wire [15:0]    r_row = pick_r == r_from_reg && !r_late ? r_held_reg + 16'd1 : 16'd1;

    // most clocks of a burst move data alone
    wire control_clk;
    clock_gate control_gate (
        .clk(clk_gated),
        .enable(rst || grant_valid || w_end || b_fire || last_read_valid || (aw_valid_reg && m_axi_awready)
            || (ar_valid_reg && m_axi_arready)),
        .gated(control_clk)
    );

    always @(posedge control_clk) begin
        if (m_axi_awready) aw_valid_reg <= 1'b0;
        if (m_axi_arready) ar_valid_reg <= 1'b0;
        if (grant_w) begin
            aw_valid_reg          <= 1'b1;
            aw_id_reg             <= {w_master, w_id};
            aw_addr_reg           <= w_addr;
            aw_len_reg            <= w_len;
            aw_size_reg           <= s_axi_awsize[w_master*3 +: 3];
            aw_burst_reg          <= s_axi_awburst[w_master*2 +: 2];
            order[order_head_reg] <= w_master;
            order_head_reg        <= order_head_reg + 5'd1;
        end
        if (grant_r) begin
            ar_valid_reg <= 1'b1;
            ar_id_reg    <= {r_master, r_id};
            ar_addr_reg  <= r_addr;
            ar_len_reg   <= r_len;
            ar_size_reg  <= s_axi_arsize[r_master*3 +: 3];
            ar_burst_reg <= s_axi_arburst[r_master*2 +: 2];
        end
        if (w_end) order_tail_reg <= order_tail_reg + 5'd1;
        if (grant_w && !w_end && order_count == 5'd31) order_full_reg <= 1'b1;
        else if (w_end)                                order_full_reg <= 1'b0;
        if (grant_w != b_fire)          writes_reg <= grant_w ? writes_reg + 6'd1 : writes_reg - 6'd1;
        if (grant_r != last_read_valid) reads_reg  <= grant_r ? reads_reg + 6'd1 : reads_reg - 6'd1;
        if (grant_valid && {23'd0, grant_beats} > MAX_BURST_BEATS) burst_too_long <= 1'b1;

        // the turn passes on when the requester has had its bursts
        if (w_granted_valid) begin
            w_from_reg <= {16'd0, w_row} >= HOLD_BURSTS ? after(w_granted) : w_granted;
            w_held_reg <= {16'd0, w_row} >= HOLD_BURSTS ? 16'd0 : w_row;
        end
        if (grant_r) begin
            r_from_reg <= {16'd0, r_row} >= HOLD_BURSTS ? after(pick_r) : pick_r;
            r_held_reg <= {16'd0, r_row} >= HOLD_BURSTS ? 16'd0 : r_row;
        end

        if (rst) begin
            aw_valid_reg   <= 1'b0;
            ar_valid_reg   <= 1'b0;
            reads_reg      <= 6'd0;
            writes_reg     <= 6'd0;
            order_head_reg <= 5'd0;
            order_tail_reg <= 5'd0;
            order_full_reg <= 1'b0;
            w_from_reg     <= {SEL{1'b0}};
            r_from_reg     <= {SEL{1'b0}};
            w_held_reg     <= 16'd0;
            r_held_reg     <= 16'd0;
            burst_too_long <= 1'b0;
        end
    end

`ifdef FORMAL
`include "axi_arbiter.vh"
`endif
endmodule
`default_nettype wire
