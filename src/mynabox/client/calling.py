"""How the client's methods ask: keys, repetition, pages, problems, events."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2

T = TypeVar("T")

PREFIX = "/api/v1"
_LONGEST_PAUSE = 5.0
_STREAM_SECONDS = 600


class Problem(Exception):
    """The box said no (RFC 9457). ``code`` is for programs, ``detail`` and ``next`` are
    sentences in the language that the client asked for."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.status = int(told.get("status", 0))
        self.code = str(told.get("code", ""))
        self.detail = str(told.get("detail", ""))
        self.next: str | None = told.get("next")
        self.rules: tuple[str, ...] = tuple(told.get("rules", ()))
        self.facts: dict[str, str] = dict(told.get("facts", {}))
        self.errors: list[dict[str, Any]] = list(told.get("errors") or ())
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class Unreachable(Exception):
    """No answer came, however often it was asked. Whether a change was done is not
    known: ask again with the same ``key``, which does it at most once."""

    def __init__(self, what: str, key: str | None) -> None:
        super().__init__(what)
        self.key = key


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A thing and the version that it was read in, for ``if_match``."""

    value: T
    etag: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``id`` is where to go on from."""

    id: str
    municipality: str
    sequence: int
    at: str
    action: str
    subjects: tuple[str, ...]


def given(**members: Any) -> dict[str, Any]:
    """What was given: None stands for left out."""
    return {name: value for name, value in members.items() if value is not None}


def quoted(part: str) -> str:
    """A part of a path."""
    return quote(part, safe="")


class Caller:
    """A connection to a box. Safe to share between threads.

    ``address``   where the box is served, such as ``http://127.0.0.1:8780``
    ``token``     of an account (``mynabox staff token``, ``sign_in``), where the box
                  asks who one is
    ``language``  of sentences in answers
    ``attempts``  how often a request is sent if no answer comes, the store is busy, or
                  the same request is still being worked on
    ``http``      a client of one's own instead of a new one; it stays open
    ``pause``     waits for some seconds between attempts
    ``new_key``   makes an idempotency key
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8780",
        *,
        token: str | None = None,
        language: str = "en",
        timeout: float = 60.0,
        attempts: int = 4,
        http: httpx2.Client | None = None,
        pause: Callable[[float], object] = time.sleep,
        new_key: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._own = http is None
        self._http = http or httpx2.Client(base_url=address, timeout=timeout)
        self._headers = {"accept-language": language}
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"
        self._attempts = attempts
        self._pause = pause
        self._new_key = new_key

    def close(self) -> None:
        """Let go of the connection."""
        if self._own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _change(
        self,
        path: str,
        *,
        key: str | None,
        if_match: str | None = None,
        media_type: str | None = None,
        **sent: Any,
    ) -> Any:
        """Ask for a change: under a key, so that it may be repeated."""
        headers = given(**{"if-match": if_match, "content-type": media_type})
        key = headers["idempotency-key"] = key or self._new_key()
        return _content(self._send("POST", path, headers, key=key, **sent))

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        """Ask for something that is not kept: repeated only where that is safe."""
        return _content(self._send(method, path, {}, **sent))

    def _read(self, path: str) -> Versioned[Any]:
        answer = self._send("GET", path, {})
        return Versioned(_content(answer), answer.headers.get("etag", ""))

    def _pages(self, path: str, member: str | None, **params: Any) -> Iterator[Any]:
        """Everything in a list, page by page as it is used."""
        answer = self._send("GET", path, {}, params=params)
        while True:
            page = answer.json()
            yield from page if member is None else page[member]
            link = answer.links.get("next")
            if link is None:
                return
            address = link["url"].partition(PREFIX)[2]
            answer = self._send("GET", address, {})

    def _follow(self, path: str, last: str | None, params: Any) -> Iterator[Event]:
        """Events for as long as they are wanted, however often the stream ends."""
        params = {"seconds": _STREAM_SECONDS, **params}
        silent = 0
        while True:
            headers = given(**{"last-event-id": last, **self._headers})
            try:
                with self._http.stream(
                    "GET", PREFIX + path, headers=headers, params=params
                ) as answer:
                    if answer.is_error:
                        answer.read()
                        raise Problem(answer.json())
                    for place, event in _events(answer.iter_lines()):
                        last, silent = place, 0
                        if event is not None:
                            yield event
            except httpx2.TransportError as error:
                silent += 1
                if silent >= self._attempts:
                    raise Unreachable(str(error), None) from error
                self._wait(silent, None)
            if params["seconds"] == 0:
                return

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        key: str | None = None,
        **sent: Any,
    ) -> httpx2.Response:
        repeatable = method == "GET" or key is not None
        request = self._http.build_request(
            method, PREFIX + path, headers={**self._headers, **headers}, **sent
        )
        request.read()  # a form is sent with the same octets again
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                answer = self._http.send(request)
            except httpx2.TransportError as error:
                if last or not (repeatable or isinstance(error, httpx2.ConnectError)):
                    raise Unreachable(
                        f"{type(error).__name__}: {error}", key
                    ) from error
                self._wait(attempt, None)
                continue
            if not answer.is_error:
                return answer
            problem = _problem(answer)
            if last or not (
                answer.status_code == 503 or problem.code == "api.key_in_progress"
            ):
                raise problem
            self._wait(attempt, answer.headers.get("retry-after"))
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, attempt: int, told: str | None) -> None:
        seconds = float(told) if told and told.isdecimal() else 0.1 * 2**attempt
        self._pause(min(seconds, _LONGEST_PAUSE))


def _problem(answer: httpx2.Response) -> Problem:
    try:
        return Problem(answer.json())
    except ValueError:
        return Problem({"status": answer.status_code, "detail": answer.text[:200]})


def _content(answer: httpx2.Response) -> Any:
    if answer.status_code == 204:
        return None
    kind = answer.headers.get("content-type", "")
    return answer.json() if kind.startswith("application/json") else answer.content


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Event | None]]:
    """Ids of a stream, and what happened where something did."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "id" in fields:
            data = json.loads(fields["data"]) if "data" in fields else None
            yield fields["id"], None if data is None else _event(fields["id"], data)
        fields = {}


def _event(event: str, data: Mapping[str, Any]) -> Event:
    return Event(
        id=event,
        municipality=data["municipality"],
        sequence=data["sequence"],
        at=data["at"],
        action=data["action"],
        subjects=tuple(data["subjects"]),
    )
