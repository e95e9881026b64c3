// First-word-fall-through FIFO between two clock domains, Gray-coded pointers.
// Both resets must have been active at one time; the side that leaves reset first sees the FIFO empty (or full)
// until the other side follows.
`default_nettype none
module async_fifo #(
    parameter DATA_WIDTH = 64,
    parameter DEPTH      = 16,              // words, a power of two, 4..128
    parameter SYNC_STAGES = 2,
    parameter COUNT_WIDTH = $clog2(DEPTH) + 1
) (
    input  wire                   wr_clk,
    input  wire                   wr_rst,
    input  wire [DATA_WIDTH-1:0]  wr_data,
    input  wire                   wr_valid,
    output wire                   wr_ready,
    output wire [COUNT_WIDTH-1:0] wr_count, // words as the writer knows: never fewer than there are

    input  wire                   rd_clk,
    input  wire                   rd_rst,
    output wire [DATA_WIDTH-1:0]  rd_data,
    output wire                   rd_valid,
    input  wire                   rd_ready,
    output wire [COUNT_WIDTH-1:0] rd_count  // words as the reader knows: never more than there are; output register included
);
    // nothing in here changes without one of these
    wire wr_clk_gated, rd_clk_gated;
    clock_gate wr_gate (
        .clk(wr_clk),
        .enable(wr_rst || (wr_valid && wr_ready)),
        .gated(wr_clk_gated)
    );
    clock_gate rd_gate (
        .clk(rd_clk),
        .enable(rd_rst || load_out || (out_valid_reg && rd_ready)),
        .gated(rd_clk_gated)
    );

    localparam ADDR_WIDTH = $clog2(DEPTH);
    localparam PTR_WIDTH  = ADDR_WIDTH + 1;

    initial if (DEPTH < 4 || DEPTH > 128 || DEPTH != (1 << ADDR_WIDTH)) begin
        $display("ERROR: async_fifo DEPTH must be a power of two, 4..128 (%m)");
        $finish;
    end

    reg [DATA_WIDTH-1:0] mem [0:DEPTH-1];

    // ---- write side
    reg  [PTR_WIDTH-1:0] wr_ptr_reg, wr_gray_reg;
    wire [PTR_WIDTH-1:0] rd_gray_at_wr;
    // a bit of the binary pointer is the parity of the Gray bits from it upwards
    wire [PTR_WIDTH-1:0] rd_pairs = rd_gray_at_wr ^ (rd_gray_at_wr >> 1);
    wire [PTR_WIDTH-1:0] rd_quads = rd_pairs ^ (rd_pairs >> 2);
    wire [PTR_WIDTH-1:0] rd_ptr_at_wr = rd_quads ^ (rd_quads >> 4);
    wire [PTR_WIDTH-1:0] wr_used = wr_ptr_reg - rd_ptr_at_wr;
    wire [PTR_WIDTH-1:0] wr_ptr_next = wr_ptr_reg + 1'b1;

    assign wr_count = wr_used;
    assign wr_ready = wr_used != DEPTH[PTR_WIDTH-1:0] && !wr_rst;

    always @(posedge wr_clk_gated) begin
        if (wr_valid && wr_ready) begin
            mem[wr_ptr_reg[ADDR_WIDTH-1:0]] <= wr_data;
            wr_ptr_reg  <= wr_ptr_next;
            wr_gray_reg <= wr_ptr_next ^ (wr_ptr_next >> 1);
        end
        if (wr_rst) begin
            wr_ptr_reg  <= {PTR_WIDTH{1'b0}};
            wr_gray_reg <= {PTR_WIDTH{1'b0}};
        end
    end

    // ---- read side: the pointer crosses when a word leaves the memory for the output register
    reg  [PTR_WIDTH-1:0]  rd_ptr_reg, rd_gray_reg;
    reg  [DATA_WIDTH-1:0] out_reg;
    reg                   out_valid_reg;
    wire [PTR_WIDTH-1:0]  wr_gray_at_rd;
    wire [PTR_WIDTH-1:0]  wr_pairs = wr_gray_at_rd ^ (wr_gray_at_rd >> 1);
    wire [PTR_WIDTH-1:0]  wr_quads = wr_pairs ^ (wr_pairs >> 2);
    wire [PTR_WIDTH-1:0]  wr_ptr_at_rd = wr_quads ^ (wr_quads >> 4);
    wire [PTR_WIDTH-1:0]  rd_used = wr_ptr_at_rd - rd_ptr_reg;
    wire [PTR_WIDTH-1:0]  rd_ptr_next = rd_ptr_reg + 1'b1;
    wire                  load_out = rd_used != {PTR_WIDTH{1'b0}} && (!out_valid_reg || rd_ready);

    assign rd_data  = out_reg;
    assign rd_valid = out_valid_reg;
    assign rd_count = rd_used + {{(PTR_WIDTH-1){1'b0}}, out_valid_reg};

    always @(posedge rd_clk_gated) begin
        if (load_out) begin
            out_reg       <= mem[rd_ptr_reg[ADDR_WIDTH-1:0]];
            rd_ptr_reg    <= rd_ptr_next;
            rd_gray_reg   <= rd_ptr_next ^ (rd_ptr_next >> 1);
            out_valid_reg <= 1'b1;
        end else if (rd_ready) begin
            out_valid_reg <= 1'b0;
        end
        if (rd_rst) begin
            rd_ptr_reg    <= {PTR_WIDTH{1'b0}};
            rd_gray_reg   <= {PTR_WIDTH{1'b0}};
            out_valid_reg <= 1'b0;
        end
    end

    synchronizer #(.WIDTH(PTR_WIDTH), .STAGES(SYNC_STAGES)) sync_to_rd
        (.clk(rd_clk), .rst(rd_rst), .async_in(wr_gray_reg), .sync_out(wr_gray_at_rd));
    synchronizer #(.WIDTH(PTR_WIDTH), .STAGES(SYNC_STAGES)) sync_to_wr
        (.clk(wr_clk), .rst(wr_rst), .async_in(rd_gray_reg), .sync_out(rd_gray_at_wr));

`ifdef FORMAL
`include "async_fifo.vh"
`endif
endmodule
`default_nettype wire
