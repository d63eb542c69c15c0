"""The rating page in a real browser, offline and against a server that fails as told."""

import base64
import csv
import hashlib
import io
import math
import re
from collections.abc import Callable, Iterator

import pytest
from pydantic import ValidationError
from rating_browser import (
    PHONE,
    at,
    begun,
    browser,
    clean,
    download,
    expect,
    press,
    rate_all,
    visit,
)
from rating_desk import SLIP, Desk, make_form, running

from judges.rubric import Text
from pipeline.pages import rate, templating
from pipeline.pages.rate_words import WORDS
from pipeline.rating.form import Closure, Handed


@pytest.fixture
def file(tmp_path) -> Callable:
    def write(**more) -> str:
        path = tmp_path / "rate.html"
        path.write_text(rate.render(make_form("file", **more)), encoding="utf-8")
        return path.as_uri()

    return write


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as found:
        yield found


# --- what is rendered


def test_the_page_is_closed_to_all_but_its_own_script_and_style():
    html = rate.render(make_form("file"))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert "connect-src 'none'" in policy[1]
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert len(inside) == 1
        assert base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode() in policy[1]
    assert html.count("</script>") == 2
    assert re.findall(r"(?:src|href)=\"(?!data:,|#)", html) == []
    assert rate.render(make_form("file")) == html
    assert "connect-src 'self'" in rate.render(make_form())


def test_every_word_is_used_and_every_used_word_exists():
    sources = "".join(path.read_text("utf-8") for path in templating.TEMPLATES.glob("rate*"))
    built = re.compile(r"^(reason|calling|intro|end|saved|practice|waiting|keys?)_")
    assert [x for x in WORDS if x not in sources and not built.match(x)] == []
    named = set(re.findall(r'(?:word\(|words\[)"(\w+)"', sources))
    assert named <= set(WORDS)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rubrics": {}}, "items\\[0\\].rubric is 'depth', expected one of"),
        ({"csrf": "x", "mode": "file"}, "only a server has one"),
        ({"rater": None}, "a server knows whom it has invited"),
        (
            {
                "saved": [
                    {"id": "f" * 32, "score": 3, "seconds": 1, "when": "2026-01-01", "revision": 1}
                ]
            },
            "is no item of this form",
        ),
        (
            {
                "saved": [
                    {
                        "id": "0" * 32,
                        "score": None,
                        "seconds": 1,
                        "when": "2026-01-01",
                        "revision": 1,
                    }
                ]
            },
            "either a score or a reason",
        ),
    ],
)
def test_a_form_that_does_not_fit_together_is_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        make_form(**{"count": 1, **fields})


# --- without a server


def introduced_by_keys(page) -> None:
    clean(page)
    press(page, "Tab")
    page.keyboard.type("Анна К.")
    press(page, "Enter")
    expect(page.locator("#enter-complaint")).to_have_text(WORDS["calling_first"].en)
    press(page, "Space", "ArrowDown", "Tab", "Enter")
    expect(page.locator("#heading")).to_have_text("Practice 1 of 2")
    press(page, "4", "Enter")
    expect(page.locator("#verdict")).to_contain_text("the authors lean to 3")
    expect(page.locator("#why")).to_have_text("Because it is 3.")
    expect(page.locator("#verdict")).to_be_focused()
    clean(page)
    press(page, "Enter")
    expect(page.locator("#heading")).to_have_text("Practice 2 of 2")
    press(page, "ArrowRight", "Enter")
    expect(page.locator("#verdict")).to_contain_text("You chose 1, and so would the authors")
    press(page, "Enter")
    at(page, 1)
    clean(page)
    press(page, "Enter")
    expect(page.locator("#complaint")).to_have_text(WORDS["choose_first"].en)


