"""The closed vocabulary of stages: what a step of a flow can be, and how each can turn out.

The first outcome is the one on which a file goes on to the next step. `declined` ends the application unless the flow
routes it elsewhere; every other outcome named in a step's odds must be routed by its `on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal[
    "sourcing", "application", "diligence", "valuation", "rating", "guarantee", "insurance", "credit",
    "contract", "registration", "drawdown", "policy", "servicing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageKind:
    """One kind of stage with its declared outcomes."""

    name: str
    family: Family
    outcomes: tuple[str, ...]
    zh: str
    meaning: str


def _kinds(family: Family, *rows: tuple[str, tuple[str, ...], str, str]) -> list[StageKind]:
    return [StageKind(name, family, outcomes, zh, meaning) for name, outcomes, zh, meaning in rows]


_DECIDED = ("approved", "returned", "declined")
STAGE_KINDS: dict[str, StageKind] = {
    kind.name: kind
    for kind in [
        *_kinds(
            "sourcing",
            ("demand screening", ("selected", "declined"), "需求筛选", "Firms are looked through for IP and need"),
            ("need confirmation", ("confirmed", "declined"), "需求确认", "The firm's need for money is confirmed"),
            ("recommendation", ("recommended", "returned", "declined"), "推荐", "Somebody who knows the firm vouches"),
            ("pre-credit", ("pre-credited", "declined"), "预授信", "A first amount is given before the visit"),
        ),
        *_kinds(
            "application",
            ("application", ("submitted", "declined"), "申请", "The firm prepares and hands in its file"),
            ("completeness check", ("complete", "returned", "declined"), "材料核验", "Is every document there?"),
            ("qualification check", ("qualified", "returned", "declined"), "资格核验", "Is a required title held?"),
        ),
        *_kinds(
            "diligence",
            ("due diligence", ("reported", "returned", "declined"), "尽职调查", "The firm is visited and written up"),
            ("transaction verification", ("verified", "returned", "declined"), "交易核验", "Is the trade behind real?"),
        ),
        *_kinds(
            "valuation",
            ("valuation", ("valued", "returned", "declined"), "价值评估", "The IP is given a value"),
            ("valuation reuse", ("reused", "declined"), "评估复用", "An earlier valuation is taken over"),
        ),
        *_kinds("rating", ("rating", ("rated", "declined"), "评级", "A scoring model rates the firm")),
        *_kinds(
            "guarantee",
            ("guarantee review", _DECIDED, "担保评审", "The guarantor decides"),
            (
                "counter-guarantee",
                ("given", "returned", "declined"),
                "反担保",
                "Firm or controller secures the guarantor",
            ),
            ("intent letter", ("issued", "declined"), "担保意向函", "The guarantor tells the bank it will guarantee"),
            ("re-guarantee consent", ("consented", "returned", "declined"), "再担保确认", "The re-guarantor agrees"),
            ("guarantee contract", ("signed", "declined"), "担保合同", "The guarantee is signed"),
        ),
        *_kinds(
            "insurance",
            ("underwriting", ("accepted", "returned", "declined"), "核保", "The insurer decides"),
            ("policy issue", ("issued", "declined"), "出具保单", "The policy is issued"),
        ),
        *_kinds("credit", ("credit approval", _DECIDED, "授信审批", "The bank decides on the credit line")),
        *_kinds("contract", ("contract", ("signed", "returned", "declined"), "签订合同", "Contracts are signed")),
        *_kinds(
            "registration",
            ("pledge registration", ("registered", "returned", "declined"), "质押登记", "The pledge is registered"),
            ("account restriction", ("restricted", "declined"), "账户限制", "The receiving account is restricted"),
            ("licence filing", ("filed", "returned", "declined"), "许可备案", "The licence is filed"),
        ),
        *_kinds(
            "drawdown",
            ("release notice", ("notified", "declined"), "放款通知", "The bank is told it may pay out"),
            ("drawdown", ("drawn",), "放款", "The money is paid out; the loan begins"),
        ),
        *_kinds(
            "servicing",
            ("status monitoring", ("sound", "exit"), "状态监测", "IP and firm are watched while the loan runs"),
            ("pledge release", ("released",), "质押注销", "The pledge is cancelled once the loan is repaid"),
        ),
        *_kinds("policy", ("subsidy claim", ("claimed", "declined"), "补贴申请", "A subsidy is claimed")),
    ]
}
ENDS = ("declined", "withdrawn", "expired", "completed")
"""Ways in which a case can end, beside `drawn`."""
