// The card's interconnect: who of the bus masters reaches what, and in which order.
//
//   Ethernet data --------- decoder --+--> bus arbiter (4 masters, round robin per burst) --> m_axi_host_
//   Ethernet descriptors -- decoder --+
//   DMA channels 0, 1 --- decoders --+--> memory arbiter (6 masters) --------------------> m_axi_memory_
//   firmware -------------- decoder --+--> AXI4-Lite ------------------------------------> m_axil_<block>_
//   messaging unit, host's window --------^ (card memory only)
//
// Addresses as in docs/architecture.md. The bus arbiter's masters are 0 Ethernet data, 1 Ethernet descriptors, 2 DMA
// controller, 3 firmware; what it does is reported on bus_ for the bus log.
`default_nettype none
`include "card.vh"
module interconnect #(
    parameter ID_WIDTH        = 4,                  // of the masters
    parameter BUS_ID_WIDTH    = ID_WIDTH + 2,       // widened by the bus arbiter
    parameter MEMORY_ID_WIDTH = ID_WIDTH + 3,       // widened by the memory's arbiter
    parameter MAX_BURST_BYTES = 512
) (
    input  wire                        clk,
    input  wire                        rst,
    input  wire                        round_robin,  // policy of the bus arbiter; 0: fixed priority

    // Bus masters
    input  wire [ID_WIDTH-1:0]         s_axi_ethernet_data_awid,
    input  wire [63:0]                 s_axi_ethernet_data_awaddr,
    input  wire [7:0]                  s_axi_ethernet_data_awlen,
    input  wire [2:0]                  s_axi_ethernet_data_awsize,
    input  wire [1:0]                  s_axi_ethernet_data_awburst,
    input  wire                        s_axi_ethernet_data_awvalid,
    output wire                        s_axi_ethernet_data_awready,
    input  wire [63:0]                 s_axi_ethernet_data_wdata,
    input  wire [7:0]                  s_axi_ethernet_data_wstrb,
    input  wire                        s_axi_ethernet_data_wlast,
    input  wire                        s_axi_ethernet_data_wvalid,
    output wire                        s_axi_ethernet_data_wready,
    output wire [ID_WIDTH-1:0]         s_axi_ethernet_data_bid,
    output wire [1:0]                  s_axi_ethernet_data_bresp,
    output wire                        s_axi_ethernet_data_bvalid,
    input  wire                        s_axi_ethernet_data_bready,
    input  wire [ID_WIDTH-1:0]         s_axi_ethernet_data_arid,
    input  wire [63:0]                 s_axi_ethernet_data_araddr,
    input  wire [7:0]                  s_axi_ethernet_data_arlen,
    input  wire [2:0]                  s_axi_ethernet_data_arsize,
    input  wire [1:0]                  s_axi_ethernet_data_arburst,
    input  wire                        s_axi_ethernet_data_arvalid,
    output wire                        s_axi_ethernet_data_arready,
    output wire [ID_WIDTH-1:0]         s_axi_ethernet_data_rid,
    output wire [63:0]                 s_axi_ethernet_data_rdata,
    output wire [1:0]                  s_axi_ethernet_data_rresp,
    output wire                        s_axi_ethernet_data_rlast,
    output wire                        s_axi_ethernet_data_rvalid,
    input  wire                        s_axi_ethernet_data_rready,

    input  wire [ID_WIDTH-1:0]         s_axi_ethernet_descriptors_awid,
    input  wire [63:0]                 s_axi_ethernet_descriptors_awaddr,
    input  wire [7:0]                  s_axi_ethernet_descriptors_awlen,
    input  wire [2:0]                  s_axi_ethernet_descriptors_awsize,
    input  wire [1:0]                  s_axi_ethernet_descriptors_awburst,
    input  wire                        s_axi_ethernet_descriptors_awvalid,
    output wire                        s_axi_ethernet_descriptors_awready,
    input  wire [63:0]                 s_axi_ethernet_descriptors_wdata,
    input  wire [7:0]                  s_axi_ethernet_descriptors_wstrb,
    input  wire                        s_axi_ethernet_descriptors_wlast,
    input  wire                        s_axi_ethernet_descriptors_wvalid,
    output wire                        s_axi_ethernet_descriptors_wready,
    output wire [ID_WIDTH-1:0]         s_axi_ethernet_descriptors_bid,
    output wire [1:0]                  s_axi_ethernet_descriptors_bresp,
    output wire                        s_axi_ethernet_descriptors_bvalid,
    input  wire                        s_axi_ethernet_descriptors_bready,
    input  wire [ID_WIDTH-1:0]         s_axi_ethernet_descriptors_arid,
    input  wire [63:0]                 s_axi_ethernet_descriptors_araddr,
    input  wire [7:0]                  s_axi_ethernet_descriptors_arlen,
    input  wire [2:0]                  s_axi_ethernet_descriptors_arsize,
    input  wire [1:0]                  s_axi_ethernet_descriptors_arburst,
    input  wire                        s_axi_ethernet_descriptors_arvalid,
    output wire                        s_axi_ethernet_descriptors_arready,
    output wire [ID_WIDTH-1:0]         s_axi_ethernet_descriptors_rid,
    output wire [63:0]                 s_axi_ethernet_descriptors_rdata,
    output wire [1:0]                  s_axi_ethernet_descriptors_rresp,
    output wire                        s_axi_ethernet_descriptors_rlast,
    output wire                        s_axi_ethernet_descriptors_rvalid,
    input  wire                        s_axi_ethernet_descriptors_rready,

    input  wire [2*ID_WIDTH-1:0]       s_axi_dma_awid,
    input  wire [127:0]                s_axi_dma_awaddr,
    input  wire [15:0]                 s_axi_dma_awlen,
    input  wire [5:0]                  s_axi_dma_awsize,
    input  wire [3:0]                  s_axi_dma_awburst,
    input  wire [1:0]                  s_axi_dma_awvalid,
    output wire [1:0]                  s_axi_dma_awready,
    input  wire [127:0]                s_axi_dma_wdata,
    input  wire [15:0]                 s_axi_dma_wstrb,
    input  wire [1:0]                  s_axi_dma_wlast,
    input  wire [1:0]                  s_axi_dma_wvalid,
    output wire [1:0]                  s_axi_dma_wready,
    output wire [2*ID_WIDTH-1:0]       s_axi_dma_bid,
    output wire [3:0]                  s_axi_dma_bresp,
    output wire [1:0]                  s_axi_dma_bvalid,
    input  wire [1:0]                  s_axi_dma_bready,
    input  wire [2*ID_WIDTH-1:0]       s_axi_dma_arid,
    input  wire [127:0]                s_axi_dma_araddr,
    input  wire [15:0]                 s_axi_dma_arlen,
    input  wire [5:0]                  s_axi_dma_arsize,
    input  wire [3:0]                  s_axi_dma_arburst,
    input  wire [1:0]                  s_axi_dma_arvalid,
    output wire [1:0]                  s_axi_dma_arready,
    output wire [2*ID_WIDTH-1:0]       s_axi_dma_rid,
    output wire [127:0]                s_axi_dma_rdata,
    output wire [3:0]                  s_axi_dma_rresp,
    output wire [1:0]                  s_axi_dma_rlast,
    output wire [1:0]                  s_axi_dma_rvalid,
    input  wire [1:0]                  s_axi_dma_rready,

    input  wire [ID_WIDTH-1:0]         s_axi_firmware_awid,
    input  wire [63:0]                 s_axi_firmware_awaddr,
    input  wire [7:0]                  s_axi_firmware_awlen,
    input  wire [2:0]                  s_axi_firmware_awsize,
    input  wire [1:0]                  s_axi_firmware_awburst,
    input  wire                        s_axi_firmware_awvalid,
    output wire                        s_axi_firmware_awready,
    input  wire [63:0]                 s_axi_firmware_wdata,
    input  wire [7:0]                  s_axi_firmware_wstrb,
    input  wire                        s_axi_firmware_wlast,
    input  wire                        s_axi_firmware_wvalid,
    output wire                        s_axi_firmware_wready,
    output wire [ID_WIDTH-1:0]         s_axi_firmware_bid,
    output wire [1:0]                  s_axi_firmware_bresp,
    output wire                        s_axi_firmware_bvalid,
    input  wire                        s_axi_firmware_bready,
    input  wire [ID_WIDTH-1:0]         s_axi_firmware_arid,
    input  wire [63:0]                 s_axi_firmware_araddr,
    input  wire [7:0]                  s_axi_firmware_arlen,
    input  wire [2:0]                  s_axi_firmware_arsize,
    input  wire [1:0]                  s_axi_firmware_arburst,
    input  wire                        s_axi_firmware_arvalid,
    output wire                        s_axi_firmware_arready,
    output wire [ID_WIDTH-1:0]         s_axi_firmware_rid,
    output wire [63:0]                 s_axi_firmware_rdata,
    output wire [1:0]                  s_axi_firmware_rresp,
    output wire                        s_axi_firmware_rlast,
    output wire                        s_axi_firmware_rvalid,
    input  wire                        s_axi_firmware_rready,

    input  wire [ID_WIDTH-1:0]         s_axi_messaging_awid,
    input  wire [63:0]                 s_axi_messaging_awaddr,
    input  wire [7:0]                  s_axi_messaging_awlen,
    input  wire [2:0]                  s_axi_messaging_awsize,
    input  wire [1:0]                  s_axi_messaging_awburst,
    input  wire                        s_axi_messaging_awvalid,
    output wire                        s_axi_messaging_awready,
    input  wire [63:0]                 s_axi_messaging_wdata,
    input  wire [7:0]                  s_axi_messaging_wstrb,
    input  wire                        s_axi_messaging_wlast,
    input  wire                        s_axi_messaging_wvalid,
    output wire                        s_axi_messaging_wready,
    output wire [ID_WIDTH-1:0]         s_axi_messaging_bid,
    output wire [1:0]                  s_axi_messaging_bresp,
    output wire                        s_axi_messaging_bvalid,
    input  wire                        s_axi_messaging_bready,
    input  wire [ID_WIDTH-1:0]         s_axi_messaging_arid,
    input  wire [63:0]                 s_axi_messaging_araddr,
    input  wire [7:0]                  s_axi_messaging_arlen,
    input  wire [2:0]                  s_axi_messaging_arsize,
    input  wire [1:0]                  s_axi_messaging_arburst,
    input  wire                        s_axi_messaging_arvalid,
    output wire                        s_axi_messaging_arready,
    output wire [ID_WIDTH-1:0]         s_axi_messaging_rid,
    output wire [63:0]                 s_axi_messaging_rdata,
    output wire [1:0]                  s_axi_messaging_rresp,
    output wire                        s_axi_messaging_rlast,
    output wire                        s_axi_messaging_rvalid,
    input  wire                        s_axi_messaging_rready,

    input  wire [ID_WIDTH-1:0]         s_axi_window_awid,
    input  wire [63:0]                 s_axi_window_awaddr,
    input  wire [7:0]                  s_axi_window_awlen,
    input  wire [2:0]                  s_axi_window_awsize,
    input  wire [1:0]                  s_axi_window_awburst,
    input  wire                        s_axi_window_awvalid,
    output wire                        s_axi_window_awready,
    input  wire [63:0]                 s_axi_window_wdata,
    input  wire [7:0]                  s_axi_window_wstrb,
    input  wire                        s_axi_window_wlast,
    input  wire                        s_axi_window_wvalid,
    output wire                        s_axi_window_wready,
    output wire [ID_WIDTH-1:0]         s_axi_window_bid,
    output wire [1:0]                  s_axi_window_bresp,
    output wire                        s_axi_window_bvalid,
    input  wire                        s_axi_window_bready,
    input  wire [ID_WIDTH-1:0]         s_axi_window_arid,
    input  wire [63:0]                 s_axi_window_araddr,
    input  wire [7:0]                  s_axi_window_arlen,
    input  wire [2:0]                  s_axi_window_arsize,
    input  wire [1:0]                  s_axi_window_arburst,
    input  wire                        s_axi_window_arvalid,
    output wire                        s_axi_window_arready,
    output wire [ID_WIDTH-1:0]         s_axi_window_rid,
    output wire [63:0]                 s_axi_window_rdata,
    output wire [1:0]                  s_axi_window_rresp,
    output wire                        s_axi_window_rlast,
    output wire                        s_axi_window_rvalid,
    input  wire                        s_axi_window_rready,

    // Slaves
    output wire [BUS_ID_WIDTH-1:0]     m_axi_host_awid,
    output wire [63:0]                 m_axi_host_awaddr,
    output wire [7:0]                  m_axi_host_awlen,
    output wire [2:0]                  m_axi_host_awsize,
    output wire [1:0]                  m_axi_host_awburst,
    output wire                        m_axi_host_awvalid,
    input  wire                        m_axi_host_awready,
    output wire [63:0]                 m_axi_host_wdata,
    output wire [7:0]                  m_axi_host_wstrb,
    output wire                        m_axi_host_wlast,
    output wire                        m_axi_host_wvalid,
    input  wire                        m_axi_host_wready,
    input  wire [BUS_ID_WIDTH-1:0]     m_axi_host_bid,
    input  wire [1:0]                  m_axi_host_bresp,
    input  wire                        m_axi_host_bvalid,
    output wire                        m_axi_host_bready,
    output wire [BUS_ID_WIDTH-1:0]     m_axi_host_arid,
    output wire [63:0]                 m_axi_host_araddr,
    output wire [7:0]                  m_axi_host_arlen,
    output wire [2:0]                  m_axi_host_arsize,
    output wire [1:0]                  m_axi_host_arburst,
    output wire                        m_axi_host_arvalid,
    input  wire                        m_axi_host_arready,
    input  wire [BUS_ID_WIDTH-1:0]     m_axi_host_rid,
    input  wire [63:0]                 m_axi_host_rdata,
    input  wire [1:0]                  m_axi_host_rresp,
    input  wire                        m_axi_host_rlast,
    input  wire                        m_axi_host_rvalid,
    output wire                        m_axi_host_rready,

    output wire [MEMORY_ID_WIDTH-1:0]  m_axi_memory_awid,
    output wire [63:0]                 m_axi_memory_awaddr,
    output wire [7:0]                  m_axi_memory_awlen,
    output wire [2:0]                  m_axi_memory_awsize,
    output wire [1:0]                  m_axi_memory_awburst,
    output wire                        m_axi_memory_awvalid,
    input  wire                        m_axi_memory_awready,
    output wire [63:0]                 m_axi_memory_wdata,
    output wire [7:0]                  m_axi_memory_wstrb,
    output wire                        m_axi_memory_wlast,
    output wire                        m_axi_memory_wvalid,
    input  wire                        m_axi_memory_wready,
    input  wire [MEMORY_ID_WIDTH-1:0]  m_axi_memory_bid,
    input  wire [1:0]                  m_axi_memory_bresp,
    input  wire                        m_axi_memory_bvalid,
    output wire                        m_axi_memory_bready,
    output wire [MEMORY_ID_WIDTH-1:0]  m_axi_memory_arid,
    output wire [63:0]                 m_axi_memory_araddr,
    output wire [7:0]                  m_axi_memory_arlen,
    output wire [2:0]                  m_axi_memory_arsize,
    output wire [1:0]                  m_axi_memory_arburst,
    output wire                        m_axi_memory_arvalid,
    input  wire                        m_axi_memory_arready,
    input  wire [MEMORY_ID_WIDTH-1:0]  m_axi_memory_rid,
    input  wire [63:0]                 m_axi_memory_rdata,
    input  wire [1:0]                  m_axi_memory_rresp,
    input  wire                        m_axi_memory_rlast,
    input  wire                        m_axi_memory_rvalid,
    output wire                        m_axi_memory_rready,

    output wire [19:0]                 m_axil_ethernet_awaddr,
    output wire                        m_axil_ethernet_awvalid,
    input  wire                        m_axil_ethernet_awready,
    output wire [31:0]                 m_axil_ethernet_wdata,
    output wire [3:0]                  m_axil_ethernet_wstrb,
    output wire                        m_axil_ethernet_wvalid,
    input  wire                        m_axil_ethernet_wready,
    input  wire [1:0]                  m_axil_ethernet_bresp,
    input  wire                        m_axil_ethernet_bvalid,
    output wire                        m_axil_ethernet_bready,
    output wire [19:0]                 m_axil_ethernet_araddr,
    output wire                        m_axil_ethernet_arvalid,
    input  wire                        m_axil_ethernet_arready,
    input  wire [31:0]                 m_axil_ethernet_rdata,
    input  wire [1:0]                  m_axil_ethernet_rresp,
    input  wire                        m_axil_ethernet_rvalid,
    output wire                        m_axil_ethernet_rready,

    output wire [19:0]                 m_axil_messaging_awaddr,
    output wire                        m_axil_messaging_awvalid,
    input  wire                        m_axil_messaging_awready,
    output wire [31:0]                 m_axil_messaging_wdata,
    output wire [3:0]                  m_axil_messaging_wstrb,
    output wire                        m_axil_messaging_wvalid,
    input  wire                        m_axil_messaging_wready,
    input  wire [1:0]                  m_axil_messaging_bresp,
    input  wire                        m_axil_messaging_bvalid,
    output wire                        m_axil_messaging_bready,
    output wire [19:0]                 m_axil_messaging_araddr,
    output wire                        m_axil_messaging_arvalid,
    input  wire                        m_axil_messaging_arready,
    input  wire [31:0]                 m_axil_messaging_rdata,
    input  wire [1:0]                  m_axil_messaging_rresp,
    input  wire                        m_axil_messaging_rvalid,
    output wire                        m_axil_messaging_rready,

    output wire [19:0]                 m_axil_dma_awaddr,
    output wire                        m_axil_dma_awvalid,
    input  wire                        m_axil_dma_awready,
    output wire [31:0]                 m_axil_dma_wdata,
    output wire [3:0]                  m_axil_dma_wstrb,
    output wire                        m_axil_dma_wvalid,
    input  wire                        m_axil_dma_wready,
    input  wire [1:0]                  m_axil_dma_bresp,
    input  wire                        m_axil_dma_bvalid,
    output wire                        m_axil_dma_bready,
    output wire [19:0]                 m_axil_dma_araddr,
    output wire                        m_axil_dma_arvalid,
    input  wire                        m_axil_dma_arready,
    input  wire [31:0]                 m_axil_dma_rdata,
    input  wire [1:0]                  m_axil_dma_rresp,
    input  wire                        m_axil_dma_rvalid,
    output wire                        m_axil_dma_rready,

    output wire [19:0]                 m_axil_bridge_awaddr,
    output wire                        m_axil_bridge_awvalid,
    input  wire                        m_axil_bridge_awready,
    output wire [31:0]                 m_axil_bridge_wdata,
    output wire [3:0]                  m_axil_bridge_wstrb,
    output wire                        m_axil_bridge_wvalid,
    input  wire                        m_axil_bridge_wready,
    input  wire [1:0]                  m_axil_bridge_bresp,
    input  wire                        m_axil_bridge_bvalid,
    output wire                        m_axil_bridge_bready,
    output wire [19:0]                 m_axil_bridge_araddr,
    output wire                        m_axil_bridge_arvalid,
    input  wire                        m_axil_bridge_arready,
    input  wire [31:0]                 m_axil_bridge_rdata,
    input  wire [1:0]                  m_axil_bridge_rresp,
    input  wire                        m_axil_bridge_rvalid,
    output wire                        m_axil_bridge_rready,

    // What the bus arbiter does
    output wire [3:0]                  bus_read_request,
    output wire [3:0]                  bus_write_request,
    output wire                        bus_grant_valid,
    output wire                        bus_grant_write,
    output wire [BUS_ID_WIDTH-1:0]     bus_grant_id,
    output wire [63:0]                 bus_grant_addr,
    output wire [8:0]                  bus_grant_beats,
    output wire                        bus_last_read_valid,
    output wire [BUS_ID_WIDTH-1:0]     bus_last_read_id,
    output wire                        bus_last_write_valid,
    output wire [1:0]                  bus_last_write_master,
    output wire [127:0]                bus_beats,
    output wire                        busy
);
  localparam [63:0] MEMORY_BASE = `CARD_MEMORY_BASE, MEMORY_MASK = 64'hffff_ffff_0000_0000;
  localparam [63:0] REGISTERS_BASE = `CARD_REGISTERS_BASE, REGISTERS_MASK = 64'hffff_ffff_fff0_0000;
  localparam [63:0] HOST_BASE = 64'h0, HOST_MASK = 64'h8000_0000_0000_0000;
  localparam [63:0] BRIDGE_BASE = `CARD_BRIDGE_BASE, DMA_BASE = `CARD_DMA_BASE;
  localparam [63:0] MESSAGING_BASE = `CARD_MESSAGING_BASE, ETHERNET_BASE = `CARD_ETHERNET_BASE;

  wire ethernet_data_decoder_busy, ethernet_descriptors_decoder_busy, dma_decoder_busy, firmware_decoder_busy;
  wire bus_arbiter_busy, memory_arbiter_busy, register_bridge_busy, register_decoder_busy;

  // ethernet data: target 0 host, 1 card memory
  wire [2*ID_WIDTH-1:0] ethernet_data_awid, ethernet_data_bid, ethernet_data_arid, ethernet_data_rid;
  wire [2*64-1:0] ethernet_data_awaddr, ethernet_data_wdata, ethernet_data_araddr, ethernet_data_rdata;
  wire [2*8-1:0] ethernet_data_awlen, ethernet_data_wstrb, ethernet_data_arlen;
  wire [2*3-1:0] ethernet_data_awsize, ethernet_data_arsize;
  wire [2*2-1:0] ethernet_data_awburst, ethernet_data_bresp, ethernet_data_arburst, ethernet_data_rresp;
  wire [1:0] ethernet_data_awvalid, ethernet_data_awready, ethernet_data_wlast, ethernet_data_wvalid,
      ethernet_data_wready, ethernet_data_bvalid, ethernet_data_bready, ethernet_data_arvalid, ethernet_data_arready,
      ethernet_data_rlast, ethernet_data_rvalid, ethernet_data_rready;

  // ethernet descriptors: target 0 host, 1 card memory
  wire [2*ID_WIDTH-1:0] ethernet_descriptors_awid, ethernet_descriptors_bid, ethernet_descriptors_arid,
      ethernet_descriptors_rid;
  wire [2*64-1:0] ethernet_descriptors_awaddr, ethernet_descriptors_wdata, ethernet_descriptors_araddr,
      ethernet_descriptors_rdata;
  wire [2*8-1:0] ethernet_descriptors_awlen, ethernet_descriptors_wstrb, ethernet_descriptors_arlen;
  wire [2*3-1:0] ethernet_descriptors_awsize, ethernet_descriptors_arsize;
  wire [2*2-1:0] ethernet_descriptors_awburst, ethernet_descriptors_bresp, ethernet_descriptors_arburst,
      ethernet_descriptors_rresp;
  wire [1:0] ethernet_descriptors_awvalid, ethernet_descriptors_awready, ethernet_descriptors_wlast,
      ethernet_descriptors_wvalid, ethernet_descriptors_wready, ethernet_descriptors_bvalid,
      ethernet_descriptors_bready, ethernet_descriptors_arvalid, ethernet_descriptors_arready,
      ethernet_descriptors_rlast, ethernet_descriptors_rvalid, ethernet_descriptors_rready;

  // dma: target 0 host, 1 card memory
  wire [2*ID_WIDTH-1:0] dma_awid, dma_bid, dma_arid, dma_rid;
  wire [2*64-1:0] dma_awaddr, dma_wdata, dma_araddr, dma_rdata;
  wire [2*8-1:0] dma_awlen, dma_wstrb, dma_arlen;
  wire [2*3-1:0] dma_awsize, dma_arsize;
  wire [2*2-1:0] dma_awburst, dma_bresp, dma_arburst, dma_rresp;
  wire [1:0] dma_awvalid, dma_awready, dma_wlast, dma_wvalid, dma_wready, dma_bvalid, dma_bready, dma_arvalid,
      dma_arready, dma_rlast, dma_rvalid, dma_rready;

  // firmware: target 0 host, 1 card memory, 2 registers
  wire [3*ID_WIDTH-1:0] firmware_awid, firmware_bid, firmware_arid, firmware_rid;
  wire [3*64-1:0] firmware_awaddr, firmware_wdata, firmware_araddr, firmware_rdata;
  wire [3*8-1:0] firmware_awlen, firmware_wstrb, firmware_arlen;
  wire [3*3-1:0] firmware_awsize, firmware_arsize;
  wire [3*2-1:0] firmware_awburst, firmware_bresp, firmware_arburst, firmware_rresp;
  wire [2:0] firmware_awvalid, firmware_awready, firmware_wlast, firmware_wvalid, firmware_wready, firmware_bvalid,
      firmware_bready, firmware_arvalid, firmware_arready, firmware_rlast, firmware_rvalid, firmware_rready;

  // Answers come slice by slice and are put together here: simulators carry a vector driven in slices with the strength
  // of each bit.
  wire ethernet_data_awready_0, ethernet_data_awready_1;
  assign ethernet_data_awready = {ethernet_data_awready_1, ethernet_data_awready_0};
  wire ethernet_data_wready_0, ethernet_data_wready_1;
  assign ethernet_data_wready = {ethernet_data_wready_1, ethernet_data_wready_0};
  wire [ID_WIDTH-1:0] ethernet_data_bid_0, ethernet_data_bid_1;
  assign ethernet_data_bid = {ethernet_data_bid_1, ethernet_data_bid_0};
  wire [2-1:0] ethernet_data_bresp_0, ethernet_data_bresp_1;
  assign ethernet_data_bresp = {ethernet_data_bresp_1, ethernet_data_bresp_0};
  wire ethernet_data_bvalid_0, ethernet_data_bvalid_1;
  assign ethernet_data_bvalid = {ethernet_data_bvalid_1, ethernet_data_bvalid_0};
  wire ethernet_data_arready_0, ethernet_data_arready_1;
  assign ethernet_data_arready = {ethernet_data_arready_1, ethernet_data_arready_0};
  wire [ID_WIDTH-1:0] ethernet_data_rid_0, ethernet_data_rid_1;
  assign ethernet_data_rid = {ethernet_data_rid_1, ethernet_data_rid_0};
  wire [64-1:0] ethernet_data_rdata_0, ethernet_data_rdata_1;
  assign ethernet_data_rdata = {ethernet_data_rdata_1, ethernet_data_rdata_0};
  wire [2-1:0] ethernet_data_rresp_0, ethernet_data_rresp_1;
  assign ethernet_data_rresp = {ethernet_data_rresp_1, ethernet_data_rresp_0};
  wire ethernet_data_rlast_0, ethernet_data_rlast_1;
  assign ethernet_data_rlast = {ethernet_data_rlast_1, ethernet_data_rlast_0};
  wire ethernet_data_rvalid_0, ethernet_data_rvalid_1;
  assign ethernet_data_rvalid = {ethernet_data_rvalid_1, ethernet_data_rvalid_0};
  wire ethernet_descriptors_awready_0, ethernet_descriptors_awready_1;
  assign ethernet_descriptors_awready = {ethernet_descriptors_awready_1, ethernet_descriptors_awready_0};
  wire ethernet_descriptors_wready_0, ethernet_descriptors_wready_1;
  assign ethernet_descriptors_wready = {ethernet_descriptors_wready_1, ethernet_descriptors_wready_0};
  wire [ID_WIDTH-1:0] ethernet_descriptors_bid_0, ethernet_descriptors_bid_1;
  assign ethernet_descriptors_bid = {ethernet_descriptors_bid_1, ethernet_descriptors_bid_0};
  wire [2-1:0] ethernet_descriptors_bresp_0, ethernet_descriptors_bresp_1;
  assign ethernet_descriptors_bresp = {ethernet_descriptors_bresp_1, ethernet_descriptors_bresp_0};
  wire ethernet_descriptors_bvalid_0, ethernet_descriptors_bvalid_1;
  assign ethernet_descriptors_bvalid = {ethernet_descriptors_bvalid_1, ethernet_descriptors_bvalid_0};
  wire ethernet_descriptors_arready_0, ethernet_descriptors_arready_1;
  assign ethernet_descriptors_arready = {ethernet_descriptors_arready_1, ethernet_descriptors_arready_0};
  wire [ID_WIDTH-1:0] ethernet_descriptors_rid_0, ethernet_descriptors_rid_1;
  assign ethernet_descriptors_rid = {ethernet_descriptors_rid_1, ethernet_descriptors_rid_0};
  wire [64-1:0] ethernet_descriptors_rdata_0, ethernet_descriptors_rdata_1;
  assign ethernet_descriptors_rdata = {ethernet_descriptors_rdata_1, ethernet_descriptors_rdata_0};
  wire [2-1:0] ethernet_descriptors_rresp_0, ethernet_descriptors_rresp_1;
  assign ethernet_descriptors_rresp = {ethernet_descriptors_rresp_1, ethernet_descriptors_rresp_0};
  wire ethernet_descriptors_rlast_0, ethernet_descriptors_rlast_1;
  assign ethernet_descriptors_rlast = {ethernet_descriptors_rlast_1, ethernet_descriptors_rlast_0};
  wire ethernet_descriptors_rvalid_0, ethernet_descriptors_rvalid_1;
  assign ethernet_descriptors_rvalid = {ethernet_descriptors_rvalid_1, ethernet_descriptors_rvalid_0};
  wire dma_awready_0, dma_awready_1;
  assign dma_awready = {dma_awready_1, dma_awready_0};
  wire dma_wready_0, dma_wready_1;
  assign dma_wready = {dma_wready_1, dma_wready_0};
  wire [ID_WIDTH-1:0] dma_bid_0, dma_bid_1;
  assign dma_bid = {dma_bid_1, dma_bid_0};
  wire [2-1:0] dma_bresp_0, dma_bresp_1;
  assign dma_bresp = {dma_bresp_1, dma_bresp_0};
  wire dma_bvalid_0, dma_bvalid_1;
  assign dma_bvalid = {dma_bvalid_1, dma_bvalid_0};
  wire dma_arready_0, dma_arready_1;
  assign dma_arready = {dma_arready_1, dma_arready_0};
  wire [ID_WIDTH-1:0] dma_rid_0, dma_rid_1;
  assign dma_rid = {dma_rid_1, dma_rid_0};
  wire [64-1:0] dma_rdata_0, dma_rdata_1;
  assign dma_rdata = {dma_rdata_1, dma_rdata_0};
  wire [2-1:0] dma_rresp_0, dma_rresp_1;
  assign dma_rresp = {dma_rresp_1, dma_rresp_0};
  wire dma_rlast_0, dma_rlast_1;
  assign dma_rlast = {dma_rlast_1, dma_rlast_0};
  wire dma_rvalid_0, dma_rvalid_1;
  assign dma_rvalid = {dma_rvalid_1, dma_rvalid_0};
  wire firmware_awready_0, firmware_awready_1, firmware_awready_2;
  assign firmware_awready = {firmware_awready_2, firmware_awready_1, firmware_awready_0};
  wire firmware_wready_0, firmware_wready_1, firmware_wready_2;
  assign firmware_wready = {firmware_wready_2, firmware_wready_1, firmware_wready_0};
  wire [ID_WIDTH-1:0] firmware_bid_0, firmware_bid_1, firmware_bid_2;
  assign firmware_bid = {firmware_bid_2, firmware_bid_1, firmware_bid_0};
  wire [2-1:0] firmware_bresp_0, firmware_bresp_1, firmware_bresp_2;
  assign firmware_bresp = {firmware_bresp_2, firmware_bresp_1, firmware_bresp_0};
  wire firmware_bvalid_0, firmware_bvalid_1, firmware_bvalid_2;
  assign firmware_bvalid = {firmware_bvalid_2, firmware_bvalid_1, firmware_bvalid_0};
  wire firmware_arready_0, firmware_arready_1, firmware_arready_2;
  assign firmware_arready = {firmware_arready_2, firmware_arready_1, firmware_arready_0};
  wire [ID_WIDTH-1:0] firmware_rid_0, firmware_rid_1, firmware_rid_2;
  assign firmware_rid = {firmware_rid_2, firmware_rid_1, firmware_rid_0};
  wire [64-1:0] firmware_rdata_0, firmware_rdata_1, firmware_rdata_2;
  assign firmware_rdata = {firmware_rdata_2, firmware_rdata_1, firmware_rdata_0};
  wire [2-1:0] firmware_rresp_0, firmware_rresp_1, firmware_rresp_2;
  assign firmware_rresp = {firmware_rresp_2, firmware_rresp_1, firmware_rresp_0};
  wire firmware_rlast_0, firmware_rlast_1, firmware_rlast_2;
  assign firmware_rlast = {firmware_rlast_2, firmware_rlast_1, firmware_rlast_0};
  wire firmware_rvalid_0, firmware_rvalid_1, firmware_rvalid_2;
  assign firmware_rvalid = {firmware_rvalid_2, firmware_rvalid_1, firmware_rvalid_0};

  axi_decoder #(
      .SLAVES(2),
      .ID_WIDTH(ID_WIDTH),
      .BASE({MEMORY_BASE, HOST_BASE}),
      .MASK({MEMORY_MASK, HOST_MASK})
  ) ethernet_data_decoder (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(s_axi_ethernet_data_awid),
      .s_axi_awaddr(s_axi_ethernet_data_awaddr),
      .s_axi_awlen(s_axi_ethernet_data_awlen),
      .s_axi_awsize(s_axi_ethernet_data_awsize),
      .s_axi_awburst(s_axi_ethernet_data_awburst),
      .s_axi_awvalid(s_axi_ethernet_data_awvalid),
      .s_axi_awready(s_axi_ethernet_data_awready),
      .s_axi_wdata(s_axi_ethernet_data_wdata),
      .s_axi_wstrb(s_axi_ethernet_data_wstrb),
      .s_axi_wlast(s_axi_ethernet_data_wlast),
      .s_axi_wvalid(s_axi_ethernet_data_wvalid),
      .s_axi_wready(s_axi_ethernet_data_wready),
      .s_axi_bid(s_axi_ethernet_data_bid),
      .s_axi_bresp(s_axi_ethernet_data_bresp),
      .s_axi_bvalid(s_axi_ethernet_data_bvalid),
      .s_axi_bready(s_axi_ethernet_data_bready),
      .s_axi_arid(s_axi_ethernet_data_arid),
      .s_axi_araddr(s_axi_ethernet_data_araddr),
      .s_axi_arlen(s_axi_ethernet_data_arlen),
      .s_axi_arsize(s_axi_ethernet_data_arsize),
      .s_axi_arburst(s_axi_ethernet_data_arburst),
      .s_axi_arvalid(s_axi_ethernet_data_arvalid),
      .s_axi_arready(s_axi_ethernet_data_arready),
      .s_axi_rid(s_axi_ethernet_data_rid),
      .s_axi_rdata(s_axi_ethernet_data_rdata),
      .s_axi_rresp(s_axi_ethernet_data_rresp),
      .s_axi_rlast(s_axi_ethernet_data_rlast),
      .s_axi_rvalid(s_axi_ethernet_data_rvalid),
      .s_axi_rready(s_axi_ethernet_data_rready),
      .m_axi_awid(ethernet_data_awid),
      .m_axi_awaddr(ethernet_data_awaddr),
      .m_axi_awlen(ethernet_data_awlen),
      .m_axi_awsize(ethernet_data_awsize),
      .m_axi_awburst(ethernet_data_awburst),
      .m_axi_awvalid(ethernet_data_awvalid),
      .m_axi_awready(ethernet_data_awready),
      .m_axi_wdata(ethernet_data_wdata),
      .m_axi_wstrb(ethernet_data_wstrb),
      .m_axi_wlast(ethernet_data_wlast),
      .m_axi_wvalid(ethernet_data_wvalid),
      .m_axi_wready(ethernet_data_wready),
      .m_axi_bid(ethernet_data_bid),
      .m_axi_bresp(ethernet_data_bresp),
      .m_axi_bvalid(ethernet_data_bvalid),
      .m_axi_bready(ethernet_data_bready),
      .m_axi_arid(ethernet_data_arid),
      .m_axi_araddr(ethernet_data_araddr),
      .m_axi_arlen(ethernet_data_arlen),
      .m_axi_arsize(ethernet_data_arsize),
      .m_axi_arburst(ethernet_data_arburst),
      .m_axi_arvalid(ethernet_data_arvalid),
      .m_axi_arready(ethernet_data_arready),
      .m_axi_rid(ethernet_data_rid),
      .m_axi_rdata(ethernet_data_rdata),
      .m_axi_rresp(ethernet_data_rresp),
      .m_axi_rlast(ethernet_data_rlast),
      .m_axi_rvalid(ethernet_data_rvalid),
      .m_axi_rready(ethernet_data_rready),
      .busy(ethernet_data_decoder_busy)
  );

  axi_decoder #(
      .SLAVES(2),
      .ID_WIDTH(ID_WIDTH),
      .BASE({MEMORY_BASE, HOST_BASE}),
      .MASK({MEMORY_MASK, HOST_MASK})
  ) ethernet_descriptors_decoder (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(s_axi_ethernet_descriptors_awid),
      .s_axi_awaddr(s_axi_ethernet_descriptors_awaddr),
      .s_axi_awlen(s_axi_ethernet_descriptors_awlen),
      .s_axi_awsize(s_axi_ethernet_descriptors_awsize),
      .s_axi_awburst(s_axi_ethernet_descriptors_awburst),
      .s_axi_awvalid(s_axi_ethernet_descriptors_awvalid),
      .s_axi_awready(s_axi_ethernet_descriptors_awready),
      .s_axi_wdata(s_axi_ethernet_descriptors_wdata),
      .s_axi_wstrb(s_axi_ethernet_descriptors_wstrb),
      .s_axi_wlast(s_axi_ethernet_descriptors_wlast),
      .s_axi_wvalid(s_axi_ethernet_descriptors_wvalid),
      .s_axi_wready(s_axi_ethernet_descriptors_wready),
      .s_axi_bid(s_axi_ethernet_descriptors_bid),
      .s_axi_bresp(s_axi_ethernet_descriptors_bresp),
      .s_axi_bvalid(s_axi_ethernet_descriptors_bvalid),
      .s_axi_bready(s_axi_ethernet_descriptors_bready),
      .s_axi_arid(s_axi_ethernet_descriptors_arid),
      .s_axi_araddr(s_axi_ethernet_descriptors_araddr),
      .s_axi_arlen(s_axi_ethernet_descriptors_arlen),
      .s_axi_arsize(s_axi_ethernet_descriptors_arsize),
      .s_axi_arburst(s_axi_ethernet_descriptors_arburst),
      .s_axi_arvalid(s_axi_ethernet_descriptors_arvalid),
      .s_axi_arready(s_axi_ethernet_descriptors_arready),
      .s_axi_rid(s_axi_ethernet_descriptors_rid),
      .s_axi_rdata(s_axi_ethernet_descriptors_rdata),
      .s_axi_rresp(s_axi_ethernet_descriptors_rresp),
      .s_axi_rlast(s_axi_ethernet_descriptors_rlast),
      .s_axi_rvalid(s_axi_ethernet_descriptors_rvalid),
      .s_axi_rready(s_axi_ethernet_descriptors_rready),
      .m_axi_awid(ethernet_descriptors_awid),
      .m_axi_awaddr(ethernet_descriptors_awaddr),
      .m_axi_awlen(ethernet_descriptors_awlen),
      .m_axi_awsize(ethernet_descriptors_awsize),
      .m_axi_awburst(ethernet_descriptors_awburst),
      .m_axi_awvalid(ethernet_descriptors_awvalid),
      .m_axi_awready(ethernet_descriptors_awready),
      .m_axi_wdata(ethernet_descriptors_wdata),
      .m_axi_wstrb(ethernet_descriptors_wstrb),
      .m_axi_wlast(ethernet_descriptors_wlast),
      .m_axi_wvalid(ethernet_descriptors_wvalid),
      .m_axi_wready(ethernet_descriptors_wready),
      .m_axi_bid(ethernet_descriptors_bid),
      .m_axi_bresp(ethernet_descriptors_bresp),
      .m_axi_bvalid(ethernet_descriptors_bvalid),
      .m_axi_bready(ethernet_descriptors_bready),
      .m_axi_arid(ethernet_descriptors_arid),
      .m_axi_araddr(ethernet_descriptors_araddr),
      .m_axi_arlen(ethernet_descriptors_arlen),
      .m_axi_arsize(ethernet_descriptors_arsize),
      .m_axi_arburst(ethernet_descriptors_arburst),
      .m_axi_arvalid(ethernet_descriptors_arvalid),
      .m_axi_arready(ethernet_descriptors_arready),
      .m_axi_rid(ethernet_descriptors_rid),
      .m_axi_rdata(ethernet_descriptors_rdata),
      .m_axi_rresp(ethernet_descriptors_rresp),
      .m_axi_rlast(ethernet_descriptors_rlast),
      .m_axi_rvalid(ethernet_descriptors_rvalid),
      .m_axi_rready(ethernet_descriptors_rready),
      .busy(ethernet_descriptors_decoder_busy)
  );

  axi_channels_decoder #(
      .CHANNELS(2),
      .ID_WIDTH(ID_WIDTH),
      .BASE({MEMORY_BASE, HOST_BASE}),
      .MASK({MEMORY_MASK, HOST_MASK})
  ) dma_decoder (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(s_axi_dma_awid),
      .s_axi_awaddr(s_axi_dma_awaddr),
      .s_axi_awlen(s_axi_dma_awlen),
      .s_axi_awsize(s_axi_dma_awsize),
      .s_axi_awburst(s_axi_dma_awburst),
      .s_axi_awvalid(s_axi_dma_awvalid),
      .s_axi_awready(s_axi_dma_awready),
      .s_axi_wdata(s_axi_dma_wdata),
      .s_axi_wstrb(s_axi_dma_wstrb),
      .s_axi_wlast(s_axi_dma_wlast),
      .s_axi_wvalid(s_axi_dma_wvalid),
      .s_axi_wready(s_axi_dma_wready),
      .s_axi_bid(s_axi_dma_bid),
      .s_axi_bresp(s_axi_dma_bresp),
      .s_axi_bvalid(s_axi_dma_bvalid),
      .s_axi_bready(s_axi_dma_bready),
      .s_axi_arid(s_axi_dma_arid),
      .s_axi_araddr(s_axi_dma_araddr),
      .s_axi_arlen(s_axi_dma_arlen),
      .s_axi_arsize(s_axi_dma_arsize),
      .s_axi_arburst(s_axi_dma_arburst),
      .s_axi_arvalid(s_axi_dma_arvalid),
      .s_axi_arready(s_axi_dma_arready),
      .s_axi_rid(s_axi_dma_rid),
      .s_axi_rdata(s_axi_dma_rdata),
      .s_axi_rresp(s_axi_dma_rresp),
      .s_axi_rlast(s_axi_dma_rlast),
      .s_axi_rvalid(s_axi_dma_rvalid),
      .s_axi_rready(s_axi_dma_rready),
      .m_axi_awid(dma_awid),
      .m_axi_awaddr(dma_awaddr),
      .m_axi_awlen(dma_awlen),
      .m_axi_awsize(dma_awsize),
      .m_axi_awburst(dma_awburst),
      .m_axi_awvalid(dma_awvalid),
      .m_axi_awready(dma_awready),
      .m_axi_wdata(dma_wdata),
      .m_axi_wstrb(dma_wstrb),
      .m_axi_wlast(dma_wlast),
      .m_axi_wvalid(dma_wvalid),
      .m_axi_wready(dma_wready),
      .m_axi_bid(dma_bid),
      .m_axi_bresp(dma_bresp),
      .m_axi_bvalid(dma_bvalid),
      .m_axi_bready(dma_bready),
      .m_axi_arid(dma_arid),
      .m_axi_araddr(dma_araddr),
      .m_axi_arlen(dma_arlen),
      .m_axi_arsize(dma_arsize),
      .m_axi_arburst(dma_arburst),
      .m_axi_arvalid(dma_arvalid),
      .m_axi_arready(dma_arready),
      .m_axi_rid(dma_rid),
      .m_axi_rdata(dma_rdata),
      .m_axi_rresp(dma_rresp),
      .m_axi_rlast(dma_rlast),
      .m_axi_rvalid(dma_rvalid),
      .m_axi_rready(dma_rready),
      .busy(dma_decoder_busy)
  );

  axi_decoder #(
      .SLAVES(3),
      .ID_WIDTH(ID_WIDTH),
      .BASE({REGISTERS_BASE, MEMORY_BASE, HOST_BASE}),
      .MASK({REGISTERS_MASK, MEMORY_MASK, HOST_MASK})
  ) firmware_decoder (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(s_axi_firmware_awid),
      .s_axi_awaddr(s_axi_firmware_awaddr),
      .s_axi_awlen(s_axi_firmware_awlen),
      .s_axi_awsize(s_axi_firmware_awsize),
      .s_axi_awburst(s_axi_firmware_awburst),
      .s_axi_awvalid(s_axi_firmware_awvalid),
      .s_axi_awready(s_axi_firmware_awready),
      .s_axi_wdata(s_axi_firmware_wdata),
      .s_axi_wstrb(s_axi_firmware_wstrb),
      .s_axi_wlast(s_axi_firmware_wlast),
      .s_axi_wvalid(s_axi_firmware_wvalid),
      .s_axi_wready(s_axi_firmware_wready),
      .s_axi_bid(s_axi_firmware_bid),
      .s_axi_bresp(s_axi_firmware_bresp),
      .s_axi_bvalid(s_axi_firmware_bvalid),
      .s_axi_bready(s_axi_firmware_bready),
      .s_axi_arid(s_axi_firmware_arid),
      .s_axi_araddr(s_axi_firmware_araddr),
      .s_axi_arlen(s_axi_firmware_arlen),
      .s_axi_arsize(s_axi_firmware_arsize),
      .s_axi_arburst(s_axi_firmware_arburst),
      .s_axi_arvalid(s_axi_firmware_arvalid),
      .s_axi_arready(s_axi_firmware_arready),
      .s_axi_rid(s_axi_firmware_rid),
      .s_axi_rdata(s_axi_firmware_rdata),
      .s_axi_rresp(s_axi_firmware_rresp),
      .s_axi_rlast(s_axi_firmware_rlast),
      .s_axi_rvalid(s_axi_firmware_rvalid),
      .s_axi_rready(s_axi_firmware_rready),
      .m_axi_awid(firmware_awid),
      .m_axi_awaddr(firmware_awaddr),
      .m_axi_awlen(firmware_awlen),
      .m_axi_awsize(firmware_awsize),
      .m_axi_awburst(firmware_awburst),
      .m_axi_awvalid(firmware_awvalid),
      .m_axi_awready(firmware_awready),
      .m_axi_wdata(firmware_wdata),
      .m_axi_wstrb(firmware_wstrb),
      .m_axi_wlast(firmware_wlast),
      .m_axi_wvalid(firmware_wvalid),
      .m_axi_wready(firmware_wready),
      .m_axi_bid(firmware_bid),
      .m_axi_bresp(firmware_bresp),
      .m_axi_bvalid(firmware_bvalid),
      .m_axi_bready(firmware_bready),
      .m_axi_arid(firmware_arid),
      .m_axi_araddr(firmware_araddr),
      .m_axi_arlen(firmware_arlen),
      .m_axi_arsize(firmware_arsize),
      .m_axi_arburst(firmware_arburst),
      .m_axi_arvalid(firmware_arvalid),
      .m_axi_arready(firmware_arready),
      .m_axi_rid(firmware_rid),
      .m_axi_rdata(firmware_rdata),
      .m_axi_rresp(firmware_rresp),
      .m_axi_rlast(firmware_rlast),
      .m_axi_rvalid(firmware_rvalid),
      .m_axi_rready(firmware_rready),
      .busy(firmware_decoder_busy)
  );

  // The memory's arbiter reports to nobody, and bursts are as long as the masters make them.
  wire [5:0] memory_read_request, memory_write_request;
  wire memory_grant_valid, memory_grant_write, memory_last_read_valid, memory_last_write_valid;
  wire [MEMORY_ID_WIDTH-1:0] memory_grant_id, memory_last_read_id;
  wire [63:0] memory_grant_addr;
  wire [8:0] memory_grant_beats;
  wire [2:0] memory_last_write_master;
  wire [6*32-1:0] memory_beats;
  wire bus_burst_too_long, memory_burst_too_long;

  // The firmware's bursts come from outside: the host bus sees none longer than those of the card's own masters.
  wire firmware_limiter_busy;
  wire [ID_WIDTH-1:0] limited_awid, limited_bid, limited_arid, limited_rid;
  wire [64-1:0] limited_awaddr, limited_wdata, limited_araddr, limited_rdata;
  wire [8-1:0] limited_awlen, limited_wstrb, limited_arlen;
  wire [3-1:0] limited_awsize, limited_arsize;
  wire [2-1:0] limited_awburst, limited_bresp, limited_arburst, limited_rresp;
  wire limited_awvalid, limited_awready, limited_wlast, limited_wvalid, limited_wready, limited_bvalid,
  limited_bready, limited_arvalid, limited_arready, limited_rlast, limited_rvalid, limited_rready;

  axi_burst_limiter #(
      .ID_WIDTH(ID_WIDTH),
      .MAX_BEATS(MAX_BURST_BYTES / 8)
  ) firmware_limiter (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(firmware_awid[0*ID_WIDTH+:ID_WIDTH]),
      .s_axi_awaddr(firmware_awaddr[0*64+:64]),
      .s_axi_awlen(firmware_awlen[0*8+:8]),
      .s_axi_awsize(firmware_awsize[0*3+:3]),
      .s_axi_awburst(firmware_awburst[0*2+:2]),
      .s_axi_awvalid(firmware_awvalid[0]),
      .s_axi_awready(firmware_awready_0),
      .s_axi_wdata(firmware_wdata[0*64+:64]),
      .s_axi_wstrb(firmware_wstrb[0*8+:8]),
      .s_axi_wlast(firmware_wlast[0]),
      .s_axi_wvalid(firmware_wvalid[0]),
      .s_axi_wready(firmware_wready_0),
      .s_axi_bid(firmware_bid_0),
      .s_axi_bresp(firmware_bresp_0),
      .s_axi_bvalid(firmware_bvalid_0),
      .s_axi_bready(firmware_bready[0]),
      .s_axi_arid(firmware_arid[0*ID_WIDTH+:ID_WIDTH]),
      .s_axi_araddr(firmware_araddr[0*64+:64]),
      .s_axi_arlen(firmware_arlen[0*8+:8]),
      .s_axi_arsize(firmware_arsize[0*3+:3]),
      .s_axi_arburst(firmware_arburst[0*2+:2]),
      .s_axi_arvalid(firmware_arvalid[0]),
      .s_axi_arready(firmware_arready_0),
      .s_axi_rid(firmware_rid_0),
      .s_axi_rdata(firmware_rdata_0),
      .s_axi_rresp(firmware_rresp_0),
      .s_axi_rlast(firmware_rlast_0),
      .s_axi_rvalid(firmware_rvalid_0),
      .s_axi_rready(firmware_rready[0]),
      .m_axi_awid(limited_awid),
      .m_axi_awaddr(limited_awaddr),
      .m_axi_awlen(limited_awlen),
      .m_axi_awsize(limited_awsize),
      .m_axi_awburst(limited_awburst),
      .m_axi_awvalid(limited_awvalid),
      .m_axi_awready(limited_awready),
      .m_axi_wdata(limited_wdata),
      .m_axi_wstrb(limited_wstrb),
      .m_axi_wlast(limited_wlast),
      .m_axi_wvalid(limited_wvalid),
      .m_axi_wready(limited_wready),
      .m_axi_bid(limited_bid),
      .m_axi_bresp(limited_bresp),
      .m_axi_bvalid(limited_bvalid),
      .m_axi_bready(limited_bready),
      .m_axi_arid(limited_arid),
      .m_axi_araddr(limited_araddr),
      .m_axi_arlen(limited_arlen),
      .m_axi_arsize(limited_arsize),
      .m_axi_arburst(limited_arburst),
      .m_axi_arvalid(limited_arvalid),
      .m_axi_arready(limited_arready),
      .m_axi_rid(limited_rid),
      .m_axi_rdata(limited_rdata),
      .m_axi_rresp(limited_rresp),
      .m_axi_rlast(limited_rlast),
      .m_axi_rvalid(limited_rvalid),
      .m_axi_rready(limited_rready),
      .busy(firmware_limiter_busy)
  );

  // The bus arbiter: who may use the host bus next.
  axi_arbiter #(
      .MASTERS(4),
      .ID_WIDTH(ID_WIDTH),
      .SHARED(1),
      .OUTSTANDING(4),  // enough to fill the host bus over its latency; what is more waits here, where it takes turns
      .MAX_BURST_BEATS(MAX_BURST_BYTES / 8)
  ) bus_arbiter (
      .clk(clk),
      .rst(rst),
      .round_robin(round_robin),
      .s_axi_awid({limited_awid, dma_awid[0*ID_WIDTH+:ID_WIDTH], ethernet_descriptors_awid[0*ID_WIDTH+:ID_WIDTH], ethernet_data_awid[0*ID_WIDTH+:ID_WIDTH]}),
      .s_axi_awaddr({limited_awaddr, dma_awaddr[0*64+:64], ethernet_descriptors_awaddr[0*64+:64], ethernet_data_awaddr[0*64+:64]}),
      .s_axi_awlen({limited_awlen, dma_awlen[0*8+:8], ethernet_descriptors_awlen[0*8+:8], ethernet_data_awlen[0*8+:8]}),
      .s_axi_awsize({limited_awsize, dma_awsize[0*3+:3], ethernet_descriptors_awsize[0*3+:3], ethernet_data_awsize[0*3+:3]}),
      .s_axi_awburst({limited_awburst, dma_awburst[0*2+:2], ethernet_descriptors_awburst[0*2+:2], ethernet_data_awburst[0*2+:2]}),
      .s_axi_awvalid({limited_awvalid, dma_awvalid[0], ethernet_descriptors_awvalid[0], ethernet_data_awvalid[0]}),
      .s_axi_awready({limited_awready, dma_awready_0, ethernet_descriptors_awready_0, ethernet_data_awready_0}),
      .s_axi_wdata({limited_wdata, dma_wdata[0*64+:64], ethernet_descriptors_wdata[0*64+:64], ethernet_data_wdata[0*64+:64]}),
      .s_axi_wstrb({limited_wstrb, dma_wstrb[0*8+:8], ethernet_descriptors_wstrb[0*8+:8], ethernet_data_wstrb[0*8+:8]}),
      .s_axi_wlast({limited_wlast, dma_wlast[0], ethernet_descriptors_wlast[0], ethernet_data_wlast[0]}),
      .s_axi_wvalid({limited_wvalid, dma_wvalid[0], ethernet_descriptors_wvalid[0], ethernet_data_wvalid[0]}),
      .s_axi_wready({limited_wready, dma_wready_0, ethernet_descriptors_wready_0, ethernet_data_wready_0}),
      .s_axi_bid({limited_bid, dma_bid_0, ethernet_descriptors_bid_0, ethernet_data_bid_0}),
      .s_axi_bresp({limited_bresp, dma_bresp_0, ethernet_descriptors_bresp_0, ethernet_data_bresp_0}),
      .s_axi_bvalid({limited_bvalid, dma_bvalid_0, ethernet_descriptors_bvalid_0, ethernet_data_bvalid_0}),
      .s_axi_bready({limited_bready, dma_bready[0], ethernet_descriptors_bready[0], ethernet_data_bready[0]}),
      .s_axi_arid({limited_arid, dma_arid[0*ID_WIDTH+:ID_WIDTH], ethernet_descriptors_arid[0*ID_WIDTH+:ID_WIDTH], ethernet_data_arid[0*ID_WIDTH+:ID_WIDTH]}),
      .s_axi_araddr({limited_araddr, dma_araddr[0*64+:64], ethernet_descriptors_araddr[0*64+:64], ethernet_data_araddr[0*64+:64]}),
      .s_axi_arlen({limited_arlen, dma_arlen[0*8+:8], ethernet_descriptors_arlen[0*8+:8], ethernet_data_arlen[0*8+:8]}),
      .s_axi_arsize({limited_arsize, dma_arsize[0*3+:3], ethernet_descriptors_arsize[0*3+:3], ethernet_data_arsize[0*3+:3]}),
      .s_axi_arburst({limited_arburst, dma_arburst[0*2+:2], ethernet_descriptors_arburst[0*2+:2], ethernet_data_arburst[0*2+:2]}),
      .s_axi_arvalid({limited_arvalid, dma_arvalid[0], ethernet_descriptors_arvalid[0], ethernet_data_arvalid[0]}),
      .s_axi_arready({limited_arready, dma_arready_0, ethernet_descriptors_arready_0, ethernet_data_arready_0}),
      .s_axi_rid({limited_rid, dma_rid_0, ethernet_descriptors_rid_0, ethernet_data_rid_0}),
      .s_axi_rdata({limited_rdata, dma_rdata_0, ethernet_descriptors_rdata_0, ethernet_data_rdata_0}),
      .s_axi_rresp({limited_rresp, dma_rresp_0, ethernet_descriptors_rresp_0, ethernet_data_rresp_0}),
      .s_axi_rlast({limited_rlast, dma_rlast_0, ethernet_descriptors_rlast_0, ethernet_data_rlast_0}),
      .s_axi_rvalid({limited_rvalid, dma_rvalid_0, ethernet_descriptors_rvalid_0, ethernet_data_rvalid_0}),
      .s_axi_rready({limited_rready, dma_rready[0], ethernet_descriptors_rready[0], ethernet_data_rready[0]}),
      .m_axi_awid(m_axi_host_awid),
      .m_axi_awaddr(m_axi_host_awaddr),
      .m_axi_awlen(m_axi_host_awlen),
      .m_axi_awsize(m_axi_host_awsize),
      .m_axi_awburst(m_axi_host_awburst),
      .m_axi_awvalid(m_axi_host_awvalid),
      .m_axi_awready(m_axi_host_awready),
      .m_axi_wdata(m_axi_host_wdata),
      .m_axi_wstrb(m_axi_host_wstrb),
      .m_axi_wlast(m_axi_host_wlast),
      .m_axi_wvalid(m_axi_host_wvalid),
      .m_axi_wready(m_axi_host_wready),
      .m_axi_bid(m_axi_host_bid),
      .m_axi_bresp(m_axi_host_bresp),
      .m_axi_bvalid(m_axi_host_bvalid),
      .m_axi_bready(m_axi_host_bready),
      .m_axi_arid(m_axi_host_arid),
      .m_axi_araddr(m_axi_host_araddr),
      .m_axi_arlen(m_axi_host_arlen),
      .m_axi_arsize(m_axi_host_arsize),
      .m_axi_arburst(m_axi_host_arburst),
      .m_axi_arvalid(m_axi_host_arvalid),
      .m_axi_arready(m_axi_host_arready),
      .m_axi_rid(m_axi_host_rid),
      .m_axi_rdata(m_axi_host_rdata),
      .m_axi_rresp(m_axi_host_rresp),
      .m_axi_rlast(m_axi_host_rlast),
      .m_axi_rvalid(m_axi_host_rvalid),
      .m_axi_rready(m_axi_host_rready),
      .read_request(bus_read_request),
      .write_request(bus_write_request),
      .grant_valid(bus_grant_valid),
      .grant_write(bus_grant_write),
      .grant_id(bus_grant_id),
      .grant_addr(bus_grant_addr),
      .grant_beats(bus_grant_beats),
      .last_read_valid(bus_last_read_valid),
      .last_read_id(bus_last_read_id),
      .last_write_valid(bus_last_write_valid),
      .last_write_master(bus_last_write_master),
      .beats(bus_beats),
      .burst_too_long(bus_burst_too_long),
      .busy(bus_arbiter_busy)
  );

  axi_arbiter #(
      .MASTERS(6),
      .ID_WIDTH(ID_WIDTH),
      .SHARED(0),
      .OUTSTANDING(16),
      .MAX_BURST_BEATS(256)
  ) memory_arbiter (
      .clk(clk),
      .rst(rst),
      .round_robin(1'b1),
      .s_axi_awid({s_axi_window_awid, s_axi_messaging_awid, firmware_awid[1*ID_WIDTH+:ID_WIDTH], dma_awid[1*ID_WIDTH+:ID_WIDTH], ethernet_descriptors_awid[1*ID_WIDTH+:ID_WIDTH], ethernet_data_awid[1*ID_WIDTH+:ID_WIDTH]}),
      .s_axi_awaddr({s_axi_window_awaddr, s_axi_messaging_awaddr, firmware_awaddr[1*64+:64], dma_awaddr[1*64+:64], ethernet_descriptors_awaddr[1*64+:64], ethernet_data_awaddr[1*64+:64]}),
      .s_axi_awlen({s_axi_window_awlen, s_axi_messaging_awlen, firmware_awlen[1*8+:8], dma_awlen[1*8+:8], ethernet_descriptors_awlen[1*8+:8], ethernet_data_awlen[1*8+:8]}),
      .s_axi_awsize({s_axi_window_awsize, s_axi_messaging_awsize, firmware_awsize[1*3+:3], dma_awsize[1*3+:3], ethernet_descriptors_awsize[1*3+:3], ethernet_data_awsize[1*3+:3]}),
      .s_axi_awburst({s_axi_window_awburst, s_axi_messaging_awburst, firmware_awburst[1*2+:2], dma_awburst[1*2+:2], ethernet_descriptors_awburst[1*2+:2], ethernet_data_awburst[1*2+:2]}),
      .s_axi_awvalid({s_axi_window_awvalid, s_axi_messaging_awvalid, firmware_awvalid[1], dma_awvalid[1], ethernet_descriptors_awvalid[1], ethernet_data_awvalid[1]}),
      .s_axi_awready({s_axi_window_awready, s_axi_messaging_awready, firmware_awready_1, dma_awready_1, ethernet_descriptors_awready_1, ethernet_data_awready_1}),
      .s_axi_wdata({s_axi_window_wdata, s_axi_messaging_wdata, firmware_wdata[1*64+:64], dma_wdata[1*64+:64], ethernet_descriptors_wdata[1*64+:64], ethernet_data_wdata[1*64+:64]}),
      .s_axi_wstrb({s_axi_window_wstrb, s_axi_messaging_wstrb, firmware_wstrb[1*8+:8], dma_wstrb[1*8+:8], ethernet_descriptors_wstrb[1*8+:8], ethernet_data_wstrb[1*8+:8]}),
      .s_axi_wlast({s_axi_window_wlast, s_axi_messaging_wlast, firmware_wlast[1], dma_wlast[1], ethernet_descriptors_wlast[1], ethernet_data_wlast[1]}),
      .s_axi_wvalid({s_axi_window_wvalid, s_axi_messaging_wvalid, firmware_wvalid[1], dma_wvalid[1], ethernet_descriptors_wvalid[1], ethernet_data_wvalid[1]}),
      .s_axi_wready({s_axi_window_wready, s_axi_messaging_wready, firmware_wready_1, dma_wready_1, ethernet_descriptors_wready_1, ethernet_data_wready_1}),
      .s_axi_bid({s_axi_window_bid, s_axi_messaging_bid, firmware_bid_1, dma_bid_1, ethernet_descriptors_bid_1, ethernet_data_bid_1}),
      .s_axi_bresp({s_axi_window_bresp, s_axi_messaging_bresp, firmware_bresp_1, dma_bresp_1, ethernet_descriptors_bresp_1, ethernet_data_bresp_1}),
      .s_axi_bvalid({s_axi_window_bvalid, s_axi_messaging_bvalid, firmware_bvalid_1, dma_bvalid_1, ethernet_descriptors_bvalid_1, ethernet_data_bvalid_1}),
      .s_axi_bready({s_axi_window_bready, s_axi_messaging_bready, firmware_bready[1], dma_bready[1], ethernet_descriptors_bready[1], ethernet_data_bready[1]}),
      .s_axi_arid({s_axi_window_arid, s_axi_messaging_arid, firmware_arid[1*ID_WIDTH+:ID_WIDTH], dma_arid[1*ID_WIDTH+:ID_WIDTH], ethernet_descriptors_arid[1*ID_WIDTH+:ID_WIDTH], ethernet_data_arid[1*ID_WIDTH+:ID_WIDTH]}),
      .s_axi_araddr({s_axi_window_araddr, s_axi_messaging_araddr, firmware_araddr[1*64+:64], dma_araddr[1*64+:64], ethernet_descriptors_araddr[1*64+:64], ethernet_data_araddr[1*64+:64]}),
      .s_axi_arlen({s_axi_window_arlen, s_axi_messaging_arlen, firmware_arlen[1*8+:8], dma_arlen[1*8+:8], ethernet_descriptors_arlen[1*8+:8], ethernet_data_arlen[1*8+:8]}),
      .s_axi_arsize({s_axi_window_arsize, s_axi_messaging_arsize, firmware_arsize[1*3+:3], dma_arsize[1*3+:3], ethernet_descriptors_arsize[1*3+:3], ethernet_data_arsize[1*3+:3]}),
      .s_axi_arburst({s_axi_window_arburst, s_axi_messaging_arburst, firmware_arburst[1*2+:2], dma_arburst[1*2+:2], ethernet_descriptors_arburst[1*2+:2], ethernet_data_arburst[1*2+:2]}),
      .s_axi_arvalid({s_axi_window_arvalid, s_axi_messaging_arvalid, firmware_arvalid[1], dma_arvalid[1], ethernet_descriptors_arvalid[1], ethernet_data_arvalid[1]}),
      .s_axi_arready({s_axi_window_arready, s_axi_messaging_arready, firmware_arready_1, dma_arready_1, ethernet_descriptors_arready_1, ethernet_data_arready_1}),
      .s_axi_rid({s_axi_window_rid, s_axi_messaging_rid, firmware_rid_1, dma_rid_1, ethernet_descriptors_rid_1, ethernet_data_rid_1}),
      .s_axi_rdata({s_axi_window_rdata, s_axi_messaging_rdata, firmware_rdata_1, dma_rdata_1, ethernet_descriptors_rdata_1, ethernet_data_rdata_1}),
      .s_axi_rresp({s_axi_window_rresp, s_axi_messaging_rresp, firmware_rresp_1, dma_rresp_1, ethernet_descriptors_rresp_1, ethernet_data_rresp_1}),
      .s_axi_rlast({s_axi_window_rlast, s_axi_messaging_rlast, firmware_rlast_1, dma_rlast_1, ethernet_descriptors_rlast_1, ethernet_data_rlast_1}),
      .s_axi_rvalid({s_axi_window_rvalid, s_axi_messaging_rvalid, firmware_rvalid_1, dma_rvalid_1, ethernet_descriptors_rvalid_1, ethernet_data_rvalid_1}),
      .s_axi_rready({s_axi_window_rready, s_axi_messaging_rready, firmware_rready[1], dma_rready[1], ethernet_descriptors_rready[1], ethernet_data_rready[1]}),
      .m_axi_awid(m_axi_memory_awid),
      .m_axi_awaddr(m_axi_memory_awaddr),
      .m_axi_awlen(m_axi_memory_awlen),
      .m_axi_awsize(m_axi_memory_awsize),
      .m_axi_awburst(m_axi_memory_awburst),
      .m_axi_awvalid(m_axi_memory_awvalid),
      .m_axi_awready(m_axi_memory_awready),
      .m_axi_wdata(m_axi_memory_wdata),
      .m_axi_wstrb(m_axi_memory_wstrb),
      .m_axi_wlast(m_axi_memory_wlast),
      .m_axi_wvalid(m_axi_memory_wvalid),
      .m_axi_wready(m_axi_memory_wready),
      .m_axi_bid(m_axi_memory_bid),
      .m_axi_bresp(m_axi_memory_bresp),
      .m_axi_bvalid(m_axi_memory_bvalid),
      .m_axi_bready(m_axi_memory_bready),
      .m_axi_arid(m_axi_memory_arid),
      .m_axi_araddr(m_axi_memory_araddr),
      .m_axi_arlen(m_axi_memory_arlen),
      .m_axi_arsize(m_axi_memory_arsize),
      .m_axi_arburst(m_axi_memory_arburst),
      .m_axi_arvalid(m_axi_memory_arvalid),
      .m_axi_arready(m_axi_memory_arready),
      .m_axi_rid(m_axi_memory_rid),
      .m_axi_rdata(m_axi_memory_rdata),
      .m_axi_rresp(m_axi_memory_rresp),
      .m_axi_rlast(m_axi_memory_rlast),
      .m_axi_rvalid(m_axi_memory_rvalid),
      .m_axi_rready(m_axi_memory_rready),
      .read_request(memory_read_request),
      .write_request(memory_write_request),
      .grant_valid(memory_grant_valid),
      .grant_write(memory_grant_write),
      .grant_id(memory_grant_id),
      .grant_addr(memory_grant_addr),
      .grant_beats(memory_grant_beats),
      .last_read_valid(memory_last_read_valid),
      .last_read_id(memory_last_read_id),
      .last_write_valid(memory_last_write_valid),
      .last_write_master(memory_last_write_master),
      .beats(memory_beats),
      .burst_too_long(memory_burst_too_long),
      .busy(memory_arbiter_busy)
  );

  wire [19:0] registers_awaddr, registers_araddr;
  wire registers_awvalid, registers_awready, registers_wvalid, registers_wready, registers_bvalid, registers_bready,
      registers_arvalid, registers_arready, registers_rvalid, registers_rready;
  wire [31:0] registers_wdata, registers_rdata;
  wire [3:0] registers_wstrb;
  wire [1:0] registers_bresp, registers_rresp;

  axi_to_axil #(
      .ID_WIDTH(ID_WIDTH),
      .ADDR_WIDTH(20)
  ) register_bridge (
      .clk(clk),
      .rst(rst),
      .s_axi_awid(firmware_awid[2*ID_WIDTH+:ID_WIDTH]),
      .s_axi_awaddr(firmware_awaddr[2*64+:64]),
      .s_axi_awlen(firmware_awlen[2*8+:8]),
      .s_axi_awsize(firmware_awsize[2*3+:3]),
      .s_axi_awburst(firmware_awburst[2*2+:2]),
      .s_axi_awvalid(firmware_awvalid[2]),
      .s_axi_awready(firmware_awready_2),
      .s_axi_wdata(firmware_wdata[2*64+:64]),
      .s_axi_wstrb(firmware_wstrb[2*8+:8]),
      .s_axi_wlast(firmware_wlast[2]),
      .s_axi_wvalid(firmware_wvalid[2]),
      .s_axi_wready(firmware_wready_2),
      .s_axi_bid(firmware_bid_2),
      .s_axi_bresp(firmware_bresp_2),
      .s_axi_bvalid(firmware_bvalid_2),
      .s_axi_bready(firmware_bready[2]),
      .s_axi_arid(firmware_arid[2*ID_WIDTH+:ID_WIDTH]),
      .s_axi_araddr(firmware_araddr[2*64+:64]),
      .s_axi_arlen(firmware_arlen[2*8+:8]),
      .s_axi_arsize(firmware_arsize[2*3+:3]),
      .s_axi_arburst(firmware_arburst[2*2+:2]),
      .s_axi_arvalid(firmware_arvalid[2]),
      .s_axi_arready(firmware_arready_2),
      .s_axi_rid(firmware_rid_2),
      .s_axi_rdata(firmware_rdata_2),
      .s_axi_rresp(firmware_rresp_2),
      .s_axi_rlast(firmware_rlast_2),
      .s_axi_rvalid(firmware_rvalid_2),
      .s_axi_rready(firmware_rready[2]),
      .m_axil_awaddr(registers_awaddr),
      .m_axil_awvalid(registers_awvalid),
      .m_axil_awready(registers_awready),
      .m_axil_wdata(registers_wdata),
      .m_axil_wstrb(registers_wstrb),
      .m_axil_wvalid(registers_wvalid),
      .m_axil_wready(registers_wready),
      .m_axil_bresp(registers_bresp),
      .m_axil_bvalid(registers_bvalid),
      .m_axil_bready(registers_bready),
      .m_axil_araddr(registers_araddr),
      .m_axil_arvalid(registers_arvalid),
      .m_axil_arready(registers_arready),
      .m_axil_rdata(registers_rdata),
      .m_axil_rresp(registers_rresp),
      .m_axil_rvalid(registers_rvalid),
      .m_axil_rready(registers_rready),
      .busy(register_bridge_busy)
  );

  axil_decoder #(
      .SLAVES(4),
      .ADDR_WIDTH(20),
      .OFFSET({BRIDGE_BASE[19:0], DMA_BASE[19:0], MESSAGING_BASE[19:0], ETHERNET_BASE[19:0]}),
      .MASK({20'hff000, 20'hff000, 20'hff000, 20'he0000})
  ) register_decoder (
      .clk(clk),
      .rst(rst),
      .s_axil_awaddr(registers_awaddr),
      .s_axil_awvalid(registers_awvalid),
      .s_axil_awready(registers_awready),
      .s_axil_wdata(registers_wdata),
      .s_axil_wstrb(registers_wstrb),
      .s_axil_wvalid(registers_wvalid),
      .s_axil_wready(registers_wready),
      .s_axil_bresp(registers_bresp),
      .s_axil_bvalid(registers_bvalid),
      .s_axil_bready(registers_bready),
      .s_axil_araddr(registers_araddr),
      .s_axil_arvalid(registers_arvalid),
      .s_axil_arready(registers_arready),
      .s_axil_rdata(registers_rdata),
      .s_axil_rresp(registers_rresp),
      .s_axil_rvalid(registers_rvalid),
      .s_axil_rready(registers_rready),
      .m_axil_awaddr({m_axil_bridge_awaddr, m_axil_dma_awaddr, m_axil_messaging_awaddr, m_axil_ethernet_awaddr}),
      .m_axil_awvalid({m_axil_bridge_awvalid, m_axil_dma_awvalid, m_axil_messaging_awvalid, m_axil_ethernet_awvalid}),
      .m_axil_awready({m_axil_bridge_awready, m_axil_dma_awready, m_axil_messaging_awready, m_axil_ethernet_awready}),
      .m_axil_wdata({m_axil_bridge_wdata, m_axil_dma_wdata, m_axil_messaging_wdata, m_axil_ethernet_wdata}),
      .m_axil_wstrb({m_axil_bridge_wstrb, m_axil_dma_wstrb, m_axil_messaging_wstrb, m_axil_ethernet_wstrb}),
      .m_axil_wvalid({m_axil_bridge_wvalid, m_axil_dma_wvalid, m_axil_messaging_wvalid, m_axil_ethernet_wvalid}),
      .m_axil_wready({m_axil_bridge_wready, m_axil_dma_wready, m_axil_messaging_wready, m_axil_ethernet_wready}),
      .m_axil_bresp({m_axil_bridge_bresp, m_axil_dma_bresp, m_axil_messaging_bresp, m_axil_ethernet_bresp}),
      .m_axil_bvalid({m_axil_bridge_bvalid, m_axil_dma_bvalid, m_axil_messaging_bvalid, m_axil_ethernet_bvalid}),
      .m_axil_bready({m_axil_bridge_bready, m_axil_dma_bready, m_axil_messaging_bready, m_axil_ethernet_bready}),
      .m_axil_araddr({m_axil_bridge_araddr, m_axil_dma_araddr, m_axil_messaging_araddr, m_axil_ethernet_araddr}),
      .m_axil_arvalid({m_axil_bridge_arvalid, m_axil_dma_arvalid, m_axil_messaging_arvalid, m_axil_ethernet_arvalid}),
      .m_axil_arready({m_axil_bridge_arready, m_axil_dma_arready, m_axil_messaging_arready, m_axil_ethernet_arready}),
      .m_axil_rdata({m_axil_bridge_rdata, m_axil_dma_rdata, m_axil_messaging_rdata, m_axil_ethernet_rdata}),
      .m_axil_rresp({m_axil_bridge_rresp, m_axil_dma_rresp, m_axil_messaging_rresp, m_axil_ethernet_rresp}),
      .m_axil_rvalid({m_axil_bridge_rvalid, m_axil_dma_rvalid, m_axil_messaging_rvalid, m_axil_ethernet_rvalid}),
      .m_axil_rready({m_axil_bridge_rready, m_axil_dma_rready, m_axil_messaging_rready, m_axil_ethernet_rready}),
      .busy(register_decoder_busy)
  );

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
  wire unused = &{1'b0, memory_read_request, memory_write_request, memory_grant_valid, memory_grant_write,
      memory_grant_id, memory_grant_addr, memory_grant_beats, memory_last_read_valid, memory_last_read_id,
      memory_last_write_valid, memory_last_write_master, memory_beats, memory_burst_too_long, bus_burst_too_long};
`endif

  assign busy = ethernet_data_decoder_busy | ethernet_descriptors_decoder_busy | dma_decoder_busy | firmware_decoder_busy
      | firmware_limiter_busy
      | bus_arbiter_busy | memory_arbiter_busy | register_bridge_busy | register_decoder_busy;

endmodule
`default_nettype wire
