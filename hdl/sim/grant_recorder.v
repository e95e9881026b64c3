// Simulation only: the bus log of an axi_arbiter (SHARED = 1), one text line per granted burst, in the order of grants:
//
//   <request> <grant> <last data beat> <master> <R|W> <address hex> <beats>
//
// Times in ps: the clock edge that first saw the request, that accepted the address, that accepted the last beat.
// The file is named by the plusarg +grants=<path>; without it nothing is written.
`timescale 1ps/1ps
`default_nettype none
module grant_recorder #(
    parameter MASTERS      = 4,
    parameter ID_WIDTH     = 4,
    parameter MASTER_WIDTH = MASTERS > 1 ? $clog2(MASTERS) : 1,
    parameter M_ID_WIDTH   = ID_WIDTH + MASTER_WIDTH
) (
    input wire                    clk,
    input wire                    rst,
    input wire [MASTERS-1:0]      read_request,
    input wire [MASTERS-1:0]      write_request,
    input wire                    grant_valid,
    input wire                    grant_write,
    input wire [M_ID_WIDTH-1:0]   grant_id,
    input wire [63:0]             grant_addr,
    input wire [8:0]              grant_beats,
    input wire                    last_read_valid,
    input wire [M_ID_WIDTH-1:0]   last_read_id,
    input wire                    last_write_valid,
    input wire [MASTER_WIDTH-1:0] last_write_master
);
    localparam DEPTH = 256;                 // bursts without last beat; an arbiter has at most 64

    reg [8*512-1:0] path;
    reg             enabled;
    integer         file;

    initial begin
        enabled = 0;
        file = 0;
        if ($value$plusargs("grants=%s", path)) begin
            file = $fopen(path, "w");
            enabled = file != 0;
            if (!enabled) $display("ERROR: grant_recorder cannot write %0s", path);
        end
    end

    reg [2*MASTERS-1:0]    pending;
    reg [63:0]             since [0:2*MASTERS-1];
    // granted bursts, a ring in the order of grants
    reg [63:0]             entry_request [0:DEPTH-1];
    reg [63:0]             entry_grant   [0:DEPTH-1];
    reg [63:0]             entry_last    [0:DEPTH-1];
    reg [63:0]             entry_addr    [0:DEPTH-1];
    reg [M_ID_WIDTH-1:0]   entry_id      [0:DEPTH-1];
    reg [8:0]              entry_beats   [0:DEPTH-1];
    reg                    entry_write   [0:DEPTH-1];
    reg                    entry_done    [0:DEPTH-1];
    integer                head, tail, i, requester;
    reg                    found;

    reg [MASTERS-1:0]      known_reads, known_writes;       // the requests in pending
    wire                   anything = read_request != 0 || write_request != 0 || last_read_valid || last_write_valid;

    wire                   clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || (anything && enabled)), .gated(clk_gated));

    task log(input integer place);
        begin
            $fdisplay(file, "%0d %0d %0d %0d %0s %h %0d", entry_request[place], entry_grant[place], entry_last[place],
                      entry_id[place] >> ID_WIDTH, entry_write[place] ? "W" : "R", entry_addr[place],
                      entry_beats[place]);
            $fflush(file);
        end
    endtask

    always @(posedge clk_gated) if (rst) begin
        // a function-level reset: bursts that it cuts off have no last beat, and are no lines
        for (i = tail; i < head; i = i + 1) if (entry_done[i % DEPTH]) log(i % DEPTH);
        head = 0;
        tail = 0;
        pending = 0;
        known_reads = 0;
        known_writes = 0;
    end else if (anything && enabled) begin
        if ((read_request & ~known_reads) != 0 || (write_request & ~known_writes) != 0) begin
            known_reads = known_reads | read_request;
            known_writes = known_writes | write_request;
            for (i = 0; i < 2 * MASTERS; i = i + 1) if ((i % 2 == 0 ? write_request[i/2] : read_request[i/2]) && !pending[i]) begin
                pending[i] = 1;
                since[i] = $time;
            end
        end
        // the oldest unfinished burst of that ID (reads) or of all (writes) has got its last beat
        if (last_read_valid) begin
            found = 0;
            for (i = tail; i < head && !found; i = i + 1)
                if (!entry_done[i % DEPTH] && !entry_write[i % DEPTH] && entry_id[i % DEPTH] == last_read_id) begin
                    found = 1;
                    entry_done[i % DEPTH] = 1;
                    entry_last[i % DEPTH] = $time;
                end
            if (!found) $display("MONITOR %m at %0t ps: last read beat without a grant", $time);
        end
        if (last_write_valid) begin
            found = 0;
            for (i = tail; i < head && !found; i = i + 1)
                if (!entry_done[i % DEPTH] && entry_write[i % DEPTH]) begin
                    found = 1;
                    entry_done[i % DEPTH] = 1;
                    entry_last[i % DEPTH] = $time;
                    if (entry_id[i % DEPTH] >> ID_WIDTH != last_write_master)
                        $display("MONITOR %m at %0t ps: write data out of the order of grants", $time);
                end
            if (!found) $display("MONITOR %m at %0t ps: last write beat without a grant", $time);
        end
        if (grant_valid) begin
            requester = 2 * (grant_id >> ID_WIDTH) + (grant_write ? 0 : 1);
            entry_request[head % DEPTH] = since[requester];
            entry_grant[head % DEPTH]   = $time;
            entry_addr[head % DEPTH]    = grant_addr;
            entry_id[head % DEPTH]      = grant_id;
            entry_beats[head % DEPTH]   = grant_beats;
            entry_write[head % DEPTH]   = grant_write;
            entry_done[head % DEPTH]    = 0;
            pending[requester] = 0;
            if (grant_write) known_writes[requester / 2] = 0;
            else known_reads[requester / 2] = 0;
            head = head + 1;
        end
        while (tail < head && entry_done[tail % DEPTH]) begin
            log(tail % DEPTH);
            tail = tail + 1;
        end
    end
endmodule
`default_nettype wire
