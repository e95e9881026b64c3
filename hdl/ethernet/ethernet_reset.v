// Sequences resets: power-on at once; CTRL.RST when no bus access is outstanding and the wire is between frames.
`default_nettype none
module ethernet_reset #(
    parameter HOLD_CYCLES = 32              // clocks of reset, enough for the MAC's clock domains to see it
) (
    input  wire clk,
    input  wire rst,
    input  wire request,                    // pulse: CTRL.RST
    input  wire quiet,                      // nothing outstanding in this clock
    output wire pending,                    // from the request to the end of the reset
    output wire hold,                       // start nothing new
    output wire core_rst
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || core_rst_reg || pending_reg || request),
        .gated(clk_gated)
    );

    localparam [5:0] HOLD = HOLD_CYCLES[5:0];
    localparam [4:0] QUIET_CYCLES = 5'd31;  // longer than any pause between two bursts of one command

    reg       pending_reg, core_rst_reg;
    reg [5:0] count_reg;
    reg [4:0] quiet_count_reg;

    assign pending  = pending_reg;
    assign hold     = pending_reg;
    assign core_rst = core_rst_reg;

    always @(posedge clk_gated) begin
        if (core_rst_reg) begin
            count_reg <= count_reg - 6'd1;
            if (count_reg == 6'd0) begin
                core_rst_reg <= 1'b0;
                pending_reg  <= 1'b0;
            end
        end else if (pending_reg) begin
            quiet_count_reg <= quiet ? quiet_count_reg + 5'd1 : 5'd0;
            if (quiet && quiet_count_reg == QUIET_CYCLES) begin
                core_rst_reg <= 1'b1;
                count_reg    <= HOLD;
            end
        end else if (request) begin
            pending_reg     <= 1'b1;
            quiet_count_reg <= 5'd0;
        end
        if (rst) begin
            core_rst_reg <= 1'b1;
            pending_reg  <= 1'b1;
            count_reg    <= HOLD;
        end
    end
endmodule
`default_nettype wire
