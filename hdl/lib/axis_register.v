// Full-rate register slice of a valid/ready stream (skid buffer): no combinational path in either direction.
`default_nettype none
module axis_register #(
    parameter DATA_WIDTH = 64               // everything that travels with valid: tdata, tkeep, tlast, ...
) (
    input  wire                  clk,
    input  wire                  rst,

    input  wire [DATA_WIDTH-1:0] s_data,
    input  wire                  s_valid,
    output wire                  s_ready,

    output wire [DATA_WIDTH-1:0] m_data,
    output wire                  m_valid,
    input  wire                  m_ready
);
    reg [DATA_WIDTH-1:0] out_reg, skid_reg;
    reg                  out_valid_reg, skid_valid_reg;

    assign s_ready = !skid_valid_reg;
    assign m_data  = out_reg;
    assign m_valid = out_valid_reg;

    always @(posedge clk) begin
        if (m_ready || !out_valid_reg) begin
            out_reg        <= skid_valid_reg ? skid_reg : s_data;
            out_valid_reg  <= skid_valid_reg || s_valid;
            skid_valid_reg <= 1'b0;
        end else if (s_valid && s_ready) begin
            skid_reg       <= s_data;
            skid_valid_reg <= 1'b1;
        end
        if (rst) begin
            out_valid_reg  <= 1'b0;
            skid_valid_reg <= 1'b0;
        end
    end

`ifdef FORMAL
`include "axis_register.vh"
`endif
endmodule
`default_nettype wire
