// Simulation only: watches an AXI4 connection and reports every breach of the protocol as a line "MONITOR ...".
// A bench checks at its end that failed is 0 and idle is 1.
`timescale 1ps / 1ps
`default_nettype none
module axi_monitor #(
    parameter ID_WIDTH        = 4,
    parameter MAX_BURST_BYTES = 512,
    parameter ALLOW_NARROW    = 0,          // 1: sizes below 8 bytes may occur
    parameter EARLY_DATA      = 0,          // 1: the slave may take write data before their address
    parameter MAX_OUTSTANDING = 64          // per ID and direction
) (
    input wire                clk,
    input wire                rst,
    input wire [ID_WIDTH-1:0] awid,
    input wire [63:0]         awaddr,
    input wire [7:0]          awlen,
    input wire [2:0]          awsize,
    input wire [1:0]          awburst,
    input wire                awvalid,
    input wire                awready,
    input wire [63:0]         wdata,
    input wire [7:0]          wstrb,
    input wire                wlast,
    input wire                wvalid,
    input wire                wready,
    input wire [ID_WIDTH-1:0] bid,
    input wire [1:0]          bresp,
    input wire                bvalid,
    input wire                bready,
    input wire [ID_WIDTH-1:0] arid,
    input wire [63:0]         araddr,
    input wire [7:0]          arlen,
    input wire [2:0]          arsize,
    input wire [1:0]          arburst,
    input wire                arvalid,
    input wire                arready,
    input wire [ID_WIDTH-1:0] rid,
    input wire [63:0]         rdata,
    input wire [1:0]          rresp,
    input wire                rlast,
    input wire                rvalid,
    input wire                rready,

    output reg                failed,
    output wire               idle,         // every burst is complete and answered
    output reg [31:0]         read_beats,
    output reg [31:0]         write_beats,
    output reg [31:0]         error_responses
);
    localparam IDS = 1 << ID_WIDTH;

    initial begin
        failed = 0;
        read_beats = 0;
        write_beats = 0;
        error_responses = 0;
    end

    task report(input [8*48-1:0] what);
        begin
            $display("MONITOR %m at %0t ps: %0s", $time, what);
            failed = 1;
        end
    endtask

    // ---- payload of a waiting valid must not change ----------------------------------------------------
    reg aw_wait = 0, w_wait = 0, b_wait = 0, ar_wait = 0, r_wait = 0;
    reg [ID_WIDTH+76:0] aw_was, ar_was;
    reg [72:0]          w_was;
    reg [ID_WIDTH+1:0]  b_was;
    reg [ID_WIDTH+66:0] r_was;

    // nothing to see in a clock without a valid, and none that waited
    always @(posedge clk)
    if ({awvalid, wvalid, bvalid, arvalid, rvalid, aw_wait, w_wait, b_wait, ar_wait, r_wait} !== 10'd0) begin
        if (!rst) begin
            if ((^{awvalid, wvalid, bvalid, arvalid, rvalid}) === 1'bx) report("a valid signal is undefined");
            if (aw_wait && (awvalid !== 1'b1 || {awid, awaddr, awlen, awsize, awburst} !== aw_was))
                report("AW changed while waiting");
            if (w_wait && (wvalid !== 1'b1 || {wdata, wstrb, wlast} !== w_was))
                report("W changed while waiting");
            if (b_wait && (bvalid !== 1'b1 || {bid, bresp} !== b_was))
                report("B changed while waiting");
            if (ar_wait && (arvalid !== 1'b1 || {arid, araddr, arlen, arsize, arburst} !== ar_was))
                report("AR changed while waiting");
            if (r_wait && (rvalid !== 1'b1 || {rid, rdata, rresp, rlast} !== r_was))
                report("R changed while waiting");
        end
        aw_wait <= !rst && awvalid && !awready;
        w_wait <= !rst && wvalid && !wready;
        b_wait <= !rst && bvalid && !bready;
        ar_wait <= !rst && arvalid && !arready;
        r_wait <= !rst && rvalid && !rready;
        if (awvalid && !awready) aw_was <= {awid, awaddr, awlen, awsize, awburst};
        if (wvalid && !wready) w_was <= {wdata, wstrb, wlast};
        if (bvalid && !bready) b_was <= {bid, bresp};
        if (arvalid && !arready) ar_was <= {arid, araddr, arlen, arsize, arburst};
        if (rvalid && !rready) r_was <= {rid, rdata, rresp, rlast};
    end

    // ---- bursts ---------------------------------------------------------------------------------------
    task check_burst(input [63:0] addr, input [7:0] len, input [2:0] size, input [1:0] burst);
        reg [63:0] last_addr;
        begin
            last_addr = ((addr >> size) << size) + ((64'd1 + len) << size) - 64'd1;
            if (burst !== 2'b01) report("burst type is not INCR");
            if (size > 3'd3 || (size != 3'd3 && ALLOW_NARROW == 0)) report("burst size is not 8 bytes");
            if (addr[63:12] !== last_addr[63:12]) report("burst crosses 4 KiB");
            if (last_addr - ((addr >> size) << size) + 64'd1 > MAX_BURST_BYTES) report("burst is too long");
            if ((^addr) === 1'bx) report("address is undefined");
        end
    endtask

    // write bursts in the order of their addresses: length and ID
    reg [7:0]          w_len  [0:255];
    reg [ID_WIDTH-1:0] w_id   [0:255];
    reg [7:0]          w_head = 0, w_tail = 0, w_beat = 0;
    reg [7:0]          e_len  [0:255];      // bursts of data whose addresses are still to come
    reg [7:0]          e_head = 0, e_tail = 0;
    integer            b_due  [0:IDS-1];    // bursts whose data are complete, by ID
    integer            b_open = 0, r_open = 0, id;
    // read bursts by ID
    reg [7:0]          r_len  [0:IDS*MAX_OUTSTANDING-1];
    integer            r_head [0:IDS-1];
    integer            r_tail [0:IDS-1];
    integer            r_beat [0:IDS-1];

    assign idle = b_open == 0 && r_open == 0 && w_beat == 0 && e_head == e_tail && !awvalid && !arvalid && !wvalid;

    // what was open at a reset will not be answered
    task forget;
        begin
            for (id = 0; id < IDS; id = id + 1) begin
                b_due[id] = 0;
                r_head[id] = 0;
                r_tail[id] = 0;
                r_beat[id] = 0;
            end
            b_open = 0;
            r_open = 0;
            w_head = 0;
            w_tail = 0;
            w_beat = 0;
            e_head = 0;
            e_tail = 0;
        end
    endtask

    initial forget;

    always @(posedge clk) if (rst) begin
        if (b_open != 0 || r_open != 0 || w_beat != 0 || e_head != e_tail) forget;
    end else if ({awvalid, wvalid, bvalid, arvalid, rvalid} !== 5'd0) begin
        // responses are judged before this clock's requests: none may come in the clock of its own request
        if (bvalid && bready) begin
            if (b_due[bid] == 0) report("B without a complete burst");
            else begin
                b_due[bid] = b_due[bid] - 1;
                b_open = b_open - 1;
            end
            if (bresp != 2'b00) error_responses = error_responses + 1;
        end
        if (rvalid && rready) begin
            read_beats = read_beats + 1;
            if (rresp != 2'b00) error_responses = error_responses + 1;
            if (r_head[rid] == r_tail[rid]) report("R without a request");
            else begin
                if (rlast !== (r_beat[rid] == r_len[rid*MAX_OUTSTANDING + r_tail[rid] % MAX_OUTSTANDING]))
                    report("RLAST at the wrong beat");
                r_beat[rid] = r_beat[rid] + 1;
                if (rlast) begin
                    r_beat[rid] = 0;
                    r_tail[rid] = r_tail[rid] + 1;
                    r_open = r_open - 1;
                end
            end
        end
        if (awvalid && awready) begin
            check_burst(awaddr, awlen, awsize, awburst);
            b_open = b_open + 1;
            if (e_head == e_tail) begin
                w_len[w_head] = awlen;
                w_id[w_head]  = awid;
                w_head = w_head + 1;
            end else begin
                if (e_len[e_tail] !== awlen) report("WLAST at the wrong beat");
                e_tail = e_tail + 1;
                b_due[awid] = b_due[awid] + 1;
            end
        end
        if (wvalid && wready) begin
            write_beats = write_beats + 1;
            if ((^wstrb) === 1'bx) report("WSTRB is undefined");
            if (w_head == w_tail) begin
                if (EARLY_DATA == 0) report("W before its address");
                w_beat = w_beat + 1;
                if (wlast) begin
                    e_len[e_head] = w_beat - 1;
                    e_head = e_head + 1;
                    w_beat = 0;
                end
            end else begin
                if (wlast !== (w_beat == w_len[w_tail])) report("WLAST at the wrong beat");
                w_beat = w_beat + 1;
                if (wlast) begin
                    b_due[w_id[w_tail]] = b_due[w_id[w_tail]] + 1;
                    w_tail = w_tail + 1;
                    w_beat = 0;
                end
            end
        end
        if (arvalid && arready) begin
            check_burst(araddr, arlen, arsize, arburst);
            if (r_head[arid] - r_tail[arid] == MAX_OUTSTANDING) report("more reads outstanding than can be watched");
            r_len[arid*MAX_OUTSTANDING + r_head[arid] % MAX_OUTSTANDING] = arlen;
            r_head[arid] = r_head[arid] + 1;
            r_open = r_open + 1;
        end
    end
endmodule
`default_nettype wire
