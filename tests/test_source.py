from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario import source
from simulator.scenario.source import Node, parse, parse_file, parse_value, read_text

LOADERS = [yaml.BaseLoader, *([yaml.CBaseLoader] if yaml.__with_libyaml__ else [])]
QUICK_AND_SLOW = [LOADERS[-1], *(pytest.param(loader, marks=pytest.mark.slow) for loader in LOADERS[:-1])]
"""The parsers for what is large: libyaml's, if it is there, and PyYAML's own, which takes many times as long."""


@pytest.fixture(autouse=True, params=LOADERS, ids=lambda loader: loader.__name__)
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule holds with PyYAML's own parser and with libyaml's."""
    monkeypatch.setattr(source, "_LOADER", request.param)


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "city.yaml")
    return [str(problem).removeprefix("city.yaml:") for problem in caught.value.problems]


def places(text: str) -> list[str]:
    return [problem.split("\n")[0] for problem in problems(text)]


def plain(text: str) -> Any:
    return parse(text, "city.yaml").plain()


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("0", 0), ("-12", -12), ("+5", 5), ("4_000_000", 4_000_000),
        ("1e6", 1e6), ("1_000.5", 1000.5), (".5", 0.5), ("-0.25", -0.25), ("5.", 5.0), ("1.5E-3", 0.0015),
    ],
)  # fmt: skip
def test_plain_words_are_booleans_nothing_and_decimal_numbers(word: str, value: object) -> None:
    read = plain(f"a: {word}\n")["a"]
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    "word",
    ["no", "NO", "yes", "on", "True", "TRUE", "Null", "NULL", "12:30", "190:20:30", "2021-01-01", "1e3 CNY", "30%",
     "007", "0o17", "0x1F", "0b1", "09.30", "1__0", "1_", "_1", ".inf", ".nan", "inf", "nan", "1.2.3", "=", "٣"],
)  # fmt: skip
def test_the_traps_of_yaml_stay_text(word: str) -> None:
    assert plain(f"a: {word}\n") == {"a": word}


@pytest.mark.parametrize("text", ["'12'", '"12"', "|-\n  12", ">-\n  12"])
def test_quoted_and_block_text_is_always_text(text: str) -> None:
    assert plain(f"a: {text}\n") == {"a": "12"}


def test_every_value_and_key_knows_its_place_from_one() -> None:
    root = parse("parties:\n  bank: {desk: [x, 押品]}\n", "city.yaml")
    assert root.place == ("city.yaml", 1, 1)
    assert root.keys == {"parties": ("city.yaml", 1, 1)}
    bank = root.at(["parties", "bank"])
    assert bank is not None and bank.place == ("city.yaml", 2, 9) and bank.keys == {"desk": ("city.yaml", 2, 10)}
    second = root.at(["parties", "bank", "desk", 1])
    assert second is not None and second.place == ("city.yaml", 2, 20) and second.value == "押品"


@pytest.mark.parametrize("path", [["b"], ["a", 2], ["a", -1], ["a", "x"], ["a", 0, "x"]])
def test_a_path_that_leads_nowhere_gives_none(path: list[str | int]) -> None:
    assert parse("a: [1, 2]\n", "f").at(path) is None


def test_messages_say_what_kind_a_value_is() -> None:
    root = parse("[{}, [], a, 1, 1.5, true, null]", "f")
    assert isinstance(root.value, list)
    kinds = [node.kind for node in root.value]
    assert kinds == ["a mapping", "a list", "a text", "a number", "a number", "yes/no", "nothing"]


def test_years_as_keys_are_text() -> None:
    assert plain("2021: a\n2_022: b\n'1.5': c\n") == {"2021": "a", "2_022": "b", "1.5": "c"}


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = (
        "a: &x 1\nb: *x\nc: !!python/object:os.system ls\nd: !x y\n<<: {e: 1}\na: 2\n[f]: 1\n{g: 1}: 1\n"
        "1.5: h\ntrue: i\n~: j\nk: 1234567890123456789012345678901\nl: 1e999\nm: \"\\x07\"\n'': n\n"
    )
    assert problems(text) == [
        "1:4: the anchor '&x' cannot be used"
        "\n    write the value out where it is needed; a text that starts with '&' needs quotes",
        "2:4: the alias '*x' cannot be used\n    write the value out here; a text that starts with '*' needs quotes",
        "3:4: the tag '!!python/object:os.system' cannot be used"
        "\n    delete the tag; a text that starts with '!' needs quotes",
        "4:4: the tag '!x' cannot be used\n    delete the tag; a text that starts with '!' needs quotes",
        "5:1: the merge key '<<' cannot be used\n    use 'extends', or write the keys out",
        "6:1: the key 'a' stands here a second time; first at city.yaml:1:1\n    keep one of the two",
        "7:1: a list stands here as a key\n    a key is a text; a text with brackets needs quotes",
        "8:1: a mapping stands here as a key\n    a key is a text; a text with brackets needs quotes",
        "9:1: the key 1.5 reads as a number, not as a text\n    write '1.5' in quotes",
        "10:1: the key true reads as yes/no, not as a text\n    write 'true' in quotes",
        "11:1: the key ~ reads as nothing, not as a text\n    write '~' in quotes",
        "12:4: a number of more than 30 digits\n    at most 30 digits; put it in quotes if it is a text",
        "13:4: the number 1e999 is too large\n    put it in quotes if it is a text",
        "14:4: a text with a control character\n    write the text without '\\' escapes",
        "15:1: a key is missing before ':'",
    ]


def test_a_quoted_key_is_as_short_and_visible_as_any_text() -> None:
    expected = ": a key with a control character, or too long a key"
    assert places(f'"a\\x07": 1\n? "{"k" * 10_001}"\n: 2\n') == [f"1:1{expected}", f"2:3{expected}"]


def test_what_was_wrong_before_a_syntax_error_is_told_with_it() -> None:
    assert places("a: 1\na: 2\nb: @x\n") == [
        "2:1: the key 'a' stands here a second time; first at city.yaml:1:1",
        "3:4: a text that starts with this character needs quotes",
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~\n"])
def test_an_empty_file_is_told(text: str) -> None:
    expected = " the file is empty\n    a scenario is a mapping of keys such as 'products:'"
    assert problems(text) == [expected]


def test_a_file_holds_one_document() -> None:
    assert problems("---\na: 1\n---\nb: 1\n") == [
        "3:1: a second document starts here ('---')\n    one file holds one scenario"
    ]


def test_a_byte_order_mark_and_windows_lines_are_fine() -> None:
    root = parse("\ufeffa: 1\r\nb:\r\n  c: 2\r\n", "f")
    assert root.plain() == {"a": 1, "b": {"c": 2}}
    assert root.keys["b"] == ("f", 2, 1)


def test_nesting_stops_at_forty_levels() -> None:
    parse("[" * 40 + "]" * 40, "f")
    assert problems("[" * 41 + "]" * 41) == ["1:41: nested more than 40 levels deep"]


@pytest.mark.parametrize("either_parser", QUICK_AND_SLOW, indirect=True)
def test_a_file_holds_at_most_fifty_thousand_keys_and_values() -> None:
    parse("[" + "1," * 49_999 + "]", "f")
    assert places("[" + "1," * 50_000 + "]") == ["1:100000: more than 50,000 keys and values"]


def test_a_text_holds_at_most_ten_thousand_characters() -> None:
    longest = "x" * 10_000
    assert plain(f"[{longest}, '{longest}']") == [longest, longest]
    assert places(f"- {longest}x\n- '{longest}x'\n") == [
        "1:3: a text of 10,001 characters",
        "2:3: a text of 10,001 characters",
    ]


def test_a_text_of_more_than_a_mebibyte_is_refused() -> None:
    assert problems("# " + "押" * 400_000) == [" the file is larger than 1 MiB, the most that a scenario may have"]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85", "\u2028", "\ud800", "\uffff", "\ufeff"])
def test_a_character_that_cannot_be_seen_is_named(character: str) -> None:
    expected = f"2:5: the character U+{ord(character):04X} cannot stand in a scenario\n    delete it"
    assert problems(f"a: 1\nb: x{character}\n") == [expected]


FULL_COLON = "the full-width character '：' does not count as YAML's ': ' (with a space)"
FULL_COMMA = "the full-width character '，' does not count as YAML's ', '"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb：2\n", f"2:2: {FULL_COLON}"),
        ("a:\n  b：2\n", f"2:4: {FULL_COLON}"),
        ("a: {b：2}\n", f"1:6: {FULL_COLON}"),
        ("b：{c: 1}\n", f"1:2: {FULL_COLON}"),
        ("parties：\n  bank: 1\n", f"1:8: {FULL_COLON}"),
        ("a: [b，c]\n", f"1:6: {FULL_COMMA}"),
        ("a: {b: 1，c: 2}\n", f"1:9: {FULL_COMMA}"),
        ("a: “x: y”\n", "1:4: the full-width character '“' does not count as YAML's '\"'"),
        ("a: ［1: 2］\n", "1:4: the full-width character '［' does not count as YAML's '['"),
        ("\u3000a: 1\n", "1:1: the key 'a' begins or ends with a wide or hidden space"),
    ],
)
def test_full_width_punctuation_is_named_where_yaml_needs_the_half_width(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    "text", ["a: 说明：第一，第二\n", "- '甲：乙'\n", 'a: ["甲，乙"]\n', "a: |\n  甲：乙\n", "a: 1  # 甲：乙\n"]
)
def test_full_width_punctuation_inside_text_is_left_alone(text: str) -> None:
    parse(text, "f")


def test_full_width_punctuation_in_a_comment_is_not_blamed_for_a_syntax_error() -> None:
    assert places("a: @x  # 甲：乙\n") == ["1:4: a text that starts with this character needs quotes"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n\tb: 1\n", "2:1: a tab indents this line; YAML allows only spaces"),
        ("a:\n  b: 1\n  \tc: 1\n", "3:3: a tab indents this line; YAML allows only spaces"),
        ("a: b: c\n", "1:5: a second ': ' on this line, or a wrong indentation; a text that holds ': ' needs quotes"),
        ("a: 1\nb\nc: 2\n", "2:1: this line has no ': ' after its key, or is indented wrongly"),
        ("a: %x\n", "1:4: a text that starts with this character needs quotes"),
        ("a: [x\nb: 2\n", "2:2: the bracket or brace opened at line 1 is not closed, or a comma is missing"),
        ("a: {b: 1\n", "2:1: the bracket or brace opened at line 1 is not closed, or a comma is missing"),
        ("a: 'x\nb: 2\n", "1:4: the quotation mark opened here is never closed"),
        (
            "a:\n  b: 1\n c: 2\n",
            "3:2: this line does not fit the block that begins at line 1; check its indentation and brackets",
        ),
        (
            "a: 1\n- b\n",
            "2:1: this line does not fit the block that begins at line 1; check its indentation and brackets",
        ),
        ("a: ]\n", "1:4: this is not valid YAML"),
    ],
)
def test_a_syntax_error_is_told_gently_at_its_place(text: str, place: str) -> None:
    assert places(text) == [place]


def test_a_syntax_error_ends_with_the_parsers_own_words() -> None:
    assert problems("a: 'x\n") == [
        "1:4: the quotation mark opened here is never closed"
        "\n    the YAML parser says: while scanning a quoted scalar found unexpected end of stream"
    ]


@pytest.mark.parametrize(
    "text",
    [
        'a: "\\UFFFFFFFF"\n',
        'a: "\\ud800"\n',
        "%YAML 9.9\n---\na: 1\n",
        f"%YAML {'9' * 5000}.1\n---\na: 1\n",
        "a: !%ff x\n",
    ],
)
def test_what_makes_the_parser_itself_stumble_is_a_problem_like_any_other(text: str) -> None:
    assert len(problems(text)) == 1


def file_problem(path: str | os.PathLike[str]) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_file(path, "city.yaml")
    return str(caught.value)


def test_a_file_is_read_under_the_name_its_user_knows(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 押品\r\n".encode("utf-8-sig"))
    root = parse_file(path, "city.yaml")
    assert root.plain() == {"a": "押品"} and root.file == "city.yaml"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("产品: 质押融资\n".encode("gbk"), "city.yaml:1:1: the file looks like GBK, not UTF-8"),
        ("a: é\nb: 产品\n".encode() + "产品\n".encode("gbk"), "city.yaml:3:1: the file looks like GBK, not UTF-8"),
        ("a: 1\n".encode("utf-16"), "city.yaml: the file looks like UTF-16, not UTF-8"),
        ("a: some text\n".encode("utf-16-le"), "city.yaml: the file looks like UTF-16, not UTF-8"),
        (b"a: caf\xe9", "city.yaml:1:7: the file is not UTF-8 text"),
    ],
)
def test_a_file_in_another_encoding_says_which_and_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    assert file_problem(path) == f"{message}\n    save it as UTF-8 (in the editor: Save with encoding, UTF-8)"


def test_a_file_of_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"#" * (2**20 + 1))
    assert file_problem(path) == "city.yaml: the file is larger than 1 MiB, the most that a scenario may have"


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert file_problem(tmp_path / "pipe") == "city.yaml: this is a device or a pipe, not an ordinary file"


def test_what_is_not_a_readable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_problem("/dev/zero") == "city.yaml: this is a device or a pipe, not an ordinary file"
    assert file_problem(tmp_path) == "city.yaml: this is a folder, not a file"
    assert file_problem(tmp_path / "none.yaml") == "city.yaml: there is no such file"
    assert file_problem("a\0b") == "city.yaml: this cannot be the name of a file"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert file_problem(tmp_path / "loop") == "city.yaml: the file cannot be read: too many levels of symbolic links"

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.yaml").write_text("a: 1\n")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ScenarioError, match=r"^city\.yaml: the file cannot be read: permission denied$"):
        read_text(tmp_path / "x.yaml", "city.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4m CNY", "4m CNY"), ("3", 3), ("[a, b]", ["a", "b"]), ("{remove: [x]}", {"remove": ["x"]}), ("null", None),
        ("", None), ("no", "no"), ("a: b", "a: b"), ("- a", "- a"), ("*x", "*x"), ("@x", "@x"), ("'3'", "3"),
        ("甲：乙", "甲：乙"), (" 1e6 ", 1e6), ("true", True),
    ],
)  # fmt: skip
def test_a_value_of_the_command_line_is_one_word_or_yaml_in_brackets(text: str, value: object) -> None:
    assert parse_value(text, "--set").plain() == value


def test_a_value_of_the_command_line_knows_its_column() -> None:
    assert parse_value("3", "--set", 9).place == ("--set", 1, 9)
    inner = parse_value("[a, b]", "--set", 9).at([1])
    assert inner is not None and inner.place == ("--set", 1, 13)
    with pytest.raises(ScenarioError, match=r"^--set:1:12: the character U\+0007 cannot stand in a scenario"):
        parse_value("abc\a", "--set", 9)
    with pytest.raises(ScenarioError, match=r"^--set:1:12: the alias '\*c' cannot be used"):
        parse_value("[b,*c]", "--set", 9)


def ends_well(work: Callable[[], Node]) -> None:
    try:
        assert isinstance(work(), Node)
    except ScenarioError as error:
        assert error.problems and all(problem.found for problem in error.problems)


fragments = st.sampled_from(
    [*"[]{}:,-?&*!|>'\"%@`#~\t\n\r ：，“\u3000\ufeff\0\x85\ud800", "a", "b: ", "- ", "  ", "---\n", "...\n", "<<: ",
     "? ", "&a ", "*a", "!!str ", "%YAML 1.1\n", "\\x00", "\\U00110000", "1e9", "007", "押", "\r\n", "a: 1\n",
     '"\\', "|2-\n"]
)  # fmt: skip


@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(st.one_of(st.text(), st.lists(fragments, max_size=60).map("".join)))
def test_any_text_is_a_tree_or_a_list_of_problems(text: str) -> None:
    for loader in LOADERS:
        source._LOADER = loader
        ends_well(lambda: parse(text, "f"))
        ends_well(lambda: parse_value(text, "--set", 5))


@settings(max_examples=2 * settings.default.max_examples, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_in_a_file_are_a_tree_or_a_list_of_problems(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    ends_well(lambda: parse_file(path, "f"))


letters = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
texts = st.text(letters, max_size=20)
numbers = st.integers(-(10**29), 10**29) | st.floats(allow_nan=False, allow_infinity=False)
trees = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts.filter(bool), inner, max_size=4),
    max_leaves=30,
).filter(lambda tree: tree is not None)


def written(tree: Any, indent: int = 0) -> str:
    """A tree as block YAML with quoted texts."""
    lead = "\n" + " " * indent
    if isinstance(tree, dict) and tree:
        return "".join(
            f"{lead}{json.dumps(key, ensure_ascii=False)}: {written(value, indent + 2)}" for key, value in tree.items()
        )
    if isinstance(tree, list) and tree:
        return "".join(f"{lead}- {written(value, indent + 2)}" for value in tree)
    return json.dumps(tree, ensure_ascii=False)


@settings(max_examples=2 * settings.default.max_examples, deadline=None)
@given(trees)
def test_a_tree_written_as_yaml_is_read_back(tree: Any) -> None:
    for text in (written(tree), json.dumps(tree, ensure_ascii=False)):
        assert plain(text) == tree


EXHAUSTING = [
    "[" * 500_000, "{a: " * 200_000, "- " * 400_000, "? " * 400_000, "a\n" * 400_000, "'" * 900_000, "&a " * 300_000,
    "k: 1\n" * 150_000, "---\n" * 200_000, ":" * 900_000, "\0" * 900_000, "a: |\n" + " \n" * 400_000,
    "“：\n" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("either_parser", QUICK_AND_SLOW, indirect=True)
@pytest.mark.parametrize("text", EXHAUSTING)
def test_a_file_made_to_exhaust_the_reader_ends_in_problems(text: str) -> None:
    ends_well(lambda: parse(text, "f"))


@pytest.mark.parametrize("text", EXHAUSTING)
def test_a_tenth_of_a_file_made_to_exhaust_the_reader_ends_in_problems(text: str) -> None:
    ends_well(lambda: parse(text[: len(text) // 10], "f"))
