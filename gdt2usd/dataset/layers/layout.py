"""Layer 5, layout: where everything stands, as a function of the topology and one of eight forms.

Cells of 8 m by 6 m (x = 8 * column, y = -6 * row), 16 columns, 10 rows, one object a cell; items flow along bands of cells.
Long belts take several cells of their band. Not covered: aisles and collisions of what is bigger than a cell (`stage.layout`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gdt2usd.graph.model import Conveyor, Dispatcher, Pose, ProcessGraph, Resource, Station
from gdt2usd.script.library_sizes import default_size_m

FORMS = ("linear", "u", "parallel", "conveyor", "vertical", "snake", "loop", "network")
CELL_X_M = 8.0
CELL_Y_M = 6.0
COLUMNS = 16
ROWS = 10

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell (column, row) and the direction of flow there (unit step in x and y of the plan, y upwards)."""

    cell: Cell
    toward: tuple[int, int] = (1, 0)


def levels_of(graph: ProcessGraph) -> list[list[int]]:
    """Station indices by level: the longest way from a source, feeders late; links back to an earlier station do not count."""
    place = {station.id: index for index, station in enumerate(graph.stations)}
    after: dict[int, list[int]] = {index: [] for index in place.values()}
    for link in graph.links:
        if link.upstream in place and link.downstream in place and place[link.upstream] < place[link.downstream]:
            after[place[link.upstream]].append(place[link.downstream])
    level = [0] * len(place)
    main: set[int] = {0}
    for index in range(len(level)):
        for target in after[index]:
            level[target] = max(level[target], level[index] + 1)
            if index in main:
                main.add(target)
    for index in reversed(range(len(level))):
        if index not in main and after[index]:
            level[index] = max(0, min(level[target] for target in after[index]) - 1)
    found: dict[int, list[int]] = {}
    for index, depth in enumerate(level):
        found.setdefault(depth, []).append(index)
    return [found[depth] for depth in sorted(found)]


def _span(station: Station, cell_m: float) -> int:
    """Cells along the flow: an odd number, so that the belt's middle is the middle of a cell."""
    if not isinstance(station, Conveyor):
        return 1
    cells = max(1, math.ceil(station.length_m / cell_m))
    return cells + 1 - cells % 2


def _bands(spans: list[int], longest: int) -> list[list[int]]:
    """Level numbers cut into bands of at most `longest` cells."""
    bands: list[list[int]] = [[]]
    used = 0
    for number, span in enumerate(spans):
        if bands[-1] and used + span > longest:
            bands.append([])
            used = 0
        bands[-1].append(number)
        used += span
    return bands


def _band_length(form: str, total: int, levels: int) -> int:
    """How many cells a band has in a form."""
    match form:
        case "u" | "loop":
            return math.ceil(total / 2) if levels > 3 else total
        case "snake":
            return max(2, math.ceil(total / (3 if total < 16 else 4)))
        case "vertical":
            return 8
        case _:
            return COLUMNS


def _spots(graph: ProcessGraph, form: str) -> dict[int, Spot] | None:
    """A spot for every station, None if the form does not fit on the grid."""
    levels = levels_of(graph)
    vertical = form == "vertical"
    cell_m = CELL_Y_M if vertical else CELL_X_M
    spans = [max(_span(graph.stations[index], cell_m) for index in level) for level in levels]
    length, width = (8, COLUMNS) if vertical else (COLUMNS, 8)
    longest = max(min(_band_length(form, sum(spans), len(levels)), length), *spans)
    bands = _bands(spans, longest)
    spread = 2 if form in ("parallel", "network") and max(len(level) for level in levels) <= 3 else 1
    gap = 1 if form == "loop" else 0
    spots: dict[int, Spot] = {}
    across = 0
    for number, band in enumerate(bands):
        height = max(len(levels[i]) for i in band) * spread - (spread - 1)
        back = form in ("u", "snake", "loop") and number % 2 == 1
        along = longest if back else 0
        for i in band:
            along += -spans[i] if back else spans[i]
            middle = along + spans[i] // 2 if back else along - spans[i] + spans[i] // 2
            for rank, index in enumerate(levels[i]):
                row = across + int((rank + 0.5) * height / len(levels[i]))
                row += 1 if form == "network" and i % 2 == 1 and len(levels[i]) == 1 and height > 1 else 0
                cell, toward = ((row, middle), (0, -1)) if vertical else ((middle, row), (-1 if back else 1, 0))
                spots[index] = Spot(cell, toward)
        across += height + gap + (1 if form == "network" and height > 1 else 0)
    reach = max((spot.cell[1 if not vertical else 0] for spot in spots.values()), default=0)
    along_reach = max((spot.cell[0 if not vertical else 1] for spot in spots.values()), default=0)
    distinct = len({spot.cell for spot in spots.values()}) == len(spots)
    return spots if distinct and reach < width and along_reach < length else None


