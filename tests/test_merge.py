from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario.merge import expand_dotted, merge, set_path, step_names
from simulator.scenario.source import Node, parse, parse_value


def tree(text: str, file: str = "base.yaml") -> Node:
    return parse(text, file)


def merged(base: str, change: str) -> Any:
    """Both as plain data; the inputs must come out as they went in."""
    first, second = tree(base), tree(change, "change.yaml")
    before = copy.deepcopy((first, second))
    result, problems = merge(first, second)
    assert problems == []
    assert (first, second) == before
    return result.plain()


def problems_of(base: str, change: str) -> list[str]:
    return [str(problem).removeprefix("change.yaml:") for problem in merge(tree(base), tree(change, "change.yaml"))[1]]


# Dotted keys


def test_dotted_keys_become_nested_mappings_and_meet_what_stands_there() -> None:
    node = tree("products.C8.price: 1\nproducts:\n  C8: {limit: 2}\n  C9.price.fee: 3\nproducts.C8.tenor: 4\n")
    before = copy.deepcopy(node)
    expanded = expand_dotted(node)
    assert expanded.plain() == {"products": {"C8": {"price": 1, "limit": 2, "tenor": 4}, "C9": {"price": {"fee": 3}}}}
    assert node == before


def test_each_part_of_a_dotted_key_keeps_its_own_column() -> None:
    root = expand_dotted(tree("a:\n  products.C8.price: 1\n"))
    products, item = root.at(["a"]), root.at(["a", "products", "C8"])
    assert products is not None and products.keys == {"products": ("base.yaml", 2, 3)}
    assert item is not None and item.keys == {"price": ("base.yaml", 2, 15)}
    value = root.at(["a", "products", "C8", "price"])
    assert value is not None and value.place == ("base.yaml", 2, 22)


def test_dotted_keys_that_disagree_are_told_with_both_places() -> None:
    with pytest.raises(ScenarioError) as caught:
        expand_dotted(tree("a.b: 1\na: {b: {c: 2}}\na.b.d: 3\nx..y: 1\n.z: 1\n" + ".".join("k" * 41) + ": 1\n"))
    assert [str(problem).split("\n")[0] for problem in caught.value.problems] == [
        "base.yaml:2:5: 'b' is given a second time, as a mapping; first at base.yaml:1:3, as a number",
        "base.yaml:3:3: 'b' is given a second time, as a mapping; first at base.yaml:1:3, as a number",
        "base.yaml:4:1: the key 'x..y' has an empty part between its dots",
        "base.yaml:5:1: the key '.z' has an empty part between its dots",
        "base.yaml:6:1: nested more than 40 levels deep",
    ]


# One tree over another


def test_mappings_merge_key_by_key_and_anything_else_replaces() -> None:
    assert merged("{a: {b: 1, c: 2}, d: [1, 2], e: 5}", "{a: {c: 3, f: 4}, d: [9], e: {g: 1}}") == {
        "a": {"b": 1, "c": 3, "f": 4}, "d": [9], "e": {"g": 1},
    }  # fmt: skip


def test_null_takes_a_key_out() -> None:
    assert merged("{a: 1, b: {c: 2, d: 3}}", "{a: null, b: {c: }}") == {"b": {"d": 3}}


def test_taking_out_what_is_not_there_is_told_with_the_nearest_key() -> None:
    assert problems_of("a: {deadline: 1, work: 2}\n", "a: {deadlin: null}\n") == [
        "1:5: nothing to remove: no 'deadlin' here; did you mean 'deadline'?\n    allowed here: deadline, work"
    ]


def test_merged_nodes_keep_the_place_of_the_file_that_says_them() -> None:
    root, _ = merge(tree("a: {b: 1}\nc: 1\n"), tree("\na: {d: 2}\nc: 3\n", "change.yaml"))
    assert root.keys == {"a": ("base.yaml", 1, 1), "c": ("change.yaml", 3, 1)}
    inner = root.at(["a"])
    assert inner is not None and inner.keys == {"b": ("base.yaml", 1, 5), "d": ("change.yaml", 2, 5)}
    changed = root.at(["c"])
    assert changed is not None and changed.place == ("change.yaml", 3, 4)


# Steps

FLOW = """
flow:
- recommendation: {by: association, elapsed: 2 days}
- together:
  - valuation: {by: guarantor, work: 6 h}
  - - bank approval: {by: bank}
    - second review
  - third review:
- choice:
  - when: {big: true}
    steps: [committee, intent letter]
  - steps: rating
  otherwise: [drawdown]
  title: by size
- release
"""


