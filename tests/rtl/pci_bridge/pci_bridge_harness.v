// Bench of pci_bridge: its pins as variables, its AXI sides behind random stalls and under watch.
`default_nettype none
`timescale 1ps / 1ps
module pci_bridge_harness #(
    parameter QUEUE_SETS                = 2,
    parameter COMPLETION_TIMEOUT_CYCLES = 1000
);
    reg        clk = 0;
    reg [31:0] seed = 1;
    reg [7:0]  percent = 0;
    always #8000 clk = !clk;

    reg            rst = 0;
    wire [63:0]    m_axis_rq_tdata;
    wire [1:0]     m_axis_rq_tkeep;
    wire           m_axis_rq_tlast;
    wire [61:0]    m_axis_rq_tuser;
    wire           m_axis_rq_tvalid;
    reg            m_axis_rq_tready = 0;
    reg  [5:0]     pcie_rq_seq_num0 = 0;
    reg            pcie_rq_seq_num_vld0 = 0;
    reg  [63:0]    s_axis_rc_tdata = 0;
    reg  [1:0]     s_axis_rc_tkeep = 0;
    reg            s_axis_rc_tlast = 0;
    reg  [74:0]    s_axis_rc_tuser = 0;
    reg            s_axis_rc_tvalid = 0;
    wire           s_axis_rc_tready;
    reg  [63:0]    s_axis_cq_tdata = 0;
    reg  [1:0]     s_axis_cq_tkeep = 0;
    reg            s_axis_cq_tlast = 0;
    reg  [87:0]    s_axis_cq_tuser = 0;
    reg            s_axis_cq_tvalid = 0;
    wire           s_axis_cq_tready;
    wire [1:0]     pcie_cq_np_req;
    wire [63:0]    m_axis_cc_tdata;
    wire [1:0]     m_axis_cc_tkeep;
    wire           m_axis_cc_tlast;
    wire [32:0]    m_axis_cc_tuser;
    wire           m_axis_cc_tvalid;
    reg            m_axis_cc_tready = 0;
    reg  [1:0]     cfg_max_payload = 0;
    reg  [2:0]     cfg_max_read_req = 0;
    reg  [15:0]    cfg_function_status = 0;
    reg  [3:0]     cfg_interrupt_msi_enable = 0;
    reg  [31:0]    cfg_interrupt_msi_data = 0;
    wire [1:0]     cfg_interrupt_msi_select;
    wire [31:0]    cfg_interrupt_msi_int;
    wire [31:0]    cfg_interrupt_msi_pending_status;
    wire           cfg_interrupt_msi_pending_status_data_enable;
    wire [1:0]     cfg_interrupt_msi_pending_status_function_num;
    reg            cfg_interrupt_msi_sent = 0;
    reg            cfg_interrupt_msi_fail = 0;
    wire [2:0]     cfg_interrupt_msi_attr;
    wire           cfg_interrupt_msi_tph_present;
    wire [1:0]     cfg_interrupt_msi_tph_type;
    wire [7:0]     cfg_interrupt_msi_tph_st_tag;
    wire [7:0]     cfg_interrupt_msi_function_number;
    reg            host_irq = 0;
    reg            nic = 0;
    wire [3:0]     cfg_interrupt_int;
    wire [3:0]     cfg_interrupt_pending;
    reg            cfg_interrupt_sent = 0;
    reg  [3:0]     cfg_flr_in_process = 0;
    wire [3:0]     cfg_flr_done;
    reg            firmware_quiet = 1;
    wire           firmware_hold;
    wire           function_rst;
    wire           target_rst = rst || function_rst;    // of what is behind the BARs
    reg  [6-1:0]   s_axi_awid = 0;
    wire [6-1:0]   bridge_s_axi_awid;
    reg  [63:0]    s_axi_awaddr = 0;
    wire [63:0]    bridge_s_axi_awaddr;
    reg  [7:0]     s_axi_awlen = 0;
    wire [7:0]     bridge_s_axi_awlen;
    reg  [2:0]     s_axi_awsize = 0;
    wire [2:0]     bridge_s_axi_awsize;
    reg  [1:0]     s_axi_awburst = 0;
    wire [1:0]     bridge_s_axi_awburst;
    reg            s_axi_awvalid = 0;
    wire           bridge_s_axi_awvalid;
    wire           s_axi_awready;
    wire           bridge_s_axi_awready;
    reg  [63:0]    s_axi_wdata = 0;
    wire [63:0]    bridge_s_axi_wdata;
    reg  [7:0]     s_axi_wstrb = 0;
    wire [7:0]     bridge_s_axi_wstrb;
    reg            s_axi_wlast = 0;
    wire           bridge_s_axi_wlast;
    reg            s_axi_wvalid = 0;
    wire           bridge_s_axi_wvalid;
    wire           s_axi_wready;
    wire           bridge_s_axi_wready;
    wire [6-1:0]   s_axi_bid;
    wire [6-1:0]   bridge_s_axi_bid;
    wire [1:0]     s_axi_bresp;
    wire [1:0]     bridge_s_axi_bresp;
    wire           s_axi_bvalid;
    wire           bridge_s_axi_bvalid;
    reg            s_axi_bready = 0;
    wire           bridge_s_axi_bready;
    reg  [6-1:0]   s_axi_arid = 0;
    wire [6-1:0]   bridge_s_axi_arid;
    reg  [63:0]    s_axi_araddr = 0;
    wire [63:0]    bridge_s_axi_araddr;
    reg  [7:0]     s_axi_arlen = 0;
    wire [7:0]     bridge_s_axi_arlen;
    reg  [2:0]     s_axi_arsize = 0;
    wire [2:0]     bridge_s_axi_arsize;
    reg  [1:0]     s_axi_arburst = 0;
    wire [1:0]     bridge_s_axi_arburst;
    reg            s_axi_arvalid = 0;
    wire           bridge_s_axi_arvalid;
    wire           s_axi_arready;
    wire           bridge_s_axi_arready;
    wire [6-1:0]   s_axi_rid;
    wire [6-1:0]   bridge_s_axi_rid;
    wire [63:0]    s_axi_rdata;
    wire [63:0]    bridge_s_axi_rdata;
    wire [1:0]     s_axi_rresp;
    wire [1:0]     bridge_s_axi_rresp;
    wire           s_axi_rlast;
    wire           bridge_s_axi_rlast;
    wire           s_axi_rvalid;
    wire           bridge_s_axi_rvalid;
    reg            s_axi_rready = 0;
    wire           bridge_s_axi_rready;
    wire [17:0]    m_axil_awaddr;
    wire           m_axil_awvalid;
    reg            m_axil_awready = 0;
    wire [31:0]    m_axil_wdata;
    wire [3:0]     m_axil_wstrb;
    wire           m_axil_wvalid;
    reg            m_axil_wready = 0;
    reg  [1:0]     m_axil_bresp = 0;
    reg            m_axil_bvalid = 0;
    wire           m_axil_bready;
    wire [17:0]    m_axil_araddr;
    wire           m_axil_arvalid;
    reg            m_axil_arready = 0;
    reg  [31:0]    m_axil_rdata = 0;
    reg  [1:0]     m_axil_rresp = 0;
    reg            m_axil_rvalid = 0;
    wire           m_axil_rready;
    wire [4-1:0]   m_axi_awid;
    wire [4-1:0]   bridge_m_axi_awid;
    wire [63:0]    m_axi_awaddr;
    wire [63:0]    bridge_m_axi_awaddr;
    wire [7:0]     m_axi_awlen;
    wire [7:0]     bridge_m_axi_awlen;
    wire [2:0]     m_axi_awsize;
    wire [2:0]     bridge_m_axi_awsize;
    wire [1:0]     m_axi_awburst;
    wire [1:0]     bridge_m_axi_awburst;
    wire           m_axi_awvalid;
    wire           bridge_m_axi_awvalid;
    reg            m_axi_awready = 0;
    wire           bridge_m_axi_awready;
    wire [63:0]    m_axi_wdata;
    wire [63:0]    bridge_m_axi_wdata;
    wire [7:0]     m_axi_wstrb;
    wire [7:0]     bridge_m_axi_wstrb;
    wire           m_axi_wlast;
    wire           bridge_m_axi_wlast;
    wire           m_axi_wvalid;
    wire           bridge_m_axi_wvalid;
    reg            m_axi_wready = 0;
    wire           bridge_m_axi_wready;
    reg  [4-1:0]   m_axi_bid = 0;
    wire [4-1:0]   bridge_m_axi_bid;
    reg  [1:0]     m_axi_bresp = 0;
    wire [1:0]     bridge_m_axi_bresp;
    reg            m_axi_bvalid = 0;
    wire           bridge_m_axi_bvalid;
    wire           m_axi_bready;
    wire           bridge_m_axi_bready;
    wire [4-1:0]   m_axi_arid;
    wire [4-1:0]   bridge_m_axi_arid;
    wire [63:0]    m_axi_araddr;
    wire [63:0]    bridge_m_axi_araddr;
    wire [7:0]     m_axi_arlen;
    wire [7:0]     bridge_m_axi_arlen;
    wire [2:0]     m_axi_arsize;
    wire [2:0]     bridge_m_axi_arsize;
    wire [1:0]     m_axi_arburst;
    wire [1:0]     bridge_m_axi_arburst;
    wire           m_axi_arvalid;
    wire           bridge_m_axi_arvalid;
    reg            m_axi_arready = 0;
    wire           bridge_m_axi_arready;
    reg  [4-1:0]   m_axi_rid = 0;
    wire [4-1:0]   bridge_m_axi_rid;
    reg  [63:0]    m_axi_rdata = 0;
    wire [63:0]    bridge_m_axi_rdata;
    reg  [1:0]     m_axi_rresp = 0;
    wire [1:0]     bridge_m_axi_rresp;
    reg            m_axi_rlast = 0;
    wire           bridge_m_axi_rlast;
    reg            m_axi_rvalid = 0;
    wire           bridge_m_axi_rvalid;
    wire           m_axi_rready;
    wire           bridge_m_axi_rready;
    reg  [11:0]    s_axil_awaddr = 0;
    reg            s_axil_awvalid = 0;
    wire           s_axil_awready;
    reg  [31:0]    s_axil_wdata = 0;
    reg  [3:0]     s_axil_wstrb = 0;
    reg            s_axil_wvalid = 0;
    wire           s_axil_wready;
    wire [1:0]     s_axil_bresp;
    wire           s_axil_bvalid;
    reg            s_axil_bready = 0;
    reg  [11:0]    s_axil_araddr = 0;
    reg            s_axil_arvalid = 0;
    wire           s_axil_arready;
    wire [31:0]    s_axil_rdata;
    wire [1:0]     s_axil_rresp;
    wire           s_axil_rvalid;
    reg            s_axil_rready = 0;
    reg  [127:0]   bus_beats = 0;
    wire           arbiter_round_robin;
    wire           error_irq;
    wire           busy;

    pci_bridge #(
        .QUEUE_SETS(QUEUE_SETS), .COMPLETION_TIMEOUT_CYCLES(COMPLETION_TIMEOUT_CYCLES), .MEMORY_BITS(16)
    ) bridge (
        .clk(clk),
        .rst(rst), .m_axis_rq_tdata(m_axis_rq_tdata), .m_axis_rq_tkeep(m_axis_rq_tkeep),
        .m_axis_rq_tlast(m_axis_rq_tlast), .m_axis_rq_tuser(m_axis_rq_tuser), .m_axis_rq_tvalid(m_axis_rq_tvalid),
        .m_axis_rq_tready(m_axis_rq_tready), .pcie_rq_seq_num0(pcie_rq_seq_num0),
        .pcie_rq_seq_num_vld0(pcie_rq_seq_num_vld0), .s_axis_rc_tdata(s_axis_rc_tdata),
        .s_axis_rc_tkeep(s_axis_rc_tkeep), .s_axis_rc_tlast(s_axis_rc_tlast), .s_axis_rc_tuser(s_axis_rc_tuser),
        .s_axis_rc_tvalid(s_axis_rc_tvalid), .s_axis_rc_tready(s_axis_rc_tready),
        .s_axis_cq_tdata(s_axis_cq_tdata), .s_axis_cq_tkeep(s_axis_cq_tkeep), .s_axis_cq_tlast(s_axis_cq_tlast),
        .s_axis_cq_tuser(s_axis_cq_tuser), .s_axis_cq_tvalid(s_axis_cq_tvalid),
        .s_axis_cq_tready(s_axis_cq_tready), .pcie_cq_np_req(pcie_cq_np_req), .m_axis_cc_tdata(m_axis_cc_tdata),
        .m_axis_cc_tkeep(m_axis_cc_tkeep), .m_axis_cc_tlast(m_axis_cc_tlast), .m_axis_cc_tuser(m_axis_cc_tuser),
        .m_axis_cc_tvalid(m_axis_cc_tvalid), .m_axis_cc_tready(m_axis_cc_tready),
        .cfg_max_payload(cfg_max_payload), .cfg_max_read_req(cfg_max_read_req),
        .cfg_function_status(cfg_function_status), .cfg_interrupt_msi_enable(cfg_interrupt_msi_enable),
        .cfg_interrupt_msi_data(cfg_interrupt_msi_data), .cfg_interrupt_msi_select(cfg_interrupt_msi_select),
        .cfg_interrupt_msi_int(cfg_interrupt_msi_int),
        .cfg_interrupt_msi_pending_status(cfg_interrupt_msi_pending_status),
        .cfg_interrupt_msi_pending_status_data_enable(cfg_interrupt_msi_pending_status_data_enable),
        .cfg_interrupt_msi_pending_status_function_num(cfg_interrupt_msi_pending_status_function_num),
        .cfg_interrupt_msi_sent(cfg_interrupt_msi_sent), .cfg_interrupt_msi_fail(cfg_interrupt_msi_fail),
        .cfg_interrupt_msi_attr(cfg_interrupt_msi_attr),
        .cfg_interrupt_msi_tph_present(cfg_interrupt_msi_tph_present),
        .cfg_interrupt_msi_tph_type(cfg_interrupt_msi_tph_type),
        .cfg_interrupt_msi_tph_st_tag(cfg_interrupt_msi_tph_st_tag),
        .cfg_interrupt_msi_function_number(cfg_interrupt_msi_function_number),
        .host_irq(host_irq), .nic(nic), .cfg_interrupt_int(cfg_interrupt_int),
        .cfg_interrupt_pending(cfg_interrupt_pending), .cfg_interrupt_sent(cfg_interrupt_sent),
        .cfg_flr_in_process(cfg_flr_in_process), .cfg_flr_done(cfg_flr_done), .firmware_quiet(firmware_quiet),
        .firmware_hold(firmware_hold), .function_rst(function_rst),
        .s_axi_awid(bridge_s_axi_awid), .s_axi_awaddr(bridge_s_axi_awaddr), .s_axi_awlen(bridge_s_axi_awlen),
        .s_axi_awsize(bridge_s_axi_awsize), .s_axi_awburst(bridge_s_axi_awburst),
        .s_axi_awvalid(bridge_s_axi_awvalid), .s_axi_awready(bridge_s_axi_awready),
        .s_axi_wdata(bridge_s_axi_wdata), .s_axi_wstrb(bridge_s_axi_wstrb), .s_axi_wlast(bridge_s_axi_wlast),
        .s_axi_wvalid(bridge_s_axi_wvalid), .s_axi_wready(bridge_s_axi_wready), .s_axi_bid(bridge_s_axi_bid),
        .s_axi_bresp(bridge_s_axi_bresp), .s_axi_bvalid(bridge_s_axi_bvalid), .s_axi_bready(bridge_s_axi_bready),
        .s_axi_arid(bridge_s_axi_arid), .s_axi_araddr(bridge_s_axi_araddr), .s_axi_arlen(bridge_s_axi_arlen),
        .s_axi_arsize(bridge_s_axi_arsize), .s_axi_arburst(bridge_s_axi_arburst),
        .s_axi_arvalid(bridge_s_axi_arvalid), .s_axi_arready(bridge_s_axi_arready), .s_axi_rid(bridge_s_axi_rid),
        .s_axi_rdata(bridge_s_axi_rdata), .s_axi_rresp(bridge_s_axi_rresp), .s_axi_rlast(bridge_s_axi_rlast),
        .s_axi_rvalid(bridge_s_axi_rvalid), .s_axi_rready(bridge_s_axi_rready), .m_axil_awaddr(m_axil_awaddr),
        .m_axil_awvalid(m_axil_awvalid), .m_axil_awready(m_axil_awready), .m_axil_wdata(m_axil_wdata),
        .m_axil_wstrb(m_axil_wstrb), .m_axil_wvalid(m_axil_wvalid), .m_axil_wready(m_axil_wready),
        .m_axil_bresp(m_axil_bresp), .m_axil_bvalid(m_axil_bvalid), .m_axil_bready(m_axil_bready),
        .m_axil_araddr(m_axil_araddr), .m_axil_arvalid(m_axil_arvalid), .m_axil_arready(m_axil_arready),
        .m_axil_rdata(m_axil_rdata), .m_axil_rresp(m_axil_rresp), .m_axil_rvalid(m_axil_rvalid),
        .m_axil_rready(m_axil_rready), .m_axi_awid(bridge_m_axi_awid), .m_axi_awaddr(bridge_m_axi_awaddr),
        .m_axi_awlen(bridge_m_axi_awlen), .m_axi_awsize(bridge_m_axi_awsize), .m_axi_awburst(bridge_m_axi_awburst),
        .m_axi_awvalid(bridge_m_axi_awvalid), .m_axi_awready(bridge_m_axi_awready),
        .m_axi_wdata(bridge_m_axi_wdata), .m_axi_wstrb(bridge_m_axi_wstrb), .m_axi_wlast(bridge_m_axi_wlast),
        .m_axi_wvalid(bridge_m_axi_wvalid), .m_axi_wready(bridge_m_axi_wready), .m_axi_bid(bridge_m_axi_bid),
        .m_axi_bresp(bridge_m_axi_bresp), .m_axi_bvalid(bridge_m_axi_bvalid), .m_axi_bready(bridge_m_axi_bready),
        .m_axi_arid(bridge_m_axi_arid), .m_axi_araddr(bridge_m_axi_araddr), .m_axi_arlen(bridge_m_axi_arlen),
        .m_axi_arsize(bridge_m_axi_arsize), .m_axi_arburst(bridge_m_axi_arburst),
        .m_axi_arvalid(bridge_m_axi_arvalid), .m_axi_arready(bridge_m_axi_arready), .m_axi_rid(bridge_m_axi_rid),
        .m_axi_rdata(bridge_m_axi_rdata), .m_axi_rresp(bridge_m_axi_rresp), .m_axi_rlast(bridge_m_axi_rlast),
        .m_axi_rvalid(bridge_m_axi_rvalid), .m_axi_rready(bridge_m_axi_rready), .s_axil_awaddr(s_axil_awaddr),
        .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready), .s_axil_wdata(s_axil_wdata),
        .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid), .s_axil_wready(s_axil_wready),
        .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid), .s_axil_bready(s_axil_bready),
        .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid), .s_axil_arready(s_axil_arready),
        .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp), .s_axil_rvalid(s_axil_rvalid),
        .s_axil_rready(s_axil_rready), .bus_beats(bus_beats), .arbiter_round_robin(arbiter_round_robin),
        .error_irq(error_irq), .busy(busy)
    );

    axi_stall #(.ID_WIDTH(6), .SALT(1), .READ_LATENCY(0)) card_stall (
        .clk(clk), .rst(rst), .seed(seed), .percent(percent), .s_axi_awid(s_axi_awid), .s_axi_awaddr(s_axi_awaddr),
        .s_axi_awlen(s_axi_awlen), .s_axi_awsize(s_axi_awsize), .s_axi_awburst(s_axi_awburst),
        .s_axi_awvalid(s_axi_awvalid), .s_axi_awready(s_axi_awready), .s_axi_wdata(s_axi_wdata),
        .s_axi_wstrb(s_axi_wstrb), .s_axi_wlast(s_axi_wlast), .s_axi_wvalid(s_axi_wvalid),
        .s_axi_wready(s_axi_wready), .s_axi_bid(s_axi_bid), .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid),
        .s_axi_bready(s_axi_bready), .s_axi_arid(s_axi_arid), .s_axi_araddr(s_axi_araddr),
        .s_axi_arlen(s_axi_arlen), .s_axi_arsize(s_axi_arsize), .s_axi_arburst(s_axi_arburst),
        .s_axi_arvalid(s_axi_arvalid), .s_axi_arready(s_axi_arready), .s_axi_rid(s_axi_rid),
        .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp), .s_axi_rlast(s_axi_rlast),
        .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready), .m_axi_awid(bridge_s_axi_awid),
        .m_axi_awaddr(bridge_s_axi_awaddr), .m_axi_awlen(bridge_s_axi_awlen), .m_axi_awsize(bridge_s_axi_awsize),
        .m_axi_awburst(bridge_s_axi_awburst), .m_axi_awvalid(bridge_s_axi_awvalid),
        .m_axi_awready(bridge_s_axi_awready), .m_axi_wdata(bridge_s_axi_wdata), .m_axi_wstrb(bridge_s_axi_wstrb),
        .m_axi_wlast(bridge_s_axi_wlast), .m_axi_wvalid(bridge_s_axi_wvalid), .m_axi_wready(bridge_s_axi_wready),
        .m_axi_bid(bridge_s_axi_bid), .m_axi_bresp(bridge_s_axi_bresp), .m_axi_bvalid(bridge_s_axi_bvalid),
        .m_axi_bready(bridge_s_axi_bready), .m_axi_arid(bridge_s_axi_arid), .m_axi_araddr(bridge_s_axi_araddr),
        .m_axi_arlen(bridge_s_axi_arlen), .m_axi_arsize(bridge_s_axi_arsize), .m_axi_arburst(bridge_s_axi_arburst),
        .m_axi_arvalid(bridge_s_axi_arvalid), .m_axi_arready(bridge_s_axi_arready), .m_axi_rid(bridge_s_axi_rid),
        .m_axi_rdata(bridge_s_axi_rdata), .m_axi_rresp(bridge_s_axi_rresp), .m_axi_rlast(bridge_s_axi_rlast),
        .m_axi_rvalid(bridge_s_axi_rvalid), .m_axi_rready(bridge_s_axi_rready)
    );

    axi_stall #(.ID_WIDTH(4), .SALT(2), .READ_LATENCY(3)) memory_stall (
        .clk(clk), .rst(target_rst), .seed(seed), .percent(percent), .s_axi_awid(bridge_m_axi_awid),
        .s_axi_awaddr(bridge_m_axi_awaddr), .s_axi_awlen(bridge_m_axi_awlen), .s_axi_awsize(bridge_m_axi_awsize),
        .s_axi_awburst(bridge_m_axi_awburst), .s_axi_awvalid(bridge_m_axi_awvalid),
        .s_axi_awready(bridge_m_axi_awready), .s_axi_wdata(bridge_m_axi_wdata), .s_axi_wstrb(bridge_m_axi_wstrb),
        .s_axi_wlast(bridge_m_axi_wlast), .s_axi_wvalid(bridge_m_axi_wvalid), .s_axi_wready(bridge_m_axi_wready),
        .s_axi_bid(bridge_m_axi_bid), .s_axi_bresp(bridge_m_axi_bresp), .s_axi_bvalid(bridge_m_axi_bvalid),
        .s_axi_bready(bridge_m_axi_bready), .s_axi_arid(bridge_m_axi_arid), .s_axi_araddr(bridge_m_axi_araddr),
        .s_axi_arlen(bridge_m_axi_arlen), .s_axi_arsize(bridge_m_axi_arsize), .s_axi_arburst(bridge_m_axi_arburst),
        .s_axi_arvalid(bridge_m_axi_arvalid), .s_axi_arready(bridge_m_axi_arready), .s_axi_rid(bridge_m_axi_rid),
        .s_axi_rdata(bridge_m_axi_rdata), .s_axi_rresp(bridge_m_axi_rresp), .s_axi_rlast(bridge_m_axi_rlast),
        .s_axi_rvalid(bridge_m_axi_rvalid), .s_axi_rready(bridge_m_axi_rready), .m_axi_awid(m_axi_awid),
        .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast),
        .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp),
        .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready), .m_axi_arid(m_axi_arid),
        .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready)
    );

    // ---- the streams of the PCIe block
    wire [3:0]  streams_failed;
    wire [12:0] max_payload = 13'd128 << cfg_max_payload, max_read_request = 13'd128 << cfg_max_read_req;
    pcie_stream_monitor #(.KIND(0), .USER_WIDTH(62)) rq_monitor (
        .clk(clk), .rst(rst), .tdata(m_axis_rq_tdata), .tkeep(m_axis_rq_tkeep), .tvalid(m_axis_rq_tvalid),
        .tready(m_axis_rq_tready), .tlast(m_axis_rq_tlast), .tuser(m_axis_rq_tuser), .max_payload(max_payload),
        .max_read_request(max_read_request), .failed(streams_failed[0]), .packets());
    pcie_stream_monitor #(.KIND(1), .USER_WIDTH(75)) rc_monitor (
        .clk(clk), .rst(rst), .tdata(s_axis_rc_tdata), .tkeep(s_axis_rc_tkeep), .tvalid(s_axis_rc_tvalid),
        .tready(s_axis_rc_tready), .tlast(s_axis_rc_tlast), .tuser(s_axis_rc_tuser), .max_payload(max_payload),
        .max_read_request(max_read_request), .failed(streams_failed[1]), .packets());
    pcie_stream_monitor #(.KIND(2), .USER_WIDTH(88)) cq_monitor (
        .clk(clk), .rst(rst), .tdata(s_axis_cq_tdata), .tkeep(s_axis_cq_tkeep), .tvalid(s_axis_cq_tvalid),
        .tready(s_axis_cq_tready), .tlast(s_axis_cq_tlast), .tuser(s_axis_cq_tuser), .max_payload(max_payload),
        .max_read_request(max_read_request), .failed(streams_failed[2]), .packets());
    pcie_stream_monitor #(.KIND(3), .USER_WIDTH(33)) cc_monitor (
        .clk(clk), .rst(rst), .tdata(m_axis_cc_tdata), .tkeep(m_axis_cc_tkeep), .tvalid(m_axis_cc_tvalid),
        .tready(m_axis_cc_tready), .tlast(m_axis_cc_tlast), .tuser(m_axis_cc_tuser), .max_payload(max_payload),
        .max_read_request(max_read_request), .failed(streams_failed[3]), .packets());

    // ---- registers: the host's way to them, and the bridge's own
    wire [1:0] registers_failed, registers_idle;
    axil_monitor #(.ADDR_WIDTH(18)) target_register_monitor (
        .clk(clk), .rst(target_rst), .awaddr(m_axil_awaddr), .awvalid(m_axil_awvalid),
        .awready(m_axil_awready), .wdata(m_axil_wdata), .wstrb(m_axil_wstrb), .wvalid(m_axil_wvalid),
        .wready(m_axil_wready), .bresp(m_axil_bresp), .bvalid(m_axil_bvalid), .bready(m_axil_bready),
        .araddr(m_axil_araddr), .arvalid(m_axil_arvalid), .arready(m_axil_arready), .rdata(m_axil_rdata),
        .rresp(m_axil_rresp), .rvalid(m_axil_rvalid), .rready(m_axil_rready),
        .failed(registers_failed[0]), .idle(registers_idle[0]), .reads(), .writes()
    );
    axil_monitor #(.ADDR_WIDTH(12)) own_register_monitor (
        .clk(clk), .rst(rst), .awaddr(s_axil_awaddr), .awvalid(s_axil_awvalid),
        .awready(s_axil_awready), .wdata(s_axil_wdata), .wstrb(s_axil_wstrb), .wvalid(s_axil_wvalid),
        .wready(s_axil_wready), .bresp(s_axil_bresp), .bvalid(s_axil_bvalid), .bready(s_axil_bready),
        .araddr(s_axil_araddr), .arvalid(s_axil_arvalid), .arready(s_axil_arready), .rdata(s_axil_rdata),
        .rresp(s_axil_rresp), .rvalid(s_axil_rvalid), .rready(s_axil_rready),
        .failed(registers_failed[1]), .idle(registers_idle[1]), .reads(), .writes()
    );

    wire card_axi_failed, memory_axi_failed;
    wire card_monitor_failed = card_axi_failed || streams_failed != 0 || registers_failed != 0;
    wire memory_monitor_failed = memory_axi_failed || streams_failed != 0 || registers_failed != 0;

    wire card_monitor_idle;
    wire [31:0] card_monitor_read_beats, card_monitor_write_beats, card_monitor_errors;
    axi_monitor #(.ID_WIDTH(6), .ALLOW_NARROW(1)) card_monitor (
        .clk(clk), .rst(rst), .awid(bridge_s_axi_awid), .awaddr(bridge_s_axi_awaddr), .awlen(bridge_s_axi_awlen),
        .awsize(bridge_s_axi_awsize), .awburst(bridge_s_axi_awburst), .awvalid(bridge_s_axi_awvalid),
        .awready(bridge_s_axi_awready), .wdata(bridge_s_axi_wdata), .wstrb(bridge_s_axi_wstrb),
        .wlast(bridge_s_axi_wlast), .wvalid(bridge_s_axi_wvalid), .wready(bridge_s_axi_wready),
        .bid(bridge_s_axi_bid), .bresp(bridge_s_axi_bresp), .bvalid(bridge_s_axi_bvalid),
        .bready(bridge_s_axi_bready), .arid(bridge_s_axi_arid), .araddr(bridge_s_axi_araddr),
        .arlen(bridge_s_axi_arlen), .arsize(bridge_s_axi_arsize), .arburst(bridge_s_axi_arburst),
        .arvalid(bridge_s_axi_arvalid), .arready(bridge_s_axi_arready), .rid(bridge_s_axi_rid),
        .rdata(bridge_s_axi_rdata), .rresp(bridge_s_axi_rresp), .rlast(bridge_s_axi_rlast),
        .rvalid(bridge_s_axi_rvalid), .rready(bridge_s_axi_rready), .failed(card_axi_failed),
        .idle(card_monitor_idle), .read_beats(card_monitor_read_beats), .write_beats(card_monitor_write_beats),
        .error_responses(card_monitor_errors)
    );

    wire memory_monitor_idle;
    wire [31:0] memory_monitor_read_beats, memory_monitor_write_beats, memory_monitor_errors;
    axi_monitor #(.ID_WIDTH(4), .ALLOW_NARROW(1)) memory_monitor (
        .clk(clk), .rst(target_rst), .awid(bridge_m_axi_awid), .awaddr(bridge_m_axi_awaddr), .awlen(bridge_m_axi_awlen),
        .awsize(bridge_m_axi_awsize), .awburst(bridge_m_axi_awburst), .awvalid(bridge_m_axi_awvalid),
        .awready(bridge_m_axi_awready), .wdata(bridge_m_axi_wdata), .wstrb(bridge_m_axi_wstrb),
        .wlast(bridge_m_axi_wlast), .wvalid(bridge_m_axi_wvalid), .wready(bridge_m_axi_wready),
        .bid(bridge_m_axi_bid), .bresp(bridge_m_axi_bresp), .bvalid(bridge_m_axi_bvalid),
        .bready(bridge_m_axi_bready), .arid(bridge_m_axi_arid), .araddr(bridge_m_axi_araddr),
        .arlen(bridge_m_axi_arlen), .arsize(bridge_m_axi_arsize), .arburst(bridge_m_axi_arburst),
        .arvalid(bridge_m_axi_arvalid), .arready(bridge_m_axi_arready), .rid(bridge_m_axi_rid),
        .rdata(bridge_m_axi_rdata), .rresp(bridge_m_axi_rresp), .rlast(bridge_m_axi_rlast),
        .rvalid(bridge_m_axi_rvalid), .rready(bridge_m_axi_rready), .failed(memory_axi_failed),
        .idle(memory_monitor_idle), .read_beats(memory_monitor_read_beats),
        .write_beats(memory_monitor_write_beats), .error_responses(memory_monitor_errors)
    );

    // ---- clocks in which a connection stood still with something to do: the bench's doing, not the bridge's
    reg [31:0] card_held = 0, memory_held = 0, rq_held = 0, rc_held = 0, cq_held = 0, cc_held = 0;
    reg [31:0] host_registers_held = 0, own_registers_held = 0;
    reg        rc_within = 0, cq_within = 0;    // a packet
    wire card_holds =
        (card_stall.aw.valid && !card_stall.aw.open) || (card_stall.w.valid && !card_stall.w.open) ||
        (card_stall.b.valid && !card_stall.b.open) || (card_stall.ar.valid && !card_stall.ar.open) ||
        (card_stall.r.valid && !card_stall.r.open);
    wire memory_holds =
        (memory_stall.aw.valid && !memory_stall.aw.open) || (memory_stall.w.valid && !memory_stall.w.open) ||
        (memory_stall.b.valid && !memory_stall.b.open) || (memory_stall.ar.valid && !memory_stall.ar.open) ||
        (memory_stall.r.valid && !memory_stall.r.open);
    always @(posedge clk) begin
        if (s_axis_rc_tvalid && s_axis_rc_tready) rc_within <= !s_axis_rc_tlast;
        if (s_axis_cq_tvalid && s_axis_cq_tready) cq_within <= !s_axis_cq_tlast;
        if (card_holds)   card_held   <= card_held + 1;
        if (memory_holds) memory_held <= memory_held + 1;
        if (m_axis_rq_tvalid && !m_axis_rq_tready) rq_held <= rq_held + 1;
        if (m_axis_cc_tvalid && !m_axis_cc_tready) cc_held <= cc_held + 1;
        if (rc_within && !s_axis_rc_tvalid) rc_held <= rc_held + 1;
        if (cq_within && !s_axis_cq_tvalid) cq_held <= cq_held + 1;
        if ((m_axil_awvalid && !m_axil_awready) || (m_axil_wvalid && !m_axil_wready) ||
            (m_axil_arvalid && !m_axil_arready)) host_registers_held <= host_registers_held + 1;
        if ((s_axil_bvalid && !s_axil_bready) || (s_axil_rvalid && !s_axil_rready))
            own_registers_held <= own_registers_held + 1;
    end
endmodule
`default_nettype wire
