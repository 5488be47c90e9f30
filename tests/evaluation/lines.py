"""A small line with a branch, an operator and a vehicle, as FlexScript and as a graph, for planting errors in."""

from __future__ import annotations

from gdt2usd.graph import model as m
from gdt2usd.graph.distributions import Constant, Exponential, Normal


def line() -> m.ProcessGraph:
    return m.ProcessGraph(
        stations=(
            m.Source(id="Arrivals", interarrival_time_s=Exponential(60.0)),
            m.Queue(id="Buffer", capacity=12),
            m.Processor(
                id="Mill",
                process_time_s=Normal(40.0, 4.0),
                setup_time_s=Constant(5.0),
                operators=m.OperatorNeed(resources=("Fitter",)),
                routing=m.Percent((90.0, 10.0)),
            ),
            m.Sink(id="Good"),
            m.Sink(id="Scrap"),
        ),
        links=(
            m.Link(upstream="Arrivals", downstream="Buffer"),
            m.Link(upstream="Buffer", downstream="Mill", transport="AGV 1"),
            m.Link(upstream="Mill", downstream="Good", percent=90.0),
            m.Link(upstream="Mill", downstream="Scrap", out_port=2, percent=10.0),
        ),
        resources=(m.Operator(id="Fitter"), m.AGV(id="AGV 1")),
    )
