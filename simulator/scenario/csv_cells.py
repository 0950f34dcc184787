"""Cells of a table as spreadsheets write them: names, dates, amounts of money, shares, whole months."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

from simulator.scenario.names import LONGEST_NAME, fault_of_text
from simulator.units import FULL_WIDTH, MAX_FEN

Reader = Callable[[str], object]
FIRST_YEAR, LAST_YEAR = 1950, 2099
MOST_MONTHS = 1200
TOTALS = frozenset({"total", "totals", "subtotal", "grand total", "sum", "合计", "总计", "小计", "共计"})
DATE_FORM = "write a date such as 2021-03-05, 2021/3/5 or 2021年3月5日"
AMOUNT_FORM = "write an amount in CNY such as 2000000, 2,000,000.00, ¥2,000,000 or 200万元"
SHARE_FORM = "write a share such as 3% or 0.03"
MONTHS_FORM = "write whole months such as 12"
_AS_A_DATE = "in the spreadsheet, format the column as a date such as 2021-03-05 and save again"
_AS_A_NUMBER = "in the spreadsheet, format the column as a number with two decimals and save again"
_AS_A_TEXT = "in the spreadsheet, format the column as text, write the number in full and save again"

_LONGEST_SHOWN = 40
_HALF_WIDTH = FULL_WIDTH | str.maketrans("／￥（）−，", "/¥()-,")
_ORDINARY_NAME = re.compile(r"[\w \-()（）]{1,200}")
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d+")
_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
# A spreadsheet writes a capital E, and then it has cut digits.
_EXPONENT = re.compile(r"\d+(?:\.\d+)?e[-+]?\d{1,2}")
_PLAIN_AMOUNT = re.compile(r"(\d{1,15})(?:\.(\d\d?))?")
_AMOUNT = re.compile(
    r"(?:¥|CNY|RMB|人民币)?\s*(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?\s*(千|万|百万|千万|亿)?\s*(元|圆|CNY|RMB|yuan)?",
    re.IGNORECASE,
)
_ONE = Fraction(1)
_SCALES = {"千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_DATE = re.compile(
    r"(\d{4})(?:\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日|([-/.])(\d{1,2})\4(\d{1,2})|(\d\d)(\d\d))(?:(?:\s+|T)(.+))?"
)
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:\.0+)?)?")
_UNCLEAR_DATE = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(?:\d{1,2}|\d{4})")
_SHARE = re.compile(r"((?:\d*\.?\d+|\d+\.)(?:[eE][-+]?\d{1,2})?)\s*(%)?")
_MONTHS = re.compile(r"(\d{1,9})(?:\.0+)?\s*(?:个月|月|months?)?", re.IGNORECASE)


class Unreadable(ValueError):
    """A cell that cannot be read: what was found, and what is allowed."""

    def __init__(self, found: str, allowed: str = "") -> None:
        super().__init__(found)
        self.found, self.allowed = found, allowed


@dataclass(frozen=True)
class Kind:
    """What the cells of a column hold, and the units that its heading may give in brackets, with what each counts."""

    read: Callable[..., object]
    units: Mapping[str, Fraction] | None = None
    """None where whatever stands in brackets says nothing."""

    def reader(self, unit: Fraction | None = None) -> Reader:
        """How a cell is read below a heading with that unit; `Unreadable` where it cannot be."""
        return self.read if unit in (None, 1) else partial(self.read, unit=unit)


def read_name(text: str) -> str:
    """What a loan or a borrower is called, without spaces around it."""
    name = text.strip()
    if _ORDINARY_NAME.fullmatch(name) and name.casefold() not in TOTALS:
        return name
    _refuse_no_value(name, "write the name or the number")
    if name.casefold() in TOTALS:
        raise Unreadable(f"{_shown(name)} is a total, not a row")
    if _SCIENTIFIC.fullmatch(name):
        raise Unreadable(f"{_shown(name)}: the spreadsheet has cut the digits of a long number", _AS_A_TEXT)
    if len(name) > LONGEST_NAME:
        raise Unreadable(f"{_shown(name)} has {len(name):,} characters", f"at most {LONGEST_NAME}")
    if not name.isprintable():
        raise Unreadable(f"{_shown(name)}: {fault_of_text(name, 'a name') or 'a name may not hold invisible spaces'}")
    return name


@lru_cache(maxsize=2**14)
def read_date(text: str) -> int:
    """A day as an ordinal (`datetime.date.toordinal`); a time behind it may only be midnight."""
    plain = _plain(text)
    match = _DATE.fullmatch(plain)
    if match is None:
        _refuse_no_value(plain, DATE_FORM)
        raise _no_date(plain)
    if match[9] and not _MIDNIGHT.fullmatch(match[9].strip()):
        raise Unreadable(f"{_shown(plain)} has a time of day; only the day counts", _AS_A_DATE)
    year, month, day = (int(part) for part in match.group(1, 2, 3, 5, 6, 7, 8) if part)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable(f"{_shown(plain)} is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return datetime.date(year, month, day).toordinal()
    except ValueError:
        raise Unreadable(f"{_shown(plain)}: there is no such day", DATE_FORM) from None


def _no_date(plain: str) -> Unreadable:
    if re.fullmatch(r"[1-9]\d{4}(?:\.\d+)?", plain):
        meant = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(plain)))
        return Unreadable(f"{_shown(plain)} is how a spreadsheet counts days, perhaps {meant}", _AS_A_DATE)
    if _UNCLEAR_DATE.fullmatch(plain.split(" ")[0]):
        return Unreadable(f"{_shown(plain)}: the order of day, month and year is unclear", "write it like 2021-03-05")
    if re.fullmatch(r"\d{4}(?:[-/.]|年)\d{1,2}月?", plain):
        return Unreadable(f"{_shown(plain)} lacks the day", DATE_FORM)
    return Unreadable(f"{_shown(plain)} is not a date", DATE_FORM)


def read_amount(text: str, unit: Fraction = _ONE, least: int = 1) -> int:
    """An amount in fen, of at least `least`; a bare number counts `unit` CNY, which is a whole number."""
    match = _PLAIN_AMOUNT.fullmatch(text) if unit is _ONE else None
    if match is not None:
        whole, cents = match.groups("0")
        fen = int(whole) * 100 + int(cents if len(cents) == 2 else cents + "0")
        if least <= fen <= MAX_FEN:
            return fen
    plain = _plain(text)
    exact = _exact_fen(plain, unit)
    fen = int(exact)
    if fen != exact:
        raise Unreadable(f"{_shown(plain)} is not a whole number of fen", "a fen is a hundredth of 1 CNY")
    if fen < least:
        raise Unreadable(f"{_shown(plain)} is zero", "an amount above zero is needed; delete the row")
    if fen > MAX_FEN:
        raise Unreadable(f"{_shown(plain)} is more than {MAX_FEN // 10**11:,}bn CNY")
    return fen


def _exact_fen(plain: str, unit: Fraction) -> Fraction:
    """What a cell says in fen, perhaps not a whole number of them."""
    match = _AMOUNT.fullmatch(plain)
    if match is None and (not _EXPONENT.fullmatch(plain) or len(plain) > _LONGEST_SHOWN):
        _refuse_no_value(plain, AMOUNT_FORM)
        raise _no_amount(plain)
    if match is None:
        return Fraction(plain) * unit * 100
    whole, decimals, scale, currency = match.groups()
    if unit != 1 and (scale or currency):
        raise Unreadable(f"{_shown(plain)} has a unit, and so has the heading of its column", "keep one of the two")
    factor = _SCALES[scale] if scale else int(unit)
    if decimals and factor == 1 and len(decimals) > 2:
        hint = "a fen is two decimals; a point does not part thousands"
        raise Unreadable(f"{_shown(plain)} has {len(decimals)} decimals", hint)
    if len(plain) > _LONGEST_SHOWN:
        raise Unreadable(f"{_shown(plain)} has too many digits")
    return Fraction(f"{whole.replace(',', '')}.{decimals or 0}") * factor * 100


def _no_amount(plain: str) -> Unreadable:
    told = _shown(plain)
    bare = re.sub(r"^\((.*)\)$", r"-\1", plain).replace(" ", "")
    if re.fullmatch(r"[-–][^\d]{0,4}\d.*|[^\d]{1,4}-\d.*", bare):
        return Unreadable(f"{told} is below zero", AMOUNT_FORM)
    if _SCIENTIFIC.fullmatch(plain):
        return Unreadable(f"{told}: the spreadsheet has cut digits of this number", _AS_A_NUMBER)
    if re.fullmatch(r"[-–—/]*", bare):
        return Unreadable(f"{told} is no amount", "write 0 or delete the row")
    if re.search(r"\$|€|£|USD|EUR|HKD|JPY|美元|港元|欧元", plain, re.IGNORECASE):
        return Unreadable(f"{told} is not in CNY", AMOUNT_FORM)
    if re.fullmatch(r"[¥\d,. ]*\d[¥\d,. ]*", plain):
        return Unreadable(f"{told}: commas part groups of three digits, a point the fen", AMOUNT_FORM)
    return Unreadable(f"{told} is not an amount", AMOUNT_FORM)


def read_share(text: str, unit: Fraction = _ONE) -> Fraction:
    """A share between none and all: '3%' and '0.03' are the same; a bare number counts in `unit`."""
    plain = _plain(text)
    match = _SHARE.fullmatch(plain) if len(plain) <= _LONGEST_SHOWN else None
    if match is None:
        _refuse_no_value(plain, SHARE_FORM)
        if re.fullmatch(r"[-–].*\d.*", plain):
            raise Unreadable(f"{_shown(plain)} is below zero", SHARE_FORM)
        raise Unreadable(f"{_shown(plain)} is not a share", SHARE_FORM)
    share = Fraction(match[1]) * (Fraction(1, 100) if match[2] else unit)
    if share > 1:
        meant = f"; did you mean '{match[1]}%'?" if share <= 100 and unit == 1 and not match[2] else ""
        raise Unreadable(f"{_shown(plain)} is more than 100%{meant}", SHARE_FORM)
    return share


def read_months(text: str) -> int:
    """A whole number of months above zero."""
    plain = _plain(text)
    match = _MONTHS.fullmatch(plain)
    if match is None:
        _refuse_no_value(plain, MONTHS_FORM)
        raise Unreadable(f"{_shown(plain)} is not a whole number of months", MONTHS_FORM)
    if not 1 <= int(match[1]) <= MOST_MONTHS:
        raise Unreadable(f"{_shown(plain)} is not between 1 and {MOST_MONTHS:,} months", MONTHS_FORM)
    return int(match[1])


def _plain(text: str) -> str:
    """A cell without spaces around it, its full-width digits and signs as ordinary ones."""
    plain = text.strip()
    return plain if plain.isascii() else plain.translate(_HALF_WIDTH).strip()


def _refuse_no_value(plain: str, form: str) -> None:
    """Refuse what a spreadsheet leaves where a value is missing."""
    if not plain:
        raise Unreadable("is empty", form)
    if plain.strip("#") == "":
        raise Unreadable(f"{_shown(plain)}: the column is too narrow to show its value", "widen it and save again")
    if _SPREADSHEET_ERROR.fullmatch(plain.upper()):
        raise Unreadable(f"{_shown(plain)} is an error of the spreadsheet", "mend its formula and save again")


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return f"'{plain if len(plain) <= _LONGEST_SHOWN else plain[:_LONGEST_SHOWN] + '...'}'"


_MONEY_UNITS = {name: Fraction(1) for name in ("元", "人民币", "人民币元", "cny", "rmb", "yuan", "¥")} | {
    f"{scale}{end}": Fraction(factor) for scale, factor in _SCALES.items() for end in ("", "元")
}
NAME = Kind(read_name)
DATE = Kind(read_date)
AMOUNT = Kind(read_amount, _MONEY_UNITS)
COST = Kind(partial(read_amount, least=0), _MONEY_UNITS)
"""An amount that may be zero."""
SHARE = Kind(read_share, {"%": Fraction(1, 100)})
MONTHS = Kind(read_months, {name: Fraction(1) for name in ("月", "个月", "months", "month")})
