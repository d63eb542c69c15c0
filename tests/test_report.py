import base64
import hashlib
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import polars as pl
import pytest

from judges.rubric import Rubric, Text
from pipeline import findings, tables
from pipeline.models import faults
from pipeline.pages import belief, notes, numerals, payload, plots, report, templating, views
from pipeline.pages.slip import (
    AnswerSlip,
    ArmSlip,
    CapacityRow,
    Concluded,
    FailureRow,
    HumanSlip,
    JudgeSlip,
    LookSlip,
    QuoteSlip,
    SettingRow,
    Slip,
    TuningCounts,
    TuningSlip,
    VerdictSlip,
)
from pipeline.pages.words import WORDS
from pipeline.stats import agreement, corrected, delta, gap, panel_verdict
from pipeline.stats.differences import Arms
from pipeline.stats.terms import Criterion

HOSTILE = (
    "<script>alert(1)</script> </script> <img src=x onerror=alert(1)> \u2028 \" ' «  <!-- ]]> "
    "{{ 7*7 }} &amp; https://evil.example/ \ud800"
)
SAFE = HOSTILE.replace("\ud800", "")
"""What may stand in a Text: YAML cannot hold a lone surrogate."""
TEXT = "A whale 🐋 sings. It is always late, <b>always</b>. " + HOSTILE


def found(said: str) -> QuoteSlip:
    return QuoteSlip(said, TEXT.index(said), TEXT.index(said) + len(said))


QUOTES = (
    found("It is always late"),
    found("always late, <b>always</b>"),
    QuoteSlip("<img src=x onerror=alert(1)> was never said", None, None),
)


def both(en: str, ru: str) -> dict[str, str]:
    return {"en": en, "ru": ru}


def rubric(name: str, en: str, ru: str) -> Rubric:
    return Rubric.model_validate(
        {
            "id": name,
            "title": both(en, ru),
            "question": both(f"How much {name}? {SAFE}", "Сколько?"),
            "look_for": {"en": ("steps",), "ru": ("шаги",)},
            "ignore": {"en": ("length",), "ru": ("длину",)},
            "boundary": both(f"Not the other one. {SAFE}", "Не другая."),
            "levels": [
                {
                    "level": level,
                    "name": both(f"Step {level}", f"Ступень {level}"),
                    "anchor": both("does this", "делает это"),
                    "example": both("An example.", "Пример текста.") if level == 1 else None,
                }
                for level in (1, 2, 3, 4, 5)
            ],
        }
    )


def rating(
    response: str, arm: str, rater: str, kind: str, score: float | None
) -> dict[str, object]:
    return {
        "response": response,
        "prompt": "fog",
        "task_kind": "creative",
        "language": "en",
        "arm": arm,
        "draw": 0,
        "rubric": "depth",
        "rater": rater,
        "kind": kind,
        "rater_class": "expert" if kind == "human" else None,
        "computed": rater == "length" if kind == "judge" else None,
        "score": score,
        "reason": None if score is not None else "the judge abstained",
    }


RATINGS = pl.DataFrame(
    [
        rating("a1", "big", "gemma", "judge", 4.25),
        rating("a1", "big", "qwen", "judge", 5.0),
        rating("a1", "big", "length", "judge", 1.0),
        rating("a1", "big", "panel", "panel", 4.625),
        rating("a1", "big", "anna", "human", 4.0),
        rating("a2", "small", "gemma", "judge", 2.0),
        rating("a2", "small", "qwen", "judge", None),
        rating("a2", "small", "panel", "panel", 2.0),
    ],
    schema=tables.RATINGS,
)


def alpha(
    comparison: str, rater: str | None, value: float | None, **more: object
) -> dict[str, object]:
    return {
        "rubric": "depth",
        "comparison": comparison,
        "rater": rater,
        "metric": "ordinal",
        "alpha": value,
        "low": None,
        "high": None,
        "interval": None,
        "units": 4,
        "ratings": 8,
        "prompts": 3,
        "raters": 2,
        "note": None,
        **more,
    }


