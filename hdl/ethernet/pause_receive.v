// Obeys pause frames (IEEE 802.3 annex 31B; 82544 SDM 3.7): finds MAC control frames among what is received, says which
// of them go to memory, and holds transmission for the quanta of 512 bit times that a pause frame tells.
// A MAC control frame has FCT as its type and goes to FCAH/FCAL or to the station's address; with FCT 0 there are none.
`default_nettype none
module pause_receive #(
    parameter QUANTUM_CYCLES = 32           // clocks in 512 bit times
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        obey,                // CTRL.RFCE
    input  wire        discard_pause,       // RCTL.DPF
    input  wire        pass_control,        // RCTL.PMCF
    input  wire [47:0] pause_address,
    input  wire [15:0] pause_type,
    input  wire [47:0] station_address,     // RAL0, RAH0
    input  wire        station_valid,

    // words on their way into the packet buffer
    input  wire [63:0] data,
    input  wire        last,
    input  wire        valid,               // taken in this clock

    // in the clock of the verdict about the frame
    input  wire        seen_good,           // a frame ended, its length and FCS are right
    output wire        discard,             // it does not go to memory
    output wire        accept,              // it does, whatever its address
    output wire        xon_received,        // pulses
    output wire        xoff_received,
    output wire        unsupported,

    output wire        paused
);
    localparam [15:0] OPCODE_PAUSE = 16'h0001;
    localparam [7:0]  QUANTUM = QUANTUM_CYCLES[7:0];

    reg [1:0]  word_reg;                    // of the frame: 0 to 3, and stays
    reg        to_pause_reg, to_station_reg, control_reg;
    reg [15:0] opcode_reg, time_reg;
    reg [15:0] quanta_reg;
    reg [7:0]  cycle_reg;

    wire enable  = pause_type != 16'd0;
    wire looking = enable && valid && (word_reg != 2'd3 || last);
    wire pause   = control_reg && opcode_reg == OPCODE_PAUSE;
    wire load    = seen_good && pause && obey;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (.clk(clk), .enable(rst || looking || load || quanta_reg != 16'd0), .gated(clk_gated));

    assign discard       = control_reg && (pause ? obey && to_station_reg && discard_pause : !pass_control);
    assign accept        = control_reg && !pause && pass_control;
    assign xon_received  = load && time_reg == 16'd0;
    assign xoff_received = load && time_reg != 16'd0;
    assign unsupported   = seen_good && control_reg && !pause;
    assign paused        = quanta_reg != 16'd0;

    always @(posedge clk_gated) begin
        if (looking) begin
            word_reg <= last ? 2'd0 : word_reg == 2'd3 ? 2'd3 : word_reg + 2'd1;
            case (word_reg)
                2'd0: begin
                    to_pause_reg   <= data[47:0] == pause_address;
                    to_station_reg <= data[47:0] == station_address && station_valid;
                    control_reg    <= 1'b0;
                end
                2'd1: begin
                    control_reg <= {data[39:32], data[47:40]} == pause_type && (to_pause_reg || to_station_reg);
                    opcode_reg  <= {data[55:48], data[63:56]};
                end
                2'd2:    time_reg <= {data[7:0], data[15:8]};
                default: ;
            endcase
        end
        if (quanta_reg != 16'd0) begin
            cycle_reg <= cycle_reg - 8'd1;
            if (cycle_reg == 8'd1) begin
                cycle_reg  <= QUANTUM;
                quanta_reg <= quanta_reg - 16'd1;
            end
        end
        if (load) begin
            quanta_reg <= time_reg;
            cycle_reg  <= QUANTUM;
        end
        if (!obey) quanta_reg <= 16'd0;
        if (rst) begin
            word_reg    <= 2'd0;
            control_reg <= 1'b0;
            quanta_reg  <= 16'd0;
        end
    end
endmodule
`default_nettype wire
