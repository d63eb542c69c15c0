"""The report in a real browser, opened from disk."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_report import TEXT, answer, filled, judged_slip, make_slip, verdict
from test_report_audit import KEYS, ODD, audited_slip, ratings_only

from judges.rubric import Text
from pipeline import findings
from pipeline.pages import report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.render(make_slip()), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, file) -> Iterator[Callable]:
    """Opens the report; at the end, nothing was fetched and nothing complained."""
    complaints, fetched, contexts = [], [], []

    def open_(
        path: Path = file,
        locale: str = "en-GB",
        width: int = 1400,
        ready: str = "#reader-frame",
        **more,
    ):
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": 900}, reduced_motion="reduce", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(path.as_uri())
        expect(page.locator(ready)).to_be_visible()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in fetched if not url.startswith(("file:", "data:"))] == []


def test_opens_from_disk_with_an_answer_beside_its_verdicts(opened):
    page = opened()
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator("#answer h3")).to_have_text("Fog", use_inner_text=True)
    expect(page.locator("#answer .panel-line").first).to_contain_text("median 4.63")
    gemma = page.locator(".verdict", has_text="gemma").first
    expect(gemma.locator(".score")).to_have_text("4 Step 4", use_inner_text=True)
    expect(gemma).to_contain_text("mean level 4.25")
    expect(gemma.locator(".shares span")).to_have_count(5)
    expect(page.locator(".person")).to_contain_text("anna")
    expect(page.locator(".verdict.floor")).to_contain_text("12 words")
    expect(page.locator(".verdict.floor")).to_contain_text("baseline: counts words only")
    first = page.locator("#answer .panel-line").first
    expect(first).to_contain_text("judges from 4.25 to 5")
    page.select_option("[name=arm]", "small")
    page.locator("#compare").uncheck()
    expect(first).to_contain_text("all judges: 2")


def test_the_language_is_the_browsers_and_can_be_switched(opened):
    page = opened(locale="ru-RU")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("h1")).to_have_text("Крошечное исследование", use_inner_text=True)
    expect(page.locator("#filters option").first).to_have_text("все")
    expect(page.locator("#answer .score").first).to_have_text("4 Ступень 4", use_inner_text=True)
    assert page.title() == "Крошечное исследование"
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("A tiny study", use_inner_text=True)
    expect(page.locator("#answer .score").first).to_have_text("4 Step 4", use_inner_text=True)
    expect(page.locator("#gap-depth-title")).to_have_text("Depth", use_inner_text=True)
    expect(page.get_by_role("button", name="Русский")).to_have_attribute("aria-pressed", "false")


def test_other_languages_get_english(opened):
    expect(opened(locale="fr-FR").locator("html")).to_have_attribute("class", "en")


def ground(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_light_and_dark(opened):
    page = opened(color_scheme="light")
    light = ground(page)
    page.locator("#theme").click()
    dark = ground(page)
    assert dark != light
    colour = page.locator(".plot path[style*='--ink']").first.evaluate(
        "node => getComputedStyle(node).stroke"
    )
    assert colour == page.evaluate("getComputedStyle(document.body).color")
    page.locator("#theme").click()
    assert ground(page) == light
    assert ground(opened(color_scheme="dark")) == dark


def test_filters_narrow_the_list(opened):
    page = opened()
    rows = page.locator(".row")
    expect(rows).to_have_count(3)
    page.select_option("[name=arm]", "small")
    expect(rows).to_have_count(2)
    page.select_option("[name=judge]", "gemma")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(3)
    page.fill("[name=low]", "4")
    expect(rows).to_have_count(1)
    page.fill("[name=low]", "")
    for mark, count in (("missing", 1), ("abstained", 1), ("people", 1), ("finish", 2)):
        page.select_option("[name=mark]", mark)
        expect(rows).to_have_count(count)
    page.fill("[name=high]", "1")
    expect(page.locator("#answer")).to_contain_text("No answer fits")
    expect(page.locator("#reader-count")).to_have_text("0 of 3 answers", use_inner_text=True)


def test_a_judge_filter_leaves_only_its_verdicts(opened):
    page = opened()
    page.select_option("[name=judge]", "qwen")
    expect(page.locator("#answer")).to_contain_text("Deep enough.")
    expect(page.locator("#answer .verdict.floor")).to_have_count(0)
    expect(page.locator("#answer mark")).to_have_count(0)


def test_quotes_are_marked_in_the_text_also_where_they_overlap(opened):
    page = opened()
    marks = page.locator(".text").first.locator("mark")
    expect(marks).to_have_text(["It is ", "always late", ", <b>always</b>"])
    assert page.locator(".text").first.text_content() == TEXT.replace("\ud800", "?")
    quotes = page.locator("button.quote")
    quotes.nth(0).hover()
    expect(page.locator("mark.lit")).to_have_text(["It is ", "always late"])
    quotes.nth(1).focus()
    expect(page.locator("mark.lit")).to_have_text(["always late", ", <b>always</b>"])
    marks.nth(0).hover()
    expect(page.locator("button.quote.lit")).to_have_count(1)


def test_a_quote_that_is_not_there_is_flagged(opened):
    page = opened()
    missing = page.locator("li", has=page.locator(".quote.missing"))
    expect(missing).to_have_count(1)
    expect(missing).to_contain_text("not in the answer")
    expect(missing).to_contain_text("<img src=x onerror=alert(1)> was never said")


def test_j_and_k_turn_the_pages(opened):
    page = opened()
    page.locator("#compare").uncheck()
    chosen = page.locator(".row[aria-selected=true]")
    for key, place in (("j", "1"), ("j", "2"), ("j", "2"), ("k", "1"), ("k", "0"), ("k", "0")):
        page.keyboard.press(key)
        expect(chosen).to_have_attribute("data-at", place)
    expect(page.locator("#previous")).to_be_disabled()
    page.locator("body").dispatch_event("keydown", {"key": "о"})  # j on a Russian keyboard
    expect(chosen).to_have_attribute("data-at", "1")
    page.locator("[name=low]").focus()
    page.keyboard.press("j")
    expect(chosen).to_have_attribute("data-at", "1")


def test_the_list_is_a_listbox_for_the_keyboard(opened):
    page = opened()
    page.locator("#list").focus()
    page.keyboard.press("End")
    expect(page.locator("#list")).to_have_attribute("aria-activedescendant", "row-2")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".row[aria-selected=true]")).to_have_attribute("data-at", "1")


def test_both_arms_stand_side_by_side_on_a_wide_screen(opened):
    page = opened()
    expect(page.locator("#compare")).to_be_checked()
    expect(page.locator(".spread.both .who")).to_have_count(2)
    expect(page.locator(".who.locap")).to_contain_text("cut off")
    expect(page.locator(".who.locap")).to_contain_text("written in: Russian")
    page.keyboard.press("j")
    expect(page.locator(".spread.both")).to_contain_text("The other arm has no answer")
    page.locator("#compare").uncheck()
    expect(page.locator(".who")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("I will not.")


def test_hostile_text_stays_text_in_the_reader(opened):
    page = opened()
    for _ in range(3):
        expect(page.locator("#answer .task")).to_contain_text("<script>alert(1)</script>")
        assert (
            page.locator("#answer :is(script, img, b:not([class]))").evaluate_all(
                "nodes => nodes.filter(node => node.tagName !== 'B').length"
            )
            == 0
        )
        page.keyboard.press("j")
    assert page.locator("script").count() == 1  # the data's own element goes once it is read


def test_an_answer_can_be_pointed_to(opened, file):
    page = opened()
    page.keyboard.press("j")
    expect(page.locator("#answer")).to_contain_text("I will not.")
    address = page.url
    assert address.endswith("#answer-a3")
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".row[aria-selected=true]")).to_have_attribute("data-at", "2")


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_a_phone_never_scrolls_sideways(opened, locale):
    page = opened(width=390, locale=locale)
    expect(page.locator("#answer h3")).to_be_visible()
    expect(page.locator("#compare")).not_to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_phone_has_no_hints_for_keys_and_shows_that_a_table_scrolls(opened):
    page = opened(width=390, is_mobile=True, has_touch=True)
    expect(page.locator("#next")).to_be_visible()
    expect(page.locator("#next kbd")).to_be_hidden()
    costs = page.locator(".wide", has=page.locator("#costs"))
    assert costs.evaluate("node => node.scrollWidth > node.clientWidth")
    assert "scroll" in costs.evaluate("node => getComputedStyle(node).backgroundAttachment")
    expect(opened().locator("#next kbd")).to_be_visible()


def test_rubrics_print_unfolded_and_the_open_answer_too(opened):
    page = opened()
    expect(page.locator("#answer h3")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#answer h3")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details.rubric[open]")).to_have_count(2)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("details.rubric[open]")).to_have_count(0)


BROKEN = """() => {
  const found = [];
  for (const head of document.querySelectorAll("thead th")) {
    const walk = document.createTreeWalker(head, NodeFilter.SHOW_TEXT);
    for (let node; node = walk.nextNode(); ) {
      for (const { 0: word, index } of node.data.matchAll(/\\p{L}+/gu)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const tops = [...range.getClientRects()].map((x) => Math.round(x.top));
        if (new Set(tops).size > 1) found.push(word);
      }
    }
  }
  return found;
}"""
"""The words in heads of columns that run over two lines."""


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_word_is_broken_in_the_head_of_a_column(opened, tmp_path, locale, width):
    path = tmp_path / "audited.html"
    path.write_text(report.render(audited_slip()), encoding="utf-8")
    page = opened(path, width=width, locale=locale)
    page.evaluate("for (const x of document.querySelectorAll('details')) x.open = true")
    expect(page.locator("#repetitions thead")).to_be_visible()
    assert page.evaluate(BROKEN) == []


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_names_at_both_ends_of_an_axis_stand_apart(opened, tmp_path, locale, width):
    slip = make_slip()
    said = (("Seems not to reflect", "Без рефлексии"), ("Has its own place", "Собственное место"))
    ends = tuple(Text(en=en, ru=ru) for en, ru in said)
    criteria = tuple(x._replace(ends=ends) for x in slip.criteria)
    path = tmp_path / "ends.html"
    path.write_text(report.render(slip._replace(criteria=criteria)), encoding="utf-8")
    page = opened(path, width=width, locale=locale)
    plot = page.locator("svg[aria-labelledby^='gap-']").first
    names = [plot.locator("text", has_text=x.ru).bounding_box() for x in ends]
    assert names[0]["x"] + names[0]["width"] + 8 < names[1]["x"]
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_the_four_questions_show_all_that_they_rest_on_on_a_phone(opened, tmp_path, locale):
    path = tmp_path / "audited.html"
    path.write_text(report.render(audited_slip()), encoding="utf-8")
    page = opened(path, width=390, locale=locale)
    for cell in page.locator("#questions-table tbody :is(th, td)").all():
        box = cell.bounding_box()
        assert box["x"] + box["width"] <= 390
        assert box["height"] < 120
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator("#questions-table thead")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_the_verdicts_fit_a_phone_and_unfold(opened, tmp_path, locale):
    path = tmp_path / "judged.html"
    path.write_text(report.render(judged_slip()), encoding="utf-8")
    page = opened(path, width=390, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    rooms = page.locator(".wide", has=page.locator("#verdicts"))
    assert rooms.evaluate("room => room.scrollWidth <= room.clientWidth"), "nothing out of sight"
    said = page.locator("#verdicts tbody tr").first
    p = {"en-GB": "p, Holm: < 0.001", "ru-RU": "p с поправкой Холма: < 0,001"}[locale]
    expect(said.locator("td", has_text="Holm")).to_have_text(p, use_inner_text=True)
    folds = page.locator("details.fold")
    expect(folds).to_have_count(5)
    folds.first.locator("summary").click()
    expect(page.locator("#conditions-depth")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details.fold[open]")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_scripts_the_figures_are_there(browser, file):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.locator("noscript p").first).to_be_visible()
    expect(page.locator("#gaps")).to_be_visible()
    context.close()


def test_ten_thousand_answers_keep_the_page_small(opened, tmp_path):
    many = tuple(
        answer(
            f"b{i}", ("big", "small")[i % 2], draw=i // 2, verdicts=(verdict("qwen", 1 + i % 5),)
        )
        for i in range(10_000)
    )
    path = tmp_path / "many.html"
    path.write_text(report.render(make_slip(answers=many)), encoding="utf-8")
    page = opened(path)
    expect(page.locator("#reader-count")).to_have_text(
        "10000 of 10000 answers", use_inner_text=True
    )
    page.locator("#list").focus()
    page.keyboard.press("End")
    expect(page.locator("#list")).to_have_attribute("aria-activedescendant", "row-9999")
    expect(page.locator("#row-9999")).to_be_visible()
    assert page.locator(".row").count() < 40


@pytest.fixture(scope="module")
def audited(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("audited") / "report.html"
    path.write_text(report.render(audited_slip()), encoding="utf-8")
    return path


def test_filters_hide_what_is_about_something_else_and_show_it_again(opened, audited):
    page = opened(audited)
    boards, rows = page.locator(".board"), page.locator("#board-depth tbody tr:visible")
    everything = page.locator(".audit :is(tr, li, figure):visible").count()
    all_rows = rows.count()
    expect(boards.filter(visible=True)).to_have_count(2)
    page.select_option("[data-sift=rubric]", "depth")
    expect(boards.filter(visible=True)).to_have_count(1)
    expect(page.locator(".audit figure:visible")).to_have_count(1)
    page.select_option("[data-sift=judge]", "qwen")
    assert rows.count() == all_rows - 2
    expect(page.locator("#board-depth tr[data-judge]:visible")).to_contain_text(["qwen"])
    expect(page.locator("#board-depth tr.panel")).to_be_visible()
    faint = page.locator("figure[data-rubric=depth] svg .faint")
    assert faint.count() > 4
    assert page.locator("figure[data-rubric=depth] svg [data-judge=qwen].faint").count() == 0
    expect(page.locator("#sift-hidden")).to_contain_text("Rows hidden:")
    page.locator("#sift button").click()
    expect(page.locator("#sift-hidden")).to_be_empty()
    expect(faint).to_have_count(0)
    assert page.locator(".audit :is(tr, li, figure):visible").count() == everything


def test_arm_and_language_narrow_the_lists_and_the_reader_follows(opened, audited):
    page = opened(audited)
    page.select_option("[data-sift=arm]", "big")
    page.select_option("[data-sift=language]", "ru")
    items = page.locator(".looks li:visible")
    for i in range(items.count()):
        assert items.nth(i).evaluate(
            "node => [node.dataset.arm, node.dataset.language].join()"
        ) == ("big,ru")
    expect(page.locator("#reader-count")).to_have_text("2 of 8 answers", use_inner_text=True)
    page.select_option("#filters [name=language]", "en")
    expect(page.locator("[data-sift=language]")).to_have_value("en")
    expect(page.locator("#repetitions tbody tr")).to_be_hidden()
    expect(page.locator(".wide", has=page.locator("#repetitions"))).to_contain_text(
        "Nothing here fits the filters."
    )
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-sift=arm]")).to_have_value("")
    expect(page.locator("#repetitions tbody tr")).to_be_visible()


def test_the_filters_work_from_the_keyboard(opened, audited):
    page = opened(audited)
    page.locator("[data-sift=judge]").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-sift=judge]")).to_have_value("length")
    expect(page.locator("#board-depth tr[data-judge=qwen]")).to_be_hidden()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#board-depth tr[data-judge=qwen]")).to_be_visible()


def test_a_link_of_the_lists_opens_its_answer(opened, audited):
    page = opened(audited)
    page.select_option("#filters [name=arm]", "small")
    page.locator("#sift button").click()
    link = page.locator('.looks a[href^="#answer-"]').first
    item = link.locator("xpath=ancestor::li")
    arm, language = item.evaluate("node => [node.dataset.arm, node.dataset.language]")
    task = int(link.get_attribute("href").removeprefix("#answer-").split("%2F")[0])
    page.select_option("#filters [name=task]", str(1 - task))  # the answer is filtered out
    link.focus()
    page.keyboard.press("Enter")
    chosen = page.locator(".row[aria-selected=true]")
    place = KEYS.index(f"{task}/{language} {arm}")
    expect(chosen).to_have_attribute("data-at", str(place))
    expect(page.locator("#answer")).to_be_focused()
    expect(page.locator("#answer")).to_be_in_viewport()
    assert page.url.endswith(link.get_attribute("href"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.go_back()
    expect(item).to_be_in_viewport()
    fresh = opened(audited)
    fresh.goto("about:blank")
    fresh.goto(f"{audited.as_uri()}{link.get_attribute('href')}")
    expect(fresh.locator(".row[aria-selected=true]")).to_have_attribute("data-at", str(place))


def test_the_audit_speaks_russian(opened, audited):
    page = opened(audited)
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("#triage")).to_have_text("На что посмотреть", use_inner_text=True)
    expect(page.locator("[data-sift=language] option").nth(2)).to_have_text("русский")
    page.select_option("[data-sift=judge]", ODD)
    expect(page.locator("#sift-hidden")).to_have_text(re.compile(r"Скрыто строк: \d+"))
    text = page.locator(".audit").inner_text()
    assert "Показать только" in text
    for word in ("people", "panel", "interval", "levels", "tasks"):
        assert not re.search(rf"\b{word}\b", text), word


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_the_audit_fits_a_phone_when_all_is_unfolded(opened, audited, locale):
    page = opened(audited, width=390, locale=locale)
    page.evaluate("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wider = page.evaluate(
        """[...document.querySelectorAll(".audit *")].filter((node) =>
          node.getBoundingClientRect().right > 391 &&
          !node.closest(".wide, .heat-room")).map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert wider == []


