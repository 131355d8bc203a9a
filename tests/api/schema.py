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
NO_def _const(value, rule, _schema, _document, where):
    return [] if value == rule else [f"{where} is {value!r}, not {rule!r}"]


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
