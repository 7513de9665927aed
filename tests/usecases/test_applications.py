"""Applying over the web: what stops an application, and on which day."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from PIL import Image, ImageFilter

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.identity import link_hash
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.sandbox.specimen import specimen_portrait
from mynabox.usecases.show import status_of_application
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from tests.usecases.places import MAIL, Place, foreigner, particulars, refused

At = Callable[[str], Place]


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@mynabox.invalid",
        "a@",
        "a b@mynabox.invalid",
        "a@b@mynabox.invalid",
        "a@mynabox..invalid",
        "a@mynabox.invalid\n",
        "a@mynabox.invalid\r\nBcc: b@mynabox.invalid",
        "a\x00@mynabox.invalid",
        "a@はこ.invalid",
        f"{'a' * 65}@mynabox.invalid",
        f"a@{'b' * 254}",
    ],
    ids=repr,
)
def test_mail_addresses_that_are_none(at: At, email: str) -> None:
    """R023: before anything is looked up"""
    place = at("noticed")
    refused(
        place, lambda: place.open(email=email), "application.mail_address_form", "R023"
    )


def _wrong_check_digit(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


APPLICATION_IDS: list[tuple[str, Callable[[str], str], str]] = [
    ("one digit short", lambda known: known[:-1], "application.id_length"),
    ("one digit more", lambda known: known + "0", "application.id_length"),
    ("letters", lambda known: known[:-1] + "O", "application.id_not_digits"),
    ("full-width digits", lambda known: "１" * 23, "application.id_not_digits"),
    ("wrong check digit", _wrong_check_digit, "application.id_check_digit"),
    ("a form nobody printed", lambda known: "0" * 23, "application.id_unknown"),
]


@pytest.mark.parametrize(
    ("typed", "code"),
    [row[1:] for row in APPLICATION_IDS],
    ids=[row[0] for row in APPLICATION_IDS],
)
def test_application_ids_that_are_none(
    at: At, typed: Callable[[str], str], code: str
) -> None:
    """R025"""
    place = at("noticed")
    wrong = typed(place.form.application_id)
    refused(place, lambda: place.open(application_id=wrong), code, "R025")


@pytest.mark.parametrize("separator", [" ", "-", "　"])
def test_an_application_id_as_people_type_it(at: At, separator: str) -> None:
    """R025: groups as printed, whatever stands between them"""
    place = at("noticed")
    known = place.form.application_id
    typed = separator.join(known[at : at + 4] for at in range(0, 23, 4))
    assert place.open(application_id=typed).application_id == known


def test_nobody_applies_who_is_not_registered(at: At) -> None:
    """R029"""
    place = at("noticed")
    place.leave()
    refused(place, place.open, "application.not_registered", "R029")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"address": "茨城県つくば市箱の内一丁目1番地2"}, "address"),
        ({"name": "箱山 太郎"}, "name"),
        (
            {"name": "箱山 太郎", "address": "茨城県つくば市箱の内2番地"},
            "name, address",
        ),
    ],
    ids=["address", "name", "both"],
)
def test_a_form_with_old_particulars(
    at: At, changed: dict[str, str], told: str
) -> None:
    """R026: whoever came back under another name or address needs a new form"""
    place = at("noticed")
    place.leave()
    place.register(particulars(**changed))
    said = refused(place, place.open, "form.changed", "R026")
    assert said.facts["changed"] == told


@pytest.mark.parametrize(
    ("day", "possible"), [("2027-01-31T23:59:59", True), ("2027-02-01T00:00:00", False)]
)
def test_a_form_until_the_last_day_of_stay(
    place: Place, day: str, possible: bool
) -> None:
    """R027, when the form is opened and when it is sent"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.number()
    hero.notice()
    hero.on("2027-01-20").open()
    token = hero.token()
    hero.on(day)
    if possible:
        assert hero.submit(token=token).state is ApplicationState.RECEIVED
        return
    said = refused(hero, hero.open, "form.stay_ended", "R027")
    assert said.facts["ended"] == "2027-01-31"
    refused(hero, lambda: hero.submit(token=token), "form.stay_ended", "R027")


