"""Fee slips, receipts and the receipt for a report of loss, in every second language."""

from datetime import date, datetime

import pypdfium2
import pytest
import zxingcpp

from mynabox.law.days import JST
from mynabox.papers.letter import letter_pdf
from mynabox.papers.loss_receipt import LossTold, loss_letter
from mynabox.papers.slip import Slip, slip_pdf
from mynabox.papers.wording import LANGUAGES, words
from mynabox.usecases.printing import contacts
from tests.papers.test_waiting_papers import DAY, WHO, told


def slip(second: str, means: str = "") -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(
        slip_pdf(
            Slip(
                payer=WHO["addressee"],
                address=WHO["address"],
                office=WHO["sender"],
                number="0123456789",
                parts={"card": 800, "certificates": 200, "express": 0},
                written=DAY,
                means=means,
                second=second,
            )
        )
    )


@pytest.mark.parametrize("second", LANGUAGES)
@pytest.mark.parametrize("means", ["", "cash", "card", "code"])
def test_a_slip_and_a_receipt(second: str, means: str) -> None:
    """one page: its parts, their sum in yen, its number in print and as a QR code;
    what costs nothing is left out"""
    document = slip(second, means)
    assert len(document) == 1
    text = told(document)
    said = words("slip", second)
    assert "SPECIMEN" in text
    assert "箱見ひらき様" in text
    assert "800円" in text
    assert "200円" in text
    assert "1,000円" in text
    assert "0123456789" in text
    assert said["express"].ja not in text
    assert (said["receipt_title"].ja in text) == bool(means)
    assert (said["slip_title"].ja in text) == (not means)
    if means:
        assert said[f"means_{means}"].ja in text
    picture = document[0].render(scale=200 / 72).to_pil()
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == ["0123456789"]


@pytest.mark.parametrize("second", LANGUAGES)
@pytest.mark.parametrize("proof", ["police", "fire"])
def test_a_receipt_for_a_loss(second: str, proof: str) -> None:
    """one page: when, reported to whom, under which number"""
    data = letter_pdf(
        loss_letter(
            LossTold(
                receipt="0123456789",
                reported=datetime(2026, 11, 19, 23, 40, tzinfo=JST),
                proof=proof,
                authority="つくば警察署",
                number="令和8年第1234号",
                proved=date(2026, 11, 20),
            ),
            **WHO,
            sent=DAY,
            contacts=contacts(DAY, second),
            second=second,
        )
    )
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    text = told(document)
    for known in ("SPECIMEN", "0123456789", "（2026-11-19）23:40", "つくば警察署",
                  "令和8年第1234号", "".join(words("loss", second)[proof].ja.split())):  # fmt: skip
        assert known in text
