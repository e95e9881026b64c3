// Stops the clock of registers that would not change: `gated` rests high while `enable` is low.
//
// Whoever uses it guarantees that an edge while `enable` is low would change no register. So the cell is a plain OR
// with `!enable`, written as a choice: an event-driven simulator does nothing for edges behind a choice not taken.
// `enable` follows registers of the same clock and settles while `clk` is high, when a change of it makes no edge; one
// that comes later could at most make an edge that changes nothing.
// With CLOCK_GATES_TRANSPARENT defined the clock passes always and everything behaves the same: for devices with few
// clock buffers, and to check that guarantee.
`default_nettype none
module clock_gate #(
    parameter BLOCK = 0                     // 1: all of a block that is idle for long stands behind it
) (
    input  wire clk,
    input  wire enable,
    output wire gated
);
`ifdef CLOCK_GATES_TRANSPARENT
    localparam STOPPING = 2;                // the least BLOCK whose clock stops: none
`elsif CLOCK_GATES_OF_BLOCKS
    localparam STOPPING = 1;
`else
    localparam STOPPING = 0;
`endif

    generate
        if (BLOCK < STOPPING) begin : transparent
            assign gated = clk;
            wire unused = enable;
        end else begin : stopping
            assign gated = enable ? clk : 1'b1;
        end
    endgenerate

`ifdef FORMAL_CLOCK_GATE
`include "clock_gate.vh"
`endif
endmodule
`default_nettype wire
