// Bench harness: tlp_gatherer and a monitor on the stream that the bench plays.
`default_nettype none
`timescale 1ps / 1ps
module tlp_gatherer_harness #(
    parameter PAYLOAD_BYTES = 64,
    parameter USER_WIDTH    = 62
) (
    input  wire                       clk,
    input  wire [63:0]                s_axis_tdata,
    input  wire [1:0]                 s_axis_tkeep,
    input  wire                       s_axis_tlast,
    input  wire [USER_WIDTH-1:0]      s_axis_tuser,
    input  wire                       s_axis_tvalid,
    input  wire                       s_axis_tready,
    output wire [7:0]                 number,
    output wire [127:0]               head,
    output wire [USER_WIDTH-1:0]      user,
    output wire [10:0]                dwords,
    output wire [8*PAYLOAD_BYTES-1:0] rest,
    output wire [31:0]                packets
);
    tlp_gatherer #(.PAYLOAD_BYTES(PAYLOAD_BYTES), .USER_WIDTH(USER_WIDTH)) gatherer (
        .clk(clk), .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tlast(s_axis_tlast),
        .s_axis_tuser(s_axis_tuser), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready), .number(number),
        .head(head), .user(user), .dwords(dwords), .rest(rest));

    // the words are random, so no TLPs: what any stream must keep to; dwords here, not bytes
    axis_monitor #(.USER_WIDTH(USER_WIDTH)) monitor (
        .clk(clk), .rst(1'b0), .tdata(s_axis_tdata), .tkeep({{4{s_axis_tkeep[1]}}, {4{s_axis_tkeep[0]}}}),
        .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast), .tuser(s_axis_tuser), .failed(),
        .beats(), .packets(packets));
endmodule
`default_nettype wire
