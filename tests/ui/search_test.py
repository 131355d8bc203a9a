"""Search, as somebody looks for what went wrong.

REQ P-02
"""

import csv
import io
import json
import urllib.parse
import urllib.request

import site_for_tests as site


BOX = "return document.querySelector('.query-input').value"


class SearchTest(site.SiteTest):
    TRAFFIC = True

    def run_query(self, text):
        """Types a query and asks it, whatever is offered meanwhile."""
        self.page.type(".query-input", text)
        self.page.click(".run")

    def test_the_first_page_shows_the_newest_lines(self):
        self.open()
        self.assertGreater(self.hits(), 500)
        self.page.until_text(".hit", "HTTP request completed")
        times = [
            row.split("\n")[0]
            for row in self.page.js(
                "return [...document.querySelectorAll('.hit .cell-time')].map((e) => e.dateTime)"
            )
        ]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertGreater(self.page.count(".chart-plot path"), 2)
        self.shot("search-light")
        self.page.set_dark(True)
        self.shot("search-dark")
        self.page.set_dark(False)

    def test_a_query_counts_what_the_server_counts(self):
        self.open()
        self.hits()
        self.run_query("level:WARNING service:api")
        self.page.until(lambda: "q=level" in self.page.url, "the query in the address")
        expected = self.ask("/api/v1/overview", query="level:WARNING service:api")["lines"]
        self.assertEqual(self.hits(), expected)
        self.assertTrue(
            self.page.js(
                "return [...document.querySelectorAll('.cell-level')].every((e) => "
                "e.textContent === 'WARNING')"
            )
        )

    def test_fields_and_values_complete_the_query(self):
        self.open()
        self.hits()
        self.page.type(".query-input", "metadata.perf")
        self.page.until_text(".choice", "metadata.performance_tier")
        self.page.press("Tab")
        self.assertEqual(
            self.page.js("return document.querySelector('.query-input').value"), "metadata.performance_tier:"
        )
        self.page.until_text(".choice", "fast")
        self.page.press("ArrowDown", "Enter", "Enter")
        self.page.until(lambda: "performance_tier" in self.page.url, "the query to be asked")
        self.assertGreater(self.hits(), 100)
        self.shot("completion")

    def test_every_language_is_completed(self):
        """What is typed, the choice that is taken, what stands in the box then."""
        cases = {
            "logql": [
                ("", "{} | json", "{} | json "),
                ("{} | json | metadata_perf", "metadata.performance_tier",
                 '{} | json | metadata_performance_tier = "'),
                ('{} | json | metadata_performance_tier = "fa', "fast",
                 '{} | json | metadata_performance_tier = "fast"'),
                ("{serv", "service", '{service="'),
            ],
            "insights": [
                ("fil", "filter", "filter "),
                ("filter metadata.perf", "metadata.performance_tier", "filter metadata.performance_tier"),
                ('filter service = "oa', "oauth-provider", 'filter service = "oauth-provider"'),
                ("filter a = 5 | sta", "stats count() by", "filter a = 5 | stats count() by "),
            ],
            "elastic": [
                ("", '{"query":{"term":{"level":"ERROR"}}}', '{"query":{"term":{"level":"ERROR"}}}'),
                ('{"query":{"te', 'term":', '{"query":{"term":'),
                ('{"query":{"term":{"serv', "service", '{"query":{"term":{"service":'),
                ('{"query":{"term":{"service":"oa', "oauth-provider",
                 '{"query":{"term":{"service":"oauth-provider"'),
            ],
            "jq": [
                ("sel", "select(.", "select(."),
                ("select(.metadata.perf", "metadata.performance_tier", "select(.metadata.performance_tier"),
                ('select(.level == "WA', "WARNING", 'select(.level == "WARNING"'),
                ('select(.service == "oa', "oauth-provider", 'select(.service == "oauth-provider"'),
            ],
        }  # fmt: skip
        for lang, steps in cases.items():
            self.open(lang=lang)
            self.page.find(".hit")
            for typed, choice, then in steps:
                with self.subTest(f"{lang}: {typed}"):
                    self.page.js(
                        "const box = document.querySelector('.query-input'); box.focus();"
                        "box.value = args[0]; box.dispatchEvent(new Event('input'));",
                        typed,
                    )
                    self.page.click(".choice", choice)
                    self.page.until(lambda then=then: self.page.js(BOX) == then, then)
            self.page.press("Escape")

    def test_a_mistake_is_explained_where_it_is_made(self):
        self.console_may_say = ["400"]
        self.open()
        self.hits()
        self.run_query("level:")
        self.page.until_text(".query-error", "a value is missing")
        self.run_query("level:INFO")
        self.page.until(
            lambda: self.page.js("return document.querySelector('.query-error').hidden"), "the error to go"
        )

    def test_a_search_shows_progress_and_is_cancelled(self):
        self.open()
        self.hits()
        self.page.cdp("Network.enable")
        slow = {"offline": False, "latency": 4000, "downloadThroughput": -1, "uploadThroughput": -1}
        self.page.cdp("Network.emulateNetworkConditions", **slow)
        try:
            self.run_query("level:ERROR")
            self.page.until_text(".run", "Cancel")
            self.assertFalse(self.page.js("return document.querySelector('progress').hidden"))
            self.page.click(".run", "Cancel")
            self.page.until_text(".status-text", "cancelled")
            self.page.until_text(".run", "Search")
        finally:
            self.page.cdp("Network.emulateNetworkConditions", **{**slow, "latency": 0})
        self.page.click(".run")
        self.assertGreater(self.hits(), 0)

    def test_values_and_links_are_copied(self):
        self.page.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite"])
        self.open(q="logger:performance.http")
        self.hits()
        self.page.press("j")
        self.page.click(".detail .value", "performance.http")
        self.page.click(".menu-item", "Copy value")
        self.page.until_text(".toast", "Value copied")
        self.assertEqual(self.page.js("return navigator.clipboard.readText()"), "performance.http")
        self.page.click(".detail .value", "performance.http")
        self.page.click(".menu-item", "Copy a link to its lines")
        self.page.until_text(".toast", "Link copied")
        link = self.page.js("return navigator.clipboard.readText()")
        self.assertEqual(link, f"{self.server.url}/#/search?q=logger%3Aperformance.http")
        self.page.click(".detail-actions button", "Link")
        self.page.until(lambda: "at=" in self.page.js("return navigator.clipboard.readText()"), "the link")
        self.page.open(self.page.js("return navigator.clipboard.readText()"))
        self.page.until_text(".detail", "performance.http")

    def test_facets_include_and_exclude(self):
        self.open()
        everything = self.hits()
        self.page.click(".facet-value", "oauth-provider")
        self.page.until(lambda: "oauth-provider" in self.page.url, "the condition in the address")
        included = self.hits()
        self.assertLess(included, everything)
        self.page.js("document.querySelector('[aria-label=\"Without oauth-provider\"]').click()")
        self.page.until(lambda: "-service" in self.page.url, "the condition turned around")
        self.assertEqual(self.hits(), everything - included)

    def test_a_drag_over_the_histogram_is_a_time_range(self):
        self.open(**{"from": "-15m"})
        everything = self.hits()
        self.page.until(lambda: self.page.count(".chart-plot path") > 1, "the histogram")
        width = self.page.js("return document.querySelector('.chart').clientWidth")
        self.page.drag(".chart", 5, width * 0.5, 30)
        self.page.until(lambda: "to=" in self.page.url, "the range in the address")
        self.assertLess(self.hits(), everything)
        self.page.back()
        self.page.until(lambda: "to=" not in self.page.url, "the step back")
        self.assertEqual(self.hits(), everything)

    def test_the_time_picker_knows_relative_and_absolute_times(self):
        self.open()
        self.hits()
        self.page.press("t")
        self.page.click(".time-presets button", "Last 4 hours")
        self.page.until(lambda: "from=-4h" in self.page.url, "the preset")
        self.page.press("t")
        self.page.type('.time-forms input[aria-label="Last"]', "90m")
        self.page.press("Enter")
        self.page.until(lambda: "from=-90m" in self.page.url, "the relative time")
        self.page.press("t")
        self.page.js(
            "const set = (label, value) => {"
            "  document.querySelector(`[aria-label=${label}]`).value = value; };"
            "set('From', '2020-01-01T00:00:00'); set('To', '2020-01-02T00:00:00');"
            "document.querySelectorAll('.time-forms form')[1].requestSubmit();"
        )
        self.page.until_text(".nothing", "No line fits")
        self.page.click(".nothing button", "Search all time")
        self.assertGreater(self.hits(), 500)

    def test_a_record_opens_with_its_typed_values(self):
        self.open(q="logger:performance.http")
        self.hits()
        self.page.press("j", "j")
        self.page.until_text(".detail", "metadata")
        self.assertEqual(self.page.text(".hit[aria-selected=true] .cell-message").split()[0], "HTTP")
        kinds = self.page.js(
            "return [...new Set([...document.querySelectorAll('.detail .value')].map((e) => "
            "e.classList[1]))].sort()"
        )
        self.assertEqual(kinds, ["of-number", "of-string"])
        self.shot("record-light")
        self.page.click(".detail .value", "performance.http")
        self.page.click(".menu-item", "Without this value")
        self.page.until(
            lambda: "-logger" in urllib.parse.unquote(self.page.url)
            or "No line fits" in self.page.text(".results"),
            "the exclusion",
        )

    def test_a_link_to_a_record_shows_that_record(self):
        self.open(q="level:ERROR")
        self.hits()
        self.page.press("j")
        self.page.until_text(".detail", "Line")
        shown = self.page.attribute(".detail time", "datetime")
        self.page.until(lambda: "at=" in self.page.url, "the record in the address")
        address = self.page.url
        self.page.open(address)
        self.page.until_text(".detail", "Line")
        self.assertEqual(self.page.attribute(".detail time", "datetime"), shown)
        self.page.press("Escape")
        self.page.until(lambda: "at=" not in self.page.url, "the record to close")

    def test_lines_around_a_hit(self):
        self.open(q="level:ERROR")
        self.hits()
        self.page.press("j")
        self.page.click(".detail-actions button", "Around")
        self.page.until(lambda: self.page.count(".around-row") > 20, "the lines around")
        self.assertEqual(self.page.count(".around-row.is-this"), 1)
        self.page.js(
            "const s = document.querySelector('.around-head select'); s.selectedIndex = 2;"
            "s.dispatchEvent(new Event('change'));"
        )
        self.page.until(lambda: 0 < self.page.count(".around-row") < 40, "the lines of the request")

    def test_columns_are_chosen_and_lines_wrapped(self):
        self.open(q="logger:performance.http")
        self.hits()
        self.page.press("c")
        self.page.type(".picker input", "status_code")
        self.page.click(".picker-row", "metadata.status_code")
        self.page.until(lambda: "status_code" in self.page.url, "the column in the address")
        self.page.until(
            lambda: self.page.js(
                "return [...document.querySelectorAll('.hit .cell')]"
                ".some((e) => /^\\d{3}$/.test(e.textContent))"
            ),
            "the column",
        )
        self.page.press("Escape")
        self.page.click('[title="Wrap long lines (w)"]')
        self.page.until(lambda: self.page.count(".hit.is-wrapped") > 5, "wrapped lines")
        address = self.page.until(lambda: "wrap=1" in self.page.url and self.page.url, "that in the address")
        heights = self.page.js("return [...document.querySelectorAll('.hit')].map((e) => e.offsetHeight)")
        self.assertGreater(max(heights), 24)
        self.page.forget()  # whoever opens the address sees the same
        self.page.open(address)
        self.page.until(lambda: self.page.count(".hit.is-wrapped") > 5, "wrapped lines")
        self.page.click('[title="Wrap long lines (w)"]')

    def test_words_are_marked(self):
        self.open(q="database")
        self.hits()
        marks = self.page.js(
            "return [...document.querySelectorAll('.hit mark')].map((e) => e.textContent.toLowerCase())"
        )
        self.assertGreater(len(marks), 10)
        self.assertEqual(set(marks), {"database"})

    def test_a_counting_query_shows_a_table(self):
        self.open(q="* | count by service, level | sort -count")
        self.page.until(lambda: self.page.count(".results tbody tr") > 2, "the rows")
        self.assertGreater(self.hits(), 500)
        self.page.until(lambda: self.page.count(".chart-plot path") > 2, "the histogram")
        counts = [
            int(text)
            for text in self.page.js(
                "return [...document.querySelectorAll('tbody tr')].map((r) => r.lastChild.textContent)"
            )
        ]
        self.assertEqual(counts, sorted(counts, reverse=True))
        self.page.click("th button", "count")
        self.page.click("th button", "count")
        ascending = [
            int(text)
            for text in self.page.js(
                "return [...document.querySelectorAll('tbody tr')].map((r) => r.lastChild.textContent)"
            )
        ]
        self.assertEqual(ascending, sorted(counts))
        address = self.page.until(lambda: "sort=up" in self.page.url and self.page.url, "the order there")
        self.page.forget()  # whoever opens the address sees the same
        self.page.open(address)
        self.page.find("th[aria-sort=ascending]", "count")
        again = self.page.js(
            "return [...document.querySelectorAll('tbody tr')].map((r) => +r.lastChild.textContent)"
        )
        self.assertEqual(again, sorted(counts))
        self.run_query("* | count by service")  # another table: in the order of its answer
        self.page.until(lambda: "sort=" not in self.page.url, "no order in the address")
        self.page.find(".results th", "service")
        self.page.until(lambda: self.page.count("th[aria-sort=ascending]") == 0, "no order in the table")

    def test_whether_the_facets_are_open_is_in_the_address(self):
        self.open(q="level:ERROR")
        self.hits()
        self.page.until(self.facets_are_open, "open facets")
        self.page.click('[title="Facets (f)"]')
        closed = self.page.until(lambda: "panel=0" in self.page.url and self.page.url, "that in the address")
        self.assertFalse(self.facets_are_open())
        self.page.forget()  # another reader, whose facets are open
        self.page.open(closed)
        self.hits()
        self.assertFalse(self.facets_are_open())
        self.page.click('[title="Facets (f)"]')
        self.page.until(self.facets_are_open, "open facets")
        self.page.click('[title="Facets (f)"]')
        self.open(q="level:WARNING")  # the habit is now "closed", and a new address says so
        self.page.until(lambda: "panel=0" in self.page.url, "the habit in the address")
        self.hits()
        self.assertFalse(self.facets_are_open())
        self.page.open(closed.replace("panel=0", "panel=1"))  # a link that names it is above the habit
        self.hits()
        self.page.until(self.facets_are_open, "open facets")

    def facets_are_open(self):
        return self.page.js("return document.querySelector('aside.facets').checkVisibility()")

    def test_a_search_is_saved_and_opened_again(self):
        self.open(q="level:WARNING", cols="service,message,logger")
        self.hits()
        self.page.press("s")
        self.page.click(".menu-item", "Save this search")
        self.page.type("dialog input", "Warnings <b>all</b>")
        self.page.press("Enter")
        self.page.until_text(".toast", "Saved")
        self.open()
        self.hits()
        self.page.press("s")
        self.page.click(".menu-item", "Warnings <b>all</b>")
        self.page.until(
            lambda: "level%3AWARNING" in self.page.url and "logger" in self.page.url, "the saved search"
        )

    def test_what_was_asked_before_is_offered(self):
        self.open()
        self.hits()
        self.run_query("level:CRITICAL OR level:ERROR")
        self.hits()
        self.open()
        self.hits()
        self.page.press("h")
        self.page.click(".menu-item", "level:CRITICAL OR level:ERROR")
        self.page.until(lambda: "CRITICAL" in self.page.url, "the query of before")

    def test_export_gives_every_hit(self):
        self.open(q="level:ERROR")
        count = self.hits()
        self.assertEqual(len(self.exported("NDJSON").splitlines()), count)
        records = self.ask("/api/v1/search", query="level:ERROR", format="json", limit=0)["records"]
        self.assertEqual([json.loads(line) for line in self.exported("Lines").splitlines()],
                         [record["record"] for record in records])  # fmt: skip
        self.assertEqual(self.exported("CSV time and whole line").splitlines()[0], "timestamp,line")
        rows = list(csv.DictReader(io.StringIO(self.exported("CSV of the columns"))))
        self.assertEqual([row["message"] for row in rows], [each["record"]["message"] for each in records])
        self.assertEqual({row["level"] for row in rows}, {"ERROR"})
        self.assertTrue(all(row["timestamp"] and row["service"] for row in rows))

    def exported(self, what):
        """The file that this entry of the menu saves."""
        self.page.click('[title="Export"]')
        self.page.find(".menu-item")
        address = self.page.js(
            "let href = ''; const old = HTMLAnchorElement.prototype.click;"
            "HTMLAnchorElement.prototype.click = function() { href = this.href; };"
            "[...document.querySelectorAll('.menu-item')]"
            ".find((e) => [...e.children].map((c) => c.textContent).join(' ').trim().startsWith(args[0]))"
            ".click(); HTMLAnchorElement.prototype.click = old; return href;",
            what,
        )
        return self.server.get(address[len(self.server.url) :]).decode()

    def test_logql_is_asked_too(self):
        self.open(q='{service="api"} |= "database"', lang="logql")
        expected = self.ask("/api/v1/overview", lang="logql", query='{service="api"} |= "database"')["lines"]
        self.assertGreater(expected, 0)
        self.assertEqual(self.hits(), expected)

    def test_a_metric_query_shows_a_table(self):
        self.open(q='sum by (level) (count_over_time({service=~".+"}[1d]))', lang="logql")
        self.page.until(lambda: self.page.count(".results tbody tr") > 1, "the rows")
        self.assertEqual(self.page.text(".status-text"), "4 series")
        self.assertEqual(self.page.count(".series path.line"), 4)
        names = "return [...document.querySelectorAll('.legend-name')].map((e) => e.textContent).sort()"
        self.assertEqual(self.page.js(names), ["DEBUG", "ERROR", "INFO", "WARNING"])
        heads, *rows = self.page.js(
            "return [...document.querySelectorAll('.results tr')]"
            ".map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        self.assertEqual(heads, ["level", "time", "value"])
        counts = self.ask("/api/v1/search", query="service:* | count by level", format="json")["rows"]
        self.assertEqual(
            {level: int(value) for level, _, value in rows}, {level: count for level, count in counts}
        )
        self.shot("metric-query")

    def test_an_answer_that_turns_out_to_be_a_table_is_shown_as_one(self):
        self.open(q='{service="api"}', lang="logql")
        self.hits()
        # A language whose queries the page cannot read: only the answer tells that it is no list of records.
        self.page.js(
            "const real = window.fetch; window.fetch = (address, init) => real(String(address).replace("
            "'lang=unheard-of', 'lang=search'), init);"
            "location.hash = '#/search?lang=unheard-of&q=' + encodeURIComponent('* | count by service');"
        )
        self.page.until(lambda: self.page.count(".results tbody tr") > 1, "the rows")
        self.assertEqual(self.page.js("return document.querySelector('.query-language').value"), "unheard-of")
        self.page.click(".facet-value", "oauth-provider")
        self.page.until_text(".toast", "by hand")

    def test_facets_and_values_are_filters_in_every_language(self):
        everything = self.ask("/api/v1/overview", query="*")["lines"]
        api = self.ask("/api/v1/overview", query="service:api")["lines"]
        query = "service:api metadata.status_code:500"
        fails = self.ask("/api/v1/overview", query=query)["lines"]
        failed = self.ask("/api/v1/search", query=query, format="json", limit=1)["records"][0]
        for lang in ("logql", "insights", "elastic", "jq"):
            with self.subTest(lang):
                self.open(lang=lang)
                self.page.click(".facet-value", "api")
                self.page.find(".facet-value[aria-pressed=true]", "api")
                self.list_is(api)
                self.page.click(".facet-value[aria-pressed=true]", "api")  # once more takes it back
                self.page.until(lambda: self.page.count(".facet-value[aria-pressed=true]") == 0, "no filter")
                self.page.js("document.querySelector('[aria-label=\"Without api\"]').click()")
                self.page.find(".is-exclude", "api")
                self.list_is(everything - api)
                self.page.click(".facet-value", "api")  # and turns the other around
                self.page.find(".facet-value[aria-pressed=true]", "api")
                self.list_is(api)
                # A number, and a name with dots.
                self.open(lang=lang, at="{timestamp}~{sequence}".format(**failed))
                self.page.click(".detail .value.of-number", "500")
                self.page.click(".menu-item", "Only with this value")
                self.page.until(lambda: "status_code" in self.page.url, "the condition in the address")
                self.list_is(fails)

    def test_a_row_of_a_table_leads_to_its_lines(self):
        errors = self.ask("/api/v1/overview", query="level:ERROR service:api")["lines"]
        for lang, q in (
            ("search", "level:ERROR | count by service"),
            ("insights", 'filter level like /ERR|CRIT/ | stats count() by service'),
        ):
            with self.subTest(lang):
                self.open(q=q, lang=lang)
                self.page.click(".results td button", "api")
                self.page.find(".hit")
                self.list_is(errors)

    def list_is(self, count):
        """So many hits, of a query whose hits are perhaps not counted: the list ends there."""
        bottom = "const l = document.querySelector('.list'); l.scrollTop = l.scrollHeight;"

        def ends():
            self.page.js(bottom)
            return self.page.js(
                "const hits = document.querySelectorAll('.hit:not(.is-loading)');"
                "return Math.max(-1, ...[...hits].map((e) => +e.dataset.row)) + 1"
            )

        self.page.settle()
        self.page.until(lambda: ends() == count, f"{count} hits")

    def test_the_server_says_which_languages_there_are(self):
        self.open()
        known = self.ask("/api/v1/logs/config")["query_languages"]
        self.assertEqual(known[:2], ["search", "logql"])
        offered = "return [...document.querySelector('.query-language').options].map((e) => e.value)"
        self.page.until(lambda: self.page.js(offered) == known, "the same languages")

    def test_numbers_keep_their_digits(self):
        self.ingest({"level": "INFO", "service": "digits", "message": "long", "n": 1})
        line = '{"level":"INFO","service":"digits","message":"exact","big":12345678901234567890,"price":1.50}'
        self.ingest(line)
        self.open(q="service:digits message:exact")
        self.hits()
        self.page.press("j")
        self.page.until_text(".detail", "12345678901234567890")
        self.assertIn("1.50", self.page.text(".detail"))

    def test_a_long_list_is_scrolled_to_its_end(self):
        self.open()
        count = self.hits()
        oldest = json.loads(self.server.get("/api/v1/search?limit=1&from=-1h").splitlines()[0])["timestamp"]
        self.page.js("const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight;")
        self.page.until(
            lambda: self.page.js(
                "return [...document.querySelectorAll('.hit time')].some((e) => e.dateTime === arguments[0])",
                oldest,
            ),
            "the oldest line",
        )
        last = self.page.js(
            "return Math.max(...[...document.querySelectorAll('[data-row]')].map((e) => +e.dataset.row))"
        )
        self.assertEqual(last, count - 1)
        self.assertLess(self.page.count(".hit"), 100, "only what is seen exists")

    def test_a_list_that_a_stage_cuts_ends_where_it_was_cut(self):
        for limit in (7, 250):  # within the first page, and beyond it
            with self.subTest(limit):
                self.open(q=f"service:api | limit {limit}")
                self.page.until_text(".status-text", " hits")
                to_the_end = "const l = document.querySelector('.list'); l.scrollTop = l.scrollHeight;"
                self.page.js(to_the_end)
                self.page.until_text(".status-text", f"{limit} hits of ")
                self.page.js(to_the_end)
                last = (
                    "return Math.max(...[...document.querySelectorAll('.hit:not(.is-loading)')]"
                    ".map((e) => +e.dataset.row))"
                )
                self.page.until(lambda n=limit: self.page.js(last) == n - 1, "the last of them")
                self.assertEqual(self.page.count(".hit.is-loading"), 0)

    def test_the_page_is_small(self):
        """Packed as it comes over the wire; ./bench ui measures the same."""
        total = 0
        for path in ("/", "/ui/app.js", "/ui/app.css", "/ui/icon.svg"):
            request = urllib.request.Request(self.server.url + path, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(request, timeout=site.harness.SECONDS) as answer:
                self.assertEqual(answer.headers["Content-Encoding"], "gzip")
                total += len(answer.read())
        self.assertLess(total, 150_000)


if __name__ == "__main__":
    site.main()
