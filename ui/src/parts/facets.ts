// The values that the hits have, with counts: a click searches for one or without it.
import { h, icon, replace } from "../lib/dom";
import { Facet } from "../lib/api";
import { count, percent, short } from "../lib/format";
import { LEVELS } from "../lib/record";

export interface FacetActions {
  stateOf: (name: string, value: string) => string; // "include", "exclude" or ""
  filter: (name: string, value: string, exclude: boolean) => void;
  add: (from: HTMLElement) => void;
  remove: (name: string) => void;
  removable: (name: string) => boolean;
}

function row(
  facet: Facet,
  value: string,
  lines: number,
  total: number,
  state: string,
  actions: FacetActions,
): HTMLElement {
  const name = value === "" ? '""' : value;
  const bar = h("span.facet-bar");
  bar.style.width = `${Math.max(1, (100 * lines) / Math.max(1, total))}%`;
  const isLevel = facet.field === "level" && (LEVELS as readonly string[]).includes(value);
  return h(
    `li.facet-row${state ? ".is-" + state : ""}`,
    {},
    bar,
    h(
      "button.facet-value",
      {
        type: "button",
        "aria-pressed": String(state === "include"),
        title: `${name}: ${count(lines)} lines, ${percent(lines, total)}`,
        onclick: () => actions.filter(facet.field, value, false),
      },
      isLevel ? h(`span.level-dot.back-${value}`) : null,
      h("span.facet-name", {}, name),
      h("span.facet-count", {}, short(lines)),
    ),
    h(
      "button.facet-exclude",
      {
        type: "button",
        "aria-label": `Without ${name}`,
        title: `Without ${name}`,
        "aria-pressed": String(state === "exclude"),
        onclick: () => actions.filter(facet.field, value, true),
      },
      icon("minus"),
    ),
  );
}

export function facetPanel(
  element: HTMLElement,
  facets: Facet[],
  total: number,
  actions: FacetActions,
): void {
  const focused =
    document.activeElement instanceof HTMLElement && element.contains(document.activeElement)
      ? document.activeElement.title
      : "";
  replace(
    element,
    facets.map((facet) =>
      h(
        "section.facet",
        { "aria-label": facet.field },
        h(
          "h3",
          {},
          h("span.facet-field", { title: facet.field }, facet.field),
          facet.distinct > 12 ? h("span.dim", {}, `${short(facet.distinct)}`) : null,
          actions.removable(facet.field)
            ? h(
                "button.facet-remove",
                {
                  type: "button",
                  "aria-label": `No facet ${facet.field}`,
                  title: "Remove this facet",
                  onclick: () => actions.remove(facet.field),
                },
                icon("close"),
              )
            : null,
        ),
        facet.values.length === 0
          ? h("p.dim.facet-none", {}, "no hit has it")
          : h(
              "ul",
              {},
              facet.values.map(({ value, lines }) =>
                row(facet, value, lines, total, actions.stateOf(facet.field, value), actions),
              ),
            ),
      ),
    ),
    h(
      "button.facet-add",
      {
        type: "button",
        "aria-haspopup": "dialog",
        onclick: (event: MouseEvent) => actions.add(event.currentTarget as HTMLElement),
      },
      icon("plus"),
      "Field",
    ),
  );
  if (focused) element.querySelector<HTMLElement>(`[title="${CSS.escape(focused)}"]`)?.focus();
}
