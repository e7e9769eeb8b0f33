// Findings: equal causes over several dates are one entry; filters by kind, severity and service.

import { clear, el, field, missing, select, type Choice } from "../core/dom";
import { countText, wordsText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import { dateText } from "../core/time";
import { badge } from "../core/verdicts";
import type { Finding } from "../rows";
import { datesNode } from "./dates";
import { lazyDetails, pairs } from "./table";

export interface FindingGroup {
  first: Finding;
  all: Finding[];
}

const SEVERITIES = ["block", "warn", "note"];
const DATED = /\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2})?|\b\d{1,2}:\d{2}\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?\b/g;
const NUMBER = /\d+(?:\.\d+)?/g;

/** The wording without dates, clock times and figures, so that one cause on many days is one. */
export function causePattern(text: string | null): string {
  return (text ?? "").replace(DATED, "…").replace(NUMBER, "#");
}

export function groupFindings(findings: Finding[]): FindingGroup[] {
  const keys = (row: Finding): string =>
    [row.severity, row.kind, row.service_id, row.train_id, row.point_id, causePattern(row.cause)].join("|");
  const groups = [...groupBy(findings, keys).values()].map((all) => ({ first: all[0]!, all }));
  const rank = (group: FindingGroup): number => SEVERITIES.indexOf(group.first.severity ?? "note");
  return groups.sort((a, b) => rank(a) - rank(b) || b.all.length - a.all.length);
}

const SEVERITY_WORDS: Record<string, string> = {
  block: "cannot run so",
  warn: "may fail",
  note: "figures disagree",
};

type Wording = "cause" | "consequence" | "cure";

/** The wording of a group; where it differs by date, that of the first date, said to be so. */
export function wordingOf(group: FindingGroup, field: Wording): string {
  const dated = group.all.toSorted((a, b) => (a.trip_date ?? "").localeCompare(b.trip_date ?? ""));
  const first = dated[0]!;
  const text = first[field] ?? "—";
  if (first.trip_date === null || new Set(group.all.map((row) => row[field])).size === 1) return text;
  return `For the departure of ${dateText(first.trip_date)}: ${text}`;
}

function wordings(group: FindingGroup): HTMLElement | null {
  const texts = new Set(group.all.map((row) => `${row.cause}|${row.consequence}`));
  if (texts.size < 2) return null;
  const row = (finding: Finding): HTMLElement =>
    el(
      "li",
      {},
      el("strong", {}, finding.trip_date === null ? "every day" : dateText(finding.trip_date)),
      ` ${finding.cause ?? "—"} ${finding.consequence ?? ""}`,
    );
  return lazyDetails("cause and consequence for each date", () => [
    el("ul", { class: "wordings" }, ...group.all.map(row)),
  ]);
}

function findingCard(study: StudyView, group: FindingGroup): HTMLElement {
  const { first } = group;
  const place = [
    study.serviceName(first.service_id),
    first.train_id === null ? null : `train ${study.trainLabel(first.train_id)}`,
    first.point_id === null ? null : study.pointName(first.point_id),
  ];
  return el(
    "article",
    { class: "card" },
    el(
      "header",
      {},
      badge(first.severity, SEVERITY_WORDS[first.severity ?? ""] ?? "unknown"),
      el("strong", {}, wordsText(first.kind)),
      el("span", { class: "quiet" }, place.filter((word) => word !== null).join(" · ")),
    ),
    pairs([
      ["Cause", wordingOf(group, "cause")],
      ["Consequence", wordingOf(group, "consequence")],
      ["Cure", wordingOf(group, "cure")],
      ["Dates hit", datesNode(group.all.map((row) => row.trip_date))],
    ]),
    wordings(group),
  );
}

function choicesOf(values: (string | null)[], all: string, words: (value: string) => string): Choice[] {
  const known = [...new Set(values.filter((value) => value !== null))].sort();
  return [{ value: "", label: all }, ...known.map((value) => ({ value, label: words(value) }))];
}

const SHOWN_FIRST = 8;

export function mountFindings(host: HTMLElement, study: StudyView): void {
  const { findings } = study;
  if (findings.length === 0) {
    host.append(missing("No findings: nothing was found that does not work or does not agree."));
    return;
  }
  const wanted = { kind: "", severity: "", service: "" };
  const body = el("div");
  const count = el("span", { class: "quiet" });
  const show = (isAll = false): void => {
    const chosen = findings.filter(
      (row) =>
        (wanted.kind === "" || row.kind === wanted.kind) &&
        (wanted.severity === "" || row.severity === wanted.severity) &&
        (wanted.service === "" || row.service_id === wanted.service),
    );
    const groups = groupFindings(chosen);
    const shown = isAll ? groups : groups.slice(0, SHOWN_FIRST);
    count.textContent = `${countText(groups.length, "cause")}, ${countText(chosen.length, "finding")}`;
    clear(body);
    body.append(...shown.map((group) => findingCard(study, group)));
    if (shown.length < groups.length) {
      const more = el("button", { type: "button" }, `Show ${groups.length - shown.length} more`);
      more.addEventListener("click", () => show(true));
      body.append(more);
    }
  };
  const filter = (name: keyof typeof wanted, label: string, choices: Choice[]): HTMLElement =>
    field(
      label,
      select(label, choices, (value) => {
        wanted[name] = value;
        show();
      }),
    );
  const severityWords = (value: string): string => SEVERITY_WORDS[value] ?? value;
  host.append(
    el(
      "div",
      { class: "controls" },
      filter("severity", "Severity", choicesOf(findings.map((row) => row.severity), "all", severityWords)),
      filter("kind", "Kind", choicesOf(findings.map((row) => row.kind), "all", wordsText)),
      filter(
        "service",
        "Service",
        choicesOf(findings.map((row) => row.service_id), "all", (id) => study.serviceName(id)),
      ),
      count,
    ),
    body,
  );
  show();
}
