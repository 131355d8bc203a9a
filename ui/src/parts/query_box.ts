// The one box: a query in the language of choice, completed while it is typed: fields, their values, the language.
import { h, iconButton, replace } from "../lib/dom";
import { FieldsAnswer, Facet, getJson, isAbort } from "../lib/api";
import { Place, placeAt, Words } from "../lib/completion";
import { short } from "../lib/format";
import { ALWAYS, everything, hintOf, labelOf, languages } from "../lib/languages";
import { prefs, setPref } from "../lib/prefs";

interface Choice {
  text: string;
  insert: string;
  detail: string;
  again: boolean;
}

const LEVELS = ["ERROR", "WARNING", "INFO", "DEBUG", "CRITICAL", "TRACE"];

export interface QueryBoxOptions {
  onRun: (query: string, lang: string) => void;
  range: () => { from?: string; to?: string }; // of which fields and values are offered
}

export class QueryBox {
  readonly element: HTMLElement;
  readonly input: HTMLTextAreaElement;
  private readonly list = h("div.choices", {
    role: "listbox",
    id: "query-choices",
    "aria-label": "Completions",
    hidden: true,
  });
  private readonly language: HTMLSelectElement;
  private readonly note = h("div.query-error", { role: "alert", hidden: true });
  private choices: Choice[] = [];
  private at = -1;
  private fields: FieldsAnswer["fields"] | null = null;
  private asked: AbortController | null = null;
  private timer = 0;

  constructor(private readonly options: QueryBoxOptions) {
    this.input = h<HTMLTextAreaElement>("textarea.query-input", {
      rows: 1,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      placeholder: "Search: timeout level:ERROR user.id:42",
      "aria-label": "Query",
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": "query-choices",
      "aria-autocomplete": "list",
      oninput: () => this.onInput(),
      onkeydown: (event: KeyboardEvent) => this.onKey(event),
      onblur: () =>
        setTimeout(() => {
          if (document.activeElement !== this.input) this.hide(); // unless somebody is back already
        }, 120),
      onclick: () => this.suggest(),
    });
    this.language = h<HTMLSelectElement>("select.query-language", {
      "aria-label": "Query language",
      onchange: () => {
        this.hide();
        this.showHint();
        this.input.focus();
      },
    });
    ALWAYS.forEach((name) => this.addLanguage(name));
    void languages().then((names) => names.forEach((name) => this.addLanguage(name)));
    this.element = h(
      "div.query-box",
      { role: "search" },
      this.language,
      this.input,
      iconButton("close", "Clear the query", () => {
        this.set("", this.lang);
        this.input.focus();
        this.run();
      }),
      this.list,
      this.note,
    );
  }

  get query(): string {
    return this.input.value.trim();
  }
  get lang(): string {
    return this.language.value;
  }

  // `draft`: the text is what somebody typed and has not asked yet.
  set(query: string, lang: string, draft = false): void {
    this.element.classList.toggle("is-draft", draft);
    this.input.value = query === everything(lang) ? "" : query;
    this.addLanguage(lang);
    this.language.value = lang;
    this.showHint();
    this.grow();
    this.element.classList.toggle("is-empty", this.input.value === "");
  }

