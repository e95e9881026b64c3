// Sends frames on GMII: preamble, padding, FCS, and a gap of twelve byte times.
// A frame's words must follow one another without a pause; the packet buffer in front stores frames whole.
`default_nettype none
module mac_tx (
    input  wire        clk,                 // gmii_tx_clk
    input  wire        rst,

    // one word a transfer; its bytes are those from first_lane to last_lane
    input  wire [63:0] s_data,
    input  wire [2:0]  s_first_lane,
    input  wire [2:0]  s_last_lane,
    input  wire        s_last,
    input  wire        s_fcs,               // append the FCS; the same in all words of a frame
    input  wire        s_pad,               // pad to 60 bytes before the FCS
    input  wire        s_valid,
    output wire        s_ready,

    output wire [7:0]  gmii_txd,
    output wire        gmii_tx_en,
    output wire        gmii_tx_er,

    output wire        frame_done           // changes when a frame and the gap behind it are over
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_valid || state_reg != STATE_IDLE),
        .gated(clk_gated)
    );

    localparam [2:0] STATE_IDLE = 3'd0, STATE_PREAMBLE = 3'd1, STATE_DATA = 3'd2, STATE_PAD = 3'd3,
                     STATE_FCS = 3'd4, STATE_GAP = 3'd5;
    localparam [3:0] GAP_BYTES     = 4'd12;
    localparam [5:0] MINIMUM_BYTES = 6'd60;

    reg [2:0]  state_reg;
    reg [3:0]  count_reg;                   // bytes of the preamble, FCS or gap
    reg [5:0]  length_reg;                  // bytes sent, stops at the minimum
    reg [2:0]  lane_reg;                    // of the next byte of the word at the input
    reg        fcs_reg, pad_reg;
    reg [7:0]  txd_reg;
    reg        tx_en_reg, tx_er_reg, done_reg;

    wire [7:0] data_byte = s_data[{lane_reg, 3'd0} +: 8];
    wire       word_ends = lane_reg == s_last_lane;
    wire       minimum_now = length_reg >= MINIMUM_BYTES - 6'd1;

    assign s_ready    = state_reg == STATE_DATA && word_ends;
    assign gmii_txd   = txd_reg;
    assign gmii_tx_en = tx_en_reg;
    assign gmii_tx_er = tx_er_reg;
    assign frame_done = done_reg;

    wire [31:0] crc;
    ethernet_crc32 crc32 (
        .clk(clk_gated),
        .start(state_reg == STATE_PREAMBLE),
        .advance(sending || state_reg == STATE_PAD),
        .data(state_reg == STATE_PAD ? 8'd0 : data_byte),
        .crc(crc)
    );

    wire sending  = state_reg == STATE_DATA && s_valid && !rst;
    wire is_short = length_reg != MINIMUM_BYTES;

    // what is done once a byte comes first, and alone
    always @(posedge clk_gated) if (sending) begin
        txd_reg <= data_byte;
        if (is_short) length_reg <= length_reg + 6'd1;
        if (word_ends) begin
            lane_reg <= 3'd0;
            if (s_last) begin
                count_reg <= 4'd0;
                state_reg <= pad_reg && !minimum_now ? STATE_PAD : fcs_reg ? STATE_FCS : STATE_GAP;
            end
        end else begin
            lane_reg <= lane_reg + 3'd1;
        end
    end else begin
        case (state_reg)
            STATE_DATA: begin
                txd_reg   <= data_byte;
                tx_er_reg <= 1'b1;          // cannot happen; if it does, no receiver takes the frame
            end
            STATE_IDLE:
                if (s_valid) begin
                    state_reg <= STATE_PREAMBLE;
                    count_reg <= 4'd0;
                end
            STATE_PREAMBLE: begin
                tx_en_reg  <= 1'b1;
                txd_reg    <= count_reg == 4'd7 ? 8'hd5 : 8'h55;
                count_reg  <= count_reg + 4'd1;
                length_reg <= 6'd0;
                lane_reg   <= s_first_lane;
                fcs_reg    <= s_fcs;
                pad_reg    <= s_pad && s_fcs;
                if (count_reg == 4'd7) state_reg <= STATE_DATA;
            end
            STATE_PAD: begin
                txd_reg    <= 8'd0;
                length_reg <= length_reg + 6'd1;
                if (minimum_now) state_reg <= STATE_FCS;
            end
            STATE_FCS: begin
                txd_reg   <= ~crc[{count_reg[1:0], 3'd0} +: 8];
                count_reg <= count_reg + 4'd1;
                if (count_reg == 4'd3) begin
                    state_reg <= STATE_GAP;
                    count_reg <= 4'd0;
                end
            end
            default: begin
                tx_en_reg <= 1'b0;
                tx_er_reg <= 1'b0;
                txd_reg   <= 8'd0;
                count_reg <= count_reg + 4'd1;
                if (count_reg == GAP_BYTES - 4'd1) begin
                    done_reg  <= !done_reg;
                    count_reg <= 4'd0;
                    state_reg <= s_valid ? STATE_PREAMBLE : STATE_IDLE;
                end
            end
        endcase
        if (rst) begin
            state_reg <= STATE_IDLE;
            txd_reg   <= 8'd0;
            tx_en_reg <= 1'b0;
            tx_er_reg <= 1'b0;
            done_reg  <= 1'b0;
        end
    end
endmodule
`default_nettype wire
