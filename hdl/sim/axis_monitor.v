// Simulation only: watches an AXI4-Stream connection of the card (8 bytes, contiguous from lane 0, only the last beat
// partial) and reports every breach as a line "MONITOR ...". A bench checks at its end that failed is 0.
`timescale 1ps / 1ps
`default_nettype none
module axis_monitor #(
    parameter USER_WIDTH = 1
) (
    input wire                  clk,
    input wire                  rst,
    input wire [63:0]           tdata,
    input wire [7:0]            tkeep,
    input wire                  tvalid,
    input wire                  tready,
    input wire                  tlast,
    input wire [USER_WIDTH-1:0] tuser,

    output reg                  failed,
    output reg [31:0]           beats,
    output reg [31:0]           packets
);
    initial begin
        failed = 0;
        beats = 0;
        packets = 0;
    end

    task report(input [8*48-1:0] what);
        begin
            $display("MONITOR %m at %0t ps: %0s", $time, what);
            failed = 1;
        end
    endtask

    reg                   waiting = 0;
    reg [USER_WIDTH+72:0] was;

    // nothing to see in a clock without a valid, and none that waited
    always @(posedge clk) if (tvalid !== 1'b0 || waiting) begin
        if (!rst) begin
            if (tvalid === 1'bx) report("TVALID is undefined");
            if (waiting && (tvalid !== 1'b1 || {tdata, tkeep, tlast, tuser} !== was)) report("beat changed while waiting");
            if (tvalid && tready) begin
                beats = beats + 1;
                if (tlast) packets = packets + 1;
                if (tkeep == 8'd0 || (^tkeep) === 1'bx) report("TKEEP is empty or undefined");
                if ((tkeep & (tkeep + 8'd1)) != 8'd0) report("TKEEP is not contiguous from lane 0");
                if (tkeep != 8'hff && !tlast) report("a beat before the last is partial");
            end
        end
        waiting <= !rst && tvalid && !tready;
        if (!tready) was <= {tdata, tkeep, tlast, tuser};
    end
endmodule
`default_nettype wire
