// Gathers the TLPs of a 64-bit stream of the PCIe block for a program outside the simulator: each crosses whole.
//
// When a TLP is over `number` changes, a moment after `head` (the first 128 bits), `user` (tuser of the first word),
// `dwords` (all of them) and `rest`, which holds the dwords from number HEAD_DWORDS on, the first in bits 31:0.

`timescale 1ps / 1ps
`default_nettype none

module tlp_gatherer #(
    parameter integer PAYLOAD_BYTES = 256,
    parameter integer USER_WIDTH = 62
) (
    input  wire                       clk,
    input  wire [63:0]                s_axis_tdata,
    input  wire [1:0]                 s_axis_tkeep,
    input  wire                       s_axis_tlast,
    input  wire [USER_WIDTH-1:0]      s_axis_tuser,
    input  wire                       s_axis_tvalid,
    input  wire                       s_axis_tready,

    output reg  [7:0]                 number,
    output reg  [127:0]               head,
    output reg  [USER_WIDTH-1:0]      user,
    output reg  [10:0]                dwords,
    output reg  [8*PAYLOAD_BYTES-1:0] rest
);

  reg [8*PAYLOAD_BYTES-1:0] gathered;
  reg [127:0] gathered_head;
  reg [USER_WIDTH-1:0] gathered_user;
  reg [9:0] words;

  initial begin
    number = 8'd0;
    words = 10'd0;
  end

  wire beat = s_axis_tvalid === 1'b1 && s_axis_tready;

  // nothing changes without this
  wire clk_gated;
  clock_gate gate (
      .clk(clk),
      .enable(beat),
      .gated(clk_gated)
  );

  always @(posedge clk_gated)
    if (beat) begin
      if (words == 10'd0) begin
        gathered_head[63:0] = s_axis_tdata;
        gathered_user = s_axis_tuser;
      end else if (words == 10'd1) gathered_head[127:64] = s_axis_tdata;
      else gathered[64*(words-2)+:64] = s_axis_tdata;
      words = words + 10'd1;
      if (s_axis_tlast) begin
        head <= gathered_head;
        user <= gathered_user;
        dwords <= {words, 1'b0} - {10'd0, !s_axis_tkeep[1]};
        if (words > 10'd2) rest <= gathered;
        number <= number + 8'd1;  // after the rest: nonblocking assignments take effect in order
        words = 10'd0;
      end
    end

endmodule

`default_nettype wire
