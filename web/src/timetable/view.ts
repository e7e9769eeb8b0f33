// The section of the whole timetable: the answer, the string-line, the conflicts, the hours.

import { el, missing } from "../core/dom";
import type { StudyView } from "../core/study-view";
import { answerNode } from "./answer";
import { conflictList } from "./conflicts";
import { Timetable } from "./data";
import { hourTable } from "./hours-view";
import { punctualityNode } from "./punctuality";
import { TimetableState } from "./state";
import { mountTimetableLine } from "./string-line";

export function mountTimetable(host: HTMLElement, study: StudyView): void {
  const { timetable: encoded } = study.payload;
  if (encoded === undefined) {
    host.append(missing("No train has times: the table train_times is empty."));
    return;
  }
  const timetable = new Timetable(encoded, study.payload.study.horizon_from);
  const state = new TimetableState(timetable);
  host.append(answerNode(timetable), punctualityNode(timetable));
  if (state.view === null) {
    host.append(missing("No line of the study has two points of a train, so no string-line can be drawn."));
    return;
  }
  const chart = mountTimetableLine(state, study.epochS);
  host.append(
    el("h3", {}, "All trains of a line on one day"),
    chart.root,
    el("h3", {}, "Conflicts"),
    conflictList(state, study.epochS, chart.reveal),
    el("h3", {}, "A station by the hour, on the line and day chosen above"),
    hourTable(state, chart.reveal),
  );
}
