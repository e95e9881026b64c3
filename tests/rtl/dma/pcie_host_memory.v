// Bench: the PCIe block and a host memory behind it, which answers reads in order. PACED = 1 takes and gives TLPs at the
// rate of a Gen 2 x1 link with all that it carries beside payload; PACED = 0 at the rate of the streams.
//
// Counted on the link, 8 bytes a clock each way: a TLP's header of 12 or 16 bytes with 8 bytes of framing, sequence number
// and LCRC; an Ack DLLP for each TLP that came, an UpdateFC DLLP for each request answered, 8 bytes each; and a skip
// ordered set of 4 symbols after each 1180 (PCI Express Base Specification 2.1, 3.4, 3.5 and 4.2.7).
`default_nettype none
module pcie_host_memory #(
    parameter BYTES         = 262144,
    parameter PACED         = 1,
    parameter PAYLOAD_BYTES = 256,          // of a completion
    parameter LATENCY       = 30            // clocks from a read request on the link to its first completion
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire [7:0]  percent,             // stalled clocks of RQ and RC

    input  wire [63:0] rq_tdata,
    input  wire [1:0]  rq_tkeep,
    input  wire        rq_tlast,
    input  wire [61:0] rq_tuser,
    input  wire        rq_tvalid,
    output wire        rq_tready,
    output reg  [5:0]  rq_seq_num,
    output reg         rq_seq_num_vld,
    output reg  [63:0] rc_tdata,
    output reg  [1:0]  rc_tkeep,
    output reg         rc_tlast,
    output reg  [74:0] rc_tuser,
    output reg         rc_tvalid,
    input  wire        rc_tready,

    output reg  [31:0] reads_open,          // requests on the link or in the memory
    output reg  [31:0] reads_open_most,
    output reg         failed
);
    localparam WORDS = BYTES / 4;
    reg [31:0] mem [0:WORDS-1];

    localparam FRAMING = 8, DLLP = 8, SKIP_EVERY = 1180, SKIP = 4;

    // ---- the two directions of the link: when the next byte can go, in bytes (8 a clock) ------------------
    reg [63:0] now, up_free, down_free;     // now = 8 * clock
    integer    up_to_skip, down_to_skip;

    task up(input integer bytes);
        begin
            if (up_free < now) up_free = now;
            up_free = up_free + bytes;
            up_to_skip = up_to_skip - bytes;
            if (up_to_skip <= 0) begin
                up_free = up_free + SKIP;
                up_to_skip = up_to_skip + SKIP_EVERY;
            end
        end
    endtask
    task down(input integer bytes);
        begin
            if (down_free < now) down_free = now;
            down_free = down_free + bytes;
            down_to_skip = down_to_skip - bytes;
            if (down_to_skip <= 0) begin
                down_free = down_free + SKIP;
                down_to_skip = down_to_skip + SKIP_EVERY;
            end
        end
    endtask

    // ---- requests ------------------------------------------------------------------------------------------
    reg         in_header, in_descriptor;
    reg  [63:0] address;
    reg  [10:0] dwords;
    reg         is_write;
    reg  [3:0]  first_be, last_be;
    reg  [5:0]  sequence;
    integer     place, left, lane;
    // read requests, in order
    reg  [63:0] r_address [0:63];
    reg  [10:0] r_dwords  [0:63];
    reg  [7:0]  r_tag     [0:63];
    reg  [63:0] r_due     [0:63];
    reg  [5:0]  r_head, r_tail;
    // sequence numbers of writes that wait for the link
    reg  [63:0] s_due     [0:63];
    reg  [5:0]  s_number  [0:63];
    reg  [5:0]  s_head, s_tail;

    reg  [31:0] state;
    reg         open, rc_open;
    assign rq_tready = open;

    task store(input [31:0] data, input [3:0] enable);
        begin
            if (place < 0 || place >= WORDS) failed = 1;
            else for (lane = 0; lane < 4; lane = lane + 1)
                if (enable[lane]) mem[place][8*lane +: 8] = data[8*lane +: 8];
            place = place + 1;
            left = left - 1;
        end
    endtask

    // ---- completions: pieces on the link, in order ---------------------------------------------------------------
    reg  [63:0] c_address;
    integer     c_left, c_piece;
    reg  [63:0] p_ready   [0:15];           // the link has brought all of it
    reg  [11:0] p_lower   [0:15];
    reg  [31:0] p_place   [0:15];           // first dword
    reg  [10:0] p_dwords  [0:15];
    reg  [12:0] p_bytes   [0:15];           // with all that follow for this request
    reg         p_last    [0:15];
    reg  [7:0]  p_tag     [0:15];
    reg  [3:0]  p_head, p_tail;
    integer     beat, given;
    reg  [31:0] low, high;

    function [31:0] word(input integer at);
        word = mem[at];
    endfunction

    always @(posedge clk) begin
        now = now + 8;
        state = state * 32'd1664525 + 32'd1013904223;
        rc_open = state[27:12] % 100 >= percent;
        rq_seq_num_vld <= 0;

        if (rq_tvalid && rq_tready) begin
            if (in_header) begin
                address = rq_tdata;
                first_be = rq_tuser[3:0];
                last_be = rq_tuser[7:4];
                sequence = {rq_tuser[61:60], rq_tuser[27:24]};
                in_header = 0;
                in_descriptor = 1;
            end else if (in_descriptor) begin
                in_descriptor = 0;
                dwords = rq_tdata[10:0];
                is_write = rq_tdata[14:11] == 4'd1;
                place = address[63:2];
                left = dwords;
                if (!is_write) begin
                    up((address[63:32] != 0 ? 16 : 12) + FRAMING);
                    r_address[r_head] = address;
                    r_dwords[r_head] = dwords;
                    r_tag[r_head] = rq_tdata[39:32];
                    r_due[r_head] = (PACED != 0 ? up_free : now) + 8 * LATENCY;
                    r_head = r_head + 1;
                    reads_open = reads_open + 1;
                    if (reads_open > reads_open_most) reads_open_most = reads_open;
                    if (PACED != 0) down(DLLP);
                end
            end else begin
                store(rq_tdata[31:0], left == dwords ? first_be : left == 1 ? last_be : 4'hf);
                if (rq_tkeep[1]) store(rq_tdata[63:32], left == 1 ? last_be : 4'hf);
            end
            if (rq_tlast) begin
                if (is_write) begin
                    if (left != 0) failed = 1;
                    if (PACED != 0) up((address[63:32] != 0 ? 16 : 12) + FRAMING + 4 * dwords);
                    if (PACED != 0) down(DLLP);
                    s_due[s_head] = PACED != 0 ? up_free : now;
                    s_number[s_head] = sequence;
                    s_head = s_head + 1;
                end
                in_header = 1;
            end
        end

        // some three TLPs may wait for the link
        open <= state[31:16] % 100 >= percent && (PACED == 0 || up_free <= now + 3 * (PAYLOAD_BYTES + 24));

        if (s_head != s_tail && s_due[s_tail] <= now) begin
            rq_seq_num <= s_number[s_tail];
            rq_seq_num_vld <= 1;
            s_tail = s_tail + 1;
        end

        // one more piece of a request that is due, or will be when the link is free
        if (r_head != r_tail && p_head + 4'd1 != p_tail && r_due[r_tail] <= now + PACED * 8 * 64) begin
            if (c_left == 0) begin
                c_left = r_dwords[r_tail];
                c_address = r_address[r_tail];
            end
            c_piece = (PAYLOAD_BYTES - c_address[11:0] % PAYLOAD_BYTES) / 4;
            if (c_piece > c_left) c_piece = c_left;
            if (PACED != 0) begin
                if (down_free < r_due[r_tail]) down_free = r_due[r_tail];
                down(12 + FRAMING + 4 * c_piece + (c_piece == c_left ? DLLP : 0));
                up(DLLP);
            end
            p_ready[p_head]  = PACED != 0 ? down_free : r_due[r_tail];
            p_lower[p_head]  = c_address[11:0];
            p_place[p_head]  = c_address[33:2];
            p_dwords[p_head] = c_piece[10:0];
            p_bytes[p_head]  = 4 * c_left;
            p_last[p_head]   = c_piece == c_left;
            p_tag[p_head]    = r_tag[r_tail];
            p_head = p_head + 1;
            c_left = c_left - c_piece;
            c_address = c_address + 4 * c_piece;
            if (c_left == 0) r_tail = r_tail + 1;
        end

        // its beats
        if (!rc_tvalid || rc_tready) begin
            rc_tvalid <= 0;
            if (p_head != p_tail && p_ready[p_tail] <= now && rc_open) begin
                rc_tvalid <= 1;
                rc_tkeep  <= 2'b11;
                rc_tlast  <= 0;
                rc_tuser  <= beat == 0 ? 75'd1 << 32 : 75'd0;   // start of frame
                if (beat == 0) begin
                    // PG213: dwords and status 0; request completed, byte count, no error, lower address
                    rc_tdata <= {21'd0, p_dwords[p_tail], 1'b0, p_last[p_tail], 1'b0, p_bytes[p_tail], 4'd0, p_lower[p_tail]};
                    given = 0;
                end else begin
                    low = {24'd0, p_tag[p_tail]};
                    if (beat != 1) begin
                        low = word(p_place[p_tail] + given);
                        given = given + 1;
                    end
                    high = given < p_dwords[p_tail] ? word(p_place[p_tail] + given) : 32'd0;
                    rc_tkeep <= {given < p_dwords[p_tail], 1'b1};
                    if (given < p_dwords[p_tail]) given = given + 1;
                    rc_tdata <= {high, low};
                    rc_tlast <= given == p_dwords[p_tail];
                end
                beat = beat + 1;
                if (beat > 1 && given == p_dwords[p_tail]) begin
                    if (p_last[p_tail]) reads_open = reads_open - 1;
                    p_tail = p_tail + 1;
                    beat = 0;
                end
            end
        end

        if (rst) begin
            state = seed + 32'd12345;
            {now, up_free, down_free} = 0;
            up_to_skip = SKIP_EVERY;
            down_to_skip = SKIP_EVERY;
            in_header = 1;
            in_descriptor = 0;
            {r_head, r_tail, s_head, s_tail} = 0;
            {p_head, p_tail, failed} = 0;
            beat = 0;
            c_left = 0;
            {reads_open, reads_open_most} = 0;
            rc_tvalid <= 0;
            rq_seq_num_vld <= 0;
            open <= 0;
        end
    end
endmodule
`default_nettype wire
