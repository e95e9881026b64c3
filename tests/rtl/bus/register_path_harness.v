// Bench harness: from an AXI4 master through axi_to_axil and axil_decoder to three register files, with random stalls on
// every channel of every connection and monitors on all of them.
`default_nettype none
module register_path_harness;
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
    wire [20-1:0] a_awaddr, a_araddr;
    wire a_awvalid, a_awready, a_wvalid, a_wready, a_bvalid, a_bready, a_arvalid, a_arready, a_rvalid, a_rready;
    wire [32-1:0] a_wdata, a_rdata;
    wire [4-1:0] a_wstrb;
    wire [2-1:0] a_bresp, a_rresp;
    wire [20-1:0] b_awaddr, b_araddr;
    wire b_awvalid, b_awready, b_wvalid, b_wready, b_bvalid, b_bready, b_arvalid, b_arready, b_rvalid, b_rready;
    wire [32-1:0] b_wdata, b_rdata;
    wire [4-1:0] b_wstrb;
    wire [2-1:0] b_bresp, b_rresp;
    wire [3*20-1:0] c_awaddr, c_araddr;
    wire [3*1-1:0] c_awvalid, c_awready, c_wvalid, c_wready, c_bvalid, c_bready, c_arvalid, c_arready, c_rvalid,
    c_rready;
    wire [3*32-1:0] c_wdata, c_rdata;
    wire [3*4-1:0] c_wstrb;
    wire [3*2-1:0] c_bresp, c_rresp;
    wire [3*20-1:0] d_awaddr, d_araddr;
    wire [3*1-1:0] d_awvalid, d_awready, d_wvalid, d_wready, d_bvalid, d_bready, d_arvalid, d_arready, d_rvalid,
    d_rready;
    wire [3*32-1:0] d_wdata, d_rdata;
    wire [3*4-1:0] d_wstrb;
    wire [3*2-1:0] d_bresp, d_rresp;
    wire       bridge_busy, decoder_busy;
    wire [5:0] failed_all, idle_all;
    wire       failed = failed_all != 0;
    wire       idle   = &idle_all;
    wire       busy   = bridge_busy || decoder_busy;

    axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) s_monitor (
        .clk(clk), .rst(rst), .awid(s_axi_awid), .awaddr(s_axi_awaddr), .awlen(s_axi_awlen), .awsize(s_axi_awsize),
        .awburst(s_axi_awburst), .awvalid(s_axi_awvalid), .awready(s_axi_awready), .wdata(s_axi_wdata),
        .wstrb(s_axi_wstrb), .wlast(s_axi_wlast), .wvalid(s_axi_wvalid), .wready(s_axi_wready), .bid(s_axi_bid),
        .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready), .arid(s_axi_arid), .araddr(s_axi_araddr),
        .arlen(s_axi_arlen), .arsize(s_axi_arsize), .arburst(s_axi_arburst), .arvalid(s_axi_arvalid),
        .arready(s_axi_arready), .rid(s_axi_rid), .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rlast(s_axi_rlast),
        .rvalid(s_axi_rvalid), .rready(s_axi_rready), .failed(failed_all[0]), .idle(idle_all[0]), .read_beats(),
        .write_beats(), .error_responses());
    axi_stall #(.ID_WIDTH(4), .SALT(31)) s_stall (
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
    axi_to_axil #(.ID_WIDTH(4), .ADDR_WIDTH(20)) bridge (
        .clk(clk), .rst(rst), .busy(bridge_busy), .s_axi_awid(x_awid), .s_axi_awaddr(x_awaddr),
        .s_axi_awlen(x_awlen), .s_axi_awsize(x_awsize), .s_axi_awburst(x_awburst), .s_axi_awvalid(x_awvalid),
        .s_axi_awready(x_awready), .s_axi_wdata(x_wdata), .s_axi_wstrb(x_wstrb), .s_axi_wlast(x_wlast),
        .s_axi_wvalid(x_wvalid), .s_axi_wready(x_wready), .s_axi_bid(x_bid), .s_axi_bresp(x_bresp),
        .s_axi_bvalid(x_bvalid), .s_axi_bready(x_bready), .s_axi_arid(x_arid), .s_axi_araddr(x_araddr),
        .s_axi_arlen(x_arlen), .s_axi_arsize(x_arsize), .s_axi_arburst(x_arburst), .s_axi_arvalid(x_arvalid),
        .s_axi_arready(x_arready), .s_axi_rid(x_rid), .s_axi_rdata(x_rdata), .s_axi_rresp(x_rresp),
        .s_axi_rlast(x_rlast), .s_axi_rvalid(x_rvalid), .s_axi_rready(x_rready), .m_axil_awaddr(a_awaddr),
        .m_axil_awvalid(a_awvalid), .m_axil_awready(a_awready), .m_axil_wdata(a_wdata), .m_axil_wstrb(a_wstrb),
        .m_axil_wvalid(a_wvalid), .m_axil_wready(a_wready), .m_axil_bresp(a_bresp), .m_axil_bvalid(a_bvalid),
        .m_axil_bready(a_bready), .m_axil_araddr(a_araddr), .m_axil_arvalid(a_arvalid), .m_axil_arready(a_arready),
        .m_axil_rdata(a_rdata), .m_axil_rresp(a_rresp), .m_axil_rvalid(a_rvalid), .m_axil_rready(a_rready));
    axil_monitor #(.ADDR_WIDTH(20)) a_monitor (
        .clk(clk), .rst(rst), .awaddr(a_awaddr), .awvalid(a_awvalid), .awready(a_awready), .wdata(a_wdata),
        .wstrb(a_wstrb), .wvalid(a_wvalid), .wready(a_wready), .bresp(a_bresp), .bvalid(a_bvalid), .bready(a_bready),
        .araddr(a_araddr), .arvalid(a_arvalid), .arready(a_arready), .rdata(a_rdata), .rresp(a_rresp),
        .rvalid(a_rvalid), .rready(a_rready), .failed(failed_all[1]), .idle(idle_all[1]), .reads(), .writes());
    stall #(.WIDTH(20), .SALT(300)) a_stall_aw (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({a_awaddr}), .s_valid(a_awvalid), .s_ready(a_awready),
        .m_data({b_awaddr}), .m_valid(b_awvalid), .m_ready(b_awready));
    stall #(.WIDTH(36), .SALT(301)) a_stall_w (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({a_wdata, a_wstrb}), .s_valid(a_wvalid), .s_ready(a_wready),
        .m_data({b_wdata, b_wstrb}), .m_valid(b_wvalid), .m_ready(b_wready));
    stall #(.WIDTH(2), .SALT(302)) a_stall_b (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({b_bresp}), .s_valid(b_bvalid), .s_ready(b_bready),
        .m_data({a_bresp}), .m_valid(a_bvalid), .m_ready(a_bready));
    stall #(.WIDTH(20), .SALT(303)) a_stall_ar (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({a_araddr}), .s_valid(a_arvalid), .s_ready(a_arready),
        .m_data({b_araddr}), .m_valid(b_arvalid), .m_ready(b_arready));
    stall #(.WIDTH(34), .SALT(304)) a_stall_r (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({b_rdata, b_rresp}), .s_valid(b_rvalid), .s_ready(b_rready),
        .m_data({a_rdata, a_rresp}), .m_valid(a_rvalid), .m_ready(a_rready));
    axil_monitor #(.ADDR_WIDTH(20)) b_monitor (
        .clk(clk), .rst(rst), .awaddr(b_awaddr), .awvalid(b_awvalid), .awready(b_awready), .wdata(b_wdata),
        .wstrb(b_wstrb), .wvalid(b_wvalid), .wready(b_wready), .bresp(b_bresp), .bvalid(b_bvalid), .bready(b_bready),
        .araddr(b_araddr), .arvalid(b_arvalid), .arready(b_arready), .rdata(b_rdata), .rresp(b_rresp),
        .rvalid(b_rvalid), .rready(b_rready), .failed(failed_all[2]), .idle(idle_all[2]), .reads(), .writes());

    // as in the card: windows of different sizes, and holes
    axil_decoder #(
        .SLAVES(3), .ADDR_WIDTH(20), .OFFSET({20'h41000, 20'h40000, 20'h00000}), .MASK({20'hff000, 20'hff000, 20'he0000})
    ) decoder (
        .clk(clk), .rst(rst), .busy(decoder_busy), .s_axil_awaddr(b_awaddr), .s_axil_awvalid(b_awvalid),
        .s_axil_awready(b_awready), .s_axil_wdata(b_wdata), .s_axil_wstrb(b_wstrb), .s_axil_wvalid(b_wvalid),
        .s_axil_wready(b_wready), .s_axil_bresp(b_bresp), .s_axil_bvalid(b_bvalid), .s_axil_bready(b_bready),
        .s_axil_araddr(b_araddr), .s_axil_arvalid(b_arvalid), .s_axil_arready(b_arready), .s_axil_rdata(b_rdata),
        .s_axil_rresp(b_rresp), .s_axil_rvalid(b_rvalid), .s_axil_rready(b_rready), .m_axil_awaddr(c_awaddr),
        .m_axil_awvalid(c_awvalid), .m_axil_awready(c_awready), .m_axil_wdata(c_wdata), .m_axil_wstrb(c_wstrb),
        .m_axil_wvalid(c_wvalid), .m_axil_wready(c_wready), .m_axil_bresp(c_bresp), .m_axil_bvalid(c_bvalid),
        .m_axil_bready(c_bready), .m_axil_araddr(c_araddr), .m_axil_arvalid(c_arvalid), .m_axil_arready(c_arready),
        .m_axil_rdata(c_rdata), .m_axil_rresp(c_rresp), .m_axil_rvalid(c_rvalid), .m_axil_rready(c_rready));

    genvar g;
    generate for (g = 0; g < 3; g = g + 1) begin : slave
    axil_monitor #(.ADDR_WIDTH(20)) monitor (
        .clk(clk), .rst(rst), .awaddr(c_awaddr[g*20 +: 20]), .awvalid(c_awvalid[g]), .awready(c_awready[g]),
        .wdata(c_wdata[g*32 +: 32]), .wstrb(c_wstrb[g*4 +: 4]), .wvalid(c_wvalid[g]), .wready(c_wready[g]),
        .bresp(c_bresp[g*2 +: 2]), .bvalid(c_bvalid[g]), .bready(c_bready[g]), .araddr(c_araddr[g*20 +: 20]),
        .arvalid(c_arvalid[g]), .arready(c_arready[g]), .rdata(c_rdata[g*32 +: 32]), .rresp(c_rresp[g*2 +: 2]),
        .rvalid(c_rvalid[g]), .rready(c_rready[g]), .failed(failed_all[3 + g]), .idle(idle_all[3 + g]), .reads(),
        .writes());
    stall #(.WIDTH(20), .SALT(400 + 10 * g + 0)) stall_aw (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({c_awaddr[g*20 +: 20]}), .s_valid(c_awvalid[g]), .s_ready(c_awready[g]),
        .m_data({d_awaddr[g*20 +: 20]}), .m_valid(d_awvalid[g]), .m_ready(d_awready[g]));
    stall #(.WIDTH(36), .SALT(400 + 10 * g + 1)) stall_w (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({c_wdata[g*32 +: 32], c_wstrb[g*4 +: 4]}), .s_valid(c_wvalid[g]), .s_ready(c_wready[g]),
        .m_data({d_wdata[g*32 +: 32], d_wstrb[g*4 +: 4]}), .m_valid(d_wvalid[g]), .m_ready(d_wready[g]));
    stall #(.WIDTH(2), .SALT(400 + 10 * g + 2)) stall_b (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({d_bresp[g*2 +: 2]}), .s_valid(d_bvalid[g]), .s_ready(d_bready[g]),
        .m_data({c_bresp[g*2 +: 2]}), .m_valid(c_bvalid[g]), .m_ready(c_bready[g]));
    stall #(.WIDTH(20), .SALT(400 + 10 * g + 3)) stall_ar (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({c_araddr[g*20 +: 20]}), .s_valid(c_arvalid[g]), .s_ready(c_arready[g]),
        .m_data({d_araddr[g*20 +: 20]}), .m_valid(d_arvalid[g]), .m_ready(d_arready[g]));
    stall #(.WIDTH(34), .SALT(400 + 10 * g + 4)) stall_r (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(),
        .s_data({d_rdata[g*32 +: 32], d_rresp[g*2 +: 2]}), .s_valid(d_rvalid[g]), .s_ready(d_rready[g]),
        .m_data({c_rdata[g*32 +: 32], c_rresp[g*2 +: 2]}), .m_valid(c_rvalid[g]), .m_ready(c_rready[g]));
        axil_register_file file (
            .clk(clk), .rst(rst), .awaddr(d_awaddr[g*20 +: 20]), .awvalid(d_awvalid[g]), .awready(d_awready[g]),
            .wdata(d_wdata[g*32 +: 32]), .wstrb(d_wstrb[g*4 +: 4]), .wvalid(d_wvalid[g]), .wready(d_wready[g]),
            .bresp(d_bresp[g*2 +: 2]), .bvalid(d_bvalid[g]), .bready(d_bready[g]), .araddr(d_araddr[g*20 +: 20]),
            .arvalid(d_arvalid[g]), .arready(d_arready[g]), .rdata(d_rdata[g*32 +: 32]), .rresp(d_rresp[g*2 +: 2]),
            .rvalid(d_rvalid[g]), .rready(d_rready[g]));
    end endgenerate
endmodule
`default_nettype wire
