"""The application form as it is printed, and the letter that sends it back."""

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from mynabox.lifecycle.application import Fault
from mynabox.locale import say
from mynabox.papers.application_form import FormPaper, application_form_pdf
from mynabox.papers.fit import DoesNotFit
from mynabox.papers.form_scan import read_form
from mynabox.papers.glyphs import NoGlyph
from mynabox.papers.letter import letter_pdf, sent_back_letter
from mynabox.papers.wording import LANGUAGES, Line, words
from tests.scans import codes_on, filled_in, scanned

FORM = FormPaper(
    application_id="12345678901234567890123",
    application_address="http://127.0.0.1:8780/apply?id=12345678901234567890123",
    name="ANDERSON Maria Fernanda（箱田 マリア）",
    address="茨城県つくば市箱の内一丁目1番地1 ハコノウチハイツⅡ 203号室",
    born=date(1990, 3, 31),
    sex="female",
    stay_until=date(2027, 1, 31),
    issued=date(2026, 11, 20),
    addressee="つくば市長",
    photo_months=6,
    alone_from_age=15,
)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return "".join(document[0].get_textpage().get_text_bounded().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(language: str) -> None:
    """one page, whole; Japanese and the second language; SPECIMEN; both codes"""
    pdf = application_form_pdf(replace(FORM, second=language))
    said = text_of(pdf)
    for part in (
        "個人番号カード交付申請書",
        "ANDERSONMariaFernanda",
        "12345678901234567890123",
        "令和9年1月31日",
        "6か月以内",
        "15歳未満",
        "見本",
        "SPECIMEN",
    ):
        assert part in said
    second = words("application_form", language)["title"].second
    if language not in ("ne", "th"):  # their marks come out of a PDF in another order
        assert "".join(second.split()) in said
    if language == "en":
        assert sorted(codes_on(pdf)) == ["MYNABOX FORM 1", FORM.application_address]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_printed(language: str) -> None:
    """the longest letter, with every fault at once"""
    letter = sent_back_letter(
        addressee="箱田 太郎",
        address=FORM.address,
        sender="つくば市長",
        application_id="1234 5678 9012 3456 7890 123",
        reasons=Line(
            "、".join(say("ja", f"web.fault.{fault.value}") for fault in Fault),
            "; ".join(say(language, f"web.fault.{fault.value}") for fault in Fault),
        ),
        sent=date(2026, 11, 20),
        second=language,
    )
    said = text_of(letter_pdf(letter))
    assert "背景が無地でない、顔が不鮮明" in said


def test_what_cannot_be_printed() -> None:
    with pytest.raises(NoGlyph):
        application_form_pdf(replace(FORM, name="箱田😀"))
    with pytest.raises(DoesNotFit):
        application_form_pdf(replace(FORM, address="箱" * 900))


@pytest.mark.parametrize(
    ("turn", "kind"),
    [(0, "PNG"), (2, "PDF"), (-3, "JPEG"), (90, "JPEG"), (180, "JPEG"), (271, "JPEG")],
)
def test_a_scan_is_read_however_it_lies(turn: int, kind: str) -> None:
    page = filled_in(application_form_pdf(FORM), ticked=["decline_signature"])
    turned = page.rotate(turn, expand=True, fillcolor="white")
    read = read_form(scanned(turned, kind))
    assert read.application_id == FORM.application_id
    assert read.ticked == {"decline_signature"}
    assert read.photo is not None


def test_an_empty_form_is_empty() -> None:
    """dashes and words in the photo's place are no photo; empty boxes are empty"""
    pdf = application_form_pdf(FORM)
    for scan in (pdf, scanned(filled_in(pdf, glued=False))):
        read = read_form(scan)
        assert (read.ticked, read.photo) == (frozenset(), None)
