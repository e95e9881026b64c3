// Lengthens the gap between frames beyond the twelve byte times of mac_tx when TIPG.IPGT asks for it: holds the next
// frame's first word back (82544 SDM 13.4.34; the gap is IPGT + 4 byte times).
`default_nettype none
module transmit_gap (
    input  wire       clk,                  // gmii_tx_clk
    input  wire       rst,
    input  wire [9:0] gap,                  // TIPG.IPGT, from another clock: taken when a frame ends, must rest then

    input  wire       s_valid,
    output wire       m_valid,
    input  wire       m_ready,
    input  wire       m_last,
    input  wire       frame_done            // changes at the end of each gap of twelve
);
    localparam [9:0] SHORTEST = 10'd8;      // IPGT of the gap that mac_tx makes by itself

    reg       waiting_reg, done_reg;
    reg [9:0] count_reg;                    // byte times still to wait behind the gap of twelve

    wire longer = gap > SHORTEST;
    wire ends   = longer && m_last && m_valid && m_ready;
    wire over   = frame_done != done_reg;

    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || waiting_reg || ends), .gated(clk_gated));

    assign m_valid = s_valid && (!waiting_reg || (over && count_reg == 10'd1));

    always @(posedge clk_gated) begin
        if (waiting_reg && over) begin
            count_reg <= count_reg - 10'd1;
            if (count_reg == 10'd1) waiting_reg <= 1'b0;
        end
        if (ends) begin
            waiting_reg <= 1'b1;
            done_reg    <= frame_done;
            count_reg   <= gap - SHORTEST;
        end
        if (rst) waiting_reg <= 1'b0;
    end
endmodule
`default_nettype wire
