"""``mynabox clock``: what time it is in the box."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from mynabox.cli import screen
from mynabox.cli.options import HomeOption, JsonOption, opened
from mynabox.law.days import in_japan, plus_months
from mynabox.usecases.turn_clock import follow_clock, turn_clock

if TYPE_CHECKING:
    from mynabox.usecases.duties import Ran
    from mynabox.wiring import Home

clock = typer.Typer(
    help="The box's clock: show it, set it, let time pass.", no_args_is_help=True
)

_STEP = re.compile(r"([0-9]{1,6})(min|h|d|w|mo|y)")
_PARTS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MONTHS_A_YEAR = 12
_FIRST_YEAR, _LAST_YEAR = 1900, 9900
"""Whoever is registered was born by then; what begins by then ends in a calendar."""


def _tell(moment: datetime, *, json: bool) -> None:
    if json:
        screen.as_json({"now": moment.isoformat()})
    else:
        screen.line(f"{moment:%Y-%m-%d %H:%M:%S} JST ({moment:%A})")


def _catch_up(box: "Home", *, json: bool) -> None:
    """Do what fell due and tell it; a Ctrl-C leaves the rest for the next time."""
    from mynabox.usecases.box_duties import do_duties
    from mynabox.usecases.deliver import deliver

    def tell(ran: "Ran") -> None:
        if not json:
            screen.line(f"{ran.at:%Y-%m-%d}  {ran.job} ({ran.done})")

    done = do_duties(box.box, tell=tell)
    deliver(box.box, limit=1_000_000)
    now = box.clock.now()
    if json:
        screen.as_json(
            {
                "now": now.isoformat(),
                "duties": [
                    {"job": ran.job, "at": ran.at.isoformat(), "done": ran.done}
                    for ran in done
                ],
            }
        )
    else:
        _tell(now, json=False)


@clock.command("show")
def show(home: HomeOption = None, json: JsonOption = False) -> None:
    """What time it is in the box, in Japan standard time."""
    with opened(home) as box:
        _tell(box.clock.now(), json=json)


@clock.command("set")
def set_clock(
    moment: Annotated[
        str,
        typer.Argument(
            help="ISO moment such as 2026-12-01T09:00 (Japan time), or 'machine' "
            "to follow this machine's clock again."
        ),
    ],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Turn the clock to a moment; it ticks on from there. What falls due on the way
    is done.

    Examples: mynabox clock set 2026-12-01T09:00, mynabox clock set machine
    """
    with opened(home) as box:
        if moment == "machine":
            follow_clock(box.box, box.clock)
        else:
            try:
                wanted = in_japan(datetime.fromisoformat(moment))
            except OverflowError:
                raise _beyond("MOMENT") from None
            except ValueError:
                raise typer.BadParameter(
                    "a moment looks like 2026-12-01T09:00", param_hint="MOMENT"
                ) from None
            _check(wanted, hint="MOMENT")
            turn_clock(wanted, box.box, box.clock)
        _catch_up(box, json=json)


@clock.command("advance")
def advance(
    step: Annotated[
        str,
        typer.Argument(help="How far: 30min, 12h, 3d, 2w, 1mo or 10y."),
    ],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Let time pass, and do what falls due meanwhile: letters before an expiry and
    the like, each on its day.

    Example: mynabox clock advance 10y
    """
    found = _STEP.fullmatch(step)
    if found is None:
        raise typer.BadParameter(
            "a step looks like 30min, 12h, 3d, 2w, 1mo or 10y", param_hint="STEP"
        )
    with opened(home) as box:
        now = box.clock.now()
        try:
            wanted = _later(now, int(found[1]), found[2])
        except (OverflowError, ValueError):
            raise _beyond("STEP") from None
        _check(wanted, hint="STEP")
        turn_clock(wanted, box.box, box.clock)
        _catch_up(box, json=json)


def _check(moment: datetime, *, hint: str) -> None:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise _beyond(hint)


def _beyond(hint: str) -> typer.BadParameter:
    return typer.BadParameter(
        f"the box's calendar goes from {_FIRST_YEAR} to {_LAST_YEAR}", param_hint=hint
    )


def _later(now: datetime, count: int, unit: str) -> datetime:
    if unit in _PARTS:
        return now + timedelta(**{_PARTS[unit]: count})
    months = count * (_MONTHS_A_YEAR if unit == "y" else 1)
    return datetime.combine(plus_months(now.date(), months), now.timetz())
