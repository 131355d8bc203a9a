"""Lines, and queries over them in the LogQL that Loki 2.2 and 3 share, from a seed.

Each query has two texts: Taffrail's, and the peer's, which differ only where CHANGED says why. The stages
that look inside lines are in pipelines.py.
"""

import dataclasses
import re
import warnings

import pipelines

START = 1_700_000_000  # seconds
LENGTH = 7200
NS = 10**9

CHANGED = """
Where Loki 3, whose LogQL Taffrail follows, is not as 2.2, and how the two are compared all the same:

level    Loki 3 gives each line a `detected_level`. It is left out of answers to log queries, and metric
         queries in which it would make more series drop it (`| drop detected_level`), which 2.2 cannot be
         asked. Nor has 2.2 `__error_details__`.
mirror   `5 < v` without `bool` keeps v's values, as every comparison does (grafana/loki#10997); 2.2 answers
         with the number 5. It is asked `v > 5`, which is the same.
unpaired `a == bool b` has no series for what is in `a` alone, since vectors match as Prometheus' do (`on`,
         `ignoring`); 2.2 says 0. It is asked `(a and b) == bool b`.
end      A window includes its end also at the last point (grafana/loki#13448), which 2.2 leaves out there
         alone. It is asked for one nanosecond more.
missing  Lines without the label are passed over by `unwrap` (grafana/loki#6713); to 2.2 they are an error.
         It is asked to filter before (`| took!=""`).
logfmt   A malformed pair is passed over, and a key without a value is no label; to 2.2 the first is an
         error that ends the line, the second a label. Where lines have such, Taffrail is asked for what
         Loki 3 calls `--strict --keep-empty`.
blank    An empty line is not looked into by `| json a="b"` and `| unpack`, and one that begins like no JSON
         is an error; to 2.2 the first is an error, and null and 12 are JSON. Empty lines are filtered out
         before.
instant  A log query must have a range; 2.2 answers an instant one with the last 30 s. Not compared.
empty    A selector that streams without any of its labels match selects; 2.2 finds nothing, and Loki 3
         refuses it (docs/query-logql.md says so). Not compared.
zero     A range of `[0s]` is refused; 2.2 finds nothing in it. Not compared.

Where Taffrail is not as either (docs/query-logql.md says so), and lines have no such thing:

broken   A line that is JSON only up to some place gives no labels, and one with text behind the object
         neither.
nan      A comparison keeps a label that says NaN.

What 2.2 gets wrong:

void     A label that is the empty text makes a series beside that of lines without it. Answers with such a
         label are not compared, and of lines that may have one nothing is added up.
choice   It forgets the empty choice of `(a||b)` in a line filter. Not compared.
batch    Its ingesters cut at the limit before they thin out by `interval`, its store afterwards. Compared
         with a limit that cuts nothing.
twice    Of a chunk that it has stored and still holds it counts some lines twice. It is told not to store.
itself   `label_format a=a` removes the label. Not asked.

It prints a metric query and parses that again, and what it prints is not always what was meant:

long     Beyond 1024 bytes its lexer misreads numbers. Queries are kept shorter.
nothing  `by ()` and `without ()` get lost. Not asked of range aggregations.
sizes    10KiB becomes 10kB. Only sizes that it prints as they are are asked.
glued    `404or` is two words. Not compared.

It parses no more of a line than it takes to be needed, and forgets some needs:

unread   A line_format behind which nothing seems to read the line is left out, with its errors; so is
         unpack, where nothing reads a label. Not asked with templates that fail, nor without
         `__error__=""`.
hidden   It does not see the label in `index . "x"`. Not asked in metric queries.

And what is left to chance:

topk     Among equal values any may stay. The values must be equal, and each series must have its value by
         what was chosen from.
limit    Among lines of the moment at which the limit cuts, any may stay; as many must.
interval Of lines of one moment any may stand for it.
"""

