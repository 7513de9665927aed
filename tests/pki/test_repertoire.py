"""Which letters certificates hold, and what stands in for the others."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.pki.repertoire import GETA, in_repertoire, substitute


@pytest.mark.parametrize(
    ("registered", "written", "flags"),
    [
        ("黒桐　幹也", "黒桐　幹也", "00000"),
        (
            "東京都清瀬市観布子南１２－７－２０２",
            "東京都清瀬市観布子南１２－７－２０２",
            "0" * 18,
        ),
        ("𠮷田　髙志", "吉田　高志", "10010"),
        ("山﨑", "山崎", "01"),
        ("濵田", "濵田", "00"),
        ("德川", "徳川", "10"),
        ("辻󠄀", "辻", "1"),
        ("葛󠄀城", "葛城", "10"),
        ("\ufa19谷", "神谷", "10"),
        ("\ufa10本", "塚本", "10"),
        ("陈　泽", "陳　沢", "101"),
        ("NGUYEN VAN A", "ＮＧＵＹＥＮ　ＶＡＮ　Ａ", "0" * 12),
        ("Nguyễn", "Ｎｇｕｙêｎ", "000010"),
        ("O'BRIEN", "Ｏ’ＢＲＩＥＮ", "0100000"),
        ("José", "Ｊｏｓé", "0000"),
        ("Jose\u0301", "Ｊｏｓé", "0000"),
        ("か\u3099", "が", "0"),
        ("ﾔﾏﾀﾞ", "ヤマタ゛", "0000"),
        ("１−２−３", "１−２−３", "00000"),
        ("①", "１", "1"),
        ("㈱", GETA, "1"),
        ("🙂", GETA, "1"),
        ("สมชาย", GETA * 5, "1" * 5),
        ("", "", ""),
    ],
)
def test_a_name_as_the_certificate_writes_it(
    registered: str, written: str, flags: str
) -> None:
    assert substitute(registered) == (written, flags)


@pytest.mark.parametrize(
    ("registered", "chosen", "written", "flags"),
    [
        ("𠮷田", {"𠮷": "ヨシ"}, "ヨシ田", "110"),
        ("辻󠄀本", {"辻󠄀": "つじ"}, "つじ本", "110"),
        ("辻󠄀本", {"辻": "つじ"}, "辻本", "10"),
        ("สม", {"ส": "ソ", "ม": "ム"}, "ソム", "11"),
        ("山崎", {"崎": "埼"}, "山崎", "00"),
    ],
    ids=[
        "kana",
        "a form by its selector",
        "another form is not meant",
        "Thai",
        "what can be written is written",
    ],
)
def test_the_resident_may_choose_beforehand(
    registered: str, chosen: dict[str, str], written: str, flags: str
) -> None:
    assert substitute(registered, chosen) == (written, flags)


@pytest.mark.parametrize("wish", ["𠮷", "", "A", "ﾖｼ", "吉🙂"])
def test_a_wish_must_itself_be_writable(wish: str) -> None:
    with pytest.raises(ValueError, match="chosen substitute"):
        substitute("𠮷田", {"𠮷": wish})


@given(st.text())
def test_one_flag_per_character_and_every_character_writable(text: str) -> None:
    written, flags = substitute(text)
    assert len(written) == len(flags)
    assert set(flags) <= {"0", "1"}
    assert all(in_repertoire(character) for character in written)


@given(st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF)))
def test_what_is_written_stays_as_it_is(text: str) -> None:
    written, _ = substitute(text)
    assert substitute(written) == (written, "0" * len(written))


def test_every_character_of_the_basic_plane_has_an_answer() -> None:
    for code in range(0x10000):
        written, flags = substitute(chr(code))
        assert len(written) == len(flags) == 1
        assert in_repertoire(written)


def test_an_unflagged_character_is_the_same_character() -> None:
    """Unflagged means: only its width changed, or nothing."""
    for code in (*range(0x10000), *range(0x20000, 0x2A6E0)):
        character = chr(code)
        written, flags = substitute(character)
        if flags == "0" and written not in "゛゜":
            assert unicodedata.normalize("NFKC", written) == unicodedata.normalize(
                "NFKC", character
            )


def test_the_repertoire_has_the_size_of_the_two_standards() -> None:
    """6,879 characters of JIS X 0208 and 6,067 of JIS X 0212, and no maker's own.

    Python's codec knows all but one of them; six more code points are the second
    customary reading of a JIS X 0208 character.
    """
    both = [chr(code) for code in range(0x10000) if in_repertoire(chr(code))]
    assert len(both) == 6879 + 6067 - 1 + 6
    assert {"∥", "－", "～", "￠", "￡", "￢"} <= set(both)
    for extension in "①Ⅲ㈱髙﨑":
        assert not in_repertoire(extension)
