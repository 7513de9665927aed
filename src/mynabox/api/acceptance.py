"""What an argument accepts, in the language of whoever asked; no web framework."""

from mynabox.law.accepts import Accepts
from mynabox.locale import say


def accepted_in(language: str, accepted: Accepts) -> str:
    """The sentence, with the sentences inside it; names and words stay as they are
    written in requests."""
    places = {
        name: accepted_in(language, value) if isinstance(value, Accepts) else value
        for name, value in accepted.places.items()
    }
    # Days and numbers are examples of what to write, so they are not put into the
    # language's own form.
    empty = {name: f"{{{name}}}" for name in places}
    return say(language, f"accepted.{accepted.code}", **empty).format(**places)
