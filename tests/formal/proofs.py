"""The proofs of the card's RTL, one entry each, and for each the changes of the RTL that must make it fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GATE = "hdl/lib/clock_gate.v"
ORDER = "hdl/formal/stream_order.v"


@dataclass(frozen=True)
class Mutation:
    """One place of one file changed: `old` stands there exactly once."""

    what: str
    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Proof:
    """What is proven of `top`, whose properties stand in hdl/formal/<top>.vh."""

    name: str
    claim: str
    top: str
    files: tuple[str, ...]
    parameters: Mapping[str, int] = field(default_factory=dict)
    depth: int = 12
    """Clocks from reset on in which no counterexample may exist (base case); steps of the clocks if `free_clocks`."""
    induction: int = 3
    """k: from any k good clocks in a row follows a good one."""
    reach: int = 20
    """Clocks within which each situation named by a cover statement is reached: the assumptions leave room for it."""
    free_clocks: bool = False
    """Every clock toggles as it likes, instead of one clock."""
    defines: tuple[str, ...] = ("CLOCK_GATES_TRANSPARENT",)
    prepare: str = ""
    """A yosys command more, after flattening."""
    mutations: tuple[Mutation, ...] = ()


_SYNC = "hdl/lib/sync_fifo.v"
_ASYNC = "hdl/lib/async_fifo.v"
_ARBITER = "hdl/bus/axi_arbiter.v"
_POINTERS = "hdl/messaging/messaging_queue_pointers.v"
_ORDER_GATE = "hdl/pci_bridge/pci_order_gate.v"
_READ_ENGINE = "hdl/pci_bridge/pci_read_engine.v"

_FIFO_CLAIM = "no overflow, no underflow; nothing lost, duplicated or reordered; a word waits unchanged for the reader"
_ASYNC_CLAIM = (
    "no overflow, no underflow, nothing lost, duplicated or reordered, with clocks that toggle freely and "
    "synchronizers that resolve each changing bit either way; each side's count is on the safe side"
)
_FAIR = "whoever holds a request is served within {} of every other requester"

_SYNC_MUTATIONS = (
    Mutation("accepts a word too many", _SYNC, "wr_ready = count_reg != DEPTH", "wr_ready = count_reg <= DEPTH"),
    Mutation("never full", _SYNC, "wr_ready = count_reg != DEPTH[COUNT_WIDTH-1:0]", "wr_ready = 1'b1"),
    Mutation("the write pointer stands still", _SYNC, "wr_ptr_reg <= wr_ptr_reg + 1'b1", "wr_ptr_reg <= wr_ptr_reg"),
    Mutation("the read pointer skips", _SYNC, "rd_ptr_reg <= rd_ptr_reg + 1'b1", "rd_ptr_reg <= rd_ptr_reg + 2'd2"),
    Mutation("loads over a waiting word", _SYNC, "mem_used && (!out_valid_reg || rd_ready)", "mem_used"),
    Mutation(
        "a word taken is shown again",
        _SYNC,
        "end else if (rd_fire) begin\n            out_valid_reg",
        "end else if (0) begin\n            out_valid_reg",
    ),
    Mutation("counts a word twice", _SYNC, "count_reg <= count_reg + 1'b1", "count_reg <= count_reg + 2'd2"),
    Mutation("reset forgets the count", _SYNC, "count_reg     <= {COUNT_WIDTH{1'b0}};", ""),
    Mutation("the gate swallows the read", _SYNC, "|| rd_fire),", "),"),
)
_ASYNC_MUTATIONS = (
    Mutation(
        "binary pointer crosses to the reader",
        _ASYNC,
        "wr_gray_reg <= wr_ptr_next ^ (wr_ptr_next >> 1)",
        "wr_gray_reg <= wr_ptr_next",
    ),
    Mutation(
        "binary pointer crosses to the writer",
        _ASYNC,
        "rd_gray_reg   <= rd_ptr_next ^ (rd_ptr_next >> 1)",
        "rd_gray_reg <= rd_ptr_next",
    ),
    Mutation("accepts when full", _ASYNC, "wr_used != DEPTH[PTR_WIDTH-1:0] && !wr_rst", "!wr_rst"),
    Mutation("reads when empty", _ASYNC, "rd_used != {PTR_WIDTH{1'b0}} && (", "("),
    Mutation("loads over a waiting word", _ASYNC, "(!out_valid_reg || rd_ready);", "1'b1;"),
    Mutation("a word taken is shown again", _ASYNC, "end else if (rd_ready) begin", "end else if (0) begin"),
    Mutation("reads the place beside", _ASYNC, "<= mem[rd_ptr_reg[", "<= mem[rd_ptr_next["),
    Mutation("the reader's pointer is decoded wrongly", _ASYNC, "wr_quads ^ (wr_quads >> 4)", "wr_gray_at_rd"),
)
_ARBITER_MUTATIONS = (
    Mutation(
        "the turn stays with the one served", _ARBITER, "? after(w_granted) : w_granted", "? w_granted : w_granted"
    ),
    Mutation("the search begins at 0", _ARBITER, "round_robin ? w_from :", "1'b0 ? w_from :"),
    Mutation("no bound on outstanding bursts", _ARBITER, "wire room_w  = (", "wire room_w  = 1'b1 || ("),
    Mutation(
        "reads are not counted as gone", _ARBITER, "if (grant_r != last_read_valid) reads_reg", "if (grant_r) reads_reg"
    ),
    Mutation(
        "data of another master",
        _ARBITER,
        "assign m_axi_wlast  = s_axi_wlast[writer]",
        "assign m_axi_wlast = s_axi_wlast[0]",
    ),
    Mutation(
        "order of grants is not kept",
        _ARBITER,
        "order_head_reg        <= order_head_reg + 5'd1",
        "order_head_reg <= order_head_reg + 5'd2",
    ),
    Mutation("waits without need", _ARBITER, "wire grant_w = ", "wire grant_w = !(&requests_w) && "),
)


def _fifo(depth: int, width: int, reach: int) -> Proof:
    return Proof(
        name=f"sync_fifo_{depth}",
        claim=f"{depth} words: {_FIFO_CLAIM}",
        top="sync_fifo",
        files=(_SYNC,),
        parameters={"DEPTH": depth, "DATA_WIDTH": width},
        depth=12,
        reach=reach,
        mutations=_SYNC_MUTATIONS if depth == 4 else (),
    )


def _async_fifo(depth: int, width: int, reach: int) -> Proof:
    return Proof(
        name=f"async_fifo_{depth}",
        claim=f"{depth} words: {_ASYNC_CLAIM}",
        top="async_fifo",
        files=(_ASYNC, "hdl/formal/synchronizer.v"),
        parameters={"DEPTH": depth, "DATA_WIDTH": width},
        depth=24,
        induction=5,
        reach=60,
        free_clocks=True,
        mutations=_ASYNC_MUTATIONS if depth == 4 else (),
    )


def _arbiter(name: str, what: str, masters: int, shared: int, outstanding: int, hold: int) -> Proof:
    bursts = "one grant" if hold == 1 else f"{hold} grants"
    return Proof(
        name=name,
        claim=f"{what}: {_FAIR.format(bursts)}; no more bursts outstanding than allowed, write data in order of grants",
        top="axi_arbiter",
        files=(_ARBITER,),
        parameters={
            "MASTERS": masters,
            "ID_WIDTH": 1,
            "SHARED": shared,
            "OUTSTANDING": outstanding,
            "HOLD_BURSTS": hold,
        },
        depth=10,
        mutations=_ARBITER_MUTATIONS if name == "bus_arbiter" else (),
    )


PROOFS = (
    Proof(
        name="clock_gate",
        claim="the gated clock rises exactly when clk rises with enable set, and has no other edge (no glitch)",
        top="clock_gate",
        files=(),
        free_clocks=True,
        defines=("FORMAL_CLOCK_GATE",),
        reach=8,
        mutations=(
            Mutation("gate without effect", GATE, "enable ? clk : 1'b1", "clk"),
            Mutation("rests low", GATE, "enable ? clk : 1'b1", "enable ? clk : 1'b0"),
        ),
    ),
    _fifo(2, 64, 20),
    _fifo(4, 8, 20),
    _fifo(16, 8, 40),
    _async_fifo(4, 8, 60),
    _async_fifo(8, 8, 60),
    _arbiter("bus_arbiter", "four masters on one bus for reads and writes", 4, 1, 4, 1),
    _arbiter("bus_arbiter_hold", "a requester may take two bursts in a row", 3, 1, 4, 2),
    _arbiter("memory_arbiter", "six masters, reads and writes apart", 6, 0, 16, 1),
    Proof(
        name="messaging_queue_pointers",
        claim="queue of any size: empty, full and last free entry are told exactly, pointers stay inside the queue, "
        "nothing is overwritten",
        top="messaging_queue_pointers",
        files=(_POINTERS,),
        parameters={"QUEUE": 3},
        depth=5,
        induction=2,
        reach=8,
        mutations=(
            Mutation("full an entry late", _POINTERS, "full      = head_1 ==", "full      = head_2 =="),
            Mutation(
                "no wrap at the end",
                _POINTERS,
                "if (head_advance) head_reg <= head_1",
                "if (head_advance) head_reg <= head_reg + 18'd8",
            ),
            Mutation("the tail stays", _POINTERS, "if (tail_advance) tail_reg <= tail_1;", ""),
            Mutation("place of the queue", _POINTERS, "(PLACE[1] ? size << 1 : 21'd0)", "(PLACE[1] ? size : 21'd0)"),
            Mutation(
                "odd address",
                _POINTERS,
                "head_reg <= write_offset & mask & 18'h3FFFC",
                "head_reg <= write_offset & mask",
            ),
            Mutation("the gate swallows the tail", _POINTERS, "|| tail_advance ||", "||"),
        ),
    ),
    Proof(
        name="pci_order_gate",
        claim="an interrupt or completion passes only when every write burst taken before it has been issued and every "
        "TLP of these is on its way",
        top="pci_order_gate",
        files=(_ORDER_GATE,),
        depth=14,
        mutations=(
            Mutation(
                "does not wait for bursts",
                _ORDER_GATE,
                "STATE_BURSTS: if (!bursts_over[COUNT_WIDTH-1])",
                "STATE_BURSTS: if (1)",
            ),
            Mutation(
                "does not wait for TLPs",
                _ORDER_GATE,
                "STATE_TLPS: if (!tlps_over[COUNT_WIDTH-1])",
                "STATE_TLPS: if (1)",
            ),
            Mutation(
                "forgets the bursts just taken",
                _ORDER_GATE,
                "target_reg <= bursts_taken",
                "target_reg <= bursts_issued",
            ),
            Mutation("stays open", _ORDER_GATE, "if (!want || rst) state_reg", "if (rst) state_reg"),
        ),
    ),
    Proof(
        name="pci_read_tags",
        claim="between function-level resets: a tag is used again only when its request is over; only completions of "
        "requests under way are taken, a late one never; the ring of slots neither overflows nor loses a slot",
        top="pci_read_engine",
        files=(_READ_ENGINE,),
        parameters={"TAGS": 4, "TIMEOUT_CYCLES": 5},
        depth=14,
        reach=30,
        # R data is not looked at
        prepare="delete w:s_axi_rdata",
        mutations=(
            Mutation(
                "the ring overflows", _READ_ENGINE, "slot_free = used_reg != TAGS[SLOT_BITS:0]", "slot_free = 1'b1"
            ),
            Mutation(
                "a late completion is taken",
                _READ_ENGINE,
                "&& cpl_tag[4:SLOT_BITS] == slot_gen_reg[cpl_slot*GEN_BITS +: GEN_BITS]",
                "",
            ),
            Mutation(
                "an unasked completion is taken",
                _READ_ENGINE,
                "cpl_expected = slot_waiting_reg[cpl_slot] &&",
                "cpl_expected =",
            ),
            Mutation("a slot leaves unfinished", _READ_ENGINE, "&& (out_done ||", "&& (1'b1 ||"),
            Mutation("the timed-out slot still waits", _READ_ENGINE, "slot_waiting_reg[tail_reg] <= 1'b0;", ""),
        ),
    ),
)
"""Everything that is proven."""
