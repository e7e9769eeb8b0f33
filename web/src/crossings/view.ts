// The section on crossings and capacity: the line around a host train, its waits, and what is used.

import { button, checkbox, clear, el, field, missing, select } from "../core/dom";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText, offsetText } from "../core/time";
import { Chart } from "../drawing/chart";
import type { Crossing } from "../rows";
import type { StringLineOptions } from "../string-line/frame";
import { StringLinePainter } from "../string-line/painter";
import { CLOSED, CONFLICT, FREIGHT, HOST, PASSENGER, hostLayers, type LayerOptions } from "./layers";
import { buildHostLine, type HostLine } from "./line";
import { capacityProfile } from "./profile";
import {
  FLOW_WORDS,
  ORDER_WORDS,
  capacityTable,
  delayTable,
  delayWords,
  mostUsed,
  waitTable,
} from "./tables";

const HEIGHT = 640;
const SWAPPED_HEIGHT = 900;

const hostOf = (row: { train_id: string; operating_day: string }): string => `${row.train_id}@${row.operating_day}`;

function chip(colour: string, text: string): HTMLElement {
  const mark = el("span", { class: "chip", "aria-hidden": "true" });
  mark.style.background = colour;
  return el("span", { class: "legend-item" }, mark, text);
}

function legend(line: HostLine): HTMLElement {
  const items = [
    chip(HOST, "host train"),
    el("span", { class: "legend-item" }, el("span", { class: "chip wait-mark" }), "host waits"),
    chip(PASSENGER, "other passenger trains (number assumed)"),
    chip(FREIGHT, "freight trains (number assumed)"),
    chip("#efe8d8", "pale: track occupied from point to point"),
  ];
  if (line.closures.length > 0) items.push(chip(CLOSED, "track closed"));
  if (line.conflicts.length > 0) items.push(chip(CONFLICT, "conflict"));
  const counts = `${line.closures.length === 0 ? "No possession is known here" : "Possessions hatched"}; `;
  const left = line.conflicts.length === 0 ? "no conflict is left." : "conflicts that are left are red.";
  return el("div", {}, el("div", { class: "legend" }, ...items), el("p", { class: "quiet" }, counts + left));
}

function lineChart(study: StudyView, host: HTMLElement, picker: HTMLElement): (line: HostLine | null) => void {
  const options: StringLineOptions = {
    isSwapped: false, isEqualSpacing: false, clockOffsetMin: 0, showOthers: false, showRange: false,
  };
  const layers: LayerOptions = { showPaths: true, showOccupied: true };
  let shown: HostLine | null = null;
  const painter = new StringLinePainter(study, options, hostLayers(() => shown, layers));
  const chart = new Chart(painter, HEIGHT, () => `crossings-${shown?.model.tripId ?? ""}`, "Crossings");
  const notes = el("div");
  const swap = button("Swap axes", () => {
    options.isSwapped = !options.isSwapped;
    swap.setAttribute("aria-pressed", String(options.isSwapped));
    const { across, down } = chart.viewport;
    chart.setViewport({ across: down, down: across });
    chart.setHeight(options.isSwapped ? SWAPPED_HEIGHT : HEIGHT);
  }, { "aria-pressed": "false", "data-role": "swap-line-axes" });
  const spacing = [
    { value: "km", label: "true to kilometres" },
    { value: "equal", label: "points equally spaced" },
  ];
  const distance = select("Distance scale of the line", spacing, (value) => {
    options.isEqualSpacing = value === "equal";
    chart.draw();
  });
  const toggle = (label: string, name: keyof LayerOptions): HTMLElement =>
    checkbox(label, layers[name], (isOn) => {
      layers[name] = isOn;
      chart.draw();
    });
  const controls = el("div", { class: "controls" }, picker, field("Distance", distance), swap);
  controls.append(toggle("other trains", "showPaths"), toggle("occupied track", "showOccupied"), chart.tools);
  host.append(controls, chart.root, notes);
  return (line) => {
    shown = line;
    painter.model = line?.model ?? null;
    options.clockOffsetMin = line?.model.zones[0]?.offsetsMin[0] ?? 0;
    clear(notes);
    chart.root.hidden = line === null;
    notes.append(line === null ? missing("The path of this train is unknown.") : legend(line));
    chart.reset();
  };
}

