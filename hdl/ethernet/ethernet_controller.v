// 82544-compatible Ethernet controller: one queue set (registers, rings, DMA, segmentation, checksums) and its MAC.
//
//   descriptors -> tx_engine -> read mover -> tx_segmenter -> tx_packet_buffer -> | crossing -> mac_tx -> GMII
//   descriptors <- rx_engine -> write mover <-- frames ----- rx_packet_buffer <- | crossing <- mac_rx <- GMII
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
    `include "ethernet.vh"

    localparam TX_ADDR      = $clog2(TX_BUFFER_BYTES / 8);
    localparam RX_ADDR      = $clog2(RX_BUFFER_BYTES / 8);
    localparam LENGTH_WIDTH = 20;
    localparam START_WIDTH  = 77;
    localparam END_WIDTH    = 31;
    localparam META_WIDTH   = 64;

    initial begin
        if (TX_BUFFER_BYTES != 8 << TX_ADDR || RX_BUFFER_BYTES != 8 << RX_ADDR) begin
            $display("ERROR: ethernet_controller packet buffers must be powers of two (%m)");
            $finish;
        end
        if (MAX_FRAME_BYTES < 1522 || MAX_FRAME_BYTES > 33792 || MAX_FRAME_BYTES + 16 > TX_BUFFER_BYTES
            || MAX_FRAME_BYTES + 16 > RX_BUFFER_BYTES) begin
            $display("ERROR: ethernet_controller MAX_FRAME_BYTES must be 1522..33792 and fit both packet buffers (%m)");
            $finish;
        end
    end

    // ---- resets -------------------------------------------------------------------------------------------
    wire reset_request, reset_pending, hold, core_rst, data_quiet, desc_quiet;
    wire tx_rst, rx_rst;
    reg  [6:0] frames_leaving_reg;          // handed to the MAC and not over
    wire wire_quiet = frames_leaving_reg == 7'd0;

    ethernet_reset reset (.clk(clk), .rst(rst), .request(reset_request), .quiet(data_quiet && desc_quiet && wire_quiet),
                          .pending(reset_pending), .hold(hold), .core_rst(core_rst));
    synchronizer tx_reset (.clk(gmii_tx_clk), .rst(1'b0), .async_in(core_rst), .sync_out(tx_rst));
    synchronizer rx_reset (.clk(gmii_rx_clk), .rst(1'b0), .async_in(core_rst), .sync_out(rx_rst));
    axi_quiet data_bus (.clk(clk), .rst(core_rst),
        .awvalid(m_axi_data_awvalid), .awready(m_axi_data_awready), .wvalid(m_axi_data_wvalid), .bvalid(m_axi_data_bvalid), .bready(m_axi_data_bready),
        .arvalid(m_axi_data_arvalid), .arready(m_axi_data_arready), .rvalid(m_axi_data_rvalid), .rready(m_axi_data_rready), .rlast(m_axi_data_rlast),
        .quiet(data_quiet));
    axi_quiet desc_bus (.clk(clk), .rst(core_rst),
        .awvalid(m_axi_desc_awvalid), .awready(m_axi_desc_awready), .wvalid(m_axi_desc_wvalid), .bvalid(m_axi_desc_bvalid), .bready(m_axi_desc_bready),
        .arvalid(m_axi_desc_arvalid), .arready(m_axi_desc_arready), .rvalid(m_axi_desc_rvalid), .rready(m_axi_desc_rready), .rlast(m_axi_desc_rlast),
        .quiet(desc_quiet));

    // ---- registers, statistics, interrupts ------------------------------------------------------------------
    wire [31:0] rctl, tctl, rxcsum, icr, ims, write_data, statistics_value, hash_bits;
    wire [63:0] rd_base, td_base;
    wire [15:0] rd_count, rd_tail, rd_head, td_count, td_tail, td_head, head_value, itr, rdtr, radv, tidv, tadv;
    wire        rd_head_write, td_head_write, link, link_change, mdi_done;
    wire        icr_read, icr_write, ics_write, ims_write, imc_write, rx_flush, statistics_read;
    wire [8:0]  statistics_address;
    wire [767:0] addresses;
    wire [15:0] address_valid;
    wire [6:0]  hash_word, vlan_word;
    wire [31:0] vlan_bits;

    wire        mac_write, eeprom_reload, mac_control_busy, vlan_mode, receive_pause, transmit_pause, pause_xon;
    wire [31:0] mac_write_address, mac_read_address, mac_value;
    wire [47:0] pause_address;
    wire [15:0] vlan_type, pause_type, pause_time, pause_low, pause_high;
    wire [9:0]  gap;
    wire        transmit_paused, software_xoff, xon_received, xoff_received, xon_sent, xoff_sent, unsupported_control;

    mac_control control (
        .clk(clk), .rst(rst), .core_rst(core_rst),
        .write(mac_write), .write_address(mac_write_address), .write_data(write_data),
        .read_address(mac_read_address), .read_value(mac_value),
        .mac_address(mac_address), .wire_link(wire_link), .transmit_paused(transmit_paused),
        .reset_request(reset_request), .reset_pending(reset_pending), .eeprom_reload(eeprom_reload),
        .link(link), .link_change(link_change), .mdi_done(mdi_done),
        .vlan_mode(vlan_mode), .vlan_type(vlan_type),
        .receive_pause(receive_pause), .transmit_pause(transmit_pause), .pause_address(pause_address),
        .pause_type(pause_type), .pause_time(pause_time), .pause_low(pause_low), .pause_high(pause_high),
        .pause_xon(pause_xon), .gap(gap), .busy(mac_control_busy));

    ethernet_registers registers (
        .clk(clk), .rst(rst), .core_rst(core_rst),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .mac_write(mac_write), .mac_write_address(mac_write_address), .mac_read_address(mac_read_address),
        .mac_value(mac_value), .station_address(mac_address), .station_load(eeprom_reload),
        .rctl(rctl), .tctl(tctl), .rxcsum(rxcsum), .software_xoff(software_xoff),
        .rd_base(rd_base), .rd_count(rd_count), .rd_tail(rd_tail), .rd_head_write(rd_head_write), .rd_head(rd_head),
        .td_base(td_base), .td_count(td_count), .td_tail(td_tail), .td_head_write(td_head_write), .td_head(td_head),
        .head_value(head_value),
        .icr_read(icr_read), .icr_write(icr_write), .ics_write(ics_write), .ims_write(ims_write), .imc_write(imc_write),
        .write_data(write_data), .icr(icr), .ims(ims), .itr(itr), .rdtr(rdtr), .radv(radv), .rx_flush(rx_flush),
        .tidv(tidv), .tadv(tadv),
        .statistics_address(statistics_address), .statistics_read(statistics_read), .statistics_value(statistics_value),
        .addresses(addresses), .address_valid(address_valid), .hash_word(hash_word), .hash_bits(hash_bits),
        .vlan_word(vlan_word), .vlan_bits(vlan_bits));

    wire tx_retired, tx_retired_write, tx_retired_delay, rx_retired, rx_retired_eop, seen_missed;
    reg  tx_retired_reg, threshold_reg;
    wire [15:0] rx_free      = rd_tail >= rd_head ? rd_tail - rd_head : rd_tail - rd_head + rd_count;
    wire [15:0] rx_threshold = rd_count >> ({3'd0, rctl[`ETHERNET_RCTL_RDMTS_LSB +: 2]} + 5'd1);
    wire        rx_below     = rx_free <= rx_threshold;
    wire        interrupt_busy;

    wire event_clk;
    clock_gate event_gate (.clk(clk), .enable(core_rst || tx_retired || tx_retired_reg || rx_below != threshold_reg),
                           .gated(event_clk));

    always @(posedge event_clk) begin
        tx_retired_reg <= tx_retired && !core_rst;
        threshold_reg  <= rx_below || core_rst;
    end

    interrupt_moderation #(.UNIT_CYCLES(UNIT_CYCLES)) interrupts (
        .clk(clk), .rst(core_rst),
        .icr_read(icr_read), .icr_write(icr_write), .ics_write(ics_write), .ims_write(ims_write), .imc_write(imc_write),
        .write_data(write_data), .icr(icr), .ims(ims), .interval(itr), .rx_delay(rdtr), .rx_absolute(radv),
        .rx_flush(rx_flush), .tx_delay(tidv), .tx_absolute(tadv),
        .tx_written(tx_retired && tx_retired_write), .tx_written_delay(tx_retired_delay),
        .tx_empty(tx_retired_reg && td_head == td_tail),
        .rx_frame(rx_retired && rx_retired_eop),
        .rx_threshold(rx_below && !threshold_reg && rctl[`ETHERNET_RCTL_EN_LSB]), .rx_overrun(seen_missed),
        .link_change(link_change), .mdi_done(mdi_done), .irq(irq), .busy(interrupt_busy));

    // ---- descriptors ----------------------------------------------------------------------------------------
    wire [63:0]  tx_ar_addr, rx_ar_addr, tx_w_addr, tx_w_data, rx_w_addr, rx_w_data, r_data;
    wire [7:0]   tx_ar_len, rx_ar_len, tx_w_strb, rx_w_strb;
    wire         tx_ar_valid, tx_ar_ready, rx_ar_valid, rx_ar_ready, tx_w_valid, tx_w_ready, tx_w_done;
    wire         rx_w_valid, rx_w_ready, rx_w_done, w_error, r_error, r_last, tx_r_valid, rx_r_valid;
    wire [127:0] tx_descriptor, rx_descriptor;
    wire         tx_descriptor_error, tx_descriptor_valid, tx_descriptor_ready, tx_exhausted;
    wire         rx_descriptor_error, rx_descriptor_valid, rx_descriptor_ready, rx_exhausted;
    wire         tx_fetch_busy, rx_fetch_busy, tx_retire_busy, rx_retire_busy, port_busy;
    wire         tx_enable = tctl[`ETHERNET_TCTL_EN_LSB] && !hold;
    wire         rx_enable = rctl[`ETHERNET_RCTL_EN_LSB] && !hold;

    descriptor_port #(.ID_WIDTH(ID_WIDTH)) port (
        .clk(clk), .rst(core_rst),
        .ar0_addr(tx_ar_addr), .ar0_len(tx_ar_len), .ar0_valid(tx_ar_valid), .ar0_ready(tx_ar_ready),
        .ar1_addr(rx_ar_addr), .ar1_len(rx_ar_len), .ar1_valid(rx_ar_valid), .ar1_ready(rx_ar_ready),
        .r_data(r_data), .r_error(r_error), .r_last(r_last), .r0_valid(tx_r_valid), .r1_valid(rx_r_valid),
        .w0_addr(tx_w_addr), .w0_data(tx_w_data), .w0_strb(tx_w_strb), .w0_valid(tx_w_valid), .w0_ready(tx_w_ready),
        .w0_done(tx_w_done),
        .w1_addr(rx_w_addr), .w1_data(rx_w_data), .w1_strb(rx_w_strb), .w1_valid(rx_w_valid), .w1_ready(rx_w_ready),
        .w1_done(rx_w_done), .w_error(w_error),
        .m_axi_awid(m_axi_desc_awid), .m_axi_awaddr(m_axi_desc_awaddr), .m_axi_awlen(m_axi_desc_awlen),
        .m_axi_awsize(m_axi_desc_awsize), .m_axi_awburst(m_axi_desc_awburst),
        .m_axi_awvalid(m_axi_desc_awvalid), .m_axi_awready(m_axi_desc_awready), .m_axi_wdata(m_axi_desc_wdata),
        .m_axi_wstrb(m_axi_desc_wstrb), .m_axi_wlast(m_axi_desc_wlast), .m_axi_wvalid(m_axi_desc_wvalid),
        .m_axi_wready(m_axi_desc_wready), .m_axi_bid(m_axi_desc_bid), .m_axi_bresp(m_axi_desc_bresp),
        .m_axi_bvalid(m_axi_desc_bvalid), .m_axi_bready(m_axi_desc_bready), .m_axi_arid(m_axi_desc_arid),
        .m_axi_araddr(m_axi_desc_araddr), .m_axi_arlen(m_axi_desc_arlen), .m_axi_arsize(m_axi_desc_arsize),
        .m_axi_arburst(m_axi_desc_arburst), .m_axi_arvalid(m_axi_desc_arvalid),
        .m_axi_arready(m_axi_desc_arready), .m_axi_rid(m_axi_desc_rid), .m_axi_rdata(m_axi_desc_rdata),
        .m_axi_rresp(m_axi_desc_rresp), .m_axi_rlast(m_axi_desc_rlast), .m_axi_rvalid(m_axi_desc_rvalid),
        .m_axi_rready(m_axi_desc_rready),
        .busy(port_busy));

    descriptor_fetch #(.CACHE(DESCRIPTOR_CACHE)) tx_fetch (
        .clk(clk), .rst(core_rst), .enable(tx_enable),
        .base(td_base), .count(td_count), .tail(td_tail), .load_head(td_head_write), .head(head_value),
        .ar_addr(tx_ar_addr), .ar_len(tx_ar_len), .ar_valid(tx_ar_valid), .ar_ready(tx_ar_ready),
        .r_data(r_data), .r_error(r_error), .r_last(r_last), .r_valid(tx_r_valid),
        .m_descriptor(tx_descriptor), .m_error(tx_descriptor_error), .m_valid(tx_descriptor_valid),
        .m_ready(tx_descriptor_ready), .exhausted(tx_exhausted), .busy(tx_fetch_busy));

    descriptor_fetch #(.CACHE(DESCRIPTOR_CACHE)) rx_fetch (
        .clk(clk), .rst(core_rst), .enable(rx_enable),
        .base(rd_base), .count(rd_count), .tail(rd_tail), .load_head(rd_head_write), .head(head_value),
        .ar_addr(rx_ar_addr), .ar_len(rx_ar_len), .ar_valid(rx_ar_valid), .ar_ready(rx_ar_ready),
        .r_data(r_data), .r_error(r_error), .r_last(r_last), .r_valid(rx_r_valid),
        .m_descriptor(rx_descriptor), .m_error(rx_descriptor_error), .m_valid(rx_descriptor_valid),
        .m_ready(rx_descriptor_ready), .exhausted(rx_exhausted), .busy(rx_fetch_busy));

    // ---- transmit -------------------------------------------------------------------------------------------
    wire [63:0]             tx_cmd_addr;
    wire [LENGTH_WIDTH-1:0] tx_cmd_length;
    wire                    tx_cmd_last, tx_cmd_valid, tx_cmd_ready, tx_cmd_done, tx_cmd_error, tx_mover_busy;
    wire [63:0]             tx_tdata;
    wire [7:0]              tx_tkeep;
    wire                    tx_tvalid, tx_tready, tx_tlast, tx_tuser;
    wire [START_WIDTH-1:0]  start_in, start_out;
    wire [END_WIDTH-1:0]    end_in, end_out;
    wire                    start_in_valid, start_in_ready, start_out_valid, start_out_ready;
    wire                    end_in_valid, end_in_ready, end_out_valid, end_out_ready;
    wire                    tx_done_report, tx_done_delayed, tx_done_valid, tx_done_ready;
    wire                    bad_send, tx_bad_fetch, segmented_sent, segmented_failed, read_failed;
    wire                    tx_engine_busy, segmenter_busy, tx_buffer_busy;
    wire [2:0]              start_count;
    wire [4:0]              end_count;

    tx_engine #(.MAX_FRAME_BYTES(MAX_FRAME_BYTES - 4), .LENGTH_WIDTH(LENGTH_WIDTH), .START_WIDTH(START_WIDTH),
                .END_WIDTH(END_WIDTH)) transmit (
        .clk(clk), .rst(core_rst), .enable(tx_enable), .vlan_mode(vlan_mode),
        .s_descriptor(tx_descriptor), .s_error(tx_descriptor_error), .s_valid(tx_descriptor_valid),
        .s_ready(tx_descriptor_ready),
        .cmd_addr(tx_cmd_addr), .cmd_length(tx_cmd_length), .cmd_last(tx_cmd_last), .cmd_valid(tx_cmd_valid),
        .cmd_ready(tx_cmd_ready && !hold), .cmd_done(tx_cmd_done),
        .start_record(start_in), .start_valid(start_in_valid), .start_ready(start_in_ready),
        .end_record(end_in), .end_valid(end_in_valid), .end_ready(end_in_ready),
        .done_report(tx_done_report), .done_delayed(tx_done_delayed), .done_valid(tx_done_valid),
        .done_ready(tx_done_ready), .bad_send(bad_send), .bad_fetch(tx_bad_fetch),
        .segmented_sent(segmented_sent), .segmented_failed(segmented_failed), .busy(tx_engine_busy));

    sync_fifo #(.DATA_WIDTH(START_WIDTH), .DEPTH(4)) start_queue (
        .clk(clk), .rst(core_rst), .wr_data(start_in), .wr_valid(start_in_valid), .wr_ready(start_in_ready),
        .rd_data(start_out), .rd_valid(start_out_valid), .rd_ready(start_out_ready), .count(start_count));
    sync_fifo #(.DATA_WIDTH(END_WIDTH), .DEPTH(16)) end_queue (
        .clk(clk), .rst(core_rst), .wr_data(end_in), .wr_valid(end_in_valid), .wr_ready(end_in_ready),
        .rd_data(end_out), .rd_valid(end_out_valid), .rd_ready(end_out_ready), .count(end_count));

    axi_read_mover #(.ID_WIDTH(ID_WIDTH), .ID(0), .MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(MOVER_BYTES),
                     .LENGTH_WIDTH(LENGTH_WIDTH)) read_mover (
        .clk(clk), .rst(core_rst), .cmd_addr(tx_cmd_addr), .cmd_length(tx_cmd_length), .cmd_last(tx_cmd_last),
        .cmd_valid(tx_cmd_valid && !hold), .cmd_ready(tx_cmd_ready),
        .m_axi_arid(m_axi_data_arid), .m_axi_araddr(m_axi_data_araddr), .m_axi_arlen(m_axi_data_arlen),
        .m_axi_arsize(m_axi_data_arsize), .m_axi_arburst(m_axi_data_arburst),
        .m_axi_arvalid(m_axi_data_arvalid), .m_axi_arready(m_axi_data_arready), .m_axi_rid(m_axi_data_rid),
        .m_axi_rdata(m_axi_data_rdata), .m_axi_rresp(m_axi_data_rresp), .m_axi_rlast(m_axi_data_rlast),
        .m_axi_rvalid(m_axi_data_rvalid), .m_axi_rready(m_axi_data_rready),
        .m_axis_tdata(tx_tdata), .m_axis_tkeep(tx_tkeep), .m_axis_tvalid(tx_tvalid), .m_axis_tready(tx_tready),
        .m_axis_tlast(tx_tlast), .m_axis_tuser(tx_tuser),
        .done_valid(tx_cmd_done), .done_error(tx_cmd_error), .busy(tx_mover_busy));

    wire [TX_ADDR-1:0] tx_ram_addr;
    wire [63:0]        tx_ram_data, tx_word_data;
    wire [7:0]         tx_ram_strb;
    wire               tx_ram_en;
    wire [TX_ADDR:0]   tx_release, packet_word;
    wire [2:0]         packet_lane, tx_first_lane, tx_last_lane;
    wire [15:0]        packet_bytes, sent_bytes;
    wire [16:0]        packet_tag, tx_word_tag;
    wire               sent_tagged;
    wire               packet_fcs, packet_multicast, packet_broadcast, packet_valid, packet_ready;
    wire               tx_word_last, tx_word_fcs, tx_word_valid, tx_word_ready;
    wire               sent, sent_fcs, sent_multicast, sent_broadcast;

    tx_segmenter #(.ADDR_WIDTH(TX_ADDR), .START_WIDTH(START_WIDTH), .END_WIDTH(END_WIDTH)) segmenter (
        .clk(clk), .rst(core_rst),
        .start_record(start_out), .start_valid(start_out_valid), .start_ready(start_out_ready),
        .end_record(end_out), .end_valid(end_out_valid), .end_ready(end_out_ready),
        .s_axis_tdata(tx_tdata), .s_axis_tkeep(tx_tkeep), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready),
        .s_axis_tlast(tx_tlast), .s_axis_tuser(tx_tuser),
        .ram_addr(tx_ram_addr), .ram_data(tx_ram_data), .ram_strb(tx_ram_strb), .ram_en(tx_ram_en),
        .release_pointer(tx_release),
        .packet_word(packet_word), .packet_lane(packet_lane), .packet_bytes(packet_bytes), .packet_fcs(packet_fcs),
        .packet_multicast(packet_multicast), .packet_broadcast(packet_broadcast), .packet_tag(packet_tag),
        .packet_valid(packet_valid), .packet_ready(packet_ready), .read_failed(read_failed), .busy(segmenter_busy));

    tx_packet_buffer #(.ADDR_WIDTH(TX_ADDR)) tx_buffer (
        .clk(clk), .rst(core_rst), .hold(hold || !link || transmit_paused),
        .ram_addr(tx_ram_addr), .ram_data(tx_ram_data), .ram_strb(tx_ram_strb), .ram_en(tx_ram_en),
        .release_pointer(tx_release),
        .packet_word(packet_word), .packet_lane(packet_lane), .packet_bytes(packet_bytes), .packet_fcs(packet_fcs),
        .packet_multicast(packet_multicast), .packet_broadcast(packet_broadcast), .packet_tag(packet_tag),
        .packet_valid(packet_valid), .packet_ready(packet_ready),
        .m_data(tx_word_data), .m_first_lane(tx_first_lane), .m_last_lane(tx_last_lane), .m_last(tx_word_last),
        .m_fcs(tx_word_fcs), .m_tag(tx_word_tag), .m_valid(tx_word_valid), .m_ready(tx_word_ready),
        .sent(sent), .sent_bytes(sent_bytes), .sent_fcs(sent_fcs), .sent_multicast(sent_multicast),
        .sent_broadcast(sent_broadcast), .sent_tagged(sent_tagged), .busy(tx_buffer_busy));

    descriptor_retire #(.TAG_WIDTH(1)) tx_retire (
        .clk(clk), .rst(core_rst), .base(td_base), .count(td_count), .load_head(td_head_write), .head_value(head_value),
        .head(td_head),
        .s_write(tx_done_report), .s_data(64'h0000_0001_0000_0000), .s_strb(8'h10), .s_tag(tx_done_delayed),
        .s_valid(tx_done_valid), .s_ready(tx_done_ready),
        .w_addr(tx_w_addr), .w_data(tx_w_data), .w_strb(tx_w_strb), .w_valid(tx_w_valid), .w_ready(tx_w_ready),
        .w_done(tx_w_done), .retired(tx_retired), .retired_write(tx_retired_write), .retired_tag(tx_retired_delay),
        .busy(tx_retire_busy));

    // ---- transmit crossing and MAC
    wire [63:0] mac_tx_data;
    wire [2:0]  mac_tx_first_lane, mac_tx_last_lane;
    wire        mac_tx_last, mac_tx_fcs, mac_tx_pad, mac_tx_valid, mac_tx_ready, frame_done, frame_done_here;
    wire [4:0]  tx_wr_count, tx_rd_count;
    reg         frame_done_reg;
    wire        frame_over = frame_done_here != frame_done_reg;
    wire        pad_short  = tctl[`ETHERNET_TCTL_PSP_LSB];
    wire [15:0] sent_with_fcs = sent_bytes + (sent_fcs ? 16'd4 : 16'd0) + (sent_tagged && sent_bytes > 16'd12 ? 16'd4 : 16'd0);

    wire [63:0] tagged_data;
    wire [2:0]  tagged_last_lane;
    wire        tagged_last, tagged_valid, tagged_ready;

    vlan_insert tag_insert (
        .clk(clk), .rst(core_rst), .vlan_type(vlan_type),
        .s_data(tx_word_data), .s_first_lane(tx_first_lane), .s_last_lane(tx_last_lane), .s_last(tx_word_last),
        .s_tag(tx_word_tag), .s_valid(tx_word_valid), .s_ready(tx_word_ready),
        .m_data(tagged_data), .m_last_lane(tagged_last_lane), .m_last(tagged_last), .m_valid(tagged_valid),
        .m_ready(tagged_ready));

    wire [63:0]      wire_data;
    wire [2:0]       wire_first_lane, wire_last_lane;
    wire             wire_last, wire_fcs, wire_pad, wire_valid, wire_ready, pause_busy;
    wire [RX_ADDR:0] rx_write_pointer;

    pause_send #(.ADDR_WIDTH(RX_ADDR)) pause_out (
        .clk(clk), .rst(core_rst), .enable(transmit_pause), .link(link), .software_xoff(software_xoff),
        .low(pause_low), .high(pause_high), .send_xon(pause_xon), .pause_time(pause_time),
        .pause_address(pause_address), .pause_type(pause_type), .station_address(addresses[47:0]),
        .write_pointer(rx_write_pointer), .release_pointer(rx_release),
        .s_data(tagged_data), .s_first_lane(tx_first_lane), .s_last_lane(tagged_last_lane), .s_last(tagged_last),
        .s_fcs(tx_word_fcs), .s_pad(pad_short), .s_valid(tagged_valid), .s_ready(tagged_ready),
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
        .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er), .frame_done(frame_done));

    synchronizer frame_done_crossing (.clk(clk), .rst(core_rst), .async_in(frame_done), .sync_out(frame_done_here));

    wire leaving_clk;
    wire pause_leaves = xon_sent || xoff_sent;
    clock_gate leaving_gate (.clk(clk), .enable(core_rst || sent || pause_leaves || frame_over), .gated(leaving_clk));

    always @(posedge leaving_clk) begin
        frame_done_reg <= frame_done_here;
        frames_leaving_reg <= frames_leaving_reg + {6'd0, sent} + {6'd0, pause_leaves} - {6'd0, frame_over};
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
        .clk(gmii_rx_clk), .rst(rx_rst), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
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

    // ---- receive --------------------------------------------------------------------------------------------
    wire [47:0] destination;
    wire        filter_accept, filter_inexact, filter_multicast, filter_broadcast;
    wire [META_WIDTH-1:0] frame_meta;
    wire [RX_ADDR:0]      frame_word, rx_release;
    wire [RX_ADDR-1:0]    rx_rd_addr;
    wire [63:0]           rx_rd_data;
    wire        rx_rd_en, frame_valid, frame_ready;
    wire        seen, seen_fcs_error, seen_rx_error, seen_short, seen_long, seen_good, seen_multicast, seen_broadcast;
    wire [15:0] seen_bytes;
    wire        rx_buffer_busy, rx_engine_busy, rx_mover_busy;

    rx_filter filter (
        .destination(destination), .addresses(addresses), .address_valid(address_valid),
        .unicast_all(rctl[`ETHERNET_RCTL_UPE_LSB]), .multicast_all(rctl[`ETHERNET_RCTL_MPE_LSB]),
        .broadcast_accept(rctl[`ETHERNET_RCTL_BAM_LSB]), .hash_select(rctl[`ETHERNET_RCTL_MO_LSB +: 2]),
        .hash_word(hash_word), .hash_bits(hash_bits),
        .accept(filter_accept), .inexact(filter_inexact), .is_multicast(filter_multicast), .is_broadcast(filter_broadcast));

    wire [63:0] plain_data;
    wire [2:0]  plain_lane;
    wire        plain_last, plain_fcs_error, plain_error, plain_valid, plain_ready, tag_there, tag_stripped, vlan_accept;
    wire [15:0] rx_tag;

    vlan_strip tag_strip (
        .clk(clk), .rst(core_rst), .strip(vlan_mode), .vlan_type(vlan_type),
        .s_data(rx_word_data), .s_last_lane(rx_word_lane), .s_last(rx_word_last), .s_fcs_error(rx_word_fcs_error),
        .s_rx_error(rx_word_error), .s_valid(rx_word_valid), .s_ready(rx_word_ready),
        .m_data(plain_data), .m_last_lane(plain_lane), .m_last(plain_last), .m_fcs_error(plain_fcs_error),
        .m_rx_error(plain_error), .m_valid(plain_valid), .m_ready(plain_ready),
        .tagged(tag_there), .stripped(tag_stripped), .tag(rx_tag));

    vlan_filter tag_filter (
        .enable(rctl[`ETHERNET_RCTL_VFE_LSB]), .check_cfi(rctl[`ETHERNET_RCTL_CFIEN_LSB]),
        .cfi(rctl[`ETHERNET_RCTL_CFI_LSB]), .tagged(tag_there), .tag(rx_tag),
        .table_word(vlan_word), .table_bits(vlan_bits), .accept(vlan_accept));

    wire        pause_discard, pause_accept;

    pause_receive #(.QUANTUM_CYCLES(2 * UNIT_CYCLES)) pause_in (
        .clk(clk), .rst(core_rst), .obey(receive_pause), .discard_pause(rctl[`ETHERNET_RCTL_DPF_LSB]),
        .pass_control(rctl[`ETHERNET_RCTL_PMCF_LSB]), .pause_address(pause_address), .pause_type(pause_type),
        .station_address(addresses[47:0]), .station_valid(address_valid[0]),
        .data(plain_data), .last(plain_last), .valid(plain_valid && plain_ready),
        .seen_good(seen && !seen_fcs_error && !seen_rx_error && !seen_short && !seen_long),
        .discard(pause_discard), .accept(pause_accept),
        .xon_received(xon_received), .xoff_received(xoff_received), .unsupported(unsupported_control),
        .paused(transmit_paused));

    rx_packet_buffer #(.ADDR_WIDTH(RX_ADDR), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .META_WIDTH(META_WIDTH)) rx_buffer (
        .clk(clk), .rst(core_rst),
        .enable(rx_enable && link), .store_bad(rctl[`ETHERNET_RCTL_SBP_LSB]), .long_frames(rctl[`ETHERNET_RCTL_LPE_LSB]),
        .strip_fcs(rctl[`ETHERNET_RCTL_SECRC_LSB]), .verify_ip(rxcsum[`ETHERNET_RXCSUM_IPOFL_LSB]),
        .verify_tu(rxcsum[`ETHERNET_RXCSUM_TUOFL_LSB]), .packet_start(rxcsum[`ETHERNET_RXCSUM_PCSS_LSB +: 8]),
        .destination(destination), .filter_accept((filter_accept && vlan_accept && !pause_discard) || pause_accept), .filter_inexact(filter_inexact),
        .filter_multicast(filter_multicast), .filter_broadcast(filter_broadcast),
        .vlan_stripped(tag_stripped), .vlan_tag(rx_tag),
        .s_data(plain_data), .s_last_lane(plain_lane), .s_last(plain_last), .s_fcs_error(plain_fcs_error),
        .s_rx_error(plain_error), .s_valid(plain_valid), .s_ready(plain_ready),
        .frame_meta(frame_meta), .frame_word(frame_word), .frame_valid(frame_valid), .frame_ready(frame_ready),
        .rd_addr(rx_rd_addr), .rd_en(rx_rd_en), .rd_data(rx_rd_data), .release_pointer(rx_release),
        .seen(seen), .seen_bytes(seen_bytes), .seen_fcs_error(seen_fcs_error), .seen_rx_error(seen_rx_error),
        .seen_short(seen_short), .seen_long(seen_long), .seen_good(seen_good), .seen_missed(seen_missed),
        .seen_multicast(seen_multicast), .seen_broadcast(seen_broadcast), .write_pointer(rx_write_pointer),
        .busy(rx_buffer_busy));

    wire [63:0]             rx_cmd_addr, rx_tdata, rx_done_data;
    wire [LENGTH_WIDTH-1:0] rx_cmd_length;
    wire                    rx_cmd_valid, rx_cmd_ready, rx_cmd_done, rx_cmd_error;
    wire [7:0]              rx_tkeep;
    wire                    rx_tvalid, rx_tready, rx_tlast, rx_done_eop, rx_done_valid, rx_done_ready;
    wire                    no_buffer, rx_bad_fetch, rx_write_failed, rx_retired_write;

    rx_engine #(.ADDR_WIDTH(RX_ADDR), .META_WIDTH(META_WIDTH), .LENGTH_WIDTH(LENGTH_WIDTH)) receive (
        .clk(clk), .rst(core_rst), .enable(rx_enable),
        .buffer_size(rctl[`ETHERNET_RCTL_BSIZE_LSB +: 2]), .size_extension(rctl[`ETHERNET_RCTL_BSEX_LSB]),
        .frame_meta(frame_meta), .frame_word(frame_word), .frame_valid(frame_valid), .frame_ready(frame_ready),
        .rd_addr(rx_rd_addr), .rd_en(rx_rd_en), .rd_data(rx_rd_data), .release_pointer(rx_release),
        .descriptor(rx_descriptor), .descriptor_error(rx_descriptor_error), .descriptor_valid(rx_descriptor_valid),
        .descriptor_ready(rx_descriptor_ready), .ring_exhausted(rx_exhausted),
        .cmd_addr(rx_cmd_addr), .cmd_length(rx_cmd_length), .cmd_valid(rx_cmd_valid), .cmd_ready(rx_cmd_ready),
        .cmd_done(rx_cmd_done), .cmd_error(rx_cmd_error),
        .m_axis_tdata(rx_tdata), .m_axis_tkeep(rx_tkeep), .m_axis_tvalid(rx_tvalid), .m_axis_tready(rx_tready),
        .m_axis_tlast(rx_tlast),
        .done_data(rx_done_data), .done_eop(rx_done_eop), .done_valid(rx_done_valid), .done_ready(rx_done_ready),
        .no_buffer(no_buffer), .bad_fetch(rx_bad_fetch), .write_failed(rx_write_failed), .busy(rx_engine_busy));

    axi_write_mover #(.ID_WIDTH(ID_WIDTH), .ID(0), .MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(MOVER_BYTES),
                      .LENGTH_WIDTH(LENGTH_WIDTH)) write_mover (
        .clk(clk), .rst(core_rst), .cmd_addr(rx_cmd_addr), .cmd_length(rx_cmd_length),
        .cmd_valid(rx_cmd_valid), .cmd_ready(rx_cmd_ready),
        .s_axis_tdata(rx_tdata), .s_axis_tkeep(rx_tkeep), .s_axis_tvalid(rx_tvalid), .s_axis_tready(rx_tready),
        .s_axis_tlast(rx_tlast),
        .m_axi_awid(m_axi_data_awid), .m_axi_awaddr(m_axi_data_awaddr), .m_axi_awlen(m_axi_data_awlen),
        .m_axi_awsize(m_axi_data_awsize), .m_axi_awburst(m_axi_data_awburst),
        .m_axi_awvalid(m_axi_data_awvalid), .m_axi_awready(m_axi_data_awready), .m_axi_wdata(m_axi_data_wdata),
        .m_axi_wstrb(m_axi_data_wstrb), .m_axi_wlast(m_axi_data_wlast), .m_axi_wvalid(m_axi_data_wvalid),
        .m_axi_wready(m_axi_data_wready), .m_axi_bid(m_axi_data_bid), .m_axi_bresp(m_axi_data_bresp),
        .m_axi_bvalid(m_axi_data_bvalid), .m_axi_bready(m_axi_data_bready),
        .done_valid(rx_cmd_done), .done_error(rx_cmd_error), .busy(rx_mover_busy));

    descriptor_retire #(.TAG_WIDTH(1)) rx_retire (
        .clk(clk), .rst(core_rst), .base(rd_base), .count(rd_count), .load_head(rd_head_write), .head_value(head_value),
        .head(rd_head),
        .s_write(1'b1), .s_data(rx_done_data), .s_strb(8'hff), .s_tag(rx_done_eop),
        .s_valid(rx_done_valid), .s_ready(rx_done_ready),
        .w_addr(rx_w_addr), .w_data(rx_w_data), .w_strb(rx_w_strb), .w_valid(rx_w_valid), .w_ready(rx_w_ready),
        .w_done(rx_w_done), .retired(rx_retired), .retired_write(rx_retired_write), .retired_tag(rx_retired_eop),
        .busy(rx_retire_busy));

    ethernet_statistics statistics (
        .clk(clk), .rst(core_rst), .address(statistics_address), .read(statistics_read), .value(statistics_value),
        .tx_frame(sent), .tx_bytes(pad_short && sent_fcs && sent_with_fcs < 16'd64 ? 16'd64 : sent_with_fcs),
        .tx_multicast(sent_multicast), .tx_broadcast(sent_broadcast),
        .rx_frame(seen), .rx_bytes(seen_bytes), .rx_fcs_error(seen_fcs_error), .rx_error(seen_rx_error),
        .rx_short(seen_short), .rx_long(seen_long), .rx_good(seen_good), .rx_missed(seen_missed),
        .rx_multicast(seen_multicast), .rx_broadcast(seen_broadcast),
        .xon_received(xon_received), .xoff_received(xoff_received), .xon_sent(xon_sent), .xoff_sent(xoff_sent),
        .unsupported_control(unsupported_control),
        .no_buffer(no_buffer), .segmented_sent(segmented_sent), .segmented_failed(segmented_failed),
        .tx_read_failed(read_failed), .tx_bad_send(bad_send), .tx_bad_fetch(tx_bad_fetch),
        .rx_write_failed(rx_write_failed), .rx_bad_fetch(rx_bad_fetch), .write_back_failed(w_error));

    // A receive command whose frame is complete keeps rx_engine busy, so an idle mover with an open frame is no work.
    wire stalled;
    transmit_stall stall (.clk(clk), .rst(core_rst), .link(link),
                          .progress(!data_quiet || !desc_quiet || s_axil_awvalid), .stalled(stalled));

    assign busy = reset_pending || tx_fetch_busy || rx_fetch_busy || tx_retire_busy || rx_retire_busy || port_busy
                  || ((tx_engine_busy || tx_mover_busy || segmenter_busy || tx_buffer_busy) && !stalled) || !wire_quiet
                  || mac_control_busy || transmit_paused || pause_busy
                  || mac_rx_busy_here || rx_buffer_busy || rx_engine_busy || rx_mover_busy || interrupt_busy
                  || tx_retired_reg || rx_below != threshold_reg
                  || s_axil_awvalid || s_axil_wvalid || s_axil_arvalid || s_axil_bvalid || s_axil_rvalid;

    /* verilator lint_off UNUSEDSIGNAL */   // outputs of blocks that nothing here needs
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{rctl, tctl, rxcsum, tx_cmd_error, rx_retired_write, tx_exhausted, start_count, end_count,
                    tx_wr_count, tx_rd_count, rx_wr_count, rx_rd_count};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
