// One or two AXI4 masters to two slaves; two masters share one place on each slave's arbiter, in turns per burst.
// Each has a decoder of its own: what one of them has outstanding at a slave does not keep the other from the next.
// Vectors are driven whole, not by channel: simulators carry a vector driven in slices with the strength of each bit.
`default_nettype none
module axi_channels_decoder #(
    parameter CHANNELS = 2,                 // 1 or 2
    parameter ID_WIDTH = 4,                 // the uppermost bit is the channel's number
    parameter [127:0] BASE = {64'h8000_0000_0000_0000, 64'h0},
    parameter [127:0] MASK = {64'hffff_ffff_0000_0000, 64'h8000_0000_0000_0000}
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

    output wire [2*ID_WIDTH-1:0]         m_axi_awid,
    output wire [2*64-1:0]               m_axi_awaddr,
    output wire [2*8-1:0]                m_axi_awlen,
    output wire [2*3-1:0]                m_axi_awsize,
    output wire [2*2-1:0]                m_axi_awburst,
    output wire [2-1:0]                  m_axi_awvalid,
    input  wire [2-1:0]                  m_axi_awready,
    output wire [2*64-1:0]               m_axi_wdata,
    output wire [2*8-1:0]                m_axi_wstrb,
    output wire [2-1:0]                  m_axi_wlast,
    output wire [2-1:0]                  m_axi_wvalid,
    input  wire [2-1:0]                  m_axi_wready,
    input  wire [2*ID_WIDTH-1:0]         m_axi_bid,
    input  wire [2*2-1:0]                m_axi_bresp,
    input  wire [2-1:0]                  m_axi_bvalid,
    output wire [2-1:0]                  m_axi_bready,
    output wire [2*ID_WIDTH-1:0]         m_axi_arid,
    output wire [2*64-1:0]               m_axi_araddr,
    output wire [2*8-1:0]                m_axi_arlen,
    output wire [2*3-1:0]                m_axi_arsize,
    output wire [2*2-1:0]                m_axi_arburst,
    output wire [2-1:0]                  m_axi_arvalid,
    input  wire [2-1:0]                  m_axi_arready,
    input  wire [2*ID_WIDTH-1:0]         m_axi_rid,
    input  wire [2*64-1:0]               m_axi_rdata,
    input  wire [2*2-1:0]                m_axi_rresp,
    input  wire [2-1:0]                  m_axi_rlast,
    input  wire [2-1:0]                  m_axi_rvalid,
    output wire [2-1:0]                  m_axi_rready,

    output wire                          busy
);
    wire [CHANNELS-1:0] decoder_busy;
    assign busy = decoder_busy != {CHANNELS{1'b0}};

    initial if (CHANNELS < 1 || CHANNELS > 2) begin
        $display("ERROR: axi_channels_decoder CHANNELS must be 1 or 2 (%m)");
        $finish;
    end

    genvar g;
    generate for (g = 0; g < CHANNELS; g = g + 1) begin : channel
        wire s_awready, s_wready, s_bvalid, s_arready, s_rlast, s_rvalid;
        wire [ID_WIDTH-1:0] s_bid, s_rid;
        wire [2-1:0] s_bresp, s_rresp;
        wire [64-1:0] s_rdata;
        wire [2*ID_WIDTH-1:0] d_awid, d_bid, d_arid, d_rid;
        wire [2*64-1:0] d_awaddr, d_wdata, d_araddr, d_rdata;
        wire [2*8-1:0] d_awlen, d_wstrb, d_arlen;
        wire [2*3-1:0] d_awsize, d_arsize;
        wire [2*2-1:0] d_awburst, d_bresp, d_arburst, d_rresp;
        wire [2*1-1:0] d_awvalid, d_awready, d_wlast, d_wvalid, d_wready, d_bvalid, d_bready, d_arvalid, d_arready,
        d_rlast, d_rvalid, d_rready;
        axi_decoder #(.SLAVES(2), .ID_WIDTH(ID_WIDTH), .BASE(BASE), .MASK(MASK)) decoder (
            .clk(clk), .rst(rst), .busy(decoder_busy[g]), .s_axi_awid(s_axi_awid[g*ID_WIDTH +: ID_WIDTH]),
            .s_axi_awaddr(s_axi_awaddr[g*64 +: 64]), .s_axi_awlen(s_axi_awlen[g*8 +: 8]),
            .s_axi_awsize(s_axi_awsize[g*3 +: 3]), .s_axi_awburst(s_axi_awburst[g*2 +: 2]),
            .s_axi_awvalid(s_axi_awvalid[g]), .s_axi_awready(s_awready), .s_axi_wdata(s_axi_wdata[g*64 +: 64]),
            .s_axi_wstrb(s_axi_wstrb[g*8 +: 8]), .s_axi_wlast(s_axi_wlast[g]), .s_axi_wvalid(s_axi_wvalid[g]),
            .s_axi_wready(s_wready), .s_axi_bid(s_bid), .s_axi_bresp(s_bresp), .s_axi_bvalid(s_bvalid),
            .s_axi_bready(s_axi_bready[g]), .s_axi_arid(s_axi_arid[g*ID_WIDTH +: ID_WIDTH]),
            .s_axi_araddr(s_axi_araddr[g*64 +: 64]), .s_axi_arlen(s_axi_arlen[g*8 +: 8]),
            .s_axi_arsize(s_axi_arsize[g*3 +: 3]), .s_axi_arburst(s_axi_arburst[g*2 +: 2]),
            .s_axi_arvalid(s_axi_arvalid[g]), .s_axi_arready(s_arready), .s_axi_rid(s_rid), .s_axi_rdata(s_rdata),
            .s_axi_rresp(s_rresp), .s_axi_rlast(s_rlast), .s_axi_rvalid(s_rvalid), .s_axi_rready(s_axi_rready[g]),
            .m_axi_awid(d_awid), .m_axi_awaddr(d_awaddr), .m_axi_awlen(d_awlen), .m_axi_awsize(d_awsize),
            .m_axi_awburst(d_awburst), .m_axi_awvalid(d_awvalid), .m_axi_awready(d_awready), .m_axi_wdata(d_wdata),
            .m_axi_wstrb(d_wstrb), .m_axi_wlast(d_wlast), .m_axi_wvalid(d_wvalid), .m_axi_wready(d_wready),
            .m_axi_bid(d_bid), .m_axi_bresp(d_bresp), .m_axi_bvalid(d_bvalid), .m_axi_bready(d_bready),
            .m_axi_arid(d_arid), .m_axi_araddr(d_araddr), .m_axi_arlen(d_arlen), .m_axi_arsize(d_arsize),
            .m_axi_arburst(d_arburst), .m_axi_arvalid(d_arvalid), .m_axi_arready(d_arready), .m_axi_rid(d_rid),
            .m_axi_rdata(d_rdata), .m_axi_rresp(d_rresp), .m_axi_rlast(d_rlast), .m_axi_rvalid(d_rvalid),
            .m_axi_rready(d_rready));
    end
    if (CHANNELS == 1) begin : alone
        assign channel[0].d_awready = m_axi_awready;
        assign channel[0].d_wready = m_axi_wready;
        assign channel[0].d_bid = m_axi_bid;
        assign channel[0].d_bresp = m_axi_bresp;
        assign channel[0].d_bvalid = m_axi_bvalid;
        assign channel[0].d_arready = m_axi_arready;
        assign channel[0].d_rid = m_axi_rid;
        assign channel[0].d_rdata = m_axi_rdata;
        assign channel[0].d_rresp = m_axi_rresp;
        assign channel[0].d_rlast = m_axi_rlast;
        assign channel[0].d_rvalid = m_axi_rvalid;
        assign m_axi_awid = channel[0].d_awid;
        assign m_axi_awaddr = channel[0].d_awaddr;
        assign m_axi_awlen = channel[0].d_awlen;
        assign m_axi_awsize = channel[0].d_awsize;
        assign m_axi_awburst = channel[0].d_awburst;
        assign m_axi_awvalid = channel[0].d_awvalid;
        assign m_axi_wdata = channel[0].d_wdata;
        assign m_axi_wstrb = channel[0].d_wstrb;
        assign m_axi_wlast = channel[0].d_wlast;
        assign m_axi_wvalid = channel[0].d_wvalid;
        assign m_axi_bready = channel[0].d_bready;
        assign m_axi_arid = channel[0].d_arid;
        assign m_axi_araddr = channel[0].d_araddr;
        assign m_axi_arlen = channel[0].d_arlen;
        assign m_axi_arsize = channel[0].d_arsize;
        assign m_axi_arburst = channel[0].d_arburst;
        assign m_axi_arvalid = channel[0].d_arvalid;
        assign m_axi_rready = channel[0].d_rready;
        assign s_axi_awready = channel[0].s_awready;
        assign s_axi_wready = channel[0].s_wready;
        assign s_axi_bid = channel[0].s_bid;
        assign s_axi_bresp = channel[0].s_bresp;
        assign s_axi_bvalid = channel[0].s_bvalid;
        assign s_axi_arready = channel[0].s_arready;
        assign s_axi_rid = channel[0].s_rid;
        assign s_axi_rdata = channel[0].s_rdata;
        assign s_axi_rresp = channel[0].s_rresp;
        assign s_axi_rlast = channel[0].s_rlast;
        assign s_axi_rvalid = channel[0].s_rvalid;
    end else begin : shared
        for (g = 0; g < 2; g = g + 1) begin : slave
            wire [ID_WIDTH-1:0] p_awid, p_arid;
            wire [64-1:0] p_awaddr, p_wdata, p_araddr;
            wire [8-1:0] p_awlen, p_wstrb, p_arlen;
            wire [3-1:0] p_awsize, p_arsize;
            wire [2-1:0] p_awburst, p_arburst;
            wire p_awvalid, p_wlast, p_wvalid, p_bready, p_arvalid, p_rready;
            wire [2*1-1:0] p_awready, p_wready, p_bvalid, p_arready, p_rlast, p_rvalid;
            wire [2*ID_WIDTH-1:0] p_bid, p_rid;
            wire [2*2-1:0] p_bresp, p_rresp;
            wire [2*64-1:0] p_rdata;
            axi_pair #(.ID_WIDTH(ID_WIDTH)) pair (
                .clk(clk), .rst(rst),
                .s_axi_awid({channel[1].d_awid[g*ID_WIDTH +: ID_WIDTH], channel[0].d_awid[g*ID_WIDTH +: ID_WIDTH]}),
                .s_axi_awaddr({channel[1].d_awaddr[g*64 +: 64], channel[0].d_awaddr[g*64 +: 64]}),
                .s_axi_awlen({channel[1].d_awlen[g*8 +: 8], channel[0].d_awlen[g*8 +: 8]}),
                .s_axi_awsize({channel[1].d_awsize[g*3 +: 3], channel[0].d_awsize[g*3 +: 3]}),
                .s_axi_awburst({channel[1].d_awburst[g*2 +: 2], channel[0].d_awburst[g*2 +: 2]}),
                .s_axi_awvalid({channel[1].d_awvalid[g], channel[0].d_awvalid[g]}), .s_axi_awready(p_awready),
                .s_axi_wdata({channel[1].d_wdata[g*64 +: 64], channel[0].d_wdata[g*64 +: 64]}),
                .s_axi_wstrb({channel[1].d_wstrb[g*8 +: 8], channel[0].d_wstrb[g*8 +: 8]}),
                .s_axi_wlast({channel[1].d_wlast[g], channel[0].d_wlast[g]}),
                .s_axi_wvalid({channel[1].d_wvalid[g], channel[0].d_wvalid[g]}), .s_axi_wready(p_wready),
                .s_axi_bid(p_bid), .s_axi_bresp(p_bresp), .s_axi_bvalid(p_bvalid),
                .s_axi_bready({channel[1].d_bready[g], channel[0].d_bready[g]}),
                .s_axi_arid({channel[1].d_arid[g*ID_WIDTH +: ID_WIDTH], channel[0].d_arid[g*ID_WIDTH +: ID_WIDTH]}),
                .s_axi_araddr({channel[1].d_araddr[g*64 +: 64], channel[0].d_araddr[g*64 +: 64]}),
                .s_axi_arlen({channel[1].d_arlen[g*8 +: 8], channel[0].d_arlen[g*8 +: 8]}),
                .s_axi_arsize({channel[1].d_arsize[g*3 +: 3], channel[0].d_arsize[g*3 +: 3]}),
                .s_axi_arburst({channel[1].d_arburst[g*2 +: 2], channel[0].d_arburst[g*2 +: 2]}),
                .s_axi_arvalid({channel[1].d_arvalid[g], channel[0].d_arvalid[g]}), .s_axi_arready(p_arready),
                .s_axi_rid(p_rid), .s_axi_rdata(p_rdata), .s_axi_rresp(p_rresp), .s_axi_rlast(p_rlast),
                .s_axi_rvalid(p_rvalid), .s_axi_rready({channel[1].d_rready[g], channel[0].d_rready[g]}),
                .m_axi_awid(p_awid), .m_axi_awaddr(p_awaddr), .m_axi_awlen(p_awlen), .m_axi_awsize(p_awsize),
                .m_axi_awburst(p_awburst), .m_axi_awvalid(p_awvalid), .m_axi_awready(m_axi_awready[g]),
                .m_axi_wdata(p_wdata), .m_axi_wstrb(p_wstrb), .m_axi_wlast(p_wlast), .m_axi_wvalid(p_wvalid),
                .m_axi_wready(m_axi_wready[g]), .m_axi_bid(m_axi_bid[g*ID_WIDTH +: ID_WIDTH]),
                .m_axi_bresp(m_axi_bresp[g*2 +: 2]), .m_axi_bvalid(m_axi_bvalid[g]), .m_axi_bready(p_bready),
                .m_axi_arid(p_arid), .m_axi_araddr(p_araddr), .m_axi_arlen(p_arlen), .m_axi_arsize(p_arsize),
                .m_axi_arburst(p_arburst), .m_axi_arvalid(p_arvalid), .m_axi_arready(m_axi_arready[g]),
                .m_axi_rid(m_axi_rid[g*ID_WIDTH +: ID_WIDTH]), .m_axi_rdata(m_axi_rdata[g*64 +: 64]),
                .m_axi_rresp(m_axi_rresp[g*2 +: 2]), .m_axi_rlast(m_axi_rlast[g]), .m_axi_rvalid(m_axi_rvalid[g]),
                .m_axi_rready(p_rready));
        end
        assign s_axi_awready = {channel[1].s_awready, channel[0].s_awready};
        assign s_axi_wready = {channel[1].s_wready, channel[0].s_wready};
        assign s_axi_bid = {channel[1].s_bid, channel[0].s_bid};
        assign s_axi_bresp = {channel[1].s_bresp, channel[0].s_bresp};
        assign s_axi_bvalid = {channel[1].s_bvalid, channel[0].s_bvalid};
        assign s_axi_arready = {channel[1].s_arready, channel[0].s_arready};
        assign s_axi_rid = {channel[1].s_rid, channel[0].s_rid};
        assign s_axi_rdata = {channel[1].s_rdata, channel[0].s_rdata};
        assign s_axi_rresp = {channel[1].s_rresp, channel[0].s_rresp};
        assign s_axi_rlast = {channel[1].s_rlast, channel[0].s_rlast};
        assign s_axi_rvalid = {channel[1].s_rvalid, channel[0].s_rvalid};
        assign channel[0].d_awready = {slave[1].p_awready[0], slave[0].p_awready[0]};
        assign channel[0].d_wready = {slave[1].p_wready[0], slave[0].p_wready[0]};
        assign channel[0].d_bid = {slave[1].p_bid[0*ID_WIDTH +: ID_WIDTH], slave[0].p_bid[0*ID_WIDTH +: ID_WIDTH]};
        assign channel[0].d_bresp = {slave[1].p_bresp[0*2 +: 2], slave[0].p_bresp[0*2 +: 2]};
        assign channel[0].d_bvalid = {slave[1].p_bvalid[0], slave[0].p_bvalid[0]};
        assign channel[0].d_arready = {slave[1].p_arready[0], slave[0].p_arready[0]};
        assign channel[0].d_rid = {slave[1].p_rid[0*ID_WIDTH +: ID_WIDTH], slave[0].p_rid[0*ID_WIDTH +: ID_WIDTH]};
        assign channel[0].d_rdata = {slave[1].p_rdata[0*64 +: 64], slave[0].p_rdata[0*64 +: 64]};
        assign channel[0].d_rresp = {slave[1].p_rresp[0*2 +: 2], slave[0].p_rresp[0*2 +: 2]};
        assign channel[0].d_rlast = {slave[1].p_rlast[0], slave[0].p_rlast[0]};
        assign channel[0].d_rvalid = {slave[1].p_rvalid[0], slave[0].p_rvalid[0]};
        assign channel[1].d_awready = {slave[1].p_awready[1], slave[0].p_awready[1]};
        assign channel[1].d_wready = {slave[1].p_wready[1], slave[0].p_wready[1]};
        assign channel[1].d_bid = {slave[1].p_bid[1*ID_WIDTH +: ID_WIDTH], slave[0].p_bid[1*ID_WIDTH +: ID_WIDTH]};
        assign channel[1].d_bresp = {slave[1].p_bresp[1*2 +: 2], slave[0].p_bresp[1*2 +: 2]};
        assign channel[1].d_bvalid = {slave[1].p_bvalid[1], slave[0].p_bvalid[1]};
        assign channel[1].d_arready = {slave[1].p_arready[1], slave[0].p_arready[1]};
        assign channel[1].d_rid = {slave[1].p_rid[1*ID_WIDTH +: ID_WIDTH], slave[0].p_rid[1*ID_WIDTH +: ID_WIDTH]};
        assign channel[1].d_rdata = {slave[1].p_rdata[1*64 +: 64], slave[0].p_rdata[1*64 +: 64]};
        assign channel[1].d_rresp = {slave[1].p_rresp[1*2 +: 2], slave[0].p_rresp[1*2 +: 2]};
        assign channel[1].d_rlast = {slave[1].p_rlast[1], slave[0].p_rlast[1]};
        assign channel[1].d_rvalid = {slave[1].p_rvalid[1], slave[0].p_rvalid[1]};
        assign m_axi_awid = {slave[1].p_awid, slave[0].p_awid};
        assign m_axi_awaddr = {slave[1].p_awaddr, slave[0].p_awaddr};
        assign m_axi_awlen = {slave[1].p_awlen, slave[0].p_awlen};
        assign m_axi_awsize = {slave[1].p_awsize, slave[0].p_awsize};
        assign m_axi_awburst = {slave[1].p_awburst, slave[0].p_awburst};
        assign m_axi_awvalid = {slave[1].p_awvalid, slave[0].p_awvalid};
        assign m_axi_wdata = {slave[1].p_wdata, slave[0].p_wdata};
        assign m_axi_wstrb = {slave[1].p_wstrb, slave[0].p_wstrb};
        assign m_axi_wlast = {slave[1].p_wlast, slave[0].p_wlast};
        assign m_axi_wvalid = {slave[1].p_wvalid, slave[0].p_wvalid};
        assign m_axi_bready = {slave[1].p_bready, slave[0].p_bready};
        assign m_axi_arid = {slave[1].p_arid, slave[0].p_arid};
        assign m_axi_araddr = {slave[1].p_araddr, slave[0].p_araddr};
        assign m_axi_arlen = {slave[1].p_arlen, slave[0].p_arlen};
        assign m_axi_arsize = {slave[1].p_arsize, slave[0].p_arsize};
        assign m_axi_arburst = {slave[1].p_arburst, slave[0].p_arburst};
        assign m_axi_arvalid = {slave[1].p_arvalid, slave[0].p_arvalid};
        assign m_axi_rready = {slave[1].p_rready, slave[0].p_rready};
    end endgenerate
endmodule
`default_nettype wire