def test_twenty_answers_by_keyboard_alone_closed_halfway(visit, file, tmp_path):
    address = file(rater=None, rater_class=None)
    profile = tmp_path / "profile"
    page = visit(address, profile=profile)
    introduced_by_keys(page)
    rate_all(page, 1, 8)
    at(page, 9)
    expect(page.locator("#status")).to_have_text("Answer 8 is saved in the browser")
    press(page, "x", "ArrowDown", "c")
    page.keyboard.type("Breaks off, and 5 words are missing")
    press(page, "Control+Enter")
    at(page, 10)
    press(page, "b")
    expect(page.locator("#heading")).to_have_text("Answer 9 once more")
    expect(page.locator("#comment")).to_have_value("Breaks off, and 5 words are missing")
    press(page, "Enter")
    at(page, 10)
    press(page, "3", "c")
    page.keyboard.type("half a thought")
    page.context.close()

    page = visit(address, profile=profile)
    expect(page.locator("#so-far")).to_have_text("Questions answered so far: 9 of 20.")
    clean(page)
    page.locator("#begin").focus()
    press(page, "Enter")
    at(page, 10)
    expect(page.locator("#comment")).to_have_value("half a thought")
    expect(page.locator("[name=level][value='3']")).to_be_checked()
    press(page, "Enter")
    rate_all(page, 11, 14)
    at(page, 15)
    expect(page.locator("#fresh")).to_be_visible()
    rate_all(page, 15, 20)
    expect(page.locator("#end h1")).to_be_focused()
    clean(page)
    name, text = download(page, "#save-json")
    assert name.endswith("20.json")
    copy = Handed.model_validate_json(text)
    assert (copy.rater, copy.rater_class, len(copy.ratings)) == ("Анна К.", "philosopher", 20)
    assert copy.form == make_form("file", rater=None, rater_class=None).digest
    wanted = [1 + i % 5 for i in range(1, 21)]
    wanted[9] = 3
    assert [x.score for x in copy.ratings] == [*wanted[:8], None, *wanted[9:]]
    assert copy.ratings[8].reason == "broken"
    assert {x.revision for x in copy.ratings} == {1}
    form = make_form("file")
    assert copy.ratings[19].rubric_digest == form.rubrics["irony"].digest["en"]
    _, table = download(page, "#save-csv")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert [x["score"] for x in rows] == [str(x.score or "") for x in copy.ratings]
    assert rows[8]["comment"] == "Breaks off, and 5 words are missing"

    # The copy goes on where the browser kept nothing.
    (tmp_path / "copy.json").write_text(text, "utf-8")
    other = visit(address)
    other.locator("#take").set_input_files(tmp_path / "copy.json")
    expect(other.locator("[data-notice=taken]")).to_contain_text("Ratings taken in: 20")
    other.reload()
    expect(other.locator("#end")).to_be_visible()
    assert Handed.model_validate_json(download(other, "#save-json")[1]).ratings == copy.ratings


