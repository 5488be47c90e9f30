"""Looks of items: products by their own line's words, loads that stand on their container, numbers that stay."""

from __future__ import annotations

import itertools

import pytest

from gdt2usd.graph import model as m
from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.stage.animate_looks import ItemLooks, item_looks, load_places
from gdt2usd.stage.author_scene import StageOptions, make_scene
from gdt2usd.stage.catalog import load


@pytest.mark.parametrize("container", ["Pallet", "Tote"])
@pytest.mark.parametrize("product", ["Carton", "Part", "Bottle", "Board", "WaferBox"])
def test_loads_stand_side_by_side_on_their_container(container: str, product: str) -> None:
    own, piece = load().asset(container), load().asset(product)
    places = load_places(own, piece)
    assert places
    for a, b in itertools.combinations(places, 2):
        gaps = [abs(a[i] - b[i]) - piece.size_m[i] for i in range(3)]
        assert max(gaps) >= -1e-6, (a, b)
    for x, y, z in places:
        assert abs(x) + piece.size_m[0] / 2 <= max(own.size_m[0], piece.size_m[0]) / 2 + 1e-6
        assert abs(y) + piece.size_m[1] / 2 <= max(own.size_m[1], piece.size_m[1]) / 2 + 1e-6
        assert z > 0.0


def _run() -> ItemLooks:
    names = ("Bottle Source", "Filler", "Pallet Source", "Pack", "Out")
    kinds = (m.Source, m.Processor, m.Source, m.Combiner, m.Sink)
    stations = tuple(k(id=n, pose=m.Pose((8.0 * i, 0.0, 0.0))) for i, (k, n) in enumerate(zip(kinds, names, strict=True)))
    pairs = (("Bottle Source", "Filler"), ("Filler", "Pack"), ("Pallet Source", "Pack"), ("Pack", "Out"))
    graph = m.ProcessGraph(stations=stations, links=tuple(m.Link(upstream=a, downstream=b) for a, b in pairs))
    log = EventLog(
        (
            Event(0.0, EventKind.CREATE, "Bottle Source", 1),
            Event(0.0, EventKind.CREATE, "Pallet Source", 2),
            Event(1.0, EventKind.ENTER, "Pack", 2, "Pallet Source"),
            Event(2.0, EventKind.ENTER, "Pack", 1, "Filler"),
            Event(3.0, EventKind.PACK, "Pack", 1, "2"),
        ),
        5.0,
    )
    return item_looks(make_scene(graph, load(), StageOptions()), log)


def test_each_source_has_its_product_and_containers_show_their_load() -> None:
    looks = _run()
    assert (looks.asset(1).name, looks.asset(2).name) == ("Bottle", "Pallet")
    bare, loaded = looks.of(2, ()), looks.of(2, (1,))
    assert bare != loaded and looks.of(2, ()) == bare
    assert [asset.name for asset, _ in looks.parts[loaded]] == ["Pallet", "Bottle"]
    assert {a.name for a in looks.assets()} == {"Pallet", "Bottle"}
    container = looks.container_at("Pack")
    assert container is not None and container.name == "Pallet"
