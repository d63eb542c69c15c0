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
"""What the browser itself writes of a status of 400 or more, or of a hang-up."""


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


@pytest.fixture
def visit(browser) -> Iterator[Callable]:
    """Opens a page in a new context; at the end nothing complained and nothing else was asked."""
    complaints, fetched, contexts = [], [], []

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
        page.goto(address)
        expect(page.locator("main h1:visible")).to_be_focused()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [x for x in complaints if not REFUSED.search(x)] == []
    places = ("file:", "data:", "blob:", "http://127.0.0.1:")
    assert [url for url in fetched if not url.startswith(places)] == []


def at(page, index: int) -> None:
    """Waits until the answer with this number is shown and its heading has the focus."""
    heading = page.locator("#heading")
    expect(heading).to_have_text(re.compile(rf"^(Answer|Ответ) {index} (of|из) "))
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
