// Bench: one AXI4 master that Python plays on the s_axi_ signals, with random stalls on every channel between it
// and the block, and a monitor at the block.
`default_nettype none
module axi_master_port #(
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
    output wire                  m_axi_rready
);
    reg  [ID_WIDTH-1:0]   s_axi_awid = 0;
    reg  [63:0]           s_axi_awaddr = 0;
    reg  [7:0]            s_axi_awlen = 0;
    reg  [2:0]            s_axi_awsize = 0;
    reg  [1:0]            s_axi_awburst = 0;
    reg                   s_axi_awvalid = 0;
    wire                  s_axi_awready;
    reg  [63:0]           s_axi_wdata = 0;
    reg  [7:0]            s_axi_wstrb = 0;
    reg                   s_axi_wlast = 0;
    reg                   s_axi_wvalid = 0;
    wire                  s_axi_wready;
    wire [ID_WIDTH-1:0]   s_axi_bid;
    wire [1:0]            s_axi_bresp;
    wire                  s_axi_bvalid;
    reg                   s_axi_bready = 0;
    reg  [ID_WIDTH-1:0]   s_axi_arid = 0;
    reg  [63:0]           s_axi_araddr = 0;
    reg  [7:0]            s_axi_arlen = 0;
    reg  [2:0]            s_axi_arsize = 0;
    reg  [1:0]            s_axi_arburst = 0;
    reg                   s_axi_arvalid = 0;
    wire                  s_axi_arready;
    wire [ID_WIDTH-1:0]   s_axi_rid;
    wire [63:0]           s_axi_rdata;
    wire [1:0]            s_axi_rresp;
    wire                  s_axi_rlast;
    wire                  s_axi_rvalid;
    reg                   s_axi_rready = 0;

    // the card's masters send no data ahead of the address
    integer owed = 0;                       // addresses that went, with data to come
    wire    w_valid;
    wire    w_follows    = owed > 0 || m_axi_awvalid;
    wire    w_ready      = m_axi_wready && w_follows;
    assign  m_axi_wvalid = w_valid && w_follows;
    always @(posedge clk)
        if (rst) owed <= 0;
        else owed <= owed + (m_axi_awvalid && m_axi_awready) - (m_axi_wvalid && m_axi_wready && m_axi_wlast);

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
        .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(w_valid), .m_axi_wready(w_ready),
        .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready));
    axi_monitor #(
        .ID_WIDTH(ID_WIDTH), .MAX_BURST_BYTES(MAX_BURST_BYTES), .ALLOW_NARROW(ALLOW_NARROW)
    ) monitor (
        .clk(clk), .rst(rst), .failed(failed), .idle(idle), .read_beats(), .write_beats(), .error_responses(),
        .awid(m_axi_awid), .awaddr(m_axi_awaddr), .awlen(m_axi_awlen), .awsize(m_axi_awsize), .awburst(m_axi_awburst),
        .awvalid(m_axi_awvalid), .awready(m_axi_awready), .wdata(m_axi_wdata), .wstrb(m_axi_wstrb),
        .wlast(m_axi_wlast), .wvalid(m_axi_wvalid), .wready(m_axi_wready), .bid(m_axi_bid), .bresp(m_axi_bresp),
        .bvalid(m_axi_bvalid), .bready(m_axi_bready), .arid(m_axi_arid), .araddr(m_axi_araddr), .arlen(m_axi_arlen),
        .arsize(m_axi_arsize), .arburst(m_axi_arburst), .arvalid(m_axi_arvalid), .arready(m_axi_arready),
        .rid(m_axi_rid), .rdata(m_axi_rdata), .rresp(m_axi_rresp), .rlast(m_axi_rlast), .rvalid(m_axi_rvalid),
        .rready(m_axi_rready));
endmodule
`default_nettype wire
