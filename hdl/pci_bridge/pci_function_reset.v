// Sequences function-level resets: the bridge comes to rest between two TLPs, then the card is reset.
//
// While it is active the bridge answers the card with errors and takes back what it asked the host for, so that the
// firmware port's accesses end; then that port is held, and when no TLP is half way out every block but the bridge's
// edges and the firmware's registers is reset.
`default_nettype none
module pci_function_reset #(
    parameter HOLD_CYCLES = 8
) (
    input  wire clk,
    input  wire rst,

    input  wire flr_in_process,
    output reg  flr_done,                       // pulse
    output wire active,                         // no more requests to the host

    input  wire firmware_quiet,                 // nothing offered or outstanding at the firmware port
    output wire firmware_drain,                 // no new accesses; those offered come to their end
    output wire firmware_hold,
    input  wire between_tlps,                   // no TLP is half way through any stream of the bridge
    output wire function_rst,

    output reg  event_reset,                    // pulse, for the firmware
    output wire busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || flr_in_process || active || flr_done || event_reset),
        .gated(clk_gated)
    );

    localparam [2:0] STATE_IDLE     = 3'd0;
    localparam [2:0] STATE_FIRMWARE = 3'd1;     // its accesses end, with errors where they need the host
    localparam [2:0] STATE_TLPS     = 3'd2;
    localparam [2:0] STATE_RESET    = 3'd3;
    localparam [2:0] STATE_WAIT     = 3'd4;     // for the block to take notice

    localparam [3:0] HOLD = HOLD_CYCLES[3:0];

    reg [2:0] state_reg;
    reg [3:0] count_reg;

    assign active        = state_reg != STATE_IDLE;
    assign firmware_drain = state_reg == STATE_FIRMWARE;
    assign firmware_hold = state_reg == STATE_TLPS || state_reg == STATE_RESET;
    assign function_rst  = state_reg == STATE_RESET;
    assign busy          = state_reg != STATE_IDLE && state_reg != STATE_WAIT;

    always @(posedge clk_gated) begin
        flr_done    <= 1'b0;
        event_reset <= 1'b0;
        case (state_reg)
            STATE_IDLE:     if (flr_in_process) state_reg <= STATE_FIRMWARE;
            STATE_FIRMWARE: if (firmware_quiet) state_reg <= STATE_TLPS;
            STATE_TLPS:     if (between_tlps) begin
                count_reg   <= HOLD;
                event_reset <= 1'b1;
                state_reg   <= STATE_RESET;
            end
            STATE_RESET: begin
                count_reg <= count_reg - 4'd1;
                if (count_reg == 4'd0) begin
                    flr_done  <= 1'b1;
                    state_reg <= STATE_WAIT;
                end
            end
            default: if (!flr_in_process) state_reg <= STATE_IDLE;
        endcase
        if (rst) begin
            state_reg   <= STATE_IDLE;
            flr_done    <= 1'b0;
            event_reset <= 1'b0;
        end
    end
endmodule
`default_nettype wire