def _dense(count: int) -> dict[int, Spot]:
    """Row by row, back and forth: what fits always (up to 160 objects)."""
    spots = {}
    for index in range(count):
        row, column = divmod(index, COLUMNS)
        back = row % 2 == 1
        spots[index] = Spot((COLUMNS - 1 - column if back else column, row), (-1 if back else 1, 0))
    return spots


def _belt_cells(station: Station, spot: Spot) -> set[Cell]:
    """The cells that a belt lies on."""
    cell_m = CELL_X_M if spot.toward[0] else CELL_Y_M
    half = _span(station, cell_m) // 2
    column, row = spot.cell
    return {(column + d * abs(spot.toward[0]), row + d * abs(spot.toward[1])) for d in range(-half, half + 1)}


def _first_served(graph: ProcessGraph, resource: Resource) -> str | None:
    """The first station (in graph order) that a resource or its dispatcher works for."""
    names = {resource.id}
    if resource.dispatcher is not None:
        names.add(resource.dispatcher)
    if isinstance(resource, Dispatcher):
        names.update(resource.team)
    carried = {link.upstream for link in graph.links if link.transport in names}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        if station.id in carried or (need is not None and names.intersection(need.resources)):
            return station.id
    return None


def _beside(start: Cell, taken: set[Cell]) -> Cell:
    """The nearest free cell: below first, then to the right, above, to the left."""
    column, row = start
    best = min(
        (
            (abs(c - column) * 1.5 + abs(r - row) + (0.3 if r < row else 0.0), r < row, c, r)
            for c in range(COLUMNS)
            for r in range(ROWS)
            if (c, r) not in taken
        ),
        default=(0.0, False, column, row),
    )
    return best[2], best[3]


def _pose(cell: Cell, flexsim_class: str) -> Pose:
    return Pose((CELL_X_M * cell[0], 0.0 - CELL_Y_M * cell[1], 0.0), 0.0, default_size_m(flexsim_class))


def _stand(station: Station, spot: Spot) -> Station:
    """`station` on its cell; a belt lies along the flow."""
    if not isinstance(station, Conveyor):
        return replace(station, pose=_pose(spot.cell, station.flexsim_class))
    x, y = CELL_X_M * spot.cell[0], 0.0 - CELL_Y_M * spot.cell[1]
    half_x, half_y = (round(step * station.length_m / 2, 6) for step in spot.toward)
    yaw = {(1, 0): 0.0, (-1, 0): 180.0, (0, -1): -90.0, (0, 1): 90.0}[spot.toward]
    pose = Pose((x, y, 0.0), yaw, default_size_m(station.flexsim_class, station.length_m, station.width_m))
    return replace(station, pose=pose, start_m=(x - half_x, y - half_y, 0.0), end_m=(x + half_x, y + half_y, 0.0))


def place(graph: ProcessGraph, form: str) -> ProcessGraph:
    """`graph` with the poses that `form` (one of `FORMS`) gives; the same topology always gives the same poses.

    Stations must be in flow order. Up to 160 objects get a cell of their own.

    Raises:
        ValueError: `form` is none of `FORMS`.
    """
    if form not in FORMS:
        raise ValueError(f"{form!r} is no form of layout: one of {', '.join(FORMS)}")
    if not graph.stations:
        return graph
    spots = _spots(graph, form) or _spots(graph, "snake") or _dense(len(graph.stations))
    taken: set[Cell] = set()
    for index, spot in spots.items():
        taken |= _belt_cells(graph.stations[index], spot)
    stations = tuple(_stand(station, spots[index]) for index, station in enumerate(graph.stations))
    cell_of = {station.id: spots[index].cell for index, station in enumerate(graph.stations)}
    resources = []
    for resource in graph.resources:
        served = _first_served(graph, resource)
        cell = _beside(cell_of.get(served or "", (0, 0)), taken)
        taken.add(cell)
        resources.append(replace(resource, pose=_pose(cell, resource.flexsim_class)))
    return replace(graph, stations=stations, resources=tuple(resources))
