"""The catalogue: which asset of the library a station, resource or item looks like, and what the stage must know about it.

`catalog.toml` (written by hand) chooses the look by kind, then by words in the name, then by industry; `library.json` (written by
`gdt2usd.stage.make_assets`) holds each asset's measures, ports, item slots and moving parts, so that no USD file has to be opened.
Asset space: metres, Z up, origin at the middle of the footprint on the floor, items flow along +X, people stand at -Y.
Not covered: making the assets (`stage.make_assets`), placing them (`stage.layout`).
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.shipped import assets_folder

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Port:
    """Where items enter or leave: `name` is the Xform below `Ports`, `position_m` the bottom centre of an item there."""

    name: str
    position_m: Vec3
    yaw_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Joint:
    """A moving part: the Xform at `prim_path` is turned (`rotateX|Y|Z`, degrees), shifted (`translateX|Y|Z`, metres) or stretched.

    `prim_path` is relative to the asset's root prim. The ops are there: `xformOp:rotateZ` and so on (float, 0 at rest),
    `xformOp:translate:shift` (double3, 0 at rest), `xformOp:scale` (float3, 1 at rest).
    """

    name: str
    prim_path: str
    op: str
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """An asset that repeats along `axis`: n = max(1, round(length / module_m)) copies, each scaled to length / n."""

    axis: str
    module_m: float

    def count(self, length_m: float) -> int:
        """How many modules make `length_m`."""
        return max(1, round(length_m / self.module_m))


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset of the library. `path` is relative to the assets folder; everything else is in asset space, in metres.

    `slots`: bottom centres of items in the order in which they fill (the first is where the item in process sits).
    `lamp_m`: bottom centre of the status lamp; `lamp_prim`: its mesh below the root prim (None: the asset has none).
    """

    name: str
    path: str
    family: str
    size_m: Vec3
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    service_m: Vec3 = (0.0, -1.0, 0.0)
    slots: tuple[Vec3, ...] = ()
    joints: tuple[Joint, ...] = ()
    lamp_m: Vec3 | None = None
    lamp_prim: str | None = None
    stretch: Stretch | None = None
    labels: tuple[str, ...] = ()
    triangles: int = 0

    @property
    def folder(self) -> str:
        """The asset's folder relative to the assets folder, to be copied whole: `workstations/Lathe`."""
        return self.path.rsplit("/", 1)[0]


@dataclass(frozen=True, slots=True)
class _Look:
    asset: str
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Family:
    plain: str
    looks: tuple[_Look, ...]
    industries: Mapping[str, str]


def words_of(text: str) -> tuple[str, ...]:
    """`text` as folded words: "SMTPlacer-2" gives smt, placer, 2; accents are dropped."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])", " ", text[:400])
    plain = "".join(c for c in unicodedata.normalize("NFKD", split.casefold()) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", plain))


def _matches(stem: str, word: str) -> bool:
    """A stem of four letters or more matches the words that begin with it; a shorter one, or one of `=word`, only itself."""
    if stem.startswith("="):
        return word == stem[1:]
    if not stem.isascii():
        return stem in word
    return word.startswith(stem) if len(stem) >= 4 else word in (stem, stem + "s")


def _score(phrase: tuple[str, ...], words: tuple[str, ...]) -> int:
    """0 without a match; more words beat fewer, then the later match wins (the noun of a name comes last), then the longer."""
    n = len(phrase)
    for start in range(len(words) - n, -1, -1):
        if all(_matches(stem, word) for stem, word in zip(phrase, words[start : start + n], strict=True)):
            return 10_000 * n + 100 * min(99, start) + min(99, sum(map(len, phrase)))
    return 0


@dataclass(frozen=True, slots=True)
class Catalog:
    """All assets by name, and the rules that choose among them."""

    folder: Path
    assets: Mapping[str, Asset]
    classes: Mapping[str, str]
    families: Mapping[str, _Family]

    def look(self, kind: str, name: str = "", industry: str = "") -> Asset:
        """The asset for a station, resource or item.

        `kind` is a kind of the graph ("processor"), a FlexSim class ("Conveyor::StraightConveyor") or "item"; an unknown one is
        treated as a plain processor's. The best match of words in `name` wins, then the industry, then the plain look.
        """
        family = self.families[self.classes.get(kind, kind) if self.classes.get(kind, kind) in self.families else "processor"]
        words = words_of(name)
        best, chosen = 0, ""
        for look in family.looks:
            score = max((_score(phrase, words) for phrase in look.words), default=0)
            if score > best:
                best, chosen = score, look.asset
        if not chosen:
            chosen = next((asset for key, asset in family.industries.items() if key in industry.casefold()), family.plain)
        return self.assets[chosen]

    def asset(self, name: str) -> Asset:
        """The asset called `name`; raises `GdtError` (ST001) if the library has none."""
        if name not in self.assets:
            raise GdtError([error("ST001", f"the asset library has no asset {name!r}", hint="see assets/README.md for the list")])
        return self.assets[name]

    def file(self, asset: Asset) -> Path:
        """The asset's interface layer on disk."""
        return self.folder / asset.path


def _vec(values: Iterable[float]) -> Vec3:
    x, y, z = values
    return float(x), float(y), float(z)


def _ports(rows: Iterable[Mapping[str, Any]]) -> tuple[Port, ...]:
    return tuple(Port(row["name"], _vec(row["position_m"]), float(row.get("yaw_deg", 0.0))) for row in rows)


def _asset(name: str, row: Mapping[str, Any]) -> Asset:
    stretch = row.get("stretch")
    return Asset(
        name=name,
        path=row["path"],
        family=row["family"],
        size_m=_vec(row["size_m"]),
        inputs=_ports(row.get("inputs", ())),
        outputs=_ports(row.get("outputs", ())),
        service_m=_vec(row.get("service_m", (0.0, -1.0, 0.0))),
        slots=tuple(_vec(slot) for slot in row.get("slots", ())),
        joints=tuple(Joint(**joint) for joint in row.get("joints", ())),
        lamp_m=_vec(row["lamp_m"]) if row.get("lamp_m") else None,
        lamp_prim=row.get("lamp_prim"),
        stretch=Stretch(**stretch) if stretch else None,
        labels=tuple(row.get("labels", ())),
        triangles=int(row.get("triangles", 0)),
    )


def _family(row: Mapping[str, Any]) -> _Family:
    looks = tuple(_Look(look["asset"], tuple(tuple(phrase.split()) for phrase in look["words"])) for look in row.get("look", ()))
    return _Family(row["plain"], looks, dict(row.get("industry", {})))


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> Catalog:
    """The catalogue of `folder` (default: the shipped library); raises `GdtError` (ST001, ST002) if it is incomplete."""
    root = folder or assets_folder()
    try:
        rules = tomllib.loads((root / "catalog.toml").read_text(encoding="utf-8"))
        library = json.loads((root / "library.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise GdtError(
            [
                error(
                    "ST002",
                    f"the asset library in {root} cannot be read: {problem}",
                    hint="reinstall gdt2usd, or give a complete folder",
                )
            ]
        ) from None
    assets = {name: _asset(name, row) for name, row in library["assets"].items()}
    families = {kind: _family(row) for kind, row in rules["kind"].items()}
    missing = sorted(
        {name for f in families.values() for name in (f.plain, *f.industries.values(), *(k.asset for k in f.looks))} - set(assets)
    )
    if missing:
        raise GdtError([error("ST001", f"catalog.toml names assets that the library lacks: {', '.join(missing)}")])
    return Catalog(root, assets, dict(rules["classes"]), families)
