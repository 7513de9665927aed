"""Values and a template in, the bytes of a paper out.

The typesetter sees our own fonts and nothing of the machine. A text that the fonts
lack, a warning, a paper that runs over its pages or bytes that are no whole file
are errors: a paper is recorded as printed only after it exists.
"""

import base64
import json
import os
import struct
import threading
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import segno
import typst

from mynabox.papers import glyphs
from mynabox.papers.fit import DoesNotFit, Fitted
from mynabox.papers.wording import Line

Template = Literal[
    "notice",
    "application_form",
    "postcard",
    "pin_slip",
    "letter",
    "sleeve",
    "slip",
    "inquiry",
    "card_front",
    "card_back",
]

_RUNS_OVER: Final = "the paper runs over its pages"
_AT_ONCE: Final = os.cpu_count() or 1


class PaperFailed(RuntimeError):
    """The typesetter did not deliver a whole paper; ``why`` is its own word."""

    def __init__(self, template: str, why: str) -> None:
        super().__init__(f"{template}: {why}")
        self.template = template
        self.why = why


class _Press:
    """The typesetters of one template: as many as print at once, ``_AT_ONCE`` at most;
    each is used by one thread at a time."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._idle: list[typst.Compiler] = []

    def _compiler(self) -> typst.Compiler:
        try:
            return self._idle.pop()
        except IndexError:
            folder = Path(str(files("mynabox.papers") / "templates"))
            return typst.Compiler(
                input=str(folder / f"{self._template}.typ"),
                root=str(folder),
                font_paths=_fonts(),
                ignore_system_fonts=True,
            )

    def print(
        self, inputs: dict[str, str], *, kind: Literal["pdf", "png"], ppi: int | None
    ) -> bytes:
        with self._turns:
            compiler = self._compiler()
            try:
                out, warnings = compiler.compile_with_warnings(
                    format=kind, ppi=ppi, sys_inputs=inputs, timestamp=0
                )
            except typst.TypstError as error:
                if _RUNS_OVER in str(error):
                    raise DoesNotFit(self._template) from error
                raise PaperFailed(self._template, str(error)) from error
            finally:
                self._idle.append(compiler)
        if warnings:
            raise PaperFailed(self._template, "; ".join(map(str, warnings)))
        if not isinstance(out, bytes):
            raise PaperFailed(self._template, "more than one picture")
        return out


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(glyphs.fonts_folder())],
    )


@cache
def _press(template: Template) -> _Press:
    return _Press(template)


def pdf(
    template: Template,
    values: Mapping[str, object],
    *,
    second: str = "en",
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """A PDF. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    data = _press(template).print(
        _inputs(values, second, pictures or {}), kind="pdf", ppi=None
    )
    whole = (
        data.startswith(b"%PDF-")
        and data.rstrip().endswith(b"%%EOF")
        and b"startxref" in data[-64:]
    )
    if not whole:
        raise PaperFailed(template, "the PDF is not whole")
    return data


def png(
    template: Template,
    values: Mapping[str, object],
    *,
    ppi: int,
    width: int,
    height: int,
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """A PNG of ``width`` x ``height`` pixels. Raises as ``pdf`` does."""
    data = _press(template).print(
        _inputs(values, "en", pictures or {}), kind="png", ppi=ppi
    )
    whole = data.startswith(b"\x89PNG\r\n\x1a\n") and data[-8:-4] == b"IEND"
    if not whole or struct.unpack(">II", data[16:24]) != (width, height):
        raise PaperFailed(template, f"the PNG is not whole or not {width}x{height}")
    return data


def qr_picture(content: str) -> str:
    """A QR code with its quiet zone, as SVG. Up to 15 % of it may be damaged."""
    return str(segno.make(content, error="m", micro=False).svg_inline(border=4))


def jpeg_picture(data: bytes) -> str:
    """A JPEG in an SVG coat, which is how a template can take it."""
    coded = base64.b64encode(data).decode("ascii")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="275">'
        '<image width="220" height="275" preserveAspectRatio="none"'
        f' href="data:image/jpeg;base64,{coded}"/></svg>'
    )


def _inputs(
    values: Mapping[str, object], second: str, pictures: Mapping[str, str]
) -> dict[str, str]:
    japanese: list[str] = []
    other: list[str] = []
    plain = _plain(dict(values), japanese, other)
    glyphs.check(*japanese)
    glyphs.check(*other, language=second)
    return {
        "values": json.dumps(plain, ensure_ascii=False),
        "families": json.dumps(glyphs.FAMILIES.get(second, (glyphs.JAPANESE,))),
        "language": second.split("-")[0],
        **{f"picture-{name}": picture for name, picture in pictures.items()},
    }


def _plain(value: object, japanese: list[str], other: list[str]) -> object:
    """The value as JSON has it; texts are gathered by the fonts that draw them."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            japanese.append(value)
            return value
        case Line(ja, second):
            japanese.append(ja)
            other.append(second)
            return {"ja": ja, "second": second}
        case Fitted(size, lines):
            japanese.extend(lines)
            return {"size": size, "lines": list(lines)}
        case Mapping():
            return {k: _plain(v, japanese, other) for k, v in value.items()}
        case Iterable():
            return [_plain(item, japanese, other) for item in value]
        case _ if is_dataclass(value):
            return {
                field.name: _plain(getattr(value, field.name), japanese, other)
                for field in fields(value)
            }
        case _:
            raise TypeError(f"no place on paper for {type(value).__name__}")
