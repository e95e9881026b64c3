// Stands where the UltraScale+ PCIe block is and moves whole TLPs between its streams and a program outside the
// simulator: each TLP crosses once. The link's bandwidth bounds the requests of the card here, in `rq_tready`; latency
// and the bandwidth towards the card are in the delays that the program gives with its TLPs.

`timescale 1ps / 1ps
`default_nettype none

module pcie_transactor #(
    parameter integer PAYLOAD_BYTES = 256,
    parameter integer PUSH_BEATS = 80
) (
    input  wire                         clk,
    input  wire                         rst,

    input  wire [63:0]                  m_axis_rq_tdata,
    input  wire [1:0]                   m_axis_rq_tkeep,
    input  wire                         m_axis_rq_tlast,
    input  wire [61:0]                  m_axis_rq_tuser,
    input  wire                         m_axis_rq_tvalid,
    output wire                         m_axis_rq_tready,
    output reg  [5:0]                   pcie_rq_seq_num0,
    output reg                          pcie_rq_seq_num_vld0,
    output wire [63:0]                  s_axis_rc_tdata,
    output wire [1:0]                   s_axis_rc_tkeep,
    output wire                         s_axis_rc_tlast,
    output wire [74:0]                  s_axis_rc_tuser,
    output wire                         s_axis_rc_tvalid,
    input  wire                         s_axis_rc_tready,
    output wire [63:0]                  s_axis_cq_tdata,
    output wire [1:0]                   s_axis_cq_tkeep,
    output wire                         s_axis_cq_tlast,
    output wire [87:0]                  s_axis_cq_tuser,
    output wire                         s_axis_cq_tvalid,
    input  wire                         s_axis_cq_tready,
    input  wire [63:0]                  m_axis_cc_tdata,
    input  wire [1:0]                   m_axis_cc_tkeep,
    input  wire                         m_axis_cc_tlast,
    input  wire [32:0]                  m_axis_cc_tuser,
    input  wire                         m_axis_cc_tvalid,
    output wire                         m_axis_cc_tready,
    input  wire                         bus_master_enable,
    input  wire                         msi_enable,
    input  wire [31:0]                  cfg_interrupt_msi_int,
    output reg                          cfg_interrupt_msi_sent,
    output reg                          cfg_interrupt_msi_fail,
    input  wire                         cfg_interrupt_int,
    output reg                          cfg_interrupt_sent,

    // For the program: see tlp_gatherer.v and tlp_player.v
    output wire [7:0]                   rq_number,
    output wire [127:0]                 rq_head,
    output wire [61:0]                  rq_user,
    output wire [10:0]                  rq_dwords,
    output wire [8*PAYLOAD_BYTES-1:0]   rq_rest,
    output wire [7:0]                   cc_number,
    output wire [127:0]                 cc_head,
    output wire [10:0]                  cc_dwords,
    output wire [8*PAYLOAD_BYTES-1:0]   cc_rest,
    input  wire [128+PUSH_BEATS*66-1:0] rc_push,
    output wire [7:0]                   rc_played,
    input  wire [128+PUSH_BEATS*66-1:0] cq_push,
    output wire [7:0]                   cq_played,
    output reg  [7:0]                   msi_number,  // changes with each interrupt message
    output reg                          intx_level,  // as the host has been told
    input  wire                         cfg_flr_done,
    output reg  [7:0]                   flr_number,  // changes at the end of each function-level reset

    output wire                         busy
);

  wire rc_busy, cq_busy;
  wire [32:0] cc_user;

  // ---- requests of the card ----
  // Up to three TLPs wait for the link; it takes 8 bytes a clock. A TLP has 8 bytes of framing, sequence number and CRC
  // beside its header, which is 12 bytes for addresses below 4 GiB and 16 above.
  localparam [13:0] LINK_BYTES = 14'd8;

  reg [13:0] waiting_bytes[0:3];
  reg [5:0] waiting_sequence[0:3];
  reg [1:0] waiting_in, waiting_out;
  reg [13:0] on_link;  // bytes of what is being sent
  reg [13:0] rq_bytes;
  reg [5:0] rq_sequence;
  reg rq_first;
  wire waiting = waiting_in != waiting_out;

  assign m_axis_rq_tready = waiting_in + 2'd1 != waiting_out;

  initial begin
    waiting_in = 2'd0;
    waiting_out = 2'd0;
    on_link = 14'd0;
    rq_first = 1'b1;
    pcie_rq_seq_num0 = 6'd0;
    pcie_rq_seq_num_vld0 = 1'b0;
    cfg_interrupt_msi_sent = 1'b0;
    cfg_interrupt_msi_fail = 1'b0;
    msi_number = 8'd0;
  end

  // what the clocked blocks ask first, worked out when it changes only; their clocks stand still when nothing changes
  wire rq_beat = m_axis_rq_tvalid === 1'b1 && m_axis_rq_tready;
  wire rq_moves = waiting || on_link != 14'd0 || pcie_rq_seq_num_vld0;
  wire rq_clk, link_clk;
  clock_gate rq_gate (
      .clk(clk),
      .enable(rq_beat),
      .gated(rq_clk)
  );
  clock_gate link_gate (
      .clk(clk),
      .enable(rq_moves),
      .gated(link_clk)
  );

  always @(posedge rq_clk)
    if (rq_beat) begin
      if (rq_first) begin
        rq_sequence = {m_axis_rq_tuser[61:60], m_axis_rq_tuser[27:24]};
        rq_bytes = m_axis_rq_tdata[63:32] == 32'd0 ? 14'd4 : 14'd8;  // and 16 with the descriptor
      end
      rq_bytes = rq_bytes + (m_axis_rq_tkeep[1] ? 14'd8 : 14'd4);
      rq_first = m_axis_rq_tlast;
      if (m_axis_rq_tlast) begin
        waiting_bytes[waiting_in] = rq_bytes;
        waiting_sequence[waiting_in] = rq_sequence;
        waiting_in <= waiting_in + 2'd1;
      end
    end

  always @(posedge link_clk)
    if (rq_moves) begin
      pcie_rq_seq_num_vld0 <= 1'b0;
      if (on_link > LINK_BYTES) on_link <= on_link - LINK_BYTES;
      else if (waiting) begin
        on_link <= on_link + waiting_bytes[waiting_out] - (on_link == 14'd0 ? 14'd0 : LINK_BYTES);
        pcie_rq_seq_num0 <= waiting_sequence[waiting_out];
        pcie_rq_seq_num_vld0 <= 1'b1;
        waiting_out <= waiting_out + 2'd1;
      end else on_link <= 14'd0;
    end

  tlp_gatherer #(
      .PAYLOAD_BYTES(PAYLOAD_BYTES),
      .USER_WIDTH(62)
  ) rq (
      .clk(clk),
      .s_axis_tdata(m_axis_rq_tdata),
      .s_axis_tkeep(m_axis_rq_tkeep),
      .s_axis_tlast(m_axis_rq_tlast),
      .s_axis_tuser(m_axis_rq_tuser),
      .s_axis_tvalid(m_axis_rq_tvalid),
      .s_axis_tready(m_axis_rq_tready),
      .number(rq_number),
      .head(rq_head),
      .user(rq_user),
      .dwords(rq_dwords),
      .rest(rq_rest)
  );

  tlp_player #(
      .PUSH_BEATS(PUSH_BEATS),
      .USER_WIDTH(75),
      .SOF_BIT(32)
  ) rc (
      .clk(clk),
      .push(rc_push),
      .played(rc_played),
      .busy(rc_busy),
      .m_axis_tdata(s_axis_rc_tdata),
      .m_axis_tkeep(s_axis_rc_tkeep),
      .m_axis_tlast(s_axis_rc_tlast),
      .m_axis_tuser(s_axis_rc_tuser),
      .m_axis_tvalid(s_axis_rc_tvalid),
      .m_axis_tready(s_axis_rc_tready)
  );

  // ---- requests of the host ----
  tlp_player #(
      .PUSH_BEATS(PUSH_BEATS),
      .USER_WIDTH(88),
      .SOF_BIT(40)
  ) cq (
      .clk(clk),
      .push(cq_push),
      .played(cq_played),
      .busy(cq_busy),
      .m_axis_tdata(s_axis_cq_tdata),
      .m_axis_tkeep(s_axis_cq_tkeep),
      .m_axis_tlast(s_axis_cq_tlast),
      .m_axis_tuser(s_axis_cq_tuser),
      .m_axis_tvalid(s_axis_cq_tvalid),
      .m_axis_tready(s_axis_cq_tready)
  );

  assign m_axis_cc_tready = 1'b1;

  tlp_gatherer #(
      .PAYLOAD_BYTES(PAYLOAD_BYTES),
      .USER_WIDTH(33)
  ) cc (
      .clk(clk),
      .s_axis_tdata(m_axis_cc_tdata),
      .s_axis_tkeep(m_axis_cc_tkeep),
      .s_axis_tlast(m_axis_cc_tlast),
      .s_axis_tuser(m_axis_cc_tuser),
      .s_axis_tvalid(m_axis_cc_tvalid),
      .s_axis_tready(m_axis_cc_tready),
      .number(cc_number),
      .head(cc_head),
      .user(cc_user),
      .dwords(cc_dwords),
      .rest(cc_rest)
  );

  // ---- interrupts: a pulse of one clock, answered two clocks later as the block does ----
  reg [1:0] msi_answer;
  initial msi_answer = 2'b00;

  wire msi_moves = cfg_interrupt_msi_int !== 32'd0 || msi_answer != 2'b00 || cfg_interrupt_msi_sent
      || cfg_interrupt_msi_fail;

  wire intx_moves = cfg_interrupt_sent || (cfg_interrupt_int === 1'b1) != intx_level;
  wire event_clk;
  clock_gate event_gate (
      .clk(clk),
      .enable(msi_moves || intx_moves || cfg_flr_done === 1'b1),
      .gated(event_clk)
  );

  always @(posedge event_clk)
    if (msi_moves) begin
      msi_answer <= {msi_answer[0], cfg_interrupt_msi_int[0] === 1'b1};
      cfg_interrupt_msi_sent <= msi_answer[0] && msi_enable && bus_master_enable;
      cfg_interrupt_msi_fail <= msi_answer[0] && !(msi_enable && bus_master_enable);
      if (msi_answer[0] && msi_enable && bus_master_enable) msi_number <= msi_number + 8'd1;
    end

  // INTx: a message at each change of the level
  initial begin
    cfg_interrupt_sent = 1'b0;
    intx_level = 1'b0;
    flr_number = 8'd0;
  end

  always @(posedge event_clk) if (cfg_flr_done === 1'b1) flr_number <= flr_number + 8'd1;

  always @(posedge event_clk)
    if (intx_moves) begin
      cfg_interrupt_sent <= (cfg_interrupt_int === 1'b1) != intx_level && !cfg_interrupt_sent;
      if (!cfg_interrupt_sent) intx_level <= cfg_interrupt_int === 1'b1;
    end

  assign busy = rst || rc_busy || cq_busy || waiting || on_link != 14'd0 || msi_answer != 2'b00
      || cfg_interrupt_msi_sent || cfg_interrupt_msi_fail || cfg_interrupt_sent;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
  wire unused = &{1'b0, cc_user};
`endif

endmodule

`default_nettype wire
