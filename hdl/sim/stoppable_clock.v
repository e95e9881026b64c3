// A clock that stops while `run` is low and starts again on its original grid.
//
// Rising edge number n falls at PHASE_PS + n * PERIOD_FS / 1000, rounded down to an even picosecond, whether or not
// the clock was stopped in between: nobody can tell from the edges seen. Software events fall on odd picoseconds.

`timescale 1ps / 1ps
`default_nettype none

module stoppable_clock #(
    parameter integer PERIOD_FS = 16000000,  // clock period in femtoseconds (so that ppm offsets can be told)
    parameter integer PHASE_PS = 0           // time of the first rising edge
) (
    input  wire run,
    output reg  clk
);

  localparam integer HALF_PS = PERIOD_FS / 4000 * 2;
  localparam integer LOW_PS = PERIOD_FS / 1000 - HALF_PS;
  localparam EVEN = PERIOD_FS % 2000 == 0;  // all edges are the same distance apart, and need not be computed

  reg [63:0] n;

  function [63:0] edge_time;
    input [63:0] index;
    edge_time = (PHASE_PS + index * PERIOD_FS / 1000) & ~64'd1;
  endfunction

  initial begin
    clk = 1'b0;
    n = 64'd0;
    forever begin
      if (!run) begin
        wait (run);
        n = $time < PHASE_PS ? 64'd0 : ($time - PHASE_PS) * 1000 / PERIOD_FS;
        while (edge_time(n) < $time) n = n + 64'd1;
      end
      #(edge_time(n) - $time) clk = 1'b1;
      #(HALF_PS) clk = 1'b0;
      n = n + 64'd1;
      if (EVEN) begin
        while (run) begin
          #(LOW_PS) clk = 1'b1;
          #(HALF_PS) clk = 1'b0;
        end
      end
    end
  end

endmodule

`default_nettype wire
