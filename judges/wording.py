"""The words of a rubric that may be written anew, and how near a judge comes to people by them."""

from statistics import mean
from typing import Any, NamedTuple

from judges.rubric import Rubric
from judges.verdict import Item, Language

Words = dict[str, str]
"""The wordings of a rubric in one language, by name: question, look_for[0], levels[2].anchor ..."""
Place = tuple[str | int, ...]
"""Where a wording stands in the rubric's file: keys and list positions from the top."""


class Example(NamedTuple):
    """An answer that people scored on the rubric."""

    item: Item
    prompt: str
    """Id of the task: answers to one task are never parted between two sets."""
    scores: tuple[float, ...]
    """One per person, none missing."""
    comments: tuple[str, ...] = ()
    """What people wrote of it."""


def places(rubric: Rubric, language: Language) -> dict[str, Place]:
    """Where each wording stands: the question, what to look for, and the levels' anchors.

    Names, examples and what must not count stay as they are: they are not what is disagreed on.
    """
    lines = range(len(getattr(rubric.look_for, language)))
    return {
        "question": ("question", language),
        **{f"look_for[{n}]": ("look_for", language, n) for n in lines},
        **{
            f"levels[{n}].anchor": ("levels", n, "anchor", language)
            for n in range(len(rubric.levels))
        },
    }


def words(rubric: Rubric, language: Language) -> Words:
    """The wordings of `rubric` in `language`, by name."""
    data = rubric.model_dump(mode="json")
    return {name: str(_at(data, place)) for name, place in places(rubric, language).items()}


def reworded(rubric: Rubric, language: Language, new: Words) -> Rubric:
    """`rubric` with the wordings of `new`; those that it does not name stay.

    Raises:
        pydantic.ValidationError: one of them is empty.
    """
    data = rubric.model_dump(mode="json")
    known = places(rubric, language)
    for name, text in new.items():
        *above, last = known[name]
        _at(data, tuple(above))[last] = text
    return Rubric.model_validate(data)


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


def closeness(score: float, example: Example, rubric: Rubric) -> float:
    """How near `score` is to the people's, from 0 to 1 (their mean).

    On a nominal scale, where levels have no distance: the share of people who gave that level.
    """
    if rubric.metric == "nominal":
        return mean(float(x == round(score)) for x in example.scores)
    span = rubric.scale[-1] - rubric.scale[0]
    return 1 - abs(score - mean(example.scores)) / span
