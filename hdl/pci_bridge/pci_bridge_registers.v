// Status, error counters and the bus arbiter's control at the PCI bridge, for the firmware.
`default_nettype none
`include "bridge.vh"
module pci_bridge_registers (
    input  wire         clk,
    input  wire         rst,

    // Events in the order of the STATUS bits, one clock each
    input  wire [8:0]   events,
    input  wire         poisoned_twice,         // two of a kind in this clock
    input  wire         dropped_twice,
    input  wire [127:0] bus_beats,              // 32 bits a bus master
    output reg          arbiter_round_robin,
    output wire         error_irq,

    input  wire [11:0]  s_axil_awaddr,
    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire [31:0]  s_axil_wdata,
    input  wire [3:0]   s_axil_wstrb,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    output reg  [1:0]   s_axil_bresp,
    output reg          s_axil_bvalid,
    input  wire         s_axil_bready,
    input  wire [11:0]  s_axil_araddr,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    output reg  [31:0]  s_axil_rdata,
    output reg  [1:0]   s_axil_rresp,
    output reg          s_axil_rvalid,
    input  wire         s_axil_rready,

    output wire         busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || busy),
        .gated(clk_gated)
    );

    localparam [1:0] RESP_OKAY   = 2'b00;
    localparam [1:0] RESP_SLVERR = 2'b10;

    reg [8:0]  status_reg, mask_reg;
    reg [287:0] count_reg;                      // 32 bits an event

    assign error_irq = (status_reg & ~mask_reg) != 9'd0;

    wire write_fire = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
    wire read_fire  = s_axil_arvalid && !s_axil_rvalid;
    assign s_axil_awready = write_fire;
    assign s_axil_wready  = write_fire;
    assign s_axil_arready = read_fire;

    wire [31:0] write_address = {20'd0, s_axil_awaddr[11:2], 2'b00};
    wire [31:0] read_address  = {20'd0, s_axil_araddr[11:2], 2'b00};

    reg [31:0] read_value;
    reg        read_known;
    always @* begin
        read_known = 1'b1;
        read_value = 32'd0;
        if (read_fire) case (read_address)
            `BRIDGE_STATUS:                 read_value = {23'd0, status_reg};
            `BRIDGE_MASK:                   read_value = {23'd0, mask_reg};
            `BRIDGE_UNSUPPORTED_REQUESTS:   read_value = count_reg[32*`BRIDGE_STATUS_UNSUPPORTED_REQUEST_LSB +: 32];
            `BRIDGE_COMPLETER_ABORTS:       read_value = count_reg[32*`BRIDGE_STATUS_COMPLETER_ABORT_LSB +: 32];
            `BRIDGE_COMPLETION_ERRORS:      read_value = count_reg[32*`BRIDGE_STATUS_COMPLETION_ERROR_LSB +: 32];
            `BRIDGE_COMPLETION_TIMEOUTS:    read_value = count_reg[32*`BRIDGE_STATUS_COMPLETION_TIMEOUT_LSB +: 32];
            `BRIDGE_UNEXPECTED_COMPLETIONS: read_value = count_reg[32*`BRIDGE_STATUS_UNEXPECTED_COMPLETION_LSB +: 32];
            `BRIDGE_BUS_MASTER_OFF_DROPS:   read_value = count_reg[32*`BRIDGE_STATUS_BUS_MASTER_OFF_LSB +: 32];
            `BRIDGE_POISONED_TLPS:          read_value = count_reg[32*`BRIDGE_STATUS_POISONED_LSB +: 32];
            `BRIDGE_POSTED_DROPS:           read_value = count_reg[32*`BRIDGE_STATUS_POSTED_DROP_LSB +: 32];
            `BRIDGE_FUNCTION_RESETS:        read_value = count_reg[32*`BRIDGE_STATUS_FUNCTION_RESET_LSB +: 32];
            `BRIDGE_ARBITER_CONTROL:        read_value = {31'd0, arbiter_round_robin};
            `BRIDGE_BUS_BEATS0:             read_value = bus_beats[31:0];
            `BRIDGE_BUS_BEATS1:             read_value = bus_beats[63:32];
            `BRIDGE_BUS_BEATS2:             read_value = bus_beats[95:64];
            `BRIDGE_BUS_BEATS3:             read_value = bus_beats[127:96];
            default: begin
                read_value = 32'd0;
                read_known = 1'b0;
            end
        endcase
    end

    reg [8:0] twice;
    always @* begin
        twice = 9'd0;
        twice[`BRIDGE_STATUS_POISONED_LSB]       = poisoned_twice;
        twice[`BRIDGE_STATUS_BUS_MASTER_OFF_LSB] = dropped_twice;
    end

    integer i;
    always @(posedge clk_gated) begin
        if (s_axil_bready) s_axil_bvalid <= 1'b0;
        if (s_axil_rready) s_axil_rvalid <= 1'b0;
        if (write_fire) begin
            s_axil_bvalid <= 1'b1;
            s_axil_bresp  <= write_address <= `BRIDGE_BUS_BEATS3 ? RESP_OKAY : RESP_SLVERR;
            if (s_axil_wstrb[1] && write_address == `BRIDGE_STATUS) status_reg[8] <= status_reg[8] && !s_axil_wdata[8];
            if (s_axil_wstrb[1] && write_address == `BRIDGE_MASK)   mask_reg[8]   <= s_axil_wdata[8];
            if (s_axil_wstrb[0]) case (write_address)
                `BRIDGE_STATUS:          status_reg[7:0]     <= status_reg[7:0] & ~s_axil_wdata[7:0];
                `BRIDGE_MASK:            mask_reg[7:0]       <= s_axil_wdata[7:0];
                `BRIDGE_ARBITER_CONTROL: arbiter_round_robin <= s_axil_wdata[`BRIDGE_ARBITER_CONTROL_ROUND_ROBIN_LSB];
                default: ;
            endcase
        end
        if (read_fire) begin
            s_axil_rvalid <= 1'b1;
            s_axil_rdata  <= read_value;
            s_axil_rresp  <= read_known ? RESP_OKAY : RESP_SLVERR;
        end
        // an event wins over the acknowledge of an earlier one
        for (i = 0; i < 9; i = i + 1) if (events[i]) begin
            status_reg[i] <= 1'b1;
            count_reg[32*i +: 32] <= count_reg[32*i +: 32] + (twice[i] ? 32'd2 : 32'd1);
        end
        if (rst) begin
            s_axil_bvalid       <= 1'b0;
            s_axil_rvalid       <= 1'b0;
            status_reg          <= 9'd0;
            mask_reg            <= `BRIDGE_MASK_RESET;
            arbiter_round_robin <= 1'b1;
            count_reg           <= 288'd0;
        end
    end

    assign busy = s_axil_awvalid || s_axil_wvalid || s_axil_bvalid || s_axil_arvalid || s_axil_rvalid || events != 9'd0;

`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{1'b0, s_axil_awaddr[1:0], s_axil_araddr[1:0], s_axil_wdata[31:9], s_axil_wstrb[3:2]};
`endif
endmodule
`default_nettype wire
