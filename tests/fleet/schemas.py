"""The schemas in docs/schema, which refer to each other: problems(document) lists what is wrong with a document."""
import json
import pathlib

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/schema"


def load(name):
    """Debian 12's jsonschema resolves references between documents only where their ids are URLs with a path."""
    text = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    return json.loads(text.replace("urn:hostprep:schema:", "https://hostprep.invalid/schema/"))


LOADED = {name: load(name) for name in ("host", "fleet", "diff")}
STORE = {schema["$id"]: schema for schema in LOADED.values()}


def problems(document, most=10):
    schema = LOADED.get(str(document.get("schema")).removeprefix("hostprep."))
    if schema is None:
        return [f"no schema for {document.get('schema')}"]
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=STORE)
    found = []
    for error in jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(document):
        found.append(f"{'/'.join(str(step) for step in error.path)}: {error.message[:300]}")
        if len(found) == most:
            break
    return found
