// Merges the frames of two queue sets on their way to the MAC: whole, in turns per frame, and without a clock of delay.
//
// A word that is offered stays offered: the choice is made anew only between frames.
`default_nettype none
module transmit_merger (
    input  wire        clk,
    input  wire        rst,

    // words of each set, see mac_tx and vlan_insert
    input  wire [127:0] s_data,
    input  wire [5:0]  s_first_lane,
    input  wire [5:0]  s_last_lane,
    input  wire [1:0]  s_last,
    input  wire [1:0]  s_fcs,
    input  wire [1:0]  s_pad,
    input  wire [33:0] s_tag,
    input  wire [1:0]  s_valid,
    output wire [1:0]  s_ready,

    output wire [63:0] m_data,
    output wire [2:0]  m_first_lane,
    output wire [2:0]  m_last_lane,
    output wire        m_last,
    output wire        m_fcs,
    output wire        m_pad,
    output wire [16:0] m_tag,
    output wire        m_dest,              // whose frame it is
    output wire        m_valid,
    input  wire        m_ready
);
    reg  open_reg;                          // a word has been offered, and the frame's last one not taken
    reg  dest_reg;                          // whose frame is open, or was the last

    wire both = s_valid == 2'b11;
    wire dest = open_reg ? dest_reg : both ? !dest_reg : s_valid[1];

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || m_valid), .gated(clk_gated));

    assign m_data       = dest ? s_data[127:64] : s_data[63:0];
    assign m_first_lane = dest ? s_first_lane[5:3] : s_first_lane[2:0];
    assign m_last_lane  = dest ? s_last_lane[5:3] : s_last_lane[2:0];
    assign m_last       = s_last[dest];
    assign m_fcs        = s_fcs[dest];
    assign m_pad        = s_pad[dest];
    assign m_tag        = dest ? s_tag[33:17] : s_tag[16:0];
    assign m_dest       = dest;
    assign m_valid      = s_valid[dest];
    assign s_ready      = {dest, !dest} & {2{m_ready}};

    always @(posedge clk_gated) begin
        if (m_valid) begin
            open_reg <= !(m_ready && m_last);
            dest_reg <= dest;
        end
        if (rst) begin
            open_reg <= 1'b0;
            dest_reg <= 1'b1;
        end
    end
endmodule
`default_nettype wire
