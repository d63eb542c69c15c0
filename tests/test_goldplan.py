"""How much more to rate, and which next: drawn once, kept, blind."""

import csv
import io
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from conftest import Project
from people import go, people, rated

from pipeline import cli, goldplan, study
from pipeline.errors import UserError
from pipeline.stats.thresholds import Target


def plan(project: Project, count: int = 5, seed: int = 1, **target: float) -> goldplan.GoldPlan:
    design = study.load("trial", project.root)
    return goldplan.plan(design, Target(**target), count, seed)


def with_tasks(project: Project, count: int) -> Project:
    for n in range(count):
        project.task(f"more_{n}", f"More {n}?", f"Ещё {n}?")
    return project


def few_rated(project: Project) -> None:
    """Fourteen of twenty tasks are rated, in both languages."""
    rated(with_tasks(project, 19), people)
    path = project.root / "data/gold/three.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    left_out = {f"{more} {n}?" for more in ("More", "Ещё") for n in range(13, 19)}
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(x for x in rows if x["task"] not in left_out)
    go(project)


def test_the_draw_is_random_whole_and_kept(served: Project) -> None:
    few_rated(served)
    before = set(rated_prompts(served))
    found = plan(served)
    rows = found.rows
    assert rows["prompt"].n_unique() == 5
    assert not before & set(rows["prompt"]), "what is rated is not drawn again"
    assert all(
        set(part["arm"]) == {"high", "low"} for _, part in rows.group_by("prompt", "language")
    )
    assert rows["probability"].unique().to_list() == [5 / (20 - len(before))]
    assert set(rows["seed"]) == {1}
    assert found.plan is not None
    assert found.sheet is not None
    assert pl.read_csv(found.plan)["response"].to_list() == rows["response"].to_list()
    assert plan(served).plan == found.plan, "the same draw is not kept twice"
    other = plan(served, seed=2)
    assert other.plan is not None
    assert other.plan.name == "trial_2.csv"
    assert set(other.rows["prompt"]) != set(rows["prompt"])


def rated_prompts(project: Project) -> list[str]:
    ratings = pl.read_parquet(project.root / "data/runs/trial/ratings.parquet")
    return list(ratings.filter(kind="human")["prompt"].unique())


def test_the_sheet_is_blind_and_is_gold_when_filled_in(served: Project) -> None:
    few_rated(served)
    found = plan(served)
    assert found.sheet is not None
    text = found.sheet.read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {x["response_key"] for x in rows} == set(found.rows["response"])
    assert not {"arm", "prompt", "seed"} & rows[0].keys()
    with (served.root / "data/gold/next.csv").open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(x | {"rater": "anna", "score": "3"} for x in rows)
    served.study(languages=["ru", "en"], gold=["three", "next"])
    before = len(rated_prompts(served))
    go(served)
    assert len(rated_prompts(served)) == before + 5


def test_the_outlook_is_that_of_the_formulas(served: Project) -> None:
    few_rated(served)
    (wide,) = plan(served, alpha=0.4, gap=3.0).outlooks
    (narrow,) = plan(served, alpha=0.05, gap=0.05).outlooks
    assert wide.answers == 56
    assert wide.alpha_half is not None
    assert narrow.answers_needed.number is not None
    assert narrow.answers_needed.number == pytest.approx(56 * (wide.alpha_half / 0.05) ** 2, abs=1)
    assert wide.prompts == 14
    assert wide.prompts_needed.number == 3
    assert narrow.prompts_needed.number is None
    assert "would be needed" in (narrow.prompts_needed.note or "")


def test_a_target_that_is_not_reached_makes_the_report_interim(served: Project) -> None:
    rated(with_tasks(served, 13), people, target={"alpha": 0.01, "gap": 0.01})
    page = (served.root / "data/runs/trial/report.html").read_text("utf-8")
    assert "INTERIM: people" in page
    assert "ПРОМЕЖУТОЧНО" in page
    served.study(languages=["ru", "en"], gold=["three"], target={"alpha": 0.9, "gap": 4})
    assert "INTERIM" not in go(served).report.read_text("utf-8")


def test_before_a_run_there_is_nothing_to_plan(served: Project) -> None:
    with pytest.raises(UserError, match="answers are not there yet"):
        plan(served)


def test_no_plan_rests_on_changed_records(served: Project) -> None:
    few_rated(served)
    path = served.root / "data/runs/trial/responses.jsonl"
    path.write_text(path.read_text("utf-8").replace('"draw":0', '"draw": 0', 1), "utf-8")
    path.write_text(path.read_text("utf-8").replace('"text":"', '"text":"x', 1), "utf-8")
    with pytest.raises(UserError, match=r"ALTERED: responses\.jsonl"):
        plan(served)


def test_the_plan_counts_the_gold_of_today_not_of_the_last_report(served: Project) -> None:
    few_rated(served)
    before = plan(served).outlooks[0].prompts
    path = served.root / "data/gold/three.csv"
    kept = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in kept if "More 1?" not in x and "Ещё 1?" not in x), "utf-8")
    assert plan(served).outlooks[0].prompts == before - 1


@pytest.mark.parametrize("wrong", [["--alpha", "0"], ["--gap", "-1"], ["--prompts", "0"]])
def test_a_wish_that_makes_no_sense_is_refused(
    served: Project, wrong: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(served.root)
    assert cli.main(["gold", "plan", "trial", *wrong]) == 2
    assert "above 0" in capsys.readouterr().err


def test_the_command_names_what_to_rate_and_where(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go(served)
    monkeypatch.chdir(served.root)
    assert cli.main(["gold", "plan", "trial"]) == 0
    said = capsys.readouterr().out
    assert "rate next, in this order, both arms of each: stone" in said
    assert "people per prompt: 3 on 1" in said
    assert "sheet to hand out: data/gold/plans/trial_1_sheet.csv" in said


def test_one_person_is_not_enough_to_be_done_with_a_prompt(served: Project) -> None:
    rated(with_tasks(served, 3), people)
    edit(served, lambda row: row["rater"] == "anna")
    assert plan(served).rows["prompt"].n_unique() == 4, "one of three has rated"


def test_one_arm_is_not_enough_to_be_done_with_a_prompt(served: Project) -> None:
    rated(with_tasks(served, 3), people)
    assert plan(served).rows.is_empty()
    edit(served, lambda row: "in 100:" in row["answer"])
    assert plan(served).rows["prompt"].n_unique() == 4


def edit(project: Project, keep: Callable[[dict[str, str]], bool]) -> None:
    """Keep only these rows of the gold, and count again."""
    path = project.root / "data/gold/three.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(x for x in rows if keep(x))
    go(project)


def test_a_rater_has_one_class(served: Project) -> None:
    rated(served, people)
    path = served.root / "data/gold/three.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    rows[0]["rater_class"] = "skilled"
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    with pytest.raises(UserError, match=r"three\.csv:3: 'anna' is crowd here and skilled at"):
        go(served)


def test_answers_that_are_not_there_yet_come_first(served: Project) -> None:
    go(served)
    served.task("more", "More?", "Ещё?")
    with pytest.raises(UserError, match="4 answers are not there yet: run antipode score trial"):
        plan(served)
