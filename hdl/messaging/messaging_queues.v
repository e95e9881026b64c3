// The four circular queues of the messaging unit in card memory: the host's port accesses, prefetch and pointers.
`default_nettype none
`include "card.vh"
module messaging_queues #(
    parameter ID_WIDTH = 4
) (
    input  wire                clk,
    input  wire                rst,

    // Configuration. configuration_write: QBAR or MUCR is being written, what was prefetched is void.
    input  wire                enable,
    input  wire [17:0]         size_mask,               // size of a queue in bytes, minus 1
    input  wire [31:0]         base_offset,             // QBAR, offset in card memory
    input  wire                configuration_write,

    // Pointers: 0 inbound free, 1 inbound post, 2 outbound post, 3 outbound free; written by the firmware
    input  wire [3:0]          head_write,
    input  wire [3:0]          tail_write,
    input  wire [17:0]         pointer_write_offset,
    output wire [79:0]         head,                    // 20 bits each, queue 0 lowest
    output wire [79:0]         tail,

    // Host's ports: index 0 the inbound port (40), 1 the outbound port (44). A request is held until its ready.
    input  wire [1:0]          port_read,
    output wire [1:0]          port_read_ready,
    output wire [63:0]         port_read_data,          // 32 bits each
    input  wire [1:0]          port_write,
    input  wire                port_write_whole,        // all four bytes enabled
    input  wire [31:0]         port_write_data,
    output reg  [1:0]          port_write_ready,

    output wire                inbound_post_not_empty,
    output wire                outbound_post_not_empty,
    output reg                 inbound_post_drop,       // events, one clock
    output reg                 outbound_free_drop,
    output reg                 outbound_free_full,
    output reg                 memory_error,

    output wire [ID_WIDTH-1:0] m_axi_awid,
    output wire [63:0]         m_axi_awaddr,
    output wire [7:0]          m_axi_awlen,
    output wire [2:0]          m_axi_awsize,
    output wire [1:0]          m_axi_awburst,
    output wire                m_axi_awvalid,
    input  wire                m_axi_awready,
    output wire [63:0]         m_axi_wdata,
    output wire [7:0]          m_axi_wstrb,
    output wire                m_axi_wlast,
    output wire                m_axi_wvalid,
    input  wire                m_axi_wready,
    input  wire [ID_WIDTH-1:0] m_axi_bid,
    input  wire [1:0]          m_axi_bresp,
    input  wire                m_axi_bvalid,
    output wire                m_axi_bready,
    output wire [ID_WIDTH-1:0] m_axi_arid,
    output wire [63:0]         m_axi_araddr,
    output wire [7:0]          m_axi_arlen,
    output wire [2:0]          m_axi_arsize,
    output wire [1:0]          m_axi_arburst,
    output wire                m_axi_arvalid,
    input  wire                m_axi_arready,
    input  wire [ID_WIDTH-1:0] m_axi_rid,
    input  wire [63:0]         m_axi_rdata,
    input  wire [1:0]          m_axi_rresp,
    input  wire                m_axi_rlast,
    input  wire                m_axi_rvalid,
    output wire                m_axi_rready,

    output wire                busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || configuration_write || state_reg != STATE_IDLE || port_write != 2'b00 || port_write_ready != 2'b00
            || fetch_wanted != 2'b00 || (prefetch_valid_reg & (taken | invalidate)) != 2'b00
            || inbound_post_drop || outbound_free_drop || outbound_free_full || memory_error),
        .gated(clk_gated)
    );

    localparam [31:0] NO_FRAME = 32'hFFFFFFFF;

    localparam INBOUND_FREE  = 0;
    localparam INBOUND_POST  = 1;
    localparam OUTBOUND_POST = 2;
    localparam OUTBOUND_FREE = 3;

    localparam [2:0] STATE_IDLE  = 3'd0;
    localparam [2:0] STATE_WRITE = 3'd1;                // address, then data
    localparam [2:0] STATE_B     = 3'd2;
    localparam [2:0] STATE_READ  = 3'd3;
    localparam [2:0] STATE_R     = 3'd4;

    reg [2:0]  state_reg;
    reg        port_reg;                                // which port's queue is being accessed
    reg [63:0] address_reg;
    reg [31:0] data_reg;
    reg        aw_pending_reg, w_pending_reg;
    reg        stale_reg;                               // the entry being read is void, the firmware moved something

    // Prefetched entry of the queue the host takes from: 0 inbound free, 1 outbound post
    reg [1:0]  prefetch_valid_reg;
    reg [31:0] prefetch_0_reg, prefetch_1_reg;

    wire [3:0] empty, full, last_free;
    reg  [3:0] head_advance;
    wire [3:0] tail_advance;

    genvar q;
    generate for (q = 0; q < 4; q = q + 1) begin : queue
        messaging_queue_pointers #(.QUEUE(q)) pointers (
            .clk(clk), .rst(rst),
            .mask(size_mask),
            .head_advance(head_advance[q]), .tail_advance(tail_advance[q]),
            .head_write(head_write[q]), .tail_write(tail_write[q]), .write_offset(pointer_write_offset),
            .head(head[20*q +: 20]), .tail(tail[20*q +: 20]),
            .empty(empty[q]), .full(full[q]), .last_free(last_free[q])
        );
    end endgenerate

    assign inbound_post_not_empty  = enable && !empty[INBOUND_POST];
    assign outbound_post_not_empty = enable && !empty[OUTBOUND_POST];

    // ---- Taking: the entry at the tail has been fetched before the host asks for it ----

    wire [1:0] take_empty  = {empty[OUTBOUND_POST], empty[INBOUND_FREE]};
    wire [1:0] fetching    = (state_reg == STATE_READ || state_reg == STATE_R) ? (port_reg ? 2'b10 : 2'b01) : 2'b00;
    wire [1:0] take_ready  = prefetch_valid_reg & ~take_empty;
    wire [1:0] none_ready  = {2{!enable}} | (take_empty & ~fetching);
    wire [1:0] taken       = port_read & take_ready & {2{enable}};

    assign port_read_ready = none_ready | (take_ready & {2{enable}});
    assign port_read_data  = {none_ready[1] ? NO_FRAME : prefetch_1_reg, none_ready[0] ? NO_FRAME : prefetch_0_reg};
    assign tail_advance    = {1'b0, taken[1], 1'b0, taken[0]};

    // Pointers, base or size moved by the firmware make what was fetched from the old place void.
    wire [1:0] invalidate = {2{configuration_write || !enable}} | take_empty |
        {tail_write[OUTBOUND_POST], tail_write[INBOUND_FREE]};

    wire [1:0] fetch_wanted = ~prefetch_valid_reg & ~take_empty & ~invalidate & {2{enable}};

    // ---- Giving: an entry is in memory before the head moves past it ----

    wire        give_port   = !port_write[0];           // the port served when state_reg is STATE_IDLE
    wire        give_full   = give_port ? full[OUTBOUND_FREE] : full[INBOUND_POST];
    wire [19:0] give_offset = give_port ? head[20*OUTBOUND_FREE +: 20] : head[20*INBOUND_POST +: 20];
    wire        give_wanted = (port_write & ~port_write_ready) != 2'b00;
    wire        fetch_port  = fetch_wanted[1];
    wire [19:0] fetch_offset = fetch_port ? tail[20*OUTBOUND_POST +: 20] : tail[20*INBOUND_FREE +: 20];

    wire [63:0] queues_address = `CARD_MEMORY_BASE + {32'd0, base_offset};

    assign m_axi_awid    = {ID_WIDTH{1'b0}};
    assign m_axi_awaddr  = {address_reg[63:3], 3'd0};
    assign m_axi_awlen   = 8'd0;
    assign m_axi_awsize  = 3'd3;
    assign m_axi_awburst = 2'b01;
    assign m_axi_awvalid = aw_pending_reg;
    assign m_axi_wdata   = {data_reg, data_reg};
    assign m_axi_wstrb   = address_reg[2] ? 8'hF0 : 8'h0F;
    assign m_axi_wlast   = 1'b1;
    assign m_axi_wvalid  = w_pending_reg && !aw_pending_reg;        // data must not come before its address
    assign m_axi_bready  = state_reg == STATE_B;
    assign m_axi_arid    = {ID_WIDTH{1'b0}};
    assign m_axi_araddr  = address_reg;
    assign m_axi_arlen   = 8'd0;
    assign m_axi_arsize  = 3'd3;
    assign m_axi_arburst = 2'b01;
    assign m_axi_arvalid = state_reg == STATE_READ;
    assign m_axi_rready  = state_reg == STATE_R;

    wire write_good = m_axi_bvalid && m_axi_bready && m_axi_bresp == 2'b00;
    wire read_done  = m_axi_rvalid && m_axi_rready;

    always @* begin
        head_advance = 4'b0000;
        if (write_good) head_advance[port_reg ? OUTBOUND_FREE : INBOUND_POST] = 1'b1;
    end

    always @(posedge clk_gated) begin
        port_write_ready   <= 2'b00;
        inbound_post_drop  <= 1'b0;
        outbound_free_drop <= 1'b0;
        outbound_free_full <= 1'b0;
        memory_error       <= 1'b0;

        prefetch_valid_reg <= prefetch_valid_reg & ~taken & ~invalidate;
        if ((fetching & invalidate) != 2'b00) stale_reg <= 1'b1;

        case (state_reg)
            STATE_IDLE: begin
                stale_reg <= 1'b0;
                if (give_wanted) begin
                    port_reg    <= give_port;
                    data_reg    <= port_write_data;
                    address_reg <= queues_address + {44'd0, give_offset};
                    if (!enable || !port_write_whole || give_full) begin
                        port_write_ready[give_port] <= 1'b1;
                        if (give_port) outbound_free_drop <= 1'b1;
                        else           inbound_post_drop  <= 1'b1;
                    end else begin
                        aw_pending_reg <= 1'b1;
                        w_pending_reg  <= 1'b1;
                        state_reg      <= STATE_WRITE;
                    end
                end else if (fetch_wanted != 2'b00) begin
                    port_reg    <= fetch_port;
                    address_reg <= queues_address + {44'd0, fetch_offset};
                    state_reg   <= STATE_READ;
                end
            end
            STATE_WRITE: begin
                if (m_axi_awready) aw_pending_reg <= 1'b0;
                if (m_axi_wvalid && m_axi_wready) begin
                    w_pending_reg <= 1'b0;
                    state_reg     <= STATE_B;
                end
            end
            STATE_B: if (m_axi_bvalid) begin
                port_write_ready[port_reg] <= 1'b1;
                if (m_axi_bresp != 2'b00) begin
                    memory_error <= 1'b1;
                    if (port_reg) outbound_free_drop <= 1'b1;
                    else          inbound_post_drop  <= 1'b1;
                end else if (port_reg && last_free[OUTBOUND_FREE]) begin
                    outbound_free_full <= 1'b1;
                end
                state_reg <= STATE_IDLE;
            end
            STATE_READ: if (m_axi_arready) state_reg <= STATE_R;
            STATE_R: if (read_done) begin
                // An unreadable entry is passed on as "none", so that the queue does not stand still for good.
                if (!stale_reg && (fetching & invalidate) == 2'b00) prefetch_valid_reg[port_reg] <= 1'b1;
                if (m_axi_rresp != 2'b00) memory_error <= 1'b1;
                if (port_reg) prefetch_1_reg <= m_axi_rresp != 2'b00 ? NO_FRAME : address_reg[2] ? m_axi_rdata[63:32] : m_axi_rdata[31:0];
                else          prefetch_0_reg <= m_axi_rresp != 2'b00 ? NO_FRAME : address_reg[2] ? m_axi_rdata[63:32] : m_axi_rdata[31:0];
                state_reg <= STATE_IDLE;
            end
            default: state_reg <= STATE_IDLE;
        endcase

        if (rst) begin
            state_reg          <= STATE_IDLE;
            aw_pending_reg     <= 1'b0;
            w_pending_reg      <= 1'b0;
            prefetch_valid_reg <= 2'b00;
            port_write_ready   <= 2'b00;
            inbound_post_drop  <= 1'b0;
            outbound_free_drop <= 1'b0;
            outbound_free_full <= 1'b0;
            memory_error       <= 1'b0;
        end
    end

    assign busy = state_reg != STATE_IDLE || give_wanted || fetch_wanted != 2'b00;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, m_axi_bid, m_axi_rid, m_axi_rlast, full[0], full[2], last_free[2:0]};
`endif
endmodule
`default_nettype wire
