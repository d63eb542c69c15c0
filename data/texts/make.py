"""The long texts that tasks are asked about: made from a seed, the same to the byte every time.

Every `*.yaml` beside this file is the world of one text: people with their six Russian cases, ways
in which an entry can be put, and passages written by hand (`kept`) that stand at fixed entries.
What follows from what stands in the passages; the rest is the life of the place around them.

    PYTHONPATH=. .venv/bin/python data/texts/make.py
"""

import random
import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StrictInt

from judges.rubric import Slug, Text
from judges.verdict import Frozen
from pipeline import files

HERE = Path(__file__).resolve().parent
LANGUAGES: tuple[Literal["en", "ru"], ...] = ("en", "ru")
CASES = "ngdaip"
"""Nominative, genitive, dative, accusative, instrumental, prepositional, as they stand in a row."""
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SEASON = re.compile(r"\[(\d+)-(\d+)\] ")
HOLE = re.compile(r"\{([a-z_]+?)(\d?)(?:\.([ngdaip])|:([^,{}]*),([^{}]*))?\}")


class Passage(Frozen):
    """Something written by hand that stands at one entry."""

    at: StrictInt
    en: str
    ru: str
    alone: bool = False
    """Whether it is all of its entry."""
    key: Literal["clue", "link", "use"] | None = None
    """What the chain begins with, goes on with, or is asked at; None is a story by the way."""


class World(Frozen):
    """All that one text is made of. Lines hold `English // Russian`.

    A line that begins with `[11-3]` is drawn from November to March only.
    """

    name: Slug
    seed: StrictInt
    entries: StrictInt
    step: Annotated[StrictInt, Field(ge=1)] = 1
    """Days from one entry to the next."""
    start: StrictInt = 0
    """The day of the year of the first entry, from 0."""
    first_number: StrictInt = 1
    body: tuple[StrictInt, StrictInt]
    """The least and the most lines of an entry."""
    title: Text
    heading: Text
    people: str
    """Lines of `f / English / six Russian cases`."""
    opening: str = ""
    lines: str
    closing: str = ""
    slots: dict[str, str]
    kept: tuple[Passage, ...] = ()


class Person(NamedTuple):
    """Somebody who comes back."""

    woman: bool
    en: str
    ru: tuple[str, ...]


class Bag:
    """Draws all of a list in a shuffled order before any comes again."""

    def __init__(self, things: list[int], chance: random.Random) -> None:
        """A full bag."""
        self.things, self.chance, self.left = things, chance, list[int]()

    def draw(self, but: frozenset[int] = frozenset()) -> int:
        """The next one that is not among `but`."""
        if not set(self.left) - but:
            if not set(self.things) - set(self.left) - but:
                raise ValueError("nothing is left to draw: a list is too short for its month")
            fresh = [x for x in self.things if x not in self.left]
            self.chance.shuffle(fresh)
            self.left = fresh + self.left
        found = next(x for x in reversed(self.left) if x not in but)
        self.left.remove(found)
        return found


def pairs(block: str) -> list[dict[str, str]]:
    """The lines of a block as texts by language."""
    lines = [SEASON.sub("", x.strip(), count=1) for x in block.splitlines() if x.strip()]
    found = [line.split(" // ") for line in lines]
    for line in found:
        assert len(line) == 2, f"expected 'English // Russian': {line}"
    return [{"en": en.strip(), "ru": ru.strip()} for en, ru in found]


def months(block: str) -> list[frozenset[int]]:
    """The months, from 0, in which each line of a block may be drawn."""
    found = []
    for line in filter(str.strip, block.splitlines()):
        season = SEASON.match(line.strip())
        first, last = (int(x) - 1 for x in season.groups()) if season else (0, 11)
        found.append(frozenset((first + x) % 12 for x in range((last - first) % 12 + 1)))
    return found


def person(line: str) -> Person:
    """Somebody, from `f / English / six Russian cases`."""
    sex, en, ru = (x.strip() for x in line.split(" / "))
    cases = tuple(x.strip() for x in ru.split(","))
    assert sex in ("f", "m"), line
    assert len(cases) == len(CASES), line
    return Person(sex == "f", en, cases)


