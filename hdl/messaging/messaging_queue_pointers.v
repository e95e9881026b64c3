// A queue of 32-bit entries in card memory as its producer or consumer moves it: the pointers' arithmetic and flags.
`default_nettype none
module messaging_queue_pointers #(
    parameter QUEUE = 0                         // 0..3: place of the queue after QBAR, in queue sizes
) (
    input  wire        clk,
    input  wire        rst,

    input  wire [17:0] mask,                    // size of a queue in bytes, minus 1
    input  wire        head_advance,            // the hardware producer wrote an entry
    input  wire        tail_advance,            // the hardware consumer took an entry
    input  wire        head_write,              // the firmware moves a pointer
    input  wire        tail_write,
    input  wire [17:0] write_offset,

    output wire [19:0] head,                    // byte offsets from QBAR of the next entry
    output wire [19:0] tail,
    output wire        empty,
    output wire        full,                    // one entry stays unused, so that full differs from empty
    output wire        last_free                // one more entry makes it full
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || head_advance || tail_advance || head_write || tail_write),
        .gated(clk_gated)
    );

    initial if (QUEUE < 0 || QUEUE > 3) begin
        $display("ERROR: messaging_queue_pointers QUEUE must be 0 to 3 (%m)");
        $finish;
    end

    localparam [1:0] PLACE = QUEUE[1:0];

    reg [17:0] head_reg, tail_reg;

    // The size is a power of two from 2^14 to 2^18 bytes: PLACE * size is PLACE times (mask + 1).
    wire [20:0] size = {3'd0, mask} + 21'd1;
    wire [20:0] base = (PLACE[0] ? size : 21'd0) + (PLACE[1] ? size << 1 : 21'd0);

    wire [17:0] head_1 = (head_reg + 18'd4) & mask;
    wire [17:0] head_2 = (head_reg + 18'd8) & mask;
    wire [17:0] tail_1 = (tail_reg + 18'd4) & mask;

    assign head      = base[19:0] + {2'd0, head_reg & mask};
    assign tail      = base[19:0] + {2'd0, tail_reg & mask};
    assign empty     = (head_reg & mask) == (tail_reg & mask);
    assign full      = head_1 == (tail_reg & mask);
    assign last_free = head_2 == (tail_reg & mask);

    always @(posedge clk_gated) begin
        if (head_advance) head_reg <= head_1;
        if (tail_advance) tail_reg <= tail_1;
        if (head_write) head_reg <= write_offset & mask & 18'h3FFFC;
        if (tail_write) tail_reg <= write_offset & mask & 18'h3FFFC;
        if (rst) begin
            head_reg <= 18'd0;
            tail_reg <= 18'd0;
        end
    end

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, base[20]};
`endif

`ifdef FORMAL
`include "messaging_queue_pointers.vh"
`endif
endmodule
`default_nettype wire
