// Writes packed AXI4-Stream packets to byte ranges over AXI4, any alignment at full rate.
//
//   stream -> residue (bytes of a beat not yet used) -> beats shifted to the address lane -> buffer -> AW, W
//
// A burst is asked for only when all its data are in the buffer, so a granted bus never waits for the stream.
// rst must not come while a burst is outstanding, unless the bus is reset with it.
`default_nettype none
module axi_write_mover #(
    parameter ID_WIDTH        = 4,
    parameter ID              = 0,
    parameter MAX_BURST_BYTES = 512,        // power of two, 16..2048; bursts end at multiples of it
    parameter BUFFER_BYTES    = 2048,       // power of two, at least MAX_BURST_BYTES
    parameter LENGTH_WIDTH    = 20
) (
    input  wire                    clk,
    input  wire                    rst,

    // Scatter commands: each takes exactly cmd_length bytes of the stream.
    input  wire [63:0]             cmd_addr,
    input  wire [LENGTH_WIDTH-1:0] cmd_length,
    input  wire                    cmd_valid,
    output wire                    cmd_ready,

    input  wire [63:0]             s_axis_tdata,
    input  wire [7:0]              s_axis_tkeep,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    input  wire                    s_axis_tlast,

    output wire [ID_WIDTH-1:0]     m_axi_awid,
    output wire [63:0]             m_axi_awaddr,
    output wire [7:0]              m_axi_awlen,
    output wire [2:0]              m_axi_awsize,
    output wire [1:0]              m_axi_awburst,
    output wire                    m_axi_awvalid,
    input  wire                    m_axi_awready,
    output wire [63:0]             m_axi_wdata,
    output wire [7:0]              m_axi_wstrb,
    output wire                    m_axi_wlast,
    output wire                    m_axi_wvalid,
    input  wire                    m_axi_wready,
    input  wire [ID_WIDTH-1:0]     m_axi_bid,
    input  wire [1:0]              m_axi_bresp,
    input  wire                    m_axi_bvalid,
    output wire                    m_axi_bready,

    output wire                    done_valid,     // the last response of the oldest open command has come
    output wire                    done_error,     // a bus error, or the packet was shorter than the command
    output wire                    busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || cmd_valid || busy),
        .gated(clk_gated)
    );

    localparam OFFSET_WIDTH = $clog2(MAX_BURST_BYTES);
    localparam BUFFER_BEATS = BUFFER_BYTES / 8;
    localparam BURSTS       = 16;                           // bursts waiting, and as many outstanding

    initial begin
        if (MAX_BURST_BYTES < 16 || MAX_BURST_BYTES > 2048 || MAX_BURST_BYTES != (1 << OFFSET_WIDTH)) begin
            $display("ERROR: axi_write_mover MAX_BURST_BYTES must be a power of two, 16..2048 (%m)");
            $finish;
        end
        if (BUFFER_BYTES < MAX_BURST_BYTES || BUFFER_BEATS != (1 << $clog2(BUFFER_BEATS))) begin
            $display("ERROR: axi_write_mover BUFFER_BYTES must be a power of two that holds a burst (%m)");
            $finish;
        end
        if (LENGTH_WIDTH < 13) begin
            $display("ERROR: axi_write_mover LENGTH_WIDTH must be at least 13 (%m)");
            $finish;
        end
    end

    // ---- open command and residue ---------------------------------------------------------------------
    reg                    active_reg;
    reg [63:0]             addr_reg;        // next byte to write
    reg [LENGTH_WIDTH-1:0] remaining_reg;
    reg [63:0]             burst_addr_reg;  // first byte of the open burst
    reg [7:0]              burst_beats_reg; // beats of the open burst already in the buffer

    reg [63:0]             residue_reg;     // bytes beyond the count are zero
    reg [2:0]              residue_bytes_reg;
    reg                    residue_last_reg;

    function [3:0] count_bytes(input [7:0] keep);           // keep is contiguous from lane 0
        integer i;
        begin
            count_bytes = 4'd0;
            for (i = 0; i < 8; i = i + 1)
                if (keep[i]) count_bytes = i[3:0] + 4'd1;
        end
    endfunction


    function [7:0] strobe(input [3:0] bytes, input [2:0] lane);
        integer i;
        for (i = 0; i < 8; i = i + 1)
            strobe[i] = i[3:0] >= {1'b0, lane} && i[4:0] < {1'b0, bytes} + {2'b00, lane};
    endfunction

    wire [3:0]   lane_room   = 4'd8 - {1'b0, addr_reg[2:0]};
    wire         remaining_small = remaining_reg < {{(LENGTH_WIDTH-4){1'b0}}, lane_room};
    wire [3:0]   want        = remaining_small ? remaining_reg[3:0] : lane_room;
    wire         command_null = remaining_reg == {LENGTH_WIDTH{1'b0}};

    wire [3:0]   held        = {1'b0, residue_bytes_reg};
    wire         from_input  = held < want && !residue_last_reg && !command_null;
    wire [3:0]   input_bytes = count_bytes(s_axis_tkeep);
    wire [4:0]   available   = {1'b0, held} + (from_input ? {1'b0, input_bytes} : 5'd0);
    wire         packet_ends = from_input ? s_axis_tlast : residue_last_reg;
    wire         enough      = available >= {1'b0, want};
    wire [3:0]   used        = enough ? want : available[3:0];
    wire [4:0]   left        = available - {1'b0, used};
    reg  [127:0] joined;
    reg  [63:0]  placed;                                    // what leaves, in the lanes of its address
    /* verilator lint_off UNUSEDSIGNAL */                   // at most 7 bytes stay behind
    reg  [127:0] joined_left;
    /* verilator lint_on UNUSEDSIGNAL */

    // whole aligned beats, which are nearly all, come first: simulators shift wide vectors bit by bit
    always @* begin
        if (held == 4'd0 && used[3]) begin
            joined      = {64'd0, from_input ? s_axis_tdata : 64'd0};
            joined_left = 128'd0;
            placed      = joined[63:0];
        end else begin
            joined = {64'd0, residue_reg};
            if (from_input) joined = joined | ({64'd0, s_axis_tdata & ~({64{1'b1}} << {input_bytes, 3'd0})} << {held, 3'd0});
            joined_left = joined >> {used, 3'd0};
            placed      = joined[63:0] << {addr_reg[2:0], 3'd0};
        end
    end

    wire         packet_done   = packet_ends && left == 5'd0 && !command_null;
    wire [LENGTH_WIDTH-1:0] remaining_next = remaining_reg - {{(LENGTH_WIDTH-4){1'b0}}, used};
    wire         command_short = packet_done && remaining_next != {LENGTH_WIDTH{1'b0}};
    wire         command_ends  = command_null || command_short || remaining_next == {LENGTH_WIDTH{1'b0}};

    wire         data_ready, burst_ready;
    wire         step       = active_reg && data_ready && burst_ready && (!from_input || s_axis_tvalid);
    wire         emit       = step && !command_null && (enough || packet_ends);
    wire         close      = step && (command_null || emit && (command_ends || boundary));
    wire [63:0]  addr_next  = addr_reg + {60'd0, used};
    wire         boundary   = addr_next[OFFSET_WIDTH-1:0] == {OFFSET_WIDTH{1'b0}};
    wire         finish     = close && command_ends;

    assign cmd_ready     = !active_reg || finish;
    assign s_axis_tready = active_reg && data_ready && burst_ready && from_input;

    // ---- buffer of beats, queue of complete bursts -----------------------------------------------------
    wire        burst_valid, burst_pop;
    wire [63:0] head_addr;
    wire [7:0]  head_len;
    wire        head_null, head_command_end, head_short;
    wire [4:0]  burst_count;
    wire [$clog2(BUFFER_BEATS):0] data_count;

    wire        w_data_valid, w_data_pop;

    sync_fifo #(.DATA_WIDTH(64 + 8), .DEPTH(BUFFER_BEATS)) buffer (
        .clk(clk_gated), .rst(rst),
        .wr_data({placed, strobe(used, addr_reg[2:0])}),
        .wr_valid(emit), .wr_ready(data_ready),
        .rd_data({m_axi_wdata, m_axi_wstrb}),
        .rd_valid(w_data_valid), .rd_ready(w_data_pop), .count(data_count));

    sync_fifo #(.DATA_WIDTH(64 + 8 + 3), .DEPTH(BURSTS)) burst_queue (
        .clk(clk_gated), .rst(rst),
        .wr_data({burst_addr_reg, burst_beats_reg, command_null, command_ends, command_short}),
        .wr_valid(close), .wr_ready(burst_ready),
        .rd_data({head_addr, head_len, head_null, head_command_end, head_short}),
        .rd_valid(burst_valid), .rd_ready(burst_pop), .count(burst_count));

    // ---- AW; the burst is then open for W and expected on B --------------------------------------------
    wire       w_queue_ready, w_valid;
    wire [7:0] w_len;
    wire [4:0] w_count;
    wire       b_queue_ready, b_valid, b_pop, b_null, b_command_end, b_short;
    wire [4:0] b_count;

    assign m_axi_awid    = ID[ID_WIDTH-1:0];
    assign m_axi_awaddr  = head_addr;
    assign m_axi_awlen   = head_len;
    assign m_axi_awsize  = 3'd3;
    assign m_axi_awburst = 2'b01;
    // room in both queues cannot vanish while awvalid waits: only this burst enters them
    assign m_axi_awvalid = burst_valid && !head_null && w_queue_ready && b_queue_ready;
    assign burst_pop     = burst_valid && w_queue_ready && b_queue_ready && (head_null || m_axi_awready);

    sync_fifo #(.DATA_WIDTH(8), .DEPTH(BURSTS)) w_queue (
        .clk(clk_gated), .rst(rst),
        .wr_data(head_len), .wr_valid(aw_fire && !w_direct), .wr_ready(w_queue_ready),
        .rd_data(w_len), .rd_valid(w_valid), .rd_ready(w_free), .count(w_count));

    sync_fifo #(.DATA_WIDTH(3), .DEPTH(BURSTS)) b_queue (
        .clk(clk_gated), .rst(rst),
        .wr_data({head_null, head_command_end, head_short}), .wr_valid(burst_pop), .wr_ready(b_queue_ready),
        .rd_data({b_null, b_command_end, b_short}), .rd_valid(b_valid), .rd_ready(b_pop), .count(b_count));

    reg       w_active_reg;
    reg [7:0] w_left_reg;                   // beats after this one
    wire      w_fire   = m_axi_wvalid && m_axi_wready;
    wire      w_free   = !w_active_reg || (w_fire && m_axi_wlast);
    wire      aw_fire  = m_axi_awvalid && m_axi_awready;
    wire      w_direct = w_free && w_count == 5'd0;         // data follow their address in the next clock

    assign m_axi_wvalid = w_active_reg && w_data_valid;
    assign m_axi_wlast  = w_left_reg == 8'd0;
    assign w_data_pop   = w_fire;

    reg command_error_reg;

    assign m_axi_bready = b_valid && !b_null;
    assign b_pop        = b_valid && (b_null || m_axi_bvalid);
    assign done_valid   = b_pop && b_command_end;
    assign done_error   = command_error_reg || b_short || (!b_null && m_axi_bresp != 2'b00);

    assign busy = active_reg || burst_count != 5'd0 || w_count != 5'd0 || w_active_reg || b_count != 5'd0
                  || residue_bytes_reg != 3'd0 || data_count != {($clog2(BUFFER_BEATS)+1){1'b0}};

    always @(posedge clk_gated) begin
        if (step && !command_null) begin
            if (emit) begin
                addr_reg          <= addr_next;
                remaining_reg     <= remaining_next;
                residue_reg       <= joined_left[63:0];
                residue_bytes_reg <= left[2:0];
                residue_last_reg  <= packet_ends && !packet_done;
                burst_beats_reg   <= close ? 8'd0 : burst_beats_reg + 8'd1;
                if (close) burst_addr_reg <= addr_next;
            end else begin
                residue_reg       <= joined[63:0];
                residue_bytes_reg <= available[2:0];
                residue_last_reg  <= 1'b0;
            end
        end
        if (finish) active_reg <= 1'b0;
        if (cmd_valid && cmd_ready) begin
            active_reg      <= 1'b1;
            addr_reg        <= cmd_addr;
            burst_addr_reg  <= cmd_addr;
            burst_beats_reg <= 8'd0;
            remaining_reg   <= cmd_length;
        end

        if (w_fire) w_left_reg <= w_left_reg - 8'd1;
        if (w_free) begin
            w_active_reg <= w_valid || (aw_fire && w_direct);
            w_left_reg   <= w_valid ? w_len : head_len;
        end
        if (b_pop)  command_error_reg <= done_error && !done_valid;

        if (rst) begin
            active_reg        <= 1'b0;
            residue_reg       <= 64'd0;
            residue_bytes_reg <= 3'd0;
            residue_last_reg  <= 1'b0;
            w_active_reg      <= 1'b0;
            command_error_reg <= 1'b0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */                   // one ID: responses come in order
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{m_axi_bid, left[4:3], available[4]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