AGREEMENT = pl.DataFrame(
    [
        alpha("humans", None, None, note="only one human rater: agreement needs two"),
        alpha("judges", None, 0.5, low=0.1, high=0.8),
        alpha("judge-human", "gemma", 0.625, low=0.25, high=0.875),
        alpha("judge-human", "qwen", None, note="no answer has two ratings"),
        alpha("judge-human", "length", -0.125, low=-0.75, high=0.5),
        alpha("judge-human", "panel", 0.75, low=0.375, high=0.9),
    ],
    schema=tables.AGREEMENT,
)
GAPS = pl.DataFrame(
    [
        {
            "rubric": "depth",
            "task_kind": kind,
            "high_arm": "big",
            "low_arm": "small",
            "high": 4.5,
            "low": 2.0,
            "gap": 2.5,
            "prompts": 1,
            "note": None,
        }
        for kind in (None, "creative", "a_kind_of_next_year")
    ],
    schema=tables.GAPS,
)
COMPLETION = pl.DataFrame(
    [["big", "en", 1, 1, 0, 0, 0, 0, 0], ["small", "en", 2, 0, 1, 1, 0, 0, 0]],
    schema=tables.COMPLETION,
    orient="row",
)
COSTS = pl.DataFrame(
    [
        ["answers", "big", 1, 10, 20, None, 4.5, None],
        ["verdicts", "gemma", 2, 10, 20, 0, 9.0, 0.25],
        ["superseded", "small", 1, 10, 20, 0, 3.0, 0.5],
        ["failed", "gemma", 2, None, None, None, 0.0, None],
    ],
    schema=tables.COSTS,
    orient="row",
)


def verdict(judge: str, score: int | None, **more: object) -> VerdictSlip:
    plain = VerdictSlip("depth", judge, 0, score, None, "", (), "stated", None, None)
    return plain._replace(**more)


def answer(key: str, arm: str, **more: object) -> AnswerSlip:
    plain = AnswerSlip(
        key=key,
        arm=arm,
        task="fog",
        task_kind="creative",
        task_title=Text(en="Fog", ru="Туман"),
        prompt=f"Write of fog. {HOSTILE}",
        language="en",
        draw=0,
        text=TEXT,
        reasoning=None,
        finish="complete",
        said=None,
        language_found="en",
        model=f"served {HOSTILE}",
        seconds=4.5,
        tokens_out=20,
        verdicts=(),
        humans=(),
    )
    return plain._replace(**more)


ANSWERS = (
    answer(
        "a1",
        "big",
        reasoning=f"Thinking. {HOSTILE}",
        verdicts=(
            verdict(
                "gemma",
                4,
                rationale=f"Goes down. {HOSTILE}",
                quotes=QUOTES,
                how="measured",
                expectation=4.25,
                probabilities=(0.0, 0.0, 0.125, 0.5, 0.375),
            ),
            verdict("qwen", 5, rationale="Deep enough."),
            verdict("length", 1, rationale="12 words", how="computed"),
        ),
        humans=(HumanSlip("depth", "anna", 4, f"Holds. {HOSTILE}"),),
    ),
    answer(
        "a2",
        "small",
        finish="truncated",
        language_found="ru",
        tokens_out=None,
        verdicts=(verdict("gemma", 2), verdict("qwen", None, reason=f"abstained {HOSTILE}")),
    ),
    answer("a3", "small", draw=1, text="", finish="refused", said=f"I will not. {HOSTILE}"),
)


def arm(role: str, name: str, value: str) -> ArmSlip:
    return ArmSlip(
        role=role,
        name=name,
        title=numerals.both(f"The {name} one {SAFE}"),
        model=f"maker/{name}",
        family="qwen",
        training="instruct",
        settings=(
            SettingRow("sampling.temperature", value, "enforced"),
            SettingRow("sampling.effort", HOSTILE, "refused"),
            SettingRow("profile.weight_bits", "16", "declared"),
            SettingRow(
                "profile.context_tokens",
                "4096",
                "contradicted",
                numerals.both(f"8192 {SAFE}"),
                Text(en="the server's properties", ru="свойства сервера"),
            ),
        ),
        capacity=(
            CapacityRow(
                Text(en="context window", ru="контекстное окно"),
                Text(en="tokens", ru="токенов"),
                Text(en="128k to 256k", ru="от 128 до 256 тысяч"),
                numerals.both(f"8,192 {SAFE}"),
                "contradicted",
                "no",
            ),
            CapacityRow(
                Text(en="extras of the architecture", ru="добавки к архитектуре"),
                None,
                Text(en="none", ru="нет"),
                Text(en="not known", ru="неизвестно"),
                None,
                "not known",
            ),
        ),
        unmet=Text(en=f"{name} meets 0 of 2. {SAFE}", ru=f"{name}: выполнено 0 из 2."),
    )


def criteria(*rubrics: Rubric) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(
            x.id,
            x.title,
            x.metric,
            tuple(float(y) for y in x.scale),
            (x.levels[0].name, x.levels[-1].name),
        )
        for x in rubrics
    )


RUBRICS = (rubric("depth", "Depth", "Глубина"), rubric("irony", "Irony", "Ирония"))


FOUR = (
    rubric("depth", "Depth", "Глубина"),
    rubric("irony", "Irony", "Ирония"),
    rubric("ontology", "Ontological branching", "Онтологическое ветвление"),
    rubric("wit", "Wit", "Остроумие"),
)


