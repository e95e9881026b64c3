// Bench harness: random masters, each behind an axi_decoder, share two memories through an axi_arbiter each: memory 0
// as one bus for reads and writes (SHARED = 1, with the grant log), memory 1 with reads and writes apart.
`default_nettype none
module bus_harness #(
    parameter MASTERS     = 4,
    parameter OUTSTANDING = 8,
    parameter HOLD_BURSTS = 1,
    parameter HOLD_CLOCKS = 0,
    parameter LIMIT       = 64              // beats of a burst at memory 0's arbiter
) (
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire [7:0]  slave_percent,       // stalled clocks of every channel at the memories
    input  wire [7:0]  idle_percent,        // chance that a master pauses before a burst
    input  wire [15:0] bursts,              // of each kind and master
    input  wire        round_robin,
    output wire        too_long,            // a burst beyond LIMIT was granted at memory 0
    output wire        finished,
    output wire        failed,
    output wire [MASTERS*32-1:0] beats,     // as the arbiter before memory 0 counts them
    output wire [MASTERS*32-1:0] beats_seen // as the monitors of the masters' ports to memory 0 count them
);
    reg clk = 0;
    always #8000 clk = ~clk;                // 62.5 MHz

    localparam ID = 4;
    localparam MASTER_WIDTH = MASTERS > 1 ? $clog2(MASTERS) : 1;
    localparam MID = ID + MASTER_WIDTH;

    // a: at memory 0's arbiter, b: at memory 1's; by master
    wire [MASTERS*ID-1:0] a_awid, a_bid, a_arid, a_rid;
    wire [MASTERS*64-1:0] a_awaddr, a_wdata, a_araddr, a_rdata;
    wire [MASTERS*8-1:0] a_awlen, a_wstrb, a_arlen;
    wire [MASTERS*3-1:0] a_awsize, a_arsize;
    wire [MASTERS*2-1:0] a_awburst, a_bresp, a_arburst, a_rresp;
    wire [MASTERS*1-1:0] a_awvalid, a_awready, a_wlast, a_wvalid, a_wready, a_bvalid, a_bready, a_arvalid;
    wire [MASTERS*1-1:0] a_arready, a_rlast, a_rvalid, a_rready;
    wire [MASTERS*ID-1:0] b_awid, b_bid, b_arid, b_rid;
    wire [MASTERS*64-1:0] b_awaddr, b_wdata, b_araddr, b_rdata;
    wire [MASTERS*8-1:0] b_awlen, b_wstrb, b_arlen;
    wire [MASTERS*3-1:0] b_awsize, b_arsize;
    wire [MASTERS*2-1:0] b_awburst, b_bresp, b_arburst, b_rresp;
    wire [MASTERS*1-1:0] b_awvalid, b_awready, b_wlast, b_wvalid, b_wready, b_bvalid, b_bready, b_arvalid;
    wire [MASTERS*1-1:0] b_arready, b_rlast, b_rvalid, b_rready;
    wire [MID-1:0] c_awid, c_bid, c_arid, c_rid;
    wire [64-1:0] c_awaddr, c_wdata, c_araddr, c_rdata;
    wire [8-1:0] c_awlen, c_wstrb, c_arlen;
    wire [3-1:0] c_awsize, c_arsize;
    wire [2-1:0] c_awburst, c_bresp, c_arburst, c_rresp;
    wire [1-1:0] c_awvalid, c_awready, c_wlast, c_wvalid, c_wready, c_bvalid, c_bready, c_arvalid, c_arready;
    wire [1-1:0] c_rlast, c_rvalid, c_rready;
    wire [MID-1:0] d_awid, d_bid, d_arid, d_rid;
    wire [64-1:0] d_awaddr, d_wdata, d_araddr, d_rdata;
    wire [8-1:0] d_awlen, d_wstrb, d_arlen;
    wire [3-1:0] d_awsize, d_arsize;
    wire [2-1:0] d_awburst, d_bresp, d_arburst, d_rresp;
    wire [1-1:0] d_awvalid, d_awready, d_wlast, d_wvalid, d_wready, d_bvalid, d_bready, d_arvalid, d_arready;
    wire [1-1:0] d_rlast, d_rvalid, d_rready;
    wire [MID-1:0] e_awid, e_bid, e_arid, e_rid;
    wire [64-1:0] e_awaddr, e_wdata, e_araddr, e_rdata;
    wire [8-1:0] e_awlen, e_wstrb, e_arlen;
    wire [3-1:0] e_awsize, e_arsize;
    wire [2-1:0] e_awburst, e_bresp, e_arburst, e_rresp;
    wire [1-1:0] e_awvalid, e_awready, e_wlast, e_wvalid, e_wready, e_bvalid, e_bready, e_arvalid, e_arready;
    wire [1-1:0] e_rlast, e_rvalid, e_rready;
    wire [MID-1:0] f_awid, f_bid, f_arid, f_rid;
    wire [64-1:0] f_awaddr, f_wdata, f_araddr, f_rdata;
    wire [8-1:0] f_awlen, f_wstrb, f_arlen;
    wire [3-1:0] f_awsize, f_arsize;
    wire [2-1:0] f_awburst, f_bresp, f_arburst, f_rresp;
    wire [1-1:0] f_awvalid, f_awready, f_wlast, f_wvalid, f_wready, f_bvalid, f_bready, f_arvalid, f_arready;
    wire [1-1:0] f_rlast, f_rvalid, f_rready;

    wire [MASTERS-1:0] master_finished, master_failed, monitor_failed, port_failed, decoder_busy;
    genvar g;
    generate for (g = 0; g < MASTERS; g = g + 1) begin : master
        wire [ID-1:0] t_awid, t_bid, t_arid, t_rid;
        wire [64-1:0] t_awaddr, t_wdata, t_araddr, t_rdata;
        wire [8-1:0] t_awlen, t_wstrb, t_arlen;
        wire [3-1:0] t_awsize, t_arsize;
        wire [2-1:0] t_awburst, t_bresp, t_arburst, t_rresp;
        wire [1-1:0] t_awvalid, t_awready, t_wlast, t_wvalid, t_wready, t_bvalid, t_bready, t_arvalid, t_arready;
        wire [1-1:0] t_rlast, t_rvalid, t_rready;
        wire [2*ID-1:0] x_awid, x_bid, x_arid, x_rid;
        wire [2*64-1:0] x_awaddr, x_wdata, x_araddr, x_rdata;
        wire [2*8-1:0] x_awlen, x_wstrb, x_arlen;
        wire [2*3-1:0] x_awsize, x_arsize;
        wire [2*2-1:0] x_awburst, x_bresp, x_arburst, x_rresp;
        wire [2*1-1:0] x_awvalid, x_awready, x_wlast, x_wvalid, x_wready, x_bvalid, x_bready, x_arvalid, x_arready;
        wire [2*1-1:0] x_rlast, x_rvalid, x_rready;
        traffic_master #(.NUMBER(g)) traffic (
            .clk(clk), .rst(rst), .seed(seed), .idle_percent(idle_percent), .bursts(bursts),
            .finished(master_finished[g]), .failed(master_failed[g]),
            .m_axi_awid(t_awid), .m_axi_awaddr(t_awaddr), .m_axi_awlen(t_awlen), .m_axi_awsize(t_awsize),
            .m_axi_awburst(t_awburst), .m_axi_awvalid(t_awvalid), .m_axi_awready(t_awready), .m_axi_wdata(t_wdata),
            .m_axi_wstrb(t_wstrb), .m_axi_wlast(t_wlast), .m_axi_wvalid(t_wvalid), .m_axi_wready(t_wready),
            .m_axi_bid(t_bid), .m_axi_bresp(t_bresp), .m_axi_bvalid(t_bvalid), .m_axi_bready(t_bready),
            .m_axi_arid(t_arid), .m_axi_araddr(t_araddr), .m_axi_arlen(t_arlen), .m_axi_arsize(t_arsize),
            .m_axi_arburst(t_arburst), .m_axi_arvalid(t_arvalid), .m_axi_arready(t_arready), .m_axi_rid(t_rid),
            .m_axi_rdata(t_rdata), .m_axi_rresp(t_rresp), .m_axi_rlast(t_rlast), .m_axi_rvalid(t_rvalid),
            .m_axi_rready(t_rready));
        axi_monitor #(.ID_WIDTH(ID)) monitor (
            .clk(clk), .rst(rst), .failed(monitor_failed[g]), .idle(), .read_beats(), .write_beats(), .error_responses(),
            .awid(t_awid), .awaddr(t_awaddr), .awlen(t_awlen), .awsize(t_awsize), .awburst(t_awburst),
            .awvalid(t_awvalid), .awready(t_awready), .wdata(t_wdata), .wstrb(t_wstrb), .wlast(t_wlast),
            .wvalid(t_wvalid), .wready(t_wready), .bid(t_bid), .bresp(t_bresp), .bvalid(t_bvalid), .bready(t_bready),
            .arid(t_arid), .araddr(t_araddr), .arlen(t_arlen), .arsize(t_arsize), .arburst(t_arburst),
            .arvalid(t_arvalid), .arready(t_arready), .rid(t_rid), .rdata(t_rdata), .rresp(t_rresp), .rlast(t_rlast),
            .rvalid(t_rvalid), .rready(t_rready));
        axi_decoder #(.SLAVES(2), .ID_WIDTH(ID)) decoder (
            .clk(clk), .rst(rst), .busy(decoder_busy[g]),
            .s_axi_awid(t_awid), .s_axi_awaddr(t_awaddr), .s_axi_awlen(t_awlen), .s_axi_awsize(t_awsize),
            .s_axi_awburst(t_awburst), .s_axi_awvalid(t_awvalid), .s_axi_awready(t_awready), .s_axi_wdata(t_wdata),
            .s_axi_wstrb(t_wstrb), .s_axi_wlast(t_wlast), .s_axi_wvalid(t_wvalid), .s_axi_wready(t_wready),
            .s_axi_bid(t_bid), .s_axi_bresp(t_bresp), .s_axi_bvalid(t_bvalid), .s_axi_bready(t_bready),
            .s_axi_arid(t_arid), .s_axi_araddr(t_araddr), .s_axi_arlen(t_arlen), .s_axi_arsize(t_arsize),
            .s_axi_arburst(t_arburst), .s_axi_arvalid(t_arvalid), .s_axi_arready(t_arready), .s_axi_rid(t_rid),
            .s_axi_rdata(t_rdata), .s_axi_rresp(t_rresp), .s_axi_rlast(t_rlast), .s_axi_rvalid(t_rvalid),
            .s_axi_rready(t_rready),
            .m_axi_awid(x_awid), .m_axi_awaddr(x_awaddr), .m_axi_awlen(x_awlen), .m_axi_awsize(x_awsize),
            .m_axi_awburst(x_awburst), .m_axi_awvalid(x_awvalid), .m_axi_awready(x_awready), .m_axi_wdata(x_wdata),
            .m_axi_wstrb(x_wstrb), .m_axi_wlast(x_wlast), .m_axi_wvalid(x_wvalid), .m_axi_wready(x_wready),
            .m_axi_bid(x_bid), .m_axi_bresp(x_bresp), .m_axi_bvalid(x_bvalid), .m_axi_bready(x_bready),
            .m_axi_arid(x_arid), .m_axi_araddr(x_araddr), .m_axi_arlen(x_arlen), .m_axi_arsize(x_arsize),
            .m_axi_arburst(x_arburst), .m_axi_arvalid(x_arvalid), .m_axi_arready(x_arready), .m_axi_rid(x_rid),
            .m_axi_rdata(x_rdata), .m_axi_rresp(x_rresp), .m_axi_rlast(x_rlast), .m_axi_rvalid(x_rvalid),
            .m_axi_rready(x_rready));
        axi_burst_limiter #(.ID_WIDTH(ID), .MAX_BEATS(LIMIT)) limiter (
            .clk(clk), .rst(rst), .busy(), .s_axi_awid(x_awid[0*ID +: ID]), .s_axi_awaddr(x_awaddr[0*64 +: 64]),
            .s_axi_awlen(x_awlen[0*8 +: 8]), .s_axi_awsize(x_awsize[0*3 +: 3]), .s_axi_awburst(x_awburst[0*2 +: 2]),
            .s_axi_awvalid(x_awvalid[0]), .s_axi_awready(x_awready[0]), .s_axi_wdata(x_wdata[0*64 +: 64]),
            .s_axi_wstrb(x_wstrb[0*8 +: 8]), .s_axi_wlast(x_wlast[0]), .s_axi_wvalid(x_wvalid[0]),
            .s_axi_wready(x_wready[0]), .s_axi_bid(x_bid[0*ID +: ID]), .s_axi_bresp(x_bresp[0*2 +: 2]),
            .s_axi_bvalid(x_bvalid[0]), .s_axi_bready(x_bready[0]), .s_axi_arid(x_arid[0*ID +: ID]),
            .s_axi_araddr(x_araddr[0*64 +: 64]), .s_axi_arlen(x_arlen[0*8 +: 8]), .s_axi_arsize(x_arsize[0*3 +: 3]),
            .s_axi_arburst(x_arburst[0*2 +: 2]), .s_axi_arvalid(x_arvalid[0]), .s_axi_arready(x_arready[0]),
            .s_axi_rid(x_rid[0*ID +: ID]), .s_axi_rdata(x_rdata[0*64 +: 64]), .s_axi_rresp(x_rresp[0*2 +: 2]),
            .s_axi_rlast(x_rlast[0]), .s_axi_rvalid(x_rvalid[0]), .s_axi_rready(x_rready[0]),
            .m_axi_awid(a_awid[g*ID +: ID]), .m_axi_awaddr(a_awaddr[g*64 +: 64]), .m_axi_awlen(a_awlen[g*8 +: 8]),
            .m_axi_awsize(a_awsize[g*3 +: 3]), .m_axi_awburst(a_awburst[g*2 +: 2]), .m_axi_awvalid(a_awvalid[g]),
            .m_axi_awready(a_awready[g]), .m_axi_wdata(a_wdata[g*64 +: 64]), .m_axi_wstrb(a_wstrb[g*8 +: 8]),
            .m_axi_wlast(a_wlast[g]), .m_axi_wvalid(a_wvalid[g]), .m_axi_wready(a_wready[g]),
            .m_axi_bid(a_bid[g*ID +: ID]), .m_axi_bresp(a_bresp[g*2 +: 2]), .m_axi_bvalid(a_bvalid[g]),
            .m_axi_bready(a_bready[g]), .m_axi_arid(a_arid[g*ID +: ID]), .m_axi_araddr(a_araddr[g*64 +: 64]),
            .m_axi_arlen(a_arlen[g*8 +: 8]), .m_axi_arsize(a_arsize[g*3 +: 3]), .m_axi_arburst(a_arburst[g*2 +: 2]),
            .m_axi_arvalid(a_arvalid[g]), .m_axi_arready(a_arready[g]), .m_axi_rid(a_rid[g*ID +: ID]),
            .m_axi_rdata(a_rdata[g*64 +: 64]), .m_axi_rresp(a_rresp[g*2 +: 2]), .m_axi_rlast(a_rlast[g]),
            .m_axi_rvalid(a_rvalid[g]), .m_axi_rready(a_rready[g]));
        assign b_awid[g*ID +: ID] = x_awid[1*ID +: ID];
        assign b_awaddr[g*64 +: 64] = x_awaddr[1*64 +: 64];
        assign b_awlen[g*8 +: 8] = x_awlen[1*8 +: 8];
        assign b_awsize[g*3 +: 3] = x_awsize[1*3 +: 3];
        assign b_awburst[g*2 +: 2] = x_awburst[1*2 +: 2];
        assign b_awvalid[g] = x_awvalid[1];
        assign x_awready[1] = b_awready[g];
        assign b_wdata[g*64 +: 64] = x_wdata[1*64 +: 64];
        assign b_wstrb[g*8 +: 8] = x_wstrb[1*8 +: 8];
        assign b_wlast[g] = x_wlast[1];
        assign b_wvalid[g] = x_wvalid[1];
        assign x_wready[1] = b_wready[g];
        assign x_bid[1*ID +: ID] = b_bid[g*ID +: ID];
        assign x_bresp[1*2 +: 2] = b_bresp[g*2 +: 2];
        assign x_bvalid[1] = b_bvalid[g];
        assign b_bready[g] = x_bready[1];
        assign b_arid[g*ID +: ID] = x_arid[1*ID +: ID];
        assign b_araddr[g*64 +: 64] = x_araddr[1*64 +: 64];
        assign b_arlen[g*8 +: 8] = x_arlen[1*8 +: 8];
        assign b_arsize[g*3 +: 3] = x_arsize[1*3 +: 3];
        assign b_arburst[g*2 +: 2] = x_arburst[1*2 +: 2];
        assign b_arvalid[g] = x_arvalid[1];
        assign x_arready[1] = b_arready[g];
        assign x_rid[1*ID +: ID] = b_rid[g*ID +: ID];
        assign x_rdata[1*64 +: 64] = b_rdata[g*64 +: 64];
        assign x_rresp[1*2 +: 2] = b_rresp[g*2 +: 2];
        assign x_rlast[1] = b_rlast[g];
        assign x_rvalid[1] = b_rvalid[g];
        assign b_rready[g] = x_rready[1];
        wire [31:0] port_reads, port_writes;
        axi_monitor #(.ID_WIDTH(ID)) port_monitor (
            .clk(clk), .rst(rst), .failed(port_failed[g]), .idle(), .read_beats(port_reads), .write_beats(port_writes),
            .error_responses(),
            .awid(a_awid[g*ID +: ID]), .awaddr(a_awaddr[g*64 +: 64]), .awlen(a_awlen[g*8 +: 8]),
            .awsize(a_awsize[g*3 +: 3]), .awburst(a_awburst[g*2 +: 2]), .awvalid(a_awvalid[g]),
            .awready(a_awready[g]), .wdata(a_wdata[g*64 +: 64]), .wstrb(a_wstrb[g*8 +: 8]), .wlast(a_wlast[g]),
            .wvalid(a_wvalid[g]), .wready(a_wready[g]), .bid(a_bid[g*ID +: ID]), .bresp(a_bresp[g*2 +: 2]),
            .bvalid(a_bvalid[g]), .bready(a_bready[g]), .arid(a_arid[g*ID +: ID]), .araddr(a_araddr[g*64 +: 64]),
            .arlen(a_arlen[g*8 +: 8]), .arsize(a_arsize[g*3 +: 3]), .arburst(a_arburst[g*2 +: 2]),
            .arvalid(a_arvalid[g]), .arready(a_arready[g]), .rid(a_rid[g*ID +: ID]), .rdata(a_rdata[g*64 +: 64]),
            .rresp(a_rresp[g*2 +: 2]), .rlast(a_rlast[g]), .rvalid(a_rvalid[g]), .rready(a_rready[g]));
        assign beats_seen[32*g +: 32] = port_reads + port_writes;
    end endgenerate

    wire [MASTERS-1:0] read_request, write_request;
    wire grant_valid, grant_write, last_read_valid, last_write_valid, busy0, busy1;
    wire [MID-1:0] grant_id, last_read_id;
    wire [63:0] grant_addr;
    wire [8:0] grant_beats;
    wire [MASTER_WIDTH-1:0] last_write_master;

    axi_arbiter #(.MASTERS(MASTERS), .ID_WIDTH(ID), .SHARED(1), .OUTSTANDING(OUTSTANDING), .HOLD_BURSTS(HOLD_BURSTS),
                  .HOLD_CLOCKS(HOLD_CLOCKS), .MAX_BURST_BEATS(LIMIT)) shared (
        .clk(clk), .rst(rst), .round_robin(round_robin),
        .read_request(read_request), .write_request(write_request), .grant_valid(grant_valid),
        .grant_write(grant_write), .grant_id(grant_id), .grant_addr(grant_addr), .grant_beats(grant_beats),
        .last_read_valid(last_read_valid), .last_read_id(last_read_id), .last_write_valid(last_write_valid),
        .last_write_master(last_write_master), .beats(beats), .burst_too_long(too_long), .busy(busy0),
        .s_axi_awid(a_awid), .s_axi_awaddr(a_awaddr), .s_axi_awlen(a_awlen), .s_axi_awsize(a_awsize),
        .s_axi_awburst(a_awburst), .s_axi_awvalid(a_awvalid), .s_axi_awready(a_awready), .s_axi_wdata(a_wdata),
        .s_axi_wstrb(a_wstrb), .s_axi_wlast(a_wlast), .s_axi_wvalid(a_wvalid), .s_axi_wready(a_wready),
        .s_axi_bid(a_bid), .s_axi_bresp(a_bresp), .s_axi_bvalid(a_bvalid), .s_axi_bready(a_bready),
        .s_axi_arid(a_arid), .s_axi_araddr(a_araddr), .s_axi_arlen(a_arlen), .s_axi_arsize(a_arsize),
        .s_axi_arburst(a_arburst), .s_axi_arvalid(a_arvalid), .s_axi_arready(a_arready), .s_axi_rid(a_rid),
        .s_axi_rdata(a_rdata), .s_axi_rresp(a_rresp), .s_axi_rlast(a_rlast), .s_axi_rvalid(a_rvalid),
        .s_axi_rready(a_rready),
        .m_axi_awid(c_awid), .m_axi_awaddr(c_awaddr), .m_axi_awlen(c_awlen), .m_axi_awsize(c_awsize),
        .m_axi_awburst(c_awburst), .m_axi_awvalid(c_awvalid), .m_axi_awready(c_awready), .m_axi_wdata(c_wdata),
        .m_axi_wstrb(c_wstrb), .m_axi_wlast(c_wlast), .m_axi_wvalid(c_wvalid), .m_axi_wready(c_wready),
        .m_axi_bid(c_bid), .m_axi_bresp(c_bresp), .m_axi_bvalid(c_bvalid), .m_axi_bready(c_bready),
        .m_axi_arid(c_arid), .m_axi_araddr(c_araddr), .m_axi_arlen(c_arlen), .m_axi_arsize(c_arsize),
        .m_axi_arburst(c_arburst), .m_axi_arvalid(c_arvalid), .m_axi_arready(c_arready), .m_axi_rid(c_rid),
        .m_axi_rdata(c_rdata), .m_axi_rresp(c_rresp), .m_axi_rlast(c_rlast), .m_axi_rvalid(c_rvalid),
        .m_axi_rready(c_rready));

    grant_recorder #(.MASTERS(MASTERS), .ID_WIDTH(ID)) recorder (
        .clk(clk), .rst(rst), .read_request(read_request), .write_request(write_request), .grant_valid(grant_valid),
        .grant_write(grant_write), .grant_id(grant_id), .grant_addr(grant_addr), .grant_beats(grant_beats),
        .last_read_valid(last_read_valid), .last_read_id(last_read_id), .last_write_valid(last_write_valid),
        .last_write_master(last_write_master));

    axi_arbiter #(.MASTERS(MASTERS), .ID_WIDTH(ID), .SHARED(0), .OUTSTANDING(OUTSTANDING)) apart (
        .clk(clk), .rst(rst), .round_robin(round_robin),
        .read_request(), .write_request(), .grant_valid(), .grant_write(), .grant_id(), .grant_addr(), .grant_beats(),
        .last_read_valid(), .last_read_id(), .last_write_valid(), .last_write_master(), .beats(), .burst_too_long(),
        .busy(busy1),
        .s_axi_awid(b_awid), .s_axi_awaddr(b_awaddr), .s_axi_awlen(b_awlen), .s_axi_awsize(b_awsize),
        .s_axi_awburst(b_awburst), .s_axi_awvalid(b_awvalid), .s_axi_awready(b_awready), .s_axi_wdata(b_wdata),
        .s_axi_wstrb(b_wstrb), .s_axi_wlast(b_wlast), .s_axi_wvalid(b_wvalid), .s_axi_wready(b_wready),
        .s_axi_bid(b_bid), .s_axi_bresp(b_bresp), .s_axi_bvalid(b_bvalid), .s_axi_bready(b_bready),
        .s_axi_arid(b_arid), .s_axi_araddr(b_araddr), .s_axi_arlen(b_arlen), .s_axi_arsize(b_arsize),
        .s_axi_arburst(b_arburst), .s_axi_arvalid(b_arvalid), .s_axi_arready(b_arready), .s_axi_rid(b_rid),
        .s_axi_rdata(b_rdata), .s_axi_rresp(b_rresp), .s_axi_rlast(b_rlast), .s_axi_rvalid(b_rvalid),
        .s_axi_rready(b_rready),
        .m_axi_awid(d_awid), .m_axi_awaddr(d_awaddr), .m_axi_awlen(d_awlen), .m_axi_awsize(d_awsize),
        .m_axi_awburst(d_awburst), .m_axi_awvalid(d_awvalid), .m_axi_awready(d_awready), .m_axi_wdata(d_wdata),
        .m_axi_wstrb(d_wstrb), .m_axi_wlast(d_wlast), .m_axi_wvalid(d_wvalid), .m_axi_wready(d_wready),
        .m_axi_bid(d_bid), .m_axi_bresp(d_bresp), .m_axi_bvalid(d_bvalid), .m_axi_bready(d_bready),
        .m_axi_arid(d_arid), .m_axi_araddr(d_araddr), .m_axi_arlen(d_arlen), .m_axi_arsize(d_arsize),
        .m_axi_arburst(d_arburst), .m_axi_arvalid(d_arvalid), .m_axi_arready(d_arready), .m_axi_rid(d_rid),
        .m_axi_rdata(d_rdata), .m_axi_rresp(d_rresp), .m_axi_rlast(d_rlast), .m_axi_rvalid(d_rvalid),
        .m_axi_rready(d_rready));

    axi_stall #(.ID_WIDTH(MID), .SALT(11)) stall0 (
        .clk(clk), .rst(rst), .seed(seed), .percent(slave_percent),
        .s_axi_awid(c_awid), .s_axi_awaddr(c_awaddr), .s_axi_awlen(c_awlen), .s_axi_awsize(c_awsize),
        .s_axi_awburst(c_awburst), .s_axi_awvalid(c_awvalid), .s_axi_awready(c_awready), .s_axi_wdata(c_wdata),
        .s_axi_wstrb(c_wstrb), .s_axi_wlast(c_wlast), .s_axi_wvalid(c_wvalid), .s_axi_wready(c_wready),
        .s_axi_bid(c_bid), .s_axi_bresp(c_bresp), .s_axi_bvalid(c_bvalid), .s_axi_bready(c_bready),
        .s_axi_arid(c_arid), .s_axi_araddr(c_araddr), .s_axi_arlen(c_arlen), .s_axi_arsize(c_arsize),
        .s_axi_arburst(c_arburst), .s_axi_arvalid(c_arvalid), .s_axi_arready(c_arready), .s_axi_rid(c_rid),
        .s_axi_rdata(c_rdata), .s_axi_rresp(c_rresp), .s_axi_rlast(c_rlast), .s_axi_rvalid(c_rvalid),
        .s_axi_rready(c_rready),
        .m_axi_awid(e_awid), .m_axi_awaddr(e_awaddr), .m_axi_awlen(e_awlen), .m_axi_awsize(e_awsize),
        .m_axi_awburst(e_awburst), .m_axi_awvalid(e_awvalid), .m_axi_awready(e_awready), .m_axi_wdata(e_wdata),
        .m_axi_wstrb(e_wstrb), .m_axi_wlast(e_wlast), .m_axi_wvalid(e_wvalid), .m_axi_wready(e_wready),
        .m_axi_bid(e_bid), .m_axi_bresp(e_bresp), .m_axi_bvalid(e_bvalid), .m_axi_bready(e_bready),
        .m_axi_arid(e_arid), .m_axi_araddr(e_araddr), .m_axi_arlen(e_arlen), .m_axi_arsize(e_arsize),
        .m_axi_arburst(e_arburst), .m_axi_arvalid(e_arvalid), .m_axi_arready(e_arready), .m_axi_rid(e_rid),
        .m_axi_rdata(e_rdata), .m_axi_rresp(e_rresp), .m_axi_rlast(e_rlast), .m_axi_rvalid(e_rvalid),
        .m_axi_rready(e_rready));
    card_memory #(.SIZE_BYTES(65536), .ID_WIDTH(MID)) memory0 (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(e_awid), .s_axi_awaddr(e_awaddr), .s_axi_awlen(e_awlen), .s_axi_awsize(e_awsize),
        .s_axi_awburst(e_awburst), .s_axi_awvalid(e_awvalid), .s_axi_awready(e_awready), .s_axi_wdata(e_wdata),
        .s_axi_wstrb(e_wstrb), .s_axi_wlast(e_wlast), .s_axi_wvalid(e_wvalid), .s_axi_wready(e_wready),
        .s_axi_bid(e_bid), .s_axi_bresp(e_bresp), .s_axi_bvalid(e_bvalid), .s_axi_bready(e_bready),
        .s_axi_arid(e_arid), .s_axi_araddr(e_araddr), .s_axi_arlen(e_arlen), .s_axi_arsize(e_arsize),
        .s_axi_arburst(e_arburst), .s_axi_arvalid(e_arvalid), .s_axi_arready(e_arready), .s_axi_rid(e_rid),
        .s_axi_rdata(e_rdata), .s_axi_rresp(e_rresp), .s_axi_rlast(e_rlast), .s_axi_rvalid(e_rvalid),
        .s_axi_rready(e_rready));
    wire failed0, idle0;
    axi_monitor #(.ID_WIDTH(MID), .MAX_BURST_BYTES(8 * LIMIT)) monitor0 (
        .clk(clk), .rst(rst), .failed(failed0), .idle(idle0), .read_beats(), .write_beats(), .error_responses(),
        .awid(c_awid), .awaddr(c_awaddr), .awlen(c_awlen), .awsize(c_awsize), .awburst(c_awburst),
        .awvalid(c_awvalid), .awready(c_awready), .wdata(c_wdata), .wstrb(c_wstrb), .wlast(c_wlast),
        .wvalid(c_wvalid), .wready(c_wready), .bid(c_bid), .bresp(c_bresp), .bvalid(c_bvalid), .bready(c_bready),
        .arid(c_arid), .araddr(c_araddr), .arlen(c_arlen), .arsize(c_arsize), .arburst(c_arburst),
        .arvalid(c_arvalid), .arready(c_arready), .rid(c_rid), .rdata(c_rdata), .rresp(c_rresp), .rlast(c_rlast),
        .rvalid(c_rvalid), .rready(c_rready));

    axi_stall #(.ID_WIDTH(MID), .SALT(12)) stall1 (
        .clk(clk), .rst(rst), .seed(seed), .percent(slave_percent),
        .s_axi_awid(d_awid), .s_axi_awaddr(d_awaddr), .s_axi_awlen(d_awlen), .s_axi_awsize(d_awsize),
        .s_axi_awburst(d_awburst), .s_axi_awvalid(d_awvalid), .s_axi_awready(d_awready), .s_axi_wdata(d_wdata),
        .s_axi_wstrb(d_wstrb), .s_axi_wlast(d_wlast), .s_axi_wvalid(d_wvalid), .s_axi_wready(d_wready),
        .s_axi_bid(d_bid), .s_axi_bresp(d_bresp), .s_axi_bvalid(d_bvalid), .s_axi_bready(d_bready),
        .s_axi_arid(d_arid), .s_axi_araddr(d_araddr), .s_axi_arlen(d_arlen), .s_axi_arsize(d_arsize),
        .s_axi_arburst(d_arburst), .s_axi_arvalid(d_arvalid), .s_axi_arready(d_arready), .s_axi_rid(d_rid),
        .s_axi_rdata(d_rdata), .s_axi_rresp(d_rresp), .s_axi_rlast(d_rlast), .s_axi_rvalid(d_rvalid),
        .s_axi_rready(d_rready),
        .m_axi_awid(f_awid), .m_axi_awaddr(f_awaddr), .m_axi_awlen(f_awlen), .m_axi_awsize(f_awsize),
        .m_axi_awburst(f_awburst), .m_axi_awvalid(f_awvalid), .m_axi_awready(f_awready), .m_axi_wdata(f_wdata),
        .m_axi_wstrb(f_wstrb), .m_axi_wlast(f_wlast), .m_axi_wvalid(f_wvalid), .m_axi_wready(f_wready),
        .m_axi_bid(f_bid), .m_axi_bresp(f_bresp), .m_axi_bvalid(f_bvalid), .m_axi_bready(f_bready),
        .m_axi_arid(f_arid), .m_axi_araddr(f_araddr), .m_axi_arlen(f_arlen), .m_axi_arsize(f_arsize),
        .m_axi_arburst(f_arburst), .m_axi_arvalid(f_arvalid), .m_axi_arready(f_arready), .m_axi_rid(f_rid),
        .m_axi_rdata(f_rdata), .m_axi_rresp(f_rresp), .m_axi_rlast(f_rlast), .m_axi_rvalid(f_rvalid),
        .m_axi_rready(f_rready));
    card_memory #(.SIZE_BYTES(65536), .ID_WIDTH(MID)) memory1 (
        .clk(clk), .rst(rst), .busy(),
        .s_axi_awid(f_awid), .s_axi_awaddr(f_awaddr), .s_axi_awlen(f_awlen), .s_axi_awsize(f_awsize),
        .s_axi_awburst(f_awburst), .s_axi_awvalid(f_awvalid), .s_axi_awready(f_awready), .s_axi_wdata(f_wdata),
        .s_axi_wstrb(f_wstrb), .s_axi_wlast(f_wlast), .s_axi_wvalid(f_wvalid), .s_axi_wready(f_wready),
        .s_axi_bid(f_bid), .s_axi_bresp(f_bresp), .s_axi_bvalid(f_bvalid), .s_axi_bready(f_bready),
        .s_axi_arid(f_arid), .s_axi_araddr(f_araddr), .s_axi_arlen(f_arlen), .s_axi_arsize(f_arsize),
        .s_axi_arburst(f_arburst), .s_axi_arvalid(f_arvalid), .s_axi_arready(f_arready), .s_axi_rid(f_rid),
        .s_axi_rdata(f_rdata), .s_axi_rresp(f_rresp), .s_axi_rlast(f_rlast), .s_axi_rvalid(f_rvalid),
        .s_axi_rready(f_rready));
    wire failed1, idle1;
    axi_monitor #(.ID_WIDTH(MID)) monitor1 (
        .clk(clk), .rst(rst), .failed(failed1), .idle(idle1), .read_beats(), .write_beats(), .error_responses(),
        .awid(d_awid), .awaddr(d_awaddr), .awlen(d_awlen), .awsize(d_awsize), .awburst(d_awburst),
        .awvalid(d_awvalid), .awready(d_awready), .wdata(d_wdata), .wstrb(d_wstrb), .wlast(d_wlast),
        .wvalid(d_wvalid), .wready(d_wready), .bid(d_bid), .bresp(d_bresp), .bvalid(d_bvalid), .bready(d_bready),
        .arid(d_arid), .araddr(d_araddr), .arlen(d_arlen), .arsize(d_arsize), .arburst(d_arburst),
        .arvalid(d_arvalid), .arready(d_arready), .rid(d_rid), .rdata(d_rdata), .rresp(d_rresp), .rlast(d_rlast),
        .rvalid(d_rvalid), .rready(d_rready));

    assign failed   = failed0 || failed1 || too_long || master_failed != 0 || monitor_failed != 0 || port_failed != 0;
    assign finished = !rst && (&master_finished) && idle0 && idle1 && !busy0 && !busy1 && decoder_busy == 0;
endmodule
`default_nettype wire
