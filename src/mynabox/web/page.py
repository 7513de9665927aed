"""How a page is put together from a template, the texts of its language, and values."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mynabox.law.applications import application_id_grouped
from mynabox.lifecycle.life import Refused
from mynabox.locale import dates, knows, say
from mynabox.ports import Box
from mynabox.web.language import chosen, offered, own_name, page_language

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something on a form that has to be mended.

    ``field``   where the sentence stands
    ``anchor``  the input that the summary leads to, where it is not the field itself
    """

    field: str
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders pages of one box."""

    box: Box
    environment: Environment = field(default_factory=lambda: _environment())

    def show(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        mistakes: tuple[Mistake, ...] = (),
        **values: object,
    ) -> HTMLResponse:
        """The page ``template`` in the language of the request."""
        language = page_language(request)
        text = self.environment.get_template(template).render(
            language=language,
            languages=[
                (tag, own_name(tag), _address(request, lang=tag)) for tag in offered()
            ],
            t=_teller(language),
            url=_linker(chosen(request)),
            day=partial(dates.day, language),
            moment=partial(dates.moment, language),
            path=request.url.path,
            mistakes=mistakes,
            wrong=defaultdict(
                str, {mistake.field: mistake.text for mistake in mistakes}
            ),
            now=self.box.clock.now(),
            authority=self.box.site.authority,
            **values,
        )
        return HTMLResponse(
            text,
            status_code=status,
            headers={"content-language": language, "cache-control": "no-store"},
        )

    def refusal(self, request: Request, refused: Refused) -> tuple[str, ...]:
        """The sentences of a refusal: what is wrong, what else, what to do."""
        language = page_language(request)
        first = say(language, refused.code, **refused.facts)
        others = refused.facts.get("also", "").split()
        next_step = f"{refused.code}.do"
        return (
            first,
            *(text for code in others if "{" not in (text := say(language, code))),
            *([say(language, next_step, **refused.facts)] if knows(next_step) else []),
        )


def said_in(request: Request, message: str, **values: object) -> str:
    """One message in the language of the request."""
    return say(page_language(request), message, **values)


def _environment() -> Environment:
    style = sha256((HERE / "static" / "pages.css").read_bytes()).hexdigest()[:12]
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = f"/static/pages.css?v={style}"
    environment.filters["grouped_id"] = lambda text: application_id_grouped(text).value
    return environment


def _teller(language: str) -> Callable[..., str]:
    def tell(message: str, **values: object) -> str:
        return say(language, message, **values)

    return tell


def _linker(language: str | None) -> Callable[..., str]:
    """Links within the site keep a language that was chosen by hand."""

    def link(path: str, **parameters: str) -> str:
        query = {**parameters, **({"lang": language} if language else {})}
        return f"{path}?{urlencode(query)}" if query else path

    return link


def _address(request: Request, **changed: str) -> str:
    query: Mapping[str, str] = {**request.query_params, **changed}
    return f"{request.url.path}?{urlencode(query)}"
