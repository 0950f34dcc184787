"""An agreement prints itself back in sentences that say all there is to say, in English and Chinese.

After sentences are changed on purpose, `PLEDGESIM_UPDATE=1 pytest tests/sharing/test_wording.py` writes the new ones;
read them as a lawyer would.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest
import yaml
from changed_agreements import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from random_agreements import PERS, STRADDLES, agreements, claims_of
from statement_reader import A_FEW_FEN, read

from simulator.scenario.agreement import RiskSharing
from simulator.scenario.agreement_parts import BASES
from simulator.sharing import Agreement, Claim, Meters
from simulator.sharing.clauses import Bound, clauses_within, exact_money
from simulator.sharing.wording import sentences
from simulator.sharing.wording_statements import exact_percent
from simulator.sharing.wording_zh_shares import money, share_of_one

EXPECTED = Path(__file__).parent.parent / "expected" / "agreements"
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
FENGXIAN = """
funds: {fengxian reserve: {balance: 4m CNY, owner: district}}
split:
  district: {share: 30%, up to: fengxian reserve, otherwise: insurer}
  insurer: 60%
  bank: 10%
"""
AGREEMENTS = {
    "ninety-ten": "split: {insurer: 90%, bank: 10%}",
    "the bank alone": "split: {bank: 100%}",
    "fengxian": FENGXIAN,
    "fengxian, shortfall shared": FENGXIAN + "straddle: shortfall shared",
    "fengxian, remainder shared": FENGXIAN + "straddle: remainder shared",
    "fengxian, all or nothing": FENGXIAN + "straddle: all or nothing",
    "deductible, first loss and stop-loss": """
limits:
  deductible: {at_most: 100k CNY, per: loss}
  first loss: {at_most: 2m CNY, per: ever}
  stop-loss: {at_most: 150% of premium, per: year of claim}
split:
  bank:
    share: 100%
    up to: deductible
    otherwise:
      guarantor:
        share: 100%
        up to: first loss
        otherwise:
          insurer: {share: 80%, up to: stop-loss, otherwise: bank}
          bank: rest
""",
    "a ceiling per borrower": """
limits: {per firm: {at_most: 3.5m CNY, per: borrower}}
split: {insurer: {share: 80%, up to: per firm, otherwise: bank}, bank: rest}
""",
    "a breaker": """
rates: {compensation rate: {paid_by: guarantor, over: guaranteed balance}}
split: {guarantor: {share: 80%, when: {compensation rate: {below: 5%}}, otherwise: bank}, bank: rest}
""",
    "a chain of re-guarantees": """
limits:
  city ceiling: {at_most: 600k CNY, per: borrower}
  national ceiling: {at_most: 3% of guaranteed balance, per: year of claim}
split: {guarantor: 80%, bank: 20%}
cede:
  guarantor: {city: {share: 40%, up to: city ceiling, otherwise: guarantor}, guarantor: rest}
  city: {nation: {share: 1/3, up to: national ceiling, otherwise: city}, city: rest}
""",
    "an appraiser who shares the loss": """
limits: {ceiling: {at_most: 200k CNY, per: loss}}
split: {appraiser: {share: 5%, up to: ceiling, otherwise: guarantor}, guarantor: 75%, bank: rest}
""",
    "terms that change": """
split: {insurer: 90%, bank: 10%}
cede: {insurer: {reinsurer: 30%, insurer: rest}}
changes:
  - {starts: 2022-01-01, by: underwriting, split: {insurer: 70%, bank: 30%}}
  - {starts: 2023-07-01, by: underwriting, split: {bank: 100%}, cede: {}}
""",
    "all in one": """
covers: principal and interest
funds:
  pool:
    balance: 2m CNY
    owner: city
    refill: true
    top_ups: [{'on': 2022-01-01, amount: 1m CNY}, {'on': 2023-01-01, amount: 500k CNY}]
limits: {yearly limit: {at_most: 1.5m CNY, per: year of underwriting}}
rates: {payment rate: {paid_by: insurer, over: premium, per: year of claim}}
split:
  city:
    share: 1/3
    up to: pool
    otherwise: {insurer: {share: 60%, up to: yearly limit, otherwise: bank}, bank: 40%}
  insurer: {share: 1/3, up to: yearly limit, when: {payment rate: {at_least: 10%, below: 80%}}, otherwise: bank}
  bank: rest
straddle: shortfall shared
same_day: pro rata
recoveries: {by_rank: [insurer], surplus: city}
""",
}
BEHIND = """
funds: {city fund: {balance: 5m CNY, owner: city}, provincial fund: {balance: 20m CNY, owner: province, refill: true}}
limits: {ceiling: {at_most: 300k CNY, per: loss}}
rates: {loss ratio: {paid_by: insurer, over: premium}}
split:
  city:
    share: 30%
    up to: city fund
    otherwise: {province: {share: 70%, up to: [provincial fund, ceiling], otherwise: guarantor}, bank: 30%}
  insurer:
    share: 50%
    when: {loss ratio: {above: 2%, at_most: 90%}}
    otherwise: bank
  bank: rest
