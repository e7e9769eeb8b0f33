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
  /** What is seen and how to read it, in one sentence. */
  intro: string;
  mount: Mount;
}

const SECTIONS: Section[] = [
  {
    id: "summary",
    title: "In plain words",
    intro: "The results in the order of their weight; each line says whether it is reported, announced, assumed or computed.",
    mount: (host, study) => mountSummary(host, study.payload),
  },
  {
    id: "map",
    title: "Map",
    intro: "The routes of the study and the places where a coach changes trains; drag or zoom to look closer, and rest the pointer on a place for its names.",
    mount: mountMap,
  },
  {
    id: "string-line",
    title: "String-line",
    intro: "One departure over time and distance: with time across, the steeper the line the faster the train; a level thick line is a wait, and the pale band shows how early or late the coach may be.",
    mount: mountStringLine,
  },
  {
    id: "speed",
    title: "Speed and gradient",
    intro: "The fastest run of a train that physics allows, before calibration: its speed under the limit, the gradients it climbs and the current that feeds it.",
    mount: mountSpeed,
  },
  {
    id: "itinerary",
    title: "Itinerary",
    intro: "Every stop of one departure on the local, the railway's and the UTC clock; D+1 is the local day after departure, and shaded rows are changes of trains.",
    mount: mountItinerary,
  },
  {
    id: "calendar",
    title: "Calendar",
    intro: "Every departure of the horizon, one row a month: the symbol tells the verdict, the frame what is known of it; a click on a date chooses that departure in the whole report.",
    mount: mountCalendar,
  },
  {
    id: "findings",
    title: "Findings",
    intro: "What does not work or may fail, the gravest first: one entry for each cause, with what follows from it, what would mend it and the dates it hits.",
    mount: mountFindings,
  },
  {
    id: "statements",
    title: "Published statements",
    intro: "What has been published, held against the model: conflicts stand open with their calculation, the rest is folded away below them.",
    mount: mountStatements,
  },
  {
    id: "rotation",
    title: "Coach rotation",
    intro: "The fewest coach sets that can work all trips: coloured bars are trips, pale bars are stays, and red ones are stays that may be too short.",
    mount: mountRotation,
  },
  {
    id: "compatibility",
    title: "Compatibility",
    intro: "The coach held against the sections of its way and against the vehicles of its host trains; a question mark is a value that nobody has published.",
    mount: mountCompatibility,
  },
  {
    id: "running-times",
    title: "Running times",
    intro: "Basic time is physics alone; calibrated time adds the supplement, restrictions and the quality factor that brings it to published speeds.",
    mount: mountRunningTimes,
  },
  {
    id: "evidence",
    title: "Assumptions and sources",
    intro: "Everything the results rest on that is not a published fact, then the sources, their licences and what identifies this run.",
    mount: mountEvidence,
  },
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
  const skip = el("a", { class: "skip", href: "#summary" }, "Skip to the results");
  root.append(skip, el("nav", { "aria-label": "Sections" }, el("ol", {}, ...links)), main);
  SECTIONS.forEach(({ id, title, intro, mount }, index) => {
    const number = el("span", { class: "section-number", "aria-hidden": "true" }, String(index + 1));
    const heading = el("h2", { id: `${id}-heading` }, number, title);
    const host = el("section", { id, "aria-labelledby": `${id}-heading` }, heading, el("p", { class: "intro" }, intro));
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
