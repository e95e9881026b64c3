// Sends pause frames between the frames on their way to the MAC: XOFF when the receive packet buffer fills beyond FCRTH
// or software asks for it (whatever CTRL.TFCE says), XON when it has emptied to FCRTL again (82544 SDM 3.7.4, 8.7.6).
`default_nettype none
module pause_send #(
    parameter ADDR_WIDTH = 12               // of the receive packet buffer, words of 8 bytes
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                enable,          // CTRL.TFCE
    input  wire                link,
    input  wire                software_xoff,   // pulse: TCTL.SWXOFF
    input  wire [15:0]         low,             // bytes
    input  wire [15:0]         high,            // bytes, 0: no XOFF
    input  wire                send_xon,
    input  wire [15:0]         pause_time,
    input  wire [47:0]         pause_address,
    input  wire [15:0]         pause_type,
    input  wire [47:0]         station_address,
    input  wire [ADDR_WIDTH:0] write_pointer,   // of the receive packet buffer
    input  wire [ADDR_WIDTH:0] release_pointer,

    // words for the MAC, see mac_tx
    input  wire [63:0]         s_data,
    input  wire [2:0]          s_first_lane,
    input  wire [2:0]          s_last_lane,
    input  wire                s_last,
    input  wire                s_fcs,
    input  wire                s_pad,
    input  wire                s_valid,
    output wire                s_ready,
    output wire [63:0]         m_data,
    output wire [2:0]          m_first_lane,
    output wire [2:0]          m_last_lane,
    output wire                m_last,
    output wire                m_fcs,
    output wire                m_pad,
    output wire                m_valid,
    input  wire                m_ready,

    output wire                xon_sent,        // pulses
    output wire                xoff_sent,
    output wire                busy
);
    localparam [15:0] OPCODE_PAUSE = 16'h0001;
    localparam [1:0]  LAST_WORD = 2'd2;

    reg                in_frame_reg;            // a frame of the packet buffer has begun to pass
    reg                xoff_reg, xon_reg;       // to be sent
    reg                asked_reg;               // software asks for XOFF
    reg                stopped_reg;             // the last one sent because of the thresholds was XOFF
    reg [1:0]          word_reg;
    reg                known_reg;               // used_reg is of the clock before
    reg [ADDR_WIDTH:0] used_reg;

    wire own   = (xoff_reg || xon_reg) && !in_frame_reg;
    wire taken = m_valid && m_ready;
    wire ends  = own && taken && word_reg == LAST_WORD;
    wire turn  = !own && taken && (s_last || !in_frame_reg);

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || enable || software_xoff || known_reg || asked_reg || xoff_reg || xon_reg || stopped_reg || turn), .gated(clk_gated));

    wire [15:0] chosen_time = xoff_reg ? pause_time : 16'd0;
    wire [ADDR_WIDTH+3:0] used = {used_reg, 3'd0};          // bytes
    wire [ADDR_WIDTH+16:0] used_wide = {13'd0, used}, high_wide = {{(ADDR_WIDTH+1){1'b0}}, high},
                           low_wide = {{(ADDR_WIDTH+1){1'b0}}, low};
    reg  [63:0] own_data;

    always @* begin
        case (word_reg)
            2'd0:    own_data = {station_address[15:0], pause_address};
            2'd1:    own_data = {OPCODE_PAUSE[7:0], OPCODE_PAUSE[15:8], pause_type[7:0], pause_type[15:8], station_address[47:16]};
            default: own_data = {48'd0, chosen_time[7:0], chosen_time[15:8]};
        endcase
    end

    assign m_data       = own ? own_data : s_data;
    assign m_first_lane = own ? 3'd0 : s_first_lane;
    assign m_last_lane  = !own ? s_last_lane : word_reg == LAST_WORD ? 3'd1 : 3'd7;
    assign m_last       = own ? word_reg == LAST_WORD : s_last;
    assign m_fcs        = own || s_fcs;
    assign m_pad        = own || s_pad;
    assign m_valid      = own || s_valid;
    assign s_ready      = m_ready && !own;
    assign xoff_sent    = ends && xoff_reg;
    assign xon_sent     = ends && !xoff_reg;
    assign busy         = asked_reg || xoff_reg || xon_reg;

    always @(posedge clk_gated) begin
        if (turn)         in_frame_reg <= !s_last;
        if (own && taken) word_reg <= ends ? 2'd0 : word_reg + 2'd1;
        if (ends) begin
            if (xoff_reg) xoff_reg <= 1'b0;
            else          xon_reg  <= 1'b0;
        end
        used_reg  <= write_pointer - release_pointer;
        known_reg <= enable;
        asked_reg <= link && (software_xoff || (asked_reg && own));
        // a decision that falls into a frame of the other kind waits until it is out
        if (link && !own) begin
            if (enable && known_reg && !stopped_reg && high != 16'd0 && used_wide > high_wide) begin
                stopped_reg <= 1'b1;
                xoff_reg    <= 1'b1;
                xon_reg     <= 1'b0;        // one that has not left yet would let the partner go on
            end else if (enable && known_reg && stopped_reg && used_wide <= low_wide) begin
                stopped_reg <= 1'b0;
                xon_reg     <= send_xon;
            end
            if (asked_reg) begin
                xoff_reg <= 1'b1;
                xon_reg  <= 1'b0;
            end
        end
        if (!enable || !link) stopped_reg <= 1'b0;
        if (!link && !own) begin
            xoff_reg <= 1'b0;
            xon_reg  <= 1'b0;
        end
        if (rst) begin
            in_frame_reg <= 1'b0;
            xoff_reg     <= 1'b0;
            xon_reg      <= 1'b0;
            stopped_reg  <= 1'b0;
            asked_reg    <= 1'b0;
            known_reg    <= 1'b0;
            word_reg     <= 2'd0;
            used_reg     <= {(ADDR_WIDTH+1){1'b0}};
        end
    end
endmodule
`default_nettype wire
