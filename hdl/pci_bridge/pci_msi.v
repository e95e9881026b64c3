// Turns the level of the card's host interrupt into MSIs, none lost and none ahead of a posted write. In the TOE it is
// the level that interrupt_join makes of the messaging unit's and the host's queue set's.
//
// The host is told once for each time the level rises. It is told again when the level is still high after the
// interrupt was disabled or masked and allowed again, and when the block reports that the message failed.
`default_nettype none
module pci_msi (
    input  wire        clk,
    input  wire        rst,

    input  wire        host_irq,
    input  wire        bus_master_enable,       // an MSI is a memory write

    output wire        order_want,              // to the order gate
    input  wire        order_clear,

    input  wire [3:0]  cfg_interrupt_msi_enable,
    input  wire [31:0] cfg_interrupt_msi_data,  // mask bits of the function selected (0)
    output wire [1:0]  cfg_interrupt_msi_select,
    output reg  [31:0] cfg_interrupt_msi_int,
    output wire [31:0] cfg_interrupt_msi_pending_status,
    output wire        cfg_interrupt_msi_pending_status_data_enable,
    input  wire        cfg_interrupt_msi_sent,
    input  wire        cfg_interrupt_msi_fail,

    output wire        busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy || host_irq || told_reg || cfg_interrupt_msi_int != 32'd0),
        .gated(clk_gated)
    );

    localparam [0:0] STATE_WATCH = 1'b0;
    localparam [0:0] STATE_SENT  = 1'b1;        // waits for the block's answer

    reg state_reg;
    reg told_reg;                               // the host knows of the level as it stands

    wire masked  = cfg_interrupt_msi_data[0];
    wire allowed = cfg_interrupt_msi_enable[0] && !masked && bus_master_enable;

    assign order_want = state_reg == STATE_WATCH && host_irq && !told_reg && allowed;
    assign busy       = state_reg != STATE_WATCH || order_want;

    assign cfg_interrupt_msi_select                     = 2'd0;
    assign cfg_interrupt_msi_pending_status             = {31'd0, host_irq && !told_reg};
    assign cfg_interrupt_msi_pending_status_data_enable = 1'b1;

    always @(posedge clk_gated) begin
        cfg_interrupt_msi_int <= 32'd0;         // a pulse of one clock, as the block wants it
        case (state_reg)
            STATE_WATCH: if (order_want && order_clear) begin
                cfg_interrupt_msi_int <= 32'd1;
                told_reg  <= 1'b1;
                state_reg <= STATE_SENT;
            end
            default: if (cfg_interrupt_msi_sent || cfg_interrupt_msi_fail) begin
                if (cfg_interrupt_msi_fail) told_reg <= 1'b0;
                state_reg <= STATE_WATCH;
            end
        endcase
        if (!host_irq || !allowed) told_reg <= 1'b0;
        if (rst) begin
            state_reg             <= STATE_WATCH;
            told_reg              <= 1'b0;
            cfg_interrupt_msi_int <= 32'd0;
        end
    end

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, cfg_interrupt_msi_enable[3:1], cfg_interrupt_msi_data[31:1]};
`endif
endmodule
`default_nettype wire
