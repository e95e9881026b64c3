// Turns AXI write bursts of the card into posted memory writes: split at maximum payload, byte enables from wstrb.
//
//   AXI W beats --> collector --> beat FIFO ------> packer --> payload --> rq_framer
//                       |--------> segment FIFO --> issuer --> request -->
//
// A segment is a run of bytes without gaps inside one maximum payload block, or one beat with any byte enables
// (two dwords, quadword-aligned: PCIe allows gaps in both). It is issued when its last beat is in the FIFO.
// B is given when the burst's last TLP has gone to the PCIe block, so that a read asked for after B follows it.
`default_nettype none
module pci_write_engine #(
    parameter ID_WIDTH    = 6,
    parameter COUNT_WIDTH = 8
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   power_on_rst,

    input  wire                   bus_master_enable,
    input  wire [1:0]             max_payload,          // 128 << max_payload bytes, at most 512 are used
    output reg                    dropped,              // event: a burst was refused, bus master enable is off

    input  wire [ID_WIDTH-1:0]    s_axi_awid,
    input  wire [63:0]            s_axi_awaddr,
    input  wire                   s_axi_awvalid,
    output wire                   s_axi_awready,
    input  wire [63:0]            s_axi_wdata,
    input  wire [7:0]             s_axi_wstrb,
    input  wire                   s_axi_wlast,
    input  wire                   s_axi_wvalid,
    output wire                   s_axi_wready,
    output reg  [ID_WIDTH-1:0]    s_axi_bid,
    output reg  [1:0]             s_axi_bresp,
    output reg                    s_axi_bvalid,
    input  wire                   s_axi_bready,

    output wire [63:2]            req_address,
    output wire [10:0]            req_dwords,
    output wire [3:0]             req_first_be,
    output wire [3:0]             req_last_be,
    output wire                   req_valid,
    input  wire                   req_ready,
    output wire [63:0]            payload_data,
    output wire                   payload_valid,
    input  wire                   payload_ready,

    output wire [4:0]             req_number,           // of the TLP, for the report
    input  wire                   tlp_reported,         // the PCIe block has sent a posted write on its way ...
    input  wire [4:0]             reported_number,      // ... this one
    output reg  [COUNT_WIDTH-1:0] bursts_taken,         // running counts for the order gates
    output reg  [COUNT_WIDTH-1:0] bursts_issued,
    output reg  [COUNT_WIDTH-1:0] tlps_issued,
    output reg  [COUNT_WIDTH-1:0] tlps_reported,

    output wire                   busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || state_reg != STATE_IDLE || s_axi_awvalid || s_axi_bvalid || seg_valid || issue_reg != ISSUE_IDLE || dropped
            || tlp_reported || (!bus_master_enable && unreported != {COUNT_WIDTH{1'b0}})),
        .gated(clk_gated)
    );

    localparam BEATS         = 128;             // two of the longest bursts
    localparam SEGMENTS      = 16;
    localparam SEGMENT_WIDTH = 3 + ID_WIDTH + 62 + 8 + 4 + 4;
    localparam [COUNT_WIDTH-1:0] MAX_UNREPORTED = 31;

    localparam [1:0] RESP_OKAY   = 2'b00;
    localparam [1:0] RESP_SLVERR = 2'b10;

    initial if (COUNT_WIDTH < 7) begin
        $display("ERROR: pci_write_engine COUNT_WIDTH must be at least 7 (%m)");
        $finish;
    end

    // ---- Collector ----

    localparam [1:0] STATE_IDLE  = 2'd0;
    localparam [1:0] STATE_DATA  = 2'd1;
    localparam [1:0] STATE_DRAIN = 2'd2;        // bus master enable is off: take the data, answer SLVERR

    reg [1:0]          state_reg;
    reg [ID_WIDTH-1:0] id_reg;
    reg [63:3]         beat_address_reg;
    reg                open_reg;                // a segment is begun and ends with byte 7 of the last beat
    reg [63:3]         open_address_reg;
    reg [7:0]          open_strobe_reg;         // of its first beat
    reg [6:0]          open_beats_reg;

    wire beat_room, segment_room;

    wire [7:0] strobe    = s_axi_wstrb;
    wire       from_low  = strobe[0] && (strobe & (strobe + 8'd1)) == 8'd0;
    wire [7:0] inverse   = ~strobe;
    wire       to_top    = strobe[7] && (inverse & (inverse + 8'd1)) == 8'd0;
    wire       stored    = strobe != 8'd0;
    wire       mismatch  = open_reg && !from_low;       // does not continue the open segment: close that first

    wire [8:3] block_mask  = max_payload == 2'd0 ? 6'h0F : max_payload == 2'd1 ? 6'h1F : 6'h3F;
    wire       at_boundary = (beat_address_reg[8:3] & block_mask) == block_mask;
    wire       continues   = (open_reg ? strobe == 8'hFF : to_top) && !at_boundary && !s_axi_wlast;

    wire in_data    = state_reg == STATE_DATA && s_axi_wvalid;
    wire close_only = in_data && mismatch && segment_room;
    wire accept     = in_data && !mismatch && segment_room && beat_room;
    wire drain      = state_reg == STATE_DRAIN && s_axi_wvalid && segment_room;

    assign s_axi_awready = state_reg == STATE_IDLE;
    assign s_axi_wready  = accept || drain;

    wire [63:3] first_address = open_reg ? open_address_reg : beat_address_reg;
    wire [7:0]  first_strobe  = open_reg ? open_strobe_reg : strobe;
    wire [6:0]  beats_before  = open_reg ? open_beats_reg : 7'd0;
    wire [6:0]  beats         = beats_before + (close_only ? 7'd0 : 7'd1);
    wire [7:0]  last_strobe   = !close_only ? strobe : open_beats_reg == 7'd1 ? open_strobe_reg : 8'hFF;
    wire        skip_first    = first_strobe[3:0] == 4'd0;     // starts with the beat's upper dword
    wire        skip_last     = last_strobe[7:4] == 4'd0;
    wire [7:0]  dwords        = {beats, 1'b0} - {7'd0, skip_first} - {7'd0, skip_last};
    wire [3:0]  first_be      = skip_first ? first_strobe[7:4] : first_strobe[3:0];
    wire [3:0]  last_be       = dwords == 8'd1 ? 4'd0 : skip_last ? last_strobe[3:0] : last_strobe[7:4];

    wire push_tlp  = close_only || (accept && stored && !continues);
    wire push_last = (accept || drain) && s_axi_wlast;
    wire segment_push = push_tlp || push_last;

    // Bytes not enabled are zero, so that nothing undefined is seen on the stream.
    wire [63:0] byte_mask = {{8{strobe[7]}}, {8{strobe[6]}}, {8{strobe[5]}}, {8{strobe[4]}},
                             {8{strobe[3]}}, {8{strobe[2]}}, {8{strobe[1]}}, {8{strobe[0]}}};

    always @(posedge clk_gated) begin
        dropped <= 1'b0;
        case (state_reg)
            STATE_IDLE: if (s_axi_awvalid) begin
                id_reg           <= s_axi_awid;
                beat_address_reg <= s_axi_awaddr[63:3];
                dropped          <= !bus_master_enable;
                state_reg        <= bus_master_enable ? STATE_DATA : STATE_DRAIN;
            end
            STATE_DATA: begin
                if (close_only) open_reg <= 1'b0;
                if (accept) begin
                    beat_address_reg <= beat_address_reg + 61'd1;
                    open_reg         <= stored && continues;
                    open_beats_reg   <= beats;
                    if (!open_reg) begin
                        open_address_reg <= beat_address_reg;
                        open_strobe_reg  <= strobe;
                    end
                    if (s_axi_wlast) state_reg <= STATE_IDLE;
                end
            end
            default: if (drain && s_axi_wlast) state_reg <= STATE_IDLE;
        endcase
        if (rst) begin
            state_reg <= STATE_IDLE;
            open_reg  <= 1'b0;
            dropped   <= 1'b0;
        end
    end

    // ---- FIFOs ----

    wire [63:0] beat_data;
    wire        beat_valid, beat_pop;
    wire [7:0]  beat_count;

    sync_fifo #(.DATA_WIDTH(64), .DEPTH(BEATS)) beat_fifo (
        .clk(clk), .rst(rst),
        .wr_data(s_axi_wdata & byte_mask), .wr_valid(accept && stored), .wr_ready(beat_room),
        .rd_data(beat_data), .rd_valid(beat_valid), .rd_ready(beat_pop),
        .count(beat_count)
    );

    wire                seg_valid, seg_pop;
    wire                seg_tlp, seg_last, seg_error;
    wire [ID_WIDTH-1:0] seg_id;
    wire [63:2]         seg_address;
    wire [7:0]          seg_dwords;
    wire [3:0]          seg_first_be, seg_last_be;
    wire [4:0]          segment_count;

    sync_fifo #(.DATA_WIDTH(SEGMENT_WIDTH), .DEPTH(SEGMENTS)) segment_fifo (
        .clk(clk), .rst(rst),
        .wr_data({push_tlp, push_last, drain, id_reg, first_address, skip_first, dwords, first_be, last_be}),
        .wr_valid(segment_push), .wr_ready(segment_room),
        .rd_data({seg_tlp, seg_last, seg_error, seg_id, seg_address, seg_dwords, seg_first_be, seg_last_be}),
        .rd_valid(seg_valid), .rd_ready(seg_pop),
        .count(segment_count)
    );

    // ---- Issuer and packer ----

    localparam [1:0] ISSUE_IDLE = 2'd0;
    localparam [1:0] ISSUE_SKIP = 2'd1;         // takes the first beat's upper dword into carry_reg
    localparam [1:0] ISSUE_SEND = 2'd2;

    reg [1:0]  issue_reg;
    reg [31:0] carry_reg;
    reg [7:0]  left_reg;                        // dwords still to give to the framer

    wire [COUNT_WIDTH-1:0] unreported = tlps_issued - tlps_reported;
    wire [4:0] behind    = reported_number - tlps_reported[4:0];
    wire       report_ok = tlp_reported && {{(COUNT_WIDTH-5){1'b0}}, behind} < unreported;     // of one not written off
    wire b_free  = !s_axi_bvalid || s_axi_bready;
    wire start   = issue_reg == ISSUE_IDLE && seg_valid && (!seg_last || b_free) &&
        (!seg_tlp || unreported != MAX_UNREPORTED);
    wire skip    = seg_address[2];
    wire sending = issue_reg == ISSUE_SEND;
    wire need    = !skip || left_reg >= 8'd2;   // this payload word takes a beat

    assign req_number    = tlps_issued[4:0];
    assign req_address   = seg_address;
    assign req_dwords    = {3'd0, seg_dwords};
    assign req_first_be  = seg_first_be;
    assign req_last_be   = seg_last_be;
    assign req_valid     = sending;
    assign payload_data  = skip ? {need ? beat_data[31:0] : 32'd0, carry_reg} : beat_data;
    assign payload_valid = sending && (beat_valid || !need);

    wire payload_fire = payload_valid && payload_ready;
    wire tlp_done     = sending && req_ready;

    assign beat_pop = (issue_reg == ISSUE_SKIP) || (payload_fire && need);
    assign seg_pop  = tlp_done || (start && !seg_tlp);

    wire burst_done = seg_pop && seg_last;

    always @(posedge clk_gated) begin
        case (issue_reg)
            ISSUE_IDLE: if (start && seg_tlp) begin
                left_reg  <= seg_dwords;
                issue_reg <= skip ? ISSUE_SKIP : ISSUE_SEND;
            end
            ISSUE_SKIP: if (beat_valid) begin
                carry_reg <= beat_data[63:32];
                issue_reg <= ISSUE_SEND;
            end
            default: begin
                if (payload_fire) begin
                    left_reg <= left_reg - 8'd2;
                    if (need) carry_reg <= beat_data[63:32];
                end
                if (tlp_done) issue_reg <= ISSUE_IDLE;
            end
        endcase

        if (s_axi_bready) s_axi_bvalid <= 1'b0;
        if (burst_done) begin
            s_axi_bvalid <= 1'b1;
            s_axi_bid    <= seg_id;
            s_axi_bresp  <= seg_error ? RESP_SLVERR : RESP_OKAY;
        end

        // Refused bursts count as well: they are issued in their turn, with nothing.
        if (s_axi_awvalid && s_axi_awready) bursts_taken <= bursts_taken + 1'b1;
        if (burst_done) bursts_issued <= bursts_issued + 1'b1;
        if (tlp_done) tlps_issued <= tlps_issued + 1'b1;
        // With bus master enable off, and at a reset of the function, the block drops what it still holds and need not
        // report it: it is written off.
        if (!bus_master_enable || rst) tlps_reported <= tlps_issued;
        else if (report_ok)            tlps_reported <= tlps_reported + 1'b1;

        if (rst) begin
            issue_reg     <= ISSUE_IDLE;
            s_axi_bvalid  <= 1'b0;
            bursts_taken  <= {COUNT_WIDTH{1'b0}};
            bursts_issued <= {COUNT_WIDTH{1'b0}};
        end
        if (power_on_rst) begin
            tlps_issued   <= {COUNT_WIDTH{1'b0}};
            tlps_reported <= {COUNT_WIDTH{1'b0}};
        end
    end

    assign busy = state_reg != STATE_IDLE || s_axi_awvalid || s_axi_wvalid || s_axi_bvalid ||
        segment_count != 5'd0 || beat_count != 8'd0 || unreported != {COUNT_WIDTH{1'b0}};

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, s_axi_awaddr[2:0]};
`endif
endmodule
`default_nettype wire
