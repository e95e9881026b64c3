// Simulation only: protocol monitors on every AXI, AXI-Lite and AXI-Stream connection of the card and on the streams of
// its PCIe block; a breach is a line "MONITOR ...". Stands beside an instance of toe_card named `card`.

`timescale 1ps / 1ps
`default_nettype none

module card_monitors #(
    parameter QUEUE_SETS = 1  // of the Ethernet controller
);

  wire [12:0] max_payload = 13'd128 << card.cfg_max_payload;
  wire [12:0] max_read_request = 13'd128 << card.cfg_max_read_req;

  // ---- the host's streams ----
  pcie_stream_monitor #(.KIND(0), .USER_WIDTH(62)) rq (
      .clk(card.clk), .rst(card.rst), .tdata(card.m_axis_rq_tdata), .tkeep(card.m_axis_rq_tkeep),
      .tvalid(card.m_axis_rq_tvalid), .tready(card.m_axis_rq_tready), .tlast(card.m_axis_rq_tlast),
      .tuser(card.m_axis_rq_tuser), .max_payload(max_payload), .max_read_request(max_read_request), .failed(),
      .packets()
  );
  pcie_stream_monitor #(.KIND(1), .USER_WIDTH(75)) rc (
      .clk(card.clk), .rst(card.rst), .tdata(card.s_axis_rc_tdata), .tkeep(card.s_axis_rc_tkeep),
      .tvalid(card.s_axis_rc_tvalid), .tready(card.s_axis_rc_tready), .tlast(card.s_axis_rc_tlast),
      .tuser(card.s_axis_rc_tuser), .max_payload(max_payload), .max_read_request(max_read_request), .failed(),
      .packets()
  );
  pcie_stream_monitor #(.KIND(2), .USER_WIDTH(88)) cq (
      .clk(card.clk), .rst(card.rst), .tdata(card.s_axis_cq_tdata), .tkeep(card.s_axis_cq_tkeep),
      .tvalid(card.s_axis_cq_tvalid), .tready(card.s_axis_cq_tready), .tlast(card.s_axis_cq_tlast),
      .tuser(card.s_axis_cq_tuser), .max_payload(max_payload), .max_read_request(max_read_request), .failed(),
      .packets()
  );
  pcie_stream_monitor #(.KIND(3), .USER_WIDTH(33)) cc (
      .clk(card.clk), .rst(card.rst), .tdata(card.m_axis_cc_tdata), .tkeep(card.m_axis_cc_tkeep),
      .tvalid(card.m_axis_cc_tvalid), .tready(card.m_axis_cc_tready), .tlast(card.m_axis_cc_tlast),
      .tuser(card.m_axis_cc_tuser), .max_payload(max_payload), .max_read_request(max_read_request), .failed(),
      .packets()
  );

  // ---- bus masters and slaves ----
  axi_monitor #(.ID_WIDTH(4)) ethernet_data (
      .clk(card.clk), .rst(card.card_rst), .awid(card.ethernet_data_awid), .awaddr(card.ethernet_data_awaddr),
      .awlen(card.ethernet_data_awlen), .awsize(card.ethernet_data_awsize),
      .awburst(card.ethernet_data_awburst), .awvalid(card.ethernet_data_awvalid),
      .awready(card.ethernet_data_awready), .wdata(card.ethernet_data_wdata), .wstrb(card.ethernet_data_wstrb),
      .wlast(card.ethernet_data_wlast), .wvalid(card.ethernet_data_wvalid), .wready(card.ethernet_data_wready),
      .bid(card.ethernet_data_bid), .bresp(card.ethernet_data_bresp), .bvalid(card.ethernet_data_bvalid),
      .bready(card.ethernet_data_bready), .arid(card.ethernet_data_arid), .araddr(card.ethernet_data_araddr),
      .arlen(card.ethernet_data_arlen), .arsize(card.ethernet_data_arsize),
      .arburst(card.ethernet_data_arburst), .arvalid(card.ethernet_data_arvalid),
      .arready(card.ethernet_data_arready), .rid(card.ethernet_data_rid), .rdata(card.ethernet_data_rdata),
      .rresp(card.ethernet_data_rresp), .rlast(card.ethernet_data_rlast), .rvalid(card.ethernet_data_rvalid),
      .rready(card.ethernet_data_rready), .failed(), .idle(), .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4)) ethernet_descriptors (
      .clk(card.clk), .rst(card.card_rst), .awid(card.ethernet_descriptors_awid),
      .awaddr(card.ethernet_descriptors_awaddr), .awlen(card.ethernet_descriptors_awlen),
      .awsize(card.ethernet_descriptors_awsize), .awburst(card.ethernet_descriptors_awburst),
      .awvalid(card.ethernet_descriptors_awvalid), .awready(card.ethernet_descriptors_awready),
      .wdata(card.ethernet_descriptors_wdata), .wstrb(card.ethernet_descriptors_wstrb),
      .wlast(card.ethernet_descriptors_wlast), .wvalid(card.ethernet_descriptors_wvalid),
      .wready(card.ethernet_descriptors_wready), .bid(card.ethernet_descriptors_bid),
      .bresp(card.ethernet_descriptors_bresp), .bvalid(card.ethernet_descriptors_bvalid),
      .bready(card.ethernet_descriptors_bready), .arid(card.ethernet_descriptors_arid),
      .araddr(card.ethernet_descriptors_araddr), .arlen(card.ethernet_descriptors_arlen),
      .arsize(card.ethernet_descriptors_arsize), .arburst(card.ethernet_descriptors_arburst),
      .arvalid(card.ethernet_descriptors_arvalid), .arready(card.ethernet_descriptors_arready),
      .rid(card.ethernet_descriptors_rid), .rdata(card.ethernet_descriptors_rdata),
      .rresp(card.ethernet_descriptors_rresp), .rlast(card.ethernet_descriptors_rlast),
      .rvalid(card.ethernet_descriptors_rvalid), .rready(card.ethernet_descriptors_rready), .failed(), .idle(),
      .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4)) dma0 (
      .clk(card.clk), .rst(card.card_rst), .awid(card.dma_awid[0+:4]), .awaddr(card.dma_awaddr[0+:64]),
      .awlen(card.dma_awlen[0+:8]), .awsize(card.dma_awsize[0+:3]), .awburst(card.dma_awburst[0+:2]),
      .awvalid(card.dma_awvalid[0]), .awready(card.dma_awready[0]), .wdata(card.dma_wdata[0+:64]),
      .wstrb(card.dma_wstrb[0+:8]), .wlast(card.dma_wlast[0]), .wvalid(card.dma_wvalid[0]),
      .wready(card.dma_wready[0]), .bid(card.dma_bid[0+:4]), .bresp(card.dma_bresp[0+:2]),
      .bvalid(card.dma_bvalid[0]), .bready(card.dma_bready[0]), .arid(card.dma_arid[0+:4]),
      .araddr(card.dma_araddr[0+:64]), .arlen(card.dma_arlen[0+:8]), .arsize(card.dma_arsize[0+:3]),
      .arburst(card.dma_arburst[0+:2]), .arvalid(card.dma_arvalid[0]), .arready(card.dma_arready[0]),
      .rid(card.dma_rid[0+:4]), .rdata(card.dma_rdata[0+:64]), .rresp(card.dma_rresp[0+:2]),
      .rlast(card.dma_rlast[0]), .rvalid(card.dma_rvalid[0]), .rready(card.dma_rready[0]), .failed(), .idle(),
      .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4)) dma1 (
      .clk(card.clk), .rst(card.card_rst), .awid(card.dma_awid[4+:4]), .awaddr(card.dma_awaddr[64+:64]),
      .awlen(card.dma_awlen[8+:8]), .awsize(card.dma_awsize[3+:3]), .awburst(card.dma_awburst[2+:2]),
      .awvalid(card.dma_awvalid[1]), .awready(card.dma_awready[1]), .wdata(card.dma_wdata[64+:64]),
      .wstrb(card.dma_wstrb[8+:8]), .wlast(card.dma_wlast[1]), .wvalid(card.dma_wvalid[1]),
      .wready(card.dma_wready[1]), .bid(card.dma_bid[4+:4]), .bresp(card.dma_bresp[2+:2]),
      .bvalid(card.dma_bvalid[1]), .bready(card.dma_bready[1]), .arid(card.dma_arid[4+:4]),
      .araddr(card.dma_araddr[64+:64]), .arlen(card.dma_arlen[8+:8]), .arsize(card.dma_arsize[3+:3]),
      .arburst(card.dma_arburst[2+:2]), .arvalid(card.dma_arvalid[1]), .arready(card.dma_arready[1]),
      .rid(card.dma_rid[4+:4]), .rdata(card.dma_rdata[64+:64]), .rresp(card.dma_rresp[2+:2]),
      .rlast(card.dma_rlast[1]), .rvalid(card.dma_rvalid[1]), .rready(card.dma_rready[1]), .failed(), .idle(),
      .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4)) messaging (
      .clk(card.clk), .rst(card.card_rst), .awid(card.messaging_awid), .awaddr(card.messaging_awaddr),
      .awlen(card.messaging_awlen), .awsize(card.messaging_awsize), .awburst(card.messaging_awburst),
      .awvalid(card.messaging_awvalid), .awready(card.messaging_awready), .wdata(card.messaging_wdata),
      .wstrb(card.messaging_wstrb), .wlast(card.messaging_wlast), .wvalid(card.messaging_wvalid),
      .wready(card.messaging_wready), .bid(card.messaging_bid), .bresp(card.messaging_bresp),
      .bvalid(card.messaging_bvalid), .bready(card.messaging_bready), .arid(card.messaging_arid),
      .araddr(card.messaging_araddr), .arlen(card.messaging_arlen), .arsize(card.messaging_arsize),
      .arburst(card.messaging_arburst), .arvalid(card.messaging_arvalid), .arready(card.messaging_arready),
      .rid(card.messaging_rid), .rdata(card.messaging_rdata), .rresp(card.messaging_rresp),
      .rlast(card.messaging_rlast), .rvalid(card.messaging_rvalid), .rready(card.messaging_rready), .failed(),
      .idle(), .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) window (
      .clk(card.clk), .rst(card.card_rst), .awid(card.window_awid), .awaddr(card.window_awaddr),
      .awlen(card.window_awlen), .awsize(card.window_awsize), .awburst(card.window_awburst),
      .awvalid(card.window_awvalid), .awready(card.window_awready), .wdata(card.window_wdata),
      .wstrb(card.window_wstrb), .wlast(card.window_wlast), .wvalid(card.window_wvalid),
      .wready(card.window_wready), .bid(card.window_bid), .bresp(card.window_bresp),
      .bvalid(card.window_bvalid), .bready(card.window_bready), .arid(card.window_arid),
      .araddr(card.window_araddr), .arlen(card.window_arlen), .arsize(card.window_arsize),
      .arburst(card.window_arburst), .arvalid(card.window_arvalid), .arready(card.window_arready),
      .rid(card.window_rid), .rdata(card.window_rdata), .rresp(card.window_rresp), .rlast(card.window_rlast),
      .rvalid(card.window_rvalid), .rready(card.window_rready), .failed(), .idle(), .read_beats(),
      .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) firmware (
      .clk(card.clk), .rst(card.card_rst), .awid(card.s_axi_fw_awid), .awaddr(card.s_axi_fw_awaddr),
      .awlen(card.s_axi_fw_awlen), .awsize(card.s_axi_fw_awsize), .awburst(card.s_axi_fw_awburst),
      .awvalid(card.s_axi_fw_awvalid), .awready(card.s_axi_fw_awready), .wdata(card.s_axi_fw_wdata),
      .wstrb(card.s_axi_fw_wstrb), .wlast(card.s_axi_fw_wlast), .wvalid(card.s_axi_fw_wvalid),
      .wready(card.s_axi_fw_wready), .bid(card.s_axi_fw_bid), .bresp(card.s_axi_fw_bresp),
      .bvalid(card.s_axi_fw_bvalid), .bready(card.s_axi_fw_bready), .arid(card.s_axi_fw_arid),
      .araddr(card.s_axi_fw_araddr), .arlen(card.s_axi_fw_arlen), .arsize(card.s_axi_fw_arsize),
      .arburst(card.s_axi_fw_arburst), .arvalid(card.s_axi_fw_arvalid), .arready(card.s_axi_fw_arready),
      .rid(card.s_axi_fw_rid), .rdata(card.s_axi_fw_rdata), .rresp(card.s_axi_fw_rresp),
      .rlast(card.s_axi_fw_rlast), .rvalid(card.s_axi_fw_rvalid), .rready(card.s_axi_fw_rready), .failed(),
      .idle(), .read_beats(), .write_beats(), .error_responses()
  );
  axi_monitor #(.ID_WIDTH(6), .ALLOW_NARROW(1)) host (
      .clk(card.clk), .rst(card.card_rst), .awid(card.host_awid), .awaddr(card.host_awaddr),
      .awlen(card.host_awlen), .awsize(card.host_awsize), .awburst(card.host_awburst),
      .awvalid(card.host_awvalid), .awready(card.host_awready), .wdata(card.host_wdata),
      .wstrb(card.host_wstrb), .wlast(card.host_wlast), .wvalid(card.host_wvalid), .wready(card.host_wready),
      .bid(card.host_bid), .bresp(card.host_bresp), .bvalid(card.host_bvalid), .bready(card.host_bready),
      .arid(card.host_arid), .araddr(card.host_araddr), .arlen(card.host_arlen), .arsize(card.host_arsize),
      .arburst(card.host_arburst), .arvalid(card.host_arvalid), .arready(card.host_arready),
      .rid(card.host_rid), .rdata(card.host_rdata), .rresp(card.host_rresp), .rlast(card.host_rlast),
      .rvalid(card.host_rvalid), .rready(card.host_rready), .failed(), .idle(), .read_beats(), .write_beats(),
      .error_responses()
  );
  axi_monitor #(.ID_WIDTH(7), .ALLOW_NARROW(1)) memory (
      .clk(card.clk), .rst(card.card_rst), .awid(card.memory_awid), .awaddr(card.memory_awaddr),
      .awlen(card.memory_awlen), .awsize(card.memory_awsize), .awburst(card.memory_awburst),
      .awvalid(card.memory_awvalid), .awready(card.memory_awready), .wdata(card.memory_wdata),
      .wstrb(card.memory_wstrb), .wlast(card.memory_wlast), .wvalid(card.memory_wvalid),
      .wready(card.memory_wready), .bid(card.memory_bid), .bresp(card.memory_bresp),
      .bvalid(card.memory_bvalid), .bready(card.memory_bready), .arid(card.memory_arid),
      .araddr(card.memory_araddr), .arlen(card.memory_arlen), .arsize(card.memory_arsize),
      .arburst(card.memory_arburst), .arvalid(card.memory_arvalid), .arready(card.memory_arready),
      .rid(card.memory_rid), .rdata(card.memory_rdata), .rresp(card.memory_rresp), .rlast(card.memory_rlast),
      .rvalid(card.memory_rvalid), .rready(card.memory_rready), .failed(), .idle(), .read_beats(),
      .write_beats(), .error_responses()
  );

  // ---- registers ----
  axil_monitor #(.ADDR_WIDTH(20)) ethernet_registers (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.ethernet_registers_awaddr),
      .awvalid(card.ethernet_registers_awvalid), .awready(card.ethernet_registers_awready),
      .wdata(card.ethernet_registers_wdata), .wstrb(card.ethernet_registers_wstrb),
      .wvalid(card.ethernet_registers_wvalid), .wready(card.ethernet_registers_wready),
      .bresp(card.ethernet_registers_bresp), .bvalid(card.ethernet_registers_bvalid),
      .bready(card.ethernet_registers_bready), .araddr(card.ethernet_registers_araddr),
      .arvalid(card.ethernet_registers_arvalid), .arready(card.ethernet_registers_arready),
      .rdata(card.ethernet_registers_rdata), .rresp(card.ethernet_registers_rresp),
      .rvalid(card.ethernet_registers_rvalid), .rready(card.ethernet_registers_rready), .failed(), .idle(),
      .reads(), .writes()
  );
  axil_monitor #(.ADDR_WIDTH(20)) messaging_registers (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.messaging_registers_awaddr),
      .awvalid(card.messaging_registers_awvalid), .awready(card.messaging_registers_awready),
      .wdata(card.messaging_registers_wdata), .wstrb(card.messaging_registers_wstrb),
      .wvalid(card.messaging_registers_wvalid), .wready(card.messaging_registers_wready),
      .bresp(card.messaging_registers_bresp), .bvalid(card.messaging_registers_bvalid),
      .bready(card.messaging_registers_bready), .araddr(card.messaging_registers_araddr),
      .arvalid(card.messaging_registers_arvalid), .arready(card.messaging_registers_arready),
      .rdata(card.messaging_registers_rdata), .rresp(card.messaging_registers_rresp),
      .rvalid(card.messaging_registers_rvalid), .rready(card.messaging_registers_rready), .failed(), .idle(),
      .reads(), .writes()
  );
  axil_monitor #(.ADDR_WIDTH(20)) dma_registers (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.dma_registers_awaddr),
      .awvalid(card.dma_registers_awvalid), .awready(card.dma_registers_awready),
      .wdata(card.dma_registers_wdata), .wstrb(card.dma_registers_wstrb), .wvalid(card.dma_registers_wvalid),
      .wready(card.dma_registers_wready), .bresp(card.dma_registers_bresp), .bvalid(card.dma_registers_bvalid),
      .bready(card.dma_registers_bready), .araddr(card.dma_registers_araddr),
      .arvalid(card.dma_registers_arvalid), .arready(card.dma_registers_arready),
      .rdata(card.dma_registers_rdata), .rresp(card.dma_registers_rresp), .rvalid(card.dma_registers_rvalid),
      .rready(card.dma_registers_rready), .failed(), .idle(), .reads(), .writes()
  );
  axil_monitor #(.ADDR_WIDTH(20)) bridge_registers (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.bridge_registers_awaddr),
      .awvalid(card.bridge_registers_awvalid), .awready(card.bridge_registers_awready),
      .wdata(card.bridge_registers_wdata), .wstrb(card.bridge_registers_wstrb),
      .wvalid(card.bridge_registers_wvalid), .wready(card.bridge_registers_wready),
      .bresp(card.bridge_registers_bresp), .bvalid(card.bridge_registers_bvalid),
      .bready(card.bridge_registers_bready), .araddr(card.bridge_registers_araddr),
      .arvalid(card.bridge_registers_arvalid), .arready(card.bridge_registers_arready),
      .rdata(card.bridge_registers_rdata), .rresp(card.bridge_registers_rresp),
      .rvalid(card.bridge_registers_rvalid), .rready(card.bridge_registers_rready), .failed(), .idle(),
      .reads(), .writes()
  );
  axil_monitor #(.ADDR_WIDTH(17)) ethernet_port (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.ethernet_port_awaddr),
      .awvalid(card.ethernet_port_awvalid), .awready(card.ethernet_port_awready),
      .wdata(card.ethernet_port_wdata), .wstrb(card.ethernet_port_wstrb), .wvalid(card.ethernet_port_wvalid),
      .wready(card.ethernet_port_wready), .bresp(card.ethernet_port_bresp), .bvalid(card.ethernet_port_bvalid),
      .bready(card.ethernet_port_bready), .araddr(card.ethernet_port_araddr),
      .arvalid(card.ethernet_port_arvalid), .arready(card.ethernet_port_arready),
      .rdata(card.ethernet_port_rdata), .rresp(card.ethernet_port_rresp), .rvalid(card.ethernet_port_rvalid),
      .rready(card.ethernet_port_rready), .failed(), .idle(), .reads(), .writes()
  );
  axil_monitor #(.ADDR_WIDTH(18)) doorbell (
      .clk(card.clk), .rst(card.card_rst), .awaddr(card.doorbell_awaddr), .awvalid(card.doorbell_awvalid),
      .awready(card.doorbell_awready), .wdata(card.doorbell_wdata), .wstrb(card.doorbell_wstrb),
      .wvalid(card.doorbell_wvalid), .wready(card.doorbell_wready), .bresp(card.doorbell_bresp),
      .bvalid(card.doorbell_bvalid), .bready(card.doorbell_bready), .araddr(card.doorbell_araddr),
      .arvalid(card.doorbell_arvalid), .arready(card.doorbell_arready), .rdata(card.doorbell_rdata),
      .rresp(card.doorbell_rresp), .rvalid(card.doorbell_rvalid), .rready(card.doorbell_rready), .failed(),
      .idle(), .reads(), .writes()
  );

  // ---- streams between movers and engines ----
  axis_monitor transmit_data (
      .clk(card.clk), .rst(card.card_rst), .tdata(card.ethernet.queue_set.segmenter.s_axis_tdata),
      .tkeep(card.ethernet.queue_set.segmenter.s_axis_tkeep), .tvalid(card.ethernet.queue_set.segmenter.s_axis_tvalid),
      .tready(card.ethernet.queue_set.segmenter.s_axis_tready), .tlast(card.ethernet.queue_set.segmenter.s_axis_tlast),
      .tuser(card.ethernet.queue_set.segmenter.s_axis_tuser), .failed(), .beats(), .packets()
  );
  axis_monitor receive_data (
      .clk(card.clk), .rst(card.card_rst), .tdata(card.ethernet.queue_set.receive.m_axis_tdata),
      .tkeep(card.ethernet.queue_set.receive.m_axis_tkeep), .tvalid(card.ethernet.queue_set.receive.m_axis_tvalid),
      .tready(card.ethernet.queue_set.receive.m_axis_tready), .tlast(card.ethernet.queue_set.receive.m_axis_tlast), .tuser(1'b0),
      .failed(), .beats(), .packets()
  );
  axis_monitor dma0_data (
      .clk(card.clk), .rst(card.card_rst), .tdata(card.dma_controller.channel[0].dma_channel.tdata),
      .tkeep(card.dma_controller.channel[0].dma_channel.tkeep),
      .tvalid(card.dma_controller.channel[0].dma_channel.tvalid),
      .tready(card.dma_controller.channel[0].dma_channel.tready),
      .tlast(card.dma_controller.channel[0].dma_channel.tlast),
      .tuser(card.dma_controller.channel[0].dma_channel.tuser), .failed(), .beats(), .packets()
  );
  axis_monitor dma1_data (
      .clk(card.clk), .rst(card.card_rst), .tdata(card.dma_controller.channel[1].dma_channel.tdata),
      .tkeep(card.dma_controller.channel[1].dma_channel.tkeep),
      .tvalid(card.dma_controller.channel[1].dma_channel.tvalid),
      .tready(card.dma_controller.channel[1].dma_channel.tready),
      .tlast(card.dma_controller.channel[1].dma_channel.tlast),
      .tuser(card.dma_controller.channel[1].dma_channel.tuser), .failed(), .beats(), .packets()
  );

  // ---- the host's queue set beside the firmware's: the masters of both in front of their place on the bus, its streams
  generate
    if (QUEUE_SETS == 2) begin : pair
      axi_pair_monitor #(.ID_WIDTH(4)) data_masters (
          .clk(card.clk), .rst(card.card_rst), .awid(card.ethernet.host.queues.data_masters.s_axi_awid),
          .awaddr(card.ethernet.host.queues.data_masters.s_axi_awaddr),
          .awlen(card.ethernet.host.queues.data_masters.s_axi_awlen),
          .awsize(card.ethernet.host.queues.data_masters.s_axi_awsize),
          .awburst(card.ethernet.host.queues.data_masters.s_axi_awburst),
          .awvalid(card.ethernet.host.queues.data_masters.s_axi_awvalid),
          .awready(card.ethernet.host.queues.data_masters.s_axi_awready),
          .wdata(card.ethernet.host.queues.data_masters.s_axi_wdata),
          .wstrb(card.ethernet.host.queues.data_masters.s_axi_wstrb),
          .wlast(card.ethernet.host.queues.data_masters.s_axi_wlast),
          .wvalid(card.ethernet.host.queues.data_masters.s_axi_wvalid),
          .wready(card.ethernet.host.queues.data_masters.s_axi_wready),
          .bid(card.ethernet.host.queues.data_masters.s_axi_bid),
          .bresp(card.ethernet.host.queues.data_masters.s_axi_bresp),
          .bvalid(card.ethernet.host.queues.data_masters.s_axi_bvalid),
          .bready(card.ethernet.host.queues.data_masters.s_axi_bready),
          .arid(card.ethernet.host.queues.data_masters.s_axi_arid),
          .araddr(card.ethernet.host.queues.data_masters.s_axi_araddr),
          .arlen(card.ethernet.host.queues.data_masters.s_axi_arlen),
          .arsize(card.ethernet.host.queues.data_masters.s_axi_arsize),
          .arburst(card.ethernet.host.queues.data_masters.s_axi_arburst),
          .arvalid(card.ethernet.host.queues.data_masters.s_axi_arvalid),
          .arready(card.ethernet.host.queues.data_masters.s_axi_arready),
          .rid(card.ethernet.host.queues.data_masters.s_axi_rid),
          .rdata(card.ethernet.host.queues.data_masters.s_axi_rdata),
          .rresp(card.ethernet.host.queues.data_masters.s_axi_rresp),
          .rlast(card.ethernet.host.queues.data_masters.s_axi_rlast),
          .rvalid(card.ethernet.host.queues.data_masters.s_axi_rvalid),
          .rready(card.ethernet.host.queues.data_masters.s_axi_rready), .failed()
      );
      axi_pair_monitor #(.ID_WIDTH(4)) desc_masters (
          .clk(card.clk), .rst(card.card_rst), .awid(card.ethernet.host.queues.desc_masters.s_axi_awid),
          .awaddr(card.ethernet.host.queues.desc_masters.s_axi_awaddr),
          .awlen(card.ethernet.host.queues.desc_masters.s_axi_awlen),
          .awsize(card.ethernet.host.queues.desc_masters.s_axi_awsize),
          .awburst(card.ethernet.host.queues.desc_masters.s_axi_awburst),
          .awvalid(card.ethernet.host.queues.desc_masters.s_axi_awvalid),
          .awready(card.ethernet.host.queues.desc_masters.s_axi_awready),
          .wdata(card.ethernet.host.queues.desc_masters.s_axi_wdata),
          .wstrb(card.ethernet.host.queues.desc_masters.s_axi_wstrb),
          .wlast(card.ethernet.host.queues.desc_masters.s_axi_wlast),
          .wvalid(card.ethernet.host.queues.desc_masters.s_axi_wvalid),
          .wready(card.ethernet.host.queues.desc_masters.s_axi_wready),
          .bid(card.ethernet.host.queues.desc_masters.s_axi_bid),
          .bresp(card.ethernet.host.queues.desc_masters.s_axi_bresp),
          .bvalid(card.ethernet.host.queues.desc_masters.s_axi_bvalid),
          .bready(card.ethernet.host.queues.desc_masters.s_axi_bready),
          .arid(card.ethernet.host.queues.desc_masters.s_axi_arid),
          .araddr(card.ethernet.host.queues.desc_masters.s_axi_araddr),
          .arlen(card.ethernet.host.queues.desc_masters.s_axi_arlen),
          .arsize(card.ethernet.host.queues.desc_masters.s_axi_arsize),
          .arburst(card.ethernet.host.queues.desc_masters.s_axi_arburst),
          .arvalid(card.ethernet.host.queues.desc_masters.s_axi_arvalid),
          .arready(card.ethernet.host.queues.desc_masters.s_axi_arready),
          .rid(card.ethernet.host.queues.desc_masters.s_axi_rid),
          .rdata(card.ethernet.host.queues.desc_masters.s_axi_rdata),
          .rresp(card.ethernet.host.queues.desc_masters.s_axi_rresp),
          .rlast(card.ethernet.host.queues.desc_masters.s_axi_rlast),
          .rvalid(card.ethernet.host.queues.desc_masters.s_axi_rvalid),
          .rready(card.ethernet.host.queues.desc_masters.s_axi_rready), .failed()
      );
      axis_monitor host_transmit (
          .clk(card.clk), .rst(card.card_rst), .tdata(card.ethernet.host.queues.queue_set.segmenter.s_axis_tdata),
          .tkeep(card.ethernet.host.queues.queue_set.segmenter.s_axis_tkeep),
          .tvalid(card.ethernet.host.queues.queue_set.segmenter.s_axis_tvalid),
          .tready(card.ethernet.host.queues.queue_set.segmenter.s_axis_tready),
          .tlast(card.ethernet.host.queues.queue_set.segmenter.s_axis_tlast),
          .tuser(card.ethernet.host.queues.queue_set.segmenter.s_axis_tuser), .failed(), .beats(), .packets()
      );
      axis_monitor host_receive (
          .clk(card.clk), .rst(card.card_rst), .tdata(card.ethernet.host.queues.queue_set.receive.m_axis_tdata),
          .tkeep(card.ethernet.host.queues.queue_set.receive.m_axis_tkeep),
          .tvalid(card.ethernet.host.queues.queue_set.receive.m_axis_tvalid),
          .tready(card.ethernet.host.queues.queue_set.receive.m_axis_tready),
          .tlast(card.ethernet.host.queues.queue_set.receive.m_axis_tlast), .tuser(1'b0), .failed(), .beats(),
          .packets()
      );
    end
  endgenerate

endmodule

`default_nettype wire
