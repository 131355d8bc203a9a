// One record in full: its line as a tree, its stream, what can be done with it. Opens beside a list.
import { Child, h, icon, iconButton, replace } from "../lib/dom";
import { getJson, getText, isAbort, messageOfError } from "../lib/api";
import { bytes } from "../lib/format";
import { Json, member, parseJson, print } from "../lib/json";
import { prefs } from "../lib/prefs";
import { condition, looksLikeId } from "../lib/query";
import { ApiRecord, levelOf, messageOf, rowOf, serviceOf } from "../lib/record";
import { hashOf } from "../lib/route";
import { formatFull } from "../lib/time";
import { jsonTree } from "./json_tree";
import { copy, menu, MenuItem } from "./popup";

export interface DetailActions {
  filter?: (name: string, value: string, exclude: boolean) => void;
  addColumn?: (name: string) => void;
  close: () => void;
}

// The record as the server has it, whole and with every digit.
async function load(record: ApiRecord, signal: AbortSignal): Promise<Json> {
  const text = await getText(
    "/api/v1/context",
    {
      timestamp: record.timestamp,
      sequence: String(record.sequence ?? 0),
      before: "0",
      after: "0",
    },
    signal,
  );
  const records = member(parseJson(text), "records");
  if (records?.kind !== "array" || !records.items[0]) throw new Error("the record is not there any more");
  return records.items[0];
}

export class Detail {
  readonly element = h("aside.detail", { "aria-label": "Record", hidden: true });
  private asked: AbortController | null = null;
  private shown: ApiRecord | null = null;

  constructor(private readonly actions: DetailActions) {}

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  hide(): void {
    this.asked?.abort();
    this.element.hidden = true;
    this.shown = null;
  }

  async show(record: ApiRecord): Promise<void> {
    if (this.shown === record) return;
    this.shown = record;
    this.asked?.abort();
    this.asked = new AbortController();
    this.element.hidden = false;
    const body = h("div.detail-body", {}, h("p.dim", {}, "Loading …"));
    this.head(record, body);
    try {
      this.fill(body, await load(record, this.asked.signal));
    } catch (error) {
      if (!isAbort(error)) replace(body, h("p.error", {}, messageOfError(error)));
    }
  }

  private head(record: ApiRecord, body: HTMLElement): void {
    const row = rowOf(record);
    const level = levelOf(record);
    const around = h<HTMLButtonElement>(
      "button",
      { type: "button", title: "Lines before and after", onclick: () => void this.around(record, body) },
      icon("around"),
      "Around",
    );
    const id = idOf(record);
    replace(
      this.element,
      h(
        "header.detail-head",
        {},
        h(
          "div.detail-title",
          {},
          h(`span.level.level-${level}`, {}, level === "none" ? "–" : level),
          h("time", { datetime: record.timestamp }, formatFull(row.time, prefs.utc)),
          h("span.dim", {}, serviceOf(record)),
        ),
        iconButton("close", "Close (Escape)", () => this.actions.close()),
      ),
      h("p.detail-message", {}, messageOf(record).slice(0, 1000)),
      h(
        "div.detail-actions",
        {},
        around,
        id
          ? h(
              "a.button",
              { href: hashOf("trail", {}, id), title: `Everything about ${id}` },
              icon("trail"),
              "Trail",
            )
          : null,
        h("button", { type: "button", onclick: () => void this.copyLine(record) }, icon("copy"), "Copy"),
        h(
          "button",
          { type: "button", onclick: () => void copy(linkTo(record), "Link") },
          icon("link"),
          "Link",
        ),
      ),
      body,
    );
  }

  private async copyLine(record: ApiRecord): Promise<void> {
    const line = member(await load(record, new AbortController().signal), "record");
    if (line) await copy(line.kind === "string" ? line.text : print(line), "Record");
  }

  private fill(body: HTMLElement, record: Json): void {
    const line = member(record, "record");
    const size = line?.kind === "string" && line.text.length > 2000 ? ` · ${bytes(line.text.length)}` : "";
    const section = (title: string, value: Json | undefined): Child =>
      value && value.kind === "object" && value.members.length > 0
        ? [h("h3", {}, title), jsonTree(value, (path, text, from) => this.valueMenu(path, text, from))]
        : null;
    replace(
      body,
      line
        ? [h("h3", {}, `Line${size}`), jsonTree(line, (path, text, from) => this.valueMenu(path, text, from))]
        : null,
      section("Attributes", member(record, "attributes")),
      section("Stream", member(record, "stream")),
    );
  }