def flow_after(edit: str, base: str = FLOW) -> Any:
    return merged(base, f"flow: {edit}\n")["flow"]


def test_steps_are_named_at_any_depth_in_the_order_they_are_written() -> None:
    flow = tree(FLOW).at(["flow"])
    assert flow is not None
    assert step_names(flow) == [
        "recommendation", "valuation", "bank approval", "second review", "third review", "committee", "intent letter",
        "rating", "drawdown", "release",
    ]  # fmt: skip
    older = tree("- choice: [{odds: 1, steps: [a]}, {otherwise: [b]}]\n")
    assert step_names(older) == ["a", "b"]


def test_two_of_three_reviews_are_dropped_in_one_line() -> None:
    base = "flow: [first review, second review: {work: 1 h}, third review, drawdown]\n"
    assert flow_after("{remove: [second review, third review]}", base) == ["first review", "drawdown"]
    assert flow_after("{remove: drawdown}", base) == [
        "first review",
        {"second review": {"work": "1 h"}},
        "third review",
    ]


def test_steps_are_removed_at_any_depth() -> None:
    flow = flow_after("{remove: [second review, intent letter, rating, drawdown]}")
    assert flow[1]["together"][1] == [{"bank approval": {"by": "bank"}}]
    assert flow[2] == {
        "choice": [{"when": {"big": True}, "steps": ["committee"]}, {"steps": []}], "otherwise": [], "title": "by size",
    }  # fmt: skip


def test_steps_together_of_which_one_branch_is_left_become_that_branch() -> None:
    assert flow_after("{remove: [valuation, third review]}")[:3] == [
        {"recommendation": {"by": "association", "elapsed": "2 days"}},
        {"bank approval": {"by": "bank"}},
        "second review",
    ]
    assert flow_after("{remove: [a, b]}", "flow: [{together: [a, b]}, c]\n") == ["c"]
    nested = "flow: [{together: [{together: [a, [b, c]]}, d]}]\n"
    assert flow_after("{remove: a}", nested) == [{"together": [["b", "c"], "d"]}]


def test_an_insertion_beside_a_step_stands_right_before_or_after_it() -> None:
    base = "flow: [a, b, c]\n"
    assert flow_after("{insert: {after: b, steps: [x, y: {work: 1 h}]}}", base) == [
        "a",
        "b",
        "x",
        {"y": {"work": "1 h"}},
        "c",
    ]
    assert flow_after("{insert: [{before: a, steps: [x]}, {after: x, steps: [y]}]}", base) == ["x", "y", "a", "b", "c"]
    assert flow_after("{insert: {after: c, steps: [{together: [x, y]}]}}", base)[3:] == [{"together": ["x", "y"]}]


def test_an_insertion_beside_one_of_steps_together_stays_in_its_branch() -> None:
    base = "flow: [{together: [a, [b, c]]}]\n"
    assert flow_after("{insert: {after: a, steps: [x]}}", base) == [{"together": [["a", "x"], ["b", "c"]]}]
    assert flow_after("{insert: {before: c, steps: [x]}}", base) == [{"together": ["a", ["b", "x", "c"]]}]


def test_a_replacement_merges_settings_into_the_step_wherever_it_stands() -> None:
    flow = flow_after(
        "{replace: {valuation: {work: 2 h, by: null}, second review: {by: bank}, third review: {by: bank},"
        " drawdown: null, recommendation: of a kind}}"
    )
    assert flow[0] == {"recommendation": "of a kind"}
    assert flow[1]["together"] == [
        {"valuation": {"work": "2 h"}},
        [{"bank approval": {"by": "bank"}}, {"second review": {"by": "bank"}}],
        {"third review": {"by": "bank"}},
    ]
    assert flow[2]["otherwise"] == []


def test_edits_are_made_in_the_order_remove_replace_insert() -> None:
    edit = "{insert: {after: a, steps: [b: {work: 2 h}]}, remove: b, replace: {a: {work: 1 h}}}"
    assert flow_after(edit, "flow: [b, a]\n") == [{"a": {"work": "1 h"}}, {"b": {"work": "2 h"}}]
    assert problems_of("flow: [a, b]\n", "flow: {insert: {after: b, steps: [c]}, remove: b}\n") == [
        "1:24: no step 'b' here\n    allowed here: a"
    ]