def test_on_a_phone_in_russian_by_taps(visit, file):
    page = visit(file(language="ru"), locale="ru-RU", color_scheme="dark", **PHONE)
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("#start h1")).to_have_text("Ночные чтения")
    page.locator("#begin").tap()
    for level in (3, 1):
        page.locator(f".level:has([value='{level}'])").tap()
        page.locator("#go").tap()
        expect(page.locator("#why")).to_have_text(f"Потому что это {level}.")
        clean(page)
        # Elsewhere on it, or it would count as the second half of a double tap.
        page.locator("#go").tap(position={"x": 20, "y": 20})
    at(page, 1)
    page.locator("#fold").tap()
    expect(page.locator("#anchor-5")).to_be_visible()
    clean(page)
    page.locator("#fold").tap()
    page.locator("#heading").focus()
    for index in range(1, 21):
        at(page, index)
        card = page.locator(f".level:has([value='{1 + index % 5}'])")
        box = card.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        card.tap()
        page.locator("#go").tap()
    expect(page.locator("#end h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    clean(page)
    copy = Handed.model_validate_json(download(page, "#save-json")[1])
    assert copy.interface == "ru"
    assert [x.score for x in copy.ratings] == [1 + i % 5 for i in range(1, 21)]


def test_nothing_runs_off_the_narrowest_phone(visit, file):
    small = PHONE | {"viewport": {"width": 320, "height": 568}}
    page = visit(file(practice=(), count=120, questions=4), locale="ru-RU", **small)
    begun(page)
    for index in range(1, 4):
        at(page, index, 4)
        press(page, str(index), "Enter")
    at(page, 4, 4)
    box = page.locator("#left").bounding_box()
    assert box["x"] + box["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.locator("#work .recent").click()
    level = page.locator("#recent-list .digit").first
    expect(level).to_have_text("3")
    box = level.bounding_box()
    assert 0 < box["x"] < box["x"] + box["width"] < 100, "a line is cut after its level"
    clean(page)


def test_script_in_an_answer_stays_text(visit, file):
    page = visit(file(practice=(), count=1, title={"en": SLIP, "ru": SLIP}))
    begun(page)
    at(page, 1)
    expect(page.locator("#task")).to_contain_text(SLIP)
    expect(page.locator("#answer")).to_contain_text(SLIP)
    assert page.locator("main img, main script").count() == 0
    assert page.title().startswith("<script>")


def test_only_time_in_view_counts_and_an_idle_rater_two_minutes(visit, file):
    page = visit(file(practice=(), count=2))
    page.clock.install()
    page.reload()
    begun(page)
    at(page, 1)
    page.clock.fast_forward(30_000)
    press(page, "3")
    page.clock.fast_forward(3_600_000)
    press(page, "Enter")
    at(page, 2)
    page.clock.fast_forward(10_000)
    press(page, "2")
    page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    page.clock.fast_forward(600_000)
    page.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    press(page, "Enter")
    expect(page.locator("#end")).to_be_visible()
    first, second = Handed.model_validate_json(download(page, "#save-json")[1]).ratings
    assert 150 <= first.seconds < 155
    assert 10 <= second.seconds < 15


def test_two_tabs_of_one_file_ask_which_rating_shall_stand(visit, file):
    address = file(practice=(), count=3)
    one = visit(address)
    two = visit(address, context=one.context)
    for page in (one, two):
        begun(page)
        at(page, 1)
    press(two, "4")
    press(one, "2", "Enter")
    expect(two.locator("#status")).to_contain_text("Answer 1 is saved")
    press(two, "Enter")
    notice = two.locator("[data-notice^=clash]")
    expect(notice).to_contain_text("There: 2. Here: 4.")
    clean(two)
    two.reload()
    expect(notice).to_contain_text("There: 2. Here: 4.")
    notice.get_by_role("button", name=WORDS["clash_mine"].en).click()
    expect(notice).to_have_count(0)
    copy = Handed.model_validate_json(download(two, "#copy")[1])
    assert [(x.score, x.revision) for x in copy.ratings] == [(4, 2)]
    # A tab that stands at an answer which was rated elsewhere goes on to the next.
    begun(two)
    at(two, 2)
    at(one, 2)
    press(one, "5", "Enter")
    at(two, 3)


def revise(page, score: str) -> None:
    """The last answer once more, now with this score."""
    press(page, "b")
    expect(page.locator("#heading")).to_have_text("Answer 1 once more")
    press(page, score, "Enter")


@pytest.mark.parametrize(
    ("changes", "choice", "stands"),
    [
        ("2", "clash_mine", 5),  # fewer than on the first device
        ("42", "clash_mine", 5),
        ("142", "clash_mine", 5),
        ("142", "clash_theirs", 2),
    ],
)
def test_a_copy_that_says_otherwise_asks_which_shall_stand(
    visit, file, tmp_path, changes: str, choice: str, stands: int
):
    address = file(practice=(), count=3)
    one = visit(address)
    begun(one)
    at(one, 1)
    press(one, "3", "Enter")
    (tmp_path / "first.json").write_text(download(one, "#copy")[1], "utf-8")
    for score in "45":
        revise(one, score)
        at(one, 2)
    two = visit(address)
    two.locator("#take").set_input_files(tmp_path / "first.json")
    expect(two.locator("[data-notice=taken]")).to_be_visible()
    expect(two.locator("[data-notice^=clash]")).to_have_count(0)
    begun(two)
    at(two, 2)
    for score in changes:
        revise(two, score)
        at(two, 2)
    (tmp_path / "second.json").write_text(download(two, "#copy")[1], "utf-8")
    one.bring_to_front()
    one.reload()
    one.locator("#take").set_input_files(tmp_path / "second.json")
    notice = one.locator("[data-notice^=clash]")
    expect(notice).to_contain_text("There: 2. Here: 5.")
    one.reload()
    expect(notice).to_contain_text("There: 2. Here: 5.")
    notice.get_by_role("button", name=WORDS[choice].en).click()
    expect(notice).to_have_count(0)
    one.reload()
    expect(one.locator("#so-far")).to_be_visible()
    expect(notice).to_have_count(0)
    begun(one)
    at(one, 2)
    copy = Handed.model_validate_json(download(one, "#copy")[1])
    assert [x.score for x in copy.ratings] == [stands]


def test_without_storage_the_rater_is_told_and_keeps_a_copy(visit, file):
    page = visit(file(practice=(), count=2))
    page.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); }")
    page.reload()
    expect(page.locator("[data-notice=storage]")).to_contain_text("Do not close it")
    begun(page)
    rate_all(page, 1, 1)
    at(page, 2)
    expect(page.locator("#status")).to_have_text("Not saved yet: 1")
    assert len(Handed.model_validate_json(download(page, "#copy")[1]).ratings) == 1


def test_an_error_of_the_script_is_shown(visit, file):
    page = visit(file(count=1))
    page.evaluate("dispatchEvent(new ErrorEvent('error', { message: 'out of ink' }))")
    expect(page.locator("[data-notice=broken]")).to_contain_text("out of ink")


def test_language_theme_and_single_keys_can_be_switched(visit, file):
    page = visit(file(practice=(), count=2))
    page.get_by_role("radio", name="Русский").check()
    expect(page.locator("#begin")).to_have_text("Начать")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("#theme").click()
    assert page.evaluate(ground) != light
    begun(page)
    at(page, 1)
    press(page, "3")
    page.get_by_role("radio", name="English").check()
    expect(page.locator("#heading")).to_have_text("Answer 1 of 2")
    expect(page.locator("[name=level][value='3']")).to_be_checked()
    press(page, "?")
    page.locator("#letters").uncheck()
    clean(page)
    press(page, "Escape")
    page.locator("#heading").focus()
    press(page, "5")
    expect(page.locator("[name=level][value='3']")).to_be_checked()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_level_chosen_by_key_is_saved_by_enter_whatever_was_pressed_before(visit, file):
    page = visit(file(practice=(), count=5))
    begun(page)
    at(page, 1)
    page.locator("#theme").click()
    dark = page.evaluate("document.documentElement.dataset.theme")
    press(page, "3")
    expect(page.locator("#go")).to_be_focused()
    clean(page)
    press(page, "Enter")
    at(page, 2)
    assert page.evaluate("document.documentElement.dataset.theme") == dark
    page.locator("#help").click()
    press(page, "Escape")
    expect(page.locator("#help")).to_be_focused()
    press(page, "ArrowRight", "Enter")
    at(page, 3)
    expect(page.locator("#keys")).to_be_hidden()
    page.get_by_role("radio", name="Русский").check()
    press(page, "4", "Enter")
    at(page, 4)
    press(page, "c", "Escape", "2")
    expect(page.locator("#heading")).to_be_focused()


def test_enter_presses_the_button_to_which_the_rater_went(visit, file):
    page = visit(file(practice=(), count=2))
    begun(page)
    at(page, 1)
    press(page, "3")
    page.locator("#theme").focus()
    theme = page.evaluate("document.documentElement.dataset.theme ?? ''")
    press(page, "Enter")
    assert page.evaluate("document.documentElement.dataset.theme ?? ''") != theme
    expect(page.locator("#heading")).to_have_text("Answer 1 of 2")
    expect(page.locator("#theme")).to_be_focused()


def test_letters_work_in_a_russian_layout(visit, file):
    page = visit(file(practice=(), count=1))
    begun(page)
    at(page, 1)
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'ч', code: 'KeyX', bubbles: true, cancelable: true }))"
    )
    expect(page.locator("#reasons")).to_be_visible()


