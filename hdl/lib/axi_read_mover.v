// Reads byte ranges over AXI4 and delivers them as packed AXI4-Stream packets, any alignment at full rate.
//
//   commands -> bursts (AR) ... R beats -> bytes shifted to lane 0 -> buffer -> packer -> stream
//
// A burst is asked for only when the buffer has room for all of it, so rready never depends on the stream.
// rst must not come while a burst is outstanding, unless the bus is reset with it.
`default_nettype none
module axi_read_mover #(
    parameter ID_WIDTH        = 4,
    parameter ID              = 0,
    parameter MAX_BURST_BYTES = 512,        // power of two, 16..2048; bursts end at multiples of it
    parameter BUFFER_BYTES    = 2048,       // power of two, at least MAX_BURST_BYTES
    parameter LENGTH_WIDTH    = 20
) (
    input  wire                    clk,
    input  wire                    rst,

    // Gather commands: the bytes of successive commands are packed without gaps until cmd_last ends the packet.
    input  wire [63:0]             cmd_addr,
    input  wire [LENGTH_WIDTH-1:0] cmd_length,
    input  wire                    cmd_last,
    input  wire                    cmd_valid,
    output wire                    cmd_ready,

    output wire [ID_WIDTH-1:0]     m_axi_arid,
    output wire [63:0]             m_axi_araddr,
    output wire [7:0]              m_axi_arlen,
    output wire [2:0]              m_axi_arsize,
    output wire [1:0]              m_axi_arburst,
    output wire                    m_axi_arvalid,
    input  wire                    m_axi_arready,
    input  wire [ID_WIDTH-1:0]     m_axi_rid,
    input  wire [63:0]             m_axi_rdata,
    input  wire [1:0]              m_axi_rresp,
    input  wire                    m_axi_rlast,
    input  wire                    m_axi_rvalid,
    output wire                    m_axi_rready,

    output wire [63:0]             m_axis_tdata,
    output wire [7:0]              m_axis_tkeep,
    output wire                    m_axis_tvalid,
    input  wire                    m_axis_tready,
    output wire                    m_axis_tlast,
    output wire                    m_axis_tuser,   // last beat: some burst of the packet failed, data undefined

    output wire                    done_valid,     // the last byte of the oldest open command has arrived
    output wire                    done_error,
    output wire                    busy
);
    // nothing in here changes without one of these
    wire clk_awake, clk_gated;
    clock_gate awake_gate (
        .clk(clk),
        .enable(rst || cmd_valid || busy),
        .gated(clk_awake)
    );
    clock_gate gate (
        .clk(clk_awake),
        .enable(rst || (cmd_valid && cmd_ready) || issue || (arvalid_reg && m_axi_arready) || beat_fire
            || (out_free && (in_valid || held_last_reg || out_valid_reg))),
        .gated(clk_gated)
    );

    localparam OFFSET_WIDTH  = $clog2(MAX_BURST_BYTES);
    localparam BUFFER_BEATS  = BUFFER_BYTES / 8;
    localparam CREDIT_WIDTH  = $clog2(BUFFER_BEATS) + 1;
    localparam BURSTS        = 16;                          // outstanding bursts at most

    initial begin
        if (MAX_BURST_BYTES < 16 || MAX_BURST_BYTES > 2048 || MAX_BURST_BYTES != (1 << OFFSET_WIDTH)) begin
            $display("ERROR: axi_read_mover MAX_BURST_BYTES must be a power of two, 16..2048 (%m)");
            $finish;
        end
        if (BUFFER_BYTES < MAX_BURST_BYTES || BUFFER_BYTES > 65536 || BUFFER_BEATS != (1 << (CREDIT_WIDTH - 1))) begin
            $display("ERROR: axi_read_mover BUFFER_BYTES must be a power of two that holds a burst, at most 65536 (%m)");
            $finish;
        end
        if (LENGTH_WIDTH < 13) begin
            $display("ERROR: axi_read_mover LENGTH_WIDTH must be at least 13 (%m)");
            $finish;
        end
    end

    // ---- commands to bursts ---------------------------------------------------------------------------
    reg                    active_reg;
    reg [63:0]             addr_reg;
    reg [LENGTH_WIDTH-1:0] remaining_reg;
    reg                    last_reg;
    reg [CREDIT_WIDTH-1:0] credit_reg;                      // free beats of the buffer, requested ones taken off

    wire [11:0] to_boundary  = MAX_BURST_BYTES[11:0] - {{(12-OFFSET_WIDTH){1'b0}}, addr_reg[OFFSET_WIDTH-1:0]};
    wire        command_ends = remaining_reg <= {{(LENGTH_WIDTH-12){1'b0}}, to_boundary};
    wire [11:0] burst_bytes  = command_ends ? remaining_reg[11:0] : to_boundary;
    wire        burst_null   = remaining_reg == {LENGTH_WIDTH{1'b0}};   // takes a buffer entry all the same
    wire [8:0]  burst_beats  = burst_null ? 9'd1 : beats_of(burst_bytes, addr_reg[2:0]);

    wire        burst_ready;
    wire        has_credit = {{(16-CREDIT_WIDTH){1'b0}}, credit_reg} >= {7'd0, burst_beats};
    reg         arvalid_reg;
    reg [63:0]  araddr_reg;
    reg [7:0]   arlen_reg;
    wire        issue = active_reg && burst_ready && has_credit && (!arvalid_reg || m_axi_arready);

    // beats of a burst of so many bytes that starts at a byte lane
    function [8:0] beats_of(input [11:0] bytes, input [2:0] lane);
        beats_of = bytes[11:3] + {8'd0, bytes[2:0] != 3'd0 || lane != 3'd0}
                   + {8'd0, {1'b0, bytes[2:0]} + {1'b0, lane} > 4'd8};
    endfunction

    assign cmd_ready     = !active_reg || (issue && command_ends);
    assign m_axi_arid    = ID[ID_WIDTH-1:0];
    assign m_axi_araddr  = araddr_reg;
    assign m_axi_arlen   = arlen_reg;
    assign m_axi_arsize  = 3'd3;
    assign m_axi_arburst = 2'b01;
    assign m_axi_arvalid = arvalid_reg;

    // ---- R beats: one entry of the burst queue describes the burst whose beats arrive ------------------
    wire                   burst_valid, burst_pop;
    wire [2:0]             head_offset;
    wire [11:0] head_bytes;
    wire                   head_null, head_command_end, head_last;
    wire [4:0]             burst_count;

    sync_fifo #(.DATA_WIDTH(3 + 12 + 3), .DEPTH(BURSTS)) burst_queue (
        .clk(clk_awake), .rst(rst),
        .wr_data({addr_reg[2:0], burst_bytes, burst_null, command_ends, last_reg}),
        .wr_valid(issue), .wr_ready(burst_ready),
        .rd_data({head_offset, head_bytes, head_null, head_command_end, head_last}),
        .rd_valid(burst_valid), .rd_ready(burst_pop), .count(burst_count));

    reg                    burst_started_reg;               // first beat of the head burst has come
    reg [11:0]  burst_left_reg;
    reg                    command_error_reg;

    wire [2:0]             beat_offset = burst_started_reg ? 3'd0 : head_offset;
    wire [11:0] bytes_left  = burst_started_reg ? burst_left_reg : head_bytes;
    wire [3:0]             beat_room   = 4'd8 - {1'b0, beat_offset};
    wire                   beat_final  = bytes_left <= {8'd0, beat_room};
    wire [3:0]             beat_bytes  = beat_final ? bytes_left[3:0] : beat_room;
    wire                   beat_fire   = burst_valid && (head_null || m_axi_rvalid);
    wire                   beat_error  = !head_null && m_axi_rresp != 2'b00;

    assign m_axi_rready = burst_valid && !head_null;
    assign burst_pop    = beat_fire && beat_final;
    assign done_valid   = burst_pop && head_command_end;
    assign done_error   = command_error_reg || beat_error;


    // ---- buffer: beats shifted to lane 0, bytes beyond the count are zero -------------------------------
    reg  [63:0]             beat_data;
    wire [63:0]             in_data;
    wire [3:0]              in_bytes;
    wire                    in_last, in_error, in_valid, in_ready;
    wire                    buffer_ready;
    wire [CREDIT_WIDTH-1:0] buffer_count;

    // what comes while nothing is asked for is another master's
    wire [63:0] r_data = burst_valid ? m_axi_rdata : 64'd0;

    // whole beats, which are nearly all, come first: simulators shift wide vectors bit by bit
    always @* begin
        if (beat_bytes[3]) beat_data = r_data;
        else beat_data = (r_data >> {beat_offset, 3'd0}) & ~({64{1'b1}} << {beat_bytes, 3'd0});
    end

    sync_fifo #(.DATA_WIDTH(64 + 4 + 2), .DEPTH(BUFFER_BEATS)) buffer (
        .clk(clk_awake), .rst(rst),
        .wr_data({beat_data, beat_bytes, burst_pop && head_command_end && head_last, beat_error}),
        .wr_valid(beat_fire), .wr_ready(buffer_ready),
        .rd_data({in_data, in_bytes, in_last, in_error}),
        .rd_valid(in_valid), .rd_ready(in_ready), .count(buffer_count));

    // ---- packer: up to 8 bytes are held back, because the next entry may still end the packet -----------
    reg [63:0] held_reg;
    reg [3:0]  held_bytes_reg;                              // 0..8
    reg        held_last_reg;                               // the held bytes end the packet
    reg        packet_error_reg;
    reg [63:0] out_data_reg;
    reg [7:0]  out_keep_reg;
    reg        out_valid_reg, out_last_reg, out_user_reg;

    wire         out_free   = !out_valid_reg || m_axis_tready;
    wire [3:0]   base_bytes = held_last_reg ? 4'd0 : held_bytes_reg;
    wire [63:0]  base_data  = held_last_reg ? 64'd0 : held_reg;
    reg  [127:0] joined;
    wire [4:0]   joined_bytes = {1'b0, base_bytes} + {1'b0, in_bytes};
    wire [3:0]   joined_excess = joined_bytes[3:0] - 4'd8;
    wire         overflows  = joined_bytes > 5'd8;
    wire         take       = in_valid && out_free;
    wire         error_now  = in_error || (packet_error_reg && !held_last_reg);

    always @* begin
        case (base_bytes)
            4'd0:    joined = {64'd0, in_data};
            4'd8:    joined = {in_data, base_data};
            default: joined = {64'd0, base_data} | ({64'd0, in_data} << {base_bytes, 3'd0});
        endcase
    end

    function [7:0] keep_mask(input [3:0] bytes);
        integer i;
        for (i = 0; i < 8; i = i + 1) keep_mask[i] = i[3:0] < bytes;
    endfunction

    wire [15:0]  credit_next = {{(16-CREDIT_WIDTH){1'b0}}, credit_reg} - (issue ? {7'd0, burst_beats} : 16'd0)
                               + {15'd0, take};
    wire [8:0]   arlen_next = burst_beats - 9'd1;

    assign in_ready      = out_free;
    assign m_axis_tdata  = out_data_reg;
    assign m_axis_tkeep  = out_keep_reg;
    assign m_axis_tvalid = out_valid_reg;
    assign m_axis_tlast  = out_last_reg;
    assign m_axis_tuser  = out_user_reg;
    assign busy = active_reg || arvalid_reg || burst_count != 5'd0 || buffer_count != {CREDIT_WIDTH{1'b0}}
                  || held_bytes_reg != 4'd0 || out_valid_reg;

    always @(posedge clk_gated) begin
        // commands and bursts
        if (m_axi_arready) arvalid_reg <= 1'b0;
        if (issue) begin
            arvalid_reg   <= !burst_null;
            araddr_reg    <= addr_reg;
            arlen_reg     <= arlen_next[7:0];
            addr_reg      <= addr_reg + {52'd0, burst_bytes};
            remaining_reg <= remaining_reg - {{(LENGTH_WIDTH-12){1'b0}}, burst_bytes};
            if (command_ends) active_reg <= 1'b0;
        end
        if (cmd_valid && cmd_ready) begin
            active_reg    <= 1'b1;
            addr_reg      <= cmd_addr;
            remaining_reg <= cmd_length;
            last_reg      <= cmd_last;
        end
        if (issue || take) credit_reg <= credit_next[CREDIT_WIDTH-1:0];

        // R beats
        if (beat_fire) begin
            burst_started_reg <= !beat_final;
            burst_left_reg    <= bytes_left - {8'd0, beat_bytes};
            command_error_reg <= (command_error_reg || beat_error) && !done_valid;
        end

        // packer
        if (out_free) begin
            out_valid_reg <= 1'b0;
            out_last_reg  <= 1'b0;
            out_user_reg  <= 1'b0;
            if (held_last_reg) begin
                out_valid_reg    <= 1'b1;
                out_data_reg     <= held_reg;
                out_keep_reg     <= keep_mask(held_bytes_reg);
                out_last_reg     <= 1'b1;
                out_user_reg     <= packet_error_reg;
                held_reg         <= 64'd0;
                held_bytes_reg   <= 4'd0;
                held_last_reg    <= 1'b0;
                packet_error_reg <= 1'b0;
            end
            if (in_valid) begin
                packet_error_reg <= error_now;
                if (held_last_reg || !(overflows || in_last)) begin
                    // nothing of the new bytes leaves now
                    held_reg       <= joined[63:0];
                    held_bytes_reg <= joined_bytes[3:0];
                    held_last_reg  <= in_last && joined_bytes != 5'd0;
                end else begin
                    out_valid_reg  <= joined_bytes != 5'd0;
                    out_data_reg   <= joined[63:0];
                    out_keep_reg   <= overflows ? 8'hff : keep_mask(joined_bytes[3:0]);
                    out_last_reg   <= !overflows;
                    out_user_reg   <= !overflows && error_now;
                    held_reg       <= joined[127:64];
                    held_bytes_reg <= overflows ? joined_excess : 4'd0;
                    held_last_reg  <= overflows && in_last;
                    if (!overflows) packet_error_reg <= 1'b0;
                end
            end
        end

        if (rst) begin
            active_reg        <= 1'b0;
            arvalid_reg       <= 1'b0;
            credit_reg        <= BUFFER_BEATS[CREDIT_WIDTH-1:0];
            burst_started_reg <= 1'b0;
            command_error_reg <= 1'b0;
            held_reg          <= 64'd0;
            held_bytes_reg    <= 4'd0;
            held_last_reg     <= 1'b0;
            packet_error_reg  <= 1'b0;
            out_valid_reg     <= 1'b0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */                   // one ID, in order: beats are counted, not matched
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{m_axi_rid, m_axi_rlast, buffer_ready, credit_next[15:CREDIT_WIDTH], arlen_next[8]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
