// axi_address_hold with axi_quiet behind it, between a master and a memory that Python drives.
`default_nettype none
`timescale 1ps / 1ps
module address_hold_harness;
    reg clk = 0, rst = 1, drain = 0, hold = 0;
    always #8000 clk = !clk;

    reg  [3:0]  s_axi_awid = 0, s_axi_arid = 0;
    reg  [63:0] s_axi_awaddr = 0, s_axi_araddr = 0, s_axi_wdata = 0;
    reg  [7:0]  s_axi_awlen = 0, s_axi_arlen = 0, s_axi_wstrb = 0;
    reg  [2:0]  s_axi_awsize = 0, s_axi_arsize = 0;
    reg  [1:0]  s_axi_awburst = 0, s_axi_arburst = 0;
    reg         s_axi_awvalid = 0, s_axi_arvalid = 0, s_axi_wvalid = 0, s_axi_wlast = 0, s_axi_bready = 0, s_axi_rready = 0;
    wire        s_axi_awready, s_axi_arready;
    wire        s_axi_wready = m_axi_wready && w_passes;
    wire [3:0]  s_axi_bid = m_axi_bid, s_axi_rid = m_axi_rid;
    wire [1:0]  s_axi_bresp = m_axi_bresp, s_axi_rresp = m_axi_rresp;
    wire        s_axi_bvalid = m_axi_bvalid, s_axi_rvalid = m_axi_rvalid, s_axi_rlast = m_axi_rlast;
    wire [63:0] s_axi_rdata = m_axi_rdata;

    wire [3:0]  m_axi_awid = s_axi_awid, m_axi_arid = s_axi_arid;
    wire [63:0] m_axi_awaddr = s_axi_awaddr, m_axi_araddr = s_axi_araddr, m_axi_wdata = s_axi_wdata;
    wire [7:0]  m_axi_awlen = s_axi_awlen, m_axi_arlen = s_axi_arlen, m_axi_wstrb = s_axi_wstrb;
    wire [2:0]  m_axi_awsize = s_axi_awsize, m_axi_arsize = s_axi_arsize;
    wire [1:0]  m_axi_awburst = s_axi_awburst, m_axi_arburst = s_axi_arburst;
    wire        m_axi_awvalid, m_axi_arvalid;
    wire        m_axi_wvalid = s_axi_wvalid && w_passes, m_axi_wlast = s_axi_wlast;
    wire        m_axi_bready = s_axi_bready, m_axi_rready = s_axi_rready;
    reg         m_axi_awready = 0, m_axi_arready = 0, m_axi_wready = 0, m_axi_bvalid = 0, m_axi_rvalid = 0, m_axi_rlast = 0;
    reg  [3:0]  m_axi_bid = 0, m_axi_rid = 0;
    reg  [1:0]  m_axi_bresp = 0, m_axi_rresp = 0;
    reg  [63:0] m_axi_rdata = 0;

    // as the decoder behind it does: data follow their address
    integer open = 0;
    wire    w_passes = open != 0;
    always @(posedge clk)
        open <= open + (m_axi_awvalid && m_axi_awready ? 1 : 0) - (m_axi_wvalid && m_axi_wready && m_axi_wlast ? 1 : 0);

    axi_address_hold dut (
        .clk(clk), .rst(rst), .drain(drain), .hold(hold),
        .s_awvalid(s_axi_awvalid), .s_awready(s_axi_awready), .s_arvalid(s_axi_arvalid), .s_arready(s_axi_arready),
        .m_awvalid(m_axi_awvalid), .m_awready(m_axi_awready), .m_arvalid(m_axi_arvalid), .m_arready(m_axi_arready));

    wire quiet;
    axi_quiet watch (
        .clk(clk), .rst(rst), .awvalid(m_axi_awvalid), .awready(m_axi_awready), .wvalid(m_axi_wvalid && !drain),
        .bvalid(m_axi_bvalid), .bready(m_axi_bready), .arvalid(m_axi_arvalid), .arready(m_axi_arready),
        .rvalid(m_axi_rvalid), .rready(m_axi_rready), .rlast(m_axi_rlast), .quiet(quiet));

    wire failed, idle;
    wire [31:0] read_beats, write_beats, error_responses;
    axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) monitor (
        .clk(clk), .rst(rst), .awid(m_axi_awid), .awaddr(m_axi_awaddr), .awlen(m_axi_awlen), .awsize(m_axi_awsize),
        .awburst(m_axi_awburst), .awvalid(m_axi_awvalid), .awready(m_axi_awready), .wdata(m_axi_wdata),
        .wstrb(m_axi_wstrb), .wlast(m_axi_wlast), .wvalid(m_axi_wvalid), .wready(m_axi_wready), .bid(m_axi_bid),
        .bresp(m_axi_bresp), .bvalid(m_axi_bvalid), .bready(m_axi_bready), .arid(m_axi_arid), .araddr(m_axi_araddr),
        .arlen(m_axi_arlen), .arsize(m_axi_arsize), .arburst(m_axi_arburst), .arvalid(m_axi_arvalid),
        .arready(m_axi_arready), .rid(m_axi_rid), .rdata(m_axi_rdata), .rresp(m_axi_rresp), .rlast(m_axi_rlast),
        .rvalid(m_axi_rvalid), .rready(m_axi_rready), .failed(failed), .idle(idle), .read_beats(read_beats),
        .write_beats(write_beats), .error_responses(error_responses));
endmodule
`default_nettype wire
