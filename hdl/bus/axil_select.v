// Gives an AXI4-Lite slave to one of two masters for good, as a strap says; the other's accesses end with DECERR.
`default_nettype none
module axil_select #(
    parameter ADDR_WIDTH = 17
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  select,        // the master that has the slave: 0 is a, 1 is b

    input  wire [ADDR_WIDTH-1:0] s_axil_a_awaddr,
    input  wire                  s_axil_a_awvalid,
    output wire                  s_axil_a_awready,
    input  wire [31:0]           s_axil_a_wdata,
    input  wire [3:0]            s_axil_a_wstrb,
    input  wire                  s_axil_a_wvalid,
    output wire                  s_axil_a_wready,
    output wire [1:0]            s_axil_a_bresp,
    output wire                  s_axil_a_bvalid,
    input  wire                  s_axil_a_bready,
    input  wire [ADDR_WIDTH-1:0] s_axil_a_araddr,
    input  wire                  s_axil_a_arvalid,
    output wire                  s_axil_a_arready,
    output wire [31:0]           s_axil_a_rdata,
    output wire [1:0]            s_axil_a_rresp,
    output wire                  s_axil_a_rvalid,
    input  wire                  s_axil_a_rready,

    input  wire [ADDR_WIDTH-1:0] s_axil_b_awaddr,
    input  wire                  s_axil_b_awvalid,
    output wire                  s_axil_b_awready,
    input  wire [31:0]           s_axil_b_wdata,
    input  wire [3:0]            s_axil_b_wstrb,
    input  wire                  s_axil_b_wvalid,
    output wire                  s_axil_b_wready,
    output wire [1:0]            s_axil_b_bresp,
    output wire                  s_axil_b_bvalid,
    input  wire                  s_axil_b_bready,
    input  wire [ADDR_WIDTH-1:0] s_axil_b_araddr,
    input  wire                  s_axil_b_arvalid,
    output wire                  s_axil_b_arready,
    output wire [31:0]           s_axil_b_rdata,
    output wire [1:0]            s_axil_b_rresp,
    output wire                  s_axil_b_rvalid,
    input  wire                  s_axil_b_rready,

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
    localparam [1:0] RESP_DECERR = 2'b11;

    assign m_axil_awaddr  = select ? s_axil_b_awaddr  : s_axil_a_awaddr;
    assign m_axil_awvalid = select ? s_axil_b_awvalid : s_axil_a_awvalid;
    assign m_axil_wdata   = select ? s_axil_b_wdata   : s_axil_a_wdata;
    assign m_axil_wstrb   = select ? s_axil_b_wstrb   : s_axil_a_wstrb;
    assign m_axil_wvalid  = select ? s_axil_b_wvalid  : s_axil_a_wvalid;
    assign m_axil_bready  = select ? s_axil_b_bready  : s_axil_a_bready;
    assign m_axil_araddr  = select ? s_axil_b_araddr  : s_axil_a_araddr;
    assign m_axil_arvalid = select ? s_axil_b_arvalid : s_axil_a_arvalid;
    assign m_axil_rready  = select ? s_axil_b_rready  : s_axil_a_rready;

    // The one that is not selected
    wire x_awvalid = select ? s_axil_a_awvalid : s_axil_b_awvalid;
    wire x_wvalid  = select ? s_axil_a_wvalid  : s_axil_b_wvalid;
    wire x_bready  = select ? s_axil_a_bready  : s_axil_b_bready;
    wire x_arvalid = select ? s_axil_a_arvalid : s_axil_b_arvalid;
    wire x_rready  = select ? s_axil_a_rready  : s_axil_b_rready;

    reg  x_bvalid_reg, x_rvalid_reg;
    wire x_write = x_awvalid && x_wvalid && !x_bvalid_reg;
    wire x_read  = x_arvalid && !x_rvalid_reg;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || x_awvalid || x_arvalid || x_bvalid_reg || x_rvalid_reg),
        .gated(clk_gated)
    );

    always @(posedge clk_gated) begin
        if (x_bready) x_bvalid_reg <= 1'b0;
        if (x_rready) x_rvalid_reg <= 1'b0;
        if (x_write)  x_bvalid_reg <= 1'b1;
        if (x_read)   x_rvalid_reg <= 1'b1;
        if (rst) begin
            x_bvalid_reg <= 1'b0;
            x_rvalid_reg <= 1'b0;
        end
    end

    assign s_axil_a_awready = select ? x_write      : m_axil_awready;
    assign s_axil_a_wready  = select ? x_write      : m_axil_wready;
    assign s_axil_a_bresp   = select ? RESP_DECERR  : m_axil_bresp;
    assign s_axil_a_bvalid  = select ? x_bvalid_reg : m_axil_bvalid;
    assign s_axil_a_arready = select ? x_read       : m_axil_arready;
    assign s_axil_a_rdata   = select ? 32'd0        : m_axil_rdata;
    assign s_axil_a_rresp   = select ? RESP_DECERR  : m_axil_rresp;
    assign s_axil_a_rvalid  = select ? x_rvalid_reg : m_axil_rvalid;

    assign s_axil_b_awready = select ? m_axil_awready : x_write;
    assign s_axil_b_wready  = select ? m_axil_wready  : x_write;
    assign s_axil_b_bresp   = select ? m_axil_bresp   : RESP_DECERR;
    assign s_axil_b_bvalid  = select ? m_axil_bvalid  : x_bvalid_reg;
    assign s_axil_b_arready = select ? m_axil_arready : x_read;
    assign s_axil_b_rdata   = select ? m_axil_rdata   : 32'd0;
    assign s_axil_b_rresp   = select ? m_axil_rresp   : RESP_DECERR;
    assign s_axil_b_rvalid  = select ? m_axil_rvalid  : x_rvalid_reg;
endmodule
`default_nettype wire
