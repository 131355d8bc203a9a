// Whose lines the page is about, on a server that keeps tenants apart: a cookie, which goes with every request and every
// link that is followed. Where a proxy names the tenant, nobody is asked.
import { iconButton } from "../lib/dom";
import { ask, toast } from "./popup";

const COOKIE = "taffrail_tenant";
const NAME = /^[A-Za-z0-9!_.*'()-]{1,150}$/; // docs/tenants.md

function current(): string {
  const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) ?? "";
}

let asked = false;

// At most once for a page, however many of its requests were refused.
export function askTenant(again = false): void {
  if (asked && !again) return;
  asked = true;
  ask("Whose lines?", "Tenant", current(), "Show them", (name) => {
    if (!NAME.test(name)) return toast("A tenant's name is of letters, digits and ! - _ . * ' ( )", "bad");
    document.cookie = `${COOKIE}=${name}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  });
}

// Says which it is, and lets another be chosen; nothing on a server without tenants.
export function tenantButton(): HTMLElement | null {
  const name = current();
  if (name === "") return null;
  return iconButton("tenant", `Tenant: ${name}`, () => askTenant(true), "button.icon-button.tenant");
}
