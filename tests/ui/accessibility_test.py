"""Everyone can use it (WCAG 2.2 AA), as far as a program can tell: names, roles, contrast, sizes, the focus;
with axe-core besides where TAFFRAIL_AXE names its file (axe.min.js; Debian has no package of it).

REQ P-02
"""

import os
import pathlib
import time

import site_for_tests as site

VIEWS = ["search", "live", "trail", "patterns", "dashboards", "audit", "health"]
AXE = os.environ.get("TAFFRAIL_AXE")

RUN_AXE = """;
const answer = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']});
return answer.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' ')}`);
"""
CHECKS = pathlib.Path(__file__).with_name("accessibility.js").read_text()


class AccessibilityTest(site.SiteTest):
    TRAFFIC = True

    def each_view(self):
        for view in VIEWS:
            self.open(f"trail/{self.request_id}" if view == "trail" else view)
            self.page.find("main .view")
            time.sleep(1)
            yield view

    def test_names_contrast_and_sizes(self):
        for dark in (False, True):
            self.page.set_dark(dark)
            for view in self.each_view():
                with self.subTest(f"{view}, {'dark' if dark else 'light'}"):
                    self.assertEqual(self.page.js(CHECKS), [])
        self.page.set_dark(False)

    def test_what_opens_over_the_page(self):
        self.open(q="level:WARNING OR level:ERROR")
        self.hits()
        self.page.press("j")
        self.page.until(lambda: self.page.count(".detail .value") > 3, "the record")
        for keys in ("t", "c", "s", "?"):
            self.page.press(keys)
            time.sleep(0.4)
            with self.subTest(keys):
                self.assertEqual(self.page.js(CHECKS), [])
                inside = "return !!document.activeElement.closest('.popup, dialog')"
                self.assertTrue(self.page.js(inside), "the focus is in what has opened")
            self.page.press("Escape")

    def test_the_checks_can_fail(self):
        self.open("health")
        self.page.until_text(".verdict", "well")
        self.page.js(
            "const b = document.createElement('button'); b.style.height = '9px'; b.style.minHeight = '0';"
            "const t = document.createElement('p'); t.textContent = 'pale'; t.style.color = '#ddd';"
            "document.querySelector('main').append(b, t);"
        )
        said = " ".join(self.page.js(CHECKS))
        for part in ("has no name", "a target of", "contrast"):
            self.assertIn(part, said)

    def test_the_keyboard_reaches_everything(self):
        self.open()
        self.hits()
        self.page.press("Tab")
        self.assertEqual(self.page.js("return document.activeElement.className"), "skip")
        reached = set()
        for _ in range(60):
            self.page.press("Tab")
            reached.add(
                self.page.js("const e = document.activeElement; return e.title || e.className || e.tagName")
            )
        for name in (
            "Live (g l)",
            "query-input",
            "Time range (t)",
            "primary run",
            "Columns (c)",
            "Export",
            "list",
        ):
            self.assertTrue(any(name in each for each in reached), f"{name} was not reached: {reached}")

    def test_axe_finds_nothing(self):
        if not AXE:
            self.skipTest("TAFFRAIL_AXE is not set: axe-core is no Debian package")
        source = pathlib.Path(AXE).read_text()
        for dark in (False, True):
            self.page.set_dark(dark)
            for view in self.each_view():
                with self.subTest(f"{view}, {'dark' if dark else 'light'}"):
                    found = self.page.js(source + RUN_AXE)
                    self.assertEqual(found, [])
        self.page.set_dark(False)


if __name__ == "__main__":
    site.main()
