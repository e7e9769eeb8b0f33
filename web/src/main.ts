// Entry of the page: reads the payload and puts up the report, or one figure of it.

import "./style/page.css";
import "./style/charts.css";
import "./style/tables.css";

import { mountCalendar } from "./calendar/view";
import { el } from "./core/dom";
import { readPayload, type Payload, type ViewName } from "./core/payload";
import { Selection } from "./core/selection";
import { StudyView } from "./core/study-view";
import { mountMap } from "./map/view";
import { mountRotation } from "./rotation/view";
import { mountSpeed } from "./speed/view";
import { mountStringLine } from "./string-line/view";
import { mountCompatibility } from "./tables/compatibility";
import { mountEvidence } from "./tables/evidence";
import { mountFindings } from "./tables/findings";
import { mountItinerary } from "./tables/itinerary";
import { mountRunningTimes } from "./tables/running-times";
import { mountStatements } from "./tables/statements";
import { mountHead, mountSummary } from "./tables/summary";

type Mount = (host: HTMLElement, study: StudyView, selection: Selection) => void;

interface Section {
  id: string;
  title: string;
  mount: Mount;
}

const SECTIONS: Section[] = [
  { id: "summary", title: "In plain words", mount: (host, study) => mountSummary(host, study.payload) },
  { id: "map", title: "Map", mount: mountMap },
  { id: "string-line", title: "String-line", mount: mountStringLine },
  { id: "speed", title: "Speed and gradient", mount: mountSpeed },
  { id: "itinerary", title: "Itinerary", mount: mountItinerary },
  { id: "calendar", title: "Calendar", mount: mountCalendar },
  { id: "findings", title: "Findings", mount: mountFindings },
  { id: "statements", title: "Published statements", mount: mountStatements },
  { id: "rotation", title: "Coach rotation", mount: mountRotation },
  { id: "compatibility", title: "Compatibility", mount: mountCompatibility },
  { id: "running-times", title: "Running times", mount: mountRunningTimes },
  { id: "evidence", title: "Assumptions and sources", mount: mountEvidence },
];

const FIGURES: Record<Exclude<ViewName, "report">, Mount> = {
  "string-line": mountStringLine,
  map: mountMap,
  speed: mountSpeed,
  calendar: mountCalendar,
  rotation: mountRotation,
};

function firstTrip(study: StudyView): string | null {
  const trips = study.drawableTrips();
  const wanted = study.payload.trip_ids.find((id) => trips.some((trip) => trip.trip_id === id));
  return wanted ?? trips[0]?.trip_id ?? null;
}

/** A section that fails says so in its place; the others stay readable. */
function mountSafely(mount: Mount, host: HTMLElement, study: StudyView, selection: Selection): void {
  try {
    mount(host, study, selection);
  } catch (error) {
    console.error(error);
    host.append(el("p", { class: "missing" }, `This part could not be drawn: ${String(error)}`));
  }
}

function mountReport(root: HTMLElement, study: StudyView, selection: Selection): void {
  const links = SECTIONS.map(({ id, title }) => el("li", {}, el("a", { href: `#${id}` }, title)));
  const head = el("header", { class: "head" });
  mountHead(head, study.payload);
  const main = el("main", {}, head);
  root.append(el("nav", { "aria-label": "Sections" }, el("ol", {}, ...links)), main);
  SECTIONS.forEach(({ id, title, mount }, index) => {
    const number = el("span", { class: "section-number" }, String(index + 1));
    const host = el("section", { id }, el("h2", {}, number, title));
    main.append(host);
    mountSafely(mount, host, study, selection);
  });
}

function start(payload: Payload, root: HTMLElement): void {
  const study = new StudyView(payload);
  const selection = new Selection(firstTrip(study));
  document.title = payload.study.title;
  document.body.dataset["view"] = payload.view;
  if (payload.view === "report") mountReport(root, study, selection);
  else mountSafely(FIGURES[payload.view], root, study, selection);
  document.body.dataset["state"] = "ready";
}

const block = document.getElementById("payload");
const root = document.getElementById("root");
if (block !== null && root !== null) {
  readPayload(block)
    .then((payload) => start(payload, root))
    .catch((error: unknown) => {
      console.error(error);
      root.replaceChildren(el("p", { class: "missing" }, `The report could not be read: ${String(error)}`));
    });
}
