"""Shared losses on a terminal: a line each in columns whose widths are known before, the reasons, the totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.cells import cell_len

from simulator.analysis.allocating import ReturnedRecovery, SharedLoss, Totals
from simulator.analysis.loss_lists import Lists
from simulator.export.allocation import Event, iso_date
from simulator.sharing import Agreement
from simulator.sharing.telling import Telling
from simulator.texts import say, say_count

GAP = "  "


def with_commas(fen: int) -> str:
    """An amount in CNY as people read it: `2,000,000.00`, with a minus below zero."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


class AllocationLines:
    """Writes a line for each loss and each recovery."""

    def __init__(
        self,
        write: Callable[[str], object],
        agreement: Agreement,
        lists: Lists,
        explain: bool,
        names: Mapping[str, str] = {},
    ) -> None:
        """`names` stand in place of the keys of parties, funds and limits."""
        self._names = names
        self._write, self._telling = write, Telling(names) if explain else None
        self._both = lists.recoveries is not None
        self._parties = agreement.parties
        self._meters = (*agreement.model.funds, *agreement.model.limits)
        self._columns = self._widths(agreement, lists)
        self._begin()

    def _widths(self, agreement: Agreement, lists: Lists) -> list[tuple[str, int]]:
        """The heading and the width of each column; a left one is negative."""
        recoveries = lists.recoveries.rows if lists.recoveries is not None else ()
        largest = max([lists.losses.largest, *(row.amount for row in recoveries)])
        money = len(with_commas(largest)) + self._both
        borrower, loan = lists.losses.name_widths
        columns = [(say("date"), -10)]
        columns += [("", -max(cell_len(say("loss")), cell_len(say("recovery"))))] * self._both
        columns += [(say("borrower"), -borrower), (say("loan"), -loan), (say("amount"), money)]
        dearest = max((row.cost for row in recoveries), default=0)
        columns += [(say("cost"), len(with_commas(dearest))), (say("surplus"), money - 1)] * self._both
        columns += [(self._names.get(party, party), money) for party in self._parties]
        most_left = _most_left(agreement, largest)
        columns += [(self._names.get(name, name), len(with_commas(most))) for name, most in most_left.items()]
        return [
            (text, max(width, cell_len(text)) if width > 0 else min(width, -cell_len(text))) for text, width in columns
        ]

    def _begin(self) -> None:
        """The headings, below a line that says of which columns parties and of which meters are."""
        first = len(self._columns) - len(self._parties) - len(self._meters)
        of_parties = self._columns[first : first + len(self._parties)]
        before = sum(abs(width) + len(GAP) for _, width in self._columns[:first])
        paid = say("paid (- got back), CNY" if self._both else "paid, CNY")
        above = " " * before + _padded(paid, -_total(of_parties))
        if self._meters:
            above += GAP + say("left, CNY")
        self._line([text for text, _ in self._columns], above.rstrip() + "\n")

    def _line(self, cells: Sequence[str], above: str = "") -> None:
        padded = [_padded(cell, width) for cell, (_, width) in zip(cells, self._columns, strict=True)]
        self._write(f"{above}{GAP.join(padded).rstrip()}\n")

    def add(self, event: Event) -> None:
        """Write the line of a loss or a recovery and, where asked for, its reasons below it."""
        if isinstance(event, SharedLoss):
            self._line(self._loss(event))
            reasons = self._telling.allocation(event.allocation) if self._telling is not None else []
        else:
            self._line(self._recovery(event))
            reasons = [self._telling.recovered(event.recovered)] if self._telling is not None else []
        for reason in reasons:
            self._write(f"    {reason}\n")

    def _loss(self, event: SharedLoss) -> list[str]:
        row, paid = event.row, event.allocation.paid
        return [
            iso_date(row.day),
            *([say("loss")] if self._both else []),
            row.borrower,
            row.loan,
            with_commas(row.amount),
            *(["", ""] if self._both else []),
            *(with_commas(paid[party]) for party in self._parties),
            *(with_commas(event.left[name]) for name in self._meters),
        ]

    def _recovery(self, event: ReturnedRecovery) -> list[str]:
        row, recovered = event.row, event.recovered
        return [
            iso_date(row.day),
            say("recovery"),
            event.borrower,
            row.loan,
            with_commas(row.amount),
            with_commas(row.cost),
            with_commas(recovered.surplus),
            *(with_commas(-recovered.received[party]) for party in self._parties),
            *(with_commas(event.left[name]) if name in event.left else "" for name in self._meters),
        ]


