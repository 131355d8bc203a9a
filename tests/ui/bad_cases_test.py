"""What goes wrong: an empty store, a server that is gone, hostile text in every field, records of absurd
size, clocks that are wrong, and this program's own errors.

REQ P-02, P-01
"""

import json
import signal
import time
import urllib.request

import site_for_tests as site

PAYLOADS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{constructor.constructor('hacked=1')()}}",
    "</textarea><script>hacked=1</script>",
    "\u202egnp.exe",
    "a\u0000b\u001b[31m",
    "'; DROP TABLE logs; --",
]


class EmptyTest(site.SiteTest):
    def test_an_empty_store_says_how_to_send_the_first_line(self):
        self.open()
        self.page.until_text(".empty-store", f"{self.server.url}/api/v1/ingest")
        self.shot("empty")
        self.page.click(".empty-store .primary")
        self.page.until_text(".hit", "Test line")
        self.assertEqual(self.hits(), 5)

    def test_every_other_view_bears_it(self):
        for view in ("live", "patterns", "dashboards", "audit", "health"):
            self.open(view)
            self.page.settle()
            self.assertEqual(self.page.count("main .error:not(:empty)"), 0, view)


class HostileTest(site.SiteTest):
    def assert_harmless(self):
        self.assertFalse(self.page.js("return 'hacked' in window"))
        self.assertEqual(
            self.page.count("main script, main img, main iframe, main [onerror], main [onload]"), 0
        )

    def test_no_text_becomes_html(self):
        for n, payload in enumerate(PAYLOADS):
            self.ingest(
                {
                    "timestamp": site.stamp(n),
                    "level": payload,
                    "service": payload,
                    "logger": "audit." + payload,
                    "message": payload,
                    payload: payload,
                    "request_id": "req_hostile0001",
                    "nested": {payload: [payload]},
                    "metadata": {
                        "event": payload,
                        "actor": payload,
                        "outcome": payload,
                        "ip_address": payload,
                        "route": payload,
                        "duration_ms": 5,
                        "status_code": 200,
                    },
                    "exception": {"type": payload, "stack_trace": payload},
                }
            )
        self.ingest(*PAYLOADS)  # lines that are no JSON
        request = urllib.request.Request(
            self.server.url + "/loki/api/v1/push",
            json.dumps(
                {
                    "streams": [
                        {
                            "stream": {"app": PAYLOADS[0], "level": PAYLOADS[1]},
                            "values": [[str(time.time_ns()), PAYLOADS[1], {"trace_id": PAYLOADS[2]}]],
                        }
                    ]
                }
            ).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=site.harness.SECONDS).close()
        self.open(
            cols="service,message,logger,metadata.event", facets="level,service,logger,metadata.event,app"
        )
        self.assertEqual(self.hits(), 2 * len(PAYLOADS) + 1)
        self.page.until_text(".hit", "<script>")
        for _ in range(2 * len(PAYLOADS) + 1):
            self.page.press("j")
            self.page.until(lambda: self.page.count(".detail .value") > 0, "the record")
            self.assert_harmless()
        self.page.click(".detail .value")
        self.page.find(".menu-item")
        self.assert_harmless()
        for view in (
            "trail/req_hostile0001",
            "patterns",
            "audit",
            "dashboards/Errors",
            "dashboards/System",
            "live",
        ):
            self.open(view)
            self.page.settle()
            self.assert_harmless()

    def test_a_hostile_address_is_only_text(self):
        self.console_may_say = ["400", "404"]
        for payload in PAYLOADS[:6]:
            self.open(q=payload, cols=payload, facets=payload, **{"from": payload})
            self.page.settle()
            self.assert_harmless()
            self.page.open(self.server.url + "/#/trail/" + urllib.request.quote(payload, safe=""))
            self.page.until_text(".nothing", "id")
            self.assert_harmless()

    def test_a_hostile_dashboard_is_only_text(self):
        panel = {"title": PAYLOADS[1], "kind": "toplist", "query": "* | count by service", "width": 1}
        request = urllib.request.Request(
            self.server.url + "/api/v1/saved/dashboards/" + urllib.request.quote(PAYLOADS[0], safe=""),
            json.dumps({"panels": [panel]}).encode(),
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=site.harness.SECONDS).close()
        self.open("dashboards/" + urllib.request.quote(PAYLOADS[0], safe=""))
        self.page.until_text(".panel-box", "onerror")
        self.assert_harmless()

    def test_the_policy_forbids_what_is_not_ours(self):
        with urllib.request.urlopen(self.server.url + "/", timeout=site.harness.SECONDS) as answer:
            policy = answer.headers["Content-Security-Policy"]
        for part in (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ):
            self.assertIn(part, policy)
        self.assertNotIn("unsafe", policy)
        self.console_may_say = ["Content Security Policy", "TrustedHTML"]
        self.open()
        said = self.page.js(
            "try { document.body.innerHTML = '<b>x</b>'; return 'allowed'; } catch (e) { return e.name; }"
        )
        self.assertEqual(said, "TypeError")
        self.page.js(
            "const s = document.createElement('style'); s.append('body { opacity: 0.5 }');"
            "document.head.append(s);"
        )
        self.assertEqual(self.page.js("return getComputedStyle(document.body).opacity"), "1")


