"""Reading a scanned application form: whose it is, what was ticked, the glued photo.

Two codes on the form say whose it is and where it lies on the scan, turned, shrunk or a
little askew as it may be. Nothing handwritten is read: that is for the person who opens
the letters.
"""

import io
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import segno
import zxingcpp
from PIL import Image

from mynabox.papers.form_layout import BORDER, Area, layout

_PPI: Final = 300
_MOST_DOTS: Final = 60_000_000
_MM_PER_INCH: Final = 25.4
_POINTS_PER_INCH: Final = 72
_ONE_READER: Final = threading.Lock()
"""The PDF library serves one thread at a time."""

_LEADS_TO_APPLICATION: Final = re.compile(r"^https?://\S+/apply\?id=([0-9]{23})$")

Point = tuple[float, float]


class ScanUnreadable(ValueError):
    """A scan that nothing can be read from; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadForm:
    """What a scan shows.

    ``application_id``  twenty-three digits out of the code
    ``ticked``   names of the boxes that are filled (``form_layout.BOXES``)
    ``photo``    what is glued on it as a JPEG in the scan's resolution, or None
    """

    application_id: str
    ticked: frozenset[str]
    photo: bytes | None


def read_form(scan: bytes) -> ReadForm:
    """Reads the first page of a PDF, or a picture. Raises :class:`ScanUnreadable`."""
    page = _page(scan)
    codes = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    said = {code.text: code for code in codes if code.valid}
    found = {match[1]: said[text] for text in said if (match := _is_application(text))}
    if len(found) > 1:
        raise ScanUnreadable("scan.several_forms")
    mark = said.get(layout().mark_says)
    if not found or mark is None:
        raise ScanUnreadable("scan.no_code")
    ((application_id, code),) = found.items()
    pairs = [*_corners(code, layout().code), *_corners(mark, layout().mark)]
    place = _Place.fitted(pairs)
    if place.dots_per_mm < layout().least_dots_per_mm:
        raise ScanUnreadable("scan.too_coarse")
    grey = page.convert("L")
    return ReadForm(
        application_id=application_id,
        ticked=frozenset(
            name
            for name, area in layout().boxes.items()
            if _share(place.cut(grey, area, inside=0.8), below=layout().dark)
            > layout().ticked
        ),
        photo=_photo(page, place),
    )


def _is_application(text: str) -> re.Match[str] | None:
    return _LEADS_TO_APPLICATION.match(text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the page lies on the scan: x' = a x + b y + c, y' = d x + e y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @classmethod
    def fitted(cls, pairs: Sequence[tuple[Point, Point]]) -> "_Place":
        """The place that fits pairs of (millimetres, dots) best."""
        rows = [(x, y, 1.0) for (x, y), _ in pairs]
        return cls(
            *_least_squares(rows, [dots[0] for _, dots in pairs]),
            *_least_squares(rows, [dots[1] for _, dots in pairs]),
        )

    @property
    def dots_per_mm(self) -> float:
        return float(abs(self.a * self.e - self.b * self.d) ** 0.5)

    def cut(self, page: Image.Image, area: Area, *, inside: float) -> Image.Image:
        """An area of the page, upright, without its rim of ``1 - inside``."""
        left = area.x + area.width * (1 - inside) / 2
        top = area.y + area.height * (1 - inside) / 2
        width, height = area.width * inside, area.height * inside
        size = (round(width * self.dots_per_mm), round(height * self.dots_per_mm))
        across, down = width / size[0], height / size[1]
        return page.transform(
            size,
            Image.Transform.AFFINE,
            (
                self.a * across,
                self.b * down,
                self.a * left + self.b * top + self.c,
                self.d * across,
                self.e * down,
                self.d * left + self.e * top + self.f,
            ),
            resample=Image.Resampling.BICUBIC,
        )


def _page(scan: bytes) -> Image.Image:
    if scan[:1024].lstrip().startswith(b"%PDF-"):
        return _pdf_page(scan)
    try:
        image = Image.open(io.BytesIO(scan), formats=("JPEG", "PNG", "TIFF"))
        if image.width * image.height > _MOST_DOTS:
            raise ScanUnreadable("scan.unreadable")
        return image.convert("RGB")
    except ScanUnreadable:
        raise
    except Exception as broken:  # a decoder raises nearly anything at hostile bytes
        raise ScanUnreadable("scan.unreadable") from broken


def _pdf_page(scan: bytes) -> Image.Image:
    with _ONE_READER:  # everything of the library's is gone again when it ends
        return _drawn(scan)


def _drawn(scan: bytes) -> Image.Image:
    try:
        document = pypdfium2.PdfDocument(scan)
    except pypdfium2.PdfiumError as broken:
        raise ScanUnreadable("scan.unreadable") from broken
    try:
        page = document[0]
        width, height = page.get_size()
        if width * height * (_PPI / _POINTS_PER_INCH) ** 2 > _MOST_DOTS:
            raise ScanUnreadable("scan.unreadable")
        picture: Image.Image = page.render(scale=_PPI / _POINTS_PER_INCH).to_pil()
        return picture.convert("RGB")
    except (pypdfium2.PdfiumError, IndexError, ValueError) as broken:
        if isinstance(broken, ScanUnreadable):
            raise
        raise ScanUnreadable("scan.unreadable") from broken
    finally:
        document.close()


def _corners(code: Any, area: Area) -> Iterable[tuple[Point, Point]]:
    """The corners of a code on the page and on the scan."""
    modules = segno.make(code.text, error="m", micro=False).symbol_size(border=0)[0]
    rim = area.width * BORDER / (modules + 2 * BORDER)
    left, top = area.x + rim, area.y + rim
    right, bottom = area.x + area.width - rim, area.y + area.height - rim
    seen = code.position
    for where, dots in (
        ((left, top), seen.top_left),
        ((right, top), seen.top_right),
        ((right, bottom), seen.bottom_right),
        ((left, bottom), seen.bottom_left),
    ):
        yield where, (float(dots.x), float(dots.y))


def _photo(page: Image.Image, place: _Place) -> bytes | None:
    glued = place.cut(page, layout().photo, inside=0.98)
    lit = 1 - _share(glued.convert("L"), below=layout().paper)
    if lit > layout().blank:
        return None
    out = io.BytesIO()
    dots = round(place.dots_per_mm * _MM_PER_INCH)
    glued.save(out, "JPEG", quality=92, dpi=(dots, dots))
    return out.getvalue()


def _share(grey: Image.Image, *, below: int) -> float:
    counts = grey.histogram()
    return sum(counts[:below]) / sum(counts)


def _least_squares(
    rows: Sequence[tuple[float, float, float]], wanted: Sequence[float]
) -> tuple[float, float, float]:
    """The three factors that bring the rows nearest to what is wanted."""
    normal = [
        [sum(row[i] * row[j] for row in rows) for j in range(3)]
        + [sum(row[i] * value for row, value in zip(rows, wanted, strict=True))]
        for i in range(3)
    ]
    for i in range(3):
        pivot = max(range(i, 3), key=lambda j: abs(normal[j][i]))
        normal[i], normal[pivot] = normal[pivot], normal[i]
        normal[i] = [value / normal[i][i] for value in normal[i]]
        for j in range(3):
            if j != i:
                factor = normal[j][i]
                normal[j] = [
                    value - factor * of
                    for value, of in zip(normal[j], normal[i], strict=True)
                ]
    return normal[0][3], normal[1][3], normal[2][3]