def test_a_list_of_any_texts_can_be_edited_and_an_empty_change_replaces() -> None:
    assert merged("a: [x, y]\n", "a: {remove: x}\n") == {"a": ["y"]}
    assert merged("a: [x, y]\n", "a: {}\n") == {"a": {}}


def test_a_step_named_in_a_change_to_a_flow_gets_new_settings() -> None:
    flow = "flow:\n- valuation: {work: 1 h, by: bank}\n- review\n"
    changed = [{"valuation": {"work": "2 h", "by": "bank"}}, "review"]
    assert merged(flow, "flow: {valuation: {work: 2 h}}\n") == {"flow": changed}
    assert merged(flow, "flow: {remove: review, valuation: {work: 2 h}}\n") == {"flow": changed[:1]}


NAMES = "a long one, review, valuation"
SOME_FLOW = "flow:\n- valuation: {work: 1 h}\n- review\n- a long one\n"
INSERT_FORM = "write 'insert: {after: NAME, steps: [NAME, NAME]}', or 'before: NAME'"
STEP_FORM = "a step is its name, or its name with settings indented below"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("{remove: reviw}", [f"1:16: no step 'reviw' here; did you mean 'review'?\n    allowed here: {NAMES}"]),
        (
            "{remove: [x, {y: 1}]}",
            [
                f"1:17: no step 'x' here\n    allowed here: {NAMES}",
                "1:20: remove takes names of steps, not a mapping"
                "\n    write 'remove: NAME' or 'remove: [NAME, NAME]'",
            ],
        ),
        ("{remove: }",
         ["1:16: remove takes names of steps, not nothing\n    write 'remove: NAME' or 'remove: [NAME, NAME]'"]),
        ("{replace: {valuatoin: {work: 2 h}}}",
         [f"1:18: no step 'valuatoin' here; did you mean 'valuation'?\n    allowed here: {NAMES}"]),
        ("{replace: review}",
         ["1:17: replace takes steps with their new settings, not a text\n    write 'replace: {NAME: {work: 2 h}}'"]),
        ("{replace: {valuation: {wrk: null}}}",
         ["1:30: nothing to remove: no 'wrk' here; did you mean 'work'?\n    allowed here: work"]),
        ("{insert: {after: nobody, steps: [x]}}", [f"1:24: no step 'nobody' here\n    allowed here: {NAMES}"]),
        (
            "{insert: {after: review, steps: [x, valuation: {by: bank}, x]}}",
            [
                "1:43: a step 'valuation' stands already at base.yaml:2:3\n    names of steps are unique in a flow",
                "1:66: a step 'x' stands already at change.yaml:1:40\n    names of steps are unique in a flow",
            ],
        ),
        ("{insert: {after: review, before: review, steps: [x]}}",
         [f"1:32: insert has both 'after' and 'before'\n    {INSERT_FORM}"]),
        ("{insert: {after: review}}", [f"1:16: insert has no steps\n    {INSERT_FORM}"]),
        ("{insert: {steps: [x]}}", [f"1:16: insert does not say after or before which step\n    {INSERT_FORM}"]),
        ("{insert: {aftr: review, steps: [x]}}",
         ["1:17: unknown key 'aftr' in insert; did you mean 'after'?\n    allowed here: after, before, steps"]),
        ("{insert: review}", [f"1:16: insert takes a place and steps, not a text\n    {INSERT_FORM}"]),
        ("{insert: {after: [review], steps: [x]}}",
         [f"1:24: after takes the name of a step, not a list\n    {INSERT_FORM}"]),
        ("{insert: {after: review, steps: x}}", [f"1:39: steps is a text, not a list\n    {INSERT_FORM}"]),
        ("{insert: {after: review, steps: [1]}}",
         [f"1:40: a number stands here where a step is needed\n    {STEP_FORM}"]),
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_made_is_told_at_its_place(edit: str, expected: list[str]) -> None:
    assert problems_of(SOME_FLOW, f"flow: {edit}\n") == expected


def test_an_edit_needs_a_list_of_steps() -> None:
    assert problems_of("flow:\n- a:\n  by: x\n", "flow: {remove: a}\n") == [
        "1:7: remove, replace and insert change a list of steps, but a mapping at base.yaml:2:3 is no step"
        f"\n    {STEP_FORM}"
    ]


