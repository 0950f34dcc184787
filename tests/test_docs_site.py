"""The documentation builds as a site without a warning, asks nothing of the network, and is searched from a folder."""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
ELSEWHERE = re.compile(r"(?:https?:)?//")
ADDRESS_IN_STYLE = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a warning would end it, and is told."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    folder = tmp_path_factory.mktemp("site")
    warned: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: warned.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        build(load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(folder)))
    except Abort:
        pytest.fail("\n".join(warned))
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)
    return folder


class Fetches(HTMLParser):
    """What a browser fetches to show a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        navigation = tag == "link" and told.get("rel") in ("next", "prev", "canonical")
        address = told.get(FETCHED.get(tag, ""))
        if address and not navigation:
            self.addresses.append(address)


def test_the_site_builds_without_a_warning_and_has_a_page_for_each_of_the_folder(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    pages = {page.with_name("index.html") if page.stem == "README" else page for page in pages}
    built = {path.relative_to(site) for path in site.rglob("*.html")} - {Path("404.html")}
    assert built == pages | {Path("changelog.html"), Path("contributing.html")}


def test_every_page_stands_in_the_navigation(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    listed = set(re.findall(r'<a href="([^"#]+\.html)"[^>]*class="md-nav__link', home))
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert listed == built


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    found = [
        f"{page.name}: {address}"
        for page in site.rglob("*.html")
        for address in Fetches(page.read_text(encoding="utf-8")).addresses
        if ELSEWHERE.match(address)
    ]
    styles = [path.name for path in site.rglob("*.css") if ADDRESS_IN_STYLE.search(path.read_text(encoding="utf-8"))]
    assert found + styles == []


def test_what_is_no_page_stays_out_of_the_site(site: Path) -> None:
    assert not list(site.rglob("*.py"))
    assert {path.name for path in (site / "examples").iterdir()} == {
        *(path.name for path in (DOCS / "examples").iterdir() if path.suffix != ".md"), "index.html"
    }  # fmt: skip


def test_a_page_that_fetches_from_elsewhere_is_found() -> None:
    text = '<a href="https://a.example"><img src="//b.example/x.png"><script src="https://c.example"></script>'
    assert [address for address in Fetches(text).addresses if ELSEWHERE.match(address)] == [
        "//b.example/x.png", "https://c.example"
    ]  # fmt: skip
    assert ADDRESS_IN_STYLE.search("p { background: url('https://d.example/x.png') }")


def test_a_link_to_a_file_that_the_site_lacks_becomes_the_name_of_that_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    within_the_site = import_module("site_pages").within_the_site
    assert within_the_site("[six](../notebooks), [new](../CHANGELOG.md#010), [in](results.md)", "python.md") == (
        "six (`notebooks` in the repository), [new](changelog.md#010), [in](results.md)"
    )
    assert within_the_site("[up](../results.md), [out](../../README.md)", "examples/README.md") == (
        "[up](../results.md), out (`README.md` in the repository)"
    )


def test_a_docstring_shows_its_examples_as_code_and_its_parameters_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    as_markdown = import_module("docstrings").as_markdown
    told = "Share a loss.\n\nleft         what funds have\n             left\nlost_on, on  its days\n\n>>> share(1)\n1"
    assert as_markdown(told) == (
        "Share a loss.\n\n| name | meaning |\n|---|---|\n| `left` | what funds have left |\n"
        "| `lost_on`, `on` | its days |\n\n```pycon\n>>> share(1)\n1\n```"
    )


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[object]:
    """Chromium without a window, which keeps what it asks for and what it complains about."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    quietly = "disable-quic no-first-run disable-background-networking disable-component-update disable-sync"
    for word in (f"headless no-sandbox disable-gpu {quietly} window-size=1400,1000 user-data-dir={tmp_path}").split():
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.mark.browser
@pytest.mark.parametrize(("word", "page"), [("turnaround", "results.html"), ("放款", "glossary.html")])
def test_the_search_of_a_page_opened_from_a_folder_finds_words_of_both_languages(
    site: Path, browser: object, word: str, page: str
) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.remote.webdriver import WebDriver

    assert isinstance(browser, WebDriver)
    browser.get((site / "index.html").as_uri())
    field = browser.find_element(By.CSS_SELECTOR, "[data-md-component=search-query]")
    field.click()
    field.send_keys(word)
    found: list[str] = []
    for _ in range(100):
        links = browser.find_elements(By.CLASS_NAME, "md-search-result__link")
        found = [each.get_attribute("href") or "" for each in links]
        if found:
            break
        time.sleep(0.1)
    assert any(f"/{page}" in address for address in found), found
    assert browser.get_log("browser") == []
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [each["params"]["request"]["url"] for each in asked if each["method"] == "Network.requestWillBeSent"]
    assert [address for address in addresses if address.startswith("http")] == []
