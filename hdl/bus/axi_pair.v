// Two AXI4 masters at one place of an arbiter, in turns per burst and without a clock of delay.
//
// The uppermost bit of an ID says which of the two it is (0 or 1); the masters set it themselves. Write data follow in the
// order of the addresses, so a master may send them from the clock after its address on.
`default_nettype none
module axi_pair #(
    parameter ID_WIDTH    = 4,
    parameter OUTSTANDING = 32              // write bursts without last data, a power of two
) (
    input  wire                      clk,
    input  wire                      rst,

    input  wire [2*ID_WIDTH-1:0]     s_axi_awid,
    input  wire [2*64-1:0]           s_axi_awaddr,
    input  wire [2*8-1:0]            s_axi_awlen,
    input  wire [2*3-1:0]            s_axi_awsize,
    input  wire [2*2-1:0]            s_axi_awburst,
    input  wire [2-1:0]              s_axi_awvalid,
    output wire [2-1:0]              s_axi_awready,
    input  wire [2*64-1:0]           s_axi_wdata,
    input  wire [2*8-1:0]            s_axi_wstrb,
    input  wire [2-1:0]              s_axi_wlast,
    input  wire [2-1:0]              s_axi_wvalid,
    output wire [2-1:0]              s_axi_wready,
    output wire [2*ID_WIDTH-1:0]     s_axi_bid,
    output wire [2*2-1:0]            s_axi_bresp,
    output wire [2-1:0]              s_axi_bvalid,
    input  wire [2-1:0]              s_axi_bready,
    input  wire [2*ID_WIDTH-1:0]     s_axi_arid,
    input  wire [2*64-1:0]           s_axi_araddr,
    input  wire [2*8-1:0]            s_axi_arlen,
    input  wire [2*3-1:0]            s_axi_arsize,
    input  wire [2*2-1:0]            s_axi_arburst,
    input  wire [2-1:0]              s_axi_arvalid,
    output wire [2-1:0]              s_axi_arready,
    output wire [2*ID_WIDTH-1:0]     s_axi_rid,
    output wire [2*64-1:0]           s_axi_rdata,
    output wire [2*2-1:0]            s_axi_rresp,
    output wire [2-1:0]              s_axi_rlast,
    output wire [2-1:0]              s_axi_rvalid,
    input  wire [2-1:0]              s_axi_rready,

    output wire [ID_WIDTH-1:0]       m_axi_awid,
    output wire [64-1:0]             m_axi_awaddr,
    output wire [8-1:0]              m_axi_awlen,
    output wire [3-1:0]              m_axi_awsize,
    output wire [2-1:0]              m_axi_awburst,
    output wire                      m_axi_awvalid,
    input  wire                      m_axi_awready,
    output wire [64-1:0]             m_axi_wdata,
    output wire [8-1:0]              m_axi_wstrb,
    output wire                      m_axi_wlast,
    output wire                      m_axi_wvalid,
    input  wire                      m_axi_wready,
    input  wire [ID_WIDTH-1:0]       m_axi_bid,
    input  wire [2-1:0]              m_axi_bresp,
    input  wire                      m_axi_bvalid,
    output wire                      m_axi_bready,
    output wire [ID_WIDTH-1:0]       m_axi_arid,
    output wire [64-1:0]             m_axi_araddr,
    output wire [8-1:0]              m_axi_arlen,
    output wire [3-1:0]              m_axi_arsize,
    output wire [2-1:0]              m_axi_arburst,
    output wire                      m_axi_arvalid,
    input  wire                      m_axi_arready,
    input  wire [ID_WIDTH-1:0]       m_axi_rid,
    input  wire [64-1:0]             m_axi_rdata,
    input  wire [2-1:0]              m_axi_rresp,
    input  wire                      m_axi_rlast,
    input  wire                      m_axi_rvalid,
    output wire                      m_axi_rready
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axi_awvalid != 2'b00 || s_axi_arvalid != 2'b00 || aw_held_reg || ar_held_reg
            || (m_axi_wvalid && m_axi_wready && m_axi_wlast)),
        .gated(clk_gated)
    );

    // ---- addresses: an address that waits is not changed; else the master that was not served last goes first ----
    reg  aw_held_reg, aw_held_for_reg, aw_last_reg, ar_held_reg, ar_held_for_reg, ar_last_reg;
    wire aw = aw_held_reg ? aw_held_for_reg : s_axi_awvalid == 2'b11 ? !aw_last_reg : s_axi_awvalid[1];
    wire ar = ar_held_reg ? ar_held_for_reg : s_axi_arvalid == 2'b11 ? !ar_last_reg : s_axi_arvalid[1];

    // whose write data come next, one bit a burst
    localparam COUNT_WIDTH = $clog2(OUTSTANDING) + 1;
    reg  [OUTSTANDING-1:0] order_reg;
    reg  [COUNT_WIDTH-1:0] order_head_reg, order_tail_reg;
    wire [COUNT_WIDTH-1:0] w_count = order_head_reg - order_tail_reg;
    wire order_ready = w_count != OUTSTANDING[COUNT_WIDTH-1:0];
    wire w_known     = w_count != {COUNT_WIDTH{1'b0}};
    wire writer      = order_reg[order_tail_reg[COUNT_WIDTH-2:0]];

    initial if (OUTSTANDING != (1 << (COUNT_WIDTH - 1))) begin
        $display("ERROR: axi_pair OUTSTANDING must be a power of two (%m)");
        $finish;
    end

    assign m_axi_awvalid = s_axi_awvalid[aw] && order_ready;
    assign m_axi_awid    = aw ? s_axi_awid[2*ID_WIDTH-1:ID_WIDTH] : s_axi_awid[ID_WIDTH-1:0];
    assign m_axi_awaddr  = aw ? s_axi_awaddr[127:64] : s_axi_awaddr[63:0];
    assign m_axi_awlen   = aw ? s_axi_awlen[15:8] : s_axi_awlen[7:0];
    assign m_axi_awsize  = aw ? s_axi_awsize[5:3] : s_axi_awsize[2:0];
    assign m_axi_awburst = aw ? s_axi_awburst[3:2] : s_axi_awburst[1:0];
    assign s_axi_awready = {aw, !aw} & {2{m_axi_awready && order_ready}};

    assign m_axi_arvalid = s_axi_arvalid[ar];
    assign m_axi_arid    = ar ? s_axi_arid[2*ID_WIDTH-1:ID_WIDTH] : s_axi_arid[ID_WIDTH-1:0];
    assign m_axi_araddr  = ar ? s_axi_araddr[127:64] : s_axi_araddr[63:0];
    assign m_axi_arlen   = ar ? s_axi_arlen[15:8] : s_axi_arlen[7:0];
    assign m_axi_arsize  = ar ? s_axi_arsize[5:3] : s_axi_arsize[2:0];
    assign m_axi_arburst = ar ? s_axi_arburst[3:2] : s_axi_arburst[1:0];
    assign s_axi_arready = {ar, !ar} & {2{m_axi_arready}};

    // ---- write data --------------------------------------------------------------------------------------
    assign m_axi_wvalid = w_known && s_axi_wvalid[writer];
    assign m_axi_wdata  = writer ? s_axi_wdata[127:64] : s_axi_wdata[63:0];
    assign m_axi_wstrb  = writer ? s_axi_wstrb[15:8] : s_axi_wstrb[7:0];
    assign m_axi_wlast  = s_axi_wlast[writer];
    assign s_axi_wready = {writer, !writer} & {2{w_known && m_axi_wready}};

    // ---- responses -----------------------------------------------------------------------------------------
    wire b = m_axi_bid[ID_WIDTH-1];
    wire r = m_axi_rid[ID_WIDTH-1];

    reg [127:0] r_data;                     // to the reader alone: what the other sees stands still
    always @* begin
        if (r) r_data = {m_axi_rdata, 64'd0};
        else   r_data = {64'd0, m_axi_rdata};
    end

    assign s_axi_bid    = {2{m_axi_bid}};
    assign s_axi_bresp  = {2{m_axi_bresp}};
    assign s_axi_bvalid = {b, !b} & {2{m_axi_bvalid}};
    assign m_axi_bready = s_axi_bready[b];
    assign s_axi_rid    = {2{m_axi_rid}};
    assign s_axi_rdata  = r_data;
    assign s_axi_rresp  = {2{m_axi_rresp}};
    assign s_axi_rlast  = {2{m_axi_rlast}};
    assign s_axi_rvalid = {r, !r} & {2{m_axi_rvalid}};
    assign m_axi_rready = s_axi_rready[r];

    always @(posedge clk_gated) begin
        aw_held_reg     <= m_axi_awvalid && !m_axi_awready;
        aw_held_for_reg <= aw;
        ar_held_reg     <= m_axi_arvalid && !m_axi_arready;
        ar_held_for_reg <= ar;
        if (m_axi_awvalid && m_axi_awready) begin
            aw_last_reg <= aw;
            order_reg[order_head_reg[COUNT_WIDTH-2:0]] <= aw;
            order_head_reg <= order_head_reg + 1'b1;
        end
        if (m_axi_wvalid && m_axi_wready && m_axi_wlast) order_tail_reg <= order_tail_reg + 1'b1;
        if (m_axi_arvalid && m_axi_arready) ar_last_reg <= ar;
        if (rst) begin
            order_head_reg <= {COUNT_WIDTH{1'b0}};
            order_tail_reg <= {COUNT_WIDTH{1'b0}};
            aw_held_reg <= 1'b0;
            ar_held_reg <= 1'b0;
            aw_last_reg <= 1'b1;
            ar_last_reg <= 1'b1;
        end
    end
endmodule
`default_nettype wire