def total_lines(
    totals: Totals, agreement: Agreement, with_recoveries: bool, names: Mapping[str, str] = {}
) -> Iterator[str]:
    """What every party paid, got back and bears in the end, and how the funds stand; `names` as in the lines."""
    borne = totals.borne
    losses = say_count("{n} loss", "{n} losses", totals.losses)
    counted = say("{losses} of {lost} CNY", losses=losses, lost=with_commas(totals.lost))
    if with_recoveries:
        counted = say(
            "{losses}; {recoveries} of {recovered} CNY, {costs} of it costs, surplus {surplus}",
            losses=counted,
            recoveries=say_count("{n} recovery", "{n} recoveries", totals.recoveries),
            recovered=with_commas(totals.recovered),
            costs=with_commas(totals.costs),
            surplus=with_commas(totals.surplus),
        )
    yield counted
    rows: list[tuple[str, ...]] = [("", say("paid"), say("got back"), say("borne"))]
    for party in agreement.parties:
        amounts_of = totals.paid[party], totals.returned[party], borne[party]
        rows.append((names.get(party, party), *map(with_commas, amounts_of)))
    paid, returned, net = (with_commas(sum(each.values())) for each in (totals.paid, totals.returned, borne))
    rows.append((say("in all"), paid, returned, net))
    shown = [row if with_recoveries else row[:2] for row in rows]
    widths = [max(cell_len(row[place]) for row in shown) for place in range(len(shown[0]))]
    widths[0] = -widths[0]
    for row in shown:
        yield GAP.join(_padded(cell, width) for cell, width in zip(row, widths, strict=True))
    for name in totals.funds:
        yield _fund_line(totals, agreement, name, names.get(name, name))


def _fund_line(totals: Totals, agreement: Agreement, name: str, shown: str) -> str:
    """What a fund has left, and when it was used up."""
    left, day = with_commas(totals.funds[name]), iso_date(totals.last_day)
    used_up, fund = totals.used_up.get(name), agreement.model.funds[name]
    if used_up is None:
        return say("{fund}: {left} CNY left on {day}, never used up", fund=shown, left=left, day=day)
    return say(
        "{fund}: {left} CNY left on {day}, used up for the first time on {date}"
        if fund.top_ups or fund.refill
        else "{fund}: {left} CNY left on {day}, used up on {date}",
        fund=shown,
        left=left,
        day=day,
        date=iso_date(used_up),
    )


def _most_left(agreement: Agreement, largest: int) -> dict[str, int]:
    """About the most that each fund and limit ever has left; one measured against a base may have more."""
    model = agreement.model
    funds = {name: fund.balance + sum(each.amount for each in fund.top_ups) for name, fund in model.funds.items()}
    return funds | {name: limit.at_most.amount or largest * 10 for name, limit in model.limits.items()}


def _padded(text: str, width: int) -> str:
    """A text at the right of a column, or at the left of one with a negative width; wide characters take two."""
    space = " " * (abs(width) - (len(text) if text.isascii() else cell_len(text)))
    return space + text if width > 0 else text + space


def _total(columns: Sequence[tuple[str, int]]) -> int:
    return sum(abs(width) for _, width in columns) + len(GAP) * (len(columns) - 1)
