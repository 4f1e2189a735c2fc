# SPDX-License-Identifier: MIT
"""A headless Chromium, steered through chromedriver by WebDriver."""
import base64
import contextlib
import json
import subprocess
import time
import urllib.request

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
           "--disable-background-networking", "--disable-component-update", "--no-first-run",
           "--disable-sync", "--disable-default-apps", "--disable-extensions", "--metrics-recording-only",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--force-prefers-reduced-motion",
           "about:blank"]


class Browser:
    """Use it with `with`."""

    def __init__(self, place, port=9515):
        self.place = place
        self.port = port
        self.session = None

    def __enter__(self):
        with open(f"{self.place}/chromedriver.log", "wb") as log:
            self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=log, stderr=log)
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                self.call("GET", "/status")
                break
            if time.monotonic() > until:
                raise RuntimeError("chromedriver does not answer")
            time.sleep(0.05)
        wanted = {"browserName": "chrome",
                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                  "goog:chromeOptions": {"args": [*OPTIONS, f"--user-data-dir={self.place}/profile"]}}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = answer["sessionId"]
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            if self.session:
                self.call("DELETE", f"/session/{self.session}")
        self.driver.terminate()
        self.driver.wait(10)

    def call(self, method, path, body=None):
        """One command of WebDriver; its value."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:500]}") from error

    def do(self, command, **body):
        return self.call("POST", f"/session/{self.session}/{command}", body)

    def chrome(self, command, **params):
        """One command of the DevTools protocol."""
        return self.do("goog/cdp/execute", cmd=command, params=params)

    def size(self, width, height):
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height,
                    deviceScaleFactor=1 if width > 600 else 2, mobile=width <= 600)

    def colours(self, scheme):
        """As the system would prefer: "light" or "dark"."""
        self.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        self.do("url", url=url)

    def run(self, script, *args):
        """The value of a JavaScript function's body."""
        return self.do("execute/sync", script=script, args=list(args))

    def waits(self, script, seconds, *args):
        """Whether it becomes true in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.run(script, *args):
                return True
            time.sleep(0.1)
        return False

    def picture(self, path):
        """All of the page, however long it is."""
        whole = self.chrome("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as to:
            to.write(base64.b64decode(whole["data"]))

    def log(self, kind):
        return self.do("se/log", type=kind)

    def requests(self):
        """The addresses that were asked for since the last time."""
        messages = (json.loads(entry["message"])["message"] for entry in self.log("performance"))
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
