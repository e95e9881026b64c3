// Two interrupt levels on one line to the host, such that each rise of either is a rise of the line: who is told once a
// rise (by an MSI) is told of both. A level that rises while the other is up, or as it falls, lets the line fall for one
// clock.
`default_nettype none
module interrupt_join (
    input  wire clk,
    input  wire rst,
    input  wire a,
    input  wire b,
    output wire joined,
    output wire busy
);
    reg a_reg, b_reg;

    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || busy), .gated(clk_gated));

    wire dip = ((a && !a_reg) || (b && !b_reg)) && (a_reg || b_reg);

    assign joined = (a || b) && !dip;
    assign busy   = a != a_reg || b != b_reg;

    always @(posedge clk_gated) begin
        a_reg <= a && !rst;
        b_reg <= b && !rst;
    end
endmodule
`default_nettype wire
