// AXI4 to AXI4-Lite: single 32-bit accesses of a 64-bit AXI4 master; anything else is answered with SLVERR.
// One write and one read at a time.
`default_nettype none
module axi_to_axil #(
    parameter ID_WIDTH   = 4,
    parameter ADDR_WIDTH = 20               // of the register window; upper address bits are dropped
) (
    input  wire                          clk,
    input  wire                          rst,

    input  wire [ID_WIDTH-1:0]           s_axi_awid,
    input  wire [64-1:0]                 s_axi_awaddr,
    input  wire [8-1:0]                  s_axi_awlen,
    input  wire [3-1:0]                  s_axi_awsize,
    input  wire [2-1:0]                  s_axi_awburst,
    input  wire                          s_axi_awvalid,
    output wire                          s_axi_awready,
    input  wire [64-1:0]                 s_axi_wdata,
    input  wire [8-1:0]                  s_axi_wstrb,
    input  wire                          s_axi_wlast,
    input  wire                          s_axi_wvalid,
    output wire                          s_axi_wready,
    output wire [ID_WIDTH-1:0]           s_axi_bid,
    output wire [2-1:0]                  s_axi_bresp,
    output wire                          s_axi_bvalid,
    input  wire                          s_axi_bready,
    input  wire [ID_WIDTH-1:0]           s_axi_arid,
    input  wire [64-1:0]                 s_axi_araddr,
    input  wire [8-1:0]                  s_axi_arlen,
    input  wire [3-1:0]                  s_axi_arsize,
    input  wire [2-1:0]                  s_axi_arburst,
    input  wire                          s_axi_arvalid,
    output wire                          s_axi_arready,
    output wire [ID_WIDTH-1:0]           s_axi_rid,
    output wire [64-1:0]                 s_axi_rdata,
    output wire [2-1:0]                  s_axi_rresp,
    output wire                          s_axi_rlast,
    output wire                          s_axi_rvalid,
    input  wire                          s_axi_rready,

    output wire [ADDR_WIDTH-1:0]         m_axil_awaddr,
    output wire                          m_axil_awvalid,
    input  wire                          m_axil_awready,
    output wire [31:0]                   m_axil_wdata,
    output wire [3:0]                    m_axil_wstrb,
    output wire                          m_axil_wvalid,
    input  wire                          m_axil_wready,
    input  wire [1:0]                    m_axil_bresp,
    input  wire                          m_axil_bvalid,
    output wire                          m_axil_bready,
    output wire [ADDR_WIDTH-1:0]         m_axil_araddr,
    output wire                          m_axil_arvalid,
    input  wire                          m_axil_arready,
    input  wire [31:0]                   m_axil_rdata,
    input  wire [1:0]                    m_axil_rresp,
    input  wire                          m_axil_rvalid,
    output wire                          m_axil_rready,

    output wire                          busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy || aw_pending_reg || w_pending_reg || ar_pending_reg),
        .gated(clk_gated)
    );

    localparam [1:0] SLVERR = 2'b10;

    // ---- writes ---------------------------------------------------------------------------------------
    localparam [1:0] W_IDLE = 2'd0, W_DATA = 2'd1, W_ACCESS = 2'd2, W_RESPONSE = 2'd3;
    reg [1:0]            w_state_reg;
    reg [ID_WIDTH-1:0]   w_id_reg;
    reg [ADDR_WIDTH-1:0] w_addr_reg;
    reg                  w_bad_reg;
    reg [31:0]           w_data_reg;
    reg [3:0]            w_strb_reg;
    reg                  aw_pending_reg, w_pending_reg;
    reg [1:0]            w_resp_reg;

    assign s_axi_awready  = w_state_reg == W_IDLE;
    assign s_axi_wready   = w_state_reg == W_DATA;
    assign s_axi_bvalid   = w_state_reg == W_RESPONSE;
    assign s_axi_bid      = w_id_reg;
    assign s_axi_bresp    = w_resp_reg;
    assign m_axil_awaddr  = w_addr_reg;
    assign m_axil_awvalid = aw_pending_reg;
    assign m_axil_wdata   = w_data_reg;
    assign m_axil_wstrb   = w_strb_reg;
    assign m_axil_wvalid  = w_pending_reg;
    assign m_axil_bready  = w_state_reg == W_ACCESS;

    always @(posedge clk_gated) begin
        if (m_axil_awready) aw_pending_reg <= 1'b0;
        if (m_axil_wready)  w_pending_reg  <= 1'b0;
        case (w_state_reg)
            W_IDLE: if (s_axi_awvalid) begin
                w_id_reg    <= s_axi_awid;
                w_addr_reg  <= s_axi_awaddr[ADDR_WIDTH-1:0];
                w_bad_reg   <= s_axi_awlen != 8'd0 || s_axi_awsize != 3'd2 || s_axi_awaddr[1:0] != 2'd0;
                w_state_reg <= W_DATA;
            end
            W_DATA: if (s_axi_wvalid && s_axi_wlast) begin
                w_data_reg     <= w_addr_reg[2] ? s_axi_wdata[63:32] : s_axi_wdata[31:0];
                w_strb_reg     <= w_addr_reg[2] ? s_axi_wstrb[7:4] : s_axi_wstrb[3:0];
                w_resp_reg     <= SLVERR;
                aw_pending_reg <= !w_bad_reg;
                w_pending_reg  <= !w_bad_reg;
                w_state_reg    <= w_bad_reg ? W_RESPONSE : W_ACCESS;
            end
            W_ACCESS: if (m_axil_bvalid) begin
                w_resp_reg  <= m_axil_bresp;
                w_state_reg <= W_RESPONSE;
            end
            default: if (s_axi_bready) w_state_reg <= W_IDLE;
        endcase
        if (rst) begin
            w_state_reg    <= W_IDLE;
            aw_pending_reg <= 1'b0;
            w_pending_reg  <= 1'b0;
        end
    end

    // ---- reads ----------------------------------------------------------------------------------------
    localparam [1:0] R_IDLE = 2'd0, R_ACCESS = 2'd1, R_RESPONSE = 2'd2;
    reg [1:0]            r_state_reg;
    reg [ID_WIDTH-1:0]   r_id_reg;
    reg [ADDR_WIDTH-1:0] r_addr_reg;
    reg                  ar_pending_reg;
    reg [7:0]            r_left_reg;        // beats after this one
    reg [31:0]           r_data_reg;
    reg [1:0]            r_resp_reg;

    wire r_bad = s_axi_arlen != 8'd0 || s_axi_arsize != 3'd2 || s_axi_araddr[1:0] != 2'd0;

    assign s_axi_arready  = r_state_reg == R_IDLE;
    assign s_axi_rvalid   = r_state_reg == R_RESPONSE;
    assign s_axi_rid      = r_id_reg;
    assign s_axi_rdata    = {2{r_data_reg}};
    assign s_axi_rresp    = r_resp_reg;
    assign s_axi_rlast    = r_left_reg == 8'd0;
    assign m_axil_araddr  = r_addr_reg;
    assign m_axil_arvalid = ar_pending_reg;
    assign m_axil_rready  = r_state_reg == R_ACCESS;

    always @(posedge clk_gated) begin
        if (m_axil_arready) ar_pending_reg <= 1'b0;
        case (r_state_reg)
            R_IDLE: if (s_axi_arvalid) begin
                r_id_reg       <= s_axi_arid;
                r_addr_reg     <= s_axi_araddr[ADDR_WIDTH-1:0];
                r_left_reg     <= s_axi_arlen;
                r_data_reg     <= 32'd0;
                r_resp_reg     <= SLVERR;
                ar_pending_reg <= !r_bad;
                r_state_reg    <= r_bad ? R_RESPONSE : R_ACCESS;
            end
            R_ACCESS: if (m_axil_rvalid) begin
                r_data_reg  <= m_axil_rdata;
                r_resp_reg  <= m_axil_rresp;
                r_state_reg <= R_RESPONSE;
            end
            default: if (s_axi_rready) begin
                r_left_reg <= r_left_reg - 8'd1;
                if (r_left_reg == 8'd0) r_state_reg <= R_IDLE;
            end
        endcase
        if (rst) begin
            r_state_reg    <= R_IDLE;
            ar_pending_reg <= 1'b0;
        end
    end

    assign busy = w_state_reg != W_IDLE || r_state_reg != R_IDLE || s_axi_awvalid || s_axi_arvalid;

    /* verilator lint_off UNUSEDSIGNAL */                   // INCR only; the window's base is the decoder's business
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{s_axi_awburst, s_axi_arburst, s_axi_awaddr[63:ADDR_WIDTH], s_axi_araddr[63:ADDR_WIDTH]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
