// Adds the little-endian 16-bit halves of those bytes of a word whose offsets in the packet lie in [first, limit).
`default_nettype none
module byte_range_sum (
    input  wire [63:0] data,
    input  wire [15:0] offset,              // of byte 0 of the word
    input  wire [15:0] first,
    input  wire [15:0] limit,
    output reg  [18:0] sum
);
    function [3:0] clamp(input [15:0] position, input [15:0] origin);
        reg [15:0] distance;
        begin
            distance = position - origin;
            clamp = position <= origin ? 4'd0 : distance > 16'd7 ? 4'd8 : {1'b0, distance[2:0]};
        end
    endfunction

    reg [7:0]  mask;
    reg [63:0] taken;

    wire [15:0] left = limit - offset;

    always @* begin
        if (offset >= first && offset < limit && left > 16'd7) mask = 8'hff;
        else mask = (8'hff << clamp(first, offset)) & ~(8'hff << clamp(limit, offset));
    end

    // words wholly inside or outside, which are nearly all, cost little
    always @* begin
        case (mask)
            8'h00:   taken = 64'd0;
            8'hff:   taken = data;
            default: taken = data & {{8{mask[7]}}, {8{mask[6]}}, {8{mask[5]}}, {8{mask[4]}},
                                     {8{mask[3]}}, {8{mask[2]}}, {8{mask[1]}}, {8{mask[0]}}};
        endcase
        sum = {3'd0, taken[15:0]} + {3'd0, taken[31:16]} + {3'd0, taken[47:32]} + {3'd0, taken[63:48]};
    end
endmodule
`default_nettype wire
