"""The other views, each as it is used: live tail, trail, patterns, dashboards, audit, health; the keyboard.

REQ P-02, Q-09, C-06
"""

import json
import time

import site_for_tests as site


class LiveTest(site.SiteTest):
    def rows(self):
        return self.page.js(
            "return [...document.querySelectorAll('.hit .cell-message')].map((e) => e.firstChild?.data)"
        )

    def test_lines_appear_pause_and_go_on(self):
        self.open("live", q="service:live")
        self.page.until_text(".status-text", "Following")
        self.ingest(
            {"service": "live", "level": "INFO", "message": "first"},
            {"service": "other", "level": "INFO", "message": "not asked for"},
        )
        self.page.until(lambda: self.rows() == ["first"], "the line that fits")
        self.page.press("p")
        self.ingest({"service": "live", "level": "ERROR", "message": "second"})
        self.page.until_text(".status-text", "Paused · 1 new line")
        self.assertEqual(self.rows(), ["first"])
        self.page.press("p")
        self.page.until(lambda: self.rows() == ["second", "first"], "what came meanwhile")
        self.page.press("x")
        self.page.until(lambda: self.rows() == [], "an empty list")

    def test_a_line_is_seen_at_once(self):
        self.open("live")
        self.page.until_text(".status-text", "Following")
        self.page.js("""window.seenAt = 0;
            new MutationObserver(() => {
              const text = document.querySelector('.list-layer').textContent;
              if (!window.seenAt && text.includes('now!')) window.seenAt = Date.now();
            }).observe(document.querySelector('.list-layer'), {childList: true, subtree: true});""")
        self.ingest({"level": "INFO", "message": "now!"})
        self.page.until(lambda: self.page.js("return window.seenAt > 0"), "the line")

    def test_more_than_can_be_kept_is_counted_as_missed(self):
        self.open("live", q="service:flood")
        self.page.until_text(".status-text", "Following")
        self.page.press("p")
        # In pieces that the server keeps for a slow reader, so that it is the page that has too many.
        for begin, said in ((0, "2,000 new lines"), (2000, "4,000 new lines"), (4000, "5,000 new lines")):
            self.ingest(*({"service": "flood", "message": f"line {begin + n}"} for n in range(2000)))
            self.page.until_text(".status-text", said)
        self.page.until_text(".live-missed", "1,000 missed")
        self.page.press("p")
        self.page.until(lambda: self.rows()[:1] == ["line 5999"], "the newest")

    def test_the_rate_is_shown(self):
        self.open("live")
        self.page.until_text(".status-text", "Following")
        # The mean of five seconds: all lines are within them for a while, however long they took to come.
        self.page.js(
            "window.most = 0; new MutationObserver(() => {"
            "  most = Math.max(most, parseInt(document.querySelector('.live-rate b').textContent));"
            "}).observe(document.querySelector('.live-rate'), {childList: true, subtree: true});"
        )
        self.ingest(*({"service": "rate", "level": "INFO", "message": f"line {n}"} for n in range(500)))
        self.page.until(lambda: self.page.js("return most") == 100, "500 lines in five seconds")

    def test_a_filter_that_is_wrong_is_explained(self):
        self.console_may_say = ["400"]
        self.open("live", q="level:")
        self.page.until_text(".query-error", "a value is missing")


