// PCI bridge: between the UltraScale+ PCIe block's streams (64 bits, dword-aligned) and the card's buses.
//
//   s_axi  (card -> host memory) --> pci_write_engine --\
//                                --> pci_read_engine  ---+--> rq_framer   --> RQ
//                                         ^--------------------- rc_deframer <-- RC
//   m_axil (registers: BAR0,
//     BAR2 of the TOE, I/O BAR),
//   m_axi (card memory: BAR1)  <---- pci_target <--------------- cq_deframer <-- CQ
//                                          \------------------> cc_framer   --> CC
//   host_irq --> pci_msi --> cfg_interrupt_msi_*, or pci_intx --> cfg_interrupt_int
//
// Ordering: the block takes posted writes (RQ), completions (CC) and interrupts through doors of their own and
// arbitrates between them behind our back, so that an MSI or a read completion could overtake a write that was
// handed over earlier. Each posted write therefore carries a sequence number, which the block reports on
// pcie_rq_seq_num0 when the write is on its way; MSIs and completions wait for that (pci_order_gate). Reports of
// reads are of no interest: their number is 63. Writes count 0 to 31, so that a report of one that was written off (bus
// master enable was off, or the function was reset) is not taken for one issued since.
`default_nettype none
`include "personality.vh"
module pci_bridge #(
    parameter QUEUE_SETS                = 1,    // 2: the TOE has a BAR for the host's
    parameter ID_WIDTH                  = 6,    // of s_axi_
    parameter TARGET_ID_WIDTH           = 4,    // of m_axi_
    parameter TAGS                      = 8,    // reads outstanding, a power of two, 2 to 16; 512 bytes of buffer each
    parameter COMPLETION_TIMEOUT_CYCLES = 62500,
    parameter MEMORY_BITS               = 24    // log2 of the bytes of card memory, the size of its BAR
) (
    input  wire                       clk,
    input  wire                       rst,
    input  wire                       nic,      // personality: the 82544 alone

    // Requester request stream
    output wire [63:0]                m_axis_rq_tdata,
    output wire [1:0]                 m_axis_rq_tkeep,
    output wire                       m_axis_rq_tlast,
    output wire [61:0]                m_axis_rq_tuser,
    output wire                       m_axis_rq_tvalid,
    input  wire                       m_axis_rq_tready,
    input  wire [5:0]                 pcie_rq_seq_num0,
    input  wire                       pcie_rq_seq_num_vld0,

    // Requester completion stream
    input  wire [63:0]                s_axis_rc_tdata,
    input  wire [1:0]                 s_axis_rc_tkeep,
    input  wire                       s_axis_rc_tlast,
    input  wire [74:0]                s_axis_rc_tuser,
    input  wire                       s_axis_rc_tvalid,
    output wire                       s_axis_rc_tready,

    // Completer request stream
    input  wire [63:0]                s_axis_cq_tdata,
    input  wire [1:0]                 s_axis_cq_tkeep,
    input  wire                       s_axis_cq_tlast,
    input  wire [87:0]                s_axis_cq_tuser,
    input  wire                       s_axis_cq_tvalid,
    output wire                       s_axis_cq_tready,
    output wire [1:0]                 pcie_cq_np_req,

    // Completer completion stream
    output wire [63:0]                m_axis_cc_tdata,
    output wire [1:0]                 m_axis_cc_tkeep,
    output wire                       m_axis_cc_tlast,
    output wire [32:0]                m_axis_cc_tuser,
    output wire                       m_axis_cc_tvalid,
    input  wire                       m_axis_cc_tready,

    // Configuration status
    input  wire [1:0]                 cfg_max_payload,
    input  wire [2:0]                 cfg_max_read_req,
    input  wire [15:0]                cfg_function_status,      // function 0: bit 2 bus master enable, 3 INTx disable

    // Function-level reset
    input  wire [3:0]                 cfg_flr_in_process,
    output wire [3:0]                 cfg_flr_done,
    input  wire                       firmware_quiet,
    output wire                       firmware_drain,
    output wire                       firmware_hold,
    output wire                       function_rst,

    // MSI
    input  wire [3:0]                 cfg_interrupt_msi_enable,
    input  wire [31:0]                cfg_interrupt_msi_data,
    output wire [1:0]                 cfg_interrupt_msi_select,
    output wire [31:0]                cfg_interrupt_msi_int,
    output wire [31:0]                cfg_interrupt_msi_pending_status,
    output wire                       cfg_interrupt_msi_pending_status_data_enable,
    output wire [1:0]                 cfg_interrupt_msi_pending_status_function_num,
    input  wire                       cfg_interrupt_msi_sent,
    input  wire                       cfg_interrupt_msi_fail,
    output wire [2:0]                 cfg_interrupt_msi_attr,
    output wire                       cfg_interrupt_msi_tph_present,
    output wire [1:0]                 cfg_interrupt_msi_tph_type,
    output wire [7:0]                 cfg_interrupt_msi_tph_st_tag,
    output wire [7:0]                 cfg_interrupt_msi_function_number,
    input  wire                       host_irq,                 // level

    // INTx
    output wire [3:0]                 cfg_interrupt_int,
    output wire [3:0]                 cfg_interrupt_pending,
    input  wire                       cfg_interrupt_sent,

    // The card's masters to host memory; bit 63 of the address is 0
    input  wire [ID_WIDTH-1:0]        s_axi_awid,
    input  wire [63:0]                s_axi_awaddr,
    input  wire [7:0]                 s_axi_awlen,
    input  wire [2:0]                 s_axi_awsize,
    input  wire [1:0]                 s_axi_awburst,
    input  wire                       s_axi_awvalid,
    output wire                       s_axi_awready,
    input  wire [63:0]                s_axi_wdata,
    input  wire [7:0]                 s_axi_wstrb,
    input  wire                       s_axi_wlast,
    input  wire                       s_axi_wvalid,
    output wire                       s_axi_wready,
    output wire [ID_WIDTH-1:0]        s_axi_bid,
    output wire [1:0]                 s_axi_bresp,
    output wire                       s_axi_bvalid,
    input  wire                       s_axi_bready,
    input  wire [ID_WIDTH-1:0]        s_axi_arid,
    input  wire [63:0]                s_axi_araddr,
    input  wire [7:0]                 s_axi_arlen,
    input  wire [2:0]                 s_axi_arsize,
    input  wire [1:0]                 s_axi_arburst,
    input  wire                       s_axi_arvalid,
    output wire                       s_axi_arready,
    output wire [ID_WIDTH-1:0]        s_axi_rid,
    output wire [63:0]                s_axi_rdata,
    output wire [1:0]                 s_axi_rresp,
    output wire                       s_axi_rlast,
    output wire                       s_axi_rvalid,
    input  wire                       s_axi_rready,

    // BAR0, and in the NIC personality the I/O BAR: registers; bit 17 of the address: BAR2 of the TOE
    output wire [17:0]                m_axil_awaddr,
    output wire                       m_axil_awvalid,
    input  wire                       m_axil_awready,
    output wire [31:0]                m_axil_wdata,
    output wire [3:0]                 m_axil_wstrb,
    output wire                       m_axil_wvalid,
    input  wire                       m_axil_wready,
    input  wire [1:0]                 m_axil_bresp,
    input  wire                       m_axil_bvalid,
    output wire                       m_axil_bready,
    output wire [17:0]                m_axil_araddr,
    output wire                       m_axil_arvalid,
    input  wire                       m_axil_arready,
    input  wire [31:0]                m_axil_rdata,
    input  wire [1:0]                 m_axil_rresp,
    input  wire                       m_axil_rvalid,
    output wire                       m_axil_rready,

    // BAR1: card memory
    output wire [TARGET_ID_WIDTH-1:0] m_axi_awid,
    output wire [63:0]                m_axi_awaddr,
    output wire [7:0]                 m_axi_awlen,
    output wire [2:0]                 m_axi_awsize,
    output wire [1:0]                 m_axi_awburst,
    output wire                       m_axi_awvalid,
    input  wire                       m_axi_awready,
    output wire [63:0]                m_axi_wdata,
    output wire [7:0]                 m_axi_wstrb,
    output wire                       m_axi_wlast,
    output wire                       m_axi_wvalid,
    input  wire                       m_axi_wready,
    input  wire [TARGET_ID_WIDTH-1:0] m_axi_bid,
    input  wire [1:0]                 m_axi_bresp,
    input  wire                       m_axi_bvalid,
    output wire                       m_axi_bready,
    output wire [TARGET_ID_WIDTH-1:0] m_axi_arid,
    output wire [63:0]                m_axi_araddr,
    output wire [7:0]                 m_axi_arlen,
    output wire [2:0]                 m_axi_arsize,
    output wire [1:0]                 m_axi_arburst,
    output wire                       m_axi_arvalid,
    input  wire                       m_axi_arready,
    input  wire [TARGET_ID_WIDTH-1:0] m_axi_rid,
    input  wire [63:0]                m_axi_rdata,
    input  wire [1:0]                 m_axi_rresp,
    input  wire                       m_axi_rlast,
    input  wire                       m_axi_rvalid,
    output wire                       m_axi_rready,

    // Status and error registers
    input  wire [11:0]                s_axil_awaddr,
    input  wire                       s_axil_awvalid,
    output wire                       s_axil_awready,
    input  wire [31:0]                s_axil_wdata,
    input  wire [3:0]                 s_axil_wstrb,
    input  wire                       s_axil_wvalid,
    output wire                       s_axil_wready,
    output wire [1:0]                 s_axil_bresp,
    output wire                       s_axil_bvalid,
    input  wire                       s_axil_bready,
    input  wire [11:0]                s_axil_araddr,
    input  wire                       s_axil_arvalid,
    output wire                       s_axil_arready,
    output wire [31:0]                s_axil_rdata,
    output wire [1:0]                 s_axil_rresp,
    output wire                       s_axil_rvalid,
    input  wire                       s_axil_rready,

    input  wire [127:0]               bus_beats,                // of the bus arbiter's masters, 32 bits each
    output wire                       arbiter_round_robin,
    output wire                       error_irq,
    output wire                       busy
);
    localparam COUNT_WIDTH = 8;

    localparam [5:0] SEQUENCE_READ  = 6'd63;

    wire flr_active, flr_event, flr_busy;
    wire engine_rst        = rst || function_rst;       // what works between the streams and the card's buses
    wire bus_master_enable = cfg_function_status[2] && !flr_active;

    assign cfg_interrupt_msi_pending_status_function_num = 2'd0;
    assign cfg_interrupt_msi_attr            = 3'd0;
    assign cfg_interrupt_msi_tph_present     = 1'b0;
    assign cfg_interrupt_msi_tph_type        = 2'd0;
    assign cfg_interrupt_msi_tph_st_tag      = 8'd0;
    assign cfg_interrupt_msi_function_number = 8'd0;

    // ---- Card to host ----

    wire [63:2] write_address, read_address;
    wire [10:0] write_dwords, read_dwords;
    wire [3:0]  write_first_be, write_last_be, read_first_be, read_last_be;
    wire [7:0]  read_tag;
    wire        write_valid, write_ready, read_valid, read_ready;
    wire [63:0] payload_data;
    wire        payload_valid, payload_ready;

    wire [COUNT_WIDTH-1:0] bursts_taken, bursts_issued, tlps_issued, tlps_reported;
    wire write_dropped, read_dropped, completion_error, completion_timeout, unexpected_completion, read_poisoned;
    wire write_busy, read_busy;

    wire [4:0] write_number;

    pci_write_engine #(.ID_WIDTH(ID_WIDTH), .COUNT_WIDTH(COUNT_WIDTH)) write_engine (
        .clk(clk), .rst(engine_rst),
        .bus_master_enable(bus_master_enable), .max_payload(cfg_max_payload), .dropped(write_dropped),
        .s_axi_awid(s_axi_awid), .s_axi_awaddr(s_axi_awaddr), .s_axi_awvalid(s_axi_awvalid),
        .s_axi_awready(s_axi_awready), .s_axi_wdata(s_axi_wdata), .s_axi_wstrb(s_axi_wstrb),
        .s_axi_wlast(s_axi_wlast), .s_axi_wvalid(s_axi_wvalid), .s_axi_wready(s_axi_wready), .s_axi_bid(s_axi_bid),
        .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid), .s_axi_bready(s_axi_bready),
        .req_address(write_address), .req_dwords(write_dwords), .req_first_be(write_first_be),
        .req_last_be(write_last_be), .req_valid(write_valid), .req_ready(write_ready),
        .payload_data(payload_data), .payload_valid(payload_valid), .payload_ready(payload_ready),
        .power_on_rst(rst), .req_number(write_number),
        .tlp_reported(pcie_rq_seq_num_vld0 && !pcie_rq_seq_num0[5]), .reported_number(pcie_rq_seq_num0[4:0]),
        .bursts_taken(bursts_taken), .bursts_issued(bursts_issued),
        .tlps_issued(tlps_issued), .tlps_reported(tlps_reported),
        .busy(write_busy)
    );

    wire        rc_valid, rc_first, rc_last, rc_poisoned, rc_completed;
    wire [12:0] rc_byte_count;
    wire [63:0] rc_data;
    wire [1:0]  rc_count;
    wire [7:0]  rc_tag;
    wire [3:0]  rc_error_code;
    wire [2:0]  rc_status;

    rc_deframer rc_deframer (
        .clk(clk), .rst(rst),
        .s_axis_rc_tdata(s_axis_rc_tdata), .s_axis_rc_tkeep(s_axis_rc_tkeep), .s_axis_rc_tlast(s_axis_rc_tlast),
        .s_axis_rc_tuser(s_axis_rc_tuser), .s_axis_rc_tvalid(s_axis_rc_tvalid), .s_axis_rc_tready(s_axis_rc_tready),
        .cpl_valid(rc_valid), .cpl_first(rc_first), .cpl_last(rc_last), .cpl_data(rc_data), .cpl_count(rc_count), .cpl_tag(rc_tag),
        .cpl_byte_count(rc_byte_count), .cpl_error_code(rc_error_code), .cpl_status(rc_status), .cpl_poisoned(rc_poisoned),
        .cpl_completed(rc_completed)
    );

    pci_read_engine #(.ID_WIDTH(ID_WIDTH), .TAGS(TAGS), .TIMEOUT_CYCLES(COMPLETION_TIMEOUT_CYCLES)) read_engine (
        .clk(clk), .rst(engine_rst),
        .power_on_rst(rst), .discard(flr_active), .renew_tags(flr_event),
        .bus_master_enable(bus_master_enable), .max_read_request(cfg_max_read_req), .dropped(read_dropped),
        .completion_error(completion_error), .completion_timeout(completion_timeout),
        .unexpected_completion(unexpected_completion), .poisoned(read_poisoned),
        .s_axi_arid(s_axi_arid), .s_axi_araddr(s_axi_araddr), .s_axi_arlen(s_axi_arlen),
        .s_axi_arsize(s_axi_arsize), .s_axi_arvalid(s_axi_arvalid), .s_axi_arready(s_axi_arready),
        .s_axi_rid(s_axi_rid), .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp), .s_axi_rlast(s_axi_rlast),
        .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready),
        .req_address(read_address), .req_dwords(read_dwords), .req_first_be(read_first_be),
        .req_last_be(read_last_be), .req_tag(read_tag), .req_valid(read_valid), .req_ready(read_ready),
        .cpl_valid(rc_valid), .cpl_first(rc_first), .cpl_last(rc_last), .cpl_data(rc_data), .cpl_count(rc_count), .cpl_tag(rc_tag),
        .cpl_byte_count(rc_byte_count), .cpl_error_code(rc_error_code), .cpl_status(rc_status), .cpl_poisoned(rc_poisoned),
        .cpl_completed(rc_completed),
        .busy(read_busy)
    );

    // One request stream: a request once begun is finished; then the other side first.
    reg  req_held_reg, req_write_reg, write_next_reg;
    wire req_write = req_held_reg ? req_write_reg : (write_valid && (write_next_reg || !read_valid));
    wire req_valid = (write_valid || read_valid) && (req_held_reg || !firmware_hold);
    wire req_ready;

    assign write_ready = req_ready && req_write;
    assign read_ready  = req_ready && !req_write;

    wire req_clk;
    clock_gate req_gate (.clk(clk), .enable(rst || (req_valid && !req_held_reg)
        || (req_ready && (req_held_reg || write_next_reg == req_write))), .gated(req_clk));

    always @(posedge req_clk) begin
        if (req_valid && !req_held_reg) begin
            req_held_reg  <= 1'b1;
            req_write_reg <= req_write;
        end
        if (req_ready) begin
            req_held_reg   <= 1'b0;
            write_next_reg <= !req_write;
        end
        if (rst) begin
            req_held_reg   <= 1'b0;
            write_next_reg <= 1'b0;
        end
    end

    rq_framer rq_framer (
        .clk(clk), .rst(rst),
        .req_address(req_write ? write_address : read_address),
        .req_dwords(req_write ? write_dwords : read_dwords),
        .req_first_be(req_write ? write_first_be : read_first_be),
        .req_last_be(req_write ? write_last_be : read_last_be),
        .req_write(req_write), .req_tag(req_write ? 8'd0 : read_tag),
        .req_sequence(req_write ? {1'b0, write_number} : SEQUENCE_READ),
        .req_valid(req_valid), .req_ready(req_ready),
        .payload_data(payload_data), .payload_valid(payload_valid), .payload_ready(payload_ready),
        .m_axis_rq_tdata(m_axis_rq_tdata), .m_axis_rq_tkeep(m_axis_rq_tkeep), .m_axis_rq_tlast(m_axis_rq_tlast),
        .m_axis_rq_tuser(m_axis_rq_tuser), .m_axis_rq_tvalid(m_axis_rq_tvalid), .m_axis_rq_tready(m_axis_rq_tready)
    );

    // ---- Host to card ----

    wire        hdr_valid, hdr_ready, hdr_has_payload;
    wire [63:2] hdr_address;
    wire [10:0] hdr_dwords;
    wire [3:0]  hdr_type, hdr_first_be, hdr_last_be;
    wire [15:0] hdr_requester;
    wire [7:0]  hdr_tag, hdr_function;
    wire [2:0]  hdr_bar, hdr_tc, hdr_attr;
    wire [63:0] cq_data;
    wire        cq_valid, cq_last, cq_damaged, cq_ready, cq_busy;

    wire nonposted_request, nonposted_free;
    assign pcie_cq_np_req = {1'b0, nonposted_request};

    cq_deframer cq_deframer (
        .clk(clk), .rst(rst), .nonposted_request(nonposted_request), .nonposted_free(nonposted_free && !function_rst),
        .s_axis_cq_tdata(s_axis_cq_tdata), .s_axis_cq_tkeep(s_axis_cq_tkeep), .s_axis_cq_tlast(s_axis_cq_tlast),
        .s_axis_cq_tuser(s_axis_cq_tuser), .s_axis_cq_tvalid(s_axis_cq_tvalid), .s_axis_cq_tready(s_axis_cq_tready),
        .hdr_valid(hdr_valid), .hdr_ready(hdr_ready), .hdr_address(hdr_address), .hdr_dwords(hdr_dwords),
        .hdr_type(hdr_type), .hdr_requester(hdr_requester), .hdr_tag(hdr_tag), .hdr_function(hdr_function),
        .hdr_bar(hdr_bar), .hdr_tc(hdr_tc), .hdr_attr(hdr_attr), .hdr_first_be(hdr_first_be),
        .hdr_last_be(hdr_last_be), .hdr_has_payload(hdr_has_payload),
        .payload_data(cq_data), .payload_valid(cq_valid), .payload_last(cq_last), .payload_damaged(cq_damaged),
        .payload_ready(cq_ready), .discard(function_rst), .busy(cq_busy)
    );

    wire [6:0]  cpl_lower_address;
    wire [12:0] cpl_byte_count;
    wire [10:0] cpl_dwords;
    wire [2:0]  cpl_status, cpl_tc, cpl_attr;
    wire        cpl_locked, cpl_valid, cpl_ready, cpl_data_ready;
    wire [15:0] cpl_requester;
    wire [7:0]  cpl_tag, cpl_function;
    wire [63:0] cpl_data;
    wire        cpl_order_want, cpl_order_clear;
    wire        unsupported_request, completer_abort, posted_drop, target_damaged, target_busy;

    // The BARs of both personalities are in models/host/pcie_personality.py.
    localparam [47:0] MEMORY_SIZE = {40'd0, MEMORY_BITS[7:0]} << (8 * `PERSONALITY_TOE_MEMORY_BAR);
    localparam [11:0] TOE_TARGETS = QUEUE_SETS == 2 ? `PERSONALITY_TOE2_BAR_TARGETS : `PERSONALITY_TOE_BAR_TARGETS;
    localparam [47:0] TOE_SIZES   = QUEUE_SETS == 2 ? `PERSONALITY_TOE2_BAR_SIZES : `PERSONALITY_TOE_BAR_SIZES;
    wire target_hdr_ready;
    assign hdr_ready = target_hdr_ready && !function_rst;

    pci_target #(.ID_WIDTH(TARGET_ID_WIDTH)) target (
        .clk(clk), .rst(engine_rst),
        .bar_targets(nic ? `PERSONALITY_NIC_BAR_TARGETS : TOE_TARGETS),
        .bar_sizes(nic ? `PERSONALITY_NIC_BAR_SIZES : TOE_SIZES | MEMORY_SIZE),
        .max_payload(cfg_max_payload),
        .hdr_valid(hdr_valid && !function_rst), .hdr_ready(target_hdr_ready), .hdr_address(hdr_address), .hdr_dwords(hdr_dwords),
        .hdr_type(hdr_type), .hdr_requester(hdr_requester), .hdr_tag(hdr_tag), .hdr_function(hdr_function),
        .hdr_bar(hdr_bar), .hdr_tc(hdr_tc), .hdr_attr(hdr_attr), .hdr_first_be(hdr_first_be),
        .hdr_last_be(hdr_last_be), .hdr_has_payload(hdr_has_payload),
        .payload_data(cq_data), .payload_valid(cq_valid), .payload_last(cq_last), .payload_damaged(cq_damaged),
        .payload_ready(cq_ready), .nonposted_free(nonposted_free),
        .order_want(cpl_order_want), .order_clear(cpl_order_clear && !firmware_hold),
        .cpl_lower_address(cpl_lower_address), .cpl_byte_count(cpl_byte_count), .cpl_dwords(cpl_dwords),
        .cpl_status(cpl_status), .cpl_locked(cpl_locked), .cpl_requester(cpl_requester), .cpl_tag(cpl_tag),
        .cpl_function(cpl_function), .cpl_tc(cpl_tc), .cpl_attr(cpl_attr), .cpl_valid(cpl_valid),
        .cpl_ready(cpl_ready), .cpl_data(cpl_data), .cpl_data_ready(cpl_data_ready),
        .m_axil_awaddr(m_axil_awaddr), .m_axil_awvalid(m_axil_awvalid), .m_axil_awready(m_axil_awready),
        .m_axil_wdata(m_axil_wdata), .m_axil_wstrb(m_axil_wstrb), .m_axil_wvalid(m_axil_wvalid),
        .m_axil_wready(m_axil_wready), .m_axil_bresp(m_axil_bresp), .m_axil_bvalid(m_axil_bvalid),
        .m_axil_bready(m_axil_bready), .m_axil_araddr(m_axil_araddr), .m_axil_arvalid(m_axil_arvalid),
        .m_axil_arready(m_axil_arready), .m_axil_rdata(m_axil_rdata), .m_axil_rresp(m_axil_rresp),
        .m_axil_rvalid(m_axil_rvalid), .m_axil_rready(m_axil_rready),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen),
        .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid),
        .m_axi_awready(m_axi_awready), .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb),
        .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid),
        .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen),
        .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid),
        .m_axi_arready(m_axi_arready), .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp),
        .m_axi_rlast(m_axi_rlast), .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready),
        .unsupported_request(unsupported_request), .completer_abort(completer_abort), .posted_drop(posted_drop),
        .damaged(target_damaged), .busy(target_busy)
    );

    pci_order_gate #(.COUNT_WIDTH(COUNT_WIDTH)) completion_gate (
        .clk(clk), .rst(engine_rst),
        .bursts_taken(bursts_taken), .bursts_issued(bursts_issued),
        .tlps_issued(tlps_issued), .tlps_reported(tlps_reported),
        .want(cpl_order_want), .clear(cpl_order_clear)
    );

    cc_framer cc_framer (
        .clk(clk), .rst(rst),
        .cpl_lower_address(cpl_lower_address), .cpl_byte_count(cpl_byte_count), .cpl_dwords(cpl_dwords),
        .cpl_status(cpl_status), .cpl_locked(cpl_locked), .cpl_requester(cpl_requester), .cpl_tag(cpl_tag),
        .cpl_function(cpl_function), .cpl_tc(cpl_tc), .cpl_attr(cpl_attr), .cpl_valid(cpl_valid),
        .cpl_ready(cpl_ready),
        .payload_data(cpl_data), .payload_ready(cpl_data_ready),
        .m_axis_cc_tdata(m_axis_cc_tdata), .m_axis_cc_tkeep(m_axis_cc_tkeep), .m_axis_cc_tlast(m_axis_cc_tlast),
        .m_axis_cc_tuser(m_axis_cc_tuser), .m_axis_cc_tvalid(m_axis_cc_tvalid), .m_axis_cc_tready(m_axis_cc_tready)
    );

    // ---- Interrupts ----

    wire msi_order_want, intx_order_want, irq_order_clear, msi_busy, intx_busy;

    pci_order_gate #(.COUNT_WIDTH(COUNT_WIDTH)) msi_gate (
        .clk(clk), .rst(engine_rst),
        .bursts_taken(bursts_taken), .bursts_issued(bursts_issued),
        .tlps_issued(tlps_issued), .tlps_reported(tlps_reported),
        .want(msi_order_want || intx_order_want), .clear(irq_order_clear)
    );

    pci_msi msi (
        .clk(clk), .rst(engine_rst),
        .host_irq(host_irq), .bus_master_enable(bus_master_enable),
        .order_want(msi_order_want), .order_clear(irq_order_clear),
        .cfg_interrupt_msi_enable(cfg_interrupt_msi_enable), .cfg_interrupt_msi_data(cfg_interrupt_msi_data),
        .cfg_interrupt_msi_select(cfg_interrupt_msi_select), .cfg_interrupt_msi_int(cfg_interrupt_msi_int),
        .cfg_interrupt_msi_pending_status(cfg_interrupt_msi_pending_status),
        .cfg_interrupt_msi_pending_status_data_enable(cfg_interrupt_msi_pending_status_data_enable),
        .cfg_interrupt_msi_sent(cfg_interrupt_msi_sent), .cfg_interrupt_msi_fail(cfg_interrupt_msi_fail),
        .busy(msi_busy)
    );

    // MSI enabled and INTx are exclusive, so that one gate serves both.
    pci_intx intx (
        .clk(clk), .rst(engine_rst),
        .host_irq(host_irq), .allowed(!cfg_interrupt_msi_enable[0] && !cfg_function_status[3]),
        .order_want(intx_order_want), .order_clear(irq_order_clear),
        .cfg_interrupt_int(cfg_interrupt_int[0]), .cfg_interrupt_sent(cfg_interrupt_sent), .busy(intx_busy)
    );
    assign cfg_interrupt_int[3:1] = 3'd0;
    assign cfg_interrupt_pending  = {3'd0, host_irq};

    // ---- Function-level reset ----

    pci_function_reset function_reset (
        .clk(clk), .rst(rst),
        .flr_in_process(cfg_flr_in_process[0]), .flr_done(cfg_flr_done[0]), .active(flr_active),
        .firmware_quiet(firmware_quiet), .firmware_drain(firmware_drain),
        .firmware_hold(firmware_hold),
        .between_tlps(!req_held_reg && !cpl_valid && (cpl_order_want || (!target_busy && !cq_busy))),
        .function_rst(function_rst), .event_reset(flr_event), .busy(flr_busy)
    );
    assign cfg_flr_done[3:1] = 3'd0;

    // ---- Registers ----

    wire registers_busy;

    pci_bridge_registers registers (
        .clk(clk), .rst(rst),
        .events({flr_event, posted_drop, read_poisoned || target_damaged, write_dropped || read_dropped, unexpected_completion,
            completion_timeout, completion_error, completer_abort, unsupported_request}),
        .poisoned_twice(read_poisoned && target_damaged), .dropped_twice(write_dropped && read_dropped),
        .bus_beats(bus_beats), .arbiter_round_robin(arbiter_round_robin), .error_irq(error_irq),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .busy(registers_busy)
    );

    assign busy = write_busy || read_busy || req_valid || cq_busy || target_busy || msi_busy || intx_busy || flr_busy || registers_busy ||
        s_axis_rc_tvalid;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, cfg_function_status[15:4], cfg_function_status[1:0], cfg_flr_in_process[3:1],
        s_axi_awlen, s_axi_awsize, s_axi_awburst, s_axi_arburst};
`endif
endmodule
`default_nettype wire
