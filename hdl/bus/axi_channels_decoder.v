// One or two AXI4 masters to several slaves; two share one place on each slave's arbiter, in turns per burst.
// Each has a decoder of its own: what one of them has outstanding at a slave does not keep the other from the next.
`default_nettype none
module axi_channels_decoder #(
    parameter CHANNELS = 2,                 // 1 or 2
    parameter SLAVES   = 2,
    parameter ID_WIDTH = 4,                 // the uppermost bit is the channel's number
    parameter [SLAVES*64-1:0] BASE = {64'h8000_0000_0000_0000, 64'h0},
    parameter [SLAVES*64-1:0] MASK = {64'hffff_ffff_0000_0000, 64'h8000_0000_0000_0000}
) (
    input  wire                          clk,
    input  wire                          rst,

    input  wire [CHANNELS*ID_WIDTH-1:0]  s_axi_awid,
    input  wire [CHANNELS*64-1:0]        s_axi_awaddr,
    input  wire [CHANNELS*8-1:0]         s_axi_awlen,
    input  wire [CHANNELS*3-1:0]         s_axi_awsize,
    input  wire [CHANNELS*2-1:0]         s_axi_awburst,
    input  wire [CHANNELS-1:0]           s_axi_awvalid,
    output wire [CHANNELS-1:0]           s_axi_awready,
    input  wire [CHANNELS*64-1:0]        s_axi_wdata,
    input  wire [CHANNELS*8-1:0]         s_axi_wstrb,
    input  wire [CHANNELS-1:0]           s_axi_wlast,
    input  wire [CHANNELS-1:0]           s_axi_wvalid,
    output wire [CHANNELS-1:0]           s_axi_wready,
    output wire [CHANNELS*ID_WIDTH-1:0]  s_axi_bid,
    output wire [CHANNELS*2-1:0]         s_axi_bresp,
    output wire [CHANNELS-1:0]           s_axi_bvalid,
    input  wire [CHANNELS-1:0]           s_axi_bready,
    input  wire [CHANNELS*ID_WIDTH-1:0]  s_axi_arid,
    input  wire [CHANNELS*64-1:0]        s_axi_araddr,
    input  wire [CHANNELS*8-1:0]         s_axi_arlen,
    input  wire [CHANNELS*3-1:0]         s_axi_arsize,
    input  wire [CHANNELS*2-1:0]         s_axi_arburst,
    input  wire [CHANNELS-1:0]           s_axi_arvalid,
    output wire [CHANNELS-1:0]           s_axi_arready,
    output wire [CHANNELS*ID_WIDTH-1:0]  s_axi_rid,
    output wire [CHANNELS*64-1:0]        s_axi_rdata,
    output wire [CHANNELS*2-1:0]         s_axi_rresp,
    output wire [CHANNELS-1:0]           s_axi_rlast,
    output wire [CHANNELS-1:0]           s_axi_rvalid,
    input  wire [CHANNELS-1:0]           s_axi_rready,

    output wire [SLAVES*ID_WIDTH-1:0]    m_axi_awid,
    output wire [SLAVES*64-1:0]          m_axi_awaddr,
    output wire [SLAVES*8-1:0]           m_axi_awlen,
    output wire [SLAVES*3-1:0]           m_axi_awsize,
    output wire [SLAVES*2-1:0]           m_axi_awburst,
    output wire [SLAVES-1:0]             m_axi_awvalid,
    input  wire [SLAVES-1:0]             m_axi_awready,
    output wire [SLAVES*64-1:0]          m_axi_wdata,
    output wire [SLAVES*8-1:0]           m_axi_wstrb,
    output wire [SLAVES-1:0]             m_axi_wlast,
    output wire [SLAVES-1:0]             m_axi_wvalid,
    input  wire [SLAVES-1:0]             m_axi_wready,
    input  wire [SLAVES*ID_WIDTH-1:0]    m_axi_bid,
    input  wire [SLAVES*2-1:0]           m_axi_bresp,
    input  wire [SLAVES-1:0]             m_axi_bvalid,
    output wire [SLAVES-1:0]             m_axi_bready,
    output wire [SLAVES*ID_WIDTH-1:0]    m_axi_arid,
    output wire [SLAVES*64-1:0]          m_axi_araddr,
    output wire [SLAVES*8-1:0]           m_axi_arlen,
    output wire [SLAVES*3-1:0]           m_axi_arsize,
    output wire [SLAVES*2-1:0]           m_axi_arburst,
    output wire [SLAVES-1:0]             m_axi_arvalid,
    input  wire [SLAVES-1:0]             m_axi_arready,
    input  wire [SLAVES*ID_WIDTH-1:0]    m_axi_rid,
    input  wire [SLAVES*64-1:0]          m_axi_rdata,
    input  wire [SLAVES*2-1:0]           m_axi_rresp,
    input  wire [SLAVES-1:0]             m_axi_rlast,
    input  wire [SLAVES-1:0]             m_axi_rvalid,
    output wire [SLAVES-1:0]             m_axi_rready,

    output wire                          busy
);
    // what the decoders lead to, the slaves of channel 0 first
    wire [CHANNELS*SLAVES*ID_WIDTH-1:0] d_awid, d_bid, d_arid, d_rid;
    wire [CHANNELS*SLAVES*64-1:0] d_awaddr, d_wdata, d_araddr, d_rdata;
    wire [CHANNELS*SLAVES*8-1:0] d_awlen, d_wstrb, d_arlen;
    wire [CHANNELS*SLAVES*3-1:0] d_awsize, d_arsize;
    wire [CHANNELS*SLAVES*2-1:0] d_awburst, d_bresp, d_arburst, d_rresp;
    wire [CHANNELS*SLAVES*1-1:0] d_awvalid, d_awready, d_wlast, d_wvalid, d_wready, d_bvalid, d_bready, d_arvalid,
        d_arready, d_rlast, d_rvalid, d_rready;
    wire [CHANNELS-1:0] decoder_busy;
    assign busy = decoder_busy != {CHANNELS{1'b0}};

    genvar g;
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : channel
        axi_decoder #(.SLAVES(SLAVES), .ID_WIDTH(ID_WIDTH), .BASE(BASE), .MASK(MASK)) decoder (
            .clk(clk), .rst(rst), .busy(decoder_busy[g]), .s_axi_awid(s_axi_awid[g*ID_WIDTH +: ID_WIDTH]),
            .s_axi_awaddr(s_axi_awaddr[g*64 +: 64]), .s_axi_awlen(s_axi_awlen[g*8 +: 8]),
            .s_axi_awsize(s_axi_awsize[g*3 +: 3]), .s_axi_awburst(s_axi_awburst[g*2 +: 2]),
            .s_axi_awvalid(s_axi_awvalid[g]), .s_axi_awready(s_axi_awready[g]),
            .s_axi_wdata(s_axi_wdata[g*64 +: 64]), .s_axi_wstrb(s_axi_wstrb[g*8 +: 8]), .s_axi_wlast(s_axi_wlast[g]),
            .s_axi_wvalid(s_axi_wvalid[g]), .s_axi_wready(s_axi_wready[g]),
            .s_axi_bid(s_axi_bid[g*ID_WIDTH +: ID_WIDTH]), .s_axi_bresp(s_axi_bresp[g*2 +: 2]),
            .s_axi_bvalid(s_axi_bvalid[g]), .s_axi_bready(s_axi_bready[g]),
            .s_axi_arid(s_axi_arid[g*ID_WIDTH +: ID_WIDTH]), .s_axi_araddr(s_axi_araddr[g*64 +: 64]),
            .s_axi_arlen(s_axi_arlen[g*8 +: 8]), .s_axi_arsize(s_axi_arsize[g*3 +: 3]),
            .s_axi_arburst(s_axi_arburst[g*2 +: 2]), .s_axi_arvalid(s_axi_arvalid[g]),
            .s_axi_arready(s_axi_arready[g]), .s_axi_rid(s_axi_rid[g*ID_WIDTH +: ID_WIDTH]),
            .s_axi_rdata(s_axi_rdata[g*64 +: 64]), .s_axi_rresp(s_axi_rresp[g*2 +: 2]), .s_axi_rlast(s_axi_rlast[g]),
            .s_axi_rvalid(s_axi_rvalid[g]), .s_axi_rready(s_axi_rready[g]),
            .m_axi_awid(d_awid[g*SLAVES*ID_WIDTH +: SLAVES*ID_WIDTH]),
            .m_axi_awaddr(d_awaddr[g*SLAVES*64 +: SLAVES*64]), .m_axi_awlen(d_awlen[g*SLAVES*8 +: SLAVES*8]),
            .m_axi_awsize(d_awsize[g*SLAVES*3 +: SLAVES*3]), .m_axi_awburst(d_awburst[g*SLAVES*2 +: SLAVES*2]),
            .m_axi_awvalid(d_awvalid[g*SLAVES +: SLAVES]), .m_axi_awready(d_awready[g*SLAVES +: SLAVES]),
            .m_axi_wdata(d_wdata[g*SLAVES*64 +: SLAVES*64]), .m_axi_wstrb(d_wstrb[g*SLAVES*8 +: SLAVES*8]),
            .m_axi_wlast(d_wlast[g*SLAVES +: SLAVES]), .m_axi_wvalid(d_wvalid[g*SLAVES +: SLAVES]),
            .m_axi_wready(d_wready[g*SLAVES +: SLAVES]), .m_axi_bid(d_bid[g*SLAVES*ID_WIDTH +: SLAVES*ID_WIDTH]),
            .m_axi_bresp(d_bresp[g*SLAVES*2 +: SLAVES*2]), .m_axi_bvalid(d_bvalid[g*SLAVES +: SLAVES]),
            .m_axi_bready(d_bready[g*SLAVES +: SLAVES]), .m_axi_arid(d_arid[g*SLAVES*ID_WIDTH +: SLAVES*ID_WIDTH]),
            .m_axi_araddr(d_araddr[g*SLAVES*64 +: SLAVES*64]), .m_axi_arlen(d_arlen[g*SLAVES*8 +: SLAVES*8]),
            .m_axi_arsize(d_arsize[g*SLAVES*3 +: SLAVES*3]), .m_axi_arburst(d_arburst[g*SLAVES*2 +: SLAVES*2]),
            .m_axi_arvalid(d_arvalid[g*SLAVES +: SLAVES]), .m_axi_arready(d_arready[g*SLAVES +: SLAVES]),
            .m_axi_rid(d_rid[g*SLAVES*ID_WIDTH +: SLAVES*ID_WIDTH]), .m_axi_rdata(d_rdata[g*SLAVES*64 +: SLAVES*64]),
            .m_axi_rresp(d_rresp[g*SLAVES*2 +: SLAVES*2]), .m_axi_rlast(d_rlast[g*SLAVES +: SLAVES]),
            .m_axi_rvalid(d_rvalid[g*SLAVES +: SLAVES]), .m_axi_rready(d_rready[g*SLAVES +: SLAVES]));
    end
    if (CHANNELS == 1) begin : alone
        assign m_axi_awid = d_awid;
        assign m_axi_awaddr = d_awaddr;
        assign m_axi_awlen = d_awlen;
        assign m_axi_awsize = d_awsize;
        assign m_axi_awburst = d_awburst;
        assign m_axi_awvalid = d_awvalid;
        assign d_awready = m_axi_awready;
        assign m_axi_wdata = d_wdata;
        assign m_axi_wstrb = d_wstrb;
        assign m_axi_wlast = d_wlast;
        assign m_axi_wvalid = d_wvalid;
        assign d_wready = m_axi_wready;
        assign d_bid = m_axi_bid;
        assign d_bresp = m_axi_bresp;
        assign d_bvalid = m_axi_bvalid;
        assign m_axi_bready = d_bready;
        assign m_axi_arid = d_arid;
        assign m_axi_araddr = d_araddr;
        assign m_axi_arlen = d_arlen;
        assign m_axi_arsize = d_arsize;
        assign m_axi_arburst = d_arburst;
        assign m_axi_arvalid = d_arvalid;
        assign d_arready = m_axi_arready;
        assign d_rid = m_axi_rid;
        assign d_rdata = m_axi_rdata;
        assign d_rresp = m_axi_rresp;
        assign d_rlast = m_axi_rlast;
        assign d_rvalid = m_axi_rvalid;
        assign m_axi_rready = d_rready;
    end else begin : shared
    for (g = 0; g < SLAVES; g = g + 1) begin : slave
        wire [2*1-1:0] p_awready, p_wready, p_bvalid, p_arready, p_rlast, p_rvalid;
        wire [2*ID_WIDTH-1:0] p_bid, p_rid;
        wire [2*2-1:0] p_bresp, p_rresp;
        wire [2*64-1:0] p_rdata;
        assign {d_awready[SLAVES+g], d_awready[g]} = p_awready;
        assign {d_wready[SLAVES+g], d_wready[g]} = p_wready;
        assign {d_bid[(SLAVES+g)*ID_WIDTH +: ID_WIDTH], d_bid[g*ID_WIDTH +: ID_WIDTH]} = p_bid;
        assign {d_bresp[(SLAVES+g)*2 +: 2], d_bresp[g*2 +: 2]} = p_bresp;
        assign {d_bvalid[SLAVES+g], d_bvalid[g]} = p_bvalid;
        assign {d_arready[SLAVES+g], d_arready[g]} = p_arready;
        assign {d_rid[(SLAVES+g)*ID_WIDTH +: ID_WIDTH], d_rid[g*ID_WIDTH +: ID_WIDTH]} = p_rid;
        assign {d_rdata[(SLAVES+g)*64 +: 64], d_rdata[g*64 +: 64]} = p_rdata;
        assign {d_rresp[(SLAVES+g)*2 +: 2], d_rresp[g*2 +: 2]} = p_rresp;
        assign {d_rlast[SLAVES+g], d_rlast[g]} = p_rlast;
        assign {d_rvalid[SLAVES+g], d_rvalid[g]} = p_rvalid;
        axi_pair #(.ID_WIDTH(ID_WIDTH)) pair (
            .clk(clk), .rst(rst),
            .s_axi_awid({d_awid[(SLAVES+g)*ID_WIDTH +: ID_WIDTH], d_awid[g*ID_WIDTH +: ID_WIDTH]}),
            .s_axi_awaddr({d_awaddr[(SLAVES+g)*64 +: 64], d_awaddr[g*64 +: 64]}),
            .s_axi_awlen({d_awlen[(SLAVES+g)*8 +: 8], d_awlen[g*8 +: 8]}),
            .s_axi_awsize({d_awsize[(SLAVES+g)*3 +: 3], d_awsize[g*3 +: 3]}),
            .s_axi_awburst({d_awburst[(SLAVES+g)*2 +: 2], d_awburst[g*2 +: 2]}),
            .s_axi_awvalid({d_awvalid[SLAVES+g], d_awvalid[g]}), .s_axi_awready(p_awready),
            .s_axi_wdata({d_wdata[(SLAVES+g)*64 +: 64], d_wdata[g*64 +: 64]}),
            .s_axi_wstrb({d_wstrb[(SLAVES+g)*8 +: 8], d_wstrb[g*8 +: 8]}),
            .s_axi_wlast({d_wlast[SLAVES+g], d_wlast[g]}), .s_axi_wvalid({d_wvalid[SLAVES+g], d_wvalid[g]}),
            .s_axi_wready(p_wready), .s_axi_bid(p_bid), .s_axi_bresp(p_bresp), .s_axi_bvalid(p_bvalid),
            .s_axi_bready({d_bready[SLAVES+g], d_bready[g]}),
            .s_axi_arid({d_arid[(SLAVES+g)*ID_WIDTH +: ID_WIDTH], d_arid[g*ID_WIDTH +: ID_WIDTH]}),
            .s_axi_araddr({d_araddr[(SLAVES+g)*64 +: 64], d_araddr[g*64 +: 64]}),
            .s_axi_arlen({d_arlen[(SLAVES+g)*8 +: 8], d_arlen[g*8 +: 8]}),
            .s_axi_arsize({d_arsize[(SLAVES+g)*3 +: 3], d_arsize[g*3 +: 3]}),
            .s_axi_arburst({d_arburst[(SLAVES+g)*2 +: 2], d_arburst[g*2 +: 2]}),
            .s_axi_arvalid({d_arvalid[SLAVES+g], d_arvalid[g]}), .s_axi_arready(p_arready), .s_axi_rid(p_rid),
            .s_axi_rdata(p_rdata), .s_axi_rresp(p_rresp), .s_axi_rlast(p_rlast), .s_axi_rvalid(p_rvalid),
            .s_axi_rready({d_rready[SLAVES+g], d_rready[g]}), .m_axi_awid(m_axi_awid[g*ID_WIDTH +: ID_WIDTH]),
            .m_axi_awaddr(m_axi_awaddr[g*64 +: 64]), .m_axi_awlen(m_axi_awlen[g*8 +: 8]),
            .m_axi_awsize(m_axi_awsize[g*3 +: 3]), .m_axi_awburst(m_axi_awburst[g*2 +: 2]),
            .m_axi_awvalid(m_axi_awvalid[g]), .m_axi_awready(m_axi_awready[g]),
            .m_axi_wdata(m_axi_wdata[g*64 +: 64]), .m_axi_wstrb(m_axi_wstrb[g*8 +: 8]), .m_axi_wlast(m_axi_wlast[g]),
            .m_axi_wvalid(m_axi_wvalid[g]), .m_axi_wready(m_axi_wready[g]),
            .m_axi_bid(m_axi_bid[g*ID_WIDTH +: ID_WIDTH]), .m_axi_bresp(m_axi_bresp[g*2 +: 2]),
            .m_axi_bvalid(m_axi_bvalid[g]), .m_axi_bready(m_axi_bready[g]),
            .m_axi_arid(m_axi_arid[g*ID_WIDTH +: ID_WIDTH]), .m_axi_araddr(m_axi_araddr[g*64 +: 64]),
            .m_axi_arlen(m_axi_arlen[g*8 +: 8]), .m_axi_arsize(m_axi_arsize[g*3 +: 3]),
            .m_axi_arburst(m_axi_arburst[g*2 +: 2]), .m_axi_arvalid(m_axi_arvalid[g]),
            .m_axi_arready(m_axi_arready[g]), .m_axi_rid(m_axi_rid[g*ID_WIDTH +: ID_WIDTH]),
            .m_axi_rdata(m_axi_rdata[g*64 +: 64]), .m_axi_rresp(m_axi_rresp[g*2 +: 2]), .m_axi_rlast(m_axi_rlast[g]),
            .m_axi_rvalid(m_axi_rvalid[g]), .m_axi_rready(m_axi_rready[g]));
    end
    end endgenerate
endmodule
`default_nettype wire
