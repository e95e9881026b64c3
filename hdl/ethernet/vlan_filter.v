// Decides by its VLAN tag whether a frame is accepted: VLAN filter table and CFI (82544 SDM 9.2 and 13.4.22).
`default_nettype none
module vlan_filter (
    input  wire        enable,              // RCTL.VFE
    input  wire        check_cfi,           // RCTL.CFIEN
    input  wire        cfi,                 // RCTL.CFI
    input  wire        tagged,
    input  wire [15:0] tag,                 // TCI
    output wire [6:0]  table_word,          // row of the table to look up ...
    input  wire [31:0] table_bits,          // ... and its content
    output wire        accept
);
    assign table_word = tag[11:5];
    assign accept     = !enable || !tagged || (table_bits[tag[4:0]] && (!check_cfi || tag[12] == cfi));

    /* verilator lint_off UNUSEDSIGNAL */   // the priority
    wire unused = &tag[15:13];
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
