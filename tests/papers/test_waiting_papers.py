"""Papers about cards that wait or are mailed, in every second language."""

from datetime import date, datetime

import pypdfium2
import pytest
import zxingcpp

from mynabox.law.days import JST
from mynabox.papers.letter import letter_pdf
from mynabox.papers.sleeve import Sleeve, sleeve_pdf
from mynabox.papers.waiting_letter import Tells, Visit, waiting_letter
from mynabox.papers.wording import LANGUAGES, words
from mynabox.usecases.printing import contacts

DAY = date(2026, 11, 20)
WHO = {
    "addressee": "箱見 ひらき",
    "address": "茨城県つくば市箱の内九丁目1番地1 ハコノウチハイツⅡ 203号室",
    "sender": "つくば市長",
}
VISIT = Visit(
    place="つくば市役所",
    until=date(2027, 2, 18),
    begins=datetime(2026, 12, 4, 10, tzinfo=JST),
    ends=datetime(2026, 12, 4, 11, tzinfo=JST),
    code="apt-abcdefghij234567",
)


def told(document: pypdfium2.PdfDocument) -> str:
    pages = (str(page.get_textpage().get_text_range()) for page in document)
    return "".join("".join(pages).split())


@pytest.mark.parametrize("second", LANGUAGES)
@pytest.mark.parametrize("tells", Tells)
def test_a_letter_in_every_language(tells: Tells, second: str) -> None:
    """one page; where, until when and, of an appointment, when; its QR code only where
    it is of use"""
    data = letter_pdf(
        waiting_letter(
            tells,
            VISIT,
            **WHO,
            sent=DAY,
            telephone="0120-95-0178",
            contacts=contacts(DAY, second),
            second=second,
        )
    )
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    text = told(document)
    assert "SPECIMEN" in text
    assert "つくば市役所" in text
    assert "（2027-02-18）" in text
    assert "10:00–11:00" in text
    assert "".join(words("waiting", second)[f"{tells.value}_title"].ja.split()) in text
    assert "{" not in text
    picture = document[0].render(scale=200 / 72).to_pil()
    codes = [found.text for found in zxingcpp.read_barcodes(picture)]
    useful = tells in (Tells.GIVEN, Tells.COMING_UP)
    assert codes == ([VISIT.code] if useful else [])


@pytest.mark.parametrize("second", LANGUAGES)
def test_a_sleeve_in_every_language(second: str) -> None:
    """two pages; the last day of the card, and no number"""
    data = sleeve_pdf(
        Sleeve(
            **WHO,
            expires=date(2036, 4, 12),
            contacts=contacts(DAY, second),
            second=second,
        )
    )
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 2
    text = told(document)
    assert "SPECIMEN" in text
    assert "（2036-04-12）" in text
    assert "箱見ひらき様" in text
