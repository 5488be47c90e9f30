"""Light for the preview engine: many depth maps from over the hall give soft sky light with true occlusion, one sharp map the sun.

Each map is the scene seen along one direction; a point is lit from there if nothing stands in front of it. Not covered: colour
bleeding between surfaces.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdt2usd.stage.render_raster import nearness_map

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SUN = np.array([-0.64, -0.1, 0.76]) / np.linalg.norm([-0.64, -0.1, 0.76])
THREADS = 2
PHASES = 4


@dataclass(frozen=True, slots=True)
class LightMap:
    """What one direction sees: `frame` (3, 3) rows are right, down, away from the light; `scale` texels per metre."""

    direction: F64
    frame: F64
    origin: F64
    scale: float
    reach: float
    depth: F32


def dome_directions(count: int) -> F64:
    """`count` directions over the upper half, spread evenly by a golden-angle spiral, denser towards the zenith (cosine)."""
    i = np.arange(count) + 0.5
    z = np.sqrt(1.0 - i / count * 0.97)
    angle = i * np.pi * (3.0 - np.sqrt(5.0))
    r = np.sqrt(1.0 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=1)


def light_map(soup: F32, low: F64, high: F64, direction: F64, size: int) -> LightMap:
    """The map of `soup` (3 coordinates, 3 corners, t) along `direction` (to the light), fitted to the box from `low` to `high`."""
    away = -direction
    side = np.array([1.0, 0.0, 0.0]) if abs(direction[2]) > 0.9 else np.array([0.0, 0.0, 1.0])
    right = np.cross(away, side)
    right /= np.linalg.norm(right)
    frame = np.stack([right, np.cross(away, right), away])
    box = np.array([[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    seen = box @ frame.T
    first, last = seen.min(axis=0), seen.max(axis=0)
    span = float(max(last[0] - first[0], last[1] - first[1])) * 1.02 + 1e-6
    scale = size / span
    origin = np.array([first[0], first[1], first[2]])
    seen_soup = frame.astype(np.float32) @ soup.reshape(3, -1)
    nearest = min(float(seen_soup[2].min()), first[2]) if seen_soup.size else first[2]
    origin[2] = nearest
    reach = float(last[2] - nearest) + 0.1
    x, y = ((seen_soup[i] - np.float32(origin[i])) * np.float32(scale) for i in (0, 1))
    near = 1 - (seen_soup[2] - np.float32(nearest)) / np.float32(reach)
    found = nearness_map(x.reshape(3, -1), y.reshape(3, -1), near.reshape(3, -1), size)
    return LightMap(direction, frame, origin, scale, reach, 1 - found)


def visibility(light: LightMap, points: F32, normals: F32, jitter: F32, *, bias: float = 1.5) -> F32:
    """1 where the light reaches `points` (n, 3), 0 where not; `jitter` (n, 2) shifts the lookup, in texels."""
    texel = 1.0 / light.scale
    lifted = points + normals * np.float32(bias * texel)
    seen = lifted @ light.frame.T.astype(np.float32)
    size = light.depth.shape[0]
    x = np.clip((seen[:, 0] - np.float32(light.origin[0])) * np.float32(light.scale) + jitter[:, 0], 0, size - 1).astype(np.int32)
    y = np.clip((seen[:, 1] - np.float32(light.origin[1])) * np.float32(light.scale) + jitter[:, 1], 0, size - 1).astype(np.int32)
    depth = (seen[:, 2] - np.float32(light.origin[2])) / np.float32(light.reach)
    return np.asarray(depth < light.depth[y, x] + np.float32(bias * texel / light.reach), np.float32)


def sky_maps(soup: F32, low: F64, high: F64, count: int, size: int) -> list[LightMap]:
    """One map per dome direction."""
    directions = dome_directions(count)
    texel = float(np.linalg.norm(high - low)) / size
    a, b, c = soup[:, 0], soup[:, 1], soup[:, 2]
    area = np.linalg.norm(np.cross(b - a, c - a, axis=0), axis=0)
    soup = np.ascontiguousarray(soup[:, :, area > 0.6 * texel * texel])

    def make(direction: F64) -> LightMap:
        return light_map(soup, low, high, direction, size)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(make, directions))


def sky_light(maps: list[LightMap], points: F32, normals: F32, phase: NDArray[np.int8], rng: np.random.Generator) -> F32:
    """The share of the sky (cosine-weighted, 0..1) that each point sees.

    A point of `phase` 0..3 asks every fourth map only (its neighbours ask the others, to be blurred together); -1: all.
    """
    total = np.zeros(len(points), np.float32)
    possible = np.zeros(len(points), np.float32)
    for number, light in enumerate(maps):
        asks = np.flatnonzero((phase < 0) | (phase == number % PHASES))
        facing = normals[asks] @ light.direction.astype(np.float32)
        lit = asks[facing > 0.01]
        facing = facing[facing > 0.01]
        jitter = rng.random((len(lit), 2), np.float32) * 4.0 - 2.0
        total[lit] += facing * visibility(light, points[lit], normals[lit], jitter)
        possible[lit] += facing
    # the dome holds only the upper half: a wall can see half of it at most, an underside only the floor's reflection
    upward = 0.5 + 0.5 * normals[:, 2]
    return np.asarray(np.where(possible > 0, total / np.maximum(possible, 1e-6), 0.0) * (0.35 + 0.65 * upward), np.float32)


def in_parts(work: Callable[[slice], None], count: int, size: int = 200_000) -> None:
    """Run `work` on slices of `count` in parallel threads."""
    parts = [slice(i, min(i + size, count)) for i in range(0, count, size)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, parts))
