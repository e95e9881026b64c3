// 82544-compatible Ethernet controller: a queue set (registers, rings, DMA, segmentation, checksums) and the MAC.
`default_nettype none
module ethernet_controller #(
    parameter ID_WIDTH          = 4,
    parameter MAX_FRAME_BYTES   = 9234,     // longest frame, FCS included
    parameter TX_BUFFER_BYTES   = 16384,    // packet buffers: powers of two that hold the longest frame
    parameter RX_BUFFER_BYTES   = 32768,
    parameter DESCRIPTOR_CACHE  = 16,       // descriptors prefetched for each ring
    parameter MAX_BURST_BYTES   = 512,
    parameter MOVER_BYTES       = 2048,     // data a mover holds: latency times wire rate, and more
    parameter UNIT_CYCLES       = 16        // clocks of clk in 256 ns
) (
    input  wire clk,
    input  wire rst,

    input  wire [16:0] s_axil_awaddr,
    input  wire s_axil_awvalid,
    output wire s_axil_awready,
    input  wire [31:0] s_axil_wdata,
    input  wire [3:0] s_axil_wstrb,
    input  wire s_axil_wvalid,
    output wire s_axil_wready,
    output wire [1:0] s_axil_bresp,
    output wire s_axil_bvalid,
    input  wire s_axil_bready,
    input  wire [16:0] s_axil_araddr,
    input  wire s_axil_arvalid,
    output wire s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire [1:0] s_axil_rresp,
    output wire s_axil_rvalid,
    input  wire s_axil_rready,

    // reads transmit data, writes receive data
    output wire [ID_WIDTH-1:0] m_axi_data_awid,
    output wire [63:0] m_axi_data_awaddr,
    output wire [7:0] m_axi_data_awlen,
    output wire [2:0] m_axi_data_awsize,
    output wire [1:0] m_axi_data_awburst,
    output wire m_axi_data_awvalid,
    input  wire m_axi_data_awready,
    output wire [63:0] m_axi_data_wdata,
    output wire [7:0] m_axi_data_wstrb,
    output wire m_axi_data_wlast,
    output wire m_axi_data_wvalid,
    input  wire m_axi_data_wready,
    input  wire [ID_WIDTH-1:0] m_axi_data_bid,
    input  wire [1:0] m_axi_data_bresp,
    input  wire m_axi_data_bvalid,
    output wire m_axi_data_bready,
    output wire [ID_WIDTH-1:0] m_axi_data_arid,
    output wire [63:0] m_axi_data_araddr,
    output wire [7:0] m_axi_data_arlen,
    output wire [2:0] m_axi_data_arsize,
    output wire [1:0] m_axi_data_arburst,
    output wire m_axi_data_arvalid,
    input  wire m_axi_data_arready,
    input  wire [ID_WIDTH-1:0] m_axi_data_rid,
    input  wire [63:0] m_axi_data_rdata,
    input  wire [1:0] m_axi_data_rresp,
    input  wire m_axi_data_rlast,
    input  wire m_axi_data_rvalid,
    output wire m_axi_data_rready,

    // fetches descriptors and writes them back
    output wire [ID_WIDTH-1:0] m_axi_desc_awid,
    output wire [63:0] m_axi_desc_awaddr,
    output wire [7:0] m_axi_desc_awlen,
    output wire [2:0] m_axi_desc_awsize,
    output wire [1:0] m_axi_desc_awburst,
    output wire m_axi_desc_awvalid,
    input  wire m_axi_desc_awready,
    output wire [63:0] m_axi_desc_wdata,
    output wire [7:0] m_axi_desc_wstrb,
    output wire m_axi_desc_wlast,
    output wire m_axi_desc_wvalid,
    input  wire m_axi_desc_wready,
    input  wire [ID_WIDTH-1:0] m_axi_desc_bid,
    input  wire [1:0] m_axi_desc_bresp,
    input  wire m_axi_desc_bvalid,
    output wire m_axi_desc_bready,
    output wire [ID_WIDTH-1:0] m_axi_desc_arid,
    output wire [63:0] m_axi_desc_araddr,
    output wire [7:0] m_axi_desc_arlen,
    output wire [2:0] m_axi_desc_arsize,
    output wire [1:0] m_axi_desc_arburst,
    output wire m_axi_desc_arvalid,
    input  wire m_axi_desc_arready,
    input  wire [ID_WIDTH-1:0] m_axi_desc_rid,
    input  wire [63:0] m_axi_desc_rdata,
    input  wire [1:0] m_axi_desc_rresp,
    input  wire m_axi_desc_rlast,
    input  wire m_axi_desc_rvalid,
    output wire m_axi_desc_rready,

    input  wire gmii_tx_clk,
    output wire [7:0] gmii_txd,
    output wire gmii_tx_en,
    output wire gmii_tx_er,
    input  wire gmii_rx_clk,
    input  wire [7:0] gmii_rxd,
    input  wire gmii_rx_dv,
    input  wire gmii_rx_er,
    input  wire wire_link,                  // a partner is there

    input  wire [47:0] mac_address,         // in the EEPROM; byte 0 in bits 7:0

    output wire irq,                        // level: (ICR & IMS) != 0, throttled
    output wire busy                        // the MAC's clock domains included
);
    localparam RX_ADDR = $clog2(RX_BUFFER_BYTES / 8);

    // ---- resets -------------------------------------------------------------------------------------------
    wire reset_request, reset_pending, hold, core_rst, data_quiet, desc_quiet, wire_quiet, set_busy, mac_busy;

    ethernet_reset reset (.clk(clk), .rst(rst), .request(reset_request), .quiet(data_quiet && desc_quiet && wire_quiet),
                          .pending(reset_pending), .hold(hold), .core_rst(core_rst));

    // ---- between the queue set and the MAC ----------------------------------------------------------------
    wire        mac_write, eeprom_reload, link, link_change, mdi_done, vlan_mode, transmit_paused;
    wire [31:0] mac_write_address, mac_write_data, mac_read_address, mac_value;
    wire        station_valid, discard_pause, pass_control, software_xoff;
    wire [47:0] station_address;
    wire        xon_received, xoff_received, xon_sent, xoff_sent, unsupported_control;
    wire [RX_ADDR:0] rx_write_pointer, rx_release;

    wire [63:0] tx_data, rx_data;
    wire [2:0]  tx_first_lane, tx_last_lane, rx_last_lane;
    wire [16:0] tx_tag;
    wire [15:0] rx_tag;
    wire        tx_last, tx_fcs, tx_pad, tx_valid, tx_ready, tx_sent, tx_open;
    wire        rx_last, rx_fcs_error, rx_error, rx_valid, rx_ready, rx_tagged, rx_stripped;
    wire        rx_discard, rx_accept, rx_clean;

    ethernet_queue_set #(
        .ID_WIDTH(ID_WIDTH), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .TX_BUFFER_BYTES(TX_BUFFER_BYTES),
        .RX_BUFFER_BYTES(RX_BUFFER_BYTES), .DESCRIPTOR_CACHE(DESCRIPTOR_CACHE), .MAX_BURST_BYTES(MAX_BURST_BYTES),
        .MOVER_BYTES(MOVER_BYTES), .UNIT_CYCLES(UNIT_CYCLES), .RX_ADDR(RX_ADDR)
    ) queue_set (
        .clk(clk), .rst(rst), .core_rst(core_rst), .hold(hold),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready), .m_axi_data_awid(m_axi_data_awid),
        .m_axi_data_awaddr(m_axi_data_awaddr), .m_axi_data_awlen(m_axi_data_awlen),
        .m_axi_data_awsize(m_axi_data_awsize), .m_axi_data_awburst(m_axi_data_awburst),
        .m_axi_data_awvalid(m_axi_data_awvalid), .m_axi_data_awready(m_axi_data_awready),
        .m_axi_data_wdata(m_axi_data_wdata), .m_axi_data_wstrb(m_axi_data_wstrb), .m_axi_data_wlast(m_axi_data_wlast),
        .m_axi_data_wvalid(m_axi_data_wvalid), .m_axi_data_wready(m_axi_data_wready), .m_axi_data_bid(m_axi_data_bid),
        .m_axi_data_bresp(m_axi_data_bresp), .m_axi_data_bvalid(m_axi_data_bvalid),
        .m_axi_data_bready(m_axi_data_bready), .m_axi_data_arid(m_axi_data_arid),
        .m_axi_data_araddr(m_axi_data_araddr), .m_axi_data_arlen(m_axi_data_arlen),
        .m_axi_data_arsize(m_axi_data_arsize), .m_axi_data_arburst(m_axi_data_arburst),
        .m_axi_data_arvalid(m_axi_data_arvalid), .m_axi_data_arready(m_axi_data_arready),
        .m_axi_data_rid(m_axi_data_rid), .m_axi_data_rdata(m_axi_data_rdata), .m_axi_data_rresp(m_axi_data_rresp),
        .m_axi_data_rlast(m_axi_data_rlast), .m_axi_data_rvalid(m_axi_data_rvalid),
        .m_axi_data_rready(m_axi_data_rready), .m_axi_desc_awid(m_axi_desc_awid),
        .m_axi_desc_awaddr(m_axi_desc_awaddr), .m_axi_desc_awlen(m_axi_desc_awlen),
        .m_axi_desc_awsize(m_axi_desc_awsize), .m_axi_desc_awburst(m_axi_desc_awburst),
        .m_axi_desc_awvalid(m_axi_desc_awvalid), .m_axi_desc_awready(m_axi_desc_awready),
        .m_axi_desc_wdata(m_axi_desc_wdata), .m_axi_desc_wstrb(m_axi_desc_wstrb), .m_axi_desc_wlast(m_axi_desc_wlast),
        .m_axi_desc_wvalid(m_axi_desc_wvalid), .m_axi_desc_wready(m_axi_desc_wready), .m_axi_desc_bid(m_axi_desc_bid),
        .m_axi_desc_bresp(m_axi_desc_bresp), .m_axi_desc_bvalid(m_axi_desc_bvalid),
        .m_axi_desc_bready(m_axi_desc_bready), .m_axi_desc_arid(m_axi_desc_arid),
        .m_axi_desc_araddr(m_axi_desc_araddr), .m_axi_desc_arlen(m_axi_desc_arlen),
        .m_axi_desc_arsize(m_axi_desc_arsize), .m_axi_desc_arburst(m_axi_desc_arburst),
        .m_axi_desc_arvalid(m_axi_desc_arvalid), .m_axi_desc_arready(m_axi_desc_arready),
        .m_axi_desc_rid(m_axi_desc_rid), .m_axi_desc_rdata(m_axi_desc_rdata), .m_axi_desc_rresp(m_axi_desc_rresp),
        .m_axi_desc_rlast(m_axi_desc_rlast), .m_axi_desc_rvalid(m_axi_desc_rvalid),
        .m_axi_desc_rready(m_axi_desc_rready),
        .mac_write(mac_write), .mac_write_address(mac_write_address), .mac_write_data(mac_write_data),
        .mac_read_address(mac_read_address), .mac_value(mac_value), .mac_address(mac_address),
        .station_load(eeprom_reload), .link_change(link_change), .mdi_done(mdi_done),
        .station_address(station_address), .station_valid(station_valid), .discard_pause(discard_pause),
        .pass_control(pass_control), .software_xoff(software_xoff), .rx_write_pointer(rx_write_pointer),
        .rx_release(rx_release), .link(link), .vlan_mode(vlan_mode), .transmit_paused(transmit_paused),
        .tx_data(tx_data), .tx_first_lane(tx_first_lane), .tx_last_lane(tx_last_lane), .tx_last(tx_last),
        .tx_fcs(tx_fcs), .tx_pad(tx_pad), .tx_tag(tx_tag), .tx_valid(tx_valid), .tx_ready(tx_ready),
        .tx_sent(tx_sent), .tx_open(tx_open),
        .rx_data(rx_data), .rx_last_lane(rx_last_lane), .rx_last(rx_last), .rx_fcs_error(rx_fcs_error),
        .rx_error(rx_error), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_mine(1'b1), .rx_tagged(rx_tagged),
        .rx_stripped(rx_stripped), .rx_tag(rx_tag), .rx_discard(rx_discard), .rx_accept(rx_accept), .rx_clean(rx_clean),
        .xon_received(xon_received), .xoff_received(xoff_received), .xon_sent(xon_sent), .xoff_sent(xoff_sent),
        .unsupported_control(unsupported_control),
        .irq(irq), .data_quiet(data_quiet), .desc_quiet(desc_quiet), .busy(set_busy));

    ethernet_mac #(.UNIT_CYCLES(UNIT_CYCLES), .RX_ADDR(RX_ADDR)) mac (
        .clk(clk), .rst(rst), .core_rst(core_rst),
        .write(mac_write), .write_address(mac_write_address), .write_data(mac_write_data),
        .read_address(mac_read_address), .read_value(mac_value),
        .reset_request(reset_request), .reset_pending(reset_pending), .eeprom_reload(eeprom_reload),
        .mac_address(mac_address), .link(link), .link_change(link_change), .mdi_done(mdi_done), .vlan_mode(vlan_mode),
        .station_address(station_address), .station_valid(station_valid), .discard_pause(discard_pause),
        .pass_control(pass_control), .software_xoff(software_xoff), .rx_write_pointer(rx_write_pointer),
        .rx_release(rx_release),
        .tx_data(tx_data), .tx_first_lane(tx_first_lane), .tx_last_lane(tx_last_lane), .tx_last(tx_last),
        .tx_fcs(tx_fcs), .tx_pad(tx_pad), .tx_tag(tx_tag), .tx_valid(tx_valid), .tx_ready(tx_ready),
        .tx_sent({1'b0, tx_sent}), .transmit_paused(transmit_paused),
        .rx_data(rx_data), .rx_last_lane(rx_last_lane), .rx_last(rx_last), .rx_fcs_error(rx_fcs_error),
        .rx_error(rx_error), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_tagged(rx_tagged),
        .rx_stripped(rx_stripped), .rx_tag(rx_tag), .rx_clean(rx_clean), .rx_discard(rx_discard), .rx_accept(rx_accept),
        .xon_received(xon_received), .xoff_received(xoff_received), .xon_sent(xon_sent), .xoff_sent(xoff_sent),
        .unsupported_control(unsupported_control),
        .gmii_tx_clk(gmii_tx_clk), .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er),
        .gmii_rx_clk(gmii_rx_clk), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
        .wire_link(wire_link), .wire_quiet(wire_quiet), .busy(mac_busy));

    assign busy = reset_pending || set_busy || mac_busy;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = tx_open;
`endif
endmodule
`default_nettype wire
