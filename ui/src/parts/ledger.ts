// The state of the audit ledger, where the server keeps one: how long it is, its last checkpoint, and whether it proves.
import { h, icon, replace } from "../lib/dom";
import { getText, hasRoute, messageOfError } from "../lib/api";
import { Json, parseJson } from "../lib/json";
import { jsonTree } from "./json_tree";
import { copy, dialog } from "./popup";

const ROUTE = "/api/v1/audit";

function fact(value: Json, names: string[]): string {
  if (value.kind !== "object") return "";
  for (const name of names) {
    const found = value.members.find(([key]) => key === name)?.[1];
    if (found && found.kind !== "object" && found.kind !== "array") return found.text;
  }
  return "";
}

export function ledgerCard(): HTMLElement {
  const element = h("span.ledger", {}, h("span.dim", {}, "Ledger …"));
  void load(element);
  return element;
}

async function load(element: HTMLElement): Promise<void> {
  if (!(await hasRoute(ROUTE))) {
    return replace(
      element,
      h(
        "span.dim",
        { title: "Nothing is proved about these records" },
        icon("audit"),
        "No ledger on this server",
      ),
    );
  }
  try {
    const ledger = parseJson(await getText(ROUTE));
    const verified = fact(ledger, ["verified", "ok", "consistent"]);
    const size = fact(ledger, ["size", "tree_size", "records"]);
    replace(
      element,
      h(
        "button",
        {
          type: "button",
          title: "The ledger",
          onclick: () => {
            dialog(
              "Audit ledger",
              jsonTree(ledger, (path, text) => void copy(text, path || "Value")),
              [
                h(
                  "a.button",
                  { href: `${ROUTE}/checkpoint`, download: "checkpoint" },
                  icon("download"),
                  "Checkpoint",
                ),
              ],
            );
          },
        },
        icon(verified === "false" ? "warning" : "audit"),
        verified === "false" ? "Ledger does not verify" : `Ledger of ${size || "?"} records`,
      ),
    );
  } catch (error) {
    replace(element, h("span.bad", { title: messageOfError(error) }, icon("warning"), "Ledger: no answer"));
  }
}
