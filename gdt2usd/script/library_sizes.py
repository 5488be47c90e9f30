"""The sizes FlexSim's library objects have when nobody changes them, in metres (x, y, z).

Read from unedited objects of published models where there were any; the rest are of the usual order of size.
Not covered: conveyors, whose length and width are properties.
"""

from __future__ import annotations

DEFAULT_SIZE_M: dict[str, tuple[float, float, float]] = {
    "Source": (1.055, 1.055, 0.521),
    "Queue": (2.0, 2.0, 0.01),
    "Processor": (4.0, 3.0, 2.0),
    "Combiner": (4.02, 3.01, 1.39),
    "Separator": (4.02, 3.01, 1.39),
    "MultiProcessor": (4.0, 3.0, 2.0),
    "Sink": (1.055, 1.055, 0.528),
    "BasicFR": (2.0, 2.0, 1.0),
    "Rack": (10.0, 2.0, 5.0),
    "FloorStorage": (10.0, 6.0, 0.05),
    "DriveInRack": (10.0, 6.0, 5.0),
    "GravityFlowRack": (10.0, 6.0, 5.0),
    "PushBackRack": (10.0, 6.0, 5.0),
    "Operator": (0.61, 0.61, 1.83),
    "TaskExecuter": (2.0, 1.0, 0.5),
    "Transporter": (2.22, 1.38, 2.99),
    "Robot": (1.0, 1.0, 2.0),
    "Crane": (10.0, 10.0, 5.0),
    "Elevator": (2.0, 2.0, 3.0),
    "ASRSvehicle": (3.0, 1.0, 4.0),
    "Dispatcher": (1.0, 1.0, 1.0),
}

BELT_HEIGHT_M = 1.0
_OTHER = (1.0, 1.0, 1.0)


def default_size_m(flexsim_class: str, length_m: float = 10.0, width_m: float = 1.0) -> tuple[float, float, float]:
    """Size of an object of `flexsim_class`; a conveyor's follows from its length and width."""
    if flexsim_class.startswith("Conveyor::"):
        return (length_m, width_m, BELT_HEIGHT_M)
    return DEFAULT_SIZE_M.get(flexsim_class, _OTHER)
