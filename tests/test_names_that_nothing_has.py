"""Paths of variants and of evidence lead somewhere; what a file inherits or writes out may do more."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.load import from_data, load, open_scenario

SOUND = Path(__file__).parent / "broken" / "base" / "sound.yaml"


def written(folder: Path, text: str) -> Path:
    (folder / "sound.yaml").write_text(SOUND.read_text(encoding="utf-8"), encoding="utf-8")
    file = folder / "mine.yaml"
    file.write_text("extends: sound.yaml\n" + text, encoding="utf-8")
    return file


def refusal(path: Path, sets: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        open_scenario(path, sets).all_variants()
    return [problem.found for problem in caught.value.problems]


@pytest.mark.parametrize("path", ["quotas.pilott.limit=20m CNY", "parties.guarantor.desks.analist.staff=2"])
def test_a_variant_is_told_of_a_misspelt_path_as_the_command_line_is(tmp_path: Path, path: str) -> None:
    key, value = path.split("=")
    assert refusal(written(tmp_path, f"variants: {{other: {{{key}: {value}}}}}\n")) == refusal(SOUND, (path,))


def test_a_path_may_end_in_something_new_and_a_mapping_may_bring_whole_parts(tmp_path: Path) -> None:
    text = """\
variants:
  wider:
    quotas: {spare: {limit: 10m CNY}}
    flow.credit approval.reserves: spare
    amount.of.annual_sales: 20%
    quotas.pilot: null
    quotas.programme: null
  dearer:
    products.loan.servicing: []
    recovery.haircut: 10%
"""
    file = written(tmp_path, text)
    wider = open_scenario(file).variant("wider").scenario
    assert list(wider.quotas) == ["spare"] and "annual_sales" in wider.products["loan"].amount.of
    assert open_scenario(file).variant("dearer").scenario.products["loan"].recovery is not None


def test_evidence_of_a_base_may_speak_of_what_an_extending_file_takes_out(tmp_path: Path) -> None:
    middle = written(tmp_path, "evidence: {quotas.pilot.limit: {setting: Ours}}\n")
    assert "quotas.pilot.limit" in load(middle).scenario.evidence
    last = tmp_path / "last.yaml"
    last.write_text(
        "extends: mine.yaml\nproducts: {loan: {flow: {credit approval: {reserves: programme}}}}\n"
        "quotas: {pilot: null}\n",
        encoding="utf-8",
    )
    assert "quotas.pilot.limit" in load(last).scenario.evidence


def test_evidence_above_the_variants_may_be_meant_for_one_of_them(tmp_path: Path) -> None:
    text = "evidence: {quotas.spare.limit: {setting: Ours}}\n"
    assert refusal(written(tmp_path, text)) == ["evidence of 'quotas.spare.limit', but there is no 'spare' in 'quotas'"]
    change = "{quotas: {spare: {limit: 90m CNY}, programme: {inside: spare}}}"
    open_scenario(written(tmp_path, f"{text}variants: {{more: {change}}}\n")).all_variants()


def test_evidence_names_steps_at_any_depth_and_parts_without_numbers(tmp_path: Path) -> None:
    of_flow = ("rating", "second review", "together.valuation")
    others = ("products.loan.order", "parties.*.desks", "applicants.correlations.rho", "applicants.correlations.*.rho")
    paths = [*(f"products.loan.flow.{step}" for step in of_flow), *others]
    entries = ", ".join(f"{path}: {{setting: Ours}}" for path in paths)
    load(written(tmp_path, f"evidence: {{{entries}}}\n"))


def test_a_change_on_the_command_line_leaves_no_evidence_without_its_part(tmp_path: Path) -> None:
    file = written(tmp_path, "evidence: {applicants.patience: {setting: Ours}}\n")
    assert load(file, sets=("applicants.patience=null",)).scenario.applicants is not None


@pytest.mark.parametrize("unit", ["[2, 10 h]", "[1 day, 3 days]", "[30 min, 3 working days]"])
def test_a_range_of_a_time_is_of_any_times(tmp_path: Path, unit: str) -> None:
    text = f"evidence: {{stages.valuation.work: {{assumed: Ours, range: {unit}}}}}\n"
    assert not [found for found in _told(written(tmp_path, text)) if "its range is" in found]


def test_a_range_need_not_have_the_unit_of_numbers_of_several_kinds(tmp_path: Path) -> None:
    text = "evidence: {parties.guarantor.desks.committee: {assumed: Ours, range: [2, 10]}}\n"
    assert _told(written(tmp_path, text)) == []


def _told(path: Path) -> list[str]:
    try:
        load(path)
    except ScenarioError as error:
        return [problem.found for problem in error.problems]
    return []


def test_a_quota_is_used_where_one_inside_it_is_reserved(tmp_path: Path) -> None:
    assert list(load(SOUND).scenario.quotas) == ["programme", "pilot"]
    text = "quotas: {country: {limit: 1bn CNY}, programme: {inside: country}}\n"
    assert "country" in load(written(tmp_path, text)).scenario.quotas
    plain = load(SOUND).plain
    del plain["quotas"]["pilot"]["inside"]
    with pytest.raises(ScenarioError, match="quota 'programme' bounds nothing"):
        from_data(plain)


def test_a_firm_of_an_example_passes_where_its_rule_has_exceptions(tmp_path: Path) -> None:
    firm = "examples: {small: {name: Small, source: x, applies: 2021-02-10, firm: {annual_sales: 1m CNY}}}\n"
    assert "known to have been served" in refusal(written(tmp_path, firm))[0]
    waived = "products: {loan: {eligibility: {annual_sales: {exceptions: 5%}}}}\n"
    assert "small" in load(written(tmp_path, firm + waived)).scenario.examples
