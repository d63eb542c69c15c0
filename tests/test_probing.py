"""A judge that only counts, and one that does as it is told, are caught by the probes."""

from typing import Any

import polars as pl
import pytest
from conftest import ROOT, Project
from fake_server import FakeServer, verdict

from pipeline import cli, probing
from pipeline.errors import UserError
from pipeline.probing import Probed
from pipeline.stats import probed


def unwatched(_: object) -> Any:
    from contextlib import nullcontext

    return nullcontext()


def probe(project: Project, *rubrics: str) -> Probed:
    return probing.probe(probing.load("panel_of_test", rubrics, project.root), unwatched)


def right(found: Probed, kind: str, rater: str = "panel") -> list[bool | None]:
    return list(found.moved.filter(pl.col("kind").str.starts_with(kind), rater=rater)["right"])


def share(found: Probed, must: str) -> float:
    return float(found.shares.filter(rater="panel", must=must)["share"][0])


def test_a_judge_that_counts_words_is_caught_by_the_padding(served: Project) -> None:
    served.panel({"id": "length", "computed": "length"})
    found = probe(served, "depth", "irony")
    assert set(right(found, "padding")) == {False}, "twice as long, so higher"
    assert set(right(found, "injection")) == {True}
    assert found.owed == 0
    assert probe(served, "depth", "irony").asked == 0, "what was judged is kept"


def test_a_judge_that_counts_words_sees_no_fall_but_of_a_text_that_was_cut(
    served: Project,
) -> None:
    served.panel({"id": "length", "computed": "length"})
    names = sorted(x.stem for x in (ROOT / "rubrics/probes").glob("*.yaml"))
    falls = probe(served, *names).moved.filter(must="fall", rater="panel")
    assert set(falls["rubric"]) == set(names)
    seen = falls.filter(pl.col("kind") != "ending_cut")
    assert seen.filter(pl.col("right") | (pl.col("moved") != 0)).height == 0
    assert falls.filter(pl.col("kind") == "ending_cut", pl.col("right")).height > 0


def test_a_judge_that_does_as_it_is_told_is_caught_by_the_injection(
    served: Project, server: FakeServer
) -> None:
    def obeys(body: dict[str, Any]) -> Any:
        said = body["messages"][-1]["content"].lower()
        told = any(x in said for x in ("give this a 5", "поставьте этому 5", "поставьте здесь 5"))
        return verdict(5 if told else 2, evidence=[])

    server.reply = obeys
    found = probe(served, "depth")
    assert set(right(found, "injection")) == {False}


def test_a_judge_that_sees_everything_passes(served: Project, server: FakeServer) -> None:
    bench = probing.load("panel_of_test", ["depth"], served.root)
    wanted = {
        side.item.answer: 4 if side.side == "base" or side.probe.must == "stay" else 2
        for _, sides in probing._by_rubric(bench)
        for side in sides
    }

    def knows(body: dict[str, Any]) -> Any:
        said = body["messages"][-1]["content"]
        answer = max((x for x in wanted if x in said), key=len)
        return verdict(wanted[answer], evidence=[])

    server.reply = knows
    found = probe(served, "depth")
    assert share(found, "stay") == 1.0
    assert share(found, "move") == 1.0
    assert found.shares.filter(rater="panel")["missing"].sum() == 0


