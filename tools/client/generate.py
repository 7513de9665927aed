"""Writes the client's operations and models from the API's own description:
``python tools/client/generate.py``, after every change of the API.

A test fails if what is written there and the API differ.
"""

import json
import keyword
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import dedent, indent, wrap
from typing import Any

from mynabox.api.app import create_api
from mynabox.settings import Settings
from mynabox.wiring import open_home

PACKAGE = Path(__file__).parents[2] / "src" / "mynabox" / "client"
KEY, MATCH = "Idempotency-Key", "If-Match"
_HEAD = '''"""{title}

Written by ``tools/client/generate.py`` from the API's description: not by hand.
"""

'''
RAISED = {"Problem", "Wrong"}
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def description() -> dict[str, Any]:
    """The OpenAPI document of a box."""
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Settings(home=Path(folder) / "box"), create=True)
        try:
            return create_api(home.box).openapi()
        finally:
            home.close()


def type_of(schema: dict[str, Any]) -> str:
    """A JSON schema as a Python type."""
    if "$ref" in schema:
        return name_of(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        found = list(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
        return " | ".join(found)
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    match schema.get("type"):
        case "null":
            return "None"
        case "array":
            return f"list[{type_of(schema.get('items', {}))}]"
        case "object":
            more = schema.get("additionalProperties")
            return f"dict[str, {type_of(more) if isinstance(more, dict) else 'Any'}]"
        case "string" if {"binary", "byte"} & {schema.get("format")} or schema.get(
            "contentMediaType"
        ):
            return "bytes"
        case str(plain):
            return PLAIN[plain]
        case _:
            return "Any"


def name_of(component: str) -> str:
    """The class of a component; two of the same name tell their modules."""
    *_, module, name = ["", *component.split("__")][-2:]
    told = f"{module.title()}{name}" if "__" in component else name
    return re.sub(r"\W|_", "", told)


def models(document: dict[str, Any]) -> str:
    """The module of the types of what travels."""
    parts: dict[str, str] = {}

    def write(component: str) -> None:
        """A model, behind those of which it is made."""
        if component in parts or component in RAISED or component.startswith("Body_"):
            return
        schema = document["components"]["schemas"][component]
        for inner in re.findall(r"#/components/schemas/([\w.-]+)", json.dumps(schema)):
            write(inner)
        parts[component] = _model(name_of(component), schema)

    for component in sorted(document["components"]["schemas"], key=name_of):
        write(component)
    imports = "from typing import Any, Literal, NotRequired, TypedDict\n\n"
    head = _HEAD.format(title="What travels to the API and back, as types.")
    return head + imports + "\n\n".join(parts.values()) + "\n"


def _model(name: str, schema: dict[str, Any]) -> str:
    said = _docstring(schema.get("description", ""))
    if schema.get("type") != "object":
        return f"{name} = {type_of(schema)}\n{said}"
    needed = set(schema.get("required", ()))
    members = {}
    for member, inner in schema.get("properties", {}).items():
        kind = type_of(inner)
        members[member] = kind if member in needed else f"NotRequired[{kind}]"
    if any(keyword.iskeyword(member) for member in members):
        body = ", ".join(f'"{member}": "{kind}"' for member, kind in members.items())
        return f'{name} = TypedDict("{name}", {{{body}}})\n{said}'
    body = "\n".join(f"    {member}: {kind}" for member, kind in members.items())
    return f"class {name}(TypedDict):\n{indent(said, '    ')}\n{body or '    pass'}"


def operations(document: dict[str, Any]) -> str:
    """The module of the client itself."""
    methods = [
        _operation(method.upper(), path, operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
    ]
    text = "\n".join(methods)
    used = sorted(
        name
        for name in map(name_of, document["components"]["schemas"])
        if re.search(rf"\b{name}\b", text)
    )
    head = _HEAD.format(title="Every operation of the API as a method.")
    return (
        head
        + "from collections.abc import Iterator, Mapping\n"
        + "from typing import Any, Literal\n\n"
        + "from mynabox.client.calling import Caller, Event, Versioned, given, quoted\n"
        + f"from mynabox.client.models import ({', '.join(used)})\n\n\n"
        + "class Client(Caller):\n"
        + '    """A box, asked over HTTP; what it refuses is raised as ``Problem``.\n\n'
        + "    ``idempotency_key``  of one's own, for repeating a change in another\n"
        + "    process; without it every call has a new one and is repeated by itself\n"
        + "    ``if_match``  the ``etag`` of what was read: refused if it changed since\n"
        + '    """\n\n'
        + indent(text, "    ")
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower()
    parameters = operation.get("parameters", [])
    of = {
        place: [one for one in parameters if one["in"] == place]
        for place in ("path", "query", "header")
    }
    headers = {one["name"] for one in of["header"]}
    listed = {"after", "limit"} <= {one["name"] for one in of["query"]}
    queries = [one for one in of["query"] if not (listed and one["name"] == "after")]
    signature = ["self", *(f"{one['name']}: str" for one in of["path"])]
    needed, optional, sent = [], [], []
    for one in queries:
        if one["schema"].get("type") == "object":
            optional.append(f"{one['name']}: Mapping[str, str] | None = None")
            continue
        kind = type_of(one["schema"])
        if one.get("required"):
            needed.append(f"{one['name']}: {kind}")
        else:
            optional.append(_optional(one["name"], kind))
    kind, members, wholes = _body(operation)
    for member, schema, required in members:
        (needed if required else optional).append(
            f"{member}: {type_of(schema)}"
            if required
            else _optional(member, type_of(schema))
        )
    if wholes:
        needed.append(wholes)
    if MATCH in headers:
        optional.append("if_match: str | None = None")
    if KEY in headers:
        optional.append("idempotency_key: str | None = None")
    if "last-event-id" in headers:
        optional.append("last_event_id: str | None = None")
    if needed or optional:
        signature += ["*", *needed, *optional]
    address = re.sub(r"{(\w+)}", r"{quoted(\1)}", path)
    address = f'f"{address}"' if "{" in address else f'"{address}"'
    plain = [one["name"] for one in queries if one["schema"].get("type") != "object"]
    whole = [one["name"] for one in queries if one["schema"].get("type") == "object"]
    if plain:
        sent.append(f"params=given({', '.join(f'{one}={one}' for one in plain)})")
    elif whole:
        sent.append(f"params=dict({whole[0]} or {{}})")
    sent += _sent(kind, members, wholes)
    answer, call = _call(method, address, operation, headers, listed, sent, plain)
    said = _docstring(operation["description"])
    inside = f"{said}\n{call}"
    return (
        f"def {name}({', '.join(signature)}) -> {answer}:\n{indent(inside, '    ')}\n"
    )


def _optional(name: str, kind: str) -> str:
    return (
        f"{name}: {kind} = None"
        if kind.endswith("None")
        else (f"{name}: {kind} | None = None")
    )


def _body(
    operation: dict[str, Any],
) -> tuple[str, list[tuple[str, dict[str, Any], bool]], str]:
    """Media type, members (name, schema, needed), or the parameter for all of it."""
    if "requestBody" not in operation:
        return "", [], ""
    ((kind, content),) = operation["requestBody"]["content"].items()
    schema = content["schema"]
    if "anyOf" in schema:  # a body that may be left out
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        must = set(schema.get("required", ()))
        members = [
            (name, inner, name in must) for name, inner in schema["properties"].items()
        ]
        return kind, members, ""
    name = re.sub(r"\W", "_", schema["title"]).lower()
    whole = "Mapping[str, str]" if schema.get("type") == "object" else "bytes"
    return kind, [], f"{name}: {whole}"


def _sent(
    kind: str, members: list[tuple[str, dict[str, Any], bool]], whole: str
) -> list[str]:
    name = whole.partition(":")[0]
    match kind:
        case "":
            return []
        case "application/json" if whole:
            return [f"json=dict({name})"]
        case "application/json":
            return [f"json=given({', '.join(f'{one}={one}' for one, *_ in members)})"]
        case "multipart/form-data":
            kinds = {one: type_of(schema).split(" | ") for one, schema, _ in members}
            files = [one for one in kinds if "bytes" in kinds[one]]
            rest = [one for one, *_ in members if one not in files]
            return [
                f"data=given({', '.join(f'{one}={one}' for one in rest)})",
                (
                    "files={one: (one, file) for one, file in "
                    f"given({', '.join(f'{one}={one}' for one in files)}).items()}}"
                ),
            ]
        case _:
            return [f"content={name}", f"media_type={kind!r}"]


def _call(
    method: str,
    address: str,
    operation: dict[str, Any],
    headers: set[str],
    listed: bool,
    sent: list[str],
    plain: list[str],
) -> tuple[str, str]:
    """What is returned, and the method's last lines."""
    good = [found for status, found in operation["responses"].items() if status < "300"]
    contents = [one["content"] for one in good if one.get("content")]
    kind, content = next(iter(contents[0].items())) if contents else ("", {})
    schema = content.get("schema", {})
    if kind == "text/event-stream":
        rest = ", ".join(f"{one}={one}" for one in plain)
        call = f"return self._follow({address}, last_event_id, given({rest}))"
        return "Iterator[Event]", call
    if listed:
        member, item = _listed(schema)
        rest = ", ".join(f"{one}={one}" for one in plain)
        call = f"return self._pages({address}, {member!r}, **given({rest}))"
        return f"Iterator[{item}]", call
    if not contents:
        return "None", f"self._ask({', '.join([repr(method), address, *sent])})"
    file = kind.startswith("image/") or kind in ("application/pdf", "text/csv")
    answer = "bytes" if file else type_of(schema)
    if any("ETag" in one.get("headers", {}) for one in good):
        call = f"return self._read({address})"
        return f"Versioned[{answer}]", call
    if KEY in headers:
        words = [address, "key=idempotency_key"]
        if MATCH in headers:
            words.append("if_match=if_match")
        call = f"self._change({', '.join([*words, *sent])})"
    else:
        call = f"self._ask({', '.join([repr(method), address, *sent])})"
    return answer, f"answer: {answer} = {call}\nreturn answer"


def _listed(schema: dict[str, Any]) -> tuple[str | None, str]:
    """The member of a page that has the things, and what they are."""
    if "$ref" in schema:
        page = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for name, inner in page["properties"].items():
            if inner.get("type") == "array":
                return name, type_of(inner["items"])
    return None, type_of(schema["items"])


def _docstring(said: str) -> str:
    said = " ".join(dedent(said).replace("\\", "").split())
    return '"""' + "\n".join(wrap(said, 78)) + '"""'


def _formatted(text: str, name: str) -> str:
    for verb in (["check", "--select", "I,F401", "--fix-only", "-q"], ["format", "-q"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *verb, "--stdin-filename", name, "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=PACKAGE,
        )
        text = done.stdout
    return text


DOCUMENT = description()


def written() -> dict[Path, str]:
    """Every file, and what belongs into it."""
    made = {"models.py": models(DOCUMENT), "operations.py": operations(DOCUMENT)}
    return {PACKAGE / name: _formatted(text, name) for name, text in made.items()}


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, "utf-8")
