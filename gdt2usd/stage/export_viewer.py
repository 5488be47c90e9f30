"""One HTML file that shows and plays a factory in any browser, offline: the GLB and the viewer inside.

The viewer is `viewer.js` (three.js, MIT, bundled with `viewer_source.js`). Not covered: the GLB (`export_scene`).
"""

from __future__ import annotations

import base64
import html
from importlib.resources import files


def page_of(glb: bytes, title: str) -> str:
    """The page for `glb`; `title` is text, not markup."""
    folder = files("gdt2usd.stage")
    page = (folder / "viewer.html").read_text(encoding="utf-8")
    script = (folder / "viewer.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    before, rest = page.replace("@TITLE@", html.escape(title[:200])).split("@GLB@", 1)
    middle, after = rest.split("@VIEWER@", 1)
    return "".join([before, base64.b64encode(glb).decode(), middle, script, after])
