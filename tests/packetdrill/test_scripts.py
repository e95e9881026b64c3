"""Every script of this folder, on the protocol alone and on the functional model of the card."""

import json
from pathlib import Path

import pytest

from models.packetdrill.__main__ import BACKENDS, main, run_file

FOLDER = Path(__file__).parent
SCRIPTS = sorted(FOLDER.rglob("*.pkt"))


@pytest.mark.parametrize("on", BACKENDS)
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path: Path, on: str) -> None:
    result = run_file(path, on)
    if result.result == "unsupported" and on == "model" and "# protocol only:" in path.read_text():
        pytest.skip(result.message)
    assert result.result == "pass", f"{path}:{result.line}: {result.message}"


@pytest.mark.parametrize(("right", "wrong", "says"), [
    ("> P. 1:101(100) ack 1", "> P. 1:101(100) ack 2", "ack is 1, expected 2"),
    ("> P. 1:101(100) ack 1", "> . 1:101(100) ack 1", "flags is P., expected ."),
    ("> P. 1:101(100) ack 1", "> P. 1:100(99) ack 1", "length is 100, expected 99"),
    ("> P. 1:101(100) ack 1", "> P. 1:101(100) ack 1 win 1", "win is 65535, expected 1"),
    ("> P. 1:101(100) ack 1", "> P. 1:101(100) ack 1 <nop,nop,TS val 1 ecr 1>", "options are <none>"),
    ("> P. 1:101(100) ack 1", "> [ce] P. 1:101(100) ack 1", "ECN is"),
    ("> P. 1:101(100) ack 1", "> P. 1:101(100) ack 1\n +.1 > P. 1:101(100) ack 1", "nothing is sent by 0.3"),
    ("   +0 > P. 1:101(100) ack 1", " +.1 > P. 1:101(100) ack 1", "sent too early"),
    ("   +0 > P. 1:101(100) ack 1\n", "+1 %{ assert True }%\n", "no line expects P. 1:101(100)"),
    ("= 100", "= 99", "write returns 100, expected 99"),
    ("= 100", "= -1 EPIPE (Broken pipe)", "write returns 100, expected -1 EPIPE"),
    ("%{ assert tcpi_unacked == 1 }%", "%{ assert tcpi_unacked == 2 }%", "tcpi_unacked is 1"),
    ("accept(3, ..., ...) = 4", "accept(3, ..., ...) = 4\n   +0 read(4, ..., 10) = 10", "read does not return at once"),
])
def test_a_script_that_says_something_else_fails_with_the_line(right: str, wrong: str, says: str,
                                                                tmp_path: Path) -> None:
    text = """    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 5) = 0
  +.1 < S 0:0(0) win 65535 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
  +.1 < . 1:1(0) ack 1 win 65535
   +0 accept(3, ..., ...) = 4
   +0 write(4, ..., 100) = 100
   +0 > P. 1:101(100) ack 1
   +0 %{ assert tcpi_unacked == 1 }%
"""
    path = tmp_path / "script.pkt"
    path.write_text(text)
    assert run_file(path, "protocol").result == "pass"
    assert right in text
    path.write_text(text.replace(right, wrong))
    result = run_file(path, "protocol")
    assert result.result == "fail" and says in result.message
    assert result.line >= 7


def test_results_and_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.pkt").write_text("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n")
    assert main([f"SUITE={tmp_path}", f"OUT={tmp_path / 'out'}"]) == 0
    (tmp_path / "other.pkt").write_text("0 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3\n")
    assert main([f"SUITE={tmp_path}", f"OUT={tmp_path / 'out'}"]) == 0, "what is unsupported is no failure"
    (tmp_path / "broken.pkt").write_text("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\n+0 > S 0:1(0)\n")
    capsys.readouterr()
    assert main([f"SUITE={tmp_path}", f"OUT={tmp_path / 'out'}"]) == 1
    assert f"{tmp_path / 'broken.pkt'}:3: 0:1(0): the length is not the difference" in capsys.readouterr().err
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [(Path(each["script"]).name, each["on"], each["result"], each["line"]) for each in results] == [
        ("broken.pkt", "protocol", "error", 3), ("good.pkt", "protocol", "pass", 0),
        ("other.pkt", "protocol", "unsupported", 1)]


@pytest.mark.parametrize(("words", "says"), [
    (["SUITE=/nowhere"], "there is no such file"),
    (["ON=paper"], "one of protocol, model"),
    (["ONE=1"], "no option ONE"),
])
def test_a_mistake_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_timestamps_must_advance_as_the_script_says(tmp_path: Path) -> None:
    text = """    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0...1.1 connect(3, ..., ...) = 0
   +0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 0>
   +1 > S 0:0(0) <mss 1460,sackOK,TS val 1100 ecr 0,nop,wscale 0>
  +.1 < S. 0:0(0) ack 1 win 65535 <mss 1000,TS val 7 ecr 1100>
"""
    path = tmp_path / "script.pkt"
    path.write_text(text)
    assert run_file(path, "protocol").result == "pass"
    path.write_text(text.replace("TS val 1100", "TS val 600"))
    result = run_file(path, "protocol")
    assert (result.result, result.line) == ("fail", 4) and "TS val 1100" in result.message
