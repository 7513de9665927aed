"""Text brought to fit a box, by measuring it before it is drawn."""

from dataclasses import dataclass
from typing import Final

from mynabox.papers import glyphs

MM_PER_POINT: Final = 25.4 / 72
LINE_HEIGHT: Final = 1.25
"""Distance of two lines in em; the ink of a line stays within it."""

_STEP = 0.25
_NOT_FIRST = (
    "、。，．・：；？！）」』】〕〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョヶ々-－"
)
_NOT_LAST = "（「『【〔〈《"


class DoesNotFit(ValueError):
    """A text is too long for its place even in the smallest size allowed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} does not fit on the paper")
        self.what = what


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines and the size in points in which they fit."""

    size: float
    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        """Width of the widest line in millimetres."""
        ems = max((glyphs.width(line) for line in self.lines), default=0.0)
        return ems * self.size * MM_PER_POINT

    @property
    def height(self) -> float:
        """Height of all lines in millimetres."""
        return len(self.lines) * LINE_HEIGHT * self.size * MM_PER_POINT


def fit(
    *texts: str,
    what: str,
    width: float,
    height: float,
    largest: float,
    smallest: float,
) -> Fitted:
    """The largest size, in steps of a quarter point, in which the texts fit.

    Each text begins a line. ``width`` and ``height`` in millimetres, sizes in
    points. Raises ``NoGlyph``, or ``DoesNotFit`` naming ``what``.
    """
    glyphs.check(*texts)
    paragraphs = [_pieces(text) for text in texts]
    size = largest
    while size >= smallest:
        ems = width / (size * MM_PER_POINT)
        broken = [_broken(pieces, ems) for pieces in paragraphs]
        lines = tuple(line for lines in broken if lines for line in lines)
        fitted = Fitted(size, lines)
        if None not in broken and fitted.height <= height:
            return fitted
        size -= _STEP
    raise DoesNotFit(what)


def _pieces(text: str) -> list[str]:
    """The text cut wherever a line may end: after spaces and between ideographs."""
    pieces: list[str] = []
    held = ""
    for cluster in glyphs.clusters(text):
        joined = held and not (
            held[-1] in " \u3000"
            or (
                (_stands_alone(held[-1]) or _stands_alone(cluster[0]))
                and cluster[0] not in _NOT_FIRST
                and cluster[0] not in " \u3000"
                and held[-1] not in _NOT_LAST
            )
        )
        if held and not joined:
            pieces.append(held)
            held = ""
        held += cluster
    if held:
        pieces.append(held)
    return pieces


def _stands_alone(character: str) -> bool:
    """Ideographs, kana and full-width signs: lines may break beside them."""
    return character >= "\u2e80"


def _broken(pieces: list[str], ems: float) -> tuple[str, ...] | None:
    """The pieces filled into lines of at most ``ems``; ``None`` if one is too long."""
    lines: list[str] = []
    line = ""
    for piece in pieces:
        if glyphs.width((line + piece).rstrip(" \u3000")) <= ems:
            line += piece
            continue
        if line:
            lines.append(line.rstrip(" \u3000"))
        for part in _cut(piece, ems):
            if part is None:
                return None
            lines.append(part)
        line = lines.pop()
    if line.strip(" \u3000"):
        lines.append(line.rstrip(" \u3000"))
    return tuple(lines)


def _cut(piece: str, ems: float) -> list[str | None]:
    """A piece that is longer than a line, cut where the line ends."""
    parts: list[str | None] = []
    held = ""
    for cluster in glyphs.clusters(piece):
        if glyphs.width((held + cluster).rstrip(" \u3000")) > ems:
            if not held:
                return [None]
            parts.append(held)
            held = ""
        held += cluster
    return [*parts, held]
