// The string-line of all trains: its controls, the chart, what is told of the chosen train.

import { button, checkbox, clear, el, field, select } from "../core/dom";
import { countText, minutesText, numberText } from "../core/format";
import { clockText, dateText, offsetText } from "../core/time";
import { Chart } from "../drawing/chart";
import { WHOLE } from "../drawing/viewport";
import { lazyDetails, table } from "../tables/table";
import { TimetablePainter, type TimetableOptions } from "./painter";
import type { Target, TimetableState } from "./state";
import { CATEGORIES, CATEGORY_COLOURS, CLOSE_WORDS, IMPOSSIBLE_WORDS, MODE_WORDS, categoryPlace } from "./words";

const HEIGHT = 640;
const NARROW_HEIGHT = 470;

export interface StringLinePart {
  root: HTMLElement;
  /** Brings the chart into view and gives it the focus. */
  reveal(): void;
}

function lineControl(state: TimetableState): HTMLSelectElement {
  const choices = state.views.map((view, place) => ({
    value: String(place),
    label: `${view.line.name} (${countText(view.trainCount, "train")})`,
  }));
  return select("Line", choices, (value) => state.setLine(Number(value)));
}

function dayControl(state: TimetableState): { root: HTMLElement; input: HTMLInputElement } {
  const { timetable } = state;
  const input = el("input", { type: "date", "aria-label": "Day" });
  input.min = timetable.dateOf(0);
  input.max = timetable.dateOf(timetable.dayCount - 1);
  input.addEventListener("change", () => {
    if (input.value !== "") state.setDay(timetable.dayOf(input.value));
  });
  const back = button("‹", () => state.setDay(state.day - 1), { "aria-label": "Day before" });
  const on = button("›", () => state.setDay(state.day + 1), { "aria-label": "Day after" });
  return { root: el("span", { class: "day-control" }, back, input, on), input };
}

/** Finds a train by its number, on whatever line and day it runs next. */
function findControl(state: TimetableState, told: HTMLElement): HTMLElement {
  const input = el("input", { type: "search", "aria-label": "Number of a train" });
  input.placeholder = "number";
  input.addEventListener("change", () => {
    const wanted = input.value.trim().toLowerCase();
    if (wanted === "") return state.choose(null, null);
    const { trains } = state.timetable;
    const place = trains.findIndex((train) =>
      [train.number, train.train_id].some((name) => name?.toLowerCase() === wanted),
    );
    if (place >= 0 && state.showTrain(place)) return;
    const reason = trains[place]?.reason;
    told.textContent =
      place < 0
        ? `There is no train ${input.value}.`
        : `Train ${input.value} has no times on a line of the study${reason === null || reason === undefined ? "." : `: ${reason}`}`;
  });
  return field("Find train", input);
}

function categoryControls(state: TimetableState, options: TimetableOptions, redraw: () => void): HTMLElement[] {
  const used = new Set(state.timetable.trains.map((train) => CATEGORIES[categoryPlace(train.category)]!));
  return CATEGORIES.filter((category) => used.has(category)).map((category) => {
    const node = checkbox(category, true, (isOn) => {
      if (isOn) options.hidden.delete(category);
      else options.hidden.add(category);
      redraw();
    });
    const chip = el("span", { class: "chip", "aria-hidden": "true" });
    chip.style.background = CATEGORY_COLOURS[category]!;
    node.append(chip);
    return node;
  });
}

function conflictControls(state: TimetableState, options: TimetableOptions, redraw: () => void): HTMLElement[] {
  const conflicts = state.timetable.conflicts ?? [];
  const control = (words: string, name: string, choose: (isOn: boolean) => void): HTMLElement => {
    const node = checkbox(words, true, (isOn) => {
      choose(isOn);
      redraw();
    });
    node.append(el("span", { class: `chip ${name}`, "aria-hidden": "true" }));
    return node;
  };
  const impossible = conflicts.filter((conflict) => conflict.is_impossible === true).length;
  return [
    ...(impossible === 0
      ? []
      : [control(`conflicts that ${IMPOSSIBLE_WORDS}`, "conflict-mark impossible", (isOn) => (options.showImpossible = isOn))]),
    ...(impossible === conflicts.length
      ? []
      : [control(`conflicts ${CLOSE_WORDS}`, "conflict-mark", (isOn) => (options.showClose = isOn))]),
  ];
}

function describeTrain(state: TimetableState, place: number): HTMLElement {
  const { timetable } = state;
  const train = timetable.trains[place]!;
  const parts = [
    `${timetable.nameOf(train.from_point)} → ${timetable.nameOf(train.to_point)}`,
    train.stops_count === null ? null : countText(train.stops_count, "stop"),
    train.distance_km === null ? null : `${numberText(train.distance_km)} km`,
    train.journey_min === null ? null : minutesText(train.journey_min),
    train.days_count === null ? null : `${countText(train.days_count, "day")}${train.first_day === null ? "" : ` from ${dateText(train.first_day)}`}`,
    MODE_WORDS[train.mode ?? ""] ?? null,
    train.reason,
    train.conflicts_count === null ? null : countText(train.conflicts_count, "conflict"),
  ];
  const text = parts.filter((part) => part !== null).join(" · ");
  const head = el("p", {}, el("strong", {}, `Train ${train.number ?? train.train_id}`), ` ${train.category ?? ""} · ${text}`);
  const course = timetable.courseOn(place, state.day) ?? timetable.coursesOf(place)[0];
  if (course === undefined) return head;
  return el("div", {}, head, lazyDetails("Its times, each by the clock of the place", () => [callTable(state, course)]));
}

