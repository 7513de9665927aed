"""Do what is asked under an idempotency key once, and say the same however often it
comes (the ``Idempotency-Key`` header of the API).

The answer is kept in the transaction that makes the change: either both are durable or
neither is. Whether somebody is at it is a lock that ends with its process, so that a
key is never left "in progress" by one that died.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.once import KeptAnswer
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver

SECRET = "idempotency"


class KeyInProgress(Refused):
    """The same request is being worked on in this moment."""


class KeyReused(Refused):
    """The key was given to another request before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, by whom, under which key.

    ``content``  everything that makes it this request, in one writing
    """

    caller: str
    key: str
    operation: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer as it travels.

    ``repeated``  it was given before
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    repeated: bool = False


def once(request: Request, do: Callable[[], Said], box: Box) -> Said:
    """What ``do`` says, now or when this request came first.

    ``do`` raises where the answer is not to be kept (nothing was done and asking again
    may succeed): then nothing of it stays, and the key is free. Raises
    :class:`KeyInProgress`, :class:`KeyReused`.
    """
    secret = box.vault.secret(SECRET)
    name = _keyed(secret, request.caller, request.key)
    content = _keyed(secret, request.operation, request.content.hex())
    with box.store.claim(name) as mine:
        if not mine:
            raise KeyInProgress("api.key_in_progress")
        with box.store.look() as work:
            kept = work.answers.find(name)
        now = box.clock.now()
        if kept is not None and now < kept.expires:
            if not hmac.compare_digest(kept.request, content):
                raise KeyReused("api.key_reused")
            return Said(
                status=kept.status, headers=kept.headers, body=kept.body, repeated=True
            )
        with box.store.held():
            said = do()
            with box.store.last() as work:
                work.answers.forget(before=now)
                work.answers.add(
                    KeptAnswer(
                        name=name,
                        request=content,
                        operation=request.operation,
                        status=said.status,
                        headers=said.headers,
                        body=said.body,
                        answered=now,
                        expires=now + timedelta(hours=box.site.answer_hours),
                    )
                )
    deliver(box)
    return said


def _keyed(secret: bytes, *parts: str) -> str:
    """HMAC-SHA-256 in hex: an answer's row tells neither key nor PIN to whoever tries
    them out."""
    said = "\0".join(parts).encode()
    return hmac.new(secret, said, sha256).hexdigest()
