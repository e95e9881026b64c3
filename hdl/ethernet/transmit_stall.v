// Tells when transmission stands still because there is no link: what waits is no work then, and clocks may stop.
`default_nettype none
module transmit_stall #(
    parameter STILL_CYCLES = 1023           // longer than any pause of a transmitter that is not held up
) (
    input  wire clk,
    input  wire rst,
    input  wire link,
    input  wire progress,                   // a bus access of the transmitter
    output wire stalled
);
    localparam [9:0] STILL = STILL_CYCLES[9:0];

    reg [9:0] count_reg;

    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || (link || progress ? count_reg != 10'd0 : count_reg != STILL)), .gated(clk_gated));

    assign stalled = count_reg == STILL;

    always @(posedge clk_gated)
        count_reg <= rst || link || progress ? 10'd0 : stalled ? count_reg : count_reg + 10'd1;
endmodule
`default_nettype wire
