"""`pledgesim diagram`: pictures and models as asked for, what differs from another flow, and what bad input gets."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from drawn_flows import faults_of

from simulator.cli import group
from simulator.diagrams.ask import asked_diagram
from simulator.diagrams.bpmn import bpmn_text
from simulator.diagrams.bpmn_names import BIO_COLOUR, BPMN, BPMNDI
from simulator.diagrams.draw import diagram_of
from simulator.diagrams.layout import lay_out
from simulator.diagrams.model import Diagram
from simulator.diagrams.svg import description, svg_text
from simulator.scenario.load import from_data, load
from simulator.texts import letters, speaking

pytestmark = pytest.mark.whole

SVG = "{http://www.w3.org/2000/svg}"


def ask(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(group, ["diagram", *words])
    assert "Traceback" not in done.output and "fault of pledgesim" not in done.output, done.output
    return done.exit_code, done.stdout, done.stderr


def marks_of(diagram: Diagram) -> dict[str, tuple[str, ...]]:
    """Steps that differ, with their marks."""
    return {node.step: node.marks for node in diagram.nodes.values() if node.marks}


def texts_in(svg: str) -> list[str]:
    """Every text of a picture that can be seen, line by line."""
    texts = ET.fromstring(svg).iter(f"{SVG}text")
    return ["".join([element.text or "", *(inner.tail or "" for inner in element)]) for element in texts]


def test_the_flow_is_printed_as_svg_with_a_title_and_a_description_for_screen_readers() -> None:
    code, out, _ = ask("C8-F1")
    root = ET.fromstring(out)
    assert (code, root.tag, root.get("role"), root.get("lang")) == (0, f"{SVG}svg", "img", "en")
    title, description = root[0], root[1]
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "IP Fast-Easy Loan (C8-F1)"
    assert "Steps: recommendation (association, adviser, work 2 to 6 h, mostly 3, " in str(description.text)
    assert {"guarantee review", "declined", "reported 92%"} <= set(texts_in(out))


def test_the_language_is_the_one_asked_for() -> None:
    code, out, _ = ask("C8-F1", "--lang", "zh")
    assert code == 0
    assert ET.fromstring(out).get("lang") == "zh-CN"
    assert {"担保评审", "保审会", "被拒绝", "申请企业"} <= set(texts_in(out))


def test_a_file_is_written_and_its_ending_says_the_format(tmp_path: Path) -> None:
    for name, tag in (("flow.svg", f"{SVG}svg"), ("flow.bpmn", f"{{{BPMN}}}definitions")):
        code, out, told = ask("C8-F1", "--out", str(tmp_path / name))
        assert (code, out) == (0, "") and told.startswith("IP Fast-Easy Loan (C8-F1): ")
        assert ET.parse(tmp_path / name).getroot().tag == tag


def test_a_picture_refers_to_nothing_outside_itself_and_its_ids_begin_as_asked() -> None:
    scenario = load("C8-F1").scenario
    svg = svg_text(diagram_of(scenario, "guaranteed loan"), "first")
    ids = [element.get("id") for element in ET.fromstring(svg).iter() if element.get("id")]
    assert ids and all(str(each).startswith("first-") for each in ids)
    assert "href" not in svg and svg.count("http") == svg.count('xmlns="http://www.w3.org/2000/svg"')


def test_what_is_set_on_the_command_line_is_drawn() -> None:
    code, out, _ = ask("C8-F1", "--set", "stages.guarantee review.odds.declined=50%")
    assert code == 0 and "approved 50%" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["C8-F9"], "C8-F9: no such file or bundled scenario; did you mean 'C8-F1'?"),
        (["nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["C6-F3"], "C6-F3 has several products; choose with --product: direct loan, guaranteed loan"),
        (["C6-F3", "--product", "direct laon"], "C6-F3 has no product 'direct laon'; did you mean 'direct loan'?"),
        (["C8-F1", "--variant", "three review"], "no variant 'three review'; did you mean 'three reviews'?"),
        (["shanghai"], "shanghai is a base that others extend"),
        (["ten-cases"], "ten-cases is a comparison of several worlds"),
        (["C8-F1", "--format", "pgn"], "Invalid value for '--format': 'pgn' is not one of 'svg', 'bpmn'"),
        (["C8-F1", "--against", "thre reviews"], "C8-F1 has no variant 'thre reviews'; did you mean 'three reviews'?"),
        (["C8-F1", "--against", "C8-F00"], "C8-F00: no such file or bundled scenario; did you mean 'C8-F0'?"),
        (["C1-F2", "--against", "C6-F3"], "C6-F3 has several products and none is called 'royalty loan'"),
        (["C8-F1", "--out", f"{__file__}/flow.svg"], f"--out {__file__}/flow.svg: {__file__} is not a folder"),
        (["C8-F1", "--out", "flow.png"], "--out flow.png: name a file that ends in .svg or .bpmn"),
        (
            ["C8-F1", "--format", "bpmn", "--out", "flow.svg"],
            "--out flow.svg: name a file that ends in .bpmn, as --format bpmn has it",
        ),
    ],
)
def test_bad_input_gets_a_clear_line_and_2(words: list[str], told: str) -> None:
    code, out, error = ask(*words)
    assert (code, out) == (2, "") and told in error, error


def test_three_reviews_against_one_shows_the_two_that_are_dropped() -> None:
    diagram = asked_diagram("C8-F1", against="three reviews")
    assert marks_of(diagram) == {"first review": ("removed",), "second review": ("removed",)}
    assert diagram.subtitle == "Compared with three reviews: removed 2"
    dashed = [(route.source, route.target) for route in diagram.routes if route.removed]
    join = next(node.key for node in diagram.nodes.values() if node.kind == "join")
    first, second, review = "step first review", "step second review", "step guarantee review"
    assert dashed == [(join, first), (first, second), (second, review)]
    assert faults_of(lay_out(diagram)) == []


def test_the_other_way_round_they_are_added() -> None:
    diagram = asked_diagram("C8-F1", variant="three reviews", against="as stated")
    assert marks_of(diagram) == {"first review": ("added",), "second review": ("added",)}


def test_the_fast_loan_against_the_ordinary_project() -> None:
    diagram = asked_diagram("C8-F1", against="C8-F0")
    by_mark: dict[str, set[str]] = {}
    for step, marks in marks_of(diagram).items():
        by_mark.setdefault(" ".join(marks), set()).add(step)
    assert by_mark == {
        "added": {"recommendation", "valuation", "quick credit approval"},
        "removed": {
            "application", "completeness check", "expert valuation", "first review", "second review",
            "credit approval",
        },
    }  # fmt: skip
    assert diagram.lanes["appraiser"] == "appraiser"
    assert faults_of(lay_out(diagram)) == []


def test_a_step_that_runs_beside_another_has_moved_and_one_with_another_time_has_changed() -> None:
    moved = asked_diagram("C8-F1", variant="D-28, valuation beside the committee", against="as stated")
    assert marks_of(moved) == {"guarantee review": ("moved",), "valuation": ("moved",)}
    changed = asked_diagram("C10-F6", variant="without the park", against="as stated")
    assert marks_of(changed)["patent registration"] == ("changed",)
    facts = dict(changed.nodes["step patent registration"].facts)
    assert (facts["Done by"], facts["Before: Done by"]) == ("bank, operations", "park, officer")


def test_another_bank_in_the_same_part_is_no_other_step_in_any_language() -> None:
    marks = []
    for language in ("en", "zh"):
        with speaking(language):
            marks.append(marks_of(asked_diagram("C7-F2-online", against="C4-F1")))
    assert marks[0] == marks[1] and "changed" not in marks[0].get("drawdown", ())


def test_a_flow_against_itself_shows_no_difference() -> None:
    diagram = asked_diagram("C8-F1", against="as stated")
    assert marks_of(diagram) == {}
    assert diagram.subtitle == "Compared with as stated: the same steps, times and odds"


def test_marks_are_words_and_dashes_in_svg_and_colours_and_words_in_bpmn() -> None:
    diagram = asked_diagram("C8-F1", against="C8-F0")
    svg = svg_text(diagram)
    assert texts_in(svg).count("removed") == 6 + 1 and texts_in(svg).count("added") == 3 + 1
    assert svg.count('stroke-dasharray="6 4"') == 6 + 1
    root = ET.fromstring(bpmn_text(diagram))
    said = [element.text for element in root.iter(f"{{{BPMN}}}documentation")]
    assert sum(str(text).startswith("Compared: removed") for text in said) == 6
    coloured = [shape for shape in root.iter(f"{{{BPMNDI}}}BPMNShape") if shape.get(f"{{{BIO_COLOUR}}}stroke")]
    assert len(coloured) == 9
    flows = {flow.get("sourceRef") for flow in root.iter(f"{{{BPMN}}}sequenceFlow")}
    gone = {task.get("id") for task in root.iter(f"{{{BPMN}}}task") if "first review" in str(task.get("name"))}
    assert not gone & flows, "what was removed is no part of the flow any more"


def test_every_reference_in_bpmn_leads_somewhere() -> None:
    for name in ("C8-F1", "C1-F2", "C5-F1", "C10-F6", "C2-F6a"):
        root = ET.fromstring(bpmn_text(asked_diagram(name)))
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        for element in root.iter():
            for key in ("sourceRef", "targetRef", "attachedToRef", "processRef", "bpmnElement"):
                assert element.get(key, ids[0]) in ids
            if element.tag in (f"{{{BPMN}}}flowNodeRef", f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing"):
                assert element.text in ids


HOSTILE = ("<script>alert(1)<｜script>", "a \"quoted\" & 'named' ]]> step", "כלב של הבנק", "很" * 190, "x" * 190)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_do_no_harm(language: str) -> None:
    steps = [{name: {"stage": "credit approval", "by": f"bank {name}", "work": "1 h"}} for name in HOSTILE]
    world = from_data(
        {
            "id": "town",
            "name": "</title><script>alert(2)</script>\ufffe",
            "calendars": {"office": {"hours": "9:00-17:00"}},
            "parties": {
                "bank": {"name": {"en": "<b>", "zh": "<b>"}, "desks": {name: {"staff": 1} for name in HOSTILE}}
            },
            "applicants": {
                "arrivals": {"per_working_day": 1},
                "population": {"amount_requested": "1m CNY", "appraised_value": "2m CNY"},
            },
            "products": {
                "<／svg><script>": {
                    "name": {"en": "</title><script>alert(4)</script>\ufffe", "zh": "</desc><script>"},
                    "tenor": "12 months",
                    "lender": "bank",
                    "flow": [*steps, {"drawdown": {"elapsed": "1 day"}}],
                    "risk_sharing": {"split": {"bank": "100%"}},
                }
            },
            "credit": {
                "annual_default_rate": "1%",
                "claim_after": "30 days",
                "recovery": {"haircut": "80%", "cost": "5%", "time": "200 days"},
            },
            "run": {
                "start": "2021-01-04", "arrivals_for": "30 days", "follow_up": {"cases": "60 days", "loans": "3 years"},
                "replications": 3, "seed": 5, "drawn_within": "10 days",
            },
        }
    ).scenario  # fmt: skip
    with speaking(language):  # type: ignore[arg-type]
        diagram = diagram_of(world, next(iter(world.products)))
        svg, bpmn = svg_text(diagram), bpmn_text(diagram)
    assert faults_of(lay_out(diagram)) == []
    for text in (svg, bpmn):
        assert not list(ET.fromstring(text).iter(f"{SVG}script")) and "<script" not in text
    names = {task.get("name", "").partition("\n")[0] for task in ET.fromstring(bpmn).iter(f"{{{BPMN}}}task")}
    assert set(HOSTILE) <= names


def test_the_picture_of_the_page_is_the_programs_own() -> None:
    shown = Path(__file__).parent.parent / "docs" / "images" / "diagram.svg"
    drawn = ask("C8-F1", "--against", "three reviews")[1]
    assert shown.read_text(encoding="utf-8") == drawn.rstrip("\n"), "write it anew: docs/diagrams.md has the command"


@pytest.mark.parametrize("out", ["town.yaml", "other.txt", "base.yaml", "link.svg"])
def test_no_scenario_is_written_over(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("base.yaml", "other.txt"):
        Path(name).write_text("extends: pledgesim:C8-F1\nid: base\n", encoding="utf-8")
    Path("town.yaml").write_text("extends: base.yaml\nid: town\n", encoding="utf-8")
    Path("link.svg").symlink_to("town.yaml")
    before = Path(out).read_bytes()
    code, _, told = ask("town.yaml", "--against", "other.txt", "--out", out)
    assert (code, told) == (2, f"--out {out}: name a file that ends in .svg or .bpmn\n")
    assert Path(out).read_bytes() == before


def test_a_chinese_picture_in_a_file_brings_its_letters_along(monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, told = ask("C8-F1", "--lang", "zh")
    assert "<style" in out, out[:1500]
    style = ET.fromstring(out).findtext(f"{SVG}style")
    assert told == "" and str(style).startswith('@font-face{font-family:"Embedded Chinese";src:url(data:font/woff')
    assert "<style" not in ask("C8-F1")[1]
    with speaking("zh"):
        assert "<style" not in svg_text(asked_diagram("C8-F1"))
    monkeypatch.setattr(letters, "open_font", lambda: None)
    _, out, told = ask("C8-F1", "--lang", "zh")
    assert "<style" not in out and told.count("\n") == 1 and "pip install 'pledgesim[zh]'" in told


def test_what_differs_is_counted_in_the_language_spoken() -> None:
    assert asked_diagram("C8-F1", against="C8-F0").subtitle.endswith(": added 3, removed 6")
    with speaking("zh"):
        diagram = asked_diagram("C8-F1", against="C8-F0")
        assert diagram.subtitle.endswith("：新增3个环节、取消6个环节")
        assert "推荐（" in description(diagram) and "(" not in description(diagram)
