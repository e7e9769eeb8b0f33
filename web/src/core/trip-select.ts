// The drop-down list of trips that several sections offer; all of them follow one selection.

import { select } from "./dom";
import type { Selection } from "./selection";
import type { StudyView } from "./study-view";
import { dateText } from "./time";
import { symbolOf } from "./verdicts";

export function tripSelect(study: StudyView, selection: Selection): HTMLSelectElement {
  const choices = study.drawableTrips().map((trip) => ({
    value: trip.trip_id,
    label: `${symbolOf(trip.verdict)} ${dateText(trip.trip_date)} · ${study.serviceName(trip.service_id)}`,
    group: study.serviceName(trip.service_id),
  }));
  const node = select("Trip", choices, (value) => selection.choose(value));
  selection.follow((tripId) => {
    node.value = tripId;
  });
  return node;
}
