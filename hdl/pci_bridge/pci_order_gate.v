// Holds an interrupt or a completion back until the card's posted writes before it are on their way to the host.
`default_nettype none
module pci_order_gate #(
    parameter COUNT_WIDTH = 8                   // counters are compared modulo 2^COUNT_WIDTH
) (
    input  wire                   clk,
    input  wire                   rst,

    // Running counts: write bursts taken from the bus, bursts whose TLPs have all gone to the PCIe block,
    // TLPs gone to it, TLPs it has reported as on their way (pcie_rq_seq_num0)
    input  wire [COUNT_WIDTH-1:0] bursts_taken,
    input  wire [COUNT_WIDTH-1:0] bursts_issued,
    input  wire [COUNT_WIDTH-1:0] tlps_issued,
    input  wire [COUNT_WIDTH-1:0] tlps_reported,

    input  wire                   want,         // held until what waits has gone
    output wire                   clear         // everything posted before want rose is on its way
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || want || state_reg != STATE_IDLE),
        .gated(clk_gated)
    );

    localparam [1:0] STATE_IDLE   = 2'd0;
    localparam [1:0] STATE_BURSTS = 2'd1;
    localparam [1:0] STATE_TLPS   = 2'd2;
    localparam [1:0] STATE_CLEAR  = 2'd3;

    reg [1:0]             state_reg;
    reg [COUNT_WIDTH-1:0] target_reg;

    wire [COUNT_WIDTH-1:0] bursts_over = bursts_issued - target_reg;
    wire [COUNT_WIDTH-1:0] tlps_over   = tlps_reported - target_reg;

    assign clear = state_reg == STATE_CLEAR && want;

    always @(posedge clk_gated) begin
        case (state_reg)
            STATE_IDLE: begin
                target_reg <= bursts_taken;
                if (want) state_reg <= STATE_BURSTS;
            end
            STATE_BURSTS: if (!bursts_over[COUNT_WIDTH-1]) begin
                target_reg <= tlps_issued;
                state_reg  <= STATE_TLPS;
            end
            STATE_TLPS: if (!tlps_over[COUNT_WIDTH-1]) state_reg <= STATE_CLEAR;
            default: ;
        endcase
        if (!want || rst) state_reg <= STATE_IDLE;
    end

`ifdef FORMAL
`include "pci_order_gate.vh"
`endif
endmodule
`default_nettype wire
