"""What the command line shows in Chinese: nothing of it is English, its figures are the same, and data stay English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rich.cells import cell_len
from spoken import Command, write

from simulator.charts import gallery
from simulator.cli import COMMANDS, group
from simulator.cli.tables import new_table
from simulator.cli.wrapping import Words, filled
from simulator.scenario.load import load
from simulator.scenario.spoken_names import party_said
from simulator.scenario.spoken_parties import party_of_all_said
from simulator.texts import language, speaking

pytestmark = pytest.mark.whole

TOWN = """
id: town
name: {en: Town, zh: 小城}
question: {en: How long does a firm wait?, zh: 企业要等多久？}
about: {en: A town that is made up., zh: 一座虚构的小城。}
calendars: {office: {hours: "9:00-17:00"}}
parties:
  bank: {name: {zh: 小城银行}, desks: {reviewer: {name: {zh: 审批岗}, staff: 1}}}
  city: {name: {zh: 小城财政局}}
quotas: {额度: {limit: 20m CNY, when_full: wait}}
applicants:
  arrivals: {per_working_day: 2}
  population:
    amount_requested: 1m CNY
    appraised_value: 2m CNY
    annual_sales: {lognormal: {median: 15m CNY, p90: 60m CNY}}
    industry: {odds: {agriculture: 30%, biomedicine: rest}}
    in_park: {yes: 60%}
products:
  loan:
    name: {zh: 小城贷款}
    eligibility: {annual_sales: {above: 5m CNY}, industry: {one_of: [biomedicine]}}
    tenor: 12 months
    lender: bank
    price: {interest: 4.35%}
    flow:
      - due diligence: {by: bank reviewer, work: {exponential: 3 h}}
      - credit approval: {by: bank reviewer, work: 1 h, reserves: 额度}
      - contract: {elapsed: 1 day}
      - drawdown: {elapsed: 1 day}
    clocks:
      decision:
        {name: {zh: 审批用时}, begins: application, ends: end of credit approval, within: 3 working days}
    risk_sharing:
      funds: {reserve: {name: {zh: 风险准备金}, balance: 500k CNY, owner: city}}
      split: {city: {share: 30%, up to: reserve, otherwise: bank}, bank: rest}
credit: {annual_default_rate: 30%, claim_after: 30 days, recovery: {haircut: 80%, cost: 5%, time: 200 days}}
examples:
  seed:
    name: {zh: 种子公司}
    about: {en: A firm, zh: 一家企业}
    source: 第1页
    applies: 2021-01-06 10:00
    firm: {annual_sales: 20m CNY, industry: biomedicine}
    published:
      用时: {clock: turnaround, statistic: mean, between: [1 days, 30 days], kind: typical, source: 第1页}
published_outcomes:
  准时: {clock: decision, statistic: share within, within: 3 working days, kind: target, source: 第2页}
  目标: {paid_by: bank, statistic: mean, between: [0 CNY, 1m CNY], kind: observation, reading: 按代偿前, source: 第3页}
published_rules:
  条件: {source: 第4页, every_drawn: {annual_sales: {above: 50m CNY}}}
run:
  start: 2021-01-04
  arrivals_for: 30 days
  follow_up: {cases: 60 days, loans: 3 years}
  replications: 3
  seed: 5
  drawn_within: 10 days
variants:
  两名审批人员: {parties.bank.desks.reviewer.staff: 2}
  无准备金: {risk_sharing: {funds: null, split: {city: null, bank: 100%}}}
"""
FIRM = "name: {zh: 小店}\nfirm: {annual_sales: 3m CNY, amount_requested: 1m CNY, in_park: yes}\n"
LOSSES = "date,borrower,loan,amount\n2021-03-05,甲公司,1,1000000\n2021-03-06,乙公司,2,2000000\n"
RECOVERIES = "date,loan,amount,cost\n2022-03-05,1,300000,10000\n"
ONE = ("-n", "2", "--workers", "1")
SHOWN = {
    "list": ("list",),
    "validate": ("validate", "town.yaml"),
    "run": ("run", "town.yaml", *ONE),
    "one firm": ("run", "town.yaml", "--applicant", "seed", "--default-at", "2021-06-01", *ONE),
    "compare": ("compare", "town.yaml", *ONE),
    "precision": ("compare", "town.yaml", "--workers", "1", "--precision", "loss.total 1%", "--max-replications", "2"),
    "warm-up": ("run", "town.yaml", "--warm-up", "5 days", *ONE),
    "warm-up found": ("compare", "town.yaml", "--warm-up", "found", *ONE),
    "sweep": ("sweep", "town.yaml", "--over", "parties.bank.desks.reviewer.staff=1,2", *ONE),
    "explain": ("explain", "town.yaml"),
    "a firm refused": ("explain", "town.yaml", "--case", "0"),
    "match": ("match", "town.yaml", "--firm", "firm.yaml", "-n", "1", "--workers", "1"),
    "agreement": ("allocate", "town.yaml"),
    "allocate": ("allocate", "town.yaml", "--losses", "losses.csv", "--recoveries", "recoveries.csv", "--explain"),
    "losses": ("losses", "town.yaml", "--paths", "400"),
    "check": ("check", "town.yaml", *ONE),
    "store": ("store", "ls", "town.sqlite"),
}
"""A call of every command that shows something, and of what some show only at times."""
NOT_ENGLISH = re.compile(
    r"[a-z_]+(?:\.[\w* ]+)+|C\d+-F\w+(?:-[a-z]+)?|[a-z]+(?:-[a-z]+)+|--[a-z]+|[0-9a-f]{12}|store gc"
    r"|(?<![A-Za-z])(?:town|staff|P90|VaR|ES|MSER|MB|refill)(?![A-Za-z])"
)
"""Paths and files, ids, options and terms that stand in a Chinese text as they are."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

