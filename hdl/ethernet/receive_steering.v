// Says which of two queue sets a received frame belongs to: all to one, or by a table of rules that firmware fills.
//
// The words pass by both sets' packet buffers; the verdict comes with the frame's end, and a set drops what is not its
// own. So nothing waits here, and a set that takes nothing does not disturb the other.
`default_nettype none
module receive_steering #(
    parameter RULES = 8                     // a power of two
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        host_rst,            // set 1 is in reset: it gets no words until the next frame

    // registers STEERING and RULE
    input  wire        write,
    input  wire [31:0] write_address,
    input  wire [31:0] write_data,
    input  wire [31:0] read_address,
    output wire [31:0] read_value,
    output wire        host_enabled,        // set 1 belongs to the host

    // words on their way into the packet buffers
    input  wire [63:0] data,
    input  wire        last,
    input  wire        valid,               // taken in this clock
    output wire        host_pass,           // set 1 sees the word at hand
    input  wire        tag_inside,          // in the clock of the verdict: the frame has a VLAN tag in it

    output wire [1:0]  dest                 // in the clock of the verdict: the sets that the frame is for
);
    `include "ethernet.vh"

    localparam [1:0] OWNER_TOE = 2'd0, OWNER_NIC = 2'd1;
    localparam INDEX_BITS = $clog2(RULES);
    localparam [31:0] RULE_BASE = `ETHERNET_RULE_BASE;
    localparam [15:0] TYPE_IPV4 = 16'h0800, TYPE_IPV6 = 16'h86dd;
    localparam [7:0]  TCP = 8'd6, UDP = 8'd17;

    reg [4:0]   control_reg;                // {MULTICAST_BOTH, BROADCAST_BOTH, DEFAULT, OWNER}
    reg [1:0]   owner_reg;                  // of the frame under way
    reg         fresh_reg, pass_reg;        // the next word is a frame's first; set 1 sees the frame under way
    reg [3:0]   word_reg;
    reg [511:0] head_reg;                   // the frame's first 64 bytes, byte 0 in bits 7:0

    // ---- registers
    wire at_control  = write_address == `ETHERNET_STEERING;
    wire at_rules    = write_address[31:INDEX_BITS+6] == RULE_BASE[31:INDEX_BITS+6];
    wire read_rules  = read_address[31:INDEX_BITS+6] == RULE_BASE[31:INDEX_BITS+6];
    wire [32*RULES-1:0] rule_values;

    assign host_enabled = control_reg[1:0] != OWNER_TOE;
    assign read_value = read_address == `ETHERNET_STEERING ? {27'd0, control_reg}
                        : read_rules ? rule_values[32*read_address[INDEX_BITS+5:6] +: 32] : 32'd0;

    // ---- whose frame
    wire [1:0] owner   = fresh_reg ? control_reg[1:0] : owner_reg;
    wire       gather  = valid && owner[1] && (fresh_reg || word_reg != 4'd8);

    assign host_pass = (fresh_reg ? owner != OWNER_TOE : pass_reg) && !host_rst;

    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || host_rst || (write && at_control) || gather || (valid && (fresh_reg || last))),
        .gated(clk_gated)
    );

    always @(posedge clk_gated) begin
        if (write && at_control) control_reg <= write_data[4:0];
        if (host_rst) pass_reg <= 1'b0;
        if (valid) begin
            fresh_reg <= last;
            if (fresh_reg) begin
                owner_reg <= control_reg[1:0];
                pass_reg  <= host_pass;
            end
        end
        if (gather) begin
            word_reg <= fresh_reg ? 4'd1 : word_reg + 4'd1;
            if (fresh_reg) head_reg[63:0] <= data;
            else           head_reg[64*word_reg[2:0] +: 64] <= data;
        end else if (valid && fresh_reg) begin
            word_reg <= 4'd0;
        end
        if (rst) begin
            control_reg <= 5'd0;
            owner_reg   <= OWNER_TOE;
            fresh_reg   <= 1'b1;
            pass_reg    <= 1'b0;
            word_reg    <= 4'd0;
            head_reg    <= 512'd0;
        end
    end

    // ---- the rules: a frame of less than eight words has no headers
    function [15:0] number(input [15:0] bytes);
        number = {bytes[7:0], bytes[15:8]};
    endfunction
    function [31:0] word_of(input [31:0] bytes);
        word_of = {bytes[7:0], bytes[15:8], bytes[23:16], bytes[31:24]};
    endfunction

    wire [383:0] body      = tag_inside ? head_reg[511:128] : head_reg[479:96];    // from the type on
    wire [15:0]  ethertype = number(body[15:0]);
    wire         ipv4      = ethertype == TYPE_IPV4 && body[23:20] == 4'd4;
    wire         ipv6      = ethertype == TYPE_IPV6 && body[23:20] == 4'd6;
    wire [7:0]   protocol  = ipv4 ? body[95:88] : body[71:64];
    wire         whole     = body[19:16] == 4'd5 && number(body[79:64] & 16'hff3f) == 16'd0;    // no options, no fragment
    wire         has_ports = (ipv6 || (ipv4 && whole)) && (protocol == TCP || protocol == UDP);
    wire [127:0] source      = ipv4 ? {word_of(body[143:112]), 96'd0}
                               : {word_of(body[111:80]), word_of(body[143:112]), word_of(body[175:144]), word_of(body[207:176])};
    wire [127:0] destination = ipv4 ? {word_of(body[175:144]), 96'd0}
                               : {word_of(body[239:208]), word_of(body[271:240]), word_of(body[303:272]), word_of(body[335:304])};
    wire [31:0]  ports       = ipv4 ? body[207:176] : body[367:336];

    wire [RULES-1:0] hits, queues;
    reg              chosen;
    integer          i;
    genvar           g;

    generate
        for (g = 0; g < RULES; g = g + 1) begin : rules
            steering_rule rule (
                .clk(clk), .rst(rst), .write(write && at_rules && write_address[INDEX_BITS+5:6] == g[INDEX_BITS-1:0]),
                .word(write_address[5:2]), .write_data(write_data), .read_word(read_address[5:2]),
                .read_value(rule_values[32*g +: 32]),
                .destination_mac(head_reg[47:0]), .ethertype(ethertype), .has_ip(ipv4 || ipv6), .protocol(protocol),
                .source(source), .destination(destination), .has_ports(has_ports), .source_port(number(ports[15:0])),
                .destination_port(number(ports[31:16])), .hit(hits[g]), .queue(queues[g]));
        end
    endgenerate

    always @* begin
        chosen = control_reg[2];
        for (i = RULES - 1; i >= 0; i = i - 1)  // in each case: a loop passed over would make its variable a latch
            if (hits[i] && word_reg == 4'd8) chosen = queues[i];
    end

    wire broadcast = head_reg[47:0] == {48{1'b1}};
    wire to_both   = head_reg[0] && (broadcast ? control_reg[3] : control_reg[4]);

    assign dest = owner_reg == OWNER_TOE ? 2'b01
                  : owner_reg == OWNER_NIC ? {pass_reg, 1'b0}
                  : {pass_reg && (to_both || chosen), to_both || !chosen};

    /* verilator lint_off UNUSEDSIGNAL */   // bits of addresses and headers that mean nothing here
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{write_address, read_address, body, head_reg};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
