// 82544-compatible Ethernet controller: one or two queue sets (registers, rings, DMA, segmentation, checksums) that share
// a MAC. Set 0 has the MAC: its registers rule it, and its CTRL.RST resets all. Set 1 is the host's beside the firmware.
`default_nettype none
module ethernet_controller #(
    parameter QUEUE_SETS        = 1,        // 1 or 2
    parameter ID_WIDTH          = 4,
    parameter MAX_FRAME_BYTES   = 9234,     // longest frame, FCS included
    parameter TX_BUFFER_BYTES   = 16384,    // packet buffers: powers of two that hold the longest frame
    parameter RX_BUFFER_BYTES   = 65536,
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

    // registers of set 1: DECERR while the host has no part in the wire
    input  wire [16:0] s_axil_host_awaddr,
    input  wire s_axil_host_awvalid,
    output wire s_axil_host_awready,
    input  wire [31:0] s_axil_host_wdata,
    input  wire [3:0] s_axil_host_wstrb,
    input  wire s_axil_host_wvalid,
    output wire s_axil_host_wready,
    output wire [1:0] s_axil_host_bresp,
    output wire s_axil_host_bvalid,
    input  wire s_axil_host_bready,
    input  wire [16:0] s_axil_host_araddr,
    input  wire s_axil_host_arvalid,
    output wire s_axil_host_arready,
    output wire [31:0] s_axil_host_rdata,
    output wire [1:0] s_axil_host_rresp,
    output wire s_axil_host_rvalid,
    input  wire s_axil_host_rready,

    // reads transmit data, writes receive data; set 1's accesses have the uppermost bit of the ID set
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
    output wire host_irq,                   // of set 1
    output wire busy                        // the MAC's clock domains included
);

    localparam RX_ADDR = $clog2(RX_BUFFER_BYTES / 8);

    initial if (QUEUE_SETS != 1 && QUEUE_SETS != 2) begin
        $display("ERROR: ethernet_controller QUEUE_SETS must be 1 or 2 (%m)");
        $finish;
    end

    // ---- resets -------------------------------------------------------------------------------------------
    wire reset_request, reset_pending, hold, core_rst, data_quiet, desc_quiet, wire_quiet, set_busy, mac_busy;
    wire host_quiet, host_busy;

    ethernet_reset reset (.clk(clk), .rst(rst), .request(reset_request),
                          .quiet(data_quiet && desc_quiet && host_quiet && wire_quiet),
                          .pending(reset_pending), .hold(hold), .core_rst(core_rst));

    // ---- between the queue sets and the MAC ---------------------------------------------------------------
    wire        mac_write, eeprom_reload, link, link_change, mdi_done, vlan_mode, transmit_paused;
    wire [31:0] mac_write_address, mac_write_data, mac_read_address, mac_value, steering_value;
    wire        station_valid, discard_pause, pass_control, software_xoff;
    wire [47:0] station_address;
    wire        xon_received, xoff_received, xon_sent, xoff_sent, unsupported_control;
    wire [RX_ADDR:0] rx_write_pointer, rx_release;

    // frames to send: of set 0, and for the MAC
    wire [63:0] own_tx_data, tx_data;
    wire [2:0]  own_tx_first_lane, own_tx_last_lane, tx_first_lane, tx_last_lane;
    wire [16:0] own_tx_tag, tx_tag;
    wire        own_tx_last, own_tx_fcs, own_tx_pad, own_tx_valid, own_tx_ready, own_tx_sent, own_tx_open, host_tx_sent;
    wire        tx_last, tx_fcs, tx_pad, tx_valid, tx_ready;

    // frames received
    wire [63:0] rx_data;
    wire [2:0]  rx_last_lane;
    wire [15:0] rx_tag;
    wire [1:0]  rx_dest;
    wire        rx_last, rx_fcs_error, rx_error, rx_valid, rx_ready, rx_tagged, rx_stripped;
    wire        rx_discard, rx_accept, rx_clean;

    wire [ID_WIDTH-1:0] own_data_awid, own_data_bid, own_data_arid, own_data_rid, own_desc_awid, own_desc_bid,
         own_desc_arid, own_desc_rid;
    wire [63:0] own_data_awaddr, own_data_wdata, own_data_araddr, own_data_rdata, own_desc_awaddr, own_desc_wdata,
         own_desc_araddr, own_desc_rdata;
    wire [7:0] own_data_awlen, own_data_wstrb, own_data_arlen, own_desc_awlen, own_desc_wstrb, own_desc_arlen;
    wire [2:0] own_data_awsize, own_data_arsize, own_desc_awsize, own_desc_arsize;
    wire [1:0] own_data_awburst, own_data_bresp, own_data_arburst, own_data_rresp, own_desc_awburst, own_desc_bresp,
         own_desc_arburst, own_desc_rresp;
    wire own_data_awvalid, own_data_awready, own_data_wlast, own_data_wvalid, own_data_wready, own_data_bvalid,
         own_data_bready, own_data_arvalid, own_data_arready, own_data_rlast, own_data_rvalid, own_data_rready,
         own_desc_awvalid, own_desc_awready, own_desc_wlast, own_desc_wvalid, own_desc_wready, own_desc_bvalid,
         own_desc_bready, own_desc_arvalid, own_desc_arready, own_desc_rlast, own_desc_rvalid, own_desc_rready;

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
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready), .m_axi_data_awid(own_data_awid),
        .m_axi_data_awaddr(own_data_awaddr), .m_axi_data_awlen(own_data_awlen), .m_axi_data_awsize(own_data_awsize),
        .m_axi_data_awburst(own_data_awburst), .m_axi_data_awvalid(own_data_awvalid),
        .m_axi_data_awready(own_data_awready), .m_axi_data_wdata(own_data_wdata), .m_axi_data_wstrb(own_data_wstrb),
        .m_axi_data_wlast(own_data_wlast), .m_axi_data_wvalid(own_data_wvalid), .m_axi_data_wready(own_data_wready),
        .m_axi_data_bid(own_data_bid), .m_axi_data_bresp(own_data_bresp), .m_axi_data_bvalid(own_data_bvalid),
        .m_axi_data_bready(own_data_bready), .m_axi_data_arid(own_data_arid), .m_axi_data_araddr(own_data_araddr),
        .m_axi_data_arlen(own_data_arlen), .m_axi_data_arsize(own_data_arsize), .m_axi_data_arburst(own_data_arburst),
        .m_axi_data_arvalid(own_data_arvalid), .m_axi_data_arready(own_data_arready), .m_axi_data_rid(own_data_rid),
        .m_axi_data_rdata(own_data_rdata), .m_axi_data_rresp(own_data_rresp), .m_axi_data_rlast(own_data_rlast),
        .m_axi_data_rvalid(own_data_rvalid), .m_axi_data_rready(own_data_rready), .m_axi_desc_awid(own_desc_awid),
        .m_axi_desc_awaddr(own_desc_awaddr), .m_axi_desc_awlen(own_desc_awlen), .m_axi_desc_awsize(own_desc_awsize),
        .m_axi_desc_awburst(own_desc_awburst), .m_axi_desc_awvalid(own_desc_awvalid),
        .m_axi_desc_awready(own_desc_awready), .m_axi_desc_wdata(own_desc_wdata), .m_axi_desc_wstrb(own_desc_wstrb),
        .m_axi_desc_wlast(own_desc_wlast), .m_axi_desc_wvalid(own_desc_wvalid), .m_axi_desc_wready(own_desc_wready),
        .m_axi_desc_bid(own_desc_bid), .m_axi_desc_bresp(own_desc_bresp), .m_axi_desc_bvalid(own_desc_bvalid),
        .m_axi_desc_bready(own_desc_bready), .m_axi_desc_arid(own_desc_arid), .m_axi_desc_araddr(own_desc_araddr),
        .m_axi_desc_arlen(own_desc_arlen), .m_axi_desc_arsize(own_desc_arsize), .m_axi_desc_arburst(own_desc_arburst),
        .m_axi_desc_arvalid(own_desc_arvalid), .m_axi_desc_arready(own_desc_arready), .m_axi_desc_rid(own_desc_rid),
        .m_axi_desc_rdata(own_desc_rdata), .m_axi_desc_rresp(own_desc_rresp), .m_axi_desc_rlast(own_desc_rlast),
        .m_axi_desc_rvalid(own_desc_rvalid), .m_axi_desc_rready(own_desc_rready),
        .mac_write(mac_write), .mac_write_address(mac_write_address), .mac_write_data(mac_write_data),
        .mac_read_address(mac_read_address), .mac_value(mac_value | steering_value), .mac_address(mac_address),
        .station_load(eeprom_reload), .link_change(link_change), .mdi_done(mdi_done),
        .station_address(station_address), .station_valid(station_valid), .discard_pause(discard_pause),
        .pass_control(pass_control), .software_xoff(software_xoff), .rx_write_pointer(rx_write_pointer),
        .rx_release(rx_release), .link(link), .vlan_mode(vlan_mode), .transmit_paused(transmit_paused),
        .tx_data(own_tx_data), .tx_first_lane(own_tx_first_lane), .tx_last_lane(own_tx_last_lane),
        .tx_last(own_tx_last), .tx_fcs(own_tx_fcs), .tx_pad(own_tx_pad), .tx_tag(own_tx_tag), .tx_valid(own_tx_valid),
        .tx_ready(own_tx_ready), .tx_sent(own_tx_sent), .tx_open(own_tx_open),
        .rx_data(rx_data), .rx_last_lane(rx_last_lane), .rx_last(rx_last), .rx_fcs_error(rx_fcs_error),
        .rx_error(rx_error), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_mine(rx_dest[0] || rx_accept),
        .rx_tagged(rx_tagged), .rx_stripped(rx_stripped), .rx_tag(rx_tag), .rx_discard(rx_discard),
        .rx_accept(rx_accept), .rx_clean(rx_clean),
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
        .tx_sent({host_tx_sent, own_tx_sent}), .transmit_paused(transmit_paused),
        .rx_data(rx_data), .rx_last_lane(rx_last_lane), .rx_last(rx_last), .rx_fcs_error(rx_fcs_error),
        .rx_error(rx_error), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_tagged(rx_tagged),
        .rx_stripped(rx_stripped), .rx_tag(rx_tag), .rx_clean(rx_clean), .rx_discard(rx_discard), .rx_accept(rx_accept),
        .xon_received(xon_received), .xoff_received(xoff_received), .xon_sent(xon_sent), .xoff_sent(xoff_sent),
        .unsupported_control(unsupported_control),
        .gmii_tx_clk(gmii_tx_clk), .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er),
        .gmii_rx_clk(gmii_rx_clk), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
        .wire_link(wire_link), .wire_quiet(wire_quiet), .busy(mac_busy));

    generate
        if (QUEUE_SETS == 2) begin : host
            wire        host_enabled;
            reg         closed_reg;         // changes only between accesses
            wire [16:0] q_awaddr, q_araddr;
            wire [31:0] q_wdata, q_rdata;
            wire [3:0]  q_wstrb;
            wire [1:0]  q_bresp, q_rresp;
            wire        q_awvalid, q_awready, q_wvalid, q_wready, q_bvalid, q_bready, q_arvalid, q_arready, q_rvalid, q_rready;
            /* verilator lint_off UNUSEDSIGNAL */   // of the master that nobody is
            wire        x_awready, x_wready, x_bvalid, x_arready, x_rvalid;
            wire [1:0]  x_bresp, x_rresp;
            wire [31:0] x_rdata;
            /* verilator lint_on UNUSEDSIGNAL */
            wire        access = s_axil_host_awvalid || s_axil_host_arvalid || s_axil_host_bvalid || s_axil_host_rvalid;

            wire closed_clk;
            clock_gate closed_gate (.clk(clk), .enable(core_rst || closed_reg == host_enabled), .gated(closed_clk));
            always @(posedge closed_clk) if (core_rst || !access) closed_reg <= core_rst || !host_enabled;

            axil_select #(.ADDR_WIDTH(17)) door (
                .clk(clk), .rst(rst), .select(closed_reg),
                .s_axil_a_awaddr(s_axil_host_awaddr), .s_axil_a_awvalid(s_axil_host_awvalid),
                .s_axil_a_awready(s_axil_host_awready), .s_axil_a_wdata(s_axil_host_wdata),
                .s_axil_a_wstrb(s_axil_host_wstrb), .s_axil_a_wvalid(s_axil_host_wvalid),
                .s_axil_a_wready(s_axil_host_wready), .s_axil_a_bresp(s_axil_host_bresp),
                .s_axil_a_bvalid(s_axil_host_bvalid), .s_axil_a_bready(s_axil_host_bready),
                .s_axil_a_araddr(s_axil_host_araddr), .s_axil_a_arvalid(s_axil_host_arvalid),
                .s_axil_a_arready(s_axil_host_arready), .s_axil_a_rdata(s_axil_host_rdata),
                .s_axil_a_rresp(s_axil_host_rresp), .s_axil_a_rvalid(s_axil_host_rvalid),
                .s_axil_a_rready(s_axil_host_rready),
                .s_axil_b_awaddr(17'd0), .s_axil_b_awvalid(1'b0), .s_axil_b_awready(x_awready),
                .s_axil_b_wdata(32'd0), .s_axil_b_wstrb(4'd0), .s_axil_b_wvalid(1'b0), .s_axil_b_wready(x_wready),
                .s_axil_b_bresp(x_bresp), .s_axil_b_bvalid(x_bvalid), .s_axil_b_bready(1'b0), .s_axil_b_araddr(17'd0),
                .s_axil_b_arvalid(1'b0), .s_axil_b_arready(x_arready), .s_axil_b_rdata(x_rdata),
                .s_axil_b_rresp(x_rresp), .s_axil_b_rvalid(x_rvalid), .s_axil_b_rready(1'b0),
                .m_axil_awaddr(q_awaddr), .m_axil_awvalid(q_awvalid), .m_axil_awready(q_awready),
                .m_axil_wdata(q_wdata), .m_axil_wstrb(q_wstrb), .m_axil_wvalid(q_wvalid), .m_axil_wready(q_wready),
                .m_axil_bresp(q_bresp), .m_axil_bvalid(q_bvalid), .m_axil_bready(q_bready), .m_axil_araddr(q_araddr),
                .m_axil_arvalid(q_arvalid), .m_axil_arready(q_arready), .m_axil_rdata(q_rdata),
                .m_axil_rresp(q_rresp), .m_axil_rvalid(q_rvalid), .m_axil_rready(q_rready));

            ethernet_host_queues #(
            .ID_WIDTH(ID_WIDTH), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .TX_BUFFER_BYTES(TX_BUFFER_BYTES),
            .RX_BUFFER_BYTES(RX_BUFFER_BYTES), .DESCRIPTOR_CACHE(DESCRIPTOR_CACHE), .MAX_BURST_BYTES(MAX_BURST_BYTES),
            .MOVER_BYTES(MOVER_BYTES), .UNIT_CYCLES(UNIT_CYCLES), .RX_ADDR(RX_ADDR)
            ) queues (
                .clk(clk), .rst(rst), .core_rst(core_rst), .hold(hold), .link(link), .vlan_mode(vlan_mode),
                .transmit_paused(transmit_paused), .mac_address(mac_address),
                .steering_write(mac_write), .steering_write_address(mac_write_address),
                .steering_write_data(mac_write_data), .steering_read_address(mac_read_address),
                .steering_value(steering_value), .host_enabled(host_enabled),
                .s_axil_awaddr(q_awaddr), .s_axil_awvalid(q_awvalid),
                .s_axil_awready(q_awready), .s_axil_wdata(q_wdata),
                .s_axil_wstrb(q_wstrb), .s_axil_wvalid(q_wvalid),
                .s_axil_wready(q_wready), .s_axil_bresp(q_bresp),
                .s_axil_bvalid(q_bvalid), .s_axil_bready(q_bready),
                .s_axil_araddr(q_araddr), .s_axil_arvalid(q_arvalid),
                .s_axil_arready(q_arready), .s_axil_rdata(q_rdata),
                .s_axil_rresp(q_rresp), .s_axil_rvalid(q_rvalid),
                .s_axil_rready(q_rready), .m_axi_data_awid(m_axi_data_awid),
                .m_axi_data_awaddr(m_axi_data_awaddr), .m_axi_data_awlen(m_axi_data_awlen),
                .m_axi_data_awsize(m_axi_data_awsize), .m_axi_data_awburst(m_axi_data_awburst),
                .m_axi_data_awvalid(m_axi_data_awvalid), .m_axi_data_awready(m_axi_data_awready),
                .m_axi_data_wdata(m_axi_data_wdata), .m_axi_data_wstrb(m_axi_data_wstrb),
                .m_axi_data_wlast(m_axi_data_wlast), .m_axi_data_wvalid(m_axi_data_wvalid),
                .m_axi_data_wready(m_axi_data_wready), .m_axi_data_bid(m_axi_data_bid),
                .m_axi_data_bresp(m_axi_data_bresp), .m_axi_data_bvalid(m_axi_data_bvalid),
                .m_axi_data_bready(m_axi_data_bready), .m_axi_data_arid(m_axi_data_arid),
                .m_axi_data_araddr(m_axi_data_araddr), .m_axi_data_arlen(m_axi_data_arlen),
                .m_axi_data_arsize(m_axi_data_arsize), .m_axi_data_arburst(m_axi_data_arburst),
                .m_axi_data_arvalid(m_axi_data_arvalid), .m_axi_data_arready(m_axi_data_arready),
                .m_axi_data_rid(m_axi_data_rid), .m_axi_data_rdata(m_axi_data_rdata),
                .m_axi_data_rresp(m_axi_data_rresp), .m_axi_data_rlast(m_axi_data_rlast),
                .m_axi_data_rvalid(m_axi_data_rvalid), .m_axi_data_rready(m_axi_data_rready),
                .m_axi_desc_awid(m_axi_desc_awid), .m_axi_desc_awaddr(m_axi_desc_awaddr),
                .m_axi_desc_awlen(m_axi_desc_awlen), .m_axi_desc_awsize(m_axi_desc_awsize),
                .m_axi_desc_awburst(m_axi_desc_awburst), .m_axi_desc_awvalid(m_axi_desc_awvalid),
                .m_axi_desc_awready(m_axi_desc_awready), .m_axi_desc_wdata(m_axi_desc_wdata),
                .m_axi_desc_wstrb(m_axi_desc_wstrb), .m_axi_desc_wlast(m_axi_desc_wlast),
                .m_axi_desc_wvalid(m_axi_desc_wvalid), .m_axi_desc_wready(m_axi_desc_wready),
                .m_axi_desc_bid(m_axi_desc_bid), .m_axi_desc_bresp(m_axi_desc_bresp),
                .m_axi_desc_bvalid(m_axi_desc_bvalid), .m_axi_desc_bready(m_axi_desc_bready),
                .m_axi_desc_arid(m_axi_desc_arid), .m_axi_desc_araddr(m_axi_desc_araddr),
                .m_axi_desc_arlen(m_axi_desc_arlen), .m_axi_desc_arsize(m_axi_desc_arsize),
                .m_axi_desc_arburst(m_axi_desc_arburst), .m_axi_desc_arvalid(m_axi_desc_arvalid),
                .m_axi_desc_arready(m_axi_desc_arready), .m_axi_desc_rid(m_axi_desc_rid),
                .m_axi_desc_rdata(m_axi_desc_rdata), .m_axi_desc_rresp(m_axi_desc_rresp),
                .m_axi_desc_rlast(m_axi_desc_rlast), .m_axi_desc_rvalid(m_axi_desc_rvalid),
                .m_axi_desc_rready(m_axi_desc_rready),
                .s_axi_data_awid(own_data_awid), .s_axi_data_awaddr(own_data_awaddr),
                .s_axi_data_awlen(own_data_awlen), .s_axi_data_awsize(own_data_awsize),
                .s_axi_data_awburst(own_data_awburst), .s_axi_data_awvalid(own_data_awvalid),
                .s_axi_data_awready(own_data_awready), .s_axi_data_wdata(own_data_wdata),
                .s_axi_data_wstrb(own_data_wstrb), .s_axi_data_wlast(own_data_wlast),
                .s_axi_data_wvalid(own_data_wvalid), .s_axi_data_wready(own_data_wready),
                .s_axi_data_bid(own_data_bid), .s_axi_data_bresp(own_data_bresp), .s_axi_data_bvalid(own_data_bvalid),
                .s_axi_data_bready(own_data_bready), .s_axi_data_arid(own_data_arid),
                .s_axi_data_araddr(own_data_araddr), .s_axi_data_arlen(own_data_arlen),
                .s_axi_data_arsize(own_data_arsize), .s_axi_data_arburst(own_data_arburst),
                .s_axi_data_arvalid(own_data_arvalid), .s_axi_data_arready(own_data_arready),
                .s_axi_data_rid(own_data_rid), .s_axi_data_rdata(own_data_rdata), .s_axi_data_rresp(own_data_rresp),
                .s_axi_data_rlast(own_data_rlast), .s_axi_data_rvalid(own_data_rvalid),
                .s_axi_data_rready(own_data_rready), .s_axi_desc_awid(own_desc_awid),
                .s_axi_desc_awaddr(own_desc_awaddr), .s_axi_desc_awlen(own_desc_awlen),
                .s_axi_desc_awsize(own_desc_awsize), .s_axi_desc_awburst(own_desc_awburst),
                .s_axi_desc_awvalid(own_desc_awvalid), .s_axi_desc_awready(own_desc_awready),
                .s_axi_desc_wdata(own_desc_wdata), .s_axi_desc_wstrb(own_desc_wstrb),
                .s_axi_desc_wlast(own_desc_wlast), .s_axi_desc_wvalid(own_desc_wvalid),
                .s_axi_desc_wready(own_desc_wready), .s_axi_desc_bid(own_desc_bid), .s_axi_desc_bresp(own_desc_bresp),
                .s_axi_desc_bvalid(own_desc_bvalid), .s_axi_desc_bready(own_desc_bready),
                .s_axi_desc_arid(own_desc_arid), .s_axi_desc_araddr(own_desc_araddr),
                .s_axi_desc_arlen(own_desc_arlen), .s_axi_desc_arsize(own_desc_arsize),
                .s_axi_desc_arburst(own_desc_arburst), .s_axi_desc_arvalid(own_desc_arvalid),
                .s_axi_desc_arready(own_desc_arready), .s_axi_desc_rid(own_desc_rid),
                .s_axi_desc_rdata(own_desc_rdata), .s_axi_desc_rresp(own_desc_rresp),
                .s_axi_desc_rlast(own_desc_rlast), .s_axi_desc_rvalid(own_desc_rvalid),
                .s_axi_desc_rready(own_desc_rready),
                .s_tx_data(own_tx_data), .s_tx_first_lane(own_tx_first_lane), .s_tx_last_lane(own_tx_last_lane),
                .s_tx_last(own_tx_last), .s_tx_fcs(own_tx_fcs), .s_tx_pad(own_tx_pad), .s_tx_tag(own_tx_tag),
                .s_tx_valid(own_tx_valid), .s_tx_ready(own_tx_ready),
                .tx_data(tx_data), .tx_first_lane(tx_first_lane), .tx_last_lane(tx_last_lane), .tx_last(tx_last),
                .tx_fcs(tx_fcs), .tx_pad(tx_pad), .tx_tag(tx_tag), .tx_valid(tx_valid), .tx_ready(tx_ready),
                .tx_sent(host_tx_sent),
                .rx_data(rx_data), .rx_last_lane(rx_last_lane), .rx_last(rx_last), .rx_fcs_error(rx_fcs_error),
                .rx_error(rx_error), .rx_valid(rx_valid && rx_ready), .rx_tagged(rx_tagged), .rx_stripped(rx_stripped),
                .rx_tag(rx_tag), .rx_discard(rx_discard), .rx_dest(rx_dest),
                .irq(host_irq), .quiet(host_quiet), .busy(host_busy));
        end else begin : alone
            assign tx_data        = own_tx_data;
            assign tx_first_lane  = own_tx_first_lane;
            assign tx_last_lane   = own_tx_last_lane;
            assign tx_last        = own_tx_last;
            assign tx_fcs         = own_tx_fcs;
            assign tx_pad         = own_tx_pad;
            assign tx_tag         = own_tx_tag;
            assign tx_valid       = own_tx_valid;
            assign own_tx_ready   = tx_ready;
            assign rx_dest        = 2'b01;
            assign steering_value = 32'd0;
            assign host_tx_sent   = 1'b0;
            assign host_quiet     = 1'b1;
            assign host_busy      = 1'b0;
            assign host_irq       = 1'b0;
            assign s_axil_host_awready = 1'd0;
            assign s_axil_host_wready = 1'd0;
            assign s_axil_host_bresp = 2'd0;
            assign s_axil_host_bvalid = 1'd0;
            assign s_axil_host_arready = 1'd0;
            assign s_axil_host_rdata = 32'd0;
            assign s_axil_host_rresp = 2'd0;
            assign s_axil_host_rvalid = 1'd0;
            assign m_axi_data_awid = own_data_awid;
            assign m_axi_data_awaddr = own_data_awaddr;
            assign m_axi_data_awlen = own_data_awlen;
            assign m_axi_data_awsize = own_data_awsize;
            assign m_axi_data_awburst = own_data_awburst;
            assign m_axi_data_awvalid = own_data_awvalid;
            assign own_data_awready = m_axi_data_awready;
            assign m_axi_data_wdata = own_data_wdata;
            assign m_axi_data_wstrb = own_data_wstrb;
            assign m_axi_data_wlast = own_data_wlast;
            assign m_axi_data_wvalid = own_data_wvalid;
            assign own_data_wready = m_axi_data_wready;
            assign own_data_bid = m_axi_data_bid;
            assign own_data_bresp = m_axi_data_bresp;
            assign own_data_bvalid = m_axi_data_bvalid;
            assign m_axi_data_bready = own_data_bready;
            assign m_axi_data_arid = own_data_arid;
            assign m_axi_data_araddr = own_data_araddr;
            assign m_axi_data_arlen = own_data_arlen;
            assign m_axi_data_arsize = own_data_arsize;
            assign m_axi_data_arburst = own_data_arburst;
            assign m_axi_data_arvalid = own_data_arvalid;
            assign own_data_arready = m_axi_data_arready;
            assign own_data_rid = m_axi_data_rid;
            assign own_data_rdata = m_axi_data_rdata;
            assign own_data_rresp = m_axi_data_rresp;
            assign own_data_rlast = m_axi_data_rlast;
            assign own_data_rvalid = m_axi_data_rvalid;
            assign m_axi_data_rready = own_data_rready;
            assign m_axi_desc_awid = own_desc_awid;
            assign m_axi_desc_awaddr = own_desc_awaddr;
            assign m_axi_desc_awlen = own_desc_awlen;
            assign m_axi_desc_awsize = own_desc_awsize;
            assign m_axi_desc_awburst = own_desc_awburst;
            assign m_axi_desc_awvalid = own_desc_awvalid;
            assign own_desc_awready = m_axi_desc_awready;
            assign m_axi_desc_wdata = own_desc_wdata;
            assign m_axi_desc_wstrb = own_desc_wstrb;
            assign m_axi_desc_wlast = own_desc_wlast;
            assign m_axi_desc_wvalid = own_desc_wvalid;
            assign own_desc_wready = m_axi_desc_wready;
            assign own_desc_bid = m_axi_desc_bid;
            assign own_desc_bresp = m_axi_desc_bresp;
            assign own_desc_bvalid = m_axi_desc_bvalid;
            assign m_axi_desc_bready = own_desc_bready;
            assign m_axi_desc_arid = own_desc_arid;
            assign m_axi_desc_araddr = own_desc_araddr;
            assign m_axi_desc_arlen = own_desc_arlen;
            assign m_axi_desc_arsize = own_desc_arsize;
            assign m_axi_desc_arburst = own_desc_arburst;
            assign m_axi_desc_arvalid = own_desc_arvalid;
            assign own_desc_arready = m_axi_desc_arready;
            assign own_desc_rid = m_axi_desc_rid;
            assign own_desc_rdata = m_axi_desc_rdata;
            assign own_desc_rresp = m_axi_desc_rresp;
            assign own_desc_rlast = m_axi_desc_rlast;
            assign own_desc_rvalid = m_axi_desc_rvalid;
            assign m_axi_desc_rready = own_desc_rready;
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
            wire unused = &{1'b0, s_axil_host_awaddr, s_axil_host_awvalid, s_axil_host_wdata, s_axil_host_wstrb, s_axil_host_wvalid, s_axil_host_bready, s_axil_host_araddr, s_axil_host_arvalid, s_axil_host_rready};
`endif
        end
    endgenerate

    assign busy = reset_pending || set_busy || mac_busy || host_busy;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, own_tx_open, rx_dest};
`endif
endmodule
`default_nettype wire
