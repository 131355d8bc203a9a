"""Lines with something in them, and the stages that look inside: parsers, label filters, templates, `unwrap`.

As in queries.py each has two texts, ours and the peer's, which differ only where CHANGED there says why.
"""

import dataclasses
import json

# A stream for each format, so that most questions find what they ask for.
STREAMS = [
    {"app": "shop", "env": "prod", "format": "json"}, {"app": "shop", "env": "dev", "format": "logfmt"},
    {"app": "edge", "env": "prod", "format": "access"}, {"app": "packed", "format": "packed"},
    {"app": "odd", "env": "stage", "format": "hostile"}, {"app": "void", "format": "void"},
]
JSON, LOGFMT, ACCESS, PACKED, HOSTILE, VOID = (stream["format"] for stream in STREAMS)

LEVELS = ("debug", "info", "info", "warn", "error")
NAMES = ("Ann", "Bo", "Zoë", "o'Neil", 'J. "Jay" Doe')
PATHS = ("/", "/cart", "/cart/items?id=7&x=a b", "/login", "/naïve/☕", "/a\\b")
MESSAGES = ("ok", "timed out after 3 tries", "user logged in", "said \"no\"", "tab\there", "ünïcode ☕",
            "a=b c")
ODD = ("Inf", "-inf", "+5", "0x1F", "1_000", "1e3", ".5", "5.", "007", "-0", " 7", "7 ", "1e400", "1,5",
       "12ms", "-3s", "1h30m", "1.5h", "5", "3d", "µs", "1µs", "10us", "2 s", "12KB", "3 MiB", "1.5kb", "2B",
       "7k", "-1KB", "1,000 KB", "9e9GB", "true", "null", "é", "\\", "日本", "0", "1e-3s", "0x10KB", "infinity")
BROKEN = ("", " ", "{", "{}", "[]", '"text"', '{"a"', '{"a":', "not json", "a=b=c d=1", 'a="open d=1',
          "=1", "a==b", '{"a":{}}', "\x00", " a=1 ", 'a="b\\s" c=1', "a=\"\\u00e9\" b='c'",
          'level="er\\"ror" b=1', "ключ=1", "a.b-c=1 a_b_c=2", "9a=1", "{{.a}}")
VOIDS = ("x= y=2", "lonely", 'msg="" level=error', '{"msg":"","level":"","status":200}',
         "level= status=5 msg=\"\"", '{"user":{"name":""},"v":""}', "b v= status=x", "")


def _json(random):
    fields = {
        "level": random.choice(LEVELS), "status": random.choice((200, 201, 404, 500, 503)),
        "took": f"{random.randrange(3000)}ms", "took_ms": random.randrange(12000) / 4,
        "size": f"{random.randrange(1, 40)}{random.choice(('KB', 'B', 'KiB', 'MB'))}",
        "bytes": random.randrange(100_000), "path": random.choice(PATHS), "msg": random.choice(MESSAGES),
        "user": {"id": random.randrange(9), "name": random.choice(NAMES), "geo": {"city": "Zürich"}},
        "ok": random.random() < 0.5, "none": None, "list": [1, "two", {"x": [True, None]}],
        "http.status-code": random.choice((200, 500)), "9lives": "cat",
        "big": 12345678901234567890, "exp": 1.5e-7,
    }
    if random.random() < 0.3:
        fields["app"] = random.choice(("inner", "shop"))  # which the stream has already
    names = [name for name in fields if random.random() < 0.85]
    random.shuffle(names)
    chosen = {name: fields[name] for name in names}
    return json.dumps(chosen, ensure_ascii=random.random() < 0.5,
                      separators=random.choice(((",", ":"), (", ", ": "))))


def _quoted(value):
    bare = value and not any(letter in ' "=\\' or ord(letter) < 32 for letter in value)
    return value if bare else '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _logfmt(random):
    pairs = [
        ("level", random.choice(LEVELS)), ("status", str(random.choice((200, 201, 404, 500, 503)))),
        ("took", f"{random.randrange(3000)}ms"), ("took_ms", str(random.randrange(12000) / 4)),
        ("size", f"{random.randrange(1, 40)}{random.choice(('KB', 'B', 'KiB', 'MB'))}"),
        ("bytes", str(random.randrange(100_000))), ("path", random.choice(PATHS)),
        ("msg", random.choice(MESSAGES)), ("user.id", str(random.randrange(9))),
        ("user_name", random.choice(NAMES)), ("ok", random.choice(("true", "false"))), ("app", "inner"),
    ]
    pairs = [pair for pair in pairs if random.random() < 0.85]
    random.shuffle(pairs)
    return random.choice((" ", " ", "  ")).join(f"{name}={_quoted(value)}" for name, value in pairs)


