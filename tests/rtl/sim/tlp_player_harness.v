// Bench harness: tlp_player and a monitor on its stream.
`default_nettype none
`timescale 1ps / 1ps
module tlp_player_harness #(
    parameter PUSH_BEATS = 20,
    parameter USER_WIDTH = 75,
    parameter SOF_BIT    = 32
) (
    input  wire                         clk,
    input  wire [128+PUSH_BEATS*66-1:0] push,
    output wire [7:0]                   played,
    output wire                         busy,
    output wire [63:0]                  m_axis_tdata,
    output wire [1:0]                   m_axis_tkeep,
    output wire                         m_axis_tlast,
    output wire [USER_WIDTH-1:0]        m_axis_tuser,
    output wire                         m_axis_tvalid,
    input  wire                         m_axis_tready,
    output wire [31:0]                  packets
);
    tlp_player #(.PUSH_BEATS(PUSH_BEATS), .USER_WIDTH(USER_WIDTH), .SOF_BIT(SOF_BIT)) player (
        .clk(clk), .push(push), .played(played), .busy(busy), .m_axis_tdata(m_axis_tdata),
        .m_axis_tkeep(m_axis_tkeep), .m_axis_tlast(m_axis_tlast), .m_axis_tuser(m_axis_tuser),
        .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready));

    // the words are random, so no TLPs: what any stream must keep to; dwords here, not bytes
    axis_monitor #(.USER_WIDTH(USER_WIDTH)) monitor (
        .clk(clk), .rst(1'b0), .tdata(m_axis_tdata), .tkeep({{4{m_axis_tkeep[1]}}, {4{m_axis_tkeep[0]}}}),
        .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast), .tuser(m_axis_tuser), .failed(),
        .beats(), .packets(packets));
endmodule
`default_nettype wire