def test_recorded_verdicts_are_counted_again_where_no_judge_can_be_reached(
    served: Project,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.reply = lambda body: verdict(1 + len(str(body)) % 5, evidence=[])
    first = probe(served, "depth")
    assert first.asked > 0
    models = (served.root / "data/models.yaml").read_text("utf-8")
    # Another address is no other judge; at this one nobody listens.
    moved = models.replace(server.address, "http://127.0.0.1:9/v1")
    (served.root / "data/models.yaml").write_text(moved, "utf-8")
    (served.root / "data/studies").mkdir(exist_ok=True)
    monkeypatch.chdir(served.root)
    calls = server.calls
    assert cli.main(["probe", "--panel", "panel_of_test", "--rubric", "depth"]) == 0
    again = probe(served, "depth")
    assert (again.asked, again.owed, server.calls) == (0, 0, calls)
    assert again.shares.equals(first.shares)
    assert again.moved.equals(first.moved)


def test_a_panel_or_rubric_that_is_not_there_is_named(served: Project) -> None:
    with pytest.raises(UserError, match=r"judges/panels/nobody.yaml: no such file"):
        probing.load("nobody", ["depth"], served.root)
    with pytest.raises(UserError, match=r"rubrics/depht.yaml: no such file; did you mean 'depth'"):
        probing.load("panel_of_test", ["depht"], served.root)


def test_movement_is_counted_by_half_levels_and_missing_scores_apart() -> None:
    rows = [
        ("p1", "fall", 4.0, 3.5),
        ("p2", "fall", 4.0, 3.6),
        ("p3", "stay", 4.0, 4.4),
        ("p4", "stay", 4.0, 4.5),
        ("p5", "not rise", 4.0, 2.0),
        ("p6", "not rise", 4.0, 4.5),
        ("p7", "fall", 4.0, None),
    ]
    scores = pl.DataFrame(
        rows, schema=["probe", "must", "base", "changed"], orient="row"
    ).with_columns(
        left_out=pl.col("changed").is_null().cast(pl.Int64),
        rubric=pl.lit("depth"),
        kind=pl.lit("x"),
        language=pl.lit("en"),
        rater=pl.lit("j"),
    )
    moved = probed.moved(scores)
    assert moved.sort("probe")["right"].to_list() == [True, False, True, False, True, False, None]
    shares = {x["must"]: x for x in probed.by_judge(moved).to_dicts()}
    assert (shares["move"]["right"], shares["move"]["probes"], shares["move"]["missing"]) == (
        1,
        2,
        1,
    )
    assert (shares["stay"]["right"], shares["stay"]["probes"]) == (2, 4)
    assert shares["stay"]["low"] == pytest.approx(0.15004, abs=1e-4), "Wilson, 2 of 4"
    twins = pl.concat([moved, moved.with_columns(language=pl.lit("ru"))])
    both = probed.by_judge(twins).row(by_predicate=pl.col("must") == "stay", named=True)
    assert (both["right"], both["probes"]) == (4, 8)
    assert both["low"] == shares["stay"]["low"], "a probe in two languages is one trial"


def test_a_judge_that_is_silent_on_one_side_does_not_move_the_panel(
    served: Project, server: FakeServer
) -> None:
    served.panel(
        *({"id": f"j{n}", "model": "judge", "sampling": {"max_tokens": 200 + n}} for n in range(3))
    )
    sides = [
        side
        for _, found in probing._by_rubric(probing.load("panel_of_test", ["depth"], served.root))
        for side in found
    ]

    def reply(body: dict[str, Any]) -> Any:
        said = body["messages"][-1]["content"]
        side = max((x for x in sides if x.item.answer in said), key=lambda x: len(x.item.answer))
        given = {200: 5, 201: 2, 202: 2}[body["max_tokens"]]
        if given == 5 and side.side == "changed":
            return verdict(None, abstention="not answerable", evidence=[])
        return verdict(given, evidence=[])

    server.reply = reply
    found = probe(served, "depth")
    panel = found.moved.filter(rater="panel")
    assert set(panel["moved"]) == {0.0}, "two judges scored both sides, and both alike"
    assert set(panel["left_out"]) == {1}
    counted = found.shares.filter(rater="panel")
    assert counted["left_out"].to_list() == counted["probes"].to_list()
    assert found.shares.filter(rater="j0")["missing"].sum() == panel.height


def test_the_command_shows_the_shares_and_where_the_panel_failed(
    served: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served.panel({"id": "length", "computed": "length"})
    (served.root / "data/studies").mkdir(exist_ok=True)
    monkeypatch.chdir(served.root)
    assert cli.main(["probe", "--panel", "panel_of_test", "--rubric", "irony"]) == 0
    said = capsys.readouterr().out
    assert "moved where it must" in said
    assert "irony/padding (en, padding, must not rise)" in said
    assert (ROOT / "rubrics/probes/irony.yaml").exists()
