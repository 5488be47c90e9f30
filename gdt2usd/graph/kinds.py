"""What an object of a FlexSim class is in the graph, unless its label `kind` says otherwise.

Not covered: classes that take no part in the flow (`lower` reports them).
"""

from __future__ import annotations

import re

from gdt2usd.graph import model as m

KIND_LABEL = "kind"

_TYPES: dict[str, type[m.Station] | type[m.Resource]] = {
    "Source": m.Source, "Queue": m.Queue, "Processor": m.Processor, "Combiner": m.Combiner, "Separator": m.Separator,
    "MultiProcessor": m.MultiProcessor, "Conveyor::StraightConveyor": m.Conveyor, "Conveyor::CurvedConveyor": m.Conveyor,
    "Conveyor::StraightMassFlowConveyor": m.Conveyor, "Conveyor::CurvedMassFlowConveyor": m.Conveyor, "BasicConveyor": m.Conveyor,
    "Rack": m.Storage, "FloorStorage": m.Storage, "DriveInRack": m.Storage, "GravityFlowRack": m.Storage,
    "PushBackRack": m.Storage, "Sink": m.Sink, "BasicFR": m.Processor, "MergeSort": m.Queue,
    "Operator": m.Operator, "Transporter": m.Transporter, "Robot": m.Robot, "TaskExecuter": m.TaskExecuter, "Crane": m.Crane,
    "ASRSvehicle": m.Crane, "Elevator": m.TaskExecuter, "BasicTE": m.TaskExecuter, "Dispatcher": m.Dispatcher,
}  # fmt: skip

_AGV = re.compile(r"(?<![A-Za-z])(AGV|AMR)s?(?![a-z])")


def usual_type(flexsim_class: str, name: str) -> type[m.Station] | type[m.Resource] | None:
    """The type of an object by class; a TaskExecuter called an AGV is one. None: no part of the flow."""
    if flexsim_class == "TaskExecuter" and _AGV.search(name):
        return m.AGV
    return _TYPES.get(flexsim_class)
