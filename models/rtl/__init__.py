"""The card in RTL behind the three ports: what drives the pins of hdl/sim/toe_sim.v from cocotb."""