# --- with a server


def test_saved_is_said_after_it_is_saved_and_goes_on_elsewhere(visit, desk):
    desk.form = make_form(rater_class=None)
    page = visit(desk.address)
    page.get_by_role("radio", name=WORDS["calling_writer"].en).check()
    begun(page)
    for _ in range(2):
        press(page, "3", "Enter", "Enter")
    rate_all(page, 1, 10)
    at(page, 11)
    expect(page.locator("#status")).to_have_text("Answer 10 is saved")
    assert desk.greetings == [{"rater_class": "writer", "language": "en"}]
    page.context.close()
    desk.form = desk.form.model_copy(update={"rater_class": "expert"})
    page = visit(desk.address, locale="ru-RU", **PHONE)
    expect(page.locator("#so-far")).to_have_text("Пройдено вопросов: 10 из 20.")
    begun(page)
    rate_all(page, 11, 20)
    expect(page.locator("#end-said")).to_have_text(WORDS["end_server"].ru)
    clean(page)
    settled(page)
    assert desk.greetings[1:] == [{"language": "ru"}], "what is known is not said again"
    assert desk.scores() == [1 + i % 5 for i in range(1, 21)]
    assert sorted(desk.writes) == sorted(x.id for x in desk.form.items)


def settled(page) -> None:
    """Waits until nothing is on its way."""
    page.evaluate("async () => { while (rating.desk.busy) await fetch('/api/saved'); }")


