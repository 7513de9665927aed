"""The letter of inquiry with its answer, in every second language."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from mynabox.papers.inquiry import InquiryPaper, inquiry_pdf
from mynabox.papers.wording import LANGUAGES
from mynabox.usecases.printing import contacts
from tests.papers.test_waiting_papers import DAY, WHO, told


@pytest.mark.parametrize("second", LANGUAGES)
def test_a_letter_and_its_answer(second: str) -> None:
    """two pages; the code, in print and as a QR code, stands on the answer alone"""
    document = pypdfium2.PdfDocument(
        inquiry_pdf(
            InquiryPaper(
                **WHO,
                sent=DAY,
                agent="箱田 花子",
                code="ABCDEFGHIJKLMNOPQRSTUVWX",
                until=date(2026, 12, 20),
                contacts=contacts(DAY, second),
                second=second,
            )
        )
    )
    assert len(document) == 2
    text = told(document)
    for known in ("SPECIMEN", "照会書", "回答書", "箱田花子", "（2026-12-20）"):
        assert known in text
    codes = [
        [
            found.text
            for found in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
        ]
        for page in document
    ]
    assert codes == [[], ["ABCDEFGHIJKLMNOPQRSTUVWX"]]
    assert "ABCDEFGH" in "".join(
        str(document[1].get_textpage().get_text_range()).split()
    )
