"""The owner's page as it is read: numbers, states, a phone, and what stays open."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rating_browser import PHONE, browser, clean, expect

from judges.rubric import Text
from judges.verdict import Language
from pipeline.pages import owner
from pipeline.pages.owner import Agreed, Figures, Progress, Sheet, Split
from pipeline.stats.planning import Needed, for_alpha
from pipeline.stats.thresholds import Target

LONG = "В портовом городке Оскеле в туманный колокол когда-то звонили вручную. " * 3


def agreed(rubric: str = "depth", **more: Any) -> Agreed:
    base: dict[str, Any] = {
        "rubric": rubric,
        "title": Text(en=rubric.title(), ru={"depth": "Глубина"}.get(rubric, "Онтология")),
        "alpha": 0.61,
        "low": -0.14,
        "high": 0.93,
        "answers": 16,
        "needed": Needed(20, None),
        "there": 32,
        "left": (("anna", 13), ("Борис", 2)),
        "stale": 0,
        "shut": 0,
        "narrow": False,
        "note": None,
    }
    return Agreed(**base | more)


def split(task: str = LONG) -> Split:
    return Split("depth", "ru", task, "Ответ & <b>", (2, 4, 5))


def figures(*rubrics: Agreed, done: int = 7, splits: tuple[Split, ...] = ()) -> Figures:
    people = (
        Progress("anna", "writer", done, 20, 0, 31.4, 1, 2),
        Progress("Борис Длиннофамильный-Заречный", None, 0, 20, 0, None, 0, 0),
    )
    return Figures(people, 3, rubrics or (agreed(),), splits or (split(),), Target(), True)


def made(found: Figures, language: Language = "ru") -> str:
    title = Text(en="Night readings", ru="Ночные чтения")
    sheet = Sheet(title, (("2026-01-01T00:00:00", 3),), language, "c" * 64)
    return owner.render(sheet, found)


@pytest.fixture
def shown(browser) -> Iterator[Callable]:
    """Opens what `answer` gives for a page; None = nobody listens."""
    contexts = []

    def open_(answer: Callable[[], str | None], **more: Any):
        context = browser.new_context(**more)
        contexts.append(context)

        def fulfil(route: Any) -> None:
            html = answer()
            if html is None:
                route.abort()
            else:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")

        context.route("**/*", fulfil)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.clock.install()
        page.goto("http://127.0.0.1:9/owner")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_numbers_are_written_as_each_language_writes_them() -> None:
    russian, english = made(figures()), made(figures(), "en")
    for said in ("0,61", "от −0,14 до 0,93", "±0,10", "1 из 2", "интервал 95\u00a0%"):
        assert said in russian
    for said in ("0.61", "−0.14 to 0.93", "±0.10", "1 of 2"):
        assert said in english
    for html in (russian, english):
        body = html.split("<body>")[1]
        assert "-0." not in body
        assert "50%" not in body, "a share of two says less than the two"
    assert "0.61" not in russian


@pytest.mark.parametrize(
    ("more", "said", "unsaid"),
    [
        ({}, '<strong class="interim">предварительно</strong>: ещё не поставлено', "цель дост"),
        ({}, "оценок: 15 (anna: 13, Борис: 2)", "Раздайте"),
        ({"narrow": True}, "нужная точность уже есть, но итогом она станет, только", "цель дост"),
        ({"narrow": True, "left": ()}, "цель достигнута", "предварительно"),
        ({"left": ()}, "нужной точности пока нет. Раздайте ещё", "цель достигнута"),
        ({"left": (), "answers": 32}, "Позовите ещё людей или добавьте", "Раздайте ещё"),
        ({"stale": 4}, "Оценок по прежней редакции, которые здесь не в счёт: 4.", "Закрыто"),
        ({"stale": 4, "left": ()}, "оценивать больше нечего", "всё розданное оценено"),
        ({"stale": 4, "answers": 0, "note": "no human rater"}, "не в счёт: 4.", "людей среди"),
        ({"shut": 3}, "Закрыто неоценённых: 3.", "редакции"),
        ({"needed": Needed(454, None)}, '454 <span class="quiet">(всего в исследовании 32)', "≈"),
        ({"needed": for_alpha(0, 0.0, 0.1)}, '≈\u00a0150 <span class="quiet">прикидка', "редакции"),
        ({"needed": for_alpha(8, 0.0, 0.9), "answers": 8}, 'data-label="нужно ответов">–<', "≈"),
    ],
)
def test_the_state_of_a_rubric_is_said(more: dict[str, Any], said: str, unsaid: str) -> None:
    html = made(figures(agreed(**more))).replace("\n", "")
    assert said in html
    assert unsaid not in html


def test_sums_that_differ_by_hidden_repeats_say_so_and_people_are_what_they_chose() -> None:
    russian, english = made(figures()), made(figures(), "en")
    assert "Из них скрытых повторов: 3." in russian
    assert "Hidden repeats among these: 3." in english
    assert "скрытых" not in made(figures()._replace(repeats=0))
    assert "пишет или редактирует" in russian
    assert "знаток" not in russian


def test_the_opening_of_a_task_is_cut_between_words_and_says_so() -> None:
    html = made(figures())
    opening = html.split('<summary lang="ru">')[1].split("</summary>")[0]
    assert opening.endswith("…")
    assert LONG.startswith(opening.removesuffix("…") + " ")
    short = made(figures(splits=(split("Коротко."),)))
    assert '<summary lang="ru">Коротко.</summary>' in short


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_is_in_view_on_a_phone(
    shown: Callable, width: int, language: Language, scheme: str
) -> None:
    found = figures(
        agreed(needed=Needed(1454, None), stale=4, shut=3),
        agreed("ontological_branching", narrow=True, note="no answer has two ratings"),
    )
    size = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    page = shown(lambda: made(found, language), **PHONE | size)
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for one in page.locator(".state, .fact, .count, .class, .forget a, .text, h1, h2").all():
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    clean(page)


def test_the_page_reads_itself_anew_and_shuts_nothing_that_is_read(shown: Callable) -> None:
    answers: list[str | None] = [made(figures(splits=(split(), split("Другое задание."))))]
    page = shown(lambda: answers[-1])
    clean(page)
    page.locator("summary").nth(1).click()
    page.locator(".forget a").first.focus()
    answers.append(made(figures(agreed(alpha=0.77), done=8, splits=(split("Новое задание."),))))
    page.clock.run_for(15_000)
    expect(page.locator(".count").first).to_have_text("8 / 20")
    expect(page.locator("#agree + p + table")).to_contain_text("0,77")
    expect(page.locator(".forget a").first).to_be_focused()
    expect(page.locator("details").nth(1)).to_have_attribute("open", "")
    expect(page.locator("details").nth(1)).to_contain_text("Другое задание.")
    page.locator("summary").nth(1).click()
    page.clock.run_for(15_000)
    expect(page.locator("summary")).to_have_text(["Новое задание."])
    answers.append(None)
    page.clock.run_for(15_000)
    expect(page.locator("#unread")).to_have_text("Сервер не отвечает: эти цифры уже не свежие.")
    clean(page)
    answers.append(answers[0])
    page.clock.run_for(15_000)
    expect(page.locator("#unread")).to_be_empty()
    expect(page.locator(".count").first).to_have_text("7 / 20")


def test_what_is_said_of_a_person_is_not_read_as_part_of_their_name(shown: Callable) -> None:
    vera = Progress("vera", "crowd", 12, 30, 2, 12.0, 1, 1, in_file=True, missed=(1, 2))
    found = figures()._replace(progress=(vera,))
    page = shown(lambda: made(found, "ru"), **PHONE)
    for said in page.locator("tbody th .quiet, tbody th strong").all():
        assert said.evaluate("x => getComputedStyle(x).fontWeight") == "400"
    assert page.locator("tbody th strong").inner_text() == "проверок внимания не пройдено: 1 из 2"
    clean(page)