class TrailTest(site.SiteTest):
    TRAFFIC = True

    def test_a_request_is_followed_from_a_record_in_two_clicks(self):
        self.open(q=f'"{self.request_id}"')
        self.hits()
        self.page.press("j")
        self.page.click(".detail-actions a", "Trail")
        self.page.until_text(".trail-facts", "2 services")
        answer = self.ask(f"/api/v1/trail/{self.request_id}")
        self.assertIn(f"{answer['lines']} lines", self.page.text(".trail-facts"))
        self.assertEqual(self.page.count(".lane"), 2)
        self.assertEqual(self.page.count(".hit.trail-line"), answer["lines"])
        timed = sum("duration_ms" in event for event in answer["events"])
        self.assertEqual(
            self.page.js("return document.querySelectorAll('.water-bar:not(.mark):not(.gap)').length"), timed
        )
        # And from any value that is an id.
        self.open(q=f'"{self.request_id}"')
        self.hits()
        self.page.press("j")
        self.page.click(".detail .value", self.request_id)
        self.page.click(".menu-item", "Trail of this id")
        self.page.until_text(".trail-facts", "2 services")
        self.shot("trail-light")
        self.page.set_dark(True)
        self.shot("trail-dark")
        self.page.set_dark(False)

    def test_errors_are_marked_and_gaps_said(self):
        lines = [
            {"timestamp": site.stamp(9), "level": "INFO", "service": "shop", "message": "begin"},
            {
                "timestamp": site.stamp(8.9),
                "level": "INFO",
                "service": "shop",
                "message": "asked for payment",
            },
            {"timestamp": site.stamp(4), "level": "ERROR", "service": "bank", "message": "refused"},
        ]
        self.ingest(*({**line, "request_id": "req_gap0000001"} for line in lines))
        self.open("trail/req_gap0000001")
        self.page.until_text(".trail-gap", "without a line")
        self.assertEqual(self.page.count(".trail-gap"), 1)
        self.assertEqual(self.page.count(".trail-line.is-error"), 1)
        self.assertIn("1 error", self.page.text(".trail-facts"))
        self.page.press("e")
        self.page.until_text(".detail", "refused")

    def test_an_id_that_nobody_has(self):
        self.console_may_say = ["404"]
        self.open("trail")
        self.page.until_text(".nothing", "Follow one request")
        self.page.press("/")
        self.page.type(".trail-input", "req_nobody_has_this")
        self.page.press("Enter")
        self.page.until_text(".nothing", "No line has this id")


class PatternsTest(site.SiteTest):
    def test_lines_are_grouped_and_new_ones_marked(self):
        self.ingest(
            *(
                {
                    "timestamp": site.stamp(3000 - 10 * n),
                    "level": "INFO",
                    "message": f"user u{n} logged in from 10.0.0.{n}",
                }
                for n in range(250)
            )
        )
        self.ingest(
            *(
                {"timestamp": site.stamp(20 - n), "level": "ERROR", "message": f"disk sd{n} is failing"}
                for n in range(5)
            )
        )
        self.open("patterns")
        self.page.until_text(".pattern", "logged in from")
        first = self.page.text(".patterns li:first-child")
        for part in ("disk", "new", "5 errors", "5"):
            self.assertIn(part, first)
        self.assertEqual(self.page.count(".patterns li"), 2)
        self.page.click(".pattern", "logged in from")
        self.assertEqual(self.hits(), 250)

    def test_what_grows_is_marked(self):
        def lines(message, ages):
            return ({"timestamp": site.stamp(age), "level": "INFO", "service": "growth", "message": message}
                    for age in ages)  # fmt: skip

        self.ingest(*lines("cache missed for key a1", [*range(3000, 3020), *range(100, 400)]))
        self.ingest(*lines("evening report was sent to all", range(100, 3100, 15)))
        self.open("patterns", q="service:growth")
        self.assertIn("growing", self.page.until_text(".patterns li", "cache"))
        self.assertNotIn("growing", self.page.until_text(".patterns li", "evening"))

    def test_patterns_of_logql_are_the_servers(self):
        lines = ({"timestamp": site.stamp(60 + n), "service": "logins", "message": f"user u{n} logged out"}
                 for n in range(40))  # fmt: skip
        self.ingest(*lines, stream_fields="service")
        self.open("patterns", q='{service="logins"}', lang="logql")
        self.assertIn("40", self.page.until_text(".patterns li", "logged out"))
        self.assertEqual(self.page.count(".patterns li"), 1)