def insist(page) -> None:
    """Lets the page's clock run, one retry after the other, until the server has all."""
    settled(page)
    for _ in range(20):
        if page.locator("[data-notice=waiting]").count() == 0:
            return
        page.clock.fast_forward(400_000)
        settled(page)
    raise AssertionError("it never came through")


def test_nothing_is_lost_or_doubled_when_the_server_fails(visit, desk):
    visit.refusals = {500, 429, 403, 409}
    page = visit(desk.address)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.reload()
    begun(page)
    desk.orders = ["500", "hang up", "429", "ok", "save, then hang up", "ok", "403"]
    at(page, 1)
    press(page, "2", "Enter")
    at(page, 2)
    notice = page.locator("[data-notice=waiting]")
    expect(notice).to_contain_text("Not saved yet: 1")
    expect(notice).to_contain_text("The server answered 500.")
    expect(page.locator("#status")).to_have_text("Not saved yet: 1")
    notice.get_by_role("button", name=WORDS["try_now"].en).click()
    expect(notice).to_contain_text("The server cannot be reached.")
    page.clock.fast_forward(400_000)
    expect(notice).to_contain_text("The server is busy.")
    expect(notice.get_by_role("button")).to_be_focused()
    page.locator("#heading").focus()
    rate_all(page, 2, 19)
    insist(page)
    at(page, 20)
    desk.orders = ["500"] * 3
    press(page, "1", "Enter")
    expect(page.locator("#end-said")).to_have_text(WORDS["end_waiting"].en)
    insist(page)
    expect(page.locator("#end-said")).to_have_text(WORDS["end_server"].en)
    assert desk.scores() == [1 + i % 5 for i in range(1, 21)]
    assert len(desk.writes) == len(set(desk.writes)) == 20


def test_a_page_that_answers_for_the_server_is_no_server(visit, desk):
    page = visit(desk.address)
    begun(page)
    desk.orders = ["portal"]
    at(page, 1)
    press(page, "2", "Enter")
    notice = page.locator("[data-notice=waiting]")
    expect(notice).to_contain_text("The server cannot be reached.")
    notice.get_by_role("button", name=WORDS["try_now"].en).click()
    expect(page.locator("#status")).to_have_text("Answer 1 is saved")


def test_what_was_not_saved_outlives_the_page(visit, desk):
    visit.refusals = {500}
    page = visit(desk.address)
    begun(page)
    desk.orders = ["500"] * 50
    rate_all(page, 1, 3)
    expect(page.locator("[data-notice=waiting]")).to_contain_text("Not saved yet: 3")
    clean(page)
    state = page.context.storage_state()
    page.context.close()
    assert desk.writes == []
    desk.orders = []
    page = visit(desk.address, storage_state=state)
    expect(page.locator("#so-far")).to_have_text("Questions answered so far: 3 of 20.")
    settled(page)
    assert desk.scores() == [2, 3, 4]


def test_an_answer_changed_while_the_first_save_was_lost_is_no_clash(visit, desk):
    visit.refusals = {500, 409}
    page = visit(desk.address)
    begun(page)
    desk.orders = ["save, then hang up", "500", "500"]
    at(page, 1)
    press(page, "2", "Enter")
    at(page, 2)
    expect(page.locator("[data-notice=waiting]")).to_be_visible()
    press(page, "b", "5", "Enter")
    at(page, 2)
    page.evaluate("rating.desk.retry()")
    settled(page)
    desk.orders = []
    page.evaluate("rating.desk.retry()")
    settled(page)
    expect(page.locator("[data-notice]")).to_have_count(0)
    assert desk.scores() == [5]
    assert desk.writes == [desk.form.items[0].id] * 2