  private addLanguage(name: string): void {
    if ([...this.language.options].some(({ value }) => value === name)) return;
    this.language.append(h("option", { value: name }, labelOf(name)));
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  showError(message: string): void {
    this.note.textContent = message;
    this.note.hidden = message === "";
    this.input.setAttribute("aria-invalid", String(message !== ""));
  }

  // Other lines, other fields.
  forget(): void {
    this.fields = null;
  }

  run(): void {
    clearTimeout(this.timer);
    this.hide();
    this.element.classList.remove("is-draft");
    setPref("draft", { text: "", hash: "" });
    this.options.onRun(this.query || everything(this.lang), this.lang);
  }

  private showHint(): void {
    this.input.placeholder = hintOf(this.lang) || "Query";
  }

  private grow(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(160, Math.max(30, this.input.scrollHeight))}px`;
  }

  private onInput(): void {
    this.showError("");
    this.element.classList.add("is-draft");
    this.grow();
    this.element.classList.toggle("is-empty", this.input.value === "");
    setPref("draft", { text: this.input.value, hash: location.hash });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.suggest(), 60);
  }

  private onKey(event: KeyboardEvent): void {
    const open = !this.list.hidden && this.choices.length > 0;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.at >= 0) this.take(this.at);
      else this.run();
    } else if (event.key === "Tab" && open && !event.shiftKey) {
      event.preventDefault();
      this.take(Math.max(0, this.at));
    } else if (event.key === "ArrowDown" && open) {
      event.preventDefault();
      this.mark(this.at + 1);
    } else if (event.key === "ArrowUp" && open) {
      event.preventDefault();
      this.mark(this.at - 1);
    } else if (event.key === "ArrowDown" && this.input.value === "") {
      event.preventDefault();
      this.offerHistory();
    } else if (event.key === "Escape") {
      if (open) this.hide();
      else this.input.blur();
      event.preventDefault();
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.suggest();
    }
  }

  private hide(): void {
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private mark(at: number): void {
    this.at = (at + this.choices.length) % this.choices.length;
    [...this.list.children].forEach((child, i) => {
      child.setAttribute("aria-selected", String(i === this.at));
      if (i === this.at) child.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", `choice-${this.at}`);
  }

  private take(at: number): void {
    const choice = this.choices[at];
    if (!choice) return;
    const cursor = this.input.selectionStart;
    const begin = placeAt(this.lang, this.input.value, cursor)?.typing.begin ?? cursor;
    this.input.setRangeText(choice.insert, begin, cursor, "end");
    this.hide();
    this.onInput();
    this.input.focus();
    if (!choice.again) clearTimeout(this.timer);
  }

  private offer(choices: Choice[]): void {
    this.choices = choices;
    this.at = -1;
    replace(
      this.list,
      choices.map((choice, i) =>
        h(
          "div.choice",
          {
            role: "option",
            id: `choice-${i}`,
            "aria-selected": "false",
            onpointerdown: (event: Event) => {
              event.preventDefault();
              this.take(i);
            },
          },
          h("span.choice-text", {}, choice.text),
          h("span.choice-detail", {}, choice.detail),
        ),
      ),
    );
    this.list.hidden = choices.length === 0 || document.activeElement !== this.input;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  private offerHistory(): void {
    this.offer(
      prefs.history
        .slice(0, 12)
        .map(({ query, lang }) => ({ text: query, insert: query, detail: lang, again: false })),
    );
  }

  suggest(): void {
    if (document.activeElement !== this.input) return;
    const place = placeAt(this.lang, this.input.value, this.input.selectionStart);
    if (place?.typing.kind === "name") void this.suggestNames(place);
    else if (place?.typing.kind === "value") void this.suggestValues(place);
    else if (place?.typing.kind === "stage") this.offer(fitting(place.words, place.typing.text));
    else this.hide();
  }

  private async suggestNames(place: Place): Promise<void> {
    const fields = await this.loadFields();
    const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9@]/g, "_");
    const typed = plain(place.typing.text);
    const score = (name: string): number => {
      const at = plain(name).indexOf(typed);
      return at < 0 ? 9 : at === 0 ? 0 : plain(name)[at - 1] === "_" ? 1 : 2;
    };
    const names = [
      { name: "level", types: ["level"], lines: Infinity },
      ...fields.filter(({ name }) => name !== "level"),
    ]
      .map((field) => ({ field, rank: score(field.name) }))
      .filter(({ rank }) => rank < 9)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, 40)
      .map(({ field }) => ({
        text: field.name,
        insert: place.name(field.name),
        again: /[:"]$/.test(place.name(field.name)),
        detail: field.lines === Infinity ? "level" : `${field.types.join(", ")} · ${short(field.lines)}`,
      }));
    const words = typed === "" || place.wordsFirst ? fitting(place.words, place.typing.text) : [];
    this.offer(place.wordsFirst ? [...words, ...names] : [...names, ...words]);
  }

  private async suggestValues(place: Place): Promise<void> {
    const { text, field: written } = place.typing;
    const choice = (value: string, detail: string): Choice => ({
      text: value === "" ? '""' : value,
      insert: place.value(value),
      detail,
      again: false,
    });
    if (written === "level") {
      const levels = LEVELS.filter((level) => level.startsWith(text.toUpperCase()));
      return this.offer(levels.map((level) => choice(level, "level")));
    }
    this.asked?.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const fields = place.isField("a.b", "a.b") ? [] : await this.loadFields();
      const field = fields.find(({ name }) => place.isField(name, written))?.name ?? written;
      const answer = await getJson<Facet>(
        `/api/v1/fields/${encodeURIComponent(field)}/values`,
        { prefix: text, limit: 30, ...this.options.range() },
        signal,
      );
      this.offer(answer.values.map(({ value, lines }) => choice(value, short(lines))));
    } catch (error) {
      if (!isAbort(error)) this.hide();
    }
  }

  private async loadFields(): Promise<FieldsAnswer["fields"]> {
    if (this.fields) return this.fields;
    try {
      this.fields = (
        await getJson<FieldsAnswer>("/api/v1/fields", { limit: 6000, ...this.options.range() })
      ).fields;
    } catch {
      return [];
    }
    return this.fields;
  }
}

function fitting(table: Words, typed: string): Choice[] {
  return table
    .filter(([text]) => text.toLowerCase().startsWith(typed.toLowerCase()))
    .map(([text, detail]) => ({ text: text.trim(), insert: text, detail, again: text.endsWith("by ") }));
}
