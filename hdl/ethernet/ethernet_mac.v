// The MAC that the queue sets share: its registers with link, EEPROM and PHY, VLAN tags, flow control, and the crossings
// to the wire's clocks.
//
//   frames to send -> vlan_insert -> pause_send -> | crossing -> transmit_gap -> mac_tx -> gmii_loopback -> GMII
//   frames received <- vlan_strip (pause_receive listens behind it) <- | crossing <- mac_rx <- gmii_loopback <- GMII
`default_nettype none
module ethernet_mac #(
    parameter UNIT_CYCLES = 16,             // clocks of clk in 256 ns
    parameter RX_ADDR     = 13              // log2 of the receive packet buffer's words
) (
    input  wire clk,
    input  wire rst,                        // power-on: the PHY too
    input  wire core_rst,

    // registers, see mac_control
    input  wire write,
    input  wire [31:0] write_address,
    input  wire [31:0] write_data,
    input  wire [31:0] read_address,
    output wire [31:0] read_value,
    output wire reset_request,
    input  wire reset_pending,
    output wire eeprom_reload,
    input  wire [47:0] mac_address,
    output wire link,
    output wire link_change,
    output wire mdi_done,
    output wire vlan_mode,

    // of the queue set that has the MAC
    input  wire [47:0] station_address,
    input  wire station_valid,
    input  wire discard_pause,
    input  wire pass_control,
    input  wire software_xoff,
    input  wire [RX_ADDR:0] rx_write_pointer,
    input  wire [RX_ADDR:0] rx_release,

    // words of frames to send, see mac_tx and vlan_insert
    input  wire [63:0] tx_data,
    input  wire [2:0] tx_first_lane,
    input  wire [2:0] tx_last_lane,
    input  wire tx_last,
    input  wire tx_fcs,
    input  wire tx_pad,
    input  wire [16:0] tx_tag,
    input  wire tx_valid,
    output wire tx_ready,
    input  wire [1:0] tx_sent,              // pulse: a set's frame starts to leave
    output wire transmit_paused,

    // words of received frames, see vlan_strip
    output wire [63:0] rx_data,
    output wire [2:0] rx_last_lane,
    output wire rx_last,
    output wire rx_fcs_error,
    output wire rx_error,
    output wire rx_valid,
    input  wire rx_ready,
    output wire rx_tagged,                  // of the frame whose last word has just left
    output wire rx_stripped,
    output wire [15:0] rx_tag,
    input  wire rx_clean,                   // in the clock of the verdict, see pause_receive
    output wire rx_discard,
    output wire rx_accept,

    output wire xon_received,               // pulses
    output wire xoff_received,
    output wire xon_sent,
    output wire xoff_sent,
    output wire unsupported_control,

    input  wire gmii_tx_clk,
    output wire [7:0] gmii_txd,
    output wire gmii_tx_en,
    output wire gmii_tx_er,
    input  wire gmii_rx_clk,
    input  wire [7:0] gmii_rxd,
    input  wire gmii_rx_dv,
    input  wire gmii_rx_er,
    input  wire wire_link,                  // a partner is there

    output wire wire_quiet,                 // no frame is on its way out
    output wire busy                        // the wire's clock domains included
);
    wire        loopback;
    wire        mac_control_busy, receive_pause, transmit_pause, pause_xon;
    wire [47:0] pause_address;
    wire [15:0] vlan_type, pause_type, pause_time, pause_low, pause_high;
    wire [9:0]  gap;
    wire        tx_rst, rx_rst;
    reg  [6:0]  frames_leaving_reg;         // handed to the MAC and not over

    assign wire_quiet = frames_leaving_reg == 7'd0;

    synchronizer tx_reset (.clk(gmii_tx_clk), .rst(1'b0), .async_in(core_rst), .sync_out(tx_rst));
    synchronizer rx_reset (.clk(gmii_rx_clk), .rst(1'b0), .async_in(core_rst), .sync_out(rx_rst));

    mac_control control (
        .clk(clk), .rst(rst), .core_rst(core_rst),
        .write(write), .write_address(write_address), .write_data(write_data),
        .read_address(read_address), .read_value(read_value),
        .mac_address(mac_address), .wire_link(wire_link), .transmit_paused(transmit_paused),
        .reset_request(reset_request), .reset_pending(reset_pending), .eeprom_reload(eeprom_reload),
        .link(link), .link_change(link_change), .mdi_done(mdi_done),
        .vlan_mode(vlan_mode), .vlan_type(vlan_type),
        .receive_pause(receive_pause), .transmit_pause(transmit_pause), .pause_address(pause_address),
        .pause_type(pause_type), .pause_time(pause_time), .pause_low(pause_low), .pause_high(pause_high),
        .pause_xon(pause_xon), .gap(gap), .loopback(loopback), .busy(mac_control_busy));

    wire [7:0] mac_txd, mac_rxd;
    wire       mac_tx_en, mac_tx_er, mac_rx_dv, mac_rx_er;

    gmii_loopback phy_loopback (
        .loopback(loopback),
        .tx_clk(gmii_tx_clk), .tx_rst(tx_rst), .mac_txd(mac_txd), .mac_tx_en(mac_tx_en), .mac_tx_er(mac_tx_er),
        .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er),
        .rx_clk(gmii_rx_clk), .rx_rst(rx_rst), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
        .mac_rxd(mac_rxd), .mac_rx_dv(mac_rx_dv), .mac_rx_er(mac_rx_er));

    // ---- transmit crossing and MAC
    wire [63:0] mac_tx_data;
    wire [2:0]  mac_tx_first_lane, mac_tx_last_lane;
    wire        mac_tx_last, mac_tx_fcs, mac_tx_pad, mac_tx_valid, mac_tx_ready, frame_done, frame_done_here;
    wire [4:0]  tx_wr_count, tx_rd_count;
    reg         frame_done_reg;
    wire        frame_over = frame_done_here != frame_done_reg;

    wire [63:0] tagged_data;
    wire [2:0]  tagged_last_lane;
    wire        tagged_last, tagged_valid, tagged_ready;

    vlan_insert tag_insert (
        .clk(clk), .rst(core_rst), .vlan_type(vlan_type),
        .s_data(tx_data), .s_first_lane(tx_first_lane), .s_last_lane(tx_last_lane), .s_last(tx_last),
        .s_tag(tx_tag), .s_valid(tx_valid), .s_ready(tx_ready),
        .m_data(tagged_data), .m_last_lane(tagged_last_lane), .m_last(tagged_last), .m_valid(tagged_valid),
        .m_ready(tagged_ready));

    wire [63:0]      wire_data;
    wire [2:0]       wire_first_lane, wire_last_lane;
    wire             wire_last, wire_fcs, wire_pad, wire_valid, wire_ready, pause_busy;

    pause_send #(.ADDR_WIDTH(RX_ADDR)) pause_out (
        .clk(clk), .rst(core_rst), .enable(transmit_pause), .link(link), .software_xoff(software_xoff),
        .low(pause_low), .high(pause_high), .send_xon(pause_xon), .pause_time(pause_time),
        .pause_address(pause_address), .pause_type(pause_type), .station_address(station_address),
        .write_pointer(rx_write_pointer), .release_pointer(rx_release),
        .s_data(tagged_data), .s_first_lane(tx_first_lane), .s_last_lane(tagged_last_lane), .s_last(tagged_last),
        .s_fcs(tx_fcs), .s_pad(tx_pad), .s_valid(tagged_valid), .s_ready(tagged_ready),
        .m_data(wire_data), .m_first_lane(wire_first_lane), .m_last_lane(wire_last_lane), .m_last(wire_last),
        .m_fcs(wire_fcs), .m_pad(wire_pad), .m_valid(wire_valid), .m_ready(wire_ready),
        .xon_sent(xon_sent), .xoff_sent(xoff_sent), .busy(pause_busy));

    async_fifo #(.DATA_WIDTH(73), .DEPTH(16)) tx_crossing (
        .wr_clk(clk), .wr_rst(core_rst),
        .wr_data({wire_data, wire_first_lane, wire_last_lane, wire_last, wire_fcs, wire_pad}),
        .wr_valid(wire_valid), .wr_ready(wire_ready), .wr_count(tx_wr_count),
        .rd_clk(gmii_tx_clk), .rd_rst(tx_rst),
        .rd_data({mac_tx_data, mac_tx_first_lane, mac_tx_last_lane, mac_tx_last, mac_tx_fcs, mac_tx_pad}),
        .rd_valid(mac_tx_valid), .rd_ready(mac_tx_ready), .rd_count(tx_rd_count));

    wire mac_tx_start;
    transmit_gap frame_gap (
        .clk(gmii_tx_clk), .rst(tx_rst), .gap(gap), .s_valid(mac_tx_valid), .m_valid(mac_tx_start),
        .m_ready(mac_tx_ready), .m_last(mac_tx_last), .frame_done(frame_done));

    mac_tx transmitter (
        .clk(gmii_tx_clk), .rst(tx_rst), .s_data(mac_tx_data), .s_first_lane(mac_tx_first_lane),
        .s_last_lane(mac_tx_last_lane), .s_last(mac_tx_last), .s_fcs(mac_tx_fcs), .s_pad(mac_tx_pad),
        .s_valid(mac_tx_start), .s_ready(mac_tx_ready),
        .gmii_txd(mac_txd), .gmii_tx_en(mac_tx_en), .gmii_tx_er(mac_tx_er), .frame_done(frame_done));

    synchronizer frame_done_crossing (.clk(clk), .rst(core_rst), .async_in(frame_done), .sync_out(frame_done_here));

    wire leaving_clk;
    wire pause_leaves = xon_sent || xoff_sent;
    clock_gate leaving_gate (.clk(clk), .enable(core_rst || tx_sent != 2'b00 || pause_leaves || frame_over), .gated(leaving_clk));

    always @(posedge leaving_clk) begin
        frame_done_reg <= frame_done_here;
        frames_leaving_reg <= frames_leaving_reg + {6'd0, tx_sent[0]} + {6'd0, tx_sent[1]} + {6'd0, pause_leaves} - {6'd0, frame_over};
        if (core_rst) begin
            frame_done_reg     <= 1'b0;
            frames_leaving_reg <= 7'd0;
        end
    end

    // ---- receive MAC and crossing -----------------------------------------------------------------------------
    wire [63:0] mac_rx_data, rx_word_data;
    wire [2:0]  mac_rx_last_lane, rx_word_lane;
    wire        mac_rx_last, mac_rx_fcs_error, mac_rx_error, mac_rx_valid, mac_rx_ready, mac_rx_busy, mac_rx_busy_here;
    wire        rx_word_last, rx_word_fcs_error, rx_word_error, rx_word_valid, rx_word_ready;
    wire [5:0]  rx_wr_count, rx_rd_count;

    mac_rx receiver (
        .clk(gmii_rx_clk), .rst(rx_rst), .gmii_rxd(mac_rxd), .gmii_rx_dv(mac_rx_dv), .gmii_rx_er(mac_rx_er),
        .m_data(mac_rx_data), .m_last_lane(mac_rx_last_lane), .m_last(mac_rx_last), .m_fcs_error(mac_rx_fcs_error),
        .m_rx_error(mac_rx_error), .m_valid(mac_rx_valid), .m_ready(mac_rx_ready), .busy(mac_rx_busy));

    async_fifo #(.DATA_WIDTH(70), .DEPTH(32)) rx_crossing (
        .wr_clk(gmii_rx_clk), .wr_rst(rx_rst),
        .wr_data({mac_rx_data, mac_rx_last_lane, mac_rx_last, mac_rx_fcs_error, mac_rx_error}),
        .wr_valid(mac_rx_valid), .wr_ready(mac_rx_ready), .wr_count(rx_wr_count),
        .rd_clk(clk), .rd_rst(core_rst),
        .rd_data({rx_word_data, rx_word_lane, rx_word_last, rx_word_fcs_error, rx_word_error}),
        .rd_valid(rx_word_valid), .rd_ready(rx_word_ready), .rd_count(rx_rd_count));

    synchronizer mac_rx_busy_crossing (.clk(clk), .rst(core_rst), .async_in(mac_rx_busy), .sync_out(mac_rx_busy_here));

    vlan_strip tag_strip (
        .clk(clk), .rst(core_rst), .strip(vlan_mode), .vlan_type(vlan_type),
        .s_data(rx_word_data), .s_last_lane(rx_word_lane), .s_last(rx_word_last), .s_fcs_error(rx_word_fcs_error),
        .s_rx_error(rx_word_error), .s_valid(rx_word_valid), .s_ready(rx_word_ready),
        .m_data(rx_data), .m_last_lane(rx_last_lane), .m_last(rx_last), .m_fcs_error(rx_fcs_error),
        .m_rx_error(rx_error), .m_valid(rx_valid), .m_ready(rx_ready),
        .tagged(rx_tagged), .stripped(rx_stripped), .tag(rx_tag));

    pause_receive #(.QUANTUM_CYCLES(2 * UNIT_CYCLES)) pause_in (
        .clk(clk), .rst(core_rst), .obey(receive_pause), .discard_pause(discard_pause),
        .pass_control(pass_control), .pause_address(pause_address), .pause_type(pause_type),
        .station_address(station_address), .station_valid(station_valid),
        .data(rx_data), .last(rx_last), .valid(rx_valid && rx_ready),
        .seen_good(rx_clean),
        .discard(rx_discard), .accept(rx_accept),
        .xon_received(xon_received), .xoff_received(xoff_received), .unsupported(unsupported_control),
        .paused(transmit_paused));

    assign busy = !wire_quiet || mac_control_busy || transmit_paused || pause_busy || mac_rx_busy_here;

    /* verilator lint_off UNUSEDSIGNAL */   // outputs of blocks that nothing here needs
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{tx_wr_count, tx_rd_count, rx_wr_count, rx_rd_count};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
