// Bench harness: the card's interconnect between seven masters, its two memories and its four register blocks, all of
// them played by Python, with random stalls on every channel and monitors on every port.
`default_nettype none
module interconnect_harness;
    reg        clk = 0;
    reg        rst = 0;
    reg        round_robin = 1;
    reg [31:0] seed = 1;
    reg [7:0]  percent = 0;
    always #8000 clk = !clk;                // 62.5 MHz

    wire [3:0] data_awid, data_bid, data_arid, data_rid;
    wire [63:0] data_awaddr, data_wdata, data_araddr, data_rdata;
    wire [7:0] data_awlen, data_wstrb, data_arlen;
    wire [2:0] data_awsize, data_arsize;
    wire [1:0] data_awburst, data_bresp, data_arburst, data_rresp;
    wire data_awvalid, data_awready, data_wlast, data_wvalid, data_wready, data_bvalid, data_bready, data_arvalid,
        data_arready, data_rlast, data_rvalid, data_rready;
    wire [3:0] desc_awid, desc_bid, desc_arid, desc_rid;
    wire [63:0] desc_awaddr, desc_wdata, desc_araddr, desc_rdata;
    wire [7:0] desc_awlen, desc_wstrb, desc_arlen;
    wire [2:0] desc_awsize, desc_arsize;
    wire [1:0] desc_awburst, desc_bresp, desc_arburst, desc_rresp;
    wire desc_awvalid, desc_awready, desc_wlast, desc_wvalid, desc_wready, desc_bvalid, desc_bready, desc_arvalid,
        desc_arready, desc_rlast, desc_rvalid, desc_rready;
    wire [3:0] dma0_awid, dma0_bid, dma0_arid, dma0_rid;
    wire [63:0] dma0_awaddr, dma0_wdata, dma0_araddr, dma0_rdata;
    wire [7:0] dma0_awlen, dma0_wstrb, dma0_arlen;
    wire [2:0] dma0_awsize, dma0_arsize;
    wire [1:0] dma0_awburst, dma0_bresp, dma0_arburst, dma0_rresp;
    wire dma0_awvalid, dma0_awready, dma0_wlast, dma0_wvalid, dma0_wready, dma0_bvalid, dma0_bready, dma0_arvalid,
        dma0_arready, dma0_rlast, dma0_rvalid, dma0_rready;
    wire [3:0] dma1_awid, dma1_bid, dma1_arid, dma1_rid;
    wire [63:0] dma1_awaddr, dma1_wdata, dma1_araddr, dma1_rdata;
    wire [7:0] dma1_awlen, dma1_wstrb, dma1_arlen;
    wire [2:0] dma1_awsize, dma1_arsize;
    wire [1:0] dma1_awburst, dma1_bresp, dma1_arburst, dma1_rresp;
    wire dma1_awvalid, dma1_awready, dma1_wlast, dma1_wvalid, dma1_wready, dma1_bvalid, dma1_bready, dma1_arvalid,
        dma1_arready, dma1_rlast, dma1_rvalid, dma1_rready;
    wire [3:0] fw_awid, fw_bid, fw_arid, fw_rid;
    wire [63:0] fw_awaddr, fw_wdata, fw_araddr, fw_rdata;
    wire [7:0] fw_awlen, fw_wstrb, fw_arlen;
    wire [2:0] fw_awsize, fw_arsize;
    wire [1:0] fw_awburst, fw_bresp, fw_arburst, fw_rresp;
    wire fw_awvalid, fw_awready, fw_wlast, fw_wvalid, fw_wready, fw_bvalid, fw_bready, fw_arvalid, fw_arready,
        fw_rlast, fw_rvalid, fw_rready;
    wire [3:0] msg_awid, msg_bid, msg_arid, msg_rid;
    wire [63:0] msg_awaddr, msg_wdata, msg_araddr, msg_rdata;
    wire [7:0] msg_awlen, msg_wstrb, msg_arlen;
    wire [2:0] msg_awsize, msg_arsize;
    wire [1:0] msg_awburst, msg_bresp, msg_arburst, msg_rresp;
    wire msg_awvalid, msg_awready, msg_wlast, msg_wvalid, msg_wready, msg_bvalid, msg_bready, msg_arvalid,
        msg_arready, msg_rlast, msg_rvalid, msg_rready;
    wire [3:0] win_awid, win_bid, win_arid, win_rid;
    wire [63:0] win_awaddr, win_wdata, win_araddr, win_rdata;
    wire [7:0] win_awlen, win_wstrb, win_arlen;
    wire [2:0] win_awsize, win_arsize;
    wire [1:0] win_awburst, win_bresp, win_arburst, win_rresp;
    wire win_awvalid, win_awready, win_wlast, win_wvalid, win_wready, win_bvalid, win_bready, win_arvalid,
        win_arready, win_rlast, win_rvalid, win_rready;
    wire [5:0] host_awid, host_bid, host_arid, host_rid;
    wire [63:0] host_awaddr, host_wdata, host_araddr, host_rdata;
    wire [7:0] host_awlen, host_wstrb, host_arlen;
    wire [2:0] host_awsize, host_arsize;
    wire [1:0] host_awburst, host_bresp, host_arburst, host_rresp;
    wire host_awvalid, host_awready, host_wlast, host_wvalid, host_wready, host_bvalid, host_bready, host_arvalid,
        host_arready, host_rlast, host_rvalid, host_rready;
    wire [6:0] memory_awid, memory_bid, memory_arid, memory_rid;
    wire [63:0] memory_awaddr, memory_wdata, memory_araddr, memory_rdata;
    wire [7:0] memory_awlen, memory_wstrb, memory_arlen;
    wire [2:0] memory_awsize, memory_arsize;
    wire [1:0] memory_awburst, memory_bresp, memory_arburst, memory_rresp;
    wire memory_awvalid, memory_awready, memory_wlast, memory_wvalid, memory_wready, memory_bvalid, memory_bready,
        memory_arvalid, memory_arready, memory_rlast, memory_rvalid, memory_rready;
    wire [19:0] ethernet_reg_awaddr, ethernet_reg_araddr;
    wire ethernet_reg_awvalid, ethernet_reg_awready, ethernet_reg_wvalid, ethernet_reg_wready, ethernet_reg_bvalid,
        ethernet_reg_bready, ethernet_reg_arvalid, ethernet_reg_arready, ethernet_reg_rvalid, ethernet_reg_rready;
    wire [31:0] ethernet_reg_wdata, ethernet_reg_rdata;
    wire [3:0] ethernet_reg_wstrb;
    wire [1:0] ethernet_reg_bresp, ethernet_reg_rresp;
    wire [19:0] messaging_reg_awaddr, messaging_reg_araddr;
    wire messaging_reg_awvalid, messaging_reg_awready, messaging_reg_wvalid, messaging_reg_wready,
        messaging_reg_bvalid, messaging_reg_bready, messaging_reg_arvalid, messaging_reg_arready,
        messaging_reg_rvalid, messaging_reg_rready;
    wire [31:0] messaging_reg_wdata, messaging_reg_rdata;
    wire [3:0] messaging_reg_wstrb;
    wire [1:0] messaging_reg_bresp, messaging_reg_rresp;
    wire [19:0] dma_reg_awaddr, dma_reg_araddr;
    wire dma_reg_awvalid, dma_reg_awready, dma_reg_wvalid, dma_reg_wready, dma_reg_bvalid, dma_reg_bready,
        dma_reg_arvalid, dma_reg_arready, dma_reg_rvalid, dma_reg_rready;
    wire [31:0] dma_reg_wdata, dma_reg_rdata;
    wire [3:0] dma_reg_wstrb;
    wire [1:0] dma_reg_bresp, dma_reg_rresp;
    wire [19:0] bridge_reg_awaddr, bridge_reg_araddr;
    wire bridge_reg_awvalid, bridge_reg_awready, bridge_reg_wvalid, bridge_reg_wready, bridge_reg_bvalid,
        bridge_reg_bready, bridge_reg_arvalid, bridge_reg_arready, bridge_reg_rvalid, bridge_reg_rready;
    wire [31:0] bridge_reg_wdata, bridge_reg_rdata;
    wire [3:0] bridge_reg_wstrb;
    wire [1:0] bridge_reg_bresp, bridge_reg_rresp;

    wire [12:0]  failed_all, idle_all;
    reg          misreported = 0;
    wire         failed = failed_all != 0 || misreported;
    wire         idle   = &idle_all;
    wire         busy;
    wire [3:0]   read_request, write_request;
    wire         grant_valid, grant_write, last_read_valid, last_write_valid;
    wire [5:0]   grant_id, last_read_id;
    wire [63:0]  grant_addr;
    wire [8:0]   grant_beats;
    wire [1:0]   last_write_master;
    wire [127:0] beats;

    axi_master_port #(.SALT(100)) data (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[0]), .idle(idle_all[0]),
        .m_axi_awid(data_awid), .m_axi_awaddr(data_awaddr), .m_axi_awlen(data_awlen), .m_axi_awsize(data_awsize),
        .m_axi_awburst(data_awburst), .m_axi_awvalid(data_awvalid), .m_axi_awready(data_awready),
        .m_axi_wdata(data_wdata), .m_axi_wstrb(data_wstrb), .m_axi_wlast(data_wlast), .m_axi_wvalid(data_wvalid),
        .m_axi_wready(data_wready), .m_axi_bid(data_bid), .m_axi_bresp(data_bresp), .m_axi_bvalid(data_bvalid),
        .m_axi_bready(data_bready), .m_axi_arid(data_arid), .m_axi_araddr(data_araddr), .m_axi_arlen(data_arlen),
        .m_axi_arsize(data_arsize), .m_axi_arburst(data_arburst), .m_axi_arvalid(data_arvalid),
        .m_axi_arready(data_arready), .m_axi_rid(data_rid), .m_axi_rdata(data_rdata), .m_axi_rresp(data_rresp),
        .m_axi_rlast(data_rlast), .m_axi_rvalid(data_rvalid), .m_axi_rready(data_rready));
    axi_master_port #(.SALT(120)) desc (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[1]), .idle(idle_all[1]),
        .m_axi_awid(desc_awid), .m_axi_awaddr(desc_awaddr), .m_axi_awlen(desc_awlen), .m_axi_awsize(desc_awsize),
        .m_axi_awburst(desc_awburst), .m_axi_awvalid(desc_awvalid), .m_axi_awready(desc_awready),
        .m_axi_wdata(desc_wdata), .m_axi_wstrb(desc_wstrb), .m_axi_wlast(desc_wlast), .m_axi_wvalid(desc_wvalid),
        .m_axi_wready(desc_wready), .m_axi_bid(desc_bid), .m_axi_bresp(desc_bresp), .m_axi_bvalid(desc_bvalid),
        .m_axi_bready(desc_bready), .m_axi_arid(desc_arid), .m_axi_araddr(desc_araddr), .m_axi_arlen(desc_arlen),
        .m_axi_arsize(desc_arsize), .m_axi_arburst(desc_arburst), .m_axi_arvalid(desc_arvalid),
        .m_axi_arready(desc_arready), .m_axi_rid(desc_rid), .m_axi_rdata(desc_rdata), .m_axi_rresp(desc_rresp),
        .m_axi_rlast(desc_rlast), .m_axi_rvalid(desc_rvalid), .m_axi_rready(desc_rready));
    axi_master_port #(.SALT(140)) dma0 (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[2]), .idle(idle_all[2]),
        .m_axi_awid(dma0_awid), .m_axi_awaddr(dma0_awaddr), .m_axi_awlen(dma0_awlen), .m_axi_awsize(dma0_awsize),
        .m_axi_awburst(dma0_awburst), .m_axi_awvalid(dma0_awvalid), .m_axi_awready(dma0_awready),
        .m_axi_wdata(dma0_wdata), .m_axi_wstrb(dma0_wstrb), .m_axi_wlast(dma0_wlast), .m_axi_wvalid(dma0_wvalid),
        .m_axi_wready(dma0_wready), .m_axi_bid(dma0_bid), .m_axi_bresp(dma0_bresp), .m_axi_bvalid(dma0_bvalid),
        .m_axi_bready(dma0_bready), .m_axi_arid(dma0_arid), .m_axi_araddr(dma0_araddr), .m_axi_arlen(dma0_arlen),
        .m_axi_arsize(dma0_arsize), .m_axi_arburst(dma0_arburst), .m_axi_arvalid(dma0_arvalid),
        .m_axi_arready(dma0_arready), .m_axi_rid(dma0_rid), .m_axi_rdata(dma0_rdata), .m_axi_rresp(dma0_rresp),
        .m_axi_rlast(dma0_rlast), .m_axi_rvalid(dma0_rvalid), .m_axi_rready(dma0_rready));
    axi_master_port #(.SALT(160)) dma1 (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[3]), .idle(idle_all[3]),
        .m_axi_awid(dma1_awid), .m_axi_awaddr(dma1_awaddr), .m_axi_awlen(dma1_awlen), .m_axi_awsize(dma1_awsize),
        .m_axi_awburst(dma1_awburst), .m_axi_awvalid(dma1_awvalid), .m_axi_awready(dma1_awready),
        .m_axi_wdata(dma1_wdata), .m_axi_wstrb(dma1_wstrb), .m_axi_wlast(dma1_wlast), .m_axi_wvalid(dma1_wvalid),
        .m_axi_wready(dma1_wready), .m_axi_bid(dma1_bid), .m_axi_bresp(dma1_bresp), .m_axi_bvalid(dma1_bvalid),
        .m_axi_bready(dma1_bready), .m_axi_arid(dma1_arid), .m_axi_araddr(dma1_araddr), .m_axi_arlen(dma1_arlen),
        .m_axi_arsize(dma1_arsize), .m_axi_arburst(dma1_arburst), .m_axi_arvalid(dma1_arvalid),
        .m_axi_arready(dma1_arready), .m_axi_rid(dma1_rid), .m_axi_rdata(dma1_rdata), .m_axi_rresp(dma1_rresp),
        .m_axi_rlast(dma1_rlast), .m_axi_rvalid(dma1_rvalid), .m_axi_rready(dma1_rready));
    axi_master_port #(.SALT(180), .MAX_BURST_BYTES(2048), .ALLOW_NARROW(1)) fw (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[4]), .idle(idle_all[4]),
        .m_axi_awid(fw_awid), .m_axi_awaddr(fw_awaddr), .m_axi_awlen(fw_awlen), .m_axi_awsize(fw_awsize),
        .m_axi_awburst(fw_awburst), .m_axi_awvalid(fw_awvalid), .m_axi_awready(fw_awready), .m_axi_wdata(fw_wdata),
        .m_axi_wstrb(fw_wstrb), .m_axi_wlast(fw_wlast), .m_axi_wvalid(fw_wvalid), .m_axi_wready(fw_wready),
        .m_axi_bid(fw_bid), .m_axi_bresp(fw_bresp), .m_axi_bvalid(fw_bvalid), .m_axi_bready(fw_bready),
        .m_axi_arid(fw_arid), .m_axi_araddr(fw_araddr), .m_axi_arlen(fw_arlen), .m_axi_arsize(fw_arsize),
        .m_axi_arburst(fw_arburst), .m_axi_arvalid(fw_arvalid), .m_axi_arready(fw_arready), .m_axi_rid(fw_rid),
        .m_axi_rdata(fw_rdata), .m_axi_rresp(fw_rresp), .m_axi_rlast(fw_rlast), .m_axi_rvalid(fw_rvalid),
        .m_axi_rready(fw_rready));
    axi_master_port #(.SALT(200)) msg (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[5]), .idle(idle_all[5]),
        .m_axi_awid(msg_awid), .m_axi_awaddr(msg_awaddr), .m_axi_awlen(msg_awlen), .m_axi_awsize(msg_awsize),
        .m_axi_awburst(msg_awburst), .m_axi_awvalid(msg_awvalid), .m_axi_awready(msg_awready), .m_axi_wdata(msg_wdata),
        .m_axi_wstrb(msg_wstrb), .m_axi_wlast(msg_wlast), .m_axi_wvalid(msg_wvalid), .m_axi_wready(msg_wready),
        .m_axi_bid(msg_bid), .m_axi_bresp(msg_bresp), .m_axi_bvalid(msg_bvalid), .m_axi_bready(msg_bready),
        .m_axi_arid(msg_arid), .m_axi_araddr(msg_araddr), .m_axi_arlen(msg_arlen), .m_axi_arsize(msg_arsize),
        .m_axi_arburst(msg_arburst), .m_axi_arvalid(msg_arvalid), .m_axi_arready(msg_arready), .m_axi_rid(msg_rid),
        .m_axi_rdata(msg_rdata), .m_axi_rresp(msg_rresp), .m_axi_rlast(msg_rlast), .m_axi_rvalid(msg_rvalid),
        .m_axi_rready(msg_rready));
    axi_master_port #(.SALT(220)) win (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[6]), .idle(idle_all[6]),
        .m_axi_awid(win_awid), .m_axi_awaddr(win_awaddr), .m_axi_awlen(win_awlen), .m_axi_awsize(win_awsize),
        .m_axi_awburst(win_awburst), .m_axi_awvalid(win_awvalid), .m_axi_awready(win_awready), .m_axi_wdata(win_wdata),
        .m_axi_wstrb(win_wstrb), .m_axi_wlast(win_wlast), .m_axi_wvalid(win_wvalid), .m_axi_wready(win_wready),
        .m_axi_bid(win_bid), .m_axi_bresp(win_bresp), .m_axi_bvalid(win_bvalid), .m_axi_bready(win_bready),
        .m_axi_arid(win_arid), .m_axi_araddr(win_araddr), .m_axi_arlen(win_arlen), .m_axi_arsize(win_arsize),
        .m_axi_arburst(win_arburst), .m_axi_arvalid(win_arvalid), .m_axi_arready(win_arready), .m_axi_rid(win_rid),
        .m_axi_rdata(win_rdata), .m_axi_rresp(win_rresp), .m_axi_rlast(win_rlast), .m_axi_rvalid(win_rvalid),
        .m_axi_rready(win_rready));
    axi_slave_port #(.ID_WIDTH(6), .SALT(240), .ALLOW_NARROW(1)) host (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[7]), .idle(idle_all[7]),
        .s_axi_awid(host_awid), .s_axi_awaddr(host_awaddr), .s_axi_awlen(host_awlen), .s_axi_awsize(host_awsize),
        .s_axi_awburst(host_awburst), .s_axi_awvalid(host_awvalid), .s_axi_awready(host_awready),
        .s_axi_wdata(host_wdata), .s_axi_wstrb(host_wstrb), .s_axi_wlast(host_wlast), .s_axi_wvalid(host_wvalid),
        .s_axi_wready(host_wready), .s_axi_bid(host_bid), .s_axi_bresp(host_bresp), .s_axi_bvalid(host_bvalid),
        .s_axi_bready(host_bready), .s_axi_arid(host_arid), .s_axi_araddr(host_araddr), .s_axi_arlen(host_arlen),
        .s_axi_arsize(host_arsize), .s_axi_arburst(host_arburst), .s_axi_arvalid(host_arvalid),
        .s_axi_arready(host_arready), .s_axi_rid(host_rid), .s_axi_rdata(host_rdata), .s_axi_rresp(host_rresp),
        .s_axi_rlast(host_rlast), .s_axi_rvalid(host_rvalid), .s_axi_rready(host_rready));
    axi_slave_port #(.ID_WIDTH(7), .SALT(260), .ALLOW_NARROW(1), .MAX_BURST_BYTES(2048)) memory (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[8]), .idle(idle_all[8]),
        .s_axi_awid(memory_awid), .s_axi_awaddr(memory_awaddr), .s_axi_awlen(memory_awlen),
        .s_axi_awsize(memory_awsize), .s_axi_awburst(memory_awburst), .s_axi_awvalid(memory_awvalid),
        .s_axi_awready(memory_awready), .s_axi_wdata(memory_wdata), .s_axi_wstrb(memory_wstrb),
        .s_axi_wlast(memory_wlast), .s_axi_wvalid(memory_wvalid), .s_axi_wready(memory_wready), .s_axi_bid(memory_bid),
        .s_axi_bresp(memory_bresp), .s_axi_bvalid(memory_bvalid), .s_axi_bready(memory_bready),
        .s_axi_arid(memory_arid), .s_axi_araddr(memory_araddr), .s_axi_arlen(memory_arlen),
        .s_axi_arsize(memory_arsize), .s_axi_arburst(memory_arburst), .s_axi_arvalid(memory_arvalid),
        .s_axi_arready(memory_arready), .s_axi_rid(memory_rid), .s_axi_rdata(memory_rdata), .s_axi_rresp(memory_rresp),
        .s_axi_rlast(memory_rlast), .s_axi_rvalid(memory_rvalid), .s_axi_rready(memory_rready));
    axil_slave_port #(.SALT(280)) ethernet_registers (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[9]), .idle(idle_all[9]),
        .s_axil_awaddr(ethernet_reg_awaddr), .s_axil_awvalid(ethernet_reg_awvalid),
        .s_axil_awready(ethernet_reg_awready), .s_axil_wdata(ethernet_reg_wdata), .s_axil_wstrb(ethernet_reg_wstrb),
        .s_axil_wvalid(ethernet_reg_wvalid), .s_axil_wready(ethernet_reg_wready), .s_axil_bresp(ethernet_reg_bresp),
        .s_axil_bvalid(ethernet_reg_bvalid), .s_axil_bready(ethernet_reg_bready), .s_axil_araddr(ethernet_reg_araddr),
        .s_axil_arvalid(ethernet_reg_arvalid), .s_axil_arready(ethernet_reg_arready),
        .s_axil_rdata(ethernet_reg_rdata), .s_axil_rresp(ethernet_reg_rresp), .s_axil_rvalid(ethernet_reg_rvalid),
        .s_axil_rready(ethernet_reg_rready));
    axil_slave_port #(.SALT(300)) messaging_registers (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[10]), .idle(idle_all[10]),
        .s_axil_awaddr(messaging_reg_awaddr), .s_axil_awvalid(messaging_reg_awvalid),
        .s_axil_awready(messaging_reg_awready), .s_axil_wdata(messaging_reg_wdata), .s_axil_wstrb(messaging_reg_wstrb),
        .s_axil_wvalid(messaging_reg_wvalid), .s_axil_wready(messaging_reg_wready), .s_axil_bresp(messaging_reg_bresp),
        .s_axil_bvalid(messaging_reg_bvalid), .s_axil_bready(messaging_reg_bready),
        .s_axil_araddr(messaging_reg_araddr), .s_axil_arvalid(messaging_reg_arvalid),
        .s_axil_arready(messaging_reg_arready), .s_axil_rdata(messaging_reg_rdata), .s_axil_rresp(messaging_reg_rresp),
        .s_axil_rvalid(messaging_reg_rvalid), .s_axil_rready(messaging_reg_rready));
    axil_slave_port #(.SALT(320)) dma_registers (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[11]), .idle(idle_all[11]),
        .s_axil_awaddr(dma_reg_awaddr), .s_axil_awvalid(dma_reg_awvalid), .s_axil_awready(dma_reg_awready),
        .s_axil_wdata(dma_reg_wdata), .s_axil_wstrb(dma_reg_wstrb), .s_axil_wvalid(dma_reg_wvalid),
        .s_axil_wready(dma_reg_wready), .s_axil_bresp(dma_reg_bresp), .s_axil_bvalid(dma_reg_bvalid),
        .s_axil_bready(dma_reg_bready), .s_axil_araddr(dma_reg_araddr), .s_axil_arvalid(dma_reg_arvalid),
        .s_axil_arready(dma_reg_arready), .s_axil_rdata(dma_reg_rdata), .s_axil_rresp(dma_reg_rresp),
        .s_axil_rvalid(dma_reg_rvalid), .s_axil_rready(dma_reg_rready));
    axil_slave_port #(.SALT(340)) bridge_registers (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .failed(failed_all[12]), .idle(idle_all[12]),
        .s_axil_awaddr(bridge_reg_awaddr), .s_axil_awvalid(bridge_reg_awvalid), .s_axil_awready(bridge_reg_awready),
        .s_axil_wdata(bridge_reg_wdata), .s_axil_wstrb(bridge_reg_wstrb), .s_axil_wvalid(bridge_reg_wvalid),
        .s_axil_wready(bridge_reg_wready), .s_axil_bresp(bridge_reg_bresp), .s_axil_bvalid(bridge_reg_bvalid),
        .s_axil_bready(bridge_reg_bready), .s_axil_araddr(bridge_reg_araddr), .s_axil_arvalid(bridge_reg_arvalid),
        .s_axil_arready(bridge_reg_arready), .s_axil_rdata(bridge_reg_rdata), .s_axil_rresp(bridge_reg_rresp),
        .s_axil_rvalid(bridge_reg_rvalid), .s_axil_rready(bridge_reg_rready));
    interconnect dut (
        .clk(clk), .rst(rst), .round_robin(round_robin), .s_axi_ethernet_data_awid(data_awid),
        .s_axi_ethernet_data_awaddr(data_awaddr), .s_axi_ethernet_data_awlen(data_awlen),
        .s_axi_ethernet_data_awsize(data_awsize), .s_axi_ethernet_data_awburst(data_awburst),
        .s_axi_ethernet_data_awvalid(data_awvalid), .s_axi_ethernet_data_awready(data_awready),
        .s_axi_ethernet_data_wdata(data_wdata), .s_axi_ethernet_data_wstrb(data_wstrb),
        .s_axi_ethernet_data_wlast(data_wlast), .s_axi_ethernet_data_wvalid(data_wvalid),
        .s_axi_ethernet_data_wready(data_wready), .s_axi_ethernet_data_bid(data_bid),
        .s_axi_ethernet_data_bresp(data_bresp), .s_axi_ethernet_data_bvalid(data_bvalid),
        .s_axi_ethernet_data_bready(data_bready), .s_axi_ethernet_data_arid(data_arid),
        .s_axi_ethernet_data_araddr(data_araddr), .s_axi_ethernet_data_arlen(data_arlen),
        .s_axi_ethernet_data_arsize(data_arsize), .s_axi_ethernet_data_arburst(data_arburst),
        .s_axi_ethernet_data_arvalid(data_arvalid), .s_axi_ethernet_data_arready(data_arready),
        .s_axi_ethernet_data_rid(data_rid), .s_axi_ethernet_data_rdata(data_rdata),
        .s_axi_ethernet_data_rresp(data_rresp), .s_axi_ethernet_data_rlast(data_rlast),
        .s_axi_ethernet_data_rvalid(data_rvalid), .s_axi_ethernet_data_rready(data_rready),
        .s_axi_ethernet_descriptors_awid(desc_awid), .s_axi_ethernet_descriptors_awaddr(desc_awaddr),
        .s_axi_ethernet_descriptors_awlen(desc_awlen), .s_axi_ethernet_descriptors_awsize(desc_awsize),
        .s_axi_ethernet_descriptors_awburst(desc_awburst), .s_axi_ethernet_descriptors_awvalid(desc_awvalid),
        .s_axi_ethernet_descriptors_awready(desc_awready), .s_axi_ethernet_descriptors_wdata(desc_wdata),
        .s_axi_ethernet_descriptors_wstrb(desc_wstrb), .s_axi_ethernet_descriptors_wlast(desc_wlast),
        .s_axi_ethernet_descriptors_wvalid(desc_wvalid), .s_axi_ethernet_descriptors_wready(desc_wready),
        .s_axi_ethernet_descriptors_bid(desc_bid), .s_axi_ethernet_descriptors_bresp(desc_bresp),
        .s_axi_ethernet_descriptors_bvalid(desc_bvalid), .s_axi_ethernet_descriptors_bready(desc_bready),
        .s_axi_ethernet_descriptors_arid(desc_arid), .s_axi_ethernet_descriptors_araddr(desc_araddr),
        .s_axi_ethernet_descriptors_arlen(desc_arlen), .s_axi_ethernet_descriptors_arsize(desc_arsize),
        .s_axi_ethernet_descriptors_arburst(desc_arburst), .s_axi_ethernet_descriptors_arvalid(desc_arvalid),
        .s_axi_ethernet_descriptors_arready(desc_arready), .s_axi_ethernet_descriptors_rid(desc_rid),
        .s_axi_ethernet_descriptors_rdata(desc_rdata), .s_axi_ethernet_descriptors_rresp(desc_rresp),
        .s_axi_ethernet_descriptors_rlast(desc_rlast), .s_axi_ethernet_descriptors_rvalid(desc_rvalid),
        .s_axi_ethernet_descriptors_rready(desc_rready), .s_axi_dma_awid({dma1_awid, dma0_awid}),
        .s_axi_dma_awaddr({dma1_awaddr, dma0_awaddr}), .s_axi_dma_awlen({dma1_awlen, dma0_awlen}),
        .s_axi_dma_awsize({dma1_awsize, dma0_awsize}), .s_axi_dma_awburst({dma1_awburst, dma0_awburst}),
        .s_axi_dma_awvalid({dma1_awvalid, dma0_awvalid}), .s_axi_dma_awready({dma1_awready, dma0_awready}),
        .s_axi_dma_wdata({dma1_wdata, dma0_wdata}), .s_axi_dma_wstrb({dma1_wstrb, dma0_wstrb}),
        .s_axi_dma_wlast({dma1_wlast, dma0_wlast}), .s_axi_dma_wvalid({dma1_wvalid, dma0_wvalid}),
        .s_axi_dma_wready({dma1_wready, dma0_wready}), .s_axi_dma_bid({dma1_bid, dma0_bid}),
        .s_axi_dma_bresp({dma1_bresp, dma0_bresp}), .s_axi_dma_bvalid({dma1_bvalid, dma0_bvalid}),
        .s_axi_dma_bready({dma1_bready, dma0_bready}), .s_axi_dma_arid({dma1_arid, dma0_arid}),
        .s_axi_dma_araddr({dma1_araddr, dma0_araddr}), .s_axi_dma_arlen({dma1_arlen, dma0_arlen}),
        .s_axi_dma_arsize({dma1_arsize, dma0_arsize}), .s_axi_dma_arburst({dma1_arburst, dma0_arburst}),
        .s_axi_dma_arvalid({dma1_arvalid, dma0_arvalid}), .s_axi_dma_arready({dma1_arready, dma0_arready}),
        .s_axi_dma_rid({dma1_rid, dma0_rid}), .s_axi_dma_rdata({dma1_rdata, dma0_rdata}),
        .s_axi_dma_rresp({dma1_rresp, dma0_rresp}), .s_axi_dma_rlast({dma1_rlast, dma0_rlast}),
        .s_axi_dma_rvalid({dma1_rvalid, dma0_rvalid}), .s_axi_dma_rready({dma1_rready, dma0_rready}),
        .s_axi_firmware_awid(fw_awid), .s_axi_firmware_awaddr(fw_awaddr), .s_axi_firmware_awlen(fw_awlen),
        .s_axi_firmware_awsize(fw_awsize), .s_axi_firmware_awburst(fw_awburst), .s_axi_firmware_awvalid(fw_awvalid),
        .s_axi_firmware_awready(fw_awready), .s_axi_firmware_wdata(fw_wdata), .s_axi_firmware_wstrb(fw_wstrb),
        .s_axi_firmware_wlast(fw_wlast), .s_axi_firmware_wvalid(fw_wvalid), .s_axi_firmware_wready(fw_wready),
        .s_axi_firmware_bid(fw_bid), .s_axi_firmware_bresp(fw_bresp), .s_axi_firmware_bvalid(fw_bvalid),
        .s_axi_firmware_bready(fw_bready), .s_axi_firmware_arid(fw_arid), .s_axi_firmware_araddr(fw_araddr),
        .s_axi_firmware_arlen(fw_arlen), .s_axi_firmware_arsize(fw_arsize), .s_axi_firmware_arburst(fw_arburst),
        .s_axi_firmware_arvalid(fw_arvalid), .s_axi_firmware_arready(fw_arready), .s_axi_firmware_rid(fw_rid),
        .s_axi_firmware_rdata(fw_rdata), .s_axi_firmware_rresp(fw_rresp), .s_axi_firmware_rlast(fw_rlast),
        .s_axi_firmware_rvalid(fw_rvalid), .s_axi_firmware_rready(fw_rready), .s_axi_messaging_awid(msg_awid),
        .s_axi_messaging_awaddr(msg_awaddr), .s_axi_messaging_awlen(msg_awlen), .s_axi_messaging_awsize(msg_awsize),
        .s_axi_messaging_awburst(msg_awburst), .s_axi_messaging_awvalid(msg_awvalid),
        .s_axi_messaging_awready(msg_awready), .s_axi_messaging_wdata(msg_wdata), .s_axi_messaging_wstrb(msg_wstrb),
        .s_axi_messaging_wlast(msg_wlast), .s_axi_messaging_wvalid(msg_wvalid), .s_axi_messaging_wready(msg_wready),
        .s_axi_messaging_bid(msg_bid), .s_axi_messaging_bresp(msg_bresp), .s_axi_messaging_bvalid(msg_bvalid),
        .s_axi_messaging_bready(msg_bready), .s_axi_messaging_arid(msg_arid), .s_axi_messaging_araddr(msg_araddr),
        .s_axi_messaging_arlen(msg_arlen), .s_axi_messaging_arsize(msg_arsize), .s_axi_messaging_arburst(msg_arburst),
        .s_axi_messaging_arvalid(msg_arvalid), .s_axi_messaging_arready(msg_arready), .s_axi_messaging_rid(msg_rid),
        .s_axi_messaging_rdata(msg_rdata), .s_axi_messaging_rresp(msg_rresp), .s_axi_messaging_rlast(msg_rlast),
        .s_axi_messaging_rvalid(msg_rvalid), .s_axi_messaging_rready(msg_rready), .s_axi_window_awid(win_awid),
        .s_axi_window_awaddr(win_awaddr), .s_axi_window_awlen(win_awlen), .s_axi_window_awsize(win_awsize),
        .s_axi_window_awburst(win_awburst), .s_axi_window_awvalid(win_awvalid), .s_axi_window_awready(win_awready),
        .s_axi_window_wdata(win_wdata), .s_axi_window_wstrb(win_wstrb), .s_axi_window_wlast(win_wlast),
        .s_axi_window_wvalid(win_wvalid), .s_axi_window_wready(win_wready), .s_axi_window_bid(win_bid),
        .s_axi_window_bresp(win_bresp), .s_axi_window_bvalid(win_bvalid), .s_axi_window_bready(win_bready),
        .s_axi_window_arid(win_arid), .s_axi_window_araddr(win_araddr), .s_axi_window_arlen(win_arlen),
        .s_axi_window_arsize(win_arsize), .s_axi_window_arburst(win_arburst), .s_axi_window_arvalid(win_arvalid),
        .s_axi_window_arready(win_arready), .s_axi_window_rid(win_rid), .s_axi_window_rdata(win_rdata),
        .s_axi_window_rresp(win_rresp), .s_axi_window_rlast(win_rlast), .s_axi_window_rvalid(win_rvalid),
        .s_axi_window_rready(win_rready), .m_axi_host_awid(host_awid), .m_axi_host_awaddr(host_awaddr),
        .m_axi_host_awlen(host_awlen), .m_axi_host_awsize(host_awsize), .m_axi_host_awburst(host_awburst),
        .m_axi_host_awvalid(host_awvalid), .m_axi_host_awready(host_awready), .m_axi_host_wdata(host_wdata),
        .m_axi_host_wstrb(host_wstrb), .m_axi_host_wlast(host_wlast), .m_axi_host_wvalid(host_wvalid),
        .m_axi_host_wready(host_wready), .m_axi_host_bid(host_bid), .m_axi_host_bresp(host_bresp),
        .m_axi_host_bvalid(host_bvalid), .m_axi_host_bready(host_bready), .m_axi_host_arid(host_arid),
        .m_axi_host_araddr(host_araddr), .m_axi_host_arlen(host_arlen), .m_axi_host_arsize(host_arsize),
        .m_axi_host_arburst(host_arburst), .m_axi_host_arvalid(host_arvalid), .m_axi_host_arready(host_arready),
        .m_axi_host_rid(host_rid), .m_axi_host_rdata(host_rdata), .m_axi_host_rresp(host_rresp),
        .m_axi_host_rlast(host_rlast), .m_axi_host_rvalid(host_rvalid), .m_axi_host_rready(host_rready),
        .m_axi_memory_awid(memory_awid), .m_axi_memory_awaddr(memory_awaddr), .m_axi_memory_awlen(memory_awlen),
        .m_axi_memory_awsize(memory_awsize), .m_axi_memory_awburst(memory_awburst),
        .m_axi_memory_awvalid(memory_awvalid), .m_axi_memory_awready(memory_awready),
        .m_axi_memory_wdata(memory_wdata), .m_axi_memory_wstrb(memory_wstrb), .m_axi_memory_wlast(memory_wlast),
        .m_axi_memory_wvalid(memory_wvalid), .m_axi_memory_wready(memory_wready), .m_axi_memory_bid(memory_bid),
        .m_axi_memory_bresp(memory_bresp), .m_axi_memory_bvalid(memory_bvalid), .m_axi_memory_bready(memory_bready),
        .m_axi_memory_arid(memory_arid), .m_axi_memory_araddr(memory_araddr), .m_axi_memory_arlen(memory_arlen),
        .m_axi_memory_arsize(memory_arsize), .m_axi_memory_arburst(memory_arburst),
        .m_axi_memory_arvalid(memory_arvalid), .m_axi_memory_arready(memory_arready), .m_axi_memory_rid(memory_rid),
        .m_axi_memory_rdata(memory_rdata), .m_axi_memory_rresp(memory_rresp), .m_axi_memory_rlast(memory_rlast),
        .m_axi_memory_rvalid(memory_rvalid), .m_axi_memory_rready(memory_rready),
        .m_axil_ethernet_awaddr(ethernet_reg_awaddr), .m_axil_ethernet_awvalid(ethernet_reg_awvalid),
        .m_axil_ethernet_awready(ethernet_reg_awready), .m_axil_ethernet_wdata(ethernet_reg_wdata),
        .m_axil_ethernet_wstrb(ethernet_reg_wstrb), .m_axil_ethernet_wvalid(ethernet_reg_wvalid),
        .m_axil_ethernet_wready(ethernet_reg_wready), .m_axil_ethernet_bresp(ethernet_reg_bresp),
        .m_axil_ethernet_bvalid(ethernet_reg_bvalid), .m_axil_ethernet_bready(ethernet_reg_bready),
        .m_axil_ethernet_araddr(ethernet_reg_araddr), .m_axil_ethernet_arvalid(ethernet_reg_arvalid),
        .m_axil_ethernet_arready(ethernet_reg_arready), .m_axil_ethernet_rdata(ethernet_reg_rdata),
        .m_axil_ethernet_rresp(ethernet_reg_rresp), .m_axil_ethernet_rvalid(ethernet_reg_rvalid),
        .m_axil_ethernet_rready(ethernet_reg_rready), .m_axil_messaging_awaddr(messaging_reg_awaddr),
        .m_axil_messaging_awvalid(messaging_reg_awvalid), .m_axil_messaging_awready(messaging_reg_awready),
        .m_axil_messaging_wdata(messaging_reg_wdata), .m_axil_messaging_wstrb(messaging_reg_wstrb),
        .m_axil_messaging_wvalid(messaging_reg_wvalid), .m_axil_messaging_wready(messaging_reg_wready),
        .m_axil_messaging_bresp(messaging_reg_bresp), .m_axil_messaging_bvalid(messaging_reg_bvalid),
        .m_axil_messaging_bready(messaging_reg_bready), .m_axil_messaging_araddr(messaging_reg_araddr),
        .m_axil_messaging_arvalid(messaging_reg_arvalid), .m_axil_messaging_arready(messaging_reg_arready),
        .m_axil_messaging_rdata(messaging_reg_rdata), .m_axil_messaging_rresp(messaging_reg_rresp),
        .m_axil_messaging_rvalid(messaging_reg_rvalid), .m_axil_messaging_rready(messaging_reg_rready),
        .m_axil_dma_awaddr(dma_reg_awaddr), .m_axil_dma_awvalid(dma_reg_awvalid), .m_axil_dma_awready(dma_reg_awready),
        .m_axil_dma_wdata(dma_reg_wdata), .m_axil_dma_wstrb(dma_reg_wstrb), .m_axil_dma_wvalid(dma_reg_wvalid),
        .m_axil_dma_wready(dma_reg_wready), .m_axil_dma_bresp(dma_reg_bresp), .m_axil_dma_bvalid(dma_reg_bvalid),
        .m_axil_dma_bready(dma_reg_bready), .m_axil_dma_araddr(dma_reg_araddr), .m_axil_dma_arvalid(dma_reg_arvalid),
        .m_axil_dma_arready(dma_reg_arready), .m_axil_dma_rdata(dma_reg_rdata), .m_axil_dma_rresp(dma_reg_rresp),
        .m_axil_dma_rvalid(dma_reg_rvalid), .m_axil_dma_rready(dma_reg_rready),
        .m_axil_bridge_awaddr(bridge_reg_awaddr), .m_axil_bridge_awvalid(bridge_reg_awvalid),
        .m_axil_bridge_awready(bridge_reg_awready), .m_axil_bridge_wdata(bridge_reg_wdata),
        .m_axil_bridge_wstrb(bridge_reg_wstrb), .m_axil_bridge_wvalid(bridge_reg_wvalid),
        .m_axil_bridge_wready(bridge_reg_wready), .m_axil_bridge_bresp(bridge_reg_bresp),
        .m_axil_bridge_bvalid(bridge_reg_bvalid), .m_axil_bridge_bready(bridge_reg_bready),
        .m_axil_bridge_araddr(bridge_reg_araddr), .m_axil_bridge_arvalid(bridge_reg_arvalid),
        .m_axil_bridge_arready(bridge_reg_arready), .m_axil_bridge_rdata(bridge_reg_rdata),
        .m_axil_bridge_rresp(bridge_reg_rresp), .m_axil_bridge_rvalid(bridge_reg_rvalid),
        .m_axil_bridge_rready(bridge_reg_rready), .bus_read_request(read_request), .bus_write_request(write_request),
        .bus_grant_valid(grant_valid), .bus_grant_write(grant_write), .bus_grant_id(grant_id),
        .bus_grant_addr(grant_addr), .bus_grant_beats(grant_beats), .bus_last_read_valid(last_read_valid),
        .bus_last_read_id(last_read_id), .bus_last_write_valid(last_write_valid),
        .bus_last_write_master(last_write_master), .bus_beats(beats), .busy(busy));
    grant_recorder #(.MASTERS(4), .ID_WIDTH(4)) recorder (
        .clk(clk), .rst(rst), .read_request(read_request), .write_request(write_request), .grant_valid(grant_valid),
        .grant_write(grant_write), .grant_id(grant_id), .grant_addr(grant_addr), .grant_beats(grant_beats),
        .last_read_valid(last_read_valid), .last_read_id(last_read_id), .last_write_valid(last_write_valid),
        .last_write_master(last_write_master));

    // the last beats of writes come in the order of their grants
    reg [1:0] writers [0:255];
    reg [7:0] granted = 0, ended = 0;
    always @(posedge clk) if (rst) begin
        granted <= 0;
        ended   <= 0;
    end else begin
        if (last_write_valid && last_write_master !== writers[ended]) misreported <= 1;
        if (last_write_valid) ended <= ended + 8'd1;
        if (grant_valid && grant_write) writers[granted] <= grant_id[5:4];
        if (grant_valid && grant_write) granted <= granted + 8'd1;
    end

    // what the masters have open keeps the interconnect busy: the card stops clocks by it
    reg [31:0] slept = 0;
    always @(posedge clk) if (!rst && !(&idle_all[6:0]) && !busy) slept = slept + 1;

    interconnect_monitors inside ();
endmodule
`default_nettype wire
