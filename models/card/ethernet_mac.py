"""The registers that belong to the MAC, not to a queue set (hdl/ethernet/mac_control.v): link, EEPROM, PHY, VLAN type,
flow control, gap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from firmware.registers import ethernet
from models.card.ethernet_eeprom import Eeprom
from models.card.ethernet_phy import ADDRESS as PHY_ADDRESS
from models.card.ethernet_phy import Phy
from models.kernel import NS, Event, now

_RESET_VALUES = {
    ethernet.CTRL: ethernet.CTRL_RESET,
    ethernet.EECD: 0,
    ethernet.EERD: 0,
    ethernet.CTRL_EXT: 0,
    ethernet.MDIC: ethernet.MDIC_READY,
    ethernet.FCAL: 0,
    ethernet.FCAH: 0,
    ethernet.FCT: 0,
    ethernet.VET: ethernet.VET_RESET,
    ethernet.FCTTV: 0,
    ethernet.TXCW: 0,
    ethernet.TIPG: 0,
    ethernet.AIT: 0,
    ethernet.PBA: ethernet.PBA_RESET & ethernet.PBA_RXA,
    ethernet.FCRTL: 0,
    ethernet.FCRTH: 0,
    ethernet.WUC: 0,
    ethernet.WUFC: 0,
}
_MASKS = {
    ethernet.FCAH: ethernet.FCAH_FCAH,
    ethernet.FCT: ethernet.FCT_FCT,
    ethernet.VET: ethernet.VET_VET,
    ethernet.FCTTV: ethernet.FCTTV_TTV,
    ethernet.TIPG: ethernet.TIPG_IPGT | ethernet.TIPG_IPGR1 | ethernet.TIPG_IPGR2,
    ethernet.AIT: ethernet.AIT_AIT,
    ethernet.PBA: ethernet.PBA_RXA,
    ethernet.FCRTL: ethernet.FCRTL_RTL | ethernet.FCRTL_XONE,
    ethernet.FCRTH: ethernet.FCRTH_RTH,
}
"""What is kept of a value written: drivers test registers with patterns."""
_PACKET_BUFFER_KIB = 64
_EECD_STORED = 0x77
_GAP_BYTES = 12
_QUANTUM_PS = 512 * NS
"""512 bit times."""
_OP_WRITE, _OP_READ = 1, 2


class MacControl:
    """`cause` raises interrupt causes; `reset` and `reload` are called for CTRL.RST and CTRL_EXT.EE_RST. With `loops`
    the PHY's loopback is one."""

    def __init__(
        self,
        mac_address: bytes,
        cause: Callable[[int], None],
        reset: Callable[[], None],
        reload: Callable[[], None],
        loops: bool = True,
    ) -> None:
        self._cause = cause
        self._request_reset = reset
        self._reload = reload
        self.mac_address = mac_address
        self._eeprom = Eeprom(mac_address)
        self._phy = Phy(loops)
        self.link = False
        """STATUS.LU."""
        self.transmit_wake = Event()
        """Something has changed that transmission waits for."""
        self.pause_frames: deque[tuple[bytes, int]] = deque()
        """To be sent before all others: at most an XOFF and an XON behind it, without FCS, and the counter of each."""
        self.link_changed: Callable[[bool], None] = lambda link: None
        """Called with STATUS.LU when it changes."""
        self.pause_sent: Callable[[int], None] = lambda counter: None
        """Called when one of them is out."""
        self.reset()

    def reset(self) -> None:
        """CTRL.RST; the PHY goes on."""
        self._registers = dict(_RESET_VALUES)
        self._eeprom.reset()
        self._phy.hold_in_reset(False)
        self.link = False
        self.paused_until_ps = 0
        self.pause_frames.clear()
        self.link_changed(False)

    def reset_phy(self) -> None:
        """Function-level reset: the PHY as well."""
        self._phy.reset()

    def set_carrier(self, carrier: bool) -> None:
        """The wire's partner comes or goes."""
        self._phy.set_carrier(carrier)
        self._update_link()

    def has(self, offset: int) -> bool:
        return offset in self._registers or offset == ethernet.STATUS

    # What the other blocks take from here.

    @property
    def loopback(self) -> bool:
        return self._phy.loopback

    @property
    def vlan_mode(self) -> bool:
        return bool(self._registers[ethernet.CTRL] & ethernet.CTRL_VME)

    @property
    def vlan_type(self) -> bytes:
        """EtherType of tags, as on the wire."""
        return (self._registers[ethernet.VET] & 0xFFFF).to_bytes(2, "big")

    @property
    def receive_pause(self) -> bool:
        return bool(self._registers[ethernet.CTRL] & ethernet.CTRL_RFCE)

    @property
    def transmit_pause(self) -> bool:
        return bool(self._registers[ethernet.CTRL] & ethernet.CTRL_TFCE)

    @property
    def pause_address(self) -> bytes:
        high = self._registers[ethernet.FCAH] & ethernet.FCAH_FCAH
        return (high << 32 | self._registers[ethernet.FCAL]).to_bytes(6, "little")

    @property
    def pause_type(self) -> int:
        return self._registers[ethernet.FCT] & ethernet.FCT_FCT

    @property
    def pause_time(self) -> int:
        return self._registers[ethernet.FCTTV] & ethernet.FCTTV_TTV

    @property
    def pause_low(self) -> int:
        return self._registers[ethernet.FCRTL] & ethernet.FCRTL_RTL

    @property
    def pause_xon(self) -> bool:
        return bool(self._registers[ethernet.FCRTL] & ethernet.FCRTL_XONE)

    @property
    def pause_high(self) -> int:
        return self._registers[ethernet.FCRTH] & ethernet.FCRTH_RTH

    @property
    def gap_bytes(self) -> int:
        return max(_GAP_BYTES, (self._registers[ethernet.TIPG] & ethernet.TIPG_IPGT) + 4)

    def read(self, offset: int) -> int:
        if offset == ethernet.STATUS:
            return self._status()
        value = self._registers[offset]
        if offset == ethernet.EECD:
            value = value & _EECD_STORED | ethernet.EECD_PRES
            value |= ethernet.EECD_DO if self._eeprom.data_out else 0
            value |= ethernet.EECD_GNT if value & ethernet.EECD_REQ else 0
        elif offset == ethernet.PBA:
            value |= (_PACKET_BUFFER_KIB - value & 0xFFFF) << ethernet.PBA_TXA_LSB
        return value

    def _status(self) -> int:
        ctrl = self._registers[ethernet.CTRL]
        speed = (ctrl & ethernet.CTRL_SPEED) >> ethernet.CTRL_SPEED_LSB if ctrl & ethernet.CTRL_FRCSPD else 2
        full = ctrl & ethernet.CTRL_FD or not ctrl & ethernet.CTRL_FRCDPX
        return (
            speed << ethernet.STATUS_SPEED_LSB
            | (ethernet.STATUS_TXOFF if self.paused_until_ps > now() else 0)
            | (ethernet.STATUS_LU if self.link else 0)
            | (ethernet.STATUS_FD if full else 0)
        )

    def write(self, offset: int, value: int) -> None:
        if offset == ethernet.STATUS:
            return
        if offset == ethernet.MDIC:
            value = self._access_phy(value)
        elif offset == ethernet.EERD:
            if not value & ethernet.EERD_START:
                return
            address = (value & ethernet.EERD_ADDR) >> ethernet.EERD_ADDR_LSB
            value = self._eeprom.word(address) << ethernet.EERD_DATA_LSB | value & ethernet.EERD_ADDR
            value |= ethernet.EERD_DONE
        elif offset == ethernet.EECD:
            self._eeprom.drive(value)
        elif offset == ethernet.CTRL_EXT and value & ethernet.CTRL_EXT_EE_RST:
            value &= ~ethernet.CTRL_EXT_EE_RST
            self._reload()
        elif offset in _MASKS:
            value &= _MASKS[offset]
        elif offset == ethernet.CTRL and value & ethernet.CTRL_RST:
            value &= ~ethernet.CTRL_RST
            self._request_reset()
        self._registers[offset] = value
        if offset == ethernet.CTRL:
            self._phy.hold_in_reset(bool(value & ethernet.CTRL_PHY_RST))
            self._update_link()
            if not self.receive_pause and self.paused_until_ps:
                self.pause(0)
        elif offset == ethernet.MDIC:
            if value & ethernet.MDIC_I:
                self._cause(ethernet.ICR_MDAC)
            self._update_link()

    def _access_phy(self, value: int) -> int:
        """What MDIC reads as afterwards; an access is over at once."""
        operation = (value & ethernet.MDIC_OP) >> ethernet.MDIC_OP_LSB
        register = (value & ethernet.MDIC_REGADD) >> ethernet.MDIC_REGADD_LSB
        value = value & ~ethernet.MDIC_ERROR | ethernet.MDIC_READY
        mine = (value & ethernet.MDIC_PHYADD) >> ethernet.MDIC_PHYADD_LSB == PHY_ADDRESS
        if not mine or operation not in (_OP_WRITE, _OP_READ):
            return value | ethernet.MDIC_ERROR
        if operation == _OP_WRITE:
            self._phy.write(register, value & ethernet.MDIC_DATA)
            return value
        return value & ~ethernet.MDIC_DATA | self._phy.read(register)

    def _update_link(self) -> None:
        link = self._phy.link and bool(self._registers[ethernet.CTRL] & ethernet.CTRL_SLU)
        if link == self.link:
            return
        self.link = link
        self._cause(ethernet.ICR_LSC)
        if not link:
            self.pause_frames.clear()
        self.transmit_wake.set()
        self.link_changed(link)

    def pause(self, quanta: int) -> None:
        """Transmission rests for so many times 512 bit times from now on."""
        self.paused_until_ps = now() + quanta * _QUANTUM_PS
        self.transmit_wake.set()

    def send_pause(self, frame: bytes, counter: int) -> None:
        if counter == ethernet.XOFFTXC:
            self.pause_frames.clear()  # an XON that has not left yet would let the partner go on
        elif any(waiting == counter for _, waiting in self.pause_frames):
            return
        self.pause_frames.append((frame, counter))
        self.transmit_wake.set()
