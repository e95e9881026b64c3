// Inserts the VLAN tag into frames on their way from the packet buffer to the MAC, behind the two addresses
// (82544 SDM 9.3). The word that holds byte 12 is cut in two there; the MAC takes words that are not full.
//
//   | .. 10 11 | 12 13 .. |   ->   | .. 10 11 |   | VET TCI |   | 12 13 .. |
`default_nettype none
module vlan_insert (
    input  wire        clk,
    input  wire        rst,
    input  wire [15:0] vlan_type,           // VET

    // words, see mac_tx; the tag is the same in all words of a frame
    input  wire [63:0] s_data,
    input  wire [2:0]  s_first_lane,
    input  wire [2:0]  s_last_lane,
    input  wire        s_last,
    input  wire [16:0] s_tag,               // {insert, TCI}
    input  wire        s_valid,
    output wire        s_ready,

    output wire [63:0] m_data,
    output wire [2:0]  m_last_lane,
    output wire        m_last,
    output wire        m_valid,
    input  wire        m_ready
);
    localparam [1:0] PART_HEAD = 2'd0, PART_TAG = 2'd1, PART_REST = 2'd2;

    reg [1:0] word_reg;                     // of the frame: 0 to 3, and stays
    reg [1:0] part_reg;
    reg [2:0] first_reg;                    // lane of the frame's first byte

    // nothing in here changes without one of these
    wire tagged = s_tag[16] && s_valid;
    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || tagged), .gated(clk_gated));

    wire [3:0] place = 4'd4 + {1'b0, first_reg};            // of byte 12, from the second word on
    wire [2:0] lane  = place[2:0];
    wire       here  = s_tag[16] && word_reg != 2'd0 && word_reg == (place[3] ? 2'd2 : 2'd1) && s_last_lane >= lane;
    wire       head  = here && part_reg == PART_HEAD && lane != 3'd0;
    wire       tag   = here && (part_reg == PART_TAG || (part_reg == PART_HEAD && lane == 3'd0));
    wire       rest  = here && part_reg == PART_REST;
    reg [63:0] moved;

    always @* moved = !here ? s_data : tag ? {32'd0, s_tag[7:0], s_tag[15:8], vlan_type[7:0], vlan_type[15:8]}
                      : rest ? s_data >> {lane, 3'd0} : s_data;

    assign m_data      = moved;
    assign m_last_lane = head ? lane - 3'd1 : tag ? 3'd3 : rest ? s_last_lane - lane : s_last_lane;
    assign m_last      = s_last && !head && !tag;
    assign m_valid     = s_valid;
    assign s_ready     = m_ready && !head && !tag;

    always @(posedge clk_gated) begin
        if (tagged && m_ready) begin
            part_reg <= head ? PART_TAG : tag ? PART_REST : PART_HEAD;
            if (s_ready) begin
                if (word_reg == 2'd0) first_reg <= s_first_lane;
                word_reg <= s_last ? 2'd0 : word_reg == 2'd3 ? 2'd3 : word_reg + 2'd1;
            end
        end
        if (rst) begin
            part_reg <= PART_HEAD;
            word_reg <= 2'd0;
        end
    end
endmodule
`default_nettype wire
