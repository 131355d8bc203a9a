"""As much of JSON Schema 2020-12 as docs/api/openapi.yaml uses. A keyword that is not known here is an error:
a rule that nobody checks is none."""

import re

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NO_RULES = {"description", "example", "default", "contentEncoding"}


def resolve(node, document):
    """The node, or what its $ref names."""
    while "$ref" in node:
        found = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def violations(value, schema, document, where="$"):
    """What is wrong with the value, one sentence each."""
    schema = resolve(schema, document)
    wrong = []
    for keyword, rule in schema.items():
        if keyword in NO_RULES:
            continue
        if keyword not in RULES:
            raise ValueError(f"schema.py does not know the keyword {keyword} ({where})")
        wrong += RULES[keyword](value, rule, schema, document, where)
    return wrong


def _type(value, rule, _schema, _document, where):
    names = rule if isinstance(rule, list) else [rule]
    if any(TYPES[name](value) for name in names):
        return []
    return [f"{where} is {value!r}, not {' or '.join(names)}"]


def _required(value, rule, _schema, _document, where):
    if not isinstance(value, dict):
        return []
    return [f"{where} has no {name}" for name in rule if name not in value]


def _properties(value, rule, _schema, document, where):
    if not isinstance(value, dict):
        return []
    return [each for name, inner in rule.items() if name in value
            for each in violations(value[name], inner, document, f"{where}.{name}")]


def _additional(value, rule, schema, document, where):
    if not isinstance(value, dict):
        return []
    named = schema.get("properties", {})
    return [each for name, inner in value.items() if name not in named
            for each in violations(inner, rule, document, f"{where}.{name}")]


def _items(value, rule, _schema, document, where):
    if not isinstance(value, list):
        return []
    return [each for index, inner in enumerate(value)
            for each in violations(inner, rule, document, f"{where}[{index}]")]


def _all_of(value, rule, _schema, document, where):
    return [each for inner in rule for each in violations(value, inner, document, where)]


def _one_of(value, rule, _schema, document, where):
    fitting = sum(not violations(value, inner, document, where) for inner in rule)
    return [] if fitting == 1 else [f"{where} fits {fitting} of {len(rule)} alternatives"]


def _format(value, rule, _schema, _document, where):
    if rule != "date-time":
        raise ValueError(f"schema.py does not know the format {rule}")
    ok = not isinstance(value, str) or DATE_TIME.fullmatch(value)
    return [] if ok else [f"{where} is {value!r}, no date-time"]


def _const(value, rule, _schema, _document, where):
    same = value == rule and type(value) is type(rule)  # to Python 1 == True
    return [] if same else [f"{where} is {value!r}, not {rule!r}"]


def _enum(value, rule, _schema, _document, where):
    return [] if value in rule else [f"{where} is {value!r}, none of {rule}"]


def _minimum(value, rule, _schema, _document, where):
    return [f"{where} is {value}, below {rule}"] if TYPES["number"](value) and value < rule else []


def _maximum(value, rule, _schema, _document, where):
    return [f"{where} is {value}, above {rule}"] if TYPES["number"](value) and value > rule else []


def _min_items(value, rule, _schema, _document, where):
    return [f"{where} has {len(value)} items"] if isinstance(value, list) and len(value) < rule else []


RULES = {
    "type": _type,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "allOf": _all_of,
    "oneOf": _one_of,
    "format": _format,
    "const": _const,
    "enum": _enum,
    "minimum": _minimum,
    "maximum": _maximum,
    "minItems": _min_items,
}
