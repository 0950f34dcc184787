"""What a risk-sharing agreement may say in a file, and the words in which a mistake comes back."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from simulator.scenario.agreement import RiskSharing

FENGXIAN = """
funds:
  fengxian reserve: {balance: 4m CNY, owner: district, refill: false}
split:
  district: {share: 30%, up to: fengxian reserve, otherwise: insurer}
  insurer: 60%
  bank: rest
straddle: in proportion
recoveries: pro rata
"""
FUND = "funds: {reserve: {balance: 4m CNY, owner: district}}\n"
FORM = "write a share such as '40%' or '1/3', or 'rest'"


def read(text: str) -> RiskSharing:
    return RiskSharing.model_validate(yaml.safe_load(text))


def mistakes(text: str) -> list[tuple[str, str]]:
    """Place and message of every mistake."""
    with pytest.raises(ValidationError) as caught:
        read(text)
    return [
        (" > ".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")) for each in caught.value.errors()
    ]


def test_the_agreement_of_fengxian_reads_as_it_is_written() -> None:
    agreement = read(FENGXIAN)
    assert agreement.funds["fengxian reserve"].balance == 400_000_000
    assert agreement.funds["fengxian reserve"].owner == "district"
    assert agreement.split["district"].share == Fraction(3, 10)
    assert agreement.split["district"].up_to == "fengxian reserve"
    assert agreement.bearers() == ("district", "insurer", "bank")


def test_what_is_left_out_takes_the_stated_default() -> None:
    assert read(FENGXIAN.partition("straddle")[0].replace(", refill: false", "")) == read(FENGXIAN)


def test_a_bare_share_and_a_bare_party_say_the_same_as_their_long_forms() -> None:
    long = FENGXIAN.replace("otherwise: insurer", "otherwise: {insurer: {share: 100%}}")
    assert read(long.replace("insurer: 60%", "insurer: {share: 60%}")) == read(FENGXIAN)


def test_shares_are_exact_fractions() -> None:
    thirds = read("split: {a: 1/3, b: 1 / 3, c: rest}")
    assert thirds.exhausted_split() == dict.fromkeys("abc", Fraction(1, 3))
    assert read("split: {a: 33.3333%, b: 66.6667%}").split["a"].share == Fraction(333333, 1000000)


def test_when_the_fund_is_used_up_insurer_and_bank_share_nine_to_one() -> None:
    assert read(FENGXIAN).exhausted_split() == {"insurer": Fraction(9, 10), "bank": Fraction(1, 10)}


def test_when_every_fund_is_used_up_each_otherwise_is_followed_to_its_end() -> None:
    agreement = read("""
        funds: {city: {balance: 1m CNY, owner: city}, pool: {balance: 1m CNY, owner: insurer}}
        split:
          city: {share: 40%, up to: city, otherwise: {insurer: {share: 50%, up to: pool, otherwise: bank}, firm: rest}}
          bank: rest
    """)
    assert agreement.exhausted_split() == {"bank": Fraction(4, 5), "firm": Fraction(1, 5)}


def test_every_party_is_named_with_its_place() -> None:
    agreement = read(FENGXIAN.replace("pro rata", "{first: insurer}"))
    assert agreement.parties() == [
        (("funds", "fengxian reserve", "owner"), "district"),
        (("split", "district"), "district"),
        (("split", "district", "otherwise"), "insurer"),
        (("split", "insurer"), "insurer"),
        (("split", "bank"), "bank"),
        (("recoveries", "first"), "insurer"),
    ]


def test_a_party_within_a_split_otherwise_has_its_own_place() -> None:
    agreement = read(FENGXIAN.replace("otherwise: insurer", "otherwise: {insurer: 90%, reinsurer: rest}"))
    assert (("split", "district", "otherwise", "reinsurer"), "reinsurer") in agreement.parties()


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("split: {a: 50%, b: 60%}", "split", "shares sum to 110%, not 100%"),
        ("split: {a: 50%, b: 60%, c: rest}", "split", "shares sum to 110%, not 100%"),
        ("split: {a: 50%, b: 40%}", "split", "shares sum to 90%, not 100%; give one of them as 'rest'"),
        ("split: {a: 1/3, b: 1/3}", "split", "shares sum to 2/3, not 100%; give one of them as 'rest'"),
        (
            "split: {a: 99.999%}",
            "split",
            "shares sum to 99999/100000, not 100%; give one of them as 'rest'",
        ),
        ("split: {a: rest, b: 10%, c: rest}", "split", "only one share can be 'rest', found 2: a, c"),
        ("split: {a: -10%, b: 110%}", "split > a", "share -10% is negative"),
        ("split: {a: {share: -10%}, b: 110%}", "split > a > share", "share -10% is negative"),
        ("split: {a: 60, b: rest}", "split > a", f"60 has no unit; {FORM}"),
        ("split: {a: 0.6, b: rest}", "split > a", f"0.6 has no unit; {FORM}"),
        ("split: {a: sixty, b: rest}", "split > a", f"'sixty' is not a share; {FORM}"),
        ("split: {a: 1/0, b: rest}", "split > a", f"'1/0' divides by zero; {FORM}"),
        ("split: {a: [60%], b: rest}", "split > a", FORM),
        ("split: {a: yes, b: rest}", "split > a", FORM),
        ("split: {a: , b: rest}", "split > a", FORM),
        ("split: {}", "split", "Dictionary should have at least 1 item after validation, not 0"),
        ("split: {a: {shares: 60%, share: 60%}, b: rest}", "split > a > shares", "Extra inputs are not permitted"),
        ("split: {a: {up to: x, otherwise: b}, b: rest}", "split > a > share", "Field required"),
        ("funds: {}", "split", "Field required"),
        (
            FUND + "split: {district: {share: 30%, up to: reserve}, bank: rest}",
            "split > district > up to",
            "'up to' needs 'otherwise': who bears the share when the fund is used up",
        ),
        (
            "split: {district: {share: 30%, otherwise: bank}, bank: rest}",
            "split > district > otherwise",
            "'otherwise' needs 'up to': the fund that limits the share",
        ),
        (
            FUND + "split: {district: {share: 30%, up to: reserve, otherwise: {a: 50%, b: 70%}}, bank: rest}",
            "split > district > otherwise",
            "shares sum to 120%, not 100%",
        ),
        (
            FUND + "split: {district: {share: 30%, up to: resreve, otherwise: bank}, bank: rest}",
            "split > district > up to",
            "unknown fund 'resreve'; funds here: reserve; did you mean 'reserve'?",
        ),
        (
            "split: {district: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}",
            "split > district > up to",
            "unknown fund 'reserve'; this agreement has no funds",
        ),
        (
            FUND + "split: {city: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}",
            "split > city > up to",
            "the owner of 'reserve' is 'district', so it cannot pay for 'city'",
        ),
        (
            FUND + "split:\n  district:\n    share: 30%\n    up to: reserve\n    otherwise:\n"
            "      district: {share: 50%, up to: reserve, otherwise: bank}\n      bank: rest\n  bank: rest",
            "split > district > otherwise > district > up to",
            "fund 'reserve' already limits the share at split.district",
        ),
        (
            "funds: {reserve: {balance: 0 CNY, owner: a}}\nsplit: {a: 100%}",
            "funds > reserve > balance",
            "a fund needs a balance above zero",
        ),
        (
            "funds: {reserve: {balance: -1 CNY, owner: a}}\nsplit: {a: 100%}",
            "funds > reserve > balance",
            "-1 CNY is negative",
        ),
        (
            "split: {a: 100%}\nrecoveries: prorata",
            "recoveries",
            "'prorata' is no rule for recoveries; write 'pro rata' or a mapping such as 'first: insurer'",
        ),
        (
            "split: {a: 100%}\nrecoveries:",
            "recoveries",
            "write 'pro rata' or a mapping such as 'first: insurer'",
        ),
        (
            "split: {insurer: 90%, bank: rest}\nrecoveries: {first: insuror}",
            "recoveries > first",
            "'insuror' bears no share; who does: bank, insurer; did you mean 'insurer'?",
        ),
        (
            "split: {a: 100%}\nstraddle: overdraft",
            "straddle",
            "Input should be 'in proportion', 'shortfall shared', 'remainder shared' or 'all or nothing'",
        ),
    ],
)
def test_a_mistake_comes_back_at_its_place_in_plain_words(text: str, place: str, message: str) -> None:
    assert mistakes(text) == [(place, message)]


def test_mistakes_between_clauses_are_all_found_at_once() -> None:
    text = FUND + "split: {city: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}\nrecoveries: {first: x}"
    assert [place for place, _ in mistakes(text)] == ["split > city > up to", "recoveries > first"]


def test_mistakes_keep_their_place_inside_a_larger_scenario() -> None:
    class Product(BaseModel):
        risk_sharing: RiskSharing

    body = yaml.safe_load("split: {a: {share: 30%, up to: x, otherwise: b}, b: rest}")
    with pytest.raises(ValidationError) as caught:
        Product.model_validate({"risk_sharing": body})
    assert [each["loc"] for each in caught.value.errors()] == [("risk_sharing", "split", "a", "up to")]


def test_an_agreement_does_not_change_and_travels_to_other_processes() -> None:
    agreement = read(FENGXIAN)
    with pytest.raises(ValidationError, match="frozen"):
        agreement.straddle = "all or nothing"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(agreement)) == agreement


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        (FENGXIAN, True),
        ("split: {bank: 100%}\nrecoveries: {first: bank}", True),
        (FENGXIAN.replace("otherwise: insurer", "otherwise: {insurer: 90%, bank: rest}"), True),
        ("split: {bank: 100}", False),
        ("split: {bank: {shares: 100%}}", False),
        ("split: {bank: 100%}\nstraddle: overdraft", False),
        ("split: {bank: 100%}\nrecoveries: prorata", False),
        ("split: {bank: 100%}\nfunds: {reserve: {balance: 4, owner: bank}}", False),
    ],
)
def test_the_schema_for_editors_tells_right_from_wrong_as_the_model_does(text: str, accepted: bool) -> None:
    schema = RiskSharing.model_json_schema()
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(yaml.safe_load(text)) is accepted
    if accepted:
        read(text)
    else:
        assert mistakes(text)


def test_every_key_is_described_for_editors() -> None:
    schema = RiskSharing.model_json_schema()
    fields: dict[str, Any] = dict(schema["properties"])
    for name, part in schema["$defs"].items():
        fields |= {f"{name}.{key}": body for key, body in part["properties"].items()}
    assert set(fields) >= {"funds", "split", "Fund.owner", "Part.up to", "Part.otherwise", "Recoveries.first"}
    assert [name for name, body in fields.items() if not body.get("description")] == []