MORE_TABLES = (
    *("pairwise", "bias", "levels", "calibration", "calibrated", "compression", "independence"),
    *(
        "contribution",
        "confusion",
        "triage",
        "repeatability",
        "own_family",
        "repetition",
        "originality",
        "difficulty",
        "effects",
        "causes",
        "crossings",
        "known_groups",
        "landscape",
        "landscape_gaps",
        "divergence",
    ),
)


def make_slip(**more: object) -> Slip:
    plain = Slip(
        name="tiny",
        title=Text(en="A tiny study", ru="Крошечное исследование"),
        about=Text(en=f"About it. {SAFE}", ru="О нём."),
        banner=(Text(en="Written texts, no model.", ru="Написанные тексты, не модель."),),
        warnings=(Text(en=f"Beware. {SAFE}", ru="Осторожно."),),
        conclusion=(Concluded(Text(en="Little can be said.", ru="Сказать можно мало."), ()),),
        arms=(arm("hicap", "big", "0.9"), arm("locap", "small", "0.1")),
        judges=(
            JudgeSlip("gemma", "google/gemma", None, "gemma", "measured", 1, ()),
            JudgeSlip("qwen", "maker/qwen", None, "qwen", "stated", 1, ("big", "small")),
            JudgeSlip("length", None, "length", None, "stated", 1, ()),
        ),
        criteria=criteria(*RUBRICS),
        rubrics=RUBRICS,
        ratings=RATINGS,
        agreement=AGREEMENT,
        strata=pl.DataFrame(schema=findings.STRATA),
        gaps=GAPS,
        panel_verdicts=pl.DataFrame(schema=findings.VERDICTS),
        judge_verdicts=pl.DataFrame(schema=findings.VERDICTS),
        conditions=pl.DataFrame(schema=findings.CONDITIONS),
        deltas=pl.DataFrame(schema=findings.DELTAS),
        corrected=pl.DataFrame(schema=findings.CORRECTED),
        alternatives=pl.DataFrame(schema=findings.ALT_TESTS),
        **{name: pl.DataFrame(schema=getattr(findings, name.upper())) for name in MORE_TABLES},
        questions=(),
        simulated=False,
        hidden_gaps={},
        outdated={},
        tuning=(
            TuningSlip(
                "depth",
                2,
                1,
                TuningCounts(3, 1, 2),
                LookSlip(0.5, 0.3, 0.7, 0.1, -0.1, 0.3),
                None,
                *(None,) * 3,
            ),
        ),
        completion=COMPLETION,
        costs=COSTS,
        checks=pl.DataFrame(schema=tables.CHECKS),
        benchmarks=pl.DataFrame(schema=findings.BENCHMARKS),
        benchmark_gaps=pl.DataFrame(schema=findings.BENCHMARK_GAPS),
        benchmark_effects=pl.DataFrame(schema=findings.BENCHMARK_EFFECTS),
        benchmark_titles={},
        headline=pl.DataFrame(schema=findings.HEADLINE),
        equivalence=0.2,
        failures=(FailureRow("verdicts", "gemma", "parse", 2, f"not JSON: {HOSTILE}", 1),),
        answers=ANSWERS,
        owed=3,
        facts=(("python", "3.11"), ("records", HOSTILE)),
    )
    return plain._replace(**more)


FEW = "2 people with at least 30 shared items, 3 needed"
ALONE = "people alone: the panel scored no further prompts"


def filled(schema: pl.Schema, *rows: dict[str, object]) -> pl.DataFrame:
    """A table of these rows, null where they say nothing."""
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def condition(rubric: str, name: str, state: str, **more: object) -> dict[str, object]:
    return {"rubric": rubric, "rater": "panel", "condition": name, "state": state, **more}


def measured(value: float, low: float, high: float, level: float, bound: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high, "level": level, "bound": bound}


def corrected_row(rubric: str, answers: str, value: float | None, **more: object) -> dict:
    return {
        "rubric": rubric,
        "answers": answers,
        "high_arm": "big",
        "low_arm": "small",
        "gap": value,
        "gold_prompts": 12,
        "other_prompts": 30,
        **more,
    }


