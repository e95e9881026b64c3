// Bench harness: one protocol monitor of each kind on connections at rest; on one of them, if asked for, a valid signal
// goes away before the ready that it waits for.
`default_nettype none
`timescale 1ps / 1ps
module breach_harness #(
    parameter BREACH = 0                    // bit 0: AXI, 1: AXI-Lite, 2: AXI-Stream, 3: stream of the PCIe block
);
    reg clk = 0;
    always #8000 clk = !clk;

    reg [7:0] cycle = 0;
    always @(posedge clk) cycle <= cycle + 8'd1;

    wire       rst   = cycle < 8'd4;
    wire [3:0] valid = cycle == 8'd9 ? BREACH : 4'd0;

    axi_monitor axi (
        .clk(clk), .rst(rst), .awid(4'd0), .awaddr(64'd0), .awlen(8'd0), .awsize(3'd3), .awburst(2'd1),
        .awvalid(valid[0]), .awready(1'b0), .wdata(64'd0), .wstrb(8'hff), .wlast(1'b1), .wvalid(1'b0), .wready(1'b0),
        .bid(4'd0), .bresp(2'd0), .bvalid(1'b0), .bready(1'b0), .arid(4'd0), .araddr(64'd0), .arlen(8'd0),
        .arsize(3'd3), .arburst(2'd1), .arvalid(1'b0), .arready(1'b0), .rid(4'd0), .rdata(64'd0), .rresp(2'd0),
        .rlast(1'b0), .rvalid(1'b0), .rready(1'b0), .failed(), .idle(), .read_beats(), .write_beats(),
        .error_responses());
    axil_monitor axil (
        .clk(clk), .rst(rst), .awaddr(20'd0), .awvalid(valid[1]), .awready(1'b0), .wdata(32'd0), .wstrb(4'hf),
        .wvalid(1'b0), .wready(1'b0), .bresp(2'd0), .bvalid(1'b0), .bready(1'b0), .araddr(20'd0), .arvalid(1'b0),
        .arready(1'b0), .rdata(32'd0), .rresp(2'd0), .rvalid(1'b0), .rready(1'b0), .failed(), .idle(), .reads(),
        .writes());
    axis_monitor axis (
        .clk(clk), .rst(rst), .tdata(64'd0), .tkeep(8'hff), .tvalid(valid[2]), .tready(1'b0), .tlast(1'b1),
        .tuser(1'b0), .failed(), .beats(), .packets());
    pcie_stream_monitor pcie_stream (
        .clk(clk), .rst(rst), .tdata(64'd0), .tkeep(2'd3), .tvalid(valid[3]), .tready(1'b0), .tlast(1'b1),
        .tuser(62'd0), .max_payload(13'd256), .max_read_request(13'd512), .failed(), .packets());
endmodule
`default_nettype wire