function callTable(state: TimetableState, course: number): HTMLElement {
  const { timetable } = state;
  const profile = timetable.courseProfile[course]!;
  const beginS = timetable.midnightS(state.day) + timetable.courseBeginS[course]!;
  const [first, end] = [timetable.firstRow[profile]!, timetable.firstRow[profile + 1]!];
  const rows = Array.from({ length: end - first }, (_, index) => {
    const row = first + index;
    const point = timetable.point[row]!;
    const clock = (since: number): string => {
      const atS = beginS + since;
      return clockText(atS, 0, timetable.offsetMin(point, atS));
    };
    const isPassing = !timetable.isStop(row);
    return {
      cells: [
        timetable.pointName(point),
        isPassing || index === 0 ? "" : clock(timetable.arriveS[row]!),
        index === end - first - 1 ? "" : clock(timetable.leaveS[row]!),
        [isPassing ? "passes" : "", timetable.isComputed(row) ? "computed" : "stated"].filter((word) => word !== "").join(", "),
      ],
      ...(isPassing ? { class: "passing" } : {}),
    };
  });
  return table([{ heading: "Place" }, { heading: "Arrives" }, { heading: "Leaves" }, { heading: "Time is" }], rows, "calls");
}

/** The part of the chart that holds a target. */
function viewportOf(state: TimetableState, target: Target): typeof WHOLE {
  const { lineDay, view } = state;
  if (lineDay === null || view === null) return WHOLE;
  const span = (value: number, from: number, to: number): number =>
    Math.min(Math.max((value - from) / Math.max(to - from, 1e-6), 0), 1);
  const window = (from: number, to: number): { from: number; to: number } =>
    to - from > 0.002 ? { from, to } : { from: Math.max(from - 0.01, 0), to: Math.min(to + 0.01, 1) };
  return {
    across: window(span(target.fromS, lineDay.fromS, lineDay.toS), span(target.toS, lineDay.fromS, lineDay.toS)),
    down: window(span(target.fromKm, view.fromKm, view.toKm), span(target.toKm, view.fromKm, view.toKm)),
  };
}

export function mountTimetableLine(state: TimetableState, epochS: number): StringLinePart {
  const { timetable } = state;
  const options: TimetableOptions = {
    offsetMin: 0,
    showImpossible: true,
    showClose: true,
    hidden: new Set(),
    chosen: new Set(),
    conflict: null,
  };
  const painter = new TimetablePainter(timetable, epochS, options, (train, conflict) => state.choose(train, conflict));
  const height = window.innerWidth < 700 ? NARROW_HEIGHT : HEIGHT;
  const chart = new Chart(painter, height, () => `timetable-${timetable.dateOf(state.day)}`, "String-line of all trains");
  const told = el("div", { class: "told", "aria-live": "polite" });
  const caption = el("p", { class: "quiet", "aria-live": "polite" });
  const lines = lineControl(state);
  const day = dayControl(state);
  const clockHost = el("span");
  const redraw = (): void => chart.draw();
  const controls = el(
    "div",
    { class: "controls" },
    field("Line", lines),
    field("Day", day.root),
    clockHost,
    findControl(state, told),
    chart.tools,
  );
  const legend = el(
    "div",
    { class: "legend" },
    ...categoryControls(state, options, redraw),
    ...conflictControls(state, options, redraw),
  );
  state.follow((target) => {
    painter.day = state.lineDay;
    painter.marks = state.marks;
    options.offsetMin = state.offsetMin;
    options.chosen = state.chosenTrains();
    options.conflict = state.conflict;
    lines.value = String(state.view === null ? -1 : state.views.indexOf(state.view));
    day.input.value = timetable.dateOf(state.day);
    const choices = state.clocks().map(({ offsetMin, point }) => ({
      value: String(offsetMin),
      label: `${timetable.pointName(point)}, ${offsetText(offsetMin)}`,
    }));
    if (choices.every(({ value }) => value !== "0")) choices.push({ value: "0", label: "UTC" });
    const clock = select("Clock of the time axis", choices, (value) => state.setOffset(Number(value)));
    clock.value = String(state.offsetMin);
    clockHost.replaceChildren(field("Clock", clock));
    const count = new Set(state.lineDay?.runs.map((run) => run.train)).size;
    caption.textContent =
      `${dateText(timetable.dateOf(state.day))}: ${countText(count, "train")} on the line` +
      (timetable.conflicts === null ? "." : `, ${countText(state.marks.length, "conflict")}.`);
    clear(told);
    if (state.train !== null) told.append(describeTrain(state, state.train));
    chart.setViewport(target === null ? chart.viewport : viewportOf(state, target));
  });
  const root = el("div", {}, controls, caption, chart.root, legend, told);
  return {
    root,
    reveal: () => {
      chart.root.scrollIntoView({ block: "center" });
      chart.root.querySelector<HTMLElement>(".overlay")?.focus({ preventScroll: true });
    },
  };
}
