"""Application forms as people fill them in and a scanner sees them."""

import io
from collections.abc import Iterable

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw

from mynabox.papers.form_layout import layout
from mynabox.sandbox.specimen import specimen_portrait

PPI = 300
_MM = PPI / 25.4


def page_of(pdf: bytes, *, ppi: int = PPI) -> Image.Image:
    """The first page of a PDF as a picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture: Image.Image = document[0].render(scale=ppi / 72).to_pil()
        return picture.convert("RGB")
    finally:
        document.close()


def codes_on(pdf: bytes) -> list[str]:
    """The texts of all codes on the first page."""
    return [code.text for code in zxingcpp.read_barcodes(page_of(pdf, ppi=200))]


def link_on(pdf: bytes) -> str:
    """The code that leads to the site."""
    return next(text for text in codes_on(pdf) if text.startswith("http"))


def filled_in(
    form: bytes,
    *,
    photo: bytes | None = None,
    glued: bool = True,
    ticked: Iterable[str] = (),
) -> Image.Image:
    """The form with a photo glued on and boxes ticked with a pen."""
    page = page_of(form)
    if glued:
        place = layout().photo
        picture = Image.open(io.BytesIO(photo or specimen_portrait())).convert("RGB")
        size = (round(place.width * _MM), round(place.height * _MM))
        page.paste(picture.resize(size), (round(place.x * _MM), round(place.y * _MM)))
    pen = ImageDraw.Draw(page)
    for name in ticked:
        box = layout().boxes[name]
        left, top = box.x * _MM, box.y * _MM
        right, bottom = left + box.width * _MM, top + box.height * _MM
        for start, end in (
            ((left, top), (right, bottom)),
            ((left, bottom), (right, top)),
        ):
            pen.line([start, end], fill=(20, 20, 90), width=5)
    return page


def scanned(page: Image.Image, kind: str = "JPEG") -> bytes:
    """The file that a scanner makes of a page: "JPEG", "PNG" or "PDF"."""
    out = io.BytesIO()
    page.save(out, kind, resolution=PPI, dpi=(PPI, PPI), quality=85)
    return out.getvalue()
