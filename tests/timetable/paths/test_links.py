"""Links between trains, from table to limits."""

import polars as pl
import pytest

from arterial.dispatching.paths import Traffic, find_path
from arterial.timetable.paths import LinkKind, TrainLink
from arterial.timetable.paths.links import bind_request, hold_other, read_train_links


def by_train(traffic):
    return {path.train_id: path for path in traffic.paths}


@pytest.fixture
def link():
    def make(kind, least_s=60):
        return TrainLink("L", "t", "other", "B", kind, least_s)

    return make


def test_links_are_read_for_trains_that_have_paths():
    row = {"link_id": "L", "train_id": "651", "other_train_id": "645", "point_id": "B",
           "kind": "after", "minimum_min": 90.0}  # fmt: skip
    frame = pl.DataFrame([row, row | {"link_id": "M", "other_train_id": "none"}])
    (found,) = read_train_links(frame, {"651": ["651@d"], "645": ["645@d", "645@e"]})
    assert (found.train_id, found.other_train_id, found.least_s) == ("651@d", "645@d", 5400)
    assert found.kind is LinkKind.AFTER


def test_a_train_leaves_after_the_other_has_come(ground, link):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "other", "CB", depart=(500, 500))
    request = ground.request("t", "ABC", depart=(0, 5000))
    path = find_path(traffic, bind_request(request, [link(LinkKind.AFTER)], by_train(traffic)))
    assert path.departure_s[1] == 660


def test_trains_stand_together(ground, link):
    together = link(LinkKind.TOGETHER)
    request = ground.request("t", "ABC", depart=(0, 5000))
    passing = Traffic(ground.model)
    passing = ground.run(passing, "other", "CBA", depart=(500, 500))
    # The other passes B without standing, so that nobody can stand there together with it.
    assert find_path(passing, bind_request(request, [together], by_train(passing))) is None
    standing = Traffic(ground.model)
    held = hold_other(ground.request("other", "CBA", depart=(500, 500)), together)
    standing = standing.add(find_path(standing, held))
    path = find_path(standing, bind_request(request, [together], by_train(standing)))
    # The other stands at B from 600 to 660.
    assert standing.paths[0].departure_s[1] == 660
    assert path.arrival_s[1] <= 600
    assert path.departure_s[1] == 660


def test_links_bind_nothing_without_the_other_or_off_its_way(ground, link):
    traffic = Traffic(ground.model)
    request = ground.request("t", "ABC")
    assert bind_request(request, [link(LinkKind.AFTER)], by_train(traffic)) is request
    traffic = ground.run(traffic, "other", "BC", depart=(900, 900))
    elsewhere = ground.request("t", "AB").points
    off = TrainLink("L", "t", "other", "A", LinkKind.AFTER, 60)
    assert elsewhere == ("A", "B")
    assert bind_request(request, [off], by_train(traffic)) is request
