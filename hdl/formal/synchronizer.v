// The synchronizer as a proof sees it: where its input changes about the edge of clk, each bit of the first stage takes
// the old or the new value, every bit for itself. In place of hdl/lib/synchronizer.v.
`default_nettype none
module synchronizer #(
    parameter WIDTH  = 1,
    parameter STAGES = 2,
    parameter RESET_VALUE = 1'b0
) (
    input  wire             clk,
    input  wire             rst,
    input  wire [WIDTH-1:0] async_in,
    output wire [WIDTH-1:0] sync_out
);
    reg  [WIDTH-1:0] before;
    always @($global_clock) before <= async_in;
    (* anyseq *) wire [WIDTH-1:0] late;
    wire [WIDTH-1:0] seen = async_in ^ (late & (async_in ^ before));

    reg [WIDTH*STAGES-1:0] chain_reg;
    assign sync_out = chain_reg[WIDTH*STAGES-1 -: WIDTH];
    always @(posedge clk) begin
        if (rst) chain_reg <= {(WIDTH*STAGES){RESET_VALUE}};
        else     chain_reg <= {chain_reg[WIDTH*(STAGES-1)-1:0], seen};
    end
endmodule
`default_nettype wire
