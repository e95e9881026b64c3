"""The waveform of a run: kept when asked for, whole or a window of it, with a save file that shows the blocks."""

from __future__ import annotations

import os

import pytest

from models.bench import Bench
from tests.system import on_card
from tests.system.connection import connect

RTL = os.environ.get("CARD") != "model"
pytestmark = pytest.mark.skipif(not RTL, reason="the functional model has no waveform")


async def a_few_bytes(bench: Bench) -> None:
    connection = await connect(bench)
    await connection.host.sendall(b"a few bytes")
    assert await connection.peer.recv(100) == b"a few bytes"


@pytest.mark.parametrize("waves", ["1", "100us:120us"])
def test_a_waveform_and_its_save_file_are_kept_when_asked_for(monkeypatch, seed, request, waves):
    monkeypatch.setenv("WAVES", waves)
    out = on_card.run(a_few_bytes, request.node.name, seed=seed).out
    assert 10_000 < (out / "waves.fst").stat().st_size < 10_000_000
    shown = (out / "waves.gtkw").read_text()
    for block in ("bus arbiter", "wire port (GMII)", "DMA channel 0", "Ethernet: segmentation"):
        assert f"-{block}\n" in shown
    assert "bus_grant_valid" in shown


def test_no_waveform_without_being_asked(monkeypatch, seed, request):
    monkeypatch.delenv("WAVES", raising=False)
    out = on_card.run(a_few_bytes, request.node.name, seed=seed).out
    assert not (out / "waves.fst").exists()
    assert not (out / "waves.gtkw").exists()
