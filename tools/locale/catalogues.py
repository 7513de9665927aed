"""Makes and keeps the message catalogues.

    catalogues.py new LANG               folder of a language with every message, empty
    catalogues.py merge LANG TOPIC FILE  put translations into LANG/TOPIC.po
    catalogues.py missing LANG [TOPIC]   what is still to translate, ready to fill in
    catalogues.py check [LANG ...]       what is wrong (default: the complete languages)

FILE and the output of ``missing`` have three lines per message and a blank one::

    # Guide: one step of what to do
    = step.scan_qr
    Scan the QR code on your My Number notice.

In ``missing`` the third line is English, and a line ``#ja`` shows the Japanese.
The English catalogue says which messages exist, in which order and where they
appear; the others follow it. ``--in FOLDER`` works on another folder of catalogues.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from mynabox.locale.completeness import COMPLETE, faults, topics
from mynabox.locale.dates import babel_locale

LOCALE = Path(__file__).parents[2] / "src" / "mynabox" / "locale"
TOPICS = topics("en")


def entries(
    language: str, topic: str, folder: Path = LOCALE
) -> dict[str, tuple[str, list[str]]]:
    """Text and comments of every message of a catalogue, by id."""
    path = folder / language / f"{topic}.po"
    if not path.exists():
        return {}
    with path.open("rb") as source:
        return {
            str(message.id): (str(message.string), message.auto_comments)
            for message in read_po(source)
            if message.id
        }


def write(
    language: str,
    topic: str,
    messages: Mapping[str, tuple[str, list[str]]],
    folder: Path = LOCALE,
) -> None:
    """Write a catalogue; one line per text, so that differences are readable."""
    plural = get_plural(babel_locale(language))
    lines = [
        'msgid ""',
        'msgstr ""',
        f'"Language: {language}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {plural.plural_forms};\\n"',
    ]
    for name, (text, comments) in messages.items():
        lines += ["", *(f"#. {comment}" for comment in comments)]
        lines += [f'msgid "{_quoted(name)}"', f'msgstr "{_quoted(text)}"']
    path = folder / language / f"{topic}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def new(language: str, folder: Path = LOCALE) -> None:
    """Bring a language's catalogues to the messages of English, keeping its texts."""
    for topic in TOPICS:
        own = entries(language, topic, folder)
        wanted = entries("en", topic)
        write(
            language,
            topic,
            {
                name: (own[name][0] if name in own else "", comments)
                for name, (_, comments) in wanted.items()
            },
            folder,
        )


def merge(language: str, topic: str, file: Path, folder: Path = LOCALE) -> None:
    """Put the translations of a file into a catalogue; an unknown id is an error."""
    wanted, own = entries("en", topic), entries(language, topic, folder)
    given = dict(_pairs(file.read_text(encoding="utf-8").splitlines()))
    unknown = sorted(set(given) - set(wanted))
    if unknown:
        sys.exit(f"no such message in {topic}: {', '.join(unknown)}")
    texts = {name: text for name, (text, _) in own.items()} | given
    write(
        language,
        topic,
        {name: (texts.get(name, ""), c) for name, (_, c) in wanted.items()},
        folder,
    )


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    name = None
    for number, line in enumerate(lines, 1):
        if line.startswith("= "):
            name = line[2:].strip()
        elif line.strip() and not line.startswith("#"):
            if name is None:
                sys.exit(f"line {number}: a text without a line '= id' before it")
            yield name, line.strip()
            name = None


def missing(language: str, wanted: Iterable[str], folder: Path = LOCALE) -> None:
    """Print what a language lacks, in the form that ``merge`` takes."""
    for topic in wanted:
        own, japanese = entries(language, topic, folder), entries("ja", topic)
        comment = None
        for name, (english, comments) in entries("en", topic).items():
            if own.get(name, ("", []))[0]:
                continue
            if comments and comments[0] != comment:
                comment = comments[0]
                print(f"\n# {comment}")
            print(f"= {name}\n#ja {japanese.get(name, ('', []))[0]}\n{english}")


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    folder = LOCALE
    if arguments[:1] == ["--in"] and len(arguments) > 1:
        folder, arguments = Path(arguments[1]), arguments[2:]
    match arguments:
        case ["new", language]:
            new(language, folder)
        case ["merge", language, topic, file] if topic in TOPICS:
            merge(language, topic, Path(file), folder)
        case ["missing", language]:
            missing(language, TOPICS, folder)
        case ["missing", language, topic] if topic in TOPICS:
            missing(language, (topic,), folder)
        case ["check", *languages]:
            found = [f for lang in languages or COMPLETE for f in faults(lang)]
            print("\n".join(found) or "complete")
            sys.exit(1 if found else 0)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