def test_two_tabs_meet_at_the_server(visit, desk):
    visit.refusals = {409}
    one, two = visit(desk.address), visit(desk.address)  # two contexts: two devices
    for page in (one, two):
        begun(page)
        at(page, 1)
    press(one, "2", "Enter")
    expect(one.locator("#status")).to_have_text("Answer 1 is saved")
    press(two, "4", "Enter")
    at(two, 2)
    notice = two.locator("[data-notice^=clash]")
    expect(notice).to_contain_text("There: 2. Here: 4.")
    assert desk.scores() == [2]
    notice.get_by_role("button", name=WORDS["clash_mine"].en).click()
    expect(two.locator("#status")).to_have_text("Answer 1 is saved")
    assert desk.scores() == [4]
    assert desk.saved[desk.form.items[0].id]["revision"] == 2
    # Back in the first tab, what the other device saved is known.
    press(two, "3", "Enter")
    expect(two.locator("#status")).to_have_text("Answer 2 is saved")
    one.evaluate("dispatchEvent(new Event('focus'))")
    at(one, 3)
    press(one, "b", "1", "Enter")
    expect(one.locator("#status")).to_have_text("Answer 2 is saved")
    assert desk.scores() == [4, 1]


def test_a_reworded_rubric_closes_its_answers_and_no_others(visit, desk):
    visit.refusals = {410}
    page = visit(desk.address)
    begun(page)
    rate_all(page, 1, 3)
    at(page, 4)
    expect(page.locator("#status")).to_have_text("Answer 3 is saved")
    desk.closed = {"depth"}
    press(page, "5", "Enter")
    at(page, 15)
    expect(page.locator("[data-notice='closed:depth']")).to_contain_text("It was reworded.")
    expect(page.locator("[data-notice='closed:depth']")).to_contain_text("came too late: 1")
    expect(page.locator("#status")).to_be_empty()
    clean(page)
    rate_all(page, 15, 20)
    expect(page.locator("#end-said")).to_have_text(WORDS["end_stranded"].en.replace("{n}", "1"))
    expect(page.locator("#count")).to_have_text("9 of 9")
    expect(page.locator("#copy")).to_be_hidden()
    clean(page)
    assert len(desk.saved) == 9
    copy = Handed.model_validate_json(download(page, "#save-json")[1])
    assert len(copy.ratings) == 10


def test_what_is_closed_when_the_page_opens_is_said_and_passed_over(visit, desk):
    desk.form = make_form(practice=())
    lost = "e" * 32
    gone = Closure(
        about="to_be",
        title=Text(en="A task", ru="Задание"),
        said=Text(en="It has been taken out.", ru="Его убрали."),
        items=(lost,),
    )
    closed = (Closure.model_validate(desk.closure(desk.form.items[0].id)), gone)
    desk.form = desk.form.model_copy(update={"closed": (gone,)})
    before = desk.form.digest
    # Given before it was closed, and still in this browser's queue.
    page = visit(desk.address)
    begun(page)
    desk.orders = ["500"] * 9
    visit.refusals = {500}
    rate_all(page, 1, 1)
    expect(page.locator("[data-notice=waiting]")).to_be_visible()
    state = page.context.storage_state()
    page.context.close()
    desk.orders = []
    desk.form = desk.form.model_copy(update={"closed": closed})
    assert desk.form.digest == before, "what the browser keeps is found again"

    page = visit(desk.address, storage_state=state)
    notice = page.locator("[data-notice='closed:depth']")
    expect(notice).to_contain_text("It was reworded. Ratings that came too late: 1.")
    expect(page.locator("[data-notice='closed:to_be']")).to_contain_text("taken out")
    clean(page)
    begun(page)
    at(page, 15)
    rate_all(page, 15, 20)
    expect(page.locator("#end-said")).to_contain_text("all of it is saved but what came too late")
    assert len(desk.saved) == 6


