// Interrupt causes and mask, transmit and receive delay timers, and the throttle of the interrupt line
// (82544 SDM 3.2.7, 3.4.3, 13.4.17 to 13.4.22; ITR as in the later parts of the family).
// The timers count whole periods from the event that starts them; none runs when there is nothing to delay.
`default_nettype none
module interrupt_moderation #(
    parameter UNIT_CYCLES = 16              // clocks in 256 ns
) (
    input  wire        clk,
    input  wire        rst,

    // registers
    input  wire        icr_read,            // clears all causes
    input  wire        icr_write,           // clears those of write_data
    input  wire        ics_write,
    input  wire        ims_write,
    input  wire        imc_write,
    input  wire [31:0] write_data,
    output wire [31:0] icr,
    output wire [31:0] ims,
    input  wire [15:0] interval,            // ITR, 256 ns units
    input  wire [15:0] rx_delay,            // RDTR, RADV, TIDV, TADV: 1.024 us units
    input  wire [15:0] rx_absolute,
    input  wire        rx_flush,            // RDTR.FPD
    input  wire [15:0] tx_delay,
    input  wire [15:0] tx_absolute,

    // events, one clock each
    input  wire        tx_written,          // a descriptor with RS was written back
    input  wire        tx_written_delay,    // ... and has IDE
    input  wire        tx_empty,
    input  wire        rx_frame,            // the last descriptor of a frame was written back
    input  wire        rx_threshold,
    input  wire        rx_overrun,
    input  wire        link_change,
    input  wire        mdi_done,

    output wire        irq,
    output wire        busy                 // a timer runs
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy || icr_read || icr_write || ims_write || imc_write || events != 32'd0
            || rx_frame || tx_written),
        .gated(clk_gated)
    );

    `include "ethernet.vh"

    localparam [31:0] UNIT = UNIT_CYCLES;

    initial if (UNIT_CYCLES < 1 || UNIT_CYCLES > 64) begin
        $display("ERROR: interrupt_moderation UNIT_CYCLES must be 1..64 (%m)");
        $finish;
    end

    reg [31:0] icr_reg, ims_reg;
    reg        irq_reg;
    reg        read_reg;                    // ICR was read: a cause of that clock makes the line rise anew
    reg [21:0] interval_count_reg;
    reg [23:0] rx_delay_count_reg, rx_absolute_count_reg, tx_delay_count_reg, tx_absolute_count_reg;

    function [23:0] cycles(input [15:0] microseconds);      // of 1.024 us
        cycles = {8'd0, microseconds} * UNIT[23:0] * 24'd4;
    endfunction

    function [21:0] unit_cycles(input [15:0] units);
        unit_cycles = {6'd0, units} * UNIT[21:0];
    endfunction

    wire rx_armed   = rx_delay_count_reg != 24'd0 || rx_absolute_count_reg != 24'd0;
    wire tx_armed   = tx_delay_count_reg != 24'd0 || tx_absolute_count_reg != 24'd0;
    wire rx_expires = rx_delay_count_reg == 24'd1 || rx_absolute_count_reg == 24'd1 || (rx_flush && rx_armed);
    wire tx_expires = tx_delay_count_reg == 24'd1 || tx_absolute_count_reg == 24'd1;
    wire rx_at_once = rx_frame && rx_delay == 16'd0;
    wire tx_at_once = tx_written && (!tx_written_delay || tx_delay == 16'd0);

    reg [31:0] events;
    always @* begin
        events = ics_write ? write_data : 32'd0;
        if (tx_at_once || tx_expires) events[`ETHERNET_ICR_TXDW_LSB]   = 1'b1;
        if (tx_empty)                 events[`ETHERNET_ICR_TXQE_LSB]   = 1'b1;
        if (link_change)              events[`ETHERNET_ICR_LSC_LSB]    = 1'b1;
        if (rx_threshold)             events[`ETHERNET_ICR_RXDMT0_LSB] = 1'b1;
        if (rx_overrun)               events[`ETHERNET_ICR_RXO_LSB]    = 1'b1;
        if (rx_at_once || rx_expires) events[`ETHERNET_ICR_RXT0_LSB]   = 1'b1;
        if (mdi_done)                 events[`ETHERNET_ICR_MDAC_LSB]   = 1'b1;
    end

    wire pending = (icr_reg & ims_reg) != 32'd0;

    assign icr  = icr_reg;
    assign ims  = ims_reg;
    assign irq  = irq_reg;
    assign busy = rx_armed || tx_armed || interval_count_reg != 22'd0 || irq_reg != pending || read_reg;

    always @(posedge clk_gated) begin
        // an event in the clock of the read stays for the next one
        icr_reg <= (icr_read ? 32'd0 : icr_reg & ~(icr_write ? write_data : 32'd0)) | events;
        if (ims_write) ims_reg <= ims_reg | write_data;
        if (imc_write) ims_reg <= ims_reg & ~write_data;

        if (interval_count_reg != 22'd0) interval_count_reg <= interval_count_reg - 22'd1;
        read_reg <= icr_read;
        if (!pending || read_reg) begin     // who hears of rises alone (by MSI) would miss all that follow
            irq_reg <= 1'b0;
        end else if (!irq_reg && interval_count_reg == 22'd0) begin
            irq_reg            <= 1'b1;
            interval_count_reg <= unit_cycles(interval);
        end

        if (rx_delay_count_reg != 24'd0)    rx_delay_count_reg    <= rx_delay_count_reg - 24'd1;
        if (rx_absolute_count_reg != 24'd0) rx_absolute_count_reg <= rx_absolute_count_reg - 24'd1;
        if (rx_expires || rx_at_once) begin
            rx_delay_count_reg    <= 24'd0;
            rx_absolute_count_reg <= 24'd0;
        end
        if (rx_frame && rx_delay != 16'd0) begin
            rx_delay_count_reg <= cycles(rx_delay);
            if (rx_absolute != 16'd0 && (rx_absolute_count_reg == 24'd0 || rx_expires))
                rx_absolute_count_reg <= cycles(rx_absolute);
        end

        if (tx_delay_count_reg != 24'd0)    tx_delay_count_reg    <= tx_delay_count_reg - 24'd1;
        if (tx_absolute_count_reg != 24'd0) tx_absolute_count_reg <= tx_absolute_count_reg - 24'd1;
        if (tx_expires || tx_at_once) begin
            tx_delay_count_reg    <= 24'd0;
            tx_absolute_count_reg <= 24'd0;
        end
        if (tx_written && !tx_at_once) begin
            tx_delay_count_reg <= cycles(tx_delay);
            if (tx_absolute != 16'd0 && (tx_absolute_count_reg == 24'd0 || tx_expires))
                tx_absolute_count_reg <= cycles(tx_absolute);
        end

        if (rst) begin
            icr_reg               <= 32'd0;
            ims_reg               <= 32'd0;
            irq_reg               <= 1'b0;
            read_reg              <= 1'b0;
            interval_count_reg    <= 22'd0;
            rx_delay_count_reg    <= 24'd0;
            rx_absolute_count_reg <= 24'd0;
            tx_delay_count_reg    <= 24'd0;
            tx_absolute_count_reg <= 24'd0;
        end
    end
endmodule
`default_nettype wire
