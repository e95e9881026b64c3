// Stores received frames whole, keeps those that are good and wanted, and tells the statistics about all of them.
`default_nettype none
module rx_packet_buffer #(
    parameter ADDR_WIDTH      = 12,         // words of 8 bytes
    parameter FRAMES          = (1 << ADDR_WIDTH) / 8,  // frames waiting: the shortest ones fill the buffer too
    parameter MAX_FRAME_BYTES = 9234,       // longest frame taken, FCS included
    parameter META_WIDTH      = 64
) (
    input  wire                  clk,
    input  wire                  rst,

    input  wire                  enable,            // RCTL.EN
    input  wire                  store_bad,         // RCTL.SBP
    input  wire                  long_frames,       // RCTL.LPE
    input  wire                  strip_fcs,         // RCTL.SECRC
    input  wire                  verify_ip,         // RXCSUM.IPOFL
    input  wire                  verify_tu,         // RXCSUM.TUOFL
    input  wire [7:0]            packet_start,      // RXCSUM.PCSS

    output wire [47:0]           destination,       // of the frame under way, for the filter
    input  wire                  mine,              // it was steered here
    input  wire                  filter_accept,
    input  wire                  filter_inexact,
    input  wire                  filter_multicast,
    input  wire                  filter_broadcast,
    input  wire                  vlan_stripped,     // a VLAN tag was taken out of the frame ...
    input  wire [15:0]           vlan_tag,          // ... and this is it

    // words from mac_rx
    input  wire [63:0]           s_data,
    input  wire [2:0]            s_last_lane,
    input  wire                  s_last,
    input  wire                  s_fcs_error,
    input  wire                  s_rx_error,
    input  wire                  s_valid,
    output wire                  s_ready,

    // frames stored: {length[15:0], VLAN tag[15:0], packet checksum[15:0], errors[7:0], status[7:0]} and the first word
    output wire [META_WIDTH-1:0] frame_meta,
    output wire [ADDR_WIDTH:0]   frame_word,
    output wire                  frame_valid,
    input  wire                  frame_ready,
    input  wire [ADDR_WIDTH-1:0] rd_addr,
    input  wire                  rd_en,
    output wire [63:0]           rd_data,
    input  wire [ADDR_WIDTH:0]   release_pointer,   // words before it are free again

    // one pulse a frame
    output wire                  seen,
    output wire [15:0]           seen_bytes,        // FCS included
    output wire                  seen_fcs_error,
    output wire                  seen_rx_error,
    output wire                  seen_short,
    output wire                  seen_long,
    output wire                  seen_for_us,       // it passed the filters
    output wire                  seen_good,         // good and wanted
    output wire                  seen_missed,       // good and wanted, but there was no room
    output wire                  seen_multicast,
    output wire                  seen_broadcast,
    output wire                  seen_clean,        // length and FCS are right, whoever the frame is for
    output wire [ADDR_WIDTH:0]   write_pointer,     // behind the frames stored
    output wire                  busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_valid || decide_reg),
        .gated(clk_gated)
    );

    localparam COUNT_WIDTH = $clog2(FRAMES) + 1;
    localparam [15:0] LONGEST = MAX_FRAME_BYTES[15:0];

    reg                    fresh_reg;       // the next word is a frame's first
    reg                    ignore_reg;      // the receiver was off when the frame began
    reg                    decide_reg;      // the frame's last word is in
    reg [15:0]             bytes_reg;
    reg [47:0]             destination_reg;
    reg                    overflow_reg, fcs_error_reg, rx_error_reg;
    reg [ADDR_WIDTH:0]     start_reg, write_reg;

    wire        fire   = s_valid && s_ready;
    wire        ignore = fresh_reg ? !enable : ignore_reg;
    wire        room   = (write_reg - release_pointer) < {1'b1, {ADDR_WIDTH{1'b0}}};
    wire [15:0] before = fresh_reg ? 16'd0 : bytes_reg;
    wire        store  = fire && !ignore && room && before < LONGEST;
    wire [15:0] after  = before + {13'd0, s_last_lane} + 16'd1;

    wire [15:0] packet_checksum;
    wire        ip_checked, ip_good, tu_checked, tu_good;

    rx_checksum checksum (
        .clk(clk), .rst(rst), .packet_start(packet_start),
        .data(s_data), .last_lane(s_last_lane), .last(s_last), .valid(fire),
        .packet_checksum(packet_checksum), .ip_checked(ip_checked), .ip_good(ip_good),
        .tu_checked(tu_checked), .tu_good(tu_good));

    // ---- verdict
    wire [15:0] wire_bytes = bytes_reg + (vlan_stripped ? 16'd4 : 16'd0);
    wire        too_short = wire_bytes < 16'd64;
    wire        too_long  = wire_bytes > (long_frames ? LONGEST : 16'd1522);   // tagged or not (SDM 13.7.15)
    wire        bad       = fcs_error_reg || rx_error_reg;
    wire        legal     = !too_short && !too_long && !bad;
    wire        for_us    = filter_accept && bytes_reg >= 16'd10;   // it has an address and an FCS at least
    wire        wanted    = for_us && (legal || (store_bad && wire_bytes <= LONGEST));
    wire        meta_ready;
    wire        keep      = decide_reg && !ignore_reg && mine && wanted && !overflow_reg && meta_ready;
    wire [15:0] length    = bytes_reg - (strip_fcs ? 16'd4 : 16'd0);
    wire [15:0] words     = (length + 16'd7) >> 3;
    wire        ip_shown  = verify_ip && ip_checked;
    wire        tu_shown  = verify_tu && tu_checked;
    // as in the descriptor; DD and EOP are added when it is written back
    wire [7:0]  status    = {filter_inexact, ip_shown, tu_shown, 1'b0, vlan_stripped, !ip_shown && !tu_shown, 2'b00};
    wire [7:0]  errors    = {rx_error_reg, ip_shown && !ip_good, tu_shown && !tu_good, 4'b0000, fcs_error_reg};
    wire [COUNT_WIDTH-1:0] waiting;

    assign s_ready        = !decide_reg;
    assign destination    = destination_reg;
    assign seen           = decide_reg && !ignore_reg && mine;
    assign seen_clean     = decide_reg && !ignore_reg && legal;
    assign seen_bytes     = wire_bytes;
    assign seen_fcs_error = fcs_error_reg;
    assign seen_rx_error  = rx_error_reg;
    assign seen_short     = too_short;
    assign seen_long      = too_long;
    assign seen_for_us    = for_us;
    assign seen_good      = keep && legal;
    assign seen_missed    = seen && wanted && !keep;
    assign seen_multicast = filter_multicast;
    assign seen_broadcast = filter_broadcast;
    assign write_pointer  = start_reg;
    assign busy           = !fresh_reg || decide_reg || s_valid
                            || (waiting != {COUNT_WIDTH{1'b0}} && !frame_valid);

    sync_fifo #(.DATA_WIDTH(META_WIDTH + ADDR_WIDTH + 1), .DEPTH(FRAMES)) frames (
        .clk(clk), .rst(rst),
        .wr_data({length, vlan_stripped ? vlan_tag : 16'd0, packet_checksum, errors, status, start_reg}), .wr_valid(keep), .wr_ready(meta_ready),
        .rd_data({frame_meta, frame_word}), .rd_valid(frame_valid), .rd_ready(frame_ready), .count(waiting));

    packet_ram #(.ADDR_WIDTH(ADDR_WIDTH)) ram (
        .clk(clk), .wr_addr(write_reg[ADDR_WIDTH-1:0]), .wr_data(s_data), .wr_strb(8'hff), .wr_en(store),
        .rd_addr(rd_addr), .rd_en(rd_en), .rd_data(rd_data));

    always @(posedge clk_gated) begin
        decide_reg <= fire && s_last;
        if (fire) begin
            fresh_reg  <= s_last;
            ignore_reg <= ignore;
            // a frame that never ends must not wrap around into a legal length
            bytes_reg  <= &before[15:14] ? before : after;
            if (store) write_reg <= write_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
            if (fresh_reg) destination_reg <= s_data[47:0];
            overflow_reg  <= (!fresh_reg && overflow_reg) || !room;
            fcs_error_reg <= s_fcs_error;
            rx_error_reg  <= s_rx_error;
        end
        if (decide_reg) begin
            write_reg <= keep ? start_reg + words[ADDR_WIDTH:0] : start_reg;
            start_reg <= keep ? start_reg + words[ADDR_WIDTH:0] : start_reg;
        end
        if (rst) begin
            fresh_reg  <= 1'b1;
            decide_reg <= 1'b0;
            start_reg  <= {(ADDR_WIDTH+1){1'b0}};
            write_reg  <= {(ADDR_WIDTH+1){1'b0}};
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // a frame has fewer words than the sum could hold
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &words;
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
