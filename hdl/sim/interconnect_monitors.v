// Simulation only: protocol monitors on the connections inside the interconnect, between its decoders, arbiters and the
// way to the registers; a breach is a line "MONITOR ...". Stands beside an instance of toe_card named `card`, or where
// INTERCONNECT names the instance to be watched.

`timescale 1ps / 1ps
`default_nettype none
`ifndef INTERCONNECT
`define INTERCONNECT card.interconnect
`endif

module interconnect_monitors;

  // what each master's decoder passes on: 0 to the host, 1 to card memory, 2 (firmware) to the registers
  genvar n;
  generate
    for (n = 0; n < 2; n = n + 1) begin : ethernet_data
      axi_monitor #(.ID_WIDTH(4)) branch (
          .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awid(`INTERCONNECT.ethernet_data_awid[4*n+:4]),
          .awaddr(`INTERCONNECT.ethernet_data_awaddr[64*n+:64]), .awlen(`INTERCONNECT.ethernet_data_awlen[8*n+:8]),
          .awsize(`INTERCONNECT.ethernet_data_awsize[3*n+:3]), .awburst(`INTERCONNECT.ethernet_data_awburst[2*n+:2]),
          .awvalid(`INTERCONNECT.ethernet_data_awvalid[n]), .awready(`INTERCONNECT.ethernet_data_awready[n]),
          .wdata(`INTERCONNECT.ethernet_data_wdata[64*n+:64]), .wstrb(`INTERCONNECT.ethernet_data_wstrb[8*n+:8]),
          .wlast(`INTERCONNECT.ethernet_data_wlast[n]), .wvalid(`INTERCONNECT.ethernet_data_wvalid[n]),
          .wready(`INTERCONNECT.ethernet_data_wready[n]), .bid(`INTERCONNECT.ethernet_data_bid[4*n+:4]),
          .bresp(`INTERCONNECT.ethernet_data_bresp[2*n+:2]), .bvalid(`INTERCONNECT.ethernet_data_bvalid[n]),
          .bready(`INTERCONNECT.ethernet_data_bready[n]), .arid(`INTERCONNECT.ethernet_data_arid[4*n+:4]),
          .araddr(`INTERCONNECT.ethernet_data_araddr[64*n+:64]), .arlen(`INTERCONNECT.ethernet_data_arlen[8*n+:8]),
          .arsize(`INTERCONNECT.ethernet_data_arsize[3*n+:3]), .arburst(`INTERCONNECT.ethernet_data_arburst[2*n+:2]),
          .arvalid(`INTERCONNECT.ethernet_data_arvalid[n]), .arready(`INTERCONNECT.ethernet_data_arready[n]),
          .rid(`INTERCONNECT.ethernet_data_rid[4*n+:4]), .rdata(`INTERCONNECT.ethernet_data_rdata[64*n+:64]),
          .rresp(`INTERCONNECT.ethernet_data_rresp[2*n+:2]), .rlast(`INTERCONNECT.ethernet_data_rlast[n]),
          .rvalid(`INTERCONNECT.ethernet_data_rvalid[n]), .rready(`INTERCONNECT.ethernet_data_rready[n]), .failed(),
          .idle(), .read_beats(), .write_beats(), .error_responses()
      );
    end
    for (n = 0; n < 2; n = n + 1) begin : ethernet_descriptors
      axi_monitor #(.ID_WIDTH(4)) branch (
          .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awid(`INTERCONNECT.ethernet_descriptors_awid[4*n+:4]),
          .awaddr(`INTERCONNECT.ethernet_descriptors_awaddr[64*n+:64]),
          .awlen(`INTERCONNECT.ethernet_descriptors_awlen[8*n+:8]),
          .awsize(`INTERCONNECT.ethernet_descriptors_awsize[3*n+:3]),
          .awburst(`INTERCONNECT.ethernet_descriptors_awburst[2*n+:2]),
          .awvalid(`INTERCONNECT.ethernet_descriptors_awvalid[n]),
          .awready(`INTERCONNECT.ethernet_descriptors_awready[n]),
          .wdata(`INTERCONNECT.ethernet_descriptors_wdata[64*n+:64]),
          .wstrb(`INTERCONNECT.ethernet_descriptors_wstrb[8*n+:8]), .wlast(`INTERCONNECT.ethernet_descriptors_wlast[n]),
          .wvalid(`INTERCONNECT.ethernet_descriptors_wvalid[n]), .wready(`INTERCONNECT.ethernet_descriptors_wready[n]),
          .bid(`INTERCONNECT.ethernet_descriptors_bid[4*n+:4]),
          .bresp(`INTERCONNECT.ethernet_descriptors_bresp[2*n+:2]),
          .bvalid(`INTERCONNECT.ethernet_descriptors_bvalid[n]), .bready(`INTERCONNECT.ethernet_descriptors_bready[n]),
          .arid(`INTERCONNECT.ethernet_descriptors_arid[4*n+:4]),
          .araddr(`INTERCONNECT.ethernet_descriptors_araddr[64*n+:64]),
          .arlen(`INTERCONNECT.ethernet_descriptors_arlen[8*n+:8]),
          .arsize(`INTERCONNECT.ethernet_descriptors_arsize[3*n+:3]),
          .arburst(`INTERCONNECT.ethernet_descriptors_arburst[2*n+:2]),
          .arvalid(`INTERCONNECT.ethernet_descriptors_arvalid[n]),
          .arready(`INTERCONNECT.ethernet_descriptors_arready[n]), .rid(`INTERCONNECT.ethernet_descriptors_rid[4*n+:4]),
          .rdata(`INTERCONNECT.ethernet_descriptors_rdata[64*n+:64]),
          .rresp(`INTERCONNECT.ethernet_descriptors_rresp[2*n+:2]), .rlast(`INTERCONNECT.ethernet_descriptors_rlast[n]),
          .rvalid(`INTERCONNECT.ethernet_descriptors_rvalid[n]), .rready(`INTERCONNECT.ethernet_descriptors_rready[n]),
          .failed(), .idle(), .read_beats(), .write_beats(), .error_responses()
      );
    end
    for (n = 0; n < 2; n = n + 1) begin : dma
      axi_monitor #(.ID_WIDTH(4)) branch (
          .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awid(`INTERCONNECT.dma_awid[4*n+:4]),
          .awaddr(`INTERCONNECT.dma_awaddr[64*n+:64]), .awlen(`INTERCONNECT.dma_awlen[8*n+:8]),
          .awsize(`INTERCONNECT.dma_awsize[3*n+:3]), .awburst(`INTERCONNECT.dma_awburst[2*n+:2]),
          .awvalid(`INTERCONNECT.dma_awvalid[n]), .awready(`INTERCONNECT.dma_awready[n]),
          .wdata(`INTERCONNECT.dma_wdata[64*n+:64]), .wstrb(`INTERCONNECT.dma_wstrb[8*n+:8]),
          .wlast(`INTERCONNECT.dma_wlast[n]), .wvalid(`INTERCONNECT.dma_wvalid[n]),
          .wready(`INTERCONNECT.dma_wready[n]), .bid(`INTERCONNECT.dma_bid[4*n+:4]),
          .bresp(`INTERCONNECT.dma_bresp[2*n+:2]), .bvalid(`INTERCONNECT.dma_bvalid[n]),
          .bready(`INTERCONNECT.dma_bready[n]), .arid(`INTERCONNECT.dma_arid[4*n+:4]),
          .araddr(`INTERCONNECT.dma_araddr[64*n+:64]), .arlen(`INTERCONNECT.dma_arlen[8*n+:8]),
          .arsize(`INTERCONNECT.dma_arsize[3*n+:3]), .arburst(`INTERCONNECT.dma_arburst[2*n+:2]),
          .arvalid(`INTERCONNECT.dma_arvalid[n]), .arready(`INTERCONNECT.dma_arready[n]),
          .rid(`INTERCONNECT.dma_rid[4*n+:4]), .rdata(`INTERCONNECT.dma_rdata[64*n+:64]),
          .rresp(`INTERCONNECT.dma_rresp[2*n+:2]), .rlast(`INTERCONNECT.dma_rlast[n]),
          .rvalid(`INTERCONNECT.dma_rvalid[n]), .rready(`INTERCONNECT.dma_rready[n]), .failed(), .idle(), .read_beats(),
          .write_beats(), .error_responses()
      );
    end
    for (n = 0; n < 3; n = n + 1) begin : firmware
      axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1), .MAX_BURST_BYTES(2048)) branch (  // as long as AXI allows
          .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awid(`INTERCONNECT.firmware_awid[4*n+:4]),
          .awaddr(`INTERCONNECT.firmware_awaddr[64*n+:64]), .awlen(`INTERCONNECT.firmware_awlen[8*n+:8]),
          .awsize(`INTERCONNECT.firmware_awsize[3*n+:3]), .awburst(`INTERCONNECT.firmware_awburst[2*n+:2]),
          .awvalid(`INTERCONNECT.firmware_awvalid[n]), .awready(`INTERCONNECT.firmware_awready[n]),
          .wdata(`INTERCONNECT.firmware_wdata[64*n+:64]), .wstrb(`INTERCONNECT.firmware_wstrb[8*n+:8]),
          .wlast(`INTERCONNECT.firmware_wlast[n]), .wvalid(`INTERCONNECT.firmware_wvalid[n]),
          .wready(`INTERCONNECT.firmware_wready[n]), .bid(`INTERCONNECT.firmware_bid[4*n+:4]),
          .bresp(`INTERCONNECT.firmware_bresp[2*n+:2]), .bvalid(`INTERCONNECT.firmware_bvalid[n]),
          .bready(`INTERCONNECT.firmware_bready[n]), .arid(`INTERCONNECT.firmware_arid[4*n+:4]),
          .araddr(`INTERCONNECT.firmware_araddr[64*n+:64]), .arlen(`INTERCONNECT.firmware_arlen[8*n+:8]),
          .arsize(`INTERCONNECT.firmware_arsize[3*n+:3]), .arburst(`INTERCONNECT.firmware_arburst[2*n+:2]),
          .arvalid(`INTERCONNECT.firmware_arvalid[n]), .arready(`INTERCONNECT.firmware_arready[n]),
          .rid(`INTERCONNECT.firmware_rid[4*n+:4]), .rdata(`INTERCONNECT.firmware_rdata[64*n+:64]),
          .rresp(`INTERCONNECT.firmware_rresp[2*n+:2]), .rlast(`INTERCONNECT.firmware_rlast[n]),
          .rvalid(`INTERCONNECT.firmware_rvalid[n]), .rready(`INTERCONNECT.firmware_rready[n]), .failed(), .idle(),
          .read_beats(), .write_beats(), .error_responses()
      );
    end
  endgenerate

  // the firmware's bursts on the host bus, cut
  axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) limited (
      .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awid(`INTERCONNECT.limited_awid),
      .awaddr(`INTERCONNECT.limited_awaddr), .awlen(`INTERCONNECT.limited_awlen), .awsize(`INTERCONNECT.limited_awsize),
      .awburst(`INTERCONNECT.limited_awburst), .awvalid(`INTERCONNECT.limited_awvalid),
      .awready(`INTERCONNECT.limited_awready), .wdata(`INTERCONNECT.limited_wdata), .wstrb(`INTERCONNECT.limited_wstrb),
      .wlast(`INTERCONNECT.limited_wlast), .wvalid(`INTERCONNECT.limited_wvalid), .wready(`INTERCONNECT.limited_wready),
      .bid(`INTERCONNECT.limited_bid), .bresp(`INTERCONNECT.limited_bresp), .bvalid(`INTERCONNECT.limited_bvalid),
      .bready(`INTERCONNECT.limited_bready), .arid(`INTERCONNECT.limited_arid), .araddr(`INTERCONNECT.limited_araddr),
      .arlen(`INTERCONNECT.limited_arlen), .arsize(`INTERCONNECT.limited_arsize),
      .arburst(`INTERCONNECT.limited_arburst), .arvalid(`INTERCONNECT.limited_arvalid),
      .arready(`INTERCONNECT.limited_arready), .rid(`INTERCONNECT.limited_rid), .rdata(`INTERCONNECT.limited_rdata),
      .rresp(`INTERCONNECT.limited_rresp), .rlast(`INTERCONNECT.limited_rlast), .rvalid(`INTERCONNECT.limited_rvalid),
      .rready(`INTERCONNECT.limited_rready), .failed(), .idle(), .read_beats(), .write_beats(), .error_responses()
  );

  axil_monitor #(.ADDR_WIDTH(20)) registers (
      .clk(`INTERCONNECT.clk), .rst(`INTERCONNECT.rst), .awaddr(`INTERCONNECT.registers_awaddr),
      .awvalid(`INTERCONNECT.registers_awvalid), .awready(`INTERCONNECT.registers_awready),
      .wdata(`INTERCONNECT.registers_wdata), .wstrb(`INTERCONNECT.registers_wstrb),
      .wvalid(`INTERCONNECT.registers_wvalid), .wready(`INTERCONNECT.registers_wready),
      .bresp(`INTERCONNECT.registers_bresp), .bvalid(`INTERCONNECT.registers_bvalid),
      .bready(`INTERCONNECT.registers_bready), .araddr(`INTERCONNECT.registers_araddr),
      .arvalid(`INTERCONNECT.registers_arvalid), .arready(`INTERCONNECT.registers_arready),
      .rdata(`INTERCONNECT.registers_rdata), .rresp(`INTERCONNECT.registers_rresp),
      .rvalid(`INTERCONNECT.registers_rvalid), .rready(`INTERCONNECT.registers_rready), .failed(), .idle(), .reads(),
      .writes()
  );

endmodule

`default_nettype wire
