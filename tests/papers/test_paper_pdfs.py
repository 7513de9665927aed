"""The papers, read back: their words, their codes, their pages."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers import glyphs
from mynabox.papers.contact import Contact
from mynabox.papers.fit import DoesNotFit
from mynabox.papers.glyphs import NoGlyph
from mynabox.papers.letter import letter_pdf, suspension_letter
from mynabox.papers.notice import NoticePaper, grouped_application_id, notice_pdf
from mynabox.papers.pin_slip import PinBlank, PinPurpose, PinSlip, pin_slip_pdf
from mynabox.papers.postcard import Place, Postcard, postcard_pdf, usual_items
from mynabox.papers.typesetting import PaperFailed, pdf
from mynabox.papers.wording import LANGUAGES, Line, words

ADDRESS = "http://127.0.0.1:8780/apply?id=12345678901234567890123"
CONTACTS = (
    Contact(
        number="0120-95-0178",
        what=Line("すべて（日本語）", "Everything"),
        hours=Line("平日 9:30–20:00、土日祝 9:30–17:30", "9:30–20:00"),
    ),
    Contact(number="0120-0178-27", what=Line("カード"), hours=Line("24時間")),
)
NOTICE = NoticePaper(
    number=IndividualNumber("123456789018"),
    name="箱田 太郎",
    born=date(2020, 6, 1),
    issued=date(2026, 11, 20),
    issuer="箱田市長",
    application_id="12345678901234567890123",
    application_address=ADDRESS,
    contacts=CONTACTS,
    sheet="0311-00007",
)
POSTCARD = Postcard(
    addressee="箱田 太郎",
    postcode="305-0000",
    address="茨城県つくば市箱の内一丁目1番地1 ハコノウチハイツⅡ 203号室",
    sender="箱田市長",
    place=Place(
        name="箱田市役所 市民窓口課",
        address="箱田市箱の内一丁目1番地",
        hours=Line("月〜金 8:45–16:30", "Mon–Fri 8:45–16:30"),
        telephone="000-000-0000",
    ),
    until=date(2027, 2, 28),
    bring=usual_items("postcard", "identity", "old_card"),
    alone_from_age=15,
)
SLIP = PinSlip(
    name="箱田 太郎",
    blanks=(
        PinBlank(
            purpose=PinPurpose.SIGNATURE, least=6, most=16, tries=5, with_letters=True
        ),
        *(
            PinBlank(purpose=purpose, least=4, most=4, tries=3)
            for purpose in PinPurpose
            if purpose is not PinPurpose.SIGNATURE
        ),
    ),
)
LETTER = suspension_letter(
    addressee="箱田 太郎",
    postcode="305-0000",
    address="茨城県つくば市箱の内一丁目1番地1",
    sender="箱田市長",
    receipt="S-2026-000123",
    stopped=datetime(2026, 11, 20, 23, 5, tzinfo=timezone(timedelta(hours=9))),
    sent=date(2026, 11, 21),
    contacts=CONTACTS,
)


def texts(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_bounded() for page in document]


def flat(data: bytes) -> str:
    return "".join("".join(texts(data)).split())


def codes(data: bytes) -> list[str]:
    page = pypdfium2.PdfDocument(data)[0]
    image = page.render(scale=200 / 72).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize(
    "said",
    [
        "個人番号通知書",
        "IndividualNumberNotice",
        "123456789018",
        "箱田太郎",
        "令和2年6月1日（2020-06-01）",
        "令和8年11月20日発行",
        "箱田市長",
        "12345678901234567890123",
        "番号の証明書類にも、身分証明書にもなりません",
        "neitherproofofthenumber",
        "再発行はできません",
        "0120-95-0178",
        "0120-0178-27",
        "0311-00007",
        "見本",
        "SPECIMEN",
    ],
)
def test_the_notice_says(said: str) -> None:
    assert said in flat(notice_pdf(NOTICE))


def test_numbers_stand_in_their_groups() -> None:
    page = texts(notice_pdf(NOTICE))[0]
    assert "1234 5678 9018" in page
    assert "1234 5678 9012 3456 7890 123" in page
    assert grouped_application_id("1" * 23) == "1111 1111 1111 1111 1111 111"


def test_the_code_leads_to_the_application() -> None:
    assert codes(notice_pdf(NOTICE)) == [ADDRESS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_fits_in_every_language(language: str) -> None:
    made = {
        "notice": (notice_pdf(replace(NOTICE, second=language)), 1),
        "postcard": (
            postcard_pdf(
                replace(
                    POSTCARD,
                    second=language,
                    bring=usual_items(
                        "postcard",
                        "identity",
                        "residence_card",
                        "notification_card",
                        "old_card",
                        second=language,
                    ),
                )
            ),
            2,
        ),
        "pin_slip": (pin_slip_pdf(replace(SLIP, second=language)), 1),
        "letter": (
            letter_pdf(
                suspension_letter(
                    addressee="箱田 太郎",
                    address="茨城県つくば市箱の内一丁目1番地1",
                    sender="箱田市長",
                    receipt="S-1",
                    stopped=datetime(2026, 11, 20, 23, 5, tzinfo=UTC),
                    sent=date(2026, 11, 21),
                    second=language,
                )
            ),
            1,
        ),
    }
    for paper, (data, pages) in made.items():
        read = texts(data)
        assert len(read) == pages, paper
        assert "見本" in read[0], paper
    if language == "vi":
        title = "".join(words("notice", "vi")["title"].second.split())
        assert title in flat(made["notice"][0])


def test_japanese_alone_needs_no_second_language() -> None:
    page = flat(notice_pdf(replace(NOTICE, second="ja", contacts=())))
    assert "個人番号通知書" in page
    assert "Notice" not in page


def test_the_postcard_says_where_until_when_and_what_to_bring() -> None:
    address_side, message = texts(postcard_pdf(POSTCARD))
    assert "箱田 太郎 様" in address_side
    assert "305-0000" in address_side
    for said in (
        "箱田市役所 市民窓口課",
        "月〜金 8:45–16:30",
        "令和9年2月28日",
        "本人確認書類",
        "15歳未満",
        "under 15",
    ):
        assert said in message
    assert "暗証番号" in message


def test_the_slip_has_boxes_and_rules_but_no_pin() -> None:
    said = flat(pin_slip_pdf(SLIP))
    for part in (
        "6〜16文字",
        "数字4文字",
        "5回続けて",
        "3回続けて",
        "署名用電子証明書",
    ):
        assert part in said
    assert "123" not in said


def test_the_letter_confirms_with_its_receipt_number() -> None:
    said = flat(letter_pdf(LETTER))
    for part in ("S-2026-000123", "2026-11-20）23:05", "警察", "令和8年11月21日"):
        assert part in said


@pytest.mark.parametrize(
    "make",
    [
        lambda: notice_pdf(replace(NOTICE, name="箱田😀")),
        lambda: notice_pdf(replace(NOTICE, issuer="한국")),
        lambda: postcard_pdf(replace(POSTCARD, address="\u202e箱")),
        lambda: notice_pdf(
            replace(NOTICE, contacts=(replace(CONTACTS[0], what=Line("カ", "ไทย")),))
        ),
    ],
)
def test_nothing_is_drawn_with_a_missing_glyph(make: Callable[[], bytes]) -> None:
    with pytest.raises(NoGlyph):
        make()


def test_a_paper_that_runs_over_is_refused() -> None:
    with pytest.raises(DoesNotFit) as refusal:
        notice_pdf(replace(NOTICE, contacts=CONTACTS * 12))
    assert refusal.value.what == "notice"
    with pytest.raises(DoesNotFit):
        notice_pdf(replace(NOTICE, name="箱" * 400))


def test_values_are_text_and_never_markup() -> None:
    name = '#panic("x") *a* _b_ $c$ `d` \\ @e <f> // /* "'
    page = texts(notice_pdf(replace(NOTICE, name=name)))[0]
    assert "".join(name.split()) in "".join(page.split())


def test_a_failure_of_the_typesetter_is_not_a_paper() -> None:
    with pytest.raises(PaperFailed) as failure:
        pdf("notice", {})
    assert failure.value.template == "notice"


def test_the_same_values_make_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import hashlib, test_paper_pdfs as t;"
        "print(*(hashlib.sha256(d).hexdigest() for d in t.every_paper()))"
    )
    folder = __file__.rsplit("/", 1)[0]
    there = subprocess.run(
        [sys.executable, "-c", script, folder],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert there == [hashlib.sha256(data).hexdigest() for data in every_paper()]


def every_paper() -> list[bytes]:
    return [
        notice_pdf(NOTICE),
        postcard_pdf(POSTCARD),
        pin_slip_pdf(SLIP),
        letter_pdf(LETTER),
    ]


def test_threads_do_not_print_into_one_another() -> None:
    names = [f"箱田 {n:02d}郎" for n in range(24)]

    def made(name: str) -> bytes:
        return notice_pdf(replace(NOTICE, name=name))

    with ThreadPoolExecutor(8) as pool:
        papers = list(pool.map(made, names))
    pages = [flat(paper) for paper in papers]  # PDFium is for one thread
    for name, page in zip(names, pages, strict=True):
        assert "".join(name.split()) in page
        assert sum("".join(other.split()) in page for other in names) == 1


def test_no_paper_knows_the_clock_or_another_font() -> None:
    for data in every_paper():
        document = pypdfium2.PdfDocument(data)
        assert document.get_metadata_value("CreationDate") == ""
        assert b"Libertinus" not in data


_DRAWABLE = sorted(
    chr(code)
    for code in glyphs.face(glyphs.JAPANESE).characters
    if not glyphs.missing(chr(code)) and chr(code).strip()
)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from(_DRAWABLE), min_size=1, max_size=60))
def test_any_name_of_drawable_characters_is_printed_as_it_is(name: str) -> None:
    page = texts(notice_pdf(replace(NOTICE, name=name)))[0]
    drawn = set("".join(page.split()))
    assert set(name) - drawn == set()
