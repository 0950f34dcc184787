"""BPMN files of all bundled flows: valid by the schemas, and opened by bpmn-js in Chromium without a warning.

bpmn-js comes from npm, into a folder outside the repository that later runs find again. With it come the schemas.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bundled import PRODUCTS, worlds_in
from lxml import etree

from simulator.diagrams.ask import asked_diagram
from simulator.diagrams.bpmn import bpmn_name, bpmn_text
from simulator.diagrams.draw import diagram_of
from simulator.diagrams.model import Diagram
from simulator.texts import speaking

pytestmark = pytest.mark.browser
BPMN_JS = "18.31.1"
CACHE = Path(tempfile.gettempdir()) / f"pledgesim-bpmn-js-{BPMN_JS}"
SCHEMA = "bpmn-moddle/resources/bpmn/xsd/BPMN20.xsd"
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def program(*names: str) -> str:
    """The first of these programs that is installed; the test fails with a sentence without one."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(f"these tests need {' or '.join(names)}, which is not installed")
    return found


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder that npm has put bpmn-js into."""
    if not (CACHE / "node_modules" / "bpmn-js").is_dir():
        npm = program("npm")
        wanted = [npm, "install", "--no-save", "--ignore-scripts", "--prefix", str(CACHE), f"bpmn-js@{BPMN_JS}"]
        done = subprocess.run(wanted, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"npm could not install bpmn-js {BPMN_JS}: {done.stderr.strip()[-500:]}")
    return CACHE / "node_modules"


@pytest.fixture(scope="module")
def viewer(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page with an empty viewer of bpmn-js."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for argument in (*CHROMIUM, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    page = tmp_path_factory.mktemp("page") / "viewer.html"
    script = (modules / "bpmn-js/dist/bpmn-viewer.production.min.js").as_uri()
    page.write_text(f'<!doctype html><meta charset="utf-8"><div id="canvas"></div><script src="{script}"></script>')
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(program("chromedriver")))
    try:
        driver.get(page.as_uri())
        yield driver
    finally:
        driver.quit()


OPEN = """
const done = arguments[1];
const viewer = new BpmnJS({container: '#canvas', height: 1200});
viewer.importXML(arguments[0]).then(({warnings}) => {
  const told = type => viewer.get('elementRegistry').filter(e => e.type === type && !e.labelTarget)
    .map(e => e.businessObject.name || '');
  const answer = {
    warnings: warnings.map(w => w.message),
    tasks: told('bpmn:Task'),
    lanes: told('bpmn:Lane'),
    flows: told('bpmn:SequenceFlow').length,
  };
  viewer.destroy();
  done(JSON.stringify(answer));
}, error => done(JSON.stringify({warnings: [error.message]})));
"""


def opened(viewer: Any, diagram: Diagram) -> None:
    """Open a diagram; it must bring no warning, and hold what was drawn."""
    answer = json.loads(viewer.execute_async_script(OPEN, bpmn_text(diagram)))
    assert answer["warnings"] == []
    assert sorted(answer["tasks"]) == sorted(bpmn_name(node) for node in diagram.nodes.values() if node.kind == "task")
    assert sorted(answer["lanes"]) == sorted(diagram.lanes.values())
    drawn = sum(not route.removed for route in diagram.routes) + len(diagram.interruptions)
    assert answer["flows"] == drawn
    assert [entry for entry in viewer.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_bundled_flow_opens_in_bpmn_js_without_a_warning(viewer: Any, name: str) -> None:
    for world in worlds_in(name):
        for key in world.scenario.products:
            for language in ("en", "zh"):
                with speaking(language):  # type: ignore[arg-type]
                    opened(viewer, diagram_of(world.scenario, key, world.variant))


def test_a_comparison_opens_too(viewer: Any) -> None:
    opened(viewer, asked_diagram("C8-F1", against="C8-F0"))
    opened(viewer, asked_diagram("C10-F6", variant="without the park", against="as stated"))


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_bundled_flow_is_valid_by_the_schemas_of_bpmn(modules: Path, name: str) -> None:
    schema = etree.XMLSchema(etree.parse(str(modules / SCHEMA)))
    for world in worlds_in(name):
        for key in world.scenario.products:
            text = bpmn_text(diagram_of(world.scenario, key, world.variant))
            assert schema.validate(etree.fromstring(text.encode())), schema.error_log


def test_a_comparison_is_valid_by_the_schemas_of_bpmn(modules: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(modules / SCHEMA)))
    text = bpmn_text(asked_diagram("C8-F1", against="C8-F0"))
    assert schema.validate(etree.fromstring(text.encode())), schema.error_log
