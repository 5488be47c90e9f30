"""The mitsuba engine: the same scene path-traced, with light that bounces between surfaces. Needs the extra `render`.

Not covered: textures; the light is a bright sky over the hall and a soft sun, as in the preview.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.stage.render_light import SUN
from gdt2usd.stage.render_preview import glow_picture, tone_mapped, with_bloom
from gdt2usd.stage.render_scene import RenderScene, Shade, View


def _mitsuba() -> Any:
    from gdt2usd.stage.render import missing_engine

    try:
        import mitsuba as mi
    except ImportError:
        raise missing_engine("mitsuba", "render") from None
    mi.set_variant("scalar_rgb")
    return mi


def _bsdf(shade: Shade) -> dict[str, Any]:
    colour = {"type": "rgb", "value": [min(0.98, max(0.0, c)) for c in shade.colour]}
    if shade.opacity < 0.99:
        clear = {"type": "thindielectric"}
        return {
            "type": "blendbsdf",
            "weight": shade.opacity,
            "clear": clear,
            "tint": {"type": "twosided", "b": {"type": "diffuse", "reflectance": colour}},
        }
    surface = {
        "type": "principled",
        "base_color": colour,
        "roughness": shade.roughness,
        "metallic": shade.metallic,
        "specular": 0.5,
    }
    return {"type": "twosided", "b": surface}


def _mesh(mi: Any, name: str, corners: NDArray[np.float32], normals: NDArray[np.float32], shade: Shade) -> Any:
    props = mi.Properties()
    props["bsdf"] = mi.load_dict(_bsdf(shade))
    count = len(corners)
    mesh = mi.Mesh(name, 3 * count, count, has_vertex_normals=True, props=props)
    params = mi.traverse(mesh)
    params["vertex_positions"] = corners.reshape(-1)
    params["vertex_normals"] = normals.reshape(-1)
    params["faces"] = np.arange(3 * count, dtype=np.uint32)
    params.update()
    return mesh


def _camera(mi: Any, view: View, width: int, height: int, samples: int) -> dict[str, Any]:
    frame = np.eye(4)
    frame[:3, 0], frame[:3, 1], frame[:3, 2], frame[:3, 3] = -view.right, view.up, view.forward, view.eye
    return {
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(view.tan_x))),
        "fov_axis": "x",
        "near_clip": 0.05,
        "to_world": mi.ScalarTransform4f(frame),
        "film": {"type": "hdrfilm", "width": width, "height": height, "rfilter": {"type": "gaussian"}, "pixel_format": "rgb"},
        "sampler": {"type": "multijitter", "sample_count": samples},
    }


def render_mitsuba(scene: RenderScene, view: View, width: int, height: int, samples: int) -> NDArray[np.uint8]:
    """One picture (height, width, 3) uint8. Raises `GdtError` (ST603) if mitsuba is missing or fails."""
    mi = _mitsuba()
    corners, normals, shades = scene.world()
    content: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 6},
        "sensor": _camera(mi, view, width, height, samples),
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [0.78, 0.82, 0.87]}},
        "sun": {"type": "directional", "direction": (-SUN).tolist(), "irradiance": {"type": "rgb", "value": [1.9, 1.83, 1.72]}},
    }
    for index, shade in enumerate(scene.shades):
        chosen = np.flatnonzero(shades == index)
        if len(chosen):
            content[f"mesh{index}"] = _mesh(mi, f"mesh{index}", corners[chosen], normals[chosen], shade)
    try:
        light = np.array(mi.render(mi.load_dict(content)))
    except RuntimeError as problem:
        raise GdtError([error("ST603", f"mitsuba failed: {problem}", hint="use --engine preview")]) from None
    return tone_mapped(with_bloom(np.asarray(light[..., :3], np.float32) + glow_picture(scene, view, width, height)))
