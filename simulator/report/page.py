"""The page: its sections put together, with style, script and letters inside, so that it needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

from simulator import __version__
from simulator.charts.palette import WORLD_COLOURS, ink_on
from simulator.export.folder import MANIFEST, SUMMARY
from simulator.report.blocks import Section
from simulator.report.designs import designs_of
from simulator.report.differences import Differences
from simulator.report.figures import Figures
from simulator.report.results import Results
from simulator.report.sections import (
    answer,
    assumptions,
    compared,
    days,
    desks,
    funnel,
    losses,
    published,
    reproduce,
)
from simulator.report.sections.answer_short import in_short
from simulator.report.story import Story
from simulator.report.svg import Fills
from simulator.report.words import clean, filled, name
from simulator.scenario.spoken_quantities import span_said
from simulator.texts import language, phrase, say
from simulator.texts.letters import FAMILY, embedded, has_chinese

SECTIONS: tuple[Callable[[Story], Section], ...] = (
    compared.section,
    answer.section,
    days.section,
    funnel.section,
    desks.section,
    losses.section,
    published.section,
    assumptions.section,
    reproduce.section,
)
TEMPLATES = Path(__file__).parent / "templates"
LATIN = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif'
CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC"'
"""Families that readers may have; the letters inside the page go before them."""
NO_FONT = phrase(
    "report: no open Chinese font was found to put into the page, so it relies on the fonts of its readers; install "
    "one with: pip install 'pledgesim[zh]'"
)


def report_page(results: Results, warn: Callable[[str], None] = lambda line: None) -> str:
    """The whole page in the language spoken; `warn` is told, in a line each, what a reader will miss."""
    designs = designs_of(results)
    story = Story(results, Figures(results.summary), designs, Fills(), Differences(results, designs))
    sections = [section(story) for section in SECTIONS]
    warnings = _warnings(story)
    for warning in warnings:
        warn(f"report: {warning}")
    return _written(story, sections, warnings, warn)


def _warnings(story: Story) -> list[str]:
    """What has to be known before anything else is read."""
    found = []
    if story.results.changed:
        found.append(
            say(
                "{file} was changed after the run was written: figures on this page may not be those that were "
                "simulated.",
                file=SUMMARY,
            )
        )
    found += [
        say(
            "The scenario of {design} was changed in {file} after the run: its assumptions on this page are not those "
            "that were simulated.",
            design=world.said, file=MANIFEST,
        )
        for world in story.results.worlds
        if world.changed
    ]  # fmt: skip
    if not story.results.complete:
        found.append(
            say(
                "The run was interrupted: these are the {count} replications finished until then, fewer than were "
                "asked for.",
                count=f"{story.results.replications:,}",
            )
        )
    if story.results.manifest.get("written") == "in part":
        found.append(say("The folder was written only in part: its tables may be missing."))
    if story.results.replications < 2:
        found.append(say("One replication has no interval: nothing here tells chance from design."))
    if any(entry.get("projected_calendar") for entry in story.results.summary["results"]):
        found.append(say("Working days past the last published year are projected from statutory holidays."))
    return found


def _setting(story: Story) -> Markup:
    """Period of arrivals, replications, and the program."""
    run = story.designs[0].scenario.run
    assert run is not None
    text = say("Applications of {period} from {start} · {count} replications · 95% intervals · pledgesim {version}")
    return filled(
        text,
        period=span_said(run.arrivals_for),
        start=run.start,
        count=f"{story.results.replications:,}",
        version=__version__,
    )


def _written(story: Story, sections: list[Section], warnings: list[str], warn: Callable[[str], None]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    heading = clean(story.results.text("name")) or say(" against ").join(
        clean(design.said) for design in story.designs[:3]
    )
    values = {
        "language": "zh-Hans" if language() == "zh" else "en",
        "title": say("{name} · report", name=heading),
        "kicker": say("Simulation report · IP pledge financing"),
        "heading": name(heading),
        "question": name(story.results.text("question")) if story.results.text("question") else "",
        "setting": _setting(story),
        "warnings": warnings,
        "short_title": say("In short"),
        "short": in_short(story),
        "short_more": say("Intervals and figures: {section}", section=say(answer.TITLE)),
        "sections": sections,
        "contents": say("Contents"),
        "skip": say("Skip to the report"),
        "copy_words": say("Copy table"),
        "copied": say("Copied"),
        "not_copied": say("Could not be copied"),
        "made_by": f"pledgesim {__version__}",
        "footer": say(
            "Made by pledgesim from the results of a run, without simulating anything again. It tells what follows "
            "from "
            "the assumptions listed in it; it is no forecast and no offer."
        ),
        "definitions": story.fills.definitions(),
        "script": Markup(script),
        "script_hash": _hash(script),
    }
    template = environment.get_template("page.html.j2")
    without_style = template.render(values, style="", style_hash="")
    style = _style(without_style, warn)
    return template.render(values, style=Markup(style), style_hash=_hash(style))


def _style(page: str, warn: Callable[[str], None]) -> str:
    """The style sheet with the colours of designs and, where the page has Chinese letters, the letters themselves."""
    letters = ""
    if has_chinese(page):
        found = embedded(page)
        if found is None:
            warn(say(NO_FONT))
        letters = found or ""
    own = f'"{FAMILY}"'
    first = (
        [own, CHINESE, LATIN]
        if language() == "zh"
        else [LATIN.removesuffix(", sans-serif"), own, CHINESE, "sans-serif"]
    )
    sheets = ((TEMPLATES / each).read_text(encoding="utf-8") for each in ("page.css", "short.css"))
    sheet = "".join(sheets).replace("FONT_FAMILIES", ", ".join(first))
    tags = "".join(
        f".c{place}{{background:{colour};color:{ink_on(colour)}}}\n" for place, colour in enumerate(WORLD_COLOURS)
    )
    return letters + sheet + tags


def _hash(text: str) -> str:
    """The name by which the page allows its own style or script, and nothing else (Content Security Policy Level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