def test_insertions_stay_few_and_shallow() -> None:
    many = ", ".join(f"{{after: a, steps: [s{i}]}}" for i in range(201))
    assert problems_of("flow: [a]\n", f"flow: {{insert: [{many}]}}\n") == [
        "1:16: 201 insertions in one list\n    at most 200"
    ]
    deep = "\n".join(f"  - {{after: s{i}, steps: [together: [s{i + 1}, t{i + 1}]]}}" for i in range(100))
    found = problems_of("flow: [s0]\n", f"flow:\n  insert:\n{deep}\n")
    assert len(found) == 1 and found[0].endswith("nested more than 40 levels deep")


def test_a_list_too_long_to_be_a_flow_is_not_edited() -> None:
    base = f"flow: [{', '.join(f's{i}' for i in range(1001))}]\n"
    assert problems_of(base, "flow: {remove: s1}\n") == [
        "1:7: a list of 1,001 steps cannot be edited\n    at most 1,000 steps"
    ]


def test_insertions_do_not_make_a_list_too_long() -> None:
    new = ", ".join(f"s{i}" for i in range(1000))
    assert problems_of("flow: [a]\n", f"flow: {{insert: {{after: a, steps: [{new}]}}}}\n") == [
        "1:16: a list of 1,001 steps cannot be edited\n    at most 1,000 steps"
    ]


def test_thousands_of_unknown_names_are_told_without_a_search_for_each() -> None:
    unknown = ", ".join(f"x{i}: null" for i in range(3000))
    found = problems_of("".join(f"k{i}: 1\n" for i in range(1000)), f"{{{unknown}}}\n")
    assert len(found) == 3000
    assert "allowed here: k0, k1, k10" in found[0] and found[2999].endswith("nothing to remove: no 'x2999' here")
    longest = "k" * 9000
    assert problems_of(f"? {longest}\n: 1\n", f"? {longest}x\n") == [f"1:3: nothing to remove: no '{longest}x' here"]


# Paths of the command line

CITY = """
products:
  C8: {price: 1, flow: [application, {together: [valuation: {work: 6 h}, review]}, drawdown]}
  C9: {price: 2, flow: [valuation, {drawdown: {parts: [1, 2]}}]}
policy:
"""


def set_to(path: str, value: str) -> tuple[Any, list[str]]:
    root = tree(CITY)
    before = copy.deepcopy(root)
    changed, problems = set_path(root, path, parse_value(value, "--set", len(path) + 2))
    assert root == before
    assert changed is root or not problems
    return changed.plain()["products"], [str(problem) for problem in problems]


def test_a_path_changes_one_value_or_adds_a_last_key() -> None:
    products, problems = set_to("products.C8.price", "3")
    assert (products["C8"]["price"], products["C9"]["price"], problems) == (3, 2, [])
    assert set_to("products.C8.limit", "1m CNY")[0]["C8"]["limit"] == "1m CNY"
    assert set_to("products.C8", "{price: 5}")[0]["C8"]["flow"][0] == "application"
    assert "price" not in set_to("products.C8.price", "null")[0]["C8"]


def test_a_star_stands_for_every_key() -> None:
    products, _ = set_to("products.*.price", "7")
    assert [each["price"] for each in products.values()] == [7, 7]
    products, _ = set_to("products.*.flow.valuation.work", "2 h")
    assert products["C8"]["flow"][1] == {"together": [{"valuation": {"work": "2 h"}}, "review"]}
    assert products["C9"]["flow"][0] == {"valuation": {"work": "2 h"}}


def test_a_path_goes_through_steps_and_list_positions() -> None:
    assert set_to("products.C9.flow.drawdown.parts.1", "5")[0]["C9"]["flow"][1] == {"drawdown": {"parts": [1, 5]}}
    assert set_to("products.C9.flow.0", "null")[0]["C9"]["flow"] == [{"drawdown": {"parts": [1, 2]}}]
    assert set_to("products.C9.flow.valuation", "null")[0]["C9"]["flow"] == [{"drawdown": {"parts": [1, 2]}}]
    assert set_to("products.C9.flow", "{remove: drawdown}")[0]["C9"]["flow"] == ["valuation"]
    assert set_to("products.C9.flow.valuation", "{by: bank}")[0]["C9"]["flow"][0] == {"valuation": {"by": "bank"}}


def test_a_step_written_without_settings_can_be_given_some() -> None:
    root = tree("flow: [a, b: null]\n")
    for name in "ab":
        root, problems = set_path(root, f"flow.{name}.work", parse_value("1 h", "--set"))
        assert problems == []
    assert root.plain() == {"flow": [{"a": {"work": "1 h"}}, {"b": {"work": "1 h"}}]}


