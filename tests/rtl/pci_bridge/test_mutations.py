"""Breaks pci_bridge on purpose: the bench must notice."""

from pathlib import Path

import pytest

from tests.rtl.pci_bridge.test_pci_bridge import SOURCES
from tests.rtl.runner import ROOT, run_bench

MUTATIONS = {
    "nothing waits for posted writes": (
        "pci_order_gate",
        "assign clear = state_reg == STATE_CLEAR && want;",
        "assign clear = want && state_reg != STATE_IDLE;",
    ),
    "a write handed to the block counts as sent": (
        "pci_order_gate",
        "if (!tlps_over[COUNT_WIDTH-1]) state_reg",
        "state_reg",
    ),
    "the generation of a tag stays": ("pci_read_engine", "slot_gen_reg[tail_reg*GEN_BITS +: GEN_BITS] + 1'b1;", ""),
    "what a completion counts is not looked at": (
        "pci_read_engine",
        "wire        cpl_wrong = ",
        "wire        cpl_wrong = 1'b0 && ",
    ),
    "status and poison are not looked at": (
        "pci_read_engine",
        "wire cpl_bad      = cpl_error_code != ERROR_NONE || cpl_status != 3'd0 || cpl_poisoned;",
        "wire cpl_bad = 1'b0;",
    ),
    "INTx waits for nothing": ("pci_intx", "(order_want && order_clear)", "order_want"),
    "posted requests wait behind a read that waits": (
        "pci_target",
        "(is_posted || nonposted_free);",
        "nonposted_free;",
    ),
    "non-posted requests are asked for without end": (
        "cq_deframer",
        "nonposted_request = nonposted_free && !asked_reg && !rst;",
        "nonposted_request = !rst;",
    ),
}
NOTICED_BY = {
    "pci_order_gate": ("bench_pci_faults", "nothing_passes_a_posted_write"),
    "pci_intx": ("bench_pci_faults", "nothing_passes_a_posted_write_with_intx"),
    "pci_read_engine": ("bench_pci_faults", "every_fault_of_a_completer_has_its_outcome"),
    "pci_target": ("bench_pci_ordering", "posted_writes_pass_reads_that_wait"),
    "cq_deframer": ("bench_pci_ordering", "non_posted_requests_are_asked_for_one_by_one"),
}
"""The test that is to notice what was broken in a module."""


BY_NIGHT = ("the generation of a tag stays", "status and poison are not looked at")
"""It takes long until the bench notices."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.nightly if name in BY_NIGHT else ()) for name in MUTATIONS]
)
def test_the_bench_notices(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module, old, new = MUTATIONS[name]
    source = (ROOT / f"hdl/pci_bridge/{module}.v").read_text()
    assert source.count(old) == 1, "the source has changed: adapt the mutation"
    if not new:
        new = old.replace("+ 1'b1", "")
    mutant = tmp_path / f"{module}.v"
    mutant.write_text(source.replace(old, new))
    sources = [str(mutant) if source.endswith(f"/{module}.v") else source for source in SOURCES]
    bench, testcase = NOTICED_BY[module]
    with pytest.raises(SystemExit):
        run_bench(
            "pci_bridge_harness",
            sources,
            bench,
            seed=1,
            testcase=testcase,
            plusargs=(f"+mutation={list(MUTATIONS).index(name)}",),
            environment={
                "MAX_PAYLOAD": "128",
                "MAX_READ_REQUEST": "128",
                "OPERATIONS": "400" if module == "pci_read_engine" else "200",
                "COCOTB_TRUST_INERTIAL_WRITES": "0",
            },
        )
    assert "FAIL=" in capfd.readouterr().out, "it did not even run"
