// Packet buffer memory: one write port with byte strobes, one read port whose register holds its word until the next read.
`default_nettype none
module packet_ram #(
    parameter ADDR_WIDTH = 11
) (
    input  wire                  clk,
    input  wire [ADDR_WIDTH-1:0] wr_addr,
    input  wire [63:0]           wr_data,
    input  wire [7:0]            wr_strb,
    input  wire                  wr_en,
    input  wire [ADDR_WIDTH-1:0] rd_addr,
    input  wire                  rd_en,
    output wire [63:0]           rd_data
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(wr_en || rd_en),
        .gated(clk_gated)
    );

    reg [63:0] mem [0:(1 << ADDR_WIDTH)-1];
    reg [63:0] rd_data_reg;
    integer i;

    assign rd_data = rd_data_reg;

    always @(posedge clk_gated) begin
        if (wr_en) begin
            if (wr_strb == 8'hff) begin
                mem[wr_addr] <= wr_data;
            end else begin
                for (i = 0; i < 8; i = i + 1)
                    if (wr_strb[i]) mem[wr_addr][8*i +: 8] <= wr_data[8*i +: 8];
            end
        end
        if (rd_en) rd_data_reg <= mem[rd_addr];
    end
endmodule
`default_nettype wire
