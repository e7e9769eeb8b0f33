// The speed section: a train selector over the chart of its way.

import { el, field, missing, select } from "../core/dom";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { Chart } from "../drawing/chart";
import type { SectionRun } from "../rows";
import { SpeedPainter, type SpeedPlace } from "./painter";

function placesOf(study: StudyView, runs: SectionRun[]): SpeedPlace[] {
  runs.sort((a, b) => a.sequence - b.sequence);
  const first = runs[0];
  if (first === undefined) return [];
  const places = [{ name: study.pointName(first.from_point), km: 0 }];
  let km = 0;
  for (const run of runs) {
    km += run.length_km ?? 0;
    places.push({ name: study.pointName(run.to_point), km });
  }
  return places;
}

function chip(className: string, text: string): HTMLElement {
  return el("span", { class: "legend-item" }, el("span", { class: `chip ${className}` }), text);
}

export function mountSpeed(host: HTMLElement, study: StudyView, selection: Selection): void {
  const samples = groupBy(study.rows("speed_profile"), (row) => row.train_id);
  if (samples.size === 0) {
    host.append(missing("No speed profiles: the table speed_profile is empty."));
    return;
  }
  const runs = groupBy(study.rows("section_runs"), (row) => row.train_id);
  const painter = new SpeedPainter();
  const note = el("p", { class: "quiet" });
  let shown = "";
  const chart = new Chart(painter, 420, () => `speed-${shown}`, "Speed and gradient");
  const show = (trainId: string): void => {
    const profile = samples.get(trainId);
    if (profile === undefined || trainId === shown) return;
    shown = trainId;
    profile.sort((a, b) => a.position_km - b.position_km);
    const lengthKm = Math.max(profile.at(-1)?.position_km ?? 1, 0.1);
    painter.model = { samples: profile, places: placesOf(study, runs.get(trainId) ?? []), lengthKm };
    trains.value = trainId;
    const assumedCount = profile.filter((row) => row.gradient_basis === "assumed").length;
    const extent = assumedCount === profile.length ? "all of this way" : "part of this way";
    note.hidden = assumedCount === 0;
    note.textContent = `On ${extent} the up and down of the gradient is an assumption: hills of one length within the ruling gradient, because no profile is published.`;
    chart.reset();
  };
  const choices = [...samples.keys()].map((id) => ({ value: id, label: study.trainLabel(id) }));
  const trains = select("Train", choices, show);
  host.append(
    el("div", { class: "controls" }, field("Train", trains), chart.tools),
    chart.root,
    el(
      "div",
      { class: "legend" },
      chip("speed", "computed speed"),
      chip("limit", "speed limit"),
      chip("gradient", "gradient, profile known"),
      chip("assumed", "gradient, assumed: no profile published"),
      chip("bound", "ruling gradient, both directions"),
    ),
    note,
  );
  // A trip's longest ride is the most telling one to show first.
  selection.follow((tripId) => {
    const rides = groupBy(study.eventsOf(tripId), (event) => event.train_id ?? "");
    const known = [...rides].filter(([trainId]) => samples.has(trainId));
    known.sort(([, a], [, b]) => b.length - a.length);
    show(known[0]?.[0] ?? choices[0]!.value);
  });
}
