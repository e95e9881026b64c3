// The EEPROM behind EECD and EERD: 64 words of 16 bits that answer the Microwire protocol of a 93C46 bit by bit
// (82544 SDM 5.3 to 5.6). Its content follows from the station's address; writing commands are taken and change nothing.
//
//   SK rises:  1 (start)  op1 op0  a5 .. a0 | d15 .. d0      DO is 0 behind a5..a0 of a read, then a bit at each rise
`default_nettype none
module eeprom (
    input  wire        clk,                 // only while something may change
    input  wire        rst,

    input  wire [47:0] mac_address,         // byte 0 of the address in bits 7:0

    // Microwire: levels of the pins from the clock of `change` on
    input  wire        change,
    input  wire        cs,
    input  wire        sk,
    input  wire        di,
    output wire        data_out,            // DO, high when nothing drives it

    // the word at an address, for EERD
    input  wire [5:0]  address,
    output wire [15:0] word
);
    localparam [15:0] CHECKSUM = 16'hbaba;

    // Words 0A to 0F: control word 1, subsystem, subsystem vendor, device, vendor, control word 2 (pause in both
    // directions may be used). The others but the address and the checksum are 0.
    localparam [15:0] CONTROL1 = 16'h4008, SUBSYSTEM = 16'h100c, VENDOR = 16'h8086, DEVICE = 16'h100c, CONTROL2 = 16'h3000;

    wire [15:0] last = CHECKSUM - mac_address[15:0] - mac_address[31:16] - mac_address[47:32]
                       - CONTROL1 - SUBSYSTEM - VENDOR - DEVICE - VENDOR - CONTROL2;

    function [15:0] content(input [5:0] place, input [47:0] station, input [15:0] checksum);
        case (place)
            6'h00:   content = station[15:0];
            6'h01:   content = station[31:16];
            6'h02:   content = station[47:32];
            6'h0a:   content = CONTROL1;
            6'h0b:   content = SUBSYSTEM;
            6'h0c:   content = VENDOR;
            6'h0d:   content = DEVICE;
            6'h0e:   content = VENDOR;
            6'h0f:   content = CONTROL2;
            6'h3f:   content = checksum;
            default: content = 16'h0000;
        endcase
    endfunction

    assign word = content(address, mac_address, last);

    localparam [1:0] STATE_START = 2'd0, STATE_COMMAND = 2'd1, STATE_READ = 2'd2, STATE_OVER = 2'd3;
    localparam [1:0] OP_READ = 2'b10;

    reg [1:0]  state_reg;
    reg [6:0]  command_reg;                 // the last bits: operation and address
    reg [3:0]  count_reg;
    reg [15:0] shift_reg;
    reg        sk_reg, out_reg;

    wire       rise    = change && cs && sk && !sk_reg;
    wire [7:0] command = {command_reg, di};

    assign data_out = out_reg;

    always @(posedge clk) begin
        if (change) sk_reg <= sk && cs;
        if (change && !cs) begin
            state_reg <= STATE_START;
            out_reg   <= 1'b1;
        end else if (rise) begin
            case (state_reg)
                STATE_START: begin
                    count_reg <= 4'd0;
                    if (di) state_reg <= STATE_COMMAND;
                end
                STATE_COMMAND: begin
                    command_reg <= command[6:0];
                    count_reg   <= count_reg + 4'd1;
                    if (count_reg == 4'd7) begin
                        count_reg <= 4'd0;
                        shift_reg <= content(command[5:0], mac_address, last);
                        state_reg <= command[7:6] == OP_READ ? STATE_READ : STATE_OVER;
                        out_reg   <= command[7:6] != OP_READ;
                    end
                end
                STATE_READ: begin                       // the words follow one another as long as SK runs
                    out_reg   <= shift_reg[15];
                    shift_reg <= {shift_reg[14:0], 1'b0};
                    count_reg <= count_reg + 4'd1;
                    if (count_reg == 4'd15) begin
                        command_reg[5:0] <= command_reg[5:0] + 6'd1;
                        shift_reg        <= content(command_reg[5:0] + 6'd1, mac_address, last);
                    end
                end
                default: ;                              // the data of a write go by; DO says ready
            endcase
        end
        if (rst) begin
            state_reg <= STATE_START;
            sk_reg    <= 1'b0;
            out_reg   <= 1'b1;
        end
    end
endmodule
`default_nettype wire
