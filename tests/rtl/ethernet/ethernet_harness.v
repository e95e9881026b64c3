// The Ethernet controller with a memory, clocks, and GMII transactors that hand whole frames to the test.
`default_nettype none
`timescale 1ps / 1ps
module ethernet_harness #(
    parameter QUEUE_SETS      = 1,
    parameter RX_BUFFER_BYTES = 16384,
    parameter TX_BUFFER_BYTES = 16384,
    parameter MAX_FRAME_BYTES = 9234,
    parameter LONGEST         = 10240,      // bytes on the wire that the transactors take
    parameter RX_HALF_PERIOD  = 4001,       // ps: the sender's clock is a little slow
    parameter RX_PHASE        = 1234        // ps
);
    localparam CHUNK = 4096;                // bytes moved to or from the memory at a time
    localparam FRAME = (LONGEST + 63) / 64 * 64;

    reg clk = 0, gmii_tx_clk = 0, gmii_rx_clk = 0, rst = 1;
    always #8000 clk = ~clk;
    always #4000 gmii_tx_clk = ~gmii_tx_clk;
    initial begin
        #RX_PHASE;
        forever #RX_HALF_PERIOD gmii_rx_clk = ~gmii_rx_clk;
    end
    initial #200000 rst = 0;

    // ---- memory, 1 MiB, seen at every multiple of its size
    reg [63:0] mem [0:131071];
    reg [8*CHUNK-1:0] chunk = 0;
    reg [511:0] window = 0;                 // the same for at most 64 bytes
    integer chunk_address = 0, chunk_length = 0, i;
    reg poke = 0, peek = 0, poke_window = 0, peek_window = 0;
    initial for (i = 0; i < 131072; i = i + 1) mem[i] = 64'd0;
    // by way of a short vector: the simulator copies the whole one for each byte of it
    reg [511:0] piece, tx_piece, rx_piece;
    always @(poke)
        for (i = 0; i < chunk_length; i = i + 1) begin
            if (i % 64 == 0) piece = chunk[8*i +: 512];
            mem[(chunk_address + i) >> 3][8*((chunk_address + i) & 7) +: 8] = piece[8*(i % 64) +: 8];
        end
    always @(peek)
        for (i = 0; i < chunk_length; i = i + 1) begin
            piece[8*(i % 64) +: 8] = mem[(chunk_address + i) >> 3][8*((chunk_address + i) & 7) +: 8];
            if (i % 64 == 63 || i == chunk_length - 1) chunk[8*(i - i % 64) +: 512] = piece;
        end

    always @(poke_window)
        for (i = 0; i < chunk_length; i = i + 1)
            mem[(chunk_address + i) >> 3][8*((chunk_address + i) & 7) +: 8] = window[8*i +: 8];
    always @(peek_window)
        for (i = 0; i < chunk_length; i = i + 1)
            window[8*i +: 8] = mem[(chunk_address + i) >> 3][8*((chunk_address + i) & 7) +: 8];

    // ---- GMII: frames out of the controller, preamble and FCS included
    reg [8*FRAME-1:0] tx_frame;
    reg [7:0] tx_bytes [0:LONGEST-1];
    integer tx_i;
    integer tx_length = 0, tx_gap = 0, tx_frames = 0, tx_fill = 0, tx_idle = 1000, tx_errors = 0;
    wire [7:0] gmii_txd;
    wire gmii_tx_en, gmii_tx_er;
    always @(posedge gmii_tx_clk)
        if (gmii_tx_en) begin
            if (tx_fill == 0) tx_gap = tx_idle;
            tx_bytes[tx_fill] = gmii_txd;
            if (gmii_tx_er) tx_errors = tx_errors + 1;
            tx_fill = tx_fill + 1;
            tx_idle = 0;
        end else begin
            if (tx_fill != 0) begin
                tx_length = tx_fill;
                for (tx_i = 0; tx_i < tx_fill; tx_i = tx_i + 1) begin
                    tx_piece[8*(tx_i % 64) +: 8] = tx_bytes[tx_i];
                    if (tx_i % 64 == 63 || tx_i == tx_fill - 1) tx_frame[8*(tx_i - tx_i % 64) +: 512] = tx_piece;
                end
                tx_fill   = 0;
                tx_frames = tx_frames + 1;
            end
            tx_idle = tx_idle + 1;
        end

    // ---- GMII: frames into the controller, as given (preamble and FCS included)
    reg [8*FRAME-1:0] rx_frame = 0;
    reg [7:0] rx_bytes [0:LONGEST-1];
    integer rx_i;
    integer rx_length = 0, rx_error_at = -1, rx_gap = 12, rx_left = 0, rx_place = 0, rx_wait = 0, rx_bad_place;
    reg rx_go = 0, rx_taken = 0;
    reg [7:0] gmii_rxd = 0;
    reg gmii_rx_dv = 0, gmii_rx_er = 0;
    always @(posedge gmii_rx_clk) begin
        gmii_rx_dv <= 0;
        gmii_rx_er <= 0;
        if (rx_left != 0) begin
            gmii_rx_dv <= 1;
            gmii_rxd   <= rx_bytes[rx_place];
            gmii_rx_er <= rx_place == rx_bad_place;
            rx_place    = rx_place + 1;
            rx_left     = rx_left - 1;
            rx_wait     = rx_gap;
        end else if (rx_wait > 1) begin
            rx_wait = rx_wait - 1;
        end else if (rx_go != rx_taken) begin
            for (rx_i = 0; rx_i < rx_length; rx_i = rx_i + 1) begin
                if (rx_i % 64 == 0) rx_piece = rx_frame[8*rx_i +: 512];
                rx_bytes[rx_i] = rx_piece[8*(rx_i % 64) +: 8];
            end
            rx_left      = rx_length;
            rx_place     = 0;
            rx_bad_place = rx_error_at;
            rx_taken     = rx_go;
        end
    end

    reg wire_link = 1;

    wire [11:0] monitors_failed;
    wire        monitor_failed = monitors_failed != 0;
    reg  [15:0] latency = 80;
    reg  [7:0]  pause = 0;
    wire irq, host_irq, busy;
    wire [3:0] data_awid, data_bid, data_arid, data_rid;
    wire [63:0] data_awaddr, data_wdata, data_araddr, data_rdata;
    wire [7:0] data_awlen, data_wstrb, data_arlen;
    wire [2:0] data_awsize, data_arsize;
    wire [1:0] data_awburst, data_bresp, data_arburst, data_rresp;
    wire data_awvalid, data_awready, data_wlast, data_wvalid, data_wready, data_bvalid, data_bready,
        data_arvalid, data_arready, data_rlast, data_rvalid, data_rready;
    wire [3:0] desc_awid, desc_bid, desc_arid, desc_rid;
    wire [63:0] desc_awaddr, desc_wdata, desc_araddr, desc_rdata;
    wire [7:0] desc_awlen, desc_wstrb, desc_arlen;
    wire [2:0] desc_awsize, desc_arsize;
    wire [1:0] desc_awburst, desc_bresp, desc_arburst, desc_rresp;
    wire desc_awvalid, desc_awready, desc_wlast, desc_wvalid, desc_wready, desc_bvalid, desc_bready,
        desc_arvalid, desc_arready, desc_rlast, desc_rvalid, desc_rready;

    axi_memory_port #(.NUMBER(0)) data_port (
        .clk(clk), .rst(rst), .latency(latency), .pause(pause),
        .awid(data_awid), .awaddr(data_awaddr), .awlen(data_awlen), .awvalid(data_awvalid),
        .awready(data_awready), .wdata(data_wdata), .wstrb(data_wstrb), .wlast(data_wlast),
        .wvalid(data_wvalid), .wready(data_wready), .bid(data_bid), .bresp(data_bresp), .bvalid(data_bvalid),
        .bready(data_bready), .arid(data_arid), .araddr(data_araddr), .arlen(data_arlen),
        .arvalid(data_arvalid), .arready(data_arready), .rid(data_rid), .rdata(data_rdata), .rresp(data_rresp),
        .rlast(data_rlast), .rvalid(data_rvalid), .rready(data_rready));

    axi_memory_port #(.NUMBER(1)) desc_port (
        .clk(clk), .rst(rst), .latency(latency), .pause(pause),
        .awid(desc_awid), .awaddr(desc_awaddr), .awlen(desc_awlen), .awvalid(desc_awvalid),
        .awready(desc_awready), .wdata(desc_wdata), .wstrb(desc_wstrb), .wlast(desc_wlast),
        .wvalid(desc_wvalid), .wready(desc_wready), .bid(desc_bid), .bresp(desc_bresp), .bvalid(desc_bvalid),
        .bready(desc_bready), .arid(desc_arid), .araddr(desc_araddr), .arlen(desc_arlen),
        .arvalid(desc_arvalid), .arready(desc_arready), .rid(desc_rid), .rdata(desc_rdata), .rresp(desc_rresp),
        .rlast(desc_rlast), .rvalid(desc_rvalid), .rready(desc_rready));

    // ---- registers of either set: driven by the test
    wire [16:0] own_awaddr, own_araddr;
    wire own_awvalid, own_awready, own_wvalid, own_wready, own_bvalid, own_bready, own_arvalid, own_arready,
        own_rvalid, own_rready;
    wire [31:0] own_wdata, own_rdata;
    wire [3:0]  own_wstrb;
    wire [1:0]  own_bresp, own_rresp;
    register_port #(.NUMBER(0)) own_port (
        .clk(clk), .rst(rst), .pause(pause), .failed(monitors_failed[2]), .m_axil_awaddr(own_awaddr),
        .m_axil_awvalid(own_awvalid), .m_axil_awready(own_awready), .m_axil_wdata(own_wdata),
        .m_axil_wstrb(own_wstrb), .m_axil_wvalid(own_wvalid), .m_axil_wready(own_wready),
        .m_axil_bresp(own_bresp), .m_axil_bvalid(own_bvalid), .m_axil_bready(own_bready),
        .m_axil_araddr(own_araddr), .m_axil_arvalid(own_arvalid), .m_axil_arready(own_arready),
        .m_axil_rdata(own_rdata), .m_axil_rresp(own_rresp), .m_axil_rvalid(own_rvalid), .m_axil_rready(own_rready));

    wire [16:0] host_awaddr, host_araddr;
    wire host_awvalid, host_awready, host_wvalid, host_wready, host_bvalid, host_bready, host_arvalid, host_arready,
        host_rvalid, host_rready;
    wire [31:0] host_wdata, host_rdata;
    wire [3:0]  host_wstrb;
    wire [1:0]  host_bresp, host_rresp;
    register_port #(.NUMBER(1)) host_port (
        .clk(clk), .rst(rst), .pause(pause), .failed(monitors_failed[5]), .m_axil_awaddr(host_awaddr),
        .m_axil_awvalid(host_awvalid), .m_axil_awready(host_awready), .m_axil_wdata(host_wdata),
        .m_axil_wstrb(host_wstrb), .m_axil_wvalid(host_wvalid), .m_axil_wready(host_wready),
        .m_axil_bresp(host_bresp), .m_axil_bvalid(host_bvalid), .m_axil_bready(host_bready),
        .m_axil_araddr(host_araddr), .m_axil_arvalid(host_arvalid), .m_axil_arready(host_arready),
        .m_axil_rdata(host_rdata), .m_axil_rresp(host_rresp), .m_axil_rvalid(host_rvalid), .m_axil_rready(host_rready));

    // bursts of the host's set, whose IDs have the uppermost bit set, and those of them that leave the host's memory
    integer host_bursts = 0, host_strays = 0;
    always @(posedge clk) if (!rst) begin
        host_bursts = host_bursts + (data_awvalid && data_awready && data_awid[3])
            + (data_arvalid && data_arready && data_arid[3]) + (desc_awvalid && desc_awready && desc_awid[3])
            + (desc_arvalid && desc_arready && desc_arid[3]);
        host_strays = host_strays + (data_awvalid && data_awready && data_awid[3] && data_awaddr[63])
            + (data_arvalid && data_arready && data_arid[3] && data_araddr[63])
            + (desc_awvalid && desc_awready && desc_awid[3] && desc_awaddr[63])
            + (desc_arvalid && desc_arready && desc_arid[3] && desc_araddr[63]);
    end

    ethernet_controller #(
        .QUEUE_SETS(QUEUE_SETS), .MAX_FRAME_BYTES(MAX_FRAME_BYTES), .RX_BUFFER_BYTES(RX_BUFFER_BYTES),
        .TX_BUFFER_BYTES(TX_BUFFER_BYTES)
    ) dut (
        .clk(clk), .rst(rst),
        .s_axil_awaddr(own_awaddr), .s_axil_awvalid(own_awvalid), .s_axil_awready(own_awready),
        .s_axil_wdata(own_wdata), .s_axil_wstrb(own_wstrb), .s_axil_wvalid(own_wvalid), .s_axil_wready(own_wready),
        .s_axil_bresp(own_bresp), .s_axil_bvalid(own_bvalid), .s_axil_bready(own_bready),
        .s_axil_araddr(own_araddr), .s_axil_arvalid(own_arvalid), .s_axil_arready(own_arready),
        .s_axil_rdata(own_rdata), .s_axil_rresp(own_rresp), .s_axil_rvalid(own_rvalid), .s_axil_rready(own_rready),
        .s_axil_host_awaddr(host_awaddr), .s_axil_host_awvalid(host_awvalid), .s_axil_host_awready(host_awready),
        .s_axil_host_wdata(host_wdata), .s_axil_host_wstrb(host_wstrb), .s_axil_host_wvalid(host_wvalid),
        .s_axil_host_wready(host_wready), .s_axil_host_bresp(host_bresp), .s_axil_host_bvalid(host_bvalid),
        .s_axil_host_bready(host_bready), .s_axil_host_araddr(host_araddr), .s_axil_host_arvalid(host_arvalid),
        .s_axil_host_arready(host_arready), .s_axil_host_rdata(host_rdata), .s_axil_host_rresp(host_rresp),
        .s_axil_host_rvalid(host_rvalid), .s_axil_host_rready(host_rready),
        .m_axi_data_awid(data_awid), .m_axi_data_awaddr(data_awaddr), .m_axi_data_awlen(data_awlen),
        .m_axi_data_awsize(data_awsize), .m_axi_data_awburst(data_awburst), .m_axi_data_awvalid(data_awvalid),
        .m_axi_data_awready(data_awready), .m_axi_data_wdata(data_wdata), .m_axi_data_wstrb(data_wstrb),
        .m_axi_data_wlast(data_wlast), .m_axi_data_wvalid(data_wvalid), .m_axi_data_wready(data_wready),
        .m_axi_data_bid(data_bid), .m_axi_data_bresp(data_bresp), .m_axi_data_bvalid(data_bvalid),
        .m_axi_data_bready(data_bready), .m_axi_data_arid(data_arid), .m_axi_data_araddr(data_araddr),
        .m_axi_data_arlen(data_arlen), .m_axi_data_arsize(data_arsize), .m_axi_data_arburst(data_arburst),
        .m_axi_data_arvalid(data_arvalid), .m_axi_data_arready(data_arready), .m_axi_data_rid(data_rid),
        .m_axi_data_rdata(data_rdata), .m_axi_data_rresp(data_rresp), .m_axi_data_rlast(data_rlast),
        .m_axi_data_rvalid(data_rvalid), .m_axi_data_rready(data_rready),
        .m_axi_desc_awid(desc_awid), .m_axi_desc_awaddr(desc_awaddr), .m_axi_desc_awlen(desc_awlen),
        .m_axi_desc_awsize(desc_awsize), .m_axi_desc_awburst(desc_awburst), .m_axi_desc_awvalid(desc_awvalid),
        .m_axi_desc_awready(desc_awready), .m_axi_desc_wdata(desc_wdata), .m_axi_desc_wstrb(desc_wstrb),
        .m_axi_desc_wlast(desc_wlast), .m_axi_desc_wvalid(desc_wvalid), .m_axi_desc_wready(desc_wready),
        .m_axi_desc_bid(desc_bid), .m_axi_desc_bresp(desc_bresp), .m_axi_desc_bvalid(desc_bvalid),
        .m_axi_desc_bready(desc_bready), .m_axi_desc_arid(desc_arid), .m_axi_desc_araddr(desc_araddr),
        .m_axi_desc_arlen(desc_arlen), .m_axi_desc_arsize(desc_arsize), .m_axi_desc_arburst(desc_arburst),
        .m_axi_desc_arvalid(desc_arvalid), .m_axi_desc_arready(desc_arready), .m_axi_desc_rid(desc_rid),
        .m_axi_desc_rdata(desc_rdata), .m_axi_desc_rresp(desc_rresp), .m_axi_desc_rlast(desc_rlast),
        .m_axi_desc_rvalid(desc_rvalid), .m_axi_desc_rready(desc_rready),
        .gmii_tx_clk(gmii_tx_clk), .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er),
        .gmii_rx_clk(gmii_rx_clk), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
        .wire_link(wire_link), .mac_address(48'h3020105e0002),
        .irq(irq), .host_irq(host_irq), .busy(busy));

    // ---- protocol monitors
    wire [31:0] data_read_beats, data_write_beats, desc_read_beats, desc_write_beats;

    axi_monitor #(.ID_WIDTH(4)) data_monitor (
        .clk(clk), .rst(rst), .awid(data_awid), .awaddr(data_awaddr), .awlen(data_awlen),
        .awsize(data_awsize), .awburst(data_awburst), .awvalid(data_awvalid), .awready(data_awready),
        .wdata(data_wdata), .wstrb(data_wstrb), .wlast(data_wlast), .wvalid(data_wvalid), .wready(data_wready),
        .bid(data_bid), .bresp(data_bresp), .bvalid(data_bvalid), .bready(data_bready), .arid(data_arid),
        .araddr(data_araddr), .arlen(data_arlen), .arsize(data_arsize), .arburst(data_arburst),
        .arvalid(data_arvalid), .arready(data_arready), .rid(data_rid), .rdata(data_rdata), .rresp(data_rresp),
        .rlast(data_rlast), .rvalid(data_rvalid), .rready(data_rready), .failed(monitors_failed[0]), .idle(), .read_beats(data_read_beats),
        .write_beats(data_write_beats), .error_responses()
    );
    axi_monitor #(.ID_WIDTH(4)) desc_monitor (
        .clk(clk), .rst(rst), .awid(desc_awid), .awaddr(desc_awaddr), .awlen(desc_awlen),
        .awsize(desc_awsize), .awburst(desc_awburst), .awvalid(desc_awvalid), .awready(desc_awready),
        .wdata(desc_wdata), .wstrb(desc_wstrb), .wlast(desc_wlast), .wvalid(desc_wvalid), .wready(desc_wready),
        .bid(desc_bid), .bresp(desc_bresp), .bvalid(desc_bvalid), .bready(desc_bready), .arid(desc_arid),
        .araddr(desc_araddr), .arlen(desc_arlen), .arsize(desc_arsize), .arburst(desc_arburst),
        .arvalid(desc_arvalid), .arready(desc_arready), .rid(desc_rid), .rdata(desc_rdata), .rresp(desc_rresp),
        .rlast(desc_rlast), .rvalid(desc_rvalid), .rready(desc_rready), .failed(monitors_failed[1]), .idle(), .read_beats(desc_read_beats),
        .write_beats(desc_write_beats), .error_responses()
    );
    axis_monitor transmit_monitor (
        .clk(clk), .rst(rst), .tdata(dut.queue_set.segmenter.s_axis_tdata),
        .tkeep(dut.queue_set.segmenter.s_axis_tkeep), .tvalid(dut.queue_set.segmenter.s_axis_tvalid),
        .tready(dut.queue_set.segmenter.s_axis_tready), .tlast(dut.queue_set.segmenter.s_axis_tlast),
        .tuser(dut.queue_set.segmenter.s_axis_tuser), .failed(monitors_failed[3]), .beats(), .packets()
    );
    axis_monitor receive_monitor (
        .clk(clk), .rst(rst), .tdata(dut.queue_set.receive.m_axis_tdata), .tkeep(dut.queue_set.receive.m_axis_tkeep),
        .tvalid(dut.queue_set.receive.m_axis_tvalid), .tready(dut.queue_set.receive.m_axis_tready), .tlast(dut.queue_set.receive.m_axis_tlast),
        .tuser(1'b0), .failed(monitors_failed[4]), .beats(), .packets()
    );

    // the two sets in front of the place on the bus that they share, and the streams of the host's
    generate if (QUEUE_SETS == 2) begin : pair
        axi_pair_monitor #(.ID_WIDTH(4)) data_masters (
            .clk(clk), .rst(rst), .awid(dut.host.queues.data_masters.s_axi_awid),
            .awaddr(dut.host.queues.data_masters.s_axi_awaddr), .awlen(dut.host.queues.data_masters.s_axi_awlen),
            .awsize(dut.host.queues.data_masters.s_axi_awsize), .awburst(dut.host.queues.data_masters.s_axi_awburst),
            .awvalid(dut.host.queues.data_masters.s_axi_awvalid),
            .awready(dut.host.queues.data_masters.s_axi_awready), .wdata(dut.host.queues.data_masters.s_axi_wdata),
            .wstrb(dut.host.queues.data_masters.s_axi_wstrb), .wlast(dut.host.queues.data_masters.s_axi_wlast),
            .wvalid(dut.host.queues.data_masters.s_axi_wvalid), .wready(dut.host.queues.data_masters.s_axi_wready),
            .bid(dut.host.queues.data_masters.s_axi_bid), .bresp(dut.host.queues.data_masters.s_axi_bresp),
            .bvalid(dut.host.queues.data_masters.s_axi_bvalid), .bready(dut.host.queues.data_masters.s_axi_bready),
            .arid(dut.host.queues.data_masters.s_axi_arid), .araddr(dut.host.queues.data_masters.s_axi_araddr),
            .arlen(dut.host.queues.data_masters.s_axi_arlen), .arsize(dut.host.queues.data_masters.s_axi_arsize),
            .arburst(dut.host.queues.data_masters.s_axi_arburst),
            .arvalid(dut.host.queues.data_masters.s_axi_arvalid),
            .arready(dut.host.queues.data_masters.s_axi_arready), .rid(dut.host.queues.data_masters.s_axi_rid),
            .rdata(dut.host.queues.data_masters.s_axi_rdata), .rresp(dut.host.queues.data_masters.s_axi_rresp),
            .rlast(dut.host.queues.data_masters.s_axi_rlast), .rvalid(dut.host.queues.data_masters.s_axi_rvalid),
            .rready(dut.host.queues.data_masters.s_axi_rready), .failed(monitors_failed[7:6])
        );
        axi_pair_monitor #(.ID_WIDTH(4)) desc_masters (
            .clk(clk), .rst(rst), .awid(dut.host.queues.desc_masters.s_axi_awid),
            .awaddr(dut.host.queues.desc_masters.s_axi_awaddr), .awlen(dut.host.queues.desc_masters.s_axi_awlen),
            .awsize(dut.host.queues.desc_masters.s_axi_awsize), .awburst(dut.host.queues.desc_masters.s_axi_awburst),
            .awvalid(dut.host.queues.desc_masters.s_axi_awvalid),
            .awready(dut.host.queues.desc_masters.s_axi_awready), .wdata(dut.host.queues.desc_masters.s_axi_wdata),
            .wstrb(dut.host.queues.desc_masters.s_axi_wstrb), .wlast(dut.host.queues.desc_masters.s_axi_wlast),
            .wvalid(dut.host.queues.desc_masters.s_axi_wvalid), .wready(dut.host.queues.desc_masters.s_axi_wready),
            .bid(dut.host.queues.desc_masters.s_axi_bid), .bresp(dut.host.queues.desc_masters.s_axi_bresp),
            .bvalid(dut.host.queues.desc_masters.s_axi_bvalid), .bready(dut.host.queues.desc_masters.s_axi_bready),
            .arid(dut.host.queues.desc_masters.s_axi_arid), .araddr(dut.host.queues.desc_masters.s_axi_araddr),
            .arlen(dut.host.queues.desc_masters.s_axi_arlen), .arsize(dut.host.queues.desc_masters.s_axi_arsize),
            .arburst(dut.host.queues.desc_masters.s_axi_arburst),
            .arvalid(dut.host.queues.desc_masters.s_axi_arvalid),
            .arready(dut.host.queues.desc_masters.s_axi_arready), .rid(dut.host.queues.desc_masters.s_axi_rid),
            .rdata(dut.host.queues.desc_masters.s_axi_rdata), .rresp(dut.host.queues.desc_masters.s_axi_rresp),
            .rlast(dut.host.queues.desc_masters.s_axi_rlast), .rvalid(dut.host.queues.desc_masters.s_axi_rvalid),
            .rready(dut.host.queues.desc_masters.s_axi_rready), .failed(monitors_failed[9:8])
        );
        axis_monitor host_transmit (
            .clk(clk), .rst(rst), .tdata(dut.host.queues.queue_set.segmenter.s_axis_tdata),
            .tkeep(dut.host.queues.queue_set.segmenter.s_axis_tkeep),
            .tvalid(dut.host.queues.queue_set.segmenter.s_axis_tvalid),
            .tready(dut.host.queues.queue_set.segmenter.s_axis_tready),
            .tlast(dut.host.queues.queue_set.segmenter.s_axis_tlast),
            .tuser(dut.host.queues.queue_set.segmenter.s_axis_tuser), .failed(monitors_failed[10]), .beats(),
            .packets()
        );
        axis_monitor host_receive (
            .clk(clk), .rst(rst), .tdata(dut.host.queues.queue_set.receive.m_axis_tdata),
            .tkeep(dut.host.queues.queue_set.receive.m_axis_tkeep),
            .tvalid(dut.host.queues.queue_set.receive.m_axis_tvalid),
            .tready(dut.host.queues.queue_set.receive.m_axis_tready),
            .tlast(dut.host.queues.queue_set.receive.m_axis_tlast), .tuser(1'b0), .failed(monitors_failed[11]),
            .beats(), .packets()
        );
    end else begin : single
        assign monitors_failed[11:6] = 6'd0;
    end endgenerate
endmodule
`default_nettype wire
