"""From a file to a picture: every common format, upright by its orientation tag, opaque, 8 bit, of a working size.

PNG, JPEG, WebP, GIF, BMP and TIFF by Pillow, HEIC/AVIF by libheif, a PDF page by PDFium, SVG by resvg. Whatever is no picture of a
sketch is a GdtError with a code of `codes.toml`. Not covered: reading the labels (`ocr`).
"""

from __future__ import annotations

import io
import re
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error, info
from gdt2usd.sketch.draw_glyphs import FONTS
from gdt2usd.sketch.normalise import WORKING_LONGEST, working_size
from gdt2usd.sketch.sketch import Sketch

Pixels = NDArray[np.uint8]

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 120_000_000
MAX_SIDE = 20_000
MIN_SIDE = 24
_FORMATS = "PNG, JPEG, WebP, HEIC, PDF or SVG"
_SVG_FONTS = ("arimo-400", "tinos-400", "cousine-400", "patrick-hand-400")
#: A list of font families in an attribute or a style, to which a family that is always there is added.
_FONT_FAMILY = re.compile(r"(font-family\s*(?:=\s*[\"']|:\s*))((?:&\w+;|'[^'<>]*'|[^;\"'<>}&])+)")
_INK_CONTRAST = 14
_LEAST_INK = 0.00012


def load_sketch(source: str | Path | bytes, name: str = "", *, page: int | None = None) -> Sketch:
    """The picture in `source` (a path, or a file's bytes called `name`), without labels.

    `page` (from 1) chooses a page of a PDF. Raises GdtError with codes SK101 to SK112.
    """
    return open_sketch(source, name, page=page)[0]


def open_sketch(source: str | Path | bytes, name: str = "", *, page: int | None = None) -> tuple[Sketch, tuple[Diagnostic, ...]]:
    """As `load_sketch`, and what the user should know about it (first frame of an animation taken, a page chosen)."""
    data, name = (source, name or "the sketch") if isinstance(source, bytes) else (_read(Path(source)), name or Path(source).name)
    if not data:
        raise _refuse("SK102", f"{name} is empty (0 bytes)", name, "save or copy the picture again")
    pixels, remarks = _decode(data, name, page)
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise _refuse(
            "SK106", f"{name} is {width} x {height} px: too small for a sketch", name, "give a picture at least 300 px wide"
        )
    pixels = working_size(pixels)
    if min(pixels.shape[:2]) < MIN_SIDE // 2:
        raise _refuse("SK106", f"{name} is {width} x {height} px: too narrow for a sketch", name, "cut the picture to the drawing")
    if is_blank(pixels):
        raise _refuse(
            "SK107", f"{name} is blank: no line and no word is visible in it", name, "check that the right picture was given"
        )
    return Sketch(np.ascontiguousarray(pixels), (), name), tuple(remarks)


def _refuse(code: str, message: str, name: str, hint: str) -> GdtError:
    return GdtError([error(code, message, Place(name), hint)], name=name)


def _read(path: Path) -> bytes:
    if not path.exists():
        raise _refuse("SK101", f"there is no file {path}", str(path), "check the path of the sketch")
    if not path.is_file():
        raise _refuse("SK101", f"{path} is not a file", str(path), f"give one picture: {_FORMATS}")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _refuse(
                "SK105",
                f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; the limit is 64 MB",
                path.name,
                "save a smaller picture",
            )
        return path.read_bytes()
    except OSError as problem:
        raise _refuse("SK101", f"{path} cannot be read: {problem.strerror}", path.name, "check its permissions") from None


def _decode(data: bytes, name: str, page: int | None) -> tuple[Pixels, list[Diagnostic]]:
    """The picture at any size, by the format that its first bytes show."""
    if len(data) > MAX_FILE_BYTES:
        raise _refuse("SK105", f"{name} has {len(data) / 1e6:.0f} MB; the limit is 64 MB", name, "save a smaller picture")
    head = data[:2048]
    if b"%PDF-" in head[:1024]:
        return _pdf(data, name, page)
    if _looks_like_svg(head):
        return _svg(data, name), []
    return _raster(data, name)


def _looks_like_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text[:1] == b"<" and re.search(rb"<(?:\w+:)?svg[\s>]", head) is not None


