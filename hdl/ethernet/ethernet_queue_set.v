// One queue set: an 82544's register block with its rings, DMA, segmentation, checksums, filters, interrupts and packet
// buffers. It hangs on the MAC by two streams of words, frames to send and frames received.
//
//   descriptors -> tx_engine -> read mover -> tx_segmenter -> tx_packet_buffer -> words for the MAC
//   descriptors <- rx_engine -> write mover <-- frames ----- rx_packet_buffer <- words from the MAC
`default_nettype none
module ethernet_queue_set #(
    parameter ID_WIDTH          = 4,
    parameter MAX_FRAME_BYTES   = 9234,     // longest frame, FCS included
    parameter TX_BUFFER_BYTES   = 16384,    // packet buffers: powers of two that hold the longest frame
    parameter RX_BUFFER_BYTES   = 65536,
    parameter DESCRIPTOR_CACHE  = 16,       // descriptors prefetched for each ring
    parameter MAX_BURST_BYTES   = 512,
    parameter MOVER_BYTES       = 2048,     // data a mover holds: latency times wire rate, and more
    parameter UNIT_CYCLES       = 16,       // clocks of clk in 256 ns
    parameter RX_ADDR           = $clog2(RX_BUFFER_BYTES / 8)     // log2 of the receive packet buffer's words
) (
    input  wire clk,
    input  wire rst,                        // of the register interface
    input  wire core_rst,                   // of all else
    input  wire hold,                       // start nothing new: a reset waits

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

    // the MAC's registers, see ethernet_registers
    output wire mac_write,
    output wire [31:0] mac_write_address,
    output wire [31:0] mac_write_data,
    output wire [31:0] mac_read_address,
    input  wire [31:0] mac_value,
    input  wire [47:0] mac_address,
    input  wire station_load,
    input  wire link_change,                // pulses
    input  wire mdi_done,

    // what the MAC takes from the set's registers
    output wire [47:0] station_address,     // RAL0, RAH0
    output wire station_valid,
    output wire discard_pause,              // RCTL.DPF
    output wire pass_control,               // RCTL.PMCF
    output wire software_xoff,              // pulse: TCTL.SWXOFF
    output wire [RX_ADDR:0] rx_write_pointer,   // of the receive packet buffer
    output wire [RX_ADDR:0] rx_release,

    input  wire link,
    input  wire vlan_mode,
    input  wire transmit_paused,

    // words of frames to send, see mac_tx and vlan_insert
    output wire [63:0] tx_data,
    output wire [2:0] tx_first_lane,
    output wire [2:0] tx_last_lane,
    output wire tx_last,
    output wire tx_fcs,
    output wire tx_pad,
    output wire [16:0] tx_tag,
    output wire tx_valid,
    input  wire tx_ready,
    output wire tx_sent,                    // pulse: a frame starts to leave
    output wire tx_open,                    // a frame is leaving

    // words of received frames, see vlan_strip
    input  wire [63:0] rx_data,
    input  wire [2:0] rx_last_lane,
    input  wire rx_last,
    input  wire rx_fcs_error,
    input  wire rx_error,
    input  wire rx_valid,
    output wire rx_ready,
    // in the clock of the verdict, which follows that of the last word
    input  wire rx_mine,                    // the frame is for this set
    input  wire rx_tagged,
    input  wire rx_stripped,
    input  wire [15:0] rx_tag,
    input  wire rx_discard,                 // see pause_receive
    input  wire rx_accept,
    output wire rx_clean,                   // a frame ended, its length and FCS are right, whoever it is for

    // events of the MAC for the statistics
    input  wire xon_received,
    input  wire xoff_received,
    input  wire xon_sent,
    input  wire xoff_sent,
    input  wire unsupported_control,

    output wire irq,                        // level: (ICR & IMS) != 0, throttled
    output wire data_quiet,                 // no bus access is outstanding
    output wire desc_quiet,
    output wire busy
);
    `include "ethernet.vh"

    localparam TX_ADDR      = $clog2(TX_BUFFER_BYTES / 8);
    localparam LENGTH_WIDTH = 20;
    localparam START_WIDTH  = 77;
    localparam END_WIDTH    = 31;
    localparam META_WIDTH   = 64;

    initial begin
        if (TX_BUFFER_BYTES != 8 << TX_ADDR || RX_BUFFER_BYTES != 8 << RX_ADDR) begin
            $display("ERROR: ethernet_queue_set packet buffers must be powers of two (%m)");
            $finish;
        end
        if (MAX_FRAME_BYTES < 1522 || MAX_FRAME_BYTES > 33792 || MAX_FRAME_BYTES + 16 > TX_BUFFER_BYTES
            || MAX_FRAME_BYTES + 16 > RX_BUFFER_BYTES) begin
            $display("ERROR: ethernet_queue_set MAX_FRAME_BYTES must be 1522..33792 and fit both packet buffers (%m)");
            $finish;
        end
    end

    axi_quiet data_bus (.clk(clk), .rst(core_rst),
        .awvalid(m_axi_data_awvalid), .awready(m_axi_data_awready), .wvalid(m_axi_data_wvalid), .bvalid(m_axi_data_bvalid), .bready(m_axi_data_bready),
        .arvalid(m_axi_data_arvalid), .arready(m_axi_data_arready), .rvalid(m_axi_data_rvalid), .rready(m_axi_data_rready), .rlast(m_axi_data_rlast),
        .quiet(data_quiet));
    axi_quiet desc_bus (.clk(clk), .rst(core_rst),
        .awvalid(m_axi_desc_awvalid), .awready(m_axi_desc_awready), .wvalid(m_axi_desc_wvalid), .bvalid(m_axi_desc_bvalid), .bready(m_axi_desc_bready),
        .arvalid(m_axi_desc_arvalid), .arready(m_axi_desc_arready), .rvalid(m_axi_desc_rvalid), .rready(m_axi_desc_rready), .rlast(m_axi_desc_rlast),
        .quiet(desc_quiet));

    // ---- registers, statistics, interrupts ------------------------------------------------------------------
    wire [31:0] rctl, tctl, rxcsum, icr, ims, statistics_value, hash_bits;
    wire [63:0] rd_base, td_base;
    wire [15:0] rd_count, rd_tail, rd_head, td_count, td_tail, td_head, head_value, itr, rdtr, radv, tidv, tadv;
    wire        rd_head_write, td_head_write;
    wire        icr_read, icr_write, ics_write, ims_write, imc_write, rx_flush, statistics_read;
    wire [8:0]  statistics_address;
    wire [767:0] addresses;
    wire [15:0] address_valid;
    wire [6:0]  hash_word, vlan_word;
    wire [31:0] vlan_bits;

    assign station_address = addresses[47:0];
    assign station_valid   = address_valid[0];
    assign discard_pause   = rctl[`ETHERNET_RCTL_DPF_LSB];
    assign pass_control    = rctl[`ETHERNET_RCTL_PMCF_LSB];
    assign tx_pad          = tctl[`ETHERNET_TCTL_PSP_LSB];

    ethernet_registers registers (
        .clk(clk), .rst(rst), .core_rst(core_rst),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .mac_write(mac_write), .mac_write_address(mac_write_address), .mac_read_address(mac_read_address),
        .mac_value(mac_value), .station_address(mac_address), .station_load(station_load),
        .rctl(rctl), .tctl(tctl), .rxcsum(rxcsum), .software_xoff(software_xoff),
        .rd_base(rd_base), .rd_count(rd_count), .rd_tail(rd_tail), .rd_head_write(rd_head_write), .rd_head(rd_head),
        .td_base(td_base), .td_count(td_count), .td_tail(td_tail), .td_head_write(td_head_write), .td_head(td_head),
        .head_value(head_value),
        .icr_read(icr_read), .icr_write(icr_write), .ics_write(ics_write), .ims_write(ims_write), .imc_write(imc_write),
        .write_data(mac_write_data), .icr(icr), .ims(ims), .itr(itr), .rdtr(rdtr), .radv(radv), .rx_flush(rx_flush),
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
        .write_data(mac_write_data), .icr(icr), .ims(ims), .interval(itr), .rx_delay(rdtr), .rx_absolute(radv),
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
    wire [63:0]        tx_ram_data;
    wire [7:0]         tx_ram_strb;
    wire               tx_ram_en;
    wire [TX_ADDR:0]   tx_release, packet_word;
    wire [2:0]         packet_lane;
    wire [15:0]        packet_bytes, sent_bytes;
    wire [16:0]        packet_tag;
    wire               sent_tagged;
    wire               packet_fcs, packet_multicast, packet_broadcast, packet_valid, packet_ready;
    wire               sent_fcs, sent_multicast, sent_broadcast;

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
        .m_data(tx_data), .m_first_lane(tx_first_lane), .m_last_lane(tx_last_lane), .m_last(tx_last),
        .m_fcs(tx_fcs), .m_tag(tx_tag), .m_valid(tx_valid), .m_ready(tx_ready),
        .sent(tx_sent), .sent_bytes(sent_bytes), .sent_fcs(sent_fcs), .sent_multicast(sent_multicast),
        .sent_broadcast(sent_broadcast), .sent_tagged(sent_tagged), .open(tx_open), .busy(tx_buffer_busy));


    descriptor_retire #(.TAG_WIDTH(1)) tx_retire (
        .clk(clk), .rst(core_rst), .base(td_base), .count(td_count), .load_head(td_head_write), .head_value(head_value),
        .head(td_head),
        .s_write(tx_done_report), .s_data(64'h0000_0001_0000_0000), .s_strb(8'h10), .s_tag(tx_done_delayed),
        .s_valid(tx_done_valid), .s_ready(tx_done_ready),
        .w_addr(tx_w_addr), .w_data(tx_w_data), .w_strb(tx_w_strb), .w_valid(tx_w_valid), .w_ready(tx_w_ready),
        .w_done(tx_w_done), .retired(tx_retired), .retired_write(tx_retired_write), .retired_tag(tx_retired_delay),
        .busy(tx_retire_busy));


    wire [15:0] sent_with_fcs = sent_bytes + (sent_fcs ? 16'd4 : 16'd0) + (sent_tagged && sent_bytes > 16'd12 ? 16'd4 : 16'd0);

    // ---- receive --------------------------------------------------------------------------------------------
    wire [47:0] destination;
    wire        filter_accept, filter_inexact, filter_multicast, filter_broadcast;
    wire [META_WIDTH-1:0] frame_meta;
    wire [RX_ADDR:0]      frame_word;
    wire [RX_ADDR-1:0]    rx_rd_addr;
    wire [63:0]           rx_rd_data;
    wire        rx_rd_en, frame_valid, frame_ready;
    wire        seen, seen_fcs_error, seen_rx_error, seen_short, seen_long, seen_for_us, seen_good, seen_multicast, seen_broadcast;
    wire [15:0] seen_bytes;
    wire        rx_buffer_busy, rx_engine_busy, rx_mover_busy, vlan_accept;

    rx_filter filter (
        .destination(destination), .addresses(addresses), .address_valid(address_valid),
        .unicast_all(rctl[`ETHERNET_RCTL_UPE_LSB]), .multicast_all(rctl[`ETHERNET_RCTL_MPE_LSB]),
        .broadcast_accept(rctl[`ETHERNET_RCTL_BAM_LSB]), .hash_select(rctl[`ETHERNET_RCTL_MO_LSB +: 2]),
        .hash_word(hash_word), .hash_bits(hash_bits),
        .accept(filter_accept), .inexact(filter_inexact), .is_multicast(filter_multicast), .is_broadcast(filter_broadcast));

    vlan_filter tag_filter (
        .enable(rctl[`ETHERNET_RCTL_VFE_LSB]), .check_cfi(rctl[`ETHERNET_RCTL_CFIEN_LSB]),
        .cfi(rctl[`ETHERNET_RCTL_CFI_LSB]), .tagged(rx_tagged), .tag(rx_tag),
        .table_word(vlan_word), .table_bits(vlan_bits), .accept(vlan_accept));

    rx_packet_buffer #(.ADDR_WIDTH(RX_ADDR), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .META_WIDTH(META_WIDTH)) rx_buffer (
        .clk(clk), .rst(core_rst),
        .enable(rx_enable && link), .store_bad(rctl[`ETHERNET_RCTL_SBP_LSB]), .long_frames(rctl[`ETHERNET_RCTL_LPE_LSB]),
        .strip_fcs(rctl[`ETHERNET_RCTL_SECRC_LSB]), .verify_ip(rxcsum[`ETHERNET_RXCSUM_IPOFL_LSB]),
        .verify_tu(rxcsum[`ETHERNET_RXCSUM_TUOFL_LSB]), .packet_start(rxcsum[`ETHERNET_RXCSUM_PCSS_LSB +: 8]),
        .destination(destination), .mine(rx_mine),
        .filter_accept((filter_accept && vlan_accept && !rx_discard) || rx_accept), .filter_inexact(filter_inexact),
        .filter_multicast(filter_multicast), .filter_broadcast(filter_broadcast),
        .vlan_stripped(rx_stripped), .vlan_tag(rx_tag),
        .s_data(rx_data), .s_last_lane(rx_last_lane), .s_last(rx_last), .s_fcs_error(rx_fcs_error),
        .s_rx_error(rx_error), .s_valid(rx_valid), .s_ready(rx_ready),
        .frame_meta(frame_meta), .frame_word(frame_word), .frame_valid(frame_valid), .frame_ready(frame_ready),
        .rd_addr(rx_rd_addr), .rd_en(rx_rd_en), .rd_data(rx_rd_data), .release_pointer(rx_release),
        .seen(seen), .seen_bytes(seen_bytes), .seen_fcs_error(seen_fcs_error), .seen_rx_error(seen_rx_error),
        .seen_short(seen_short), .seen_long(seen_long), .seen_for_us(seen_for_us), .seen_good(seen_good), .seen_missed(seen_missed),
        .seen_multicast(seen_multicast), .seen_broadcast(seen_broadcast), .seen_clean(rx_clean),
        .write_pointer(rx_write_pointer),
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
        .tx_frame(tx_sent), .tx_bytes(tx_pad && sent_fcs && sent_with_fcs < 16'd64 ? 16'd64 : sent_with_fcs),
        .tx_multicast(sent_multicast), .tx_broadcast(sent_broadcast),
        .rx_frame(seen), .rx_for_us(seen_for_us), .rx_bytes(seen_bytes), .rx_fcs_error(seen_fcs_error), .rx_error(seen_rx_error),
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

    assign busy = tx_fetch_busy || rx_fetch_busy || tx_retire_busy || rx_retire_busy || port_busy
                  || ((tx_engine_busy || tx_mover_busy || segmenter_busy || tx_buffer_busy) && !stalled)
                  || rx_buffer_busy || rx_engine_busy || rx_mover_busy || interrupt_busy
                  || tx_retired_reg || rx_below != threshold_reg
                  || s_axil_awvalid || s_axil_wvalid || s_axil_arvalid || s_axil_bvalid || s_axil_rvalid;

    /* verilator lint_off UNUSEDSIGNAL */   // outputs of blocks that nothing here needs
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{rctl, tctl, rxcsum, tx_cmd_error, rx_retired_write, tx_exhausted, start_count, end_count};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
