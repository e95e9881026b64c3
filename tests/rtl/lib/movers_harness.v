// Bench harness: a read mover feeds a write mover through a stalled stream; tables of commands are filled from Python.
`default_nettype none
module movers_harness #(
    parameter MAX_BURST_BYTES = 512,
    parameter BUFFER_BYTES    = 2048,
    parameter READ_LATENCY    = 0,
    parameter MEMORY_BYTES    = 65536
) (
    input wire        rst,
    input wire [31:0] seed,
    input wire [7:0]  axi_percent,          // stalled clocks of every AXI channel
    input wire [7:0]  stream_percent,       // stalled clocks of the stream between the movers
    input wire [15:0] read_total,           // commands in the tables
    input wire [15:0] write_total,
    output wire       finished,
    output wire       failed
);
    reg clk = 0;
    always #8000 clk = ~clk;                // 62.5 MHz

    reg [63:0] read_addr   [0:1023];
    reg [31:0] read_length [0:1023];        // bit 31: cmd_last
    reg [63:0] write_addr  [0:1023];
    reg [31:0] write_length[0:1023];
    reg        read_error  [0:1023];        // results, by command
    reg        write_error [0:1023];
    reg        packet_user [0:1023];
    reg [31:0] packet_bytes[0:1023];
    reg [15:0] read_issued, read_done, write_issued, write_done, packets;
    reg [31:0] bytes, cycles;

    wire [3:0]  arid, rid, awid, bid, arid2, rid2, awid2, bid2;
    wire [63:0] araddr, rdata, awaddr, wdata, araddr2, rdata2, awaddr2, wdata2;
    wire [7:0]  arlen, awlen, wstrb, arlen2, awlen2, wstrb2;
    wire [2:0]  arsize, awsize, arsize2, awsize2;
    wire [1:0]  arburst, awburst, rresp, bresp, arburst2, awburst2, rresp2, bresp2;
    wire arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast, bvalid, bready;
    wire arvalid2, arready2, rvalid2, rready2, rlast2, awvalid2, awready2, wvalid2, wready2, wlast2, bvalid2, bready2;

    wire [63:0] tdata, tdata2;
    wire [7:0]  tkeep, tkeep2;
    wire tvalid, tready, tlast, tuser, tvalid2, tready2, tlast2, tuser2;
    wire read_ready, write_ready, read_pulse, read_failed, write_pulse, write_failed, read_busy, write_busy;

    axi_read_mover #(.MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES), .ID(5)) reader (
        .clk(clk), .rst(rst),
        .cmd_addr(read_addr[read_issued[9:0]]), .cmd_length(read_length[read_issued[9:0]][19:0]),
        .cmd_last(read_length[read_issued[9:0]][31]), .cmd_valid(read_issued < read_total), .cmd_ready(read_ready),
        .m_axi_arid(arid), .m_axi_araddr(araddr), .m_axi_arlen(arlen), .m_axi_arsize(arsize), .m_axi_arburst(arburst),
        .m_axi_arvalid(arvalid), .m_axi_arready(arready), .m_axi_rid(rid), .m_axi_rdata(rdata), .m_axi_rresp(rresp),
        .m_axi_rlast(rlast), .m_axi_rvalid(rvalid), .m_axi_rready(rready),
        .m_axis_tdata(tdata), .m_axis_tkeep(tkeep), .m_axis_tvalid(tvalid), .m_axis_tready(tready),
        .m_axis_tlast(tlast), .m_axis_tuser(tuser),
        .done_valid(read_pulse), .done_error(read_failed), .busy(read_busy));

    stall #(.WIDTH(74), .SALT(77)) stream_stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(stream_percent),
        .s_data({tdata, tkeep, tlast, tuser}), .s_valid(tvalid), .s_ready(tready),
        .m_data({tdata2, tkeep2, tlast2, tuser2}), .m_valid(tvalid2), .m_ready(tready2), .empty());

    axi_write_mover #(.MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES), .ID(3)) writer (
        .clk(clk), .rst(rst),
        .cmd_addr(write_addr[write_issued[9:0]]), .cmd_length(write_length[write_issued[9:0]][19:0]),
        .cmd_valid(write_issued < write_total), .cmd_ready(write_ready),
        .s_axis_tdata(tdata2), .s_axis_tkeep(tkeep2), .s_axis_tvalid(tvalid2), .s_axis_tready(tready2),
        .s_axis_tlast(tlast2),
        .m_axi_awid(awid), .m_axi_awaddr(awaddr), .m_axi_awlen(awlen), .m_axi_awsize(awsize), .m_axi_awburst(awburst),
        .m_axi_awvalid(awvalid), .m_axi_awready(awready), .m_axi_wdata(wdata), .m_axi_wstrb(wstrb), .m_axi_wlast(wlast),
        .m_axi_wvalid(wvalid), .m_axi_wready(wready), .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid),
        .m_axi_bready(bready),
        .done_valid(write_pulse), .done_error(write_failed), .busy(write_busy));

    axi_stall #(.READ_LATENCY(READ_LATENCY)) stalls (
        .clk(clk), .rst(rst), .seed(seed), .percent(axi_percent),
        .s_axi_awid(awid), .s_axi_awaddr(awaddr), .s_axi_awlen(awlen), .s_axi_awsize(awsize), .s_axi_awburst(awburst),
        .s_axi_awvalid(awvalid), .s_axi_awready(awready), .s_axi_wdata(wdata), .s_axi_wstrb(wstrb), .s_axi_wlast(wlast),
        .s_axi_wvalid(wvalid), .s_axi_wready(wready), .s_axi_bid(bid), .s_axi_bresp(bresp), .s_axi_bvalid(bvalid),
        .s_axi_bready(bready), .s_axi_arid(arid), .s_axi_araddr(araddr), .s_axi_arlen(arlen), .s_axi_arsize(arsize),
        .s_axi_arburst(arburst), .s_axi_arvalid(arvalid), .s_axi_arready(arready), .s_axi_rid(rid), .s_axi_rdata(rdata),
        .s_axi_rresp(rresp), .s_axi_rlast(rlast), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
        .m_axi_awid(awid2), .m_axi_awaddr(awaddr2), .m_axi_awlen(awlen2), .m_axi_awsize(awsize2),
        .m_axi_awburst(awburst2), .m_axi_awvalid(awvalid2), .m_axi_awready(awready2), .m_axi_wdata(wdata2),
        .m_axi_wstrb(wstrb2), .m_axi_wlast(wlast2), .m_axi_wvalid(wvalid2), .m_axi_wready(wready2), .m_axi_bid(bid2),
        .m_axi_bresp(bresp2), .m_axi_bvalid(bvalid2), .m_axi_bready(bready2), .m_axi_arid(arid2),
        .m_axi_araddr(araddr2), .m_axi_arlen(arlen2), .m_axi_arsize(arsize2), .m_axi_arburst(arburst2),
        .m_axi_arvalid(arvalid2), .m_axi_arready(arready2), .m_axi_rid(rid2), .m_axi_rdata(rdata2),
        .m_axi_rresp(rresp2), .m_axi_rlast(rlast2), .m_axi_rvalid(rvalid2), .m_axi_rready(rready2));

    card_memory #(.SIZE_BYTES(MEMORY_BYTES), .ID_WIDTH(4)) memory (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(awid2), .s_axi_awaddr(awaddr2), .s_axi_awlen(awlen2), .s_axi_awsize(awsize2),
        .s_axi_awburst(awburst2), .s_axi_awvalid(awvalid2), .s_axi_awready(awready2), .s_axi_wdata(wdata2),
        .s_axi_wstrb(wstrb2), .s_axi_wlast(wlast2), .s_axi_wvalid(wvalid2), .s_axi_wready(wready2), .s_axi_bid(bid2),
        .s_axi_bresp(bresp2), .s_axi_bvalid(bvalid2), .s_axi_bready(bready2), .s_axi_arid(arid2),
        .s_axi_araddr(araddr2), .s_axi_arlen(arlen2), .s_axi_arsize(arsize2), .s_axi_arburst(arburst2),
        .s_axi_arvalid(arvalid2), .s_axi_arready(arready2), .s_axi_rid(rid2), .s_axi_rdata(rdata2),
        .s_axi_rresp(rresp2), .s_axi_rlast(rlast2), .s_axi_rvalid(rvalid2), .s_axi_rready(rready2));

    wire axi_failed, axi_idle, axis_failed;
    axi_monitor #(.ID_WIDTH(4), .MAX_BURST_BYTES(MAX_BURST_BYTES)) monitor (
        .clk(clk), .rst(rst),
        .awid(awid), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst), .awvalid(awvalid),
        .awready(awready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast), .wvalid(wvalid), .wready(wready), .bid(bid),
        .bresp(bresp), .bvalid(bvalid), .bready(bready), .arid(arid), .araddr(araddr), .arlen(arlen), .arsize(arsize),
        .arburst(arburst), .arvalid(arvalid), .arready(arready), .rid(rid), .rdata(rdata), .rresp(rresp),
        .rlast(rlast), .rvalid(rvalid), .rready(rready),
        .failed(axi_failed), .idle(axi_idle), .read_beats(), .write_beats(), .error_responses());
    axis_monitor stream_monitor (
        .clk(clk), .rst(rst), .tdata(tdata), .tkeep(tkeep), .tvalid(tvalid), .tready(tready), .tlast(tlast),
        .tuser(tuser), .failed(axis_failed), .beats(), .packets());

    assign failed   = axi_failed || axis_failed;
    assign finished = !rst && read_done == read_total && write_done == write_total && axi_idle && !read_busy && !write_busy;

    function [3:0] count(input [7:0] keep);
        count = keep[0] + keep[1] + keep[2] + keep[3] + keep[4] + keep[5] + keep[6] + keep[7];
    endfunction

    always @(posedge clk) begin
        cycles <= cycles + 1;
        if (read_issued < read_total && read_ready) read_issued <= read_issued + 1;
        if (write_issued < write_total && write_ready) write_issued <= write_issued + 1;
        if (read_pulse) begin
            read_error[read_done[9:0]] <= read_failed;
            read_done <= read_done + 1;
        end
        if (write_pulse) begin
            write_error[write_done[9:0]] <= write_failed;
            write_done <= write_done + 1;
        end
        if (tvalid && tready) begin
            bytes <= tlast ? 0 : bytes + count(tkeep);
            if (tlast) begin
                packet_bytes[packets[9:0]] <= bytes + count(tkeep);
                packet_user[packets[9:0]]  <= tuser;
                packets <= packets + 1;
            end
        end
        if (rst) begin
            read_issued  <= 0;
            read_done    <= 0;
            write_issued <= 0;
            write_done   <= 0;
            packets      <= 0;
            bytes        <= 0;
            cycles       <= 0;
        end
    end
endmodule
`default_nettype wire
