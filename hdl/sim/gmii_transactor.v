// Moves whole Ethernet frames between the card's GMII pins and a program outside the simulator: a frame crosses once.
//
// From the card: the bytes behind the start frame delimiter are gathered. When a frame is over `tx_number` changes, a
// moment after `tx_data` (first byte in bits 7:0), `tx_length`, `tx_begin_ps` (first octet of the preamble), `tx_error`
// and `tx_last`; what is longer than CHUNK_BYTES comes in several chunks, all but the last with `tx_last` low.
//
// To the card: the program sets `rx_push` = {data, last chunk of the frame, length in bytes, number}; a change of the
// number hands the chunk over. `rx_taken` follows the number when the next chunk may be set. Preamble and
// inter-frame gap (12 octets) are made here. A chunk that is not the last must be followed by the next in time.

`timescale 1ps / 1ps
`default_nettype none

module gmii_transactor #(
    parameter integer CHUNK_BYTES = 2048
) (
    input  wire                     gmii_tx_clk,
    input  wire [              7:0] gmii_txd,
    input  wire                     gmii_tx_en,
    input  wire                     gmii_tx_er,
    input  wire                     gmii_rx_clk,
    output reg  [              7:0] gmii_rxd,
    output reg                      gmii_rx_dv,
    output wire                     gmii_rx_er,

    output reg  [              7:0] tx_number,
    output reg  [8*CHUNK_BYTES-1:0] tx_data,
    output reg  [             15:0] tx_length,
    output reg                      tx_last,
    output reg                      tx_error,
    output reg  [             63:0] tx_begin_ps,

    input  wire [8*CHUNK_BYTES+31:0] rx_push,
    output reg  [              7:0] rx_taken,

    output wire                     busy
);

  localparam integer PREAMBLE_OCTETS = 8;
  localparam integer GAP_OCTETS = 12;

  // ---- from the card ----
  reg [8*CHUNK_BYTES-1:0] tx_gathered;
  // The last octets, at most seven, the newest on top, and a one below them: it reaches bit 0 when they are seven.
  // Eight at a time go to tx_gathered.
  localparam [56:0] NO_OCTETS = 57'd1 << 56;
  reg [56:0] tx_octets, tx_tail;
  reg [15:0] tx_count, tx_tail_octets;  // octets in tx_gathered, in tx_tail
  reg tx_in_frame, tx_in_data, tx_damaged;

  initial begin
    tx_number = 8'd0;
    tx_in_frame = 1'b0;
    tx_in_data = 1'b0;
  end

  task hand_over;
    input last;
    begin
      tx_tail = tx_octets;
      tx_tail_octets = 16'd7;
      while (!tx_tail[0]) begin
        tx_tail = tx_tail >> 8;
        tx_tail_octets = tx_tail_octets - 16'd1;
      end
      if (tx_tail_octets != 16'd0) tx_gathered[{tx_count, 3'd0}+:64] = {8'd0, tx_tail[56:1]};
      tx_count = tx_count + tx_tail_octets;
      tx_data <= tx_gathered;
      tx_length <= tx_count;
      tx_last <= last;
      tx_error <= tx_damaged;
      tx_number <= tx_number + 8'd1;  // after the data: nonblocking assignments take effect in order
      tx_count = 16'd0;
      tx_octets = NO_OCTETS;
    end
  endtask

  // worked out when it changes only; the most frequent case comes first
  wire tx_octet = gmii_tx_en === 1'b1 && tx_in_data;
  wire tx_unusual = tx_octet && (gmii_tx_er || tx_count == CHUNK_BYTES);

  always @(posedge gmii_tx_clk)
    if (tx_octet) begin
      if (tx_unusual) begin
        if (tx_count == CHUNK_BYTES) hand_over(1'b0);
        if (gmii_tx_er) tx_damaged = 1'b1;
      end
      if (tx_octets[0]) begin
        tx_gathered[{tx_count, 3'd0}+:64] = {gmii_txd, tx_octets[56:1]};
        tx_octets = NO_OCTETS;
        tx_count = tx_count + 16'd8;
      end else begin
        tx_octets = {gmii_txd, tx_octets[56:8]};
      end
    end else if (gmii_tx_en === 1'b1) begin
      if (!tx_in_frame) begin
        tx_in_frame = 1'b1;
        tx_begin_ps <= $time;
        tx_damaged = gmii_tx_er;
        tx_count = 16'd0;
        tx_octets = NO_OCTETS;
      end else if (gmii_txd == 8'hd5) tx_in_data = 1'b1;
    end else if (tx_in_frame) begin
      if (tx_in_data) hand_over(1'b1);
      tx_in_frame = 1'b0;
      tx_in_data = 1'b0;
    end

  // ---- to the card ----
  reg [8*CHUNK_BYTES-1:0] rx_sending;
  reg [15:0] rx_length;
  reg rx_last;
  reg [15:0] rx_count;  // octets of the chunk already on the pins
  reg [3:0] rx_preamble, rx_gap;  // octets of them still to come
  reg rx_in_data;
  wire rx_pending = rx_push[7:0] != rx_taken;

  initial begin
    gmii_rxd = 8'd0;
    gmii_rx_dv = 1'b0;
    rx_taken = 8'd0;
    rx_preamble = 4'd0;
    rx_gap = 4'd0;
    rx_in_data = 1'b0;
  end

  assign gmii_rx_er = 1'b0;
  assign busy = rx_pending || rx_in_data || rx_gap != 4'd0;

  task take_chunk;
    begin
      rx_sending = rx_push[8*CHUNK_BYTES+31:32];
      rx_length = rx_push[23:8];
      rx_last = rx_push[24];
      rx_count = 16'd0;
      rx_taken <= rx_push[7:0];
    end
  endtask

  // nothing changes without one of these
  wire rx_clk_gated;
  clock_gate rx_gate (
      .clk(gmii_rx_clk),
      .enable(busy || gmii_rx_dv || gmii_rxd != 8'd0),
      .gated(rx_clk_gated)
  );

  always @(posedge rx_clk_gated)
    if (rx_preamble != 4'd0) begin
      rx_preamble = rx_preamble - 4'd1;
      gmii_rxd <= rx_preamble == 4'd0 ? 8'hd5 : 8'h55;
    end else if (rx_in_data) begin
      gmii_rxd <= rx_sending[rx_count*8+:8];
      rx_count = rx_count + 16'd1;
      if (rx_count == rx_length) begin
        if (rx_last) begin
          rx_in_data = 1'b0;
          rx_gap = GAP_OCTETS;
        end else if (rx_pending) take_chunk;
        else begin
          $display("gmii_transactor: the next chunk of a frame came too late");
          $finish;
        end
      end
    end else begin
      gmii_rxd <= 8'd0;
      gmii_rx_dv <= 1'b0;
      if (rx_gap != 4'd0) rx_gap = rx_gap - 4'd1;
      else if (rx_pending) begin
        take_chunk;
        rx_in_data = 1'b1;
        rx_preamble = PREAMBLE_OCTETS - 1;
        gmii_rxd <= 8'h55;
        gmii_rx_dv <= 1'b1;
      end
    end

endmodule

`default_nettype wire