def judged_slip(**more: object) -> Slip:
    """People rated: a rubric for each verdict, one gap on their scale that is hidden."""
    verdicts = filled(
        findings.VERDICTS,
        *(
            {"rubric": rubric, "rater": "panel", "prompts": 40, "off_scale": 0, **row}
            for rubric, row in {
                "depth": {
                    "verdict": "usable",
                    "decided_by": "delta",
                    "strong": True,
                    "p": 0.0002,
                    "p_holm": 0.0008,
                    "usable_holm": True,
                },
                "irony": {"verdict": "rank-only", "decided_by": "delta, rank", "missing": 3},
                "ontology": {
                    "verdict": "undecided",
                    "decided_by": "human-alpha",
                    "p_holm": 0.25,
                    "prompts_needed": 96,
                    "people_needed": 3,
                },
                "wit": {"verdict": "not usable", "decided_by": "floor, arm-bias"},
            }.items()
        ),
    )
    conditions = filled(
        findings.CONDITIONS,
        condition("depth", "human-alpha", "holds", **measured(0.55, 0.45, 0.65, 0.95, 0.2)),
        condition("depth", "delta", "holds", **measured(-0.02, -0.1, 0.06, 0.9, -0.15)),
        condition("depth", "alternative-annotator", "untested", bound=0.5, note=FEW),
        condition("irony", "delta", "fails", **measured(-0.3, -0.4, -0.2, 0.9, -0.15)),
        condition("irony", "rank", "holds", **measured(0.01, -0.1, 0.12, 0.9, -0.15)),
        condition("ontology", "human-alpha", "straddles", **measured(0.25, 0.1, 0.4, 0.95, 0.2)),
        condition(
            "wit",
            "floor",
            "fails",
            **measured(-0.2, -0.3, -0.1, 0.9, 0.0),
            note="not shown to be better than word counts; " + SAFE,
        ),
        condition("wit", "arm-bias", "fails", **measured(0.8, 0.6, 1.0, 0.95, 0.5)),
    )
    gaps = filled(
        findings.CORRECTED,
        corrected_row(
            "depth",
            "judged",
            1.25,
            low=0.75,
            high=1.75,
            p=0.0002,
            saved=0.25,
            people_only=1.3,
            judges_only=2.5,
            cliffs_delta=0.75,
        ),
        corrected_row("depth", "complete", 1.125, low=0.5, high=1.75, p=0.002),
        corrected_row("depth", "lowest", 1.2, low=0.6, high=1.8, p=0.002),
        corrected_row("depth", "worst", 0.875, low=0.125, high=1.625, p=0.03),
        corrected_row("depth", "best", 1.5, low=1.0, high=2.0, p=0.0001),
        corrected_row(
            "irony",
            "judged",
            -0.25,
            low=-0.75,
            high=0.25,
            p=0.3,
            saved=0.0,
            people_only=-0.25,
            judges_only=0.5,
            cliffs_delta=-0.125,
            note=ALONE,
        ),
        corrected_row("ontology", "judged", 3.875, low=3.0, high=4.75, p=0.0001),
    )
    plain = make_slip(
        criteria=criteria(*FOUR),
        rubrics=FOUR,
        gaps=pl.concat(
            GAPS.with_columns(rubric=pl.lit(name)) for name in ("depth", "irony", "ontology", "wit")
        ),
        panel_verdicts=verdicts,
        conditions=conditions,
        corrected=gaps,
        hidden_gaps={
            "ontology": Text(en="people do not agree", ru="люди не согласны"),
            "wit": numerals.both(f"2 of 3 prompts needed with people and the judge; {SAFE}"),
        },
    )
    return plain._replace(**more)


