"""Builds a set on disk: Parquet shards by split, a manifest, resumable, the same bytes whatever the number of workers.

A set is made of blocks of samples; a block becomes one shard per split. Finished blocks leave a receipt in `blocks/`, so
that a killed build goes on where it stopped. Not covered: what a sample is (`generate`), reading (`dataset`).
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdt2usd.dataset.generate import Config, sample
from gdt2usd.dataset.records import FEATURES, Row, to_row
from gdt2usd.dataset.split import SPLITS, identity, split_of
from gdt2usd.diagnostics import GdtError, Place, error

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 500
SCHEMA = "gdt2usd.dataset/1"
_LIBRARIES = ("numpy", "pyarrow", "opencv-python-headless", "pillow")
_CARD = """---
license: apache-2.0
configs:
- config_name: default
  data_files:
{splits}---
# Triplets of prompt, sketch and FlexScript

{count} factory lines, each as words (`prompt`), as a picture (`image`) and as FlexScript (`script`), made by
`gdt2usd dataset build --count {count} --seed {seed}`. `manifest.json` says with which versions and has the hash of every file; the
same seed and versions give the same bytes. Everything is generated: no text, picture or script of anybody else is in it.

| column | what |
| --- | --- |
| index, identity | number of the sample; hash of its line with names and numbers masked (no identity is in two splits) |
| modality | full_text, topology_in_sketch, notes_in_sketch, no_sketch, title_only: where the facts are |
| industry, automation, layout, line, parameters | the choices of the five layers |
| register, style, script_style | manner of the prompt, the picture, the script |
| prompt, script, image | the three views; `image` is null without a sketch |
| graph | JSON, schema gdt2usd.graph/1: the line that all three views show |
| mentions | JSON: subject, slot, value, start, end: which characters of the prompt say what |
| drawing | JSON: objects (id, kind, box, label, box, symbol), links (from, to, dashed, arrow, points), notes (text, box, facts) |
| ocr | JSON: text, box, confidence of each label as a text reader would find it (imitated) |

    import pyarrow.parquet as pq
    rows = pq.read_table("data/train-00000.parquet").to_pylist()          # or pandas.read_parquet, polars.read_parquet
    open(rows[0]["image"]["path"], "wb").write(rows[0]["image"]["bytes"])  # PNG or JPEG; null for prompts without a sketch

    from datasets import load_dataset
    load_dataset("parquet", data_dir=".")                                  # decodes `image`

Licence: Apache-2.0, as the program. The letters in the pictures are drawn from fonts under the SIL Open Font Licence 1.1 and
the Apache Licence 2.0 (texts in `gdt2usd/sketch/fonts/licences`), which allow pictures made with them.
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What to build; equal orders give equal bytes. `config` None: the standard shares; `block` samples make a shard a split."""

    count: int
    seed: int
    config: Config | None = None
    block: int = BLOCK

    def blocks(self) -> range:
        """Block numbers."""
        return range((self.count + self.block - 1) // self.block)

    def indices(self, block: int) -> range:
        """Sample indices of a block."""
        return range(block * self.block, min(self.count, (block + 1) * self.block))


@dataclass(frozen=True, slots=True)
class Built:
    """A finished set: rows by split, files with their hashes, blocks that were there already."""

    folder: Path
    rows: dict[str, int]
    files: dict[str, str]
    reused_blocks: int


def arrow_schema() -> pa.Schema:
    """The columns as Arrow sees them, with the features that the `datasets` library reads."""
    import pyarrow as pa

    types = {
        "int64": pa.int64(),
        "string": pa.string(),
        "list": pa.list_(pa.string()),
        "image": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    }
    features: dict[str, Any] = {}
    for column, kind in FEATURES.items():
        value = {"dtype": kind, "_type": "Value"}
        features[column] = {
            "image": {"_type": "Image"},
            "list": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"},
        }.get(kind, value)
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema([(column, types[kind]) for column, kind in FEATURES.items()], metadata=metadata)


def _write_shard(rows: list[Row], path: Path) -> str:
    """Write one shard; its SHA-256."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows, schema=arrow_schema())
    pq.write_table(table, path, compression="zstd", row_group_size=100, store_schema=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_block(order: Order, block: int, folder: Path) -> dict[str, Any]:
    """Make one block's shards and its receipt; returns the receipt."""
    import cv2

    cv2.setNumThreads(1)
    rows: dict[str, list[Row]] = {split: [] for split in SPLITS}
    for index in order.indices(block):
        made = sample(order.seed, index, order.config)
        line = identity(made.graph)
        rows[split_of(line)].append(to_row(made, line))
    files = {}
    for split, found in rows.items():
        if not found:
            continue
        name = f"data/{split}-{block:05d}.parquet"
        path = folder / name
        partial = path.with_suffix(".partial")
        digest = _write_shard(found, partial)
        partial.replace(path)
        files[name] = {"sha256": digest, "rows": len(found), "split": split}
    receipt = {"block": block, "files": files}
    path = _receipt_path(folder, block)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(receipt), encoding="utf-8")
    partial.replace(path)
    return receipt


def _receipt_path(folder: Path, block: int) -> Path:
    return folder / "blocks" / f"{block:05d}.json"


