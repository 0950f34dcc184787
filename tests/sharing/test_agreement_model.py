"""What a risk-sharing agreement may say in a file, and the words in which a mistake comes back."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from simulator.scenario.agreement import RiskSharing, exact_shares

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
LIMIT = "limits: {top: {at_most: 1m CNY, per: ever}}\n"
RATE = "rates: {rate: {paid_by: a, over: premium}}\n"
CAP = (
    "an amount such as '5m CNY', or a share of a base such as '150% of premium'; "
    "bases: principal, premium, guaranteed balance"
)
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
    assert agreement.split["district"].limits == ["fengxian reserve"]
    assert agreement.bearers() == ("district", "insurer", "bank")


def test_what_is_left_out_takes_the_stated_default() -> None:
    assert read(FENGXIAN.partition("straddle")[0].replace(", refill: false", "")) == read(FENGXIAN)


def test_a_bare_share_and_a_bare_party_say_the_same_as_their_long_forms() -> None:
    long = FENGXIAN.replace("otherwise: insurer", "otherwise: {insurer: {share: 100%}}")
    assert read(long.replace("insurer: 60%", "insurer: {share: 60%}")) == read(FENGXIAN)


def test_shares_are_exact_fractions() -> None:
    thirds = read("split: {a: 1/3, b: 1 / 3, c: rest}")
    assert exact_shares(thirds.split) == dict.fromkeys("abc", Fraction(1, 3))
    assert read("split: {a: 33.3333%, b: 66.6667%}").split["a"].share == Fraction(333333, 1000000)


def test_every_party_is_named_with_its_place() -> None:
    agreement = read(FENGXIAN.replace("pro rata", "{by_rank: [insurer, bank], surplus: district}"))
    assert agreement.parties() == [
        (("funds", "fengxian reserve", "owner"), "district"),
        (("split", "district"), "district"),
        (("split", "district", "otherwise"), "insurer"),
        (("split", "insurer"), "insurer"),
        (("split", "bank"), "bank"),
        (("recoveries", "by_rank", 0), "insurer"),
        (("recoveries", "by_rank", 1), "bank"),
        (("recoveries", "surplus"), "district"),
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
            "'up to' needs 'otherwise': who bears the share when the fund is used up or the limit reached",
        ),
        (
            "split: {district: {share: 30%, otherwise: bank}, bank: rest}",
            "split > district > otherwise",
            "'otherwise' needs 'up to' or 'when': the fund, the limit or the test that bounds the share",
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
            "unknown fund 'reserve'; this agreement has no funds and no limits",
        ),
        (
            FUND + "split: {city: {share: 30%, up to: reserve, otherwise: bank}, district: 10%, bank: rest}",
            "split > city > up to",
            "the owner of 'reserve' is 'district', so it cannot pay for 'city'",
        ),
        (
            FUND.replace("district", "distrct")
            + "split: {district: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}",
            "funds > reserve > owner",
            "'distrct' bears no share, but that of 'district' is paid out of 'reserve'; "
            "who does: bank, district; did you mean 'district'?",
        ),
        (
            FUND + "split: {district: {share: 30%, up to: reserve, otherwise: district}, bank: rest}",
            "split > district > up to",
            "'district' bears its share out of 'reserve' and, when that is used up, all the same; "
            "write who else bears it as 'otherwise', or leave 'reserve' out",
        ),
        (
            FUND + "split: {district: 25%, bank: rest}",
            "funds > reserve",
            "no share names the fund 'reserve'; write 'up to: reserve' at the share that it pays, or leave it out",
        ),
        (
            LIMIT + "split: {district: 25%, bank: rest}",
            "limits > top",
            "no share names the limit 'top'; write 'up to: top' at the share that it bounds, or leave it out",
        ),
        (
            RATE + "split: {a: 25%, bank: rest}",
            "rates > rate",
            "no share depends on the rate 'rate'; "
            "write 'when: {rate: ...}' at the share that does, or leave it out",
        ),
        (
            "split: {a: {share: 30%, up to: x, otherwise: {share: 50%, otherwise: bank}}, bank: rest}",
            "split > a > otherwise",
            "a party or parties are needed here, not 'share', 'otherwise'; "
            "write '{PARTY: {share: ..., otherwise: ...}}'",
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
            "a fund of 0 CNY without top-ups never pays anything; write an amount above zero, or 'top_ups'",
        ),
        (
            "funds: {reserve: {balance: 0 CNY, owner: a, refill: true}}\nsplit: {a: 100%}",
            "funds > reserve > balance",
            "a fund of 0 CNY without top-ups never pays anything; a refill gives back only what was once in it; "
            "write an amount above zero, or 'top_ups'",
        ),
        (
            "funds: {reserve: {balance: -1 CNY, owner: a}}\nsplit: {a: 100%}",
            "funds > reserve > balance",
            "-1 CNY is negative",
        ),
        (
            "split: {a: 100%}\nrecoveries: prorata",
            "recoveries",
            "'prorata' is no rule for recoveries; write 'pro rata' or a mapping such as 'by_rank: [insurer, bank]'",
        ),
        (
            "split: {a: 100%}\nrecoveries:",
            "recoveries",
            "write 'pro rata' or a mapping such as 'by_rank: [insurer, bank]'",
        ),
        (
            "split: {insurer: 90%, bank: rest}\nrecoveries: {by_rank: [insuror]}",
            "recoveries > by_rank > 0",
            "'insuror' bears no share; who does: bank, insurer; did you mean 'insurer'?",
        ),
        (
            "split: {a: 100%}\nrecoveries: {by_rank: [a, a]}",
            "recoveries > by_rank > 1",
            "'a' has a rank already",
        ),
        (
            LIMIT + "split: {a: {share: 50%, up to: topp, otherwise: b}, b: rest}",
            "split > a > up to",
            "unknown limit 'topp'; limits here: top; did you mean 'top'?",
        ),
        (
            FUND + LIMIT + "split: {a: {share: 50%, up to: x, otherwise: b}, b: rest}",
            "split > a > up to",
            "unknown fund or limit 'x'; fund or limits here: reserve, top",
        ),
        (
            LIMIT + "split: {a: {share: 50%, up to: [top, top], otherwise: b}, b: rest}",
            "split > a > up to",
            "'top' stands here twice",
        ),
        (
            "funds: {f: {balance: 1m CNY, owner: a}, g: {balance: 1m CNY, owner: a}}\n"
            "split: {a: {share: 50%, up to: [f, g], otherwise: b}, b: rest}",
            "split > a > up to",
            "'f' and 'g' are both funds; a share is paid out of one, and 'otherwise' may name a share that the other "
            "pays",
        ),
        (
            "limits: {top: {at_most: 150% of premiums, per: ever}}\nsplit: {a: 100%}",
            "limits > top > at_most",
            "'premiums' is no base; did you mean 'premium'?; allowed: principal, premium, guaranteed balance",
        ),
        (
            "limits: {top: {at_most: 5, per: ever}}\nsplit: {a: 100%}",
            "limits > top > at_most",
            f"5 has no unit; write {CAP}",
        ),
        (
            "limits: {top: {at_most: 0 CNY, per: ever}}\nsplit: {a: 100%}",
            "limits > top > at_most",
            f"'0 CNY' lets nothing through; a limit is above zero; write {CAP}",
        ),
        (
            "limits: {top: {at_most: five, per: ever}}\nsplit: {a: 100%}",
            "limits > top > at_most",
            f"'five' is not an amount of money; write {CAP}",
        ),
        (
            "limits: {top: {at_most: 5m CNY, per: year}}\nsplit: {a: 100%}",
            "limits > top > per",
            "Input should be 'loss', 'borrower', 'year of claim', 'year of loss', 'year of underwriting' or 'ever'",
        ),
        (
            RATE + "split: {a: {share: 50%, when: {rate: {below: 5%}}}, b: rest}",
            "split > a > when",
            "'when' needs 'otherwise': who bears the share when the test fails",
        ),
        (
            RATE + "split: {a: {share: 50%, when: {rat: {below: 5%}}, otherwise: b}, b: rest}",
            "split > a > when > rat",
            "unknown rate 'rat'; rates here: rate; did you mean 'rate'?",
        ),
        (
            RATE + "split: {a: {share: 50%, when: {rate: {}}, otherwise: b}, b: rest}",
            "split > a > when > rate",
            "a test needs a bound; allowed: at_most, below, at_least, above",
        ),
        (
            RATE.replace("paid_by: a", "paid_by: c")
            + "split: {a: {share: 50%, when: {rate: {below: 5%}}, otherwise: b}, b: rest}",
            "rates > rate > paid_by",
            "'c' bears no share; who does: a, b",
        ),
        *(
            (
                RATE
                + f"split: {{a: {{share: 50%, when: {{rate: {{{low}: 5%, {high}: {most}}}}}, otherwise: b}}, b: rest}}",
                "split > a > when > rate",
                f"no rate is both {low.replace('_', ' ')} 5% and {high.replace('_', ' ')} {most}; the share is never "
                "borne; write a lower bound that is below the upper one",
            )
            for low, high, most in [("above", "below", "5%"), ("above", "at_most", "5%"), ("at_least", "below", "5%"),
                                    ("at_least", "at_most", "4%"), ("above", "below", "4%")]
        ),
        *(
            (
                f"split: {{a: 50%, b: rest}}\ncede: {{a: {{a: {share}}}}}",
                "cede > a",
                "'a' cedes nothing: all stays with 'a'; write who takes a part of it, or leave the cession out",
            )
            for share in ("100%", "rest")
        ),
        (
            "split: {a: 50%, b: rest}\ncede: {c: {a: 50%, c: rest}}",
            "cede > c",
            "'c' pays nothing that it could cede; who pays: a, b",
        ),
        (
            "split: {a: 50%, b: rest}\ncede: {a: {b: 50%, a: rest}, b: {a: 50%, b: rest}}",
            "cede > a",
            "the cessions lead in a circle: a to b to a",
        ),
        (
            "split: {a: 50%, b: rest}\nchanges: [{starts: 2022-01-01, by: claim}]",
            "changes > 0",
            "a change says what changes; allowed: split, cede",
        ),
        (
            "split: {a: 50%, b: rest}\nchanges:\n"
            "  - {starts: 2022-01-01, by: claim, split: {a: 100%}}\n"
            "  - {starts: 2022-01-01, by: claim, split: {b: 100%}}",
            "changes > 1 > starts",
            "2022-01-01 does not come after 2022-01-01; write the earliest change first",
        ),
        (
            "split: {a: 50%, b: rest}\nchanges:\n"
            "  - {starts: 2022-01-01, by: claim, split: {a: 100%}}\n"
            "  - {starts: 2023-01-01, by: loss, split: {b: 100%}}",
            "changes > 1 > by",
            "by 'loss', but the change before goes by 'claim'; one agreement has one rule",
        ),
        (
            FUND.replace("4m CNY", "4m CNY, top_ups: [{'on': 2022-01-01, amount: 0 CNY}]") + "split: {district: 100%}",
            "funds > reserve > top_ups > 0 > amount",
            "an amount above zero is needed",
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
    text = FUND + "split: {city: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}\nrecoveries: {by_rank: [x]}"
    assert [place for place, _ in mistakes(text)] == ["funds > reserve > owner", "recoveries > by_rank > 0"]


@pytest.mark.parametrize("bounds", ["at_least: 5%, at_most: 5%", "above: 4%, below: 5%"])
def test_a_test_of_a_rate_that_can_hold_is_read(bounds: str) -> None:
    assert read(RATE + f"split: {{a: {{share: 50%, when: {{rate: {{{bounds}}}}}, otherwise: b}}, b: rest}}").rates


def test_what_no_share_names_is_not_told_where_a_share_may_have_misspelt_it() -> None:
    text = FUND + "split: {district: {share: 30%, up to: resreve, otherwise: bank}, bank: rest}"
    assert [place for place, _ in mistakes(text)] == ["split > district > up to"]


def test_a_fund_that_begins_empty_is_read_where_money_is_paid_in_later() -> None:
    paid_in = "0 CNY, top_ups: [{'on': 2022-01-01, amount: 1m CNY}]"
    split = "split: {district: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}"
    assert read(FUND.replace("4m CNY", paid_in) + split).funds["reserve"].balance == 0


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
        ("split: {bank: 100%}\nrecoveries: {by_rank: [bank]}", True),
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
    assert set(fields) >= {"funds", "split", "Fund.owner", "Part.up to", "Part.otherwise", "Recoveries.by_rank"}
    assert [name for name, body in fields.items() if not body.get("description")] == []
