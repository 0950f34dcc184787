"""A page in headless Chromium: what it says on the console, what it asks the network for, how it looks."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SETTINGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def is_there() -> bool:
    """Whether there is a Chromium with its driver."""
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """A browser on one page of a given width."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, width: int, height: int = 900) -> None:
        """Open a file as if it came with a mail."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get_log("browser"), self.driver.get_log("performance")
        self.driver.get(page.resolve().as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page gives."""
        return self.driver.execute_script(script, *arguments)

    def come_to(self, selector: str) -> None:
        """Bring an element into the middle of the window, and wait until what is drawn on the way has its size."""
        self.driver.execute_async_script(
            """
            const [element, done] = [document.querySelector(arguments[0]), arguments[1]];
            let last = NaN, quiet = 0;
            const step = () => {
              element.scrollIntoView({block: 'center', behavior: 'instant'});
              const top = element.getBoundingClientRect().top;
              quiet = top === last ? quiet + 1 : 0;
              last = top;
              if (quiet < 3) requestAnimationFrame(step); else done();
            };
            step();
            """,
            selector,
        )

    @property
    def said(self) -> list[str]:
        """All messages on the console since the last question, of any level."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    @property
    def asked_for(self) -> list[str]:
        """Addresses asked for since the page was opened, but those that lie inside it."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [address for address in asked if not address.startswith("data:")]

    def press(self, key: str) -> None:
        """Press a key on what has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(key).perform()

    def printed(self) -> bytes:
        """The page as PDF."""
        asked = {"preferCSSPageSize": True, "printBackground": False}
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", asked)["data"])


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser with a profile of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        for setting in (*SETTINGS, f"--user-data-dir={profile}"):
            options.add_argument(setting)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield Browser(driver)
        finally:
            driver.quit()
