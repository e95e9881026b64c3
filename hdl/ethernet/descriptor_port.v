// Shares the descriptor bus between the transmit (0) and the receive ring (1): burst reads told apart by their ID,
// single-beat write-backs.
`default_nettype none
module descriptor_port #(
    parameter ID_WIDTH = 4
) (
    input  wire                clk,
    input  wire                rst,

    input  wire [63:0]         ar0_addr,
    input  wire [7:0]          ar0_len,
    input  wire                ar0_valid,
    output wire                ar0_ready,
    input  wire [63:0]         ar1_addr,
    input  wire [7:0]          ar1_len,
    input  wire                ar1_valid,
    output wire                ar1_ready,
    output wire [63:0]         r_data,
    output wire                r_error,
    output wire                r_last,
    output wire                r0_valid,
    output wire                r1_valid,

    input  wire [63:0]         w0_addr,
    input  wire [63:0]         w0_data,
    input  wire [7:0]          w0_strb,
    input  wire                w0_valid,
    output wire                w0_ready,
    output wire                w0_done,
    input  wire [63:0]         w1_addr,
    input  wire [63:0]         w1_data,
    input  wire [7:0]          w1_strb,
    input  wire                w1_valid,
    output wire                w1_ready,
    output wire                w1_done,
    output wire                w_error,     // pulse: a write-back was refused

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
    output wire                m_axi_rready,

    output wire                busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || m_axi_arvalid || w0_valid || w1_valid || awvalid_reg || wvalid_reg || m_axi_bvalid),
        .gated(clk_gated)
    );

    // ---- reads: a chosen ring keeps the address channel until its address is taken
    reg ar_select_reg, ar_held_reg;
    wire ar_select = ar_held_reg ? ar_select_reg : (ar1_valid && (!ar0_valid || !ar_select_reg));

    assign m_axi_arid    = {{(ID_WIDTH-1){1'b0}}, ar_select};
    assign m_axi_araddr  = ar_select ? ar1_addr : ar0_addr;
    assign m_axi_arlen   = ar_select ? ar1_len : ar0_len;
    assign m_axi_arsize  = 3'd3;
    assign m_axi_arburst = 2'b01;
    assign m_axi_arvalid = ar_select ? ar1_valid : ar0_valid;
    assign ar0_ready     = m_axi_arready && !ar_select;
    assign ar1_ready     = m_axi_arready && ar_select;
    assign m_axi_rready  = 1'b1;
    assign r_data        = m_axi_rdata;
    assign r_error       = m_axi_rresp != 2'b00;
    assign r_last        = m_axi_rlast;
    assign r0_valid      = m_axi_rvalid && !m_axi_rid[0];
    assign r1_valid      = m_axi_rvalid && m_axi_rid[0];

    // ---- write-backs
    reg        awvalid_reg, wvalid_reg, w_select_reg;
    reg [63:0] awaddr_reg, wdata_reg;
    reg [7:0]  wstrb_reg;
    reg [5:0]  outstanding_reg;
    wire       w_free   = (!awvalid_reg || m_axi_awready) && (!wvalid_reg || m_axi_wready) && outstanding_reg != 6'd63;
    wire       w_select = w1_valid && (!w0_valid || !w_select_reg);
    wire       w_take   = w_free && (w0_valid || w1_valid);

    assign w0_ready      = w_free && w0_valid && !w_select;
    assign w1_ready      = w_free && w_select;
    assign m_axi_awid    = {{(ID_WIDTH-1){1'b0}}, w_select_reg};
    assign m_axi_awaddr  = awaddr_reg;
    assign m_axi_awlen   = 8'd0;
    assign m_axi_awsize  = 3'd3;
    assign m_axi_awburst = 2'b01;
    assign m_axi_awvalid = awvalid_reg;
    assign m_axi_wdata   = wdata_reg;
    assign m_axi_wstrb   = wstrb_reg;
    assign m_axi_wlast   = 1'b1;
    assign m_axi_wvalid  = wvalid_reg;
    assign m_axi_bready  = 1'b1;
    assign w0_done       = m_axi_bvalid && !m_axi_bid[0];
    assign w1_done       = m_axi_bvalid && m_axi_bid[0];
    assign w_error       = m_axi_bvalid && m_axi_bresp != 2'b00;
    assign busy          = awvalid_reg || wvalid_reg || outstanding_reg != 6'd0;

    always @(posedge clk_gated) begin
        if (m_axi_arvalid) begin
            ar_select_reg <= ar_select;
            ar_held_reg   <= !m_axi_arready;
        end
        if (m_axi_awready) awvalid_reg <= 1'b0;
        if (m_axi_wready)  wvalid_reg  <= 1'b0;
        if (w_take) begin
            awvalid_reg  <= 1'b1;
            wvalid_reg   <= 1'b1;
            w_select_reg <= w_select;
            awaddr_reg   <= w_select ? w1_addr : w0_addr;
            wdata_reg    <= w_select ? w1_data : w0_data;
            wstrb_reg    <= w_select ? w1_strb : w0_strb;
        end
        if (w_take && !m_axi_bvalid)      outstanding_reg <= outstanding_reg + 6'd1;
        else if (!w_take && m_axi_bvalid) outstanding_reg <= outstanding_reg - 6'd1;
        if (rst) begin
            ar_held_reg     <= 1'b0;
            ar_select_reg   <= 1'b0;
            awvalid_reg     <= 1'b0;
            wvalid_reg      <= 1'b0;
            w_select_reg    <= 1'b0;
            outstanding_reg <= 6'd0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // one ID: responses come in order
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{m_axi_rid, m_axi_bid};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
