"""Lines that have gone wrong somewhere, once: what must come back byte for byte."""

JSON = [
    b'{"timestamp":"2025-10-30T14:23:45.123Z","level":"INFO","service":"api","message":"made","took":15.90}',
    b'{"timestamp":"2025-10-30T14:23:46Z","level":"ERROR","service":"worker","message":"failed","code":500}',
    b'{ "spaced" : [ 1, 2.50, -0, 1e400, 18446744073709551616 ] , "time":"2025-10-30T14:23:47Z" }',
    b'{"a":{"b":{"c":[{"d":null}]}},"a.b.c":1,"":"empty key"}',
    b'{"dup":1,"dup":2,"dup":{"dup":3}}',
    rb'{"escapes":"\u00e9\/\"\\\b\f\n\r\t \ud83d\ude80 \ud800","raw":"' + "é 日本 🎉".encode() + b'"}',
    b'{}',
    b'{"deep":' + b"[" * 1000 + b"]" * 1000 + b"}",
    b'{"deeper":' + b'{"x":' * 500 + b"1" + b"}" * 500 + b"}",
    b'{"long":"' + b"x" * 100_000 + b'"}',
    b'{"trailing":"spaces"}   ',
    b'{"crlf":true}\r',
    b'{"numbers":[0.1,1E5,1e-7,100000000000000000000000000000000000]}',
]

TEXT = [
    b"2024-12-19 10:30:15 - app.tasks - INFO - plain old text",
    b"not json {",
    b'{"cut":"off',
    b'["an","array"]',
    b'"a string"',
    b"42",
    b"null",
    b" ",
    b"\t\ttabs and trailing space ",
    b"nul\x00inside",
    b"\x00",
    b"invalid \xff\xfe utf-8 \xc3\x28",
    b'{"invalid":"\xed\xa0\x80"}',
    b"\xef\xbb\xbf{\"bom\":true}",
    b"\x1b[31mred\x1b[0m\x07",
    "overlong line separator \u2028 and nel \u0085".encode(),
    b"{'python':'dict'}",
    b"{\"a\":1} {\"b\":2}",
    b"x" * 300_000,
]

ALL = JSON + TEXT
