// Dashboards: six that are ready made, and those that people keep on the server. Each can be changed, copied, exported.
import { h, icon, iconButton, replace } from "../lib/dom";
import { listSaved, messageOfError, save, Saved, unsave } from "../lib/api";
import { Dashboard, Panel, PanelKind, readDashboard, READY_MADE } from "../lib/dashboard";
import * as keys from "../lib/keys";
import { hashOf, replaceHash, Route, View } from "../lib/route";
import { formatRfc3339, resolveRange } from "../lib/time";
import { PanelBox } from "../parts/panel";
import { ask, confirmThat, dialog, download, toast } from "../parts/popup";
import { TimePicker } from "../parts/time_picker";

const FIRST = "Requests";

const SORT = "sort."; // begins the names of the address's parameters that say how tables are sorted

function sortsOf({ params }: Route): Map<string, string> {
  const all = [...params].filter(([name]) => name.startsWith(SORT));
  return new Map(all.map(([name, sort]): [string, string] => [name.slice(SORT.length), sort]));
}

export class DashboardsView implements View {
  readonly element: HTMLElement;
  readonly title = "Dashboards";
  private name: string;
  private from: string;
  private to: string;
  private saved: Saved<Dashboard>[] = [];
  private dashboard: Dashboard = { panels: [] };
  private editing = false;
  private changed = false;
  private boxes: PanelBox[] = [];
  private sorts: Map<string, string>; // of tables, by their panels' titles
  private timer = 0;
  private readonly picker: TimePicker;
  private readonly tabs = h("nav.tabs", { "aria-label": "Dashboards" });
  private readonly tools = h("div.view-tools");
  private readonly grid = h("div.panels");

  constructor(route: Route) {
    this.name = route.id || FIRST;
    this.from = route.params.get("from") ?? "-1h";
    this.to = route.params.get("to") ?? "";
    this.sorts = sortsOf(route);
    this.picker = new TimePicker((from, to) => this.setRange(from, to));
    this.element = h(
      "div.view.dashboards-view",
      {},
      h("header.view-head", {}, this.tabs, this.tools),
      h("div.scrolls.panel-scroll", { tabindex: -1 }, this.grid),
    );
    keys.add("t", "time range", () => this.picker.open());
    keys.add("r", "ask again", () => this.load());
    keys.add("e", "edit", () => this.setEditing(!this.editing));
    void this.open();
  }

  update(route: Route): void {
    const name = route.id || FIRST;
    this.from = route.params.get("from") ?? "-1h";
    this.to = route.params.get("to") ?? "";
    this.sorts = sortsOf(route);
    if (name !== this.name) {
      this.name = name;
      this.editing = false;
      this.changed = false;
      void this.open();
    } else {
      this.draw();
    }
  }

  refresh(): void {
    this.load();
  }

  dispose(): void {
    clearInterval(this.timer);
    for (const box of this.boxes) box.dispose();
  }

  private async open(): Promise<void> {
    try {
      this.saved = await listSaved<Dashboard>("dashboards");
    } catch {
      // Those ready made need no server to be known.
    }
    const found = this.saved.find(({ name }) => name === this.name);
    try {
      this.dashboard = found ? readDashboard(found.value) : (READY_MADE[this.name] ?? { panels: [] });
    } catch (error) {
      this.dashboard = { panels: [] };
      toast(`“${this.name}” cannot be read: ${messageOfError(error)}`, "bad");
    }
    this.draw();
    clearInterval(this.timer);
    this.timer = window.setInterval(() => {
      if (!this.editing && this.to === "" && !document.hidden) this.load();
    }, 30_000);
  }

  private hash(): string {
    const sorts = Object.fromEntries([...this.sorts].map(([title, sort]) => [SORT + title, sort]));
    const from = this.from === "-1h" ? "" : this.from;
    return hashOf("dashboards", { from, to: this.to, ...sorts }, this.name);
  }

  private setRange(from: string, to: string): void {
    this.from = from;
    this.to = to;
    replaceHash(this.hash());
    this.draw();
  }

