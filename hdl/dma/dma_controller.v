// The DMA controller: CHANNELS channels of chained descriptors behind one register block, each with an AXI4 master.
`default_nettype none
`include "dma.vh"
module dma_controller #(
    parameter CHANNELS        = 2,          // 1 or 2
    parameter ID_WIDTH        = 4,          // 4: the channel's number and three bits of its own
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

    output wire [CHANNELS*ID_WIDTH-1:0]  m_axi_awid,
    output wire [CHANNELS*64-1:0]        m_axi_awaddr,
    output wire [CHANNELS*8-1:0]         m_axi_awlen,
    output wire [CHANNELS*3-1:0]         m_axi_awsize,
    output wire [CHANNELS*2-1:0]         m_axi_awburst,
    output wire [CHANNELS-1:0]           m_axi_awvalid,
    input  wire [CHANNELS-1:0]           m_axi_awready,
    output wire [CHANNELS*64-1:0]        m_axi_wdata,
    output wire [CHANNELS*8-1:0]         m_axi_wstrb,
    output wire [CHANNELS-1:0]           m_axi_wlast,
    output wire [CHANNELS-1:0]           m_axi_wvalid,
    input  wire [CHANNELS-1:0]           m_axi_wready,
    input  wire [CHANNELS*ID_WIDTH-1:0]  m_axi_bid,
    input  wire [CHANNELS*2-1:0]         m_axi_bresp,
    input  wire [CHANNELS-1:0]           m_axi_bvalid,
    output wire [CHANNELS-1:0]           m_axi_bready,
    output wire [CHANNELS*ID_WIDTH-1:0]  m_axi_arid,
    output wire [CHANNELS*64-1:0]        m_axi_araddr,
    output wire [CHANNELS*8-1:0]         m_axi_arlen,
    output wire [CHANNELS*3-1:0]         m_axi_arsize,
    output wire [CHANNELS*2-1:0]         m_axi_arburst,
    output wire [CHANNELS-1:0]           m_axi_arvalid,
    input  wire [CHANNELS-1:0]           m_axi_arready,
    input  wire [CHANNELS*ID_WIDTH-1:0]  m_axi_rid,
    input  wire [CHANNELS*64-1:0]        m_axi_rdata,
    input  wire [CHANNELS*2-1:0]         m_axi_rresp,
    input  wire [CHANNELS-1:0]           m_axi_rlast,
    input  wire [CHANNELS-1:0]           m_axi_rvalid,
    output wire [CHANNELS-1:0]           m_axi_rready,

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

    // ---- channels -----------------------------------------------------------------------------------------
    wire [CHANNELS-1:0] channel_busy;

    genvar g;
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : channel
        wire [2:0] awid, awsize, arid, arsize;
        wire [63:0] awaddr, wdata, araddr;
        wire [7:0] awlen, wstrb, arlen;
        wire [1:0] awburst, arburst;
        wire awvalid, wlast, wvalid, bready, arvalid, rready;
        dma_channel #(.MAX_BURST_BYTES(MAX_BURST_BYTES), .BUFFER_BYTES(BUFFER_BYTES)) dma_channel (
            .clk(clk), .rst(rst), .reg_addr(addr[5:0]),
            .reg_write(do_write && write_ok && {{(20+OFFSET_WIDTH){1'b0}}, channel_number} == g),
            .reg_wdata(s_axil_wdata), .reg_rdata(rdata_all[32*g +: 32]), .irq(irq[g]), .busy(channel_busy[g]),
            .m_axi_awid(awid), .m_axi_awaddr(awaddr), .m_axi_awlen(awlen),
            .m_axi_awsize(awsize), .m_axi_awburst(awburst), .m_axi_awvalid(awvalid),
            .m_axi_awready(m_axi_awready[g]), .m_axi_wdata(wdata), .m_axi_wstrb(wstrb),
            .m_axi_wlast(wlast), .m_axi_wvalid(wvalid), .m_axi_wready(m_axi_wready[g]),
            .m_axi_bid(m_axi_bid[g*ID_WIDTH +: 3]), .m_axi_bresp(m_axi_bresp[g*2 +: 2]), .m_axi_bvalid(m_axi_bvalid[g]),
            .m_axi_bready(bready), .m_axi_arid(arid), .m_axi_araddr(araddr),
            .m_axi_arlen(arlen), .m_axi_arsize(arsize), .m_axi_arburst(arburst),
            .m_axi_arvalid(arvalid), .m_axi_arready(m_axi_arready[g]), .m_axi_rid(m_axi_rid[g*ID_WIDTH +: 3]),
            .m_axi_rdata(m_axi_rdata[g*64 +: 64]), .m_axi_rresp(m_axi_rresp[g*2 +: 2]), .m_axi_rlast(m_axi_rlast[g]),
            .m_axi_rvalid(m_axi_rvalid[g]), .m_axi_rready(rready));
        /* verilator lint_off UNUSEDSIGNAL */               // the channel's bit of the ID
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
        wire unused = &{m_axi_bid[g*ID_WIDTH + 3], m_axi_rid[g*ID_WIDTH + 3]};
`endif
        /* verilator lint_on UNUSEDSIGNAL */
    end
    // whole, not by channel: simulators carry a vector driven in slices with the strength of each bit
    if (CHANNELS == 2) begin : both
        assign m_axi_awid = {1'b1, channel[1].awid, 1'b0, channel[0].awid};
        assign m_axi_awaddr = {channel[1].awaddr, channel[0].awaddr};
        assign m_axi_awlen = {channel[1].awlen, channel[0].awlen};
        assign m_axi_awsize = {channel[1].awsize, channel[0].awsize};
        assign m_axi_awburst = {channel[1].awburst, channel[0].awburst};
        assign m_axi_awvalid = {channel[1].awvalid, channel[0].awvalid};
        assign m_axi_wdata = {channel[1].wdata, channel[0].wdata};
        assign m_axi_wstrb = {channel[1].wstrb, channel[0].wstrb};
        assign m_axi_wlast = {channel[1].wlast, channel[0].wlast};
        assign m_axi_wvalid = {channel[1].wvalid, channel[0].wvalid};
        assign m_axi_bready = {channel[1].bready, channel[0].bready};
        assign m_axi_arid = {1'b1, channel[1].arid, 1'b0, channel[0].arid};
        assign m_axi_araddr = {channel[1].araddr, channel[0].araddr};
        assign m_axi_arlen = {channel[1].arlen, channel[0].arlen};
        assign m_axi_arsize = {channel[1].arsize, channel[0].arsize};
        assign m_axi_arburst = {channel[1].arburst, channel[0].arburst};
        assign m_axi_arvalid = {channel[1].arvalid, channel[0].arvalid};
        assign m_axi_rready = {channel[1].rready, channel[0].rready};
    end else begin : alone
        assign m_axi_awid = {1'b0, channel[0].awid};
        assign m_axi_awaddr = channel[0].awaddr;
        assign m_axi_awlen = channel[0].awlen;
        assign m_axi_awsize = channel[0].awsize;
        assign m_axi_awburst = channel[0].awburst;
        assign m_axi_awvalid = channel[0].awvalid;
        assign m_axi_wdata = channel[0].wdata;
        assign m_axi_wstrb = channel[0].wstrb;
        assign m_axi_wlast = channel[0].wlast;
        assign m_axi_wvalid = channel[0].wvalid;
        assign m_axi_bready = channel[0].bready;
        assign m_axi_arid = {1'b0, channel[0].arid};
        assign m_axi_araddr = channel[0].araddr;
        assign m_axi_arlen = channel[0].arlen;
        assign m_axi_arsize = channel[0].arsize;
        assign m_axi_arburst = channel[0].arburst;
        assign m_axi_arvalid = channel[0].arvalid;
        assign m_axi_rready = channel[0].rready;
    end endgenerate

    assign busy = channel_busy != {CHANNELS{1'b0}} || b_valid_reg || r_valid_reg || s_axil_awvalid
                  || s_axil_wvalid || s_axil_arvalid;
endmodule
`default_nettype wire
