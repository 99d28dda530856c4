"""Comparing what came back with what was expected."""

import pytest
from milepost_testkit import any_int, any_list, any_str, containing, subset
from milepost_testkit.matching import described, differences
from milepost_testkit.plain import NotPlainError, plain, shortened


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, 1.0),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ({"id": any_int, "name": any_str, "tags": any_list}, {"id": 1, "name": "x", "tags": []}),
        (subset(a=1), {"a": 1, "b": 2}),
        ([subset(a=any_int)], [{"a": 1, "b": 2}]),
        (containing("PRICE"), "the price is wrong"),
    ],
)
def test_these_match(expected, actual):
    assert differences(expected, actual) == []


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        (1, True, "expected 1, got true"),
        (True, 1, "expected true, got 1"),
        ("1", 1, 'expected "1", got 1'),
        (any_int, True, "expected a whole number, got true"),
        (any_int, "7", 'expected a whole number, got "7"'),
        ({"a": 1}, {"a": 2}, "a: expected 1, got 2"),
        ({"a": 1}, {}, "a: is missing, expected 1"),
        ({}, {"a": {}}, "a: should not be there"),
        ([1], [1, 2], "expected a list of 1, got a list of 2"),
        ({"a": [1]}, {"a": [2]}, "a[0]: expected 1, got 2"),
        ({}, [], "expected an object {…}, got []"),
        (subset(a=1), 3, "expected an object {…}, got 3"),
        (containing("x"), None, 'expected a text with "x" in it, got null'),
    ],
)
def test_these_differ(expected, actual, said):
    assert differences(expected, actual) == [said]


def test_an_expectation_is_written_as_json():
    expected = {"id": any_int, "items": [subset(a=None)]}
    assert described(expected) == ('{"id": <a whole number>, "items": [<at least {"a": null}>]}')


class Sly(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Sly("a"), "a Sly"),
        ({1: 2}, "a dict with an int key"),
        (float("nan"), "the number nan"),
        ({1, 2}, "a set"),
        (object, "a type"),
        (b"x", "a bytes"),
    ],
)
def test_what_json_cannot_carry_is_refused(value, kind):
    with pytest.raises(NotPlainError) as caught:
        plain({"a": [value]})
    assert (caught.value.kind, caught.value.where) == (kind, "a[0]")


def test_data_without_an_end_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NotPlainError, match="nested more than"):
        plain(endless)


def test_a_long_text_is_cut_and_says_so():
    assert shortened("x" * 700) == "x" * 600 + " … (100 more characters)"
