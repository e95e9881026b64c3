// Simulation only: an axi_monitor on each of the two masters in front of an axi_pair.
`timescale 1ps / 1ps
`default_nettype none
module axi_pair_monitor #(
    parameter ID_WIDTH = 4
) (
    input wire                  clk,
    input wire                  rst,
    input wire [2*ID_WIDTH-1:0] awid,
    input wire [127:0]          awaddr,
    input wire [15:0]           awlen,
    input wire [5:0]            awsize,
    input wire [3:0]            awburst,
    input wire [1:0]            awvalid,
    input wire [1:0]            awready,
    input wire [127:0]          wdata,
    input wire [15:0]           wstrb,
    input wire [1:0]            wlast,
    input wire [1:0]            wvalid,
    input wire [1:0]            wready,
    input wire [2*ID_WIDTH-1:0] bid,
    input wire [3:0]            bresp,
    input wire [1:0]            bvalid,
    input wire [1:0]            bready,
    input wire [2*ID_WIDTH-1:0] arid,
    input wire [127:0]          araddr,
    input wire [15:0]           arlen,
    input wire [5:0]            arsize,
    input wire [3:0]            arburst,
    input wire [1:0]            arvalid,
    input wire [1:0]            arready,
    input wire [2*ID_WIDTH-1:0] rid,
    input wire [127:0]          rdata,
    input wire [3:0]            rresp,
    input wire [1:0]            rlast,
    input wire [1:0]            rvalid,
    input wire [1:0]            rready,

    output wire [1:0]           failed
);
    genvar i;
    generate for (i = 0; i < 2; i = i + 1) begin : master
        axi_monitor #(.ID_WIDTH(ID_WIDTH)) monitor (
            .clk(clk), .rst(rst), .awid(awid[i*ID_WIDTH +: ID_WIDTH]), .awaddr(awaddr[i*64 +: 64]),
            .awlen(awlen[i*8 +: 8]), .awsize(awsize[i*3 +: 3]), .awburst(awburst[i*2 +: 2]), .awvalid(awvalid[i]),
            .awready(awready[i]), .wdata(wdata[i*64 +: 64]), .wstrb(wstrb[i*8 +: 8]), .wlast(wlast[i]),
            .wvalid(wvalid[i]), .wready(wready[i]), .bid(bid[i*ID_WIDTH +: ID_WIDTH]), .bresp(bresp[i*2 +: 2]),
            .bvalid(bvalid[i]), .bready(bready[i]), .arid(arid[i*ID_WIDTH +: ID_WIDTH]), .araddr(araddr[i*64 +: 64]),
            .arlen(arlen[i*8 +: 8]), .arsize(arsize[i*3 +: 3]), .arburst(arburst[i*2 +: 2]), .arvalid(arvalid[i]),
            .arready(arready[i]), .rid(rid[i*ID_WIDTH +: ID_WIDTH]), .rdata(rdata[i*64 +: 64]),
            .rresp(rresp[i*2 +: 2]), .rlast(rlast[i]), .rvalid(rvalid[i]), .rready(rready[i]), .failed(failed[i]),
            .idle(), .read_beats(), .write_beats(), .error_responses()
        );
    end endgenerate
endmodule
`default_nettype wire
