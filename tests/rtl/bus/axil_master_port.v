// Bench: one AXI4-Lite master that Python plays on the s_axil_ signals, with random stalls on every channel between it
// and the block, and a monitor at the block.
`default_nettype none
module axil_master_port #(
    parameter ADDR_WIDTH  = 20,
    parameter OUTSTANDING = 1,              // accesses of each direction that may be open
    parameter SALT        = 0               // makes each instance's stalls its own
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire [31:0]           seed,
    input  wire [7:0]            percent,       // of clocks stalled
    output wire                  failed,
    output wire                  idle,
    output wire [ADDR_WIDTH-1:0] m_axil_awaddr,
    output wire                  m_axil_awvalid,
    input  wire                  m_axil_awready,
    output wire [31:0]           m_axil_wdata,
    output wire [3:0]            m_axil_wstrb,
    output wire                  m_axil_wvalid,
    input  wire                  m_axil_wready,
    input  wire [1:0]            m_axil_bresp,
    input  wire                  m_axil_bvalid,
    output wire                  m_axil_bready,
    output wire [ADDR_WIDTH-1:0] m_axil_araddr,
    output wire                  m_axil_arvalid,
    input  wire                  m_axil_arready,
    input  wire [31:0]           m_axil_rdata,
    input  wire [1:0]            m_axil_rresp,
    input  wire                  m_axil_rvalid,
    output wire                  m_axil_rready
);
    reg  [ADDR_WIDTH-1:0] s_axil_awaddr = 0;
    reg                   s_axil_awvalid = 0;
    wire                  s_axil_awready;
    reg  [31:0]           s_axil_wdata = 0;
    reg  [3:0]            s_axil_wstrb = 0;
    reg                   s_axil_wvalid = 0;
    wire                  s_axil_wready;
    wire [1:0]            s_axil_bresp;
    wire                  s_axil_bvalid;
    reg                   s_axil_bready = 0;
    reg  [ADDR_WIDTH-1:0] s_axil_araddr = 0;
    reg                   s_axil_arvalid = 0;
    wire                  s_axil_arready;
    wire [31:0]           s_axil_rdata;
    wire [1:0]            s_axil_rresp;
    wire                  s_axil_rvalid;
    reg                   s_axil_rready = 0;

    stall #(.WIDTH(ADDR_WIDTH), .SALT(SALT + 0)) stall_aw (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(), .s_data(s_axil_awaddr),
        .s_valid(s_axil_awvalid), .s_ready(s_axil_awready), .m_data(m_axil_awaddr), .m_valid(m_axil_awvalid),
        .m_ready(m_axil_awready));
    stall #(.WIDTH(36), .SALT(SALT + 1)) stall_w (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(), .s_data({s_axil_wdata, s_axil_wstrb}),
        .s_valid(s_axil_wvalid), .s_ready(s_axil_wready), .m_data({m_axil_wdata, m_axil_wstrb}),
        .m_valid(m_axil_wvalid), .m_ready(m_axil_wready));
    stall #(.WIDTH(2), .SALT(SALT + 2)) stall_b (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(), .s_data(m_axil_bresp), .s_valid(m_axil_bvalid),
        .s_ready(m_axil_bready), .m_data(s_axil_bresp), .m_valid(s_axil_bvalid), .m_ready(s_axil_bready));
    stall #(.WIDTH(ADDR_WIDTH), .SALT(SALT + 3)) stall_ar (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(), .s_data(s_axil_araddr),
        .s_valid(s_axil_arvalid), .s_ready(s_axil_arready), .m_data(m_axil_araddr), .m_valid(m_axil_arvalid),
        .m_ready(m_axil_arready));
    stall #(.WIDTH(34), .SALT(SALT + 4)) stall_r (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .empty(), .s_data({m_axil_rdata, m_axil_rresp}),
        .s_valid(m_axil_rvalid), .s_ready(m_axil_rready), .m_data({s_axil_rdata, s_axil_rresp}),
        .m_valid(s_axil_rvalid), .m_ready(s_axil_rready));
    axil_monitor #(.ADDR_WIDTH(ADDR_WIDTH), .OUTSTANDING(OUTSTANDING)) monitor (
        .clk(clk), .rst(rst), .failed(failed), .idle(idle), .reads(), .writes(), .awaddr(m_axil_awaddr),
        .awvalid(m_axil_awvalid), .awready(m_axil_awready), .wdata(m_axil_wdata), .wstrb(m_axil_wstrb),
        .wvalid(m_axil_wvalid), .wready(m_axil_wready), .bresp(m_axil_bresp), .bvalid(m_axil_bvalid),
        .bready(m_axil_bready), .araddr(m_axil_araddr), .arvalid(m_axil_arvalid), .arready(m_axil_arready),
        .rdata(m_axil_rdata), .rresp(m_axil_rresp), .rvalid(m_axil_rvalid), .rready(m_axil_rready));
endmodule
`default_nettype wire