function caseSelect(label: string, words: Record<string, string>, has: (value: string) => boolean, first: string) {
  const choices = Object.keys(words).filter(has).map((value) => ({ value, label: words[value]! }));
  const node = select(label, choices, () => node.dispatchEvent(new Event("chosen")));
  node.value = choices.some((choice) => choice.value === first) ? first : (choices[0]?.value ?? "");
  return node;
}

/** Waits of one host with a choice of the case. */
function mountWaits(host: HTMLElement, study: StudyView, rows: Crossing[], offsetMin: number): void {
  const flows = caseSelect("Other trains", FLOW_WORDS, (name) => rows.some((row) => row.flow_case === name), "best");
  const orders = caseSelect(
    "Order", ORDER_WORDS, (name) => rows.some((row) => row.host_order === name), "among_passenger",
  );
  const body = el("div");
  const show = (): void => {
    const chosen = rows.filter((row) => row.flow_case === flows.value && row.host_order === orders.value);
    clear(body);
    body.append(waitTable(study, chosen, offsetMin));
  };
  flows.addEventListener("chosen", show);
  orders.addEventListener("chosen", show);
  const controls = el("div", { class: "controls" }, field("Other trains", flows), field("Host goes", orders));
  const zone = `Times are local, ${offsetText(offsetMin)}. The string-line shows the likely number of trains, the host after passenger trains.`;
  host.append(el("h3", {}, "Where the host waits"), controls, body, el("p", { class: "quiet" }, zone));
  show();
}

function mountCapacity(host: HTMLElement, study: StudyView, line: HostLine | null): void {
  const rows = study.rows("section_capacity");
  host.append(el("h3", {}, "How the capacity of the line is used"));
  const drawing = line?.model.hasKm === true ? capacityProfile(study, rows, line.kmOf) : null;
  if (drawing !== null) {
    const words =
      "Share of the pairs a day that each stretch between passing points can carry, by kilometres of the host; the pale bar is the range from few to many trains.";
    host.append(el("p", {}, words), el("div", { class: "scroll" }, drawing));
  }
  const shown = mostUsed(rows, line?.kmOf ?? null);
  if (rows.length > 0) {
    const rule =
      "Capacity N = (1440 min − maintenance window) × reliability / period; share = (freight pairs + weight × passenger pairs) / N. Computed from running times; window, reliability, weight and the number of trains are assumed and listed in the last section.";
    host.append(el("p", {}, `The ${shown.length} most used stretches. ${rule}`));
  }
  host.append(capacityTable(study, shown));
}

export function mountCrossings(host: HTMLElement, study: StudyView): void {
  const delays = groupBy(study.rows("crossing_delays"), hostOf);
  const crossings = groupBy(study.rows("crossings"), hostOf);
  if (delays.size === 0) {
    host.append(missing("No crossings were computed: the study states no flows of other trains."));
    if (study.rows("section_capacity").length > 0) mountCapacity(host, study, null);
    return;
  }
  const choices = [...delays.keys()].map((value) => {
    const [train, day] = value.split("@");
    return { value, label: `train ${study.trainLabel(train ?? null)}, ${dateText(day ?? "")}` };
  });
  const body = el("div");
  const picker = select("Host train", choices, (value) => show(value));
  const draw = lineChart(study, host, field("Host train", picker));
  host.append(body);
  const show = (value: string): void => {
    const line = buildHostLine(study, value);
    draw(line);
    clear(body);
    mountWaits(body, study, crossings.get(value) ?? [], line?.model.zones[0]?.offsetsMin[0] ?? 0);
    const cases = delays.get(value) ?? [];
    body.append(el("h3", {}, "What other trains cost the host"), el("p", {}, delayWords(cases)), delayTable(cases));
    mountCapacity(body, study, line);
  };
  show(choices[0]!.value);
}
