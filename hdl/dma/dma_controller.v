// The DMA controller: CHANNELS channels of chained descriptors behind one register block and one AXI4 master.
`default_nettype none
`include "dma.vh"
module dma_controller #(
    parameter CHANNELS        = 1,          // 1 or 2
    parameter ID_WIDTH        = 4,          // 4: the channel and three bits of its own
    parameter MAX_BURST_BYTES = 512,
    parameter BUFFER_BYTES    = 2048        // of each direction and channel
) (
    input  wire                  clk,
    input  wire                  rst,

    input  wire [11:0]           s_axil_awaddr,
    input  wire                  s_axil_awvalid,
    output wire                  s_axil_awready,
    input  wire [31:0]           s_axil_wdata,
    input  wire [3:0]            s_axil_wstrb,
    input  wire                  s_axil_wvalid,
    output wire                  s_axil_wready,
    output wire [1:0]            s_axil_bresp,
    output wire                  s_axil_bvalid,
    input  wire                  s_axil_bready,
    input  wire [11:0]           s_axil_araddr,
    input  wire                  s_axil_arvalid,
    output wire                  s_axil_arready,
    output wire [31:0]           s_axil_rdata,
    output wire [1:0]            s_axil_rresp,
    output wire                  s_axil_rvalid,
    input  wire                  s_axil_rready,

    output wire [ID_WIDTH-1:0]   m_axi_awid,
    output wire [63:0]           m_axi_awaddr,
    output wire [7:0]            m_axi_awlen,
    output wire [2:0]            m_axi_awsize,
    output wire [1:0]            m_axi_awburst,
    output wire                  m_axi_awvalid,
    input  wire                  m_axi_awready,
    output wire [63:0]           m_axi_wdata,
    output wire [7:0]            m_axi_wstrb,
    output wire                  m_axi_wlast,
    output wire                  m_axi_wvalid,
    input  wire                  m_axi_wready,
    input  wire [ID_WIDTH-1:0]   m_axi_bid,
    input  wire [1:0]            m_axi_bresp,
    input  wire                  m_axi_bvalid,
    output wire                  m_axi_bready,
    output wire [ID_WIDTH-1:0]   m_axi_arid,
    output wire [63:0]           m_axi_araddr,
    output wire [7:0]            m_axi_arlen,
    output wire [2:0]            m_axi_arsize,
    output wire [1:0]            m_axi_arburst,
    output wire                  m_axi_arvalid,
    input  wire                  m_axi_arready,
    input  wire [ID_WIDTH-1:0]   m_axi_rid,
    input  wire [63:0]           m_axi_rdata,
    input  wire [1:0]            m_axi_rresp,
    input  wire                  m_axi_rlast,
    input  wire                  m_axi_rvalid,
    output wire                  m_axi_rready,

    output wire [CHANNELS-1:0]   irq,
    output wire                  busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axil_awvalid || s_axil_arvalid || b_valid_reg || r_valid_reg),
        .gated(clk_gated)
    );

    localparam [1:0] OKAY = 2'b00, SLVERR = 2'b10;
    localparam STRIDE = `DMA_CHANNEL_STRIDE;
    localparam OFFSET_WIDTH = $clog2(STRIDE);

    initial if (CHANNELS < 1 || CHANNELS > `DMA_CHANNEL_COUNT || ID_WIDTH != 4 || OFFSET_WIDTH != 6) begin
        $display("ERROR: dma_controller has 1 or 2 channels and ID_WIDTH 4 (%m)");
        $finish;
    end

    // ---- registers: one access at a time, writes first ---------------------------------------------------
    // An access to a channel that is not built, or a write of less than 32 bits, is answered with SLVERR.
    reg        b_valid_reg, b_error_reg, r_valid_reg, r_error_reg;
    reg [31:0] r_data_reg;

    wire        do_write = s_axil_awvalid && s_axil_wvalid && !b_valid_reg;
    wire        do_read  = s_axil_arvalid && !r_valid_reg && !do_write;
    wire [11:0] addr     = do_write ? s_axil_awaddr : s_axil_araddr;
    wire [11-OFFSET_WIDTH:0] channel_number = addr[11:OFFSET_WIDTH];
    wire        exists   = {{(20+OFFSET_WIDTH){1'b0}}, channel_number} < CHANNELS && addr[1:0] == 2'd0;
    wire        write_ok = exists && s_axil_wstrb == 4'hf;
    wire [CHANNELS*32-1:0] rdata_all;
    reg  [31:0] rdata;
    integer     n;

    always @* begin
        rdata = 32'd0;
        for (n = 0; n < CHANNELS; n = n + 1)
            if ({{(20+OFFSET_WIDTH){1'b0}}, channel_number} == n) rdata = rdata_all[32*n +: 32];
    end

    assign s_axil_awready = do_write;
    assign s_axil_wready  = do_write;
    assign s_axil_bvalid  = b_valid_reg;
    assign s_axil_bresp   = b_error_reg ? SLVERR : OKAY;
    assign s_axil_arready = do_read;
    assign s_axil_rvalid  = r_valid_reg;
    assign s_axil_rresp   = r_error_reg ? SLVERR : OKAY;
    assign s_axil_rdata   = r_data_reg;

    always @(posedge clk_gated) begin
        if (s_axil_bready) b_valid_reg <= 1'b0;
        if (s_axil_rready) r_valid_reg <= 1'b0;
        if (do_write) begin
            b_valid_reg <= 1'b1;
            b_error_reg <= !write_ok;
        end
        if (do_read) begin
            r_valid_reg <= 1'b1;
            r_error_reg <= !exists;
            r_data_reg  <= exists ? rdata : 32'd0;
        end
        if (rst) begin
            b_valid_reg <= 1'b0;
            r_valid_reg <= 1'b0;
        end
    end

    // ---- channels, their ports side by side ----------------------------------------------------------------
    wire [CHANNELS*3-1:0] c_awid, c_awsize, c_bid, c_arid, c_arsize, c_rid;
    wire [CHANNELS*64-1:0] c_awaddr, c_wdata, c_araddr, c_rdata;
    wire [CHANNELS*8-1:0] c_awlen, c_wstrb, c_arlen;
    wire [CHANNELS*2-1:0] c_awburst, c_bresp, c_arburst, c_rresp;
    wire [CHANNELS*1-1:0] c_awvalid, c_awready, c_wlast, c_wvalid, c_wready, c_bvalid, c_bready, c_arvalid;
    wire [CHANNELS*1-1:0] c_arready, c_rlast, c_rvalid, c_rready;
    wire [CHANNELS-1:0] channel_busy;
    wire arbiter_busy;

    genvar g;
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : channel
        dma_channel #(.MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES)) dma_channel (
            .clk(clk), .rst(rst), .reg_addr(addr[5:0]),
            .reg_write(do_write && write_ok && {{(20+OFFSET_WIDTH){1'b0}}, channel_number} == g),
            .reg_wdata(s_axil_wdata), .reg_rdata(rdata_all[32*g +: 32]), .irq(irq[g]), .busy(channel_busy[g]),
            .m_axi_awid(c_awid[g*3 +: 3]), .m_axi_awaddr(c_awaddr[g*64 +: 64]), .m_axi_awlen(c_awlen[g*8 +: 8]),
            .m_axi_awsize(c_awsize[g*3 +: 3]), .m_axi_awburst(c_awburst[g*2 +: 2]), .m_axi_awvalid(c_awvalid[g]),
            .m_axi_awready(c_awready[g]), .m_axi_wdata(c_wdata[g*64 +: 64]), .m_axi_wstrb(c_wstrb[g*8 +: 8]),
            .m_axi_wlast(c_wlast[g]), .m_axi_wvalid(c_wvalid[g]), .m_axi_wready(c_wready[g]),
            .m_axi_bid(c_bid[g*3 +: 3]), .m_axi_bresp(c_bresp[g*2 +: 2]), .m_axi_bvalid(c_bvalid[g]),
            .m_axi_bready(c_bready[g]), .m_axi_arid(c_arid[g*3 +: 3]), .m_axi_araddr(c_araddr[g*64 +: 64]),
            .m_axi_arlen(c_arlen[g*8 +: 8]), .m_axi_arsize(c_arsize[g*3 +: 3]), .m_axi_arburst(c_arburst[g*2 +: 2]),
            .m_axi_arvalid(c_arvalid[g]), .m_axi_arready(c_arready[g]), .m_axi_rid(c_rid[g*3 +: 3]),
            .m_axi_rdata(c_rdata[g*64 +: 64]), .m_axi_rresp(c_rresp[g*2 +: 2]), .m_axi_rlast(c_rlast[g]),
            .m_axi_rvalid(c_rvalid[g]), .m_axi_rready(c_rready[g]));
    end
    if (CHANNELS == 1) begin : direct
        assign m_axi_awid = {1'b0, c_awid};
        assign m_axi_awaddr = c_awaddr;
        assign m_axi_awlen = c_awlen;
        assign m_axi_awsize = c_awsize;
        assign m_axi_awburst = c_awburst;
        assign m_axi_awvalid = c_awvalid;
        assign c_awready = m_axi_awready;
        assign m_axi_wdata = c_wdata;
        assign m_axi_wstrb = c_wstrb;
        assign m_axi_wlast = c_wlast;
        assign m_axi_wvalid = c_wvalid;
        assign c_wready = m_axi_wready;
        assign c_bid = m_axi_bid[2:0];
        assign c_bresp = m_axi_bresp;
        assign c_bvalid = m_axi_bvalid;
        assign m_axi_bready = c_bready;
        assign m_axi_arid = {1'b0, c_arid};
        assign m_axi_araddr = c_araddr;
        assign m_axi_arlen = c_arlen;
        assign m_axi_arsize = c_arsize;
        assign m_axi_arburst = c_arburst;
        assign m_axi_arvalid = c_arvalid;
        assign c_arready = m_axi_arready;
        assign c_rid = m_axi_rid[2:0];
        assign c_rdata = m_axi_rdata;
        assign c_rresp = m_axi_rresp;
        assign c_rlast = m_axi_rlast;
        assign c_rvalid = m_axi_rvalid;
        assign m_axi_rready = c_rready;
        assign arbiter_busy = 1'b0;
        /* verilator lint_off UNUSEDSIGNAL */               // the channel's bit of the ID
        wire unused = &{m_axi_bid[3], m_axi_rid[3]};
        /* verilator lint_on UNUSEDSIGNAL */
    end else begin : arbitrated
        /* verilator lint_off PINCONNECTEMPTY */            // the log of grants is for the host bus
        axi_arbiter #(.MASTERS(CHANNELS), .ID_WIDTH(3), .OUTSTANDING(32), .MAX_BURST_BEATS(MAX_BURST_BYTES / 8)) arbiter (
            .clk(clk), .rst(rst), .round_robin(1'b1),
            .read_request(), .write_request(), .grant_valid(), .grant_write(), .grant_id(), .grant_addr(),
            .grant_beats(), .last_read_valid(), .last_read_id(), .last_write_valid(), .last_write_master(), .beats(),
            .burst_too_long(), .busy(arbiter_busy),
            .s_axi_awid(c_awid), .s_axi_awaddr(c_awaddr), .s_axi_awlen(c_awlen), .s_axi_awsize(c_awsize),
            .s_axi_awburst(c_awburst), .s_axi_awvalid(c_awvalid), .s_axi_awready(c_awready), .s_axi_wdata(c_wdata),
            .s_axi_wstrb(c_wstrb), .s_axi_wlast(c_wlast), .s_axi_wvalid(c_wvalid), .s_axi_wready(c_wready),
            .s_axi_bid(c_bid), .s_axi_bresp(c_bresp), .s_axi_bvalid(c_bvalid), .s_axi_bready(c_bready),
            .s_axi_arid(c_arid), .s_axi_araddr(c_araddr), .s_axi_arlen(c_arlen), .s_axi_arsize(c_arsize),
            .s_axi_arburst(c_arburst), .s_axi_arvalid(c_arvalid), .s_axi_arready(c_arready), .s_axi_rid(c_rid),
            .s_axi_rdata(c_rdata), .s_axi_rresp(c_rresp), .s_axi_rlast(c_rlast), .s_axi_rvalid(c_rvalid),
            .s_axi_rready(c_rready),
            .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen),
            .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid),
            .m_axi_awready(m_axi_awready), .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb),
            .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready),
            .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
            .m_axi_bready(m_axi_bready), .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr),
            .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst),
            .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready), .m_axi_rid(m_axi_rid),
            .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
            .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready));
        /* verilator lint_on PINCONNECTEMPTY */
    end endgenerate

    assign busy = channel_busy != {CHANNELS{1'b0}} || arbiter_busy || b_valid_reg || r_valid_reg || s_axil_awvalid
                  || s_axil_wvalid || s_axil_arvalid;
endmodule
`default_nettype wire
