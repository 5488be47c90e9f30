"""Ways along lines in the perception network's maps: straight on at crossings, over gaps, and which of them are kept."""

from __future__ import annotations

import numpy as np
import pytest

from gdt2usd.vlsm.maps import BINS, HEAD, LINE_MAPS, OBJECT_MAPS, STROKES, TAIL
from gdt2usd.vlsm.seeing import Seen
from gdt2usd.vlsm.tracing import Way, find_ways, to_sketch
from gdt2usd.vlsm.verdicts import FEATURES, choose, degrees_of, features, reversed_features

LEFT, RIGHT = np.array([[2.0, 40.0, 12.0, 60.0]]), np.array([[88.0, 40.0, 98.0, 60.0]])
TOP, BOTTOM = np.array([[40.0, 2.0, 60.0, 12.0]]), np.array([[40.0, 88.0, 60.0, 98.0]])


def _cross(gap: tuple[int, int] = (0, 0)) -> Seen:
    """A level line from x 14 to 86 and an upright one from y 14 to 86, crossing at (50, 50); the level one with a gap."""
    lines = np.full((LINE_MAPS, 100, 100), -6.0, np.float32)
    lines[0, 49:52, 14:87] = 6.0
    lines[0, 49:52, gap[0] : gap[1]] = -6.0
    lines[BINS // 2, 14:87, 49:52] = 6.0
    for x, y, which in ((15, 50, TAIL), (84, 50, HEAD), (50, 15, TAIL), (50, 84, HEAD)):
        lines[which, y - 2 : y + 3, x - 2 : x + 3] = 6.0
    lines[STROKES.start] = 2.0
    return Seen(lines, np.zeros((OBJECT_MAPS, 25, 25), np.float32), 1.0)


def _by_pair(ways: list[Way]) -> dict[tuple[int, int], Way]:
    return {(w.first, w.second): w for w in ways}


def test_ways_go_straight_on_at_a_crossing() -> None:
    ways = _by_pair(find_ways(_cross(), [LEFT, RIGHT, TOP, BOTTOM]))
    across, down, corner = ways[0, 1], ways[2, 3], ways[0, 2]
    assert np.abs(across.points[:, 1] - 50).max() <= 1
    assert np.abs(down.points[:, 0] - 50).max() <= 1
    assert set(across.bins.tolist()) == {0}
    assert across.points[0, 0] < 20
    assert across.points[-1, 0] > 80
    assert corner.cost > across.cost - 36 * 0.3 + 5  # half as long, and yet dearer than half: it turns


def test_a_short_gap_is_crossed_and_a_wide_one_is_not() -> None:
    assert (0, 1) in _by_pair(find_ways(_cross((30, 38)), [LEFT, RIGHT]))
    assert find_ways(_cross((24, 46)), [LEFT, RIGHT]) == []


def test_shapes_out_of_reach_have_no_ways() -> None:
    far = np.array([[88.0, 2.0, 98.0, 12.0]])
    assert find_ways(_cross(), [LEFT, far]) == []
    assert find_ways(_cross(), [LEFT]) == []
    assert (
        find_ways(
            Seen(np.full((LINE_MAPS, 40, 40), -6.0, np.float32), np.zeros((OBJECT_MAPS, 10, 10), np.float32), 1.0), [LEFT, RIGHT]
        )
        == []
    )


def test_features_read_from_either_side() -> None:
    seen, boxes = _cross(), [LEFT, RIGHT]
    (way,) = find_ways(seen, boxes)
    back = Way(0, 1, way.points[::-1].copy(), way.bins[::-1].copy(), way.cost)
    forth = features(seen, [way], boxes)
    assert forth.shape == (1, FEATURES)
    assert reversed_features(reversed_features(forth)) == pytest.approx(forth)
    turned = features(seen, [back], [RIGHT, LEFT])
    assert reversed_features(forth) == pytest.approx(turned, abs=0.12)


def test_of_ways_over_the_same_ink_the_likeliest_is_kept() -> None:
    ways = find_ways(_cross(), [LEFT, RIGHT, TOP, BOTTOM])
    shares = np.full((len(ways), 5), 0.0, np.float32)
    for k, way in enumerate(ways):
        pair = (way.first, way.second)
        shares[k] = [0.02, 0.96, 0.01, 0.01, 0.0] if pair in {(0, 1), (2, 3)} else [0.4, 0.0, 0.6, 0.0, 0.0]
    kept = choose(ways, shares, (100, 100))
    assert {(ways[v.way].first, ways[v.way].second, v.name) for v in kept} == {(0, 1, "forward"), (2, 3, "forward")}
    assert all(v.share == pytest.approx(0.98) and v.sure == pytest.approx(0.96 / 0.98) for v in kept)
    assert degrees_of(kept, ways, 4).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]
    shares[:] = [0.9, 0.1, 0, 0, 0]
    assert choose(ways, shares, (100, 100)) == []


def test_pixels_of_the_maps_are_pixels_of_the_sketch() -> None:
    assert to_sketch(np.array([[0, 0], [10, 5]]), 0.5).tolist() == [[1.0, 1.0], [41.0, 21.0]]
