"""Binary glTF 2.0: a writer for shared meshes, nodes and animation tracks, without any library.

`Document` collects; `to_bytes` gives the file. Vertex data is deduplicated by content. Source of the format: Khronos glTF 2.0
specification. Not covered: textures, skins, cameras' motion; reading USD (`export_scene`).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT, _UINT32 = 5126, 5125
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_MAGIC, _JSON_CHUNK, _BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942


@dataclass(slots=True)
class Document:
    """The lists of a glTF document; the methods add to them and give the new index."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    materials: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)
    samplers: list[dict[str, Any]] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)
    _binary: bytearray = field(default_factory=bytearray)
    _known: dict[tuple[bytes, str], int] = field(default_factory=dict)

    def node(self, name: str, parent: int | None = None, **values: Any) -> int:
        """A node; `values` are glTF's keys (translation, rotation, scale, matrix, mesh, extras)."""
        index = len(self.nodes)
        self.nodes.append({"name": name, **{k: v for k, v in values.items() if v is not None}})
        if parent is not None:
            self.nodes[parent].setdefault("children", []).append(index)
        return index

    def accessor(self, values: NDArray[Any], kind: str, *, target: int | None = None) -> int:
        """An array as accessor: float32 (n,), (n, 3) or (n, 4), or uint32 (n,) for indices."""
        whole = values.dtype.kind in "ui"
        data = np.ascontiguousarray(values, dtype=np.uint32 if whole else np.float32)
        content = data.tobytes()
        key = (content, kind)
        if key in self._known:
            return self._known[key]
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(content)}
        if target is not None:
            view["target"] = target
        self._binary += content + b"\0" * (-len(content) % 4)
        self.views.append(view)
        rows = data.reshape(len(data), -1)
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": _UINT32 if whole else _FLOAT,
                "count": len(data),
                "type": kind,
                "min": rows.min(axis=0).tolist(),
                "max": rows.max(axis=0).tolist(),
            }
        )
        self._known[key] = len(self.accessors) - 1
        return self._known[key]

    def primitive(
        self, points: NDArray[np.float32], normals: NDArray[np.float32], triangles: NDArray[np.uint32], material: int
    ) -> dict[str, Any]:
        """A primitive of a mesh: points and normals (n, 3), triangles (t, 3)."""
        return {
            "attributes": {
                "POSITION": self.accessor(points, "VEC3", target=_ARRAY_BUFFER),
                "NORMAL": self.accessor(normals, "VEC3", target=_ARRAY_BUFFER),
            },
            "indices": self.accessor(triangles.reshape(-1), "SCALAR", target=_ELEMENT_BUFFER),
            "material": material,
        }

    def material(
        self, name: str, colour: tuple[float, ...], *, metallic: float, roughness: float, glow: tuple[float, ...], opacity: float
    ) -> int:
        """A metallic-roughness material; colours are linear RGB."""
        made: dict[str, Any] = {
            "name": name,
            "pbrMetallicRoughness": {
                "baseColorFactor": [*(min(max(c, 0.0), 1.0) for c in colour), opacity],
                "metallicFactor": metallic,
                "roughnessFactor": roughness,
            },
        }
        if any(c > 0 for c in glow):
            made["emissiveFactor"] = [min(max(c, 0.0), 1.0) for c in glow]
        if opacity < 1.0:
            made["alphaMode"] = "BLEND"
        self.materials.append(made)
        return len(self.materials) - 1

    def track(self, node: int, path: str, times_s: NDArray[np.float64], values: NDArray[np.float64], *, step: bool = False) -> None:
        """An animation channel: `path` translation, rotation (x, y, z, w) or scale of `node` at `times_s`."""
        kind = "VEC4" if path == "rotation" else "VEC3"
        sampler = {
            "input": self.accessor(_increasing(times_s), "SCALAR"),
            "output": self.accessor(values.astype(np.float32), kind),
            "interpolation": "STEP" if step else "LINEAR",
        }
        self.samplers.append(sampler)
        self.channels.append({"sampler": len(self.samplers) - 1, "target": {"node": node, "path": path}})

    def to_bytes(self, root: int) -> bytes:
        """The `.glb` file with `root` as its scene's node."""
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "gdt2usd", "extras": self.extras},
            "scene": 0,
            "scenes": [{"nodes": [root]}],
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": self.materials,
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self._binary)}],
        }
        if self.channels:
            document["animations"] = [{"name": "run", "channels": self.channels, "samplers": self.samplers}]
        document = {k: v for k, v in document.items() if v != []}
        text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        body = (
            struct.pack("<II", len(text), _JSON_CHUNK)
            + text
            + struct.pack("<II", len(self._binary), _BIN_CHUNK)
            + bytes(self._binary)
        )
        return struct.pack("<III", _MAGIC, 2, 12 + len(body)) + body


def _increasing(times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Times as float32, each after the one before: glTF demands it, and two keys that make a jump may round to one time."""
    times = times_s.astype(np.float32)
    for n in range(1, len(times)):
        if times[n] <= times[n - 1]:
            times[n] = np.nextafter(times[n - 1], np.float32(np.inf))
    return times
