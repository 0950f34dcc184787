"""Runs of many paths: the same whatever is run at once, paired across variants, bounded in memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from small_books import DAY, MILLION, WITH_FUND, bullets, credit_of, portfolio, random_book, row

from simulator.credit.book import book_of_table
from simulator.credit.default_times import dependent_uniforms
from simulator.credit.loans import normal
from simulator.credit.path_defaults import PATHS_A_BLOCK, DefaultDraws, Defaults, keys_of, uniforms_at
from simulator.errors import PledgesimError
from simulator.experiment import portfolio as portfolio_module
from simulator.experiment.path_runs import PathTotals, run_paths
from simulator.experiment.portfolio import MOST_KEPT, Portfolio, expected_seconds, refuse_too_many, shared_paths
from simulator.streams import Streams

RANDOM: dict[str, Any] = {
    "correlation": "20%",
    "claim_after": {"exponential": "60 days"},
    "recovery": {
        "haircut": {"triangular": ["30%", "60%", "90%"]}, "cost": {"uniform": ["2%", "8%"]}, "on_factor": "30%",
        "time": {"exponential": "200 days"}, "volatility": "20%",
    },
}  # fmt: skip


def risky(loans: int = 40, clauses: Any = WITH_FUND, **rest: Any) -> Portfolio:
    """A portfolio in which everything is random."""
    return portfolio(bullets(loans, lgd=None, appraised_value=2 * MILLION), clauses, **RANDOM, **rest)


def same(one: PathTotals, other: PathTotals, paths: int | None = None) -> None:
    for each in fields(PathTotals):
        left, right = getattr(one, each.name), getattr(other, each.name)
        if isinstance(left, np.ndarray):
            assert np.array_equal(left[..., :paths], right[..., :paths]), each.name
        else:
            assert left == right


def drawn(run: Portfolio, paths: int = 1_000, seed: int = 3) -> Defaults:
    draws = DefaultDraws(run.book, run.credit, run.recovery, run.name)
    return draws.block(seed, 0, paths)


def test_nothing_depends_on_how_many_paths_are_run_at_once_or_in_all() -> None:
    run = risky()
    whole = run_paths(run, 3_500, 5)
    for at_once in (50, 200, 3_000, 10**6):
        same(run_paths(run, 3_500, 5, at_once), whole)
    same(run_paths(run, 1_234, 5), whole, 1_234)


def test_a_block_is_shared_in_pieces_where_it_is_too_much_at_once() -> None:
    pieces = [shared for _, shared in shared_paths(risky(), 1_000, 5, at_once=100)]
    assert len(pieces) > 3
    assert np.concatenate([piece.claims.path for piece in pieces]).tolist() == sorted(
        path for piece in pieces for path in piece.claims.path.tolist()
    )


def test_the_same_seed_gives_the_same_bits_and_another_gives_others() -> None:
    same(run_paths(risky(), 2_000, 5), run_paths(risky(), 2_000, 5))
    assert not np.array_equal(run_paths(risky(), 2_000, 5).net, run_paths(risky(), 2_000, 6).net)


def test_parts_of_the_parties_sum_to_the_loss_less_recoveries_on_every_path() -> None:
    totals = run_paths(risky(), 2_000, 5)
    assert (totals.borne >= 0).all()
    assert np.array_equal(totals.borne.sum(axis=0), totals.net)
    assert (totals.net <= totals.loss).all()
    assert (totals.net < totals.loss).any()


def test_more_loans_at_the_end_of_a_book_change_nothing_for_the_others() -> None:
    few, many = drawn(risky(300)), drawn(risky(700))
    among = many.loan < 300
    order = np.lexsort((few.path, few.loan)), np.flatnonzero(among)[np.lexsort((many.path[among], many.loan[among]))]
    for each in fields(Defaults):
        assert np.array_equal(getattr(few, each.name)[order[0]], getattr(many, each.name)[order[1]]), each.name


def test_higher_rates_add_defaults_and_leave_the_luck_of_the_others() -> None:
    low = drawn(portfolio(bullets(50, lgd=None, appraised_value=MILLION, annual_pd=0.03), **RANDOM))
    high = drawn(portfolio(bullets(50, lgd=None, appraised_value=MILLION, annual_pd=0.06), **RANDOM))
    places = {(path, loan): place for place, (path, loan) in enumerate(zip(high.path, high.loan, strict=True))}
    found = [places[path, loan] for path, loan in zip(low.path, low.loan, strict=True)]
    assert len(found) < len(high)
    for name in ("claim_minutes", "sale_minutes", "haircut", "cost", "luck"):
        assert np.array_equal(getattr(low, name), getattr(high, name)[found]), name
    assert (high.moment[found] < low.moment).all()


def test_other_terms_of_an_agreement_meet_the_same_defaults() -> None:
    one, other = run_paths(risky(), 2_000, 5), run_paths(risky(clauses={"split": {"bank": "100%"}}), 2_000, 5)
    assert np.array_equal(one.loss, other.loss)
    assert np.array_equal(one.net, other.net)


def test_portfolios_of_different_names_share_good_and_bad_times_and_nothing_else() -> None:
    one, other = (run_paths(risky(200, name=name), 4_000, 5).defaults for name in ("patents", "trademarks"))
    assert not np.array_equal(one, other)
    # Two halves of a book of 400 loans: Var p(Z) over Var p(Z) + E[p(1 - p)] / 200.
    assert np.corrcoef(one, other)[0, 1] > 0.8
    free = {**RANDOM, "correlation": "0%"}
    book = bullets(200)
    counts = [run_paths(portfolio(book, name=name, **free), 4_000, 5).defaults for name in ("patents", "trademarks")]
    assert abs(np.corrcoef(*counts)[0, 1]) < 2.576 / np.sqrt(4_000)


def test_expected_defaults_are_those_that_come() -> None:
    book = replace(bullets(60, tenor_months=24), quality=np.resize([-1.5, 0.0, 1.0], 60))
    run = portfolio(book, correlation="12%", quality_weight="50%")
    draws = DefaultDraws(book, run.credit, run.recovery)
    counted = run_paths(run, 10_000, 5).defaults
    assert abs(counted.mean() - draws.expected) < 2.576 * counted.std() / 100


@pytest.mark.parametrize("seed", range(8))
def test_exactly_those_default_whose_time_comes_before_the_end(seed: int) -> None:
    book = replace(random_book(seed), quality=np.linspace(-1, 1, len(random_book(seed))))
    run = portfolio(book, correlation="30%", quality_weight="40%")
    found = {(path, loan) for path, loan in zip(*_path_and_loan(drawn(run)), strict=True)}
    streams = Streams(3, 0)
    factor = normal(streams.uniforms("losses: factor", PATHS_A_BLOCK))
    places = np.add.outer(keys_of(book.names), np.arange(PATHS_A_BLOCK, dtype=np.uint64))
    own = uniforms_at(streams, "losses : default", places)
    assert book.quality is not None
    expected = set()
    for loan in range(len(book)):
        years = book.structures[0].years_at(dependent_uniforms(factor, book.quality[loan], own[loan], 0.3, 0.4))
        moments = book.moments(np.full(PATHS_A_BLOCK, loan), years)
        expected |= {(path, loan) for path in np.flatnonzero(np.isfinite(moments)).tolist()}
    assert found == expected


def test_a_loan_has_the_same_luck_wherever_it_stands_and_whatever_stands_beside_it() -> None:
    rows = [row(f"L{number}", annual_pd=0.2, lgd=None, appraised_value=MILLION) for number in range(100)]
    whole = _by_name(portfolio(book_of_table(rows), **RANDOM))
    assert _by_name(portfolio(book_of_table(rows[::-1]), **RANDOM)) == whole
    fewer = _by_name(portfolio(book_of_table(rows[7::3]), **RANDOM))
    assert fewer == {entry for entry in whole if entry[0] in {each.loan for each in rows[7::3]}}


def _by_name(run: Portfolio) -> set[tuple[object, ...]]:
    found = drawn(run)
    names = [run.book.names[loan] for loan in found.loan.tolist()]
    columns = [getattr(found, each.name).tolist() for each in fields(found) if each.name != "loan"]
    return set(zip(names, *columns, strict=True))


def test_loans_of_one_name_are_told_apart() -> None:
    assert len(set(keys_of(["a", "a", "b", "a"]).tolist())) == 4


def test_where_quality_is_not_known_it_is_luck_and_loans_default_at_their_rate() -> None:
    book = bullets(100, annual_pd=0.1)
    credit = credit_of("20%", quality_weight="60%")
    assert DefaultDraws(book, credit, credit.recovery).expected == pytest.approx(10)
    known = replace(book, quality=np.zeros(100))
    # A firm that is known to be neither good nor bad defaults less often than one of which nothing is known.
    assert DefaultDraws(known, credit, credit.recovery).expected < 5


def test_bases_of_loans_in_many_instalments_take_no_more_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = {
        "limits": {"cap": {"at_most": "10% of guaranteed balance", "per": "ever"}},
        "split": {"insurer": {"share": "90%", "up to": "cap", "otherwise": "bank"}, "bank": "rest"},
    }
    run, free = portfolio(bullets(500), limited), portfolio(bullets(500))
    assert (run.movements, free.movements) == (2, 0)
    assert max(len(part.claims) for _, part in shared_paths(run, 2_000, 1)) > 20_000
    monkeypatch.setattr(portfolio_module, "MOVEMENTS_AT_ONCE", 2_000)
    assert max(len(part.claims) for _, part in shared_paths(run, 2_000, 1)) < 3_000
    assert expected_seconds(run, 5_000) > expected_seconds(free, 5_000)


def test_a_block_of_paths_is_drawn_whole_and_all_portfolios_count_for_what_fits() -> None:
    run = portfolio(bullets(1_000, annual_pd=Fraction(0)))
    assert expected_seconds(run, 1) == expected_seconds(run, PATHS_A_BLOCK)
    half = portfolio(bullets(4_000, annual_pd=Fraction(1)))
    refuse_too_many([half], 1_000)
    with pytest.raises(PledgesimError, match="about 8,000 defaults on each path; 5,000 at most"):
        refuse_too_many([half, half], 1_000)


def _path_and_loan(defaults: Defaults) -> tuple[list[int], list[int]]:
    return defaults.path.tolist(), defaults.loan.tolist()


def test_loans_of_different_rates_and_tenors_default_by_their_own() -> None:
    rows = [row("safe", annual_pd=0.01), row("risky", annual_pd=0.2, tenor_months=36)]
    run = portfolio(book_of_table(rows), correlation="10%")
    draws = DefaultDraws(run.book, run.credit, run.recovery)
    blocks = Defaults.joined([draws.block(9, number) for number in range(20)])
    shares = np.bincount(blocks.loan, minlength=2) / 20_000
    for share, exact in zip(shares, (0.01, 1 - 0.8**3), strict=True):
        assert abs(share - exact) < 2.576 * np.sqrt(exact * (1 - exact) / 20_000)


def test_a_fund_is_used_up_when_the_claim_that_empties_it_is_settled() -> None:
    totals = run_paths(portfolio(bullets(30, annual_pd=0.5), WITH_FUND, claim_after="60 days"), 300, 4)
    ((_, shared),) = shared_paths(portfolio(bullets(30, annual_pd=0.5), WITH_FUND, claim_after="60 days"), 300, 4)
    for path in range(300):
        moments = np.sort(shared.claims.settled_at[shared.claims.path == path])
        assert totals.used_up[0, path] == (moments[6] if len(moments) > 6 else np.inf)
    assert (totals.used_up >= 60 * DAY).all()


def test_a_path_without_defaults_loses_nothing() -> None:
    totals = run_paths(portfolio(bullets(3, annual_pd=0.0), WITH_FUND), 50, 1)
    assert not totals.loss.any()
    assert not totals.borne.any()
    assert np.isinf(totals.used_up).all()


def test_all_loans_of_a_rate_of_one_default_at_drawdown() -> None:
    totals = run_paths(portfolio(bullets(3, annual_pd=1.0), WITH_FUND, correlation="50%"), 50, 1)
    assert (totals.loss == 6 * MILLION).all()


KEPT = ("loss", "net", "borne", "borne_in", "paid_in", "used_up", "defaults")


def peak(paths: int) -> int:
    """Bytes held at most while so many paths run, besides what is kept of each."""
    run = risky(20)
    tracemalloc.start()
    totals = run_paths(run, paths, 5, at_once=2_000)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held - sum(getattr(totals, name).nbytes for name in KEPT)


def test_memory_does_not_grow_with_the_paths_beyond_what_is_kept_of_each() -> None:
    peak(2_000)  # whatever is loaded or remembered once
    few, many = peak(10_000), peak(60_000)
    assert many < few * 1.2 + 60_000 * 8


def test_too_many_paths_and_none_are_refused_with_the_estimate() -> None:
    run = risky()
    with pytest.raises(PledgesimError, match="0 paths; at least 1"):
        run_paths(run, 0, 1)
    # Loss, net and defaults, one fund, and of three parties all, and two of each of two years.
    most = MOST_KEPT // 19
    told = f"{most + 1:,} paths with 19 numbers each .* about 480 MB; .* at most {most:,} paths"
    with pytest.raises(PledgesimError, match=told):
        run_paths(run, most + 1, 1)


def test_a_book_of_too_many_defaults_is_refused_with_the_estimate() -> None:
    one = bullets(1, annual_pd=0.5)
    count = 20_000
    many = replace(
        one,
        names=("loan",) * count,
        **{
            each.name: np.repeat(getattr(one, each.name), count, axis=0)
            for each in fields(one)
            if isinstance(getattr(one, each.name), np.ndarray)
        },
        lgd=(Fraction(1),) * count,
    )
    with pytest.raises(PledgesimError, match="about 10,000 defaults on each path; 5,000 at most"):
        run_paths(portfolio(many), 1_000, 1)


def test_the_estimate_of_time_grows_with_loans_and_paths() -> None:
    assert expected_seconds(risky(40), 1_000) < expected_seconds(risky(80), 1_000) < expected_seconds(risky(80), 9_000)


def test_numbers_at_places_are_uniform_and_their_own() -> None:
    streams = Streams(1, 2)
    places = np.arange(0, 10**9, 9_973, dtype=np.uint64)
    found = uniforms_at(streams, "claim", places)
    assert ((found >= 0) & (found < 1)).all()
    assert np.array_equal(uniforms_at(streams, "claim", places[::-7]), found[::-7])
    counts = np.histogram(found, 50, (0, 1))[0]
    assert abs(((counts - len(found) / 50) ** 2).sum() / (len(found) / 50) - 49) < 3 * np.sqrt(2 * 49)
    for other in (uniforms_at(streams, "sale", places), uniforms_at(Streams(1, 3), "claim", places), found[1:]):
        assert abs(np.corrcoef(found[: len(other)], other)[0, 1]) < 3 / np.sqrt(len(other))