said, refused = Command().said, Command().refused


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files that the calls of SHOWN read."""
    folder = tmp_path_factory.mktemp("town")
    files = {"town.yaml": TOWN, "firm.yaml": FIRM, "losses.csv": LOSSES, "recoveries.csv": RECOVERIES}
    for name, text in files.items():
        write(str(folder / name), text)
    return folder


@pytest.fixture(autouse=True)
def folder(town: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(town)
    monkeypatch.setattr(gallery, "CHARTS", {})
    return town


@cache
def shown(name: str, *more: str) -> str:
    """What a call of SHOWN prints."""
    if name == "store":
        said("run", "town.yaml", "--store", "town.sqlite", *ONE)
    done = said(*SHOWN[name], *more)
    assert done.exit_code == (1 if name == "check" else 0), done.output
    return done.stdout


def english_in(text: str) -> list[str]:
    """English words of a Chinese text."""
    return re.findall(r"[A-Za-z]{2,}", NOT_ENGLISH.sub("", text))


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_that_a_command_shows_in_chinese_is_english(name: str) -> None:
    assert english_in(shown(name, "--lang", "zh")) == []


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "agreement"])
def test_the_figures_are_the_same_in_both_languages(name: str) -> None:
    english, chinese = (set(NUMBER.findall(shown(name, "--lang", each))) for each in ("en", "zh"))
    assert [each for each in chinese - english if not any(_the_same_amount(each, other) for other in english)] == []
    assert [each for each in english - chinese if not any(_the_same_amount(other, each) for other in chinese)] == []


def _the_same_amount(chinese: str, english: str) -> bool:
    """Whether a number of 万 or 亿 is the amount that English has in millions, billions, thousands or CNY."""
    there, here = (float(number.replace(",", "")) for number in (chinese, english))
    places = {number: len(number.partition(".")[2]) for number in (chinese, english)}
    return any(
        abs(there - here * cny / unit) <= 0.501 * (10.0 ** -places[chinese] + 10.0 ** -places[english] * cny / unit)
        for cny in (1.0, 1e3, 1e6, 1e9)
        for unit in (1e4, 1e8, 1.0)
    )


@pytest.mark.parametrize("name", [name for name in SHOWN if name not in ("agreement", "validate")])
def test_json_is_the_same_whatever_language_is_spoken(name: str) -> None:
    english, chinese = (shown(name, "--json", "--lang", each) for each in ("en", "zh"))
    assert chinese == english


@pytest.mark.parametrize(
    "words", [("compare", "town.yaml", *ONE), ("losses", "town.yaml", "--paths", "200"), SHOWN["sweep"]]
)
def test_the_data_of_a_run_folder_are_the_same_in_both_languages(tmp_path: Path, words: tuple[str, ...]) -> None:
    english, chinese = (tmp_path / each for each in ("en", "zh"))
    for each in (english, chinese):
        assert said(*words, "--out", str(each), "--lang", each.name).exit_code == 0
    data = [path.relative_to(english) for path in english.rglob("*") if path.suffix in (".json", ".csv")]
    data.remove(Path("manifest.json"))
    assert Path("summary.json") in data and len(data) > 1
    assert [name for name in data if (english / name).read_bytes() != (chinese / name).read_bytes()] == []


def test_every_command_that_shows_something_takes_a_language() -> None:
    silent = {"schema"}
    for name in set(COMMANDS) - silent:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        commands = [command, *getattr(command, "commands", {}).values()]
        taking = [each.name for each in commands if any(option.name == "lang" for option in each.params)]
        assert taking or name in ("export", "diagram", "report"), name


def test_no_space_stands_before_the_sign_of_percent_in_chinese() -> None:
    for name in SHOWN:
        assert not re.search(r"\d +%", shown(name, "--lang", "zh")), name
    assert "VaR 95%" in shown("losses", "--lang", "zh") and "VaR 95 %" in shown("losses")


def test_the_story_tells_by_whom_and_from_whom_to_whom_in_chinese() -> None:
    told = said("explain", "C9-F3", "--lang", "zh").stdout
    assert "经办/收付" in told and "办理方" in told.split("经办/收付")[0]


def test_the_language_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGESIM_LANG", "zh")
    assert "小城" in said("validate", "town.yaml").stdout
    assert "Town" in said("validate", "town.yaml", "--lang", "en").stdout


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_language_that_there_is_not_is_refused(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        monkeypatch.setenv("PLEDGESIM_LANG", "de")
    told = refused("list", *(("--lang", "de") if how == "option" else ()))
    assert "'--lang' (env var: 'PLEDGESIM_LANG'): 'de' is not one of 'en', 'zh'." in told


def test_a_command_speaks_its_language_until_it_ends() -> None:
    said("list", "--lang", "zh")
    assert language() == "en"


def test_messages_about_mistakes_stay_english() -> None:
    assert refused("run", "nowhere.yaml", "--lang", "zh") == refused("run", "nowhere.yaml")


def test_how_a_loss_was_shared_is_told_by_the_names_of_the_scenario() -> None:
    told = shown("allocate", "--lang", "zh")
    assert "100万元的30%为30万元；“风险准备金”余额50万元，全额支付" in told
    assert "其余40万元由小城银行承担" in told
    assert "回收29万元：小城财政局得8.7万元、小城银行得20.3万元" in told


def test_a_firm_with_names_is_told_by_that_of_the_language() -> None:
    told = "{industry: biomedicine, annual_sales: 20m CNY}"
    firm = f"{{at: 2021-01-06 10:00, name: {{en: Seed, zh: 种子公司}}, attributes: {told}}}"
    write("named.yaml", TOWN.replace("{per_working_day: 2}", f"{{firms: [{firm}]}}"))
    assert "种子公司，第1次模拟的第0号申请：小城贷款" in said("explain", "named.yaml", "--lang", "zh").stdout
    assert "Seed, case 0 of replication 1, for loan" in said("explain", "named.yaml").stdout


def test_a_party_with_several_names_is_called_by_the_usual_word() -> None:
    here = load("town.yaml").scenario
    there = load(write("there.yaml", TOWN.replace("小城银行", "大城银行"))).scenario
    with speaking("zh"):
        assert party_said(there, "bank") == "大城银行"
        assert party_of_all_said([here, here], "bank") == "小城银行"
        assert party_of_all_said([here, there], "bank") == "银行"
    assert party_of_all_said([here, there], "bank") == "bank"


def test_chinese_is_broken_between_letters_but_never_inside_a_number_or_before_a_mark() -> None:
    assert filled("损失共1,234,567元。", 13) == "损失共\n1,234,567元。"
    assert filled("占比很高，且在上升", 8) == "占比很\n高，且在\n上升"
    assert filled("占比（13 %）", 9) == "占比\n（13 %）"
    assert filled("    依次支付", 10) == "    依次支\n付"


def test_what_has_no_chinese_is_broken_as_ever() -> None:
    from rich.console import Console

    console = Console(width=8)
    assert [line.plain for line in Words("ab cd ef gh").wrap(console, 6)] == ["ab cd ", "ef gh"]


def test_columns_of_chinese_stand_below_each_other() -> None:
    lines = shown("compare", "--lang", "zh").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("申请企业的结果"))
    assert len({cell_len(line) for line in lines[start : start + 5]}) == 1
    assert new_table("", ["甲"]).columns[0].min_width


def test_a_variant_without_a_chinese_name_has_a_chinese_colon_and_one_with_it_is_called_by_it() -> None:
    told = shown("compare", "--lang", "zh")
    assert "town：两名审批人员" in told and "town: 两名" not in told
    assert "town: 两名审批人员" in shown("compare", "--lang", "en")
    heading = said("allocate", "C9-F1", "--variant", "Fengxian firms only", "--lang", "zh").stdout.splitlines()[0]
    assert heading.startswith("C9-F1、仅限奉贤企业：")
    heading = said("allocate", "C9-F1", "--variant", "Fengxian firms only").stdout.splitlines()[0]
    assert heading.startswith("C9-F1, Fengxian firms only: ")


def test_assumptions_are_said_in_words_with_their_paths() -> None:
    told = said("check", "C9-F2", "--assumptions", "--lang", "zh", *ONE).stdout
    assert "各参与方 › 各岗位 › 人数" in told and "parties.*.desks.*.staff" in told