class Maker:
    """Draws lines and what stands in their holes, once for both languages."""

    def __init__(self, world: World) -> None:
        """Nothing drawn yet."""
        self.world = world
        self.chance = random.Random(world.seed)
        self.people = [person(x) for x in world.people.strip().splitlines()]
        blocks = world.slots | {x: getattr(world, x) for x in ("opening", "lines", "closing")}
        self.lists = {name: pairs(block) for name, block in blocks.items()}
        self.months = {name: months(block) for name, block in blocks.items()}
        self.month = 0
        self.said: dict[str, set[int]] = {}
        self.bags = {
            name: Bag([*range(len(x))], self.chance) for name, x in self.lists.items() if x
        }
        self.folk = Bag([*range(len(self.people))], self.chance)

    def line(self, name: str) -> dict[str, str]:
        """A line of the list `name` with its holes filled, in both languages."""
        return self.filled(self.lists[name][self.draw(name)], {}, {})

    def draw(self, name: str, used: frozenset[int] = frozenset()) -> int:
        """The place in the list `name` of a line that fits the month and is new in its entry."""
        wrong = used | {i for i, x in enumerate(self.months[name]) if self.month not in x}
        said = self.said.setdefault(name, set())
        if len(wrong | said) == len(self.lists[name]):
            said.clear()
        found = self.bags[name].draw(frozenset(wrong | said))
        said.add(found)
        return found

    def filled(
        self, texts: dict[str, str], people: dict[str, int], drawn: dict[str, dict[str, str]]
    ) -> dict[str, str]:
        """`texts` without holes; one hole's name means one thing throughout."""
        for match in HOLE.finditer(texts["en"] + texts["ru"]):
            name, digit = match.group(1), match.group(2)
            hole = name + digit
            if len(name) == 1 and hole not in people:
                people[hole] = self.folk.draw(frozenset(people.values()))
            elif len(name) > 1 and hole not in drawn:
                used = [self.lists[name].index(x) for x in drawn.values() if x in self.lists[name]]
                drawn[hole] = self.lists[name][self.draw(name, frozenset(used))]
        done: dict[str, str] = {
            language: HOLE.sub(partial(self._word, language, people, drawn), texts[language])
            for language in LANGUAGES
        }
        return self.filled(done, people, drawn) if HOLE.search("".join(done.values())) else done

    def _word(
        self,
        language: Literal["en", "ru"],
        people: dict[str, int],
        drawn: dict[str, dict[str, str]],
        match: re.Match[str],
    ) -> str:
        name, digit, case, male, female = match.groups()
        if len(name) > 1:
            return drawn[name + digit][language]
        found = self.people[people[name + digit]]
        if male is not None:
            return str(female if found.woman else male)
        return found.en if language == "en" else found.ru[CASES.index(case or "n")]


def date(day: int, language: Literal["en", "ru"]) -> str:
    """The day of the year, from 0, as people write it.

    >>> date(31, "en"), date(364, "ru")
    ('1 February', '31 декабря')
    """
    month = 0
    day %= sum(DAYS)
    while day >= DAYS[month]:
        day -= DAYS[month]
        month += 1
    return f"{day + 1} {MONTHS[language].split()[month]}"


def made(world: World) -> dict[str, str]:
    """The text of `world` in both languages."""
    maker = Maker(world)
    text = {x: [getattr(world.title, x)] for x in LANGUAGES}
    for index in range(world.entries):
        kept = [x for x in world.kept if x.at == index]
        day = world.start + index * world.step
        maker.month = MONTHS["en"].split().index(date(day, "en").split()[1])
        alone = any(x.alone for x in kept)
        maker.said.clear()
        lines: list[dict[str, str]] = []
        if not alone:
            lines += [maker.line("opening")] if maker.lists["opening"] else []
            count = maker.chance.randint(*world.body) - len(kept)
            lines += [maker.line("lines") for _ in range(max(1, count))]
        lines += [{"en": clean(x.en), "ru": clean(x.ru)} for x in kept]
        if (
            not any(x.alone for x in kept)
            and maker.lists["closing"]
            and maker.chance.random() < 0.5
        ):
            lines.append(maker.line("closing"))
        for language in LANGUAGES:
            heading = getattr(world.heading, language)
            heading = heading.replace("<date>", date(day, language))
            heading = heading.replace("<number>", str(world.first_number + index))
            text[language].append(" ".join([heading, *(tidy(x[language]) for x in lines)]))
    return {x: "\n\n".join(text[x]) + "\n" for x in LANGUAGES}


def clean(text: str) -> str:
    """A passage on one line, as it stands in the text."""
    return " ".join(text.split())


def tidy(text: str) -> str:
    """Every sentence with a capital, and no comma of a filled hole before another mark."""
    text = re.sub(r",(?=[.,;:!?])", "", text)
    return re.sub(r"(^|[.!?] )([«\"“(]*\w)", lambda x: x.group(1) + x.group(2).upper(), text)


def worlds() -> list[World]:
    """All there are, by name."""
    root = HERE.parent.parent
    return [files.load(path, World, root) for path in sorted(HERE.glob("*.yaml"))]


def main() -> None:
    """Write every text in both languages."""
    for world in worlds():
        for language, text in made(world).items():
            (HERE / f"{world.name}.{language}.txt").write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