def _access(random):
    address = f"10.0.{random.randrange(3)}.{random.randrange(256)}"
    return (f'{address} - {random.choice(("-", "ann", "bo"))} [14/Nov/2023:22:13:{random.randrange(60):02}] '
            f'"{random.choice(("GET", "GET", "POST"))} {random.choice(PATHS)} HTTP/1.1" '
            f"{random.choice((200, 304, 404, 500))} {random.randrange(50_000)}")


def _packed(random):
    inner = random.choice((_json, _logfmt, _access))(random)
    fields = {"container": random.choice(("c1", "c2")), "app": "inner", "n": 5, "_entry": inner}
    if random.random() < 0.2:
        del fields["_entry"]
    names = sorted(fields)
    random.shuffle(names)
    return json.dumps({name: fields[name] for name in names})


def _hostile(random):
    if random.random() < 0.3:
        return random.choice(BROKEN)
    if random.random() < 0.05:
        return f'w={random.choice(("NaN", "nan", "5", "-1"))} status=200'
    names = random.sample(("v", "took", "size", "status", "bytes", "level", "x-y.z"), random.randrange(1, 5))
    values = [(name, random.choice(ODD)) for name in names]
    if random.random() < 0.5:
        return json.dumps(dict(values), ensure_ascii=random.random() < 0.5)
    return " ".join(f"{name}={_quoted(value)}" for name, value in values)


MAKERS = {JSON: _json, LOGFMT: _logfmt, ACCESS: _access, PACKED: _packed, HOSTILE: _hostile,
          VOID: lambda random: random.choice(VOIDS)}


def line(random, stream):
    return MAKERS[STREAMS[stream]["format"]](random)


@dataclasses.dataclass
class Stages:
    """What follows a selector, in both texts; `fields` is what later stages may ask for."""
    ours: str = ""
    peers: str = ""
    form: str = JSON
    fields: tuple = ()

    def add(self, ours, peers=None):
        self.ours += " " + ours
        self.peers += " " + (ours if peers is None else peers)


FIELDS = ("level", "status", "took", "took_ms", "size", "bytes", "path", "msg", "user_id", "user_name",
          "ok", "app", "app_extracted", "env", "nothing")
ACCESS_FIELDS = ("ip", "who", "method", "path", "status", "bytes", "app", "env", "nothing")
REGEXPS = {
    ACCESS: (r'^(?P<ip>\S+) \S+ (?P<who>\S+) \[[^\]]+\] "(?P<method>\w+) (?P<path>.*) HTTP/[\d.]+" '
             r'(?P<status>\d+) (?P<bytes>\d+)$', r'(?P<method>GET|POST) (?P<path>\S+)',
             r'(?P<ip>10\.0\.0\.\d+)?.* (?P<status>\d{3}) (?P<bytes>\d+)'),
    "": (r"(?P<took>\d+ms)", r"level\W+(?P<level>\w+)", r"(?P<app>inner)|(?P<status>\d{3})", r"(?P<v>.)(.)",
         r"(?i)(?P<status>NAN|\d+)"),
}
EXPRESSIONS = ('level="level"', 'id="user.id"', 'name="user[\\"name\\"]"', 'city="user.geo.city"',
               'one="list[0]"', 'deep="list[2].x[0]"', 'whole="user"', 'all="list"', 'app="app"',
               'none="none"', 'gone="a.b[7]"', 'status="status"', 'took="took"', 'bytes="bytes"',
               'ok="ok"', 'code="[\\"http.status-code\\"]"', 'path="path"', 'msg="msg"', 'big="big"',
               'far="list[9]"')


def _fill(stages):
    """Leaves out empty lines, where there may be some (CHANGED, blank)."""
    if stages.form in (HOSTILE, VOID) or "line_format" in stages.ours:
        stages.add("!~ `^$`")


