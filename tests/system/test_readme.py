"""What the README tells a stranger to do works."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

from models.options import request_from
from models.runner import run_scenario

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_scenario_of_the_readme_loses_data_and_delivers_it_all_the_same(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    file = tmp_path / "hello.py"
    file.write_text(example)
    card = os.environ.get("CARD") or "icarus"
    request = request_from([f"SCENARIO={file}", f"OUT={tmp_path / 'out'}", "WAVES=0", f"CARD={card}"])
    summary = run_scenario(dataclasses.replace(request, progress=False)).summary
    assert summary["retransmitted"] == 1
    assert summary["dropped"]["link_card_to_peer_lost"] == 1


def test_every_file_and_folder_that_the_readme_names_is_there():
    text = README.read_text()
    for name in re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r"^\| `([\w/]+/)` \|", text, flags=re.MULTILINE):
        assert (README.parent / name).exists(), name
