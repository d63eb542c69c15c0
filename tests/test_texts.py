"""The long texts: made again to the byte, as long as is said, with every planted detail in them."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tiktoken
from conftest import ROOT, Project
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from pipeline import files, study, texts
from pipeline.costs import tokens_estimated
from pipeline.errors import UserError
from pipeline.tasks import Task, checks
from pipeline.wordforms import present

TEXTS = ROOT / "data" / "texts"
LANGUAGES = ("en", "ru")
LONG = ("lost_property", "night_watch")
MIDDLE = ("harbour_log", "mirror_orders", "parish_register")
SHORT = ("heavy_pound", "nine_chairs", "salt_clock")
ABOUT = {LONG: (24_000, 34_000), MIDDLE: (6_000, 10_000), SHORT: (1_400, 2_400)}
"""Tokens by the tokeniser below; those of models' own count more for Russian."""
FAR = 20_000


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make", TEXTS / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = maker()
WORLDS = {world.name: world for world in MAKE.worlds()}
BOTH = [(name, language) for name in (*LONG, *MIDDLE, *SHORT) for language in LANGUAGES]


def read(name: str, language: str) -> str:
    return (TEXTS / f"{name}.{language}.txt").read_text("utf-8")


@cache
def tokeniser() -> Tokenizer:
    """A byte-level BPE of 8k entries, trained on these very texts as no model hub is at hand.

    It knows every word here, so it counts few tokens: a distance by it is a cautious one.
    """
    found = Tokenizer(models.BPE())
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=8000, show_progress=False, initial_alphabet=alphabet)
    found.train_from_iterator([read(*x) for x in BOTH], trainer)
    return found


def tokens(text: str) -> int:
    return len(tokeniser().encode(text).ids)


@cache
def of_gpt() -> tiktoken.Encoding:
    """The tokeniser of GPT-4, from the copy that litellm brings; nothing is fetched."""
    found = importlib.util.find_spec("litellm")
    assert found is not None
    assert found.submodule_search_locations is not None
    brought = Path(found.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(brought))
        return tiktoken.get_encoding("cl100k_base")


def between(name: str, language: str) -> str:
    """What stands from the end of the clue to the beginning of its use."""
    kept = WORLDS[name].kept
    clue = next(MAKE.clean(getattr(x, language)) for x in kept if x.key == "clue")
    use = next(MAKE.clean(getattr(x, language)) for x in kept if x.key == "use")
    text = read(name, language)
    assert (text.count(clue), text.count(use)) == (1, 1)
    return text[text.index(clue) + len(clue) : text.index(use)]


@pytest.mark.parametrize("name", WORLDS)
def test_a_text_is_made_again_to_the_byte(name: str) -> None:
    for language, text in MAKE.made(WORLDS[name]).items():
        assert (TEXTS / f"{name}.{language}.txt").read_bytes() == text.encode()


@pytest.mark.parametrize("name", WORLDS)
def test_both_languages_tell_the_same_entries_and_leave_no_hole(name: str) -> None:
    texts = [read(name, x) for x in LANGUAGES]
    assert len({x.count("\n\n") for x in texts}) == 1
    for text in texts:
        assert not set("{}<>|/") & set(text)
        assert ",," not in text
        assert ",." not in text


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_texts_are_as_long_as_is_said(name: str, language: str) -> None:
    low, high = next(span for names, span in ABOUT.items() if name in names)
    assert low <= tokens(read(name, language)) <= high


@pytest.mark.parametrize(
    ("name", "size"),
    [(x, n) for names, n in ((LONG, 32_000), (MIDDLE, 8_000), (SHORT, 2_000)) for x in names],
)
def test_english_texts_are_as_long_as_they_are_called_by_the_tokeniser_of_gpt(
    name: str, size: int
) -> None:
    assert 0.9 * size <= len(of_gpt().encode(read(name, "en"))) <= 1.1 * size


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LONG)
def test_a_clue_of_the_longest_stands_far_from_its_use(name: str, language: str) -> None:
    text = between(name, language)
    assert tokens(text) > FAR
    assert len(of_gpt().encode(text)) > FAR
    assert tokens_estimated(text) > FAR
    assert len(text.split()) > 0.75 * FAR


