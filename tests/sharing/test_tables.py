"""Tables from spreadsheets are read as they are meant, or refused with row, column and reason.

Every file of tests/tables/broken is refused with exactly the message beside it. After a message is changed on purpose,
`PLEDGESIM_UPDATE=1 pytest tests/sharing/test_tables.py` writes the new ones; read them.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import tracemalloc
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.cli import group
from simulator.errors import ScenarioError
from simulator.scenario import loss_table, spreadsheet_text
from simulator.scenario.book_table import BookRow, read_book
from simulator.scenario.csv_cells import Unreadable, read_amount, read_date, read_months, read_share
from simulator.scenario.csv_table import MOST_TOLD, Problems
from simulator.scenario.loss_table import LossRow, read_losses
from simulator.scenario.recovery_table import read_recoveries

TABLES = Path(__file__).parent.parent / "tables"
BROKEN, ODD = TABLES / "broken", TABLES / "odd"
FILES = sorted(path.name for path in BROKEN.glob("*.csv"))
READ_BY = {
    "losses": ("base/plain.yaml", "--losses", "{}"),
    "of-a-book": ("base/by-book.yaml", "--book", "base/book.csv", "--losses", "{}"),
    "recoveries": ("base/plain.yaml", "--losses", "base/losses.csv", "--recoveries", "{}"),
    "book": ("base/by-book.yaml", "--losses", "base/losses.csv", "--book", "{}"),
}
"""The beginning of a file's name, and how it is read."""
JARGON = re.compile(r"Traceback|codec|NoneType|\bdict\b|\bNone\b|\bTrue\b|\bFalse\b|\bcsv\.|0x[0-9a-f]{2}|Errno")
HEAD = "date,borrower,loan,amount\n"


def told(file: str) -> str:
    """What `pledgesim allocate` says of a table, which it refuses without printing anything else."""
    words = next(way for beginning, way in READ_BY.items() if file.startswith(f"{beginning}-"))
    done = CliRunner().invoke(group, ["allocate", *(word.format(file) for word in words)])
    assert done.exit_code == 2, (done.output, done.exception)
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def in_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)


def losses_of(file: Path | str, problems: Problems | None = None) -> list[LossRow]:
    """The losses of a sound file."""
    problems = problems or Problems()
    losses = read_losses(str(file), problems)
    problems.raise_any()
    return list(losses)


def refusal(file: Path) -> str:
    """What is wrong with a list of losses."""
    with pytest.raises(ScenarioError) as error:
        losses_of(file)
    return str(error.value)


# Refused


@pytest.mark.usefixtures("in_broken")
@pytest.mark.parametrize("file", FILES)
def test_a_broken_table_is_refused_with_the_message_beside_it(file: str) -> None:
    beside = (BROKEN / file).with_suffix(".txt")
    message = told(file)
    if os.environ.get("PLEDGESIM_UPDATE"):
        beside.write_text(message, encoding="utf-8")
    assert message == beside.read_text(encoding="utf-8")


@pytest.mark.usefixtures("in_broken")
@pytest.mark.parametrize("file", FILES)
def test_messages_name_the_place_and_speak_of_the_table(file: str) -> None:
    message = told(file)
    assert not JARGON.search(message)
    for line in message.splitlines():
        assert line.startswith("    ") or re.match(r"[^:]+(:[1-9]\d*:[1-9]\d*)?: \S", line), line


def test_every_message_has_its_table() -> None:
    assert {path.stem for path in BROKEN.glob("*.txt")} == {Path(file).stem for file in FILES}


