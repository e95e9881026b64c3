// Bench harness: card_memory behind random stalls, with a monitor.
`default_nettype none
module memory_harness #(
    parameter SIZE_BYTES = 8192
);
    reg        clk = 0;
    reg        rst = 0;
    reg [31:0] seed = 1;
    reg [7:0]  percent = 0;
    always #8000 clk = !clk;                // 62.5 MHz

    reg  [3:0]  s_axi_awid = 0;
    reg  [63:0] s_axi_awaddr = 0;
    reg  [7:0]  s_axi_awlen = 0;
    reg  [2:0]  s_axi_awsize = 0;
    reg  [1:0]  s_axi_awburst = 0;
    reg         s_axi_awvalid = 0;
    wire        s_axi_awready;
    reg  [63:0] s_axi_wdata = 0;
    reg  [7:0]  s_axi_wstrb = 0;
    reg         s_axi_wlast = 0;
    reg         s_axi_wvalid = 0;
    wire        s_axi_wready;
    wire [3:0]  s_axi_bid;
    wire [1:0]  s_axi_bresp;
    wire        s_axi_bvalid;
    reg         s_axi_bready = 0;
    reg  [3:0]  s_axi_arid = 0;
    reg  [63:0] s_axi_araddr = 0;
    reg  [7:0]  s_axi_arlen = 0;
    reg  [2:0]  s_axi_arsize = 0;
    reg  [1:0]  s_axi_arburst = 0;
    reg         s_axi_arvalid = 0;
    wire        s_axi_arready;
    wire [3:0]  s_axi_rid;
    wire [63:0] s_axi_rdata;
    wire [1:0]  s_axi_rresp;
    wire        s_axi_rlast;
    wire        s_axi_rvalid;
    reg         s_axi_rready = 0;
    wire [4-1:0] x_awid, x_bid, x_arid, x_rid;
    wire [64-1:0] x_awaddr, x_wdata, x_araddr, x_rdata;
    wire [8-1:0] x_awlen, x_wstrb, x_arlen;
    wire [3-1:0] x_awsize, x_arsize;
    wire [2-1:0] x_awburst, x_bresp, x_arburst, x_rresp;
    wire [1-1:0] x_awvalid, x_awready, x_wlast, x_wvalid, x_wready, x_bvalid, x_bready, x_arvalid, x_arready,
        x_rlast, x_rvalid, x_rready;
    wire busy, failed, idle;

    axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1), .MAX_BURST_BYTES(2048)) monitor (
        .clk(clk), .rst(rst), .awid(s_axi_awid), .awaddr(s_axi_awaddr), .awlen(s_axi_awlen), .awsize(s_axi_awsize),
        .awburst(s_axi_awburst), .awvalid(s_axi_awvalid), .awready(s_axi_awready), .wdata(s_axi_wdata),
        .wstrb(s_axi_wstrb), .wlast(s_axi_wlast), .wvalid(s_axi_wvalid), .wready(s_axi_wready), .bid(s_axi_bid),
        .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready), .arid(s_axi_arid), .araddr(s_axi_araddr),
        .arlen(s_axi_arlen), .arsize(s_axi_arsize), .arburst(s_axi_arburst), .arvalid(s_axi_arvalid),
        .arready(s_axi_arready), .rid(s_axi_rid), .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rlast(s_axi_rlast),
        .rvalid(s_axi_rvalid), .rready(s_axi_rready), .failed(failed), .idle(idle), .read_beats(), .write_beats(),
        .error_responses());
    axi_stall #(.ID_WIDTH(4), .SALT(41)) s_stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .s_axi_awid(s_axi_awid), .s_axi_awaddr(s_axi_awaddr),
        .s_axi_awlen(s_axi_awlen), .s_axi_awsize(s_axi_awsize), .s_axi_awburst(s_axi_awburst),
        .s_axi_awvalid(s_axi_awvalid), .s_axi_awready(s_axi_awready), .s_axi_wdata(s_axi_wdata),
        .s_axi_wstrb(s_axi_wstrb), .s_axi_wlast(s_axi_wlast), .s_axi_wvalid(s_axi_wvalid),
        .s_axi_wready(s_axi_wready), .s_axi_bid(s_axi_bid), .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid),
        .s_axi_bready(s_axi_bready), .s_axi_arid(s_axi_arid), .s_axi_araddr(s_axi_araddr), .s_axi_arlen(s_axi_arlen),
        .s_axi_arsize(s_axi_arsize), .s_axi_arburst(s_axi_arburst), .s_axi_arvalid(s_axi_arvalid),
        .s_axi_arready(s_axi_arready), .s_axi_rid(s_axi_rid), .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp),
        .s_axi_rlast(s_axi_rlast), .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready), .m_axi_awid(x_awid),
        .m_axi_awaddr(x_awaddr), .m_axi_awlen(x_awlen), .m_axi_awsize(x_awsize), .m_axi_awburst(x_awburst),
        .m_axi_awvalid(x_awvalid), .m_axi_awready(x_awready), .m_axi_wdata(x_wdata), .m_axi_wstrb(x_wstrb),
        .m_axi_wlast(x_wlast), .m_axi_wvalid(x_wvalid), .m_axi_wready(x_wready), .m_axi_bid(x_bid),
        .m_axi_bresp(x_bresp), .m_axi_bvalid(x_bvalid), .m_axi_bready(x_bready), .m_axi_arid(x_arid),
        .m_axi_araddr(x_araddr), .m_axi_arlen(x_arlen), .m_axi_arsize(x_arsize), .m_axi_arburst(x_arburst),
        .m_axi_arvalid(x_arvalid), .m_axi_arready(x_arready), .m_axi_rid(x_rid), .m_axi_rdata(x_rdata),
        .m_axi_rresp(x_rresp), .m_axi_rlast(x_rlast), .m_axi_rvalid(x_rvalid), .m_axi_rready(x_rready));
    card_memory #(.SIZE_BYTES(SIZE_BYTES), .ID_WIDTH(4)) memory (
        .clk(clk), .rst(rst), .busy(busy), .s_axi_awid(x_awid), .s_axi_awaddr(x_awaddr), .s_axi_awlen(x_awlen),
        .s_axi_awsize(x_awsize), .s_axi_awburst(x_awburst), .s_axi_awvalid(x_awvalid), .s_axi_awready(x_awready),
        .s_axi_wdata(x_wdata), .s_axi_wstrb(x_wstrb), .s_axi_wlast(x_wlast), .s_axi_wvalid(x_wvalid),
        .s_axi_wready(x_wready), .s_axi_bid(x_bid), .s_axi_bresp(x_bresp), .s_axi_bvalid(x_bvalid),
        .s_axi_bready(x_bready), .s_axi_arid(x_arid), .s_axi_araddr(x_araddr), .s_axi_arlen(x_arlen),
        .s_axi_arsize(x_arsize), .s_axi_arburst(x_arburst), .s_axi_arvalid(x_arvalid), .s_axi_arready(x_arready),
        .s_axi_rid(x_rid), .s_axi_rdata(x_rdata), .s_axi_rresp(x_rresp), .s_axi_rlast(x_rlast),
        .s_axi_rvalid(x_rvalid), .s_axi_rready(x_rready));
endmodule
`default_nettype wire
