"""Kubernetes manifests against the schema of each kind: `python validate.py MANIFESTS SCHEMAS...`.

Custom resources are held against the OpenAPI schemas of their definitions, with every field that no schema names refused, as
`kubectl apply --validate=strict` does; what is built into Kubernetes against the field lists of its client. Rules in CEL are not
evaluated. A manifest of a kind without a schema is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

Json = Any


def custom_kinds(folders: list[Path]) -> dict[tuple[str, str], Json]:
    """The schema of each API version and kind that a definition in the folders has."""
    kinds: dict[tuple[str, str], Json] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            if "CustomResourceDefinition" not in text or "{{" in text.split("openAPIV3Schema", 1)[0]:
                continue
            for definition in yaml.load_all(text, Loader=yaml.CSafeLoader):
                if not isinstance(definition, dict) or definition.get("kind") != "CustomResourceDefinition":
                    continue
                spec = definition["spec"]
                for version in spec["versions"]:
                    key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                    kinds[key] = closed(version["schema"]["openAPIV3Schema"], top=True)
    return kinds


def closed(schema: Json, top: bool = False) -> Json:
    """A schema that refuses what it does not name, unless it says that anything may stand there."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items() if key not in ("properties", "default", "enum", "metadata")}
    if "enum" in schema:
        made["enum"] = schema["enum"]
    if "properties" in schema:
        made["properties"] = {name: closed(value) for name, value in schema["properties"].items()}
        if top:
            made["properties"] |= {"metadata": {"type": "object"}, "apiVersion": {"type": "string"}, "kind": {"type": "string"}}
        if not schema.get("x-kubernetes-preserve-unknown-fields") and "type" in schema:
            made.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        made = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    if schema.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


class BuiltIn:
    """The field lists of Kubernetes' own kinds, as its Go client carries them."""

    def __init__(self, client: Path) -> None:
        source = (client / "applyconfigurations/internal/internal.go").read_text(encoding="utf-8")
        text = source.split("typed.YAMLObject(`", 1)[1].split("`)", 1)[0]
        self.types = {entry["name"]: entry for entry in yaml.load(text, Loader=yaml.CSafeLoader)["types"]}

    def find(self, version: str, kind: str) -> str | None:
        group = version.split("/")[0].split(".")[0] if "/" in version else "core"
        name = f"io.k8s.api.{group}.{version.split('/')[-1]}.{kind}"
        return name if name in self.types else None

    def faults(self, value: Json, of: Json, at: str) -> Iterator[str]:
        """What is wrong with a value of a type: a field that is not there, or a form of another kind."""
        if "namedType" in of:
            yield from self.faults(value, self.types[of["namedType"]], at)
        elif "map" in of:
            if not isinstance(value, dict):
                yield f"{at}: not a mapping"
                return
            fields = {field["name"]: field["type"] for field in of["map"].get("fields", [])}
            other = of["map"].get("elementType")
            for key, item in value.items():
                if key not in fields and (other is None or fields and not other):
                    yield f"{at}: no field `{key}`"
                else:
                    yield from self.faults(item, fields.get(key, other), f"{at}.{key}")
        elif "list" in of:
            if not isinstance(value, list):
                yield f"{at}: not a list"
                return
            for number, item in enumerate(value):
                yield from self.faults(item, of["list"]["elementType"], f"{at}[{number}]")
        elif "scalar" in of:
            known = {"string": str, "numeric": (int, float), "boolean": bool}.get(of["scalar"])
            is_right = known is None or isinstance(value, known) and (known is bool or not isinstance(value, bool))
            # An IntOrString and a quantity are scalars without a form.
            if not is_right and of["scalar"] != "untyped":
                yield f"{at}: not a {of['scalar']}"


def faults(manifest: Json, custom: dict[tuple[str, str], Json], built_in: BuiltIn) -> Iterator[str]:
    version, kind = manifest.get("apiVersion", ""), manifest.get("kind", "")
    if (version, kind) in custom:
        for error in jsonschema.Draft202012Validator(custom[version, kind]).iter_errors(manifest):
            yield f"{kind}: {error.json_path}: {error.message}"
    elif name := built_in.find(version, kind):
        yield from built_in.faults(manifest, {"namedType": name}, kind)
    else:
        yield f"{version} {kind}: no schema is at hand"


def main() -> int:
    manifests, client, *folders = (Path(argument) for argument in sys.argv[1:])
    custom, built_in = custom_kinds(folders), BuiltIn(client)
    found = checked = 0
    for file in sorted(manifests.glob("*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            checked += 1
            for fault in faults(manifest, custom, built_in):
                found += 1
                print(f"{file.name}: {fault}")
            # Each schema has to be able to say no: the same manifest with a field that nobody knows.
            spoiled = {**manifest, "spec": {**manifest["spec"], "nonsense": 1}} if "spec" in manifest else {**manifest, "nonsense": 1}
            if not any(True for _ in faults(spoiled, custom, built_in)):
                found += 1
                print(f"{file.name}: the schema of {manifest['kind']} accepts anything")
    print(f"{checked} manifests, {found} faults")
    return 1 if found or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
