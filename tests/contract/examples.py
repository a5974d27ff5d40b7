"""Holds every example of an OpenAPI document against its schema (JSON Schema 2020-12)."""

import json
import sys

import jsonschema_rs

document = json.load(open(sys.argv[1]))
count, wrong = 0, []


def resolved(value):
    """What `value` refers to, if it is a reference."""
    while "$ref" in value:
        here = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            here = here[step.replace("~1", "/").replace("~0", "~")]
        value = here
    return value


def judge(place, schema, example):
    global count
    count += 1
    whole = {**schema, "components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    for error in validator.iter_errors(example):
        wrong.append(f"{place}: {error.message} at {error.instance_path}")


def bodies(operation):
    yield "the request", operation.get("requestBody", {})
    for status, response in operation["responses"].items():
        yield status, resolved(response)


for path, item in document["paths"].items():
    for method, operation in item.items():
        for what, body in bodies(operation):
            for media_type, content in body.get("content", {}).items():
                for name, example in content.get("examples", {}).items():
                    judge(f"{method} {path} {what} {name}", content.get("schema", {}), resolved(example)["value"])
        for parameter in operation["parameters"]:
            parameter = resolved(parameter)
            for example in parameter["schema"].get("examples", []):
                judge(f"{method} {path} {parameter['name']}", parameter["schema"], example)
for name, header in document["components"]["headers"].items():
    judge(name, header["schema"], header["example"])

print(count, "examples")
print("\n".join(wrong))
sys.exit(bool(wrong))
