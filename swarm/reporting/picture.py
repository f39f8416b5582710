"""Where things stand in the pictures of a report, in units of their own; the templates draw them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log10

from swarm.reporting.cost import Cost, Spent
from swarm.reporting.timeline import Lane, Mark, Span, Timeline

WIDTH, LEFT, RIGHT = 960.0, 64.0, 16.0
LANE, TOP = 34.0, 34.0
HEIGHT = 180.0
"""Of the picture of the cost."""
THINNEST = 2.0
"""A task of a moment can still be seen."""
STEPS = (1, 2, 5, 10)
ROUND = (
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    14400.0,
    43200.0,
    86400.0,
)
"""Seconds between two lines on the axis of time, as people count them."""
CLOSEST = 40.0
"""Units between the names of two stages."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A task on its lane."""

    x: float
    y: float
    width: float
    span: Span


@dataclass(frozen=True, kw_only=True)
class Diamond:
    """A verdict on its lane."""

    x: float
    y: float
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line across a picture, and what stands at it."""

    at: float
    name: str


@dataclass(frozen=True, kw_only=True)
class TimelinePicture:
    """The timeline, laid out."""

    height: float
    lanes: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    diamonds: tuple[Diamond, ...]
    stages: tuple[Tick, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, kw_only=True)
class CostPicture:
    """The course of the cost, laid out: a line that steps up with every call."""

    height: float
    line: str
    cap: float | None
    ticks: tuple[Tick, ...]
    levels: tuple[Tick, ...]


def drawn_timeline(timeline: Timeline) -> TimelinePicture:
    """Lay out who did what when."""
    whole = max(timeline.seconds, 0.001)
    rows = [(TOP + number * LANE, lane) for number, lane in enumerate(timeline.lanes)]
    return TimelinePicture(
        height=TOP + len(rows) * LANE + 22,
        lanes=tuple(Tick(at=y, name=lane.worker) for y, lane in rows),
        bars=tuple(bar for y, lane in rows for bar in _bars(lane, y, whole)),
        diamonds=tuple(Diamond(x=_x(mark.at, whole), y=y + 11, mark=mark) for y, lane in rows for mark in lane.marks),
        stages=tuple(_apart(Tick(at=_x(stage.at, whole), name=stage.name) for stage in timeline.stages)),
        ticks=_ticks(whole),
    )


def drawn_cost(cost: Cost, seconds: float) -> CostPicture:
    """Lay out how the cost grew: in money, or where nothing had a price, in tokens."""
    whole = max(seconds, cost.course[-1].at if cost.course else 0.0, 0.001)
    in_money = cost.money > 0
    cap = cost.money_cap if in_money else cost.tokens_cap
    most = cost.money if in_money else cost.tokens
    top = max(most, cap if cap is not None and cap <= 2 * most else 0, 1) * 1.1
    floor_y = HEIGHT - 24

    def y(amount: float) -> float:
        return round(floor_y - amount / top * (floor_y - 12), 1)

    def amount(point: Spent) -> int:
        return point.money if in_money else point.tokens

    steps = "".join(f"H{_x(point.at, whole)}V{y(amount(point))}" for point in cost.course)
    return CostPicture(
        height=HEIGHT,
        line=f"M{LEFT} {y(0)}{steps}H{WIDTH - RIGHT}",
        cap=y(cap) if cap is not None and cap <= top else None,
        ticks=_ticks(whole),
        levels=tuple(Tick(at=y(level), name=_amount(level, in_money=in_money)) for level in _levels(top)),
    )


def _bars(lane: Lane, y: float, whole: float) -> Iterator[Bar]:
    for span in lane.spans:
        x = _x(span.begin, whole)
        yield Bar(x=x, y=y, width=max(round(_x(span.end, whole) - x, 1), THINNEST), span=span)


def _x(at: float, whole: float) -> float:
    return round(LEFT + min(max(at, 0.0), whole) / whole * (WIDTH - LEFT - RIGHT), 1)


def _apart(ticks: Iterator[Tick]) -> Iterator[Tick]:
    """The ticks whose names have room; the rest would be written on top of one another."""
    last = -CLOSEST
    for tick in ticks:
        room = CLOSEST if last < 0 else max(CLOSEST, 90.0)
        if tick.at - last >= room:
            yield tick
            last = tick.at


def _ticks(whole: float) -> tuple[Tick, ...]:
    """About eight lines across the time, at round numbers."""
    step = next((step for step in ROUND if whole / step <= 8), whole / 8)
    count = int(whole / step)
    return tuple(Tick(at=_x(number * step, whole), name=clock(number * step)) for number in range(count + 1))


def _levels(top: float) -> list[float]:
    """About four amounts, at round numbers."""
    unit = 10 ** floor(log10(top / 4))
    step = next(times * unit for times in STEPS if times * unit * 4 >= top * 0.8)
    return [step * number for number in range(1, int(top / step) + 1)]


def _amount(level: float, *, in_money: bool) -> str:
    return dollars(level) if in_money else f"{level:,.0f}"


def dollars(money: float) -> str:
    """Money as people write it, with as many digits as a small sum needs."""
    amount = money / 1_000_000
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"


def clock(seconds: float) -> str:
    """A length of time as people write it."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds != int(seconds) else f"{int(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
