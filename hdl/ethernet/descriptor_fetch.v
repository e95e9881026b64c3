// Prefetches the descriptors of a ring: several in one burst, up to the tail, into a small cache.
// Used by the transmit and by the receive ring alike (82544 SDM 3.2.4 and 3.4).
`default_nettype none
module descriptor_fetch #(
    parameter CACHE = 16                    // descriptors, a power of two, at most 32
) (
    input  wire         clk,
    input  wire         rst,

    input  wire         enable,
    input  wire [63:0]  base,               // multiple of 16
    input  wire [15:0]  count,              // descriptors of the ring
    input  wire [15:0]  tail,               // beyond the ring: nothing is fetched
    input  wire         load_head,          // software writes the head: the cache is emptied, fetching starts there
    input  wire [15:0]  head,

    // reads; the data are always taken
    output wire [63:0]  ar_addr,
    output wire [7:0]   ar_len,
    output wire         ar_valid,
    input  wire         ar_ready,
    input  wire [63:0]  r_data,
    input  wire         r_error,
    input  wire         r_last,
    input  wire         r_valid,

    output wire [127:0] m_descriptor,
    output wire         m_error,            // the read failed: the content is undefined
    output wire         m_valid,
    input  wire         m_ready,

    output wire         exhausted,          // everything up to the tail has been fetched
    output wire         busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || load_head || start || pending_reg || ar_valid_reg),
        .gated(clk_gated)
    );

    localparam CACHE_BITS = $clog2(CACHE);

    initial if (CACHE > 32 || CACHE != (1 << CACHE_BITS)) begin
        $display("ERROR: descriptor_fetch CACHE must be a power of two, at most 32 (%m)");
        $finish;
    end

    reg [15:0]           next_reg;          // next descriptor to fetch
    reg                  ar_valid_reg;
    reg [63:0]           ar_addr_reg;
    reg [7:0]            ar_len_reg;
    reg                  pending_reg;       // a burst is under way
    reg                  discard_reg;       // its data belong to an abandoned ring
    reg                  high_reg;          // second half of a descriptor comes next
    reg [63:0]           low_reg;
    reg                  low_error_reg;
    wire [CACHE_BITS:0]  cached;
    wire                 cache_ready;

    wire        usable    = tail < count && next_reg < count;
    wire [15:0] waiting   = tail >= next_reg ? tail - next_reg : count - next_reg;
    wire [15:0] room      = CACHE[15:0] - {{(15-CACHE_BITS){1'b0}}, cached};
    wire [63:0] address   = base + {44'd0, next_reg, 4'd0};
    wire [15:0] in_page   = 16'd32 - {11'd0, address[8:4]};     // bursts end at multiples of 512 bytes
    wire [15:0] smaller   = waiting < room ? waiting : room;
    wire [15:0] amount    = smaller < in_page ? smaller : in_page;
    wire        start     = enable && usable && !pending_reg && !load_head && amount != 16'd0;
    wire [15:0] next_sum  = next_reg + amount;
    wire [15:0] beats     = {amount[14:0], 1'b0} - 16'd1;

    assign ar_addr   = ar_addr_reg;
    assign ar_len    = ar_len_reg;
    assign ar_valid  = ar_valid_reg;
    assign exhausted = !pending_reg && cached == {(CACHE_BITS+1){1'b0}} && (!usable || waiting == 16'd0);
    // descriptors that wait in the cache are no work, those on their way to its output are
    assign busy      = pending_reg || start || (cached != {(CACHE_BITS+1){1'b0}} && !m_valid);

    sync_fifo #(.DATA_WIDTH(129), .DEPTH(CACHE)) cache (
        .clk(clk), .rst(rst || load_head),
        .wr_data({low_error_reg || r_error, r_data, low_reg}),
        .wr_valid(r_valid && pending_reg && high_reg && !discard_reg), .wr_ready(cache_ready),
        .rd_data({m_error, m_descriptor}), .rd_valid(m_valid), .rd_ready(m_ready), .count(cached));

    always @(posedge clk_gated) begin
        if (ar_ready) ar_valid_reg <= 1'b0;
        if (start) begin
            pending_reg  <= 1'b1;
            ar_valid_reg <= 1'b1;
            ar_addr_reg  <= address;
            ar_len_reg   <= beats[7:0];
            high_reg     <= 1'b0;
            next_reg     <= next_sum >= count ? 16'd0 : next_sum;
        end
        if (r_valid && pending_reg) begin
            high_reg      <= !high_reg;
            low_reg       <= r_data;
            low_error_reg <= r_error;
            if (r_last) begin
                pending_reg <= 1'b0;
                discard_reg <= 1'b0;
            end
        end
        if (load_head) begin
            next_reg <= head;
            if (pending_reg && !(r_valid && r_last)) discard_reg <= 1'b1;
        end
        if (rst) begin
            next_reg     <= 16'd0;
            ar_valid_reg <= 1'b0;
            pending_reg  <= 1'b0;
            discard_reg  <= 1'b0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // room is counted before a fetch, which has fewer than 256 beats
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{cache_ready, beats[15:8]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
