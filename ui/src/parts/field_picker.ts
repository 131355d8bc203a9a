// A list of the fields there are, to pick some from: columns, facets, the keys of a panel.
import { h, replace } from "../lib/dom";
import { FieldsAnswer, getJson, messageOfError } from "../lib/api";
import { short } from "../lib/format";
import { popup } from "./popup";

export async function pickFields(
  from: HTMLElement,
  title: string,
  chosen: string[],
  range: { from?: string; to?: string },
  onChange: (chosen: string[]) => void,
): Promise<void> {
  const list = h("div.picker-list", {}, h("p.dim", {}, "Loading …"));
  const filter = h<HTMLInputElement>("input.text", {
    type: "search",
    placeholder: "Find a field",
    "aria-label": "Find a field",
    oninput: () => show(),
  });
  const content = h(
    "div.picker",
    { role: "dialog", "aria-label": title },
    h("div.menu-title", {}, title),
    filter,
    list,
  );
  if (!popup(from, content)) return;
  filter.focus();
  let fields: FieldsAnswer["fields"] = [];
  const show = (): void => {
    const typed = filter.value.toLowerCase();
    const names = [
      ...chosen
        .filter((name) => !fields.some((field) => field.name === name))
        .map((name) => ({ name, lines: 0 })),
      ...fields,
    ].filter(({ name }) => name.toLowerCase().includes(typed));
    names.sort((a, b) => Number(chosen.includes(b.name)) - Number(chosen.includes(a.name)));
    replace(
      list,
      names.slice(0, 200).map(({ name, lines }) => {
        const box = h<HTMLInputElement>("input", {
          type: "checkbox",
          checked: chosen.includes(name),
          onchange: () => {
            chosen = box.checked ? [...chosen, name] : chosen.filter((each) => each !== name);
            onChange(chosen);
          },
        });
        return h(
          "label.picker-row",
          {},
          box,
          h("span.grow", {}, name),
          h("span.dim", {}, lines > 0 ? short(lines) : ""),
        );
      }),
      names.length > 200 ? h("p.dim", {}, `${names.length - 200} more: type to find one`) : null,
      names.length === 0 ? h("p.dim", {}, "There is no such field.") : null,
    );
  };
  try {
    fields = (await getJson<FieldsAnswer>("/api/v1/fields", { limit: 6000, ...range })).fields;
    show();
  } catch (error) {
    replace(list, h("p.error", {}, messageOfError(error)));
  }
}
