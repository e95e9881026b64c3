// Register of the CRC-32 of IEEE 802.3, reflected: takes one byte a clock, as one step through a table.
`default_nettype none
module ethernet_crc32 (
    input  wire        clk,
    input  wire        start,               // before the first byte
    input  wire        advance,             // take `data`
    input  wire [7:0]  data,
    output wire [31:0] crc
);
    reg [31:0] table_rom [0:255];
    reg [31:0] crc_reg;

    assign crc = crc_reg;

    // the remainder of a byte, bit by bit
    function [31:0] remainder(input [7:0] value);
        integer k;
        begin
            remainder = {24'd0, value};
            for (k = 0; k < 8; k = k + 1)
                remainder = {1'b0, remainder[31:1]} ^ (remainder[0] ? 32'hedb88320 : 32'd0);
        end
    endfunction

    integer i;
    initial for (i = 0; i < 256; i = i + 1) table_rom[i] = remainder(i[7:0]);

    always @(posedge clk) begin
        if (advance)    crc_reg <= {8'd0, crc_reg[31:8]} ^ table_rom[crc_reg[7:0] ^ data];
        else if (start) crc_reg <= 32'hffffffff;
    end
endmodule
`default_nettype wire
