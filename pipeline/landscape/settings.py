"""What a study asks of the probability landscape: a few lines of its file."""

from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from judges.rubric import Slug
from judges.verdict import Frozen


class LandscapeStudy(Frozen):
    """What is measured of the probability landscape; how varied the draws are costs nothing."""

    logprobs: Annotated[StrictInt, Field(ge=2, le=20)] | None = None
    """Tokens whose probabilities are asked at each place; servers give 20 at most. None = no
    probability is asked for."""
    prefixes: Annotated[StrictInt, Field(ge=4, le=4096)] | None = None
    """Places in the answers of the two ends at which every arm is asked what it would say next."""
    embeddings: Slug | None = None
    """A name of `data/models.yaml` with an /v1/embeddings: how far draws of an answer lie apart.
    """

    @model_validator(mode="after")
    def _prefixes_need_probabilities(self) -> Self:
        if self.prefixes is not None and self.logprobs is None:
            raise ValueError("prefixes are asked for probabilities: `logprobs` is missing (say 20)")
        return self
