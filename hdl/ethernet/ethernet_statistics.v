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
    `include "ethernet.vh"

    // a counter's place in the array is its word in the register block
    /* verilator lint_off UNUSEDSIGNAL */   // the offset's other bits say which block it is
    function [6:0] place(input [31:0] offset);
        place = offset[8:2];
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */

    reg [31:0] counter [0:127];
    integer    i;

    function [6:0] size_class(input [15:0] bytes, input [6:0] smallest);
        size_class = bytes <= 16'd64 ? smallest : bytes <= 16'd127 ? smallest + 7'd1 : bytes <= 16'd255 ? smallest + 7'd2
                     : bytes <= 16'd511 ? smallest + 7'd3 : bytes <= 16'd1023 ? smallest + 7'd4 : smallest + 7'd5;
    endfunction

    assign value = counter[address[8:2]];

    task count(input [6:0] index);
        if (counter[index] != 32'hffffffff) counter[index] = counter[index] + 32'd1;
    endtask

    task count_octets(input [6:0] low, input [15:0] bytes);
        {counter[low + 7'd1], counter[low]} = {counter[low + 7'd1], counter[low]} + {48'd0, bytes};
    endtask

    // Nothing happens in most clocks, so the work stands under one condition.
    wire any = tx_frame || rx_frame || no_buffer || segmented_sent || segmented_failed || tx_read_failed || tx_bad_send
               || tx_bad_fetch || rx_write_failed || rx_bad_fetch || write_back_failed;

    /* verilator lint_off BLKSEQ */         // one process owns the counters and may count one of them twice in a clock
    always @(posedge clk) begin
        if (read) begin
            case ({23'd0, address} | `ETHERNET_CRCERRS)
                `ETHERNET_GORCL, `ETHERNET_GOTCL, `ETHERNET_TORL, `ETHERNET_TOTL: ;     // with the high half
                `ETHERNET_GORCH, `ETHERNET_GOTCH, `ETHERNET_TORH, `ETHERNET_TOTH: begin
                    counter[address[8:2]]        = 32'd0;
                    counter[address[8:2] - 7'd1] = 32'd0;
                end
                default: counter[address[8:2]] = 32'd0;
            endcase
        end
        if (any) begin
            if (tx_frame) begin
                count(place(`ETHERNET_TPT));
                count(place(`ETHERNET_GPTC));
                count(size_class(tx_bytes, place(`ETHERNET_PTC64)));
                count_octets(place(`ETHERNET_TOTL), tx_bytes);
                count_octets(place(`ETHERNET_GOTCL), tx_bytes);
                if (tx_multicast) count(place(`ETHERNET_MPTC));
                if (tx_broadcast) count(place(`ETHERNET_BPTC));
            end
            if (rx_frame) begin
                count(place(`ETHERNET_TPR));
                count_octets(place(`ETHERNET_TORL), rx_bytes);
                if (rx_error) count(place(`ETHERNET_RXERRC));
                if (rx_short || rx_long) count(place(`ETHERNET_RLEC));
                if (rx_short)     count(rx_fcs_error ? place(`ETHERNET_RFC) : place(`ETHERNET_RUC));
                else if (rx_long) count(rx_fcs_error ? place(`ETHERNET_RJC) : place(`ETHERNET_ROC));
                else if (rx_fcs_error) count(place(`ETHERNET_CRCERRS));
                if (rx_missed) count(place(`ETHERNET_MPC));
                if (rx_good) begin
                    count(place(`ETHERNET_GPRC));
                    count(size_class(rx_bytes, place(`ETHERNET_PRC64)));
                    count_octets(place(`ETHERNET_GORCL), rx_bytes);
                    if (rx_multicast) count(place(`ETHERNET_MPRC));
                    if (rx_broadcast) count(place(`ETHERNET_BPRC));
                end
            end
            if (no_buffer)         count(place(`ETHERNET_RNBC));
            if (segmented_sent)    count(place(`ETHERNET_TSCTC));
            if (segmented_failed)  count(place(`ETHERNET_TSCTFC));
            if (tx_read_failed)    count(place(`ETHERNET_TXRDERR));
            if (tx_bad_send)       count(place(`ETHERNET_TXBADD));
            if (tx_bad_fetch)      count(place(`ETHERNET_TXDESCERR));
            if (rx_write_failed)   count(place(`ETHERNET_RXWRERR));
            if (rx_bad_fetch)      count(place(`ETHERNET_RXDESCERR));
            if (write_back_failed) count(place(`ETHERNET_WBERR));
        end
        if (rst)
            for (i = 0; i < 128; i = i + 1) counter[i] = 32'd0;
    end
    /* verilator lint_on BLKSEQ */

    /* verilator lint_off UNUSEDSIGNAL */
    wire unused = &address[1:0];
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
