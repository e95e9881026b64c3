// Holds finished packets and hands them, one after another, to the MAC: a packet starts to leave only when it is whole.
`default_nettype none
module tx_packet_buffer #(
    parameter ADDR_WIDTH = 11,              // words of 8 bytes
    parameter PACKETS    = 32               // finished packets waiting, a power of two
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  hold,      // start no new packet

    input  wire [ADDR_WIDTH-1:0] ram_addr,
    input  wire [63:0]           ram_data,
    input  wire [7:0]            ram_strb,
    input  wire                  ram_en,
    output wire [ADDR_WIDTH:0]   release_pointer,

    input  wire [ADDR_WIDTH:0]   packet_word,
    input  wire [2:0]            packet_lane,
    input  wire [15:0]           packet_bytes,
    input  wire                  packet_fcs,
    input  wire                  packet_multicast,
    input  wire                  packet_broadcast,
    input  wire [16:0]           packet_tag,
    input  wire                  packet_valid,
    output wire                  packet_ready,

    // words for the MAC, see mac_tx
    output wire [63:0]           m_data,
    output wire [2:0]            m_first_lane,
    output wire [2:0]            m_last_lane,
    output wire                  m_last,
    output wire                  m_fcs,
    output wire [16:0]           m_tag,     // see vlan_insert
    output wire                  m_valid,
    input  wire                  m_ready,

    // pulse when a packet starts to leave
    output wire                  sent,
    output wire [15:0]           sent_bytes,
    output wire                  sent_fcs,
    output wire                  sent_multicast,
    output wire                  sent_broadcast,
    output wire                  sent_tagged,
    output wire                  open,      // a packet is leaving
    output wire                  busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || load || read || (out_valid_reg && m_ready)),
        .gated(clk_gated)
    );

    localparam COUNT_WIDTH = $clog2(PACKETS) + 1;

    wire [ADDR_WIDTH:0]    q_word;
    wire [2:0]             q_lane;
    wire [15:0]            q_bytes;
    wire [16:0]            q_tag;
    wire                   q_fcs, q_multicast, q_broadcast, q_valid;
    wire [COUNT_WIDTH-1:0] queued;

    reg                    active_reg;      // words of a packet remain to be read
    reg [ADDR_WIDTH:0]     read_reg;
    reg [13:0]             left_reg;        // words
    reg                    first_reg;
    reg [2:0]              lane_reg, last_lane_reg;
    reg                    fcs_reg;
    reg [16:0]             tag_reg;
    reg [ADDR_WIDTH:0]     release_reg;
    reg                    out_valid_reg, out_last_reg;
    reg [2:0]              out_first_lane_reg, out_last_lane_reg;

    wire [16:0] end_place = {1'b0, q_bytes} + {14'd0, q_lane} - 17'd1;   // place of the last byte
    wire        load      = q_valid && !active_reg && !hold;
    wire        read      = active_reg && (!out_valid_reg || m_ready);
    wire        read_last = left_reg == 14'd1;

    assign release_pointer = release_reg;
    assign m_first_lane = out_first_lane_reg;
    assign m_last_lane  = out_last_lane_reg;
    assign m_last       = out_last_reg;
    assign m_fcs        = fcs_reg;
    assign m_tag        = tag_reg;
    assign m_valid      = out_valid_reg;
    assign sent           = load;
    assign sent_bytes     = q_bytes;
    assign sent_fcs       = q_fcs;
    assign sent_multicast = q_multicast;
    assign sent_broadcast = q_broadcast;
    assign sent_tagged    = q_tag[16];
    assign open = active_reg || out_valid_reg;
    assign busy = queued != {COUNT_WIDTH{1'b0}} || open;

    sync_fifo #(.DATA_WIDTH(ADDR_WIDTH + 1 + 3 + 16 + 3 + 17), .DEPTH(PACKETS)) queue (
        .clk(clk), .rst(rst),
        .wr_data({packet_word, packet_lane, packet_bytes, packet_fcs, packet_multicast, packet_broadcast, packet_tag}),
        .wr_valid(packet_valid), .wr_ready(packet_ready),
        .rd_data({q_word, q_lane, q_bytes, q_fcs, q_multicast, q_broadcast, q_tag}),
        .rd_valid(q_valid), .rd_ready(load), .count(queued));

    packet_ram #(.ADDR_WIDTH(ADDR_WIDTH)) ram (
        .clk(clk), .wr_addr(ram_addr), .wr_data(ram_data), .wr_strb(ram_strb), .wr_en(ram_en),
        .rd_addr(read_reg[ADDR_WIDTH-1:0]), .rd_en(read), .rd_data(m_data));

    always @(posedge clk_gated) begin
        if (m_ready) out_valid_reg <= 1'b0;
        if (load) begin
            active_reg    <= 1'b1;
            read_reg      <= q_word;
            left_reg      <= end_place[16:3] + 14'd1;
            first_reg     <= 1'b1;
            lane_reg      <= q_lane;
            last_lane_reg <= end_place[2:0];
        end
        if (read) begin
            out_valid_reg      <= 1'b1;
            out_first_lane_reg <= first_reg ? lane_reg : 3'd0;
            out_last_lane_reg  <= read_last ? last_lane_reg : 3'd7;
            out_last_reg       <= read_last;
            first_reg          <= 1'b0;
            read_reg           <= read_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
            release_reg        <= read_reg + {{ADDR_WIDTH{1'b0}}, 1'b1};
            left_reg           <= left_reg - 14'd1;
            if (read_last) active_reg <= 1'b0;
        end
        if (rst) begin
            active_reg    <= 1'b0;
            out_valid_reg <= 1'b0;
            release_reg   <= {(ADDR_WIDTH+1){1'b0}};
        end
    end

    // what belongs to the word that waits must not change when the next packet is loaded
    reg        next_fcs_reg;
    reg [16:0] next_tag_reg;
    always @(posedge clk_gated) begin
        if (load) begin
            next_fcs_reg <= q_fcs;
            next_tag_reg <= q_tag;
        end
        if (read) begin
            fcs_reg <= next_fcs_reg;
            tag_reg <= next_tag_reg;
        end
        if (rst) tag_reg <= 17'd0;
    end
endmodule
`default_nettype wire
