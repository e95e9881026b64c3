// Drives the card's firmware port for a program outside the simulator: a whole access crosses the language border once.
//
// The program sets `command_write`, `command_address`, `command_length` (1 to 512 bytes) and, for a write,
// `command_data` (first byte in bits 7:0), and then changes `command_number`; when `done_number` equals it, the access
// is over, and `read_data` and `error` are valid. In the register window an access is a run of single 32-bit beats.

`timescale 1ps / 1ps
`default_nettype none

module firmware_port_driver #(
    parameter integer ID_WIDTH = 4
) (
    input  wire                clk,
    input  wire                rst,

    input  wire [         7:0] command_number,
    input  wire                command_write,
    input  wire [        63:0] command_address,
    input  wire [         9:0] command_length,
    input  wire [      4095:0] command_data,
    output reg  [         7:0] done_number,
    output reg                 error,
    output reg  [      4095:0] read_data,
    output wire [        63:0] read_word,  // the first 8 bytes of read_data
    output wire                busy,

    output wire [ID_WIDTH-1:0] m_axi_awid,
    output reg  [        63:0] m_axi_awaddr,
    output reg  [         7:0] m_axi_awlen,
    output reg  [         2:0] m_axi_awsize,
    output wire [         1:0] m_axi_awburst,
    output reg                 m_axi_awvalid,
    input  wire                m_axi_awready,
    output reg  [        63:0] m_axi_wdata,
    output reg  [         7:0] m_axi_wstrb,
    output reg                 m_axi_wlast,
    output reg                 m_axi_wvalid,
    input  wire                m_axi_wready,
    input  wire [ID_WIDTH-1:0] m_axi_bid,
    input  wire [         1:0] m_axi_bresp,
    input  wire                m_axi_bvalid,
    output wire                m_axi_bready,
    output wire [ID_WIDTH-1:0] m_axi_arid,
    output reg  [        63:0] m_axi_araddr,
    output reg  [         7:0] m_axi_arlen,
    output reg  [         2:0] m_axi_arsize,
    output wire [         1:0] m_axi_arburst,
    output reg                 m_axi_arvalid,
    input  wire                m_axi_arready,
    input  wire [ID_WIDTH-1:0] m_axi_rid,
    input  wire [        63:0] m_axi_rdata,
    input  wire [         1:0] m_axi_rresp,
    input  wire                m_axi_rlast,
    input  wire                m_axi_rvalid,
    output wire                m_axi_rready
);

  localparam [2:0] STATE_IDLE = 3'd0, STATE_ADDRESS = 3'd1, STATE_READ = 3'd2, STATE_WRITE = 3'd3, STATE_RESPONSE = 3'd4, STATE_FINISH = 3'd5;

  reg [2:0] state;
  reg [63:0] address;  // next byte to move
  reg [9:0] left;  // bytes still to move
  reg [9:0] moved;
  reg [8:0] beats_left;  // beats of the burst still to come
  reg [63:0] burst_end;
  integer lane;
  reg [63:0] read_shifted;  // the beat's bytes, the first in bits 7:0

  wire in_registers = address[63] && address[32];

  assign busy = command_number != done_number || state != STATE_IDLE;
  assign read_word = read_data[63:0];
  assign m_axi_awid = {ID_WIDTH{1'b0}};
  assign m_axi_arid = {ID_WIDTH{1'b0}};
  assign m_axi_awburst = 2'b01;
  assign m_axi_arburst = 2'b01;
  assign m_axi_bready = state == STATE_RESPONSE;
  assign m_axi_rready = state == STATE_READ;

  // end of the burst that begins at `address`: a register, or up to the next 512-byte boundary
  always @* begin
    if (in_registers) burst_end = address + 64'd4;
    else begin
      burst_end = {address[63:9], 9'd0} + 64'd512;
      if (burst_end - address > {54'd0, left}) burst_end = address + {54'd0, left};
    end
  end

  wire [8:0] burst_beats = in_registers ? 9'd1 : (burst_end[11:3] + {8'd0, |burst_end[2:0]}) - address[11:3];

  // the write beat that begins at `address`
  reg [9:0] put_bytes;
  task put_write_beat;
    begin
      put_bytes = in_registers ? 10'd4 : 10'd8 - {7'd0, address[2:0]};
      if (put_bytes > left) put_bytes = left;
      m_axi_wstrb <= ~(8'hff << put_bytes) << address[2:0];
      m_axi_wdata <= (command_data[{moved, 3'd0}+:64] & ~({64{1'b1}} << {put_bytes, 3'd0})) << {address[2:0], 3'd0};
      m_axi_wlast <= beats_left == 9'd1;
      m_axi_wvalid <= 1'b1;
    end
  endtask

  // bytes of the beat that begins at `address`
  reg [9:0] beat_bytes;
  always @* begin
    beat_bytes = in_registers ? 10'd4 : 10'd8 - {7'd0, address[2:0]};
    if (beat_bytes > left) beat_bytes = left;
  end

  // nothing changes without this
  wire moves = rst || (state == STATE_IDLE ? command_number != done_number
      : state == STATE_READ ? m_axi_rvalid || (m_axi_arvalid && m_axi_arready)
      : state == STATE_RESPONSE ? m_axi_bvalid : 1'b1);

  wire clk_gated;
  clock_gate gate (
      .clk(clk),
      .enable(moves),
      .gated(clk_gated)
  );

  always @(posedge clk_gated) if (moves) begin
    case (state)
      STATE_IDLE:
      if (command_number != done_number) begin
        address = command_address;
        left = command_length;
        moved = 10'd0;
        error <= 1'b0;
        state <= STATE_ADDRESS;
      end
      STATE_ADDRESS: begin
        beats_left = burst_beats;
        if (command_write) begin
          m_axi_awaddr <= address;
          m_axi_awlen <= burst_beats[7:0] - 8'd1;
          m_axi_awsize <= in_registers ? 3'd2 : 3'd3;
          m_axi_awvalid <= 1'b1;
          put_write_beat;
          state <= STATE_WRITE;
        end else begin
          m_axi_araddr <= address;
          m_axi_arlen <= burst_beats[7:0] - 8'd1;
          m_axi_arsize <= in_registers ? 3'd2 : 3'd3;
          m_axi_arvalid <= 1'b1;
          state <= STATE_READ;
        end
      end
      STATE_READ: begin
        if (m_axi_arready) m_axi_arvalid <= 1'b0;
        if (m_axi_rvalid) begin
          // whole words and registers at once
          read_shifted = m_axi_rdata >> {address[2:0], 3'd0};
          if (beat_bytes == 10'd8) read_data[{moved, 3'd0}+:64] <= read_shifted;
          else if (beat_bytes == 10'd4) read_data[{moved, 3'd0}+:32] <= read_shifted[31:0];
          else
            for (lane = 0; lane < 8; lane = lane + 1)
              if (lane < beat_bytes) read_data[(moved+lane)*8+:8] <= read_shifted[lane*8+:8];
          if (m_axi_rresp != 2'b00) error <= 1'b1;
          address = address + beat_bytes;
          moved = moved + beat_bytes;
          left = left - beat_bytes;
          if (m_axi_rlast) begin
            state <= left == 10'd0 ? STATE_FINISH : STATE_ADDRESS;
          end
        end
      end
      STATE_WRITE: begin
        if (m_axi_awready) m_axi_awvalid <= 1'b0;
        if (m_axi_wvalid && m_axi_wready) begin
          address = address + beat_bytes;
          moved = moved + beat_bytes;
          left = left - beat_bytes;
          beats_left = beats_left - 9'd1;
          if (beats_left != 9'd0) put_write_beat;
          else m_axi_wvalid <= 1'b0;
        end
        if (beats_left == 9'd0 && (!m_axi_awvalid || m_axi_awready)) state <= STATE_RESPONSE;
      end
      STATE_RESPONSE:
      if (m_axi_bvalid) begin
        if (m_axi_bresp != 2'b00) error <= 1'b1;
        state <= left == 10'd0 ? STATE_FINISH : STATE_ADDRESS;
      end
      STATE_FINISH: begin
        // a clock after the data, which have settled when the program sees this change
        done_number <= command_number;
        state <= STATE_IDLE;
      end
      default: state <= STATE_IDLE;
    endcase

    if (rst) begin
      state <= STATE_IDLE;
      done_number <= 8'd0;
      error <= 1'b0;
      m_axi_awvalid <= 1'b0;
      m_axi_wvalid <= 1'b0;
      m_axi_arvalid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
