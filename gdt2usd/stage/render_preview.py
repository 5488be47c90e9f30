"""The preview engine: a deferred renderer in numpy, without GL or GPU, for a clean shaded picture in seconds.

One frame: rasterise at twice the size, find the visible surface points, light them (sky occlusion, soft sun, reflections of a
bright hall), mix glass over them, resolve, tone-map. Not covered: textures, refraction, light from emissive surfaces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdt2usd.stage.render_light import PHASES, SUN, in_parts, light_map, sky_light, sky_maps, visibility
from gdt2usd.stage.render_raster import clip_near, rasterise
from gdt2usd.stage.render_scene import RenderScene, Shade, View

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

NEAR_M = 0.05
SAMPLES = 2  # per pixel and axis
SMALL_PIXELS = 500_000  # smaller pictures need no finer shadows than this: films of them are made four times as fast
SUN_COLOUR = np.array([1.0, 0.955, 0.88], np.float32) * 3.9
SKY_COLOUR = np.array([0.92, 0.97, 1.03], np.float32) * 0.92
FLOOR_BOUNCE = np.array([0.30, 0.29, 0.28], np.float32)
BACKGROUND = (np.array([0.31, 0.325, 0.34], np.float32), np.array([0.5, 0.57, 0.64], np.float32))
EXPOSURE = 0.7


@dataclass(frozen=True, slots=True)
class Palette:
    """The scene's shades as arrays, one row each."""

    colour: F32
    roughness: F32
    metallic: F32
    opacity: F32
    glow: F32

    @staticmethod
    def of(shades: list[Shade]) -> Palette:
        """Gather `shades`."""
        rows = shades or [Shade()]
        return Palette(
            np.array([s.colour for s in rows], np.float32),
            np.array([s.roughness for s in rows], np.float32),
            np.array([s.metallic for s in rows], np.float32),
            np.array([s.opacity for s in rows], np.float32),
            np.array([s.glow for s in rows], np.float32),
        )


@dataclass(slots=True)
class _Points:
    """Visible surface points: where, which way they face, which shade, which pixel, how much of it."""

    position: F32
    normal: F32
    flat: F32
    shade: I32
    pixel: I32
    weight: F32
    ray: F32


def _visible(corners: F32, chosen: NDArray[np.int64], view: View, width: int, height: int) -> tuple[I32, F32]:
    """Which of the `chosen` triangles each sample of `view` shows (-1: none), and how near it is (near plane / distance)."""
    soup = np.ascontiguousarray(corners[chosen].transpose(2, 1, 0))
    frame = np.stack([view.right, -view.up, view.forward]).astype(np.float32)
    local = frame @ (soup.reshape(3, -1) - view.eye.astype(np.float32)[:, None])
    cut, owner = clip_near(local.reshape(3, 3, -1), NEAR_M)
    x = (cut[0] / (cut[2] * np.float32(view.tan_x)) + 1) * np.float32(0.5 * width)
    y = (cut[1] / (cut[2] * np.float32(view.tan_y)) + 1) * np.float32(0.5 * height)
    ids, near = rasterise(x, y, np.float32(NEAR_M) / cut[2], width, height)
    if len(owner):
        ids = np.where(ids >= 0, chosen[owner[ids]], -1).astype(np.int32)
    return ids, near


def _resolve_samples(ids: I32, samples: int) -> tuple[I32, I32, F32]:
    """Distinct triangles per pixel: (triangle, pixel, share of the pixel's samples)."""
    height, width = ids.shape[0] // samples, ids.shape[1] // samples
    grouped = ids.reshape(height, samples, width, samples).transpose(0, 2, 1, 3).reshape(height * width, samples * samples)
    n = samples * samples
    equal = grouped[:, :, None] == grouped[:, None, :]
    share = equal.sum(axis=2, dtype=np.int16)
    first = np.ones(grouped.shape, bool)
    for i in range(1, n):
        first[:, i] = ~equal[:, i, :i].any(axis=1)
    pixel, column = np.nonzero(first & (grouped >= 0))
    return grouped[pixel, column], pixel.astype(np.int32), share[pixel, column].astype(np.float32) / n


