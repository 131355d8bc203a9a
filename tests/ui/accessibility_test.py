"""Everyone can use it (WCAG 2.2 AA), as far as a program can tell: names, roles, contrast, sizes, the focus;
with axe-core besides where TAFFRAIL_AXE names its file (axe.min.js; Debian has no package of it).

REQ P-02
"""

import contextlib
import os
import pathlib

import site_for_tests as site

VIEWS = ["search", "live", "trail", "patterns", "dashboards", "audit", "health"]
AXE = os.environ.get("TAFFRAIL_AXE")

RUN_AXE = """
const answer = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']});
return answer.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' ')}`);
"""
CHECKS = pathlib.Path(__file__).with_name("accessibility.js").read_text()


# What lies beyond the window's sides; what scrolls within the page may.
OUTSIDE = """
return [...document.querySelectorAll('main button, main input, main select, nav a')]
    .filter((e) => e.checkVisibility() && !e.closest('.facets, .tabs, .table-scroll, .panel-scroll'))
    .map((e) => [e.title || e.textContent || e.name, e.getBoundingClientRect()])
    .filter(([, r]) => r.width > 0 && (r.left < -1 || r.right > innerWidth + 1))
    .map(([name]) => name);
"""
PHONE, WIDE, LARGEST = (360, 740), (1920, 1080), (3840, 2160)


POPUPS = ("t", "c", "s", "?")  # the keys that open something over the page


class AccessibilityTest(site.SiteTest):
    TRAFFIC = True

    def each_view(self):
        """Opens one after the other, and waits until it is there."""
        for view in VIEWS:
            self.open(f"trail/{self.request_id}" if view == "trail" else view)
            self.page.settle()
            yield view

    def each_look(self, view, sizes):
        """Light and dark in every size."""
        for size in sizes:
            self.page.resize(*size)
            for look in ("light", "dark"):
                self.page.set_dark(look == "dark")
                self.page.js("for (let n = 0; n < 2; ++n) await new Promise(requestAnimationFrame);")
                yield f"{view}-{look}-{size[0]}"

    def test_each_view_fits_a_phone_and_a_wide_screen_light_and_dark(self):
        for view in self.each_view():
            for name in self.each_look(view, [PHONE, WIDE]):
                with self.subTest(name):
                    self.assert_fits()
                    self.assertEqual(self.page.js(CHECKS), [])
                self.shot(name)
            self.page.resize(*LARGEST)
            with self.subTest(f"{view} at {LARGEST[0]}"):
                self.assert_fits()

    def assert_fits(self):
        self.assertEqual(self.page.js("return document.documentElement.scrollWidth - innerWidth"), 0)
        self.assertEqual(self.page.js(OUTSIDE), [])

    def test_axe_finds_nothing(self):
        if not AXE:
            self.skipTest("TAFFRAIL_AXE is not set: axe-core is no Debian package")
        source = pathlib.Path(AXE).read_text()
        for view in self.each_view():
            self.page.js(source)
            for name in self.each_look(view, [PHONE, WIDE]):
                with self.subTest(name):
                    self.assertEqual(self.page.js(RUN_AXE), [])
        self.page.resize(*WIDE)
        self.open_record()
        self.page.js(source)
        for keys in POPUPS:
            with self.opened(keys):
                self.assertEqual(self.page.js(RUN_AXE), [])

    def test_what_opens_over_the_page(self):
        self.open_record()
        for keys in POPUPS:
            with self.opened(keys):
                self.assertEqual(self.page.js(CHECKS), [])
                inside = "return !!document.activeElement.closest('.popup, dialog')"
                self.assertTrue(self.page.js(inside), "the focus is in what has opened")

    def open_record(self):
        self.open(q="level:WARNING OR level:ERROR")
        self.hits()
        self.page.press("j")
        self.page.until(lambda: self.page.count(".detail .value") > 3, "the record")

    @contextlib.contextmanager
    def opened(self, keys):
        self.page.press(keys)
        self.page.find(".popup, dialog[open]")
        self.page.settle()
        with self.subTest(keys):
            yield
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


if __name__ == "__main__":
    site.main()
