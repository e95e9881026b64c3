// CRC-32 of IEEE 802.3, reflected: one byte as two table steps of four bits.
`default_nettype none
module ethernet_crc32 (
    input  wire [31:0] crc,
    input  wire [7:0]  data,
    output wire [31:0] next
);
    function [31:0] crc32_nibble(input [31:0] state, input [3:0] nibble);
        reg [31:0] term;
        begin
            case (state[3:0] ^ nibble)
                4'h0: term = 32'h00000000;
                4'h1: term = 32'h1db71064;
                4'h2: term = 32'h3b6e20c8;
                4'h3: term = 32'h26d930ac;
                4'h4: term = 32'h76dc4190;
                4'h5: term = 32'h6b6b51f4;
                4'h6: term = 32'h4db26158;
                4'h7: term = 32'h5005713c;
                4'h8: term = 32'hedb88320;
                4'h9: term = 32'hf00f9344;
                4'ha: term = 32'hd6d6a3e8;
                4'hb: term = 32'hcb61b38c;
                4'hc: term = 32'h9b64c2b0;
                4'hd: term = 32'h86d3d2d4;
                4'he: term = 32'ha00ae278;
                default: term = 32'hbdbdf21c;
            endcase
            crc32_nibble = {4'd0, state[31:4]} ^ term;
        end
    endfunction

    assign next = crc32_nibble(crc32_nibble(crc, data[3:0]), data[7:4]);
endmodule
`default_nettype wire
