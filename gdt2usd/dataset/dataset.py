"""Reads a set that `build` wrote; `stream` gives samples without files.

Not covered: batches for training (`training.collate`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdt2usd.dataset.build import SCHEMA
from gdt2usd.dataset.generate import Config, sample, stream
from gdt2usd.dataset.records import FEATURES, Row, from_row
from gdt2usd.dataset.sample import Sample
from gdt2usd.dataset.split import SPLITS
from gdt2usd.diagnostics import GdtError, Place, error


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set on disk: `manifest` as written, `files` by split in order."""

    folder: Path
    manifest: dict[str, Any]
    files: dict[str, tuple[Path, ...]]

    def __len__(self) -> int:
        return int(sum(self.manifest["splits"].values()))

    def rows(self, split: str | None = None, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Rows of one split or all, in file order; `columns` None reads all of them.

        Raises:
            GdtError: DS112 a file is missing or damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted = SPLITS if split is None else (split,)
        for path in (path for name in wanted for path in self.files.get(name, ())):
            try:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(batch_size=64, columns=list(columns) if columns else None):
                        yield from batch.to_pylist()
            except (OSError, pa.ArrowException) as problem:
                raise GdtError(
                    [error("DS112", f"{path.name} cannot be read: {problem}", Place(str(path)), "build the set again")]
                ) from None

    def samples(self, split: str | None = None, *, pictures: bool = True) -> Iterator[Sample]:
        """Samples of one split or all."""
        columns = None if pictures else [name for name in FEATURES if name != "image"]
        for row in self.rows(split, columns):
            yield from_row({"image": None, **row}, pictures=pictures)

    def sample(self, index: int) -> Sample:
        """Sample `index` of the order.

        Raises:
            GdtError: DS113 there is none.
        """
        for row in self.rows(columns=["index"]):
            if row["index"] == index:
                return next(from_row(found) for found in self.rows() if found["index"] == index)
        raise GdtError(
            [error("DS113", f"the set has no sample {index}", Place(str(self.folder)), f"indices run from 0 to {len(self) - 1}")]
        )


def open_dataset(folder: Path) -> Dataset:
    """The finished set in `folder`.

    Raises:
        GdtError: DS111 there is no finished set.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["schema"] != SCHEMA:
            raise ValueError(f"its schema is {manifest['schema']!r}")
        files = {
            split: tuple(folder / name for name, entry in manifest["files"].items() if entry["split"] == split) for split in SPLITS
        }
        sum(manifest["splits"].values())
    except FileNotFoundError:
        hint = (
            "go on with `gdt2usd dataset build` and the same count, seed and folder"
            if (folder / "order.json").exists()
            else "build one first"
        )
        raise GdtError([error("DS111", f"{folder} holds no finished data set", Place(str(folder)), hint)]) from None
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise GdtError(
            [error("DS111", f"{path} is no manifest of a data set: {problem}", Place(str(path)), f"schema {SCHEMA} is read")]
        ) from None
    return Dataset(folder, manifest, files)


__all__ = ["Config", "Dataset", "open_dataset", "sample", "stream"]