class Seen(HTMLParser):
    """The tags and texts of a page, as a browser would take them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.body = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "body":
            self.body = len(self.texts)
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    @property
    def said(self) -> str:
        return "\n".join(data for tag, data in self.texts if tag not in ("script", "style"))


@pytest.fixture(scope="module")
def html() -> str:
    return report.render(make_slip())


@pytest.fixture(scope="module")
def seen(html: str) -> Seen:
    return Seen(html)


def test_hostile_text_stays_text(html, seen):
    assert "<img" not in html
    assert "alert(1)</script>" not in html
    assert "<!--" not in html
    assert [tag for tag, _ in seen.tags].count("script") == 2
    assert not {"img", "b>", "iframe", "object", "base"} & {tag for tag, _ in seen.tags}
    names = {name for _, attrs in seen.tags for name in attrs}
    assert not {name for name in names if name.startswith("on")}
    assert SAFE.strip() in seen.said
    assert "49" not in seen.said
    html.encode("utf-8")


def test_profiles_stand_beside_what_is_asked_with_their_marks(html, seen):
    for said in (
        "Profiles: asked, actual, met",
        "Профили: требуется, есть, выполнено",
        "128k to 256k",
        "not known",
        "contradicted",
        "опровергнута",
        "shown by the server's properties",
        "откуда: свойства сервера",
        "small: выполнено 0 из 2.",
    ):
        assert said in seen.said, said
    assert html.count('class="met-no"') == html.count('class="met-not-known"') == 2


def test_nothing_is_loaded(html, seen):
    for tag, attrs in seen.tags:
        for name in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
            assert attrs.get(name, "#").startswith(("#", "data:,")), (tag, attrs)
        if "http-equiv" in attrs:
            assert attrs["http-equiv"] == "Content-Security-Policy"
    for tag, data in seen.texts:
        if tag in ("script", "style"):
            assert not re.search(r"https?:|//\w+\.\w|url\((?!#)|@import", data)


def test_the_banner_is_the_first_text_of_the_body(seen):
    first, second = (said for _, said in seen.texts[seen.body :][:2])
    assert first == "Written texts, no model."
    assert second == "Написанные тексты, не модель."


def test_both_languages_are_on_the_page(html, seen):
    classes = [attrs.get("class") for _, attrs in seen.tags]
    assert classes.count("l-en") == classes.count("l-ru") > 100
    for key in (
        "gap_heading",
        "agreement_key",
        "mark_declared_means",
        "cost_key",
        "boundary",
        "levels",
    ):
        assert WORDS[key].en in seen.said
        assert WORDS[key].ru in seen.said
    assert "Uncorrected, judges only; no interval on the human scale" in seen.said
    assert "Без поправки, только судьи; интервала на шкале людей нет" in seen.said
    assert "Step 5" in seen.said
    assert "Ступень 5" in seen.said


def test_every_word_has_the_same_places_in_both_languages():
    for key, said in WORDS.items():
        assert set(re.findall(r"{\w+}", said.en)) == set(re.findall(r"{\w+}", said.ru)), key


def test_the_same_slip_gives_the_same_bytes(html):
    assert report.render(make_slip()) == html
    code = (
        "import hashlib; from test_report import make_slip; from pipeline.pages import report; "
        "print(hashlib.sha256(report.render(make_slip()).encode()).hexdigest())"
    )
    path = os.pathsep.join((os.path.dirname(__file__), os.getcwd()))
    made = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_the_policy_allows_this_script_and_no_other(html, seen):
    script = html[html.index("<script>") + len("<script>") : html.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for _, a in seen.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}';" in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)


def test_the_embedded_data_come_back(html):
    data = payload.unpack(html[html.index('id="data">') + len('id="data">') :].split("<")[0])
    first = data["answers"][0]
    assert first["text"] == TEXT.replace("\ud800", "?")
    assert data["prompts"] == [f"Write of fog. {HOSTILE}".replace("\ud800", "?")]
    assert first["verdicts"][0]["probabilities"] == [0.0, 0.0, 0.125, 0.5, 0.375]
    assert first["humans"][0]["score"] == 4
    assert "score" not in data["answers"][1]["verdicts"][1]
    assert data["rubrics"][0]["levels"][3] == [4, ["Step 4", "Ступень 4"]]


def test_a_quote_stands_where_scripts_count_it():
    first = payload.reader_data(make_slip())["answers"][0]
    as_counted_by_scripts = TEXT.encode("utf-16-le", "surrogatepass")
    said, start, end = first["verdicts"][0]["quotes"][0]
    assert as_counted_by_scripts[2 * start : 2 * end].decode("utf-16-le") == said
    assert first["verdicts"][0]["quotes"][2] == [QUOTES[2].text]


def test_the_panel_is_its_models():
    panel = payload.panel_scores(RATINGS)
    assert panel == {
        "a1": {"depth": [4.625, 4.625, 4.25, 5.0]},
        "a2": {"depth": [2.0, 2.0, 2.0, 2.0]},
    }
    counted = RATINGS.filter(pl.col("rater").is_in(["length", "panel"]))
    assert payload.panel_scores(counted)["a1"]["depth"] == [4.625, 1.0, 1.0, 1.0]


def test_pictures_are_small_and_take_the_colours_of_the_page(html):
    pictures = re.findall(r"<svg.*?</svg>", html)
    assert len(pictures) == 2  # irony has neither a gap nor an alpha
    for picture in pictures:
        assert len(picture.encode()) < 60_000
        assert "var(--ink)" in picture
        assert not re.search(r"#0101|font-family|xmlns|<style|DejaVu|@\d|20\d\d-", picture)
    assert "глубина" not in pictures[0]
    assert '<tspan class="l-ru" lang="ru">творчество</tspan>' in pictures[0]
    assert "a_kind_of_next_y…" in pictures[0]


def test_nothing_to_draw_is_no_picture():
    empty = make_slip(gaps=GAPS.clear(), agreement=AGREEMENT.clear())
    assert plots.gap([], empty.criteria[0], "depth") is None
    assert plots.agreement([], -0.5, "depth") is None
    said = Seen(report.render(empty)).said
    assert WORDS["gap_none"].en in said
    assert WORDS["agreement_none"].ru in said


def test_a_missing_alpha_is_named_with_its_reason(seen):
    missing = views.undefined(make_slip())
    assert [x.reason.ru for x in missing] == [
        "человек один, а для согласия нужны двое",
        "нет ответа с двумя оценками",
    ]
    assert missing[1].places[0].en == "qwen with people (Depth)"
    assert "qwen with people (Depth)" in seen.said


def test_what_is_missing_on_every_rubric_is_named_once():
    row = alpha("humans", None, None, note="no human rater")
    frame = pl.DataFrame([row, {**row, "rubric": "irony"}], schema=tables.AGREEMENT)
    found = views.undefined(make_slip(agreement=frame))
    assert [(x.reason.en, [place.en for place in x.places]) for x in found] == [
        ("no human rater", ["people among themselves (every rubric)"])
    ]


def test_a_note_of_every_row_is_said_once():
    rows = [{"note": "models: a; no judge"}, {"note": "models: a"}]
    assert views.common_notes(rows) == ["models: a"]
    assert [views.own_note(row, ["models: a"]) for row in rows] == ["no judge", ""]
    assert views.common_notes([{"note": None}, {"note": "no judge"}]) == []
    said = Seen(report.render(make_slip(gaps=GAPS.with_columns(note=pl.lit("no judge"))))).said
    assert said.count("In every row: no judge.") == 1


def test_an_unknown_cost_is_never_nothing(seen):
    assert numerals.money(None).ru == "неизвестна"
    assert numerals.money(0.0).en == "$0.00"
    assert "at least $0.7500; the rest unknown" in seen.said
    assert views.cost_total(COSTS.filter(pl.col("cost").is_null())).en == "unknown"
    assert not re.search(r"\$0\.00|\b0,00 \$", seen.said)


def test_calls_without_use_are_in_the_costs(html, seen):
    for stage in ("superseded", "failed"):
        assert WORDS[f"stage_{stage}"].en in seen.said
        assert WORDS[f"stage_{stage}"].ru in seen.said
    failed = html[html.index(WORDS["stage_failed"].ru) :]
    assert WORDS["unknown"].ru in failed[: failed.index("</tr>")]
    assert "0.0 s" not in seen.said


def test_settings_and_facts_are_said_in_russian_too():
    def shown(field: str, value: str) -> str:
        return views.setting(SettingRow(field, value, "declared")).ru

    assert shown("profile.weight_bits", "4.5") == "4,5"
    assert shown("profile.thinking.mode", "none") == "нет"
    assert shown("profile.inference", "defaults") == "по умолчанию"
    assert shown("sampling.stop", "none") == "none"
    assert shown("model.name", "4.5") == "4.5"
    name, value = views.fact("verdicts.jsonl", "3 records, 00ff")
    assert (name.ru, value.en, value.ru) == (
        "verdicts.jsonl", "3 records, 00ff", "записей: 3, 00ff"
    )  # fmt: skip
    assert [x.ru for x in views.fact("answers written", "none")] == ["ответы записаны", "нет"]
    assert views.fact("python", "3.11")[1].ru == "3.11"
    first, last = "2026-11-30T15:05:29.928+00:00", "2026-12-01T00:00:01.000+00:00"
    span = views.fact("answers written", f"{first} .. {last}")[1]
    assert (span.en, span.ru) == (
        "2026-11-30 15:05 to 2026-12-01 00:00 UTC", "с 2026-11-30 15:05 по 2026-12-01 00:00 UTC"
    )  # fmt: skip
    assert views.fact("answers written", f"{first} .. {first}")[1].ru == "2026-11-30 15:05 UTC"
    assert shown("model.training", "instruct") == "обучена следовать указаниям"
    assert shown("model.provider", "recorded") == "записанные ответы"
    assert shown("model.name", "instruct") == "instruct"


def test_kinds_of_fault_have_words_and_code_is_set_as_code():
    kinds = {kind for _, kind in faults._KINDS} | {"parse", "refusal", "truncated", "no_logprobs"}
    assert [x for x in kinds if f"fault_{x}" not in WORDS] == []
    html = report.render(make_slip())
    assert "ответ не разобрать" in html
    assert str(templating.coded("a `b<c` d")) == "a <code>b&lt;c</code> d"
    text = Text(en="write `draws: 2`", ru="напишите `draws: 2`")
    html = report.render(make_slip(warnings=(text,)))
    assert "напишите <code>draws: 2</code>" in html


def test_what_the_tables_call_a_prompt_is_a_task_on_the_page():
    said = "models: prompt-guard; prompts left out, as arm 'small' has no score: 2"
    assert notes.note(said).en == said.replace("prompts left", "tasks left")


def test_a_partial_report_says_so(seen):
    assert "Partial: 3 calls still owed. Every figure below may change." in seen.said
    assert "Partial" not in Seen(report.render(make_slip(owed=0))).said


def test_the_floor_and_own_families_are_flagged(seen):
    assert "own family: big, small" in seen.said
    assert WORDS["floor"].ru in seen.said


def test_a_study_without_answers_still_has_a_report():
    empty = make_slip(
        answers=(),
        banner=(),
        warnings=(),
        conclusion=(),
        failures=(),
        facts=(),
        about=None,
        ratings=RATINGS.clear(),
        agreement=AGREEMENT.clear(),
        gaps=GAPS.clear(),
        completion=COMPLETION.clear(),
        costs=COSTS.clear(),
    )
    said = Seen(report.render(empty)).said
    assert "0 answers came back" in said
    assert WORDS["cost_none"].en in said
    assert WORDS["failures_none"].ru in said


def test_the_notes_of_the_statistics_are_known_in_russian():
    people = [{**rating(f"a{i}", "big", "anna", "human", i % 3 + 1.0)} for i in range(4)]
    more = [{**row, "rater": "boris", "prompt": row["response"]} for row in people]
    judged = [{**row, "rater": "gemma", "kind": "judge", "computed": False} for row in people]
    counted = [{**row, "rater": "length", "computed": True} for row in judged]
    flat = [{**row, "score": 3.0} for row in people + judged]
    said: set[str] = set()
    for rows in (
        [],
        people,
        people + more,
        judged + people,
        counted,
        flat,
        judged + more + counted,
    ):
        table = pl.DataFrame(rows, schema=tables.RATINGS)
        for frame in (
            agreement.by_rubric(table, {"depth": "ordinal"}),
            gap.uncorrected(table, "big", "small"),
        ):
            said |= {part for note in frame["note"].drop_nulls() for part in note.split("; ")}
    assert len(said) > 8
    assert [part for part in said if notes.note(part).ru == part] == []


def test_where_nobody_rated_nothing_is_said_of_the_panel():
    unrated = make_slip(ratings=RATINGS.filter(pl.col("kind") != "human"))
    seen = Seen(report.render(unrated))
    assert seen.said.count("No person has rated these answers, so this cannot be said.") == 2
    assert "Cliff" not in seen.said
    assert seen.said.count(WORDS["withheld_unrated"].ru) == 1  # depth; irony has no picture


def test_where_nobody_judged_people_have_nobody_beside_them(seen):
    assert seen.said.count(WORDS["belief_no_judges"].ru) == 2, "people rated, and no verdict is"


def test_a_verdict_of_each_kind_is_said_with_a_sign_of_its_own():
    slip = judged_slip()
    found = belief.verdicts(slip)
    assert [x.stamp.word.ru for x in found] == [
        "пригодна", "только для порядка", "не решено", "непригодна"
    ]  # fmt: skip
    assert len({x.stamp.sign for x in found}) == 4
    assert [[each.name.en for each in x.decided] for x in found] == [
        ["the panel agrees with a person as people do"],
        ["the panel agrees with a person as people do", "ranks as people do"],
        ["people agree among themselves"],
        ["better than word counts", "no bias beyond the bound is shown"],
    ]
    assert found[2].would_decide.en == "about 96 tasks and 3 people per answer would decide"
    assert found[0].p_holm.ru == "< 0,001"
    assert [x.en for x in found[0].remarks] == ["people agree strongly"]
    assert [x.must_be.en for x in found[3].conditions] == ["above 0.00", "within ±0.50"]
    html = report.render(slip)
    seen = Seen(html)
    assert "<img" not in html
    assert "No person has rated these answers" not in seen.said
    assert "панель лучше простого подсчёта слов" in seen.said
    assert "−0.10 to +0.06 (90%)" in seen.said
    details = [attrs for tag, attrs in seen.tags if tag == "details"]
    assert [x["class"] for x in details].count("fold") == 5  # four rubrics and the bounds
    assert html.index('id="warnings"') < html.index('id="belief"') < html.index('id="human_gap"')
    assert html.index('id="human_gap"') < html.index('id="gap"')


def test_a_verdict_that_several_rubrics_undo_says_so():
    slip = judged_slip()
    weak = slip.panel_verdicts.with_columns(usable_holm=pl.lit(False), prompts_needed=None)
    found = belief.verdicts(slip._replace(panel_verdicts=weak))
    assert found[0].remarks[0] == WORDS["not_usable_holm"]
    assert found[2].would_decide == WORDS["would_decide_unknown"]
    none = belief.verdicts(slip._replace(panel_verdicts=weak.filter(rubric="wit")))
    assert [x.stamp.word.en for x in none][:2] == ["no person has rated it"] * 2


def test_a_hidden_gap_is_a_reason_and_no_figure():
    slip = judged_slip()
    html = report.render(slip)
    assert "3.88" not in html
    assert "Ontological branching" not in plots.forest(
        belief.shown_gaps(slip),
        views.titles(slip.rubrics),
        "x",
    )
    assert [(title.en, reason.ru[:22]) for title, reason in belief.hidden(slip)] == [
        ("Ontological branching", "люди не согласны"),
        ("Wit", "заданий с оценками и л"),
    ]
    assert [row["answers"] for row in belief.bounds(slip)] == ["complete", "worst", "best"]
    said = Seen(html).said
    assert "+1.25" in said
    assert "+0.75 to +1.75" in said
    assert "25\u00a0%" in said
    assert "только люди: других заданий панель не оценивала" in said


def test_where_every_gap_is_hidden_only_the_reasons_are_there():
    why = Text(en="too few", ru="мало")
    slip = judged_slip(hidden_gaps=dict.fromkeys(("depth", "irony", "ontology", "wit"), why))
    html = report.render(slip)
    assert 'id="human-gaps"' not in html
    assert plots.forest([], {}, "x") is None
    assert "too few" in html
    nothing = belief.hidden(slip._replace(hidden_gaps={}, corrected=slip.corrected.clear()))
    assert {reason for _, reason in nothing} == {WORDS["unrated"]}


def test_a_gap_without_an_interval_is_a_dot():
    row = corrected_row("depth", "judged", 2.0)
    drawn = plots.forest(
        [{**dict.fromkeys(findings.CORRECTED), **row}], {"depth": WORDS["gap"]}, "x"
    )
    assert "+2.00" in drawn
    assert "[" not in re.sub(r"<[^>]*>", "", drawn)


def test_the_panels_own_score_is_withheld_unless_usable():
    slip = judged_slip()
    assert belief.withheld(slip, "depth") is None
    assert [belief.withheld(slip, x).ru for x in ("irony", "wit")] == [
        "Собственная оценка панели здесь не идёт в выводы (вердикт: только для порядка).",
        "Собственная оценка панели здесь не идёт в выводы (вердикт: непригодна).",
    ]
    said = Seen(report.render(slip)).said
    assert said.count("withheld from the headline") == 3


def test_the_notes_of_the_verdict_and_of_the_corrected_gap_are_known_in_russian():
    def scored(who: str, kind: str, shift: int, tasks: int, step: int = 3) -> list[dict]:
        return [
            {
                **rating(f"{arm}{i}", arm, who, kind, float((i * shift) % step + (arm == "big"))),
                "prompt": f"t{i}",
            }
            for i in range(tasks)
            for arm in ("big", "small")
        ]

    anna, boris = scored("anna", "human", 1, 6), scored("boris", "human", 2, 6)
    gemma, panel = scored("gemma", "judge", 1, 9), scored("panel", "panel", 1, 9)
    said: set[str] = set()
    for rows in (
        anna + gemma + panel,
        anna + boris + gemma + panel,
        anna[:4] + boris[:4] + gemma + panel,
        anna + boris + scored("gemma", "judge", 1, 6, 1) + scored("panel", "panel", 1, 6, 1),
        anna + boris[::2] + gemma[:3] + panel[:3] + scored("length", "judge", 1, 9),
    ):
        table = pl.DataFrame(rows, schema=tables.RATINGS)
        for frame in (
            panel_verdict.by_rubric(table, {"depth": "ordinal"}).conditions,
            delta.by_rubric(table, {"depth": "ordinal"}),
            corrected.by_rubric(table, Arms("big", "small")),
        ):
            said |= {part for note in frame["note"].drop_nulls() for part in note.split("; ")}
    assert len(said) > 12
    assert [part for part in said if notes.note(part).ru == part] == []
    assert notes.note("people: no interval: 2 of 3 prompts needed").en.endswith("tasks needed")


def test_numbers_in_both_languages():
    assert numerals.number(1234.5, 1).ru == "1\u00a0234,5"
    assert numerals.number(-0.001).en == "0.00"
    assert numerals.number(2.5, 2, signed=True).ru == "+2,50"
    assert numerals.duration(90).en == "1 min 30 s"
    assert numerals.listed([]) == WORDS["none"]


def test_what_code_can_tell_of_the_answers_is_counted_by_arm():
    rows = [
        ("a", "fog", "en", "big", "words_at_most", True, "90"),
        ("b", "fog", "en", "big", "words_at_most", False, "250"),
        ("c", "fog", "en", "small", "planted", False, "1911"),
    ]
    checks = pl.DataFrame(rows, schema=tables.CHECKS, orient="row")
    said = Seen(report.render(make_slip(checks=checks))).said
    assert "no more words than allowed\nслов не больше, чем разрешено\nbig\n1\n2\n50%" in said
    assert "спрятанная деталь найдена\nsmall\n0\n1\n0%" in said
    assert WORDS["kept_table"].en not in Seen(report.render(make_slip())).said
