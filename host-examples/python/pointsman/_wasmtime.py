"""The component, run by wasmtime.

Queries cross as one line each: the typed functions of the component say the same, but wasmtime's package takes every record
apart in Python, field by field, which takes five times as long. The component is entered by one thread at a time.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wasmtime import Engine, Store, WasmtimeError
from wasmtime.component import Component as Compiled
from wasmtime.component import Func, Linker, Record, ResourceAny, Variant

from ._types import Document, Finding, PointsmanError

_INTERFACE = "pointsman:routing/routing@0.1.0"
_BUNDLED = Path(__file__).with_name("pointsman.component.wasm")


class Component:
    """The component, compiled and ready. `memory_bytes` limits what it may use for zones and views."""

    def __init__(self, path: str | os.PathLike[str] | None, memory_bytes: int) -> None:
        if path is None and not _BUNDLED.is_file():
            raise PointsmanError(f"{_BUNDLED} is not there: this is not an installed package, so give the component's path")
        self._engine = Engine()
        self._component = Compiled.from_file(self._engine, os.fspath(_BUNDLED if path is None else path))
        self._memory_bytes = memory_bytes
        self._lock = threading.RLock()
        # Handles whose objects are gone. A destructor may run in any thread at any time, so the next call frees them.
        self._gone: deque[ResourceAny] = deque()
        self._instantiate()

    def _instantiate(self) -> None:
        self._store = Store(self._engine)
        self._store.set_limits(memory_size=self._memory_bytes)
        # The component imports nothing, so the linker has nothing to give.
        self._instance = Linker(self._engine).instantiate(self._store, self._component)
        self._functions: dict[str, Func] = {}
        self._gone.clear()

    def _call(self, function: str, *arguments: Any) -> Any:
        with self._lock:
            func = self._functions.get(function)
            if func is None:
                func = self._functions[function] = self._find(function)
            while self._gone:
                self._gone.popleft().drop(self._store)
            try:
                return func(self._store, *arguments)
            except WasmtimeError as error:
                # A trap leaves the instance in no state to go on. What was loaded is gone; what is loaded next works.
                self._instantiate()
                needs = "the component stopped, for want of memory as a rule; load every zone again"
                raise PointsmanError(f"{needs} ({str(error).splitlines()[0]})") from error
            except UnicodeEncodeError as error:
                raise ValueError(f"a text holds half a character (a lone surrogate) at index {error.start}") from error

    def _find(self, function: str) -> Func:
        interface = self._instance.get_export_index(self._store, _INTERFACE)
        index = interface and self._instance.get_export_index(self._store, function, interface)
        func = index and self._instance.get_func(self._store, index)
        if not func:
            raise PointsmanError(f"the component has no {function} of {_INTERFACE}: it is another version, or another one")
        return func

    def check(self, documents: Sequence[Document], zone_name: str | None) -> list[Finding]:
        return _findings(self._call("check", [_document(it) for it in documents], _record(zone_name=zone_name)))

    def apply(self, documents: Sequence[Document], batch: Document, zone_name: str | None) -> str:
        options = _record(zone_name=zone_name)
        return str(_made(self._call("apply", [_document(it) for it in documents], _document(batch), options)))

    def load(self, documents: Sequence[Document], zone_name: str | None) -> _Zone:
        options = _record(zone_name=zone_name)
        return _Zone(self, _made(self._call("[static]zone.load", [_document(it) for it in documents], options)))


class _Held:
    """Something inside the component, freed with its object."""

    kind: str

    def __init__(self, component: Component, handle: ResourceAny) -> None:
        self._component = component
        self._store = component._store
        self._handle: ResourceAny | None = handle
        self._finalizer = weakref.finalize(self, _let_go, component, component._store, handle)
        self._finalizer.atexit = False

    def _method(self, function: str, *arguments: Any) -> Any:
        with self._component._lock:
            if self._handle is None:
                raise PointsmanError(f"the {self.kind} was closed; make another")
            if self._store is not self._component._store:
                raise PointsmanError(f"the {self.kind} is gone with the component that stopped; load it again")
            return self._component._call(f"[method]{self.kind}.{function}", self._handle, *arguments)

    def _view(self, function: str, argument: Any) -> _View:
        return _View(self._component, _made(self._method(function, argument)))

    def findings(self) -> list[Finding]:
        return _findings(self._method("findings"))

    def close(self) -> None:
        self._handle = None
        self._finalizer()


def _let_go(component: Component, store: Store, handle: ResourceAny) -> None:
    # What belonged to an instance that stopped went with it.
    if store is component._store:
        component._gone.append(handle)


class _Zone(_Held):
    kind = "zone"

    def name(self) -> str:
        return str(self._method("name"))

    def health(self, report: str | None) -> _View:
        return self._view("health", None if report is None else _report(report))


class _View(_Held):
    kind = "view"

    def resolve(self, query: Mapping[str, Any]) -> None:
        """Every query goes as a line."""

    def resolve_json(self, line: str) -> str:
        return str(self._method("resolve-json", line))

    def odds_json(self, line: str) -> str:
        return str(self._method("odds-json", line))

    def explain(self, line: str) -> tuple[str, str]:
        explained = self._method("explain", _query(json.loads(line))).payload
        steps = [_step(step) for step in explained.steps]
        said = {"question": explained.question, "steps": steps, "summary": explained.summary}
        return json.dumps(said), str(explained.text)

    def without_data(self) -> list[str]:
        return list(self._method("without-data"))

    def updated(self, changes: str) -> _View:
        return self._view("updated", _report(changes))

    def down(self, what: Sequence[str]) -> _View:
        return self._view("down", list(what))

    def without(self, record_sets: Sequence[str]) -> _View:
        return self._view("without", list(record_sets))


# ---- between Python's values and the component's -------------------------------------------------------------------


def _made(result: Any) -> Any:
    """What a function gives, unless that is what was wrong."""
    if isinstance(result, list):
        findings = _findings(result)
        raise PointsmanError("\n".join(str(finding) for finding in findings), findings)
    if isinstance(result, Record):
        raise PointsmanError("; ".join(_plain(result).values()))
    return result


def _record(**fields: Any) -> Record:
    record = Record()
    for name, value in fields.items():
        setattr(record, name.replace("_", "-"), value)
    return record


def _plain(value: Any) -> Any:
    """Records as dictionaries, with the words that JSON has."""
    if isinstance(value, Record):
        return {name.replace("-", "_"): _plain(field) for name, field in vars(value).items()}
    if isinstance(value, Variant):
        return {value.tag: _plain(value.payload)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _step(record: Record) -> dict[str, Any]:
    """A step as JSON has it: what a step of its kind does not have is left out."""
    step = {name.replace("-", "_"): value for name, value in vars(record).items()}
    group, because = step.pop("group"), step.pop("health_reason")
    plain = {name: step[name] for name in ("parent", "kind", "subject", "part", "verdict", "health")}
    if not plain["part"]:
        del plain["part"]
    if plain["health"] is None:
        del plain["health"]
    if group is not None:
        plain.update(_plain(group))
    plain["reason"] = _reason(step["reason"])
    if because is not None:
        plain["health_reason"] = _reason(because)
    return {**plain, "text": step["text"]}


def _reason(record: Any) -> dict[str, Any]:
    reason: dict[str, Any] = {"code": record.code}
    for parameter in record.parameters:
        value: Any = parameter.value.payload if isinstance(parameter.value, Variant) else parameter.value
        is_whole = isinstance(value, float) and value.is_integer()
        reason[parameter.name] = int(value) if is_whole else value
    return reason


def _document(document: Document) -> Record:
    return _record(**Document(*document)._asdict())


def _report(text: str) -> Record:
    return _document(Document("health report", text))


def _findings(records: list[Record]) -> list[Finding]:
    plain = ({**_plain(record)} for record in records)
    return [Finding(class_=fields.pop("class"), **fields) for fields in plain]


def _query(query: Mapping[str, Any]) -> Record:
    """A query that `resolve` has answered, typed."""
    client = query.get("client") or {}
    place = {name: float(client[name]) for name in ("latitude", "longitude") if client.get(name) is not None}
    latencies = (client.get("latency_ms") or {}).items()
    facts = ("ip", "ecs", "country", "continent", "subdivision", "vpc_region")
    return _record(
        name=query["name"],
        type=query["type"],
        draw=int(query.get("draw") or 0),
        client=_record(
            **{fact: client.get(fact) for fact in facts},
            location=_record(**place) if place else None,
            latency=[_record(region=region, milliseconds=float(milliseconds)) for region, milliseconds in latencies],
        ),
    )
