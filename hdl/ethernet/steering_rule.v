// One rule of the receive steering: its registers, and whether the frame at hand matches all that it asks for.
`default_nettype none
module steering_rule (
    input  wire         clk,
    input  wire         rst,
    input  wire         write,              // to a word of this rule
    input  wire [3:0]   word,
    input  wire [31:0]  write_data,
    input  wire [3:0]   read_word,
    output wire [31:0]  read_value,

    // the frame: numbers as they are written, an IPv4 address in the uppermost 32 bits
    input  wire [47:0]  destination_mac,    // byte 0 in bits 7:0
    input  wire [15:0]  ethertype,
    input  wire         has_ip,
    input  wire [7:0]   protocol,
    input  wire [127:0] source,
    input  wire [127:0] destination,
    input  wire         has_ports,
    input  wire [15:0]  source_port,
    input  wire [15:0]  destination_port,

    output wire         hit,
    output wire         queue
);
    `include "ethernet.vh"

    reg [31:0]  control_reg, ports_reg;
    reg [47:0]  mac_reg;
    reg [23:0]  type_reg;
    reg [127:0] source_reg, destination_reg;
    reg [31:0]  value;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || write), .gated(clk_gated));

    assign queue = control_reg[`ETHERNET_RULE_CONTROL_QUEUE_LSB];
    assign hit = control_reg[`ETHERNET_RULE_CONTROL_VALID_LSB]
        && (!control_reg[`ETHERNET_RULE_CONTROL_MAC_LSB]         || mac_reg == destination_mac)
        && (!control_reg[`ETHERNET_RULE_CONTROL_TYPE_LSB]        || type_reg[15:0] == ethertype)
        && (!control_reg[`ETHERNET_RULE_CONTROL_PROTOCOL_LSB]    || (has_ip && type_reg[23:16] == protocol))
        && (!control_reg[`ETHERNET_RULE_CONTROL_SOURCE_LSB]      || (has_ip && source_reg == source))
        && (!control_reg[`ETHERNET_RULE_CONTROL_DESTINATION_LSB] || (has_ip && destination_reg == destination))
        && (!control_reg[`ETHERNET_RULE_CONTROL_SOURCE_PORT_LSB] || (has_ports && ports_reg[15:0] == source_port))
        && (!control_reg[`ETHERNET_RULE_CONTROL_DESTINATION_PORT_LSB]
            || (has_ports && ports_reg[31:16] == destination_port));

    assign read_value = value;

    always @* begin
        case (read_word)
            4'd0:    value = control_reg;
            4'd1:    value = mac_reg[31:0];
            4'd2:    value = {16'd0, mac_reg[47:32]};
            4'd3:    value = {8'd0, type_reg};
            4'd4:    value = ports_reg;
            4'd8:    value = source_reg[127:96];
            4'd9:    value = source_reg[95:64];
            4'd10:   value = source_reg[63:32];
            4'd11:   value = source_reg[31:0];
            4'd12:   value = destination_reg[127:96];
            4'd13:   value = destination_reg[95:64];
            4'd14:   value = destination_reg[63:32];
            4'd15:   value = destination_reg[31:0];
            default: value = 32'd0;
        endcase
    end

    always @(posedge clk_gated) begin
        if (write) begin
            case (word)
                4'd0:    control_reg             <= write_data;
                4'd1:    mac_reg[31:0]           <= write_data;
                4'd2:    mac_reg[47:32]          <= write_data[15:0];
                4'd3:    type_reg                <= write_data[23:0];
                4'd4:    ports_reg               <= write_data;
                4'd8:    source_reg[127:96]      <= write_data;
                4'd9:    source_reg[95:64]       <= write_data;
                4'd10:   source_reg[63:32]       <= write_data;
                4'd11:   source_reg[31:0]        <= write_data;
                4'd12:   destination_reg[127:96] <= write_data;
                4'd13:   destination_reg[95:64]  <= write_data;
                4'd14:   destination_reg[63:32]  <= write_data;
                4'd15:   destination_reg[31:0]   <= write_data;
                default: ;
            endcase
        end
        if (rst) begin
            control_reg     <= 32'd0;
            ports_reg       <= 32'd0;
            mac_reg         <= 48'd0;
            type_reg        <= 24'd0;
            source_reg      <= 128'd0;
            destination_reg <= 128'd0;
        end
    end
endmodule
`default_nettype wire
