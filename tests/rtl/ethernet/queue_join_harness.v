// The two blocks between queue sets and MAC for their bench: transmit merger and receive steering.
`timescale 1ns / 1ps
module queue_join_harness (
    input  wire         clk,
    input  wire         rst,

    input  wire [127:0] s_data,
    input  wire [1:0]   s_last,
    input  wire [1:0]   s_valid,
    output wire [1:0]   s_ready,
    output wire [63:0]  m_data,
    output wire [16:0]  m_tag,
    output wire [7:0]   m_rest,             // lanes, FCS, padding
    output wire         m_last,
    output wire         m_dest,
    output wire         m_valid,
    input  wire         m_ready,
    output wire         monitor_failed,

    input  wire         write,
    input  wire [31:0]  write_address,
    input  wire [31:0]  write_data,
    input  wire [31:0]  read_address,
    output wire [31:0]  read_value,
    output wire         host_enabled,
    input  wire         host_rst,
    input  wire [63:0]  rx_data,
    input  wire         rx_last,
    input  wire         rx_valid,
    output wire         host_pass,
    input  wire         tag_inside,
    output wire [1:0]   dest
);
    // what goes with a word is made of the word, so that a mix-up shows
    transmit_merger merger (
        .clk(clk), .rst(rst), .s_data(s_data), .s_first_lane({s_data[66:64], s_data[2:0]}),
        .s_last_lane({s_data[69:67], s_data[5:3]}), .s_last(s_last), .s_fcs({s_data[70], s_data[6]}),
        .s_pad({s_data[71], s_data[7]}), .s_tag({s_data[88:72], s_data[24:8]}), .s_valid(s_valid), .s_ready(s_ready),
        .m_data(m_data), .m_first_lane(m_rest[2:0]), .m_last_lane(m_rest[5:3]), .m_last(m_last), .m_fcs(m_rest[6]),
        .m_pad(m_rest[7]), .m_tag(m_tag), .m_dest(m_dest), .m_valid(m_valid), .m_ready(m_ready));

    // frames in and out: whatever goes with a word must wait with it
    wire [2:0] failed;
    assign monitor_failed = failed != 3'b000;
    genvar i;
    generate for (i = 0; i < 2; i = i + 1) begin : set
        axis_monitor entry (
            .clk(clk), .rst(rst), .tdata(s_data[64*i +: 64]), .tkeep(8'hff), .tvalid(s_valid[i]), .tready(s_ready[i]),
            .tlast(s_last[i]), .tuser(1'b0), .failed(failed[i]), .beats(), .packets());
    end endgenerate
    axis_monitor #(.USER_WIDTH(26)) exit (
        .clk(clk), .rst(rst), .tdata(m_data), .tkeep(8'hff), .tvalid(m_valid), .tready(m_ready), .tlast(m_last),
        .tuser({m_tag, m_rest, m_dest}), .failed(failed[2]), .beats(), .packets());

    receive_steering steering (
        .clk(clk), .rst(rst), .host_rst(host_rst), .write(write), .write_address(write_address),
        .write_data(write_data), .read_address(read_address), .read_value(read_value), .host_enabled(host_enabled),
        .data(rx_data), .last(rx_last), .valid(rx_valid), .host_pass(host_pass), .tag_inside(tag_inside), .dest(dest));
endmodule
