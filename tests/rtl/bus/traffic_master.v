// Bench: a random AXI4 master. It writes values that follow from address and master, reads anywhere in its part of two
// memories, of a hole of the address map and beyond memory 0, and judges every response.
`default_nettype none
module traffic_master #(
    parameter NUMBER = 0
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire [7:0]  idle_percent,
    input  wire [15:0] bursts,
    output wire        finished,
    output reg         failed,

    output reg  [3:0]  m_axi_awid,
    output reg  [63:0] m_axi_awaddr,
    output reg  [7:0]  m_axi_awlen,
    output wire [2:0]  m_axi_awsize,
    output wire [1:0]  m_axi_awburst,
    output reg         m_axi_awvalid,
    input  wire        m_axi_awready,
    output wire [63:0] m_axi_wdata,
    output wire [7:0]  m_axi_wstrb,
    output wire        m_axi_wlast,
    output reg         m_axi_wvalid,
    input  wire        m_axi_wready,
    input  wire [3:0]  m_axi_bid,
    input  wire [1:0]  m_axi_bresp,
    input  wire        m_axi_bvalid,
    output reg         m_axi_bready,
    output reg  [3:0]  m_axi_arid,
    output reg  [63:0] m_axi_araddr,
    output reg  [7:0]  m_axi_arlen,
    output wire [2:0]  m_axi_arsize,
    output wire [1:0]  m_axi_arburst,
    output reg         m_axi_arvalid,
    input  wire        m_axi_arready,
    input  wire [3:0]  m_axi_rid,
    input  wire [63:0] m_axi_rdata,
    input  wire [1:0]  m_axi_rresp,
    input  wire        m_axi_rlast,
    input  wire        m_axi_rvalid,
    output reg         m_axi_rready
);
    localparam WINDOW = 4096;               // bytes of each memory that are this master's
    localparam [63:0] HOLE = 64'h8000_0002_0000_0000, BEYOND = 64'h0000_0000_0100_0000;

    reg        written [0:2*WINDOW/8-1];    // by memory and word: the write has been answered
    reg [63:0] w_addr [0:255], b_addr [0:255], r_addr [0:255];
    reg [7:0]  w_len  [0:255], b_len  [0:255], r_len  [0:255];
    reg [3:0]  b_id   [0:255], r_id   [0:255];
    reg [255:0] r_sure [0:255];             // beats whose word was written before the read was asked for
    reg [7:0]  w_head, w_tail, w_beat, b_head, b_tail, r_head, r_tail, r_beat;
    reg [15:0] writes, reads;
    reg [31:0] state;
    integer    i;

    localparam [31:0] MARK = 32'h5bd1e995 * (NUMBER + 1);
    function [63:0] value(input [63:0] addr);
        reg [31:0] low;
        begin
            low   = addr[31:0] * 32'd2654435761;
            value = {addr[63:32] ^ MARK, low};
        end
    endfunction
    function [31:0] word(input [63:0] addr);
        word = (addr[63] ? WINDOW / 8 : 0) + (addr[31:0] % WINDOW) / 8;
    endfunction
    function bad(input [63:0] addr);
        bad = addr >= HOLE || addr[63:24] == BEYOND[63:24];
    endfunction

    task random;
        begin
            state = state ^ (state << 13);
            state = state ^ (state >> 17);
            state = state ^ (state << 5);
        end
    endtask
    task random_burst(output [63:0] addr, output [7:0] len, output [3:0] id);
        reg [63:0] base;
        begin
            random;
            base = state[19:16] == 0 ? HOLE : state[19:16] == 1 ? BEYOND : state[20] ? 64'h8000_0000_0000_0000 : 64'd0;
            addr = base + NUMBER * WINDOW + {state[11:3], 3'd0};
            random;
            len = state[9:8] == 0 ? 0 : state[9:8] == 1 ? 8'd63 - addr[8:3] : state[5:0] % (64 - addr[8:3]);
            id  = state[13:10];
        end
    endtask

    wire [63:0] w_now = (w_addr[w_tail] & ~64'd7) + 8 * w_beat;
    assign m_axi_wdata   = value(w_now);
    assign m_axi_wstrb   = 8'hff;
    assign m_axi_wlast   = w_beat == w_len[w_tail];
    assign m_axi_awsize  = 3'd3;
    assign m_axi_awburst = 2'b01;
    assign m_axi_arsize  = 3'd3;
    assign m_axi_arburst = 2'b01;
    assign finished = writes == bursts && reads == bursts && !m_axi_awvalid && !m_axi_arvalid && w_head == w_tail
                      && b_head == b_tail && r_head == r_tail;

    task wrong(input [8*40-1:0] what);
        begin
            $display("MONITOR %m at %0t ps: %0s", $time, what);
            failed = 1;
        end
    endtask

    reg        r_done [0:255];
    reg [63:0] r_now;
    reg [7:0]  r_this;

    initial begin
        failed = 0;
        for (i = 0; i < 2 * WINDOW / 8; i = i + 1) written[i] = 0;
    end

    // blocking assignments on own state, outputs change after the clock edge only
    reg aw_fire, w_fire, b_fire, ar_fire, r_fire;
    reg [63:0] addr;
    reg [7:0]  len;
    reg [3:0]  id;
    always @(posedge clk) begin
        aw_fire = m_axi_awvalid && m_axi_awready;
        w_fire  = m_axi_wvalid && m_axi_wready;
        b_fire  = m_axi_bvalid && m_axi_bready;
        ar_fire = m_axi_arvalid && m_axi_arready;
        r_fire  = m_axi_rvalid && m_axi_rready;

        if (b_fire) begin
            if (m_axi_bid !== b_id[b_tail]) wrong("BID out of order");
            if (m_axi_bresp !== (bad(b_addr[b_tail]) ? 2'b11 : 2'b00)) wrong("BRESP");
            if (!bad(b_addr[b_tail]))
                for (i = 0; i <= b_len[b_tail]; i = i + 1) written[word(b_addr[b_tail]) + i] = 1;
            b_tail <= b_tail + 1;
        end
        if (r_fire) begin
            // in order within an ID; bursts are not interleaved
            if (r_beat == 0) begin
                r_this = r_tail;
                while (r_this != r_head && (r_done[r_this] || r_id[r_this] != m_axi_rid)) r_this = r_this + 8'd1;
                if (r_this == r_head) wrong("RID that nobody asked for");
            end
            r_now = (r_addr[r_this] & ~64'd7) + 8 * r_beat;
            if (m_axi_rid !== r_id[r_this]) wrong("bursts interleaved");
            if (m_axi_rresp !== (bad(r_addr[r_this]) ? 2'b11 : 2'b00)) wrong("RRESP");
            if (m_axi_rlast !== (r_beat == r_len[r_this])) wrong("RLAST");
            if (!bad(r_addr[r_this]) && m_axi_rdata !== value(r_now) && (r_sure[r_this][r_beat] || m_axi_rdata !== 64'd0))
                wrong("RDATA");
            r_beat <= m_axi_rlast ? 0 : r_beat + 1;
            if (m_axi_rlast) r_done[r_this] = 1;
        end
        if (r_tail != r_head && r_done[r_tail]) r_tail <= r_tail + 1;

        if (aw_fire) begin
            m_axi_awvalid <= 0;
            w_addr[w_head] <= m_axi_awaddr;
            w_len[w_head]  <= m_axi_awlen;
            b_addr[b_head] <= m_axi_awaddr;
            b_len[b_head]  <= m_axi_awlen;
            b_id[b_head]   <= m_axi_awid;
            w_head <= w_head + 1;
            b_head <= b_head + 1;
        end
        random;
        if ((!m_axi_awvalid || aw_fire) && writes != bursts && state[14:8] % 100 >= idle_percent) begin
            random_burst(addr, len, id);
            m_axi_awvalid <= 1;
            m_axi_awaddr  <= addr;
            m_axi_awlen   <= len;
            m_axi_awid    <= id;
            writes        <= writes + 1;
        end
        if (w_fire) begin
            w_beat <= m_axi_wlast ? 0 : w_beat + 1;
            if (m_axi_wlast) w_tail <= w_tail + 1;
        end
        // the head of the queue is known one clock after its address went
        m_axi_wvalid <= w_fire && m_axi_wlast ? w_head != w_tail + 8'd1 : w_head != w_tail;

        if (ar_fire) begin
            m_axi_arvalid  <= 0;
            r_addr[r_head] <= m_axi_araddr;
            r_len[r_head]  <= m_axi_arlen;
            r_id[r_head]   <= m_axi_arid;
            r_done[r_head] = 0;
            r_head <= r_head + 1;
        end
        random;
        if ((!m_axi_arvalid || ar_fire) && reads != bursts && state[14:8] % 100 >= idle_percent) begin
            random_burst(addr, len, id);
            m_axi_arvalid <= 1;
            m_axi_araddr  <= addr;
            m_axi_arlen   <= len;
            m_axi_arid    <= id;
            reads         <= reads + 1;
            for (i = 0; i <= len; i = i + 1)
                r_sure[ar_fire ? r_head + 8'd1 : r_head][i] = !bad(addr) && written[word(addr) + i];
        end
        random;
        m_axi_bready <= state[17];
        m_axi_rready <= state[18] || state[19];

        if (rst) begin
            state = seed * 32'd2246822519 + NUMBER * 32'd3266489917 + 1;
            {m_axi_awvalid, m_axi_wvalid, m_axi_arvalid, m_axi_bready, m_axi_rready} <= 0;
            {w_head, w_tail, w_beat, b_head, b_tail, r_head, r_tail, r_beat} <= 0;
            {writes, reads} <= 0;
        end
    end
endmodule
`default_nettype wire