def _points(
    triangle: I32, pixel: I32, weight: F32, corners: F32, normals: F32, shades: I32, view: View, width: int, height: int
) -> _Points:
    """Where the rays through the pixels meet their triangles."""
    x = (pixel % width).astype(np.float32) + np.float32(0.5)
    y = (pixel // width).astype(np.float32) + np.float32(0.5)
    right, up, forward = (a.astype(np.float32) for a in (view.right, view.up, view.forward))
    ray = (
        forward
        + ((2 * x / width - 1) * np.float32(view.tan_x))[:, None] * right
        - ((2 * y / height - 1) * np.float32(view.tan_y))[:, None] * up
    )
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    a = corners[triangle, 0] - view.eye.astype(np.float32)
    e1 = corners[triangle, 1] - corners[triangle, 0]
    e2 = corners[triangle, 2] - corners[triangle, 0]
    flat = np.cross(e1, e2)
    area = np.einsum("ij,ij->i", flat, flat)
    facing = np.einsum("ij,ij->i", flat, ray)
    facing = np.where(np.abs(facing) < 1e-12, 1e-12, facing)
    distance = np.einsum("ij,ij->i", flat, a) / facing
    hit = ray * distance[:, None] - a
    u = np.einsum("ij,ij->i", np.cross(hit, e2), flat) / np.maximum(area, 1e-20)
    v = np.einsum("ij,ij->i", np.cross(e1, hit), flat) / np.maximum(area, 1e-20)
    u, v = np.clip(u, 0, 1), np.clip(v, 0, 1)
    over = np.maximum(u + v, 1)
    u, v = u / over, v / over
    position = corners[triangle, 0] + u[:, None] * e1 + v[:, None] * e2
    n = normals[triangle]
    normal = n[:, 0] * (1 - u - v)[:, None] + n[:, 1] * u[:, None] + n[:, 2] * v[:, None]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    flat /= np.sqrt(np.maximum(area, 1e-20))[:, None]
    return _Points(position, normal.astype(np.float32), flat, shades[triangle], pixel, weight, ray.astype(np.float32))


def _hall(direction: F32, roughness: F32, height: F32) -> F32:
    """What a mirror would see of an imagined hall: dark floor, bright walls, a ceiling with light strips; blurred by roughness."""
    z = direction[:, 2]
    ceiling = np.clip(z * 3.0, 0, 1)
    away = (9.0 - height) / np.maximum(z, 0.12)
    across = direction[:, 1] * away
    strip = 0.5 + 0.5 * np.cos(across * np.float32(2 * np.pi / 5.0))
    sharp = 1 + 10 * (1 - roughness) ** 2
    smooth = np.clip(1 - 1.4 * roughness, 0, 1)
    lamps = (strip**sharp * smooth + 0.42 * (1 - smooth)) * ceiling
    wall = np.float32(0.62) + 0.12 * z
    below = np.clip(-z * 4 + 0.3, 0, 1)
    level = wall * (1 - below) + 0.3 * below + lamps * 1.3
    return np.asarray(level[:, None] * np.array([0.97, 1.0, 1.03], np.float32), np.float32)


def _shaded(p: _Points, palette: Palette, sky: F32, sun: F32) -> F32:
    """Outgoing light (n, 3), linear."""
    base = palette.colour[p.shade]
    rough = palette.roughness[p.shade]
    metal = palette.metallic[p.shade][:, None]
    n, to_eye = p.normal, -p.ray
    nv = np.clip(np.einsum("ij,ij->i", n, to_eye), 0.02, 1)
    s = SUN.astype(np.float32)
    nl = np.clip(n @ s, 0, 1)
    half = to_eye + s
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    nh = np.clip(np.einsum("ij,ij->i", n, half), 0, 1)
    vh = np.clip(np.einsum("ij,ij->i", to_eye, half), 0, 1)
    alpha = np.maximum(rough * rough, 0.02)
    d = alpha**2 / (np.pi * (nh**2 * (alpha**2 - 1) + 1) ** 2)
    k = (rough + 1) ** 2 / 8
    g = 1 / ((nv * (1 - k) + k) * (nl * (1 - k) + k) * 4)
    f0 = 0.04 * (1 - metal) + base * metal
    fresnel = f0 + (1 - f0) * ((1 - vh) ** 5)[:, None]
    direct = (nl * sun)[:, None] * SUN_COLOUR
    diffuse = base * (1 - metal) * (1 - fresnel)
    bounce = (np.clip(0.5 - 0.5 * n[:, 2], 0, 1) * (0.35 + 0.65 * sky))[:, None] * FLOOR_BOUNCE
    light = diffuse * (direct / np.float32(np.pi) + sky[:, None] * SKY_COLOUR * 0.72 + bounce)
    mirrored = 2 * np.einsum("ij,ij->i", n, to_eye)[:, None] * n - to_eye
    edge = f0 + (np.maximum(1 - rough, 0.15)[:, None] - f0).clip(0) * ((1 - nv) ** 5)[:, None]
    occluded = np.clip(0.25 + 0.9 * sky, 0, 1)[:, None]
    glossy = _hall(mirrored, rough, p.position[:, 2]) * edge * occluded
    return np.asarray(light + (d * g)[:, None] * fresnel * direct * 0.7 + glossy + palette.glow[p.shade], np.float32)


def tone_mapped(light: F32) -> NDArray[np.uint8]:
    """Linear light to sRGB bytes: the Khronos PBR Neutral curve, which keeps hues."""
    c = light * np.float32(EXPOSURE)
    low = c.min(axis=-1, keepdims=True)
    c = c - np.where(low < 0.08, low - 6.25 * low * low, 0.04)
    peak = c.max(axis=-1, keepdims=True)
    start = 0.8 - 0.04
    d = 1.0 - start
    pressed = 1.0 - d * d / (np.maximum(peak, start) + d - start)
    squeezed = c * (pressed / np.maximum(peak, 1e-6))
    g = 1.0 - 1.0 / (0.15 * (peak - pressed) + 1.0)
    c = np.where(peak < start, c, squeezed * (1 - g) + pressed * g)
    c = np.clip(c, 0, 1)
    encoded = np.where(c <= 0.0031308, c * 12.92, 1.055 * c ** (1 / 2.4) - 0.055)
    return np.asarray(encoded * 255 + 0.5, np.uint8)


def with_bloom(image: F32) -> F32:
    """A halo around what is brighter than white: lamps read from far away."""
    import cv2

    bright = np.clip(image - 1.5, 0, 6)
    if not bright.any():
        return image
    spread = max(image.shape[0] / 240, 1.0)
    halo = cv2.GaussianBlur(bright, (0, 0), spread) * 0.9 + cv2.GaussianBlur(bright, (0, 0), spread * 3.5) * 0.8
    return np.asarray(image + halo, np.float32)


def _background(view: View, width: int, height: int) -> F32:
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    up = view.forward[2] - y * view.tan_y * view.up[2]
    t = np.clip(0.5 + up * 1.2, 0, 1)[:, None]
    column = BACKGROUND[0] * (1 - t) + BACKGROUND[1] * t
    return np.repeat(column[:, None, :], width, axis=1).astype(np.float32)


def _exchange(image: F32, geo: F32, total: F32, weight: F32, step: tuple[int, int], share: int) -> None:
    """Add to each pixel the value of the pixel `step` (dy, dx) away and the other way round, where both lie on one plane."""
    dy, dx = step
    here = (slice(0, image.shape[0] - dy), slice(max(0, -dx), image.shape[1] - max(0, dx)))
    there = (slice(dy, image.shape[0]), slice(max(0, dx), image.shape[1] - max(0, -dx)))
    a, b = geo[:, here[0], here[1]], geo[:, there[0], there[1]]
    same = ((a[0] * b[0] + a[1] * b[1] + a[2] * b[2] > 0.9) & (np.abs(a[3] - b[3]) < 0.05)).astype(np.float32) * share
    total[here] += same * image[there]
    total[there] += same * image[here]
    weight[here] += same
    weight[there] += same


def _blurred(values: F32, p: _Points, width: int, height: int, rounds: int = 2) -> F32:
    """`values` per point smoothed over neighbouring pixels that lie on the same surface (a-trous, edge-stopping)."""
    count = width * height
    order = np.argsort(-p.weight, kind="stable")[::-1]
    best = np.full(count, -1, np.int32)
    best[p.pixel[order]] = order
    has = best >= 0
    plane = np.zeros((count, 4), np.float32)
    plane[has, :3] = p.flat[best[has]]
    plane[has, 3] = np.einsum("ij,ij->i", p.flat[best[has]], p.position[best[has]])
    field = np.zeros(count, np.float32)
    field[has] = values[best[has]]
    image, geo = field.reshape(height, width), np.ascontiguousarray(plane.T).reshape(4, height, width)
    for level in range(rounds):
        total, weight = 4 * image, np.full_like(image, 4)
        # shares 1 2 1 across and down: the four phases of the sky light count the same
        for dy, dx, share in ((0, 1, 2), (1, 0, 2), (1, 1, 1), (1, -1, 1)):
            _exchange(image, geo, total, weight, (dy * (1 + level), dx * (1 + level)), share)
        image = total / weight
    smooth = image.reshape(-1)
    chosen = best[p.pixel] == np.arange(len(values))
    return np.where(chosen, smooth[p.pixel], values)


def render_preview(
    scene: RenderScene, view: View, width: int, height: int, *, sky_count: int = 0, seed: int = 0
) -> NDArray[np.uint8]:
    """One picture (height, width, 3) uint8. `sky_count`: directions of sky light (0: by the number of triangles)."""
    corners, normals, shades = scene.world()
    palette = Palette.of(scene.shades)
    image = _background(view, width, height).reshape(-1, 3)
    if not len(corners):
        return tone_mapped(image.reshape(height, width, 3))
    clear = palette.opacity[shades] < 0.99
    solid = np.flatnonzero(~clear)
    ids, depth = _visible(corners, solid, view, width * SAMPLES, height * SAMPLES)
    triangle, pixel, weight = _resolve_samples(ids, SAMPLES)
    covered = np.bincount(pixel, weight, width * height).astype(np.float32)
    image *= (1 - covered)[:, None]
    p = _points(triangle, pixel, weight, corners, normals, shades, view, width, height)
    small = width * height < SMALL_PIXELS
    lights = _Lights(corners[solid], p.position, sky_count or _sky_count(len(solid), small=small), seed, small=small)
    colour = lights.shade(p, palette, blur=(width, height))
    for channel in range(3):
        image[:, channel] += np.bincount(pixel, weight * colour[:, channel], width * height).astype(np.float32)
    _mix_floor(image, p, (corners[solid], normals[solid], shades[solid]), palette, lights, view, width, height)
    if clear.any():
        _mix_glass(image, np.flatnonzero(clear), depth, corners, normals, shades, palette, lights, view, width, height)
    return tone_mapped(with_bloom(image.reshape(height, width, 3)))


def glow_picture(scene: RenderScene, view: View, width: int, height: int) -> F32:
    """Only what shines by itself, (height, width, 3) linear: for engines that would make noise of many small lights."""
    corners, _, shades = scene.world()
    palette = Palette.of(scene.shades)
    solid = np.flatnonzero(palette.opacity[shades] >= 0.99)
    ids, _ = _visible(corners, solid, view, width * SAMPLES, height * SAMPLES)
    triangle, pixel, weight = _resolve_samples(ids, SAMPLES)
    glow = palette.glow[shades[triangle]] * weight[:, None]
    channels = [np.bincount(pixel, glow[:, i], width * height) for i in range(3)]
    return np.stack(channels, axis=1).astype(np.float32).reshape(height, width, 3)


def _sky_count(triangles: int, *, small: bool) -> int:
    return 40 if small else int(np.clip(24_000_000 / max(triangles, 1), 48, 72))


class _Lights:
    """The maps of one frame."""

    def __init__(self, corners: F32, seen: F32, sky_count: int, seed: int, *, small: bool) -> None:
        low, high = (
            (np.percentile(seen, q, axis=0).astype(np.float64) for q in (0.5, 99.5)) if len(seen) else (np.zeros(3), np.ones(3))
        )
        low, high = low - 0.5, high + 0.5
        soup = np.ascontiguousarray(corners.transpose(2, 1, 0))
        self.maps = sky_maps(soup, low, high, sky_count, 400 if small else 640)
        self.sun = light_map(soup, low, high, SUN, 2048 if small else 4096)
        self.rng = np.random.default_rng(seed)

    def shade(self, p: _Points, palette: Palette, blur: tuple[int, int] | None) -> F32:
        """Outgoing light of the points."""
        n = len(p.pixel)
        sky, sun = np.empty(n, np.float32), np.empty(n, np.float32)
        noise = self.rng.random((n, 8), np.float32)
        phase = np.full(n, -1, np.int8)
        if blur is not None:
            phase[:] = np.arange(n) % PHASES  # edges: too thin for a quarter of the sky to be noticed
            whole = p.weight >= 0.5
            phase[whole] = (p.pixel[whole] % blur[0] % 2 + p.pixel[whole] // blur[0] % 2 * 2).astype(np.int8)

        def light(part: slice) -> None:
            rng = np.random.default_rng(part.start)
            sky[part] = sky_light(self.maps, p.position[part], p.normal[part], phase[part], rng)
            total = np.zeros(part.stop - part.start, np.float32)
            for k in range(3):
                radius = np.sqrt((k + noise[part, 2 * k]) / 3) * 5.0
                angle = (noise[part, 2 * k + 1] + k / 3) * np.float32(2 * np.pi)
                jitter = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
                total += visibility(self.sun, p.position[part], p.normal[part], jitter, bias=3.0)
            sun[part] = total / 3

        in_parts(light, n)
        if blur is not None:
            sky, sun = _blurred(sky, p, *blur, rounds=3), _blurred(sun, p, *blur, rounds=2)
        colour = np.empty((n, 3), np.float32)

        def finish(part: slice) -> None:
            cut = _Points(p.position[part], p.normal[part], p.flat[part], p.shade[part], p.pixel[part], p.weight[part], p.ray[part])
            colour[part] = _shaded(cut, palette, sky[part], sun[part])

        in_parts(finish, n)
        return colour


def _mix_floor(
    image: F32, p: _Points, scene: tuple[F32, F32, I32], palette: Palette, lights: _Lights, view: View, width: int, height: int
) -> None:
    """Let the floor mirror what stands on it, blurred: the scene upside down, at half the size, seen through the floor's pixels."""
    import cv2

    on_floor = np.flatnonzero((p.flat[:, 2] > 0.99) & (np.abs(p.position[:, 2]) < 0.02))
    if not len(on_floor) or view.eye[2] < 0.1:
        return
    w, h = max(width // 2, 1), max(height // 2, 1)
    flip = np.array([1, 1, -1], np.float32)
    above = np.flatnonzero(scene[0][:, :, 2].max(axis=1) > 0.02)
    corners, normals, shades = scene[0][above][:, ::-1] * flip, scene[1][above][:, ::-1] * flip, scene[2][above]
    ids, _ = _visible(corners, np.arange(len(above)), view, w, h)
    triangle, pixel, weight = _resolve_samples(ids, 1)
    if not len(triangle):
        return
    q = _points(triangle, pixel, weight, corners, normals, shades, view, w, h)
    q.position, q.normal, q.ray, q.flat = q.position * flip, q.normal * flip, q.ray * flip, q.flat * flip
    seen = np.zeros((w * h, 4), np.float32)
    seen[pixel, :3], seen[pixel, 3] = np.minimum(lights.shade(q, palette, blur=None), 2.0), 1.0
    soft = cv2.GaussianBlur(seen.reshape(h, w, 4), (0, 0), max(h / 300, 0.6))
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR).reshape(-1, 4)
    facing = np.clip(-p.ray[on_floor, 2], 0, 1)
    gloss = np.clip(1.15 - palette.roughness[p.shade[on_floor]], 0, 1) * (0.1 + 0.6 * (1 - facing) ** 4)
    strength = np.bincount(p.pixel[on_floor], p.weight[on_floor] * gloss, width * height).astype(np.float32)[:, None]
    image += strength * (soft[:, :3] - soft[:, 3:] * image)


def _mix_glass(
    image: F32,
    clear: NDArray[np.int64],
    depth: F32,
    corners: F32,
    normals: F32,
    shades: I32,
    palette: Palette,
    lights: _Lights,
    view: View,
    width: int,
    height: int,
) -> None:
    """Lay the nearest see-through surface over `image`, where nothing solid hides it."""
    ids, glass_depth = _visible(corners, clear, view, width * SAMPLES, height * SAMPLES)
    ids = np.where(glass_depth > depth, ids, -1).astype(np.int32)
    triangle, pixel, weight = _resolve_samples(ids, SAMPLES)
    if not len(triangle):
        return
    p = _points(triangle, pixel, weight, corners, normals, shades, view, width, height)
    colour = lights.shade(p, palette, blur=None)
    facing = np.abs(np.einsum("ij,ij->i", p.normal, p.ray))
    opacity = palette.opacity[p.shade]
    cover = weight * np.clip(opacity + (1 - opacity) * (1 - facing) ** 4, 0, 1)
    image *= (1 - np.bincount(pixel, cover, width * height).astype(np.float32))[:, None]
    for channel in range(3):
        image[:, channel] += np.bincount(pixel, cover * colour[:, channel], width * height).astype(np.float32)