STREAMS = [
    {"app": "api", "env": "prod", "pod": "p-0"}, {"app": "api", "env": "prod", "pod": "p-1"},
    {"app": "api", "env": "dev", "pod": "p-0"}, {"app": "web", "env": "prod", "pod": "w-0"},
    {"app": "web", "env": "prod", "pod": "w-1"}, {"app": "web", "env": "dev"},
    {"app": "db", "env": "prod", "disk": "/dev/sda 1"}, {"app": "db", "env": "stage"},
    {"app": "auth.v2", "env": "prod", "pod": "p-0"}, {"app": "jöb", "team": 'say "hi"\\'},
    {"job": "cron"}, {"app": "quiet", "env": "prod"}, *pipelines.STREAMS,
]
FIRST_STRUCTURED = STREAMS.index(pipelines.STREAMS[0])
LABELS = ("app", "env", "pod", "team", "job", "disk", "nothing")

WORDS = ("connection reset", "timed out", "GET /cart", "POST /login", "user logged in", "naïve café ☕", "{}",
         'said "no"', "back\\slash", "tab\tin it", "%d of 100%", "deadline exceeded", "a+b=c", "")


def lines(random):
    """[(stream's number, nanoseconds, line)], in the order of time; no two alike."""
    made = []
    for _ in range(2600):
        stream = random.choice((0, 0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10))
        at = START * NS + random.randrange(LENGTH * NS)
        if random.random() < 0.1:
            at -= at % NS  # on a point of many a grid
        made.append((stream, at, _line(random)))
    made += [(11, (START + second) * NS, f"tick {second}") for second in range(0, LENGTH, 600)]
    made += [(random.randrange(11), made[i][1], _line(random)) for i in range(100)]  # the same moment
    for stream in range(len(pipelines.STREAMS)):
        for _ in range(350):
            at = START * NS + random.randrange(LENGTH * NS)
            made.append((FIRST_STRUCTURED + stream, at, pipelines.line(random, stream)))
    made.sort(key=lambda each: each[1])
    return made


def _line(random):
    level = random.choice(("debug", "info", "info", "info", "warn", "error"))
    identity = f"{random.getrandbits(48):012x}"
    word, took = random.choice(WORDS), random.randrange(3000)
    status = random.choice((200, 200, 201, 404, 500, 503))
    kind = random.random()
    if kind < 0.5:
        return f'level={level} id={identity} status={status} took={took}ms msg="{word}"'
    if kind < 0.7:
        return f'{{"level":"{level}","id":"{identity}","status":{status},"user":{took % 17}}}'
    if kind < 0.9:
        return f"{level.upper()} [{identity}] {word}"
    return f"{identity} {word}"


TEXTS = ("level=error", "ERROR", "error", "timed out", "status=50", "GET", "ms msg", "☕", '"no"', "back\\",
         "\t", "%", "a+b", "0", "ff", "tick", "absent from all", " ", "", "user\":7}", "é")
PATTERNS = ("level=(warn|error)", "(?i)error", "^level=", "status=5..", r"took=\d{4}ms", "[0-9a-f]{12}$",
            "GET|POST", r"\"user\":(1|2)\b", "a+.b", "time.*out", r"\s+", "x*", "^$", "^tick [0-9]+$",
            "naïve.café", "☕$", ".*", r"\bno\b", "(reset|exceeded)", "(?:error|ERROR) .*(GET|POST)",
            r"[^\x00-\x7f]")
REGEXES = ("api|web", "prod|stage", "p-[01]|w-.", "(?i)API|DB", "[a-z]+")  # of labels


def quoted(random, text):
    """A text of LogQL, in either of its forms."""
    if "`" not in text and random.random() < 0.5:
        return f"`{text}`"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def selector(random):
    stream = random.choice(STREAMS)
    chosen = random.choice((
        lambda name, value: (name, "=", value),
        lambda name, value: (name, "=~", ".+"),
        lambda name, value: (name, "=~", value[0] + ".*"),
        lambda name, value: (name, "=~", random.choice(REGEXES)),
    ))
    names = sorted(stream)
    names = random.sample(names, random.choice((1, 1, min(2, len(names)))))
    matchers = [chosen(name, stream[name]) for name in names]
    if random.random() < 0.5:
        name = random.choice(LABELS)
        value = random.choice([each[name] for each in STREAMS if name in each] or ["x"])
        matchers.append(random.choice(((name, "!=", value), (name, "!~", value[0] + ".*"), (name, "=", ""),
                                       (name, "!=", ""), (name, "=~", ".*"), (name, "!~", ".+"))))
    random.shuffle(matchers)
    return "{" + ", ".join(f"{name}{op}{quoted(random, value)}" for name, op, value in matchers) + "}"