def test_who_has_lost_their_link_is_told_to_open_it_again(visit, desk):
    visit.refusals = {403}
    page = visit(desk.address, locale="ru-RU")
    begun(page)
    at(page, 1)
    desk.orders = ["403"] * 50  # it tries again of itself
    press(page, "4", "Enter")
    notice = page.locator("[data-notice=waiting]")
    expect(notice).to_contain_text("Откройте свою ссылку ещё раз")
    expect(notice).not_to_contain_text("403")
    clean(page)
    # The browser holds another person's link by now: their ratings are none of this page.
    desk.saved["f" * 32] = {"id": "f" * 32, "score": 1, "revision": 1}
    with page.expect_response("**/api/saved"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#count")).to_have_text("1 из 20")
    expect(page.locator("#status")).to_have_text("Ещё не сохранено: 1")
    del desk.saved["f" * 32]
    desk.orders = []
    notice.get_by_role("button").click()
    expect(notice).to_have_count(0)
    assert desk.scores() == [4]


def test_questions_on_one_answer_are_counted_apart(visit, file):
    page = visit(file(practice=(), count=8, questions=4))
    expect(page.locator("#intro-length")).to_contain_text("Answers: 2, with 8 questions on them")
    items = make_form("file", practice=(), count=8, questions=4).items
    texts = {x.place: f"{x.task} {x.answer}" for x in reversed(items)}  # each read once
    read = sum(60 * len(x.split()) / 200 for x in texts.values())
    minutes = math.ceil((8 * 20 + read) / 60)
    expect(page.locator("#intro-length")).to_contain_text(f"about {minutes} min")
    begun(page)
    expect(page.locator("#heading")).to_have_text("Answer 1 of 2, question 1 of 4")
    rate = lambda index: (at(page, index, 4), press(page, "3", "Enter"))  # noqa: E731
    for index in range(1, 7):
        rate(index)
    at(page, 7, 4)
    expect(page.locator("#heading")).to_have_text("Answer 2 of 2, question 3 of 4")
    expect(page.locator("#status")).to_have_text("Answer 2, question 2 is saved in the browser")
    expect(page.locator("#count")).to_have_text("6 of 8")
    press(page, "b")
    expect(page.locator("#heading")).to_have_text("Answer 2, question 2 once more")
    page.get_by_role("radio", name="Русский").check()
    expect(page.locator("#heading")).to_have_text("Ещё раз ответ 2, вопрос 2")


def test_half_a_character_in_a_comment_is_no_fault(visit, desk):
    page = visit(desk.address)
    begun(page)
    at(page, 1)
    press(page, "3", "c")
    page.locator("#comment").evaluate("(node) => { node.value = 'a\\ud83d b'; }")
    press(page, "Control+Enter")
    expect(page.locator("#status")).to_have_text("Answer 1 is saved")
    (saved,) = desk.saved.values()
    assert saved["comment"] == "a\ufffd b"


def test_a_double_click_or_a_held_key_rates_one_answer(visit, desk):
    page = visit(desk.address)
    begun(page)
    at(page, 1)
    press(page, "3")
    page.locator("#go").dblclick()
    expect(page.locator("#heading")).to_have_text("Answer 2 of 20")
    expect(page.locator("#complaint")).to_be_empty()
    expect(page.locator("#status")).to_have_text("Answer 1 is saved")
    press(page, "4")
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    at(page, 3)
    expect(page.locator("#complaint")).to_be_empty()
    settled(page)
    assert desk.scores() == [3, 4]
    assert len(desk.writes) == 2


def test_the_last_ten_and_no_others_may_be_revised(visit, desk):
    page = visit(desk.address)
    begun(page)
    rate_all(page, 1, 13)
    at(page, 14)
    page.locator("#work .recent").click()
    rows = page.locator("#recent-list button")
    expect(rows).to_have_count(10)
    clean(page)
    expect(rows.last).to_contain_text("5 Depth Answer 4: A promise")
    rows.last.click()
    expect(page.locator("#heading")).to_have_text("Answer 4 once more")
    press(page, "1", "Enter")
    at(page, 14)
    expect(page.locator("#status")).to_have_text("Answer 4 is saved")
    assert desk.saved[desk.form.items[3].id]["score"] == 1
    assert desk.saved[desk.form.items[3].id]["revision"] == 2
