// Takes the host's requests off the completer request stream (CQ) of the UltraScale+ PCIe block, 64 bits, dword-aligned.
`default_nettype none
module cq_deframer (
    input  wire        clk,
    input  wire        rst,

    input  wire [63:0] s_axis_cq_tdata,
    input  wire [1:0]  s_axis_cq_tkeep,
    input  wire        s_axis_cq_tlast,
    input  wire [87:0] s_axis_cq_tuser,
    input  wire        s_axis_cq_tvalid,
    output wire        s_axis_cq_tready,

    // Non-posted requests are asked for one by one (PG213, selective flow control): the block lets posted ones pass one
    // that has to wait
    output wire        nonposted_request,
    input  wire        nonposted_free,          // the last one is answered

    // Header, held until hdr_ready; then its payload, if it has one
    output wire        hdr_valid,
    input  wire        hdr_ready,
    output reg  [63:2] hdr_address,
    output reg  [10:0] hdr_dwords,
    output reg  [3:0]  hdr_type,                // PG213, request types
    output reg  [15:0] hdr_requester,
    output reg  [7:0]  hdr_tag,
    output reg  [7:0]  hdr_function,
    output reg  [2:0]  hdr_bar,
    output reg  [2:0]  hdr_tc,
    output reg  [2:0]  hdr_attr,
    output reg  [3:0]  hdr_first_be,
    output reg  [3:0]  hdr_last_be,
    output reg         hdr_has_payload,

    output wire [63:0] payload_data,            // dwords packed from lane 0
    output wire        payload_valid,
    output wire        payload_last,
    output wire        payload_damaged,         // the block says: throw it away
    input  wire        payload_ready,
    input  wire        discard,                 // who takes payload is being reset: the rest of what is under way is lost

    output wire        busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axis_cq_tvalid || state_reg != STATE_ADDRESS || nonposted_request),
        .gated(clk_gated)
    );

    localparam [1:0] STATE_ADDRESS = 2'd0;      // descriptor dwords 0 and 1
    localparam [1:0] STATE_REQUEST = 2'd1;      // descriptor dwords 2 and 3
    localparam [1:0] STATE_HELD    = 2'd2;
    localparam [1:0] STATE_PAYLOAD = 2'd3;

    localparam DISCONTINUE = 41;                // in tuser
    localparam [3:0] MEMORY_WRITE  = 4'b0001;   // PG213, request types: posted are this one ...
    localparam [3:0] FIRST_MESSAGE = 4'b1100;   // ... and messages

    reg [1:0] state_reg;
    reg       asked_reg;                        // a non-posted request may come
    reg       discard_reg;                      // the payload under way is

    wire nonposted_taken = hdr_valid && hdr_ready && hdr_type != MEMORY_WRITE && hdr_type < FIRST_MESSAGE;

    wire take_payload = payload_ready || discard_reg;

    assign nonposted_request = nonposted_free && !asked_reg && !rst;

    assign hdr_valid        = state_reg == STATE_HELD;
    assign payload_data     = s_axis_cq_tdata;
    assign payload_valid    = state_reg == STATE_PAYLOAD && s_axis_cq_tvalid && !discard_reg;
    assign payload_last     = s_axis_cq_tlast;
    assign payload_damaged  = s_axis_cq_tuser[DISCONTINUE];
    assign s_axis_cq_tready = state_reg == STATE_ADDRESS || state_reg == STATE_REQUEST ||
        (state_reg == STATE_PAYLOAD && take_payload);
    assign busy             = s_axis_cq_tvalid || state_reg != STATE_ADDRESS || nonposted_request;

    always @(posedge clk_gated) begin
        case (state_reg)
            STATE_ADDRESS: if (s_axis_cq_tvalid) begin
                hdr_address  <= s_axis_cq_tdata[63:2];
                hdr_first_be <= s_axis_cq_tuser[3:0];
                hdr_last_be  <= s_axis_cq_tuser[7:4];
                state_reg    <= STATE_REQUEST;
            end
            STATE_REQUEST: if (s_axis_cq_tvalid) begin
                hdr_dwords      <= s_axis_cq_tdata[10:0];
                hdr_type        <= s_axis_cq_tdata[14:11];
                hdr_requester   <= s_axis_cq_tdata[31:16];
                hdr_tag         <= s_axis_cq_tdata[32 +: 8];
                hdr_function    <= s_axis_cq_tdata[32+8 +: 8];
                hdr_bar         <= s_axis_cq_tdata[32+16 +: 3];
                hdr_tc          <= s_axis_cq_tdata[32+25 +: 3];
                hdr_attr        <= s_axis_cq_tdata[32+28 +: 3];
                hdr_has_payload <= !s_axis_cq_tlast;
                state_reg       <= STATE_HELD;
            end
            STATE_HELD: if (hdr_ready) state_reg <= hdr_has_payload ? STATE_PAYLOAD : STATE_ADDRESS;
            default: if (s_axis_cq_tvalid && take_payload && s_axis_cq_tlast) state_reg <= STATE_ADDRESS;
        endcase
        discard_reg <= state_reg == STATE_PAYLOAD && (discard || discard_reg) && !(s_axis_cq_tvalid && take_payload && s_axis_cq_tlast);
        if (nonposted_request)    asked_reg <= 1'b1;
        else if (nonposted_taken) asked_reg <= 1'b0;
        if (rst) begin
            state_reg   <= STATE_ADDRESS;
            asked_reg   <= 1'b0;
            discard_reg <= 1'b0;
        end
    end

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, s_axis_cq_tkeep, s_axis_cq_tuser[87:42], s_axis_cq_tuser[40:8]};
`endif
endmodule
`default_nettype wire
