// Simulation only: watches one stream of the integrated PCIe block (64 bits, one TLP after another) and reports every
// breach of its framing as a line "MONITOR ...". A bench checks at its end that failed is 0.
//
// What is watched: nothing changes while it waits; dwords are valid from lane 0 on and all but the last beat is full;
// tlast comes with the dword that the descriptor's count says; start-of-frame marks stand on first beats alone; byte
// enables fit the count; a request of the card stays inside 4 KiB, its maximum payload or its maximum read request
// (PG213, "64/128/256-Bit Interfaces"; PCI Express Base Specification 2.1, 2.2.5 and 2.2.7).
`timescale 1ps / 1ps
`default_nettype none
module pcie_stream_monitor #(
    parameter integer KIND       = 0,       // see below
    parameter integer USER_WIDTH = 62
) (
    input wire                  clk,
    input wire                  rst,
    input wire [63:0]           tdata,
    input wire [1:0]            tkeep,
    input wire                  tvalid,
    input wire                  tready,
    input wire                  tlast,
    input wire [USER_WIDTH-1:0] tuser,
    input wire [12:0]           max_payload,        // bytes
    input wire [12:0]           max_read_request,

    output reg                  failed,
    output reg [31:0]           packets
);
    localparam integer RQ = 0, RC = 1, CQ = 2, CC = 3;
    localparam integer DESCRIPTOR = KIND == RQ || KIND == CQ ? 4 : 3;       // dwords
    localparam integer DISCONTINUE = KIND == RQ ? 11 : KIND == RC ? 42 : KIND == CQ ? 41 : 0;
    localparam integer SOF = KIND == RC ? 32 : KIND == CQ ? 40 : 0;         // RC and CQ alone have the mark

    initial begin
        failed = 0;
        packets = 0;
    end

    task report(input [8*48-1:0] what);
        begin
            $display("MONITOR %m at %0t ps: %0s", $time, what);
            failed = 1;
        end
    endtask

    reg                    waiting = 0;
    reg [USER_WIDTH+66:0]  was;

    integer    dwords = 0;                          // of the TLP before this beat
    integer    expected;                            // of the whole TLP
    reg        counted;                             // its descriptor says how many
    reg [63:0] first;
    reg [7:0]  enables;
    reg [10:0] count;
    reg        carries;                             // the payload follows
    reg        damaged = 0;                         // discontinued: whoever reads it drops it

    task check_enables;
        begin
            if (count == 11'd1) begin
                if (enables[7:4] != 4'd0) report("one dword with a last byte enable");
            end else begin
                if (enables[3:0] == 4'd0 || enables[7:4] == 4'd0) report("several dwords, and no bytes of an end");
                // bytes of more than two dwords lie side by side
                if (count > 11'd2 && (enables[3:0] & -enables[3:0]) + enables[3:0] != 5'h10)
                    report("a hole in the first byte enables");
                if (count > 11'd2 && (enables[7:4] & (enables[7:4] + 4'd1)) != 4'd0)
                    report("a hole in the last byte enables");
            end
        end
    endtask

    task check_head;                                // the second beat has come
        begin
            count = KIND == RQ || KIND == CQ ? tdata[10:0] : first[42:32];
            carries = KIND == RQ || KIND == CQ ? tdata[11] : count != 11'd0;
            expected = DESCRIPTOR + (carries ? count : 0);
            counted = 1;
            if ((^{first, tdata}) === 1'bx) report("the descriptor is undefined");
            if ((KIND == RQ || KIND == CQ) && tdata[14:11] > 4'd3) begin
                // the host may send what the card does not serve: atomic operations, messages
                if (KIND == RQ) report("a request that is neither memory nor I/O");
                counted = 0;
            end else if (KIND == RQ || KIND == CQ) begin
                if (count == 11'd0 || count > 11'd1024) report("a request of no or too many dwords");
                check_enables;
            end
            if (KIND == RQ) begin
                if (4 * count > (carries ? max_payload : max_read_request)) report("a request is too long");
                if ({1'b0, first[11:2], 2'b00} + 4 * count > 4096) report("a request crosses 4 KiB");
                if (first[1:0] != 2'b00) report("the address type is not untranslated");
            end
        end
    endtask

    // nothing to see in a clock without a valid, and none that waited
    always @(posedge clk) if (rst || tvalid !== 1'b0 || tready === 1'bx || waiting) begin
        if (!rst) begin
            if (tvalid === 1'bx || tready === 1'bx) report("TVALID or TREADY is undefined");
            if (waiting && (tvalid !== 1'b1 || {tdata, tkeep, tlast, tuser} !== was)) report("beat changed while waiting");
            if (tvalid === 1'b1 && tready === 1'b1) begin
                if (tkeep !== 2'b11 && !(tkeep === 2'b01 && tlast)) report("dwords are not side by side");
                if ((KIND == RC || KIND == CQ) && tuser[SOF] !== (dwords == 0)) report("start of frame at a wrong beat");
                damaged = damaged || tuser[DISCONTINUE] === 1'b1;
                if (dwords == 0) begin
                    first = tdata;
                    enables = tuser[7:0];
                end else if (dwords == 2) check_head;
                dwords = dwords + (tkeep[1] ? 2 : 1);
                if (tlast) begin
                    if (!damaged && (dwords < DESCRIPTOR || (counted && dwords != expected))) report("TLAST at the wrong dword");
                    packets = packets + 1;
                    dwords = 0;
                    damaged = 0;
                end else if (dwords > 2 && !damaged && counted && dwords >= expected) report("more dwords than counted");
            end
        end else begin
            dwords = 0;
            damaged = 0;
        end
        waiting <= !rst && tvalid && !tready;
        if (!tready) was <= {tdata, tkeep, tlast, tuser};
    end
endmodule
`default_nettype wire
