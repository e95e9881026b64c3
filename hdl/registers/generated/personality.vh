// BARs of the personalities (TOE2: with two queue sets): what each leads to (2 bits a BAR from BAR0
// on) and log2 of its bytes (8).
// Written by `python -m models.host.pcie_personality` from the table there.
`define PERSONALITY_TOE_BAR_TARGETS 12'h009
`define PERSONALITY_TOE_BAR_SIZES 48'h00000000000c
`define PERSONALITY_TOE2_BAR_TARGETS 12'h019
`define PERSONALITY_TOE2_BAR_SIZES 48'h00000011000c
`define PERSONALITY_NIC_BAR_TARGETS 12'h031
`define PERSONALITY_NIC_BAR_SIZES 48'h000000030011
`define PERSONALITY_TOE_MEMORY_BAR 1
