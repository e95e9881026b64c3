// A design with state machines in two instances, an AXI handshake and a memory, for the test of the waveform view.
`default_nettype none

module example_block (
    input  wire        clk,
    output wire        busy,
    output wire        m_axi_awvalid,
    output wire [63:0] m_axi_awaddr
);
    localparam [1:0] STATE_IDLE = 2'd0, STATE_RUN = 2'd1, STATE_END = 2'd2;
    localparam W_IDLE = 1'b0, W_DATA = 1'b1;
    reg [1:0] state_reg = STATE_IDLE;
    reg       w_state_reg = W_IDLE;
    reg [7:0] memory [0:15];
    reg [7:0] inside = 8'd0;

    assign busy = state_reg != STATE_IDLE;
    assign m_axi_awvalid = state_reg == STATE_RUN && w_state_reg == W_DATA;
    assign m_axi_awaddr = {56'd0, inside};

    always @(posedge clk) begin
        state_reg      <= state_reg == STATE_END ? STATE_IDLE : state_reg + 2'd1;
        w_state_reg    <= !w_state_reg;
        memory[inside[3:0]] <= inside;
        inside         <= inside + 8'd1;
    end
endmodule

module example_design;
    reg clk = 1'b0;
    always #8000 clk = !clk;

    genvar i;
    generate for (i = 0; i < 2; i = i + 1) begin : channel
        wire        busy, awvalid;
        wire [63:0] awaddr;
        example_block engine (.clk(clk), .busy(busy), .m_axi_awvalid(awvalid), .m_axi_awaddr(awaddr));
    end endgenerate

    wire        other_busy, other_awvalid;
    wire [63:0] other_awaddr;
    example_block other (.clk(clk), .busy(other_busy), .m_axi_awvalid(other_awvalid), .m_axi_awaddr(other_awaddr));
endmodule

`default_nettype wire