# ---- pictures ----


def _raster(data: bytes, name: str) -> tuple[Pixels, list[Diagnostic]]:
    from PIL import Image, UnidentifiedImageError

    if data[4:8] == b"ftyp":
        _register_heif(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                return _raster_pixels(image, name)
        except GdtError:
            raise
        except UnidentifiedImageError:
            raise _refuse(
                "SK103", f"{name} is not a picture ({_what_it_is(data)})", name, f"give the sketch as {_FORMATS}"
            ) from None
        except Image.DecompressionBombError:
            raise _refuse(
                "SK105", f"{name} is larger than {MAX_PIXELS // 1_000_000} million pixels", name, "save it smaller"
            ) from None
        except MemoryError:
            raise _refuse("SK105", f"{name} does not fit into memory", name, "save it smaller") from None
        except Exception as problem:  # decoders raise whatever they like on damaged files
            raise _refuse(
                "SK104", f"{name} is damaged or cut short: {problem or type(problem).__name__}", name, "save or copy it again"
            ) from None


def _raster_pixels(image: Any, name: str) -> tuple[Pixels, list[Diagnostic]]:
    from PIL import ImageOps

    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        hint = f"save it with at most {MAX_SIDE} px a side and {MAX_PIXELS // 1_000_000} million pixels; {WORKING_LONGEST} px do"
        raise _refuse("SK105", f"{name} is {width} x {height} px: too large", name, hint)
    remarks = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        remarks.append(info("SK109", f"{name} has {frames} frames; the first one is used", Place(name)))
        image.seek(0)
    image.draft("RGB", (2 * WORKING_LONGEST, 2 * WORKING_LONGEST))
    image.load()
    orientation = _orientation(image)
    flat = _opaque(image)
    if orientation != 1:
        flat = ImageOps.exif_transpose(_tagged(flat, orientation))
    return np.asarray(flat, dtype=np.uint8), remarks


def _orientation(image: Any) -> int:
    """EXIF orientation 1..8; damaged tags count as 1."""
    try:
        value = int(image.getexif().get(0x0112, 1))
    except Exception:  # EXIF blocks are often broken
        return 1
    return value if 1 <= value <= 8 else 1


def _tagged(image: Any, orientation: int) -> Any:
    image.getexif()[0x0112] = orientation
    return image


def _opaque(image: Any) -> Any:
    """RGB, 8 bit: transparency on white, deep greys scaled by their brightest value."""
    from PIL import Image

    if image.mode in {"I", "I;16", "I;16B", "I;16L", "F"}:
        deep = np.nan_to_num(np.asarray(image, dtype=np.float64))
        top = 65535.0 if image.mode.startswith("I;16") or deep.max() > 255 else 255.0
        return Image.fromarray(np.clip(deep / max(top, deep.max()) * 255.0, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, seen).convert("RGB")
    return image.convert("RGB")


def _register_heif(name: str) -> None:
    try:
        import pi_heif
    except ImportError:
        raise _refuse(
            "SK108", f"{name} is HEIC, which this installation cannot read", name, "pip install pi-heif, or export it as JPEG"
        ) from None
    pi_heif.register_heif_opener()


def _what_it_is(data: bytes) -> str:
    """A guess that helps the user see which file was given."""
    if data[:4] == b"PK\x03\x04":
        return "it looks like a zip archive or an office document: export the page as PNG or PDF"
    try:
        text = data[:400].decode("utf-8")
    except UnicodeDecodeError:
        return "its first bytes are those of no picture format"
    if "<mxfile" in text or "<mxGraphModel" in text:
        return "it is a draw.io document: export it as PNG or SVG"
    if '"excalidraw"' in text:
        return "it is an Excalidraw document: export it as PNG or SVG"
    return "it looks like text"


# ---- pages and vectors ----


def _pdf(data: bytes, name: str, page: int | None) -> tuple[Pixels, list[Diagnostic]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as problem:
        if "password" in str(problem).lower():
            raise _refuse("SK111", f"{name} is protected by a password", name, "save the page without protection") from None
        raise _refuse("SK104", f"{name} is a damaged PDF", name, "export it again") from None
    try:
        count = len(document)
        if page is None and count > 1:
            raise _refuse(
                "SK110",
                f"{name} has {count} pages; one sketch is one page",
                name,
                f"choose one with --page 1 to {count}, or export that page as PNG",
            )
        chosen = page or 1
        if not 1 <= chosen <= count:
            raise _refuse("SK110", f"{name} has {count} page(s); there is no page {chosen}", name, f"give --page 1 to {count}")
        remarks = [info("SK109", f"page {chosen} of {count} of {name} is used", Place(name))] if count > 1 else []
        sheet = document[chosen - 1]
        width, height = sheet.get_size()
        if not (width > 0 and height > 0):
            raise _refuse("SK104", f"page {chosen} of {name} has no size", name, "export it again")
        bitmap = sheet.render(scale=WORKING_LONGEST / max(width, height))
        return np.array(bitmap.to_pil().convert("RGB"), dtype=np.uint8), remarks
    except pypdfium2.PdfiumError:
        raise _refuse("SK104", f"{name} is a damaged PDF", name, "export it again") from None
    finally:
        document.close()


def _svg(data: bytes, name: str) -> Pixels:
    try:
        import resvg_py
    except ImportError:
        raise _refuse(
            "SK108", f"{name} is SVG, which this installation cannot draw", name, "pip install resvg_py, or export it as PNG"
        ) from None
    from PIL import Image

    if b"<!ENTITY" in data:
        raise _refuse("SK112", f"{name} declares XML entities", name, "export it again without a document type")
    try:
        text = data.decode("utf-8-sig")
        size = _svg_size(text)
        upright = size[1] > size[0]
        drawn = resvg_py.svg_to_bytes(
            svg_string=_FONT_FAMILY.sub(r"\1\2, sans-serif", text),
            background="#ffffff",
            font_dirs=[_font_folder().name],
            font_family="Arimo",
            sans_serif_family="Arimo",
            serif_family="Tinos",
            monospace_family="Cousine",
            cursive_family="Patrick Hand",
            fantasy_family="Patrick Hand",
            width=None if upright else WORKING_LONGEST,
            height=WORKING_LONGEST if upright else None,
        )
        return np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"), dtype=np.uint8)
    except (ValueError, UnicodeDecodeError, OSError, MemoryError) as problem:
        raise _refuse("SK104", f"{name} is a damaged SVG: {str(problem)[:120]}", name, "export it again, or as PNG") from None
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # the renderer's own abort, which is no Exception
            raise
        raise _refuse("SK104", f"{name} cannot be drawn: {str(problem)[:120]}", name, "export it as PNG") from None


def _svg_size(text: str) -> tuple[float, float]:
    """Width and height of the drawing as declared, (1, 1) if they are not numbers."""
    box = re.search(r"viewBox\s*=\s*[\"']\s*[-\d.eE]+[\s,]+[-\d.eE]+[\s,]+([\d.eE+]+)[\s,]+([\d.eE+]+)", text[:20000])
    if box is None:
        width, height = (re.search(rf"<svg[^>]*?\b{side}\s*=\s*[\"']([\d.]+)", text[:20000]) for side in ("width", "height"))
        if width is None or height is None:
            return 1.0, 1.0
        return float(width[1]), float(height[1])
    return float(box[1]), float(box[2])


@cache
def _font_folder() -> tempfile.TemporaryDirectory[str]:
    """Font files for words in SVG, unpacked for this process: a bare machine has none."""
    from fontTools.ttLib import TTFont

    folder = tempfile.TemporaryDirectory(prefix="gdt2usd-fonts-")
    for stem in _SVG_FONTS:
        with TTFont(FONTS / f"{stem}.woff") as font:
            font.flavor = None
            font.save(Path(folder.name) / f"{stem}.ttf")
    return folder


def is_blank(pixels: Pixels) -> bool:
    """Whether nothing stands out: fewer than about one pixel in eight thousand differs from its surroundings."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    fine = cv2.GaussianBlur(grey, (0, 0), 0.9).astype(np.int16)
    ground = cv2.GaussianBlur(grey, (0, 0), 8.0).astype(np.int16)
    return float((np.abs(fine - ground) > _INK_CONTRAST).mean()) < _LEAST_INK
