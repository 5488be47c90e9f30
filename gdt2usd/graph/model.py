"""What the factory is: typed stations, links and resources. READ FIRST: everything after the script works on this.

Units are in the names (`_s`, `_m`, `_deg`); positions are the bottom centre of a station, Z up.
Identifiers (`id`) are the objects' names, unique within a graph; `span` points into the script, None if made otherwise.
Not covered: FlexSim's words (`graph.lower` translates), JSON (`graph.serial`), rules (`graph.validate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gdt2usd.diagnostics import Span
from gdt2usd.graph.distributions import Constant, Distribution, Exponential


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something stands: bottom centre `position_m` (x, y, z), `yaw_deg` about Z, `size_m` (x, y, z) before rotation."""

    position_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw_deg: float = 0.0
    size_m: tuple[float, float, float] = (1.0, 1.0, 1.0)


# ---- routing: which output port a finished item takes ----


@dataclass(frozen=True, slots=True)
class FirstAvailable:
    """The lowest-ranked output port whose downstream station accepts the item (FlexSim's send to port 0)."""


@dataclass(frozen=True, slots=True)
class ToPort:
    """Always output port `port` (1-based)."""

    port: int


@dataclass(frozen=True, slots=True)
class Percent:
    """Output port i with probability `percents[i - 1]` / 100; the links carry the same figures."""

    percents: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ByLabel:
    """The output port whose number the item's label holds."""

    label: str = "Type"


@dataclass(frozen=True, slots=True)
class RoundRobin:
    """Output ports 1, 2, ..., n in turn."""


@dataclass(frozen=True, slots=True)
class RandomPort:
    """Every output port with the same probability (`duniform(1, n)`)."""


@dataclass(frozen=True, slots=True)
class ShortestQueue:
    """The output port whose downstream station holds the fewest items."""


@dataclass(frozen=True, slots=True)
class RoutingExpression:
    """A FlexScript code body that returns the output port for `item` (0 first available, -1 do not release)."""

    flexscript: str


Routing = FirstAvailable | ToPort | Percent | ByLabel | RoundRobin | RandomPort | ShortestQueue | RoutingExpression


# ---- parts of stations ----


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Failures: up-time until failure (the clock runs on up-time, not calendar), then repair, both in seconds."""

    time_to_failure_s: Distribution
    time_to_repair_s: Distribution


@dataclass(frozen=True, slots=True)
class OperatorNeed:
    """Who must be present: `resources` (ids; an operator or dispatcher, first free wins), how many, for what."""

    resources: tuple[str, ...]
    process_count: int = 1
    setup_count: int = 0


@dataclass(frozen=True, slots=True)
class Batching:
    """A queue releases items in batches of `size`; a batch goes early after `max_wait_s` (0: never)."""

    size: int
    max_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Trigger:
    """FlexScript run on an event: `event` is FlexSim's name (`OnEntry`, `OnExit`, `OnProcessFinish`, `OnReset`, `OnCreation`)."""

    event: str
    flexscript: str


class Discipline(StrEnum):
    FIFO = "fifo"
    LIFO = "lifo"


class CombinerMode(StrEnum):
    PACK = "pack"
    JOIN = "join"
    BATCH = "batch"


class SeparatorMode(StrEnum):
    SPLIT = "split"
    UNPACK = "unpack"


@dataclass(frozen=True, slots=True)
class CallCode:
    """FlexScript that gives, for each item, who is called: one of `resources`, which stand at the centre ports in this order."""

    resources: tuple[str, ...]
    flexscript: str


# ---- stations ----


