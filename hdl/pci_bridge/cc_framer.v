// Frames completions for the completer completion stream (CC) of the UltraScale+ PCIe block, 64 bits, dword-aligned.
`default_nettype none
module cc_framer (
    input  wire        clk,
    input  wire        rst,

    // A completion is held until cpl_ready, which comes with its last beat; its payload must be complete by then.
    input  wire [6:0]  cpl_lower_address,
    input  wire [12:0] cpl_byte_count,          // bytes left of the request, these included
    input  wire [10:0] cpl_dwords,              // of payload, 0: none
    input  wire [2:0]  cpl_status,
    input  wire        cpl_locked,
    input  wire [15:0] cpl_requester,
    input  wire [7:0]  cpl_tag,
    input  wire [7:0]  cpl_function,
    input  wire [2:0]  cpl_tc,
    input  wire [2:0]  cpl_attr,
    input  wire        cpl_valid,
    output wire        cpl_ready,

    input  wire [63:0] payload_data,            // dwords packed from lane 0
    output wire        payload_ready,

    output reg  [63:0] m_axis_cc_tdata,
    output reg  [1:0]  m_axis_cc_tkeep,
    output reg         m_axis_cc_tlast,
    output wire [32:0] m_axis_cc_tuser,
    output wire        m_axis_cc_tvalid,
    input  wire        m_axis_cc_tready
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || cpl_valid),
        .gated(clk_gated)
    );

    localparam [1:0] STATE_HEADER = 2'd0;       // descriptor dwords 0 and 1
    localparam [1:0] STATE_TAG    = 2'd1;       // descriptor dword 2 and the first of the payload
    localparam [1:0] STATE_DATA   = 2'd2;

    reg [1:0]  state_reg;
    reg [31:0] carry_reg;                       // second dword of the last payload word
    reg [10:0] left_reg;                        // dwords still to go, carry_reg included

    // Completer ID enable is 0: the block fills in the bus number.
    wire [31:0] descriptor_0 = {2'b00, cpl_locked, cpl_byte_count, 9'd0, cpl_lower_address};
    wire [31:0] descriptor_1 = {cpl_requester, 2'b00, cpl_status, cpl_dwords};
    wire [31:0] descriptor_2 = {1'b0, cpl_attr, cpl_tc, 1'b0, 8'd0, cpl_function, cpl_tag};

    assign m_axis_cc_tvalid = cpl_valid;
    assign m_axis_cc_tuser  = 33'd0;

    always @* begin
        m_axis_cc_tdata = {descriptor_1, descriptor_0};
        m_axis_cc_tkeep = 2'b11;
        m_axis_cc_tlast = 1'b0;
        case (state_reg)
            STATE_TAG: begin
                m_axis_cc_tdata = {cpl_dwords != 11'd0 ? payload_data[31:0] : 32'd0, descriptor_2};
                m_axis_cc_tkeep = cpl_dwords != 11'd0 ? 2'b11 : 2'b01;
                m_axis_cc_tlast = cpl_dwords <= 11'd1;
            end
            STATE_DATA: begin
                m_axis_cc_tdata = {left_reg != 11'd1 ? payload_data[31:0] : 32'd0, carry_reg};
                m_axis_cc_tkeep = left_reg != 11'd1 ? 2'b11 : 2'b01;
                m_axis_cc_tlast = left_reg <= 11'd2;
            end
            default: ;
        endcase
    end

    wire fire = m_axis_cc_tvalid && m_axis_cc_tready;
    assign cpl_ready     = fire && m_axis_cc_tlast;
    assign payload_ready = fire &&
        ((state_reg == STATE_TAG && cpl_dwords != 11'd0) || (state_reg == STATE_DATA && left_reg != 11'd1));

    always @(posedge clk_gated) begin
        if (fire) case (state_reg)
            STATE_HEADER: state_reg <= STATE_TAG;
            STATE_TAG: begin
                left_reg  <= cpl_dwords - 11'd1;
                state_reg <= m_axis_cc_tlast ? STATE_HEADER : STATE_DATA;
            end
            default: begin
                left_reg <= left_reg - 11'd2;
                if (m_axis_cc_tlast) state_reg <= STATE_HEADER;
            end
        endcase
        if (payload_ready) carry_reg <= payload_data[63:32];
        if (rst) state_reg <= STATE_HEADER;
    end
endmodule
`default_nettype wire