def test_a_form_with_another_period_of_stay(place: Place) -> None:
    """R026: the printed last day of stay is no longer the register's"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.number()
    hero.notice()
    hero.leave()
    hero.register(foreigner("2028-01-31"))
    said = refused(hero, hero.open, "form.changed", "R026")
    assert said.facts["changed"] == "stay"


@pytest.mark.parametrize("stage", ["applied"])
def test_one_application_at_a_time(at: At, stage: str) -> None:
    """R030"""
    place = at(stage)
    refused(place, place.open, "application.already_received", "R030")


@pytest.mark.parametrize("stage", ["produced", "active", "suspended", "found"])
def test_one_card_at_a_time(at: At, stage: str) -> None:
    """R030: made, used or suspended, it is the holder's card"""
    place = at(stage)
    said = refused(place, place.open, "application.has_card", "R030", "R098")
    assert said.facts == {"expires": place.card.expires.isoformat()}


@pytest.mark.parametrize(
    ("day", "possible"),
    [
        ("2026-10-30T23:59:59", False),
        ("2026-10-31T00:00:00", True),
        ("2027-01-31T23:59:59", True),
    ],
)
def test_the_next_card_three_months_before_the_end(
    place: Place, day: str, possible: bool
) -> None:
    """R098: a card until 31 January 2027 may be renewed from 31 October"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.have_card(produced="2026-04-10", collected="2026-04-12")
    hero.on(day)
    if possible:
        assert hero.open().state is ApplicationState.OPENED
        return
    refused(hero, hero.open, "application.has_card", "R030", "R098")


def test_after_the_end_of_a_card_nothing_stands_in_the_way(place: Place) -> None:
    """a child's card of five years, the day after"""
    hero = place.enter(particulars(born="2016-04-20"))
    card = hero.have_card(produced="2026-04-10", collected="2026-04-12")
    assert card.expires == date(2030, 4, 20)
    hero.on("2030-04-21")
    assert hero.open().state is ApplicationState.OPENED


def test_asking_again_replaces_the_link(at: At) -> None:
    """a mistyped address stops nobody, and the older link is dead"""
    place = at("opened")
    old = place.token()
    first = place.application
    place.open(email="other@mynabox.invalid")
    assert place.application.id == first.id
    assert place.application.email == "other@mynabox.invalid"
    refused(place, lambda: place.submit(token=old), "application.link_unknown", "R023")
    new = place.token("other@mynabox.invalid")
    assert place.submit(token=new).state is ApplicationState.RECEIVED


@pytest.mark.parametrize("token", ["", "A" * 27, "ä", "../../etc/passwd"])
def test_links_that_lead_nowhere(at: At, token: str) -> None:
    """R023"""
    place = at("opened")
    refused(
        place, lambda: place.submit(token=token), "application.link_unknown", "R023"
    )


@pytest.mark.parametrize("stage", ["applied", "produced", "active"])
def test_a_link_is_good_for_one_form(at: At, stage: str) -> None:
    """R023"""
    place = at(stage)
    token = place.token()
    assert place.application.link_hash == link_hash(token)
    refused(place, lambda: place.submit(token=token), "application.link_used", "R023")


def test_the_link_of_somebody_who_left(at: At) -> None:
    """leaving withdraws what was opened"""
    place = at("opened")
    token = place.token()
    place.leave()
    assert place.application.state is ApplicationState.WITHDRAWN
    refused(
        place,
        lambda: place.submit(token=token),
        "application.link_used",
        "R023",
    )


@pytest.mark.parametrize(
    "born", [date(1990, 3, 30), date(1990, 4, 1), date(1900, 1, 1)], ids=str
)
def test_the_birth_date_must_be_the_registered_one(at: At, born: date) -> None:
    """R023: the link alone is not enough"""
    place = at("opened")
    refused(
        place,
        lambda: place.submit(born=born),
        "application.birth_date_differs",
        "R023",
    )


@pytest.mark.parametrize("stage", ["opened"])
def test_the_record_went_away_without_the_application(at: At, stage: str) -> None:
    """R029, seen once more when the form arrives"""
    place = at(stage)
    token = place.token()
    with place.box.store.work() as work:
        work.residents.save(place.resident.after(ResidentEvent.LEFT_JAPAN))
    refused(
        place, lambda: place.submit(token=token), "application.not_registered", "R029"
    )


PORTRAIT = Image.open(io.BytesIO(specimen_portrait())).convert("RGB")


def jpeg(picture: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **how)
    return out.getvalue()


def other_format(name: str, picture: Image.Image = PORTRAIT, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, name, **how)
    return out.getvalue()


