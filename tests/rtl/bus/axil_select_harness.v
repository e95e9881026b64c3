// Bench harness: axil_select between two masters and a slave that Python plays, with random stalls on every channel and
// monitors on every port.
`default_nettype none
module axil_select_harness;
    reg        clk = 0;
    reg        rst = 0;
    reg        select = 0;
    reg [31:0] seed = 1;
    reg [7:0]  percent = 0;
    always #8000 clk = !clk;                // 62.5 MHz

    wire [16:0] a_awaddr, a_araddr;
    wire a_awvalid, a_awready, a_wvalid, a_wready, a_bvalid, a_bready, a_arvalid, a_arready, a_rvalid, a_rready;
    wire [31:0] a_wdata, a_rdata;
    wire [3:0] a_wstrb;
    wire [1:0] a_bresp, a_rresp;
    wire [16:0] b_awaddr, b_araddr;
    wire b_awvalid, b_awready, b_wvalid, b_wready, b_bvalid, b_bready, b_arvalid, b_arready, b_rvalid, b_rready;
    wire [31:0] b_wdata, b_rdata;
    wire [3:0] b_wstrb;
    wire [1:0] b_bresp, b_rresp;
    wire [16:0] s_awaddr, s_araddr;
    wire s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready, s_arvalid, s_arready, s_rvalid, s_rready;
    wire [31:0] s_wdata, s_rdata;
    wire [3:0] s_wstrb;
    wire [1:0] s_bresp, s_rresp;
    wire [2:0] failed_all, idle_all;
    wire       failed = failed_all != 0;
    wire       idle   = &idle_all;

    axil_master_port #(.ADDR_WIDTH(17), .OUTSTANDING(4), .SALT(100)) a (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[0]), .idle(idle_all[0]),
        .m_axil_awaddr(a_awaddr), .m_axil_awvalid(a_awvalid), .m_axil_awready(a_awready), .m_axil_wdata(a_wdata),
        .m_axil_wstrb(a_wstrb), .m_axil_wvalid(a_wvalid), .m_axil_wready(a_wready), .m_axil_bresp(a_bresp),
        .m_axil_bvalid(a_bvalid), .m_axil_bready(a_bready), .m_axil_araddr(a_araddr), .m_axil_arvalid(a_arvalid),
        .m_axil_arready(a_arready), .m_axil_rdata(a_rdata), .m_axil_rresp(a_rresp), .m_axil_rvalid(a_rvalid),
        .m_axil_rready(a_rready));
    axil_master_port #(.ADDR_WIDTH(17), .OUTSTANDING(4), .SALT(110)) b (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[1]), .idle(idle_all[1]),
        .m_axil_awaddr(b_awaddr), .m_axil_awvalid(b_awvalid), .m_axil_awready(b_awready), .m_axil_wdata(b_wdata),
        .m_axil_wstrb(b_wstrb), .m_axil_wvalid(b_wvalid), .m_axil_wready(b_wready), .m_axil_bresp(b_bresp),
        .m_axil_bvalid(b_bvalid), .m_axil_bready(b_bready), .m_axil_araddr(b_araddr), .m_axil_arvalid(b_arvalid),
        .m_axil_arready(b_arready), .m_axil_rdata(b_rdata), .m_axil_rresp(b_rresp), .m_axil_rvalid(b_rvalid),
        .m_axil_rready(b_rready));
    axil_slave_port #(.ADDR_WIDTH(17), .OUTSTANDING(4), .SALT(120)) slave (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[2]), .idle(idle_all[2]),
        .s_axil_awaddr(s_awaddr), .s_axil_awvalid(s_awvalid), .s_axil_awready(s_awready), .s_axil_wdata(s_wdata),
        .s_axil_wstrb(s_wstrb), .s_axil_wvalid(s_wvalid), .s_axil_wready(s_wready), .s_axil_bresp(s_bresp),
        .s_axil_bvalid(s_bvalid), .s_axil_bready(s_bready), .s_axil_araddr(s_araddr), .s_axil_arvalid(s_arvalid),
        .s_axil_arready(s_arready), .s_axil_rdata(s_rdata), .s_axil_rresp(s_rresp), .s_axil_rvalid(s_rvalid),
        .s_axil_rready(s_rready));
    axil_select dut (
        .clk(clk), .rst(rst), .select(select), .s_axil_a_awaddr(a_awaddr), .s_axil_a_awvalid(a_awvalid),
        .s_axil_a_awready(a_awready), .s_axil_a_wdata(a_wdata), .s_axil_a_wstrb(a_wstrb), .s_axil_a_wvalid(a_wvalid),
        .s_axil_a_wready(a_wready), .s_axil_a_bresp(a_bresp), .s_axil_a_bvalid(a_bvalid), .s_axil_a_bready(a_bready),
        .s_axil_a_araddr(a_araddr), .s_axil_a_arvalid(a_arvalid), .s_axil_a_arready(a_arready),
        .s_axil_a_rdata(a_rdata), .s_axil_a_rresp(a_rresp), .s_axil_a_rvalid(a_rvalid), .s_axil_a_rready(a_rready),
        .s_axil_b_awaddr(b_awaddr), .s_axil_b_awvalid(b_awvalid), .s_axil_b_awready(b_awready),
        .s_axil_b_wdata(b_wdata), .s_axil_b_wstrb(b_wstrb), .s_axil_b_wvalid(b_wvalid), .s_axil_b_wready(b_wready),
        .s_axil_b_bresp(b_bresp), .s_axil_b_bvalid(b_bvalid), .s_axil_b_bready(b_bready), .s_axil_b_araddr(b_araddr),
        .s_axil_b_arvalid(b_arvalid), .s_axil_b_arready(b_arready), .s_axil_b_rdata(b_rdata), .s_axil_b_rresp(b_rresp),
        .s_axil_b_rvalid(b_rvalid), .s_axil_b_rready(b_rready), .m_axil_awaddr(s_awaddr), .m_axil_awvalid(s_awvalid),
        .m_axil_awready(s_awready), .m_axil_wdata(s_wdata), .m_axil_wstrb(s_wstrb), .m_axil_wvalid(s_wvalid),
        .m_axil_wready(s_wready), .m_axil_bresp(s_bresp), .m_axil_bvalid(s_bvalid), .m_axil_bready(s_bready),
        .m_axil_araddr(s_araddr), .m_axil_arvalid(s_arvalid), .m_axil_arready(s_arready), .m_axil_rdata(s_rdata),
        .m_axil_rresp(s_rresp), .m_axil_rvalid(s_rvalid), .m_axil_rready(s_rready));
endmodule
`default_nettype wire
