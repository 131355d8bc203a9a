// A condition on one field in the languages that are not the search language: as text, and put into a query. The server
// alone decides what a query means; a value that looks like a number or a switch may be a text in the line, so that
// both are asked for.
import { Json, parseJson, printLine } from "./json";

const isNumber = (value: string): boolean => /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(value);
const isSwitch = (value: string): boolean => value === "true" || value === "false";

export function logqlPiece(name: string, value: string, exclude: boolean): string {
  const label = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^\d/, "_$&");
  return `| ${label} ${exclude ? "!=" : "="} ${JSON.stringify(value)}`;
}

export function insightsPath(name: string): string {
  return name
    .split(".")
    .map((part) => (/^[A-Za-z_@]\w*$/.test(part) ? part : `\`${part}\``))
    .join(".");
}

export function insightsPiece(name: string, value: string, exclude: boolean): string {
  const values = [JSON.stringify(value), ...(isNumber(value) ? [value] : [])];
  return `filter ${insightsPath(name)} ${exclude ? "not in" : "in"} [${values.join(", ")}]`;
}

export function jqPath(name: string): string {
  return name
    .split(".")
    .map((part) => (/^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `.${JSON.stringify(part)}`))
    .join("");
}

// Lines that are no objects have no fields: an exclusion keeps them.
export function jqPiece(name: string, value: string, exclude: boolean): string {
  const path = `${jqPath(name)}?`;
  const values = [JSON.stringify(value), ...(isNumber(value) || isSwitch(value) ? [value] : [])];
  return exclude
    ? `select(all(${path}; ${values.map((each) => `. != ${each}`).join(" and ")}))`
    : `select(${values.map((each) => `${path} == ${each}`).join(" or ")})`;
}

// The query with the piece, without it where it was there, or with it in place of its opposite. In front, pieces are
// stages of their own, so that the fields are still those of the lines.
export function withPiece(query: string, piece: string, opposite: string, place: "front" | "end"): string {
  const between = place === "front" ? " | " : " ";
  const bare = place === "front" && /^[*.]?$/.test(query.trim()) ? "" : query.trim();
  const has = (part: string): boolean => (between + bare + between).includes(between + part + between);
  const without = (part: string): string => {
    if (bare === part) return "";
    const [before, after] = [between + part, part + between];
    return bare.includes(before) ? bare.replace(before, () => "") : bare.replace(after, () => "");
  };
  if (has(piece)) return without(piece);
  const rest = has(opposite) ? without(opposite) : bare;
  if (place === "front") return rest === "" ? piece : `${piece} | ${rest}`;
  return `${/\|\s*json\b/.test(rest) ? rest : `${rest} | json`} ${piece}`;
}

// ---- Elasticsearch's bodies ----

const EMPTY: Json = { kind: "object", members: [] };
const isObject = (value: Json | undefined): value is Json & { kind: "object" } => value?.kind === "object";

function get(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? value.members.find(([key]) => key === name)?.[1] : undefined;
}

function set(value: Json & { kind: "object" }, name: string, to: Json | null): Json & { kind: "object" } {
  const at = value.members.findIndex(([key]) => key === name);
  const members = [...value.members];
  if (to === null) members.splice(at, at < 0 ? 0 : 1);
  else if (at < 0) members.push([name, to]);
  else members[at] = [name, to];
  return { kind: "object", members };
}

function bodyOf(query: string): (Json & { kind: "object" }) | null {
  const text = query.trim();
  if (text === "" || text === "*") return { kind: "object", members: [] };
  try {
    const body = parseJson(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

const objectOf = (name: string, value: Json): Json & { kind: "object" } => ({
  kind: "object",
  members: [[name, value]],
});
const termOf = (name: string, value: string): Json =>
  objectOf("term", objectOf(name, { kind: "string", text: value }));

function clauses(bool: Json | undefined, name: string): Json[] {
  const found = get(bool, name);
  return found === undefined ? [] : found.kind === "array" ? found.items : [found];
}

// The bool to which conditions can be added as `filter` and `must_not`: that of the body, or one around its query. One
// with `should` stays as it is: beside a filter it would want nothing any more.
function boolOf(body: Json): Json & { kind: "object" } {
  const query = get(body, "query");
  const bool = get(query, "bool");
  if (isObject(query) && query.members.length === 1 && isObject(bool) && get(bool, "should") === undefined)
    return bool;
  if (query === undefined || (isObject(query) && get(query, "match_all") !== undefined))
    return { kind: "object", members: [] };
  return objectOf("must", { kind: "array", items: [query] });
}

export function withElastic(query: string, name: string, value: string, exclude: boolean): string | null {
  const body = bodyOf(query);
  if (body === null) return null;
  const term = termOf(name, value);
  const same = (each: Json): boolean => printLine(each) === printLine(term);
  let bool = boolOf(body);
  const here = exclude ? "must_not" : "filter";
  const was = clauses(bool, here).some(same);
  for (const place of ["filter", "must_not"]) {
    const kept = clauses(bool, place).filter((each) => !same(each));
    if (kept.length !== clauses(bool, place).length)
      bool = set(bool, place, kept.length === 0 ? null : { kind: "array", items: kept });
  }
  if (!was) bool = set(bool, here, { kind: "array", items: [...clauses(bool, here), term] });
  return printLine(set(body, "query", bool.members.length === 0 ? null : objectOf("bool", bool)));
}

export function elasticState(query: string, name: string, value: string): "include" | "exclude" | "" {
  const term = printLine(termOf(name, value));
  const bool = boolOf(bodyOf(query) ?? EMPTY);
  const has = (place: string): boolean => clauses(bool, place).some((each) => printLine(each) === term);
  return has("filter") ? "include" : has("must_not") ? "exclude" : "";
}
