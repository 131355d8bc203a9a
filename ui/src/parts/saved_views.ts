// Searches with names, kept on the server for everyone who uses it.
import { listSaved, messageOfError, save, unsave } from "../lib/api";
import { confirmThat, menu, MenuItem, toast } from "./popup";

export interface SavedView {
  q: string;
  lang: string;
  from: string;
  to: string;
  cols: string[];
  facets: string[];
}

export async function saveView(name: string, view: SavedView): Promise<void> {
  if (name === "") return;
  try {
    await save("views", name, view);
    toast(`Saved as “${name}”`);
  } catch (error) {
    toast(messageOfError(error), "bad");
  }
}

export async function savedMenu(
  from: HTMLElement,
  open: (view: SavedView) => void,
  saveThis: () => void,
): Promise<void> {
  const items: MenuItem[] = [{ label: "Save this search …", icon: "plus", run: saveThis }];
  try {
    const saved = await listSaved<SavedView>("views");
    for (const { name, value } of saved)
      items.push({ label: name, icon: "star", detail: value.q, run: () => open(value) });
    if (saved.length > 0) {
      items.push({
        label: "Delete one …",
        icon: "trash",
        run: () =>
          menu(
            from,
            saved.map(({ name }) => ({
              label: name,
              icon: "trash",
              run: () =>
                confirmThat("Delete a saved search", `“${name}” is gone for everyone.`, "Delete", () => {
                  unsave("views", name).then(
                    () => toast(`“${name}” was deleted`),
                    (error) => toast(messageOfError(error), "bad"),
                  );
                }),
            })),
            "Delete a saved search",
          ),
      });
    }
  } catch (error) {
    return toast(messageOfError(error), "bad");
  }
  menu(from, items, "Saved searches");
}
