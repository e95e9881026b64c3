// Bench: one access at a time on AXI4-Lite, begun by a change of access; each channel moves in random clocks.
`default_nettype none
module register_port #(
    parameter NUMBER = 0
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [7:0]  pause,               // of 256, chance of a pause in each clock and channel
    output wire        failed,

    output wire [16:0] m_axil_awaddr,
    output reg         m_axil_awvalid,
    input  wire        m_axil_awready,
    output wire [31:0] m_axil_wdata,
    output wire [3:0]  m_axil_wstrb,
    output reg         m_axil_wvalid,
    input  wire        m_axil_wready,
    input  wire [1:0]  m_axil_bresp,
    input  wire        m_axil_bvalid,
    output reg         m_axil_bready,
    output wire [16:0] m_axil_araddr,
    output reg         m_axil_arvalid,
    input  wire        m_axil_arready,
    input  wire [31:0] m_axil_rdata,
    input  wire [1:0]  m_axil_rresp,
    input  wire        m_axil_rvalid,
    output reg         m_axil_rready
);
    reg        access = 0, access_write = 0, access_done = 0;
    reg [16:0] access_address = 0;
    reg [31:0] access_data = 0;
    reg [1:0]  access_response = 0;
    reg        access_seen = 0, aw_due = 0, w_due = 0, ar_due = 0;
    integer    stalls = 0;                  // clocks in which a transfer waited for this port

    assign m_axil_awaddr = access_address;
    assign m_axil_araddr = access_address;
    assign m_axil_wdata  = access_data;
    assign m_axil_wstrb  = 4'hf;

    integer seed;
    reg [63:0] dice;                        // a linear congruence, which costs less than $random; a byte a channel
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        dice = seed * 7 + NUMBER + 5;
        m_axil_awvalid = 0;
        m_axil_wvalid  = 0;
        m_axil_arvalid = 0;
        m_axil_bready  = 0;
        m_axil_rready  = 0;
    end
    always @(posedge clk) begin
        if (access != access_seen) begin
            access_seen <= access;
            aw_due = access_write;
            w_due  = access_write;
            ar_due = !access_write;
        end
        if (m_axil_awvalid && m_axil_awready) m_axil_awvalid <= 0;
        if (m_axil_wvalid && m_axil_wready)   m_axil_wvalid <= 0;
        if (m_axil_arvalid && m_axil_arready) m_axil_arvalid <= 0;
        if (access != access_done) begin    // at other times nothing is due
            dice = dice * 64'd6364136223846793005 + 64'd1442695040888963407;
            if (aw_due && dice[63:56] >= pause) begin m_axil_awvalid <= 1; aw_due = 0; end
            if (w_due && dice[55:48] >= pause)  begin m_axil_wvalid <= 1; w_due = 0; end
            if (ar_due && dice[47:40] >= pause) begin m_axil_arvalid <= 1; ar_due = 0; end
            m_axil_bready <= dice[39:32] >= pause;
            m_axil_rready <= dice[31:24] >= pause;
            if (aw_due || w_due || ar_due || (m_axil_bvalid && !m_axil_bready) || (m_axil_rvalid && !m_axil_rready))
                stalls = stalls + 1;
        end
        if (m_axil_rvalid && m_axil_rready) begin
            access_data     <= m_axil_rdata;
            access_response <= m_axil_rresp;
            access_done     <= access_seen;
        end
        if (m_axil_bvalid && m_axil_bready) begin
            access_response <= m_axil_bresp;
            access_done     <= access_seen;
        end
    end

    axil_monitor #(.ADDR_WIDTH(17)) monitor (
        .clk(clk), .rst(rst), .failed(failed), .idle(), .reads(), .writes(), .awaddr(m_axil_awaddr),
        .awvalid(m_axil_awvalid), .awready(m_axil_awready), .wdata(m_axil_wdata), .wstrb(m_axil_wstrb),
        .wvalid(m_axil_wvalid), .wready(m_axil_wready), .bresp(m_axil_bresp), .bvalid(m_axil_bvalid),
        .bready(m_axil_bready), .araddr(m_axil_araddr), .arvalid(m_axil_arvalid), .arready(m_axil_arready),
        .rdata(m_axil_rdata), .rresp(m_axil_rresp), .rvalid(m_axil_rvalid), .rready(m_axil_rready));
endmodule
`default_nettype wire
