// First-word-fall-through FIFO in one clock domain, block RAM with an output register.
// A word is readable two clocks after it was written; one word a clock in and out from then on.
`default_nettype none
module sync_fifo #(
    parameter DATA_WIDTH = 64,
    parameter DEPTH      = 16,              // words, a power of two, at least 2
    parameter COUNT_WIDTH = $clog2(DEPTH) + 1
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire [DATA_WIDTH-1:0]  wr_data,
    input  wire                   wr_valid,
    output wire                   wr_ready,

    output wire [DATA_WIDTH-1:0]  rd_data,
    output wire                   rd_valid,
    input  wire                   rd_ready,

    output wire [COUNT_WIDTH-1:0] count     // words held, the output register included: 0..DEPTH
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || wr_fire || load_out || rd_fire),
        .gated(clk_gated)
    );

    localparam ADDR_WIDTH = $clog2(DEPTH);

    initial if (DEPTH < 2 || DEPTH != (1 << ADDR_WIDTH)) begin
        $display("ERROR: sync_fifo DEPTH must be a power of two, at least 2 (%m)");
        $finish;
    end

    reg [DATA_WIDTH-1:0]  mem [0:DEPTH-1];
    reg [ADDR_WIDTH-1:0]  wr_ptr_reg, rd_ptr_reg;
    reg [COUNT_WIDTH-1:0] count_reg;        // all words
    reg [DATA_WIDTH-1:0]  out_reg;
    reg                   out_valid_reg;

    wire wr_fire  = wr_valid && wr_ready;
    wire rd_fire  = rd_valid && rd_ready;
    wire mem_used = count_reg != {{(COUNT_WIDTH-1){1'b0}}, out_valid_reg};
    wire load_out = mem_used && (!out_valid_reg || rd_ready);

    assign wr_ready = count_reg != DEPTH[COUNT_WIDTH-1:0];
    assign rd_data  = out_reg;
    assign rd_valid = out_valid_reg;
    assign count    = count_reg;

    always @(posedge clk_gated) begin
        if (wr_fire) begin
            mem[wr_ptr_reg] <= wr_data;
            wr_ptr_reg <= wr_ptr_reg + 1'b1;
            if (!rd_fire) count_reg <= count_reg + 1'b1;
        end else if (rd_fire) begin
            count_reg <= count_reg - 1'b1;
        end
        if (load_out) begin
            out_reg <= mem[rd_ptr_reg];
            rd_ptr_reg <= rd_ptr_reg + 1'b1;
            out_valid_reg <= 1'b1;
        end else if (rd_fire) begin
            out_valid_reg <= 1'b0;
        end
        if (rst) begin
            wr_ptr_reg    <= {ADDR_WIDTH{1'b0}};
            rd_ptr_reg    <= {ADDR_WIDTH{1'b0}};
            count_reg     <= {COUNT_WIDTH{1'b0}};
            out_valid_reg <= 1'b0;
        end
    end

`ifdef FORMAL
`include "sync_fifo.vh"
`endif
endmodule
`default_nettype wire
