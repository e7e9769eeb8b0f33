// Assumptions, sources, licences and the stamp of the run.

import { el, missing } from "../core/dom";
import { UNKNOWN, countText, numberText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import { details, pairs, table } from "./table";

const GRADES: Record<string, string> = {
  A: "reliable",
  B: "usually reliable",
  C: "fairly reliable",
  D: "not usually reliable",
  E: "unreliable",
  F: "cannot be judged",
};

const KIND_WORDS: Record<string, string> = {
  recalled: "recalled value",
  estimate: "estimated value",
};

function mountAssumptions(host: HTMLElement, study: StudyView): void {
  host.append(el("h3", {}, "Assumptions, defaults and estimates used"));
  const rows = study.rows("assumptions");
  if (rows.length === 0) {
    host.append(missing("None are recorded: the table assumptions is empty."));
    return;
  }
  const columns = [
    { heading: "Where" },
    { heading: "Value" },
    { heading: "Range" },
    { heading: "Why" },
    { heading: "Source" },
    { heading: "Uses", isNumber: true },
  ];
  for (const [kind, assumptions] of groupBy(rows, (row) => row.kind ?? "unknown kind")) {
    const body = assumptions.map((row) => ({
      cells: [
        el("code", {}, row.where ?? row.assumption_id),
        row.value ?? UNKNOWN,
        row.range ?? UNKNOWN,
        row.reason ?? UNKNOWN,
        study.citation(row.source_id),
        numberText(row.uses_count),
      ],
    }));
    const node = details(countText(assumptions.length, KIND_WORDS[kind] ?? wordsText(kind)), table(columns, body, "assumptions"));
    if (assumptions.length <= 12) node.setAttribute("open", "");
    host.append(node);
  }
}

function mountSources(host: HTMLElement, study: StudyView): void {
  host.append(el("h3", {}, "Sources"));
  const sources = study.rows("sources");
  if (sources.length === 0) {
    host.append(missing("No sources are recorded."));
    return;
  }
  const columns = [
    { heading: "Id" },
    { heading: "Title" },
    { heading: "Publisher" },
    { heading: "Published" },
    { heading: "Grade" },
    { heading: "Repeats" },
    { heading: "Licence" },
  ];
  const rows = sources.map((source) => {
    const grade = source.reliability;
    return {
      cells: [
        el("code", {}, source.source_id),
        source.title ?? UNKNOWN,
        source.publisher ?? UNKNOWN,
        source.published_on ?? UNKNOWN,
        grade === null ? UNKNOWN : `${grade}, ${GRADES[grade] ?? "unknown grade"}`,
        source.republishes ?? "",
        source.licence ?? "",
      ],
    };
  });
  const node = details(countText(sources.length, "source"), table(columns, rows));
  if (sources.length <= 30) node.setAttribute("open", "");
  host.append(node);
}

const LICENCES = [
  "Country outlines: Natural Earth, public domain.",
  "Rows whose licence is ODbL hold data © OpenStreetMap contributors, under the Open Database Licence 1.0; what is derived from them must be shared alike.",
  "Figures are computed from published and estimated data for civil planning; they are not operating instructions.",
];

export function mountEvidence(host: HTMLElement, study: StudyView): void {
  mountAssumptions(host, study);
  mountSources(host, study);
  host.append(
    el("h3", {}, "Licences"),
    el("ul", {}, ...LICENCES.map((line) => el("li", {}, line))),
    el("h3", {}, "This run"),
  );
  const { stamp } = study.payload;
  host.append(
    stamp.length === 0
      ? missing("No run stamp was given.")
      : pairs(stamp.map(([label, value]) => [wordsText(label), el("code", {}, value)])),
  );
}