def test_an_unknown_heading_is_answered_in_its_language_with_what_the_table_lacks(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text("日期,企业,贷款编码,金额,损失额,网点\n2021-03-05,A,L1,1,,\n", encoding="utf-8")
    assert [line.removeprefix(f"{file}:1:") for line in refusal(file).splitlines()] == [
        "3: unknown column '贷款编码'; did you mean '贷款编号' ('贷款')?",
        "    allowed here: 日期, 借款人, 贷款, 金额, 违约日",
        "5: unknown column '损失额'; '金额' is there already",
        "    leave it out, or call it 'note' or '备注'",
        "6: unknown column '网点'",
        "    allowed here: 日期, 借款人, 贷款, 金额, 违约日",
    ]
    file.write_text("date,borrower,loan numbr,amount,amounts\n2021-03-05,A,L1,1,\n", encoding="utf-8")
    assert [line.removeprefix(f"{file}:1:") for line in refusal(file).splitlines()] == [
        "3: unknown column 'loan numbr'; did you mean 'loan'?",
        "    allowed here: date, borrower, loan, amount, lost_on",
        "5: unknown column 'amounts'; 'amount' is there already",
        "    leave it out, or call it 'note' or '备注'",
    ]


@pytest.mark.usefixtures("in_broken")
def test_the_tables_beside_which_broken_ones_are_read_are_sound() -> None:
    words = ["base/by-book.yaml", "--losses", "base/losses.csv", "--book", "base/book.csv"]
    assert CliRunner().invoke(group, ["allocate", *words]).exit_code == 0


def test_every_bad_row_counts_although_only_the_first_hundred_are_printed(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text(HEAD + "2021-03-05,A,L1,0\n" * 1234, encoding="utf-8")
    lines = [line for line in refusal(file).splitlines() if not line.startswith("    ")]
    assert len(lines) == MOST_TOLD + 1
    assert lines[-2].startswith(f"{file}:101:4: amount '0' is zero")
    assert lines[-1] == f"{file}:101:5: and 1,134 more mistakes after these"


@pytest.mark.usefixtures("in_broken")
def test_mistakes_of_all_tables_are_told_together() -> None:
    words = ["--losses", "losses-dates.csv", "--recoveries", "recoveries-costs.csv", "--book", "book-cells.csv"]
    done = CliRunner().invoke(group, ["allocate", "base/by-book.yaml", *words])
    assert done.exit_code == 2
    for place in ("losses-dates.csv:2:1", "losses-dates.csv:1:1: there is no column 'lost_on', by which the limit",
                  "recoveries-costs.csv:2:4", "book-cells.csv:3:1"):  # fmt: skip
        assert place in done.stderr


def test_a_table_that_is_changed_while_it_is_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text(HEAD + "2021-03-05,A,L1,1\n", encoding="utf-8")
    losses = read_losses(str(file), Problems())
    file.write_text(HEAD + "2021-03-05,A,L1,-1\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="amount '-1' is below zero"):
        list(losses)


usual = [
    "date",
    "borrower",
    "loan",
    "amount",
    "principal",
    "start",
    "cost",
    "2021-03-05",
    "1,0",
    "3%",
    '"',
    "合计",
    "L1",
]
cells = st.text(max_size=8) | st.sampled_from(usual)


@given(st.lists(st.lists(cells, max_size=6), max_size=5), st.sampled_from([",", ";", "\t", "，"]))
@example([["date", "borrower", "loan", "amount"], ["2021-03-05", "A", "L1", "1"]], ",")
def test_whatever_a_table_holds_is_read_or_refused(rows: list[list[str]], delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in rows)
    content = text.encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreadsheet_text, "_held", lambda reference, name: content)
        for read in (losses_of, read_recoveries, read_book):
            problems = Problems()
            try:
                read("any.csv", problems)
                problems.raise_any()
            except ScenarioError as error:
                assert str(error).startswith("any.csv")


@given(st.binary(max_size=300))
def test_whatever_bytes_a_file_holds_it_is_refused_and_no_fault(content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreadsheet_text, "_held", lambda reference, name: content)
        with pytest.raises(ScenarioError):
            losses_of("any.csv")


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text(HEAD + "x" * (3 * spreadsheet_text.CHUNK), encoding="utf-8")
    assert re.search(r"losses.csv:2:1: a line of more than 1,0\d\d,\d{3} characters", refusal(file))


# Read


@pytest.mark.parametrize("file", sorted(ODD.glob("*.csv")), ids=lambda path: path.stem)
def test_one_list_of_losses_is_the_same_however_a_spreadsheet_saves_it(file: Path) -> None:
    march, april = (datetime.date(2021, *day).toordinal() for day in ((3, 5), (4, 6)))
    assert [row[1:] for row in losses_of(file)] == [
        (march, "沪江光学", "HJ-1", 200_000_000, None),
        (march, "Blue, Sky", "HJ-2", 50_000_000, None),
        (april, "沪江光学", "HJ-3", 1, None),
    ]


def test_rows_are_numbered_as_an_editor_numbers_lines(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    rows = ",,,,\n" + '2021-03-05,A,L1,1,"two\nlines"\n' + "2021-03-05,A,L2,0,\n"
    file.write_text("\ndate,borrower,loan,amount,note\n" + rows, encoding="utf-8")
    assert refusal(file).startswith(f"{file}:6:4: amount '0' is zero")


amounts = st.integers(1, 10**12)


@given(amounts)
def test_an_amount_is_read_to_the_fen_in_every_form_that_is_allowed(fen: int) -> None:
    whole, cents = divmod(fen, 100)
    bare, grouped = f"{whole}.{cents:02d}", f"{whole:,}.{cents:02d}"
    wide = grouped.translate(str.maketrans("0123456789,.", "０１２３４５６７８９，．"))
    in_ten_thousands = f"{fen // 10**6}.{fen % 10**6:06d}万元"
    forms = [bare, grouped, f" ¥{grouped} ", f"￥ {bare} 元", f"{bare} CNY", f"CNY {bare}", wide, in_ten_thousands]
    assert {read_amount(form) for form in forms} == {fen}


@given(amounts.filter(lambda fen: fen >= 100_000), st.integers(1, 3))
def test_commas_that_do_not_part_groups_of_three_are_refused(fen: int, at: int) -> None:
    digits = str(fen // 100)
    wrong = digits[:-at] + "," + digits[-at:]
    if at != 3 or len(digits) > 6:
        with pytest.raises(Unreadable, match="commas part groups of three digits"):
            read_amount(wrong)
    else:
        assert read_amount(wrong) == fen // 100 * 100


def test_an_amount_with_the_exponent_of_a_program_is_read_exactly_and_one_of_a_spreadsheet_refused() -> None:
    assert read_amount("1.5e6") == read_amount("1.5e+06") == 150_000_000 and read_amount("1e-2") == 1
    assert read_amount("1.23456789e6") == 123_456_789
    assert read_amount("1.5e2", unit=Fraction(10_000)) == 150_000_000
    for wrong, found in (("1.2E+06", "cut digits"), ("1.5e-2", "not a whole number of fen"), ("-1.5e6", "below zero"),
                         ("1e99", "is more than"), ("0e3", "is zero"), ("1e999", "cut digits")):  # fmt: skip
        with pytest.raises(Unreadable, match=found):
            read_amount(wrong)


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
def test_a_day_is_read_in_every_form_that_is_allowed(day: datetime.date) -> None:
    year, month, number = day.year, day.month, day.day
    forms = [f"{day}", f"{year}/{month}/{number}", f"{year}.{month}.{number}", f"{year}年{month}月{number}日",
             f"{day} 00:00:00", f"{year}/{month}/{number} 0:00", f"{day:%Y%m%d}"]  # fmt: skip
    assert {read_date(form) for form in forms} == {day.toordinal()}


def test_shares_are_read_as_percentages_or_fractions_of_one_and_under_a_heading_in_percent() -> None:
    assert read_share("3%") == read_share("0.03") == read_share("３％") == Fraction(3, 100)
    assert read_share("3", unit=Fraction(1, 100)) == read_share("3%", unit=Fraction(1, 100)) == Fraction(3, 100)
    assert read_share("0") == 0 and read_share("100%") == 1
    # As pandas and R write what is small.
    assert read_share("3e-2") == read_share("3E-02") == Fraction(3, 100) and read_share("1e-12") == Fraction(1, 10**12)
    for wrong in ("3", "100.01%", "-1%", "3 percent", "e-2", "1e999", ""):
        with pytest.raises(Unreadable):
            read_share(wrong)


def test_months_are_whole() -> None:
    assert read_months("12") == read_months("12.0") == read_months("12个月") == 12
    for wrong in ("12.5", "0", "1年", "", "1201"):
        with pytest.raises(Unreadable):
            read_months(wrong)


def test_a_book_is_read_with_chinese_headings_and_their_units(tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    headings = "贷款编号,企业,贷款本金(万元),年违约率(%),违约损失率,放款日,期限(月),保费,年利率\n"
    file.write_bytes((headings + 'L1,某公司,200,3,60%,2020-01-31,13,"40,000",4.35%\n').encode("gb18030"))
    problems = Problems()
    row = read_book(str(file), problems, with_risk=True).loans["L1"]
    problems.raise_any()
    start, pd, lgd = datetime.date(2020, 1, 31).toordinal(), Fraction(3, 100), Fraction(3, 5)
    assert row == (2, "L1", "某公司", 200_000_000, start, 13, pd, lgd, None, 4_000_000, Fraction(435, 10_000))


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [("2020-01-31", 13, "2021-02-28"), ("2020-01-31", 12, "2021-01-31"), ("2020-02-29", 12, "2021-02-28"),
     ("2020-11-30", 3, "2021-02-28"), ("2020-12-15", 1, "2021-01-15")],
)  # fmt: skip
def test_a_loan_falls_due_on_the_day_of_the_month_on_which_it_started_or_the_last(
    start: str, months: int, due: str
) -> None:
    row = BookRow(2, "L1", "A", 1, read_date(start), months, None, None, None, None)
    assert row.matures == read_date(due)


@pytest.mark.parametrize(
    ("heading", "cells", "problem"),
    [
        ("", "", "book.csv:1:1: there is no column 'lgd' and none 'appraised_value'"),
        (",lgd,appraised_value", ",60%,5000000", "book.csv:2:7: loan 'L1' has both an lgd and an appraised value"),
        (",lgd,appraised_value", ",,", "book.csv:2:7: loan 'L1' has neither an lgd nor an appraised value"),
    ],
)
def test_a_book_says_of_each_loan_what_is_lost_in_one_way(
    tmp_path: Path, heading: str, cells: str, problem: str
) -> None:
    file = tmp_path / "book.csv"
    head = "loan,borrower,principal,annual_pd,start,tenor_months"
    file.write_text(f"{head}{heading}\nL1,A,2000000,3%,2020-01-31,12{cells}\n", encoding="utf-8")
    problems = Problems()
    read_book(str(file), problems, with_risk=True)
    assert problem in str(problems.told[0])


# Streams


def write_losses(file: Path, count: int) -> None:
    first = datetime.date(2021, 1, 1)
    with open(file, "w", encoding="utf-8") as lines:
        lines.write(HEAD)
        for number in range(count):
            lines.write(f"{first + datetime.timedelta(days=number // 10)},Firm {number},L{number},{number + 1}.00\n")


def test_a_sorted_list_is_never_held(tmp_path: Path) -> None:
    peaks = []
    for count in (1_000, 10_000):
        write_losses(tmp_path / "losses.csv", count)
        losses = read_losses(str(tmp_path / "losses.csv"), Problems())
        tracemalloc.start()
        assert sum(1 for _ in losses) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 300_000


def test_a_list_in_any_order_comes_out_by_date_and_within_a_day_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    days = ["2021-03-07", "2021-03-05", "2021-03-07", "2021-03-06", "2021-03-05"]
    file.write_text(HEAD + "".join(f"{day},A,L{number},1\n" for number, day in enumerate(days)), encoding="utf-8")
    assert [row.loan for row in losses_of(file)] == ["L1", "L4", "L3", "L0", "L2"]


def test_a_long_list_that_is_not_sorted_is_refused_and_a_sorted_one_of_any_length_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_table, "MOST_UNSORTED", 3)
    file = tmp_path / "losses.csv"
    write_losses(file, 30)
    assert len(losses_of(file)) == 30
    with open(file, "a", encoding="utf-8") as lines:
        lines.write("2021-01-01,A,L30,1\n")
    assert refusal(file).splitlines() == [
        f"{file}: 31 losses that are not in the order of their dates",
        "    sort the file by date; here at most 3 are sorted",
    ]


def test_standard_input_and_a_pipe_are_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ODD / "gbk.csv"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert losses_of("-") == losses_of(file)
    reader, writer = os.pipe()
    os.write(writer, file.read_bytes())
    os.close(writer)
    assert losses_of(f"/dev/fd/{reader}") == losses_of(file)
    os.close(reader)


def test_more_than_can_be_held_of_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * 100)))
    monkeypatch.setattr(spreadsheet_text, "MOST_BYTES_HELD", 99)
    with pytest.raises(ScenarioError, match="standard input: more than 0 MiB\n    write it to a file"):
        losses_of("-")


@pytest.mark.parametrize(
    ("name", "found"),
    [(".", "this is a folder, not a file"), ("nowhere.csv", "there is no such file"), ("a\0b", "cannot be the name"),
     ("/dev/null", "a device, not an ordinary file"), ("x" * 5000, "the file cannot be read: file name too long")],
)  # fmt: skip
def test_what_is_no_file_is_refused(name: str, found: str) -> None:
    with pytest.raises(ScenarioError, match=found):
        losses_of(name)
