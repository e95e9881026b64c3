// The registers that belong to the MAC, not to a queue set: device control and status with the link, EEPROM, PHY, flow
// control, VLAN type, gap, packet buffer split. ethernet_registers passes accesses on; what is not here reads as 0.
`default_nettype none
module mac_control #(
    parameter LOOPBACK_LINK = 1             // 0: a copy that shows the link of another; its PHY's loopback makes none
) (
    input  wire        clk,
    input  wire        rst,                 // power-on: the PHY too
    input  wire        core_rst,            // the registers: rst, or CTRL.RST when the controller is quiet

    input  wire        write,
    input  wire [31:0] write_address,
    input  wire [31:0] write_data,
    input  wire [31:0] read_address,
    output wire [31:0] read_value,

    input  wire [47:0] mac_address,         // in the EEPROM; byte 0 in bits 7:0
    input  wire        wire_link,           // pin: a partner is there
    input  wire        transmit_paused,     // reads as STATUS.TXOFF

    output wire        reset_request,       // pulse: CTRL.RST written
    input  wire        reset_pending,       // reads as CTRL.RST
    output wire        eeprom_reload,       // pulse: CTRL_EXT.EE_RST written
    output wire        link,                // STATUS.LU
    output wire        link_change,         // pulse
    output wire        mdi_done,            // pulse
    output wire        vlan_mode,           // CTRL.VME
    output wire [15:0] vlan_type,           // VET
    output wire        receive_pause,       // CTRL.RFCE
    output wire        transmit_pause,      // CTRL.TFCE
    output wire [47:0] pause_address,       // FCAH, FCAL
    output wire [15:0] pause_type,          // FCT
    output wire [15:0] pause_time,          // FCTTV
    output wire [15:0] pause_low,           // FCRTL, bytes
    output wire [15:0] pause_high,          // FCRTH, bytes
    output wire        pause_xon,           // FCRTL.XONE
    output wire [9:0]  gap,                 // TIPG.IPGT
    output wire        loopback,            // the PHY sends back what it gets
    output wire        busy                 // the link changes
);
    `include "ethernet.vh"

    reg [31:0] ctrl_reg, ctrl_ext_reg, eerd_reg, mdic_reg, fcal_reg, fcah_reg, fct_reg, vet_reg, fcttv_reg, txcw_reg;
    reg [31:0] tipg_reg, ait_reg, fcrtl_reg, fcrth_reg, wuc_reg, wufc_reg;
    localparam [31:0] PBA_RESET = `ETHERNET_PBA_RESET;
    reg [15:0] pba_reg;
    reg [31:0] eecd_reg;
    reg        link_reg, phy_link_reg;

    wire carrier, phy_link;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || core_rst || write || wire_link != carrier || phy_link != phy_link_reg
                || ctrl_reg[`ETHERNET_CTRL_PHY_RST_LSB] || link_next != link_reg),
        .gated(clk_gated)
    );

    wire ctrl_write = write && write_address == `ETHERNET_CTRL;
    wire eecd_write = write && write_address == `ETHERNET_EECD;
    wire mdic_write = write && write_address == `ETHERNET_MDIC;

    // ---- link: the pin, what the PHY makes of it, and whether software lets the MAC see it
    wire        set_link  = ctrl_write ? write_data[`ETHERNET_CTRL_SLU_LSB] : ctrl_reg[`ETHERNET_CTRL_SLU_LSB];
    wire        link_next = set_link && phy_link;
    wire [1:0]  phy_op    = write_data[`ETHERNET_MDIC_OP_LSB +: 2];
    wire        phy_valid = phy_op == 2'd1 || phy_op == 2'd2;
    wire        phy_answers;
    wire [15:0] phy_data;

    synchronizer link_pin (.clk(clk_gated), .rst(1'b0), .async_in(wire_link), .sync_out(carrier));

    mdio_phy #(.LOOPBACK_LINK(LOOPBACK_LINK)) phy (
        .clk(clk_gated), .rst(rst), .phy_reset(ctrl_reg[`ETHERNET_CTRL_PHY_RST_LSB]), .carrier(carrier),
        .access(mdic_write && phy_valid), .write(phy_op == 2'd1),
        .phy_address(write_data[`ETHERNET_MDIC_PHYADD_LSB +: 5]),
        .register(write_data[`ETHERNET_MDIC_REGADD_LSB +: 5]), .write_data(write_data[15:0]),
        .read_data(phy_data), .answers(phy_answers), .link(phy_link), .loopback(loopback));

    assign link        = link_reg;
    assign link_change = link_next != link_reg && !core_rst;
    assign mdi_done    = mdic_write && write_data[`ETHERNET_MDIC_I_LSB];
    assign busy        = wire_link != carrier || phy_link != phy_link_reg || link_next != link_reg;

    // ---- EEPROM
    wire        eeprom_do;
    wire [15:0] eeprom_word;

    eeprom eeprom (
        .clk(clk_gated), .rst(core_rst), .mac_address(mac_address),
        .change(eecd_write), .cs(write_data[`ETHERNET_EECD_CS_LSB]), .sk(write_data[`ETHERNET_EECD_SK_LSB]),
        .di(write_data[`ETHERNET_EECD_DI_LSB]), .data_out(eeprom_do),
        .address(write_data[`ETHERNET_EERD_ADDR_LSB +: 6]), .word(eeprom_word));

    assign reset_request = ctrl_write && write_data[`ETHERNET_CTRL_RST_LSB];
    assign eeprom_reload = write && write_address == `ETHERNET_CTRL_EXT && write_data[`ETHERNET_CTRL_EXT_EE_RST_LSB];

    // ---- to the other blocks
    assign vlan_mode      = ctrl_reg[`ETHERNET_CTRL_VME_LSB];
    assign vlan_type      = vet_reg[15:0];
    assign receive_pause  = ctrl_reg[`ETHERNET_CTRL_RFCE_LSB];
    assign transmit_pause = ctrl_reg[`ETHERNET_CTRL_TFCE_LSB];
    assign pause_address  = {fcah_reg[15:0], fcal_reg};
    assign pause_type     = fct_reg[15:0];
    assign pause_time     = fcttv_reg[15:0];
    assign pause_low      = {fcrtl_reg[15:3], 3'd0};
    assign pause_high     = {fcrth_reg[15:3], 3'd0};
    assign pause_xon      = fcrtl_reg[`ETHERNET_FCRTL_XONE_LSB];
    assign gap            = tipg_reg[9:0];

    // ---- reading
    reg  [31:0] value;
    wire [1:0]  speed  = ctrl_reg[`ETHERNET_CTRL_FRCSPD_LSB] ? ctrl_reg[`ETHERNET_CTRL_SPEED_LSB +: 2] : 2'd2;
    wire        duplex = !ctrl_reg[`ETHERNET_CTRL_FRCDPX_LSB] || ctrl_reg[`ETHERNET_CTRL_FD_LSB];
    wire [15:0] packet_buffer = 16'h0040;   // KiB, receive and transmit

    assign read_value = value;

    always @* begin
        case (read_address)
            `ETHERNET_CTRL:     value = ctrl_reg | {5'd0, reset_pending, 26'd0};
            `ETHERNET_STATUS:   value = {24'd0, speed, 1'b0, transmit_paused, 2'b00, link_reg, duplex};
            `ETHERNET_EECD:     value = {23'd0, 1'b1, eecd_reg[6], eecd_reg[6:4], eeprom_do, eecd_reg[2:0]};
            `ETHERNET_EERD:     value = eerd_reg;
            `ETHERNET_CTRL_EXT: value = ctrl_ext_reg;
            `ETHERNET_MDIC:     value = mdic_reg;
            `ETHERNET_FCAL:     value = fcal_reg;
            `ETHERNET_FCAH:     value = fcah_reg;
            `ETHERNET_FCT:      value = fct_reg;
            `ETHERNET_VET:      value = vet_reg;
            `ETHERNET_FCTTV:    value = fcttv_reg;
            `ETHERNET_TXCW:     value = txcw_reg;
            `ETHERNET_TIPG:     value = tipg_reg;
            `ETHERNET_AIT:      value = ait_reg;
            `ETHERNET_PBA:      value = {packet_buffer - pba_reg, pba_reg};
            `ETHERNET_FCRTL:    value = fcrtl_reg;
            `ETHERNET_FCRTH:    value = fcrth_reg;
            `ETHERNET_WUC:      value = wuc_reg;
            `ETHERNET_WUFC:     value = wufc_reg;
            default:            value = 32'd0;
        endcase
    end

    always @(posedge clk_gated) begin
        link_reg     <= link_next;
        phy_link_reg <= phy_link;
        if (write) begin
            case (write_address)
                `ETHERNET_CTRL:     ctrl_reg     <= write_data & ~(32'd1 << `ETHERNET_CTRL_RST_LSB);
                `ETHERNET_EECD:     eecd_reg     <= write_data;
                `ETHERNET_EERD:                 // over at once; an address beyond the 64 words wraps
                    if (write_data[`ETHERNET_EERD_START_LSB])
                        eerd_reg <= {eeprom_word, write_data[15:8], 3'd0, 1'b1, 4'd0};
                `ETHERNET_CTRL_EXT: ctrl_ext_reg <= write_data & ~(32'd1 << `ETHERNET_CTRL_EXT_EE_RST_LSB);
                `ETHERNET_MDIC: begin
                    mdic_reg[31:16] <= write_data[31:16];
                    mdic_reg[15:0]  <= phy_valid && phy_answers && phy_op == 2'd2 ? phy_data : write_data[15:0];
                    mdic_reg[`ETHERNET_MDIC_READY_LSB] <= 1'b1;
                    mdic_reg[`ETHERNET_MDIC_ERROR_LSB] <= !(phy_valid && phy_answers);
                end
                `ETHERNET_FCAL:     fcal_reg     <= write_data;
                `ETHERNET_FCAH:     fcah_reg     <= {16'd0, write_data[15:0]};
                `ETHERNET_FCT:      fct_reg      <= {16'd0, write_data[15:0]};
                `ETHERNET_VET:      vet_reg      <= {16'd0, write_data[15:0]};
                `ETHERNET_FCTTV:    fcttv_reg    <= {16'd0, write_data[15:0]};
                `ETHERNET_TXCW:     txcw_reg     <= write_data;
                `ETHERNET_TIPG:     tipg_reg     <= {2'd0, write_data[29:0]};
                `ETHERNET_AIT:      ait_reg      <= {16'd0, write_data[15:0]};
                `ETHERNET_PBA:      pba_reg      <= write_data[15:0];
                `ETHERNET_FCRTL:    fcrtl_reg    <= {write_data[31], 15'd0, write_data[15:3], 3'd0};
                `ETHERNET_FCRTH:    fcrth_reg    <= {16'd0, write_data[15:3], 3'd0};
                `ETHERNET_WUC:      wuc_reg      <= write_data;
                `ETHERNET_WUFC:     wufc_reg     <= write_data;
                default: ;
            endcase
        end
        if (core_rst) begin
            link_reg     <= 1'b0;
            ctrl_reg     <= `ETHERNET_CTRL_RESET;
            ctrl_ext_reg <= 32'd0;
            eecd_reg     <= 32'd0;
            eerd_reg     <= 32'd0;
            mdic_reg     <= 32'd1 << `ETHERNET_MDIC_READY_LSB;
            fcal_reg     <= 32'd0;
            fcah_reg     <= 32'd0;
            fct_reg      <= 32'd0;
            vet_reg      <= `ETHERNET_VET_RESET;
            fcttv_reg    <= 32'd0;
            txcw_reg     <= 32'd0;
            tipg_reg     <= 32'd0;
            ait_reg      <= 32'd0;
            pba_reg      <= PBA_RESET[15:0];
            fcrtl_reg    <= 32'd0;
            fcrth_reg    <= 32'd0;
            wuc_reg      <= 32'd0;
            wufc_reg     <= 32'd0;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // storage only, or parts of registers that mean nothing
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{eecd_reg, fcah_reg, fct_reg, vet_reg, fcttv_reg, tipg_reg, fcrtl_reg, fcrth_reg};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