def parser(random, stages, form):
    """One that fits the format, mostly."""
    kind = random.random()
    if form == ACCESS or kind < 0.08:
        regexp = random.choice(REGEXPS.get(form, REGEXPS[""]))
        stages.add(f"| regexp `{regexp}`")
        stages.fields = ACCESS_FIELDS if form == ACCESS else FIELDS
    elif (form == LOGFMT and kind < 0.9) or (form in (HOSTILE, VOID) and kind < 0.5):
        well_formed = stages.form == LOGFMT and not stages.fields
        strict = "" if well_formed else " --strict --keep-empty"  # CHANGED, logfmt
        stages.add(f"| logfmt{strict}", "| logfmt")
        stages.fields = FIELDS
    elif form == PACKED and kind < 0.9:
        _fill(stages)
        stages.add("| unpack")
        stages.fields = ("container", "app", "app_extracted", "env", "nothing")
    elif kind < 0.4:
        chosen = random.sample(EXPRESSIONS, random.randrange(1, 5))
        _fill(stages)
        stages.add("| json " + ", ".join(chosen))
        stages.fields = tuple(each.split("=")[0] for each in chosen) + ("nothing",)
    else:
        stages.add("| json")
        stages.fields = FIELDS
    if form in (HOSTILE, VOID):
        stages.fields += ("v", "x_y_z")


NUMBERS = {"status": ("200", "404", "500", "499.5"), "took_ms": ("100", "1500.25", "0"),
           "bytes": ("5000", "50000", "0"), "user_id": ("3", "5"), "id": ("4",), "one": ("1",),
           "v": ("0", "5", "7.0", "1000", "0.5"), "big": ("1e19",)}
DURATIONS = ("100ms", "1.5s", "1m", "2s500ms", "0s", "1h", "10us")
SIZES = ("2KB", "10KB", "1MB", "5B", "1.5KB", "20kB")
TEXTS = ("error", "info", "200", "", "/cart", "Ann", "true", "ok", "GET", "inner", "shop", "12ms", "NaN",
         "☕", "c1")
PATTERNS = ("err.*|warn", "2..", ".+", "", ".*", "(?i)ANN|bo", "/cart.*", "[0-9]+ms", "(GET|POST)", "in.*")
ERRORS = ('__error__=""', '__error__!=""', '__error__="JSONParserErr"', '__error__!="LabelFilterErr"',
          '__error__=~".*ParserErr"', '__error__!~"Label.*"', '__error__="LogfmtParserErr"')


def comparison(random, stages):
    name = random.choice(stages.fields or FIELDS)
    kind = random.random()
    if kind < 0.1:
        return random.choice(ERRORS)
    op = random.choice((">", ">=", "<", "<=", "==", "=", "!="))
    if kind < 0.3 and name in NUMBERS:
        return f"{name} {op} {random.choice(NUMBERS[name])}"
    if kind < 0.4 or (name == "took" and kind < 0.7):
        return f"{name} {op} {random.choice(DURATIONS)}"
    if kind < 0.45 or (name == "size" and kind < 0.8):
        return f"{name}{op}{random.choice(SIZES)}"
    if kind < 0.5:
        return f"{name} {op} {random.choice(('5', '200', '0.5'))}"
    op = random.choice(("=", "!=", "=~", "!~"))
    text = random.choice(PATTERNS if "~" in op else TEXTS)
    return f'{name}{op}"{text}"'


def condition(random, stages, depth=2):
    if depth == 0 or random.random() < 0.5:
        return comparison(random, stages)
    parts = [condition(random, stages, depth - 1) for _ in range(random.choice((2, 2, 3)))]
    text = parts[0]
    for part in parts[1:]:
        text += random.choice((" and ", " or ", ", ", " ", " and ", " or ")) + part
    return f"({text})" if random.random() < 0.5 else text