@dataclass(frozen=True, slots=True, kw_only=True)
class _Station:
    id: str
    flexsim_class: str
    pose: Pose = field(default_factory=Pose)
    routing: Routing = field(default_factory=FirstAvailable)
    pull: bool = False
    pull_requirement: str = ""  # FlexScript: whether this station takes the item ("": any)
    pull_strategy: str = ""  # FlexScript: the input port of which this station takes its next item, 0: any ("": any)
    operator_priority: float = 0.0  # machines: of its calls for operators; higher ones are answered first
    transport_priority: float = 0.0  # of its calls for carriers
    operator_call: CallCode | None = None  # machines: who of `operators.resources` it is depends on the item
    transport_call: CallCode | None = None  # who carries an item away depends on it; links name the first of them
    triggers: tuple[Trigger, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One row of an arrival schedule or sequence: `quantity` items at `time_s` with label `Type` = `item_type`."""

    time_s: float
    quantity: int = 1
    item_type: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(_Station):
    """Makes items; holds a finished item until downstream accepts it (it blocks, it never loses items)."""

    flexsim_class: str = "Source"
    interarrival_time_s: Distribution = field(default_factory=lambda: Exponential(10.0))
    arrival_at_zero: bool = False
    schedule: tuple[Arrival, ...] = ()
    repeat_schedule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(_Station):
    """A buffer of `capacity` items."""

    flexsim_class: str = "Queue"
    capacity: int = 1000
    discipline: Discipline = Discipline.FIFO
    batching: Batching | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine(_Station):
    capacity: int = 1
    process_time_s: Distribution = field(default_factory=lambda: Constant(10.0))
    setup_time_s: Distribution = field(default_factory=lambda: Constant(0.0))
    breakdown: Breakdown | None = None
    operators: OperatorNeed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor(_Machine):
    """Setup, process, release; `capacity` items at a time, each on its own; blocked after service."""

    flexsim_class: str = "Processor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combiner(_Machine):
    """One item through input 1, then `components[i]` items through input i + 2, then setup and process."""

    flexsim_class: str = "Combiner"
    mode: CombinerMode = CombinerMode.PACK
    components: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Separator(_Machine):
    """Split: `quantity` copies in total. Unpack: up to `quantity` contained items (None: all), the container last."""

    flexsim_class: str = "Separator"
    mode: SeparatorMode = SeparatorMode.UNPACK
    quantity: Distribution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStep:
    """One process of a multiprocessor, done in order on the same item."""

    name: str
    process_time_s: Distribution
    operator_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiProcessor(_Machine):
    """Several processes one after the other on one item at a time; no `steps`: `process_time_s` is the only one."""

    flexsim_class: str = "MultiProcessor"
    steps: tuple[ProcessStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conveyor(_Station):
    """A belt of `length_m` at `speed_m_s`; accumulating: items close up behind a stopped one; else the belt stops."""

    flexsim_class: str = "Conveyor::StraightConveyor"
    length_m: float = 10.0
    speed_m_s: float = 1.0
    accumulating: bool = True
    item_length_m: float = 0.61
    item_spacing_m: float = 0.0
    width_m: float = 1.0
    start_m: tuple[float, float, float] | None = None
    end_m: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(_Station):
    """A rack or floor store: holds up to `capacity` items, each for at least `dwell_time_s`."""

    flexsim_class: str = "Rack"
    capacity: int = 1000
    dwell_time_s: Distribution = field(default_factory=lambda: Constant(0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink(_Station):
    """Where items leave."""

    flexsim_class: str = "Sink"


Station = Source | Queue | Processor | Combiner | Separator | MultiProcessor | Conveyor | Storage | Sink


# ---- resources ----


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    id: str
    flexsim_class: str
    pose: Pose = field(default_factory=Pose)
    dispatcher: str | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mover(_Resource):
    capacity: int = 1
    speed_m_s: float = 2.0
    acceleration_m_s2: float = 1.0
    deceleration_m_s2: float = 1.0
    load_time_s: Distribution = field(default_factory=lambda: Constant(0.0))
    unload_time_s: Distribution = field(default_factory=lambda: Constant(0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(_Mover):
    flexsim_class: str = "Operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transporter(_Mover):
    """A forklift."""

    flexsim_class: str = "Transporter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot(_Mover):
    """A robot arm: it does not travel; `move_time_s` per pick and per place if given."""

    flexsim_class: str = "Robot"
    move_time_s: Distribution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AGV(_Mover):
    """A TaskExecuter that the model says is an AGV (FlexSim has no library class of that name)."""

    flexsim_class: str = "TaskExecuter"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExecuter(_Mover):
    flexsim_class: str = "TaskExecuter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crane(_Mover):
    flexsim_class: str = "Crane"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher(_Resource):
    """Holds requests; gives them to the first free member of its `team` (ids of resources), or to the one that `pass_to` names."""

    flexsim_class: str = "Dispatcher"
    team: tuple[str, ...] = ()
    pass_to: str = ""  # FlexScript: the member (1, 2, ...) that a request goes to at once, 0: the first free one ("": 0)
    queue_strategy: str = ""  # FlexScript: the rank of a waiting request, higher ones first ("": its priority)


Resource = Operator | Transporter | Robot | AGV | TaskExecuter | Crane | Dispatcher


# ---- links and the graph ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way for items: output port `out_port` of `upstream` to input port `in_port` of `downstream` (ranks from 1).

    `percent` is set when the upstream station routes by percentage; `transport` is the resource that carries the item.
    """

    upstream: str
    downstream: str
    out_port: int = 1
    in_port: int = 1
    percent: float | None = None
    transport: str | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessGraph:
    """The whole factory. Station and resource ids are unique together; `horizon_s` is the script's stop time, if any."""

    stations: tuple[Station, ...]
    links: tuple[Link, ...] = ()
    resources: tuple[Resource, ...] = ()
    horizon_s: float | None = None
    warm_up_s: float | None = None
    time_unit: str = "s"
    length_unit: str = "m"
