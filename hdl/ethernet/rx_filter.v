// Decides by its destination whether a frame is accepted: exact addresses, multicast hash, broadcast, promiscuous
// modes (82544 SDM 3.2.1, 13.5.1).
`default_nettype none
module rx_filter (
    input  wire [47:0]   destination,       // byte 0 of the frame in bits 7:0
    input  wire [767:0]  addresses,         // RAL/RAH 0..15, 48 bits each, byte 0 lowest
    input  wire [15:0]   address_valid,
    input  wire          unicast_all,
    input  wire          multicast_all,
    input  wire          broadcast_accept,
    input  wire [1:0]    hash_select,       // RCTL.MO
    output wire [6:0]    hash_word,         // row of the multicast table to look up ...
    input  wire [31:0]   hash_bits,         // ... and its content
    output wire          accept,
    output wire          inexact,           // accepted by the hash only
    output wire          is_multicast,
    output wire          is_broadcast
);
    reg        exact;
    reg [11:0] hash;
    integer    i;

    always @* begin
        exact = 1'b0;
        for (i = 0; i < 16; i = i + 1)
            if (address_valid[i] && addresses[48*i +: 48] == destination) exact = 1'b1;
    end

    always @* begin
        case (hash_select)
            2'd0:    hash = destination[47:36];
            2'd1:    hash = destination[46:35];
            2'd2:    hash = destination[45:34];
            default: hash = destination[43:32];
        endcase
    end

    wire hashed = is_multicast && hash_bits[hash[4:0]];

    assign hash_word    = hash[11:5];
    assign is_broadcast = destination == {48{1'b1}};
    assign is_multicast = destination[0] && !is_broadcast;
    assign accept  = exact || (is_broadcast ? broadcast_accept || multicast_all
                                            : destination[0] ? multicast_all || hashed : unicast_all);
    assign inexact = hashed && !exact;
endmodule
`default_nettype wire
