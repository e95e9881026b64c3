// Bench: one AXI4 slave that Python plays on the m_axi_ signals, with random stalls on every channel between it
// and the block, and a monitor at the block.
`default_nettype none
module axi_slave_port #(
    parameter ID_WIDTH        = 4,
    parameter MAX_BURST_BYTES = 512,
    parameter ALLOW_NARROW    = 0,
    parameter SALT            = 0           // makes each instance's stalls its own
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire [31:0]           seed,
    input  wire [7:0]            percent,       // of clocks stalled
    output wire                  failed,
    output wire                  idle,
    input  wire [ID_WIDTH-1:0]   s_axi_awid,
    input  wire [63:0]           s_axi_awaddr,
    input  wire [7:0]            s_axi_awlen,
    input  wire [2:0]            s_axi_awsize,
    input  wire [1:0]            s_axi_awburst,
    input  wire                  s_axi_awvalid,
    output wire                  s_axi_awready,
    input  wire [63:0]           s_axi_wdata,
    input  wire [7:0]            s_axi_wstrb,
    input  wire                  s_axi_wlast,
    input  wire                  s_axi_wvalid,
    output wire                  s_axi_wready,
    output wire [ID_WIDTH-1:0]   s_axi_bid,
    output wire [1:0]            s_axi_bresp,
    output wire                  s_axi_bvalid,
    input  wire                  s_axi_bready,
    input  wire [ID_WIDTH-1:0]   s_axi_arid,
    input  wire [63:0]           s_axi_araddr,
    input  wire [7:0]            s_axi_arlen,
    input  wire [2:0]            s_axi_arsize,
    input  wire [1:0]            s_axi_arburst,
    input  wire                  s_axi_arvalid,
    output wire                  s_axi_arready,
    output wire [ID_WIDTH-1:0]   s_axi_rid,
    output wire [63:0]           s_axi_rdata,
    output wire [1:0]            s_axi_rresp,
    output wire                  s_axi_rlast,
    output wire                  s_axi_rvalid,
    input  wire                  s_axi_rready
);
    wire [ID_WIDTH-1:0]   m_axi_awid;
    wire [63:0]           m_axi_awaddr;
    wire [7:0]            m_axi_awlen;
    wire [2:0]            m_axi_awsize;
    wire [1:0]            m_axi_awburst;
    wire                  m_axi_awvalid;
    reg                   m_axi_awready = 0;
    wire [63:0]           m_axi_wdata;
    wire [7:0]            m_axi_wstrb;
    wire                  m_axi_wlast;
    wire                  m_axi_wvalid;
    reg                   m_axi_wready = 0;
    reg  [ID_WIDTH-1:0]   m_axi_bid = 0;
    reg  [1:0]            m_axi_bresp = 0;
    reg                   m_axi_bvalid = 0;
    wire                  m_axi_bready;
    wire [ID_WIDTH-1:0]   m_axi_arid;
    wire [63:0]           m_axi_araddr;
    wire [7:0]            m_axi_arlen;
    wire [2:0]            m_axi_arsize;
    wire [1:0]            m_axi_arburst;
    wire                  m_axi_arvalid;
    reg                   m_axi_arready = 0;
    reg  [ID_WIDTH-1:0]   m_axi_rid = 0;
    reg  [63:0]           m_axi_rdata = 0;
    reg  [1:0]            m_axi_rresp = 0;
    reg                   m_axi_rlast = 0;
    reg                   m_axi_rvalid = 0;
    wire                  m_axi_rready;

    axi_stall #(.ID_WIDTH(ID_WIDTH), .SALT(SALT)) stalls (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .s_axi_awid(s_axi_awid), .s_axi_awaddr(s_axi_awaddr),
        .s_axi_awlen(s_axi_awlen), .s_axi_awsize(s_axi_awsize), .s_axi_awburst(s_axi_awburst),
        .s_axi_awvalid(s_axi_awvalid), .s_axi_awready(s_axi_awready), .s_axi_wdata(s_axi_wdata),
        .s_axi_wstrb(s_axi_wstrb), .s_axi_wlast(s_axi_wlast), .s_axi_wvalid(s_axi_wvalid), .s_axi_wready(s_axi_wready),
        .s_axi_bid(s_axi_bid), .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid), .s_axi_bready(s_axi_bready),
        .s_axi_arid(s_axi_arid), .s_axi_araddr(s_axi_araddr), .s_axi_arlen(s_axi_arlen), .s_axi_arsize(s_axi_arsize),
        .s_axi_arburst(s_axi_arburst), .s_axi_arvalid(s_axi_arvalid), .s_axi_arready(s_axi_arready),
        .s_axi_rid(s_axi_rid), .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp), .s_axi_rlast(s_axi_rlast),
        .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready), .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr),
        .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst),
        .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready), .m_axi_wdata(m_axi_wdata),
        .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready),
        .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready));
    axi_monitor #(
        .ID_WIDTH(ID_WIDTH), .MAX_BURST_BYTES(MAX_BURST_BYTES), .ALLOW_NARROW(ALLOW_NARROW)
    ) monitor (
        .clk(clk), .rst(rst), .failed(failed), .idle(idle), .read_beats(), .write_beats(), .error_responses(),
        .awid(s_axi_awid), .awaddr(s_axi_awaddr), .awlen(s_axi_awlen), .awsize(s_axi_awsize), .awburst(s_axi_awburst),
        .awvalid(s_axi_awvalid), .awready(s_axi_awready), .wdata(s_axi_wdata), .wstrb(s_axi_wstrb),
        .wlast(s_axi_wlast), .wvalid(s_axi_wvalid), .wready(s_axi_wready), .bid(s_axi_bid), .bresp(s_axi_bresp),
        .bvalid(s_axi_bvalid), .bready(s_axi_bready), .arid(s_axi_arid), .araddr(s_axi_araddr), .arlen(s_axi_arlen),
        .arsize(s_axi_arsize), .arburst(s_axi_arburst), .arvalid(s_axi_arvalid), .arready(s_axi_arready),
        .rid(s_axi_rid), .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rlast(s_axi_rlast), .rvalid(s_axi_rvalid),
        .rready(s_axi_rready));
endmodule
`default_nettype wire
