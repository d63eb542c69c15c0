"""What is stored of the probability landscape, and by which keys."""

import base64
from typing import Literal

from judges.digest import digest
from judges.sampling import Sampling
from judges.verdict import Frozen
from pipeline.models.catalogue import Model, asked_identity, identity
from pipeline.records import Call

Kind = Literal["opening", "next", "embedding"]


class LandscapeRecord(Frozen):
    """One thing that was measured: the opening of an answer, a next token, or an embedding."""

    key: str
    kind: Kind
    who: str
    """The arm, or the model that embeds, when it was asked; the key does not depend on it."""
    tokens: tuple[str, ...] = ()
    """`next`: the most probable tokens, by what tells them apart; empty = not told apart."""
    logprobs: tuple[tuple[float, ...], ...] = ()
    """Per place, natural logarithms of the probabilities shown, the most probable first."""
    vector: str | None = None
    """`embedding`: little-endian 32-bit floats in base64."""
    said: str | None = None
    """Why there is nothing, in the server's words or ours: then it is not asked again."""
    call: Call
    at: str


def opening_key(model: Model, sampling: Sampling, logprobs: int, prompt: str) -> str:
    """The key of an opening: the model with its settings, how much is shown, and what is put."""
    return digest("opening", asked_identity(model, sampling), logprobs, prompt)


def next_key(model: Model, logprobs: int, text: str) -> str:
    """The key of a next token: the model, how much is shown, and the text before it."""
    return digest("next", identity(model), logprobs, text)


def embedding_key(model: Model, text: str) -> str:
    """The key of an embedding: the model and the text."""
    return digest("embedding", identity(model), text)


def packed(vector: tuple[float, ...]) -> str:
    """`vector` as a record holds it."""
    import numpy as np  # a plan packs nothing and does without it

    return base64.b64encode(np.asarray(vector, "<f4").tobytes()).decode()


def unpacked(vector: str) -> list[float]:
    """The vector that `packed` packed.

    >>> unpacked(packed((0.5, -2.0)))
    [0.5, -2.0]
    """
    import numpy as np

    return [float(x) for x in np.frombuffer(base64.b64decode(vector), "<f4")]
