"""The countries near a study: by bounds, across the date line, with their own arcs only."""

from arterial.report.outlines import Place, select_countries


def topology(**bounds: list[float]) -> dict:
    """Countries named by their bounds; country number n is drawn with the arcs 2n and 2n + 1."""
    geometries = [
        {
            "type": "Polygon",
            "arcs": [[2 * number, ~(2 * number + 1)]],
            "properties": {"name": name, "bounds": box},
        }
        for number, (name, box) in enumerate(bounds.items())
    ]
    return {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [[[number, 0], [1, 1]] for number in range(2 * len(geometries))],
    }


def names(selected: dict) -> list[str]:
    return [shape["properties"]["name"] for shape in selected["objects"]["countries"]["geometries"]]


def test_only_countries_near_the_places_are_kept():
    outlines = topology(korea=[124, 37, 131, 43], peru=[-81, -18, -69, 0])
    selected = select_countries(outlines, [Place(39, 125), Place(42, 130)])
    assert names(selected) == ["korea"]


def test_arcs_are_numbered_anew_and_keep_their_direction():
    outlines = topology(peru=[-81, -18, -69, 0], korea=[124, 37, 131, 43])
    selected = select_countries(outlines, [Place(39, 125)])
    assert selected["objects"]["countries"]["geometries"][0]["arcs"] == [[0, ~1]]
    assert selected["arcs"] == outlines["arcs"][2:]


def test_a_country_across_the_date_line_is_found_from_both_sides():
    outlines = topology(russia=[27, 41, -169, 82])
    assert names(select_countries(outlines, [Place(55, 37)])) == ["russia"]
    assert names(select_countries(outlines, [Place(65, -171)])) == ["russia"]


def test_places_on_both_sides_of_the_date_line_do_not_span_the_world():
    outlines = topology(fiji=[177, -20, -178, -12], ghana=[-3, 4, 1, 11])
    selected = select_countries(outlines, [Place(-17, 178), Place(-16, -179)])
    assert names(selected) == ["fiji"]


def test_without_places_there_is_no_map():
    assert select_countries(topology(korea=[124, 37, 131, 43]), []) is None