def test_ratings_alone_open_without_answers(opened, tmp_path):
    path = tmp_path / "ratings.html"
    path.write_text(report.render(ratings_only()), encoding="utf-8")
    page = opened(path, ready="#reader-state")
    expect(page.locator("#reader-state")).to_contain_text("not kept here")
    page.select_option("[data-sift=judge]", "qwen")
    expect(page.locator("#board-depth tr[data-judge=length]")).to_be_hidden()
    page.select_option("[data-sift=arm]", "small")
    expect(page.locator("[data-sift=arm]")).to_have_value("small")
    expect(page.locator(".looks li[data-arm=big]").first).to_be_hidden()
    expect(page.locator(".looks li[data-arm=small]").first).to_be_visible()


def test_an_open_answer_says_that_it_is_simulated(opened, tmp_path):
    path = tmp_path / "simulated.html"
    path.write_text(report.render(audited_slip()._replace(simulated=True)), encoding="utf-8")
    page = opened(path, locale="ru-RU")
    expect(page.locator("#answer h3")).to_contain_text("смоделировано", use_inner_text=True)
    assert page.title().endswith("(смоделировано)")


def test_the_landscape_reads_in_russian_on_a_phone(opened, tmp_path):
    wide = {"measure": "entropy_same", "arm": "big", "language": "ru", "value": 3.25, "most": 4.5}
    slip = make_slip(
        landscape=filled(
            findings.LANDSCAPE,
            {**wide, "low": 3.0, "high": 3.5, "rest": 0.125, "prompts": 8, "units": 64},
            {"measure": "entropy_own", "arm": "big", "prompts": 0, "note": "not asked yet"},
        ),
        landscape_gaps=filled(
            findings.LANDSCAPE_GAPS,
            {"measure": "entropy_same", "high_arm": "big", "low_arm": "small", "prompts": 2}
            | {"difference": -0.5, "note": "no interval: 2 of 3 prompts needed"},
        ),
        divergence=filled(
            findings.DIVERGENCE,
            *(
                {"high_arm": "big", "low_arm": "small", "measure": x, "value": 0.0312}
                | {"low": 0.02, "high": 0.04, "prompts": 8, "prefixes": 16, "shared": 0.9}
                for x in ("forward", "backward", "shannon", "same_top")
            ),
            {"high_arm": "big", "low_arm": "mid", "prompts": 0, "prefixes": 0}
            | {"note": "the tokenisers differ: 3 of 8 texts are not as many tokens"},
        ),
    )
    path = tmp_path / "report.html"
    path.write_text(report.render(slip), encoding="utf-8")
    page = opened(path, locale="ru-RU", width=390)
    section = page.locator("section[aria-labelledby=landscape]")
    expect(section.locator("h2")).to_have_text("Ландшафт вероятностей", use_inner_text=True)
    for said in ("3,25", "от 3,00 до 3,50", "ещё не спрошено", "заданий 2, а нужно 3"):
        expect(section).to_contain_text(said, use_inner_text=True)
    expect(section).to_contain_text("0,0312 [0,0200; 0,0400]", use_inner_text=True)
    expect(section).to_contain_text("у 3 из 8 текстов число токенов", use_inner_text=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
