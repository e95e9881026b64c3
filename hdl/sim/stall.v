// Simulation only: lets a valid/ready handshake through in random clocks; a transfer once offered stays offered.
// The delay line of LATENCY clocks holds up to DEPTH transfers, so latency costs no throughput.
`default_nettype none
module stall #(
    parameter WIDTH   = 64,
    parameter SALT    = 0,                  // makes each instance's sequence its own
    parameter LATENCY = 0,                  // clocks between entry and the first offer
    parameter DEPTH   = 128
) (
    input  wire             clk,
    input  wire             rst,
    input  wire [31:0]      seed,
    input  wire [7:0]       percent,        // of clocks without a transfer: 0..95
    input  wire [WIDTH-1:0] s_data,
    input  wire             s_valid,
    output wire             s_ready,
    output wire [WIDTH-1:0] m_data,
    output wire             m_valid,
    input  wire             m_ready,
    output wire             empty
);
    reg  open = 0;
    reg  seeded = 0;
    reg  [31:0] state;
    wire [WIDTH-1:0] data;
    wire valid, ready;

    assign m_data  = data;
    assign m_valid = valid && open;
    assign ready   = m_ready && open;

    always @(posedge clk) begin
        if (rst || !seeded) begin
            state  = seed ^ (SALT * 32'h9e3779b9);
            seeded <= 1;
        end
        state = state * 32'd1664525 + 32'd1013904223;
        open <= (m_valid && !m_ready) || (state[31:16] % 100 >= percent);
    end

    generate if (LATENCY == 0) begin : direct
        assign data    = s_data;
        assign valid   = s_valid;
        assign s_ready = ready;
        assign empty   = 1'b1;
    end else begin : delayed
        reg [WIDTH-1:0] line [0:DEPTH-1];
        reg [31:0]      due  [0:DEPTH-1];
        reg [31:0]      head, tail, now;
        assign s_ready = head - tail != DEPTH;
        assign valid   = head != tail && $signed(now - due[tail % DEPTH]) >= 0;
        assign data    = line[tail % DEPTH];
        assign empty   = head == tail;
        always @(posedge clk) begin
            now <= now + 1;
            if (s_valid && s_ready) begin
                line[head % DEPTH] <= s_data;
                due[head % DEPTH]  <= now + LATENCY;
                head <= head + 1;
            end
            if (valid && ready) tail <= tail + 1;
            if (rst) begin
                head <= 0;
                tail <= 0;
                now  <= 0;
            end
        end
    end endgenerate
endmodule
`default_nettype wire
