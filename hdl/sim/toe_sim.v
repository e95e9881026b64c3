// The card with what a simulation needs around it: clocks that stop when nothing happens, the firmware port's driver,
// the bus log, the waveform, and transactors through which whole frames and whole TLPs cross to Python. With
// TRANSACTORS = 0 the card's pins are pins here instead, for pin-level models in Python to drive.
//
// plusargs: +waves=<path> [+waves_from=<ps> +waves_to=<ps>], +grants=<path>, +clocks_never_stop, +clk_cycle_limit=<n>,
// +mac_address=<hex, byte 0 lowest>

`timescale 1ps / 1ps
`default_nettype none

// Under Verilator the clocks and the waveform come from outside, see verilator_main.cpp.
`ifdef VERILATOR
`define TOE_SIM_CLOCK input
`else
`define TOE_SIM_CLOCK output
`endif

module toe_sim #(
    parameter integer CARD_MEMORY_BYTES = 4194304,
    parameter integer MAX_FRAME_BYTES = 9234,
    parameter integer QUEUE_SETS = 1,
    parameter integer CLK_PERIOD_FS = 16000000,
    parameter integer GMII_TX_PERIOD_FS = 8000000,
    parameter integer GMII_TX_PHASE_PS = 1000,
    parameter integer GMII_RX_PERIOD_FS = 8000000,
    parameter integer GMII_RX_PHASE_PS = 2000,
    parameter integer TRANSACTORS = 1,
    parameter integer PCIE_PAYLOAD_BYTES = 256,  // the transactor's largest TLP
    parameter integer PCIE_PUSH_BEATS = 80,  // 64-bit words that cross to the card at once
    parameter integer WIRE_CHUNK_BYTES = 2048,
    parameter integer MONITORS = 0  // 1: every bus and stream of the card is watched
) (
    `TOE_SIM_CLOCK wire         clk,
    input  wire         rst,  // driven by the PCIe block's model
    input  wire         strap_nic,

    // High while Python holds work for any pin; the clocks run then.
    input  wire         clock_hold,
    output wire         clocks_run,
    output reg  [63:0]  clk_cycles,  // cycles that were simulated

    // Host port, pin by pin; the transactor uses the pins cfg_max_payload to cfg_interrupt_msi_data only
    output wire [63:0]      m_axis_rq_tdata,
    output wire [1:0]       m_axis_rq_tkeep,
    output wire             m_axis_rq_tlast,
    output wire [61:0]      m_axis_rq_tuser,
    output wire             m_axis_rq_tvalid,
    input  wire             m_axis_rq_tready,
    input  wire [5:0]       pcie_rq_seq_num0,
    input  wire             pcie_rq_seq_num_vld0,
    input  wire [63:0]      s_axis_rc_tdata,
    input  wire [1:0]       s_axis_rc_tkeep,
    input  wire             s_axis_rc_tlast,
    input  wire [74:0]      s_axis_rc_tuser,
    input  wire             s_axis_rc_tvalid,
    output wire             s_axis_rc_tready,
    input  wire [63:0]      s_axis_cq_tdata,
    input  wire [1:0]       s_axis_cq_tkeep,
    input  wire             s_axis_cq_tlast,
    input  wire [87:0]      s_axis_cq_tuser,
    input  wire             s_axis_cq_tvalid,
    output wire             s_axis_cq_tready,
    output wire [1:0]       pcie_cq_np_req,
    output wire [63:0]      m_axis_cc_tdata,
    output wire [1:0]       m_axis_cc_tkeep,
    output wire             m_axis_cc_tlast,
    output wire [32:0]      m_axis_cc_tuser,
    output wire             m_axis_cc_tvalid,
    input  wire             m_axis_cc_tready,
    input  wire [1:0]       cfg_max_payload,
    input  wire [2:0]       cfg_max_read_req,
    input  wire [15:0]      cfg_function_status,
    input  wire [3:0]       cfg_interrupt_msi_enable,
    input  wire [31:0]      cfg_interrupt_msi_data,
    output wire [1:0]       cfg_interrupt_msi_select,
    output wire [31:0]      cfg_interrupt_msi_int,
    output wire [31:0]      cfg_interrupt_msi_pending_status,
    output wire             cfg_interrupt_msi_pending_status_data_enable,
    output wire [1:0]       cfg_interrupt_msi_pending_status_function_num,
    input  wire             cfg_interrupt_msi_sent,
    input  wire             cfg_interrupt_msi_fail,
    output wire [2:0]       cfg_interrupt_msi_attr,
    output wire             cfg_interrupt_msi_tph_present,
    output wire [1:0]       cfg_interrupt_msi_tph_type,
    output wire [7:0]       cfg_interrupt_msi_tph_st_tag,
    output wire [7:0]       cfg_interrupt_msi_function_number,
    output wire [3:0]       cfg_interrupt_int,
    output wire [3:0]       cfg_interrupt_pending,
    input  wire             cfg_interrupt_sent,
    input  wire [3:0]       cfg_flr_in_process,
    output wire [3:0]       cfg_flr_done,

    // Wire port, pin by pin
    `TOE_SIM_CLOCK wire         gmii_tx_clk,
    output wire [7:0]   gmii_txd,
    output wire         gmii_tx_en,
    output wire         gmii_tx_er,
    `TOE_SIM_CLOCK wire         gmii_rx_clk,
    input  wire [7:0]   gmii_rxd,
    input  wire         gmii_rx_dv,
    input  wire         gmii_rx_er
);

  // ---- what crosses to Python whole; no ports, which Verilator would copy at each step ----
  // Wire: the partner is gone
  reg wire_link_down = 1'b0;
  // Firmware port: see firmware_port_driver.v
  reg [7:0] fw_command_number;
  reg fw_command_write;
  reg [63:0] fw_command_address;
  reg [9:0] fw_command_length;
  reg [4095:0] fw_command_data;
  wire [7:0] fw_done_number;
  wire fw_error;
  wire [63:0] fw_read_word;
  wire [4095:0] fw_read_data;
  wire [4:0] firmware_irq;
  // Host port, TLP by TLP: see pcie_transactor.v
  wire [7:0] pcie_rq_number;
  wire [127:0] pcie_rq_head;
  wire [61:0] pcie_rq_user;
  wire [10:0] pcie_rq_dwords;
  wire [8*PCIE_PAYLOAD_BYTES-1:0] pcie_rq_rest;
  wire [7:0] pcie_cc_number;
  wire [127:0] pcie_cc_head;
  wire [10:0] pcie_cc_dwords;
  wire [8*PCIE_PAYLOAD_BYTES-1:0] pcie_cc_rest;
  reg [128+PCIE_PUSH_BEATS*66-1:0] pcie_rc_push;
  wire [7:0] pcie_rc_played;
  reg [128+PCIE_PUSH_BEATS*66-1:0] pcie_cq_push;
  wire [7:0] pcie_cq_played;
  wire [7:0] pcie_msi_number;
  wire pcie_intx_level;
  wire [7:0] pcie_flr_number;
  // Wire port, frame by frame: see gmii_transactor.v
  wire [7:0] wire_tx_number;
  wire [8*WIRE_CHUNK_BYTES-1:0] wire_tx_data;
  wire [15:0] wire_tx_length;
  wire wire_tx_last;
  wire wire_tx_error;
  wire [63:0] wire_tx_begin_ps;
  reg [8*WIRE_CHUNK_BYTES+31:0] wire_rx_push;
  wire [7:0] wire_rx_taken;
  wire [127:0] bus_beats;

  // ---- clocks: they stop after a while in which nobody needed them ----
  localparam integer SETTLE_CYCLES = 64;  // long enough for what just fell idle to be seen on the other side of a FIFO

  reg clocks_never_stop;
  reg [6:0] idle_cycles;
  wire card_busy, firmware_port_busy, transactors_busy;
  wire needed = rst !== 1'b0 || cfg_flr_in_process[0] === 1'b1 || card_busy !== 1'b0 || firmware_port_busy !== 1'b0 || transactors_busy !== 1'b0
      || clock_hold !== 1'b0 || clocks_never_stop;

  initial begin
    clocks_never_stop = $test$plusargs("clocks_never_stop") != 0;
    idle_cycles = 7'd0;
    clk_cycles = 64'd0;
  end

  // Something that is for ever busy would never let the simulation end.
  reg [63:0] clk_cycle_limit;
  reg [47:0] mac_address;  // byte 0 in bits 7:0
  initial if (!$value$plusargs("mac_address=%h", mac_address)) mac_address = 48'h010000000002;

  initial if (!$value$plusargs("clk_cycle_limit=%d", clk_cycle_limit)) clk_cycle_limit = 64'd0;
  wire clk_cycles_limited = clk_cycle_limit != 64'd0;

  always @(posedge clk) clk_cycles <= clk_cycles + 64'd1;

  wire limited_clk, idle_clk;
  clock_gate limited_gate (
      .clk(clk),
      .enable(clk_cycles_limited),
      .gated(limited_clk)
  );
  always @(posedge limited_clk)
    if (clk_cycles_limited && clk_cycles == clk_cycle_limit) begin
      $display("ERROR: the clocks have run for %0d cycles, more than this run may take", clk_cycle_limit);
      $finish;
    end

  clock_gate idle_gate (
      .clk(clk),
      .enable(needed ? idle_cycles != 7'd0 : idle_cycles != SETTLE_CYCLES),
      .gated(idle_clk)
  );
  always @(posedge idle_clk)
    if (needed) begin
      if (idle_cycles != 7'd0) idle_cycles <= 7'd0;
    end else if (idle_cycles != SETTLE_CYCLES) idle_cycles <= idle_cycles + 7'd1;

  assign clocks_run = needed || idle_cycles != SETTLE_CYCLES;

`ifndef VERILATOR
  stoppable_clock #(.PERIOD_FS(CLK_PERIOD_FS)) clk_source (.run(clocks_run), .clk(clk));
  stoppable_clock #(.PERIOD_FS(GMII_TX_PERIOD_FS), .PHASE_PS(GMII_TX_PHASE_PS)) gmii_tx_clk_source (
      .run(clocks_run),
      .clk(gmii_tx_clk)
  );
  stoppable_clock #(.PERIOD_FS(GMII_RX_PERIOD_FS), .PHASE_PS(GMII_RX_PHASE_PS)) gmii_rx_clk_source (
      .run(clocks_run),
      .clk(gmii_rx_clk)
  );

  // ---- waveform ----
  // The whole card, and what says when and why it runs; the transactors' vectors of a whole frame or access would make
  // the dump many times as large.
`define DUMPED card, clk, rst, clocks_run, clock_hold, card_busy, firmware_port_busy, transactors_busy, \
      fw_command_number, fw_command_write, fw_command_address, fw_command_length, fw_done_number, fw_error, \
      firmware_irq, firmware_port.state

  reg [8*512-1:0] waves_path;
  reg [63:0] waves_from, waves_to;
  initial
    if ($value$plusargs("waves=%s", waves_path)) begin
      $dumpfile(waves_path);
      if ($value$plusargs("waves_from=%d", waves_from) && $value$plusargs("waves_to=%d", waves_to)) begin
        #(waves_from) $dumpvars(0, `DUMPED);
        #(waves_to - waves_from) $dumpoff;
      end else $dumpvars(0, `DUMPED);
    end
`endif

  // ---- who drives the card's pins ----
  wire card_m_axis_rq_tready;
  wire [5:0] card_pcie_rq_seq_num0;
  wire card_pcie_rq_seq_num_vld0;
  wire [63:0] card_s_axis_rc_tdata;
  wire [1:0] card_s_axis_rc_tkeep;
  wire card_s_axis_rc_tlast;
  wire [74:0] card_s_axis_rc_tuser;
  wire card_s_axis_rc_tvalid;
  wire [63:0] card_s_axis_cq_tdata;
  wire [1:0] card_s_axis_cq_tkeep;
  wire card_s_axis_cq_tlast;
  wire [87:0] card_s_axis_cq_tuser;
  wire card_s_axis_cq_tvalid;
  wire card_m_axis_cc_tready;
  wire card_cfg_interrupt_msi_sent;
  wire card_cfg_interrupt_msi_fail;
  wire card_cfg_interrupt_sent;
  wire [7:0] card_gmii_rxd;
  wire card_gmii_rx_dv;
  wire card_gmii_rx_er;

  generate
    if (TRANSACTORS != 0) begin : transactors
      wire wire_busy, pcie_busy;
      assign transactors_busy = wire_busy || pcie_busy;

      gmii_transactor #(
          .CHUNK_BYTES(WIRE_CHUNK_BYTES)
      ) gmii (
          .gmii_tx_clk(gmii_tx_clk),
          .gmii_txd(gmii_txd),
          .gmii_tx_en(gmii_tx_en),
          .gmii_tx_er(gmii_tx_er),
          .gmii_rx_clk(gmii_rx_clk),
          .gmii_rxd(card_gmii_rxd),
          .gmii_rx_dv(card_gmii_rx_dv),
          .gmii_rx_er(card_gmii_rx_er),
          .tx_number(wire_tx_number),
          .tx_data(wire_tx_data),
          .tx_length(wire_tx_length),
          .tx_last(wire_tx_last),
          .tx_error(wire_tx_error),
          .tx_begin_ps(wire_tx_begin_ps),
          .rx_push(wire_rx_push),
          .rx_taken(wire_rx_taken),
          .busy(wire_busy)
      );

      pcie_transactor #(
          .PAYLOAD_BYTES(PCIE_PAYLOAD_BYTES),
          .PUSH_BEATS(PCIE_PUSH_BEATS)
      ) pcie (
          .clk(clk),
          .rst(rst),
          .m_axis_rq_tdata(m_axis_rq_tdata),
          .m_axis_rq_tkeep(m_axis_rq_tkeep),
          .m_axis_rq_tlast(m_axis_rq_tlast),
          .m_axis_rq_tuser(m_axis_rq_tuser),
          .m_axis_rq_tvalid(m_axis_rq_tvalid),
          .m_axis_rq_tready(card_m_axis_rq_tready),
          .pcie_rq_seq_num0(card_pcie_rq_seq_num0),
          .pcie_rq_seq_num_vld0(card_pcie_rq_seq_num_vld0),
          .s_axis_rc_tdata(card_s_axis_rc_tdata),
          .s_axis_rc_tkeep(card_s_axis_rc_tkeep),
          .s_axis_rc_tlast(card_s_axis_rc_tlast),
          .s_axis_rc_tuser(card_s_axis_rc_tuser),
          .s_axis_rc_tvalid(card_s_axis_rc_tvalid),
          .s_axis_rc_tready(s_axis_rc_tready),
          .s_axis_cq_tdata(card_s_axis_cq_tdata),
          .s_axis_cq_tkeep(card_s_axis_cq_tkeep),
          .s_axis_cq_tlast(card_s_axis_cq_tlast),
          .s_axis_cq_tuser(card_s_axis_cq_tuser),
          .s_axis_cq_tvalid(card_s_axis_cq_tvalid),
          .s_axis_cq_tready(s_axis_cq_tready),
          .m_axis_cc_tdata(m_axis_cc_tdata),
          .m_axis_cc_tkeep(m_axis_cc_tkeep),
          .m_axis_cc_tlast(m_axis_cc_tlast),
          .m_axis_cc_tuser(m_axis_cc_tuser),
          .m_axis_cc_tvalid(m_axis_cc_tvalid),
          .m_axis_cc_tready(card_m_axis_cc_tready),
          .bus_master_enable(cfg_function_status[2]),
          .msi_enable(cfg_interrupt_msi_enable[0]),
          .cfg_interrupt_msi_int(cfg_interrupt_msi_int),
          .cfg_interrupt_msi_sent(card_cfg_interrupt_msi_sent),
          .cfg_interrupt_msi_fail(card_cfg_interrupt_msi_fail),
          .cfg_interrupt_int(cfg_interrupt_int[0]),
          .cfg_interrupt_sent(card_cfg_interrupt_sent),
          .rq_number(pcie_rq_number),
          .rq_head(pcie_rq_head),
          .rq_user(pcie_rq_user),
          .rq_dwords(pcie_rq_dwords),
          .rq_rest(pcie_rq_rest),
          .cc_number(pcie_cc_number),
          .cc_head(pcie_cc_head),
          .cc_dwords(pcie_cc_dwords),
          .cc_rest(pcie_cc_rest),
          .rc_push(pcie_rc_push),
          .rc_played(pcie_rc_played),
          .cq_push(pcie_cq_push),
          .cq_played(pcie_cq_played),
          .msi_number(pcie_msi_number),
          .intx_level(pcie_intx_level),
          .cfg_flr_done(cfg_flr_done[0]),
          .flr_number(pcie_flr_number),
          .busy(pcie_busy)
      );
    end else begin : pins
      assign transactors_busy = 1'b0;
      assign card_m_axis_rq_tready = m_axis_rq_tready;
      assign card_pcie_rq_seq_num0 = pcie_rq_seq_num0;
      assign card_pcie_rq_seq_num_vld0 = pcie_rq_seq_num_vld0;
      assign card_s_axis_rc_tdata = s_axis_rc_tdata;
      assign card_s_axis_rc_tkeep = s_axis_rc_tkeep;
      assign card_s_axis_rc_tlast = s_axis_rc_tlast;
      assign card_s_axis_rc_tuser = s_axis_rc_tuser;
      assign card_s_axis_rc_tvalid = s_axis_rc_tvalid;
      assign card_s_axis_cq_tdata = s_axis_cq_tdata;
      assign card_s_axis_cq_tkeep = s_axis_cq_tkeep;
      assign card_s_axis_cq_tlast = s_axis_cq_tlast;
      assign card_s_axis_cq_tuser = s_axis_cq_tuser;
      assign card_s_axis_cq_tvalid = s_axis_cq_tvalid;
      assign card_m_axis_cc_tready = m_axis_cc_tready;
      assign card_cfg_interrupt_msi_sent = cfg_interrupt_msi_sent;
      assign card_cfg_interrupt_msi_fail = cfg_interrupt_msi_fail;
      assign card_cfg_interrupt_sent = cfg_interrupt_sent;
      assign card_gmii_rxd = gmii_rxd;
      assign card_gmii_rx_dv = gmii_rx_dv;
      assign card_gmii_rx_er = gmii_rx_er;
      assign pcie_rq_number = 0;
      assign pcie_rq_head = 0;
      assign pcie_rq_user = 0;
      assign pcie_rq_dwords = 0;
      assign pcie_rq_rest = 0;
      assign pcie_cc_number = 0;
      assign pcie_cc_head = 0;
      assign pcie_cc_dwords = 0;
      assign pcie_cc_rest = 0;
      assign pcie_rc_played = 0;
      assign pcie_cq_played = 0;
      assign pcie_msi_number = 0;
      assign pcie_intx_level = 0;
      assign pcie_flr_number = 0;
      assign wire_tx_number = 0;
      assign wire_tx_data = 0;
      assign wire_tx_length = 0;
      assign wire_tx_last = 0;
      assign wire_tx_error = 0;
      assign wire_tx_begin_ps = 0;
      assign wire_rx_taken = 0;
    end
  endgenerate

  // ---- the card ----
  wire [3:0] fw_awid, fw_bid, fw_arid, fw_rid;
  wire [63:0] fw_awaddr, fw_wdata, fw_araddr, fw_rdata;
  wire [7:0] fw_awlen, fw_wstrb, fw_arlen;
  wire [2:0] fw_awsize, fw_arsize;
  wire [1:0] fw_awburst, fw_bresp, fw_arburst, fw_rresp;
  wire fw_awvalid, fw_awready, fw_wlast, fw_wvalid, fw_wready, fw_bvalid, fw_bready, fw_arvalid, fw_arready, fw_rlast, fw_rvalid, fw_rready;
  wire [3:0] bus_read_request, bus_write_request;
  wire bus_grant_valid, bus_grant_write, bus_last_read_valid, bus_last_write_valid;
  wire [5:0] bus_grant_id, bus_last_read_id;
  wire [63:0] bus_grant_addr;
  wire [8:0] bus_grant_beats;
  wire [1:0] bus_last_write_master;

  firmware_port_driver firmware_port (
      .clk(clk),
      .rst(rst),
      .command_number(fw_command_number),
      .command_write(fw_command_write),
      .command_address(fw_command_address),
      .command_length(fw_command_length),
      .command_data(fw_command_data),
      .done_number(fw_done_number),
      .error(fw_error),
      .read_data(fw_read_data),
      .read_word(fw_read_word),
      .busy(firmware_port_busy),
      .m_axi_awid(fw_awid),
      .m_axi_awaddr(fw_awaddr),
      .m_axi_awlen(fw_awlen),
      .m_axi_awsize(fw_awsize),
      .m_axi_awburst(fw_awburst),
      .m_axi_awvalid(fw_awvalid),
      .m_axi_awready(fw_awready),
      .m_axi_wdata(fw_wdata),
      .m_axi_wstrb(fw_wstrb),
      .m_axi_wlast(fw_wlast),
      .m_axi_wvalid(fw_wvalid),
      .m_axi_wready(fw_wready),
      .m_axi_bid(fw_bid),
      .m_axi_bresp(fw_bresp),
      .m_axi_bvalid(fw_bvalid),
      .m_axi_bready(fw_bready),
      .m_axi_arid(fw_arid),
      .m_axi_araddr(fw_araddr),
      .m_axi_arlen(fw_arlen),
      .m_axi_arsize(fw_arsize),
      .m_axi_arburst(fw_arburst),
      .m_axi_arvalid(fw_arvalid),
      .m_axi_arready(fw_arready),
      .m_axi_rid(fw_rid),
      .m_axi_rdata(fw_rdata),
      .m_axi_rresp(fw_rresp),
      .m_axi_rlast(fw_rlast),
      .m_axi_rvalid(fw_rvalid),
      .m_axi_rready(fw_rready)
  );

  toe_card #(
      .CARD_MEMORY_BYTES(CARD_MEMORY_BYTES),
      .MAX_FRAME_BYTES(MAX_FRAME_BYTES),
      .QUEUE_SETS(QUEUE_SETS)
  ) card (
      .clk(clk),
      .rst(rst),
      .strap_nic(strap_nic === 1'b1),
      .m_axis_rq_tdata(m_axis_rq_tdata),
      .m_axis_rq_tkeep(m_axis_rq_tkeep),
      .m_axis_rq_tlast(m_axis_rq_tlast),
      .m_axis_rq_tuser(m_axis_rq_tuser),
      .m_axis_rq_tvalid(m_axis_rq_tvalid),
      .m_axis_rq_tready(card_m_axis_rq_tready),
      .pcie_rq_seq_num0(card_pcie_rq_seq_num0),
      .pcie_rq_seq_num_vld0(card_pcie_rq_seq_num_vld0),
      .s_axis_rc_tdata(card_s_axis_rc_tdata),
      .s_axis_rc_tkeep(card_s_axis_rc_tkeep),
      .s_axis_rc_tlast(card_s_axis_rc_tlast),
      .s_axis_rc_tuser(card_s_axis_rc_tuser),
      .s_axis_rc_tvalid(card_s_axis_rc_tvalid),
      .s_axis_rc_tready(s_axis_rc_tready),
      .s_axis_cq_tdata(card_s_axis_cq_tdata),
      .s_axis_cq_tkeep(card_s_axis_cq_tkeep),
      .s_axis_cq_tlast(card_s_axis_cq_tlast),
      .s_axis_cq_tuser(card_s_axis_cq_tuser),
      .s_axis_cq_tvalid(card_s_axis_cq_tvalid),
      .s_axis_cq_tready(s_axis_cq_tready),
      .pcie_cq_np_req(pcie_cq_np_req),
      .m_axis_cc_tdata(m_axis_cc_tdata),
      .m_axis_cc_tkeep(m_axis_cc_tkeep),
      .m_axis_cc_tlast(m_axis_cc_tlast),
      .m_axis_cc_tuser(m_axis_cc_tuser),
      .m_axis_cc_tvalid(m_axis_cc_tvalid),
      .m_axis_cc_tready(card_m_axis_cc_tready),
      .cfg_max_payload(cfg_max_payload),
      .cfg_max_read_req(cfg_max_read_req),
      .cfg_function_status(cfg_function_status),
      .cfg_interrupt_msi_enable(cfg_interrupt_msi_enable),
      .cfg_interrupt_msi_data(cfg_interrupt_msi_data),
      .cfg_interrupt_msi_select(cfg_interrupt_msi_select),
      .cfg_interrupt_msi_int(cfg_interrupt_msi_int),
      .cfg_interrupt_msi_pending_status(cfg_interrupt_msi_pending_status),
      .cfg_interrupt_msi_pending_status_data_enable(cfg_interrupt_msi_pending_status_data_enable),
      .cfg_interrupt_msi_pending_status_function_num(cfg_interrupt_msi_pending_status_function_num),
      .cfg_interrupt_msi_sent(card_cfg_interrupt_msi_sent),
      .cfg_interrupt_msi_fail(card_cfg_interrupt_msi_fail),
      .cfg_interrupt_msi_attr(cfg_interrupt_msi_attr),
      .cfg_interrupt_msi_tph_present(cfg_interrupt_msi_tph_present),
      .cfg_interrupt_msi_tph_type(cfg_interrupt_msi_tph_type),
      .cfg_interrupt_msi_tph_st_tag(cfg_interrupt_msi_tph_st_tag),
      .cfg_interrupt_msi_function_number(cfg_interrupt_msi_function_number),
      .cfg_interrupt_int(cfg_interrupt_int),
      .cfg_interrupt_pending(cfg_interrupt_pending),
      .cfg_interrupt_sent(card_cfg_interrupt_sent),
      .cfg_flr_in_process({3'd0, cfg_flr_in_process[0] === 1'b1}),
      .cfg_flr_done(cfg_flr_done),
      .s_axi_fw_awid(fw_awid),
      .s_axi_fw_awaddr(fw_awaddr),
      .s_axi_fw_awlen(fw_awlen),
      .s_axi_fw_awsize(fw_awsize),
      .s_axi_fw_awburst(fw_awburst),
      .s_axi_fw_awvalid(fw_awvalid),
      .s_axi_fw_awready(fw_awready),
      .s_axi_fw_wdata(fw_wdata),
      .s_axi_fw_wstrb(fw_wstrb),
      .s_axi_fw_wlast(fw_wlast),
      .s_axi_fw_wvalid(fw_wvalid),
      .s_axi_fw_wready(fw_wready),
      .s_axi_fw_bid(fw_bid),
      .s_axi_fw_bresp(fw_bresp),
      .s_axi_fw_bvalid(fw_bvalid),
      .s_axi_fw_bready(fw_bready),
      .s_axi_fw_arid(fw_arid),
      .s_axi_fw_araddr(fw_araddr),
      .s_axi_fw_arlen(fw_arlen),
      .s_axi_fw_arsize(fw_arsize),
      .s_axi_fw_arburst(fw_arburst),
      .s_axi_fw_arvalid(fw_arvalid),
      .s_axi_fw_arready(fw_arready),
      .s_axi_fw_rid(fw_rid),
      .s_axi_fw_rdata(fw_rdata),
      .s_axi_fw_rresp(fw_rresp),
      .s_axi_fw_rlast(fw_rlast),
      .s_axi_fw_rvalid(fw_rvalid),
      .s_axi_fw_rready(fw_rready),
      .firmware_irq(firmware_irq),
      .gmii_tx_clk(gmii_tx_clk),
      .gmii_txd(gmii_txd),
      .gmii_tx_en(gmii_tx_en),
      .gmii_tx_er(gmii_tx_er),
      .wire_link(!wire_link_down),
      .mac_address(mac_address),
      .gmii_rx_clk(gmii_rx_clk),
      .gmii_rxd(card_gmii_rxd),
      .gmii_rx_dv(card_gmii_rx_dv),
      .gmii_rx_er(card_gmii_rx_er),
      .bus_read_request(bus_read_request),
      .bus_write_request(bus_write_request),
      .bus_grant_valid(bus_grant_valid),
      .bus_grant_write(bus_grant_write),
      .bus_grant_id(bus_grant_id),
      .bus_grant_addr(bus_grant_addr),
      .bus_grant_beats(bus_grant_beats),
      .bus_last_read_valid(bus_last_read_valid),
      .bus_last_read_id(bus_last_read_id),
      .bus_last_write_valid(bus_last_write_valid),
      .bus_last_write_master(bus_last_write_master),
      .bus_beats(bus_beats),
      .busy(card_busy)
  );

  grant_recorder #(
      .MASTERS(4),
      .ID_WIDTH(4)
  ) bus_log (
      .clk(clk),
      .rst(rst || card.function_rst),
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
      .last_write_master(bus_last_write_master)
  );

  generate
    if (MONITORS != 0) begin : monitored
      card_monitors #(.QUEUE_SETS(QUEUE_SETS)) monitors ();
    end
  endgenerate

endmodule

`default_nettype wire
