"""When a panel counts as held against people, and what undoes it."""

import csv
import io
import json
import re
from typing import Any

import pytest
import yaml
from conftest import Project
from fake_server import FakeServer, answer_or_verdict, completion, is_verdict_request
from people import go, people, rated

from pipeline import audit, cli, derive, owed, study
from pipeline import certificate as make
from pipeline.errors import UserError
from pipeline.ledger import Tuned
from pipeline.store import Run


def certificate(project: Project) -> dict[str, Any]:
    text = (project.root / "data/runs/trial/certificate.json").read_text("utf-8")
    (found,) = json.loads(text)["rubrics"]
    return dict(found)


def edit_gold(project: Project, **values: str) -> None:
    """Write these values into every row of the gold file."""
    path = project.root / "data/gold/three.csv"
    rows = [x | values for x in csv.DictReader(io.StringIO(path.read_text("utf-8")))]
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def edit_rubric(project: Project, change: str) -> None:
    path = project.root / "rubrics/irony.yaml"
    if change == "comment":
        path.write_text("# a thought\n" + path.read_text("utf-8"), encoding="utf-8")
        return
    rubric = yaml.safe_load(path.read_text("utf-8"))
    for language in ("en", "ru"):
        rubric["levels"][2]["anchor"][language] += " " + change
    path.write_text(yaml.safe_dump(rubric, allow_unicode=True), encoding="utf-8")


def test_nobody_rated_so_the_first_line_says_uncalibrated(served: Project) -> None:
    result = go(served)
    assert result.uncalibrated
    page = result.report.read_text("utf-8")
    body = page[page.index("<body>") :]
    assert body.index("UNCALIBRATED: this panel was not held against") < body.index("<h1>")
    assert "ratings: “Irony” — rated by nobody." in body
    assert "НЕ ОТКАЛИБРОВАНО: эту панель не сверяли с оценками людей: «Ирония» — никто" in body
    assert body.index('class="banner"') < body.index("UNCALIBRATED") < body.index("English")
    with pytest.raises(UserError, match="irony: uncalibrated: rated by nobody"):
        go(served, calibrated=True)


def test_without_a_certificate_nothing_is_asked(served: Project, server: FakeServer) -> None:
    with pytest.raises(UserError, match="no certificate yet"):
        go(served, calibrated=True)
    assert server.calls == 0


def test_rated_under_todays_wording_is_calibrated(served: Project) -> None:
    result = rated(served, people)
    assert not result.uncalibrated
    assert "UNCALIBRATED" not in result.report.read_text("utf-8")
    held = certificate(served)
    assert (held["calibrated"], held["people"], held["served"]) == (True, 3, {"one": ["fake"]})
    assert held["verdict"] == result.derived.panel_verdicts["verdict"][0]
    assert go(served, calibrated=True).owed == 0
    found = audit.audit(served.root / "data/runs/trial")
    assert found.differing == (), "the certificate is made again, byte for byte"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (lambda x: x["rater"] == "anna", "no answer was rated by two people"),
        (lambda x: "in 100:" in x["answer"], "nobody has rated an answer of low"),
    ],
)
def test_one_person_or_one_arm_is_not_enough(served: Project, kept: Any, said: str) -> None:
    rated(served, people)
    path = served.root / "data/gold/three.csv"
    rows = [x for x in csv.DictReader(io.StringIO(path.read_text("utf-8"))) if kept(x)]
    assert rows
    with path.open("w", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    result = go(served)
    assert result.uncalibrated
    assert said in result.report.read_text("utf-8")
    with pytest.raises(UserError, match=said):
        go(served, calibrated=True)


def test_a_comment_leaves_it_and_an_anchor_undoes_it(served: Project, server: FakeServer) -> None:
    rated(served, people)
    edit_rubric(served, "comment")
    assert not go(served, calibrated=True).uncalibrated
    edit_rubric(served, "and more")
    calls = server.calls
    with pytest.raises(UserError, match="irony: the certificate is stale, changed since: wording"):
        go(served, calibrated=True)
    assert server.calls == calls, "said before anything was paid"
    result = go(served)
    assert result.uncalibrated
    page = result.report.read_text("utf-8")
    assert "rated under another wording than today" in page
    assert ", or antipode tune RUBRIC trial --accept-gold" in page
    (withheld,) = re.findall(r"it can be believed, on<.*?</ul>", page, re.DOTALL)
    assert "Irony (uncalibrated)" in withheld
    assert "Ирония (не откалибрована)" in withheld


def test_gold_is_not_to_be_accepted_for_judges_that_count_words(served: Project) -> None:
    served.panel({"id": "length", "computed": "length"})
    rated(served, people)
    edit_rubric(served, "and more")
    page = go(served).report.read_text("utf-8")
    assert "rated under another wording than today" in page
    assert "--accept-gold" not in page, "tune refuses such a study"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"panel": {"id": "one", "model": "judge", "sampling": {"max_tokens": 300}}}, "judges"),
        (
            {"panel": {"id": "one", "model": "judge", "draws": 2, "sampling": {"max_tokens": 200}}},
            "judges",
        ),
        ({"thresholds": {"delta": -0.2}}, "thresholds"),
    ],
)
def test_whatever_matters_makes_it_stale(
    served: Project, change: dict[str, Any], said: str
) -> None:
    rated(served, people)
    if "panel" in change:
        served.panel(change["panel"])
    else:
        served.study(languages=["ru", "en"], gold=["three"], **change)
    with pytest.raises(UserError, match=f"stale, changed since: {said}"):
        go(served, calibrated=True)