TEMPLATES = (r"""
{{.F}}
{{.F}} {{.G}}
{{ .F | ToUpper }}-{{ ToLower .G }}
{{ Replace .F "a" "<A>" 1 }}
{{ .F | replace "/" "-" }}
{{ trunc 3 .F }}
{{ trunc -3 .F }}
{{ substr 1 4 .F }}
{{ substr -1 2 .F }}
{{ substr 2 -1 .F }}
{{ substr 3 1 .F }}
{{if eq .F "error"}}E{{else if .G}}{{.G}}{{else}}-{{end}}
{{if contains "a" .F}}has{{end}}
{{if and (hasPrefix "/" .F) (not (hasSuffix "s" .F))}}{{.F}}{{end}}
{{ regexReplaceAll "([a-z]+)(\\d*)" .F "${2}<$1>" }}
{{ regexReplaceAllLiteral "a|e" .F "$1" }}
{{ .F | trimAll "e/" | indent 2 }}
{{ nindent 1 .F }}
{{ repeat 2 .F }}
{{ title .F }}
{{printf "%-6s|%q|%5s" .F .G .F}}
{{len .F}}
{{ .F | trim | upper | lower }}
{{ Trim .F "/e" }}{{ TrimLeft .F "/" }}{{ TrimRight .F "t" }}
{{ TrimPrefix .F "/" }}{{ TrimSuffix .F "r" }}
{{ trimPrefix "/" .F }}{{ trimSuffix "r" .F }}{{TrimSpace .F}}
{{with .F}}<{{.}}>{{else}}none{{end}}
{{ $x := .F }}{{ $x }}={{ $x }}
{{- .F -}} x
{{/* a comment */}}{{.F}}
plain
{{ `raw` }} {{ "\u2615" }}
{{ .nothing }}
{{ if gt (len .F) 4 }}long{{ end }}
{{ index . "F" }}
{{ eq .F .G }} {{ ne .F "x" }} {{ lt .F .G }}
{{ .F | }}
{{ print .F .G }} {{ println .F }}
{{ html .F }} {{ urlquery .F }}
{{ or .F .G }}
{{ "a\tb" | printf "%s %s" .F }}
{{ 5 }} {{ 1.5 }} {{ true }} {{ 'x' }}
{{ trunc 2 .F | printf "%v" }}
""".strip().split("\n") + [""])
FAILING_TEMPLATES = r"""
{{ slice .status 0 1 }}
{{ .F.G }}
{{ repeat -1 .F }}
{{ regexReplaceAll "(" .F "" }}
{{ index .F 0 }}
""".strip().split("\n")
BAD_TEMPLATES = r"""
{{.F
{{ nofunc .F }}
{{ if }}x{{end}}
{{ end }}
{{.F}
{{ .F | | .F }}
{{ "open }}
{{ $y }}
{{ if .F }}
""".strip().split("\n")


def template(random, stages, bad=0.02, full=False):
    """`full`: of which never nothing comes out (queries.py, void)."""
    chosen = random.choice(BAD_TEMPLATES if random.random() < bad else TEMPLATES)
    while full and "index" in chosen:  # CHANGED, hidden
        chosen = random.choice(TEMPLATES)
    if (bad or full) and random.random() < 0.1:  # not of line_format in a metric query (CHANGED, unread)
        chosen = random.choice(FAILING_TEMPLATES)
    if full:
        chosen = "." + chosen
    fields = [each for each in stages.fields or FIELDS]
    if "F" not in chosen:
        return chosen
    return chosen.replace("F", random.choice(fields)).replace("G", random.choice(fields))


def text_of(text):
    """As a text of LogQL."""
    if "`" not in text:
        return f"`{text}`"
    return json.dumps(text, ensure_ascii=False)


def labels_formatted(random, stages, bad):
    names = random.sample(("level", "new", "status", "app", "took", "env", "other", "bytes"),
                          random.choice((1, 1, 2, 3)))
    parts = []
    for name in names:
        if random.random() < 0.4:
            others = [each for each in stages.fields or FIELDS if each != name]  # CHANGED, itself
            parts.append(f"{name}={random.choice(others or ['nothing'])}")
        else:
            parts.append(f"{name}={text_of(template(random, stages, bad, full=not bad))}")
    stages.add("| label_format " + random.choice((", ", ",")).join(parts))
    stages.fields = tuple(dict.fromkeys((*stages.fields, *names)))


def selected(random):
    """A selector, and the format of what it mostly selects."""
    form = random.choice((JSON, JSON, JSON, LOGFMT, LOGFMT, ACCESS, PACKED, HOSTILE, HOSTILE, VOID))
    chosen = f'format="{form}"'
    if form == JSON and random.random() < 0.2:
        chosen, form = random.choice((('format=~"json|logfmt"', HOSTILE), ('app="shop"', HOSTILE),
                                      ('format=~".+"', VOID), ('env="prod"', VOID)))
    return "{" + chosen + "}", form


