"""Keys and functions of tasks."""

import functools

import pytest

from arterial.compute.tasks import Task, check_tasks, name_function, name_some
from arterial.errors import ArterialError
from compute_cases import tabulate


def test_a_function_of_a_module_is_named_by_it_also_inside_a_partial() -> None:
    assert name_function(tabulate) == "compute_cases:tabulate"
    assert name_function(functools.partial(tabulate, {"number": 1})) == "compute_cases:tabulate"


def test_a_function_that_another_process_cannot_import_is_refused() -> None:
    with pytest.raises(TypeError, match="use a function of a module"):
        name_function(lambda _payload: {})


@pytest.mark.parametrize("key", ["", "a/b", "../a", ".a", "a b", "x" * 121])
def test_a_key_that_does_not_fit_a_file_name_is_refused(key: str) -> None:
    with pytest.raises(ArterialError, match="does not fit a file name"):
        check_tasks([Task(key, None)])


def test_keys_that_differ_by_case_alone_are_refused_with_all_other_faults() -> None:
    with pytest.raises(ArterialError) as caught:
        check_tasks([Task("a", None), Task("A", None), Task("b c", None)])
    assert len(caught.value.faults) == 2
    assert "'A' stands twice" in str(caught.value)


def test_many_keys_are_named_by_the_first_five() -> None:
    assert name_some(list("abcde")) == "a, b, c, d, e"
    assert name_some(list("abcdefg")) == "a, b, c, d, e and 2 more"
