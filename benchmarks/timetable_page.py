"""Time of the page of the whole timetable: made from tables, opened, zoomed, in headless Chromium.

Tables of 2,000 trains with 100 stops each on one line are made up. A zoom step is one turn of the
wheel until a pixel of the drawn string-line is read back; the median of all steps from the whole
day to an hour and back is printed, that of the steps at the whole day, and the processor time of
all processes of the browser for a step (Linux), for machines that are busy. Chromium draws in
software.

usage: python benchmarks/timetable_page.py [--trains N] [--stops N] [--repeats N] [--json]
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from arterial.report.page import build_report, write_page
from arterial.report.payload import embed_payload
from arterial.report.timetable_section import build_timetable
from arterial.study import Study

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from page_reader import CHROMIUM_ARGUMENTS
from timetable_page_cases import made_up_line, many_trains

Tables = dict[str, pl.DataFrame]

LIMITS = {"payload_s": 1.0, "zoom_ms": 60.0}

STEPS = 14
"""Turns of the wheel from the whole day to about an hour."""

ZOOM = """
async ([repeats, STEPS]) => {
  const chart = document.querySelector("#timetable .chart-frame");
  chart.scrollIntoView({ block: "center" });
  await new Promise((done) => setTimeout(done, 300));
  const [base, overlay] = chart.querySelectorAll("canvas");
  const box = overlay.getBoundingClientRect();
  const at = { clientX: box.left + 0.6 * box.width, clientY: box.top + 0.5 * box.height };
  const times = [];
  const step = async (deltaY) => {
    const begin = performance.now();
    const turn = { ...at, deltaY, ctrlKey: true, cancelable: true };
    overlay.dispatchEvent(new WheelEvent("wheel", turn));
    const drawn = performance.now();
    base.getContext("2d").getImageData(400, 300, 1, 1);
    const read = performance.now();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    times.push([drawn - begin, read - begin]);
  };
  for (let round = 0; round < repeats; round += 1) {
    for (let turn = 0; turn < STEPS; turn += 1) await step(-140);
    for (let turn = 0; turn < STEPS; turn += 1) await step(140);
  }
  return times;
}
"""


def measure_payload(study: Study, results: Tables, repeats: int) -> dict[str, float]:
    """Median seconds of the section alone, and of it as text."""
    build, text = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        timetable = build_timetable(study, results)
        built = time.perf_counter()
        embed_payload({"timetable": timetable})
        build.append(built - start)
        text.append(time.perf_counter() - start)
    return {"tables_s": statistics.median(build), "payload_s": statistics.median(text)}


def list_descendants(pid: int) -> list[int]:
    """Processes below a process."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rsplit(")")[-1].split()[1]
            )
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def measure_processor_s() -> float:
    """Processor seconds that all processes below this one have used."""
    ticks = 0
    for pid in list_descendants(os.getpid()):
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()
        except OSError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_page(path: Path, repeats: int, width: int) -> dict[str, float]:
    """Seconds until the page is ready, and milliseconds of a zoom step."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        message = "There is no Chromium to open the page with."
        raise SystemExit(message)
    arguments = [*CHROMIUM_ARGUMENTS, "--disable-gpu"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": width, "height": 900})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-state=ready]")
        ready = time.perf_counter() - start
        page.evaluate(ZOOM, [1, STEPS])
        before = measure_processor_s()
        steps = page.evaluate(ZOOM, [repeats, STEPS])
        used = measure_processor_s() - before
        # The first step in and the last one out show nearly the whole day.
        before = measure_processor_s()
        whole = page.evaluate(ZOOM, [4 * repeats, 1])
        used_whole = measure_processor_s() - before
        browser.close()
    return {
        "ready_s": ready,
        "zoom_ms": statistics.median(read for _, read in steps),
        "zoom_longest_ms": max(read for _, read in steps),
        "zoom_processor_ms": 1000 * used / len(steps),
        "whole_day_ms": statistics.median(read for _, read in whole),
        "whole_day_script_ms": statistics.median(script for script, _ in whole),
        "whole_day_processor_ms": 1000 * used_whole / len(whole),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, default=2000)
    parser.add_argument("--stops", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    study = made_up_line(arguments.stops)
    results = many_trains(arguments.trains, arguments.stops)
    figures = measure_payload(study, results, arguments.repeats)
    page = build_report(study, results, summary=[], stamp={})
    figures["page_mb"] = len(page) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        path = write_page(Path(folder) / "page.html", page)
        figures |= measure_page(path, arguments.repeats, arguments.width)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        limit = f"{LIMITS[name]:9.2f}" if name in LIMITS else ""
        print(f"{name:24} {value:9.3f} {limit}")


if __name__ == "__main__":
    main()
