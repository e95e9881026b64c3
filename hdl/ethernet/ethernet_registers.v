// Register block of one queue set behind AXI4-Lite, in the layout of the 82544; 32-bit accesses only.
`default_nettype none
module ethernet_registers (
    input  wire         clk,
    input  wire         rst,                // of the bus interface
    input  wire         core_rst,           // of the registers: rst, or CTRL.RST when the controller is quiet

    input  wire [16:0]  s_axil_awaddr,
    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire [31:0]  s_axil_wdata,
    input  wire [3:0]   s_axil_wstrb,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    output wire [1:0]   s_axil_bresp,
    output wire         s_axil_bvalid,
    input  wire         s_axil_bready,
    input  wire [16:0]  s_axil_araddr,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    output wire [31:0]  s_axil_rdata,
    output wire [1:0]   s_axil_rresp,
    output wire         s_axil_rvalid,
    input  wire         s_axil_rready,

    // the MAC's registers, mac_control
    output wire         mac_write,
    output wire [31:0]  mac_write_address,
    output wire [31:0]  mac_read_address,
    input  wire [31:0]  mac_value,
    input  wire [47:0]  station_address,    // in RAL0 and RAH0 after a reset and when the EEPROM is loaded again
    input  wire         station_load,

    output wire [31:0]  rctl,
    output wire [31:0]  tctl,
    output wire [31:0]  rxcsum,
    output wire         software_xoff,      // pulse: TCTL.SWXOFF

    output wire [63:0]  rd_base,
    output wire [15:0]  rd_count,           // descriptors
    output wire [15:0]  rd_tail,
    output wire         rd_head_write,
    input  wire [15:0]  rd_head,
    output wire [63:0]  td_base,
    output wire [15:0]  td_count,
    output wire [15:0]  td_tail,
    output wire         td_head_write,
    input  wire [15:0]  td_head,
    output wire [15:0]  head_value,         // for both head writes

    // interrupt_moderation
    output wire         icr_read,
    output wire         icr_write,
    output wire         ics_write,
    output wire         ims_write,
    output wire         imc_write,
    output wire [31:0]  write_data,
    input  wire [31:0]  icr,
    input  wire [31:0]  ims,
    output wire [15:0]  itr,
    output wire [15:0]  rdtr,
    output wire [15:0]  radv,
    output wire         rx_flush,
    output wire [15:0]  tidv,
    output wire [15:0]  tadv,

    // ethernet_statistics
    output wire [8:0]   statistics_address,
    output wire         statistics_read,
    input  wire [31:0]  statistics_value,

    // rx_filter
    output wire [767:0] addresses,
    output wire [15:0]  address_valid,
    input  wire [6:0]   hash_word,
    output wire [31:0]  hash_bits,

    // vlan_filter
    input  wire [6:0]   vlan_word,
    output wire [31:0]  vlan_bits
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || core_rst || s_axil_awvalid || s_axil_arvalid || bvalid_reg || rvalid_reg),
        .gated(clk_gated)
    );

    `include "ethernet.vh"

    // ---- storage
    reg [31:0] rctl_reg, tctl_reg;
    reg [31:0] rdbal_reg, rdbah_reg, rdlen_reg, rdt_reg, rdtr_reg, radv_reg;
    reg [31:0] tdbal_reg, tdbah_reg, tdlen_reg, tdt_reg, tidv_reg, tadv_reg;
    reg [31:0] itr_reg, rxcsum_reg;
    reg [767:0] address_reg;
    reg [47:0]  address_high_reg;           // AS and AV, three bits an address
    reg [31:0]  mta  [0:127];
    reg [31:0]  vfta [0:127];
    integer     i;
    genvar      g;

    initial for (i = 0; i < 128; i = i + 1) begin
        mta[i]  = 32'd0;                    // not cleared by a reset: software owns them
        vfta[i] = 32'd0;
    end

    // ---- bus: one write and one read at a time
    reg        bvalid_reg, rvalid_reg;
    reg [1:0]  bresp_reg;
    reg [31:0] rdata_reg;
    wire        write_fire = s_axil_awvalid && s_axil_wvalid && (!bvalid_reg || s_axil_bready) && !core_rst;
    wire        read_fire  = s_axil_arvalid && (!rvalid_reg || s_axil_rready) && !core_rst;
    wire        write      = write_fire && s_axil_wstrb == 4'hf;
    wire [31:0] w_at       = {15'd0, s_axil_awaddr[16:2], 2'b00};
    wire [31:0] r_at       = {15'd0, s_axil_araddr[16:2], 2'b00};
    wire [31:0] wdata      = s_axil_wdata;

    assign s_axil_awready = write_fire;
    assign s_axil_wready  = write_fire;
    assign s_axil_bvalid  = bvalid_reg;
    assign s_axil_bresp   = bresp_reg;
    assign s_axil_arready = read_fire;
    assign s_axil_rvalid  = rvalid_reg;
    assign s_axil_rdata   = rdata_reg;
    assign s_axil_rresp   = 2'b00;

    // ---- to the other blocks
    assign write_data    = wdata;
    assign mac_write         = write;
    assign mac_write_address = w_at;
    assign mac_read_address  = r_at;
    assign icr_read      = read_fire && r_at == `ETHERNET_ICR;
    assign icr_write     = write && w_at == `ETHERNET_ICR;
    assign ics_write     = write && w_at == `ETHERNET_ICS;
    assign ims_write     = write && w_at == `ETHERNET_IMS;
    assign imc_write     = write && w_at == `ETHERNET_IMC;
    assign rx_flush      = write && w_at == `ETHERNET_RDTR && wdata[`ETHERNET_RDTR_FPD_LSB];
    assign rd_head_write = write && w_at == `ETHERNET_RDH;
    assign td_head_write = write && w_at == `ETHERNET_TDH;
    assign head_value    = wdata[15:0];
    assign software_xoff = write && w_at == `ETHERNET_TCTL && wdata[`ETHERNET_TCTL_SWXOFF_LSB];
    assign rctl     = rctl_reg;
    assign tctl     = tctl_reg;
    assign rxcsum   = rxcsum_reg;
    assign rd_base  = {rdbah_reg, rdbal_reg[31:4], 4'd0};
    assign td_base  = {tdbah_reg, tdbal_reg[31:4], 4'd0};
    assign rd_count = {rdlen_reg[19:7], 3'd0};
    assign td_count = {tdlen_reg[19:7], 3'd0};
    assign rd_tail  = rdt_reg[15:0];
    assign td_tail  = tdt_reg[15:0];
    assign itr      = itr_reg[15:0];
    assign rdtr     = rdtr_reg[15:0];
    assign radv     = radv_reg[15:0];
    assign tidv     = tidv_reg[15:0];
    assign tadv     = tadv_reg[15:0];
    assign addresses = address_reg;
    assign hash_bits = mta[hash_word];
    assign vlan_bits = vfta[vlan_word];
    generate
        for (g = 0; g < 16; g = g + 1) begin : valid_address
            assign address_valid[g] = address_high_reg[3*g +: 3] == 3'b100;     // AV, destination address
        end
    endgenerate

    // ---- reading
    wire        r_statistics = r_at[31:9] == 23'h00020;          // 04000 to 041ff
    wire [3:0]  r_index      = r_at[6:3];                        // receive address
    wire        r_addresses  = r_at[31:7] == 25'h00000a8;        // 05400 to 0547f
    wire [31:0] mta_value    = mta[r_at[8:2]];
    wire [31:0] vfta_value   = vfta[r_at[8:2]];
    reg  [31:0] read_value;

    assign statistics_address = r_at[8:0];
    assign statistics_read    = read_fire && r_statistics;

    always @* begin
        case (r_at)
            `ETHERNET_ICR:      read_value = icr;
            `ETHERNET_ITR:      read_value = itr_reg;
            `ETHERNET_IMS:      read_value = ims;
            `ETHERNET_RCTL:     read_value = rctl_reg;
            `ETHERNET_TCTL:     read_value = tctl_reg;
            `ETHERNET_RDBAL:    read_value = {rdbal_reg[31:4], 4'd0};
            `ETHERNET_RDBAH:    read_value = rdbah_reg;
            `ETHERNET_RDLEN:    read_value = {12'd0, rdlen_reg[19:7], 7'd0};
            `ETHERNET_RDH:      read_value = {16'd0, rd_head};
            `ETHERNET_RDT:      read_value = {16'd0, rdt_reg[15:0]};
            `ETHERNET_RDTR:     read_value = {16'd0, rdtr_reg[15:0]};
            `ETHERNET_RADV:     read_value = {16'd0, radv_reg[15:0]};
            `ETHERNET_TDBAL:    read_value = {tdbal_reg[31:4], 4'd0};
            `ETHERNET_TDBAH:    read_value = tdbah_reg;
            `ETHERNET_TDLEN:    read_value = {12'd0, tdlen_reg[19:7], 7'd0};
            `ETHERNET_TDH:      read_value = {16'd0, td_head};
            `ETHERNET_TDT:      read_value = {16'd0, tdt_reg[15:0]};
            `ETHERNET_TIDV:     read_value = {16'd0, tidv_reg[15:0]};
            `ETHERNET_TADV:     read_value = {16'd0, tadv_reg[15:0]};
            `ETHERNET_RXCSUM:   read_value = rxcsum_reg;
            default:
                if (r_statistics)                      read_value = statistics_value;
                else if (r_at[31:9] == 23'h00029)      read_value = mta_value;      // 05200
                else if (r_at[31:9] == 23'h0002b)      read_value = vfta_value;     // 05600
                else if (r_addresses)
                    read_value = r_at[2] ? {address_high_reg[3*r_index + 2], 13'd0, address_high_reg[3*r_index +: 2],
                                            address_reg[48*r_index + 32 +: 16]}
                                         : address_reg[48*r_index +: 32];
                else                                   read_value = mac_value;
        endcase
    end

    wire        w_addresses = w_at[31:7] == 25'h00000a8;
    wire [3:0]  w_index     = w_at[6:3];

    always @(posedge clk_gated) begin
        if (write && w_at[31:9] == 23'h00029) mta[w_at[8:2]]  <= wdata;
        if (write && w_at[31:9] == 23'h0002b) vfta[w_at[8:2]] <= wdata;
    end

    always @(posedge clk_gated) begin
        if (s_axil_bready) bvalid_reg <= 1'b0;
        if (s_axil_rready) rvalid_reg <= 1'b0;
        if (write_fire) begin
            bvalid_reg <= 1'b1;
            bresp_reg  <= s_axil_wstrb == 4'hf ? 2'b00 : 2'b10;
        end
        if (read_fire) begin
            rvalid_reg <= 1'b1;
            rdata_reg  <= read_value;
        end
        if (rst) begin
            bvalid_reg <= 1'b0;
            rvalid_reg <= 1'b0;
        end
    end

    always @(posedge clk_gated) begin
        if (write) begin
            case (w_at)
                `ETHERNET_ITR:      itr_reg      <= {16'd0, wdata[15:0]};
                `ETHERNET_RCTL:     rctl_reg     <= wdata;
                `ETHERNET_TCTL:     tctl_reg     <= wdata & ~(32'd1 << `ETHERNET_TCTL_SWXOFF_LSB);
                `ETHERNET_RDBAL:    rdbal_reg    <= wdata;
                `ETHERNET_RDBAH:    rdbah_reg    <= wdata;
                `ETHERNET_RDLEN:    rdlen_reg    <= wdata;
                `ETHERNET_RDT:      rdt_reg      <= wdata;
                `ETHERNET_RDTR:     rdtr_reg     <= wdata;
                `ETHERNET_RADV:     radv_reg     <= wdata;
                `ETHERNET_TDBAL:    tdbal_reg    <= wdata;
                `ETHERNET_TDBAH:    tdbah_reg    <= wdata;
                `ETHERNET_TDLEN:    tdlen_reg    <= wdata;
                `ETHERNET_TDT:      tdt_reg      <= wdata;
                `ETHERNET_TIDV:     tidv_reg     <= wdata;
                `ETHERNET_TADV:     tadv_reg     <= wdata;
                `ETHERNET_RXCSUM:   rxcsum_reg   <= wdata;
                default: ;
            endcase
            if (w_addresses) begin
                if (w_at[2]) begin
                    address_reg[48*w_index + 32 +: 16] <= wdata[15:0];
                    address_high_reg[3*w_index +: 3]   <= {wdata[`ETHERNET_RA_RAH_AV_LSB], wdata[`ETHERNET_RA_RAH_AS_LSB +: 2]};
                end else begin
                    address_reg[48*w_index +: 32]      <= wdata;
                end
            end
        end
        if (core_rst) begin
            itr_reg      <= 32'd0;
            rctl_reg     <= 32'd0;
            tctl_reg     <= 32'd0;
            rdbal_reg    <= 32'd0;
            rdbah_reg    <= 32'd0;
            rdlen_reg    <= 32'd0;
            rdt_reg      <= 32'd0;
            rdtr_reg     <= 32'd0;
            radv_reg     <= 32'd0;
            tdbal_reg    <= 32'd0;
            tdbah_reg    <= 32'd0;
            tdlen_reg    <= 32'd0;
            tdt_reg      <= 32'd0;
            tidv_reg     <= 32'd0;
            tadv_reg     <= 32'd0;
            rxcsum_reg   <= 32'd0;
            address_reg      <= 768'd0;
            address_high_reg <= 48'd0;
        end
        if (core_rst || station_load) begin
            address_reg[47:0]     <= station_address;
            address_high_reg[2:0] <= 3'b100;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // storage only, or parts of registers that mean nothing
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{s_axil_awaddr[1:0], s_axil_araddr[1:0], rdbal_reg, rdlen_reg, rdt_reg, rdtr_reg, radv_reg, tdbal_reg,
                    tdlen_reg, tdt_reg, tidv_reg, tadv_reg, itr_reg};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
