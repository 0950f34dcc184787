"""What an agreement has done to a loss and to what was recovered, told fen by fen in the language spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulator.scenario.agreement import FIRM, exact_share
from simulator.scenario.spoken_quantities import money_said
from simulator.sharing.allocation import Allocation, Cession
from simulator.sharing.clauses import Clause, sole_bearer, the
from simulator.sharing.division import Step
from simulator.sharing.recovery import Recovered
from simulator.texts import language, say


class Telling:
    """Says what happened; `names` are shown in place of the keys of parties, funds, limits and rates."""

    def __init__(self, names: Mapping[str, str] = {}) -> None:
        self._names = names

    def allocation(self, shared: Allocation) -> list[str]:
        """Clause by clause who pays what of a loss and why, then what is ceded."""
        return [*map(self.step, shared.steps), *map(self._cession, shared.cessions)]

    def step(self, step: Step) -> str:
        """Who pays what of a clause's part, and why."""
        told = self._aside(step) if step.how == "stands aside" else self._paid(step)
        if step.ceded_by is None:
            return told
        return say("of what {giver} has paid, {told}", giver=self.name(step.ceded_by), told=told)

    def recovered(self, back: Recovered) -> str:
        """Who receives what of a recovery."""
        shares = [self._received(part, self.name(party)) for party, part in back.received.items() if part]
        if back.surplus:
            whom = say("the borrower") if back.surplus_to == FIRM else self.name(back.surplus_to)
            given = self._received(back.surplus, whom)
            shares.append(say("{given}, as everybody is made whole", given=given))
        given = say(", ").join(shares) or say("nothing", context="at all")
        told = say("of {amount} recovered: {shares}", amount=money_said(back.recovery), shares=given)
        for fund, fen in back.refilled.items():
            if fen:
                told = say(
                    "{told}; {amount} of it goes back into {fund}",
                    told=told, amount=money_said(fen), fund=self.name(fund),
                )  # fmt: skip
        return told

    def name(self, key: str) -> str:
        """What a party, fund, limit or rate is called, in English with its article."""
        shown = self._names.get(key, key)
        return the(shown) if language() == "en" else shown

    def _received(self, fen: int, whom: str) -> str:
        return say("{amount} to {party}", amount=money_said(fen), party=whom)

    def _cession(self, ceded: Cession) -> str:
        return say(
            "{taker} gives {giver} back {amount}",
            taker=self.name(ceded.taker), giver=self.name(ceded.giver), amount=money_said(ceded.amount),
        )  # fmt: skip

    def _paid(self, step: Step) -> str:
        clause, share = step.clause, exact_share(step.clause.share)
        told = say("{share} of {whole} is {part}", share=share, whole=money_said(step.of), part=_part(step))
        party = self.name(clause.party)
        if step.how == "borne":
            return say("{told}, borne by {party}", told=told, party=party)
        if not step.room and step.amount:
            sole = sole_bearer(clause.otherwise) is not None
            reached = say("{limit} is reached", limit=self._limit(step))
            return say(
                "{told}; {state}, and that falls to {bearers}"
                if sole
                else "{told}; {state}, and that is shared by {bearers}",
                told=told,
                state=reached if step.in_all is None else self._state(step),
                bearers=self._bearers(clause.otherwise),
            )
        told = say("{told}; {state}", told=told, state=self._state(step))
        if step.how == "within" and step.is_fund:
            return say("{told} and pays all of it", told=told)
        told = (
            say("{told} and pays that", told=told)
            if step.is_fund
            else say("{told}, borne by {party}", told=told, party=party)
        )
        return told if step.how == "within" else self._above(step, told)

    def _above(self, step: Step, told: str) -> str:
        """What becomes of the part above the room of a limit."""
        above = money_said(step.amount - step.room)
        if step.how == "shared anew":
            return say("{told}; the other {amount} is shared as if it were used up", told=told, amount=above)
        if step.how == "all shared anew":
            return say(
                "{told}; the other {amount} is shared, with all that no fund pays, as if it were used up",
                told=told,
                amount=above,
            )
        sole = sole_bearer(step.clause.otherwise) is not None
        return say(
            "{told}; the other {amount} falls to {bearers}"
            if sole
            else "{told}; the other {amount} is shared by {bearers}",
            told=told,
            amount=above,
            bearers=self._bearers(step.clause.otherwise),
        )

    def _aside(self, step: Step) -> str:
        clause = step.clause
        share, bearers = exact_share(clause.share), self._bearers(clause.otherwise)
        if step.test is not None:
            return say(
                "it is not so that {test}; {party} stands aside, its {share} falls to {bearers}",
                test=replace(step.test, rate=self.name(step.test.rate)),
                party=self.name(clause.party),
                share=share,
                bearers=bearers,
            )
        if step.room:
            return say(
                "{state} and keeps it for a smaller loss; its {share} falls to {bearers}",
                state=self._state(step, too_little=True), share=share, bearers=bearers,
            )  # fmt: skip
        used_up = step.in_all is None
        state = say("{limit} is used up", limit=self._limit(step)) if used_up else self._state(step)
        return say("{state}; its {share} falls to {bearers}", state=state, share=share, bearers=bearers)

    def _state(self, step: Step, too_little: bool = False) -> str:
        """What the limit has left, and whether that is only this loss's part."""
        limit, room = self._limit(step), money_said(step.room)
        if step.in_all is None:
            return say(
                "{limit} has only {amount} left" if too_little else "{limit} has {amount} left",
                limit=limit,
                amount=room,
            )
        return say(
            "{limit} has only for this loss {amount} of the {whole} left that morning"
            if too_little
            else "{limit} has for this loss {amount} of the {whole} left that morning",
            limit=limit,
            amount=room if step.room else say("nothing", context="at all"),
            whole=money_said(step.in_all),
        )

    def _limit(self, step: Step) -> str:
        assert step.limit is not None
        return self.name(step.limit)

    def _bearers(self, clauses: tuple[Clause, ...]) -> str:
        """`the insurer`, or `insurer: 90%, bank: 10%`."""
        sole = sole_bearer(clauses)
        return self.name(sole) if sole is not None else say(", ").join(map(self.clause, clauses))

    def clause(self, clause: Clause) -> str:
        """A share as far as funds, limits and tests let it, and who bears the rest."""
        told = say("{party}: {share}", party=self.shown(clause.party), share=exact_share(clause.share))
        if clause.limits:
            told = say("{told} up to {limits}", told=told, limits=say(" and ").join(map(self.shown, clause.limits)))
        if clause.tests:
            tests = (str(replace(test, rate=self.shown(test.rate))) for test in clause.tests)
            told = say("{told} while {tests}", told=told, tests=say(" and ").join(tests))
        if clause.is_plain:
            return told
        return say("{told}, otherwise {bearers}", told=told, bearers=self._bearers(clause.otherwise))

    def shown(self, key: str) -> str:
        """What it is called in a list, without an article."""
        return self._names.get(key, key)


def _part(step: Step) -> str:
    """The part of a clause, which may be rounded."""
    exact = step.clause.share * step.of == step.amount
    return money_said(step.amount) if exact else say("{amount} in whole fen", amount=money_said(step.amount))