class DashboardsTest(site.SiteTest):
    TRAFFIC = True

    def settled(self):
        self.page.until(
            lambda: self.page.count(".panel-box[aria-busy=false]") > 0
            and self.page.count(".panel-box[aria-busy=true]") == 0,
            "every panel's answer",
        )

    def kept(self):
        items = self.ask("/api/v1/saved/dashboards")["items"]
        return {item["name"]: item["value"]["panels"][0]["kind"] for item in items if item["value"]["panels"]}

    def test_the_ready_made_ones_have_answers(self):
        self.open("dashboards")
        self.page.find(".tab")
        names = self.page.js("return [...document.querySelectorAll('.tab')].map((e) => e.textContent)")
        self.assertEqual(
            names[:6], ["Requests", "Errors", "Database", "Jobs", "Security and OAuth", "System"]
        )
        for name in names[:6]:
            with self.subTest(name):
                self.page.click(".tab", name)
                self.page.until_text(".tab[aria-current]", name)
                self.settled()
                self.assertEqual(
                    self.page.js(
                        "return [...document.querySelectorAll('.panel-body .error')]"
                        ".map((e) => e.textContent)"
                    ),
                    [],
                )
                self.assertGreater(self.page.count(".chart-plot path"), 0)
                self.shot("dashboard-" + name.split()[0].lower())
        requests = self.ask(
            "/api/v1/search", query="logger:performance.http | count", format="json", **{"from": "-1h"}
        )
        self.page.click(".tab", "Requests")
        self.settled()
        self.assertGreater(requests["rows"][0][0], 50)

    def test_the_order_of_a_table_is_in_the_address(self):
        self.open("dashboards")
        self.settled()
        self.page.click(".panel-table th button", "requests")
        self.page.click(".panel-table th button", "requests")
        self.page.find(".panel-table th[aria-sort=ascending]", "requests")
        address = self.page.until(lambda: "up%3Arequests" in self.page.url and self.page.url, "it there")
        self.page.press("r")  # nor does asking again lose it
        self.settled()
        self.page.find(".panel-table th[aria-sort=ascending]", "requests")
        self.page.forget()
        self.page.open(address)
        self.page.find(".panel-table th[aria-sort=ascending]", "requests")
        cells = self.page.js(
            "return [...document.querySelectorAll('.panel-table tbody tr')]"
            ".map((r) => +r.cells[2].textContent)"
        )
        self.assertGreater(len(cells), 2)
        self.assertEqual(cells, sorted(cells))
        self.page.click(".tab", "Errors")
        self.page.until(lambda: "sort" not in self.page.url, "another dashboard without it")

    def test_one_is_made_changed_kept_exported_and_deleted(self):
        self.open("dashboards")
        self.page.click('[title="New dashboard"]')
        self.page.type("dialog input", "Mine / yours")
        self.page.press("Enter")
        self.page.until_text(".tab[aria-current]", "Mine / yours")
        self.page.press("e")
        self.page.click(".view-tools button", "Panel")
        self.page.type("dialog input", "Lines a service")
        self.page.type("dialog textarea", "service:* | count by service")
        self.page.js("const s = document.querySelector('dialog select'); s.value = 'toplist';")
        self.page.click("dialog .primary")
        self.page.until_text(".top", "api")
        self.page.click(".view-tools button", "Save")
        self.page.until_text(".toast", "kept on the server")
        self.assertEqual(self.kept().get("Mine / yours"), "toplist")
        self.page.reload()
        self.page.until_text(".top", "api")
        self.page.js(
            "window.saved = null;"
            "URL.createObjectURL = (blob) => { window.saved = blob; return '#/dashboards'; };"
        )
        self.page.click('[title="Export as JSON"]')
        exported = self.page.until(lambda: self.page.js("return window.saved?.text()"), "the file")
        self.assertEqual([panel["title"] for panel in json.loads(exported)["panels"]], ["Lines a service"])
        self.page.reload()
        self.page.click('[title="Delete"]')
        self.page.click("dialog .danger")
        self.page.until_text(".tab[aria-current]", "Requests")
        self.assertNotIn("Mine / yours", self.kept())

    def test_one_is_imported(self):
        path = self.dir / "Imported.json"
        panel = {"title": "All", "kind": "stat", "query": "* | count", "width": 1}
        path.write_text(json.dumps({"panels": [panel]}))
        self.open("dashboards")
        self.page.js(
            "window.input = null; const old = HTMLInputElement.prototype.click;"
            "HTMLInputElement.prototype.click = function() {"
            "  window.input = this; document.body.append(this); };"
            "document.querySelector('[title=\"Import JSON\"]').click();"
            "HTMLInputElement.prototype.click = old;"
        )
        self.page.type("input[type=file]", str(path), clear=False)
        self.page.click("dialog .primary", "Import")
        self.page.until_text(".tab[aria-current]", "Imported")
        self.page.find(".stat-value")
        self.assertEqual(self.kept()["Imported"], "stat")


