// Puts packets together in the packet buffer: payload as it arrives, then the header of a segmented send with the
// fields of this segment, then the checksums (82544 SDM 3.5 and 3.6).
//
//   packet in the buffer:  | pad, header ... | payload ...          the payload starts on a word boundary, so the
//                          ^ start word      ^ word boundary        header ends on one
//
// The header is walked from its last byte to its first, one byte a clock: sequence number and identification are then
// advanced for the next segment with a carry.
`default_nettype none
module tx_segmenter #(
    parameter ADDR_WIDTH  = 11,
    parameter START_WIDTH = 77,
    parameter END_WIDTH   = 31
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire [START_WIDTH-1:0] start_record,     // see tx_engine
    input  wire                   start_valid,
    output wire                   start_ready,
    input  wire [END_WIDTH-1:0]   end_record,
    input  wire                   end_valid,
    output wire                   end_ready,

    input  wire [63:0]            s_axis_tdata,
    input  wire [7:0]             s_axis_tkeep,
    input  wire                   s_axis_tvalid,
    output wire                   s_axis_tready,
    input  wire                   s_axis_tlast,
    input  wire                   s_axis_tuser,

    output wire [ADDR_WIDTH-1:0]  ram_addr,
    output wire [63:0]            ram_data,
    output wire [7:0]             ram_strb,
    output wire                   ram_en,
    input  wire [ADDR_WIDTH:0]    release_pointer,  // words before it are free again

    // a packet that may leave
    output wire [ADDR_WIDTH:0]    packet_word,
    output wire [2:0]             packet_lane,
    output wire [15:0]            packet_bytes,
    output wire                   packet_fcs,
    output wire                   packet_multicast,
    output wire                   packet_broadcast,
    output wire [16:0]            packet_tag,       // {insert the VLAN tag, tag}
    output wire                   packet_valid,
    input  wire                   packet_ready,

    output wire                   read_failed,      // pulse: a send was dropped because a read failed
    output wire                   busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || moves),
        .gated(clk_gated)
    );

    localparam [2:0] STATE_START = 3'd0, STATE_HEADER = 3'd1, STATE_HEADER_END = 3'd2, STATE_PAYLOAD = 3'd3,
                     STATE_END = 3'd4, STATE_BUILD = 3'd5, STATE_PATCH = 3'd6, STATE_COMMIT = 3'd7;

    // in a state that waits, nothing happens before what it waits for
    wire moves = state_reg == STATE_START ? start_valid
                 : state_reg == STATE_HEADER || state_reg == STATE_PAYLOAD ? beat || empty_next
                 : state_reg == STATE_HEADER_END || state_reg == STATE_END ? end_valid
                 : state_reg == STATE_COMMIT ? packet_ready : 1'b1;

    // ---- the send
    reg [2:0]  state_reg;
    reg        tso_reg, ip_sum_reg, tu_sum_reg, ipv4_reg, tcp_reg;
    reg [7:0]  hdrlen_reg, ipcss_reg, ipcso_reg, tucss_reg, tucso_reg;
    reg [15:0] ipcse_reg, tucse_reg;
    reg        poisoned_reg;                // a read of this send failed: nothing of it leaves any more
    reg        first_reg;                   // first segment

    // ---- the packet
    reg [ADDR_WIDTH:0] start_word_reg;      // where the next packet begins; one bit more than an address
    reg [ADDR_WIDTH:0] word_reg;            // next payload word
    reg [15:0] length_reg;                  // payload bytes
    reg        failed_reg;
    reg [16:0] tag_reg;
    reg        end_send_reg, last_segment_reg, fcs_reg, legacy_reg;
    reg [7:0]  legacy_cso_reg;
    reg        multicast_reg, broadcast_reg;
    reg [31:0] ip_acc_reg, tu_acc_reg;      // little-endian halves for streamed bytes
    reg [31:0] tu_header_reg;               // big-endian: header bytes
    reg [31:0] ip_header_reg;
    reg [1:0]  patch_reg;

    wire       e_empty, e_drop, e_send, e_last, e_fcs, e_legacy;
    wire [7:0] e_cso;
    wire [16:0] e_tag;
    assign {e_tag, e_empty, e_drop, e_send, e_last, e_fcs, e_legacy, e_cso} = end_record;

    // ---- header store
    reg [63:0] header_mem [0:31];
    reg [4:0]  header_word_reg;
    reg [7:0]  index_reg;                   // byte of the header, walked downwards
    reg        carry_reg;                   // of the fields that are advanced
    integer    i;

    wire [5:0]  header_words = {1'b0, hdrlen_reg[7:3]} + {5'd0, hdrlen_reg[2:0] != 3'd0};
    wire [2:0]  header_lane  = 3'd0 - hdrlen_reg[2:0];     // lane of header byte 0 in the buffer
    wire [63:0] header_data  = header_mem[index_reg[7:3]];
    wire [7:0]  header_byte  = header_data[{index_reg[2:0], 3'd0} +: 8];

    // ---- stream into the buffer
    wire        space      = (word_reg - release_pointer) < {1'b1, {ADDR_WIDTH{1'b0}}};
    wire        discarding = poisoned_reg;
    wire        empty_next = end_valid && e_empty;
    wire        in_payload = state_reg == STATE_PAYLOAD && !empty_next;
    wire        beat       = s_axis_tvalid && s_axis_tready;
    wire [3:0]  beat_bytes = {3'd0, s_axis_tkeep[0]} + {3'd0, s_axis_tkeep[1]} + {3'd0, s_axis_tkeep[2]}
                             + {3'd0, s_axis_tkeep[3]} + {3'd0, s_axis_tkeep[4]} + {3'd0, s_axis_tkeep[5]}
                             + {3'd0, s_axis_tkeep[6]} + {3'd0, s_axis_tkeep[7]};
    reg  [63:0] beat_data;

    always @* begin
        if (s_axis_tkeep == 8'hff) beat_data = s_axis_tdata;
        else beat_data = s_axis_tdata & {{8{s_axis_tkeep[7]}}, {8{s_axis_tkeep[6]}}, {8{s_axis_tkeep[5]}},
                                         {8{s_axis_tkeep[4]}}, {8{s_axis_tkeep[3]}}, {8{s_axis_tkeep[2]}},
                                         {8{s_axis_tkeep[1]}}, {8{s_axis_tkeep[0]}}};
    end

    assign s_axis_tready = (state_reg == STATE_HEADER && !empty_next) || (in_payload && (space || discarding));
    assign start_ready   = state_reg == STATE_START;
    assign end_ready     = state_reg == STATE_HEADER_END || state_reg == STATE_END
                           || (state_reg == STATE_PAYLOAD && empty_next);

    // ---- sums over streamed bytes
    wire [18:0] ip_beat_sum, tu_beat_sum;
    byte_range_sum ip_range (
        .data(beat_data), .offset(length_reg), .first({8'd0, ipcss_reg}),
        .limit(tso_reg || ipcse_reg == 16'd0 ? 16'hffff : ipcse_reg + 16'd1), .sum(ip_beat_sum));
    byte_range_sum tu_range (
        .data(beat_data), .offset(length_reg), .first(tso_reg ? 16'd0 : {8'd0, tucss_reg}),
        .limit(tso_reg || tucse_reg == 16'd0 ? 16'hffff : tucse_reg + 16'd1), .sum(tu_beat_sum));

    function [15:0] fold(input [31:0] value);
        reg [16:0] once;
        begin
            once = {1'b0, value[31:16]} + {1'b0, value[15:0]};
            fold = once[15:0] + {15'd0, once[16]};
        end
    endfunction

    function [15:0] swap(input [15:0] value);
        swap = {value[7:0], value[15:8]};
    endfunction

    // ---- header of this segment
    // (the length and the sums only once the payload is in, so that nothing follows them meanwhile)
    wire [15:0] payload    = state_reg == STATE_PAYLOAD ? 16'd0 : length_reg;
    wire [15:0] total      = payload + (tso_reg ? {8'd0, hdrlen_reg} : 16'd0);
    wire [15:0] ip_length  = total - {8'd0, ipcss_reg} - (ipv4_reg ? 16'd0 : 16'd40);
    wire [15:0] tu_length  = total - {8'd0, tucss_reg};
    wire [7:0]  ip_at      = index_reg - ipcss_reg;
    wire [7:0]  tu_at      = index_reg - tucss_reg;
    wire        in_ip      = index_reg >= ipcss_reg;
    wire        in_tu      = index_reg >= tucss_reg;
    reg  [7:0]  out_byte;                   // in this segment
    reg  [8:0]  next_byte;                  // for the next segment, with carry

    always @* begin
        out_byte  = header_byte;
        next_byte = {1'b0, header_byte};
        if (in_tu && tcp_reg) begin
            case (tu_at)
                8'd7: next_byte = {1'b0, header_byte} + {1'b0, length_reg[7:0]};
                8'd6: next_byte = {1'b0, header_byte} + {1'b0, length_reg[15:8]} + {8'd0, carry_reg};
                8'd5, 8'd4: next_byte = {1'b0, header_byte} + {8'd0, carry_reg};
                // CWR is the first segment's, PSH and FIN the last one's
                8'd13: out_byte = header_byte & {first_reg, 3'b111, last_segment_reg, 2'b11, last_segment_reg};
                default: out_byte = header_byte;
            endcase
        end else if (in_tu) begin
            if (tu_at == 8'd4) out_byte = tu_length[15:8];
            if (tu_at == 8'd5) out_byte = tu_length[7:0];
        end else if (in_ip && ipv4_reg) begin
            case (ip_at)
                8'd2: out_byte  = ip_length[15:8];
                8'd3: out_byte  = ip_length[7:0];
                8'd4: next_byte = {1'b0, header_byte} + {8'd0, carry_reg};
                8'd5: next_byte = {1'b0, header_byte} + 9'd1;
                default: out_byte = header_byte;
            endcase
        end else if (in_ip) begin
            if (ip_at == 8'd4) out_byte = ip_length[15:8];
            if (ip_at == 8'd5) out_byte = ip_length[7:0];
        end
    end

    // ---- checksums: the value at the offset as big-endian, complemented
    wire [15:0] ip_streamed = fold(state_reg == STATE_PATCH ? ip_acc_reg : 32'd0);
    wire [15:0] tu_streamed = fold(state_reg == STATE_PATCH ? tu_acc_reg : 32'd0);
    wire [15:0] tu_payload  = hdrlen_reg[0] != tucss_reg[0] ? tu_streamed : swap(tu_streamed);
    wire [15:0] ip_total    = tso_reg ? fold(ip_header_reg) : ipcss_reg[0] ? ip_streamed : swap(ip_streamed);
    wire [15:0] tu_tso      = fold(tu_header_reg + {16'd0, tu_payload} + {16'd0, tu_length});
    wire [15:0] tu_total    = tso_reg ? tu_tso : tucss_reg[0] ? tu_streamed : swap(tu_streamed);
    wire [15:0] ip_checksum = ~ip_total;
    // UDP sends no zero: it would mean "no checksum" (RFC 768)
    wire [15:0] tu_checksum = tu_total == 16'hffff && !tcp_reg ? 16'hffff : ~tu_total;
    wire [7:0]  tu_offset   = legacy_reg ? legacy_cso_reg : tucso_reg;
    wire        ip_insert   = ip_sum_reg && {8'd0, ipcso_reg} + 16'd1 < total;
    wire        tu_insert   = (legacy_reg ? {8'd0, tucss_reg} < total : tu_sum_reg) && {8'd0, tu_offset} + 16'd1 < total;

    // ---- write port of the buffer
    wire [8:0]  patch_offset = {1'b0, patch_reg[1] ? tu_offset : ipcso_reg} + {8'd0, patch_reg[0]};
    wire [15:0] patch_value  = patch_reg[1] ? tu_checksum : ip_checksum;
    wire        patch_insert = patch_reg[1] ? tu_insert : ip_insert;
    wire [8:0]  byte_offset  = state_reg == STATE_BUILD ? {1'b0, index_reg} : patch_offset;
    wire [8:0]  byte_place   = byte_offset + (tso_reg ? {6'd0, header_lane} : 9'd0);
    wire [7:0]  byte_value   = state_reg == STATE_BUILD ? out_byte : patch_reg[0] ? patch_value[7:0] : patch_value[15:8];
    /* verilator lint_off UNUSEDSIGNAL */   // the wrap bit
    wire [ADDR_WIDTH:0] byte_word = start_word_reg + {{(ADDR_WIDTH-5){1'b0}}, byte_place[8:3]};
    /* verilator lint_on UNUSEDSIGNAL */

    assign ram_addr = in_payload ? word_reg[ADDR_WIDTH-1:0] : byte_word[ADDR_WIDTH-1:0];
    assign ram_data = in_payload ? beat_data : {8{byte_value}};
    assign ram_strb = in_payload ? 8'hff : 8'd1 << byte_place[2:0];
    assign ram_en   = (in_payload && beat && !discarding) || state_reg == STATE_BUILD
                      || (state_reg == STATE_PATCH && patch_insert);

    assign packet_word      = start_word_reg;
    assign packet_lane      = tso_reg ? header_lane : 3'd0;
    assign packet_bytes     = total;
    assign packet_fcs       = fcs_reg;
    assign packet_multicast = multicast_reg;
    assign packet_broadcast = broadcast_reg;
    assign packet_tag       = tag_reg;
    assign packet_valid     = state_reg == STATE_COMMIT;

    wire error_now = !poisoned_reg && ((state_reg == STATE_HEADER_END || state_reg == STATE_END) && end_valid && failed_reg);
    assign read_failed = error_now;
    assign busy = state_reg != STATE_START || start_valid;

    always @(posedge clk_gated) begin
        case (state_reg)                    // the most frequent first: simulators compare one by one
            STATE_PAYLOAD:
                if (empty_next) begin
                    state_reg <= e_send ? STATE_START : STATE_PAYLOAD;
                end else if (beat) begin
                    word_reg   <= word_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
                    length_reg <= length_reg + {12'd0, beat_bytes};
                    ip_acc_reg <= ip_acc_reg + {13'd0, ip_beat_sum};
                    tu_acc_reg <= tu_acc_reg + {13'd0, tu_beat_sum};
                    if (!tso_reg && length_reg == 16'd0) begin
                        multicast_reg <= s_axis_tdata[0] && s_axis_tdata[47:0] != {48{1'b1}};
                        broadcast_reg <= s_axis_tdata[47:0] == {48{1'b1}};
                    end
                    if (s_axis_tlast) begin
                        failed_reg <= s_axis_tuser;
                        state_reg  <= STATE_END;
                    end
                end
            STATE_START:
                if (start_valid) begin
                    {tso_reg, ip_sum_reg, tu_sum_reg, ipv4_reg, tcp_reg, hdrlen_reg,
                     tucse_reg, tucso_reg, tucss_reg, ipcse_reg, ipcso_reg, ipcss_reg} <= start_record;
                    state_reg       <= start_record[START_WIDTH-1] ? STATE_HEADER : STATE_PAYLOAD;
                    poisoned_reg    <= 1'b0;
                    failed_reg      <= 1'b0;
                    first_reg       <= 1'b1;
                    header_word_reg <= 5'd0;
                    word_reg        <= start_word_reg;
                    length_reg      <= 16'd0;
                    ip_acc_reg      <= 32'd0;
                    tu_acc_reg      <= 32'd0;
                end
            STATE_HEADER: begin
                if (empty_next) state_reg <= STATE_PAYLOAD;         // the send ended before its header had a byte
                else if (beat) begin
                    header_mem[header_word_reg] <= s_axis_tdata;
                    header_word_reg <= header_word_reg + 5'd1;
                    if (header_word_reg == 5'd0) begin
                        multicast_reg <= s_axis_tdata[0] && s_axis_tdata[47:0] != {48{1'b1}};
                        broadcast_reg <= s_axis_tdata[47:0] == {48{1'b1}};
                    end
                    if (s_axis_tlast) begin
                        failed_reg <= s_axis_tuser;
                        state_reg  <= STATE_HEADER_END;
                    end
                end
            end
            STATE_HEADER_END: begin
                word_reg <= start_word_reg + {{(ADDR_WIDTH-5){1'b0}}, header_words};
                if (end_valid) begin
                    if (failed_reg) poisoned_reg <= 1'b1;
                    failed_reg <= 1'b0;
                    state_reg  <= e_send ? STATE_START : STATE_PAYLOAD;
                end
            end
            STATE_END: begin
                index_reg     <= hdrlen_reg - 8'd1;
                carry_reg     <= 1'b0;
                ip_header_reg <= 32'd0;
                tu_header_reg <= 32'd0;
                patch_reg     <= 2'd0;
                if (end_valid) begin
                    end_send_reg     <= e_send;
                    last_segment_reg <= e_last;
                    fcs_reg          <= e_fcs;
                    tag_reg          <= e_tag;
                    legacy_reg       <= e_legacy;
                    legacy_cso_reg   <= e_cso;
                    failed_reg       <= 1'b0;
                    if (failed_reg || poisoned_reg || e_drop) begin
                        poisoned_reg <= poisoned_reg || failed_reg;
                        state_reg    <= e_send ? STATE_START : STATE_PAYLOAD;
                        word_reg     <= start_word_reg + {{(ADDR_WIDTH-5){1'b0}}, tso_reg ? header_words : 6'd0};
                        length_reg   <= 16'd0;
                        ip_acc_reg   <= 32'd0;
                        tu_acc_reg   <= 32'd0;
                    end else begin
                        state_reg    <= tso_reg ? STATE_BUILD : STATE_PATCH;
                    end
                end
            end
            STATE_BUILD: begin
                for (i = 0; i < 8; i = i + 1)
                    if (index_reg[2:0] == i[2:0]) header_mem[index_reg[7:3]][8*i +: 8] <= next_byte[7:0];
                index_reg <= index_reg - 8'd1;
                carry_reg <= next_byte[8];
                if (in_ip && (ipcse_reg == 16'd0 || {8'd0, index_reg} <= ipcse_reg))
                    ip_header_reg <= ip_header_reg + (ip_at[0] ? {24'd0, out_byte} : {16'd0, out_byte, 8'd0});
                if (in_tu)
                    tu_header_reg <= tu_header_reg + (tu_at[0] ? {24'd0, out_byte} : {16'd0, out_byte, 8'd0});
                if (index_reg == 8'd0) state_reg <= STATE_PATCH;
            end
            STATE_PATCH: begin
                patch_reg <= patch_reg + 2'd1;
                if (patch_reg == 2'd3) state_reg <= STATE_COMMIT;
            end
            default:
                if (packet_ready) begin
                    start_word_reg <= word_reg;
                    word_reg       <= word_reg + {{(ADDR_WIDTH-5){1'b0}}, tso_reg ? header_words : 6'd0};
                    length_reg     <= 16'd0;
                    ip_acc_reg     <= 32'd0;
                    tu_acc_reg     <= 32'd0;
                    first_reg      <= 1'b0;
                    state_reg      <= end_send_reg ? STATE_START : STATE_PAYLOAD;
                end
        endcase
        if (rst) begin
            state_reg      <= STATE_START;
            start_word_reg <= {(ADDR_WIDTH+1){1'b0}};
            word_reg       <= {(ADDR_WIDTH+1){1'b0}};
        end
    end
endmodule
`default_nettype wire
