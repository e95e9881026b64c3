// Takes completions off the requester completion stream (RC) of the UltraScale+ PCIe block, 64 bits, dword-aligned.
// There is no back-pressure: whoever asked has reserved the room.
`default_nettype none
module rc_deframer (
    input  wire        clk,
    input  wire        rst,

    input  wire [63:0] s_axis_rc_tdata,
    input  wire [1:0]  s_axis_rc_tkeep,
    input  wire        s_axis_rc_tlast,
    input  wire [74:0] s_axis_rc_tuser,
    input  wire        s_axis_rc_tvalid,
    output wire        s_axis_rc_tready,

    // A completion is one or more clocks with cpl_valid, the last with cpl_last; the header is the same in all.
    output wire        cpl_valid,
    output wire        cpl_first,
    output wire        cpl_last,
    output reg  [63:0] cpl_data,                // dwords packed from lane 0
    output wire [1:0]  cpl_count,               // how many of them, 0..2
    output wire [7:0]  cpl_tag,
    output wire [12:0] cpl_byte_count,          // left of the request, this completion included
    output wire [3:0]  cpl_error_code,          // PG213: 0 normal, 1 poisoned, 2 bad status, 9 time-out ...
    output wire [2:0]  cpl_status,
    output wire        cpl_poisoned,
    output wire        cpl_completed            // the last completion of its request
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axis_rc_tvalid),
        .gated(clk_gated)
    );

    localparam [1:0] STATE_HEADER = 2'd0;       // descriptor dwords 0 and 1
    localparam [1:0] STATE_TAG    = 2'd1;       // descriptor dword 2 and the first of the payload
    localparam [1:0] STATE_DATA   = 2'd2;

    localparam DISCONTINUE = 42;                // tuser: the block found the data damaged

    reg [1:0] state_reg;
    reg [12:0] byte_count_reg;
    reg [3:0] error_code_reg;
    reg       completed_reg;
    reg [2:0] status_reg;
    reg       poisoned_reg;
    reg [7:0] tag_reg;

    assign s_axis_rc_tready = 1'b1;

    wire in_tag = state_reg == STATE_TAG;

    assign cpl_valid      = s_axis_rc_tvalid && state_reg != STATE_HEADER;
    assign cpl_first      = in_tag;
    assign cpl_last       = s_axis_rc_tlast;
    always @* begin
        if (in_tag) cpl_data = {32'd0, s_axis_rc_tdata[63:32]};
        else        cpl_data = s_axis_rc_tdata;
    end
    assign cpl_count      = in_tag ? {1'b0, s_axis_rc_tkeep[1]} : {s_axis_rc_tkeep[1], !s_axis_rc_tkeep[1]};
    assign cpl_tag        = in_tag ? s_axis_rc_tdata[7:0] : tag_reg;
    assign cpl_byte_count = byte_count_reg;
    assign cpl_error_code = error_code_reg;
    assign cpl_status     = status_reg;
    assign cpl_poisoned   = poisoned_reg || s_axis_rc_tuser[DISCONTINUE];
    assign cpl_completed  = completed_reg;

    always @(posedge clk_gated) begin
        if (s_axis_rc_tvalid) case (state_reg)
            STATE_HEADER: begin
                byte_count_reg <= s_axis_rc_tdata[28:16];
                error_code_reg <= s_axis_rc_tdata[15:12];
                completed_reg  <= s_axis_rc_tdata[30];
                status_reg     <= s_axis_rc_tdata[32+11 +: 3];
                poisoned_reg   <= s_axis_rc_tdata[32+14];
                state_reg      <= s_axis_rc_tlast ? STATE_HEADER : STATE_TAG;
            end
            STATE_TAG: begin
                tag_reg   <= s_axis_rc_tdata[7:0];
                state_reg <= s_axis_rc_tlast ? STATE_HEADER : STATE_DATA;
            end
            default: if (s_axis_rc_tlast) state_reg <= STATE_HEADER;
        endcase
        if (rst) state_reg <= STATE_HEADER;
    end

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, s_axis_rc_tkeep[0], s_axis_rc_tuser[74:43], s_axis_rc_tuser[41:0]};
`endif
endmodule
`default_nettype wire