def test_the_texts_keep_the_repository_small() -> None:
    assert sum(x.stat().st_size for x in TEXTS.glob("*.txt")) < 1_200_000


def chains() -> dict[str, Task]:
    loaded = (files.load(x, Task, ROOT) for x in sorted((ROOT / "data" / "tasks").glob("*.yaml")))
    return {x.id: texts.with_text(x, ROOT) for x in loaded if x.kind == "long_chain"}


CHAINS = chains()


def test_every_text_is_asked_about_and_most_have_a_detail_to_find() -> None:
    named = {
        files.load(ROOT / "data" / "tasks" / f"{x}.yaml", Task, ROOT).reads_file for x in CHAINS
    }
    assert named - {None} == {name for name, _ in BOTH}
    assert sum(any(x.wrong for x in task.planted) for task in CHAINS.values()) >= 4


def stands(word: str, text: str) -> bool:
    return bool(present([word], text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHAINS)
def test_a_planted_word_stands_in_the_text_to_be_read_and_never_in_the_question(
    name: str, language: Any
) -> None:
    task = CHAINS[name]
    question = str(getattr(task.text, language))
    for planted in task.planted:
        right = getattr(planted.right, language)
        wrong = getattr(planted.wrong, language) if planted.wrong else ()
        assert not present(right, question), "whoever repeats the question has found nothing"
        if task.reads is None:
            continue  # worked out from the question, and so it stands nowhere
        for word in (*right, *wrong):
            assert stands(word, str(getattr(task.reads, language))), word
            assert not stands(word, question), word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHAINS)
def test_the_prompt_said_again_does_not_pass_for_a_found_detail(name: str, language: Any) -> None:
    """Nor does all of a text: its distractors stand beside the detail."""
    task = CHAINS[name]
    told = checks(task, language, task.prompt(language))
    assert not next(x for x in told if x.name == "planted").met


def with_log(project: Project) -> Task:
    project.task("stone", "What?", "Что?", reads_file="log")
    path = project.root / "data" / "tasks" / "stone.yaml"
    return texts.with_text(files.load(path, Task, project.root), project.root)


def test_a_text_that_is_missing_is_one_line(project: Project) -> None:
    (project.root / "data" / "texts").mkdir()
    (project.root / "data" / "texts" / "log.en.txt").write_text("A stone.", "utf-8")
    with pytest.raises(UserError) as raised:
        with_log(project)
    said = "data/tasks/stone.yaml: reads_file is 'log', but data/texts/log.ru.txt is missing; "
    assert str(raised.value) == f"{said}there are: log"


def test_a_missing_text_is_told_with_the_other_faults_of_a_study(project: Project) -> None:
    project.task("stone", "What?", "Что?", reads_file="log")
    project.study()
    with pytest.raises(UserError, match=r"log\.en\.txt is missing; there are: none"):
        study.load("trial", project.root)


def test_a_named_text_is_read_as_if_it_stood_in_the_task(project: Project) -> None:
    (project.root / "data" / "texts").mkdir()
    for language, text in (("en", "A stone.\n"), ("ru", "Камень.\n")):
        (project.root / "data" / "texts" / f"log.{language}.txt").write_text(text, "utf-8")
    task = with_log(project)
    assert (task.prompt("en"), task.prompt("ru")) == ("A stone.\n\nWhat?", "Камень.\n\nЧто?")


def test_a_task_has_one_text() -> None:
    both = {"en": "x", "ru": "х"}
    fields = {"id": "a", "kind": "creative", "title": both, "text": both, "reads": both}
    with pytest.raises(ValueError, match="reads and reads_file are both given"):
        Task.model_validate(fields | {"reads_file": "log"})
