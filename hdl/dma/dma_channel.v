// One DMA channel: fetches chained descriptors ahead and carries them out with a read mover and a write mover.
//
//   registers -> descriptor fetch -> queue -> read mover -> stream -> write mover -> done, in order
//                                     '----- in_flight: what the registers show ------'
//
// Up to IN_FLIGHT descriptors are under way, so that consecutive descriptors follow each other without a gap. After an
// error the descriptors already under way are still carried out, but not counted, and nothing more is fetched.
`default_nettype none
`include "dma.vh"
`include "dma_descriptor.vh"
module dma_channel #(
    parameter MAX_BURST_BYTES = 512,
    parameter BUFFER_BYTES    = 2048,
    parameter IN_FLIGHT       = 8           // power of two, 2..16
) (
    input  wire        clk,
    input  wire        rst,

    // register accesses, offsets within the channel; reg_rdata follows reg_addr in the same clock
    input  wire [5:0]  reg_addr,
    input  wire        reg_write,
    input  wire [31:0] reg_wdata,
    output reg  [31:0] reg_rdata,

    // ID 0: data, ID 1: descriptors
    output wire [2:0]  m_axi_awid,
    output wire [63:0] m_axi_awaddr,
    output wire [7:0]  m_axi_awlen,
    output wire [2:0]  m_axi_awsize,
    output wire [1:0]  m_axi_awburst,
    output wire        m_axi_awvalid,
    input  wire        m_axi_awready,
    output wire [63:0] m_axi_wdata,
    output wire [7:0]  m_axi_wstrb,
    output wire        m_axi_wlast,
    output wire        m_axi_wvalid,
    input  wire        m_axi_wready,
    input  wire [2:0]  m_axi_bid,
    input  wire [1:0]  m_axi_bresp,
    input  wire        m_axi_bvalid,
    output wire        m_axi_bready,
    output wire [2:0]  m_axi_arid,
    output wire [63:0] m_axi_araddr,
    output wire [7:0]  m_axi_arlen,
    output wire [2:0]  m_axi_arsize,
    output wire [1:0]  m_axi_arburst,
    output wire        m_axi_arvalid,
    input  wire        m_axi_arready,
    input  wire [2:0]  m_axi_rid,
    input  wire [63:0] m_axi_rdata,
    input  wire [1:0]  m_axi_rresp,
    input  wire        m_axi_rlast,
    input  wire        m_axi_rvalid,
    output wire        m_axi_rready,

    output wire        irq,
    output wire        busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || reg_write || fetch_moves || (read_cmd_valid && read_cmd_ready) || (write_cmd_valid && write_cmd_ready)
            || read_done || write_done || ar_held_reg != ar_waits || ar_fetch_reg != ar_fetch),
        .gated(clk_gated)
    );

    localparam LENGTH_WIDTH = `DMA_DESCRIPTOR_LENGTH_COUNT_WIDTH;
    localparam INDEX_WIDTH  = $clog2(IN_FLIGHT);
    localparam [2:0] DATA_ID = 3'd0, DESCRIPTOR_ID = 3'd1;

    initial if (IN_FLIGHT < 2 || IN_FLIGHT > 16 || IN_FLIGHT != (1 << INDEX_WIDTH)) begin
        $display("ERROR: dma_channel IN_FLIGHT must be a power of two, 2..16 (%m)");
        $finish;
    end

    // ---- registers --------------------------------------------------------------------------------------
    reg        enable_reg, resume_reg, eoc_interrupt_reg;
    reg        descriptor_error_reg, read_error_reg, write_error_reg, eoc_reg, eot_reg;
    reg [63:0] ndar_reg;
    reg [31:0] done_reg;
    reg        kick_reg;                    // CCR was written with ENABLE set and has not been acted on

    wire any_error  = descriptor_error_reg || read_error_reg || write_error_reg;
    wire write_ccr  = reg_write && {26'd0, reg_addr} == `DMA_CHANNEL_CCR;
    wire write_csr  = reg_write && {26'd0, reg_addr} == `DMA_CHANNEL_CSR;
    wire write_ndar_low  = reg_write && {26'd0, reg_addr} == `DMA_CHANNEL_NDAR_LOW;
    wire write_ndar_high = reg_write && {26'd0, reg_addr} == `DMA_CHANNEL_NDAR_HIGH;

    // ---- descriptors under way, in order ------------------------------------------------------------------
    reg [63:0]             entry_addr        [0:IN_FLIGHT-1];
    reg [63:0]             entry_source      [0:IN_FLIGHT-1];
    reg [63:0]             entry_destination [0:IN_FLIGHT-1];
    reg [LENGTH_WIDTH-1:0] entry_length      [0:IN_FLIGHT-1];
    reg [IN_FLIGHT-1:0]    entry_interrupt_reg;
    reg [IN_FLIGHT-1:0]    entry_read_error_reg;
    reg [INDEX_WIDTH:0]    head_reg;        // next free; one bit more than an index
    reg [INDEX_WIDTH:0]    read_issue_reg, write_issue_reg, read_done_reg;
    reg [INDEX_WIDTH:0]    tail_reg;        // oldest not done
    reg [INDEX_WIDTH-1:0]  failed_index_reg;
    reg                    stopped_reg;     // a descriptor failed; those after it are not counted

    wire [INDEX_WIDTH:0]   used  = head_reg - tail_reg;
    wire                   full  = used[INDEX_WIDTH];
    wire                   empty = used == {(INDEX_WIDTH+1){1'b0}};
    wire [INDEX_WIDTH-1:0] head  = head_reg[INDEX_WIDTH-1:0];
    wire [INDEX_WIDTH-1:0] tail  = tail_reg[INDEX_WIDTH-1:0];
    wire [INDEX_WIDTH-1:0] read_index  = read_issue_reg[INDEX_WIDTH-1:0];
    wire [INDEX_WIDTH-1:0] write_index = write_issue_reg[INDEX_WIDTH-1:0];
    wire [INDEX_WIDTH-1:0] shown = stopped_reg ? failed_index_reg : empty ? tail - 1'b1 : tail;

    // ---- descriptor fetch -----------------------------------------------------------------------------------
    localparam [2:0] STATE_IDLE   = 3'd0,         // waits for CCR
                     STATE_FETCH  = 3'd1,         // waits for room, then asks for the descriptor at NDAR
                     STATE_WORDS  = 3'd2,         // its four beats
                     STATE_STORE  = 3'd3,
                     STATE_TAIL   = 3'd4,         // end of chain known; waits for its end, or a resume
                     STATE_RESUME = 3'd5,         // asks for the next address of the last descriptor again
                     STATE_NEXT   = 3'd6;         // its beat
    reg [2:0]  state_reg;
    reg        fetch_arvalid_reg;
    reg [1:0]  beat_reg;
    reg        fetch_error_reg;
    reg [63:0] next_reg, source_reg, destination_reg;
    reg [63:0] word_reg;                    // length and control
    reg [63:0] last_reg;                    // address of the last descriptor fetched
    reg        last_known_reg;
    reg        eoc_due_reg;                 // descriptors were fetched since the last end of chain

    wire fetch_rvalid = m_axi_rvalid && m_axi_rid == DESCRIPTOR_ID;
    wire length_bad   = word_reg[31:LENGTH_WIDTH] != {(32-LENGTH_WIDTH){1'b0}};
    wire aligned      = ndar_reg[4:0] == 5'd0;
    wire store        = state_reg == STATE_STORE && !any_error && !stopped_reg && !fetch_error_reg && !length_bad;
    wire fetch_active = state_reg != STATE_IDLE;

    // what the fetch waits for has come
    wire fetch_moves = state_reg == STATE_IDLE ? kick_reg
        : state_reg == STATE_FETCH ? fetch_arfire
            || (!fetch_arvalid_reg && (!full || any_error || stopped_reg || !enable_reg || !aligned))
        : state_reg == STATE_TAIL ? any_error || stopped_reg || resume_reg || empty
        : state_reg == STATE_RESUME ? fetch_arfire
        : state_reg == STATE_STORE || fetch_rvalid;

    // ---- movers ---------------------------------------------------------------------------------------------
    wire        read_cmd_valid  = read_issue_reg != head_reg;
    wire        write_cmd_valid = write_issue_reg != head_reg;
    wire        read_cmd_ready, write_cmd_ready;
    wire        read_done, read_failed, write_done, write_failed, read_busy, write_busy;
    wire [63:0] tdata;
    wire [7:0]  tkeep;
    wire        tvalid, tready, tlast, tuser;
    wire [2:0]  data_arid;
    wire [63:0] data_araddr;
    wire [7:0]  data_arlen;
    wire [2:0]  data_arsize;
    wire [1:0]  data_arburst;
    wire        data_arvalid, data_arready, data_rready;

    axi_read_mover #(
        .ID_WIDTH(3), .ID(0), .MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES), .LENGTH_WIDTH(LENGTH_WIDTH)
    ) read_mover (
        .clk(clk), .rst(rst),
        .cmd_addr(entry_source[read_index]), .cmd_length(entry_length[read_index]), .cmd_last(1'b1),
        .cmd_valid(read_cmd_valid), .cmd_ready(read_cmd_ready),
        .m_axi_arid(data_arid), .m_axi_araddr(data_araddr), .m_axi_arlen(data_arlen), .m_axi_arsize(data_arsize),
        .m_axi_arburst(data_arburst), .m_axi_arvalid(data_arvalid), .m_axi_arready(data_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid && m_axi_rid == DATA_ID), .m_axi_rready(data_rready),
        .m_axis_tdata(tdata), .m_axis_tkeep(tkeep), .m_axis_tvalid(tvalid), .m_axis_tready(tready),
        .m_axis_tlast(tlast), .m_axis_tuser(tuser),
        .done_valid(read_done), .done_error(read_failed), .busy(read_busy));

    axi_write_mover #(
        .ID_WIDTH(3), .ID(0), .MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES), .LENGTH_WIDTH(LENGTH_WIDTH)
    ) write_mover (
        .clk(clk), .rst(rst),
        .cmd_addr(entry_destination[write_index]), .cmd_length(entry_length[write_index]),
        .cmd_valid(write_cmd_valid), .cmd_ready(write_cmd_ready),
        .s_axis_tdata(tdata), .s_axis_tkeep(tkeep), .s_axis_tvalid(tvalid), .s_axis_tready(tready), .s_axis_tlast(tlast),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid),
        .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
        .m_axi_bready(m_axi_bready),
        .done_valid(write_done), .done_error(write_failed), .busy(write_busy));

    // ---- one read address channel for descriptors (first) and data; a waiting address is not changed --------
    reg  ar_held_reg, ar_fetch_reg;
    wire ar_waits = m_axi_arvalid && !m_axi_arready;
    wire ar_fetch = ar_held_reg ? ar_fetch_reg : fetch_arvalid_reg;

    assign m_axi_arid    = ar_fetch ? DESCRIPTOR_ID : data_arid;
    assign m_axi_araddr  = !ar_fetch ? data_araddr : state_reg == STATE_RESUME ? last_reg : ndar_reg;
    assign m_axi_arlen   = !ar_fetch ? data_arlen : state_reg == STATE_RESUME ? 8'd0 : 8'd3;
    assign m_axi_arsize  = ar_fetch ? 3'd3 : data_arsize;
    assign m_axi_arburst = ar_fetch ? 2'b01 : data_arburst;
    assign m_axi_arvalid = ar_fetch ? fetch_arvalid_reg : data_arvalid;
    assign data_arready  = m_axi_arready && !ar_fetch;
    assign m_axi_rready  = m_axi_rid == DESCRIPTOR_ID || data_rready;
    wire   fetch_arfire  = ar_fetch && fetch_arvalid_reg && m_axi_arready;

    // ---- completion -------------------------------------------------------------------------------------------
    wire this_read_error = entry_read_error_reg[tail];
    wire failed          = write_done && !stopped_reg && (this_read_error || write_failed);
    wire completed       = write_done && !stopped_reg && !this_read_error && !write_failed;

    assign irq  = any_error || eot_reg || (eoc_reg && eoc_interrupt_reg);
    assign busy = fetch_active || !empty || read_busy || write_busy || kick_reg;

    // 0 until the first descriptor since reset: the entries themselves have no reset
    wire [63:0]             shown_addr        = last_known_reg ? entry_addr[shown] : 64'd0;
    wire [63:0]             shown_source      = last_known_reg ? entry_source[shown] : 64'd0;
    wire [63:0]             shown_destination = last_known_reg ? entry_destination[shown] : 64'd0;
    wire [LENGTH_WIDTH-1:0] shown_length      = last_known_reg ? entry_length[shown] : {LENGTH_WIDTH{1'b0}};

    always @* begin
        reg_rdata = 32'd0;
        case ({26'd0, reg_addr})
            `DMA_CHANNEL_CCR: begin
                reg_rdata[`DMA_CHANNEL_CCR_ENABLE_LSB]        = enable_reg;
                reg_rdata[`DMA_CHANNEL_CCR_CHAIN_RESUME_LSB]  = resume_reg;
                reg_rdata[`DMA_CHANNEL_CCR_EOC_INTERRUPT_LSB] = eoc_interrupt_reg;
            end
            `DMA_CHANNEL_CSR: begin
                reg_rdata[`DMA_CHANNEL_CSR_DESCRIPTOR_ERROR_LSB] = descriptor_error_reg;
                reg_rdata[`DMA_CHANNEL_CSR_READ_ERROR_LSB]       = read_error_reg;
                reg_rdata[`DMA_CHANNEL_CSR_WRITE_ERROR_LSB]      = write_error_reg;
                reg_rdata[`DMA_CHANNEL_CSR_EOC_LSB]              = eoc_reg;
                reg_rdata[`DMA_CHANNEL_CSR_EOT_LSB]              = eot_reg;
                reg_rdata[`DMA_CHANNEL_CSR_ACTIVE_LSB]           = fetch_active || !empty || kick_reg;
            end
            `DMA_CHANNEL_DAR_LOW:   reg_rdata = shown_addr[31:0];
            `DMA_CHANNEL_DAR_HIGH:  reg_rdata = shown_addr[63:32];
            `DMA_CHANNEL_NDAR_LOW:  reg_rdata = ndar_reg[31:0];
            `DMA_CHANNEL_NDAR_HIGH: reg_rdata = ndar_reg[63:32];
            `DMA_CHANNEL_SAR_LOW:   reg_rdata = shown_source[31:0];
            `DMA_CHANNEL_SAR_HIGH:  reg_rdata = shown_source[63:32];
            `DMA_CHANNEL_TAR_LOW:   reg_rdata = shown_destination[31:0];
            `DMA_CHANNEL_TAR_HIGH:  reg_rdata = shown_destination[63:32];
            `DMA_CHANNEL_BCR:       reg_rdata = {{(32-LENGTH_WIDTH){1'b0}}, shown_length};
            `DMA_CHANNEL_DCR:       reg_rdata[`DMA_CHANNEL_DCR_INTERRUPT_LSB] = entry_interrupt_reg[shown];
            `DMA_CHANNEL_DONE:      reg_rdata = done_reg;
            default:                reg_rdata = 32'd0;
        endcase
    end

    always @(posedge clk_gated) begin
        if (store) begin
            entry_addr[head]        <= last_reg;
            entry_source[head]      <= source_reg;
            entry_destination[head] <= destination_reg;
            entry_length[head]      <= word_reg[LENGTH_WIDTH-1:0];
        end
    end

    always @(posedge clk_gated) begin
        // register writes; events below win over a clear in the same clock
        if (write_csr) begin
            if (reg_wdata[`DMA_CHANNEL_CSR_DESCRIPTOR_ERROR_LSB]) descriptor_error_reg <= 1'b0;
            if (reg_wdata[`DMA_CHANNEL_CSR_READ_ERROR_LSB])       read_error_reg       <= 1'b0;
            if (reg_wdata[`DMA_CHANNEL_CSR_WRITE_ERROR_LSB])      write_error_reg      <= 1'b0;
            if (reg_wdata[`DMA_CHANNEL_CSR_EOC_LSB])              eoc_reg              <= 1'b0;
            if (reg_wdata[`DMA_CHANNEL_CSR_EOT_LSB])              eot_reg              <= 1'b0;
        end
        if (write_ndar_low  && !fetch_active) ndar_reg[31:0]  <= reg_wdata;
        if (write_ndar_high && !fetch_active) ndar_reg[63:32] <= reg_wdata;

        ar_held_reg  <= ar_waits;
        ar_fetch_reg <= ar_fetch;
        if (fetch_arfire) fetch_arvalid_reg <= 1'b0;

        if (read_cmd_valid && read_cmd_ready)   read_issue_reg  <= read_issue_reg + 1'b1;
        if (write_cmd_valid && write_cmd_ready) write_issue_reg <= write_issue_reg + 1'b1;
        if (read_done) begin
            entry_read_error_reg[read_done_reg[INDEX_WIDTH-1:0]] <= read_failed;
            read_done_reg <= read_done_reg + 1'b1;
        end

        // descriptor fetch
        case (state_reg)
            STATE_IDLE: if (kick_reg && (!stopped_reg || empty)) begin
                // after an error the rest of the old chain drains before a new one starts
                kick_reg    <= 1'b0;
                if (!any_error) stopped_reg <= 1'b0;
                if (!any_error && enable_reg) begin
                    if (ndar_reg != 64'd0)                 state_reg <= STATE_FETCH;
                    else if (resume_reg && last_known_reg) state_reg <= STATE_TAIL;
                    else                                   resume_reg <= 1'b0;
                end
            end
            STATE_FETCH: if (!fetch_arvalid_reg || fetch_arfire) begin
                if (fetch_arfire) begin
                    state_reg       <= STATE_WORDS;
                    beat_reg        <= 2'd0;
                    fetch_error_reg <= 1'b0;
                end else if (any_error || stopped_reg || !enable_reg) begin
                    state_reg <= STATE_IDLE;
                end else if (!aligned) begin
                    descriptor_error_reg <= 1'b1;
                    enable_reg           <= 1'b0;
                    state_reg            <= STATE_IDLE;
                end else if (!full) begin
                    fetch_arvalid_reg <= 1'b1;
                end
            end
            STATE_WORDS: if (fetch_rvalid) begin
                beat_reg        <= beat_reg + 2'd1;
                fetch_error_reg <= fetch_error_reg || m_axi_rresp != 2'b00;
                case (beat_reg)
                    2'd0:    next_reg        <= m_axi_rdata;
                    2'd1:    source_reg      <= m_axi_rdata;
                    2'd2:    destination_reg <= m_axi_rdata;
                    default: word_reg        <= m_axi_rdata;
                endcase
                if (beat_reg == 2'd0) last_reg <= ndar_reg;
                if (m_axi_rlast) state_reg <= STATE_STORE;
            end
            STATE_STORE: begin
                if (store) begin
                    head_reg                  <= head_reg + 1'b1;
                    entry_interrupt_reg[head] <= word_reg[32 + `DMA_DESCRIPTOR_CONTROL_INTERRUPT_LSB];
                    last_known_reg            <= 1'b1;
                    eoc_due_reg               <= 1'b1;
                    ndar_reg                  <= next_reg;
                    state_reg                 <= next_reg == 64'd0 ? STATE_TAIL : STATE_FETCH;
                end else begin
                    if (fetch_error_reg || length_bad) descriptor_error_reg <= 1'b1;
                    enable_reg <= 1'b0;
                    state_reg  <= STATE_IDLE;
                end
            end
            STATE_TAIL: begin
                if (any_error || stopped_reg) begin
                    state_reg <= STATE_IDLE;
                end else if (resume_reg) begin
                    resume_reg        <= 1'b0;
                    fetch_arvalid_reg <= 1'b1;
                    state_reg         <= STATE_RESUME;
                end else if (empty) begin
                    if (eoc_due_reg) eoc_reg <= 1'b1;
                    eoc_due_reg <= 1'b0;
                    state_reg   <= STATE_IDLE;
                end
            end
            STATE_RESUME: if (fetch_arfire) state_reg <= STATE_NEXT;
            STATE_NEXT: if (fetch_rvalid) begin
                if (m_axi_rresp != 2'b00) begin
                    descriptor_error_reg <= 1'b1;
                    enable_reg           <= 1'b0;
                    state_reg            <= STATE_IDLE;
                end else begin
                    ndar_reg  <= m_axi_rdata;
                    state_reg <= m_axi_rdata == 64'd0 ? STATE_TAIL : STATE_FETCH;
                end
            end
            default: state_reg <= STATE_IDLE;
        endcase

        // completion
        if (write_done) tail_reg <= tail_reg + 1'b1;
        if (completed) begin
            done_reg <= done_reg + 32'd1;
            if (entry_interrupt_reg[tail]) eot_reg <= 1'b1;
        end
        if (failed) begin
            stopped_reg      <= 1'b1;
            failed_index_reg <= tail;
            enable_reg       <= 1'b0;
            resume_reg       <= 1'b0;
            if (this_read_error) read_error_reg  <= 1'b1;
            else                 write_error_reg <= 1'b1;
        end

        // last: a resume or start asked for in the clock that consumes an older one is not lost
        if (write_ccr) begin
            enable_reg        <= reg_wdata[`DMA_CHANNEL_CCR_ENABLE_LSB] && !failed;
            eoc_interrupt_reg <= reg_wdata[`DMA_CHANNEL_CCR_EOC_INTERRUPT_LSB];
            if (reg_wdata[`DMA_CHANNEL_CCR_CHAIN_RESUME_LSB]) resume_reg <= 1'b1;
            if (reg_wdata[`DMA_CHANNEL_CCR_ENABLE_LSB])       kick_reg   <= 1'b1;
        end

        if (rst) begin
            enable_reg           <= 1'b0;
            resume_reg           <= 1'b0;
            eoc_interrupt_reg    <= 1'b0;
            descriptor_error_reg <= 1'b0;
            read_error_reg       <= 1'b0;
            write_error_reg      <= 1'b0;
            eoc_reg              <= 1'b0;
            eot_reg              <= 1'b0;
            ndar_reg             <= 64'd0;
            done_reg             <= 32'd0;
            kick_reg             <= 1'b0;
            entry_interrupt_reg  <= {IN_FLIGHT{1'b0}};
            entry_read_error_reg <= {IN_FLIGHT{1'b0}};
            head_reg             <= {(INDEX_WIDTH+1){1'b0}};
            read_issue_reg       <= {(INDEX_WIDTH+1){1'b0}};
            write_issue_reg      <= {(INDEX_WIDTH+1){1'b0}};
            read_done_reg        <= {(INDEX_WIDTH+1){1'b0}};
            tail_reg             <= {(INDEX_WIDTH+1){1'b0}};
            failed_index_reg     <= {INDEX_WIDTH{1'b0}};
            stopped_reg          <= 1'b0;
            state_reg            <= STATE_IDLE;
            fetch_arvalid_reg    <= 1'b0;
            fetch_error_reg      <= 1'b0;
            last_known_reg       <= 1'b0;
            eoc_due_reg          <= 1'b0;
            ar_held_reg          <= 1'b0;
            ar_fetch_reg         <= 1'b0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // a failed read is known from done_error; control bits above 0 are reserved
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{tuser, word_reg[63:33], read_done_reg[INDEX_WIDTH]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
