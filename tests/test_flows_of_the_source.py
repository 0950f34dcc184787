"""Every bundled flow goes the way that the source tells, by tables written from the source and not from the files.

Lnnn is a line of the source. A row holds only what is printed or follows from it: what a scenario had to assume - a
ratio, an order between two steps of which none is told - stands in no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import pytest
from bundled import bundled

from simulator.scenario.flow import Choice, Step, Together
from simulator.scenario.load import AS_STATED
from simulator.scenario.model import Product, Scenario
from simulator.scenario.resolve import bundled_files
from simulator.sharing import Agreement, Claim
from simulator.units import parse_money, parse_share, parse_span

pytestmark = pytest.mark.whole

Place = tuple[tuple[str, int], ...]
NO_GUARANTOR = ("guarantee review", "counter-guarantee", "intent letter", "re-guarantee consent")
NO_INSURER = ("underwriting", "policy issue")
ALONE = (*NO_GUARANTOR, *NO_INSURER)
VALUES_OF_IP = {"appraised_value", "patent_value", "trademark_value"}


@dataclass(frozen=True)
class Told:
    """What the source tells of one product."""

    lines: str
    order: tuple[str, ...]
    """Chains of kinds of stage, with who does it: all steps of a kind end before any of the next begins."""
    values: tuple[str, ...] | None = None
    """Who values the IP; () where nobody does, None where it is not told."""
    pledgee: str | None = None
    bears: tuple[str, ...] = ("bank",)
    """Who bears a part of a loss. The bank may bear one too, nobody else."""
    sells: str | None = None
    never: tuple[str, ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    times: dict[str, int] = field(default_factory=dict)


DIRECT = "valuation by appraiser > credit approval by bank > pledge registration > drawdown by bank"

TOLD: dict[str, Told] = {
    "C1-F0": Told("L77-79", ("pledge registration > drawdown by bank",), pledgee="bank", sells="bank", never=ALONE),
    "C1-F1": Told(
        "L71: guarantor on core IP, fund behind the guarantor, money from the bank",
        ("guarantee review by guarantor > re-guarantee consent by re-guarantor > drawdown by bank",),
        bears=("guarantor", "re-guarantor"),
        never=NO_INSURER,
    ),
    "C1-F2": Told(
        "L83-89: first, then, after that, last; the account restricted together with the registration",
        (
            "due diligence by bank > transaction verification by bank > contract > pledge registration by bank"
            " > licence filing by licensee > drawdown by bank > status monitoring by bank",
            "contract > account restriction by bank > licence filing > drawdown",
        ),
        values=("bank",),
        pledgee="bank",
        sells="bank",
        never=ALONE,
        together=(("pledge registration", "account restriction"),),
        times={"pledge registration": 1},
    ),
    "C2-F0": Told("L123, L168: the owner cannot borrow, the borrower does not own", (), never=ALONE),
    "C2-F1": Told("L110", ("valuation > credit approval by bank > drawdown by bank",), pledgee="bank", never=ALONE),
    "C2-F2": Told(
        "L110: a credit loan shared with an insurer, the pledge added",
        ("credit approval by bank > drawdown by bank", "pledge registration > drawdown", "underwriting > drawdown"),
        bears=("insurer", "bank"),
        never=NO_GUARANTOR,
    ),
    "C2-F4": Told(
        "L123-127: request, talks in which the link is found, own mark registered, loan",
        (
            "application > need confirmation by bank > valuation of trademark"
            " > pledge registration of trademark > drawdown by bank",
        ),
        pledgee="bank",
        never=ALONE,
        times={"pledge registration": 1},
    ),
    "C2-F5": Told(
        "L135-148: applies, qualification, appraiser, registration by the bank, loan",
        (
            "application > qualification check > valuation by appraiser"
            " > pledge registration of trademark by bank > drawdown by bank",
        ),
        values=("appraiser",),
        pledgee="bank",
        never=(*ALONE, "valuation reuse", "demand screening", "recommendation"),
    ),
    "C2-F6a": Told(
        "L150-152: the bank comes by itself, the indication's appraisal serves again",
        (
            "demand screening by bank > application > credit approval by bank"
            " > pledge registration of trademark > drawdown by bank",
            "valuation reuse > valuation of trademark > credit approval",
        ),
        pledgee="bank",
        never=ALONE,
        times={"valuation": 1, "valuation reuse": 1},
    ),
    "C2-F6b": Told(
        "L154-156: an agreement with the company that manages the indications",
        ("valuation > pledge registration of trademark > drawdown by bank",),
        pledgee="bank",
        never=ALONE,
    ),
    "C3-F1": Told(
        "L212: the bank values, sets the amount, has the pledge registered, pays out",
        ("valuation by bank > pledge registration > drawdown by bank",),
        values=("bank",),
        pledgee="bank",
        never=ALONE,
    ),
    "C3-F2": Told("L212: an appraiser values", (DIRECT,), ("appraiser",), "bank", never=ALONE),
    "C3-F3": Told(
        "L212: the guarantor handles the pledge, the bank lends on the guarantee",
        ("pledge registration by guarantor > drawdown by bank", "guarantee review by guarantor > drawdown"),
        pledgee="guarantor",
        bears=("guarantor",),
        sells="guarantor",
        never=NO_INSURER,
    ),
    "C3-F4": Told(
        "L216: a code answers with an amount, then the account manager comes",
        ("pre-credit > due diligence by bank > credit approval by bank > pledge registration > drawdown by bank",),
        never=ALONE,
    ),
    "C4-F0": Told(
        "L242: bank, technology guarantor, the patents as counter-guarantee",
        ("guarantee review by guarantor > drawdown by bank", "counter-guarantee > drawdown"),
        pledgee="guarantor",
        bears=("guarantor",),
        sells="guarantor",
        never=NO_INSURER,
    ),
    "C4-F1": Told(
        "L236-244: screening with the district, appraiser, green approval, registration online by the bank, money",
        (
            "demand screening by district > valuation by appraiser > credit approval by bank"
            " > pledge registration by bank > drawdown by bank",
        ),
        values=("appraiser",),
        pledgee="bank",
        sells="bank",
        never=ALONE,
        times={"pledge registration": 1},
    ),
    "C5-F0": Told(
        "L280: figures and collateral; IP counts for nothing",
        ("rating by bank > credit approval by bank > drawdown by bank",),
        values=(),
        never=ALONE,
    ),
    "C5-F1": Told(
        "L304-306: patents analysed, rated by the dedicated model, IP pledged, lent",
        (
            "application > valuation of patent by bank > rating by bank > credit approval by bank"
            " > pledge registration > drawdown by bank",
        ),
        values=("bank",),
        pledgee="bank",
        never=ALONE,
    ),
    "C5-F2": Told(
        "L290-292: the IP operator judges, the pledge is managed up to its cancellation, the state of the IP watched",
        (
            "valuation of patent by operator > credit approval by bank > pledge registration > drawdown by bank"
            " > status monitoring > pledge release",
        ),
        values=("operator",),
        pledgee="bank",
        sells="operator",
        never=ALONE,
    ),
    "C5-F3": Told(
        "L296: the insurer values and insures, the bank decides, the pledge is added",
        (
            "valuation by insurer > underwriting by insurer > policy issue by insurer > drawdown by bank",
            "valuation > credit approval by bank > pledge registration > drawdown",
        ),
        values=("insurer",),
        bears=("insurer", "bank"),
        never=NO_GUARANTOR,
    ),
    "C6-F0": Told("L344, L352", ("pledge registration > drawdown by bank",), pledgee="bank", never=ALONE),
    "C6-F2": Told(
        "L338-346: platform, appraisers, approval made simpler, both rights pledged; sold through exchanges",
        (
            "demand screening by platform > valuation of patent by appraiser > credit approval by bank > drawdown",
            "valuation of trademark by appraiser > credit approval",
            "pledge registration of patent > drawdown by bank",
            "pledge registration of trademark > drawdown",
        ),
        values=("appraiser",),
        pledgee="bank",
        sells="exchange",
        never=ALONE,
        times={"pledge registration": 2},
    ),
    "C7-F0": Told(
        "L396: peers borrow by mortgage", ("pledge registration > drawdown by bank",), pledgee="bank", never=ALONE
    ),
    "C7-F2-offline": Told(
        "L378-396: lists and events, visit, assessment, dedicated line, registration, payment, subsidy",
        (
            "demand screening by bank > due diligence by bank > rating by bank > credit approval by bank"
            " > pledge registration of patent > drawdown by bank > subsidy claim",
        ),
        values=(),
        pledgee="bank",
        never=ALONE,
    ),
    "C7-F2-online": Told(
        "L378, L384-386: the same service by the other channel",
        ("credit approval by bank > pledge registration of patent > drawdown by bank > subsidy claim",),
        values=(),
        pledgee="bank",
        never=ALONE,
    ),
    "C8-F0": Told(
        "L424, L442: documents checked again and again, an outside appraiser, three levels of review",
        (
            "application > completeness check > guarantee review by guarantor > intent letter"
            " > credit approval by bank > pledge registration > release notice > drawdown by bank",
        ),
        values=("appraiser",),
        pledgee="guarantor",
        bears=("guarantor",),
        sells="guarantor",
        never=("recommendation", *NO_INSURER),
        times={"guarantee review": 3},
    ),
    "C8-F1": Told(
        "L424: the association recommends, both reports, one review, own valuation, intent letter, quick approval,"
        " pledge, notice, money",
        (
            "recommendation by association > due diligence by guarantor > guarantee review by guarantor"
            " > valuation by guarantor > intent letter by guarantor > credit approval by bank"
            " > pledge registration by guarantor > release notice by guarantor > drawdown by bank",
        ),
        values=("guarantor",),
        pledgee="guarantor",
        bears=("guarantor",),
        sells="guarantor",
        never=("completeness check", *NO_INSURER),
        times={"guarantee review": 1, "due diligence": 2, "credit approval": 1},
    ),
    "C9-F1": Told(
        "L464, L472: need confirmed, the insurer values, registers and insures; the bank lends against the policy",
        (
            "need confirmation > valuation by insurer > pledge registration by insurer > policy issue by insurer"
            " > drawdown by bank",
            "policy issue > credit approval by bank > drawdown",
        ),
        values=("insurer",),
        pledgee="insurer",
        bears=("insurer", "bank"),
        sells="insurer",
        never=NO_GUARANTOR,
    ),
    "C10-F3": Told(
        "L528: the park brings bank and appraiser; valued, pledged, registered, approved, paid",
        (
            "demand screening by park > valuation by appraiser > pledge registration of patent"
            " > credit approval by bank > drawdown by bank",
        ),
        values=("appraiser",),
        pledgee="bank",
        never=ALONE,
    ),
    "C10-F4": Told(
        "L518-520, L530-532: the park before, beside and after; the subsidy in the end",
        (
            "demand screening by park > credit approval by bank > drawdown by bank > subsidy claim by park",
            "valuation by appraiser > pledge registration of patent > drawdown",
        ),
        values=("appraiser",),
        pledgee="bank",
        never=ALONE,
    ),
    "C10-F5": Told(
        "L534: valued, approved within the week, then registered at the centre on the same day, then the loan",
        (
            "demand screening by park > valuation by appraiser > credit approval by bank"
            " > pledge registration of trademark by park > drawdown by bank > subsidy claim",
        ),
        values=("appraiser",),
        pledgee="bank",
        never=ALONE,
        times={"pledge registration": 1},
    ),
    "C10-F6": Told(
        "L538: marks and patents valued, both certificates, then the line on both",
        (
            "demand screening by park > valuation by appraiser > pledge registration > credit approval by bank"
            " > drawdown by bank > subsidy claim",
            "valuation of patent > pledge registration of patent > credit approval",
            "valuation of trademark > pledge registration of trademark > credit approval",
        ),
        values=("appraiser",),
        pledgee="bank",
        never=ALONE,
        times={"pledge registration": 2},
    ),
}
# L474, L488: the same insurer, the same way; who bears what differs.
TOLD["C9-F2"] = Told("L474", TOLD["C9-F1"].order, ("insurer",), "insurer", ("district", "insurer", "bank"), "insurer")
TOLD["C9-F3"] = Told("L488", TOLD["C9-F1"].order, ("insurer",), "insurer", ("insurer", "bank"), "insurer")
# L340-346: the platform is told through its mixed pledge, of which the row is that of C6-F2.
TOLD["C6-F3"] = TOLD["C6-F2"]

SHARES = {
    "C9-F1": {"insurer": "90%", "bank": "10%"},  # L464
    "C9-F2": {"district": "30%", "insurer": "60%", "bank": "10%"},  # L474
}
CAPS = {"C2-F2": "3.5m CNY", "C5-F3": "5m CNY", "C7-F2-offline": "30m CNY", "C7-F2-online": "30m CNY"}  # K2, K4, K5
RATIOS = {"C2-F1": "50%", "C4-F1": "40%"}  # K1, K3
CREDIT_WITH_A_PLEDGE_ADDED = ["C2-F2", "C5-F2", "C5-F3"]  # L110, L290, L296: no share of the IP's value is a limit
NO_FEE_TO_THE_FIRM = ["C2-F5", "C2-F6a", "C4-F1"]  # K10: L148; K9: L246
XUHUI = ["C4-F1", "C6-F2", "C6-F3", "C9-F1", "C10-F3", "C10-F4", "C10-F5", "C10-F6"]  # K11: L524; whatever the bank
# Clock: the step whose end (or entry) starts it, the step at which it stops, the time printed for it.
CLOCKS = {
    ("C2-F6a", "T1"): ("entry of", "application", "end of", "drawdown", None),  # L152: papers to money
    ("C4-F1", "T2"): ("entry of", "pledge registration", "end of", "pledge registration", "1 working day"),  # L244
    ("C9-F1", "T5"): ("end of", "need confirmation", "end of", "policy issue", "30 days"),  # L472: money outside
    ("C9-F2", "T5"): ("end of", "need confirmation", "end of", "policy issue", "30 days"),
    ("C10-F5", "T6"): ("end of", "valuation", "end of", "credit approval", None),  # L534, one week
}
# Firm by firm, what is printed of it: 万 and 亿 of the source in CNY.
FIRMS = {
    ("C3-F1", "restaurant group", "registered"): "1.2bn CNY",  # L204
    ("C5-F1", "XS", "drawn"): "260m CNY",  # L306
    ("C6-F2", "company A", "credit_line"): "2m CNY",  # L332
    ("C7-F2-offline", "company W", "drawn"): "10m CNY",  # L396
    ("C9-F1", "IT start-up", "credit_line"): "2m CNY",  # L484
    ("C9-F1", "IT start-up", "drawn"): "2m CNY",
    ("C10-F3", "company A (nuclear)", "registered"): "100m CNY",  # L528
    ("C10-F3", "company A (nuclear)", "drawn"): "100m CNY",
    ("C10-F4", "company B", "credit_line"): "30m CNY",  # L532
    ("C10-F5", "company C", "credit_line"): "12m CNY",  # L534
    ("C10-F5", "company C", "drawn"): "5m CNY",
    ("C10-F5", "company D", "registered"): "85m CNY",
    ("C10-F5", "company D", "credit_line"): "10m CNY",
    ("C10-F6", "company E", "credit_line"): "10m CNY",  # L538
}
# Total and number of 2021 (C9: since 2017): the mean of a run is held against their quotient.
YEARS = {
    ("C1-F0", "V5"): ("2.64bn CNY", 35),  # L97
    ("C2-F1", "V5"): ("525m CNY", 20),  # L164
    ("C4-F1", "V5"): ("730m CNY", 31),  # L250
    ("C5-F1", "V5"): ("614m CNY", 25),  # L310
    ("C8-F1", "V9"): ("80m CNY", 22),  # L430-432
    ("C9-F1", "V11"): ("400m CNY", 200),  # L456
}
# Another reading of the source, as a variant: the order that makes the difference ('+' for side by side).
OTHER_READINGS = {
    ("C1-F0", "D-30, registered before the approval"): "pledge registration > credit approval > drawdown",
    ("C1-F1", "D-28, valuation beside the committee"): "due diligence > guarantee review + valuation > credit approval",
    ("C1-F2", "D-18, patents pledged as well"): "credit approval > pledge registration of patent > licence filing",
    ("C1-F2", "D-19, filing beside the payment"): (
        "pledge registration + account restriction > licence filing + drawdown"
    ),
    ("C6-F0", "D-30, registered before the approval"): "pledge registration > credit approval > drawdown",
    ("C8-F1", "D-28, valuation beside the committee"): "due diligence > guarantee review + valuation > intent letter",
    ("C9-F1", "D-29, no check by the bank"): "policy issue > drawdown",
    ("C10-F3", "D-30, approved before pledge and registration"): "valuation > credit approval > pledge registration",
    ("C10-F4", "D-30, registered before the approval"): "valuation > pledge registration > credit approval",
    ("C10-F4", "D-37, no visit by the bank"): "application > valuation > credit approval",
    ("C10-F6", "D-30, registered after the approval"): "valuation > credit approval > pledge registration > drawdown",
}
NOT_IN_THAT_READING = {
    ("C9-F1", "D-29, no check by the bank"): "credit approval",
    ("C10-F4", "D-37, no visit by the bank"): "due diligence",
}
# What a flow has that its ordinary mode has not, and the other way round.
AGAINST = {
    ("C1-F2", "C1-F0"): (  # L83-89
        {"transaction verification", "contract", "account restriction", "licence filing", "status monitoring"},
        set(),
    ),
    ("C1-F1", "C1-F0"): ({"guarantee review", "re-guarantee consent"}, set()),  # L71
    ("C2-F2", "C2-F1"): ({"underwriting"}, set()),  # L110
    ("C2-F5", "C2-F4"): ({"qualification check"}, {"need confirmation"}),  # L123, L135-141
    ("C2-F6a", "C2-F5"): ({"demand screening", "valuation reuse"}, set()),  # L152
    ("C3-F3", "C3-F1"): ({"guarantee review"}, set()),  # L212
    ("C3-F4", "C3-F1"): ({"pre-credit"}, set()),  # L216
    ("C4-F1", "C4-F0"): (set(), {"guarantee review", "counter-guarantee"}),  # L242
    ("C5-F1", "C5-F0"): ({"valuation"}, set()),  # L280, L304
    ("C5-F2", "C5-F1"): ({"status monitoring", "pledge release"}, set()),  # L290
    ("C5-F3", "C5-F2"): ({"underwriting", "policy issue"}, set()),  # L296
    ("C7-F2-offline", "C7-F0"): ({"demand screening", "rating", "subsidy claim"}, set()),  # L380-396
    ("C8-F1", "C8-F0"): ({"recommendation"}, {"completeness check"}),  # L424
    ("C9-F2", "C9-F1"): (set(), set()),  # L474: the shares alone
}


def scenario(name: str, variant: str = AS_STATED) -> Scenario:
    """A bundled scenario as stated, or in one of its variants."""
    return bundled(name, variant).scenario


def product(name: str, variant: str = AS_STATED) -> Product:
    """The product of which the source tells: the only one, or, on the platform, the mixed pledge."""
    products = scenario(name, variant).products
    return products["direct loan"] if len(products) > 1 else next(iter(products.values()))


def placed(items: Sequence[Step | Together | Choice], within: Place = ()) -> Iterator[tuple[Place, Step]]:
    """Every step with its place: its number in a row, and the branch or way of the row it is in."""
    for number, item in enumerate(items):
        here = (*within, ("row", number))
        if isinstance(item, Step):
            yield here, item
        elif isinstance(item, Together):
            for branch, steps in enumerate(item.together):
                yield from placed(steps, (*here, ("together", branch)))
        else:
            for way, steps in enumerate([*(each.steps for each in item.choice), item.otherwise]):
                yield from placed(steps, (*here, ("instead", way)))


def where(name: str, told: str, variant: str = AS_STATED) -> list[Place]:
    """Places of all steps of a kind, such as 'valuation of patent by appraiser'; who does it must be as told."""
    kind, _, party = told.partition(" by ")
    kind, _, of = kind.partition(" of ")
    found = [
        (place, step)
        for place, step in placed([*product(name, variant).flow, *product(name, variant).servicing])
        if step.kind.name == kind and (not of or step.of == of)
    ]
    assert found, f"{name} has no {told}"
    for _, step in found:
        assert not party or does(step, party), f"{name}: {step.title} is done by {step.by}, not {party}"
    return [place for place, _ in found]


def does(step: Step, party: str) -> bool:
    """Whether a step is a party's, or one of its desks'."""
    return step.by is not None and (step.by == party or step.by.startswith(f"{party} "))


def difference(one: Place, other: Place) -> tuple[str, int]:
    """How two steps stand to one another: in a row (and by how far), together, or instead of each other."""
    for (sort, first), (_, second) in zip(one, other, strict=False):
        if first != second:
            return sort, second - first
    raise AssertionError("the same step")


def kinds(name: str) -> set[str]:
    """Kinds of stage of a product."""
    return {step.kind.name for step in product(name).all_steps}


def bearers(name: str) -> set[str]:
    """Parties that bear a part of every loss, in the first place or as somebody who takes part of it over."""
    sharing = product(name).risk_sharing
    splits = [sharing.split, *sharing.cede.values()]
    return {party for split in splits for party, part in split.items() if part.share != 0}


def test_every_bundled_product_has_its_row() -> None:
    products = [name for name, path in bundled_files().items() if path.parent.name.startswith("case")]
    assert sorted(TOLD) == sorted(products)


@pytest.mark.parametrize(("name", "chain"), [(name, chain) for name, told in TOLD.items() for chain in told.order])
def test_the_steps_come_in_the_order_of_the_source_and_by_whom_it_names(name: str, chain: str) -> None:
    for earlier, later in pairwise(chain.split(" > ")):
        for one in where(name, earlier):
            for other in where(name, later):
                sort, steps = difference(one, other)
                assert sort == "row" and steps > 0, f"{name}: {earlier} is not over before {later}"


@pytest.mark.parametrize("name", [name for name, told in TOLD.items() if told.together])
def test_what_the_source_has_done_together_runs_together(name: str) -> None:
    for one, other in TOLD[name].together:
        assert {difference(a, b)[0] for a in where(name, one) for b in where(name, other)} == {"together"}


@pytest.mark.parametrize("name", TOLD)
def test_no_stage_is_invented_that_the_flow_goes_without(name: str) -> None:
    assert kinds(name).isdisjoint(TOLD[name].never)
    steps = [step.kind.name for step in product(name).all_steps]
    assert {kind: steps.count(kind) for kind in TOLD[name].times} == TOLD[name].times


@pytest.mark.parametrize("name", [name for name, told in TOLD.items() if told.values is not None])
def test_the_ip_is_valued_by_whom_the_source_names(name: str) -> None:
    valuations = [step for step in product(name).all_steps if step.kind.name == "valuation"]
    expected = TOLD[name].values or ()
    assert bool(valuations) == bool(expected)
    assert all(any(does(step, party) for party in expected) for step in valuations), [step.by for step in valuations]


@pytest.mark.parametrize("name", [name for name, told in TOLD.items() if told.pledgee is not None])
def test_the_ip_is_pledged_to_whom_the_source_names(name: str) -> None:
    registrations = [step for step in product(name).all_steps if step.kind.name == "pledge registration"]
    assert {step.pledgee for step in registrations} == {TOLD[name].pledgee}


@pytest.mark.parametrize("name", TOLD)
def test_a_loss_falls_on_those_the_source_names_and_perhaps_the_bank(name: str) -> None:
    assert set(TOLD[name].bears) <= bearers(name) <= {*TOLD[name].bears, "bank"}


@pytest.mark.parametrize("name", [name for name, told in TOLD.items() if told.sells is not None])
def test_the_ip_of_a_bad_loan_is_sold_by_whom_the_source_names(name: str) -> None:
    recovery = product(name).recovery
    assert recovery is not None
    assert recovery.by == TOLD[name].sells


@pytest.mark.parametrize("name", SHARES)
def test_printed_shares_of_a_loss_are_those_of_the_file(name: str) -> None:
    split = product(name).risk_sharing.split
    assert {party: part.share for party, part in split.items()} == {
        party: parse_share(share) for party, share in SHARES[name].items()
    }


def test_the_guarantor_pays_the_bank_and_the_fund_behind_it_pays_the_guarantor() -> None:
    shared = Agreement(product("C1-F1").risk_sharing)  # L71, D-38
    allocation = shared.share(Claim(parse_money("1m CNY")), shared.open())
    assert {party: fen for party, fen in allocation.advanced.items() if fen} == {"guarantor": parse_money("1m CNY")}
    [cession] = allocation.cessions
    assert (cession.giver, cession.taker) == ("guarantor", "re-guarantor")
    assert 0 < cession.amount == allocation.paid["re-guarantor"] < parse_money("1m CNY")


def test_the_fund_of_fengxian_holds_4m_and_the_insurer_takes_over_when_it_is_used_up() -> None:
    sharing = product("C9-F2").risk_sharing  # L474; D-01, reading a
    assert [(fund.balance, fund.refill) for fund in sharing.funds.values()] == [(parse_money("4m CNY"), False)]
    otherwise = sharing.split["district"].otherwise
    assert otherwise is not None
    assert {party: part.share for party, part in otherwise.items()} == {"insurer": Fraction(1)}
    assert sharing.straddle == "in proportion"


@pytest.mark.parametrize("name", CAPS)
def test_no_customer_gets_more_than_the_printed_cap(name: str) -> None:
    limit = product(name).amount.at_most
    assert limit is not None
    # Online the 30m hold too; that a channel stays below them is an assumption of its file.
    assert limit <= parse_money(CAPS[name]) if name == "C7-F2-online" else limit == parse_money(CAPS[name])


@pytest.mark.parametrize("name", RATIOS)
def test_the_printed_share_of_the_value_is_the_limit(name: str) -> None:
    [(value, share)] = product(name).amount.of.items()
    assert value in VALUES_OF_IP
    assert share == parse_share(RATIOS[name])


@pytest.mark.parametrize("name", CREDIT_WITH_A_PLEDGE_ADDED)
def test_a_credit_loan_with_a_pledge_added_is_not_limited_by_the_ips_value(name: str) -> None:
    assert VALUES_OF_IP.isdisjoint(product(name).amount.of)
    assert "pledge registration" in kinds(name)


@pytest.mark.parametrize("name", NO_FEE_TO_THE_FIRM)
def test_where_the_source_says_so_the_firm_pays_nothing_but_interest(name: str) -> None:
    assert [step.title for step in product(name).all_steps if step.fee and step.fee.paid_by == "firm"] == []
    assert [charge for charge, each in product(name).price.charges.items() if each.paid_by == "firm"] == []
    appraisals = [step.fee for step in product(name).all_steps if step.kind.name == "valuation"]
    assert {(fee.kind, fee.paid_by) for fee in appraisals if fee} == {("appraisal fee", "bank")}


@pytest.mark.parametrize("name", XUHUI)
def test_xuhui_pays_half_of_the_interest_and_500k_a_year_at_most(name: str) -> None:
    subsidy = scenario(name).policy["interest subsidy"]  # L524; D-23
    assert (subsidy.of, subsidy.share, subsidy.at_most) == ("interest", Fraction(1, 2), parse_money("500k CNY"))
    assert (subsidy.per, subsidy.paid_by, subsidy.paid_to) == ("applicant and year", "Xuhui", "payer")


@pytest.mark.parametrize("name", ["C9-F1", "C9-F2", "C9-F3"])
def test_part_of_the_premium_comes_back_to_the_insured_firm(name: str) -> None:
    [premium] = product(name).price.charges.values()  # L476
    assert (premium.kind, premium.paid_by, premium.paid_to) == ("premium", "firm", "insurer")
    subsidy = scenario(name).policy["premium subsidy"]
    assert (subsidy.of, subsidy.paid_to) == ("premium", "payer") and 0 < subsidy.share < 1


@pytest.mark.parametrize(
    ("dearer", "cheaper"),
    [
        ("C2-F5", "C2-F6a"),  # L160: lower rates in batches
        ("C4-F0", "C4-F1"),  # L242: the way through a guarantor costs more
        ("C6-F0", "C6-F2"),  # L344-346: usually dearer; preferential on the platform
        ("C8-F0", "C8-F1"),  # L440: the bank commits to a lower rate
    ],
)
def test_what_the_source_calls_dearer_is_dearer_by_the_year(dearer: str, cheaper: str) -> None:
    def a_year(name: str) -> Fraction:
        price = product(name).price
        return price.interest + sum((each.rate or Fraction(0) for each in price.charges.values()), Fraction(0))

    assert product(dearer).price.interest >= product(cheaper).price.interest
    assert a_year(dearer) > a_year(cheaper)


@pytest.mark.parametrize("name", ["C7-F2-offline", "C7-F2-online", "C10-F3", "C10-F4", "C10-F5", "C10-F6"])
def test_a_subsidy_that_somebody_claims_for_the_firm_is_paid_on_that_claim(name: str) -> None:
    [subsidy] = scenario(name).policy.values()  # L384, L518-524
    assert subsidy.step == "subsidy claim" and "subsidy claim" in kinds(name)


def test_a_loan_on_licence_fees_is_watched_and_left_or_topped_up_when_they_cover_it_no_more() -> None:
    for name in ("C1-F2", "C5-F2"):  # L89; L290
        covers = [step.cover for step in product(name).servicing if step.kind.name == "status monitoring"]
        assert all(cover is not None and 0 < cover.topped_up < 1 for cover in covers) and covers


@pytest.mark.parametrize("name", ["C7-F2-offline", "C7-F2-online"])
def test_a_credit_of_case_7_runs_three_years_at_most(name: str) -> None:
    assert product(name).tenor.months <= 36  # L384


def test_the_fast_easy_loan_asks_what_is_printed() -> None:
    asked = product("C8-F1").eligibility  # L420-422
    limits = [
        asked["annual_sales"].above,
        asked["net_assets"].at_least,
        asked["net_assets_last_year"].at_least,
        asked["loan_to_sales"].at_most,
    ]
    assert [limit.value for limit in limits if limit] == [parse_money("2m CNY"), 0, 0, 0.4]
    assert asked["major_negative_information"].equals is False
    for yes in ("controls_its_ip", "good_credit_record", "gives_counter_guarantee", "fits_priority_industries"):
        assert asked[yes].equals is True


@pytest.mark.parametrize("name", ["C6-F2", "C6-F3"])
def test_the_platform_lends_300m_of_which_100m_on_ip(name: str) -> None:
    quotas = scenario(name).quotas  # L346
    assert quotas["platform"].limit == parse_money("300m CNY")
    assert (quotas["IP pledge"].limit, quotas["IP pledge"].inside) == (parse_money("100m CNY"), "platform")
    assert [step.kind.name for step in product(name).all_steps if step.reserves == "IP pledge"] == ["credit approval"]


@pytest.mark.parametrize(("name", "clock"), CLOCKS)
def test_a_printed_time_is_measured_between_the_moments_it_is_printed_for(name: str, clock: str) -> None:
    begins_at, begins, ends_at, ends, within = CLOCKS[name, clock]
    measured = product(name).clocks[clock]
    kind_of = {step.title: step.kind.name for step in product(name).all_steps}
    assert measured.begins.startswith(begins_at) and kind_of[measured.begins.removeprefix(f"{begins_at} ")] == begins
    assert measured.ends.startswith(ends_at) and kind_of[measured.ends.removeprefix(f"{ends_at} ")] == ends
    assert measured.within == (None if within is None else parse_span(within))


@pytest.mark.parametrize(("name", "firm", "amount"), FIRMS)
def test_a_named_firm_is_held_against_the_amount_printed_of_it(name: str, firm: str, amount: str) -> None:
    outcomes = [each for each in scenario(name).examples[firm].published.values() if each.amount == amount]
    assert len(outcomes) == 1
    lowest, highest = outcomes[0].between or (0, 0)
    assert lowest <= parse_money(FIRMS[name, firm, amount]) <= highest


@pytest.mark.parametrize(("name", "outcome"), YEARS)
def test_a_years_total_is_held_against_the_mean_that_it_gives(name: str, outcome: str) -> None:
    total, number = YEARS[name, outcome]
    published = scenario(name).published_outcomes[outcome]
    lowest, highest = published.between or (0, 0)
    assert published.amount == ("registered" if outcome == "V5" else "drawn")
    assert lowest <= parse_money(total) // number <= highest


@pytest.mark.parametrize(("name", "ordinary"), AGAINST)
def test_a_flow_differs_from_its_ordinary_mode_by_what_the_source_adds_and_takes_away(name: str, ordinary: str) -> None:
    added, taken_away = AGAINST[name, ordinary]
    assert added <= kinds(name) - kinds(ordinary)
    assert taken_away <= kinds(ordinary) - kinds(name)
    if not added and not taken_away:
        assert [step.title for step in product(name).all_steps] == [step.title for step in product(ordinary).all_steps]


def test_the_first_two_ways_of_case_3_differ_in_who_values_alone() -> None:
    one, other = product("C3-F1"), product("C3-F2")  # L212
    assert (one.amount, one.registers, one.eligibility) == (other.amount, other.registers, other.eligibility)
    assert [step.kind for step in one.all_steps] == [step.kind for step in other.all_steps]


@pytest.mark.parametrize(("name", "variant"), OTHER_READINGS)
def test_a_variant_that_is_named_a_reading_goes_the_way_of_that_reading(name: str, variant: str) -> None:
    for earlier, later in pairwise(OTHER_READINGS[name, variant].split(" > ")):
        for one in earlier.split(" + "):
            for other in later.split(" + "):
                apart = [difference(a, b) for a in where(name, one, variant) for b in where(name, other, variant)]
                assert all(sort == "row" and steps > 0 for sort, steps in apart), f"{one} is not over before {other}"
    for place in OTHER_READINGS[name, variant].split(" > "):
        for one, other in pairwise(place.split(" + ")):
            apart = [difference(a, b) for a in where(name, one, variant) for b in where(name, other, variant)]
            assert {sort for sort, _ in apart} == {"together"}
    left_out = NOT_IN_THAT_READING.get((name, variant))
    assert left_out not in {step.kind.name for step in product(name, variant).all_steps}


@pytest.mark.parametrize("name", ["C9-F1", "C9-F2", "C9-F3"])
def test_what_a_sale_brings_goes_back_pro_rata_and_by_another_reading_to_the_insurer_first(name: str) -> None:
    other = product(name, "D-04, recoveries to the insurer first").risk_sharing.recoveries  # L488
    assert (product(name).risk_sharing.recoveries.by_rank, other.by_rank) == ([], ["insurer"])
