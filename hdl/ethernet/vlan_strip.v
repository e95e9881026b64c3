// Finds the VLAN tag of a received frame and takes it out when CTRL.VME says so: all that follows sees the frame
// without it (82544 SDM 9.4). The last words of a frame without tag pass as they are.
`default_nettype none
module vlan_strip (
    input  wire        clk,
    input  wire        rst,
    input  wire        strip,               // CTRL.VME
    input  wire [15:0] vlan_type,           // VET

    // words from mac_rx
    input  wire [63:0] s_data,
    input  wire [2:0]  s_last_lane,
    input  wire        s_last,
    input  wire        s_fcs_error,
    input  wire        s_rx_error,
    input  wire        s_valid,
    output wire        s_ready,

    output wire [63:0] m_data,
    output wire [2:0]  m_last_lane,
    output wire        m_last,
    output wire        m_fcs_error,
    output wire        m_rx_error,
    output wire        m_valid,
    input  wire        m_ready,

    // of the frame whose last word has just left
    output wire        tagged,
    output wire        stripped,
    output wire [15:0] tag                  // TCI
);
    localparam [1:0] WORD_FIRST = 2'd0, WORD_TYPE = 2'd1, WORD_OTHER = 2'd2;

    reg [1:0]  word_reg;
    reg        tagged_reg, stripped_reg;    // stripped: the words are moved by half a word
    reg [15:0] tag_reg;
    reg [31:0] held_reg;                    // bytes that leave with the next word
    reg        flush_reg;                   // the last bytes of a frame are held
    reg [1:0]  flush_lane_reg;
    reg        fcs_error_reg, rx_error_reg;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || flush_reg || (s_valid && (word_reg != WORD_OTHER || s_last || stripped_reg))),
        .gated(clk_gated)
    );

    wire fire   = s_valid && s_ready;
    wire found  = word_reg == WORD_TYPE && !s_last && {s_data[39:32], s_data[47:40]} == vlan_type;
    wire cut    = found && strip;
    wire moving = stripped_reg && word_reg == WORD_OTHER;
    wire beyond = moving && s_last && s_last_lane[2];       // more bytes than the word that leaves takes

    assign s_ready     = m_ready && !flush_reg;
    assign m_valid     = flush_reg || (s_valid && !cut);
    assign m_data      = moving || flush_reg ? {s_data[31:0], held_reg} : s_data;
    assign m_last      = flush_reg || (s_last && !beyond);
    assign m_last_lane = flush_reg ? {1'b0, flush_lane_reg} : !moving ? s_last_lane
                         : s_last && !beyond ? {1'b1, s_last_lane[1:0]} : 3'd7;
    assign m_fcs_error = flush_reg ? fcs_error_reg : s_fcs_error;
    assign m_rx_error  = flush_reg ? rx_error_reg : s_rx_error;
    assign tagged      = tagged_reg;
    assign stripped    = stripped_reg;
    assign tag         = tag_reg;

    always @(posedge clk_gated) begin
        if (flush_reg && m_ready) flush_reg <= 1'b0;
        if (fire) begin
            word_reg <= s_last ? WORD_FIRST : word_reg == WORD_FIRST ? WORD_TYPE : WORD_OTHER;
            if (word_reg == WORD_FIRST) begin
                tagged_reg   <= 1'b0;
                stripped_reg <= 1'b0;
            end
            if (found) begin
                tagged_reg   <= 1'b1;
                stripped_reg <= strip;
                tag_reg      <= {s_data[55:48], s_data[63:56]};
            end
            held_reg <= cut ? s_data[31:0] : s_data[63:32];
            if (beyond) begin
                flush_reg      <= 1'b1;
                flush_lane_reg <= s_last_lane[1:0];
                fcs_error_reg  <= s_fcs_error;
                rx_error_reg   <= s_rx_error;
            end
        end
        if (rst) begin
            word_reg     <= WORD_FIRST;
            flush_reg    <= 1'b0;
            stripped_reg <= 1'b0;
        end
    end
endmodule
`default_nettype wire
