"""What of the card a waveform shows first, block by block; every other instance of the card follows, closed."""

from __future__ import annotations

from models.observation.design_view import Block

_CARD = "toe_sim.card"
_BUS = (r"bus_(read|write)_request", r"bus_grant_(valid|write|id|addr|beats)", r"bus_last_\w+_valid")
_PCIE = (r"[ms]_axis_(rq|rc|cq|cc)_t(valid|ready|last|data)", r"cfg_interrupt_msi_(int|sent)")
_FIRMWARE = (r"fw_command_(number|write|address|length)", r"fw_done_number|fw_error|firmware_irq")
_WIRE = (r"gmii_tx_en|gmii_txd", r"gmii_rx_dv|gmii_rxd")

BLOCKS = (
    Block("clocks", "toe_sim", (r"clk|rst|clocks_run|clock_hold|(card|firmware_port|transactors)_busy",), states=False),
    Block("wire port (GMII)", _CARD, _WIRE, closed=False, states=False),
    Block("bus arbiter", _CARD, _BUS, closed=False, states=False),
    Block("firmware port", "toe_sim", _FIRMWARE, states=False),
    Block("firmware port: accesses", "toe_sim.firmware_port", ()),
    Block("host port (PCIe)", _CARD, _PCIE, states=False),
    Block("PCI bridge: writes to the host", f"{_CARD}.pci_bridge.write_engine"),
    Block("PCI bridge: reads of the host", f"{_CARD}.pci_bridge.read_engine"),
    Block("PCI bridge: BAR accesses", f"{_CARD}.pci_bridge.target"),
    Block("PCI bridge: MSI", f"{_CARD}.pci_bridge.msi"),
    Block("messaging unit", f"{_CARD}.messaging_unit"),
    Block("messaging unit: queues", f"{_CARD}.messaging_unit.queues"),
    Block("DMA controller", f"{_CARD}.dma_controller"),
    Block("DMA channel 0", f"{_CARD}.dma_controller.channel[0].dma_channel", closed=False),
    Block("Ethernet: transmit", f"{_CARD}.ethernet.queue_set.transmit"),
    Block("Ethernet: segmentation", f"{_CARD}.ethernet.queue_set.segmenter", closed=False),
    Block("Ethernet: MAC, transmit", f"{_CARD}.ethernet.mac.transmitter", closed=False),
    Block("Ethernet: MAC, receive", f"{_CARD}.ethernet.mac.receiver"),
    Block("Ethernet: receive", f"{_CARD}.ethernet.queue_set.receive"),
    Block("Ethernet: interrupts", f"{_CARD}.ethernet.queue_set.interrupts"),
)
