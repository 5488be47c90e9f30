"""`gdt2usd lower`: scripts and graphs in, tables, JSON, drawings and scripts out; composable."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from gdt2usd.cli.main import app
from typer.testing import CliRunner

from gdt2usd.graph.drawing import draw
from gdt2usd.graph.serial import read_graph

SCRIPT = Path(__file__).parents[1] / "golden" / "rework_cell" / "2-script.fs"
RUN = CliRunner()


def test_json_out_and_svg(tmp_path: Path) -> None:
    graph, picture = tmp_path / "3-graph.json", tmp_path / "graph.svg"
    done = RUN.invoke(app, ["lower", str(SCRIPT), "--json", "--out", str(graph), "--svg", str(picture)])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(graph.read_text(encoding="utf-8"))
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_graph_to_script_to_graph_over_standard_input(tmp_path: Path) -> None:
    graph = tmp_path / "3-graph.json"
    assert RUN.invoke(app, ["lower", str(SCRIPT), "--out", str(graph)]).exit_code == 0
    script = RUN.invoke(app, ["lower", str(graph), "--script"])
    assert script.exit_code == 0
    again = RUN.invoke(app, ["lower", "-", "--json"], input=script.stdout)
    assert again.exit_code == 0

    def without_places(text: str) -> object:
        document = json.loads(text)
        for row in (*document["stations"], *document["links"], *document["resources"]):
            row.pop("script_span", None)
        return document

    assert without_places(again.stdout) == without_places(graph.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ['Object q = Object.create("Queue");', '{"schema": "gdt2usd.graph/1", "stations": []}', "int x = ;"]
)
def test_what_is_no_factory_is_refused(text: str) -> None:
    done = RUN.invoke(app, ["lower", "-", "--json"], input=text)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["diagnostics"]


def test_drawing_has_a_legend_and_nothing_lies_on_anything() -> None:
    graph = read_graph(SCRIPT.with_name("3-graph.json"))
    text = draw(graph)
    root = ElementTree.fromstring(text)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"source", "multiprocessor", "flow of items", "serves, carries, is in the team"} <= set(words)
    ellipses = [node.attrib for node in root.iter("{http://www.w3.org/2000/svg}ellipse")]
    boxes = [node.attrib for node in root.iter("{http://www.w3.org/2000/svg}rect") if node.attrib["height"] == "58"]
    assert len(ellipses) == len(graph.resources)
    assert len(boxes) == len(graph.stations)
    for ellipse in ellipses:
        x, y = float(ellipse["cx"]), float(ellipse["cy"])
        assert 0 < x < width
        assert 0 < y < height
        for box in boxes:
            left, top = float(box["x"]), float(box["y"])
            assert not (left < x < left + 150 and top < y < top + 58)
