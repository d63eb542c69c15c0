"""How fast verdicts are asked, beside the raw socket and the plain SDK in the same run.

`make bench`, or `python -m benchmarks.speed [--calls N] [--rounds N]`. The figures are for reading:
they are printed as met or not met, and the exit code is 0 either way.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from statistics import median

from benchmarks.server import LATENCY_MS, Server, serving
from pipeline.errors import UserError

WAYS = {"raw": "raw socket", "sdk": "openai SDK", "ours": "antipode"}
IN_FLIGHT = (64, 256)
LEAST_OF_RAW = {64: 0.85, 256: 0.60}
MOST_CPU_MS = 0.4

Figures = dict[str, float]
"""The fields of `drivers.Measured`: that module is not imported here, it would bring all of DSPy
into this process, and a child's peak memory begins with its parent's."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where there is no C compiler, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5120, help="calls per way and round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    try:
        with serving() as server:
            rounds = {n: _rounds(server, options.calls, n, options.rounds) for n in IN_FLIGHT}
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"{options.calls} calls to a server that takes {LATENCY_MS} ms, medians of "
        f"{options.rounds} rounds, ways in rotation; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores"
    )
    for line in (*_table(rounds, options.calls), *_targets(rounds, options.calls)):
        print(line)
    return 0


def _rounds(server: Server, calls: int, in_flight: int, count: int) -> list[dict[str, Figures]]:
    """`count` rounds of every way, each round begun by another one."""
    names = list(WAYS)
    turns = [names[i % len(names) :] + names[: i % len(names)] for i in range(count)]
    return [{way: _drive(way, server, calls, in_flight) for way in turn} for turn in turns]


def _drive(way: str, server: Server, calls: int, in_flight: int) -> Figures:
    """One way in a process of its own, held to the server's count."""
    command = [sys.executable, "-m", "benchmarks.drivers", way]
    command += [str(x) for x in (server.port, calls, in_flight)]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    ran = subprocess.run(command, stdout=subprocess.PIPE, env=environment, text=True, check=True)
    figures: Figures = json.loads(ran.stdout)
    assert figures["served"] == figures["verdicts"] == calls, (way, in_flight, figures)
    assert figures["most_in_flight"] <= in_flight, (way, in_flight, figures)
    return figures


def _median(rounds: list[dict[str, Figures]], way: str, figure: str) -> float:
    return median(x[way][figure] for x in rounds)


def _of_raw(rounds: list[dict[str, Figures]], way: str) -> float:
    """Calls a second as a share of the raw socket's of the same round."""
    return median(x["raw"]["seconds"] / x[way]["seconds"] for x in rounds)


def _cpu_ms(rounds: list[dict[str, Figures]], way: str, calls: int) -> float:
    return _median(rounds, way, "cpu_seconds") / calls * 1000


def _table(rounds: dict[int, list[dict[str, Figures]]], calls: int) -> list[str]:
    lines = ["in flight  way         calls/s  of raw  CPU ms a call  peak MB"]
    for in_flight, found in rounds.items():
        for way, name in WAYS.items():
            lines.append(
                f"{in_flight:9d}  {name:10}  {calls / _median(found, way, 'seconds'):7.0f}  "
                f"{_of_raw(found, way):6.2f}  {_cpu_ms(found, way, calls):13.3f}  "
                f"{_median(found, way, 'peak_mb'):7.0f}"
            )
    return lines


def _targets(rounds: dict[int, list[dict[str, Figures]]], calls: int) -> list[str]:
    lines = []
    for in_flight, found in rounds.items():
        share, cpu = _of_raw(found, "ours"), _cpu_ms(found, "ours", calls)
        least = LEAST_OF_RAW[in_flight]
        lines += [
            f"at least {least:.2f} of the raw socket at {in_flight}: {share:.2f}, "
            + _met(share >= least),
            f"at most {MOST_CPU_MS} ms CPU a call at {in_flight}: {cpu:.3f}, "
            + _met(cpu <= MOST_CPU_MS),
        ]
    return lines


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


if __name__ == "__main__":
    sys.exit(main())
