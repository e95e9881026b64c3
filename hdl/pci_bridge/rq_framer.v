// Frames memory requests for the requester request stream (RQ) of the UltraScale+ PCIe block, 64 bits, dword-aligned.
`default_nettype none
module rq_framer (
    input  wire        clk,
    input  wire        rst,

    // A request is held until req_ready, which comes with its last beat. The payload of a write must be complete
    // when the request is: the block does not allow tvalid to fall inside a packet.
    input  wire [63:2] req_address,
    input  wire [10:0] req_dwords,              // 1..1024
    input  wire [3:0]  req_first_be,
    input  wire [3:0]  req_last_be,             // 0 when req_dwords is 1
    input  wire        req_write,
    input  wire [7:0]  req_tag,
    input  wire [5:0]  req_sequence,            // comes back on pcie_rq_seq_num0 when the request is on its way
    input  wire        req_valid,
    output wire        req_ready,

    input  wire [63:0] payload_data,            // dwords packed from lane 0
    input  wire        payload_valid,
    output wire        payload_ready,

    output reg  [63:0] m_axis_rq_tdata,
    output reg  [1:0]  m_axis_rq_tkeep,
    output reg         m_axis_rq_tlast,
    output wire [61:0] m_axis_rq_tuser,
    output reg         m_axis_rq_tvalid,
    input  wire        m_axis_rq_tready
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || req_valid),
        .gated(clk_gated)
    );

    localparam [1:0] STATE_ADDRESS = 2'd0;      // descriptor dwords 0 and 1
    localparam [1:0] STATE_REQUEST = 2'd1;      // descriptor dwords 2 and 3
    localparam [1:0] STATE_PAYLOAD = 2'd2;

    localparam [3:0] MEMORY_READ  = 4'b0000;    // PG213, request types
    localparam [3:0] MEMORY_WRITE = 4'b0001;

    reg [1:0]  state_reg;
    reg [10:0] left_reg;                        // dwords of the payload still to go

    // Requester ID enable is 0: the block fills in the function's own bus number.
    wire [31:0] descriptor_2 = {16'd0, 1'b0, req_write ? MEMORY_WRITE : MEMORY_READ, req_dwords};
    wire [31:0] descriptor_3 = {24'd0, req_tag};

    // tuser: first_be 3:0, last_be 7:4, seq_num[3:0] 27:24, seq_num[5:4] 61:60; parity (59:28) unused
    assign m_axis_rq_tuser = {req_sequence[5:4], 32'd0, req_sequence[3:0], 16'd0, req_last_be, req_first_be};

    always @* begin
        m_axis_rq_tvalid = req_valid;
        m_axis_rq_tdata  = {req_address, 2'b00};
        m_axis_rq_tkeep  = 2'b11;
        m_axis_rq_tlast  = 1'b0;
        case (state_reg)
            STATE_REQUEST: begin
                m_axis_rq_tdata = {descriptor_3, descriptor_2};
                m_axis_rq_tlast = !req_write;
            end
            STATE_PAYLOAD: begin
                m_axis_rq_tvalid = req_valid && payload_valid;
                m_axis_rq_tdata  = payload_data;
                m_axis_rq_tkeep  = left_reg == 11'd1 ? 2'b01 : 2'b11;
                m_axis_rq_tlast  = left_reg <= 11'd2;
            end
            default: ;
        endcase
    end

    wire fire = m_axis_rq_tvalid && m_axis_rq_tready;
    assign req_ready     = fire && m_axis_rq_tlast;
    assign payload_ready = state_reg == STATE_PAYLOAD && req_valid && m_axis_rq_tready;

    always @(posedge clk_gated) begin
        if (fire) case (state_reg)
            STATE_ADDRESS: begin
                left_reg  <= req_dwords;
                state_reg <= STATE_REQUEST;
            end
            STATE_REQUEST: state_reg <= req_write ? STATE_PAYLOAD : STATE_ADDRESS;
            default: begin
                left_reg <= left_reg - 11'd2;
                if (m_axis_rq_tlast) state_reg <= STATE_ADDRESS;
            end
        endcase
        if (rst) state_reg <= STATE_ADDRESS;
    end
endmodule
`default_nettype wire
