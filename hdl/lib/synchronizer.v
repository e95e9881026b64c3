// Brings level signals into the clock domain of clk through a chain of flip-flops.
// Bits are independent: a bus whose bits must agree needs an async_fifo or a Gray code.
`default_nettype none
module synchronizer #(
    parameter WIDTH  = 1,
    parameter STAGES = 2,   // flip-flops in the chain, at least 2
    parameter RESET_VALUE = 1'b0
) (
    input  wire             clk,
    input  wire             rst,
    input  wire [WIDTH-1:0] async_in,
    output wire [WIDTH-1:0] sync_out
);
    initial if (STAGES < 2) begin
        $display("ERROR: synchronizer needs at least two stages (%m)");
        $finish;
    end

    (* ASYNC_REG = "TRUE" *) reg [WIDTH*STAGES-1:0] chain_reg;

    assign sync_out = chain_reg[WIDTH*STAGES-1 -: WIDTH];

    wire clk_seen;
`ifdef SYNTHESIS
    assign clk_seen = clk;      // what is asynchronous may gate no real clock
`else
    clock_gate gate (
        .clk(clk),
        .enable(rst || chain_reg != {STAGES{async_in}}),
        .gated(clk_seen)
    );
`endif

    always @(posedge clk_seen) begin
        if (rst) chain_reg <= {(WIDTH*STAGES){RESET_VALUE}};
        else     chain_reg <= {chain_reg[WIDTH*(STAGES-1)-1:0], async_in};
    end
endmodule
`default_nettype wire
