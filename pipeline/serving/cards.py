"""GPUs: what each holds and how fast, and which are in this machine."""

import re
import shutil
import subprocess
from typing import NamedTuple

from pipeline.errors import UserError

GIB = 2**30
COUNTS = (1, 2, 4, 8)
"""Cards that one server is spread over: what one machine holds, halved until it is one."""


class Card(NamedTuple):
    """One kind of GPU, by its maker's data sheet."""

    name: str
    memory: float
    """Bytes that nvidia-smi or rocm-smi shows."""
    bandwidth: float | None
    """Bytes a second from its memory; None = not in the table."""
    compute: float | None
    """Multiply-adds count as two: BF16 operations a second, dense. None = not in the table."""


def _card(name: str, gib: float, gigabytes_a_second: float, teraflops: float) -> Card:
    return Card(name, gib * GIB, gigabytes_a_second * 1e9, teraflops * 1e12)


CARDS = (
    _card("RTX 3090", 24.0, 936, 71),
    _card("RTX 4090", 24.0, 1008, 165),
    _card("RTX 5090", 31.8, 1792, 209),
    _card("L4", 22.5, 300, 121),
    _card("L40S", 45.0, 864, 362),
    _card("A100 40GB", 40.0, 1555, 312),
    _card("A100 80GB", 80.0, 2039, 312),
    _card("H100 80GB", 79.6, 3350, 989),
    _card("H100 PCIe", 79.6, 2000, 756),
    _card("H200", 140.4, 4800, 989),
    _card("B200", 179.0, 8000, 2250),
    _card("MI300X", 191.7, 5300, 1307),
)
"""Where a form is not named, the SXM one. From the data sheets; memory as the driver shows it."""

SUPPOSED = "H100 80GB"
"""Where no card is named and none is here."""


class Machine(NamedTuple):
    """The cards that a server is reckoned for."""

    card: Card
    here: int | None
    """How many of them are in this machine; None = nothing was asked of it."""
    why: str
    """How the card was chosen, in words."""


def named(name: str) -> Card:
    """The card of that name.

    Raises:
        UserError: there is none in the table; the message says which there are.
    """
    found = next((x for x in CARDS if x.name == name), None)
    if found is None:
        known = ", ".join(x.name for x in CARDS)
        raise UserError(f"card {name!r} is not in the table; there are: {known}")
    return found


def machine(name: str | None) -> Machine:
    """The card called `name`, or else the one that is here, or else the supposed one.

    Raises:
        UserError: no card is called `name`.
    """
    shown = present()
    if name is not None:
        card = named(name)
        alike = [x for x in shown if x.name == card.name]
        return Machine(card, len(alike), "as serving.card says")
    if shown:
        alike = [x for x in shown if x.name == shown[0].name]
        return Machine(alike[0], len(alike), "as nvidia-smi shows")
    return Machine(named(SUPPOSED), 0, "supposed: none is here, and serving.card names none")


def present() -> list[Card]:
    """The NVIDIA cards in this machine; none where nvidia-smi is missing or shows none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    query = ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    told = subprocess.run([command, *query], capture_output=True, text=True, check=False)
    rows = [x.rpartition(",") for x in told.stdout.splitlines() if "," in x]
    if told.returncode != 0:
        return []
    return [
        _shown(name.strip(), float(mib) * 2**20) for name, _, mib in rows if mib.strip().isdigit()
    ]


def _shown(name: str, memory: float) -> Card:
    """The card that nvidia-smi calls `name`: in the table by name and memory, or of its own."""
    said = set(re.split(r"[ -]", name))
    alike = [x for x in CARDS if _words(x) <= said and abs(x.memory - memory) < 0.1 * x.memory]
    if not alike:
        return Card(name, memory, None, None)
    return max(alike, key=lambda x: len(_words(x)))._replace(memory=memory)


def _words(card: Card) -> set[str]:
    """The words of a name that its maker uses too: the memory is compared as a number."""
    return {x for x in card.name.split() if not x.endswith("GB")}