class AbsurdTest(site.SiteTest):
    def test_a_record_of_ten_megabytes(self):
        self.ingest(
            {"timestamp": site.stamp(), "level": "INFO", "service": "big", "message": "x" * 10_000_000}
        )
        self.ingest(
            {"timestamp": site.stamp(), "level": "INFO", "service": "big", "message": "y" * 1_500_000}
        )
        self.open()
        self.page.until(lambda: self.hits() == 2, "both")
        self.page.press("j")
        self.page.until_text(".detail .link", "show all")
        self.assertLess(self.page.js("return document.querySelector('main').textContent.length"), 100_000)
        self.page.click(".detail .link", "show all")
        self.page.until(
            lambda: self.page.js("return document.querySelector('.detail').textContent.length") > 1_400_000,
            "the whole text",
        )

    def test_five_thousand_fields(self):
        self.ingest(
            {
                "timestamp": site.stamp(),
                "level": "INFO",
                "service": "wide",
                "message": "wide",
                **{f"field_{n:04d}": n for n in range(5000)},
            }
        )
        self.open(q="service:wide")
        self.assertEqual(self.hits(), 1)
        self.page.press("j")
        self.page.until_text(".detail", "field_0150")
        self.assertLess(self.page.count(".detail .tree-row"), 500)
        self.page.click(".detail .link", "more")
        self.page.until_text(".detail", "field_0390")
        self.page.type(".query-input", "field_4999")
        self.page.until_text(".choice", "field_4999")

    def test_clocks_that_are_wrong(self):
        self.ingest(
            {
                "timestamp": "1971-01-01T00:00:00Z",
                "level": "INFO",
                "service": "skewed",
                "message": "long ago",
            },
            {
                "timestamp": "2199-01-01T00:00:00Z",
                "level": "INFO",
                "service": "skewed",
                "message": "far ahead",
            },
        )
        self.open(q="service:skewed", **{"from": "all"})
        self.assertEqual(self.hits(), 2)
        self.page.until_text(".hit", "far ahead")
        self.page.until_text(".hit", "long ago")
        self.page.until(lambda: self.page.count(".chart-plot path") > 0, "the histogram of two centuries")


class TenantTest(site.SiteTest):
    CONFIG = "tenants:\n  enabled: true\n"

    def test_a_page_that_names_no_tenant_asks_for_one(self):
        self.console_may_say = ["401"]
        for tenant in ("acme", "other"):
            line = json.dumps({"timestamp": site.stamp(), "level": "INFO", "message": f"of {tenant}"})
            request = urllib.request.Request(
                f"{self.server.url}/api/v1/ingest", line.encode(), {"X-Scope-OrgID": tenant}
            )
            urllib.request.urlopen(request, timeout=site.harness.SECONDS).close()
        self.open()
        self.page.until_text("dialog", "Whose lines?")
        self.shot("tenant")
        self.page.type("dialog input", "acme")
        self.page.press("Enter")
        self.page.until_text(".hit", "of acme")
        self.assertEqual(self.hits(), 1)
        self.page.click(".tenant")
        self.page.type("dialog input", "other")
        self.page.press("Enter")
        self.page.until_text(".hit", "of other")
        self.assertEqual(self.hits(), 1)


class GoneTest(site.SiteTest):
    def test_a_server_that_goes_and_comes_back(self):
        self.console_may_say = ["ERR_CONNECTION", "ERR_EMPTY", "Failed to load"]
        self.ingest({"timestamp": site.stamp(), "level": "INFO", "service": "here", "message": "still here"})
        self.open(q="service:here")
        self.assertEqual(self.hits(), 1)
        listen = self.server.url.removeprefix("http://")
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()
        self.page.type(".query-input", "service:here level:INFO")
        self.page.click(".run")
        self.page.until_text(".gone", "cannot be reached")
        self.assertEqual(
            self.page.js("return document.querySelector('.query-input').value"), "service:here level:INFO"
        )
        self.shot("server-gone")
        type(self).server = site.harness.Server(self.dir / "data", listen=listen)
        self.page.until(
            lambda: self.page.js("return document.querySelector('.gone').hidden"), "the server to be back"
        )
        self.assertEqual(self.hits(), 1)

    def test_what_was_typed_outlives_a_reload(self):
        self.open()
        self.page.type(".query-input", "half a quer")
        self.page.until(lambda: "half a quer" in self.page.js("return localStorage.taffrail"), "the draft")
        self.page.reload()
        self.page.find(".query-input")
        self.assertEqual(self.page.js("return document.querySelector('.query-input').value"), "half a quer")

    def test_errors_of_the_page_are_in_the_servers_log(self):
        self.console_may_say = ["is not a"]
        self.ingest(
            {"timestamp": site.stamp(), "level": "INFO", "service": "here", "message": "to be clicked"}
        )
        self.open()
        self.hits()
        # Only what the page's own script does wrong tells its name: so the ground is taken from under it.
        self.page.js("window.getSelection = 1; window.AbortController = 1;")
        self.page.click(".hit")
        self.page.press("j")

        def kept():
            answer = self.server.get("/api/v1/search?query=service:taffrail+logger:ui+level:ERROR&limit=10")
            return [json.loads(line)["record"] for line in answer.splitlines()]

        self.page.until(lambda: len(kept()) >= 2, "both reports")
        said = sorted(record["message"] for record in kept())
        self.assertIn("AbortController is not a constructor", said[0])
        self.assertEqual(said[-1], "Uncaught TypeError: getSelection is not a function")
        self.assertTrue(any("/ui/app.js" in record["stack"] for record in kept()))


if __name__ == "__main__":
    site.main()