@cache
def bomb() -> bytes:
    """Sixty megapixels and one line, in a few kilobytes."""
    return other_format("PNG", Image.new("1", (10_000, 6_001)))


@cache
def animation() -> bytes:
    return other_format(
        "GIF",
        Image.new("P", (500, 600)),
        save_all=True,
        append_images=[Image.new("P", (500, 600), 7)],
    )


def _of_bytes(count: int) -> bytes:
    """A fine portrait of exactly so many bytes: the rest is a comment in it."""
    picture = jpeg(PORTRAIT.resize((490, 630)), quality=20)
    rest = count - len(picture)
    segments = b""
    while rest > 0:
        size = min(rest, 65_000)
        if 0 < rest - size < 4:
            size -= 4
        assert size >= 4
        segments += b"\xff\xfe" + (size - 2).to_bytes(2) + b" " * (size - 4)
        rest -= size
    return picture[:2] + segments + picture[2:]


PHOTOS: list[tuple[str, Callable[[], bytes], str, tuple[str, ...]]] = [
    ("nothing", lambda: b"", "photo.empty", ("R045",)),
    (
        "a text",
        lambda: b"This is no picture.\n" * 2000,
        "photo.not_an_image",
        ("R045",),
    ),
    ("random bytes", lambda: bytes(range(256)) * 200, "photo.not_an_image", ("R045",)),
    (
        "a JPEG's first bytes",
        lambda: specimen_portrait()[:3],
        "photo.truncated",
        ("R045",),
    ),
    (
        "cut in the middle",
        lambda: specimen_portrait()[: len(specimen_portrait()) // 2],
        "photo.truncated",
        ("R045",),
    ),
    (
        "without its last two bytes",
        lambda: specimen_portrait()[:-2],
        "photo.truncated",
        ("R045",),
    ),
    ("sixty megapixels", bomb, "photo.too_many_pixels", ("R045",)),
    ("an animation", animation, "photo.animated", ("R045",)),
    (
        "for printing presses",
        lambda: jpeg(PORTRAIT.convert("CMYK"), quality=95),
        "photo.cmyk",
        ("R045",),
    ),
    (
        "a program behind it",
        lambda: specimen_portrait() + b"<script>alert(1)</script>",
        "photo.polyglot",
        ("R045",),
    ),
    (
        "a PDF",
        lambda: b"%PDF-1.7\n" + specimen_portrait(),
        "photo.polyglot",
        ("R045",),
    ),
    ("PNG", lambda: other_format("PNG"), "photo.format", ("R045",)),
    ("WEBP", lambda: other_format("WEBP", quality=95), "photo.format", ("R045",)),
    (
        "one byte too few",
        lambda: _of_bytes(20_479),
        "photo.file_too_small",
        ("R045",),
    ),
    (
        "one byte too many",
        lambda: _of_bytes(7_340_033),
        "photo.file_too_big",
        ("R045",),
    ),
    (
        "one pixel too narrow",
        lambda: jpeg(PORTRAIT.resize((479, 616)), quality=98),
        "photo.too_small",
        ("R045",),
    ),
    (
        "one pixel too high",
        lambda: jpeg(PORTRAIT.resize((4667, 6001)), quality=60),
        "photo.too_big",
        ("R045",),
    ),
    (
        "out of focus",
        lambda: jpeg(PORTRAIT.filter(ImageFilter.GaussianBlur(12)), quality=98),
        "photo.unclear",
        ("R043",),
    ),
]


@pytest.mark.parametrize(
    ("photo", "code", "rules"),
    [row[1:] for row in PHOTOS],
    ids=[row[0] for row in PHOTOS],
)
def test_photos_that_are_refused(
    at: At, photo: Callable[[], bytes], code: str, rules: tuple[str, ...]
) -> None:
    """the link stays good, nothing is kept of the picture"""
    place = at("opened")
    token = place.token()
    said = refused(
        place, lambda: place.submit(token=token, photo=photo()), code, *rules
    )
    assert "also" not in said.facts or said.facts["also"].startswith("photo.")
    assert place.submit(token=token).state is ApplicationState.RECEIVED


def test_a_patterned_background(at: At) -> None:
    """R043; every other fault is told in one go"""
    place = at("opened")
    picture = Image.effect_noise((1000, 1286), 120).convert("RGB")
    picture.paste(PORTRAIT.crop((200, 200, 800, 1100)), (200, 200))
    said = refused(
        place,
        lambda: place.submit(photo=jpeg(picture, quality=90), token=place.token()),
        "photo.background",
        "R043",
    )
    assert "background" in said.code


@pytest.mark.parametrize(
    "photo",
    [
        lambda: _of_bytes(20_480),
        lambda: _of_bytes(7_340_032),
        lambda: jpeg(PORTRAIT.resize((480, 617)), quality=98),
        lambda: jpeg(PORTRAIT.convert("L"), quality=95),
        lambda: jpeg(PORTRAIT, quality=90, progressive=True),
    ],
    ids=["20 KB", "7 MB", "480 pixels", "black and white", "progressive"],
)
def test_photos_just_good_enough(at: At, photo: Callable[[], bytes]) -> None:
    """R042, R045: the limits belong to what is allowed"""
    place = at("opened")
    assert place.submit(photo=photo()).state is ApplicationState.RECEIVED


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        ("2025-11-10", "photo.too_old"),
        ("2025-11-11", None),
        ("2026-05-11", None),
        ("2026-05-12", "photo.taken_in_future"),
    ],
)
def test_when_the_photo_was_taken(at: At, taken: str, code: str | None) -> None:
    """R040: six months before 11 May 2026 until that day"""
    place = at("opened").on("2026-05-11")
    day = date.fromisoformat(taken)
    if code is None:
        assert place.submit(taken=day).photo_taken == day
        return
    token = place.token()
    refused(place, lambda: place.submit(token=token, taken=day), code, "R040")


