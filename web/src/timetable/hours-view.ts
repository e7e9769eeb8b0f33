// The 24-hour table of a station on the chosen line and day.

import { checkbox, clear, el, field, select, button, type Child } from "../core/dom";
import { countText } from "../core/format";
import { dateText, offsetText } from "../core/time";
import { groupByHour, listCalls, type Call, type CallKind, type Direction } from "./hours";
import type { TimetableState } from "./state";
import { CATEGORIES, CATEGORY_COLOURS, categoryPlace } from "./words";

const two = (value: number): string => String(value).padStart(2, "0");

function callNode(state: TimetableState, call: Call, fromS: number, kind: CallKind, reveal: () => void): HTMLElement {
  const { timetable } = state;
  const train = timetable.trains[call.train]!;
  const number = train.number ?? train.train_id;
  const minute = two(Math.floor(((call.atS - fromS) % 3600) / 60));
  const end = timetable.nameOf(kind === "departures" ? train.to_point : train.from_point);
  const words = `${kind === "departures" ? "to" : "from"} ${end}${call.isPassing ? ", passes" : ""}`;
  const node = button("", () => {
    if (state.showTrain(call.train, call.day)) reveal();
  }, {
    class: call.isPassing ? "call passing" : "call",
    title: words,
    "aria-label": `minute ${minute}, train ${number} ${words}`,
  });
  const label = el("span", { class: "call-number" }, number);
  label.style.color = CATEGORY_COLOURS[CATEGORIES[categoryPlace(train.category)]!]!;
  node.append(el("b", {}, minute), label);
  return node;
}

export function hourTable(state: TimetableState, reveal: () => void): HTMLElement {
  const { timetable } = state;
  let kind: CallKind = "departures";
  let isWithPassing = false;
  let point: number | null = null;
  const stationHost = el("span");
  const body = el("div");
  let shownLine: string | null = null;
  const refill = (): void => {
    clear(body);
    const { view, fromS } = state;
    if (view === null || point === null) return;
    const calls = listCalls(view, point, fromS, kind).filter((call) => isWithPassing || !call.isPassing);
    const ends = [view.line.points[0]!, view.line.points.at(-1)!];
    const to = kind === "departures" ? "To" : "From";
    const [back, onward] = kind === "departures" ? ends : [ends[1]!, ends[0]!];
    const columns: [Direction, string][] = [
      ["onward", `${to} ${timetable.pointName(onward!)}`],
      ["back", `${to} ${timetable.pointName(back!)}`],
      ["other", `${to} elsewhere`],
    ];
    const used = columns.filter(([direction]) => calls.some((call) => call.direction === direction));
    const where = `${timetable.pointName(point)}, ${dateText(timetable.dateOf(state.day))}, ${offsetText(state.offsetMin)}`;
    body.append(el("p", { class: "quiet", "aria-live": "polite" }, `${where}: ${countText(calls.length, kind.slice(0, -1))}.`));
    if (calls.length === 0) return;
    const head = el("tr", {}, el("th", { scope: "col" }, "Hour"), ...used.map(([, words]) => el("th", { scope: "col" }, words)));
    const rows = groupByHour(calls, fromS).map((hour, index) => {
      const cells = used.map(([direction, words]): Child => {
        const own = hour.filter((call) => call.direction === direction);
        return el("td", { "data-label": words }, ...own.map((call) => callNode(state, call, fromS, kind, reveal)));
      });
      return el("tr", hour.length === 0 ? { class: "empty" } : {}, el("th", { scope: "row" }, two(index)), ...cells);
    });
    const node = el("table", { class: "hour-table" }, el("thead", {}, head), el("tbody", {}, ...rows));
    body.append(el("div", { class: "scroll" }, node));
  };
  const stations = (): void => {
    const points = state.view?.line.points ?? [];
    if (point === null || !points.includes(point)) point = points[0] ?? null;
    const node = select(
      "Station",
      points.map((place) => ({ value: String(place), label: timetable.pointName(place) })),
      (value) => {
        point = Number(value);
        refill();
      },
    );
    if (point !== null) node.value = String(point);
    stationHost.replaceChildren(field("Station", node));
  };
  const kinds = select(
    "Departures or arrivals",
    [
      { value: "departures", label: "departures" },
      { value: "arrivals", label: "arrivals" },
    ],
    (value) => {
      kind = value === "arrivals" ? "arrivals" : "departures";
      refill();
    },
  );
  const passing = checkbox("trains that pass", false, (isOn) => {
    isWithPassing = isOn;
    refill();
  });
  let shown = "";
  state.follow(() => {
    const line = state.view?.line.id ?? null;
    if (line !== shownLine) stations();
    shownLine = line;
    // A choice of train alone changes nothing here.
    const now = `${line}|${state.day}|${state.offsetMin}`;
    if (now !== shown) refill();
    shown = now;
  });
  return el("div", {}, el("div", { class: "controls" }, stationHost, field("Show", kinds), passing), body);
}
