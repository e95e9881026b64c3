// The host's queue set beside the firmware's, with what joins the two: transmit merger, receive steering, and one place
// on the bus for the masters of both. Its clock stands still while it has nothing to do.
//
// Its registers of the MAC are its own copy and rule nothing but what it sees: link, EEPROM and PHY answer it, and its
// CTRL.RST resets the set alone.
`default_nettype none
module ethernet_host_queues #(
    parameter ID_WIDTH          = 4,
    parameter MAX_FRAME_BYTES   = 9234,     // see ethernet_queue_set
    parameter TX_BUFFER_BYTES   = 16384,
    parameter RX_BUFFER_BYTES   = 65536,
    parameter DESCRIPTOR_CACHE  = 16,
    parameter MAX_BURST_BYTES   = 512,
    parameter MOVER_BYTES       = 2048,
    parameter UNIT_CYCLES       = 16,
    parameter RX_ADDR           = $clog2(RX_BUFFER_BYTES / 8)
) (
    input  wire clk,
    input  wire rst,
    input  wire core_rst,                   // of the whole controller
    input  wire hold,
    input  wire link,                       // the MAC's
    input  wire vlan_mode,
    input  wire transmit_paused,
    input  wire [47:0] mac_address,

    // registers of receive_steering
    input  wire steering_write,
    input  wire [31:0] steering_write_address,
    input  wire [31:0] steering_write_data,
    input  wire [31:0] steering_read_address,
    output wire [31:0] steering_value,
    output wire host_enabled,               // the host has a part in the wire

    // registers of the set
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

    // the firmware's masters
    input  wire [ID_WIDTH-1:0] s_axi_data_awid,
    input  wire [63:0] s_axi_data_awaddr,
    input  wire [7:0] s_axi_data_awlen,
    input  wire [2:0] s_axi_data_awsize,
    input  wire [1:0] s_axi_data_awburst,
    input  wire s_axi_data_awvalid,
    output wire s_axi_data_awready,
    input  wire [63:0] s_axi_data_wdata,
    input  wire [7:0] s_axi_data_wstrb,
    input  wire s_axi_data_wlast,
    input  wire s_axi_data_wvalid,
    output wire s_axi_data_wready,
    output wire [ID_WIDTH-1:0] s_axi_data_bid,
    output wire [1:0] s_axi_data_bresp,
    output wire s_axi_data_bvalid,
    input  wire s_axi_data_bready,
    input  wire [ID_WIDTH-1:0] s_axi_data_arid,
    input  wire [63:0] s_axi_data_araddr,
    input  wire [7:0] s_axi_data_arlen,
    input  wire [2:0] s_axi_data_arsize,
    input  wire [1:0] s_axi_data_arburst,
    input  wire s_axi_data_arvalid,
    output wire s_axi_data_arready,
    output wire [ID_WIDTH-1:0] s_axi_data_rid,
    output wire [63:0] s_axi_data_rdata,
    output wire [1:0] s_axi_data_rresp,
    output wire s_axi_data_rlast,
    output wire s_axi_data_rvalid,
    input  wire s_axi_data_rready,

    input  wire [ID_WIDTH-1:0] s_axi_desc_awid,
    input  wire [63:0] s_axi_desc_awaddr,
    input  wire [7:0] s_axi_desc_awlen,
    input  wire [2:0] s_axi_desc_awsize,
    input  wire [1:0] s_axi_desc_awburst,
    input  wire s_axi_desc_awvalid,
    output wire s_axi_desc_awready,
    input  wire [63:0] s_axi_desc_wdata,
    input  wire [7:0] s_axi_desc_wstrb,
    input  wire s_axi_desc_wlast,
    input  wire s_axi_desc_wvalid,
    output wire s_axi_desc_wready,
    output wire [ID_WIDTH-1:0] s_axi_desc_bid,
    output wire [1:0] s_axi_desc_bresp,
    output wire s_axi_desc_bvalid,
    input  wire s_axi_desc_bready,
    input  wire [ID_WIDTH-1:0] s_axi_desc_arid,
    input  wire [63:0] s_axi_desc_araddr,
    input  wire [7:0] s_axi_desc_arlen,
    input  wire [2:0] s_axi_desc_arsize,
    input  wire [1:0] s_axi_desc_arburst,
    input  wire s_axi_desc_arvalid,
    output wire s_axi_desc_arready,
    output wire [ID_WIDTH-1:0] s_axi_desc_rid,
    output wire [63:0] s_axi_desc_rdata,
    output wire [1:0] s_axi_desc_rresp,
    output wire s_axi_desc_rlast,
    output wire s_axi_desc_rvalid,
    input  wire s_axi_desc_rready,

    // both sets' masters
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

    // frames of the firmware's set to send, see mac_tx and vlan_insert
    input  wire [63:0] s_tx_data,
    input  wire [2:0] s_tx_first_lane,
    input  wire [2:0] s_tx_last_lane,
    input  wire s_tx_last,
    input  wire s_tx_fcs,
    input  wire s_tx_pad,
    input  wire [16:0] s_tx_tag,
    input  wire s_tx_valid,
    output wire s_tx_ready,

    // frames of both sets
    output wire [63:0] tx_data,
    output wire [2:0] tx_first_lane,
    output wire [2:0] tx_last_lane,
    output wire tx_last,
    output wire tx_fcs,
    output wire tx_pad,
    output wire [16:0] tx_tag,
    output wire tx_valid,
    input  wire tx_ready,
    output wire tx_sent,                    // pulse: a frame of this set starts to leave

    // words of received frames in the clock in which the firmware's set takes them, see vlan_strip
    input  wire [63:0] rx_data,
    input  wire [2:0] rx_last_lane,
    input  wire rx_last,
    input  wire rx_fcs_error,
    input  wire rx_error,
    input  wire rx_valid,
    input  wire rx_tagged,
    input  wire rx_stripped,
    input  wire [15:0] rx_tag,
    input  wire rx_discard,
    output wire [1:0] rx_dest,              // in the clock of the verdict: the sets that the frame is for

    output wire irq,
    output wire quiet,                      // no bus access of this set is outstanding
    output wire busy
);
    // ---- its clock: a few edges longer than there is something to do, for what follows from the last one
    wire set_busy, control_busy, reset_pending, host_pass, set_clk;
    reg  [2:0] awake_reg;
    wire active = rst || core_rst || set_busy || control_busy || reset_pending || (rx_valid && host_pass);
    wire awake_clk;

    clock_gate awake_gate (.clk(clk), .enable(active || awake_reg != 3'd0), .gated(awake_clk));
    clock_gate #(.BLOCK(1)) set_gate (.clk(clk), .enable(active || awake_reg != 3'd0), .gated(set_clk));

    always @(posedge awake_clk) awake_reg <= active ? 3'd7 : awake_reg - 3'd1;

    // ---- its resets
    wire set_rst, reset_request, set_reset, set_hold, data_quiet, desc_quiet, tx_open;

    ethernet_reset reset (.clk(clk), .rst(rst), .request(reset_request), .quiet(data_quiet && desc_quiet && !tx_open),
                          .pending(reset_pending), .hold(set_hold), .core_rst(set_reset));

    assign set_rst = core_rst || set_reset;
    assign quiet   = data_quiet && desc_quiet;
    assign busy    = active;

    // ---- its view of the MAC
    wire        mac_write, eeprom_reload, link_seen, link_change, mdi_done;
    wire [31:0] mac_write_address, mac_write_data, mac_read_address, mac_value;
    /* verilator lint_off UNUSEDSIGNAL */   // what rules the MAC in the firmware's set
    wire        loopback_wish, vlan_wish, receive_pause, transmit_pause, pause_xon;
    wire [15:0] vlan_type, pause_type, pause_time, pause_low, pause_high;
    wire [47:0] pause_address;
    wire [9:0]  gap;
    wire [47:0] station_address;
    wire        station_valid, discard_pause, pass_control, software_xoff, rx_ready, rx_clean;
    wire [RX_ADDR:0] rx_write_pointer, rx_release;
    wire        tx_dest;
    /* verilator lint_on UNUSEDSIGNAL */

    mac_control #(.LOOPBACK_LINK(0)) control (
        .clk(set_clk), .rst(rst), .core_rst(set_rst),
        .write(mac_write), .write_address(mac_write_address), .write_data(mac_write_data),
        .read_address(mac_read_address), .read_value(mac_value),
        .mac_address(mac_address), .wire_link(link), .transmit_paused(transmit_paused),
        .reset_request(reset_request), .reset_pending(reset_pending), .eeprom_reload(eeprom_reload),
        .link(link_seen), .link_change(link_change), .mdi_done(mdi_done),
        .vlan_mode(vlan_wish), .vlan_type(vlan_type),
        .receive_pause(receive_pause), .transmit_pause(transmit_pause), .pause_address(pause_address),
        .pause_type(pause_type), .pause_time(pause_time), .pause_low(pause_low), .pause_high(pause_high),
        .pause_xon(pause_xon), .gap(gap), .loopback(loopback_wish), .busy(control_busy));

    // ---- steering
    receive_steering steering (
        .clk(clk), .rst(core_rst), .host_rst(set_rst),
        .write(steering_write), .write_address(steering_write_address), .write_data(steering_write_data),
        .read_address(steering_read_address), .read_value(steering_value), .host_enabled(host_enabled),
        .data(rx_data), .last(rx_last), .valid(rx_valid), .host_pass(host_pass),
        .tag_inside(rx_tagged && !rx_stripped), .dest(rx_dest));

    // ---- the set; what does not concern it does not move in it
    wire [63:0] set_tx_data;
    wire [2:0]  set_tx_first_lane, set_tx_last_lane;
    wire [16:0] set_tx_tag;
    wire        set_tx_last, set_tx_fcs, set_tx_pad, set_tx_valid, set_tx_ready;
    /* verilator lint_off UNUSEDSIGNAL */   // the uppermost bits of the set's IDs say whose they are
    wire [ID_WIDTH-1:0] set_data_awid, set_data_bid, set_data_arid, set_data_rid, set_desc_awid, set_desc_bid,
         set_desc_arid, set_desc_rid;
    wire [63:0] set_data_awaddr, set_data_araddr, set_desc_awaddr, set_desc_araddr;
    /* verilator lint_on UNUSEDSIGNAL */
    wire [63:0] set_data_wdata, set_data_rdata, set_desc_wdata, set_desc_rdata;
    wire [7:0] set_data_awlen, set_data_wstrb, set_data_arlen, set_desc_awlen, set_desc_wstrb, set_desc_arlen;
    wire [2:0] set_data_awsize, set_data_arsize, set_desc_awsize, set_desc_arsize;
    wire [1:0] set_data_awburst, set_data_bresp, set_data_arburst, set_data_rresp, set_desc_awburst, set_desc_bresp,
         set_desc_arburst, set_desc_rresp;
    wire set_data_awvalid, set_data_awready, set_data_wlast, set_data_wvalid, set_data_wready, set_data_bvalid,
         set_data_bready, set_data_arvalid, set_data_arready, set_data_rlast, set_data_rvalid, set_data_rready,
         set_desc_awvalid, set_desc_awready, set_desc_wlast, set_desc_wvalid, set_desc_wready, set_desc_bvalid,
         set_desc_bready, set_desc_arvalid, set_desc_arready, set_desc_rlast, set_desc_rvalid, set_desc_rready;

    ethernet_queue_set #(
        .ID_WIDTH(ID_WIDTH), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .TX_BUFFER_BYTES(TX_BUFFER_BYTES),
        .RX_BUFFER_BYTES(RX_BUFFER_BYTES), .DESCRIPTOR_CACHE(DESCRIPTOR_CACHE), .MAX_BURST_BYTES(MAX_BURST_BYTES),
        .MOVER_BYTES(MOVER_BYTES), .UNIT_CYCLES(UNIT_CYCLES), .RX_ADDR(RX_ADDR)
    ) queue_set (
        .clk(set_clk), .rst(rst), .core_rst(set_rst), .hold(hold || set_hold),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready), .m_axi_data_awid(set_data_awid),
        .m_axi_data_awaddr(set_data_awaddr), .m_axi_data_awlen(set_data_awlen), .m_axi_data_awsize(set_data_awsize),
        .m_axi_data_awburst(set_data_awburst), .m_axi_data_awvalid(set_data_awvalid),
        .m_axi_data_awready(set_data_awready), .m_axi_data_wdata(set_data_wdata), .m_axi_data_wstrb(set_data_wstrb),
        .m_axi_data_wlast(set_data_wlast), .m_axi_data_wvalid(set_data_wvalid), .m_axi_data_wready(set_data_wready),
        .m_axi_data_bid(set_data_bid), .m_axi_data_bresp(set_data_bresp), .m_axi_data_bvalid(set_data_bvalid),
        .m_axi_data_bready(set_data_bready), .m_axi_data_arid(set_data_arid), .m_axi_data_araddr(set_data_araddr),
        .m_axi_data_arlen(set_data_arlen), .m_axi_data_arsize(set_data_arsize), .m_axi_data_arburst(set_data_arburst),
        .m_axi_data_arvalid(set_data_arvalid), .m_axi_data_arready(set_data_arready), .m_axi_data_rid(set_data_rid),
        .m_axi_data_rdata(set_data_rdata), .m_axi_data_rresp(set_data_rresp), .m_axi_data_rlast(set_data_rlast),
        .m_axi_data_rvalid(set_data_rvalid), .m_axi_data_rready(set_data_rready), .m_axi_desc_awid(set_desc_awid),
        .m_axi_desc_awaddr(set_desc_awaddr), .m_axi_desc_awlen(set_desc_awlen), .m_axi_desc_awsize(set_desc_awsize),
        .m_axi_desc_awburst(set_desc_awburst), .m_axi_desc_awvalid(set_desc_awvalid),
        .m_axi_desc_awready(set_desc_awready), .m_axi_desc_wdata(set_desc_wdata), .m_axi_desc_wstrb(set_desc_wstrb),
        .m_axi_desc_wlast(set_desc_wlast), .m_axi_desc_wvalid(set_desc_wvalid), .m_axi_desc_wready(set_desc_wready),
        .m_axi_desc_bid(set_desc_bid), .m_axi_desc_bresp(set_desc_bresp), .m_axi_desc_bvalid(set_desc_bvalid),
        .m_axi_desc_bready(set_desc_bready), .m_axi_desc_arid(set_desc_arid), .m_axi_desc_araddr(set_desc_araddr),
        .m_axi_desc_arlen(set_desc_arlen), .m_axi_desc_arsize(set_desc_arsize), .m_axi_desc_arburst(set_desc_arburst),
        .m_axi_desc_arvalid(set_desc_arvalid), .m_axi_desc_arready(set_desc_arready), .m_axi_desc_rid(set_desc_rid),
        .m_axi_desc_rdata(set_desc_rdata), .m_axi_desc_rresp(set_desc_rresp), .m_axi_desc_rlast(set_desc_rlast),
        .m_axi_desc_rvalid(set_desc_rvalid), .m_axi_desc_rready(set_desc_rready),
        .mac_write(mac_write), .mac_write_address(mac_write_address), .mac_write_data(mac_write_data),
        .mac_read_address(mac_read_address), .mac_value(mac_value), .mac_address(mac_address),
        .station_load(eeprom_reload), .link_change(link_change), .mdi_done(mdi_done),
        .station_address(station_address), .station_valid(station_valid), .discard_pause(discard_pause),
        .pass_control(pass_control), .software_xoff(software_xoff), .rx_write_pointer(rx_write_pointer),
        .rx_release(rx_release), .link(link_seen), .vlan_mode(vlan_mode), .transmit_paused(transmit_paused),
        .tx_data(set_tx_data), .tx_first_lane(set_tx_first_lane), .tx_last_lane(set_tx_last_lane),
        .tx_last(set_tx_last), .tx_fcs(set_tx_fcs), .tx_pad(set_tx_pad), .tx_tag(set_tx_tag), .tx_valid(set_tx_valid),
        .tx_ready(set_tx_ready), .tx_sent(tx_sent), .tx_open(tx_open),
        .rx_data(host_pass ? rx_data : 64'd0), .rx_last_lane(rx_last_lane), .rx_last(rx_last),
        .rx_fcs_error(rx_fcs_error), .rx_error(rx_error), .rx_valid(rx_valid && host_pass), .rx_ready(rx_ready),
        .rx_mine(rx_dest[1]), .rx_tagged(rx_tagged), .rx_stripped(rx_stripped), .rx_tag(rx_tag),
        .rx_discard(rx_discard), .rx_accept(1'b0), .rx_clean(rx_clean),
        .xon_received(1'b0), .xoff_received(1'b0), .xon_sent(1'b0), .xoff_sent(1'b0), .unsupported_control(1'b0),
        .irq(irq), .data_quiet(data_quiet), .desc_quiet(desc_quiet), .busy(set_busy));

    transmit_merger merger (
        .clk(clk), .rst(core_rst),
        .s_data({set_tx_data, s_tx_data}), .s_first_lane({set_tx_first_lane, s_tx_first_lane}),
        .s_last_lane({set_tx_last_lane, s_tx_last_lane}), .s_last({set_tx_last, s_tx_last}),
        .s_fcs({set_tx_fcs, s_tx_fcs}), .s_pad({set_tx_pad, s_tx_pad}), .s_tag({set_tx_tag, s_tx_tag}),
        .s_valid({set_tx_valid, s_tx_valid}), .s_ready({set_tx_ready, s_tx_ready}),
        .m_data(tx_data), .m_first_lane(tx_first_lane), .m_last_lane(tx_last_lane), .m_last(tx_last),
        .m_fcs(tx_fcs), .m_pad(tx_pad), .m_tag(tx_tag), .m_dest(tx_dest), .m_valid(tx_valid), .m_ready(tx_ready));

    // The host names the addresses of its set's rings and buffers: bit 63 is cleared, so that none is card memory.
    axi_pair #(.ID_WIDTH(ID_WIDTH)) data_masters (
        .clk(clk), .rst(rst),
        .s_axi_awid({1'b1, set_data_awid[ID_WIDTH-2:0], s_axi_data_awid}),
        .s_axi_awaddr({1'b0, set_data_awaddr[62:0], s_axi_data_awaddr}),
        .s_axi_awlen({set_data_awlen, s_axi_data_awlen}),
        .s_axi_awsize({set_data_awsize, s_axi_data_awsize}), .s_axi_awburst({set_data_awburst, s_axi_data_awburst}),
        .s_axi_awvalid({set_data_awvalid, s_axi_data_awvalid}),
        .s_axi_awready({set_data_awready, s_axi_data_awready}), .s_axi_wdata({set_data_wdata, s_axi_data_wdata}),
        .s_axi_wstrb({set_data_wstrb, s_axi_data_wstrb}), .s_axi_wlast({set_data_wlast, s_axi_data_wlast}),
        .s_axi_wvalid({set_data_wvalid, s_axi_data_wvalid}), .s_axi_wready({set_data_wready, s_axi_data_wready}),
        .s_axi_bid({set_data_bid, s_axi_data_bid}), .s_axi_bresp({set_data_bresp, s_axi_data_bresp}),
        .s_axi_bvalid({set_data_bvalid, s_axi_data_bvalid}), .s_axi_bready({set_data_bready, s_axi_data_bready}),
        .s_axi_arid({1'b1, set_data_arid[ID_WIDTH-2:0], s_axi_data_arid}),
        .s_axi_araddr({1'b0, set_data_araddr[62:0], s_axi_data_araddr}),
        .s_axi_arlen({set_data_arlen, s_axi_data_arlen}),
        .s_axi_arsize({set_data_arsize, s_axi_data_arsize}), .s_axi_arburst({set_data_arburst, s_axi_data_arburst}),
        .s_axi_arvalid({set_data_arvalid, s_axi_data_arvalid}),
        .s_axi_arready({set_data_arready, s_axi_data_arready}), .s_axi_rid({set_data_rid, s_axi_data_rid}),
        .s_axi_rdata({set_data_rdata, s_axi_data_rdata}), .s_axi_rresp({set_data_rresp, s_axi_data_rresp}),
        .s_axi_rlast({set_data_rlast, s_axi_data_rlast}), .s_axi_rvalid({set_data_rvalid, s_axi_data_rvalid}),
        .s_axi_rready({set_data_rready, s_axi_data_rready}), .m_axi_awid(m_axi_data_awid),
        .m_axi_awaddr(m_axi_data_awaddr), .m_axi_awlen(m_axi_data_awlen), .m_axi_awsize(m_axi_data_awsize),
        .m_axi_awburst(m_axi_data_awburst), .m_axi_awvalid(m_axi_data_awvalid), .m_axi_awready(m_axi_data_awready),
        .m_axi_wdata(m_axi_data_wdata), .m_axi_wstrb(m_axi_data_wstrb), .m_axi_wlast(m_axi_data_wlast),
        .m_axi_wvalid(m_axi_data_wvalid), .m_axi_wready(m_axi_data_wready), .m_axi_bid(m_axi_data_bid),
        .m_axi_bresp(m_axi_data_bresp), .m_axi_bvalid(m_axi_data_bvalid), .m_axi_bready(m_axi_data_bready),
        .m_axi_arid(m_axi_data_arid), .m_axi_araddr(m_axi_data_araddr), .m_axi_arlen(m_axi_data_arlen),
        .m_axi_arsize(m_axi_data_arsize), .m_axi_arburst(m_axi_data_arburst), .m_axi_arvalid(m_axi_data_arvalid),
        .m_axi_arready(m_axi_data_arready), .m_axi_rid(m_axi_data_rid), .m_axi_rdata(m_axi_data_rdata),
        .m_axi_rresp(m_axi_data_rresp), .m_axi_rlast(m_axi_data_rlast), .m_axi_rvalid(m_axi_data_rvalid),
        .m_axi_rready(m_axi_data_rready));

    axi_pair #(.ID_WIDTH(ID_WIDTH)) desc_masters (
        .clk(clk), .rst(rst),
        .s_axi_awid({1'b1, set_desc_awid[ID_WIDTH-2:0], s_axi_desc_awid}),
        .s_axi_awaddr({1'b0, set_desc_awaddr[62:0], s_axi_desc_awaddr}),
        .s_axi_awlen({set_desc_awlen, s_axi_desc_awlen}),
        .s_axi_awsize({set_desc_awsize, s_axi_desc_awsize}), .s_axi_awburst({set_desc_awburst, s_axi_desc_awburst}),
        .s_axi_awvalid({set_desc_awvalid, s_axi_desc_awvalid}),
        .s_axi_awready({set_desc_awready, s_axi_desc_awready}), .s_axi_wdata({set_desc_wdata, s_axi_desc_wdata}),
        .s_axi_wstrb({set_desc_wstrb, s_axi_desc_wstrb}), .s_axi_wlast({set_desc_wlast, s_axi_desc_wlast}),
        .s_axi_wvalid({set_desc_wvalid, s_axi_desc_wvalid}), .s_axi_wready({set_desc_wready, s_axi_desc_wready}),
        .s_axi_bid({set_desc_bid, s_axi_desc_bid}), .s_axi_bresp({set_desc_bresp, s_axi_desc_bresp}),
        .s_axi_bvalid({set_desc_bvalid, s_axi_desc_bvalid}), .s_axi_bready({set_desc_bready, s_axi_desc_bready}),
        .s_axi_arid({1'b1, set_desc_arid[ID_WIDTH-2:0], s_axi_desc_arid}),
        .s_axi_araddr({1'b0, set_desc_araddr[62:0], s_axi_desc_araddr}),
        .s_axi_arlen({set_desc_arlen, s_axi_desc_arlen}),
        .s_axi_arsize({set_desc_arsize, s_axi_desc_arsize}), .s_axi_arburst({set_desc_arburst, s_axi_desc_arburst}),
        .s_axi_arvalid({set_desc_arvalid, s_axi_desc_arvalid}),
        .s_axi_arready({set_desc_arready, s_axi_desc_arready}), .s_axi_rid({set_desc_rid, s_axi_desc_rid}),
        .s_axi_rdata({set_desc_rdata, s_axi_desc_rdata}), .s_axi_rresp({set_desc_rresp, s_axi_desc_rresp}),
        .s_axi_rlast({set_desc_rlast, s_axi_desc_rlast}), .s_axi_rvalid({set_desc_rvalid, s_axi_desc_rvalid}),
        .s_axi_rready({set_desc_rready, s_axi_desc_rready}), .m_axi_awid(m_axi_desc_awid),
        .m_axi_awaddr(m_axi_desc_awaddr), .m_axi_awlen(m_axi_desc_awlen), .m_axi_awsize(m_axi_desc_awsize),
        .m_axi_awburst(m_axi_desc_awburst), .m_axi_awvalid(m_axi_desc_awvalid), .m_axi_awready(m_axi_desc_awready),
        .m_axi_wdata(m_axi_desc_wdata), .m_axi_wstrb(m_axi_desc_wstrb), .m_axi_wlast(m_axi_desc_wlast),
        .m_axi_wvalid(m_axi_desc_wvalid), .m_axi_wready(m_axi_desc_wready), .m_axi_bid(m_axi_desc_bid),
        .m_axi_bresp(m_axi_desc_bresp), .m_axi_bvalid(m_axi_desc_bvalid), .m_axi_bready(m_axi_desc_bready),
        .m_axi_arid(m_axi_desc_arid), .m_axi_araddr(m_axi_desc_araddr), .m_axi_arlen(m_axi_desc_arlen),
        .m_axi_arsize(m_axi_desc_arsize), .m_axi_arburst(m_axi_desc_arburst), .m_axi_arvalid(m_axi_desc_arvalid),
        .m_axi_arready(m_axi_desc_arready), .m_axi_rid(m_axi_desc_rid), .m_axi_rdata(m_axi_desc_rdata),
        .m_axi_rresp(m_axi_desc_rresp), .m_axi_rlast(m_axi_desc_rlast), .m_axi_rvalid(m_axi_desc_rvalid),
        .m_axi_rready(m_axi_desc_rready));
endmodule
`default_nettype wire
