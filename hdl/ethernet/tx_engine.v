// Walks the transmit descriptors: keeps the contexts, cuts sends into packets at header and MSS boundaries, and
// orders their bytes from the read mover.
//
// For each send (legacy or data descriptors up to EOP) the segmenter gets one start record; for each stream packet
// ordered (the header of a segmented send, a segment, a whole plain frame) one end record, pushed with its last
// command; an end record marked empty stands for no stream packet at all.
`default_nettype none
module tx_engine #(
    parameter MAX_FRAME_BYTES = 9230,       // longest frame without FCS
    parameter LENGTH_WIDTH    = 20,
    parameter START_WIDTH     = 77,
    parameter END_WIDTH       = 31
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    enable,
    input  wire                    vlan_mode,       // CTRL.VME

    input  wire [127:0]            s_descriptor,
    input  wire                    s_error,
    input  wire                    s_valid,
    output wire                    s_ready,

    output wire [63:0]             cmd_addr,
    output wire [LENGTH_WIDTH-1:0] cmd_length,
    output wire                    cmd_last,
    output wire                    cmd_valid,
    input  wire                    cmd_ready,
    input  wire                    cmd_done,

    // {segmented, IP checksum, TU checksum, IPv4, TCP, HDRLEN[7:0],
    //  TUCSE[15:0], TUCSO[7:0], TUCSS[7:0], IPCSE[15:0], IPCSO[7:0], IPCSS[7:0]}
    output wire [START_WIDTH-1:0]  start_record,
    output wire                    start_valid,
    input  wire                    start_ready,

    // {insert the VLAN tag, tag[15:0], empty, drop, end of send, last segment, FCS, insert legacy checksum, its offset[7:0]}
    output wire [END_WIDTH-1:0]    end_record,
    output wire                    end_valid,
    input  wire                    end_ready,

    // descriptors whose data have been read, in order
    output wire                    done_report,     // RS
    output wire                    done_delayed,    // IDE
    output wire                    done_valid,
    input  wire                    done_ready,

    output wire                    bad_send,        // pulse: a send was dropped for its descriptors
    output wire                    bad_fetch,       // pulse: a descriptor could not be read
    output wire                    segmented_sent,  // pulse: a segmented send has been ordered whole
    output wire                    segmented_failed,
    output wire                    busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || swallow || (take && begin_ok) || abort_now || go || abort_go || cmd_done || (head_pop && head_waits)
            || bad_send_reg || bad_fetch_reg || segmented_reg || segmented_failed_reg),
        .gated(clk_gated)
    );

    `include "ethernet_tx_data.vh"
    `include "ethernet_tx_legacy.vh"
    `include "ethernet_tx_context.vh"

    localparam [1:0] STATE_DESCRIPTOR = 2'd0, STATE_DATA = 2'd1, STATE_ABORT = 2'd2;
    localparam [15:0] LONGEST = MAX_FRAME_BYTES[15:0];

    // ---- descriptor fields
    wire [63:0] d_address = s_descriptor[63:0];
    wire [31:0] d_command = s_descriptor[95:64];
    wire [31:0] d_status  = s_descriptor[127:96];
    wire        d_extended = d_command[`ETHERNET_TX_DATA_COMMAND_DEXT_LSB];
    wire [3:0]  d_type     = d_command[`ETHERNET_TX_DATA_COMMAND_DTYP_LSB +: 4];
    wire        d_context  = d_extended && d_type == 4'd0 && !s_error;
    wire        d_reserved = d_extended && d_type > 4'd1;
    wire        d_eop      = d_command[`ETHERNET_TX_DATA_COMMAND_EOP_LSB];
    wire        d_tse      = d_extended && d_command[`ETHERNET_TX_DATA_COMMAND_TSE_LSB];
    // an early report (RPS) comes with the ordinary one: the packet buffer keeps no descriptors
    wire        d_report   = (d_command[`ETHERNET_TX_DATA_COMMAND_RS_LSB] || d_command[`ETHERNET_TX_DATA_COMMAND_RPS_LSB]) && !s_error;
    wire        d_delayed  = d_command[`ETHERNET_TX_DATA_COMMAND_IDE_LSB] && !s_error;
    // a tagged frame has its FCS inserted whatever IFCS says (SDM p. 48, table of VLAN tag insertion)
    wire        d_vle      = d_command[`ETHERNET_TX_DATA_COMMAND_VLE_LSB] && vlan_mode;
    wire        d_fcs      = d_command[`ETHERNET_TX_DATA_COMMAND_IFCS_LSB] || d_vle;
    wire [15:0] d_special  = d_status[`ETHERNET_TX_DATA_STATUS_SPECIAL_LSB +: 16];
    wire        d_ixsm     = d_extended && d_status[`ETHERNET_TX_DATA_STATUS_IXSM_LSB];
    wire        d_txsm     = d_extended && d_status[`ETHERNET_TX_DATA_STATUS_TXSM_LSB];
    wire [19:0] d_length   = d_extended ? d_command[`ETHERNET_TX_DATA_COMMAND_DTALEN_LSB +: 20]
                                        : {4'd0, d_command[`ETHERNET_TX_LEGACY_COMMAND_LENGTH_LSB +: 16]};
    wire        d_insert   = !d_extended && d_command[`ETHERNET_TX_LEGACY_COMMAND_IC_LSB];
    wire [7:0]  d_cso      = d_command[`ETHERNET_TX_LEGACY_COMMAND_CSO_LSB +: 8];
    wire [7:0]  d_css      = d_status[`ETHERNET_TX_LEGACY_STATUS_CSS_LSB +: 8];

    // ---- contexts: 0 for plain sends, 1 for segmented ones (SDM 3.3.6)
    reg [31:0] ip0_reg, tu0_reg, ip1_reg, tu1_reg;
    reg        tcp0_reg, tcp1_reg, ipv4_1_reg;
    reg [19:0] paylen_reg;
    reg [7:0]  hdrlen_reg;
    reg [15:0] mss_reg;

    // ---- the open send
    reg [1:0]  state_reg;
    reg        open_reg;                    // a send is open: its start record is out
    reg        discard_reg;                 // swallowing descriptors up to EOP
    reg        tso_reg;
    reg [7:0]  header_left_reg;
    reg [15:0] packet_left_reg;             // bytes the stream packet may still take
    reg        packet_open_reg;             // it has bytes
    reg [15:0] send_mss_reg;
    reg        send_vle_reg, send_fcs_reg;
    reg [15:0] send_special_reg;
    reg [19:0] payload_left_reg;
    reg [63:0] address_reg;
    reg [19:0] left_reg;                    // bytes of the descriptor
    reg        bad_send_reg, bad_fetch_reg, segmented_reg, segmented_failed_reg;

    // The open descriptor stays at the input until its last byte is ordered.
    wire        in_header  = tso_reg && header_left_reg != 8'd0;
    wire [15:0] room       = in_header ? {8'd0, header_left_reg} : packet_left_reg;
    wire        fits       = left_reg <= {4'd0, room};
    wire [15:0] chunk      = fits ? left_reg[15:0] : room;
    wire        too_long   = !tso_reg && !fits;
    wire        fills      = tso_reg && chunk == room && left_reg != 20'd0;     // the stream packet is complete
    wire        header_end = in_header && fills;
    wire        send_end   = fits && d_eop;
    wire        empty_send = send_end && (in_header ? 1'b1 : !packet_open_reg && left_reg == 20'd0);
    // a segmented send that ended on a segment boundary before an empty EOP descriptor is complete
    reg         any_segment_reg;
    wire        nothing    = empty_send && (in_header || !tso_reg || !any_segment_reg);
    wire        packet_end = fills || send_end;
    wire        last_segment = fits && (d_eop || payload_left_reg == {4'd0, chunk});
    wire        falls_short  = payload_left_reg > {4'd0, chunk};    // of PAYLEN, at the end of the send

    // of a segmented send these are the first descriptor's, of another those of the one with which it ends (SDM p. 49)
    wire        vle        = tso_reg ? send_vle_reg : d_vle;
    wire        insert_fcs = tso_reg ? send_fcs_reg : d_fcs;
    wire [15:0] special    = tso_reg ? send_special_reg : d_special;

    wire        step       = state_reg == STATE_DATA;
    wire        abort_now  = step && (too_long || nothing);
    wire        needs_cmd  = step && !abort_now && (left_reg != 20'd0 || (send_end && packet_open_reg));
    wire        needs_end  = step && !abort_now && packet_end;
    wire        end_empty  = empty_send;
    wire        queue_ready;
    wire        resources  = queue_ready && (!needs_cmd || cmd_ready) && (!needs_end || end_ready);
    wire        go         = step && !abort_now && resources;
    wire        abort_go   = state_reg == STATE_ABORT && queue_ready && end_ready && (!packet_open_reg || cmd_ready);

    // ---- a new descriptor
    wire        take       = state_reg == STATE_DESCRIPTOR && s_valid && enable && queue_ready;
    wire        faulty     = s_error || d_reserved;
    wire        bad_tso    = d_tse && (hdrlen_reg == 8'd0 || mss_reg == 16'd0
                                       || {9'd0, hdrlen_reg} + {1'b0, mss_reg} > {1'b0, LONGEST});
    wire        begin_send = take && !d_context && !faulty && !open_reg && !discard_reg && !bad_tso;
    wire        begin_ok   = !begin_send || start_ready;
    wire        swallow    = take && (d_context || (!open_reg && (faulty || discard_reg || bad_tso)));

    assign cmd_addr   = address_reg;
    assign cmd_length = state_reg == STATE_ABORT ? {LENGTH_WIDTH{1'b0}} : {{(LENGTH_WIDTH-16){1'b0}}, chunk};
    assign cmd_last   = state_reg == STATE_ABORT || packet_end;
    assign cmd_valid  = (needs_cmd && queue_ready && (!needs_end || end_ready))
                        || (state_reg == STATE_ABORT && packet_open_reg && queue_ready && end_ready);

    assign start_valid  = begin_send;
    assign start_record = d_extended ? {d_tse, d_ixsm, d_txsm,
                                        d_tse && ipv4_1_reg, d_tse ? tcp1_reg : tcp0_reg, hdrlen_reg,
                                        d_tse ? tu1_reg : tu0_reg, d_tse ? ip1_reg : ip0_reg}
                                     : {4'd0, 1'b1, 8'd0, 16'd0, 8'd0, d_css, 32'd0};

    assign end_valid  = (needs_end && queue_ready && (!needs_cmd || cmd_ready))
                        || (state_reg == STATE_ABORT && queue_ready && (!packet_open_reg || cmd_ready));
    assign end_record = state_reg == STATE_ABORT ? {17'd0, !packet_open_reg, 1'b1, 1'b1, 1'b0, 1'b0, 1'b0, 8'd0}
                                                 : {vle, special, end_empty, 1'b0, send_end, last_segment && !header_end, insert_fcs,
                                                    d_insert && send_end, d_cso};

    // ---- descriptors wait here until the mover has read their bytes
    wire       descriptor_end = fits || state_reg == STATE_ABORT;
    wire       push           = (swallow) || go || abort_go;
    wire       push_waits     = swallow ? 1'b0 : state_reg == STATE_ABORT ? packet_open_reg : needs_cmd;
    wire       push_ends      = swallow || descriptor_end;
    wire       head_waits, head_ends, head_report, head_delayed, head_valid;
    wire [5:0] queued;
    reg  [6:0] reads_done_reg;
    wire       head_done      = head_valid && (!head_waits || reads_done_reg != 7'd0);
    wire       head_pop       = head_done && (!head_ends || done_ready);

    sync_fifo #(.DATA_WIDTH(4), .DEPTH(32)) queue (
        .clk(clk), .rst(rst),
        .wr_data({push_waits, push_ends, d_report, d_delayed}), .wr_valid(push), .wr_ready(queue_ready),
        .rd_data({head_waits, head_ends, head_report, head_delayed}), .rd_valid(head_valid), .rd_ready(head_pop),
        .count(queued));

    assign done_valid   = head_done && head_ends;
    assign done_report  = head_report;
    assign done_delayed = head_delayed;

    assign s_ready  = swallow || (go && fits) || abort_go;
    assign bad_send = bad_send_reg;
    assign bad_fetch = bad_fetch_reg;
    assign segmented_sent   = segmented_reg;
    assign segmented_failed = segmented_failed_reg;
    assign busy     = queued != 6'd0 || state_reg != STATE_DESCRIPTOR || (s_valid && enable);

    /* verilator lint_off UNUSEDSIGNAL */   // bits that mean nothing
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{d_command, d_status};
`endif
    /* verilator lint_on UNUSEDSIGNAL */

    always @(posedge clk_gated) begin
        bad_send_reg         <= 1'b0;
        bad_fetch_reg        <= 1'b0;
        segmented_reg        <= 1'b0;
        segmented_failed_reg <= 1'b0;
        if (cmd_done != (head_pop && head_waits))
            reads_done_reg <= cmd_done ? reads_done_reg + 7'd1 : reads_done_reg - 7'd1;

        if (swallow) begin
            bad_fetch_reg <= s_error;
            if (d_context) begin
                if (d_command[`ETHERNET_TX_CONTEXT_COMMAND_TSE_LSB]) begin
                    ip1_reg    <= s_descriptor[31:0];
                    tu1_reg    <= s_descriptor[63:32];
                    paylen_reg <= d_command[`ETHERNET_TX_CONTEXT_COMMAND_PAYLEN_LSB +: 20];
                    tcp1_reg   <= d_command[`ETHERNET_TX_CONTEXT_COMMAND_TCP_LSB];
                    ipv4_1_reg <= d_command[`ETHERNET_TX_CONTEXT_COMMAND_IP_LSB];
                    hdrlen_reg <= d_status[`ETHERNET_TX_CONTEXT_STATUS_HDRLEN_LSB +: 8];
                    mss_reg    <= d_status[`ETHERNET_TX_CONTEXT_STATUS_MSS_LSB +: 16];
                end else begin
                    ip0_reg    <= s_descriptor[31:0];
                    tu0_reg    <= s_descriptor[63:32];
                    tcp0_reg   <= d_command[`ETHERNET_TX_CONTEXT_COMMAND_TCP_LSB];
                end
            end else begin
                bad_send_reg         <= !discard_reg;
                segmented_failed_reg <= !discard_reg && bad_tso && !faulty;
                // nothing is known of a descriptor that could not be read: what follows may be its packet's rest
                discard_reg          <= s_error || !d_eop;
            end
        end else if (take && begin_ok) begin
            if (open_reg && faulty) begin
                bad_fetch_reg <= s_error;
                state_reg     <= STATE_ABORT;
            end else begin
                state_reg   <= STATE_DATA;
                address_reg <= d_address;
                left_reg    <= d_length;
                if (!open_reg) begin
                    open_reg         <= 1'b1;
                    tso_reg          <= d_tse;
                    header_left_reg  <= hdrlen_reg;
                    packet_left_reg  <= d_tse ? mss_reg : LONGEST;
                    packet_open_reg  <= 1'b0;
                    any_segment_reg  <= 1'b0;
                    send_mss_reg     <= mss_reg;
                    payload_left_reg <= paylen_reg;
                    send_vle_reg     <= d_vle;
                    send_fcs_reg     <= d_fcs;
                    send_special_reg <= d_special;
                end
            end
        end

        if (abort_now) state_reg <= STATE_ABORT;
        if (go) begin
            address_reg     <= address_reg + {48'd0, chunk};
            left_reg        <= left_reg - {4'd0, chunk};
            packet_open_reg <= (packet_open_reg || chunk != 16'd0) && !packet_end;
            if (in_header) begin
                header_left_reg <= header_left_reg - chunk[7:0];
            end else begin
                packet_left_reg  <= packet_end ? send_mss_reg : packet_left_reg - chunk;
                payload_left_reg <= payload_left_reg > {4'd0, chunk} ? payload_left_reg - {4'd0, chunk} : 20'd0;
                if (packet_end) any_segment_reg <= 1'b1;
            end
            if (fits) state_reg <= STATE_DESCRIPTOR;
            if (send_end) begin
                open_reg             <= 1'b0;
                segmented_reg        <= tso_reg && !falls_short;
                segmented_failed_reg <= tso_reg && falls_short;
            end
        end
        if (abort_go) begin
            state_reg            <= STATE_DESCRIPTOR;
            open_reg             <= 1'b0;
            packet_open_reg      <= 1'b0;
            discard_reg          <= s_error || !d_eop;
            bad_send_reg         <= 1'b1;
            segmented_failed_reg <= tso_reg;
        end
        if (rst) begin
            state_reg       <= STATE_DESCRIPTOR;
            open_reg        <= 1'b0;
            discard_reg     <= 1'b0;
            packet_open_reg <= 1'b0;
            reads_done_reg  <= 7'd0;
            hdrlen_reg      <= 8'd0;
            mss_reg         <= 16'd0;
            paylen_reg      <= 20'd0;
            ip0_reg  <= 32'd0;
            tu0_reg  <= 32'd0;
            ip1_reg  <= 32'd0;
            tu1_reg  <= 32'd0;
            tcp0_reg <= 1'b1;
            tcp1_reg <= 1'b1;
            ipv4_1_reg <= 1'b0;
            bad_send_reg  <= 1'b0;
            bad_fetch_reg <= 1'b0;
            segmented_reg <= 1'b0;
            segmented_failed_reg <= 1'b0;
        end
    end
endmodule
`default_nettype wire