def test_other_gold_makes_it_stale_until_it_is_counted(served: Project) -> None:
    rated(served, people)
    edit_gold(served, score="3")
    with pytest.raises(UserError, match="stale, changed since: gold"):
        go(served, calibrated=True)
    assert not go(served).uncalibrated
    assert not go(served, calibrated=True).uncalibrated


def test_gold_of_an_unknown_wording_calibrates_nothing(served: Project) -> None:
    rated(served, people)
    edit_gold(served, rubric_digest="")
    assert go(served).uncalibrated
    (reason,) = certificate(served)["reasons"]
    assert "which wording was rated is not known" in reason["en"]


def test_a_judge_that_answers_under_a_new_name_undoes_it(
    served: Project, server: FakeServer
) -> None:
    rated(served, people)

    def renamed(body: dict[str, Any]) -> Any:
        reply = answer_or_verdict(body)
        assert isinstance(reply, dict)
        return reply | {"model": "fake-2"} if is_verdict_request(body) else reply

    server.reply = renamed
    served.task("more", "What more?", "Что ещё?")
    result = go(served)
    assert result.uncalibrated
    (reason,) = certificate(served)["reasons"]
    assert reason["en"] == "one also answered as fake-2, which judged no rated answer"


def test_the_command_exits_2(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(served.root)
    assert cli.main(["score", "trial", "--require-calibrated"]) == 2
    assert "certificate.json: no certificate yet" in capsys.readouterr().err
    assert not (served.root / "data/runs").exists(), "a refusal leaves no trace of a run"
    assert cli.main(["score", "trial"]) == 0
    assert capsys.readouterr().out.startswith("UNCALIBRATED")


def test_rubrics_of_one_reason_share_a_line(served: Project) -> None:
    served.study(languages=["ru", "en"], rubrics=["irony", "depth"])
    go(served)
    with pytest.raises(UserError) as told:
        go(served, calibrated=True)
    where = "data/runs/trial/certificate.json"
    assert str(told.value) == f"{where}: irony, depth: uncalibrated: rated by nobody"


def test_a_language_that_nobody_rated_undoes_it(served: Project, server: FakeServer) -> None:
    def in_its_language(body: dict[str, Any]) -> Any:
        if is_verdict_request(body) or "камень" not in body["messages"][-1]["content"]:
            return answer_or_verdict(body)
        return completion(f"Камень в {body['max_tokens']} думает о дожде и о дороге.")

    server.reply = in_its_language
    rated(served, people)
    gold = served.root / "data/gold/three.csv"
    kept = [x for x in gold.read_text("utf-8").splitlines() if "камень" not in x]
    gold.write_text("\n".join(kept) + "\n", "utf-8")
    served.study(languages=["en"], gold=["three"])
    assert not go(served).uncalibrated
    assert not go(served, calibrated=True).uncalibrated
    served.study(languages=["ru", "en"], gold=["three"])
    served.task("rain", "What is rain?", "Что такое дождь? Чего хочет камень?")
    calls = server.calls
    with pytest.raises(UserError, match="the certificate is stale, changed since: wording, form"):
        go(served, calibrated=True)
    assert server.calls == calls
    go(served)
    assert "nobody has rated Russian answers" in str(certificate(served)["reasons"])


def test_a_certificate_changed_by_hand_is_none(served: Project) -> None:
    go(served)
    path = served.root / "data/runs/trial/certificate.json"
    before = path.read_bytes()
    held = json.loads(before)
    held["rubrics"][0] |= {"calibrated": True, "reasons": []}
    for forged in (json.dumps(held), "{}"):
        path.write_text(forged, "utf-8")
        with pytest.raises(UserError, match=r"certificate\.json: is not what was written"):
            go(served, calibrated=True)
        assert go(served).uncalibrated == ("irony",)
        assert path.read_bytes() == before


def test_an_audit_says_what_is_uncalibrated(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rated(served, people)
    edit_rubric(served, "and more")
    go(served)
    monkeypatch.chdir(served.root)
    assert cli.main(["audit", "trial"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("UNCALIBRATED: irony")
    assert " uncalibrated\n" in said


@pytest.mark.parametrize("begun", ["rater", "score", "comment", "seconds", "when"])
def test_a_sheet_that_somebody_fills_in_is_left_alone(served: Project, begun: str) -> None:
    go(served)
    path = served.root / "data/runs/trial/sheet.csv"
    rows_ = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    rows_[0] |= {begun: "3"}
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows_[0]), delimiter=";")
    table.writeheader()
    table.writerows(rows_)
    path.write_bytes(text.getvalue().encode())
    edit_rubric(served, "and more")
    go(served)
    assert path.read_bytes() == text.getvalue().encode()
    audit.audit(served.root / "data/runs/trial")
    assert path.read_bytes() == text.getvalue().encode()


def test_verdicts_on_an_arm_that_its_answers_contradict_are_not_owed(served: Project) -> None:
    rated(served, people)
    design = study.load("trial", served.root)
    run = Run.look(design.folder)
    responses = owed.responses(design, run)
    human = owed.human_ratings(design, run, responses.wanted)
    forms = owed.forms(design, run, responses.wanted, human)
    state = derive.standing(design, run, forms, human, Tuned())
    low = {x.item.key for x in state.judged if x.want.arm.name == design.locap.name}
    given = {x.key: {"call": None} for x in state.verdicts.wanted if x.item.key not in low}

    def reasons(*apart: str) -> list[str]:
        (found,) = make.certify(state.basis, given, {}, {}, apart).rubrics
        return [x.en for x in found.reasons]

    assert any(x.startswith("verdicts on rated answers are owed") for x in reasons())
    assert reasons(design.locap.name) == []
