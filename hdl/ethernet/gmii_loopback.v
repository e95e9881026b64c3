// Loopback of the PHY (control register, bit 14): what the MAC sends comes back to it, nothing reaches the wire and
// nothing comes from there. Bytes cross to the receive clock through an elastic buffer, which begins to run out eight
// clocks after its first byte came: the longest frame gains or loses fewer.
`default_nettype none
module gmii_loopback (
    input  wire       loopback,             // in any clock domain

    input  wire       tx_clk,
    input  wire       tx_rst,
    input  wire [7:0] mac_txd,
    input  wire       mac_tx_en,
    input  wire       mac_tx_er,
    output wire [7:0] gmii_txd,
    output wire       gmii_tx_en,
    output wire       gmii_tx_er,

    input  wire       rx_clk,
    input  wire       rx_rst,
    input  wire [7:0] gmii_rxd,
    input  wire       gmii_rx_dv,
    input  wire       gmii_rx_er,
    output wire [7:0] mac_rxd,
    output wire       mac_rx_dv,
    output wire       mac_rx_er
);
    localparam [3:0] FILL_CLOCKS = 4'd8;

    wire tx_loop, rx_loop;
    synchronizer tx_side (.clk(tx_clk), .rst(tx_rst), .async_in(loopback), .sync_out(tx_loop));
    synchronizer rx_side (.clk(rx_clk), .rst(rx_rst), .async_in(loopback), .sync_out(rx_loop));

    assign gmii_txd   = mac_txd;
    assign gmii_tx_en = mac_tx_en && !tx_loop;
    assign gmii_tx_er = mac_tx_er && !tx_loop;

    // ---- one byte behind, so that a frame's last one can be told
    reg       held_reg;
    reg [8:0] byte_reg;                     // error and data
    wire      put_ready;
    wire      tx_clk_gated;
    clock_gate tx_gate (.clk(tx_clk), .enable(tx_rst || held_reg || (tx_loop && mac_tx_en)), .gated(tx_clk_gated));

    always @(posedge tx_clk_gated) begin
        held_reg <= tx_loop && mac_tx_en && !tx_rst;
        byte_reg <= {mac_tx_er, mac_txd};
    end

    wire       get_valid, get_last;
    wire [8:0] get_byte;
    wire [5:0] put_count, get_count;
    reg  [3:0] fill_reg;                    // clocks until the buffer runs out
    reg        running_reg;
    wire       take = running_reg && get_valid;

    async_fifo #(.DATA_WIDTH(10), .DEPTH(32)) elastic_buffer (
        .wr_clk(tx_clk), .wr_rst(tx_rst), .wr_data({!mac_tx_en, byte_reg}), .wr_valid(held_reg), .wr_ready(put_ready),
        .wr_count(put_count),
        .rd_clk(rx_clk), .rd_rst(rx_rst), .rd_data({get_last, get_byte}), .rd_valid(get_valid), .rd_ready(take),
        .rd_count(get_count));

    wire rx_clk_gated;
    clock_gate rx_gate (.clk(rx_clk), .enable(rx_rst || get_valid || running_reg), .gated(rx_clk_gated));

    always @(posedge rx_clk_gated) begin
        if (running_reg) begin
            if (get_last || !get_valid) running_reg <= 1'b0;
            fill_reg <= FILL_CLOCKS;
        end else if (get_valid) begin
            fill_reg    <= fill_reg - 4'd1;
            running_reg <= fill_reg == 4'd1;
        end
        if (rx_rst) begin
            running_reg <= 1'b0;
            fill_reg    <= FILL_CLOCKS;
        end
    end

    assign mac_rxd   = rx_loop ? get_byte[7:0] : gmii_rxd;
    assign mac_rx_dv = rx_loop ? take : gmii_rx_dv;
    assign mac_rx_er = rx_loop ? take && get_byte[8] : gmii_rx_er;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{put_ready, put_count, get_count};
`endif
endmodule
`default_nettype wire
