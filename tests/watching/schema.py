"""Whether dashboards are what Grafana's own schema says, by the classes that Grafana makes of it.

    schema.py FILE...

Its classes take what they are given and drop what they do not know. So what comes back has to be
what went in (no member that is none of Grafana's), and every value has to be of the type that is
declared for it. Prints what is wrong, one line each, and exits 1.
"""

import enum
import importlib
import json
import sys
import types
import typing

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard


def unlike(given, back, where):
    """What of `given` did not come `back`."""
    if isinstance(given, dict) and isinstance(back, dict):
        for key, value in given.items():
            if key not in back:
                yield f"{where}.{key} is no member of it"
            else:
                yield from unlike(value, back[key], f"{where}.{key}")
    elif isinstance(given, list) and isinstance(back, list):
        for index, (one, other) in enumerate(zip(given, back, strict=True)):
            yield from unlike(one, other, f"{where}[{index}]")
    elif given != back:
        yield f"{where} is {given!r} and comes back as {back!r}"


def is_of(value, hint):
    """Whether `value` is of the type that `hint` declares."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any or hint is object or isinstance(hint, typing.TypeVar):
        return True
    if origin is typing.Literal:
        return value in arguments
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, one) for one in arguments)
    if origin is list:
        return isinstance(value, list) and all(is_of(one, arguments[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return value in [one.value for one in hint]
    return not isinstance(hint, type) or isinstance(value, hint)


def mistyped(thing, where):
    """The attributes of `thing`, and of all that is in it, that are not of their type."""
    if isinstance(thing, list | tuple):
        for index, one in enumerate(thing):
            yield from mistyped(one, f"{where}[{index}]")
    elif isinstance(thing, dict):
        for key, one in thing.items():
            yield from mistyped(one, f"{where}.{key}")
    elif type(thing).__module__.startswith("grafana_foundation_sdk.models"):
        spaces = vars(importlib.import_module(type(thing).__module__))
        for name, hint in typing.get_type_hints(type(thing), spaces).items():
            value = getattr(thing, name, None)
            if not is_of(value, hint):
                yield f"{where}.{name} is {value!r} and has to be {hint}"
            yield from mistyped(value, f"{where}.{name}")


def main():
    plugins.register_default_plugins()
    wrong = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
        read = dashboard.Dashboard.from_json(given)
        back = json.loads(JSONEncoder().encode(read))
        wrong += [f"{path}: {what}" for what in (*unlike(given, back, "$"), *mistyped(read, "$"))]
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