  private valueMenu(path: string, text: string, from: HTMLElement): void {
    const items: MenuItem[] = [];
    const { filter, addColumn } = this.actions;
    if (path && filter) {
      items.push(
        { label: "Only with this value", icon: "plus", run: () => filter(path, text, false) },
        { label: "Without this value", icon: "minus", run: () => filter(path, text, true) },
      );
    }
    const word = text.trim();
    if (word && word.length <= 128 && !/\s/.test(word)) {
      const likely = looksLikeId(path, word);
      const follow = {
        label: "Trail of this id",
        icon: "trail",
        run: () => {
          location.hash = hashOf("trail", {}, word);
        },
      };
      if (likely) items.unshift(follow);
      else items.push(follow);
    }
    items.push({ label: "Copy value", icon: "copy", run: () => void copy(text, "Value") });
    if (path) {
      const lines = location.href.split("#")[0] + hashOf("search", { q: condition(path, text) });
      items.push({ label: "Copy a link to its lines", icon: "link", run: () => void copy(lines, "Link") });
    }
    if (path) items.push({ label: "Copy name", icon: "copy", run: () => void copy(path, "Name") });
    if (path && addColumn)
      items.push({ label: "Show as column", icon: "columns", run: () => addColumn(path) });
    menu(from, items, path ? `${path}` : "Value");
  }

  private async around(record: ApiRecord, body: HTMLElement): Promise<void> {
    const service = serviceOf(record);
    const streams: [string, string][] = [["", "All lines"]];
    if (service) streams.push([`service:"${service.replace(/[\\"]/g, "\\$&")}"`, `Lines of ${service}`]);
    const request = idOf(record);
    if (request) streams.push([`"${request}"`, `Lines with ${request}`]);
    const list = h("div.around-list");
    const choice = h<HTMLSelectElement>(
      "select",
      { "aria-label": "Which lines", onchange: () => void fill() },
      streams.map(([value, label]) => h("option", { value }, label)),
    );
    const fill = async (): Promise<void> => {
      try {
        const answer = await getJson<{ index: number; records: ApiRecord[] }>("/api/v1/context", {
          timestamp: record.timestamp,
          sequence: String(record.sequence ?? 0),
          before: "25",
          after: "25",
          query: choice.value || "*",
        });
        replace(
          list,
          answer.records.map((each, i) => {
            const row = rowOf(each);
            return h(
              `button.around-row${i === answer.index ? ".is-this" : ""}`,
              {
                type: "button",
                onclick: () => void this.show(each),
              },
              h(`span.level-bar.back-${row.level}`),
              h("time", {}, formatFull(row.time, prefs.utc).slice(11, 23)),
              h("span.dim", {}, serviceOf(each)),
              h("span.around-message", {}, row.message.slice(0, 400)),
            );
          }),
        );
        list.querySelector(".is-this")?.scrollIntoView({ block: "center" });
      } catch (error) {
        replace(list, h("p.error", {}, messageOfError(error)));
      }
    };
    replace(
      body,
      h(
        "div.around-head",
        {},
        h("h3", {}, "Lines around"),
        choice,
        h(
          "button",
          {
            type: "button",
            onclick: () => {
              this.shown = null;
              void this.show(record);
            },
          },
          "Back",
        ),
      ),
      list,
    );
    await fill();
  }
}

const ID_FIELDS = [
  "context.request_id",
  "request_id",
  "correlation_id",
  "context.correlation_id",
  "trace_id",
  "context.trace_id",
  "x_request_id",
  "http.request_id",
  "traceId",
];

// The id by which this record's request is followed.
export function idOf(record: ApiRecord): string {
  for (const field of ID_FIELDS) {
    const value = at(record.record, field) ?? record.attributes?.[field] ?? record.stream[field];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
      value,
    );
}

export function linkTo(record: ApiRecord): string {
  return (
    location.href.split("#")[0] +
    hashOf("search", {
      q: "*",
      from: record.timestamp,
      to: bump(record.timestamp),
      at: `${record.timestamp}~${record.sequence ?? 0}`,
    })
  );
}

// A moment later: the range of one record has to end after it.
function bump(timestamp: string): string {
  return timestamp.replace(
    /\d{3}Z$/,
    (digits) => String(Math.min(999, Number(digits.slice(0, 3)) + 1)).padStart(3, "0") + "Z",
  );
}
