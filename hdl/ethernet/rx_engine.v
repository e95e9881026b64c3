// Carries stored frames to memory: spreads them over receive buffers through the write mover and hands the finished
// descriptors on (82544 SDM 3.2.3 to 3.2.7).
`default_nettype none
module rx_engine #(
    parameter ADDR_WIDTH   = 12,
    parameter META_WIDTH   = 64,
    parameter LENGTH_WIDTH = 20
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    enable,
    input  wire [1:0]              buffer_size,     // RCTL.BSIZE
    input  wire                    size_extension,  // RCTL.BSEX

    input  wire [META_WIDTH-1:0]   frame_meta,      // see rx_packet_buffer
    input  wire [ADDR_WIDTH:0]     frame_word,
    input  wire                    frame_valid,
    output wire                    frame_ready,
    output wire [ADDR_WIDTH-1:0]   rd_addr,
    output wire                    rd_en,
    input  wire [63:0]             rd_data,
    output wire [ADDR_WIDTH:0]     release_pointer,

    input  wire [127:0]            descriptor,
    input  wire                    descriptor_error,
    input  wire                    descriptor_valid,
    output wire                    descriptor_ready,
    input  wire                    ring_exhausted,

    output wire [63:0]             cmd_addr,
    output wire [LENGTH_WIDTH-1:0] cmd_length,
    output wire                    cmd_valid,
    input  wire                    cmd_ready,
    input  wire                    cmd_done,
    input  wire                    cmd_error,
    output wire [63:0]             m_axis_tdata,
    output wire [7:0]              m_axis_tkeep,
    output wire                    m_axis_tvalid,
    input  wire                    m_axis_tready,
    output wire                    m_axis_tlast,

    // finished descriptors, in order: the second half to write back
    output wire [63:0]             done_data,
    output wire                    done_eop,
    output wire                    done_valid,
    input  wire                    done_ready,

    output wire                    no_buffer,       // pulse: a frame found no descriptor
    output wire                    bad_fetch,       // pulse
    output wire                    write_failed,    // pulse
    output wire                    busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || frame_valid || frame_reg || stream_reg || out_valid_reg),
        .gated(clk_gated)
    );

    // ---- the frame's bytes over the buffers
    reg        frame_reg;                   // a frame is being spread
    reg [15:0] left_reg;                    // its bytes that have no buffer yet
    reg        counted_reg;                 // its lack of a descriptor has been counted
    reg [15:0] csum_reg, tag_reg;
    reg [7:0]  errors_reg, status_reg;

    wire [15:0] size_short = 16'd2048 >> buffer_size;
    wire [15:0] size       = size_extension && buffer_size != 2'd0 ? {size_short[11:0], 4'd0} : size_short;
    wire        skip       = descriptor_error || descriptor[63:0] == 64'd0;     // no buffer: written back empty
    wire        ends       = left_reg <= size;
    wire [15:0] chunk      = ends ? left_reg : size;
    wire        queue_ready;
    wire        stream_busy;
    wire        load       = frame_valid && !frame_reg && !stream_busy && enable;
    wire        assign_now = frame_reg && left_reg != 16'd0 && descriptor_valid && queue_ready;
    wire        use_now    = assign_now && !skip && cmd_ready;
    wire        skip_now   = assign_now && skip;
    wire        starving   = (frame_reg ? left_reg != 16'd0 : frame_valid) && enable && !descriptor_valid && ring_exhausted;

    assign frame_ready      = load;
    assign cmd_addr         = descriptor[63:0];
    assign cmd_length       = {{(LENGTH_WIDTH-16){1'b0}}, chunk};
    assign cmd_valid        = assign_now && !skip;
    assign descriptor_ready = use_now || skip_now;
    assign bad_fetch        = skip_now && descriptor_error;
    assign no_buffer        = starving && !counted_reg;

    // ---- buffers that wait for their data to be written
    wire        q_waits, q_eop, q_fault, q_valid;
    wire [15:0] q_length, q_csum, q_tag;
    wire [7:0]  q_errors, q_status;
    wire [5:0]  queued;
    wire        q_bad;
    wire        q_pop = done_valid && done_ready;

    sync_fifo #(.DATA_WIDTH(3 + 64), .DEPTH(32)) queue (
        .clk(clk), .rst(rst),
        .wr_data({!skip, ends && !skip, descriptor_error, skip ? 16'd0 : chunk, tag_reg, csum_reg, errors_reg, status_reg}),
        .wr_valid(use_now || skip_now), .wr_ready(queue_ready),
        .rd_data({q_waits, q_eop, q_fault, q_length, q_tag, q_csum, q_errors, q_status}),
        .rd_valid(q_valid), .rd_ready(q_pop), .count(queued));

    // outcome of each write, in order
    wire [5:0] outcomes;
    wire       outcome_ready, outcome_valid;
    sync_fifo #(.DATA_WIDTH(1), .DEPTH(32)) outcome_queue (
        .clk(clk), .rst(rst),
        .wr_data(cmd_error), .wr_valid(cmd_done), .wr_ready(outcome_ready),
        .rd_data(q_bad), .rd_valid(outcome_valid), .rd_ready(q_pop && q_waits), .count(outcomes));

    wire       wait_over = !q_waits || outcome_valid;
    wire [7:0] errors    = (q_eop ? q_errors : 8'd0) | ((q_waits && q_bad) || q_fault ? 8'h80 : 8'd0);
    wire [7:0] status    = (q_eop ? q_status | 8'h02 : 8'h00) | 8'h01;      // EOP, DD

    assign done_valid   = q_valid && wait_over;
    assign done_eop     = q_eop;
    assign done_data    = {q_eop ? q_tag : 16'd0, errors, status, q_eop ? q_csum : 16'd0, q_length};
    assign write_failed = cmd_done && cmd_error;

    // ---- the frame's words to the mover
    reg                  stream_reg;
    reg [ADDR_WIDTH:0]   read_reg, release_reg;
    reg [12:0]           words_reg;
    reg [2:0]            last_bytes_reg;    // of the last word, 0 = 8
    reg                  out_valid_reg, out_last_reg;
    reg [2:0]            out_bytes_reg;
    wire                 read = stream_reg && (!out_valid_reg || m_axis_tready);
    wire [15:0]          length = frame_meta[META_WIDTH-1 -: 16];
    wire [15:0]          rounded = length + 16'd7;

    assign stream_busy     = stream_reg;
    assign rd_addr         = read_reg[ADDR_WIDTH-1:0];
    assign rd_en           = read;
    assign release_pointer = release_reg;
    assign m_axis_tdata    = rd_data;
    assign m_axis_tvalid   = out_valid_reg;
    assign m_axis_tlast    = out_last_reg;
    assign m_axis_tkeep    = out_last_reg && out_bytes_reg != 3'd0 ? ~(8'hff << out_bytes_reg) : 8'hff;

    // a frame that waits for a descriptor is no reason to keep the clock: the tail has to be written first
    assign busy = queued != 6'd0 || (frame_valid && enable && !starving) || (frame_reg && !starving)
                  || (stream_reg && !starving) || outcomes != 6'd0;

    /* verilator lint_off UNUSEDSIGNAL */   // room was made sure of; of lengths and descriptors only the parts that count
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{outcome_ready, rounded[2:0], descriptor[127:64]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */

    always @(posedge clk_gated) begin
        if (load) begin
            frame_reg   <= 1'b1;
            left_reg    <= length;
            {tag_reg, csum_reg, errors_reg, status_reg} <= frame_meta[47:0];
        end
        if (use_now) begin
            left_reg <= left_reg - chunk;
            if (ends) frame_reg <= 1'b0;
        end
        if (no_buffer)    counted_reg <= 1'b1;
        else if (use_now && ends) counted_reg <= 1'b0;

        if (m_axis_tready) out_valid_reg <= 1'b0;
        if (load) begin
            stream_reg     <= 1'b1;
            read_reg       <= frame_word;
            words_reg      <= rounded[15:3];
            last_bytes_reg <= length[2:0];
        end
        if (read) begin
            out_valid_reg <= 1'b1;
            out_last_reg  <= words_reg == 13'd1;
            out_bytes_reg <= last_bytes_reg;
            read_reg      <= read_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
            release_reg   <= read_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
            words_reg     <= words_reg - 13'd1;
            if (words_reg == 13'd1) stream_reg <= 1'b0;
        end
        if (rst) begin
            frame_reg     <= 1'b0;
            left_reg      <= 16'd0;
            counted_reg   <= 1'b0;
            stream_reg    <= 1'b0;
            out_valid_reg <= 1'b0;
            release_reg   <= {(ADDR_WIDTH+1){1'b0}};
        end
    end
endmodule
`default_nettype wire
