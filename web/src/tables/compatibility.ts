// Compatibility of the coach with the sections of its way and with its hosts' vehicles, as a matrix.

import { clear, el, field, missing, select } from "../core/dom";
import { countText, wordsText } from "../core/format";
import type { Selection } from "../core/selection";
import { groupBy, type StudyView } from "../core/study-view";
import { badge, symbolOf, toneOf } from "../core/verdicts";
import type { CompatibilityCheck } from "../rows";
import { details, table, type Row } from "./table";

const ATTRIBUTES = ["gauge", "loading_gauge", "coupler", "brake", "heating", "axle_load", "speed"];
const RANKS = ["block", "unknown", "warn", "ok"];

interface Subject {
  name: string;
  kind: string;
  checks: Map<string, CompatibilityCheck>;
  worst: string;
}

function worstOf(checks: CompatibilityCheck[]): string {
  return RANKS.find((rank) => checks.some((check) => (check.verdict ?? "unknown") === rank)) ?? "ok";
}

function subjectsOf(study: StudyView, checks: CompatibilityCheck[]): Subject[] {
  const sections = new Map(study.rows("sections").map((row) => [row.section_id, row]));
  return [...groupBy(checks, (row) => `${row.subject_kind}|${row.subject_id}`).values()].map((group) => {
    const { subject_kind: kind, subject_id: id } = group[0]!;
    const section = sections.get(id);
    const sectionName =
      section === undefined
        ? id
        : `${study.pointName(section.from_point)} – ${study.pointName(section.to_point)}`;
    return {
      name: kind === "train" ? `train ${study.trainLabel(id)}` : sectionName,
      kind,
      checks: new Map(group.map((row) => [row.attribute, row])),
      worst: worstOf(group),
    };
  });
}

function cell(check: CompatibilityCheck | undefined): HTMLElement {
  if (check === undefined) return el("span", { class: "quiet" }, "·");
  const values = `coach ${check.coach_value ?? "unknown"}, other ${check.other_value ?? "unknown"}`;
  const title = [check.explanation, values].filter((part) => part !== null).join(" — ");
  const verdict = check.verdict ?? "unknown";
  return el(
    "span",
    { class: `cell tone-${toneOf(verdict)}`, title, "aria-label": `${verdict}: ${title}` },
    symbolOf(verdict),
  );
}

/** Subjects whose verdicts are the same in every attribute share a row. */
function subjectTable(subjects: Subject[], attributes: string[]): HTMLElement {
  const columns = [
    { heading: "Held against" },
    ...attributes.map((attribute) => ({ heading: wordsText(attribute) })),
  ];
  const pattern = (subject: Subject): string =>
    [subject.kind, ...attributes.map((name) => subject.checks.get(name)?.verdict ?? "")].join("|");
  const groups = [...groupBy(subjects, pattern).values()];
  groups.sort((a, b) => RANKS.indexOf(a[0]!.worst) - RANKS.indexOf(b[0]!.worst));
  const rows: Row[] = groups.map((group) => {
    const first = group[0]!;
    const names = group.map(({ name }) => name).join("; ");
    const kind = first.kind === "train" ? "train" : "section";
    const name =
      group.length === 1
        ? first.name
        : details(countText(group.length, kind), el("div", { class: "quiet" }, names));
    return { cells: [name, ...attributes.map((attribute) => cell(first.checks.get(attribute)))] };
  });
  return table(columns, rows, "matrix");
}

/** Reasons for everything that is not plainly ok; equal reasons are given once. */
function reasons(subjects: Subject[]): HTMLElement | null {
  const open = subjects.flatMap((subject) =>
    [...subject.checks.values()]
      .filter((check) => check.verdict !== "ok")
      .map((check) => ({ check, name: subject.name })),
  );
  if (open.length === 0) return null;
  const groups = [
    ...groupBy(open, ({ check }) => `${check.attribute}|${check.verdict ?? ""}|${check.explanation ?? ""}`).values(),
  ];
  groups.sort((a, b) => RANKS.indexOf(a[0]!.check.verdict ?? "unknown") - RANKS.indexOf(b[0]!.check.verdict ?? "unknown"));
  const items = groups.map((group) => {
    const { check } = group[0]!;
    const names = [...new Set(group.map(({ name }) => name))].join("; ");
    return el(
      "li",
      {},
      badge(check.verdict),
      el("strong", {}, ` ${wordsText(check.attribute)}: `),
      check.explanation ?? "no explanation given",
      el("span", { class: "quiet" }, ` (${names})`),
    );
  });
  return el("ul", { class: "reasons" }, ...items);
}

/** What a service's checks come to, whatever its direction and the numbers of its trains. */
export function compatibilityPattern(checks: CompatibilityCheck[]): string {
  const subjects = groupBy(checks, (row) => `${row.subject_kind}|${row.subject_id}`);
  const lines = [...subjects.values()].map((group) => {
    const { subject_kind: kind, subject_id: id } = group[0]!;
    const verdicts = group.map((row) => [row.attribute, row.verdict, row.explanation].join(":")).sort();
    return [kind === "section" ? id : kind, ...verdicts].join("|");
  });
  return [...new Set(lines)].sort().join("\n");
}

export function mountCompatibility(host: HTMLElement, study: StudyView, selection: Selection): void {
  const checks = study.rows("compatibility_checks");
  if (checks.length === 0) {
    host.append(missing("No compatibility was checked: the table compatibility_checks is empty."));
    return;
  }
  // Services whose checks come to the same, as there and back, are shown once.
  const order = [...new Set(study.trips.map((trip) => trip.service_id))];
  const byService = [...groupBy(checks, (row) => row.service_id)];
  byService.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const alike = [...groupBy(byService, ([, group]) => compatibilityPattern(group)).values()];
  const body = el("div");
  const show = (serviceId: string): void => {
    const group = alike.find((services) => services.some(([id]) => id === serviceId));
    if (group === undefined) return;
    services.value = group[0]![0];
    const serviceChecks = group.flatMap(([, rows]) => rows);
    const subjects = subjectsOf(study, serviceChecks);
    const attributes = ATTRIBUTES.filter((attribute) => serviceChecks.some((row) => row.attribute === attribute));
    clear(body);
    body.append(subjectTable(subjects, attributes));
    const list = reasons(subjects);
    if (list !== null) body.append(list);
  };
  const choices = alike.map((group) => ({
    value: group[0]![0],
    label: group.map(([id]) => study.serviceName(id)).join(" and "),
  }));
  const services = select("Service", choices, show);
  host.append(
    el("div", { class: "controls" }, field("Service", services)),
    el("p", { class: "quiet" }, "A point marks what is not compared. Rest the pointer on a verdict for its reason."),
    body,
  );
  show(choices[0]!.value);
  selection.follow((tripId) => show(study.tripById.get(tripId)?.service_id ?? ""));
}
