// What a new server shows: how the first line comes in.
import { h, icon, iconButton } from "../lib/dom";
import { messageOfError, request } from "../lib/api";
import { copy, toast } from "./popup";

function command(text: string): HTMLElement {
  return h(
    "div.command",
    {},
    h("code", {}, text),
    iconButton("copy", "Copy", () => void copy(text, "Command")),
  );
}

export function emptyStore(again: () => void): HTMLElement {
  const here = location.origin;
  return h(
    "div.nothing.empty-store",
    {},
    icon("upload"),
    h("h2", {}, "No line has come in yet"),
    h("p", {}, "Send the first one:"),
    command(`curl -d '{"level":"INFO","message":"hello"}' ${here}/api/v1/ingest`),
    h("p", {}, "or a file of them:"),
    command(`taffrail import --url ${here} app.log`),
    h("p", {}, "Loki's push protocol is understood too, under /loki/api/v1/push."),
    h(
      "div.nothing-actions",
      {},
      h(
        "button.primary",
        {
          type: "button",
          onclick: () => {
            request("/api/v1/logs/test", {}, { method: "POST" }).then(again, (error) =>
              toast(messageOfError(error), "bad"),
            );
          },
        },
        "Write test lines",
      ),
      h("button", { type: "button", onclick: again }, "Look again"),
    ),
  );
}