def matches_nothing(pattern):
    """Whether it matches the empty text, as far as Python reads what Go reads."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.fullmatch(pattern.replace("(?i)", ""), "") is not None
    except re.error:
        return False


def selects_the_empty(text):
    """Whether a stream without labels would match (CHANGED, empty)."""
    matchers = re.findall(r'(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)', text[:text.index("}")])
    for op, escaped, raw in matchers:
        holds = matches_nothing(escaped or raw) if "~" in op else escaped + raw == ""
        if holds != (op[0] == "="):
            return False
    return True


def is_compared(text):
    unread = text.startswith("sum") and "line_format" in text
    glued = re.search(r"\d[a-zA-Z]*(and|or)\b", text) is not None
    return not selects_the_empty(text) and "[0" not in text and "||" not in text and not unread and not glued


def filters(random):
    made = ""
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        op = random.choice(("|=", "!=", "|~", "!~"))
        made += f" {op} {quoted(random, random.choice(TEXTS if '=' in op else PATTERNS))}"
    return made


@dataclasses.dataclass
class Node:
    """A vector, and what may be done with it without asking more of floating point than it gives."""
    ours: str
    peers: str
    exact: bool = True  # whole numbers: comparing, taking remainders and choosing the best is safe
    tame: bool = True  # no NaN and no infinity, about which averages of different making differ
    atom: bool = True  # needs no parentheses


def grouping(random):
    if random.random() < 0.3:
        return ""
    names = random.sample(LABELS, random.choice((1, 1, 2, 3)))
    return f"{random.choice(('by', 'without'))} ({', '.join(names)})"


def counted(random, drop):
    """A range aggregation; its ours-text drops detected_level where that would be seen."""
    function = random.choice(("count_over_time", "count_over_time", "bytes_over_time", "rate", "bytes_rate"))
    chosen, kept = selector(random), filters(random)
    window = random.choice(("10s", "1m", "90s", "5m", "10m", "1h", "2h", "3s"))
    extra = " | drop detected_level" if drop else ""
    if random.random() < 0.2:  # the range behind the selector, as older queries have it
        ours, peers = f"{chosen}[{window}]{kept}{extra}", f"{chosen}[{window}]{kept}"
    else:
        ours, peers = f"{chosen}{kept}{extra} [{window}]", f"{chosen}{kept}[{window}]"
    return Node(f"{function}({ours})", f"{function}({peers})", exact="rate" not in function)


def aggregated(random, function, inner, group):
    forms = [f"{function}({{}}) {group}"] if group else [f"{function}({{}})"]
    if group:
        forms.append(f"{function} {group} ({{}})")
    form = random.choice(forms)
    return Node(form.format(inner.ours), form.format(inner.peers), tame=inner.tame,
                exact=function == "count" or (inner.exact and function in ("sum", "min", "max")))


def summed(random):
    """A sum in which the levels are added up, so that ours need not drop them."""
    group = grouping(random)
    while "without" in group:
        group = grouping(random)
    return aggregated(random, "sum", counted(random, drop=False), group)


REPLACEMENTS = (("app", "(.)(.*)", "$2-$1"), ("level", "err(?P<rest>.*)", "${rest}"),
                ("format", "json|logfmt", ""), ("nothing", "", "x"))


def structured(random):
    """A range aggregation of what the stages found in lines."""
    choice = random.random()
    wild = (pipelines.HOSTILE, pipelines.VOID)
    if choice < 0.3:
        (ours, peers), function, made = pipelines.counted(random)
        node = Node(ours, peers, exact="rate" not in function, tame=not pipelines.voids(made))
    else:
        group = grouping_of_fields(random) if choice < 0.6 else ""
        (ours, peers), exact, made = pipelines.unwrapped(random, group)
        node = Node(ours, peers, exact and made.form not in wild, tame=made.form not in wild)
    if node.tame and random.random() < 0.1:
        source, pattern, replacement = random.choice(REPLACEMENTS)
        tail = f', "made", "{replacement}", "{source}", "{pattern}")'
        node.ours, node.peers = (f"label_replace({text}{tail}" for text in (node.ours, node.peers))
    return node


def grouping_of_fields(random):
    labels = ("app", "level", "env", "format", "nothing", "method", "msg")
    names = random.sample(labels, random.choice((1, 1, 2)))
    return f"{random.choice(('by', 'by', 'without'))} ({', '.join(names)})"


def vector(random, depth):
    choice = random.random()
    if random.random() < 0.5 and (depth == 0 or choice < 0.6):
        if depth == 0 or choice < 0.2:
            return structured(random)
        function = random.choice(("sum", "sum", "avg", "min", "max", "count", "stddev", "stdvar"))
        inner = structured(random)
        while not inner.tame:
            inner = structured(random)
        group = grouping_of_fields(random) if random.random() < 0.8 else ""
        return aggregated(random, function, inner, group)
    if depth == 0 or choice < 0.15:
        if random.random() < 0.35:
            return summed(random)
        return counted(random, drop=True)
    if choice < 0.6:
        function = random.choice(("sum", "sum", "avg", "min", "max", "count", "stddev", "stdvar"))
        inner = vector(random, depth - 1)
        while not inner.tame:
            inner = vector(random, depth - 1)
        return aggregated(random, function, inner, grouping(random))
    return operated(random, depth)


def operated(random, depth):
    op = random.choice("+ - * / % ^ == != > >= < <= and or unless".split())
    compares = op in ("==", "!=", ">", ">=", "<", "<=")
    demanding = compares or op == "%"
    left = vector(random, depth - 1)
    while demanding and not (left.exact and left.tame):
        left = vector(random, depth - 1)
    modifier = "bool " if compares and random.random() < 0.5 else ""
    if op not in ("and", "or", "unless") and random.random() < 0.5:
        return with_number(random, left, op, modifier)
    if op == "^":
        op = "-"
    right = vector(random, depth - 1)
    while (demanding or op == "/") and not (right.exact and right.tame):
        right = vector(random, depth - 1)
    if random.random() < 0.5 and left.atom:  # the same series on both sides, often of other lines
        right = dataclasses.replace(left)
        if op == "/" and not left.exact:
            op = "*"
    peers = f"{_in(left.peers)} {op} {modifier}{_in(right.peers)}"
    if modifier:
        peers = f"({_in(left.peers)} and {_in(right.peers)}) {op} bool {_in(right.peers)}"
    ours = f"{_in(left.ours)} {op} {modifier}{_in(right.ours)}"
    exact = left.exact and right.exact and op != "/"
    return Node(ours, peers, exact, tame=left.tame and right.tame and op not in "/%", atom=False)


def _in(text):
    return f"({text})"


def with_number(random, operand, op, modifier):
    number = random.choice(("0", "1", "2", "3", "10", "100", "0.5", "1.5", "60"))
    if op == "^":
        number = random.choice(("2", "0.5", "1"))
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    exact = operand.exact and op not in "/^" and "." not in number
    tame = operand.tame and not (op in "/%")
    if random.random() < 0.3 and op != "^":
        peers = f"{number} {op} {modifier}{_in(operand.peers)}"
        if op in ("==", "!=", *mirrored) and not modifier:
            peers = f"{_in(operand.peers)} {mirrored.get(op, op)} {number}"
        return Node(f"{number} {op} {modifier}{_in(operand.ours)}", peers, exact, tame, atom=False)
    ours, peers = (f"{_in(text)} {op} {modifier}{number}" for text in (operand.ours, operand.peers))
    return Node(ours, peers, exact, tame, atom=False)


def unbracketed(random):
    """Operators one beside the other, for their precedence."""
    ours, peers = [], []
    for _ in range(random.choice((2, 3, 4))):
        group = random.choice(("", "by (app)", "by (env, app)"))
        operand = random.choice((aggregated(random, "sum", counted(random, drop=False), group), None))
        number = random.choice(("1", "2", "3", "0.5", "7"))
        ours.append(operand.ours if operand else number)
        peers.append(operand.peers if operand else number)
    ops = [random.choice("+ - * /".split()) for _ in ours[1:]]
    if random.random() < 0.3:
        ops[-1], ours[-1], peers[-1] = "^", "2", "2"
    ours, peers = (side[0] + "".join(f" {op} {word}" for op, word in zip(ops, side[1:]))
                   for side in (ours, peers))
    return Node(ours, peers, exact=False, tame=False)


@dataclasses.dataclass
class Query:
    path: str  # query or query_range
    ours: str
    peers: str
    parameters: dict
    kind: str  # log, metric or best (topk, bottomk)
    inner: str = ""  # best: what was chosen from, in the peer's words
    inner_group: str = ""

    def peers_parameters(self):
        """With the moment after the last point for its end, of metric queries (CHANGED, end)."""
        if self.kind == "log":
            return self.parameters
        last = "time" if self.path == "query" else "end"
        return {**self.parameters, last: self.parameters[last] + 1}


def _span(random, times):
    begin = START * NS + random.randrange(LENGTH * NS)
    if random.random() < 0.2:
        begin = random.choice(times)
    lengths = (random.randrange(1, 60 * NS), random.randrange(1, LENGTH * NS), 2 * LENGTH * NS)
    end = begin + random.choice(lengths)
    return (begin, end) if random.random() < 0.7 else (START * NS, (START + LENGTH) * NS)


def log_query(random, times):
    ours = peers = selector(random) + filters(random)
    if random.random() < 0.5:
        chosen, form = pipelines.selected(random)
        made = pipelines.stages(random, form)
        ours, peers = chosen + made.ours, chosen + made.peers
    if random.random() < 0.1:
        ours, peers = _in(ours), _in(peers)
    start, end = _span(random, times)
    parameters = {"start": start, "end": end, "limit": random.choice((1, 3, 10, 100, 1000, 5000)),
                  "direction": random.choice(("forward", "backward"))}
    if random.random() < 0.2:
        parameters.update(interval=random.choice(("1s", "30s", "10m", "2")), limit=5000)
    return Query("query_range", ours, peers, parameters, "log")


def metric_query(random, times):
    kind, inner, group = "metric", "", ""
    chance = random.random()
    if chance < 0.08:
        node = unbracketed(random)
    elif chance < 0.2:
        kind, below = "best", vector(random, 1)
        while not (below.exact and below.tame):
            below = vector(random, 1)
        function, group = random.choice(("topk", "bottomk")), grouping(random)
        node = aggregated(random, function, Node(f"{(k := random.randrange(1, 6))}, {below.ours}",
                                                     f"{k}, {below.peers}"), group)
        inner = below.peers
    else:
        node = vector(random, random.choice((0, 1, 1, 2, 2, 3)))
    if random.random() < 0.4:
        moment = random.choice(times) if random.random() < 0.3 else START * NS + random.randrange(LENGTH * NS)
        return Query("query", node.ours, node.peers, {"time": moment}, kind, inner, group)
    start, end = _span(random, times)
    step = random.choice((15, 60, 61, 300, "1m", "5m", 0.5 if end - start < 60 * NS else 30, 1200))
    if random.random() < 0.6:
        start -= start % NS
    parameters = {"start": start, "end": end, "step": step}
    return Query("query_range", node.ours, node.peers, parameters, kind, inner, group)


LONGEST = 700  # CHANGED, long


def misspelt(random, times):
    """A query that may be none any more: what 2.2 takes all the same, Taffrail must take, and as it does."""
    made = log_query(random, times)
    while made.ours != made.peers:
        made = log_query(random, times)
    text = made.ours
    if random.random() < 0.5:
        made.kind, text = "metric", random.choice((summed(random).ours, pipelines.summed(random)))
        made.parameters = {"start": START * NS, "end": (START + LENGTH) * NS, "step": 600}
    made.parameters.pop("interval", None)
    at = random.randrange(len(text))
    made.ours = made.peers = random.choice((text[:at] + text[at + 1:], text[:at] + text[at] + text[at:],
                                           text[:at] + random.choice("(){}[],|=~!\"`# \\1") + text[at:]))
    return made


def scalar_query(random, times):
    numbers = [random.choice(("1", "2", "3.5", "-4", "0", "10")) for _ in range(3)]
    ops = [random.choice("+ - * / % ^ == != > >= < <=".split()) for _ in range(2)]
    text = f"{numbers[0]} {ops[0]} {numbers[1]} {ops[1]} {numbers[2]}"
    if random.random() < 0.5:
        return Query("query", text, text, {"time": START * NS}, "metric")
    parameters = {"start": START * NS, "end": (START + 60) * NS, "step": 7}
    return Query("query_range", text, text, parameters, "metric")


def query(random, times):
    while True:
        chance = random.random()
        if chance < 0.4:
            made = log_query(random, times)
        else:
            made = scalar_query(random, times) if chance < 0.43 else metric_query(random, times)
        if len(made.peers) <= LONGEST:
            return made
