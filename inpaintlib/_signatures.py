"""One gate for arguments of the wrong kind: each is compared with its annotation.

:func:`checked` decorates a public function, a method or a dataclass. Before it runs, every argument
is held to the annotation of its parameter, so that a wrong one is an error that names it instead of
a foreign one from within, or of a result that means nothing. Ranges and shapes are not in an
annotation; the functions of :mod:`inpaintlib.checks` look at them.
"""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, Union

import numpy as np

from inpaintlib import checks

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# Kinds of NumPy's numbers by the abstract types of annotations, and how a message calls them.
_KINDS: dict[type, tuple[str, str]] = {
    np.floating: ("f", "floats"),
    np.integer: ("iu", "whole numbers"),
    np.bool_: ("b", "bool"),
    np.str_: ("U", "text"),
}


def checked(made: Decorated) -> Decorated:
    """Hold all arguments of a function, or of a class's constructor, to their annotations.

    Raises:
        TypeError: When called with an argument of the wrong kind; the message names it.
    """
    if isinstance(made, type):
        made.__init__ = _guarded(made.__init__, made)  # type: ignore[misc]
        return made
    return typing.cast("Decorated", _guarded(made, made))


def _guarded(function: Callable[..., Any], owner: Any) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.cache
    def wanted() -> dict[str, Any]:
        # At the first call, as annotations may name what a module defines further down.
        return {
            name: hint
            for name, hint in _hints(function, owner).items()
            if name not in ("self", "cls", "return")
        }

    @functools.wraps(function)
    def gate(*arguments: Any, **named: Any) -> Any:
        try:
            given = signature.bind(*arguments, **named).arguments
        except TypeError:  # an argument too many or too few, which Python says itself
            return function(*arguments, **named)
        hints = wanted()
        for name, value in given.items():
            if name not in hints:
                continue
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                for each in value:
                    fits(name, each, hints[name])
            elif kind is inspect.Parameter.VAR_KEYWORD:
                for key, each in value.items():
                    fits(key, each, hints[name])
            else:
                fits(name, value, hints[name])
        return function(*arguments, **named)

    return gate


def _hints(function: Callable[..., Any], owner: Any) -> dict[str, Any]:
    if isinstance(owner, type):
        return typing.get_type_hints(owner) | typing.get_type_hints(function, _globals(owner))
    return typing.get_type_hints(function)


def _globals(owner: type) -> dict[str, Any]:
    return vars(sys.modules[owner.__module__])


def fits(argument: str, value: object, hint: Any) -> None:
    """Check that a value is of the kind that an annotation says.

    Raises:
        TypeError: It is not, or an element of it.
    """
    if hint is Any:
        return
    if hint is None or hint is type(None):
        if value is not None:
            raise _other(argument, value, "None")
        return
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, TypeVar):
        origin, inner = Union, hint.__constraints__
        if not inner:
            return
    if origin in (Union, types.UnionType):
        _one_of(argument, value, inner)
    elif hint is bool:
        checks.truth(argument, value)
    elif hint is int:
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise _other(argument, value, "a whole number")
    elif hint is float:
        checks.number(argument, value)
    elif origin is np.ndarray:
        _array(argument, value, inner)
    elif origin in (tuple, list, abc.Sequence, abc.Collection, abc.Iterable):
        _elements(argument, value, origin, inner)
    elif origin in (dict, abc.Mapping):
        _mapping(argument, value, inner)
    elif origin is abc.Callable:
        checks.function(argument, value, "a function")
    elif isinstance(origin or hint, type):
        _instance(argument, value, origin or hint)


def _other(argument: str, value: object, wanted: str) -> TypeError:
    return TypeError(f"{argument}: got {checks.shown(value)}, wanted {wanted}")


def _one_of(argument: str, value: object, hints: tuple[Any, ...]) -> None:
    errors = []
    for hint in sorted(hints, key=lambda hint: hint is type(None)):
        try:
            return fits(argument, value, hint)
        except (TypeError, ValueError) as error:
            errors.append(error)
    said = [str(error).rpartition("wanted ")[2] for error in errors]
    raise TypeError(
        f"{str(errors[0]).rpartition(', wanted ')[0]}, wanted {' or '.join(dict.fromkeys(said))}"
    )


def _array(argument: str, value: object, inner: tuple[Any, ...]) -> None:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{argument}: got {type(value).__name__}, wanted a NumPy array")
    checks.plain_array(argument, value)
    of = typing.get_args(inner[1]) if len(inner) > 1 else ()
    for base, (kinds, words) in _KINDS.items():
        asked = of and isinstance(of[0], type) and issubclass(of[0], base)
        if asked and value.dtype.kind not in kinds:
            raise TypeError(f"{argument}: got {value.dtype}, wanted an array of {words}")


def _elements(argument: str, value: object, origin: Any, inner: tuple[Any, ...]) -> None:
    kinds = (tuple, list) if origin in (tuple, list) else origin
    listed = isinstance(value, np.ndarray) and value.ndim > 0
    listed = listed and origin is not tuple and inner[:1] != (str,)
    known = listed if isinstance(value, np.ndarray) else isinstance(value, kinds)
    if isinstance(value, str | bytes) or not known:
        raise _other(argument, value, "several values in a list or a tuple")
    if not isinstance(value, abc.Collection) or not inner:
        return  # an iterator, which can be looked at once only
    if origin is tuple and inner[-1] is not Ellipsis:
        if len(value) != len(inner):
            raise _other(argument, value, f"{len(inner)} values")
        for each, hint in zip(value, inner, strict=True):
            fits(argument, each, hint)
        return
    if isinstance(value, np.ndarray):
        checks.plain_array(argument, value)
    for each in value:
        fits(argument, each, inner[0])


def _mapping(argument: str, value: object, inner: tuple[Any, ...]) -> None:
    if not isinstance(value, Mapping):
        raise _other(argument, value, "a dictionary")
    for key, each in value.items():
        fits(argument, key, inner[0])
        fits(f"{argument}[{checks.shown(key)}]", each, inner[1])


def _instance(argument: str, value: object, kind: type) -> None:
    if getattr(kind, "_is_protocol", False):
        return
    if not isinstance(value, kind):
        raise TypeError(f"{argument}: got {type(value).__name__}, wanted {_title(kind)}")
    if kind.__name__ == "Tensor":  # its name, as modules without torch do not wait for it
        checks.tensor_of(argument, value, "numbers")


def _title(kind: type) -> str:
    words = {
        "str": "text",
        "Tensor": "a torch tensor",
        "bytes": "bytes",
        "Generator": "a generator",
    }
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    return words.get(kind.__name__, f"{article} {kind.__name__}")


def check_module(name: str, *, but: tuple[str, ...] = ()) -> None:
    """Hold the arguments of all public functions and dataclasses of a module to their annotations.

    Args:
        name: Of the module, whose last line calls this.
        but: Functions that stay as they are, since joblib looks at their code.
    """
    module = sys.modules[name]
    for title, made in list(vars(module).items()):
        if title.startswith("_") or title in but or getattr(made, "__module__", "") != name:
            continue
        kept: Any = made
        if inspect.isfunction(made) or (isinstance(made, type) and dataclasses.is_dataclass(made)):
            setattr(module, title, checked(kept))
