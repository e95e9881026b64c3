// Bench of messaging_unit: its pins as variables, card memory behind random stalls and under watch.
`default_nettype none
`timescale 1ps / 1ps
module messaging_harness;
    reg        clk = 0;
    reg [31:0] seed = 1;
    reg [7:0]  percent = 0;
    always #8000 clk = !clk;

    reg            rst = 0;
    reg  [11:0]    s_axil_host_awaddr = 0;
    reg            s_axil_host_awvalid = 0;
    wire           s_axil_host_awready;
    reg  [31:0]    s_axil_host_wdata = 0;
    reg  [3:0]     s_axil_host_wstrb = 0;
    reg            s_axil_host_wvalid = 0;
    wire           s_axil_host_wready;
    wire [1:0]     s_axil_host_bresp;
    wire           s_axil_host_bvalid;
    reg            s_axil_host_bready = 0;
    reg  [11:0]    s_axil_host_araddr = 0;
    reg            s_axil_host_arvalid = 0;
    wire           s_axil_host_arready;
    wire [31:0]    s_axil_host_rdata;
    wire [1:0]     s_axil_host_rresp;
    wire           s_axil_host_rvalid;
    reg            s_axil_host_rready = 0;
    reg  [11:0]    s_axil_fw_awaddr = 0;
    reg            s_axil_fw_awvalid = 0;
    wire           s_axil_fw_awready;
    reg  [31:0]    s_axil_fw_wdata = 0;
    reg  [3:0]     s_axil_fw_wstrb = 0;
    reg            s_axil_fw_wvalid = 0;
    wire           s_axil_fw_wready;
    wire [1:0]     s_axil_fw_bresp;
    wire           s_axil_fw_bvalid;
    reg            s_axil_fw_bready = 0;
    reg  [11:0]    s_axil_fw_araddr = 0;
    reg            s_axil_fw_arvalid = 0;
    wire           s_axil_fw_arready;
    wire [31:0]    s_axil_fw_rdata;
    wire [1:0]     s_axil_fw_rresp;
    wire           s_axil_fw_rvalid;
    reg            s_axil_fw_rready = 0;
    wire [4-1:0]   m_axi_awid;
    wire [4-1:0]   unit_m_axi_awid;
    wire [63:0]    m_axi_awaddr;
    wire [63:0]    unit_m_axi_awaddr;
    wire [7:0]     m_axi_awlen;
    wire [7:0]     unit_m_axi_awlen;
    wire [2:0]     m_axi_awsize;
    wire [2:0]     unit_m_axi_awsize;
    wire [1:0]     m_axi_awburst;
    wire [1:0]     unit_m_axi_awburst;
    wire           m_axi_awvalid;
    wire           unit_m_axi_awvalid;
    reg            m_axi_awready = 0;
    wire           unit_m_axi_awready;
    wire [63:0]    m_axi_wdata;
    wire [63:0]    unit_m_axi_wdata;
    wire [7:0]     m_axi_wstrb;
    wire [7:0]     unit_m_axi_wstrb;
    wire           m_axi_wlast;
    wire           unit_m_axi_wlast;
    wire           m_axi_wvalid;
    wire           unit_m_axi_wvalid;
    reg            m_axi_wready = 0;
    wire           unit_m_axi_wready;
    reg  [4-1:0]   m_axi_bid = 0;
    wire [4-1:0]   unit_m_axi_bid;
    reg  [1:0]     m_axi_bresp = 0;
    wire [1:0]     unit_m_axi_bresp;
    reg            m_axi_bvalid = 0;
    wire           unit_m_axi_bvalid;
    wire           m_axi_bready;
    wire           unit_m_axi_bready;
    wire [4-1:0]   m_axi_arid;
    wire [4-1:0]   unit_m_axi_arid;
    wire [63:0]    m_axi_araddr;
    wire [63:0]    unit_m_axi_araddr;
    wire [7:0]     m_axi_arlen;
    wire [7:0]     unit_m_axi_arlen;
    wire [2:0]     m_axi_arsize;
    wire [2:0]     unit_m_axi_arsize;
    wire [1:0]     m_axi_arburst;
    wire [1:0]     unit_m_axi_arburst;
    wire           m_axi_arvalid;
    wire           unit_m_axi_arvalid;
    reg            m_axi_arready = 0;
    wire           unit_m_axi_arready;
    reg  [4-1:0]   m_axi_rid = 0;
    wire [4-1:0]   unit_m_axi_rid;
    reg  [63:0]    m_axi_rdata = 0;
    wire [63:0]    unit_m_axi_rdata;
    reg  [1:0]     m_axi_rresp = 0;
    wire [1:0]     unit_m_axi_rresp;
    reg            m_axi_rlast = 0;
    wire           unit_m_axi_rlast;
    reg            m_axi_rvalid = 0;
    wire           unit_m_axi_rvalid;
    wire           m_axi_rready;
    wire           unit_m_axi_rready;
    wire           host_irq;
    wire           fw_irq;
    wire           busy;

    messaging_unit unit (
        .clk(clk),
        .rst(rst), .s_axil_host_awaddr(s_axil_host_awaddr), .s_axil_host_awvalid(s_axil_host_awvalid),
        .s_axil_host_awready(s_axil_host_awready), .s_axil_host_wdata(s_axil_host_wdata),
        .s_axil_host_wstrb(s_axil_host_wstrb), .s_axil_host_wvalid(s_axil_host_wvalid),
        .s_axil_host_wready(s_axil_host_wready), .s_axil_host_bresp(s_axil_host_bresp),
        .s_axil_host_bvalid(s_axil_host_bvalid), .s_axil_host_bready(s_axil_host_bready),
        .s_axil_host_araddr(s_axil_host_araddr), .s_axil_host_arvalid(s_axil_host_arvalid),
        .s_axil_host_arready(s_axil_host_arready), .s_axil_host_rdata(s_axil_host_rdata),
        .s_axil_host_rresp(s_axil_host_rresp), .s_axil_host_rvalid(s_axil_host_rvalid),
        .s_axil_host_rready(s_axil_host_rready), .s_axil_fw_awaddr(s_axil_fw_awaddr),
        .s_axil_fw_awvalid(s_axil_fw_awvalid), .s_axil_fw_awready(s_axil_fw_awready),
        .s_axil_fw_wdata(s_axil_fw_wdata), .s_axil_fw_wstrb(s_axil_fw_wstrb), .s_axil_fw_wvalid(s_axil_fw_wvalid),
        .s_axil_fw_wready(s_axil_fw_wready), .s_axil_fw_bresp(s_axil_fw_bresp),
        .s_axil_fw_bvalid(s_axil_fw_bvalid), .s_axil_fw_bready(s_axil_fw_bready),
        .s_axil_fw_araddr(s_axil_fw_araddr), .s_axil_fw_arvalid(s_axil_fw_arvalid),
        .s_axil_fw_arready(s_axil_fw_arready), .s_axil_fw_rdata(s_axil_fw_rdata),
        .s_axil_fw_rresp(s_axil_fw_rresp), .s_axil_fw_rvalid(s_axil_fw_rvalid),
        .s_axil_fw_rready(s_axil_fw_rready), .m_axi_awid(unit_m_axi_awid), .m_axi_awaddr(unit_m_axi_awaddr),
        .m_axi_awlen(unit_m_axi_awlen), .m_axi_awsize(unit_m_axi_awsize), .m_axi_awburst(unit_m_axi_awburst),
        .m_axi_awvalid(unit_m_axi_awvalid), .m_axi_awready(unit_m_axi_awready), .m_axi_wdata(unit_m_axi_wdata),
        .m_axi_wstrb(unit_m_axi_wstrb), .m_axi_wlast(unit_m_axi_wlast), .m_axi_wvalid(unit_m_axi_wvalid),
        .m_axi_wready(unit_m_axi_wready), .m_axi_bid(unit_m_axi_bid), .m_axi_bresp(unit_m_axi_bresp),
        .m_axi_bvalid(unit_m_axi_bvalid), .m_axi_bready(unit_m_axi_bready), .m_axi_arid(unit_m_axi_arid),
        .m_axi_araddr(unit_m_axi_araddr), .m_axi_arlen(unit_m_axi_arlen), .m_axi_arsize(unit_m_axi_arsize),
        .m_axi_arburst(unit_m_axi_arburst), .m_axi_arvalid(unit_m_axi_arvalid), .m_axi_arready(unit_m_axi_arready),
        .m_axi_rid(unit_m_axi_rid), .m_axi_rdata(unit_m_axi_rdata), .m_axi_rresp(unit_m_axi_rresp),
        .m_axi_rlast(unit_m_axi_rlast), .m_axi_rvalid(unit_m_axi_rvalid), .m_axi_rready(unit_m_axi_rready),
        .host_irq(host_irq), .fw_irq(fw_irq), .busy(busy)
    );

    wire host_monitor_failed, host_monitor_idle;
    axil_monitor #(.ADDR_WIDTH(12)) host_monitor (
        .clk(clk), .rst(rst), .awaddr(s_axil_host_awaddr), .awvalid(s_axil_host_awvalid),
        .awready(s_axil_host_awready), .wdata(s_axil_host_wdata), .wstrb(s_axil_host_wstrb),
        .wvalid(s_axil_host_wvalid), .wready(s_axil_host_wready), .bresp(s_axil_host_bresp),
        .bvalid(s_axil_host_bvalid), .bready(s_axil_host_bready), .araddr(s_axil_host_araddr),
        .arvalid(s_axil_host_arvalid), .arready(s_axil_host_arready), .rdata(s_axil_host_rdata),
        .rresp(s_axil_host_rresp), .rvalid(s_axil_host_rvalid), .rready(s_axil_host_rready),
        .failed(host_monitor_failed), .idle(host_monitor_idle), .reads(), .writes());

    wire fw_monitor_failed, fw_monitor_idle;
    axil_monitor #(.ADDR_WIDTH(12)) fw_monitor (
        .clk(clk), .rst(rst), .awaddr(s_axil_fw_awaddr), .awvalid(s_axil_fw_awvalid), .awready(s_axil_fw_awready),
        .wdata(s_axil_fw_wdata), .wstrb(s_axil_fw_wstrb), .wvalid(s_axil_fw_wvalid), .wready(s_axil_fw_wready),
        .bresp(s_axil_fw_bresp), .bvalid(s_axil_fw_bvalid), .bready(s_axil_fw_bready), .araddr(s_axil_fw_araddr),
        .arvalid(s_axil_fw_arvalid), .arready(s_axil_fw_arready), .rdata(s_axil_fw_rdata), .rresp(s_axil_fw_rresp),
        .rvalid(s_axil_fw_rvalid), .rready(s_axil_fw_rready), .failed(fw_monitor_failed), .idle(fw_monitor_idle),
        .reads(), .writes());

    axi_stall #(.ID_WIDTH(4), .SALT(1), .READ_LATENCY(4)) stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .s_axi_awid(unit_m_axi_awid),
        .s_axi_awaddr(unit_m_axi_awaddr), .s_axi_awlen(unit_m_axi_awlen), .s_axi_awsize(unit_m_axi_awsize),
        .s_axi_awburst(unit_m_axi_awburst), .s_axi_awvalid(unit_m_axi_awvalid), .s_axi_awready(unit_m_axi_awready),
        .s_axi_wdata(unit_m_axi_wdata), .s_axi_wstrb(unit_m_axi_wstrb), .s_axi_wlast(unit_m_axi_wlast),
        .s_axi_wvalid(unit_m_axi_wvalid), .s_axi_wready(unit_m_axi_wready), .s_axi_bid(unit_m_axi_bid),
        .s_axi_bresp(unit_m_axi_bresp), .s_axi_bvalid(unit_m_axi_bvalid), .s_axi_bready(unit_m_axi_bready),
        .s_axi_arid(unit_m_axi_arid), .s_axi_araddr(unit_m_axi_araddr), .s_axi_arlen(unit_m_axi_arlen),
        .s_axi_arsize(unit_m_axi_arsize), .s_axi_arburst(unit_m_axi_arburst), .s_axi_arvalid(unit_m_axi_arvalid),
        .s_axi_arready(unit_m_axi_arready), .s_axi_rid(unit_m_axi_rid), .s_axi_rdata(unit_m_axi_rdata),
        .s_axi_rresp(unit_m_axi_rresp), .s_axi_rlast(unit_m_axi_rlast), .s_axi_rvalid(unit_m_axi_rvalid),
        .s_axi_rready(unit_m_axi_rready), .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr),
        .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst),
        .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready), .m_axi_wdata(m_axi_wdata),
        .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid),
        .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
        .m_axi_bready(m_axi_bready), .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr),
        .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst),
        .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready), .m_axi_rid(m_axi_rid),
        .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready)
    );

    wire        monitor_failed, monitor_idle;
    wire [31:0] read_beats, write_beats, errors;
    axi_monitor #(.ID_WIDTH(4), .MAX_BURST_BYTES(8)) monitor (
        .clk(clk), .rst(rst), .awid(unit_m_axi_awid), .awaddr(unit_m_axi_awaddr), .awlen(unit_m_axi_awlen),
        .awsize(unit_m_axi_awsize), .awburst(unit_m_axi_awburst), .awvalid(unit_m_axi_awvalid),
        .awready(unit_m_axi_awready), .wdata(unit_m_axi_wdata), .wstrb(unit_m_axi_wstrb), .wlast(unit_m_axi_wlast),
        .wvalid(unit_m_axi_wvalid), .wready(unit_m_axi_wready), .bid(unit_m_axi_bid), .bresp(unit_m_axi_bresp),
        .bvalid(unit_m_axi_bvalid), .bready(unit_m_axi_bready), .arid(unit_m_axi_arid), .araddr(unit_m_axi_araddr),
        .arlen(unit_m_axi_arlen), .arsize(unit_m_axi_arsize), .arburst(unit_m_axi_arburst),
        .arvalid(unit_m_axi_arvalid), .arready(unit_m_axi_arready), .rid(unit_m_axi_rid), .rdata(unit_m_axi_rdata),
        .rresp(unit_m_axi_rresp), .rlast(unit_m_axi_rlast), .rvalid(unit_m_axi_rvalid), .rready(unit_m_axi_rready),
        .failed(monitor_failed), .idle(monitor_idle), .read_beats(read_beats), .write_beats(write_beats),
        .error_responses(errors)
    );

    // clocks in which a transfer was held back, 32 bits a place: by the stalls of memory (AW, W, B, AR, R, from bit 0
    // on), then by the host on its B and R, then by the firmware
    wire [8:0] held = {
        s_axil_fw_rvalid && !s_axil_fw_rready, s_axil_fw_bvalid && !s_axil_fw_bready,
        s_axil_host_rvalid && !s_axil_host_rready, s_axil_host_bvalid && !s_axil_host_bready,
        stall.r.valid && !stall.r.open, stall.ar.valid && !stall.ar.open, stall.b.valid && !stall.b.open,
        stall.w.valid && !stall.w.open, stall.aw.valid && !stall.aw.open};
    reg [9*32-1:0] held_clocks = 0;
    integer place;
    always @(posedge clk) begin
        for (place = 0; place < 9; place = place + 1)
            if (held[place]) held_clocks[32*place +: 32] <= held_clocks[32*place +: 32] + 32'd1;
        if (rst) held_clocks <= 0;
    end
endmodule
`default_nettype wire
