// Bench: one AXI4-Lite slave that Python plays on the m_axil_ signals, with random stalls on every channel between it
// and the block, and a monitor at the block.
`default_nettype none
module axil_slave_port #(
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
    input  wire [ADDR_WIDTH-1:0] s_axil_awaddr,
    input  wire                  s_axil_awvalid,
    output wire                  s_axil_awready,
    input  wire [31:0]           s_axil_wdata,
    input  wire [3:0]            s_axil_wstrb,
    input  wire                  s_axil_wvalid,
    output wire                  s_axil_wready,
    output wire [1:0]            s_axil_bresp,
    output wire                  s_axil_bvalid,
    input  wire                  s_axil_bready,
    input  wire [ADDR_WIDTH-1:0] s_axil_araddr,
    input  wire                  s_axil_arvalid,
    output wire                  s_axil_arready,
    output wire [31:0]           s_axil_rdata,
    output wire [1:0]            s_axil_rresp,
    output wire                  s_axil_rvalid,
    input  wire                  s_axil_rready
);
    wire [ADDR_WIDTH-1:0] m_axil_awaddr;
    wire                  m_axil_awvalid;
    reg                   m_axil_awready = 0;
    wire [31:0]           m_axil_wdata;
    wire [3:0]            m_axil_wstrb;
    wire                  m_axil_wvalid;
    reg                   m_axil_wready = 0;
    reg  [1:0]            m_axil_bresp = 0;
    reg                   m_axil_bvalid = 0;
    wire                  m_axil_bready;
    wire [ADDR_WIDTH-1:0] m_axil_araddr;
    wire                  m_axil_arvalid;
    reg                   m_axil_arready = 0;
    reg  [31:0]           m_axil_rdata = 0;
    reg  [1:0]            m_axil_rresp = 0;
    reg                   m_axil_rvalid = 0;
    wire                  m_axil_rready;

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
        .clk(clk), .rst(rst), .failed(failed), .idle(idle), .reads(), .writes(), .awaddr(s_axil_awaddr),
        .awvalid(s_axil_awvalid), .awready(s_axil_awready), .wdata(s_axil_wdata), .wstrb(s_axil_wstrb),
        .wvalid(s_axil_wvalid), .wready(s_axil_wready), .bresp(s_axil_bresp), .bvalid(s_axil_bvalid),
        .bready(s_axil_bready), .araddr(s_axil_araddr), .arvalid(s_axil_arvalid), .arready(s_axil_arready),
        .rdata(s_axil_rdata), .rresp(s_axil_rresp), .rvalid(s_axil_rvalid), .rready(s_axil_rready));
endmodule
`default_nettype wire
