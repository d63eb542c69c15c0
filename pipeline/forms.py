"""What judges are told before the item: forms rendered once, and their digests."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from judges import surface
from judges.digest import digest
from judges.panel import Judge
from judges.rubric import whole_digest
from judges.verdict import Item, Language
from pipeline.bench import Bench
from pipeline.costs import tokens_estimated
from pipeline.demos import Demos
from pipeline.errors import UserError
from pipeline.models.catalogue import Model

if TYPE_CHECKING:
    from dspy.lm15 import Config

    from judges.form import Demo, Form

_SOURCES = [Path(surface.__file__).with_name(name) for name in ("form.py", "evidence.py")]


class Told(NamedTuple):
    """What a judge is told before the item: which form."""

    rubric: str
    language: Language
    demos: int = 0
    """Answers with people's scores that it is shown."""
    without: str | None = None
    """The task whose answers may not be among them; None where none would be."""

    @property
    def name(self) -> str:
        """As a run's folder names it."""
        parts = [self.rubric, self.language]
        parts += [str(self.demos)] if self.demos else []
        return ":".join([*parts, *([self.without] if self.without else [])])


class Asked(NamedTuple):
    """What the requests of one judge on one rubric have in common."""

    form: "Form"
    config: "Config"
    digest: str


class Forms:
    """The forms of a study: each rubric in each language it is read in, rendered once.

    Rendering needs DSPy, which takes a second to load; the digests of forms that have not changed
    are remembered by the run, so that a study with nothing to ask starts without it.
    """

    def __init__(self, design: Bench, digests: dict[str, str], demos: Demos | None = None) -> None:
        """`digests` are those that the run remembers; `demos` what judges may be shown."""
        self._rubrics = {rubric.id: rubric for rubric in design.rubrics}
        self._demos = demos
        self._made: dict[Told, Form] = {}
        self._source = digest(version("dspy"), [x.read_text(encoding="utf-8") for x in _SOURCES])
        self.digests = digests
        self._asked: dict[tuple[str, Told, int], Asked] = {}
        self._tokens: dict[Told, float] = {}
        self._among: dict[Told, frozenset[str]] = {}
        self.used: dict[str, str] = {}
        """Digest of each form that was asked for, by its name."""

    def told(self, rubric: str, language: Language, judge: Judge, item: Item | None) -> Told:
        """Which form `judge` is put about `item`; about an answer not there yet it is None."""
        plain = Told(rubric, language, judge.demos)
        if not judge.demos or item is None:
            return plain
        demos = self._shown()
        if plain not in self._among:
            found = demos.among(self._rubrics[rubric], language, judge.demos)
            self._among[plain] = found
        prompt = demos.prompt_of(item)
        return plain._replace(without=prompt) if prompt in self._among[plain] else plain

    def get(self, told: Told) -> "Form":
        """That form."""
        from judges.form import build

        if told not in self._made:
            self._made[told] = build(self._rubrics[told.rubric], told.language, self._chosen(told))
        return self._made[told]

    def tokens(self, told: Told) -> float:
        """About how many tokens that form is without task and answer."""
        if told not in self._tokens:
            form = self.get(told)
            texts = (form.system, *(x for turn in form.turns for x in turn), *form.parts)
            self._tokens[told] = sum(map(tokens_estimated, texts))
        return self._tokens[told]

    def asked(self, told: Told, judge: Judge, draw: int, model: Model) -> "Asked":
        """What every request of that judge, form and draw has in common."""
        from judges.judging import asked
        from pipeline.models.wire import config_of

        place = (judge.id, told, draw)
        if place not in self._asked:
            form = self.get(told)
            config = config_of(model, judge.sampling, draw)
            config = asked(form, config, judge.scoring == "measured")
            self._asked[place] = Asked(form, config, digest(form.digest, repr(config)))
        return self._asked[place]

    def digest(self, told: Told) -> str:
        """The digest of that form."""
        rubric = self._rubrics[told.rubric]
        shown = [(x.item.key, x.level, x.said) for x in self._chosen(told)]
        whole = whole_digest(rubric, told.language)
        name = digest(whole, told.language, self._source, *([shown] if shown else []))
        if name not in self.digests:
            self.digests[name] = self.get(told).digest
        self.used[told.name] = self.digests[name]
        return self.digests[name]

    def _chosen(self, told: Told) -> "tuple[Demo, ...]":
        if not told.demos:
            return ()
        rubric = self._rubrics[told.rubric]
        return self._shown().shown(rubric, told.language, told.demos, told.without)

    def _shown(self) -> Demos:
        if self._demos is None:
            raise UserError(
                "a judge of this panel is shown demos from a study's gold, and here there is no "
                "study: take a panel without `demos`"
            )
        return self._demos


class KeptForms:
    """The digests of forms as a run's folder keeps them: nothing is rendered again."""

    def __init__(self, digests: dict[str, str], prompts: Mapping[str, str]) -> None:
        """`digests` as `Forms.used` has them; `prompts` the task's id by its text."""
        self._digests = digests
        self._prompts = prompts

    def told(self, rubric: str, language: Language, judge: Judge, item: Item | None) -> Told:
        """Which form `judge` was put about `item`."""
        plain = Told(rubric, language, judge.demos)
        if not judge.demos or item is None:
            return plain
        without = plain._replace(without=self._prompts.get(item.task))
        return without if without.name in self._digests else plain

    def digest(self, told: Told) -> str:
        """The digest of the form that was put to judges.

        Raises:
            UserError: the run's design does not have it.
        """
        if told.name not in self._digests:
            said = f"design.json: forms has no {told.name!r}; the run's design is not whole"
            raise UserError(said)
        return self._digests[told.name]


class FormDigests(Protocol):
    """Whoever knows which form a judge is put, and its digest."""

    def told(self, rubric: str, language: Language, judge: Judge, item: Item | None) -> Told:
        """Which form `judge` is put about `item`."""

    def digest(self, told: Told) -> str:
        """The digest of a form."""