def test_everything_wrong_with_a_photo_is_told_at_once(at: At) -> None:
    """so that a person can mend it in one go"""
    place = at("opened")
    small = other_format("PNG", PORTRAIT.resize((300, 386)))
    token = place.token()
    said = refused(
        place,
        lambda: place.submit(token=token, photo=small, taken=date(2020, 1, 1)),
        "photo.too_old",
        *("R040", "R045"),
    )
    assert said.facts["also"] == "photo.format photo.too_small"


def test_what_is_kept_of_a_photo_has_no_metadata(at: At) -> None:
    """where it was taken is nobody's business; EXIF's own day is not believed"""
    place = at("opened")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8769)[0x9003] = "1999:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    place.submit(photo=jpeg(PORTRAIT, quality=90, exif=exif.tobytes()))
    kept = place.application.photo
    assert kept is not None
    assert b"taken at home" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_the_day_of_receipt_is_noted(at: At) -> None:
    """R092: it decides under which rule the card falls; at 23:59 it is still today"""
    place = at("opened").on("2026-05-11T23:59:59")
    assert place.submit().received == place.box.clock.now()


@pytest.mark.parametrize("stage", ["opened", "applied", "produced"])
def test_the_form_number_tells_how_far_it_is(at: At, stage: str) -> None:
    """R025: the ID is also for asking"""
    place = at(stage)
    found = status_of_application(place.form.application_id, place.box)
    assert [one.id for one in found] == [place.application.id]
    assert found[0].email == MAIL
    assert replace(found[0]) == place.application


def test_the_notice_of_a_link_is_gone(at: At) -> None:
    """R025, should anybody ever take a notice away from under an application"""
    place = at("opened")
    token = place.token()
    with place.box.store.work() as work:
        work.applications.save(replace(place.application, application_id="0" * 23))
    refused(place, lambda: place.submit(token=token), "application.id_unknown", "R025")


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"𠮷": "吉"}, None),
        ({}, None),
        ({"田": "吉"}, "application.substitute_not_needed"),
        ({"𠮷": ""}, "application.substitute_not_possible"),
        ({"𠮷": "😀"}, "application.substitute_not_possible"),
    ],
    ids=["wished", "none", "not needed", "empty", "cannot be held either"],
)
def test_substitutes_for_the_signature_certificate(
    place: Place, wishes: dict[str, str], code: str | None
) -> None:
    """only for a character that a certificate cannot hold, and by one that it can"""
    hero = place.enter(particulars(name="𠮷田 箱之助"))
    hero.number()
    hero.notice()
    hero.open()
    token = hero.token()

    def send() -> object:
        return submit_application(
            SubmitApplication(
                token=token,
                born=hero.resident.born,
                photo=specimen_portrait(),
                photo_taken=hero.today,
                substitutes=wishes,
            ),
            hero.box,
        )

    if code is None:
        send()
        assert hero.application.substitutes == wishes
    else:
        refused(hero, send, code, "R145")
