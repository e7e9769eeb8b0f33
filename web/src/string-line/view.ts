// The string-line section: its controls, the chart and the legend.

import { button, checkbox, clear, el, field, missing, select, type Choice } from "../core/dom";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { offsetText } from "../core/time";
import { tripSelect } from "../core/trip-select";
import { Chart } from "../drawing/chart";
import { RIBBON_COLOUR, delayVertices, drawDelays, lastRibbonS, serviceDelays } from "./delay-layer";
import type { StringLineOptions } from "./frame";
import type { Layer } from "./ground-layers";
import { buildStringLine, type StringLineModel } from "./model";
import { StringLinePainter } from "./painter";
import { trainColour } from "./trip-layers";

const HEIGHT = 660;
const SWAPPED_HEIGHT = 900;

function clockChoices(model: StringLineModel): Choice[] {
  const first = model.vertices[0]?.event;
  const references = new Set(model.vertices.map((vertex) => vertex.event.reference_offset_min));
  const offsets = new Map<number, string>();
  const local = first?.utc_offset_min ?? null;
  if (local !== null) offsets.set(local, `clock of the first station, ${offsetText(local)}`);
  for (const offset of references) {
    if (offset === null || offset === 0 || offsets.has(offset)) continue;
    offsets.set(offset, `railway reference, ${offsetText(offset)}`);
  }
  if (!offsets.has(0)) offsets.set(0, "UTC");
  return [...offsets].map(([value, label]) => ({ value: String(value), label }));
}

function chip(colour: string, text: string): HTMLElement {
  const mark = el("span", { class: "chip", "aria-hidden": "true" });
  mark.style.background = colour;
  return el("span", { class: "legend-item" }, mark, text);
}

function legend(study: StudyView, model: StringLineModel, hasDelays: boolean): HTMLElement {
  const trains = model.trains.filter((trainId) => trainId !== "");
  return el(
    "div",
    { class: "legend" },
    ...trains.map((id) => chip(trainColour(model.trains, id), `train ${study.trainLabel(id)}`)),
    chip("#1c2733", "coach waits between trains"),
    chip("#bcd0de", "earliest to latest"),
    el("span", { class: "legend-item" }, el("span", { class: "chip midnight" }), "local midnight"),
    el("span", { class: "legend-item" }, el("span", { class: "chip hatched" }), "border"),
    chip("#b4bec7", "other departures"),
    hasDelays ? chip(RIBBON_COLOUR, "simulated delay: darker for half, paler for nine in ten of the trips") : null,
  );
}

export function mountStringLine(
  host: HTMLElement,
  study: StudyView,
  selection: Selection,
  extraLayers: Layer[] = [],
): void {
  if (study.drawableTrips().length === 0) {
    host.append(missing("No resolved trips: the tables trips and trip_events are empty."));
    return;
  }
  const options: StringLineOptions = {
    isSwapped: false,
    isEqualSpacing: false,
    clockOffsetMin: 0,
    showOthers: true,
    showRange: true,
  };
  const delays = groupBy(study.rows("trip_delays"), (row) => row.group_id);
  let [showDelays, delayed] = [true, delayVertices({ vertices: [] }, [])];
  const ribbons = drawDelays(() => delayed, () => showDelays);
  const painter = new StringLinePainter(study, options, [...extraLayers, ribbons]);
  const chart = new Chart(painter, HEIGHT, () => `string-line-${selection.tripId ?? ""}`, "String-line");
  const notes = el("div");
  const clock = el("span");
  const redraw = (): void => chart.draw();
  const swap = button("Swap axes", () => {
    options.isSwapped = !options.isSwapped;
    swap.setAttribute("aria-pressed", String(options.isSwapped));
    const { across, down } = chart.viewport;
    chart.setViewport({ across: down, down: across });
    chart.setHeight(options.isSwapped ? SWAPPED_HEIGHT : HEIGHT);
  }, { "aria-pressed": "false", "data-role": "swap-axes" });
  const spacing = select(
    "Distance scale",
    [
      { value: "km", label: "true to kilometres" },
      { value: "equal", label: "stations equally spaced" },
    ],
    (value) => {
      options.isEqualSpacing = value === "equal";
      redraw();
    },
  );
  const controls = el(
    "div",
    { class: "controls" },
    field("Trip", tripSelect(study, selection)),
    clock,
    field("Distance", spacing),
    swap,
    checkbox("other departures", true, (isOn) => {
      options.showOthers = isOn;
      redraw();
    }),
    checkbox("range", true, (isOn) => {
      options.showRange = isOn;
      redraw();
    }),
    delays.size === 0
      ? null
      : checkbox("simulated delay", true, (isOn) => {
          showDelays = isOn;
          redraw();
        }),
    chart.tools,
  );
  host.append(controls, chart.root, notes);
  selection.follow((tripId) => {
    const model = buildStringLine(study, tripId);
    painter.model = model;
    clear(notes);
    clear(clock);
    chart.root.hidden = model === null;
    if (model === null) {
      notes.append(missing("This departure has no resolved times, so there is nothing to draw."));
      return;
    }
    delayed = delayVertices(model, delays.get(tripId) ?? serviceDelays(study, tripId));
    model.toS = Math.max(model.toS, lastRibbonS(delayed) + 0.01 * (model.toS - model.fromS));
    const choices = clockChoices(model);
    options.clockOffsetMin = Number(choices[0]!.value);
    const clockSelect = select("Clock of the time axis", choices, (value) => {
      options.clockOffsetMin = Number(value);
      redraw();
    });
    clockSelect.value = String(options.clockOffsetMin);
    clock.append(field("Time axis", clockSelect));
    notes.append(legend(study, model, delayed.length > 1));
    if (!model.hasKm) notes.append(missing("Distances are unknown; stops are spaced by their order."));
    chart.reset();
  });
}
