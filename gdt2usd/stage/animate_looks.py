"""What items look like: each source's product, the containers that combiners fill, and containers with what is packed in them.

A look is a handful of assets at their places: one product, an empty container, or a container with as many products on it as fit.
Not covered: where items are (`animate_items`), writing USD (`animate`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gdt2usd.graph.model import ProcessGraph, Sink, Source
from gdt2usd.simulation.records import EventKind, EventLog
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.catalog import Asset, Vec3

MOST_LAYERS = 3
_GAP_M = 0.02
_INSIDE = {"Tote": 0.04}  # containers with a rim: how high above their foot the load stands
_CONTAINERS = ("Pallet", "Tote", "WaferBox")
_LARGE_M = 0.45  # longer products go on a pallet

_COMING = (EventKind.CREATE, EventKind.ENTER, EventKind.UNPACK)

Part = tuple[Asset, Vec3]


def load_places(container: Asset, product: Asset) -> list[Vec3]:
    """Where products stand on a container, the first in the middle of what is left of a row: as many as fit, in layers."""
    cx, cy, cz = container.size_m
    px, py, pz = product.size_m
    nx, ny = (max(1, int((c + _GAP_M) / (p + _GAP_M))) for c, p in ((cx, px), (cy, py)))
    foot = _INSIDE.get(container.name, cz)
    layers = MOST_LAYERS if nx * ny > 1 or foot >= cz else 1
    places = []
    for layer in range(layers):
        for j in range(ny):
            for i in range(nx):
                x, y = (i - (nx - 1) / 2) * (px + _GAP_M), (j - (ny - 1) / 2) * (py + _GAP_M)
                places.append((x, y, foot + layer * (pz + 0.005)))
    return places


@dataclass
class ItemLooks:
    """The looks of one run's items, numbered as they are first asked for."""

    product: Asset
    product_of: dict[int, Asset] = field(default_factory=dict)
    container_of: dict[int, Asset] = field(default_factory=dict)
    seen_at: dict[str, dict[str, Asset]] = field(default_factory=dict)
    numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    parts: list[tuple[Part, ...]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def asset(self, item: int) -> Asset:
        """What an item itself looks like."""
        return self.container_of.get(item) or self.product_of.get(item, self.product)

    def of(self, item: int, load: tuple[int, ...]) -> int:
        """The number of the look of `item`, packed with the items `load`."""
        own = self.asset(item)
        key = (own.name, *(self.asset(i).name for i in load[:24]))
        if key not in self.numbers:
            self.numbers[key] = self._add(own, [self.asset(i) for i in load[:24]])
        return self.numbers[key]

    def _add(self, own: Asset, load: list[Asset]) -> int:
        parts: list[Part] = [(own, (0.0, 0.0, 0.0))]
        if load:
            parts += [(load[0], place) for place in load_places(own, load[0])[: len(load)]]
        shown = tuple(parts)
        if shown in self.parts:
            return self.parts.index(shown)
        self.parts.append(shown)
        self.names.append(own.name if not load else f"{own.name}_with_{len(shown) - 1}_{load[0].name}")
        return len(self.parts) - 1

    def container_at(self, place: str) -> Asset | None:
        """The container that is filled at `place`, the first if there are several kinds."""
        containers = {a.name for a in self.container_of.values()}
        return next((a for a in self.seen_at.get(place, {}).values() if a.name in containers), None)

    def size_at(self, place: str) -> Vec3:
        """The box that holds any item that comes to `place`, without its load."""
        sizes = [a.size_m for a in self.seen_at.get(place, {}).values()] or [self.product.size_m]
        return max(s[0] for s in sizes), max(s[1] for s in sizes), max(s[2] for s in sizes)

    def assets(self) -> Iterable[Asset]:
        """All assets in use."""
        return {a.name: a for look in self.parts for a, _ in look}.values()


def item_looks(scene: Scene, log: EventLog) -> ItemLooks:
    """What the items of `log` look like: products by their source's name, containers by theirs or by the product's size."""
    packs = (EventKind.PACK, EventKind.UNPACK)
    containers = {int(e.other) for e in log.events if e.kind in packs and e.other.lstrip("-").isdigit()}
    sources = {s.id for s in scene.graph.stations if isinstance(s, Source)}
    born = {e.item: e.place for e in log.events if e.kind is EventKind.CREATE and e.place in sources}
    of_containers = {born[i] for i in containers if i in born}
    looks = ItemLooks(_product(scene, of_containers))
    own = {name: _own_look(scene, name) for name in sources}
    lines = _lines(scene.graph, sources - of_containers)
    for item, source in born.items():
        looks.product_of[item] = own[source] or _own_look(scene, " ".join(lines.get(source, ()))) or looks.product
    size = max(looks.product.size_m[:2])
    usual = scene.catalog.asset("Pallet" if size > _LARGE_M or looks.product.name == "Tote" else "Tote")
    for item in containers:
        named = own.get(born.get(item, ""))
        looks.container_of[item] = named if named is not None and named.name in _CONTAINERS else usual
    for event in log.events:
        if event.kind in _COMING:
            asset = looks.asset(event.item)
            looks.seen_at.setdefault(event.place, {})[asset.name] = asset
    return looks


def _product(scene: Scene, of_containers: set[str]) -> Asset:
    """The look of what the factory makes: from the words of its title and ends, then of its machines, then the industry."""
    stations = [s for s in scene.graph.stations if s.id not in of_containers]
    ends = [s.id for s in stations if isinstance(s, Source | Sink)]
    several = len([s for s in stations if isinstance(s, Source)]) > 1
    words = [scene.options.title, *(() if several else (*ends, *(s.id for s in stations)))]
    return scene.catalog.look("item", " ".join(words)[:400], scene.options.industry)


def _lines(graph: ProcessGraph, sources: set[str]) -> dict[str, list[str]]:
    """For each source, the stations that only its items reach."""
    after: dict[str, list[str]] = {}
    for link in graph.links:
        after.setdefault(link.upstream, []).append(link.downstream)
    reached: dict[str, set[str]] = {}
    for source in sources:
        waiting = [source]
        for here in waiting:
            found = reached.setdefault(here, set())
            if source not in found:
                found.add(source)
                waiting += after.get(here, ())
    lines: dict[str, list[str]] = {}
    for station in graph.stations:
        by = reached.get(station.id, set())
        if len(by) == 1:
            lines.setdefault(next(iter(by)), []).append(station.id)
    return lines


def _own_look(scene: Scene, source: str) -> Asset | None:
    """The look that words (a source's name, those of its line) ask for; None if they ask for none."""
    plain = scene.catalog.look("item", "", "")
    found = scene.catalog.look("item", source[:400], "")
    return None if found.name == plain.name else found
