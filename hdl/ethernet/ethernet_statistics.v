// Statistics registers (82544 SDM 13.7): 32 bits, cleared by reading, never wrapping; octet counters have 64 bits and
// are cleared by reading their high half. The counters from 04100 on are this controller's own.
`default_nettype none
module ethernet_statistics (
    input  wire        clk,
    input  wire        rst,

    input  wire [8:0]  address,             // offset from 04000
    input  wire        read,                // the value is taken in this clock
    output wire [31:0] value,

    // a frame was sent
    input  wire        tx_frame,
    input  wire [15:0] tx_bytes,            // FCS included
    input  wire        tx_multicast,
    input  wire        tx_broadcast,

    // a frame was received, good or bad
    input  wire        rx_frame,
    input  wire        rx_for_us,           // it passed the filters: only then its errors count
    input  wire [15:0] rx_bytes,            // FCS included
    input  wire        rx_fcs_error,
    input  wire        rx_error,
    input  wire        rx_short,
    input  wire        rx_long,
    input  wire        rx_good,
    input  wire        rx_missed,
    input  wire        rx_multicast,
    input  wire        rx_broadcast,

    // single events, one clock each
    input  wire        xon_received,
    input  wire        xoff_received,
    input  wire        xon_sent,
    input  wire        xoff_sent,
    input  wire        unsupported_control,
    input  wire        no_buffer,
    input  wire        segmented_sent,
    input  wire        segmented_failed,
    input  wire        tx_read_failed,
    input  wire        tx_bad_send,
    input  wire        tx_bad_fetch,
    input  wire        rx_write_failed,
    input  wire        rx_bad_fetch,
    input  wire        write_back_failed
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || any || read),
        .gated(clk_gated)
    );

    `include "ethernet.vh"

    // a counter's place in the array is its word in the register block
    /* verilator lint_off UNUSEDSIGNAL */   // the offset's other bits say which block it is
    function [6:0] place(input [31:0] offset);
        place = offset[8:2];
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */

    reg [31:0]  counter [0:127];
    reg [63:0]  gorc_reg, gotc_reg, tor_reg, tot_reg;
    reg [127:0] hits;                       // counters that go up in this clock
    reg [31:0]  offset;
    reg [31:0]  chosen;
    integer     i;

    wire [31:0] counter_value = counter[address[8:2]];

    // bits of the six counters by size: 64, 127, 255, 511, 1023 bytes at most, and more
    function [5:0] size_class(input [15:0] bytes);
        size_class = bytes <= 16'd64 ? 6'd1 : bytes <= 16'd127 ? 6'd2 : bytes <= 16'd255 ? 6'd4
                     : bytes <= 16'd511 ? 6'd8 : bytes <= 16'd1023 ? 6'd16 : 6'd32;
    endfunction

    always @* begin
        offset = {23'd0, address} | `ETHERNET_CRCERRS;
        case (offset)
            `ETHERNET_GORCL: chosen = gorc_reg[31:0];
            `ETHERNET_GORCH: chosen = gorc_reg[63:32];
            `ETHERNET_GOTCL: chosen = gotc_reg[31:0];
            `ETHERNET_GOTCH: chosen = gotc_reg[63:32];
            `ETHERNET_TORL:  chosen = tor_reg[31:0];
            `ETHERNET_TORH:  chosen = tor_reg[63:32];
            `ETHERNET_TOTL:  chosen = tot_reg[31:0];
            `ETHERNET_TOTH:  chosen = tot_reg[63:32];
            default:         chosen = counter_value;
        endcase
    end

    assign value = chosen;

    wire any = tx_frame || rx_frame || no_buffer || segmented_sent || segmented_failed || tx_read_failed || tx_bad_send
               || tx_bad_fetch || rx_write_failed || rx_bad_fetch || write_back_failed || xon_sent || xoff_sent
               || xon_received || xoff_received || unsupported_control;     // of a frame that went to another set, too

    wire length_error = rx_short || rx_long;
    wire rx_ours      = rx_frame && rx_for_us;
    wire tx_good      = tx_frame && tx_bytes >= 16'd64;     // a shorter one, sent without padding, is none that counts

    always @* begin
        hits = 128'd0;
        if (any) begin
            hits[place(`ETHERNET_TPT)]             = tx_frame;
            hits[place(`ETHERNET_GPTC)]            = tx_good;
            hits[place(`ETHERNET_PTC64) +: 6]      = tx_good ? size_class(tx_bytes) : 6'd0;
            hits[place(`ETHERNET_MPTC)]            = tx_good && tx_multicast;
            hits[place(`ETHERNET_BPTC)]            = tx_good && tx_broadcast;
            hits[place(`ETHERNET_TPR)]             = rx_frame;
            hits[place(`ETHERNET_RXERRC)]          = rx_ours && rx_error;
            hits[place(`ETHERNET_RLEC)]            = rx_ours && length_error;
            hits[place(`ETHERNET_RUC)]             = rx_ours && rx_short && !rx_fcs_error;
            hits[place(`ETHERNET_RFC)]             = rx_ours && rx_short && rx_fcs_error;
            hits[place(`ETHERNET_ROC)]             = rx_ours && rx_long && !rx_fcs_error;
            hits[place(`ETHERNET_RJC)]             = rx_ours && rx_long && rx_fcs_error;
            hits[place(`ETHERNET_CRCERRS)]         = rx_ours && rx_fcs_error && !length_error;
            hits[place(`ETHERNET_MPC)]             = rx_frame && rx_missed;
            hits[place(`ETHERNET_GPRC)]            = rx_frame && rx_good;
            hits[place(`ETHERNET_PRC64) +: 6]      = rx_frame && rx_good ? size_class(rx_bytes) : 6'd0;
            hits[place(`ETHERNET_MPRC)]            = rx_frame && rx_good && rx_multicast;
            hits[place(`ETHERNET_BPRC)]            = rx_frame && rx_good && rx_broadcast;
            hits[place(`ETHERNET_XONRXC)]          = xon_received;
            hits[place(`ETHERNET_XOFFRXC)]         = xoff_received;
            hits[place(`ETHERNET_XONTXC)]          = xon_sent;
            hits[place(`ETHERNET_XOFFTXC)]         = xoff_sent;
            hits[place(`ETHERNET_FCRUC)]           = unsupported_control;
            hits[place(`ETHERNET_RNBC)]            = no_buffer;
            hits[place(`ETHERNET_TSCTC)]           = segmented_sent;
            hits[place(`ETHERNET_TSCTFC)]          = segmented_failed;
            hits[place(`ETHERNET_TXRDERR)]         = tx_read_failed;
            hits[place(`ETHERNET_TXBADD)]          = tx_bad_send;
            hits[place(`ETHERNET_TXDESCERR)]       = tx_bad_fetch;
            hits[place(`ETHERNET_RXWRERR)]         = rx_write_failed;
            hits[place(`ETHERNET_RXDESCERR)]       = rx_bad_fetch;
            hits[place(`ETHERNET_WBERR)]           = write_back_failed;
        end
    end

    // Nothing happens in most clocks, so the work stands under one condition. What happens in the clock of a read
    // is counted afresh.
    always @(posedge clk_gated) begin
        if (any || read) begin
            for (i = 0; i < 128; i = i + 1)
                if (read && address[8:2] == i[6:0])                counter[i] <= {31'd0, hits[i]};
                else if (hits[i] && counter[i] != 32'hffffffff)    counter[i] <= counter[i] + 32'd1;
            gotc_reg <= (read && offset == `ETHERNET_GOTCH ? 64'd0 : gotc_reg) + (tx_good ? {48'd0, tx_bytes} : 64'd0);
            tot_reg  <= (read && offset == `ETHERNET_TOTH  ? 64'd0 : tot_reg)  + (tx_frame ? {48'd0, tx_bytes} : 64'd0);
            gorc_reg <= (read && offset == `ETHERNET_GORCH ? 64'd0 : gorc_reg)
                        + (rx_frame && rx_good ? {48'd0, rx_bytes} : 64'd0);
            tor_reg  <= (read && offset == `ETHERNET_TORH  ? 64'd0 : tor_reg)  + (rx_frame ? {48'd0, rx_bytes} : 64'd0);
        end
        if (rst) begin
            for (i = 0; i < 128; i = i + 1) counter[i] <= 32'd0;
            gorc_reg <= 64'd0;
            gotc_reg <= 64'd0;
            tor_reg  <= 64'd0;
            tot_reg  <= 64'd0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // registers are whole words
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &address[1:0];
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
