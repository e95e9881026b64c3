// Retires descriptors in ring order: writes back the second half of those that ask for it and advances the head.
// A descriptor is retired when its write-back has been acknowledged; several write-backs are under way at a time.
`default_nettype none
module descriptor_retire #(
    parameter TAG_WIDTH = 2,
    parameter DEPTH     = 16                // write-backs under way, a power of two
) (
    input  wire                 clk,
    input  wire                 rst,

    input  wire [63:0]          base,
    input  wire [15:0]          count,
    input  wire                 load_head,
    input  wire [15:0]          head_value,
    output wire [15:0]          head,       // first descriptor that is not retired

    // descriptors that are done, in order
    input  wire                 s_write,
    input  wire [63:0]          s_data,     // second half of the descriptor
    input  wire [7:0]           s_strb,
    input  wire [TAG_WIDTH-1:0] s_tag,
    input  wire                 s_valid,
    output wire                 s_ready,

    output wire [63:0]          w_addr,
    output wire [63:0]          w_data,
    output wire [7:0]           w_strb,
    output wire                 w_valid,
    input  wire                 w_ready,
    input  wire                 w_done,     // one write-back acknowledged

    output wire                 retired,    // pulse
    output wire                 retired_write,
    output wire [TAG_WIDTH-1:0] retired_tag,
    output wire                 busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || load_head || s_valid || w_done || queue_valid),
        .gated(clk_gated)
    );

    localparam COUNT_WIDTH = $clog2(DEPTH) + 1;

    reg  [15:0] issue_reg, head_reg;
    reg  [7:0]  acknowledged_reg;           // acknowledgements not yet used
    wire        queue_ready, queue_valid, queue_write;
    wire [TAG_WIDTH-1:0]   queue_tag;
    wire [COUNT_WIDTH-1:0] queued;

    wire take   = s_valid && s_ready;
    wire retire = queue_valid && (!queue_write || acknowledged_reg != 8'd0);

    function [15:0] following(input [15:0] index, input [15:0] length);
        following = index + 16'd1 >= length ? 16'd0 : index + 16'd1;
    endfunction

    assign w_addr  = base + {44'd0, issue_reg, 4'd8};
    assign w_data  = s_data;
    assign w_strb  = s_strb;
    assign w_valid = s_valid && s_write && queue_ready;
    assign s_ready = queue_ready && (!s_write || w_ready);
    assign head    = head_reg;
    assign retired       = retire;
    assign retired_write = queue_write;
    assign retired_tag   = queue_tag;
    assign busy    = queued != {COUNT_WIDTH{1'b0}};

    sync_fifo #(.DATA_WIDTH(1 + TAG_WIDTH), .DEPTH(DEPTH)) queue (
        .clk(clk), .rst(rst),
        .wr_data({s_write, s_tag}), .wr_valid(take), .wr_ready(queue_ready),
        .rd_data({queue_write, queue_tag}), .rd_valid(queue_valid), .rd_ready(retire), .count(queued));

    always @(posedge clk_gated) begin
        if (take)   issue_reg <= following(issue_reg, count);
        if (retire) head_reg  <= following(head_reg, count);
        if (w_done != (retire && queue_write))
            acknowledged_reg <= w_done ? acknowledged_reg + 8'd1 : acknowledged_reg - 8'd1;
        if (load_head) begin
            issue_reg <= head_value;
            head_reg  <= head_value;
        end
        if (rst) begin
            issue_reg        <= 16'd0;
            head_reg         <= 16'd0;
            acknowledged_reg <= 8'd0;
        end
    end
endmodule
`default_nettype wire
