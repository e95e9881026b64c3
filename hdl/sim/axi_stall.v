// Simulation only: an AXI4 connection with random stalls on all five channels and a latency on read addresses.
`default_nettype none
module axi_stall #(
    parameter ID_WIDTH     = 4,
    parameter SALT         = 0,
    parameter READ_LATENCY = 0              // clocks that a read address takes to the slave
) (
    input  wire                clk,
    input  wire                rst,
    input  wire [31:0]         seed,
    input  wire [7:0]          percent,     // of clocks stalled, each channel for itself
    input  wire [ID_WIDTH-1:0] s_axi_awid,
    input  wire [63:0]         s_axi_awaddr,
    input  wire [7:0]          s_axi_awlen,
    input  wire [2:0]          s_axi_awsize,
    input  wire [1:0]          s_axi_awburst,
    input  wire                s_axi_awvalid,
    output wire                s_axi_awready,
    input  wire [63:0]         s_axi_wdata,
    input  wire [7:0]          s_axi_wstrb,
    input  wire                s_axi_wlast,
    input  wire                s_axi_wvalid,
    output wire                s_axi_wready,
    output wire [ID_WIDTH-1:0] s_axi_bid,
    output wire [1:0]          s_axi_bresp,
    output wire                s_axi_bvalid,
    input  wire                s_axi_bready,
    input  wire [ID_WIDTH-1:0] s_axi_arid,
    input  wire [63:0]         s_axi_araddr,
    input  wire [7:0]          s_axi_arlen,
    input  wire [2:0]          s_axi_arsize,
    input  wire [1:0]          s_axi_arburst,
    input  wire                s_axi_arvalid,
    output wire                s_axi_arready,
    output wire [ID_WIDTH-1:0] s_axi_rid,
    output wire [63:0]         s_axi_rdata,
    output wire [1:0]          s_axi_rresp,
    output wire                s_axi_rlast,
    output wire                s_axi_rvalid,
    input  wire                s_axi_rready,

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
    output wire                m_axi_rready
);
    stall #(.WIDTH(ID_WIDTH + 77), .SALT(SALT * 8 + 1)) aw (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent),
        .s_data({s_axi_awid, s_axi_awaddr, s_axi_awlen, s_axi_awsize, s_axi_awburst}),
        .s_valid(s_axi_awvalid), .s_ready(s_axi_awready),
        .m_data({m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst}),
        .m_valid(m_axi_awvalid), .m_ready(m_axi_awready), .empty());
    stall #(.WIDTH(73), .SALT(SALT * 8 + 2)) w (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent),
        .s_data({s_axi_wdata, s_axi_wstrb, s_axi_wlast}), .s_valid(s_axi_wvalid), .s_ready(s_axi_wready),
        .m_data({m_axi_wdata, m_axi_wstrb, m_axi_wlast}), .m_valid(m_axi_wvalid), .m_ready(m_axi_wready), .empty());
    stall #(.WIDTH(ID_WIDTH + 2), .SALT(SALT * 8 + 3)) b (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent),
        .s_data({m_axi_bid, m_axi_bresp}), .s_valid(m_axi_bvalid), .s_ready(m_axi_bready),
        .m_data({s_axi_bid, s_axi_bresp}), .m_valid(s_axi_bvalid), .m_ready(s_axi_bready), .empty());
    stall #(.WIDTH(ID_WIDTH + 77), .SALT(SALT * 8 + 4), .LATENCY(READ_LATENCY)) ar (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent),
        .s_data({s_axi_arid, s_axi_araddr, s_axi_arlen, s_axi_arsize, s_axi_arburst}),
        .s_valid(s_axi_arvalid), .s_ready(s_axi_arready),
        .m_data({m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst}),
        .m_valid(m_axi_arvalid), .m_ready(m_axi_arready), .empty());
    stall #(.WIDTH(ID_WIDTH + 67), .SALT(SALT * 8 + 5)) r (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent),
        .s_data({m_axi_rid, m_axi_rdata, m_axi_rresp, m_axi_rlast}), .s_valid(m_axi_rvalid), .s_ready(m_axi_rready),
        .m_data({s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast}), .m_valid(s_axi_rvalid), .m_ready(s_axi_rready),
        .empty());
endmodule
`default_nettype wire
