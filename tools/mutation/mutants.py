"""Small wrong changes to a module or a parameter file of the rulebook."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_CODE = re.compile(r"R\d{3}|[a-z_]+\.(?!toml)[a-z_]+")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong change: the whole text of the file, and what was changed."""

    file: str
    line: int
    what: str
    text: str


def of_module(file: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a Python module."""
    count = sum(1 for _ in _changes(ast.parse(text)))
    for index in range(count):
        tree = ast.parse(text)
        line, what, change = list(_changes(tree))[index]
        change()
        yield Mutant(file, line, what, ast.unparse(tree) + "\n")


def _changes(tree: ast.Module):  # type: ignore[no-untyped-def]
    """Pairs of a description and a function that makes the change in place."""
    skipped = _skipped(tree)
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        yield from _of_node(node)


def _of_node(node: ast.AST):  # type: ignore[no-untyped-def]
    line = getattr(node, "lineno", 0)
    match node:
        case ast.Compare(ops=ops):
            for place, old in enumerate(ops):
                for new in _COMPARE.get(type(old), ()):
                    what = f"{type(old).__name__} -> {new.__name__}"
                    yield line, what, _setter(ops, place, new())
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            new_op = _ARITHMETIC[type(op)]
            what = f"{type(op).__name__} -> {new_op.__name__}"
            yield line, what, _attribute(node, "op", new_op())
        case ast.BoolOp(op=op):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield line, "and <-> or", _attribute(node, "op", other)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield line, "not dropped", _become(node, operand)
        case ast.If(test=test) | ast.IfExp(test=test):
            negated = ast.UnaryOp(ast.Not(), test)
            yield line, "condition negated", _attribute(node, "test", negated)
        case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
            swapped = ast.Name(_NAMES[name], ast.Load())
            yield line, f"{name} -> {_NAMES[name]}", _attribute(node, "func", swapped)
        case ast.AugAssign(op=ast.Add()):
            yield line, "+= -> -=", _attribute(node, "op", ast.Sub())
        case ast.Constant(value=bool() as value):
            yield line, f"{value} -> {not value}", _attribute(node, "value", not value)
        case ast.Constant(value=int() as value):
            yield line, f"{value} -> {value + 1}", _attribute(node, "value", value + 1)
        case ast.Constant(value=str() as value) if _CODE.fullmatch(value):
            yield line, f"{value!r} changed", _attribute(node, "value", value + "x")


def _skipped(tree: ast.Module) -> set[int]:
    """Docstrings, annotations, decorators, imports and texts of errors."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=returns, decorator_list=decorators):
                roots += [r for r in (returns, *decorators) if r is not None]
            case ast.ClassDef(decorator_list=decorators):
                roots += decorators
            case ast.arg(annotation=ast.AST() as annotation):
                roots.append(annotation)
            case ast.AnnAssign(annotation=annotation, value=value):
                roots.append(annotation)
                if isinstance(annotation, ast.Name) and annotation.id == "TypeAlias":
                    roots += [value] if value else []
            case ast.Import() | ast.ImportFrom() | ast.Raise():
                roots.append(node)
            case ast.Expr(value=ast.Constant()):
                roots.append(node)
            case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
                roots.append(node)
            case ast.Call(keywords=keywords):
                roots += [k for k in keywords if k.arg in ("strict", "maxsize")]
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _setter(items: list[ast.cmpop], place: int, new: ast.cmpop):  # type: ignore[no-untyped-def]
    def change() -> None:
        items[place] = new

    return change


def _attribute(node: ast.AST, name: str, new: object):  # type: ignore[no-untyped-def]
    def change() -> None:
        setattr(node, name, new)

    return change


def _become(node: ast.AST, other: ast.AST):  # type: ignore[no-untyped-def]
    def change() -> None:
        node.__class__ = other.__class__
        node.__dict__.clear()
        node.__dict__.update(other.__dict__)

    return change


_NUMBER = re.compile(r"\bis = (-?\d+)(?=[,\s}])")
_IN_TABLE = re.compile(r"(?<=[{,] )(\w+) = (\d+)(?= [,}]|, | })")
_IN_LIST = re.compile(r"\bis = \[(\d+)")
_CLOCK = re.compile(r"(?<=[\"\s-])(\d\d):(\d\d)(?=[-\" ])")
_DAY = re.compile(r"\bis = (\d{4}-\d\d-\d\d)")
_FROM = re.compile(r"\bfrom = (\d{4}-\d\d-\d\d)")
_FLAG = re.compile(r"\bis = (true|false)")


def of_parameters(file: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a parameter file: numbers, days, hours and flags.

    The first day of a parameter's only value decides nothing where no day is
    asked for, so days are moved only among several values.
    """
    for number, line in enumerate(text.splitlines()):
        if "value = [{" not in line and not line.startswith("  { from"):
            continue
        several = line.startswith("  { from")
        told, mark, note = line.partition("note =")
        seen: set[str] = set()
        for pattern, new in (
            (_NUMBER, lambda m: f"is = {int(m[1]) + 1}"),
            (_IN_LIST, lambda m: f"is = [{int(m[1]) + 1}"),
            (_IN_TABLE, lambda m: f"{m[1]} = {int(m[2]) + 1}"),
            (_CLOCK, lambda m: _later(m[1], m[2])),
            (_DAY, lambda m: f"is = {_next(m[1])}"),
            (_FLAG, lambda m: f"is = {'false' if m[1] == 'true' else 'true'}"),
            *(((_FROM, lambda m: f"from = {_next(m[1])}"),) if several else ()),
        ):
            for found in pattern.finditer(told):
                changed = told[: found.start()] + new(found) + told[found.end() :]
                changed += mark + note
                lines = text.splitlines()
                lines[number] = changed
                what = f"{found[0]} -> {new(found)}"
                if changed not in seen:
                    yield Mutant(file, number + 1, what, "\n".join(lines) + "\n")
                seen.add(changed)


def _later(hour: str, minute: str) -> str:
    """Half an hour later; midnight's end becomes half an hour earlier."""
    if hour == "24":
        return "23:30"
    return f"{hour}:30" if minute < "30" else f"{hour}:59"


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
