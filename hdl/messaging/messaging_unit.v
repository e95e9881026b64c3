// Messaging unit after the 80312: messages, doorbells, index registers and four circular queues between host and firmware.
`default_nettype none
`include "messaging.vh"
`include "messaging_host.vh"
module messaging_unit #(
    parameter ID_WIDTH    = 4,
    parameter INDEX_DEPTH = 8                           // index register writes held for the firmware, a power of two
) (
    input  wire                clk,
    input  wire                rst,

    // Host side (BAR0)
    input  wire [11:0]         s_axil_host_awaddr,
    input  wire                s_axil_host_awvalid,
    output wire                s_axil_host_awready,
    input  wire [31:0]         s_axil_host_wdata,
    input  wire [3:0]          s_axil_host_wstrb,
    input  wire                s_axil_host_wvalid,
    output wire                s_axil_host_wready,
    output wire [1:0]          s_axil_host_bresp,
    output reg                 s_axil_host_bvalid,
    input  wire                s_axil_host_bready,
    input  wire [11:0]         s_axil_host_araddr,
    input  wire                s_axil_host_arvalid,
    output wire                s_axil_host_arready,
    output reg  [31:0]         s_axil_host_rdata,
    output wire [1:0]          s_axil_host_rresp,
    output reg                 s_axil_host_rvalid,
    input  wire                s_axil_host_rready,

    // Firmware side
    input  wire [11:0]         s_axil_fw_awaddr,
    input  wire                s_axil_fw_awvalid,
    output wire                s_axil_fw_awready,
    input  wire [31:0]         s_axil_fw_wdata,
    input  wire [3:0]          s_axil_fw_wstrb,
    input  wire                s_axil_fw_wvalid,
    output wire                s_axil_fw_wready,
    output reg  [1:0]          s_axil_fw_bresp,
    output reg                 s_axil_fw_bvalid,
    input  wire                s_axil_fw_bready,
    input  wire [11:0]         s_axil_fw_araddr,
    input  wire                s_axil_fw_arvalid,
    output wire                s_axil_fw_arready,
    output reg  [31:0]         s_axil_fw_rdata,
    output reg  [1:0]          s_axil_fw_rresp,
    output reg                 s_axil_fw_rvalid,
    input  wire                s_axil_fw_rready,

    // The queues in card memory
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

    output wire                host_irq,                // OISR & ~OIMR
    output wire                fw_irq,                  // IISR & ~IIMR
    output wire                busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axil_host_awvalid || s_axil_host_arvalid || s_axil_host_bvalid || s_axil_host_rvalid
            || s_axil_fw_awvalid || s_axil_fw_arvalid || s_axil_fw_bvalid || s_axil_fw_rvalid || index_filling_reg
            || inbound_post_drop || outbound_free_drop || outbound_free_full || memory_error),
        .gated(clk_gated)
    );

    localparam [1:0] RESP_OKAY   = 2'b00;
    localparam [1:0] RESP_SLVERR = 2'b10;

    // ---- Registers ----

    reg [31:0] imr0_reg, imr1_reg, omr0_reg, omr1_reg;
    reg [31:0] idr_reg, odr_reg;
    reg        im0_reg, im1_reg, ofqf_reg, ipqf_reg;    // IISR's latched bits
    reg        om0_reg, om1_reg;                        // OISR's latched bits
    reg [7:0]  iimr_reg;
    reg [3:0]  oimr_reg;
    reg        enable_reg;
    reg [4:0]  size_reg;
    reg [31:0] qbar_reg;
    reg [31:0] inbound_post_drops_reg, outbound_free_drops_reg, index_drops_reg, memory_errors_reg;

    wire [79:0] head, tail;
    wire        inbound_post_not_empty, outbound_post_not_empty;
    wire        inbound_post_drop, outbound_free_drop, outbound_free_full, memory_error;

    wire        index_valid, index_room;
    wire [41:0] index_entry;                            // {index of the dword in the window, data}

    // One bit of QUEUE_SIZE set: 4 Ki entries of 4 bytes, doubled with each place.
    reg [17:0] size_mask;
    always @* case (size_reg)
        5'd2:    size_mask = 18'h07FFF;
        5'd4:    size_mask = 18'h0FFFF;
        5'd8:    size_mask = 18'h1FFFF;
        5'd16:   size_mask = 18'h3FFFF;
        default: size_mask = 18'h03FFF;
    endcase

    wire [7:0] iisr = {ipqf_reg, index_valid, ofqf_reg, inbound_post_not_empty, idr_reg[31], idr_reg[30:0] != 31'd0, im1_reg, im0_reg};
    wire [3:0] oisr = {outbound_post_not_empty, odr_reg != 32'd0, om1_reg, om0_reg};

    assign fw_irq   = (iisr & ~iimr_reg) != 8'd0;
    assign host_irq = (oisr & ~oimr_reg) != 4'd0;

    // ---- Host side: decoding ----

    wire host_port_read_addr  = s_axil_host_araddr[11:3] == 9'd8;       // 40 and 44
    wire host_port_write_addr = s_axil_host_awaddr[11:3] == 9'd8;
    wire host_index_addr      = {20'd0, s_axil_host_awaddr} >= `MESSAGING_HOST_INDEX;

    wire host_write_request = s_axil_host_awvalid && s_axil_host_wvalid && !s_axil_host_bvalid;
    wire host_read_request  = s_axil_host_arvalid && !s_axil_host_rvalid;

    wire [1:0]  port_select_write = {s_axil_host_awaddr[2], !s_axil_host_awaddr[2]};
    wire [1:0]  port_select_read  = {s_axil_host_araddr[2], !s_axil_host_araddr[2]};
    wire [1:0]  port_read  = (host_read_request && host_port_read_addr) ? port_select_read : 2'b00;
    wire [1:0]  port_write = (host_write_request && host_port_write_addr && s_axil_host_wstrb != 4'd0) ? port_select_write : 2'b00;
    wire [1:0]  port_read_ready, port_write_ready;
    wire [63:0] port_read_data;

    wire host_write_fire = host_write_request && (port_write == 2'b00 || (port_write & port_write_ready) != 2'b00);
    wire host_read_fire  = host_read_request && (port_read == 2'b00 || (port_read & port_read_ready) != 2'b00);

    assign s_axil_host_awready = host_write_fire;
    assign s_axil_host_wready  = host_write_fire;
    assign s_axil_host_arready = host_read_fire;
    assign s_axil_host_bresp   = RESP_OKAY;
    assign s_axil_host_rresp   = RESP_OKAY;

    wire [31:0] host_bytes = {{8{s_axil_host_wstrb[3]}}, {8{s_axil_host_wstrb[2]}}, {8{s_axil_host_wstrb[1]}}, {8{s_axil_host_wstrb[0]}}};
    wire [31:0] host_ones  = s_axil_host_wdata & host_bytes;            // bytes not enabled are 0
    wire        host_write_any = host_write_fire && s_axil_host_wstrb != 4'd0;
    wire        index_write    = host_write_any && host_index_addr;

    reg [31:0] host_read_value;
    always @* case ({20'd0, s_axil_host_araddr[11:2], 2'b00})
        `MESSAGING_HOST_IMR0: host_read_value = imr0_reg;
        `MESSAGING_HOST_IMR1: host_read_value = imr1_reg;
        `MESSAGING_HOST_OMR0: host_read_value = omr0_reg;
        `MESSAGING_HOST_OMR1: host_read_value = omr1_reg;
        `MESSAGING_HOST_IDR:  host_read_value = idr_reg;
        `MESSAGING_HOST_IISR: host_read_value = {24'd0, iisr};
        `MESSAGING_HOST_IIMR: host_read_value = {24'd0, iimr_reg};
        `MESSAGING_HOST_ODR:  host_read_value = odr_reg;
        `MESSAGING_HOST_OISR: host_read_value = {28'd0, oisr};
        `MESSAGING_HOST_OIMR: host_read_value = {28'd0, oimr_reg};
        `MESSAGING_HOST_IQP:  host_read_value = port_read_data[31:0];
        `MESSAGING_HOST_OQP:  host_read_value = port_read_data[63:32];
        default:              host_read_value = 32'd0;
    endcase

    // ---- Firmware side: decoding ----

    wire fw_write_fire = s_axil_fw_awvalid && s_axil_fw_wvalid && !s_axil_fw_bvalid;
    wire fw_read_fire  = s_axil_fw_arvalid && !s_axil_fw_rvalid;

    assign s_axil_fw_awready = fw_write_fire;
    assign s_axil_fw_wready  = fw_write_fire;
    assign s_axil_fw_arready = fw_read_fire;

    wire [31:0] fw_bytes = {{8{s_axil_fw_wstrb[3]}}, {8{s_axil_fw_wstrb[2]}}, {8{s_axil_fw_wstrb[1]}}, {8{s_axil_fw_wstrb[0]}}};
    wire [31:0] fw_ones  = s_axil_fw_wdata & fw_bytes;

    wire [31:0] fw_write_address = {20'd0, s_axil_fw_awaddr[11:2], 2'b00};
    wire        fw_write_any     = fw_write_fire && s_axil_fw_wstrb != 4'd0;
    wire        fw_acknowledge   = fw_write_any && fw_write_address == `MESSAGING_IISR;

    // Pointer registers: 360 to 37C, head then tail of inbound free, inbound post, outbound free, outbound post.
    reg [3:0] head_write, tail_write;
    always @* begin
        head_write = 4'b0000;
        tail_write = 4'b0000;
        if (fw_write_any) case (fw_write_address)
            `MESSAGING_IFHPR: head_write[0] = 1'b1;
            `MESSAGING_IFTPR: tail_write[0] = 1'b1;
            `MESSAGING_IPHPR: head_write[1] = 1'b1;
            `MESSAGING_IPTPR: tail_write[1] = 1'b1;
            `MESSAGING_OPHPR: head_write[2] = 1'b1;
            `MESSAGING_OPTPR: tail_write[2] = 1'b1;
            `MESSAGING_OFHPR: head_write[3] = 1'b1;
            `MESSAGING_OFTPR: tail_write[3] = 1'b1;
            default: ;
        endcase
    end
    wire configuration_write = fw_write_any &&
        (fw_write_address == `MESSAGING_MUCR || fw_write_address == `MESSAGING_QBAR);

    wire fw_write_known = fw_write_address >= `MESSAGING_IMR0 && fw_write_address <= `MESSAGING_MEMORY_ERRORS;

    reg [31:0] fw_read_value;
    reg        fw_read_known;
    always @* begin
        fw_read_known = 1'b1;
        case ({20'd0, s_axil_fw_araddr[11:2], 2'b00})
            `MESSAGING_IMR0:  fw_read_value = imr0_reg;
            `MESSAGING_IMR1:  fw_read_value = imr1_reg;
            `MESSAGING_OMR0:  fw_read_value = omr0_reg;
            `MESSAGING_OMR1:  fw_read_value = omr1_reg;
            `MESSAGING_IDR:   fw_read_value = idr_reg;
            `MESSAGING_IISR:  fw_read_value = {24'd0, iisr};
            `MESSAGING_IIMR:  fw_read_value = {24'd0, iimr_reg};
            `MESSAGING_ODR:   fw_read_value = odr_reg;
            `MESSAGING_OISR:  fw_read_value = {28'd0, oisr};
            `MESSAGING_OIMR:  fw_read_value = {28'd0, oimr_reg};
            `MESSAGING_MUCR:  fw_read_value = {26'd0, size_reg, enable_reg};
            `MESSAGING_QBAR:  fw_read_value = qbar_reg;
            `MESSAGING_IFHPR: fw_read_value = {12'd0, head[0 +: 20]};
            `MESSAGING_IFTPR: fw_read_value = {12'd0, tail[0 +: 20]};
            `MESSAGING_IPHPR: fw_read_value = {12'd0, head[20 +: 20]};
            `MESSAGING_IPTPR: fw_read_value = {12'd0, tail[20 +: 20]};
            `MESSAGING_OPHPR: fw_read_value = {12'd0, head[40 +: 20]};
            `MESSAGING_OPTPR: fw_read_value = {12'd0, tail[40 +: 20]};
            `MESSAGING_OFHPR: fw_read_value = {12'd0, head[60 +: 20]};
            `MESSAGING_OFTPR: fw_read_value = {12'd0, tail[60 +: 20]};
            `MESSAGING_IAR:   fw_read_value = index_valid ? {20'd0, index_entry[41:32], 2'b00} : 32'd0;
            `MESSAGING_INDEX_DATA:          fw_read_value = index_valid ? index_entry[31:0] : 32'd0;
            `MESSAGING_INBOUND_POST_DROPS:  fw_read_value = inbound_post_drops_reg;
            `MESSAGING_OUTBOUND_FREE_DROPS: fw_read_value = outbound_free_drops_reg;
            `MESSAGING_INDEX_DROPS:         fw_read_value = index_drops_reg;
            `MESSAGING_MEMORY_ERRORS:       fw_read_value = memory_errors_reg;
            default: begin
                fw_read_value = 32'd0;
                fw_read_known = 1'b0;
            end
        endcase
    end

    // ---- Register updates; an event wins over the acknowledge of an earlier one ----

    always @(posedge clk_gated) begin
        // acknowledges
        if (fw_acknowledge) begin
            if (fw_ones[`MESSAGING_IISR_IM0_LSB])  im0_reg  <= 1'b0;
            if (fw_ones[`MESSAGING_IISR_IM1_LSB])  im1_reg  <= 1'b0;
            if (fw_ones[`MESSAGING_IISR_OFQF_LSB]) ofqf_reg <= 1'b0;
            if (fw_ones[`MESSAGING_IISR_IPQF_LSB]) ipqf_reg <= 1'b0;
        end
        if (host_write_any && {20'd0, s_axil_host_awaddr[11:2], 2'b00} == `MESSAGING_HOST_OISR) begin
            if (host_ones[`MESSAGING_HOST_OISR_OM0_LSB]) om0_reg <= 1'b0;
            if (host_ones[`MESSAGING_HOST_OISR_OM1_LSB]) om1_reg <= 1'b0;
        end

        // host writes
        if (host_write_any) case ({20'd0, s_axil_host_awaddr[11:2], 2'b00})
            `MESSAGING_HOST_IMR0: begin
                imr0_reg <= (imr0_reg & ~host_bytes) | host_ones;
                im0_reg  <= 1'b1;
            end
            `MESSAGING_HOST_IMR1: begin
                imr1_reg <= (imr1_reg & ~host_bytes) | host_ones;
                im1_reg  <= 1'b1;
            end
            `MESSAGING_HOST_OIMR: if (s_axil_host_wstrb[0]) oimr_reg <= s_axil_host_wdata[3:0];
            default: ;
        endcase

        // firmware writes
        if (fw_write_any) case (fw_write_address)
            `MESSAGING_OMR0: begin
                omr0_reg <= (omr0_reg & ~fw_bytes) | fw_ones;
                om0_reg  <= 1'b1;
            end
            `MESSAGING_OMR1: begin
                omr1_reg <= (omr1_reg & ~fw_bytes) | fw_ones;
                om1_reg  <= 1'b1;
            end
            `MESSAGING_IIMR: if (s_axil_fw_wstrb[0]) iimr_reg <= s_axil_fw_wdata[7:0];
            `MESSAGING_MUCR: if (s_axil_fw_wstrb[0]) begin
                enable_reg <= s_axil_fw_wdata[`MESSAGING_MUCR_ENABLE_LSB];
                size_reg   <= s_axil_fw_wdata[`MESSAGING_MUCR_QUEUE_SIZE_LSB +: `MESSAGING_MUCR_QUEUE_SIZE_WIDTH];
            end
            `MESSAGING_QBAR: qbar_reg <= ((qbar_reg & ~fw_bytes) | fw_ones) & 32'hFFFFFFF8;
            default: ;
        endcase

        // doorbells: setting wins over clearing
        idr_reg <= (idr_reg & ~((fw_write_any && fw_write_address == `MESSAGING_IDR) ? fw_ones : 32'd0)) |
            ((host_write_any && {20'd0, s_axil_host_awaddr[11:2], 2'b00} == `MESSAGING_HOST_IDR) ? host_ones : 32'd0);
        odr_reg <= (odr_reg & ~((host_write_any && {20'd0, s_axil_host_awaddr[11:2], 2'b00} == `MESSAGING_HOST_ODR) ? host_ones : 32'd0)) |
            ((fw_write_any && fw_write_address == `MESSAGING_ODR) ? fw_ones : 32'd0);

        // events
        if (inbound_post_drop) begin
            ipqf_reg <= 1'b1;
            inbound_post_drops_reg <= inbound_post_drops_reg + 32'd1;
        end
        if (outbound_free_drop) outbound_free_drops_reg <= outbound_free_drops_reg + 32'd1;
        if (outbound_free_drop || outbound_free_full) ofqf_reg <= 1'b1;
        if (memory_error) memory_errors_reg <= memory_errors_reg + 32'd1;
        if (index_write && !index_room) index_drops_reg <= index_drops_reg + 32'd1;

        if (rst) begin
            imr0_reg <= 32'd0;
            imr1_reg <= 32'd0;
            omr0_reg <= 32'd0;
            omr1_reg <= 32'd0;
            idr_reg  <= 32'd0;
            odr_reg  <= 32'd0;
            {im0_reg, im1_reg, ofqf_reg, ipqf_reg, om0_reg, om1_reg} <= 6'd0;
            iimr_reg   <= 8'd0;
            oimr_reg   <= 4'd0;
            enable_reg <= 1'b0;
            size_reg   <= 5'd1;
            qbar_reg   <= 32'd0;
            inbound_post_drops_reg  <= 32'd0;
            outbound_free_drops_reg <= 32'd0;
            index_drops_reg         <= 32'd0;
            memory_errors_reg       <= 32'd0;
        end
    end

    // ---- Responses ----

    always @(posedge clk_gated) begin
        if (s_axil_host_bready) s_axil_host_bvalid <= 1'b0;
        if (host_write_fire)    s_axil_host_bvalid <= 1'b1;
        if (s_axil_host_rready) s_axil_host_rvalid <= 1'b0;
        if (host_read_fire) begin
            s_axil_host_rvalid <= 1'b1;
            s_axil_host_rdata  <= host_read_value;
        end
        if (s_axil_fw_bready) s_axil_fw_bvalid <= 1'b0;
        if (fw_write_fire) begin
            s_axil_fw_bvalid <= 1'b1;
            s_axil_fw_bresp  <= fw_write_known ? RESP_OKAY : RESP_SLVERR;
        end
        if (s_axil_fw_rready) s_axil_fw_rvalid <= 1'b0;
        if (fw_read_fire) begin
            s_axil_fw_rvalid <= 1'b1;
            s_axil_fw_rdata  <= fw_read_value;
            s_axil_fw_rresp  <= fw_read_known ? RESP_OKAY : RESP_SLVERR;
        end
        if (rst) begin
            s_axil_host_bvalid <= 1'b0;
            s_axil_host_rvalid <= 1'b0;
            s_axil_fw_bvalid   <= 1'b0;
            s_axil_fw_rvalid   <= 1'b0;
        end
    end

    // ---- Index register writes, queued so that none is lost while the firmware is busy ----

    wire [$clog2(INDEX_DEPTH):0] index_count;

    sync_fifo #(.DATA_WIDTH(42), .DEPTH(INDEX_DEPTH)) index_fifo (
        .clk(clk), .rst(rst),
        .wr_data({s_axil_host_awaddr[11:2], host_ones}), .wr_valid(index_write), .wr_ready(index_room),
        .rd_data(index_entry), .rd_valid(index_valid),
        .rd_ready(fw_acknowledge && fw_ones[`MESSAGING_IISR_IR_LSB]),
        .count(index_count)
    );

    wire queues_busy;

    messaging_queues #(.ID_WIDTH(ID_WIDTH)) queues (
        .clk(clk), .rst(rst),
        .enable(enable_reg), .size_mask(size_mask), .base_offset(qbar_reg), .configuration_write(configuration_write),
        .head_write(head_write), .tail_write(tail_write), .pointer_write_offset(s_axil_fw_wdata[17:0]),
        .head(head), .tail(tail),
        .port_read(port_read), .port_read_ready(port_read_ready), .port_read_data(port_read_data),
        .port_write(port_write), .port_write_whole(s_axil_host_wstrb == 4'hF), .port_write_data(s_axil_host_wdata),
        .port_write_ready(port_write_ready),
        .inbound_post_not_empty(inbound_post_not_empty), .outbound_post_not_empty(outbound_post_not_empty),
        .inbound_post_drop(inbound_post_drop), .outbound_free_drop(outbound_free_drop),
        .outbound_free_full(outbound_free_full), .memory_error(memory_error),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast),
        .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready),
        .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready),
        .busy(queues_busy)
    );

    // The index FIFO shows a word a clock after it was written: the clock must not stop in between.
    reg index_filling_reg;
    always @(posedge clk_gated) index_filling_reg <= index_write && !rst;

    assign busy = queues_busy || s_axil_host_awvalid || s_axil_host_wvalid || s_axil_host_bvalid ||
        s_axil_host_arvalid || s_axil_host_rvalid || s_axil_fw_awvalid || s_axil_fw_wvalid || s_axil_fw_bvalid ||
        s_axil_fw_arvalid || s_axil_fw_rvalid || index_filling_reg;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, index_count, s_axil_host_awaddr[1:0], s_axil_host_araddr[1:0], s_axil_fw_awaddr[1:0], s_axil_fw_araddr[1:0]};
`endif
endmodule
`default_nettype wire
