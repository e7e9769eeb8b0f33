// Entry of the page: reads the payload and puts up the report, or one figure of it.

import "./style/page.css";
import "./style/charts.css";
import "./style/tables.css";
import "./style/reliability.css";
import "./style/campaign.css";
import "./style/timetable.css";

import { mountCalendar } from "./calendar/view";
import { el } from "./core/dom";
import { readPayload, type Payload, type ViewName } from "./core/payload";
import { Selection } from "./core/selection";
import { StudyView } from "./core/study-view";
import { mountCrossings } from "./crossings/view";
import { mountMap } from "./map/view";
import { mountAssets } from "./reliability/assets";
import { mountBuffers } from "./reliability/buffers";
import { mountCauses } from "./reliability/causes";
import { mountCertainty } from "./reliability/certainty";
import { mountDelays } from "./reliability/delays";
import { mountDerailments } from "./reliability/derailments";
import { mountLikely } from "./reliability/likely";
import { mountMonths } from "./reliability/months";
import { mountRotation } from "./rotation/view";
import { mountSpeed } from "./speed/view";
import { mountStringLine } from "./string-line/view";
import { mountClaims } from "./tables/claims";
import { mountCompatibility } from "./tables/compatibility";
import { mountEvidence } from "./tables/evidence";
import { mountFindings } from "./tables/findings";
import { mountItinerary } from "./tables/itinerary";
import { mountRunningTimes } from "./tables/running-times";
import { mountStatements } from "./tables/statements";
import { mountHead, mountSummary } from "./tables/summary";
import { details } from "./tables/table";
import { mountTimetable } from "./timetable/view";

type Mount = (host: HTMLElement, study: StudyView, selection: Selection) => void;

interface Section {
  id: string;
  title: string;
  /** What is seen and how to read it, in one sentence. */
  intro: string;
  mount: Mount;
  /** Left out of the report when all of these tables are empty. */
  needs?: string[];
  /** Left out of the report where this is false. */
  isThere?: (study: StudyView) => boolean;
}

/** Sections about through coaches; a study of trains alone shows none that has nothing to say. */
const OF_COACHES = new Set([
  "map", "string-line", "speed", "itinerary", "calendar", "findings", "statements", "rotation", "compatibility",
  "running-times", "crossings",
]);

const SECTIONS: Section[] = [
  {
    id: "summary",
    title: "The answer",
    intro: "",
    mount: (host, study) => mountSummary(host, study.payload),
  },
  {
    id: "likely",
    title: "How likely",
    intro: "What comes of the plan when trains, assets and borders fail by chance: each chance with the range of what is not known and, apart from it, the error of its mean.",
    mount: mountLikely,
    needs: ["punctuality", "handover_risks", "rotation_risks"],
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
    id: "timetable",
    title: "Timetable",
    intro: "All stated trains of the study, day by day: which of them can run as stated, where two want the same track at once, and who calls at a station in each hour.",
    mount: mountTimetable,
    isThere: (study) => study.payload.timetable !== undefined,
  },
  {
    id: "delays",
    title: "Delay along the way",
    intro: "How late the coach is by the kilometre, out of all simulated trips: the wider the ribbon, the less can be said of when it comes; a step up is a hand-over that is missed.",
    mount: mountDelays,
    needs: ["arrival_distributions"],
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
    id: "months",
    title: "Punctuality by month",
    intro: "The chance of arriving in time by the month of departure, one row a year; the figure tells it, the tint repeats it.",
    mount: mountMonths,
    needs: ["punctuality"],
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
    id: "claims",
    title: "What is claimed, what holds",
    intro: "Every claim of the ledger that stands, held against the model and against its rivals: a part for each group, those first in which something does not hold as worded; copies of one source count once.",
    mount: mountClaims,
    needs: ["claim_checks"],
  },
  {
    id: "rotation",
    title: "Coach rotation",
    intro: "The fewest coach sets that can work all trips: coloured bars are trips, pale bars are stays, and red ones are stays that may be too short.",
    mount: mountRotation,
  },
  {
    id: "buffers",
    title: "Hand-overs and buffers",
    intro: "What minutes at a hand-over or one more coach set would buy in delay, all else left as it is.",
    mount: mountBuffers,
    needs: ["buffer_values"],
  },
  {
    id: "causes",
    title: "Causes of delay",
    intro: "The mean delay at the end of the journey, split by what caused it; the parts add up to the whole, and a kind opens to what it is made of.",
    mount: mountCauses,
    needs: ["delay_causes"],
  },
  {
    id: "assets",
    title: "Worst assets",
    intro: "Turnouts, tracks, bridges and other assets by the delay they cost all trains of the line in a year.",
    mount: mountAssets,
    needs: ["worst_assets"],
  },
  {
    id: "derailments",
    title: "Derailments and other trains",
    intro: "How often a train may derail on each section, and how late the other trains of the line are.",
    mount: mountDerailments,
    needs: ["derailment_risks", "line_delays"],
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
    id: "crossings",
    title: "Crossings and capacity",
    intro: "Where the host train must wait for others on single track, what that costs it, and how full the line is: computed for an assumed number of other trains, since nothing is published of them.",
    mount: mountCrossings,
  },
  {
    id: "certainty",
    title: "How sure",
    intro: "What the simulated figures rest on: how many draws of what is not known, how many runs, and what the two kinds of doubt mean.",
    mount: mountCertainty,
    needs: ["simulation_runs"],
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

/** The sections: beside the report where there is room, else folded away above the answer. */
function sectionList(links: HTMLElement[]): HTMLElement {
  const list = details("Sections", el("ol", {}, ...links));
  const beside = window.matchMedia("(min-width: 1001px)");
  const fold = (): void => {
    list.toggleAttribute("open", beside.matches);
  };
  beside.addEventListener("change", fold);
  fold();
  return list;
}

function mountReport(root: HTMLElement, study: StudyView, selection: Selection): void {
  const hasTrainsAlone = study.payload.timetable !== undefined && study.isEmpty("trips");
  const sections = SECTIONS.filter(
    ({ id, needs, isThere }) =>
      needs?.every((name) => study.isEmpty(name)) !== true &&
      isThere?.(study) !== false &&
      !(hasTrainsAlone && OF_COACHES.has(id)),
  );
  const links = sections.map(({ id, title }) => el("li", {}, el("a", { href: `#${id}` }, title)));
  const head = el("header", { class: "head" });
  mountHead(head, study.payload);
  const main = el("main", {}, head);
  const skip = el("a", { class: "skip", href: "#summary" }, "Skip to the results");
  root.append(skip, el("nav", { "aria-label": "Sections" }, sectionList(links)), main);
  sections.forEach(({ id, title, intro, mount }, index) => {
    const number = el("span", { class: "section-number", "aria-hidden": "true" }, String(index + 1));
    const heading = el("h2", { id: `${id}-heading` }, number, title);
    const lead = intro === "" ? null : el("p", { class: "intro" }, intro);
    const host = el("section", { id, "aria-labelledby": `${id}-heading` }, heading, lead);
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
