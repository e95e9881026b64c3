// Bench harness: a sync_fifo and an async_fifo under random traffic, checked word by word; words are counted numbers.
`default_nettype none
module fifos_harness #(
    parameter WR_HALF = 4000,               // half periods, ps
    parameter RD_HALF = 8000,
    parameter PHASE   = 0,                  // of the read clock, ps
    parameter DEPTH   = 16
) (
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire [7:0]  wr_percent,          // clocks without a write, a read
    input  wire [7:0]  rd_percent,
    output reg  [31:0] sync_words,
    output reg  [31:0] async_words,
    output reg         sync_was_full,
    output reg         async_was_full,
    output reg         failed
);
    reg wr_clk = 0, rd_clk = 0;
    always #(WR_HALF) wr_clk = ~wr_clk;
    initial begin
        #(PHASE);
        forever #(RD_HALF) rd_clk = ~rd_clk;
    end

    localparam COUNT_WIDTH = $clog2(DEPTH) + 1;
    reg [31:0] wr_state, rd_state, s_in, s_out, a_in, a_out;
    reg s_wr, s_rd, a_wr, a_rd, wr_rst, rd_rst;
    wire s_wr_ready, s_rd_valid, a_wr_ready, a_rd_valid;
    wire [31:0] s_data, a_data;
    wire [COUNT_WIDTH-1:0] s_count, a_wr_count, a_rd_count;

    sync_fifo #(.DATA_WIDTH(32), .DEPTH(DEPTH)) one (
        .clk(wr_clk), .rst(wr_rst), .wr_data(s_in), .wr_valid(s_wr), .wr_ready(s_wr_ready), .rd_data(s_data),
        .rd_valid(s_rd_valid), .rd_ready(s_rd), .count(s_count));
    async_fifo #(.DATA_WIDTH(32), .DEPTH(DEPTH)) two (
        .wr_clk(wr_clk), .wr_rst(wr_rst), .wr_data(a_in), .wr_valid(a_wr), .wr_ready(a_wr_ready), .wr_count(a_wr_count),
        .rd_clk(rd_clk), .rd_rst(rd_rst), .rd_data(a_data), .rd_valid(a_rd_valid), .rd_ready(a_rd), .rd_count(a_rd_count));

    initial begin
        failed = 0;
        sync_was_full = 0;
        async_was_full = 0;
    end

    always @(posedge wr_clk) begin
        wr_rst <= rst;
        wr_state = rst ? seed : wr_state * 32'd1664525 + 32'd1013904223;
        if (s_wr && s_wr_ready) s_in <= s_in + 1;
        if (a_wr && a_wr_ready) a_in <= a_in + 1;
        if (!wr_rst && s_count == DEPTH) sync_was_full <= 1;
        if (!wr_rst && !a_wr_ready) async_was_full <= 1;
        if (s_rd && s_rd_valid) begin
            if (s_data !== s_out) failed = 1;
            s_out <= s_out + 1;
        end
        if (!wr_rst && s_count !== s_in - s_out) failed = 1;
        s_wr <= wr_state[15:8] % 100 >= wr_percent;
        a_wr <= wr_state[23:16] % 100 >= wr_percent;
        s_rd <= wr_state[31:24] % 100 >= rd_percent;
        sync_words <= s_out;
        if (rst) {s_wr, a_wr, s_rd, s_in, a_in, s_out} <= 0;
    end

    always @(posedge rd_clk) begin
        rd_rst <= rst;
        rd_state = rst ? ~seed : rd_state * 32'd1664525 + 32'd1013904223;
        if (a_rd && a_rd_valid) begin
            if (a_data !== a_out) failed = 1;
            a_out <= a_out + 1;
        end
        if (!rd_rst && a_rd_valid && a_rd_count == 0) failed = 1;
        a_rd <= rd_state[31:24] % 100 >= rd_percent;
        async_words <= a_out;
        if (rst) {a_rd, a_out} <= 0;
    end
endmodule
`default_nettype wire