def _finished(order: Order, folder: Path) -> dict[int, dict[str, Any]]:
    """Receipts of blocks whose files are all there with the right hash."""
    found = {}
    for block in order.blocks():
        path = _receipt_path(folder, block)
        if not path.exists():
            continue
        try:
            receipt = json.loads(path.read_text(encoding="utf-8"))
            whole = all(
                hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"]
                for name, entry in receipt["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if whole:
            found[block] = receipt
    return found


def code_hash() -> str:
    """A hash of everything that decides what a sample is: sources, phrases, vocabularies and fonts."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in ("dataset", "graph", "sketch"):
        for path in sorted((root / folder).rglob("*")):
            if (
                path.is_file()
                and path.suffix in (".py", ".toml", ".txt", ".json", ".woff", ".ttf")
                and "__pycache__" not in path.parts
            ):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _versions() -> dict[str, str]:
    from gdt2usd import __version__

    return {"gdt2usd": __version__, "code": code_hash(), **{name: version(name) for name in _LIBRARIES}}


def _identity_card(order: Order) -> dict[str, Any]:
    config = None if order.config is None else json.loads(json.dumps(asdict(order.config), default=str))
    return {
        "schema": SCHEMA,
        "seed": order.seed,
        "count": order.count,
        "block": order.block,
        "config": config,
        "versions": _versions(),
    }


def _card_there(path: Path) -> dict[str, Any]:
    """What a build wrote at its beginning; empty if it is damaged."""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return there if isinstance(there, dict) else {}


def _prepare(order: Order, folder: Path) -> dict[str, Any]:
    """Make the folder, or check that what is in it belongs to the same order; gives the order's card."""
    card = _identity_card(order)
    path = folder / "order.json"
    if path.exists():
        there = _card_there(path)
        if not there:
            hint = "choose another folder, or delete this one"
            raise GdtError([error("DS101", f"{path} is damaged: it does not say which set is here", Place(str(path)), hint)])
        different = sorted(key for key in card if there.get(key) != card[key])
        if different:
            said = ", ".join(f"{key} {there.get(key)!r}, now {card[key]!r}" for key in different)
            raise GdtError(
                [
                    error(
                        "DS101",
                        f"{folder} holds another set: {said}",
                        Place(str(folder)),
                        "choose another folder, or delete this one",
                    )
                ]
            )
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        said = "is not empty and holds no data set" if folder.is_dir() else "is a file"
        raise GdtError([error("DS102", f"{folder} {said}", Place(str(folder)), "choose an empty or new folder")])
    for part in ("data", "blocks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for stale in folder.rglob("*.partial"):
        stale.unlink()
    path.write_text(json.dumps(card, indent=1), encoding="utf-8")
    return card


Advance = Callable[[int], None]
Runner = Callable[[Order, list[int], Path], Iterator[dict[str, Any]]]


def _in_turn(order: Order, blocks: list[int], folder: Path) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield build_block(order, block, folder)


def in_processes(workers: int) -> Runner:
    """Blocks in `workers` processes of this machine."""

    def run(order: Order, blocks: list[int], folder: Path) -> Iterator[dict[str, Any]]:
        import multiprocessing

        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting = [pool.submit(build_block, order, block, folder) for block in blocks]
            try:
                for done in as_completed(waiting):
                    yield done.result()
            except BaseException:
                for future in waiting:
                    future.cancel()
                raise

    return run


def on_cluster(address: str) -> Runner:
    """Blocks on a Ray cluster (`address` "local" starts one here); every node must see the folder."""

    def run(order: Order, blocks: list[int], folder: Path) -> Iterator[dict[str, Any]]:
        try:
            import ray
        except ImportError:
            raise GdtError(
                [
                    error(
                        "DS103",
                        "the cluster needs the package ray, which is not installed",
                        None,
                        'install it: pip install "gdt2usd[cluster]"',
                    )
                ]
            ) from None
        ray.init(address=address, log_to_driver=False)
        try:
            task = ray.remote(build_block)
            waiting = [task.remote(order, block, folder.resolve()) for block in blocks]
            while waiting:
                done, waiting = ray.wait(waiting)
                yield from ray.get(done)
        finally:
            ray.shutdown()

    return run


def build(order: Order, folder: Path, *, run: Runner = _in_turn, advance: Advance = lambda _n: None) -> Built:
    """Build or finish the set in `folder`; `advance(n)` is called as samples are done.

    Raises:
        GdtError: DS101 the folder holds another set, DS102 it holds something else, DS103 no Ray, DS106 the disk is full.
    """
    if order.count < 1:
        raise GdtError([error("DS104", f"a set of {order.count} samples cannot be built", None, "ask for at least one sample")])
    card = _prepare(order, folder)
    receipts = _finished(order, folder)
    reused = len(receipts)
    advance(sum(len(order.indices(block)) for block in receipts))
    try:
        for receipt in run(order, [block for block in order.blocks() if block not in receipts], folder):
            receipts[receipt["block"]] = receipt
            advance(len(order.indices(receipt["block"])))
    except OSError as problem:
        if problem.errno != errno.ENOSPC and "errno 28" not in str(problem):
            raise
        message = f"the disk of {folder} is full after {len(receipts)} of {len(order.blocks())} blocks"
        hint = "make room and give the same command again: finished blocks are kept"
        raise GdtError([error("DS106", message, Place(str(folder)), hint)]) from None
    return _finish(card, folder, receipts, reused)


def _finish(card: dict[str, Any], folder: Path, receipts: dict[int, dict[str, Any]], reused: int) -> Built:
    """Write the manifest and the card, take the receipts away."""
    files = {name: entry for block in sorted(receipts) for name, entry in receipts[block]["files"].items()}
    rows = {split: sum(entry["rows"] for entry in files.values() if entry["split"] == split) for split in SPLITS}
    manifest = {**card, "splits": rows, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    listed = "".join(f"  - split: {split}\n    path: data/{split}-*.parquet\n" for split, count in rows.items() if count)
    (folder / "README.md").write_text(_CARD.format(splits=listed, count=card["count"], seed=card["seed"]), encoding="utf-8")
    return Built(folder, rows, {name: entry["sha256"] for name, entry in files.items()}, reused)


def free_bytes(folder: Path) -> int:
    """Free space where `folder` is or will be."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
