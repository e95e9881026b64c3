// Serves the host's requests: memory BARs on registers and on card memory, an I/O BAR on registers; all else is refused.
//
// One request at a time, in the order of arrival; but while a non-posted request waits to be answered, for the card's
// posted writes or for the link, posted ones are served: they must not depend on what the card can send (PCI Express
// Base Specification, transaction ordering). A completion's data is fetched as a whole before its header goes out, so
// that an error of the card is answered with completer abort and not with bad data. Reads are completed in pieces that
// end at maximum payload boundaries, which every read completion boundary divides.
`default_nettype none
`include "card.vh"
module pci_target #(
    parameter ID_WIDTH = 4
) (
    input  wire                clk,
    input  wire                rst,

    // What each BAR leads to, two bits a BAR: 0 nothing, 1 registers (AXI4-Lite; of another BAR than 0 with bit 17 set),
    // 2 card memory (AXI4), 3 I/O window on the registers; and log2 of each BAR's size in bytes, eight bits a BAR
    input  wire [11:0]         bar_targets,
    input  wire [47:0]         bar_sizes,
    input  wire [1:0]          max_payload,             // 128 << max_payload bytes, at most 512 are used

    input  wire                hdr_valid,
    output wire                hdr_ready,
    input  wire [63:2]         hdr_address,
    input  wire [10:0]         hdr_dwords,
    input  wire [3:0]          hdr_type,
    input  wire [15:0]         hdr_requester,
    input  wire [7:0]          hdr_tag,
    input  wire [7:0]          hdr_function,
    input  wire [2:0]          hdr_bar,
    input  wire [2:0]          hdr_tc,
    input  wire [2:0]          hdr_attr,
    input  wire [3:0]          hdr_first_be,
    input  wire [3:0]          hdr_last_be,
    input  wire                hdr_has_payload,
    input  wire [63:0]         payload_data,
    input  wire                payload_valid,
    input  wire                payload_last,
    input  wire                payload_damaged,
    output wire                payload_ready,

    output wire                nonposted_free,          // no non-posted request is being served

    output wire                order_want,              // to the order gate
    input  wire                order_clear,
    output wire [6:0]          cpl_lower_address,
    output wire [12:0]         cpl_byte_count,
    output wire [10:0]         cpl_dwords,
    output wire [2:0]          cpl_status,
    output wire                cpl_locked,
    output wire [15:0]         cpl_requester,
    output wire [7:0]          cpl_tag,
    output wire [7:0]          cpl_function,
    output wire [2:0]          cpl_tc,
    output wire [2:0]          cpl_attr,
    output wire                cpl_valid,
    input  wire                cpl_ready,
    output wire [63:0]         cpl_data,
    input  wire                cpl_data_ready,

    output wire [17:0]         m_axil_awaddr,
    output wire                m_axil_awvalid,
    input  wire                m_axil_awready,
    output wire [31:0]         m_axil_wdata,
    output wire [3:0]          m_axil_wstrb,
    output wire                m_axil_wvalid,
    input  wire                m_axil_wready,
    input  wire [1:0]          m_axil_bresp,
    input  wire                m_axil_bvalid,
    output wire                m_axil_bready,
    output wire [17:0]         m_axil_araddr,
    output wire                m_axil_arvalid,
    input  wire                m_axil_arready,
    input  wire [31:0]         m_axil_rdata,
    input  wire [1:0]          m_axil_rresp,
    input  wire                m_axil_rvalid,
    output wire                m_axil_rready,

    output wire [ID_WIDTH-1:0] m_axi_awid,
    output wire [63:0]         m_axi_awaddr,
    output wire [7:0]          m_axi_awlen,
    output wire [2:0]          m_axi_awsize,
    output wire [1:0]          m_axi_awburst,
    output wire                m_axi_awvalid,
    input  wire                m_axi_awready,
    output wire [63:0]         m_axi_wdata,
    output wire [7:0]          m_axi_wstrb,
    output wire                m_axi_wlast,
    output wire                m_axi_wvalid,
    input  wire                m_axi_wready,
    input  wire [ID_WIDTH-1:0] m_axi_bid,
    input  wire [1:0]          m_axi_bresp,
    input  wire                m_axi_bvalid,
    output wire                m_axi_bready,
    output wire [ID_WIDTH-1:0] m_axi_arid,
    output wire [63:0]         m_axi_araddr,
    output wire [7:0]          m_axi_arlen,
    output wire [2:0]          m_axi_arsize,
    output wire [1:0]          m_axi_arburst,
    output wire                m_axi_arvalid,
    input  wire                m_axi_arready,
    input  wire [ID_WIDTH-1:0] m_axi_rid,
    input  wire [63:0]         m_axi_rdata,
    input  wire [1:0]          m_axi_rresp,
    input  wire                m_axi_rlast,
    input  wire                m_axi_rvalid,
    output wire                m_axi_rready,

    output reg                 unsupported_request,     // events, one clock each
    output reg                 completer_abort,
    output reg                 posted_drop,
    output reg                 damaged,
    output wire                busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy || unsupported_request || completer_abort || posted_drop || damaged),
        .gated(clk_gated)
    );

    // PG213, request types
    localparam [3:0] MEMORY_READ        = 4'b0000;
    localparam [3:0] MEMORY_WRITE       = 4'b0001;
    localparam [3:0] IO_READ            = 4'b0010;
    localparam [3:0] IO_WRITE           = 4'b0011;
    localparam [3:0] MEMORY_READ_LOCKED = 4'b0111;
    localparam [3:0] FIRST_MESSAGE      = 4'b1100;      // messages are posted, from here on

    localparam [1:0] TARGET_REGISTERS = 2'd1;
    localparam [1:0] TARGET_MEMORY    = 2'd2;
    localparam [1:0] TARGET_IO        = 2'd3;           // +0 IOADDR, +4 IODATA: the register that IOADDR names

    localparam [2:0] STATUS_SUCCESS             = 3'b000;
    localparam [2:0] STATUS_UNSUPPORTED_REQUEST = 3'b001;
    localparam [2:0] STATUS_COMPLETER_ABORT     = 3'b100;

    localparam [3:0] STATE_IDLE           = 4'd0;
    localparam [3:0] STATE_DRAIN          = 4'd1;       // of a payload that goes nowhere
    localparam [3:0] STATE_WRITE_ADDRESS  = 4'd2;       // card memory
    localparam [3:0] STATE_WRITE_DATA     = 4'd3;
    localparam [3:0] STATE_WRITE_RESPONSE = 4'd4;
    localparam [3:0] STATE_READ_ADDRESS   = 4'd5;
    localparam [3:0] STATE_READ_DATA      = 4'd6;
    localparam [3:0] STATE_REGISTER_WRITE = 4'd7;       // registers
    localparam [3:0] STATE_REGISTER_B     = 4'd8;
    localparam [3:0] STATE_REGISTER_READ  = 4'd9;
    localparam [3:0] STATE_REGISTER_R     = 4'd10;
    localparam [3:0] STATE_IO_ADDRESS     = 4'd11;

    // What becomes of the non-posted request
    localparam [2:0] ANSWER_NONE     = 3'd0;            // there is none
    localparam [2:0] ANSWER_FETCH    = 3'd1;            // it is being served
    localparam [2:0] ANSWER_ORDER    = 3'd2;            // waits for the card's posted writes
    localparam [2:0] ANSWER_COMPLETE = 3'd3;
    localparam [2:0] ANSWER_MORE     = 3'd4;            // the read has another piece

    reg [3:0] state_reg;
    reg [2:0] answer_reg;

    // ---- Decoding of the header at hand ----

    reg [1:0] bar_target;
    reg [7:0] bar_size;
    always @* case (hdr_bar)
        3'd0:    {bar_target, bar_size} = {bar_targets[1:0],   bar_sizes[7:0]};
        3'd1:    {bar_target, bar_size} = {bar_targets[3:2],   bar_sizes[15:8]};
        3'd2:    {bar_target, bar_size} = {bar_targets[5:4],   bar_sizes[23:16]};
        3'd3:    {bar_target, bar_size} = {bar_targets[7:6],   bar_sizes[31:24]};
        3'd4:    {bar_target, bar_size} = {bar_targets[9:8],   bar_sizes[39:32]};
        3'd5:    {bar_target, bar_size} = {bar_targets[11:10], bar_sizes[47:40]};
        default: {bar_target, bar_size} = {2'd0, 8'd0};
    endcase

    wire        is_read   = hdr_type == MEMORY_READ;
    wire        is_write  = hdr_type == MEMORY_WRITE;
    wire        is_posted = is_write || hdr_type >= FIRST_MESSAGE;
    wire        to_registers = bar_target == TARGET_REGISTERS;
    wire        to_memory    = bar_target == TARGET_MEMORY;
    wire        single    = hdr_dwords == 11'd1;
    wire        is_io     = bar_target == TARGET_IO && single && (hdr_type == IO_READ || hdr_type == IO_WRITE);
    wire        io_read   = hdr_type == IO_READ;
    wire        io_known  = io_address_reg[31:17] == 15'd0;     // 128 KiB of registers
    wire        flush     = is_read && single && hdr_first_be == 4'd0;  // zero-length read: answered, not performed
    wire        abort     = (is_read && to_registers) || is_io;         // the BAR is right, the access is not
    wire [63:0] offset    = {hdr_address, 2'b00} & ~({64{1'b1}} << bar_size);

    // Bytes the completions will count, PCIe Base Specification, byte count and lower address (table of first BE)
    wire [1:0] first_skip = (hdr_first_be[0] || flush) ? 2'd0 : hdr_first_be[1] ? 2'd1 : hdr_first_be[2] ? 2'd2 : 2'd3;
    wire [3:1] final_be   = single ? hdr_first_be[3:1] : hdr_last_be[3:1];
    wire [1:0] last_skip  = final_be[3] ? 2'd0 : final_be[2] ? 2'd1 : final_be[1] ? 2'd2 : 2'd3;
    wire [12:0] byte_count = flush ? 13'd1 : {hdr_dwords, 2'b00} - {11'd0, first_skip} - {11'd0, last_skip};

    // ---- The request being served ----

    reg [31:0] io_address_reg;
    reg        second_reg;                      // registers of another BAR than 0
    reg [3:0]  first_be_reg, last_be_reg;
    reg        single_reg;
    reg        posted_reg;
    reg [63:2] offset_reg;                      // of what is still to write, or of the register
    reg [10:0] left_reg;                        // dwords still to write
    reg [31:0] write_data_reg;                  // of a register
    reg        aw_pending_reg, w_pending_reg;

    // ---- The non-posted request, until it is answered: posted ones leave it alone ----

    reg        io_reg, read_reg, locked_reg, flush_reg;
    reg [15:0] requester_reg;
    reg [7:0]  tag_reg, function_reg;
    reg [2:0]  tc_reg, attr_reg;
    reg [63:2] read_offset_reg;                 // of what is still to read
    reg [10:0] read_left_reg;                   // dwords still to read
    reg [12:0] bytes_left_reg;
    reg [1:0]  first_skip_reg;                  // 0 once the first piece is done
    reg [2:0]  status_reg;
    reg        registers_reg;                   // the data is that of a register
    reg [31:0] register_reg;

    assign nonposted_free = answer_reg == ANSWER_NONE;
    assign hdr_ready      = state_reg == STATE_IDLE && answer_reg != ANSWER_MORE && (is_posted || nonposted_free);

    wire [63:2] first_offset = is_io ? {47'd0, io_address_reg[16:2]} : offset[63:2];

    // ---- Writes to card memory ----

    reg        begin_reg;                       // next is the first beat of the request
    reg [6:0]  burst_left_reg;
    reg [31:0] carry_reg;
    reg        refused_reg;                     // an earlier burst of it: counted already
    reg        damaged_reg;                     // the block gave up the payload: no more of it is written

    wire       shift       = offset_reg[2] && begin_reg;        // only the first beat can lack its lower dword
    reg        shifted_reg;                                     // dwords of the payload sit one lane off
    wire [6:0] burst_room  = {1'b0, ~offset_reg[8:3]} + 7'd1;
    wire [10:0] beats_left = (left_reg + {10'd0, shift} + 11'd1) >> 1;
    wire [6:0] burst_beats = beats_left > {4'd0, burst_room} ? burst_room : beats_left[6:0];

    // Lanes of the beat at hand: carry_reg holds the lower one when the payload is shifted.
    wire low_used  = !shift;
    wire high_used = shift || left_reg >= 11'd2;
    wire take_word = shifted_reg ? high_used : 1'b1;
    wire [3:0] edge_be    = single_reg ? first_be_reg : last_be_reg;
    wire       low_final  = low_used && left_reg == 11'd1;
    wire       high_final = shift ? left_reg == 11'd1 : left_reg == 11'd2;
    wire [3:0] low_be  = !low_used  ? 4'h0 : low_final  ? edge_be : begin_reg ? first_be_reg : 4'hF;
    wire [3:0] high_be = !high_used ? 4'h0 : high_final ? edge_be : (begin_reg && shift) ? first_be_reg : 4'hF;
    wire [10:0] beat_dwords = (shift || left_reg == 11'd1) ? 11'd1 : 11'd2;

    wire writing = state_reg == STATE_WRITE_DATA;
    wire w_fire  = m_axi_wvalid && m_axi_wready;

    assign m_axi_awid    = {ID_WIDTH{1'b0}};
    assign m_axi_awaddr  = `CARD_MEMORY_BASE | {offset_reg[63:3], 3'd0};
    assign m_axi_awlen   = {1'b0, burst_beats} - 8'd1;
    assign m_axi_awsize  = 3'd3;
    assign m_axi_awburst = 2'b01;
    assign m_axi_awvalid = state_reg == STATE_WRITE_ADDRESS;
    assign m_axi_wvalid  = writing && (!take_word || payload_valid);
    assign m_axi_wdata   = shifted_reg ? {take_word ? payload_data[31:0] : 32'd0, carry_reg} : payload_data;
    assign m_axi_wstrb   = (damaged_reg || (take_word && payload_damaged)) ? 8'h00 : {high_be, low_be};
    assign m_axi_wlast   = burst_left_reg == 7'd1;
    assign m_axi_bready  = state_reg == STATE_WRITE_RESPONSE;

    assign payload_ready = (writing && take_word && m_axi_wready) || state_reg == STATE_DRAIN || state_reg == STATE_IO_ADDRESS ||
        (state_reg == STATE_REGISTER_WRITE && !aw_pending_reg && !w_pending_reg);

    // ---- Reads of card memory: one piece at a time into a buffer ----

    reg [31:0] low_mem  [0:63];
    reg [31:0] high_mem [0:63];
    reg [6:0]  fill_reg;
    reg        bad_reg;
    reg [5:0]  drain_reg;

    integer i;
    initial for (i = 0; i < 64; i = i + 1) begin
        low_mem[i]  = 32'd0;
        high_mem[i] = 32'd0;
    end

    wire [7:0] block_dwords = max_payload == 2'd0 ? 8'd32 : max_payload == 2'd1 ? 8'd64 : 8'd128;
    wire [7:0] block_room   = block_dwords - ({1'b0, read_offset_reg[8:2]} & (block_dwords - 8'd1));
    wire       piece_last   = read_left_reg <= {3'd0, block_room};
    wire [7:0] piece        = (registers_reg || flush_reg) ? 8'd1 : piece_last ? read_left_reg[7:0] : block_room;
    wire [7:0] piece_beats  = (piece + {7'd0, read_offset_reg[2]} + 8'd1) >> 1;

    assign m_axi_arid    = {ID_WIDTH{1'b0}};
    assign m_axi_araddr  = `CARD_MEMORY_BASE | {read_offset_reg, 2'b00};
    assign m_axi_arlen   = piece_beats - 8'd1;
    assign m_axi_arsize  = 3'd3;
    assign m_axi_arburst = 2'b01;
    assign m_axi_arvalid = state_reg == STATE_READ_ADDRESS;
    assign m_axi_rready  = state_reg == STATE_READ_DATA;

    wire r_fire = m_axi_rvalid && m_axi_rready;
    always @(posedge clk_gated) if (r_fire) begin
        low_mem[fill_reg[5:0]]  <= m_axi_rdata[31:0];
        high_mem[fill_reg[5:0]] <= m_axi_rdata[63:32];
    end

    // ---- Registers ----

    assign m_axil_awaddr  = {second_reg, offset_reg[16:2], 2'b00};
    assign m_axil_awvalid = aw_pending_reg;
    assign m_axil_wdata   = write_data_reg;
    assign m_axil_wstrb   = first_be_reg;
    assign m_axil_wvalid  = w_pending_reg;
    assign m_axil_bready  = state_reg == STATE_REGISTER_B;
    assign m_axil_araddr  = {second_reg, offset_reg[16:2], 2'b00};
    assign m_axil_arvalid = state_reg == STATE_REGISTER_READ;
    assign m_axil_rready  = state_reg == STATE_REGISTER_R;

    // ---- Completions ----

    wire success = status_reg == STATUS_SUCCESS;

    assign order_want        = answer_reg == ANSWER_ORDER;
    assign cpl_valid         = answer_reg == ANSWER_COMPLETE;
    assign cpl_lower_address = read_reg && !io_reg ? {read_offset_reg[6:2], first_skip_reg} : 7'd0;
    assign cpl_byte_count    = read_reg && !io_reg ? bytes_left_reg : 13'd4;
    assign cpl_dwords        = (success && read_reg) ? {3'd0, piece} : 11'd0;
    assign cpl_status        = status_reg;
    assign cpl_locked        = locked_reg;
    assign cpl_requester     = requester_reg;
    assign cpl_tag           = tag_reg;
    assign cpl_function      = function_reg;
    assign cpl_tc            = tc_reg;
    assign cpl_attr          = attr_reg;

    wire [5:0] drain_next = drain_reg + 6'd1;
    assign cpl_data = flush_reg ? 64'd0 : registers_reg ? {32'd0, register_reg} :
        read_offset_reg[2] ? {low_mem[drain_next], high_mem[drain_reg]} : {high_mem[drain_reg], low_mem[drain_reg]};

    always @(posedge clk_gated) begin
        unsupported_request <= 1'b0;
        completer_abort     <= 1'b0;
        posted_drop         <= 1'b0;
        damaged             <= 1'b0;

        case (answer_reg)
            ANSWER_ORDER: begin
                drain_reg <= 6'd0;
                if (order_clear) answer_reg <= ANSWER_COMPLETE;
            end
            ANSWER_COMPLETE: begin
                if (cpl_data_ready) drain_reg <= drain_next;
                if (cpl_ready) begin
                    read_offset_reg <= read_offset_reg + {54'd0, piece};
                    read_left_reg   <= read_left_reg - {3'd0, piece};
                    bytes_left_reg  <= bytes_left_reg - {3'd0, piece, 2'b00} + {11'd0, first_skip_reg};
                    first_skip_reg  <= 2'd0;
                    answer_reg <= (success && read_reg && read_left_reg != {3'd0, piece}) ? ANSWER_MORE : ANSWER_NONE;
                end
            end
            default: ;
        endcase

        case (state_reg)
            STATE_IDLE: if (answer_reg == ANSWER_MORE) begin
                answer_reg <= ANSWER_FETCH;
                state_reg  <= STATE_READ_ADDRESS;
            end else if (hdr_valid && hdr_ready) begin
                second_reg     <= to_registers && hdr_bar != 3'd0;
                first_be_reg   <= hdr_first_be;
                last_be_reg    <= hdr_last_be;
                single_reg     <= single;
                posted_reg     <= is_posted;
                offset_reg     <= first_offset;
                left_reg       <= hdr_dwords;
                begin_reg      <= 1'b1;
                refused_reg    <= 1'b0;
                damaged_reg    <= 1'b0;
                carry_reg      <= 32'd0;
                shifted_reg    <= offset[2];
                if (!is_posted) begin
                    io_reg          <= is_io;
                    read_reg        <= is_read || (is_io && io_read);
                    locked_reg      <= hdr_type == MEMORY_READ_LOCKED;
                    flush_reg       <= flush;
                    requester_reg   <= hdr_requester;
                    tag_reg         <= hdr_tag;
                    function_reg    <= hdr_function;
                    tc_reg          <= hdr_tc;
                    attr_reg        <= hdr_attr;
                    read_offset_reg <= first_offset;
                    read_left_reg   <= hdr_dwords;
                    bytes_left_reg  <= byte_count;
                    first_skip_reg  <= first_skip;
                    status_reg      <= STATUS_SUCCESS;
                    registers_reg   <= to_registers || is_io;
                    answer_reg      <= ANSWER_FETCH;
                end
                if (is_read && (to_memory || (to_registers && single))) begin
                    if (flush) answer_reg <= ANSWER_ORDER;
                    else       state_reg  <= to_memory ? STATE_READ_ADDRESS : STATE_REGISTER_READ;
                end else if (is_write && to_memory) begin
                    state_reg <= STATE_WRITE_ADDRESS;
                end else if (is_write && to_registers && single) begin
                    state_reg <= STATE_REGISTER_WRITE;
                end else if (is_io && !offset[2]) begin
                    register_reg <= io_address_reg;
                    if (io_read) answer_reg <= ANSWER_ORDER;
                    else         state_reg  <= STATE_IO_ADDRESS;
                end else if (is_io && io_known) begin
                    state_reg <= io_read ? STATE_REGISTER_READ : STATE_REGISTER_WRITE;
                end else begin
                    if (is_posted)  posted_drop         <= 1'b1;
                    else if (abort) completer_abort     <= 1'b1;
                    else            unsupported_request <= 1'b1;
                    if (!is_posted) status_reg <= abort ? STATUS_COMPLETER_ABORT : STATUS_UNSUPPORTED_REQUEST;
                    if (hdr_has_payload) state_reg  <= STATE_DRAIN;
                    else if (!is_posted) answer_reg <= ANSWER_ORDER;
                end
            end
            STATE_DRAIN: if (payload_valid && payload_last) begin
                state_reg <= STATE_IDLE;
                if (!posted_reg) answer_reg <= ANSWER_ORDER;
            end

            STATE_WRITE_ADDRESS: if (m_axi_awready) begin
                burst_left_reg <= burst_beats;
                state_reg      <= STATE_WRITE_DATA;
            end
            STATE_WRITE_DATA: if (w_fire) begin
                if (take_word) carry_reg <= payload_data[63:32];
                if (take_word && payload_damaged && !damaged_reg) begin
                    damaged     <= 1'b1;
                    damaged_reg <= 1'b1;
                end
                begin_reg      <= 1'b0;
                left_reg       <= left_reg - beat_dwords;
                offset_reg     <= {offset_reg[63:3] + 61'd1, 1'b0};
                burst_left_reg <= burst_left_reg - 7'd1;
                if (m_axi_wlast) state_reg <= STATE_WRITE_RESPONSE;
            end
            STATE_WRITE_RESPONSE: if (m_axi_bvalid) begin
                if (m_axi_bresp != 2'b00) begin
                    posted_drop <= !refused_reg;
                    refused_reg <= 1'b1;
                end
                state_reg <= left_reg != 11'd0 ? STATE_WRITE_ADDRESS : STATE_IDLE;
            end

            STATE_READ_ADDRESS: if (m_axi_arready) begin
                fill_reg  <= 7'd0;
                bad_reg   <= 1'b0;
                state_reg <= STATE_READ_DATA;
            end
            STATE_READ_DATA: if (m_axi_rvalid) begin
                fill_reg <= fill_reg + 7'd1;
                bad_reg  <= bad_reg || m_axi_rresp != 2'b00;
                if (m_axi_rlast) begin
                    if (bad_reg || m_axi_rresp != 2'b00) begin
                        status_reg      <= STATUS_COMPLETER_ABORT;
                        completer_abort <= 1'b1;
                    end
                    answer_reg <= ANSWER_ORDER;
                    state_reg  <= STATE_IDLE;
                end
            end

            STATE_REGISTER_WRITE: begin
                if (payload_valid && payload_ready) begin
                    write_data_reg <= payload_data[31:0];
                    damaged        <= payload_damaged;
                    aw_pending_reg <= !payload_damaged;
                    w_pending_reg  <= !payload_damaged;
                    if (payload_damaged) state_reg <= STATE_IDLE;
                    if (payload_damaged && !posted_reg) begin
                        status_reg <= STATUS_COMPLETER_ABORT;
                        answer_reg <= ANSWER_ORDER;
                    end
                end else begin
                    if (m_axil_awready) aw_pending_reg <= 1'b0;
                    if (m_axil_wready)  w_pending_reg  <= 1'b0;
                    if ((aw_pending_reg || w_pending_reg) && (m_axil_awready || !aw_pending_reg) &&
                        (m_axil_wready || !w_pending_reg)) state_reg <= STATE_REGISTER_B;
                end
            end
            STATE_REGISTER_B: if (m_axil_bvalid) begin
                if (m_axil_bresp != 2'b00) begin
                    if (posted_reg) posted_drop     <= 1'b1;
                    else            completer_abort <= 1'b1;
                    if (!posted_reg) status_reg <= STATUS_COMPLETER_ABORT;
                end
                if (!posted_reg) answer_reg <= ANSWER_ORDER;
                state_reg <= STATE_IDLE;
            end
            STATE_IO_ADDRESS: if (payload_valid) begin
                if (payload_damaged) begin
                    damaged    <= 1'b1;
                    status_reg <= STATUS_COMPLETER_ABORT;
                end else begin
                    if (first_be_reg[0]) io_address_reg[7:0]   <= payload_data[7:0];
                    if (first_be_reg[1]) io_address_reg[15:8]  <= payload_data[15:8];
                    if (first_be_reg[2]) io_address_reg[23:16] <= payload_data[23:16];
                    if (first_be_reg[3]) io_address_reg[31:24] <= payload_data[31:24];
                end
                answer_reg <= ANSWER_ORDER;
                state_reg  <= STATE_IDLE;
            end
            STATE_REGISTER_READ: if (m_axil_arready) state_reg <= STATE_REGISTER_R;
            STATE_REGISTER_R: if (m_axil_rvalid) begin
                register_reg <= m_axil_rdata;
                if (m_axil_rresp != 2'b00) begin
                    status_reg      <= STATUS_COMPLETER_ABORT;
                    completer_abort <= 1'b1;
                end
                answer_reg <= ANSWER_ORDER;
                state_reg  <= STATE_IDLE;
            end
            default: state_reg <= STATE_IDLE;
        endcase

        if (rst) begin
            state_reg      <= STATE_IDLE;
            answer_reg     <= ANSWER_NONE;
            io_address_reg <= 32'd0;
            second_reg     <= 1'b0;
            aw_pending_reg <= 1'b0;
            w_pending_reg  <= 1'b0;
            {unsupported_request, completer_abort, posted_drop, damaged} <= 4'd0;
        end
    end

    assign busy = state_reg != STATE_IDLE || answer_reg != ANSWER_NONE || hdr_valid;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, m_axi_bid, m_axi_rid, offset[1:0], fill_reg[6]};
`endif
endmodule
`default_nettype wire