class AuditTest(site.SiteTest):
    TRAFFIC = True

    def test_audit_records_are_searched(self):
        self.open("audit")
        self.page.until(lambda: self.page.count(".audit-row") > 10, "rows")
        self.shot("audit-light")
        self.page.click(".facet-value", "failure")
        self.page.until(lambda: "outcome=failure" in self.page.url, "the filter in the address")
        expected = self.ask("/api/v1/logs/audit", outcome="failure")["lines"]
        self.assertGreater(expected, 0)
        self.page.until(
            lambda: self.page.text(".status-text").split(" ")[0] == f"{expected:,}", "the count of failures"
        )
        self.page.press("j")
        self.page.until_text(".detail", "outcome")
        self.assertIn("ledger", self.page.text(".ledger").lower())


class LedgerTest(site.SiteTest):
    CONFIG = "audit:\n  checkpoint_interval_ms: 50\n"

    def test_the_ledger_is_shown_and_what_it_gives_proves(self):
        event = {"event": "task_deleted", "user_id": "usr_1", "resource": "task 1", "outcome": "success",
                 "ip_address": "192.0.2.1", "security_level": "audit"}  # fmt: skip
        self.ingest(*({"timestamp": site.stamp(n), **event} for n in range(3)))
        self.page.until(lambda: [each["signed_size"] for each in self.ledgers()] == [3], "a checkpoint")
        [ledger] = self.ledgers()
        self.open("audit")
        self.page.click(".ledger button", "3 signed")
        self.page.until_text("dialog .ledger-box", "3 records signed by checkpoint")
        self.assertIn(ledger["key"], self.page.text("dialog"))
        self.page.js(
            "window.saved = null; URL.createObjectURL = (blob) => { window.saved = blob; return '#/audit'; };"
        )
        self.page.click("dialog button", "Checkpoint")
        checkpoint = self.page.until(lambda: self.page.js("return window.saved?.text()"), "the checkpoint")
        address = f"/api/v1/audit/{ledger['tenant']}/{ledger['class']}/checkpoint"
        self.assertEqual(checkpoint, self.server.get(address).decode())
        self.assertEqual(checkpoint.splitlines()[:2], [ledger["origin"], "3"])
        self.page.js("window.saved = null")
        self.page.type("dialog input", "1")
        self.page.click("dialog button", "Proof")
        proof, record = self.dir / "record.tlog-proof", self.dir / "record.json"
        proof.write_text(self.page.until(lambda: self.page.js("return window.saved?.text()"), "the proof"))
        # Whoever has the record and the key needs no more than the file.
        address = f"{self.server.url}/api/v1/audit/{ledger['tenant']}/{ledger['class']}"
        run = site.harness.run("audit", "prove", address, "--index", 1, "--key", ledger["key"],
                               "--record", record, "--out", self.dir / "other.tlog-proof")  # fmt: skip
        self.assertEqual(run.returncode, 0, run.stderr)
        check = ("audit", "check", proof, record, "--key", ledger["key"])
        self.assertEqual(site.harness.run(*check).returncode, site.harness.DONE)
        record.write_text(record.read_text().replace("usr_1", "usr_2"))
        self.assertEqual(site.harness.run(*check).returncode, site.harness.CHECK_FAILED)

    def ledgers(self):
        return self.ask("/api/v1/audit")["ledgers"]


class HealthTest(site.SiteTest):
    def test_health_is_told_in_words(self):
        for n in range(20):
            self.ingest({"timestamp": site.stamp(), "service": "api", "message": f"write {n}"})
        self.open("health")
        self.page.until_text(".verdict", "All is well")
        self.assertRegex(self.page.until_text(".card", "lines/s"), "acknowledged within|wait for seconds")
        self.page.click(".view-head button", "Test the way in")
        self.page.until_text(".toast", "5 lines written, 5 found again")
        self.ingest({"level": "INFO", "message": "when?"})
        self.ingest({"timestamp": site.stamp(-200_000), "level": "INFO", "message": "tomorrow"})
        self.page.press("r")
        self.page.until_text(".checks", "had no time")
        self.page.until_text(".checks", "lie more than a day ahead")
        self.shot("health-light")

    def test_who_sends_and_who_fell_silent(self):
        self.ingest(
            {"timestamp": site.stamp(1), "service": "awake", "level": "INFO", "message": "here"},
            {"timestamp": site.stamp(1500), "service": "asleep", "level": "INFO", "message": "good night"},
            {"timestamp": site.stamp(5), "service": "hasty", "level": "WARNING", "logger": "taffrail.log",
             "message": "Log lines dropped", "metadata": {"dropped_count": 7}},
        )  # fmt: skip
        self.open("health")
        self.assertIn("1 line in the last hour", self.page.until_text(".senders li.good", "awake"))
        self.assertIn("If it still runs", self.page.until_text(".senders li.care", "asleep"))
        self.assertIn("had to drop lines", self.page.until_text(".senders li.care", "hasty"))
        self.page.click(".senders a", "awake")
        self.page.until(lambda: "service%3Aawake" in self.page.url, "the search for its lines")
        self.assertEqual(self.hits(), 1)


