"""Passkeys (WebAuthn level 2): registered by who is signed in, then in place of a
password. The device asks its holder for a gesture; the key never leaves it.

What a page sends is checked by the ``webauthn`` library against the challenge that
this box gave out, once and soon, and against the page's own origin.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.staff import Challenge, Passkey, StaffState
from mynabox.ports import Box, Duplicate, Work
from mynabox.usecases.acting import Actor, named_staff
from mynabox.usecases.sign_in import SignedIn, open_session, staff_entry

CHALLENGE_BYTES = 32
LONGEST_LABEL = 60
_REGISTRATION, _SIGN_IN = "passkey registration", "passkey sign-in"
_BROKEN = (
    WebAuthnException,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""What a credential that is none can lead to."""


def begin_registration(actor: Actor, site: str, box: Box) -> str:
    """What a page of ``site`` (a host name) hands to the browser, JSON."""
    staff_id = named_staff(actor)
    with box.store.look() as work:
        staff = work.staff.get(staff_id)
        known = tuple(work.passkeys.of(staff_id))
    return options_to_json(
        generate_registration_options(
            rp_id=site,
            rp_name="mynabox",
            user_id=staff.id.encode(),
            user_name=staff.name,
            challenge=_challenge(_REGISTRATION, staff.id, box),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential))
                for one in known
            ],
        )
    )


def register(
    actor: Actor, credential: str, *, label: str, site: str, origin: str, box: Box
) -> Passkey:
    """Take the passkey that the browser made. Raises ``Refused``."""
    staff_id = named_staff(actor)
    at = box.clock.now()
    try:
        read = _read(credential)
        challenge = _challenge_in(read)
        _take(challenge, _REGISTRATION, staff_id, box, at=at)
        verified = verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _BROKEN:
        raise _refused() from None
    passkey = Passkey(
        credential=bytes_to_base64url(verified.credential_id),
        staff=staff_id,
        label=label.strip()[:LONGEST_LABEL],
        public_key=verified.credential_public_key,
        count=verified.sign_count,
        added=at,
    )
    with box.store.work() as work:
        staff = work.staff.get(staff_id)
        try:
            work.passkeys.add(passkey)
        except Duplicate:
            raise Refused("authority.passkey_known") from None
        work.journal.write(staff_entry(staff, "staff_passkey", at=at))
    return passkey


def begin_sign_in(site: str, box: Box) -> str:
    """What the sign-in page hands to the browser, JSON; nobody is named in it."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site,
            challenge=_challenge(_SIGN_IN, "", box),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def sign_in_with_passkey(
    credential: str, *, site: str, origin: str, box: Box
) -> SignedIn:
    """Sign in whose passkey it is, however many wrong passwords there were."""
    at = box.clock.now()
    try:
        read = _read(credential)
        challenge = _challenge_in(read)
        _take(challenge, _SIGN_IN, "", box, at=at)
        with box.store.look() as work:
            known = _known(read, work)
        verified = verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.count,
            require_user_verification=True,
        )
    except _BROKEN:
        raise _refused() from None
    with box.store.work() as work:
        staff = work.staff.get(known.staff)
        if staff.state is not StaffState.ACTIVE or _known(read, work) != known:
            raise _refused()
        work.passkeys.save(replace(known, count=verified.new_sign_count))
        return open_session(staff, work, box, at=at, how="passkey")


def _challenge(what: str, of: str, box: Box) -> bytes:
    at = box.clock.now()
    challenge = box.random(CHALLENGE_BYTES)
    with box.store.work() as work:
        work.sessions.forget(before=at)
        work.sessions.ask(
            Challenge(
                hash=sha256(challenge).hexdigest(),
                what=what,
                of=of,
                expires=at + timedelta(minutes=limits().challenge_minutes),
            )
        )
    return challenge


def _take(challenge: bytes, what: str, of: str, box: Box, *, at: datetime) -> None:
    with box.store.work() as work:
        asked = work.sessions.take(sha256(challenge).hexdigest())
    if asked is None or asked.what != what or asked.of != of or at >= asked.expires:
        raise _refused()


def _read(credential: str) -> dict[str, Any]:
    read = json.loads(credential)
    if not isinstance(read, dict):
        raise ValueError("no credential")
    return read


def _challenge_in(credential: dict[str, Any]) -> bytes:
    """The challenge that the browser says it signed; whether it was given out, and
    whether it was signed, is checked with it."""
    client = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return base64url_to_bytes(client["challenge"])


def _known(credential: dict[str, Any], work: Work) -> Passkey:
    raw = base64url_to_bytes(str(credential["rawId"]))
    known = work.passkeys.find(bytes_to_base64url(raw))
    if known is None:
        raise _refused()
    return known


def _refused() -> Refused:
    return Refused("authority.passkey_refused")
