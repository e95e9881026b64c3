"""`make scale`: its measurements, and what a connection keeps."""

import subprocess
import sys

from bench.scale.measure import measure, state_bytes
from firmware.tcp import Connection, TcpConfig

from .simulation import Network


def test_an_idle_connection_is_small_and_its_size_does_not_depend_on_the_others():
    sizes = []
    for count in (1, 200):
        network = Network()
        network.b.stack.listen(80, backlog=300)
        clients = [network.a.connect(network.b) for _ in range(count)]
        network.run(lambda clients=clients: all(client.established for client in clients))
        stack = network.a.stack
        sizes.append(state_bytes([client.connection for client in clients] + [stack.table.connections]) / count)
    assert sizes[1] <= sizes[0] < 8000


def test_what_is_shared_is_not_counted():
    config = TcpConfig()
    assert state_bytes([config, None, len]) == 0
    one, two = Connection(config, 0), Connection(config, 0)
    assert state_bytes([one, one]) == state_bytes([one]) < state_bytes([one, two])


def test_a_measurement():
    result = measure(3, 20)
    assert result.connections == 3 and result.segments >= 40
    assert 1000 < result.cycles_per_segment < 100_000 and 2000 < result.state_bytes < 20_000
    assert result.wall_us_per_segment > 0


def test_bad_options_get_one_line():
    for word in ("CONNECTIONS=0", "CONNECTIONS=x", "SPEED=1", "RUNS"):
        ended = subprocess.run([sys.executable, "-m", "bench.scale", word], capture_output=True, text=True, check=False)
        assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and ended.stderr.startswith("make scale: ")