def filter_of_lines(random):
    op, text = random.choice((("|=", "error"), ("!=", "GET"), ("|~", "5.."), ("!~", "(?i)debug"), ("|=", "a"),
                              ("!=", "NaN"), ("|~", "took"), ("!=", "")))
    return f'{op} "{text}"'


def stages(random, form, reshapes=True, bad=0.02):
    made = Stages(form=form)
    if random.random() < 0.25:
        made.add(filter_of_lines(random))
    if random.random() < 0.95:
        parser(random, made, form)
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        kind = random.random()
        if kind < 0.55 or not reshapes:
            made.add("| " + condition(random, made))
        elif kind < 0.7:
            made.add("| line_format " + text_of(template(random, made, bad)))
        elif kind < 0.85:
            labels_formatted(random, made, bad)
        elif kind < 0.92:
            parser(random, made, random.choice((JSON, LOGFMT, form, HOSTILE)) if form != ACCESS else HOSTILE)
        else:
            made.add(filter_of_lines(random))
    return made


UNWRAPPED = {JSON: ("took_ms", "bytes", "status", "duration(took)", "duration_seconds(took)", "bytes(size)",
             "user_id"),
             LOGFMT: ("took_ms", "bytes", "status", "duration(took)", "duration_seconds(took)", "bytes(size)",
             "user_id"),
             ACCESS: ("bytes", "status", "bytes(bytes)"), PACKED: ("bytes", "n", "container"),
             HOSTILE: ("v", "status", "duration(took)", "bytes(size)", "duration(v)", "bytes(v)", "bytes",
                       "w"),
             VOID: ("v", "status", "bytes(v)")}
OVER_TIME = ("sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "stddev_over_time",
             "stdvar_over_time", "quantile_over_time", "rate", "absent_over_time")
GROUPED = ("avg_over_time", "min_over_time", "max_over_time", "stddev_over_time", "stdvar_over_time",
           "quantile_over_time")
WINDOWS = ("1m", "5m", "10m", "1h", "2h", "90s", "1h30m")


def _errorless(random, made, always=False):
    if always or random.random() < 0.85:  # else one error ends the query, of both
        made.add('| __error__=""')


def voids(made):
    """Whether a label of theirs may be the empty text (queries.py, void)."""
    return made.form == VOID or (made.form == HOSTILE and "| logfmt" in made.peers)


def counted(random):
    """(ours, the peer's) of a range aggregation over lines."""
    chosen, form = selected(random)
    made = stages(random, form, bad=0)
    function = random.choice(("count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time"))
    _errorless(random, made, always=form == PACKED or "line_format" in made.ours)  # CHANGED, unread
    made.add("| drop detected_level", "")
    window = random.choice(WINDOWS)
    return tuple(f"{function}({chosen}{text} [{window}])" for text in (made.ours, made.peers)), function, made


def summed(random):
    """A sum in which the levels are added up, so that the text may be the same for both."""
    while True:
        chosen, form = selected(random)
        made = stages(random, form, bad=0)
        _errorless(random, made, always=True)
        function = random.choice(("count_over_time", "rate", "bytes_over_time", "bytes_rate"))
        if made.ours == made.peers and not voids(made):
            return f"sum by (app, method) ({function}({chosen}{made.ours} [{random.choice(WINDOWS)}]))"


def unwrapped(random, group=""):
    """The same over an unwrapped label."""
    chosen, form = selected(random)
    made = stages(random, form, reshapes=random.random() < 0.3, bad=0)
    taken = random.choice(UNWRAPPED[form])
    name = taken[taken.index("(") + 1:-1] if "(" in taken else taken
    made.add("| drop detected_level", f'| {name}!=""')  # CHANGED, missing
    made.add(f"| unwrap {taken}")
    _errorless(random, made)
    if random.random() < 0.2:
        made.add("| " + comparison(random, made))
    function = random.choice(GROUPED if group else OVER_TIME)
    before = ""
    if function == "quantile_over_time":
        before = random.choice(("0", "0.5", "0.9", "0.99", "1", ".25")) + ", "
    window = random.choice(WINDOWS)
    texts = tuple(f"{function}({before}{chosen}{text} [{window}]) {group}".rstrip()
                  for text in (made.ours, made.peers))
    exact = function == "absent_over_time" or (
        "(" not in taken and function in ("min_over_time", "max_over_time", "sum_over_time"))
    return texts, exact, made
