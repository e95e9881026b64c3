// Plays whole TLPs, queued by a program outside the simulator, into a 64-bit stream of the PCIe block at full rate.
//
// The program sets `push` = {data, half, last, tuser, delay, beats, number} (see the localparams below); each change
// of the number queues the TLPs in it: `beats` words of 64 bits, bit n of `last` set where word n ends a TLP, of `half`
// where only its low dword counts, and `tuser` for all of them (bit SOF_BIT only where a TLP begins). The first word
// appears `delay` clocks after the push at the earliest. One clock stays free between TLPs: that is what framing,
// sequence number and CRC of the next take on the link. `played` counts the pushes done with.

`timescale 1ps / 1ps
`default_nettype none

module tlp_player #(
    parameter integer PUSH_BEATS = 80,
    parameter integer USER_WIDTH = 75,
    parameter integer SOF_BIT = 32,
    parameter integer DEPTH_LOG2 = 6
) (
    input  wire                                clk,
    input  wire [128+PUSH_BEATS*66-1:0]        push,
    output reg  [7:0]                          played,
    output wire                                busy,

    output reg  [63:0]                         m_axis_tdata,
    output reg  [1:0]                          m_axis_tkeep,
    output reg                                 m_axis_tlast,
    output reg  [USER_WIDTH-1:0]               m_axis_tuser,
    output reg                                 m_axis_tvalid,
    input  wire                                m_axis_tready
);

  localparam integer BEATS_LSB = 8;  // 16 bits
  localparam integer DELAY_LSB = 24;  // 16 bits, in clocks
  localparam integer USER_LSB = 40;  // 88 bits
  localparam integer LAST_LSB = 128;
  localparam integer HALF_LSB = LAST_LSB + PUSH_BEATS;
  localparam integer DATA_LSB = HALF_LSB + PUSH_BEATS;
  localparam integer WIDTH = DATA_LSB + 64 * PUSH_BEATS;

  wire [7:0] number = push[7:0];

  reg [WIDTH-1:0] queue[0:(1<<DEPTH_LOG2)-1];
  reg [31:0] due[0:(1<<DEPTH_LOG2)-1];
  reg [7:0] queued;
  reg [31:0] cycle, wait_cycles;  // clocks, and those until what comes next is due
  // Eight words at a time leave the push, which a simulator copies whole to take anything from it.
  reg [64*PUSH_BEATS-1:0] playing_data;
  reg [PUSH_BEATS-1:0] playing_last, playing_half;
  reg [511:0] group_data;
  reg [7:0] group_last, group_half, group_marks;
  reg [USER_WIDTH-1:0] playing_user, playing_user_rest;  // of a TLP's first word, of the others
  reg [15:0] index, words;  // next word of what is playing, and how many it has
  reg flowing;  // a word comes each clock
  reg first;
  reg steady;  // all but the data is as with the word before
  reg gap;

  initial begin
    queued = 8'd0;
    played = 8'd0;
    cycle = 32'd0;
    wait_cycles = 32'd0;
    index = 16'd0;
    words = 16'd0;
    flowing = 1'b0;
    resting = 1'b1;
    first = 1'b1;
    steady = 1'b0;
    gap = 1'b0;
    m_axis_tvalid = 1'b0;
    m_axis_tdata = 64'd0;
    m_axis_tkeep = 2'b00;
    m_axis_tlast = 1'b0;
    m_axis_tuser = {USER_WIDTH{1'b0}};
  end

  assign busy = queued != played || m_axis_tvalid;

  always @(number)
    if (number != queued) begin
      queue[queued[DEPTH_LOG2-1:0]] = push;
      due[queued[DEPTH_LOG2-1:0]] = cycle + {16'd0, push[DELAY_LSB+:16]};
      queued = number;
    end

  // A push waits until it is due; `played` moves on with its last word.
  wire [31:0] next_due = due[played[DEPTH_LOG2-1:0]];
  reg [31:0] ahead;  // clocks until it is due
  reg resting;  // nothing is playing, nor on the pins
  wire empty = queued == played;

  wire moves = !m_axis_tvalid || m_axis_tready;

  // nothing changes without this
  wire clk_gated;
  clock_gate gate (
      .clk(clk),
      .enable(busy),
      .gated(clk_gated)
  );

  always @(posedge clk_gated) begin
    if (!flowing) begin
      if (wait_cycles != 32'd0) wait_cycles = wait_cycles - 32'd1;
      else if (moves) begin
        if (index == words && !empty) begin
          ahead = next_due - cycle;
          if (ahead == 32'd0 || ahead[31]) begin
            playing_data = queue[played[DEPTH_LOG2-1:0]][DATA_LSB+:64*PUSH_BEATS];
            playing_last = queue[played[DEPTH_LOG2-1:0]][LAST_LSB+:PUSH_BEATS];
            playing_half = queue[played[DEPTH_LOG2-1:0]][HALF_LSB+:PUSH_BEATS];
            playing_user = queue[played[DEPTH_LOG2-1:0]][USER_LSB+:USER_WIDTH];
            playing_user_rest = playing_user;
            playing_user_rest[SOF_BIT] = 1'b0;
            words = queue[played[DEPTH_LOG2-1:0]][BEATS_LSB+:16];
            index = 16'd0;
            first = 1'b1;
            steady = 1'b0;
          end else if (resting) wait_cycles = ahead - 32'd1;
        end
        if (gap || index == words) begin
          m_axis_tvalid <= 1'b0;
          gap = 1'b0;
          resting = index == words;
        end else flowing = 1'b1;
      end
    end
    if (flowing) if (moves) begin
      if (index[2:0] == 3'd0) begin
        group_data = playing_data[64*index+:512];
        group_last = playing_last[index+:8];
        group_half = playing_half[index+:8];
        group_marks = group_last | group_half;
      end
      m_axis_tdata <= group_data[{index[2:0], 6'd0}+:64];
      if (!steady || group_marks[index[2:0]]) begin
        m_axis_tvalid <= 1'b1;
        m_axis_tuser <= first ? playing_user : playing_user_rest;
        m_axis_tkeep <= group_half[index[2:0]] ? 2'b01 : 2'b11;
        m_axis_tlast <= group_last[index[2:0]];
        resting = 1'b0;
        steady = !first && !group_marks[index[2:0]];
        first = group_last[index[2:0]];
        gap = first;
        if (gap) flowing = 1'b0;
      end
      index = index + 16'd1;
      if (index == words) begin
        flowing = 1'b0;
        played <= played + 8'd1;
      end
    end
    cycle = cycle + 32'd1;
  end

endmodule

`default_nettype wire
