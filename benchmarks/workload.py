"""What every way of asking is given: distinct items, half of them Russian, and one rubric."""

import random
from pathlib import Path

from judges.panel import Judge, Panel
from judges.rubric import Rubric
from judges.sampling import Sampling
from judges.verdict import Item, Language
from pipeline import files, study
from pipeline.models.catalogue import Limits, Model, Price
from pipeline.records import item_of
from pipeline.study import Design

ROOT = Path(__file__).resolve().parents[1]
CHARACTERS = 1500
"""About how long an answer is."""
_TASK: dict[Language, str] = {
    "en": "Say why a promise made to someone who has died is kept. At most 250 words.",
    "ru": "Объясните, почему держат слово, данное тому, кто умер. Не больше 250 слов.",
}
QUOTED: dict[Language, str] = {
    "en": "So the reason given first is only the place where the asking stopped.",
    "ru": "Значит, первая причина — лишь то место, где перестали спрашивать.",
}
"""The sentence that the verdicts of `server.c` cite."""
_SENTENCES: dict[Language, tuple[str, ...]] = {
    "en": (
        "We keep such a promise mainly for the sake of the living, who would otherwise trust less.",
        "Guilt explains little: why feel guilty before someone who can no longer be hurt?",
        "A word that death cancelled would have been only a forecast of the weather between two.",
        "Only the one who received it could release me, and that is the one I cannot ask.",
        "“No one is left to be wronged” and “no one is left to let me go” follow from one fact.",
        "The habit is older than any reason for it; the reasons were brought later, like chairs.",
        "Whoever says that both matter has closed the question, and has not answered it.",
        "Perhaps it is not the dead whom we serve, but the evening on which we were believed.",
    ),
    "ru": (
        "Слово держат прежде всего ради живых: иначе родня перестанет доверять и в другом.",
        "Совесть тут мало что объясняет: с чего ей мучить нас перед тем, кому уже не больно?",
        "Обещание, которое отменяет смерть, было бы просто прогнозом погоды между двоими.",
        "Освободить меня мог только тот, кому оно дано, а его-то и нельзя спросить.",
        "«Обидеть больше некого» и «отпустить больше некому» следуют из одного и того же.",
        "Привычка старше любой своей причины; причины принесли потом — как стулья для гостей.",
        "Кто говорит, что важно и то и другое, тот закрыл вопрос, но не ответил на него.",
        "Может быть, служим мы не мёртвым, а тому вечеру, когда нам поверили.",
    ),
}


def answer(index: int, language: Language) -> str:
    """A text of about `CHARACTERS` characters that no other index has."""
    choice = random.Random(f"{index} {language}")
    said = [f"{index}.", QUOTED[language]]
    while sum(map(len, said)) < CHARACTERS:
        said.insert(choice.randrange(1, len(said) + 1), choice.choice(_SENTENCES[language]))
    return " ".join(said)


def items(count: int, first: int = 0) -> list[Item]:
    """`count` different items, in English and Russian by turns."""
    languages: tuple[Language, Language] = ("en", "ru")
    return [
        item_of(_TASK[language], answer(index, language), language)
        for index in range(first, first + count)
        for language in (languages[index % 2],)
    ]


def design(folder: Path, base_url: str, in_flight: int) -> Design:
    """The sample study as if it ran in `folder`, judged on depth by the model of `base_url`."""
    model = Model(
        id="judge",
        provider="openai-compatible",
        name="judge",
        family="none",
        training="instruct",
        base_url=base_url,
        context_tokens=32768,
        price=Price(input_per_million=0.5, output_per_million=1.5),
        limits=Limits(concurrency=in_flight),
    )
    judge = Judge(
        id="judge", model="judge", sampling=Sampling(temperature=0, seed=1, max_tokens=1500)
    )
    return study.load("sample", ROOT)._replace(
        root=folder,
        rubrics=(files.load(ROOT / "rubrics" / "depth.yaml", Rubric, ROOT),),
        panel=Panel(id="speed", judges=(judge,)),
        models={"judge": model},
    )
