// The PHY behind MDIC: the registers of an M88E1000 at address 1 as a driver sees them, 1000 Mb/s full duplex whenever
// there is a link (IEEE 802.3 clause 22; 82544 SDM 13.4.9 and chapter 11). Other addresses answer nothing.
// An access is over in the clock in which it is asked for.
`default_nettype none
module mdio_phy #(
    parameter [4:0] ADDRESS = 5'd1,
    parameter LOOPBACK_LINK = 1             // loopback is a link
) (
    input  wire        clk,                 // only while something may change
    input  wire        rst,
    input  wire        phy_reset,           // CTRL.PHY_RST: no link, registers as after power-on
    input  wire        carrier,             // there is a partner on the wire

    input  wire        access,
    input  wire        write,
    input  wire [4:0]  phy_address,
    input  wire [4:0]  register,
    input  wire [15:0] write_data,
    output wire [15:0] read_data,
    output wire        answers,             // there is such a PHY

    output wire        link,
    output wire        loopback             // a link to itself, whoever is on the wire
);
    localparam [15:0] CONTROL = 16'h1140,               // autonegotiation, full duplex, 1000 Mb/s
                      STATUS = 16'h7949, STATUS_DONE = 16'h0020, STATUS_LINK = 16'h0004,
                      ID_HIGH = 16'h0141, ID_LOW = 16'h0c30, ADVERTISED = 16'h01e1,
                      PARTNER = 16'h41e1, EXPANSION = 16'h0004, PARTNER_ABLE = 16'h0001,
                      GIGABIT_CONTROL = 16'h0f00, GIGABIT_STATUS = 16'h3800, EXTENDED_STATUS = 16'h3000,
                      SPECIFIC_CONTROL = 16'h0068, SPECIFIC_LINK = 16'hac08, SPECIFIC_NO_LINK = 16'h0008,
                      EXTENDED_CONTROL = 16'h0d60;
    localparam integer RESET_BIT = 15, LOOPBACK_BIT = 14, POWER_DOWN_BIT = 11, RESTART_BIT = 9;

    reg [15:0] control_reg, advertised_reg, gigabit_reg, specific_reg, extended_reg, interrupts_reg;
    reg        lost_reg;                    // register 1 tells a lost link once, even when it is back

    wire mine  = phy_address == ADDRESS;
    wire store = access && mine && write;
    reg [15:0] value;

    assign answers   = mine;
    assign loopback  = control_reg[LOOPBACK_BIT];
    assign link      = (carrier || (LOOPBACK_LINK != 0 && loopback)) && !phy_reset && !control_reg[POWER_DOWN_BIT];
    assign read_data = value;

    always @* begin
        case (register)
            5'd0:    value = control_reg;
            5'd1:    value = STATUS | (link ? STATUS_DONE : 16'd0) | (link && !lost_reg ? STATUS_LINK : 16'd0);
            5'd2:    value = ID_HIGH;
            5'd3:    value = ID_LOW;
            5'd4:    value = advertised_reg;
            5'd5:    value = link ? PARTNER : 16'd0;
            5'd6:    value = EXPANSION | (link ? PARTNER_ABLE : 16'd0);
            5'd9:    value = gigabit_reg;
            5'd10:   value = link ? GIGABIT_STATUS : 16'd0;
            5'd15:   value = EXTENDED_STATUS;
            5'd16:   value = specific_reg;
            5'd17:   value = link ? SPECIFIC_LINK : SPECIFIC_NO_LINK;
            5'd18:   value = interrupts_reg;
            5'd20:   value = extended_reg;
            default: value = 16'd0;
        endcase
    end

    always @(posedge clk) begin
        if (store) begin
            case (register)
                5'd0: begin                 // reset and restart of autonegotiation are over at once
                    control_reg <= write_data & ~(16'd1 << RESET_BIT) & ~(16'd1 << RESTART_BIT);
                end
                5'd4:    advertised_reg <= write_data;
                5'd9:    gigabit_reg    <= write_data;
                5'd16:   specific_reg   <= write_data;
                5'd18:   interrupts_reg <= write_data;
                5'd20:   extended_reg   <= write_data;
                default: ;
            endcase
        end
        if (!link)                                               lost_reg <= 1'b1;
        else if (access && mine && !write && register == 5'd1)   lost_reg <= 1'b0;
        if (rst || phy_reset || (store && register == 5'd0 && write_data[RESET_BIT])) begin
            control_reg    <= CONTROL;
            advertised_reg <= ADVERTISED;
            gigabit_reg    <= GIGABIT_CONTROL;
            specific_reg   <= SPECIFIC_CONTROL;
            interrupts_reg <= 16'd0;
            extended_reg   <= EXTENDED_CONTROL;
        end
        if (rst) lost_reg <= 1'b0;
    end
endmodule
`default_nettype wire
