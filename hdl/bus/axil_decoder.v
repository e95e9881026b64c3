// One AXI4-Lite master to several slaves, chosen by offset; holes are answered with DECERR. One write and one read
// at a time. Every slave gets the whole address and takes the bits of its own block.
`default_nettype none
module axil_decoder #(
    parameter SLAVES     = 2,
    parameter ADDR_WIDTH = 20,
    // Slave i claims an address when (address & MASK[i]) == OFFSET[i]; the lowest number wins. Slave 0 in the low bits.
    parameter [SLAVES*ADDR_WIDTH-1:0] OFFSET = {20'h41000, 20'h40000},
    parameter [SLAVES*ADDR_WIDTH-1:0] MASK   = {20'hff000, 20'hff000}
) (
    input  wire                          clk,
    input  wire                          rst,

    input  wire [ADDR_WIDTH-1:0]         s_axil_awaddr,
    input  wire                          s_axil_awvalid,
    output wire                          s_axil_awready,
    input  wire [32-1:0]                 s_axil_wdata,
    input  wire [4-1:0]                  s_axil_wstrb,
    input  wire                          s_axil_wvalid,
    output wire                          s_axil_wready,
    output wire [2-1:0]                  s_axil_bresp,
    output wire                          s_axil_bvalid,
    input  wire                          s_axil_bready,
    input  wire [ADDR_WIDTH-1:0]         s_axil_araddr,
    input  wire                          s_axil_arvalid,
    output wire                          s_axil_arready,
    output wire [32-1:0]                 s_axil_rdata,
    output wire [2-1:0]                  s_axil_rresp,
    output wire                          s_axil_rvalid,
    input  wire                          s_axil_rready,

    output wire [SLAVES*ADDR_WIDTH-1:0]  m_axil_awaddr,
    output wire [SLAVES-1:0]             m_axil_awvalid,
    input  wire [SLAVES-1:0]             m_axil_awready,
    output wire [SLAVES*32-1:0]          m_axil_wdata,
    output wire [SLAVES*4-1:0]           m_axil_wstrb,
    output wire [SLAVES-1:0]             m_axil_wvalid,
    input  wire [SLAVES-1:0]             m_axil_wready,
    input  wire [SLAVES*2-1:0]           m_axil_bresp,
    input  wire [SLAVES-1:0]             m_axil_bvalid,
    output wire [SLAVES-1:0]             m_axil_bready,
    output wire [SLAVES*ADDR_WIDTH-1:0]  m_axil_araddr,
    output wire [SLAVES-1:0]             m_axil_arvalid,
    input  wire [SLAVES-1:0]             m_axil_arready,
    input  wire [SLAVES*32-1:0]          m_axil_rdata,
    input  wire [SLAVES*2-1:0]           m_axil_rresp,
    input  wire [SLAVES-1:0]             m_axil_rvalid,
    output wire [SLAVES-1:0]             m_axil_rready,

    output wire                          busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy),
        .gated(clk_gated)
    );

    localparam TARGET_WIDTH = $clog2(SLAVES + 1);
    localparam [TARGET_WIDTH-1:0] NOWHERE = SLAVES[TARGET_WIDTH-1:0];
    localparam [1:0] DECERR = 2'b11;

    function [TARGET_WIDTH-1:0] decode(input [ADDR_WIDTH-1:0] addr);
        integer i;
        begin
            decode = NOWHERE;
            for (i = SLAVES - 1; i >= 0; i = i - 1)
                if ((addr & MASK[ADDR_WIDTH*i +: ADDR_WIDTH]) == OFFSET[ADDR_WIDTH*i +: ADDR_WIDTH])
                    decode = i[TARGET_WIDTH-1:0];
        end
    endfunction

    // ---- writes: address and data are taken together ---------------------------------------------------
    reg                    w_active_reg, aw_pending_reg, w_pending_reg;
    reg [TARGET_WIDTH-1:0] w_target_reg;
    reg [ADDR_WIDTH-1:0]   w_addr_reg;
    reg [31:0]             w_data_reg;
    reg [3:0]              w_strb_reg;

    wire w_take = !w_active_reg && s_axil_awvalid && s_axil_wvalid;
    wire [SLAVES:0]         aw_ready_all = {1'b1, m_axil_awready};
    wire [SLAVES:0]         w_ready_all  = {1'b1, m_axil_wready};
    wire [SLAVES:0]         b_valid_all  = {1'b1, m_axil_bvalid};
    wire [(SLAVES+1)*2-1:0] b_resp_all   = {DECERR, m_axil_bresp};

    assign s_axil_awready = w_take;
    assign s_axil_wready  = w_take;
    assign s_axil_bvalid  = w_active_reg && !aw_pending_reg && !w_pending_reg && b_valid_all[w_target_reg];
    assign s_axil_bresp   = b_resp_all[2*w_target_reg +: 2];

    // ---- reads ----------------------------------------------------------------------------------------
    reg                    r_active_reg, ar_pending_reg;
    reg [TARGET_WIDTH-1:0] r_target_reg;
    reg [ADDR_WIDTH-1:0]   r_addr_reg;

    wire [SLAVES:0]          ar_ready_all = {1'b1, m_axil_arready};
    wire [SLAVES:0]          r_valid_all  = {1'b1, m_axil_rvalid};
    wire [(SLAVES+1)*2-1:0]  r_resp_all   = {DECERR, m_axil_rresp};
    wire [(SLAVES+1)*32-1:0] r_data_all   = {32'd0, m_axil_rdata};

    assign s_axil_arready = !r_active_reg;
    assign s_axil_rvalid  = r_active_reg && !ar_pending_reg && r_valid_all[r_target_reg];
    assign s_axil_rresp   = r_resp_all[2*r_target_reg +: 2];
    assign s_axil_rdata   = r_data_all[32*r_target_reg +: 32];

    assign m_axil_awaddr = {SLAVES{w_addr_reg}};
    assign m_axil_wdata  = {SLAVES{w_data_reg}};
    assign m_axil_wstrb  = {SLAVES{w_strb_reg}};
    assign m_axil_araddr = {SLAVES{r_addr_reg}};

    genvar g;
    generate for (g = 0; g < SLAVES; g = g + 1) begin : slave
        assign m_axil_awvalid[g] = aw_pending_reg && w_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axil_wvalid[g]  = w_pending_reg && w_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axil_bready[g]  = w_active_reg && !aw_pending_reg && !w_pending_reg && s_axil_bready
                                   && w_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axil_arvalid[g] = ar_pending_reg && r_target_reg == g[TARGET_WIDTH-1:0];
        assign m_axil_rready[g]  = r_active_reg && !ar_pending_reg && s_axil_rready
                                   && r_target_reg == g[TARGET_WIDTH-1:0];
    end endgenerate

    assign busy = w_active_reg || r_active_reg || s_axil_awvalid || s_axil_arvalid;

    always @(posedge clk_gated) begin
        if (aw_ready_all[w_target_reg]) aw_pending_reg <= 1'b0;
        if (w_ready_all[w_target_reg])  w_pending_reg  <= 1'b0;
        if (ar_ready_all[r_target_reg]) ar_pending_reg <= 1'b0;
        if (s_axil_bvalid && s_axil_bready) w_active_reg <= 1'b0;
        if (s_axil_rvalid && s_axil_rready) r_active_reg <= 1'b0;
        if (w_take) begin
            w_active_reg   <= 1'b1;
            aw_pending_reg <= 1'b1;
            w_pending_reg  <= 1'b1;
            w_target_reg   <= decode(s_axil_awaddr);
            w_addr_reg     <= s_axil_awaddr;
            w_data_reg     <= s_axil_wdata;
            w_strb_reg     <= s_axil_wstrb;
        end
        if (s_axil_arvalid && s_axil_arready) begin
            r_active_reg   <= 1'b1;
            ar_pending_reg <= 1'b1;
            r_target_reg   <= decode(s_axil_araddr);
            r_addr_reg     <= s_axil_araddr;
        end
        if (rst) begin
            w_active_reg   <= 1'b0;
            aw_pending_reg <= 1'b0;
            w_pending_reg  <= 1'b0;
            r_active_reg   <= 1'b0;
            ar_pending_reg <= 1'b0;
            w_target_reg   <= {TARGET_WIDTH{1'b0}};
            r_target_reg   <= {TARGET_WIDTH{1'b0}};
        end
    end
endmodule
`default_nettype wire
