"""The folder of a run holds what that run left, and nothing of an earlier one."""

import dataclasses

from models.options import request_from
from models.runner import run_scenario


def test_nothing_of_an_earlier_run_is_left(tmp_path):
    out = tmp_path / "out"
    for name in ("first.bin", "second.txt"):
        (tmp_path / name).write_bytes(name.encode())
        request = request_from([f"FILE={tmp_path / name}", f"OUT={out}", "CARD=model", "WAVES=0"])
        run_scenario(dataclasses.replace(request, progress=False))
    assert [path.name for path in out.glob("received*")] == ["received.txt"]
    assert (out / "received.txt").read_bytes() == b"second.txt"