"""
AGREEMENTS |= {f"a fund behind a fund, {straddle}": f"{BEHIND}straddle: {straddle}" for straddle in STRADDLES}
# Every limit as an amount and as a share of every base, and a fund behind a breaker.
KINDS = [f"{at_most}, per: {per}" for per in PERS for at_most in ("10k CNY", *(f"5% of {base}" for base in BASES))]
AGREEMENTS["limits of every kind"] = yaml.safe_dump(
    {
        "funds": {"pool": {"balance": "1m CNY", "owner": "city"}},
        "limits": {f"limit {number}": yaml.safe_load(f"{{at_most: {kind}}}") for number, kind in enumerate(KINDS)},
        "rates": {"rate": {"paid_by": "bank", "over": "principal", "per": "year of claim"}},
        "split": {
            f"guarantor {number}": {"share": "4%", "up to": f"limit {number}", "otherwise": "bank"}
            for number, _ in enumerate(KINDS)
        }
        | {
            "insurer": {
                "share": "rest",
                "when": {"rate": {"at_most": "40%"}},
                "otherwise": {"city": {"share": "100%", "up to": "pool", "otherwise": "bank"}},
            }
        },
        "straddle": "shortfall shared",
    },
    sort_keys=False,
)
CHINESE = {
    "insurer": "保险公司",
    "bank": "银行",
    "district": "奉贤区",
    "guarantor": "担保公司",
    "city": "市融资担保基金",
    "nation": "国家融资担保基金",
    "appraiser": "评估机构",
    "reinsurer": "再保险公司",
    "fengxian reserve": "奉贤储备金",
    "compensation rate": "代偿率",
    "pool": "风险补偿金",
    "yearly limit": "年度限额",
    "payment rate": "赔付率",
    "province": "省担保基金",
    "city fund": "市级风险补偿金",
    "provincial fund": "省级风险补偿金",
    "loss ratio": "赔付率",
}


def model(text: str) -> RiskSharing:
    return RiskSharing.model_validate(yaml.safe_load(text))


@pytest.mark.parametrize("name", AGREEMENTS)
def test_an_agreement_reads_as_the_contract_beside_it(name: str) -> None:
    agreement = model(AGREEMENTS[name])
    said = "\n\n".join("\n".join(sentences(agreement, lang, CHINESE if lang == "zh" else None)) for lang in LANGUAGES)
    beside = EXPECTED / f"{name}.txt"
    if os.environ.get("PLEDGESIM_UPDATE"):
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(said + "\n", encoding="utf-8")
    assert said + "\n" == beside.read_text(encoding="utf-8")


def test_every_contract_has_its_agreement() -> None:
    assert {path.stem for path in EXPECTED.glob("*")} == set(AGREEMENTS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "most"), [("the bank alone", 3), ("ninety-ten", 5), ("fengxian", 8)])
def test_a_short_agreement_stays_short(name: str, most: int, lang: Literal["en", "zh"]) -> None:
    assert len(sentences(model(AGREEMENTS[name]), lang)) <= most


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_that_changes_nothing_is_not_said(lang: Literal["en", "zh"]) -> None:
    same = "\nchanges: [{starts: 2022-01-01, by: claim, split: {insurer: 90%, bank: 10%}, cede: {}}]"
    assert sentences(model(AGREEMENTS["ninety-ten"] + same), lang) == sentences(model(AGREEMENTS["ninety-ten"]), lang)


def test_parties_are_shown_by_their_names_and_the_firm_as_the_borrower() -> None:
    agreement = model("split: {insurer: 90%, firm: 10%}")
    names = {"insurer": "CPIC Anxin Co., Ltd."}
    assert sentences(agreement, "en", names)[1] == "CPIC Anxin Co., Ltd. bears 90% and the borrower 10% of each loss."
    assert sentences(agreement, "zh", {"insurer": "安信农保"})[1] == "每笔损失由安信农保承担90%、借款人承担10%。"


def test_a_name_that_ends_in_a_full_stop_ends_a_sentence_without_a_second_one() -> None:
    said = sentences(model("split: {insurer: 90%, bank: 10%}\nrecoveries: {surplus: bank}"), "en", {"bank": "BOC Ltd."})
    assert said[-1].endswith("; any surplus goes to BOC Ltd.")


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (1, "0.01元"),
        (820_050, "8,200.50元"),
        (1_000_000, "1万元"),
        (1_550_000, "1.55万元"),
        (20_005_000, "200,050.00元"),
        (400_000_000, "400万元"),
        (12_500_000_000, "1.25亿元"),
        (12_345_000_000, "1.2345亿元"),
        (12_345_600_001, "123,456,000.01元"),
        (10**17, "10,000,000亿元"),
    ],
)
def test_amounts_in_chinese_are_exact(fen: int, text: str) -> None:
    assert money(fen) == text


@pytest.mark.parametrize(
    ("share", "percent", "chinese"),
    [
        (Fraction(1, 2), "50%", "50%"),
        (Fraction(1, 8), "12.5%", "12.5%"),
        (Fraction(333333, 1000000), "33.3333%", "33.3333%"),
        (Fraction(1, 3), None, "三分之一"),
        (Fraction(7, 23), None, "7/23"),
        (Fraction(1000), "100,000%", "100,000%"),
        (Fraction(0), "0%", "0%"),
    ],
)
def test_shares_are_exact(share: Fraction, percent: str | None, chinese: str) -> None:
    assert (exact_percent(share), share_of_one(share)) == (percent, chinese)


# Any agreement at all


UNCLEAN = re.compile(r"None|True|False|Fraction|\w\(\w+=|[{}\[\]_\"]|  |\.\.|[，；、,;]\s?[，。；、,.;]| [,.;]|。.")


@given(agreements())
@settings(max_examples=settings.default.max_examples // 2)
def test_sentences_name_every_party_fund_and_amount_and_are_sentences(agreement: Agreement) -> None:
    terms = agreement.model
    used = {name for each in agreement.terms for clause in clauses_within(each.clauses) for name in clause.limits}
    funds = {name: fund for name, fund in terms.funds.items() if name in used}
    amounts = [fund.balance for fund in funds.values()]
    amounts += [top_up.amount for fund in funds.values() for top_up in fund.top_ups]
    amounts += [limit.at_most.amount for name, limit in terms.limits.items() if name in used and limit.at_most.amount]
    for lang, stop, written in (("en", ".", exact_money), ("zh", "。", money)):
        said = sentences(terms, lang)
        text = "\n".join(said)
        for word in [*(party for _, party in terms.parties()), *funds, *map(written, amounts)]:
            assert word in text
        for sentence in said:
            assert sentence.endswith(stop)
            assert not UNCLEAN.search(sentence)
            assert sentence.count("(") + sentence.count("（") == sentence.count(")") + sentence.count("）")
            assert sentence.count("“") == sentence.count("”")
            assert sentence[0].isupper() or lang == "zh"


@given(agreements(), st.data())
@settings(max_examples=settings.default.max_examples // 8)
def test_two_agreements_in_the_same_words_share_losses_and_recoveries_alike(
    agreement: Agreement, data: st.DataObject
) -> None:
    claims = data.draw(claims_of(agreement))
    said = {lang: sentences(agreement.model, lang) for lang in LANGUAGES}
    happened = None
    for other in changed(agreement.model):
        if any(sentences(other, lang) == said[lang] for lang in LANGUAGES):
            happened = happened or shared(agreement, claims)
            assert shared(Agreement(other), claims) == happened
            assert other.covers == agreement.model.covers


def shared(agreement: Agreement, claims: Sequence[Claim]) -> list[object]:
    """Who pays what of each loss, and who gets what of a recovery of half of it."""
    meters, happened = agreement.open(), list[object]()
    for day in dict.fromkeys(claim.day for claim in claims):
        todays = [claim for claim in claims if claim.day == day]
        for claim, each in zip(todays, agreement.share_day(todays, meters), strict=True):
            back = agreement.give_back(claim.amount // 2, each.paid, {}, meters)
            for amounts in (each.advanced, each.paid, back.received):
                happened.append({party: fen for party, fen in amounts.items() if fen})
            happened.append((back.surplus, back.surplus_to, {fund: fen for fund, fen in back.refilled.items() if fen}))
    return happened


@given(agreements(), st.data())
@settings(max_examples=settings.default.max_examples // 2)
def test_whoever_has_only_the_statements_shares_every_loss_alike(agreement: Agreement, data: st.DataObject) -> None:
    meters = agreement.open()
    for claim in data.draw(claims_of(agreement)):
        failed = failing(agreement, claim, meters)
        allocation = agreement.share(claim, meters)
        told = read(agreement.model, claim, allocation.room_before, failed)
        if told.close and agreement.model.straddle != "in proportion":
            continue  # what a rounding may decide
        assert all(abs(allocation.paid[party] - told.paid[party]) < A_FEW_FEN for party in agreement.parties)


def failing(agreement: Agreement, claim: Claim, meters: Meters) -> frozenset[Bound]:
    """The tests that fail before a claim."""
    rates = agreement.model.rates
    paid = {name: meters.used.get((name, claim.counted_over(rate.per)), 0) for name, rate in rates.items()}
    bases = {name: claim.bases[rate.per, rate.over] for name, rate in rates.items()}
    return frozenset(test for test in agreement.tests if not test.holds(paid[test.rate], bases[test.rate]))
