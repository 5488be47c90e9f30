"""The optional look layer of the library: every paint of `stage.materials` as an OpenPBR surface, for renderers with MaterialX.

Each material of an asset inherits from the class `/World/GdtLooks/<paint>`, which no asset defines: without this layer nothing
changes. As a sublayer of a stage it gives all assets, instanced ones too, a second surface beside their UsdPreviewSurface
(`outputs:mtlx:surface`), which RTX and Isaac Sim prefer; an edit of a class repaints the whole factory.
Not covered: the status lamp, whose colour follows the state.
"""

from __future__ import annotations

from pathlib import Path

from gdt2usd.stage.materials import MATERIALS, Material, Vec3

FILE = "looks/OpenPBR.usda"
CLASSES = "/World/GdtLooks"
SHADER_ID = "ND_open_pbr_surface_surfaceshader"
_GLOW_NITS = 900.0  # luminance of a glow of 1
_CLOTH = ("Fabric", "WorkTrousers", "HiVis", "CleanSuit")
_LACQUER_ROUGHNESS = 0.45  # paints at least this smooth have a clear coat

_HEADER = """#usda 1.0
(
    defaultPrim = "World"
    doc = "OpenPBR (MaterialX) surfaces for all paints of the asset library. Add this layer to a stage's subLayers to use them."
    metersPerUnit = 1
    upAxis = "Z"
)

def Xform "World" (
    kind = "assembly"
)
{
    class Scope "GdtLooks"
    {
"""


def write_looks(assets: Path) -> Path:
    """Write the layer below the folder `assets`; returns its path."""
    path = assets / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\n".join(_look_text(name, MATERIALS[name]) for name in sorted(MATERIALS))
    path.write_text(f"{_HEADER}{body}    }}\n}}\n", encoding="utf-8")
    return path


def _look_text(name: str, paint: Material) -> str:
    rows = openpbr_inputs(name, paint).items()
    inputs = "\n".join(f"                {kind} inputs:{key} = {value}" for key, (kind, value) in rows)
    return f"""        class Material "{name}"
        {{
            token outputs:mtlx:surface.connect = <{CLASSES}/{name}/OpenPBR.outputs:out>

            def Shader "OpenPBR"
            {{
                uniform token info:id = "{SHADER_ID}"
{inputs}
                token outputs:out
            }}
        }}
"""


def openpbr_inputs(name: str, paint: Material) -> dict[str, tuple[str, str]]:
    """The inputs that differ from OpenPBR's defaults: name -> (USD type, text). Names as in the OpenPBR specification 1.1."""
    inputs = {
        "base_color": ("color3f", _text(paint.colour)),
        "base_metalness": ("float", f"{paint.metallic:g}"),
        "specular_roughness": ("float", f"{paint.roughness:g}"),
    }
    strength = max(paint.glow)
    if strength > 0.0:
        inputs["emission_luminance"] = ("float", f"{_GLOW_NITS * strength:g}")
        inputs["emission_color"] = ("color3f", _text(tuple(round(v / strength, 4) for v in paint.glow)))
    elif paint.opacity < 1.0:
        inputs["transmission_weight"] = ("float", f"{1.0 - paint.opacity:g}")
        inputs["transmission_color"] = ("color3f", _text(paint.colour))
        inputs["geometry_thin_walled"] = ("bool", "1")
    elif name in _CLOTH:
        inputs["fuzz_weight"] = ("float", "0.3")
    elif paint.metallic == 0.0 and paint.roughness <= _LACQUER_ROUGHNESS:
        inputs["coat_weight"] = ("float", "0.35")
        inputs["coat_roughness"] = ("float", "0.12")
    return inputs


def _text(colour: Vec3 | tuple[float, ...]) -> str:
    return f"({', '.join(f'{v:g}' for v in colour)})"
