"""A page open in a browser, as tests read it."""

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
INK_SHARE = """
(canvas) => {
  const context = canvas.getContext("2d");
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let marked = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && data[i] < 200) marked += 1;
  return marked / (canvas.width * canvas.height);
}
"""


class Reader:
    """A page that is open, with what it asked for and what went wrong."""

    def __init__(self, browser, path):
        self.context = browser.new_context(viewport={"width": 1400, "height": 900})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-state=ready]")
        self.page.wait_for_timeout(100)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.context.close()

    def _listen(self, message):
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def picture(self, section: str) -> str:
        return self.page.locator(f"#{section} canvas.base").evaluate("(c) => c.toDataURL()")

    def text(self, section: str) -> str:
        return self.page.locator(f"#{section}").inner_text()


def decode_column(column: dict, rows: int) -> list:
    """A column of a table of the page; its decoder restated."""
    if "v" in column:
        return column["v"]
    if "k" in column:
        return [column["k"]] * rows
    if "i" in column:
        total, values = 0, []
        for step in column["i"]:
            total += step
            values.append(total)
        return values
    return [None if code < 0 else column["d"][code] for code in column["c"]]
