"""An agreement comes from a file of its own or from a product of a scenario, with everything that is wrong told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from simulator.errors import PledgesimError
from simulator.scenario.agreement_file import has_own_agreement, open_agreement
from simulator.scenario.load import load

ROOT = Path(__file__).parent.parent.parent
SOUND = ROOT / "tests" / "broken" / "base" / "sound.yaml"
EXAMPLE = ROOT / "docs" / "examples" / "agreement.yaml"
NINETY_TEN = "risk_sharing:\n  split: {insurer: 90%, bank: 10%}\n"


def refusal(text: str, **asked: object) -> list[str]:
    """What is wrong with a file of this text in the current folder, a line each."""
    Path("mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PledgesimError) as error:
        open_agreement("mine.yaml", **asked)  # type: ignore[arg-type]
    return str(error.value).splitlines()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_of_an_agreement_alone_needs_nothing_but_the_agreement() -> None:
    Path("mine.yaml").write_text(NINETY_TEN, encoding="utf-8")
    opened = open_agreement("mine.yaml")
    assert opened.sharing.bearers() == ("insurer", "bank")
    assert opened.name.english == "mine" and opened.reference == "mine.yaml"
    assert opened.credit is None and opened.product is None and opened.scenario is None
    assert opened.place("split", "insurer") == ("mine.yaml", 2, 20)


def test_the_example_has_a_name_in_two_languages_parties_and_credit() -> None:
    opened = open_agreement(EXAMPLE)
    assert (opened.name.en, opened.name.zh) == ("Patent loans of Yunhai", "云海市专利质押贷款")
    assert opened.credit is not None and opened.credit.correlation == Fraction(1, 10)


def test_a_scenario_gives_the_agreement_of_its_product_with_credit_and_names() -> None:
    opened, scenario = open_agreement("C9-F2"), load("C9-F2").scenario
    product = scenario.products["insured loan"]
    assert opened.sharing == product.risk_sharing and opened.product == product and opened.credit == scenario.credit
    assert opened.names("zh")["district"] == "奉贤区" and opened.names("en")["district"] == "Fengxian District"


def test_variants_and_changes_of_the_command_line_count() -> None:
    assert open_agreement("C9-F2", variant="D-01d, all or nothing").sharing.straddle == "all or nothing"
    assert open_agreement("C9-F2", variant="D-01d, all or nothing").reference == "C9-F2, D-01d, all or nothing"
    assert open_agreement("C9-F2", sets=["risk_sharing.straddle=all or nothing"]).sharing.straddle == "all or nothing"
    Path("mine.yaml").write_text(NINETY_TEN, encoding="utf-8")
    changes = ["risk_sharing.split.insurer=80%", "risk_sharing.split.bank=rest"]
    opened = open_agreement("mine.yaml", sets=changes)
    assert opened.sharing.split["insurer"].share == Fraction(4, 5)


def test_wrong_changes_are_told_with_what_is_wrong_in_the_file() -> None:
    told = refusal(
        NINETY_TEN + "nam: x\n", sets=["risk_sharing.straddel.x=3", "risk_sharing", "risk_sharing.split.bank=20%"]
    )
    assert told[0] == "--set:1:1: 'risk_sharing' is not of the form path=value"
    assert told[1] == "--set:1:14: no 'straddel' in 'risk_sharing'"
    assert "risk_sharing.split: shares sum to 110%, not 100%" in "\n".join(told)
    assert "mine.yaml:3:1: unknown key 'nam' in an agreement's file; did you mean 'name'?" in told


def test_parties_that_are_listed_are_all_that_may_be_named() -> None:
    parties = "parties: [bank, insurer, bank]\n"
    told = refusal(parties + "risk_sharing:\n  funds: {pot: {balance: 1m CNY, owner: insurrer}}\n"
                   "  split: {insurrer: {share: 90%, up to: pot, otherwise: bank}, bank: rest}\n"
                   "credit: {annual_default_rate: 3%, claim_after: 1 days, recovery: "
                   "{by: city, haircut: 1%, cost: 1%, time: 1 days}}\n")  # fmt: skip
    assert told == [
        "mine.yaml:1:26: party 'bank' stands here a second time",
        "    keep one of the two",
        "mine.yaml:3:41: unknown party 'insurrer'; did you mean 'insurer'?",
        "    allowed here: bank, insurer",
        "mine.yaml:4:11: unknown party 'insurrer'; did you mean 'insurer'?",
        "    allowed here: bank, insurer",
        "mine.yaml:5:71: unknown party 'city'",
        "    allowed here: bank, insurer",
    ]


def test_misspelt_parties_are_told_although_the_shares_are_wrong_too() -> None:
    told = refusal("parties: [bank, insurer, city]\nrisk_sharing:\n  split:\n"
                   "    insurer: {share: 90%, up to: x, otherwise: {citty: 50%, bank: rest}}\n    bnak: 20%\n"
                   "  cede: {bank: {insuer: 50%, bank: rest}}\n")  # fmt: skip
    named = [line for line in told if "unknown party" in line]
    assert named == [
        "mine.yaml:4:56: unknown party 'citty'; did you mean 'city'?",
        "mine.yaml:5:11: unknown party 'bnak'; did you mean 'bank'?",
        "mine.yaml:6:25: unknown party 'insuer'; did you mean 'insurer'?",
    ]
    assert any("shares sum to 110%" in line for line in told)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "mine.yaml: the file is empty"),
        ("- 1\n", "mine.yaml:1:1: a scenario is a mapping, not a list"),
        ("firm: {sales: 3m CNY}\n", "mine.yaml:1:1: there is neither 'risk_sharing', as in an agreement's file, nor"),
        ("risk_shring: 1\n", "mine.yaml:1:1: unknown key 'risk_shring' in an agreement's file; did you mean 'risk_sha"),
        ("risk_sharing: 3\n", "mine.yaml:1:15: risk_sharing is 3 where a mapping is needed"),
        ("risk_sharing: {split: [\n", "mine.yaml:2:1: the bracket or brace opened"),
    ],
)  # fmt: skip
def test_a_file_with_neither_agreement_nor_scenario_is_refused_with_the_reason(text: str, found: str) -> None:
    assert refusal(text)[0].startswith(found)


def test_a_base_and_a_comparison_have_no_agreement() -> None:
    with pytest.raises(PledgesimError, match="shanghai has no product, and so no agreement"):
        open_agreement("shanghai")
    with pytest.raises(
        PledgesimError, match="is a comparison and has no agreement; name one of its worlds: 'C9-F1', 'C9-F2'"
    ):
        open_agreement("fund-against-none")


def test_of_several_products_one_is_named() -> None:
    without = "published_outcomes: null\npublished_rules: null\n"
    text = f"extends: sound.yaml\n{without}products: {{second loan: {_product()}}}\n"
    Path("sound.yaml").write_text(SOUND.read_text(encoding="utf-8"), encoding="utf-8")
    assert refusal(text) == ["mine.yaml has several products; name one with --product: loan, second loan"]
    assert refusal(text, product="second laon") == [
        "--product: mine.yaml has no product 'second laon'; did you mean 'second loan'?",
        "    allowed here: loan, second loan",
    ]
    opened = open_agreement("mine.yaml", product="second loan")
    assert opened.reference == "mine.yaml, second loan" and opened.sharing.bearers() == ("bank",)


def _product() -> str:
    flow = "[{credit approval: {by: bank reviewer, work: 1 h}}, {drawdown: {elapsed: 0 min}}]"
    return f"{{tenor: 12 months, flow: {flow}, risk_sharing: {{split: {{bank: 100%}}}}}}"


def test_options_of_scenarios_are_refused_for_an_agreement_of_its_own() -> None:
    assert refusal(NINETY_TEN, product="loan") == ["mine.yaml is an agreement's own file; --product is for scenarios"]
    assert refusal(NINETY_TEN, variant="x") == ["mine.yaml is an agreement's own file; --variant is for scenarios"]


def test_what_is_a_scenario_is_told_from_what_is_an_agreement() -> None:
    assert has_own_agreement(EXAMPLE) and not has_own_agreement(SOUND) and not has_own_agreement("C9-F2")
    Path("mine.yaml").write_text("extends: pledgesim:C9-F2\nname: Mine\n", encoding="utf-8")
    assert not has_own_agreement("mine.yaml")
    Path("mine.yaml").write_text(NINETY_TEN + "run: {seed: 3}\n", encoding="utf-8")
    assert has_own_agreement("mine.yaml")
    Path("mine.yaml").write_text("- 1\n", encoding="utf-8")
    assert not has_own_agreement("mine.yaml") and not has_own_agreement("nowhere.yaml")
    Path("mine.yaml").write_text(NINETY_TEN + "products: {}\n", encoding="utf-8")
    assert not has_own_agreement("mine.yaml")


def test_a_misspelt_owner_of_a_fund_is_told_once_at_its_place() -> None:
    told = refusal("parties: [bank, district]\nrisk_sharing:\n  funds: {pot: {balance: 1m CNY, owner: distrct}}\n"
                   "  split: {district: {share: 30%, up to: pot, otherwise: bank}, bank: rest}\n")  # fmt: skip
    assert told == [
        "mine.yaml:3:41: unknown party 'distrct'; did you mean 'district'?",
        "    allowed here: bank, district",
    ]


def test_the_borrower_who_gets_the_surplus_is_written_firm() -> None:
    told = refusal("parties: [bank]\nrisk_sharing: {split: {bank: 100%}, recoveries: {surplus: borrower}}\n")
    assert told == [
        "mine.yaml:2:59: unknown party 'borrower'",
        "    allowed here: bank, firm; the borrower is written 'firm'",
    ]


def test_a_part_whose_party_was_forgotten_is_told_in_one_message() -> None:
    told = refusal("parties: [bank, city]\nrisk_sharing:\n  funds: {pool: {balance: 1m CNY, owner: bank}}\n  split:\n"
                   "    city:\n      share: 100%\n      up to: pool\n"
                   "      otherwise: {share: 100%, up to: pool, otherwise: bank}\n")  # fmt: skip
    assert told == [
        "mine.yaml:8:7: risk_sharing.split.city.otherwise: a party or parties are needed here, not 'share', 'up to', "
        "'otherwise'",
        "    write '{PARTY: {share: ..., up to: ..., otherwise: ...}}'",
    ]


@pytest.mark.parametrize(
    ("parties", "told"),
    [
        ("bank, insurer", ["parties: 'bank, insurer' is a text where a list is needed", "write '[bank, insurer]'"]),
        ("银行、保险公司", ["parties: '银行、保险公司' is a text where a list is needed", "write '[银行, 保险公司]'"]),
        ("[1, 2]", ["parties: a list of names is needed", "write it like '[bank, insurer]'"]),
    ],
)  # fmt: skip
def test_parties_that_are_no_list_are_told_with_the_form_of_one(parties: str, told: list[str]) -> None:
    assert refusal(f"parties: {parties}\n{NINETY_TEN}")[0].endswith(told[0])
    assert refusal(f"parties: {parties}\n{NINETY_TEN}")[1] == f"    {told[1]}"


def test_all_that_no_share_names_is_told_at_once() -> None:
    told = refusal("risk_sharing:\n  funds: {pool: {balance: 1m CNY, owner: city}}\n"
                   "  limits: {top: {at_most: 1m CNY, per: ever}}\n"
                   "  rates: {paid out: {paid_by: city, over: principal}}\n"
                   "  split: {city: 25%, bank: rest}\n")  # fmt: skip
    assert told[::2] == [
        "mine.yaml:2:11: risk_sharing.funds.pool: no share names the fund 'pool'",
        "mine.yaml:3:12: risk_sharing.limits.top: no share names the limit 'top'",
        "mine.yaml:4:11: risk_sharing.rates.paid out: no share depends on the rate 'paid out'",
    ]
    assert told[1] == "    write 'up to: pool' at the share that it pays, or leave it out"