def test_a_value_of_the_command_line_keeps_the_column_of_the_option() -> None:
    root, _ = set_path(tree(CITY), "products.C8.limit", parse_value("3", "--set", 19))
    product = root.at(["products", "C8"])
    assert product is not None and product.keys["limit"] == ("--set", 1, 13)
    value = root.at(["products", "C8", "limit"])
    assert value is not None and value.place == ("--set", 1, 19)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("product.C8.price", "1",
         "--set:1:1: no 'product'; did you mean 'products'?\n    allowed here: policy, products"),
        ("products.C7.price", "1", "--set:1:10: no 'C7' in 'products'\n    allowed here: C8, C9"),
        ("products.C8.flow.valuaton.work", "1",
         "--set:1:18: no step 'valuaton' here; did you mean 'valuation'?"
         "\n    allowed here: application, drawdown, review, valuation"),
        ("products.C9.flow.2", "1", "--set:1:18: no item 2 in a list of 2\n    items are counted from 0"),
        ("products.C8.price.x", "1", "--set:1:19: 'x' cannot stand below a number in 'products.C8.price'"),
        ("products.C8.prce", "null",
         "--set:1:13: nothing to remove: no 'prce' here; did you mean 'price'?\n    allowed here: flow, price"),
        ("products..price", "1", "--set:1:10: a part of the path is empty"),
        ("products.C8.flow.*.work", "1",
         "--set:1:18: no step '*' here\n    allowed here: application, drawdown, review, valuation"),
        ("policy.*", "1", "--set:1:8: '*' cannot stand below nothing in 'policy'"),
        ("products.C8.flow", "{remove: x}",
         "--set:1:27: no step 'x' here\n    allowed here: application, drawdown, review, valuation"),
        ("products.C8.deep", "[" * 39 + "]" * 39, "--set:1:1: nested more than 40 levels deep"),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_told_at_its_part(path: str, value: str, expected: str) -> None:
    assert set_to(path, value)[1] == [expected]


def test_a_star_that_fails_for_one_key_changes_nothing() -> None:
    products, problems = set_to("products.*.flow.review.work", "1 h")
    assert problems == ["--set:1:17: no step 'review' here\n    allowed here: drawdown, valuation"]
    assert "review" in products["C8"]["flow"][1]["together"]
    root, problems_of_empty = set_path(tree("a: {}\n"), "a.*", parse_value("1", "--set"))
    assert [str(each) for each in problems_of_empty] == ["--set:1:3: no keys that '*' could stand for in 'a'"]
    assert root.plain() == {"a": {}}


# Any trees

words = st.sampled_from(
    ["a", "b", "c", "a.b", "remove", "insert", "replace", "together", "choice", "steps", "after", "x"]
)
shapes = st.recursive(
    st.none() | st.integers(0, 3) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


def as_node(shape: Any, file: str) -> Node:
    if isinstance(shape, dict):
        return Node(file, 1, 1, {k: as_node(v, file) for k, v in shape.items()}, dict.fromkeys(shape, (file, 1, 1)))
    return Node(file, 1, 1, [as_node(each, file) for each in shape] if isinstance(shape, list) else shape)


def whole(node: Node) -> bool:
    """Every mapping has the place of each of its keys and of no other."""
    if isinstance(node.value, dict):
        return node.value.keys() == node.keys.keys() and all(map(whole, node.value.values()))
    return all(map(whole, node.value)) if isinstance(node.value, list) else True


@settings(max_examples=4 * settings.default.max_examples, deadline=None)
@given(shapes, shapes, st.lists(words | st.sampled_from(["*", "0", "1"]), min_size=1, max_size=4))
def test_any_change_to_any_tree_gives_a_whole_tree_and_leaves_its_inputs_alone(
    first: Any, second: Any, path: list[str]
) -> None:
    base, change = as_node(first, "base.yaml"), as_node(second, "change.yaml")
    before = copy.deepcopy((base, change))
    for result, _ in (merge(base, change), set_path(base, ".".join(path), change)):
        assert whole(result)
    try:
        assert whole(expand_dotted(change))
    except ScenarioError as error:
        assert error.problems
    assert (base, change) == before


@settings(max_examples=2 * settings.default.max_examples, deadline=None)
@given(shapes)
def test_a_mapping_without_nulls_and_edits_merges_with_itself_to_itself(shape: Any) -> None:
    node = as_node({"outer": shape}, "base.yaml")
    result, problems = merge(node, node)
    text = str(node.plain())
    if "None" not in text and not any(word in text for word in ("remove", "insert", "replace")):
        assert problems == [] and result.plain() == node.plain()
