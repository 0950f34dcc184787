"""The report as its readers have it: in a browser, on a telephone, on paper, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.texts import LANGUAGES, Language
from tests.browser import Browser, browsing
from tests.report_pages import alone, hostile_designs, of_the_source, page_of, two_designs

pytestmark = pytest.mark.browser


TIP = "const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.textContent"
TAKE_COPY = """
window.copied = '';
document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


def opened(browser: Browser, folder: Path, made: Any, language: Language = "en", width: int = 1400) -> Browser:
    page = folder / "report.html"
    page.write_text(page_of(made, language), encoding="utf-8")
    browser.open(page, width)
    return browser


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", [alone, two_designs, hostile_designs])
def test_a_page_opens_without_a_word_or_a_request_and_stays_inside_its_width(
    browser: Browser, tmp_path: Path, made: Any, language: Language, width: int
):
    opened(browser, tmp_path, made, language, width)
    for section in ("answer", "losses", "reproduce"):
        browser.run(f"document.getElementById('{section}').scrollIntoView()")
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    browser.run("document.querySelectorAll('section').forEach(each => { each.style.contentVisibility = 'visible'; })")
    inner, outer = browser.run(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer == width
    assert browser.said == []
    assert [address for address in browser.asked_for if not address.endswith("report.html")] == []
    assert browser.run("return window.harmed") is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", [alone, two_designs])
def test_the_three_answers_stand_on_the_first_screen_before_the_contents(
    browser: Browser, tmp_path: Path, made: Any, language: Language
):
    place = "return document.querySelector(arguments[0]).getBoundingClientRect()[arguments[1]]"
    for width in (400, 1400):
        opened(browser, tmp_path, made, language, width)
        assert browser.run(place, ".short", "bottom") < browser.run(place, ".contents", "top")
    assert browser.run(place, ".short", "bottom") < 900


def test_a_table_is_sorted_by_keyboard_up_down_and_back(browser: Browser, tmp_path: Path):
    opened(browser, tmp_path, hostile_designs)
    browser.run("document.querySelector('#answer th.n button').focus()")
    rows = "[...document.querySelector('#answer table').tBodies[0].rows]"
    order = f"return {rows}.map(row => +row.cells[1].dataset.sort)"
    state = "return document.querySelector('#answer th.n').getAttribute('aria-sort')"
    before = browser.run(order)
    seen = []
    for _ in range(3):
        browser.press("\ue007")
        seen.append((browser.run(state), browser.run(order)))
    assert seen == [("ascending", sorted(before)), ("descending", sorted(before, reverse=True)), ("none", before)]


def test_a_table_is_copied_with_tabs_also_without_the_clipboard_interface(browser: Browser, tmp_path: Path):
    opened(browser, tmp_path, hostile_designs)
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    browser.run(TAKE_COPY)
    browser.run("document.querySelector('#answer button.copy').focus()")
    browser.press("\ue007")
    lines = browser.run("return new Promise(done => setTimeout(() => done(window.copied), 200))").split("\n")
    assert len({line.count("\t") for line in lines}) == 1 and len(lines) == 7
    assert lines[3].startswith("'=1+1\t")
    assert re.fullmatch(r"-?\d[\d.e-]*", lines[1].split("\t")[1])
    assert browser.run("return document.querySelector('#answer button.copy').textContent") == "Copied"


def test_a_picture_tells_what_the_pointer_and_the_arrow_keys_come_to(browser: Browser, tmp_path: Path):
    from selenium.webdriver.common.action_chains import ActionChains

    opened(browser, tmp_path, two_designs)
    browser.come_to("#answer svg.chart")
    assert browser.run(TIP) == ""
    browser.run("document.querySelector('#answer .copy').focus()")
    browser.run("document.querySelector('#answer svg.chart').focus({focusVisible: true, preventScroll: true})")
    first = browser.run(TIP)
    browser.press("\ue014")
    second = browser.run(TIP)
    assert first.startswith("0 days") and "Ninety-ten" in first and second != first
    browser.press("\ue00c")
    assert browser.run(TIP) == ""
    browser.come_to("#answer svg.chart")
    chart = browser.driver.find_element("css selector", "#answer svg.chart")
    ActionChains(browser.driver).move_to_element(chart).perform()
    assert "Ninety-ten" in browser.run(TIP)


def test_a_page_is_printed_on_a_sane_number_of_sheets(browser: Browser, tmp_path: Path):
    opened(browser, tmp_path, two_designs)
    printed = browser.printed()
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert printed.startswith(b"%PDF") and 4 <= sheets <= 16


def test_whoever_comes_by_keyboard_can_skip_the_contents(browser: Browser, tmp_path: Path):
    opened(browser, tmp_path, two_designs)
    browser.press("\ue004")
    assert browser.run("return document.activeElement.className") == "skip"
    browser.press("\ue007")
    assert browser.run("return document.activeElement.id") == "main"


def test_letters_stand_out_from_their_ground(browser: Browser, tmp_path: Path):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5 for text, 3 for large text."""
    opened(browser, tmp_path, two_designs)
    poor = browser.run(
        """
        const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
        const rgba = text => text.match(/[\\d.]+/g).map(Number);
        const ground = each => { for (; each; each = each.parentElement) {
            const found = rgba(getComputedStyle(each).backgroundColor);
            if (found.length < 4 || found[3] > 0) return found.slice(0, 3); } return [255, 255, 255]; };
        const texts = [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(
            n => n.nodeType === 3 && n.textContent.trim()) && !e.closest('script, style, svg, #tip'));
        return texts.map(e => { const style = getComputedStyle(e);
            const a = light(rgba(style.color).slice(0, 3)), b = light(ground(e));
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
            return [ratio >= (size >= 24 ? 3 : 4.5), e.textContent.slice(0, 30), ratio]; }).filter(each => !each[0]);
        """
    )
    assert [each for each in poor if len(each[1].strip()) > 1] == []


@pytest.mark.parametrize("width", [400, 1400])
def test_sentences_in_columns_stand_as_cards_on_a_telephone_and_side_by_side_on_a_desk(
    browser: Browser, tmp_path: Path, width: int
):
    opened(browser, tmp_path, of_the_source, width=width)
    browser.run("document.querySelectorAll('#published details').forEach(each => { each.open = true; })")
    browser.come_to("#published table.cards")
    tall, inside, labels = browser.run(
        """
        const rows = [...document.querySelectorAll('#published table.cards tbody tr')];
        const boxes = rows.flatMap(row => [...row.cells].map(cell => cell.getBoundingClientRect()));
        const room = document.documentElement.clientWidth;
        return [Math.max(...rows.map(row => row.cells[0].getBoundingClientRect().height / row.offsetHeight)),
                boxes.every(box => box.left >= 0 && box.right <= room + 1),
                getComputedStyle(rows[0].cells[1], '::before').content];
        """
    )
    assert inside
    assert (tall < 0.9) is (width == 400)
    assert ("scenario" in labels) is (width == 400)


def test_a_table_wider_than_its_place_says_that_it_scrolls(browser: Browser, tmp_path: Path):
    opened(browser, tmp_path, two_designs, width=400)
    browser.come_to("#answer .table-block")
    shown, wider = browser.run(
        """
        const block = document.querySelector('#answer .table-block'), place = block.querySelector('.scroll');
        return [getComputedStyle(block.querySelector('.hint')).display, place.scrollWidth > place.clientWidth];
        """
    )
    assert (shown == "block") is wider is True
