// Watches one word, chosen freely, on its way through a queue: how many words are ahead of it, and what it was.
// Only for proofs. The first word of the queue must be the watched one exactly when none is ahead of it; as any word
// may be the watched one, nothing is lost, duplicated or reordered.
`default_nettype none
module stream_order #(
    parameter DATA_WIDTH  = 8,
    parameter COUNT_WIDTH = 4
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   in_fire,
    input  wire [DATA_WIDTH-1:0]  in_data,
    input  wire                   out_fire,
    input  wire [COUNT_WIDTH-1:0] held,         // words in the queue before this clock
    output reg                    watching,     // the watched word is in the queue
    output reg  [COUNT_WIDTH-1:0] ahead,
    output reg  [DATA_WIDTH-1:0]  word
);
    (* anyseq *) wire choose;

    initial watching = 1'b0;
    always @(posedge clk) begin
        if (out_fire && watching) begin
            if (ahead == {COUNT_WIDTH{1'b0}}) watching <= 1'b0;
            else ahead <= ahead - 1'b1;
        end
        if (in_fire && choose && !watching) begin
            watching <= 1'b1;
            word     <= in_data;
            ahead    <= held - {{(COUNT_WIDTH-1){1'b0}}, out_fire};
        end
        if (rst) watching <= 1'b0;
    end
endmodule
`default_nettype wire
