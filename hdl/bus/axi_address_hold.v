// Holds back the addresses of an AXI4 master. `hold` holds all; `drain` those that are not offered yet, so that none is
// withdrawn: what is outstanding then comes to its end, however many more the master has ready.
`default_nettype none
module axi_address_hold (
    input  wire clk,
    input  wire rst,
    input  wire drain,
    input  wire hold,

    input  wire s_awvalid,
    output wire s_awready,
    input  wire s_arvalid,
    output wire s_arready,
    output wire m_awvalid,
    input  wire m_awready,
    output wire m_arvalid,
    input  wire m_arready
);
    reg write_offered_reg, read_offered_reg;

    wire write_passes  = !hold && (!drain || write_offered_reg);
    wire read_passes   = !hold && (!drain || read_offered_reg);
    wire write_offered = m_awvalid && !m_awready;
    wire read_offered  = m_arvalid && !m_arready;

    assign m_awvalid = s_awvalid && write_passes;
    assign s_awready = m_awready && write_passes;
    assign m_arvalid = s_arvalid && read_passes;
    assign s_arready = m_arready && read_passes;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || write_offered != write_offered_reg || read_offered != read_offered_reg),
        .gated(clk_gated)
    );

    always @(posedge clk_gated) begin
        write_offered_reg <= write_offered && !rst;
        read_offered_reg  <= read_offered && !rst;
    end
endmodule
`default_nettype wire
