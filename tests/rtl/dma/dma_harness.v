// Bench harness: the DMA controller behind a decoder on a host memory (stalls, read latency) and a card memory.
`default_nettype none
module dma_harness #(
    parameter CHANNELS     = 1,
    parameter HOST_LATENCY = 0,             // clocks that a read address takes to the host memory
    parameter MEMORY_BYTES = 131072         // of each memory
) (
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire [7:0]  host_percent,        // stalled clocks of every channel
    input  wire [7:0]  card_percent,
    input  wire [11:0] awaddr,
    input  wire        awvalid,
    output wire        awready,
    input  wire [31:0] wdata,
    input  wire [3:0]  wstrb,
    input  wire        wvalid,
    output wire        wready,
    output wire [1:0]  bresp,
    output wire        bvalid,
    input  wire        bready,
    input  wire [11:0] araddr,
    input  wire        arvalid,
    output wire        arready,
    output wire [31:0] rdata,
    output wire [1:0]  rresp,
    output wire        rvalid,
    input  wire        rready,
    output wire [CHANNELS-1:0] irq,
    output wire        any_irq,
    output wire        busy,
    output wire        failed,
    output wire        idle,
    output reg  [31:0] busy_clocks          // counted while busy, for the rate
);
    reg clk = 0;
    always #8000 clk = ~clk;                // 62.5 MHz

    wire [CHANNELS*4-1:0] m_awid, m_bid, m_arid, m_rid;
    wire [CHANNELS*64-1:0] m_awaddr, m_wdata, m_araddr, m_rdata;
    wire [CHANNELS*8-1:0] m_awlen, m_wstrb, m_arlen;
    wire [CHANNELS*3-1:0] m_awsize, m_arsize;
    wire [CHANNELS*2-1:0] m_awburst, m_bresp, m_arburst, m_rresp;
    wire [CHANNELS*1-1:0] m_awvalid, m_awready, m_wlast, m_wvalid, m_wready, m_bvalid, m_bready, m_arvalid,
        m_arready, m_rlast, m_rvalid, m_rready;
    wire [2*4-1:0] x_awid, x_bid, x_arid, x_rid;
    wire [2*64-1:0] x_awaddr, x_wdata, x_araddr, x_rdata;
    wire [2*8-1:0] x_awlen, x_wstrb, x_arlen;
    wire [2*3-1:0] x_awsize, x_arsize;
    wire [2*2-1:0] x_awburst, x_bresp, x_arburst, x_rresp;
    wire [2*1-1:0] x_awvalid, x_awready, x_wlast, x_wvalid, x_wready, x_bvalid, x_bready, x_arvalid, x_arready;
    wire [2*1-1:0] x_rlast, x_rvalid, x_rready;
    wire [2*4-1:0] y_awid, y_bid, y_arid, y_rid;
    wire [2*64-1:0] y_awaddr, y_wdata, y_araddr, y_rdata;
    wire [2*8-1:0] y_awlen, y_wstrb, y_arlen;
    wire [2*3-1:0] y_awsize, y_arsize;
    wire [2*2-1:0] y_awburst, y_bresp, y_arburst, y_rresp;
    wire [2*1-1:0] y_awvalid, y_awready, y_wlast, y_wvalid, y_wready, y_bvalid, y_bready, y_arvalid, y_arready;
    wire [2*1-1:0] y_rlast, y_rvalid, y_rready;

    dma_controller #(.CHANNELS(CHANNELS)) dut (
        .clk(clk), .rst(rst), .irq(irq), .busy(busy),
        .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_wdata(wdata),
        .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready), .s_axil_bresp(bresp),
        .s_axil_bvalid(bvalid), .s_axil_bready(bready), .s_axil_araddr(araddr), .s_axil_arvalid(arvalid),
        .s_axil_arready(arready), .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid),
        .s_axil_rready(rready),
        .m_axi_awid(m_awid), .m_axi_awaddr(m_awaddr), .m_axi_awlen(m_awlen), .m_axi_awsize(m_awsize),
        .m_axi_awburst(m_awburst), .m_axi_awvalid(m_awvalid), .m_axi_awready(m_awready), .m_axi_wdata(m_wdata),
        .m_axi_wstrb(m_wstrb), .m_axi_wlast(m_wlast), .m_axi_wvalid(m_wvalid), .m_axi_wready(m_wready),
        .m_axi_bid(m_bid), .m_axi_bresp(m_bresp), .m_axi_bvalid(m_bvalid), .m_axi_bready(m_bready),
        .m_axi_arid(m_arid), .m_axi_araddr(m_araddr), .m_axi_arlen(m_arlen), .m_axi_arsize(m_arsize),
        .m_axi_arburst(m_arburst), .m_axi_arvalid(m_arvalid), .m_axi_arready(m_arready), .m_axi_rid(m_rid),
        .m_axi_rdata(m_rdata), .m_axi_rresp(m_rresp), .m_axi_rlast(m_rlast), .m_axi_rvalid(m_rvalid),
        .m_axi_rready(m_rready));

    axi_channels_decoder #(.CHANNELS(CHANNELS), .ID_WIDTH(4)) decoder (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(m_awid), .s_axi_awaddr(m_awaddr), .s_axi_awlen(m_awlen), .s_axi_awsize(m_awsize),
        .s_axi_awburst(m_awburst), .s_axi_awvalid(m_awvalid), .s_axi_awready(m_awready), .s_axi_wdata(m_wdata),
        .s_axi_wstrb(m_wstrb), .s_axi_wlast(m_wlast), .s_axi_wvalid(m_wvalid), .s_axi_wready(m_wready),
        .s_axi_bid(m_bid), .s_axi_bresp(m_bresp), .s_axi_bvalid(m_bvalid), .s_axi_bready(m_bready),
        .s_axi_arid(m_arid), .s_axi_araddr(m_araddr), .s_axi_arlen(m_arlen), .s_axi_arsize(m_arsize),
        .s_axi_arburst(m_arburst), .s_axi_arvalid(m_arvalid), .s_axi_arready(m_arready), .s_axi_rid(m_rid),
        .s_axi_rdata(m_rdata), .s_axi_rresp(m_rresp), .s_axi_rlast(m_rlast), .s_axi_rvalid(m_rvalid),
        .s_axi_rready(m_rready),
        .m_axi_awid(x_awid), .m_axi_awaddr(x_awaddr), .m_axi_awlen(x_awlen), .m_axi_awsize(x_awsize),
        .m_axi_awburst(x_awburst), .m_axi_awvalid(x_awvalid), .m_axi_awready(x_awready), .m_axi_wdata(x_wdata),
        .m_axi_wstrb(x_wstrb), .m_axi_wlast(x_wlast), .m_axi_wvalid(x_wvalid), .m_axi_wready(x_wready),
        .m_axi_bid(x_bid), .m_axi_bresp(x_bresp), .m_axi_bvalid(x_bvalid), .m_axi_bready(x_bready),
        .m_axi_arid(x_arid), .m_axi_araddr(x_araddr), .m_axi_arlen(x_arlen), .m_axi_arsize(x_arsize),
        .m_axi_arburst(x_arburst), .m_axi_arvalid(x_arvalid), .m_axi_arready(x_arready), .m_axi_rid(x_rid),
        .m_axi_rdata(x_rdata), .m_axi_rresp(x_rresp), .m_axi_rlast(x_rlast), .m_axi_rvalid(x_rvalid),
        .m_axi_rready(x_rready));

    wire [CHANNELS-1:0] failed_m, idle_m;
    genvar g;
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : channel
        axi_monitor #(.ID_WIDTH(4)) monitor (
            .clk(clk), .rst(rst), .failed(failed_m[g]), .idle(idle_m[g]), .read_beats(), .write_beats(),
            .error_responses(), .awid(m_awid[g*4 +: 4]), .awaddr(m_awaddr[g*64 +: 64]), .awlen(m_awlen[g*8 +: 8]),
            .awsize(m_awsize[g*3 +: 3]), .awburst(m_awburst[g*2 +: 2]), .awvalid(m_awvalid[g]),
            .awready(m_awready[g]), .wdata(m_wdata[g*64 +: 64]), .wstrb(m_wstrb[g*8 +: 8]), .wlast(m_wlast[g]),
            .wvalid(m_wvalid[g]), .wready(m_wready[g]), .bid(m_bid[g*4 +: 4]), .bresp(m_bresp[g*2 +: 2]),
            .bvalid(m_bvalid[g]), .bready(m_bready[g]), .arid(m_arid[g*4 +: 4]), .araddr(m_araddr[g*64 +: 64]),
            .arlen(m_arlen[g*8 +: 8]), .arsize(m_arsize[g*3 +: 3]), .arburst(m_arburst[g*2 +: 2]),
            .arvalid(m_arvalid[g]), .arready(m_arready[g]), .rid(m_rid[g*4 +: 4]), .rdata(m_rdata[g*64 +: 64]),
            .rresp(m_rresp[g*2 +: 2]), .rlast(m_rlast[g]), .rvalid(m_rvalid[g]), .rready(m_rready[g]));
    end endgenerate

    // 0: host, 1: card
    axi_stall #(.ID_WIDTH(4), .SALT(21), .READ_LATENCY(HOST_LATENCY)) host_stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(host_percent),
        .s_axi_awid(x_awid[0*4 +: 4]), .s_axi_awaddr(x_awaddr[0*64 +: 64]), .s_axi_awlen(x_awlen[0*8 +: 8]),
        .s_axi_awsize(x_awsize[0*3 +: 3]), .s_axi_awburst(x_awburst[0*2 +: 2]), .s_axi_awvalid(x_awvalid[0]),
        .s_axi_awready(x_awready[0]), .s_axi_wdata(x_wdata[0*64 +: 64]), .s_axi_wstrb(x_wstrb[0*8 +: 8]),
        .s_axi_wlast(x_wlast[0]), .s_axi_wvalid(x_wvalid[0]), .s_axi_wready(x_wready[0]),
        .s_axi_bid(x_bid[0*4 +: 4]), .s_axi_bresp(x_bresp[0*2 +: 2]), .s_axi_bvalid(x_bvalid[0]),
        .s_axi_bready(x_bready[0]), .s_axi_arid(x_arid[0*4 +: 4]), .s_axi_araddr(x_araddr[0*64 +: 64]),
        .s_axi_arlen(x_arlen[0*8 +: 8]), .s_axi_arsize(x_arsize[0*3 +: 3]), .s_axi_arburst(x_arburst[0*2 +: 2]),
        .s_axi_arvalid(x_arvalid[0]), .s_axi_arready(x_arready[0]), .s_axi_rid(x_rid[0*4 +: 4]),
        .s_axi_rdata(x_rdata[0*64 +: 64]), .s_axi_rresp(x_rresp[0*2 +: 2]), .s_axi_rlast(x_rlast[0]),
        .s_axi_rvalid(x_rvalid[0]), .s_axi_rready(x_rready[0]),
        .m_axi_awid(y_awid[0*4 +: 4]), .m_axi_awaddr(y_awaddr[0*64 +: 64]), .m_axi_awlen(y_awlen[0*8 +: 8]),
        .m_axi_awsize(y_awsize[0*3 +: 3]), .m_axi_awburst(y_awburst[0*2 +: 2]), .m_axi_awvalid(y_awvalid[0]),
        .m_axi_awready(y_awready[0]), .m_axi_wdata(y_wdata[0*64 +: 64]), .m_axi_wstrb(y_wstrb[0*8 +: 8]),
        .m_axi_wlast(y_wlast[0]), .m_axi_wvalid(y_wvalid[0]), .m_axi_wready(y_wready[0]),
        .m_axi_bid(y_bid[0*4 +: 4]), .m_axi_bresp(y_bresp[0*2 +: 2]), .m_axi_bvalid(y_bvalid[0]),
        .m_axi_bready(y_bready[0]), .m_axi_arid(y_arid[0*4 +: 4]), .m_axi_araddr(y_araddr[0*64 +: 64]),
        .m_axi_arlen(y_arlen[0*8 +: 8]), .m_axi_arsize(y_arsize[0*3 +: 3]), .m_axi_arburst(y_arburst[0*2 +: 2]),
        .m_axi_arvalid(y_arvalid[0]), .m_axi_arready(y_arready[0]), .m_axi_rid(y_rid[0*4 +: 4]),
        .m_axi_rdata(y_rdata[0*64 +: 64]), .m_axi_rresp(y_rresp[0*2 +: 2]), .m_axi_rlast(y_rlast[0]),
        .m_axi_rvalid(y_rvalid[0]), .m_axi_rready(y_rready[0]));
    card_memory #(.SIZE_BYTES(MEMORY_BYTES), .ID_WIDTH(4)) host (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(y_awid[0*4 +: 4]), .s_axi_awaddr(y_awaddr[0*64 +: 64]), .s_axi_awlen(y_awlen[0*8 +: 8]),
        .s_axi_awsize(y_awsize[0*3 +: 3]), .s_axi_awburst(y_awburst[0*2 +: 2]), .s_axi_awvalid(y_awvalid[0]),
        .s_axi_awready(y_awready[0]), .s_axi_wdata(y_wdata[0*64 +: 64]), .s_axi_wstrb(y_wstrb[0*8 +: 8]),
        .s_axi_wlast(y_wlast[0]), .s_axi_wvalid(y_wvalid[0]), .s_axi_wready(y_wready[0]),
        .s_axi_bid(y_bid[0*4 +: 4]), .s_axi_bresp(y_bresp[0*2 +: 2]), .s_axi_bvalid(y_bvalid[0]),
        .s_axi_bready(y_bready[0]), .s_axi_arid(y_arid[0*4 +: 4]), .s_axi_araddr(y_araddr[0*64 +: 64]),
        .s_axi_arlen(y_arlen[0*8 +: 8]), .s_axi_arsize(y_arsize[0*3 +: 3]), .s_axi_arburst(y_arburst[0*2 +: 2]),
        .s_axi_arvalid(y_arvalid[0]), .s_axi_arready(y_arready[0]), .s_axi_rid(y_rid[0*4 +: 4]),
        .s_axi_rdata(y_rdata[0*64 +: 64]), .s_axi_rresp(y_rresp[0*2 +: 2]), .s_axi_rlast(y_rlast[0]),
        .s_axi_rvalid(y_rvalid[0]), .s_axi_rready(y_rready[0]));
    wire failed_host, idle_host;
    axi_monitor #(.ID_WIDTH(4)) host_monitor (
        .clk(clk), .rst(rst), .failed(failed_host), .idle(idle_host), .read_beats(), .write_beats(), .error_responses(),
        .awid(x_awid[0*4 +: 4]), .awaddr(x_awaddr[0*64 +: 64]), .awlen(x_awlen[0*8 +: 8]),
        .awsize(x_awsize[0*3 +: 3]), .awburst(x_awburst[0*2 +: 2]), .awvalid(x_awvalid[0]), .awready(x_awready[0]),
        .wdata(x_wdata[0*64 +: 64]), .wstrb(x_wstrb[0*8 +: 8]), .wlast(x_wlast[0]), .wvalid(x_wvalid[0]),
        .wready(x_wready[0]), .bid(x_bid[0*4 +: 4]), .bresp(x_bresp[0*2 +: 2]), .bvalid(x_bvalid[0]),
        .bready(x_bready[0]), .arid(x_arid[0*4 +: 4]), .araddr(x_araddr[0*64 +: 64]), .arlen(x_arlen[0*8 +: 8]),
        .arsize(x_arsize[0*3 +: 3]), .arburst(x_arburst[0*2 +: 2]), .arvalid(x_arvalid[0]), .arready(x_arready[0]),
        .rid(x_rid[0*4 +: 4]), .rdata(x_rdata[0*64 +: 64]), .rresp(x_rresp[0*2 +: 2]), .rlast(x_rlast[0]),
        .rvalid(x_rvalid[0]), .rready(x_rready[0]));

    axi_stall #(.ID_WIDTH(4), .SALT(22), .READ_LATENCY(0)) card_stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(card_percent),
        .s_axi_awid(x_awid[1*4 +: 4]), .s_axi_awaddr(x_awaddr[1*64 +: 64]), .s_axi_awlen(x_awlen[1*8 +: 8]),
        .s_axi_awsize(x_awsize[1*3 +: 3]), .s_axi_awburst(x_awburst[1*2 +: 2]), .s_axi_awvalid(x_awvalid[1]),
        .s_axi_awready(x_awready[1]), .s_axi_wdata(x_wdata[1*64 +: 64]), .s_axi_wstrb(x_wstrb[1*8 +: 8]),
        .s_axi_wlast(x_wlast[1]), .s_axi_wvalid(x_wvalid[1]), .s_axi_wready(x_wready[1]),
        .s_axi_bid(x_bid[1*4 +: 4]), .s_axi_bresp(x_bresp[1*2 +: 2]), .s_axi_bvalid(x_bvalid[1]),
        .s_axi_bready(x_bready[1]), .s_axi_arid(x_arid[1*4 +: 4]), .s_axi_araddr(x_araddr[1*64 +: 64]),
        .s_axi_arlen(x_arlen[1*8 +: 8]), .s_axi_arsize(x_arsize[1*3 +: 3]), .s_axi_arburst(x_arburst[1*2 +: 2]),
        .s_axi_arvalid(x_arvalid[1]), .s_axi_arready(x_arready[1]), .s_axi_rid(x_rid[1*4 +: 4]),
        .s_axi_rdata(x_rdata[1*64 +: 64]), .s_axi_rresp(x_rresp[1*2 +: 2]), .s_axi_rlast(x_rlast[1]),
        .s_axi_rvalid(x_rvalid[1]), .s_axi_rready(x_rready[1]),
        .m_axi_awid(y_awid[1*4 +: 4]), .m_axi_awaddr(y_awaddr[1*64 +: 64]), .m_axi_awlen(y_awlen[1*8 +: 8]),
        .m_axi_awsize(y_awsize[1*3 +: 3]), .m_axi_awburst(y_awburst[1*2 +: 2]), .m_axi_awvalid(y_awvalid[1]),
        .m_axi_awready(y_awready[1]), .m_axi_wdata(y_wdata[1*64 +: 64]), .m_axi_wstrb(y_wstrb[1*8 +: 8]),
        .m_axi_wlast(y_wlast[1]), .m_axi_wvalid(y_wvalid[1]), .m_axi_wready(y_wready[1]),
        .m_axi_bid(y_bid[1*4 +: 4]), .m_axi_bresp(y_bresp[1*2 +: 2]), .m_axi_bvalid(y_bvalid[1]),
        .m_axi_bready(y_bready[1]), .m_axi_arid(y_arid[1*4 +: 4]), .m_axi_araddr(y_araddr[1*64 +: 64]),
        .m_axi_arlen(y_arlen[1*8 +: 8]), .m_axi_arsize(y_arsize[1*3 +: 3]), .m_axi_arburst(y_arburst[1*2 +: 2]),
        .m_axi_arvalid(y_arvalid[1]), .m_axi_arready(y_arready[1]), .m_axi_rid(y_rid[1*4 +: 4]),
        .m_axi_rdata(y_rdata[1*64 +: 64]), .m_axi_rresp(y_rresp[1*2 +: 2]), .m_axi_rlast(y_rlast[1]),
        .m_axi_rvalid(y_rvalid[1]), .m_axi_rready(y_rready[1]));
    card_memory #(.SIZE_BYTES(MEMORY_BYTES), .ID_WIDTH(4)) card (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(y_awid[1*4 +: 4]), .s_axi_awaddr(y_awaddr[1*64 +: 64]), .s_axi_awlen(y_awlen[1*8 +: 8]),
        .s_axi_awsize(y_awsize[1*3 +: 3]), .s_axi_awburst(y_awburst[1*2 +: 2]), .s_axi_awvalid(y_awvalid[1]),
        .s_axi_awready(y_awready[1]), .s_axi_wdata(y_wdata[1*64 +: 64]), .s_axi_wstrb(y_wstrb[1*8 +: 8]),
        .s_axi_wlast(y_wlast[1]), .s_axi_wvalid(y_wvalid[1]), .s_axi_wready(y_wready[1]),
        .s_axi_bid(y_bid[1*4 +: 4]), .s_axi_bresp(y_bresp[1*2 +: 2]), .s_axi_bvalid(y_bvalid[1]),
        .s_axi_bready(y_bready[1]), .s_axi_arid(y_arid[1*4 +: 4]), .s_axi_araddr(y_araddr[1*64 +: 64]),
        .s_axi_arlen(y_arlen[1*8 +: 8]), .s_axi_arsize(y_arsize[1*3 +: 3]), .s_axi_arburst(y_arburst[1*2 +: 2]),
        .s_axi_arvalid(y_arvalid[1]), .s_axi_arready(y_arready[1]), .s_axi_rid(y_rid[1*4 +: 4]),
        .s_axi_rdata(y_rdata[1*64 +: 64]), .s_axi_rresp(y_rresp[1*2 +: 2]), .s_axi_rlast(y_rlast[1]),
        .s_axi_rvalid(y_rvalid[1]), .s_axi_rready(y_rready[1]));
    wire failed_card, idle_card;
    axi_monitor #(.ID_WIDTH(4)) card_monitor (
        .clk(clk), .rst(rst), .failed(failed_card), .idle(idle_card), .read_beats(), .write_beats(), .error_responses(),
        .awid(x_awid[1*4 +: 4]), .awaddr(x_awaddr[1*64 +: 64]), .awlen(x_awlen[1*8 +: 8]),
        .awsize(x_awsize[1*3 +: 3]), .awburst(x_awburst[1*2 +: 2]), .awvalid(x_awvalid[1]), .awready(x_awready[1]),
        .wdata(x_wdata[1*64 +: 64]), .wstrb(x_wstrb[1*8 +: 8]), .wlast(x_wlast[1]), .wvalid(x_wvalid[1]),
        .wready(x_wready[1]), .bid(x_bid[1*4 +: 4]), .bresp(x_bresp[1*2 +: 2]), .bvalid(x_bvalid[1]),
        .bready(x_bready[1]), .arid(x_arid[1*4 +: 4]), .araddr(x_araddr[1*64 +: 64]), .arlen(x_arlen[1*8 +: 8]),
        .arsize(x_arsize[1*3 +: 3]), .arburst(x_arburst[1*2 +: 2]), .arvalid(x_arvalid[1]), .arready(x_arready[1]),
        .rid(x_rid[1*4 +: 4]), .rdata(x_rdata[1*64 +: 64]), .rresp(x_rresp[1*2 +: 2]), .rlast(x_rlast[1]),
        .rvalid(x_rvalid[1]), .rready(x_rready[1]));

    wire failed_registers;
    wire [CHANNELS-1:0] failed_streams;
    axil_monitor #(.ADDR_WIDTH(12)) register_monitor (
        .clk(clk), .rst(rst), .awaddr(awaddr), .awvalid(awvalid), .awready(awready),
        .wdata(wdata), .wstrb(wstrb), .wvalid(wvalid), .wready(wready), .bresp(bresp),
        .bvalid(bvalid), .bready(bready), .araddr(araddr), .arvalid(arvalid), .arready(arready),
        .rdata(rdata), .rresp(rresp), .rvalid(rvalid), .rready(rready), .failed(failed_registers), .idle(), .reads(),
        .writes()
    );
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : stream
      axis_monitor stream_monitor (
          .clk(clk), .rst(rst), .tdata(dut.channel[g].dma_channel.tdata),
          .tkeep(dut.channel[g].dma_channel.tkeep), .tvalid(dut.channel[g].dma_channel.tvalid),
          .tready(dut.channel[g].dma_channel.tready), .tlast(dut.channel[g].dma_channel.tlast),
          .tuser(dut.channel[g].dma_channel.tuser), .failed(failed_streams[g]), .beats(), .packets()
      );
    end endgenerate
    assign failed = failed_m != 0 || failed_host || failed_card || failed_registers || failed_streams != 0;
    assign any_irq = irq != 0;
    assign idle   = &idle_m && idle_host && idle_card;

    always @(posedge clk)
        if (rst)       busy_clocks <= 0;
        else if (busy) busy_clocks <= busy_clocks + 1;
endmodule
`default_nettype wire
