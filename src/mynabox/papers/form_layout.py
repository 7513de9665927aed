"""Where things stand on an application form (``form_layout.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

BOXES = ("decline_signature", "decline_authentication")
"""The boxes that an applicant may tick."""

BORDER = 4
"""Modules of quiet zone around each code."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the page in millimetres."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The page, and the limits by which a scan of it is read."""

    code: Area
    mark: Area
    mark_says: str
    photo: Area
    boxes: dict[str, Area]
    least_dots_per_mm: float
    dark: int
    ticked: float
    blank: float
    paper: int


@cache
def layout() -> Layout:
    """What ``form_layout.toml`` says."""
    text = files("mynabox.papers").joinpath("form_layout.toml").read_text("utf-8")
    said: dict[str, Any] = tomllib.loads(text)
    code, mark, boxes, reading = (
        said[name] for name in ("code", "mark", "boxes", "reading")
    )
    return Layout(
        code=Area(code["x"], code["y"], code["size"], code["size"]),
        mark=Area(mark["x"], mark["y"], mark["size"], mark["size"]),
        mark_says=mark["says"],
        photo=Area(**said["photo"]),
        boxes={
            name: Area(boxes["x"], boxes[name], boxes["size"], boxes["size"])
            for name in BOXES
        },
        **reading,
    )