  private draw(): void {
    this.picker.set(this.from, this.to);
    const names = [
      ...Object.keys(READY_MADE),
      ...this.saved.map(({ name }) => name).filter((name) => !(name in READY_MADE)),
    ];
    replace(
      this.tabs,
      names.map((name) =>
        h(
          "a.tab",
          {
            href: hashOf("dashboards", { from: this.from === "-1h" ? "" : this.from, to: this.to }, name),
            "aria-current": name === this.name ? "page" : null,
          },
          name,
        ),
      ),
      iconButton("plus", "New dashboard", () =>
        ask("New dashboard", "Name", "", "Create", (name) => this.create(name, { panels: [] })),
      ),
    );
    replace(
      this.tools,
      this.picker.element,
      this.editing
        ? [
            h("button", { type: "button", onclick: () => this.editPanel(-1) }, icon("plus"), "Panel"),
            h("button.primary", { type: "button", onclick: () => void this.store() }, icon("ok"), "Save"),
            h("button", { type: "button", onclick: () => this.setEditing(false) }, "Cancel"),
          ]
        : [
            h(
              "button",
              { type: "button", title: "Edit (e)", onclick: () => this.setEditing(true) },
              icon("edit"),
              h("span.wide", {}, "Edit"),
            ),
            iconButton("copy", "Make a copy", () =>
              ask("Copy this dashboard", "Name", `${this.name} copy`, "Copy", (name) =>
                this.create(name, this.dashboard),
              ),
            ),
            iconButton("download", "Export as JSON", () =>
              download(
                `${this.name}.json`,
                "application/json",
                JSON.stringify(this.dashboard, null, 2) + "\n",
              ),
            ),
            iconButton("upload", "Import JSON", () => this.importFile()),
            this.saved.some(({ name }) => name === this.name)
              ? iconButton("trash", this.name in READY_MADE ? "Back to the ready-made one" : "Delete", () =>
                  this.remove(),
                )
              : null,
          ],
    );
    this.drawPanels();
  }

  private drawPanels(): void {
    for (const box of this.boxes) box.dispose();
    const context = {
      range: resolveRange(this.from, this.to || (this.from === "all" ? "" : "now")),
      from: this.from,
      to: this.to,
      onBrush: (from: bigint, to: bigint) => this.setRange(formatRfc3339(from), formatRfc3339(to)),
      sortOf: (title: string) => this.sorts.get(title) ?? "",
      onSort: (title: string, sort: string) => {
        this.sorts.set(title, sort);
        replaceHash(this.hash());
      },
    };
    this.boxes = this.dashboard.panels.map(
      (panel, i) =>
        new PanelBox(
          panel,
          context,
          this.editing
            ? [
                iconButton("up", `Move ${panel.title} forward`, () => this.move(i, -1)),
                iconButton("down", `Move ${panel.title} back`, () => this.move(i, 1)),
                iconButton("edit", `Edit ${panel.title}`, () => this.editPanel(i)),
                iconButton("trash", `Remove ${panel.title}`, () =>
                  this.change(this.dashboard.panels.filter((_, at) => at !== i)),
                ),
              ]
            : [],
        ),
    );
    replace(
      this.grid,
      this.boxes.map((box) => box.element),
      this.boxes.length > 0
        ? null
        : h(
            "div.nothing",
            {},
            icon("dashboards"),
            h("h2", {}, "An empty dashboard"),
            h("p", {}, "Edit it, and add the first panel."),
          ),
    );
    this.load(false);
  }

  // A few at a time: a dashboard must not take every worker of the server.
  private load(again = true): void {
    if (again) return this.drawPanels();
    const waiting = [...this.boxes];
    const next = async (): Promise<void> => {
      for (let box = waiting.shift(); box; box = waiting.shift()) await box.load();
    };
    for (let i = 0; i < 3; ++i) void next();
  }

  // ---- changing ----

  private setEditing(editing: boolean): void {
    if (!editing && this.changed) {
      this.changed = false;
      this.editing = false;
      void this.open();
      return;
    }
    this.editing = editing;
    this.draw();
  }

  private change(panels: Panel[]): void {
    this.dashboard = { ...this.dashboard, panels };
    this.changed = true;
    this.drawPanels();
  }

