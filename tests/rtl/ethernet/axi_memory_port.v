// One AXI4 port on the memory of ethernet_harness: latency, random pauses, SLVERR where address bit 40 is set.
`default_nettype none
module axi_memory_port #(
    parameter NUMBER = 0
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [15:0] latency,             // clocks from address to first data
    input  wire [7:0]  pause,               // of 256, chance of a pause in each clock and channel

    input  wire [3:0]  awid,
    input  wire [63:0] awaddr,
    input  wire [7:0]  awlen,
    input  wire        awvalid,
    output reg         awready,
    input  wire [63:0] wdata,
    input  wire [7:0]  wstrb,
    input  wire        wlast,
    input  wire        wvalid,
    output reg         wready,
    output reg  [3:0]  bid,
    output reg  [1:0]  bresp,
    output reg         bvalid,
    input  wire        bready,
    input  wire [3:0]  arid,
    input  wire [63:0] araddr,
    input  wire [7:0]  arlen,
    input  wire        arvalid,
    output reg         arready,
    output reg  [3:0]  rid,
    output reg  [63:0] rdata,
    output reg  [1:0]  rresp,
    output reg         rlast,
    output reg         rvalid,
    input  wire        rready
);
    integer seed;
    reg [63:0] dice;                        // a linear congruence, which costs less than $random; a byte a channel
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        dice = seed * 7 + NUMBER + 1;
    end

    integer stalls = 0;                     // transfers that waited in a clock because of a pause, since the beginning
    reg        ar_pause = 0, r_pause = 0, aw_pause = 0, w_pause = 0, b_pause = 0;

    reg [75:0] ar_queue [0:63];
    integer    ar_due [0:63];
    reg [75:0] aw_queue [0:63];
    integer    b_due [0:63];
    reg [5:0]  b_id [0:63];
    integer ar_in, ar_out, aw_in, aw_out, b_in, b_out, now, beat, w_beat, lane, errors;
    reg [63:0] at;
    reg        w_error;

    always @(posedge clk) begin
        now <= now + 1;
        // ---- reads
        if ((arvalid && ar_pause) || (awvalid && aw_pause) || (wvalid && w_pause)) stalls = stalls + 1;
        dice     = dice * 64'd6364136223846793005 + 64'd1442695040888963407;
        ar_pause = dice[63:56] < pause;
        r_pause  = dice[55:48] < pause;
        aw_pause = dice[47:40] < pause;
        w_pause  = dice[39:32] < pause;
        b_pause  = dice[31:24] < pause;
        arready <= ar_in - ar_out < 32 && !ar_pause;
        if (arvalid && arready) begin
            ar_queue[ar_in & 63] = {araddr, arid, arlen};
            ar_due[ar_in & 63]   = now + latency;
            ar_in = ar_in + 1;
            if ((araddr & 64'hfff) + (arlen + 1) * 8 - (araddr & 7) > 4096) begin
                $display("ERROR: read burst crosses 4 KiB at %h", araddr);
                errors = errors + 1;
            end
        end
        if (rvalid && rready) rvalid <= 1'b0;
        if ((!rvalid || rready) && ar_in != ar_out && ar_due[ar_out & 63] <= now && !r_pause) begin
            at = (ar_queue[ar_out & 63][75:12] & ~64'd7) + beat * 8;
            rvalid <= 1'b1;
            rid    <= ar_queue[ar_out & 63][11:8];
            rdata  <= ethernet_harness.mem[at[19:3]];
            rresp  <= at[40] ? 2'b10 : 2'b00;
            rlast  <= beat == ar_queue[ar_out & 63][7:0];
            if (beat == ar_queue[ar_out & 63][7:0]) begin
                beat   = 0;
                ar_out = ar_out + 1;
            end else beat = beat + 1;
        end
        // ---- writes
        awready <= aw_in - aw_out < 16 && !aw_pause;
        if (awvalid && awready) begin
            aw_queue[aw_in & 63] = {awaddr, awid, awlen};
            aw_in = aw_in + 1;
        end
        wready <= !w_pause && aw_in != aw_out && !(wvalid && wready);
        if (wvalid && wready) begin
            at = (aw_queue[aw_out & 63][75:12] & ~64'd7) + w_beat * 8;
            for (lane = 0; lane < 8; lane = lane + 1)
                if (wstrb[lane] && !at[40]) ethernet_harness.mem[at[19:3]][8*lane +: 8] = wdata[8*lane +: 8];
            if (wlast != (w_beat == aw_queue[aw_out & 63][7:0])) begin
                $display("ERROR: wlast at beat %0d of %0d", w_beat, aw_queue[aw_out & 63][7:0]);
                errors = errors + 1;
            end
            w_beat = w_beat + 1;
            if (wlast) begin
                b_due[b_in & 63] = now + latency;
                b_id[b_in & 63]  = {at[40], 1'b0, aw_queue[aw_out & 63][11:8]};
                b_in   = b_in + 1;
                aw_out = aw_out + 1;
                w_beat = 0;
            end
        end
        if (bvalid && bready) bvalid <= 1'b0;
        if ((!bvalid || bready) && b_in != b_out && b_due[b_out & 63] <= now && !b_pause) begin
            bvalid <= 1'b1;
            bid    <= b_id[b_out & 63][3:0];
            bresp  <= {b_id[b_out & 63][5], 1'b0};
            b_out  = b_out + 1;
        end
        if (rst) begin
            ar_in = 0; ar_out = 0; aw_in = 0; aw_out = 0; b_in = 0; b_out = 0; beat = 0; w_beat = 0;
            now <= 0;
            errors = 0;
            arready <= 0; awready <= 0; wready <= 0; rvalid <= 0; bvalid <= 0;
        end
    end
endmodule
`default_nettype wire
