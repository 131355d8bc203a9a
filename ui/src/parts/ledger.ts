// The audit ledgers, where the server keeps them: how long each is, how much of it is signed, and the files with which
// anyone can check that without trusting this server.
import { Child, h, icon, replace } from "../lib/dom";
import { getJson, hasRoute, messageOfError, request } from "../lib/api";
import { count, duration, plural } from "../lib/format";
import { parseRfc3339, toMs } from "../lib/time";
import { copy, dialog, download, toast } from "./popup";

const ROUTE = "/api/v1/audit";

interface Ledger {
  tenant: string;
  class: string;
  origin: string;
  key: string;
  size: number;
  signed_size: number;
  checkpoint_time: string | null;
  checkpoints: number;
  cosignatures: number;
  problem: string | null;
}

interface Ledgers {
  ledgers: Ledger[];
  incomplete?: number;
  rejected?: number;
  failures?: number;
}

export function ledgerCard(): HTMLElement {
  const element = h("span.ledger", {}, h("span.dim", {}, "Ledger …"));
  void load(element);
  return element;
}

async function load(element: HTMLElement): Promise<void> {
  const say = (text: string, title: string, kind = "dim"): void =>
    replace(element, h(`span.${kind}`, { title }, icon(kind === "bad" ? "warning" : "audit"), text));
  if (!(await hasRoute(ROUTE)))
    return say("No ledger on this server", "Nothing is proved about these records");
  try {
    const answer = await getJson<Ledgers>(ROUTE);
    if (answer.ledgers.length === 0) return say("No ledger yet", "The first audit record begins one");
    const wrong = answer.ledgers.filter((ledger) => ledger.problem !== null).length;
    const signed = answer.ledgers.reduce((sum, ledger) => sum + ledger.signed_size, 0);
    const label =
      wrong > 0 ? plural(wrong, "ledger needs care", "ledgers need care") : `Ledger: ${count(signed)} signed`;
    replace(
      element,
      h(
        `button.${wrong > 0 ? "bad" : "good"}`,
        { type: "button", title: "State, checkpoints and proofs", onclick: () => show(answer) },
        icon(wrong > 0 ? "warning" : "audit"),
        label,
      ),
    );
  } catch (error) {
    say("Ledger: no answer", messageOfError(error), "bad");
  }
}

function show(answer: Ledgers): void {
  const odd: Child = [
    [answer.incomplete, "audit record lacks", "audit records lack", "who, what, when, where or how it ended"],
    [answer.rejected, "was", "were", "refused for that"],
    [answer.failures, "could", "could", "not be written to a ledger"],
  ]
    .filter(([n]) => Number(n) > 0)
    .map(([n, one, many, rest]) => h("p.care", {}, `${count(Number(n))} ${n === 1 ? one : many} ${rest}.`));
  dialog("Audit ledgers", [answer.ledgers.map(ledgerBox), odd]);
}

function stateOf(ledger: Ledger): string {
  if (ledger.problem !== null) return ledger.problem;
  const waiting = ledger.size - ledger.signed_size;
  const at = ledger.checkpoint_time === null ? null : parseRfc3339(ledger.checkpoint_time);
  const when = at === null ? "" : `, ${duration(Math.max(0, Date.now() - toMs(at)))} ago`;
  return (
    `${plural(ledger.signed_size, "record")} signed by checkpoint ${count(ledger.checkpoints)}${when}` +
    (ledger.cosignatures > 0 ? `, with ${plural(ledger.cosignatures, "witness", "witnesses")}` : "") +
    (waiting > 0 ? `; ${count(waiting)} wait for the next` : "")
  );
}

function ledgerBox(ledger: Ledger): HTMLElement {
  const base = `${ROUTE}/${encodeURIComponent(ledger.tenant)}/${encodeURIComponent(ledger.class)}`;
  const index = h<HTMLInputElement>("input.text", {
    type: "number",
    min: 0,
    max: Math.max(0, ledger.signed_size - 1),
    value: Math.max(0, ledger.signed_size - 1),
    required: true,
  });
  const save = async (path: string, name: string): Promise<void> => {
    try {
      download(name, "text/plain", await (await request(path)).text());
    } catch (error) {
      toast(messageOfError(error), "bad");
    }
  };
  const proof = (event: Event): void => {
    event.preventDefault();
    void save(`${base}/proof?index=${index.value}`, `${ledger.class}-${index.value}.proof`);
  };
  return h(
    "section.panel-box.ledger-box",
    { "aria-label": `Ledger ${ledger.tenant} ${ledger.class}` },
    h("h2", {}, icon(ledger.problem === null ? "ok" : "warning"), `${ledger.tenant} / ${ledger.class}`),
    h(`p.${ledger.problem === null ? "good" : "bad"}`, {}, stateOf(ledger)),
    h("p.dim", {}, "Key: ", h("code", {}, ledger.key)),
    h(
      "form.ledger-actions",
      { onsubmit: proof },
      h(
        "button",
        { type: "button", onclick: () => void save(`${base}/checkpoint`, `${ledger.class}.checkpoint`) },
        icon("download"),
        "Checkpoint",
      ),
      h("button", { type: "button", onclick: () => void copy(ledger.key, "Key") }, icon("copy"), "Key"),
      h("label.field", {}, "Proof of record", index),
      h("button", { type: "submit", disabled: ledger.signed_size === 0 }, icon("download"), "Proof"),
    ),
  );
}
