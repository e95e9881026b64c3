// Verifies the checksums of a received frame while its words pass: IPv4 header, TCP or UDP over IPv4 and IPv6 (no
// extension headers, no fragments), one VLAN tag allowed; and adds up the packet checksum (82544 SDM 3.2.9).
// Halves are added as they lie in the word, low byte first: a one's-complement sum only swaps its bytes by that.
`default_nettype none
module rx_checksum (
    input  wire        clk,
    input  wire        rst,

    input  wire [7:0]  packet_start,        // RXCSUM.PCSS

    input  wire [63:0] data,                // bytes beyond last_lane are ignored
    input  wire [2:0]  last_lane,
    input  wire        last,
    input  wire        valid,

    // in the clock after the last word
    output wire [15:0] packet_checksum,     // complement of the sum from PCSS up to the FCS
    output wire        ip_checked,
    output wire        ip_good,
    output wire        tu_checked,
    output wire        tu_good
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || valid),
        .gated(clk_gated)
    );

    localparam [15:0] NEVER = 16'hffff;

    reg        fresh_reg;                   // the next word is the first of a frame
    reg [15:0] offset_reg, bytes_reg;
    reg        vlan_reg, ipv4_reg, ipv6_reg, fragment_reg, udp_zero_reg;
    reg [7:0]  protocol_reg;
    reg [15:0] ip_first_reg, ip_limit_reg, addresses_first_reg, addresses_limit_reg, tu_first_reg, tu_limit_reg;
    reg [15:0] udp_length_reg;
    reg [31:0] packet_acc_reg, ip_acc_reg, tu_acc_reg;
    reg [63:0] previous_reg;
    reg [31:0] fcs_reg;

    wire [15:0] offset = fresh_reg ? 16'd0 : offset_reg;
    wire [3:0]  bytes  = {1'b0, last_lane} + 4'd1;
    wire [63:0] kept   = last ? data & ~(64'hffffffffffffff00 << {last_lane, 3'd0}) : data;
    wire        word1  = valid && offset == 16'd8;
    wire        word2  = valid && offset == 16'd16;
    wire        word3  = valid && offset == 16'd24;

    function [15:0] half(input [63:0] word, input [1:0] index);     // big-endian
        half = {word[{index, 4'd0} +: 8], word[{index, 4'd8} +: 8]};
    endfunction

    function [15:0] fold(input [31:0] value);
        reg [16:0] once;
        begin
            once = {1'b0, value[31:16]} + {1'b0, value[15:0]};
            fold = once[15:0] + {15'd0, once[16]};
        end
    endfunction

    function [15:0] swap(input [15:0] value);
        swap = {value[7:0], value[15:8]};
    endfunction

    // ---- where the headers are
    wire        vlan_now    = half(data, 2'd2) == 16'h8100;
    wire        starts_here = (word1 && !vlan_now) || (word2 && vlan_reg);
    wire [15:0] ethertype   = word1 ? half(data, 2'd2) : half(data, 2'd0);
    wire [7:0]  version     = word1 ? data[55:48] : data[23:16];
    wire        ipv4_now    = ethertype == 16'h0800 && version[7:4] == 4'd4;
    wire        ipv6_now    = ethertype == 16'h86dd && version[7:4] == 4'd6;
    wire [15:0] ip_first    = word1 ? (vlan_now ? 16'd18 : 16'd14) : ip_first_reg;
    wire [15:0] header_ends = ip_first + {10'd0, version[3:0], 2'd0};
    wire [15:0] v4_length   = word2 ? half(data, vlan_reg ? 2'd2 : 2'd0) : 16'd0;
    wire [15:0] v6_length   = half(data, vlan_reg ? 2'd3 : 2'd1);

    wire [18:0] packet_sum, ip_sum, addresses_sum, tu_sum;
    byte_range_sum packet_range (.data(kept), .offset(offset), .first({8'd0, packet_start}), .limit(NEVER), .sum(packet_sum));
    byte_range_sum ip_range (.data(kept), .offset(offset), .first(ip_first), .limit(ip_limit_reg), .sum(ip_sum));
    byte_range_sum addresses_range (.data(kept), .offset(offset), .first(addresses_first_reg),
                                    .limit(addresses_limit_reg), .sum(addresses_sum));
    byte_range_sum tu_range (.data(kept), .offset(offset), .first(tu_first_reg), .limit(tu_limit_reg), .sum(tu_sum));

    /* verilator lint_off UNUSEDSIGNAL */   // header fields start at even offsets
    wire [15:0]  udp_length_at   = tu_first_reg + 16'd4;
    wire [15:0]  udp_checksum_at = tu_first_reg + 16'd6;
    wire [127:0] tail            = {data, previous_reg} >> {bytes + 4'd4, 3'd0};
    /* verilator lint_on UNUSEDSIGNAL */

    always @(posedge clk_gated) begin
        if (valid) begin
            fresh_reg      <= last;
            offset_reg     <= offset + 16'd8;
            previous_reg   <= data;
            packet_acc_reg <= (fresh_reg ? 32'd0 : packet_acc_reg) + {13'd0, packet_sum};
            if (fresh_reg) begin
                vlan_reg     <= 1'b0;
                ipv4_reg     <= 1'b0;
                ipv6_reg     <= 1'b0;
                fragment_reg <= 1'b0;
                udp_zero_reg <= 1'b0;
                protocol_reg <= 8'd0;
                ip_acc_reg   <= 32'd0;
                tu_acc_reg   <= 32'd0;
                ip_first_reg <= NEVER;
                ip_limit_reg <= NEVER;
                addresses_first_reg <= NEVER;
                addresses_limit_reg <= NEVER;
                tu_first_reg <= NEVER;
                tu_limit_reg <= NEVER;
            end else begin
                ip_acc_reg <= ip_acc_reg + {13'd0, ip_sum};
                tu_acc_reg <= tu_acc_reg + {13'd0, tu_sum} + {13'd0, addresses_sum};
            end
            if (word1) begin
                vlan_reg     <= vlan_now;
                ip_first_reg <= ip_first;
            end
            if (starts_here) begin
                ipv4_reg     <= ipv4_now && version[3:0] >= 4'd5;
                ipv6_reg     <= ipv6_now;
                ip_limit_reg <= header_ends;
                if (ipv4_now) begin
                    addresses_first_reg <= ip_first + 16'd12;
                    addresses_limit_reg <= ip_first + 16'd20;
                    tu_first_reg        <= header_ends;
                end else if (ipv6_now) begin
                    addresses_first_reg <= ip_first + 16'd8;
                    addresses_limit_reg <= ip_first + 16'd40;
                    tu_first_reg        <= ip_first + 16'd40;
                end
            end
            if (word2) begin
                // the IPv6 version is in this word behind a VLAN tag
                if (starts_here ? ipv6_now : ipv6_reg) tu_limit_reg <= ip_first + 16'd40 + v6_length;
                else                                   tu_limit_reg <= ip_first + v4_length;
            end
            if (vlan_reg ? word3 : word2) begin
                fragment_reg <= ipv4_reg && ((vlan_reg ? half(data, 2'd0) : half(data, 2'd2)) & 16'h3fff) != 16'd0;
                protocol_reg <= ipv4_reg ? (vlan_reg ? data[31:24] : data[63:56]) : (vlan_reg ? data[7:0] : data[39:32]);
            end
            if (udp_length_at[15:3] == offset[15:3])   udp_length_reg <= half(data, udp_length_at[2:1]);
            if (udp_checksum_at[15:3] == offset[15:3]) udp_zero_reg   <= half(data, udp_checksum_at[2:1]) == 16'd0;
            if (last) begin
                bytes_reg <= offset + {12'd0, bytes};
                fcs_reg   <= tail[31:0];
            end
        end
        if (rst) fresh_reg <= 1'b1;
    end

    // ---- verdict
    wire [15:0] content   = bytes_reg - 16'd4;
    wire        long_enough = bytes_reg >= 16'd60;     // 64 with the tag that was taken out
    wire [15:0] tu_length = tu_limit_reg - tu_first_reg;
    wire        tcp       = protocol_reg == 8'd6;
    wire        udp       = protocol_reg == 8'd17;
    wire        inside    = tu_limit_reg <= content && tu_limit_reg > tu_first_reg && tu_length >= (tcp ? 16'd20 : 16'd8);
    wire [31:0] tu_total  = tu_acc_reg + {16'd0, protocol_reg, 8'd0} + {16'd0, swap(tu_length)};
    wire        fcs_odd   = content[0];
    wire [15:0] fcs_a     = fcs_odd ? {fcs_reg[7:0], 8'd0} : fcs_reg[15:0];
    wire [15:0] fcs_b     = fcs_odd ? fcs_reg[23:8] : fcs_reg[31:16];
    wire [15:0] fcs_c     = fcs_odd ? {8'd0, fcs_reg[31:24]} : 16'd0;
    wire [15:0] packet    = fold(packet_acc_reg + {16'd0, ~fcs_a} + {16'd0, ~fcs_b} + {16'd0, ~fcs_c});

    assign ip_checked = ipv4_reg && long_enough && ip_limit_reg <= content;
    assign ip_good    = fold(ip_acc_reg) == 16'hffff;
    assign tu_checked = (ipv4_reg || ipv6_reg) && long_enough && inside && !fragment_reg
                        && (tcp || (udp && udp_length_reg == tu_length && (ipv6_reg || !udp_zero_reg)));
    assign tu_good    = fold(tu_total) == 16'hffff && !(udp && udp_zero_reg);
    assign packet_checksum = {8'd0, packet_start} >= content ? 16'd0 : ~(packet_start[0] ? packet : swap(packet));
endmodule
`default_nettype wire
