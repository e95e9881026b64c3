// Receives frames from GMII: strips the preamble, checks the FCS, packs the bytes (FCS included) into words.
`default_nettype none
module mac_rx (
    input  wire        clk,                 // gmii_rx_clk
    input  wire        rst,

    input  wire [7:0]  gmii_rxd,
    input  wire        gmii_rx_dv,
    input  wire        gmii_rx_er,

    output wire [63:0] m_data,
    output wire [2:0]  m_last_lane,         // lane of the word's last byte
    output wire        m_last,
    output wire        m_fcs_error,         // with m_last
    output wire        m_rx_error,          // with m_last: the PHY signalled an error, or words were lost
    output wire        m_valid,
    input  wire        m_ready,

    output wire        busy                 // stays long enough for the words to appear behind the crossing
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || gmii_rx_dv || dv_reg || state_reg != STATE_IDLE || out_valid_reg || linger_reg != 5'd0),
        .gated(clk_gated)
    );

    localparam [1:0]  STATE_IDLE = 2'd0, STATE_DATA = 2'd1, STATE_SKIP = 2'd2;
    localparam [31:0] FCS_RESIDUE = 32'hdebb20e3;

    reg [1:0]  state_reg;
    reg [7:0]  rxd_reg;
    reg        dv_reg, er_reg;
    reg [63:0] word_reg;
    reg [3:0]  fill_reg;                    // bytes in the word, 0..8
    reg        error_reg;
    reg [63:0] out_data_reg;
    reg [2:0]  out_lane_reg;
    reg        out_valid_reg, out_last_reg, out_fcs_error_reg, out_rx_error_reg;
    reg [4:0]  linger_reg;

    wire out_free = !out_valid_reg || m_ready;
    wire [3:0] fill_last = fill_reg - 4'd1;

    assign m_data      = out_data_reg;
    assign m_last_lane = out_lane_reg;
    assign m_last      = out_last_reg;
    assign m_fcs_error = out_fcs_error_reg;
    assign m_rx_error  = out_rx_error_reg;
    assign m_valid     = out_valid_reg;
    assign busy        = linger_reg != 5'd0;

    wire [31:0] crc;
    ethernet_crc32 crc32 (
        .clk(clk_gated),
        .start(state_reg == STATE_IDLE),
        .advance(state_reg == STATE_DATA && dv_reg),
        .data(rxd_reg),
        .crc(crc)
    );

    always @(posedge clk_gated) begin
        rxd_reg <= gmii_rxd;
        dv_reg  <= gmii_rx_dv;
        er_reg  <= gmii_rx_er;
        if (m_ready) out_valid_reg <= 1'b0;

        if (gmii_rx_dv || dv_reg || state_reg != STATE_IDLE || out_valid_reg) linger_reg <= 5'd31;
        else if (linger_reg != 5'd0) linger_reg <= linger_reg - 5'd1;

        case (state_reg)
            STATE_IDLE: begin
                fill_reg  <= 4'd0;
                error_reg <= 1'b0;
                if (dv_reg) begin
                    if (rxd_reg == 8'hd5)      state_reg <= STATE_DATA;
                    else if (rxd_reg != 8'h55) state_reg <= STATE_SKIP;     // no preamble: not a frame
                end
            end
            STATE_DATA:
                if (dv_reg) begin
                    if (er_reg) error_reg <= 1'b1;
                    if (fill_reg == 4'd8) begin
                        fill_reg <= 4'd1;
                        word_reg <= {56'd0, rxd_reg};
                        if (out_free) begin
                            out_valid_reg    <= 1'b1;
                            out_data_reg     <= word_reg;
                            out_lane_reg     <= 3'd7;
                            out_last_reg     <= 1'b0;
                        end else begin
                            error_reg        <= 1'b1;       // overrun: the words behind have not left
                        end
                    end else begin
                        fill_reg <= fill_reg + 4'd1;
                        word_reg[{fill_reg[2:0], 3'd0} +: 8] <= rxd_reg;
                    end
                end else if (fill_reg == 4'd0) begin
                    state_reg <= STATE_IDLE;
                end else if (out_free) begin
                    out_valid_reg     <= 1'b1;
                    out_data_reg      <= word_reg;
                    out_lane_reg      <= fill_last[2:0];
                    out_last_reg      <= 1'b1;
                    out_fcs_error_reg <= crc != FCS_RESIDUE;
                    out_rx_error_reg  <= error_reg;
                    state_reg         <= STATE_IDLE;
                end
            default:
                if (!dv_reg) state_reg <= STATE_IDLE;
        endcase
        if (rst) begin
            state_reg     <= STATE_SKIP;    // a frame under way at the reset is not seen
            dv_reg        <= 1'b1;
            out_valid_reg <= 1'b0;
            linger_reg    <= 5'd0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // the carry
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = fill_last[3];
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