class RetentionTest(site.SiteTest):
    CONFIG = "store: {memtable_mb: 4}\nretention: {max_age_days: 7, max_size_mb: 2048}\n"

    def test_what_is_kept_is_told_in_words(self):
        month_ago, padding = site.stamp(30 * 86_400), "x" * 1_000_000
        old = {"timestamp": month_ago, "service": "old", "message": padding}
        self.ingest(*[old] * 6)
        self.ingest({"timestamp": site.stamp(7200), "service": "new", "message": "stays"})
        self.open("health")
        kept = self.page.until_text(".retention", "Lines for 7 days, and at most 2 GiB on disk")
        self.assertIn(month_ago[:10], kept)
        self.assertIn("All is well", self.page.text(".verdict"))
        listen = self.server.url.removeprefix("http://")
        self.server.stop()  # it looks at once when it starts, and then every minute
        type(self).server = site.harness.Server(
            self.dir / "data", "--config", self.dir / "taffrail.yaml", listen=listen
        )
        self.open("health")
        self.page.until_text(".retention", "6 lines of before")
        self.page.until_text(".retention", "because they were older than the limit")
        self.page.until_text(".retention", time.strftime("%Y-%m-%d", time.gmtime(time.time() - 7200)))
        self.shot("retention")
        self.open(q="* | count by service", **{"from": "all"})
        self.page.until_text(".results", "new")
        self.assertNotIn("old", self.page.text(".results"))
        self.open(q="logger:retention")
        self.assertEqual(self.hits(), 1)

    def test_what_needs_care_says_what_to_do(self):
        self.open("health")
        self.page.find(".retention li")
        # As a server would answer whose disk fills and whose clock went wrong.
        self.page.js(
            "const real = window.fetch; window.fetch = async (address, init) => {"
            "  const answer = await real(address, init);"
            "  if (!String(address).includes('/logs/health')) return answer;"
            "  const health = await answer.json();"
            "  Object.assign(health.retention, {growth_bytes_per_day: 1 << 30, days_until_full: 2.2,"
            "    clock_doubted: true, problem: 'the disk is gone'});"
            "  return Response.json(health); };"
        )
        self.page.press("r")
        said = self.page.until_text(".verdict.bad", "3 things need care")
        for part in ("full in 2 days: set retention.max_age_days", "clock went ahead", "the disk is gone"):
            self.assertIn(part, said)
        said = self.page.until_text(".retention", "timedatectl")
        for part in ("About 1 GiB a day. The limit holds about 2 days.", "give it a larger disk"):
            self.assertIn(part, said)


class EveryViewTest(site.SiteTest):
    TRAFFIC = True

    def test_keys_go_everywhere_and_are_listed(self):
        self.open()
        self.hits()
        for key in ("?", "F1"):
            self.page.press(key)
            self.page.until_text("dialog", "next record")
            self.page.press("Escape")
            self.page.until(lambda: self.page.count("dialog") == 0, "the list to close")
        for key, view in zip(
            "lrpdahs", ["live", "trail", "patterns", "dashboards", "audit", "health", "search"]
        ):
            self.page.press("g", key)
            self.page.until(lambda view=view: f"#/{view}" in self.page.url, view)
        self.page.press("/")
        self.assertEqual(self.page.js("return document.activeElement.className"), "query-input")

    def test_the_theme_is_chosen_and_remembered(self):
        self.open()
        ground = "return getComputedStyle(document.body).backgroundColor"
        light = self.page.js(ground)
        self.page.press("T", "T")
        dark = self.page.js(ground)
        self.assertNotEqual(light, dark)
        self.page.reload()
        self.assertEqual(self.page.js(ground), dark)
        self.page.press("T")
        self.assertEqual(self.page.js(ground), light)


if __name__ == "__main__":
    site.main()
