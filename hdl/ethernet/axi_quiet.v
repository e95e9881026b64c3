// Tells whether an AXI4 master has nothing outstanding: no address offered, no burst without its last response.
`default_nettype none
module axi_quiet (
    input  wire clk,
    input  wire rst,
    input  wire awvalid,
    input  wire awready,
    input  wire wvalid,
    input  wire bvalid,
    input  wire bready,
    input  wire arvalid,
    input  wire arready,
    input  wire rvalid,
    input  wire rready,
    input  wire rlast,
    output wire quiet
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || (awvalid && awready) || (bvalid && bready) || (arvalid && arready) || (rvalid && rready && rlast)),
        .gated(clk_gated)
    );

    reg [7:0] writes_reg, reads_reg;

    assign quiet = !awvalid && !wvalid && !arvalid && writes_reg == 8'd0 && reads_reg == 8'd0;

    always @(posedge clk_gated) begin
        if ((awvalid && awready) != (bvalid && bready))
            writes_reg <= bvalid && bready ? writes_reg - 8'd1 : writes_reg + 8'd1;
        if ((arvalid && arready) != (rvalid && rready && rlast))
            reads_reg <= rvalid && rready && rlast ? reads_reg - 8'd1 : reads_reg + 8'd1;
        if (rst) begin
            writes_reg <= 8'd0;
            reads_reg  <= 8'd0;
        end
    end
endmodule
`default_nettype wire
