// Shows the level of the card's host interrupt as INTx, where MSI is off: asserted behind the posted writes before it.
`default_nettype none
module pci_intx (
    input  wire clk,
    input  wire rst,

    input  wire host_irq,
    input  wire allowed,                        // neither MSI nor the INTx disable bit is set

    output wire order_want,                     // to the order gate
    input  wire order_clear,

    output reg  cfg_interrupt_int,              // each change becomes a message, which the block reports as sent
    input  wire cfg_interrupt_sent,

    output wire busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy),
        .gated(clk_gated)
    );

    reg sending_reg;                            // a change is on its way: the pin must stay as it is

    wire level = host_irq && allowed;

    assign order_want = level && !cfg_interrupt_int && !sending_reg;
    assign busy       = sending_reg || level != cfg_interrupt_int;

    always @(posedge clk_gated) begin
        if (sending_reg) begin
            if (cfg_interrupt_sent) sending_reg <= 1'b0;
        end else if ((order_want && order_clear) || (cfg_interrupt_int && !level)) begin
            cfg_interrupt_int <= !cfg_interrupt_int;
            sending_reg       <= 1'b1;
        end
        if (rst) begin
            cfg_interrupt_int <= 1'b0;
            sending_reg       <= 1'b0;
        end
    end
endmodule
`default_nettype wire
