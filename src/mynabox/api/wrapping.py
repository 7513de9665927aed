"""Routes with more parameters than their own, without their knowing."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def parameter(name: str, annotation: Any, **default: Any) -> inspect.Parameter:
    """A parameter as FastAPI reads it from a signature."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, annotation=annotation, **default)


def of_type(endpoint: Callable[..., Any], *annotations: Any) -> dict[str, Any]:
    """Parameters of an endpoint that have one of these annotations: name, annotation."""
    return {
        name: one.annotation
        for name, one in inspect.signature(endpoint).parameters.items()
        if one.annotation in annotations
    }


def sign(
    wrapper: Callable[..., Any],
    endpoint: Callable[..., Any],
    *added: inspect.Parameter,
    without: Mapping[str, Any] | None = None,
) -> None:
    """Have ``wrapper`` show the endpoint's parameters and more."""
    own = inspect.signature(endpoint)
    kept = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in own.parameters.items()
        if name not in (without or {})
    ]
    wrapper.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[*kept, *added]
    )
