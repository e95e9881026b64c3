// Turns AXI read bursts of the card into memory reads, several outstanding, and puts their completions in order.
//
// A burst is cut at maximum read request (at most 512 bytes) and 4 KiB. Each piece takes the next slot of a ring
// of TAGS slots of 512 bytes; completions fill the slots in any order, R data leaves in the order of the ring.
// The tag is {generation, slot}; a slot's generation moves on when its request timed out or ended with an error, so that
// a completion that comes late, or the rest of one, is recognized and dropped. A completion must count the bytes that its request still waits for: one that
// is too short, too long or comes twice ends in an error, whatever it claims.
`default_nettype none
module pci_read_engine #(
    parameter ID_WIDTH       = 6,
    parameter TAGS           = 8,               // requests outstanding, a power of two, 2 to 16
    parameter TIMEOUT_CYCLES = 62500            // completion time-out of the oldest request
) (
    input  wire                clk,
    input  wire                rst,

    input  wire                power_on_rst,
    input  wire                discard,                 // nothing asked for is waited for any longer
    input  wire                renew_tags,              // what was asked for so far comes late

    input  wire                bus_master_enable,
    input  wire [2:0]          max_read_request,        // 128 << max_read_request bytes, at most 512 are used
    output reg                 dropped,                 // events, one clock each
    output reg                 completion_error,
    output reg                 completion_timeout,
    output reg                 unexpected_completion,
    output reg                 poisoned,

    input  wire [ID_WIDTH-1:0] s_axi_arid,
    input  wire [63:0]         s_axi_araddr,
    input  wire [7:0]          s_axi_arlen,
    input  wire [2:0]          s_axi_arsize,
    input  wire                s_axi_arvalid,
    output wire                s_axi_arready,
    output reg  [ID_WIDTH-1:0] s_axi_rid,
    output wire [63:0]         s_axi_rdata,
    output reg  [1:0]          s_axi_rresp,
    output reg                 s_axi_rlast,
    output reg                 s_axi_rvalid,
    input  wire                s_axi_rready,

    output reg  [63:2]         req_address,
    output reg  [10:0]         req_dwords,
    output reg  [3:0]          req_first_be,
    output reg  [3:0]          req_last_be,
    output reg  [7:0]          req_tag,
    output reg                 req_valid,
    input  wire                req_ready,

    input  wire                cpl_valid,
    input  wire                cpl_first,
    input  wire                cpl_last,
    input  wire [63:0]         cpl_data,
    input  wire [1:0]          cpl_count,
    input  wire [7:0]          cpl_tag,
    input  wire [12:0]         cpl_byte_count,
    input  wire [3:0]          cpl_error_code,
    input  wire [2:0]          cpl_status,
    input  wire                cpl_poisoned,
    input  wire                cpl_completed,

    output wire                busy
);
    // Nothing in here changes without one of these: most clocks move data alone, in or out.
    wire awake_clk, fill_clk, out_clk, timer_clk, control_clk;
    clock_gate awake_gate (
        .clk(clk),
        .enable(rst || busy || timer_reg != {TIMER_BITS{1'b0}} || discard || renew_tags || events),
        .gated(awake_clk)
    );
    clock_gate fill_gate (.clk(awake_clk), .enable(cpl_valid || allocate), .gated(fill_clk));
    clock_gate out_gate (.clk(awake_clk), .enable(rst || out_fire || (s_axi_rvalid && s_axi_rready)), .gated(out_clk));
    clock_gate timer_gate (
        .clk(awake_clk),
        .enable(rst || oldest_waits || timer_reg != {TIMER_BITS{1'b0}}),
        .gated(timer_clk)
    );
    clock_gate control_gate (
        .clk(awake_clk),
        .enable(rst || (!cut_reg && s_axi_arvalid) || (req_valid && req_ready) || allocate || release_slot
            || (cpl_valid && (cpl_last || (cpl_expected && (cpl_bad || cpl_wrong))))
            || (oldest_waits && expired) || discard || renew_tags || events),
        .gated(control_clk)
    );

    localparam SLOT_BITS = $clog2(TAGS);
    localparam GEN_BITS  = 5 - SLOT_BITS;       // 32 tags: what every host supports
    localparam TIMER_BITS = $clog2(TIMEOUT_CYCLES + 1);

    localparam [1:0] RESP_OKAY   = 2'b00;
    localparam [1:0] RESP_SLVERR = 2'b10;

    // PG213, completion error codes
    localparam [3:0] ERROR_NONE        = 4'd0;
    localparam [3:0] ERROR_MISMATCH    = 4'd4;
    localparam [3:0] ERROR_INVALID_TAG = 4'd6;
    localparam [3:0] ERROR_FLR         = 4'd8;
    localparam [3:0] ERROR_TIMEOUT     = 4'd9;

    initial if (TAGS < 2 || TAGS > 16 || TAGS != (1 << SLOT_BITS)) begin
        $display("ERROR: pci_read_engine TAGS must be a power of two, 2 to 16 (%m)");
        $finish;
    end

    // ---- Slots ----

    reg [TAGS-1:0]     slot_waiting_reg;        // asked for, not complete
    reg [TAGS-1:0]     slot_done_reg;
    reg [TAGS-1:0]     slot_error_reg;
    reg [TAGS-1:0]     slot_late_reg;           // not ended by a good completion: what still comes is late
    reg [TAGS-1:0]     slot_last_reg;           // ends its burst
    reg [ID_WIDTH-1:0] slot_id_reg    [0:TAGS-1];
    reg [6:0]          slot_beats_reg [0:TAGS-1];
    reg [7:0]          slot_fill_reg  [0:TAGS-1];   // next dword, counted from the first beat's lower one
    reg [7:0]          slot_end_reg   [0:TAGS-1];
    reg [TAGS*GEN_BITS-1:0] slot_gen_reg;       // GEN_BITS a slot

    reg [SLOT_BITS-1:0] head_reg, tail_reg;     // next to fill in the ring, oldest
    reg [SLOT_BITS:0]   used_reg;

    // ---- Cutting bursts into requests ----

    reg                cut_reg;                 // a burst is being cut
    reg                cut_error_reg;           // bus master enable was off: no TLP, SLVERR
    reg [ID_WIDTH-1:0] cut_id_reg;
    reg [63:0]         cut_address_reg;
    reg [8:0]          cut_beats_reg;
    reg                cut_narrow_reg;          // a single transfer of at most a dword
    reg [1:0]          cut_size_reg;

    wire [5:0] block_mask = max_read_request == 3'd0 ? 6'h0F : max_read_request == 3'd1 ? 6'h1F : 6'h3F;
    wire [6:0] block_room = {1'b0, block_mask - (cut_address_reg[8:3] & block_mask)} + 7'd1;
    wire       cut_ends   = cut_beats_reg <= {2'd0, block_room};
    wire [6:0] piece_beats = cut_ends ? cut_beats_reg[6:0] : block_room;
    wire [7:0] piece_dwords = cut_narrow_reg ? 8'd1 : {piece_beats, 1'b0} - {7'd0, cut_address_reg[2]};
    wire [3:0] piece_first_be = (cut_narrow_reg && cut_size_reg == 2'd0 ? 4'b0001 :
        cut_narrow_reg && cut_size_reg == 2'd1 ? (cut_address_reg[0] ? 4'b0001 : 4'b0011) : 4'b1111) << cut_address_reg[1:0];

    wire slot_free = used_reg != TAGS[SLOT_BITS:0];
    wire allocate  = cut_reg && slot_free && (!req_valid || req_ready);

    assign s_axi_arready = !cut_reg;

    // ---- Completions into the slots ----

    wire [SLOT_BITS-1:0] cpl_slot  = cpl_tag[SLOT_BITS-1:0];
    wire [7:0]           cpl_fill  = slot_fill_reg[cpl_slot];
    wire [7:0]           cpl_after = cpl_fill + {6'd0, cpl_count};
    wire cpl_expected = slot_waiting_reg[cpl_slot] && cpl_tag[4:SLOT_BITS] == slot_gen_reg[cpl_slot*GEN_BITS +: GEN_BITS] &&
        cpl_tag[7:5] == 3'd0 && cpl_error_code != ERROR_MISMATCH && cpl_error_code != ERROR_INVALID_TAG;
    wire cpl_bad      = cpl_error_code != ERROR_NONE || cpl_status != 3'd0 || cpl_poisoned;
    wire cpl_final    = cpl_completed || cpl_error_code == ERROR_FLR || cpl_error_code == ERROR_TIMEOUT;
    wire cpl_fits     = cpl_after <= slot_end_reg[cpl_slot];
    wire cpl_overrun  = !cpl_fits && cpl_count != 2'd0;
    wire cpl_write    = cpl_valid && cpl_expected && cpl_fits && cpl_count != 2'd0;

    // Dwords that the completion says are left, against those that are
    reg         cpl_wrong_reg;                  // the completion at hand does not fit its request
    wire [10:0] cpl_left  = cpl_byte_count[12:2] + {10'd0, cpl_byte_count[1:0] != 2'd0};
    wire        cpl_wrong = cpl_overrun || (cpl_first ? cpl_left != {3'd0, slot_end_reg[cpl_slot] - cpl_fill} : cpl_wrong_reg) ||
        (cpl_last && cpl_final && cpl_after != slot_end_reg[cpl_slot]);

    // Two banks of dwords, lower and upper half of the beats
    reg [31:0] low_mem  [0:TAGS*64-1];
    reg [31:0] high_mem [0:TAGS*64-1];
    reg [63:0] data_reg;

    wire       odd        = cpl_fill[0];        // the first dword goes to the upper bank
    wire       low_write  = cpl_write && (!odd || cpl_count == 2'd2);
    wire       high_write = cpl_write && (odd || cpl_count == 2'd2);
    wire [5:0] fill_beat  = cpl_fill[6:1];
    wire [5:0] low_beat   = odd ? fill_beat + 6'd1 : fill_beat;

    integer i;
    initial for (i = 0; i < TAGS*64; i = i + 1) begin
        low_mem[i]  = 32'd0;
        high_mem[i] = 32'd0;
    end

    // ---- Data out ----

    reg [5:0] out_beat_reg;
    reg       out_error_reg;                    // an earlier piece of this burst was bad

    wire [7:0] out_need  = {1'b0, out_beat_reg, 1'b0} + 8'd2;
    wire       out_last  = {1'b0, out_beat_reg} + 7'd1 == slot_beats_reg[tail_reg];
    wire       out_ends  = out_last && slot_last_reg[tail_reg];
    wire       out_done  = slot_done_reg[tail_reg];
    wire       out_ready = used_reg != {(SLOT_BITS+1){1'b0}} && (out_done || (!out_last && slot_fill_reg[tail_reg] >= out_need));
    wire       out_fire  = out_ready && (!s_axi_rvalid || s_axi_rready);
    wire       release_slot = out_fire && out_last;
    wire [SLOT_BITS+5:0] out_address = {tail_reg, out_beat_reg};
    wire       out_bad   = out_error_reg || slot_error_reg[tail_reg];

    assign s_axi_rdata = data_reg;

    always @(posedge fill_clk) begin
        if (cpl_write) begin
            if (low_write)  low_mem[{cpl_slot, low_beat}]   <= odd ? cpl_data[63:32] : cpl_data[31:0];
            if (high_write) high_mem[{cpl_slot, fill_beat}] <= odd ? cpl_data[31:0] : cpl_data[63:32];
            slot_fill_reg[cpl_slot] <= cpl_after;
        end
        if (cpl_valid) cpl_wrong_reg <= cpl_wrong;
        if (allocate)  slot_fill_reg[head_reg] <= {7'd0, cut_address_reg[2]};
    end

    always @(posedge out_clk) begin
        if (out_fire) begin
            data_reg      <= {high_mem[out_address], low_mem[out_address]};
            s_axi_rvalid  <= 1'b1;
            s_axi_rid     <= slot_id_reg[tail_reg];
            s_axi_rresp   <= out_bad ? RESP_SLVERR : RESP_OKAY;
            s_axi_rlast   <= out_ends;
            out_beat_reg  <= out_last ? 6'd0 : out_beat_reg + 6'd1;
            out_error_reg <= out_bad && !out_ends;
        end else if (s_axi_rready) begin
            s_axi_rvalid <= 1'b0;
        end
        if (rst) begin
            s_axi_rvalid  <= 1'b0;
            out_beat_reg  <= 6'd0;
            out_error_reg <= 1'b0;
        end
    end

    // ---- Time-out of the oldest request ----

    reg [TIMER_BITS-1:0] timer_reg;
    integer              k;
    wire                 oldest_waits = slot_waiting_reg[tail_reg];
    wire                 events       = dropped || completion_error || completion_timeout || unexpected_completion || poisoned;
    wire                 expired      = timer_reg == TIMEOUT_CYCLES[TIMER_BITS-1:0];

    always @(posedge timer_clk) begin
        if (!oldest_waits || expired || release_slot || rst) timer_reg <= {TIMER_BITS{1'b0}};
        else                                                 timer_reg <= timer_reg + 1'b1;
    end

    always @(posedge control_clk) begin
        if (events) {dropped, completion_error, completion_timeout, unexpected_completion, poisoned} <= 5'd0;

        // bursts
        if (!cut_reg && s_axi_arvalid) begin
            cut_reg         <= 1'b1;
            cut_error_reg   <= !bus_master_enable;
            dropped         <= !bus_master_enable;
            cut_id_reg      <= s_axi_arid;
            cut_address_reg <= s_axi_araddr;
            cut_beats_reg   <= {1'b0, s_axi_arlen} + 9'd1;
            cut_narrow_reg  <= s_axi_arlen == 8'd0 && s_axi_arsize < 3'd3;
            cut_size_reg    <= s_axi_arsize[1:0];
        end

        // requests
        if (req_valid && req_ready) begin
            req_valid <= 1'b0;
            slot_waiting_reg[req_tag[SLOT_BITS-1:0]] <= 1'b1;
        end
        if (allocate) begin
            req_valid    <= !cut_error_reg;
            req_address  <= cut_address_reg[63:2];
            req_dwords   <= {3'd0, piece_dwords};
            req_first_be <= piece_first_be;
            req_last_be  <= piece_dwords == 8'd1 ? 4'd0 : 4'hF;
            req_tag      <= {3'd0, slot_gen_reg[head_reg*GEN_BITS +: GEN_BITS], head_reg};
            slot_done_reg[head_reg]  <= cut_error_reg;
            slot_error_reg[head_reg] <= cut_error_reg;
            slot_late_reg[head_reg]  <= 1'b0;
            slot_last_reg[head_reg]  <= cut_ends;
            slot_id_reg[head_reg]    <= cut_id_reg;
            slot_beats_reg[head_reg] <= piece_beats;
            slot_end_reg[head_reg]   <= {7'd0, cut_address_reg[2]} + piece_dwords;
            head_reg        <= head_reg + 1'b1;
            cut_address_reg <= {cut_address_reg[63:3] + {54'd0, piece_beats}, 3'd0};
            cut_beats_reg   <= cut_beats_reg - {2'd0, piece_beats};
            if (cut_ends) cut_reg <= 1'b0;
        end

        // completions
        if (cpl_valid) begin
            // at the first word already, so that no beat of bad data leaves as a good one
            if (cpl_expected && (cpl_bad || cpl_wrong)) slot_error_reg[cpl_slot] <= 1'b1;
            if (cpl_last) begin
                if (!cpl_expected) unexpected_completion <= 1'b1;
                else begin
                    if (cpl_final) begin
                        slot_done_reg[cpl_slot]    <= 1'b1;
                        slot_waiting_reg[cpl_slot] <= 1'b0;
                        slot_late_reg[cpl_slot]    <= cpl_bad || cpl_wrong || slot_error_reg[cpl_slot];
                    end
                    if (cpl_error_code == ERROR_TIMEOUT) completion_timeout <= 1'b1;
                    else if (cpl_poisoned) poisoned <= 1'b1;
                    else if (cpl_bad || cpl_wrong) completion_error <= 1'b1;
                end
            end
        end

        // time-out; a completion that ends in this very clock comes too late
        if (oldest_waits && expired) begin
            completion_timeout         <= 1'b1;
            slot_waiting_reg[tail_reg] <= 1'b0;
            slot_done_reg[tail_reg]    <= 1'b1;
            slot_error_reg[tail_reg]   <= 1'b1;
            slot_late_reg[tail_reg]    <= 1'b1;
        end

        if (discard) for (k = 0; k < TAGS; k = k + 1) if (slot_waiting_reg[k]) begin
            slot_waiting_reg[k] <= 1'b0;
            slot_done_reg[k]    <= 1'b1;
            slot_error_reg[k]   <= 1'b1;
            slot_late_reg[k]    <= 1'b1;
        end

        // a slot's data are out
        if (release_slot) begin
            slot_done_reg[tail_reg] <= 1'b0;
            tail_reg                <= tail_reg + 1'b1;
            if (slot_late_reg[tail_reg])
                slot_gen_reg[tail_reg*GEN_BITS +: GEN_BITS] <= slot_gen_reg[tail_reg*GEN_BITS +: GEN_BITS] + 1'b1;
        end
        if (allocate != release_slot) used_reg <= allocate ? used_reg + 1'b1 : used_reg - 1'b1;

        if (rst) begin
            cut_reg          <= 1'b0;
            req_valid        <= 1'b0;
            slot_waiting_reg <= {TAGS{1'b0}};
            slot_done_reg    <= {TAGS{1'b0}};
            head_reg         <= {SLOT_BITS{1'b0}};
            tail_reg         <= {SLOT_BITS{1'b0}};
            used_reg         <= {(SLOT_BITS+1){1'b0}};
            {dropped, completion_error, completion_timeout, unexpected_completion, poisoned} <= 5'd0;
        end
        if (power_on_rst) slot_gen_reg <= {TAGS*GEN_BITS{1'b0}};
        else if (renew_tags) for (k = 0; k < TAGS; k = k + 1)
            slot_gen_reg[k*GEN_BITS +: GEN_BITS] <= slot_gen_reg[k*GEN_BITS +: GEN_BITS] + 1'b1;
    end

    assign busy = cut_reg || s_axi_arvalid || s_axi_rvalid || used_reg != {(SLOT_BITS+1){1'b0}} || cpl_valid;

`ifdef FORMAL
`include "pci_read_engine.vh"
`endif
endmodule
`default_nettype wire
