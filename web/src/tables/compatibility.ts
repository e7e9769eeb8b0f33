// Compatibility of the coach with the sections of its way and with its hosts' vehicles, as a matrix.

import { el, missing } from "../core/dom";
import { wordsText } from "../core/format";
import type { CompatibilityCheck, Section } from "../core/rows";
import { groupBy, type StudyView } from "../core/study-view";
import { badge, symbolOf, toneOf } from "../core/verdicts";
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
  const sections = new Map(study.rows<Section>("sections").map((row) => [row.section_id, row]));
  return [...groupBy(checks, (row) => `${row.subject_kind}|${row.subject_id}`).values()].map((own) => {
    const { subject_kind: kind, subject_id: id } = own[0]!;
    const section = sections.get(id);
    const sectionName =
      section === undefined
        ? id
        : `${study.pointName(section.from_point)} – ${study.pointName(section.to_point)}`;
    return {
      name: kind === "train" ? `train ${study.trainLabel(id)}` : sectionName,
      kind,
      checks: new Map(own.map((row) => [row.attribute, row])),
      worst: worstOf(own),
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

function subjectTable(subjects: Subject[], attributes: string[]): HTMLElement {
  const columns = [
    { heading: "Held against" },
    ...attributes.map((attribute) => ({ heading: wordsText(attribute) })),
  ];
  const rows: Row[] = subjects.map((subject) => ({
    cells: [subject.name, ...attributes.map((attribute) => cell(subject.checks.get(attribute)))],
  }));
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
    const names = group.map(({ name }) => name).join("; ");
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

export function mountCompatibility(host: HTMLElement, study: StudyView): void {
  const checks = study.rows<CompatibilityCheck>("compatibility_checks");
  if (checks.length === 0) {
    host.append(missing("No compatibility was checked: the table compatibility_checks is empty."));
    return;
  }
  for (const [serviceId, own] of groupBy(checks, (row) => row.service_id)) {
    const subjects = subjectsOf(study, own);
    const attributes = ATTRIBUTES.filter((attribute) => own.some((row) => row.attribute === attribute));
    const open = subjects.filter((subject) => subject.worst !== "ok");
    const fine = subjects.filter((subject) => subject.worst === "ok");
    host.append(el("h3", {}, study.serviceName(serviceId)));
    if (open.length > 0) host.append(subjectTable(open, attributes));
    const list = reasons(subjects);
    if (list !== null) host.append(list);
    if (fine.length > 0) {
      const words = `${fine.length} of ${subjects.length} sections and trains agree in everything checked`;
      host.append(details(words, subjectTable(fine, attributes)));
    }
  }
}
