"""Letters before something ends, in every second language."""

from datetime import date

import pypdfium2
import pytest

from mynabox.papers.ending_letter import Ends, LastDays, ending_letter
from mynabox.papers.letter import letter_pdf
from mynabox.papers.wording import LANGUAGES, words

DAYS = {
    Ends.CARD: LastDays(card=date(2036, 4, 12), renewal_from=date(2036, 1, 12)),
    Ends.CERTIFICATES: LastDays(
        card=date(2036, 4, 12),
        certificates=date(2031, 4, 12),
        renewal_from=date(2031, 1, 12),
    ),
    Ends.STAY: LastDays(card=date(2027, 5, 1), stay=date(2027, 5, 1), pending_months=2),
}


@pytest.mark.parametrize("second", LANGUAGES)
@pytest.mark.parametrize("ends", Ends)
def test_a_letter_in_every_language(ends: Ends, second: str) -> None:
    """one page, drawn with glyphs that exist, every day told"""
    data = letter_pdf(
        ending_letter(
            ends,
            DAYS[ends],
            addressee="箱見 ひらき",
            address="茨城県つくば市箱の内九丁目1番地1",
            sender="つくば市長",
            sent=date(2026, 11, 20),
            second=second,
        )
    )
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    text = "".join(str(document[0].get_textpage().get_text_range()).split())
    days = DAYS[ends]
    told = {days.card, days.stay, days.certificates, days.renewal_from} - {None}
    assert all(f"（{day}）" in text for day in told)
    assert "SPECIMEN" in text
    if ends is Ends.STAY:
        said = words("letter", second)["stay_pending"].filled(months=2)
        assert "".join(said.ja.split()) in text
        assert "{" not in text


@pytest.mark.parametrize("second", LANGUAGES)
def test_a_card_without_pins_is_renewed_by_the_face(second: str) -> None:
    """R081: the letter speaks of no PIN that is typed"""
    data = letter_pdf(
        ending_letter(
            Ends.CERTIFICATES,
            DAYS[Ends.CERTIFICATES],
            addressee="箱見 ひらき",
            address="茨城県つくば市箱の内九丁目1番地1",
            sender="つくば市長",
            sent=date(2026, 11, 20),
            second=second,
            without_pins=True,
        )
    )
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    text = "".join(str(document[0].get_textpage().get_text_range()).split())
    said = words("letter", second)
    assert "".join(said["renew_certificates_by_face"].ja.split()) in text
    assert "".join(said["renew_certificates_how"].ja.split()) not in text
