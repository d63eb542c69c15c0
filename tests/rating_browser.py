"""A browser in which tests rate, and what a rater does there."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
expect = playwright.expect

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
REFUSED = re.compile(r"Failed to load resource")
"""What the browser itself writes of a status of 400 or more, or of a hang-up: see `Visit`."""


def executable() -> str:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    return found


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable(), args=_FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """Opens pages; `refusals` are the statuses from 400 on that a test means to meet."""

    def __init__(self, open_: Callable) -> None:
        self.refusals: set[int] = set()
        self._open = open_

    def __call__(self, *given, **more):
        return self._open(*given, **more)


@pytest.fixture
def visit(browser) -> Iterator[Visit]:
    """Opens a page in a new context; at the end nothing complained and nothing else was asked."""
    complaints, fetched, contexts, refused = [], [], [], []

    def open_(address: str, locale: str = "en-GB", context=None, profile=None, **more):
        if context is None:
            base = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
            wanted = {"locale": locale} | base | more
            # What a page from disk keeps can only be seen to last in a profile that lasts.
            context = (
                browser.browser_type.launch_persistent_context(
                    profile, executable_path=executable(), args=_FLAGS, **wanted
                )
                if profile
                else browser.new_context(**wanted)
            )
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("request", lambda request: fetched.append(request.url))
        page.on("response", lambda found: refused.append((found.status, found.url)))
        page.goto(address)
        expect(page.locator("main h1:visible")).to_be_focused()
        return page

    made = Visit(open_)
    yield made
    for context in contexts:
        context.close()
    assert [x for x in complaints if not REFUSED.search(x)] == []
    assert [x for x in refused if x[0] >= 400 and x[0] not in made.refusals] == []
    places = ("file:", "data:", "blob:", "http://127.0.0.1:")
    assert [url for url in fetched if not url.startswith(places)] == []


def at(page, index: int, questions: int = 1) -> None:
    """Waits until the question with this number is shown and its heading has the focus.

    Each answer has so many questions, and all are counted through.
    """
    heading = page.locator("#heading")
    answer, question = divmod(index - 1, questions)
    said = rf"^(Answer|Ответ) {answer + 1} (of|из) \d+"
    said += rf", (question|вопрос) {question + 1} (of|из) {questions}$" if questions > 1 else "$"
    expect(heading).to_have_text(re.compile(said))
    expect(heading).to_be_focused()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def clean(page) -> None:
    found = axe.Axe().run(page).response["violations"]
    assert [(x["id"], [n["html"][:120] for n in x["nodes"]]) for x in found] == []


def download(page, button: str) -> tuple[str, str]:
    with page.expect_download() as waited:
        page.locator(button).click()
    return waited.value.suggested_filename, waited.value.path().read_text("utf-8")


def rate_all(page, first: int, last: int) -> None:
    for index in range(first, last + 1):
        at(page, index)
        press(page, str(1 + index % 5), "Enter")


def begun(page) -> None:
    """Past the first screen, where nothing is asked and there is no practice."""
    page.locator("#begin").click()
