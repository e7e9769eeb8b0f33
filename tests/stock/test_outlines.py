from arterial.stock.outlines import find_outline, list_outlines


def test_every_outline_has_its_own_name_and_a_grade():
    outlines = list_outlines()
    spellings = [name.casefold() for o in outlines for name in (o.name, *o.aliases)]
    assert len(spellings) == len(set(spellings))
    assert {outline.grade for outline in outlines} == {"recalled"}


def test_spelling_is_forgiven_and_a_stranger_is_not_guessed():
    assert find_outline("gb 146.1") is find_outline("GB146.1")
    assert find_outline("GB 146.2") is None


def test_the_excess_is_the_greater_of_width_and_height():
    wide, narrow = find_outline("1-VM"), find_outline("03-VM")
    assert wide.exceeds_by_mm(narrow) == 420
    assert narrow.exceeds_by_mm(wide) == 0
