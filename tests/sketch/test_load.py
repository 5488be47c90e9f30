"""Loading: every format gives the same picture; whatever is no sketch is refused with its code and a hint."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gdt2usd.diagnostics import GdtError
from gdt2usd.sketch.load import load_sketch, open_sketch

Pixels = NDArray[np.uint8]


def drawing(width: int = 400, height: int = 260) -> Pixels:
    """A white page with two black boxes, the left one larger, and a line between them."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[60:160, 30:150] = 0
    pixels[70:150, 40:140] = 255
    pixels[80:140, 280:360] = 0
    pixels[108:112, 150:280] = 0
    return pixels


def encoded(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def code_of(source: str | Path | bytes, **options: int) -> str:
    with pytest.raises(GdtError) as caught:
        load_sketch(source, "sketch", **options)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.hint
    return diagnostic.code


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_common_formats_give_the_picture(form: str) -> None:
    data = encoded(Image.fromarray(drawing()), format=form)
    pixels = load_sketch(data).pixels
    assert pixels.shape == (260, 400, 3) and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - drawing()).mean() < 3


def test_heic_is_read() -> None:
    pi_heif = pytest.importorskip("pi_heif")
    pixels = load_sketch((Path(__file__).parent / "boxes.heic").read_bytes()).pixels
    assert pi_heif.__version__ and np.abs(pixels.astype(int) - drawing()).mean() < 6


def as_rgba(pixels: Pixels) -> Image.Image:
    """Black where there is ink, otherwise fully transparent (and black below)."""
    alpha = 255 - pixels[..., :1]
    return Image.fromarray(np.concatenate([np.zeros_like(pixels), alpha], axis=2))


def as_palette(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels).quantize(4)


def as_deep_grey(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)


def as_grey_alpha(pixels: Pixels) -> Image.Image:
    return as_rgba(pixels).convert("LA")


def as_bilevel(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels).convert("1")


@pytest.mark.parametrize("change", [as_rgba, as_palette, as_deep_grey, as_grey_alpha, as_bilevel])
def test_pixel_kinds_become_rgb_on_white(change: Callable[[Pixels], Image.Image]) -> None:
    pixels = load_sketch(encoded(change(drawing()), format="PNG")).pixels
    assert np.abs(pixels.astype(int) - drawing()).mean() < 2


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_exif_orientation_is_applied(orientation: int, turns: int) -> None:
    image = Image.fromarray(np.ascontiguousarray(np.rot90(drawing(), turns)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = load_sketch(encoded(image, format="JPEG", exif=exif, quality=95)).pixels
    assert pixels.shape == (260, 400, 3)
    assert np.abs(pixels.astype(int) - drawing()).mean() < 3


def test_large_photos_are_reduced_to_the_working_size() -> None:
    photo = Image.fromarray(drawing()).resize((4000, 2600))
    assert load_sketch(encoded(photo, format="JPEG")).pixels.shape == (1040, 1600, 3)


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    frames = [Image.fromarray(drawing()), Image.fromarray(255 - drawing())]
    data = encoded(frames[0], format="GIF", save_all=True, append_images=frames[1:])
    sketch, remarks = open_sketch(data, "a.gif")
    assert [remark.code for remark in remarks] == ["SK109"]
    assert np.abs(sketch.pixels.astype(int) - drawing()).mean() < 3


def pdf(pages: int) -> bytes:
    sheets = [Image.fromarray(drawing()) for _ in range(pages)]
    return encoded(sheets[0], format="PDF", save_all=True, append_images=sheets[1:])


def test_a_pdf_page_is_rendered_at_working_size() -> None:
    pixels = load_sketch(pdf(1)).pixels
    assert max(pixels.shape) == 1600
    assert (pixels < 128).mean() == pytest.approx((drawing() < 128).mean(), abs=0.02)


def test_a_pdf_of_several_pages_needs_a_choice() -> None:
    assert code_of(pdf(3)) == "SK110"
    assert code_of(pdf(3), page=4) == "SK110"
    sketch, remarks = open_sketch(pdf(3), page=2)
    assert sketch.pixels.shape[1] == 1600 and remarks[0].code == "SK109"


SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 260"><rect x="30" y="60" width="120" height="100" fill="none"
 stroke="black" stroke-width="4"/><text x="50" y="115" font-family="Arial" font-size="28">Press 1</text></svg>"""


def test_svg_is_drawn_with_its_words() -> None:
    pixels = load_sketch(SVG.encode()).pixels
    assert pixels.shape == (1040, 1600, 3)
    assert (pixels[340:480, 200:480] < 128).mean() > 0.05


def test_svg_without_end_is_damaged() -> None:
    assert code_of(SVG[:-30].encode()) == "SK104"


def test_svg_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + SVG.replace("Press 1", "&b;").encode()
    assert code_of(bomb) == "SK112"


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be of this size and has hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "SK102"),
        (b"just some text\n" * 20, "SK103"),
        (b"PK\x03\x04" + b"x" * 100, "SK103"),
        (bytes(range(256)) * 4, "SK103"),
        (encoded(Image.fromarray(drawing()), format="PNG")[:300], "SK104"),
        (encoded(Image.effect_noise((640, 480), 60).convert("RGB"), format="JPEG")[:20_000], "SK104"),
        (b"%PDF-1.4\n" + b"garbage " * 50, "SK104"),
        (png_header(20_000, 20_000), "SK105"),
        (png_header(60_000, 2), "SK105"),
        (encoded(Image.new("RGB", (16, 16)), format="PNG"), "SK106"),
        (encoded(Image.new("RGB", (9000, 26), "white"), format="PNG"), "SK106"),
        (encoded(Image.new("RGB", (800, 600), "white"), format="PNG"), "SK107"),
        (encoded(Image.linear_gradient("L").resize((800, 600)), format="JPEG"), "SK107"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 200, "SK103"),
    ],
)
def test_what_is_no_sketch_is_refused_with_its_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_paths(tmp_path: Path) -> None:
    assert code_of(tmp_path / "missing.png") == "SK101"
    assert code_of(tmp_path) == "SK101"
    file = tmp_path / "renamed.png"
    file.write_bytes(encoded(Image.fromarray(drawing()), format="JPEG"))
    sketch = load_sketch(file)
    assert sketch.source == "renamed.png" and sketch.labels == ()


def test_random_damage_never_escapes_as_another_error() -> None:
    rng = np.random.default_rng(5)
    whole = [encoded(Image.fromarray(drawing()), format=form) for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "PDF")] + [
        SVG.encode()
    ]
    for _ in range(150):
        data = bytearray(whole[int(rng.integers(len(whole)))])
        for place in rng.integers(0, len(data), 12):
            data[place] = int(rng.integers(256))
        try:
            load_sketch(bytes(data))
        except GdtError as refusal:
            assert refusal.diagnostics[0].code.startswith("SK1")
