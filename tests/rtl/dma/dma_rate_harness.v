// Bench harness: the whole card with nothing but its DMA controller at work, a host memory behind the bridge's streams,
// and pattern words that are laid out and compared here, so that no word crosses the language border.
`default_nettype none
module dma_rate_harness #(
    parameter PACED            = 1,         // host side at the rate of the link, or of the streams
    parameter LATENCY          = 30,
    parameter [1:0] MAX_PAYLOAD      = 1,         // 128 << bytes
    parameter [2:0] MAX_READ_REQUEST = 2
) (
    input  wire          rst,
    input  wire [31:0]   seed,
    input  wire [7:0]    percent,           // stalled clocks of the streams
    input  wire [7:0]    command_number,    // see firmware_port_driver.v
    input  wire          command_write,
    input  wire [63:0]   command_address,
    input  wire [9:0]    command_length,
    input  wire [4095:0] command_data,
    output wire [7:0]    done_number,
    output wire          error,
    output wire [31:0]   read_value,
    output wire          dma_irq,           // of channel 0
    output wire          busy,
    input  wire          mark,              // a change: sources get new words, destinations are cleared
    input  wire          compare,           // a change: wrong_bytes is counted
    input  wire          out,               // card to host
    input  wire [31:0]   source,            // offsets in either memory
    input  wire [31:0]   destination,
    input  wire [31:0]   length,
    output reg  [31:0]   wrong_bytes,
    output reg  [31:0]   clocks,            // from the write of CCR to the interrupt
    output wire [31:0]   reads_open_most,
    output wire          failed             // the card asked for what there is not
);
    localparam MEMORY_BYTES = 524288;
    reg clk = 0;
    always #8000 clk = ~clk;                // 62.5 MHz

    wire [63:0] rq_tdata, rc_tdata;
    wire [1:0]  rq_tkeep, rc_tkeep;
    wire [61:0] rq_tuser;
    wire [74:0] rc_tuser;
    wire        rq_tlast, rq_tvalid, rq_tready, rc_tlast, rc_tvalid, rc_tready, rq_seq_num_vld;
    wire [5:0]  rq_seq_num;
    wire [4:0]  firmware_irq;
    wire [63:0] read_word;
    wire [3:0] fw_awid, fw_bid, fw_arid, fw_rid;
    wire [63:0] fw_awaddr, fw_wdata, fw_araddr, fw_rdata;
    wire [7:0] fw_awlen, fw_wstrb, fw_arlen;
    wire [2:0] fw_awsize, fw_arsize;
    wire [1:0] fw_awburst, fw_bresp, fw_arburst, fw_rresp;
    wire fw_awvalid, fw_awready, fw_wlast, fw_wvalid, fw_wready, fw_bvalid, fw_bready, fw_arvalid, fw_arready, fw_rlast, fw_rvalid, fw_rready;

    toe_card #(.CARD_MEMORY_BYTES(MEMORY_BYTES)) card (
        .clk(clk), .rst(rst), .m_axis_rq_tdata(rq_tdata), .m_axis_rq_tkeep(rq_tkeep), .m_axis_rq_tlast(rq_tlast),
        .m_axis_rq_tuser(rq_tuser), .m_axis_rq_tvalid(rq_tvalid), .m_axis_rq_tready(rq_tready),
        .pcie_rq_seq_num0(rq_seq_num), .pcie_rq_seq_num_vld0(rq_seq_num_vld), .s_axis_rc_tdata(rc_tdata),
        .s_axis_rc_tkeep(rc_tkeep), .s_axis_rc_tlast(rc_tlast), .s_axis_rc_tuser(rc_tuser),
        .s_axis_rc_tvalid(rc_tvalid), .s_axis_rc_tready(rc_tready), .s_axis_cq_tdata(64'd0), .s_axis_cq_tkeep(2'd0),
        .s_axis_cq_tlast(1'b0), .s_axis_cq_tuser(88'd0), .s_axis_cq_tvalid(1'b0), .s_axis_cq_tready(),
        .pcie_cq_np_req(), .m_axis_cc_tdata(), .m_axis_cc_tkeep(), .m_axis_cc_tlast(), .m_axis_cc_tuser(),
        .m_axis_cc_tvalid(), .m_axis_cc_tready(1'b1), .cfg_max_payload(MAX_PAYLOAD),
        .cfg_max_read_req(MAX_READ_REQUEST), .cfg_function_status(16'd4), .cfg_interrupt_msi_enable(4'd1),
        .cfg_interrupt_msi_data(32'd0), .cfg_interrupt_msi_select(), .cfg_interrupt_msi_int(),
        .cfg_interrupt_msi_pending_status(), .cfg_interrupt_msi_pending_status_data_enable(),
        .cfg_interrupt_msi_pending_status_function_num(), .cfg_interrupt_msi_sent(1'b0),
        .cfg_interrupt_msi_fail(1'b0), .cfg_interrupt_msi_attr(), .cfg_interrupt_msi_tph_present(),
        .cfg_interrupt_msi_tph_type(), .cfg_interrupt_msi_tph_st_tag(), .cfg_interrupt_msi_function_number(),
        .s_axi_fw_awid(fw_awid), .s_axi_fw_awaddr(fw_awaddr), .s_axi_fw_awlen(fw_awlen), .s_axi_fw_awsize(fw_awsize),
        .s_axi_fw_awburst(fw_awburst), .s_axi_fw_awvalid(fw_awvalid), .s_axi_fw_awready(fw_awready),
        .s_axi_fw_wdata(fw_wdata), .s_axi_fw_wstrb(fw_wstrb), .s_axi_fw_wlast(fw_wlast), .s_axi_fw_wvalid(fw_wvalid),
        .s_axi_fw_wready(fw_wready), .s_axi_fw_bid(fw_bid), .s_axi_fw_bresp(fw_bresp), .s_axi_fw_bvalid(fw_bvalid),
        .s_axi_fw_bready(fw_bready), .s_axi_fw_arid(fw_arid), .s_axi_fw_araddr(fw_araddr), .s_axi_fw_arlen(fw_arlen),
        .s_axi_fw_arsize(fw_arsize), .s_axi_fw_arburst(fw_arburst), .s_axi_fw_arvalid(fw_arvalid),
        .s_axi_fw_arready(fw_arready), .s_axi_fw_rid(fw_rid), .s_axi_fw_rdata(fw_rdata), .s_axi_fw_rresp(fw_rresp),
        .s_axi_fw_rlast(fw_rlast), .s_axi_fw_rvalid(fw_rvalid), .s_axi_fw_rready(fw_rready),
        .firmware_irq(firmware_irq), .gmii_tx_clk(1'b0), .gmii_txd(), .gmii_tx_en(), .gmii_tx_er(),
        .gmii_rx_clk(1'b0), .gmii_rxd(8'd0), .gmii_rx_dv(1'b0), .gmii_rx_er(1'b0), .bus_read_request(),
        .bus_write_request(), .bus_grant_valid(), .bus_grant_write(), .bus_grant_id(), .bus_grant_addr(),
        .bus_grant_beats(), .bus_last_read_valid(), .bus_last_read_id(), .bus_last_write_valid(),
        .bus_last_write_master(), .bus_beats(), .busy(busy));

    firmware_port_driver driver (
        .clk(clk), .rst(rst), .command_number(command_number), .command_write(command_write),
        .command_address(command_address), .command_length(command_length), .command_data(command_data),
        .done_number(done_number), .error(error), .read_data(), .read_word(read_word), .busy(), .m_axi_awid(fw_awid),
        .m_axi_awaddr(fw_awaddr), .m_axi_awlen(fw_awlen), .m_axi_awsize(fw_awsize), .m_axi_awburst(fw_awburst),
        .m_axi_awvalid(fw_awvalid), .m_axi_awready(fw_awready), .m_axi_wdata(fw_wdata), .m_axi_wstrb(fw_wstrb),
        .m_axi_wlast(fw_wlast), .m_axi_wvalid(fw_wvalid), .m_axi_wready(fw_wready), .m_axi_bid(fw_bid),
        .m_axi_bresp(fw_bresp), .m_axi_bvalid(fw_bvalid), .m_axi_bready(fw_bready), .m_axi_arid(fw_arid),
        .m_axi_araddr(fw_araddr), .m_axi_arlen(fw_arlen), .m_axi_arsize(fw_arsize), .m_axi_arburst(fw_arburst),
        .m_axi_arvalid(fw_arvalid), .m_axi_arready(fw_arready), .m_axi_rid(fw_rid), .m_axi_rdata(fw_rdata),
        .m_axi_rresp(fw_rresp), .m_axi_rlast(fw_rlast), .m_axi_rvalid(fw_rvalid), .m_axi_rready(fw_rready));

    pcie_host_memory #(.BYTES(MEMORY_BYTES), .PACED(PACED), .PAYLOAD_BYTES(128 << MAX_PAYLOAD), .LATENCY(LATENCY)) host (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .rq_tdata(rq_tdata), .rq_tkeep(rq_tkeep),
        .rq_tlast(rq_tlast), .rq_tuser(rq_tuser), .rq_tvalid(rq_tvalid), .rq_tready(rq_tready),
        .rq_seq_num(rq_seq_num), .rq_seq_num_vld(rq_seq_num_vld), .rc_tdata(rc_tdata), .rc_tkeep(rc_tkeep),
        .rc_tlast(rc_tlast), .rc_tuser(rc_tuser), .rc_tvalid(rc_tvalid), .rc_tready(rc_tready), .reads_open(),
        .reads_open_most(reads_open_most), .failed(failed));

    card_monitors monitors ();

    assign dma_irq = firmware_irq[1];
    assign read_value = read_word[31:0];

    // ---- pattern: each byte follows from its place and the seed, differently each time ------------------------
    integer    at, where, round = 0;
    reg [31:0] word;

    function [7:0] pattern(input integer place);
        reg [31:0] x;
        begin
            x = (place + 1) * 32'd2654435761 ^ (seed + round) * 32'd2246822519;
            pattern = x[31:24] ^ x[15:8];
        end
    endfunction

    task put(input to_card, input integer place, input [7:0] value);
        if (to_card) card.card_memory.mem[place / 8][8 * (place % 8) +: 8] = value;
        else         host.mem[place / 4][8 * (place % 4) +: 8] = value;
    endtask

    always @(mark) begin
        round = round + 1;
        for (at = 0; at < length; at = at + 1) put(out, source + at, pattern(at));
        for (at = -8; at < $signed(length) + 8; at = at + 1) put(!out, destination + at, 8'h5a);
    end

    reg [7:0] got;
    always @(compare) begin
        wrong_bytes = 0;
        for (at = -8; at < $signed(length) + 8; at = at + 1) begin
            where = destination + at;
            if (out) got = host.mem[where / 4][8 * (where % 4) +: 8];
            else     got = card.card_memory.mem[where / 8][8 * (where % 8) +: 8];
            if (got !== (at >= 0 && at < $signed(length) ? pattern(at) : 8'h5a)) wrong_bytes = wrong_bytes + 1;
        end
    end

    // ---- time ------------------------------------------------------------------------------------------------
    reg counting = 0;
    always @(posedge clk) begin
        if (card.dma_registers_awvalid && card.dma_registers_awready && card.dma_registers_awaddr[11:0] == 12'd0) begin
            counting = 1;
            clocks   = 0;
        end else if (counting) begin
            clocks   = clocks + 1;
            if (dma_irq) counting = 0;
        end
    end
endmodule
`default_nettype wire
