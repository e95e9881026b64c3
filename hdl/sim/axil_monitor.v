// Simulation only: watches an AXI4-Lite connection and reports every breach of the protocol as a line "MONITOR ...".
// A bench checks at its end that failed is 0 and idle is 1.
`timescale 1ps / 1ps
`default_nettype none
module axil_monitor #(
    parameter ADDR_WIDTH  = 20,
    parameter OUTSTANDING = 1               // accesses of each direction that may be open
) (
    input wire                  clk,
    input wire                  rst,
    input wire [ADDR_WIDTH-1:0] awaddr,
    input wire                  awvalid,
    input wire                  awready,
    input wire [31:0]           wdata,
    input wire [3:0]            wstrb,
    input wire                  wvalid,
    input wire                  wready,
    input wire [1:0]            bresp,
    input wire                  bvalid,
    input wire                  bready,
    input wire [ADDR_WIDTH-1:0] araddr,
    input wire                  arvalid,
    input wire                  arready,
    input wire [31:0]           rdata,
    input wire [1:0]            rresp,
    input wire                  rvalid,
    input wire                  rready,

    output reg                  failed,
    output wire                 idle,       // every access is answered
    output reg [31:0]           reads,
    output reg [31:0]           writes
);
    integer addresses = 0, words = 0, open_reads = 0;       // of writes: addresses and data without response

    initial begin
        failed = 0;
        reads  = 0;
        writes = 0;
    end

    assign idle = addresses == 0 && words == 0 && open_reads == 0 && !awvalid && !wvalid && !arvalid;

    task report(input [8*48-1:0] what);
        begin
            $display("MONITOR %m at %0t ps: %0s", $time, what);
            failed = 1;
        end
    endtask

    // ---- payload of a waiting valid must not change --------------------------------------------------------
    reg                  aw_wait = 0, w_wait = 0, b_wait = 0, ar_wait = 0, r_wait = 0;
    reg [ADDR_WIDTH-1:0] aw_was, ar_was;
    reg [35:0]           w_was;
    reg [1:0]            b_was;
    reg [33:0]           r_was;

    // nothing to see in a clock without a valid, and none that waited
    always @(posedge clk)
    if ({awvalid, wvalid, bvalid, arvalid, rvalid, aw_wait, w_wait, b_wait, ar_wait, r_wait} !== 10'd0) begin
        if (!rst) begin
            if ((^{awvalid, wvalid, bvalid, arvalid, rvalid}) === 1'bx) report("a valid signal is undefined");
            if (aw_wait && (awvalid !== 1'b1 || awaddr !== aw_was))        report("AW changed while waiting");
            if (w_wait  && (wvalid !== 1'b1 || {wdata, wstrb} !== w_was))  report("W changed while waiting");
            if (b_wait  && (bvalid !== 1'b1 || bresp !== b_was))           report("B changed while waiting");
            if (ar_wait && (arvalid !== 1'b1 || araddr !== ar_was))        report("AR changed while waiting");
            if (r_wait  && (rvalid !== 1'b1 || {rdata, rresp} !== r_was))  report("R changed while waiting");
        end
        aw_wait <= !rst && awvalid && !awready;  aw_was <= awaddr;
        w_wait  <= !rst && wvalid  && !wready;   w_was  <= {wdata, wstrb};
        b_wait  <= !rst && bvalid  && !bready;   b_was  <= bresp;
        ar_wait <= !rst && arvalid && !arready;  ar_was <= araddr;
        r_wait  <= !rst && rvalid  && !rready;   r_was  <= {rdata, rresp};
    end

    // ---- every access has one response, and not before it ----------------------------------------------------
    always @(posedge clk) if (rst) begin
        // what was open at a reset will not be answered
        addresses = 0;
        words = 0;
        open_reads = 0;
    end else if ({awvalid, wvalid, bvalid, arvalid, rvalid} !== 5'd0) begin
        if (bvalid && (addresses == 0 || words == 0)) report("B without a write");
        if (rvalid && open_reads == 0)                report("R without a read");
        if (bvalid && bready) begin
            if (bresp === 2'b01) report("EXOKAY is not of AXI4-Lite");
            addresses = addresses - 1;
            words = words - 1;
            writes = writes + 1;
        end
        if (rvalid && rready) begin
            if (rresp === 2'b01) report("EXOKAY is not of AXI4-Lite");
            if (rresp === 2'b00 && (^rdata) === 1'bx) report("RDATA is undefined");
            open_reads = open_reads - 1;
            reads = reads + 1;
        end
        if (awvalid && awready) begin
            if ((^awaddr) === 1'bx) report("AWADDR is undefined");
            addresses = addresses + 1;
            if (addresses > OUTSTANDING) report("more writes open than allowed");
        end
        if (wvalid && wready) begin
            if ((^wstrb) === 1'bx) report("WSTRB is undefined");
            words = words + 1;
            if (words > OUTSTANDING) report("more write data than allowed");
        end
        if (arvalid && arready) begin
            if ((^araddr) === 1'bx) report("ARADDR is undefined");
            open_reads = open_reads + 1;
            if (open_reads > OUTSTANDING) report("more reads open than allowed");
        end
    end
endmodule
`default_nettype wire