  private move(index: number, step: number): void {
    const panels = [...this.dashboard.panels];
    const to = index + step;
    if (to < 0 || to >= panels.length) return;
    [panels[index], panels[to]] = [panels[to], panels[index]];
    this.change(panels);
  }

  private editPanel(index: number): void {
    const panel = this.dashboard.panels[index] ?? {
      title: "",
      kind: "timeseries",
      query: "* | count by level, time($interval)",
      unit: "",
      width: 1,
    };
    const title = h<HTMLInputElement>("input.text", {
      type: "text",
      value: panel.title,
      maxlength: 120,
      required: true,
    });
    const query = h<HTMLTextAreaElement>("textarea.text.code", {
      rows: 4,
      spellcheck: "false",
      value: panel.query,
      required: true,
    });
    const choice = (value: string, options: [string, string][]): HTMLSelectElement =>
      h<HTMLSelectElement>(
        "select",
        { value },
        options.map(([name, label]) => h("option", { value: name }, label)),
      );
    const kind = choice(panel.kind, [
      ["timeseries", "Over time"],
      ["toplist", "Top list"],
      ["table", "Table"],
      ["stat", "One figure"],
    ]);
    const unit = choice(panel.unit ?? "", [
      ["", "none"],
      ["ms", "milliseconds"],
      ["bytes", "bytes"],
      ["percent", "percent"],
    ]);
    const width = choice(String(panel.width), [
      ["1", "a third"],
      ["2", "two thirds"],
      ["3", "whole"],
    ]);
    const form = h<HTMLFormElement>(
      "form.panel-form",
      {
        onsubmit: (event: Event) => {
          event.preventDefault();
          const edited: Panel = {
            title: title.value.trim(),
            kind: kind.value as PanelKind,
            query: query.value.trim(),
            unit: unit.value as Panel["unit"],
            width: Number(width.value) as 1 | 2 | 3,
          };
          const panels = [...this.dashboard.panels];
          if (index < 0) panels.push(edited);
          else panels[index] = edited;
          box.close();
          this.change(panels);
        },
      },
      h("label.field", {}, "Title", title),
      h("label.field", {}, "Query", query),
      h(
        "p.dim",
        {},
        "A query of the search language that counts: “level:ERROR | count by service”. $interval becomes a round time that suits the range.",
      ),
      h(
        "div.field-row",
        {},
        h("label.field", {}, "Shown as", kind),
        h("label.field", {}, "Unit", unit),
        h("label.field", {}, "Width", width),
      ),
      h("div.dialog-actions", {}, h("button.primary", { type: "submit" }, index < 0 ? "Add" : "Apply")),
    );
    const box = dialog(index < 0 ? "New panel" : "Panel", form);
    title.focus();
  }

  private async store(): Promise<void> {
    try {
      await save("dashboards", this.name, this.dashboard);
      this.changed = false;
      this.editing = false;
      toast(`“${this.name}” is kept on the server`);
      await this.open();
    } catch (error) {
      toast(messageOfError(error), "bad");
    }
  }

  private create(name: string, dashboard: Dashboard): void {
    if (name === "") return;
    save("dashboards", name, dashboard).then(
      () => {
        location.hash = hashOf("dashboards", {}, name);
      },
      (error) => toast(messageOfError(error), "bad"),
    );
  }

  private remove(): void {
    confirmThat(
      "Delete",
      `“${this.name}” as it is kept on the server is gone for everyone.`,
      "Delete",
      () => {
        unsave("dashboards", this.name).then(
          () => {
            if (this.name in READY_MADE) void this.open();
            else location.hash = hashOf("dashboards");
          },
          (error) => toast(messageOfError(error), "bad"),
        );
      },
    );
  }

  private importFile(): void {
    const input = h<HTMLInputElement>("input", {
      type: "file",
      accept: ".json,application/json",
      onchange: async () => {
        const file = input.files?.[0];
        if (!file) return;
        try {
          const dashboard = readDashboard(JSON.parse(await file.text()));
          ask("Import a dashboard", "Name", file.name.replace(/\.json$/, ""), "Import", (name) =>
            this.create(name, dashboard),
          );
        } catch (error) {
          toast(`${file.name}: ${messageOfError(error)}`, "bad");
        }
      },
    });
    input.click();
  }
}
