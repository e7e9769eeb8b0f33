// What is claimed and what holds: a part for each group of claims, folded away, its rivals side by side.

import { el, missing, type Child } from "../core/dom";
import { countText, UNKNOWN } from "../core/format";
import type { StudyView } from "../core/study-view";
import { badge, verdictWords } from "../core/verdicts";
import type { ClaimCheck } from "../rows";
import { lazyDetails, pairs, table } from "./table";

/** The gravest first. */
const ORDER = ["inconsistent", "only_if", "consistent", "cannot_tell", "no_model"];
const rank = (row: ClaimCheck): number => {
  const place = ORDER.indexOf(row.verdict ?? "");
  return place < 0 ? ORDER.length : place;
};

export interface ClaimGroup {
  name: string;
  claims: ClaimCheck[];
  /** Whether a claim of it does not hold as worded, or two exclude each other. */
  isOpen: boolean;
}

/** Claims by group, those in which something does not hold first; a claim without a group is one. */
export function groupClaims(rows: ClaimCheck[]): ClaimGroup[] {
  const groups = new Map<string, ClaimCheck[]>();
  for (const row of rows) {
    const name = row.group ?? row.claim_id;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups]
    .map(([name, claims]) => ({
      name,
      claims: [...claims].sort((one, other) => rank(one) - rank(other)),
      isOpen: claims.some((row) => rank(row) < 2 || row.group_verdict === "conflict" || row.group_verdict === "only_if"),
    }))
    .sort((one, other) => Number(other.isOpen) - Number(one.isOpen));
}

const items = (list: string | null): string[] => (list ?? "").split(";").filter((part) => part !== "");

/** Text of a table, kept apart from what stands around it whatever its direction. */
const text = (value: string | null): HTMLElement => el("bdi", {}, value ?? UNKNOWN);

function claimRow(study: StudyView, row: ClaimCheck): { cells: Child[] } {
  const reading = row.reading === null ? null : el("div", { class: "quiet" }, "read as ", text(row.reading));
  const copy = row.copy_of === null ? null : el("div", { class: "quiet" }, `repeats ${row.copy_of}`);
  return {
    cells: [
      el("div", {}, row.claim_id, copy),
      el("div", {}, text(row.quantity), el("div", { class: "quiet" }, text(row.subject))),
      el("div", {}, text(row.stated), el("div", { class: "quiet" }, text(study.citation(row.source_id)))),
      text(row.computed),
      el("div", {}, badge(row.verdict), reading),
    ],
  };
}

function calculation(row: ClaimCheck): HTMLElement {
  const entries: [string, Child][] = [
    ["Claim", row.claim_id],
    ["Calculation", text(row.calculation)],
  ];
  const tried = items(row.tried);
  if (tried.length > 0) {
    entries.push(["Readings tried", el("span", {}, ...tried.map((one) => el("span", { class: "line" }, text(one))))]);
  }
  const rivals = items(row.conflicts_with);
  if (rivals.length > 0) entries.push(["Cannot be true beside", rivals.join(", ")]);
  const rows = items(row.statements);
  if (rows.length > 0) entries.push(["Published rows that cite it", rows.join(", ")]);
  return el("article", { class: "card" }, pairs(entries));
}

function groupPart(study: StudyView, group: ClaimGroup): Child[] {
  const first = group.claims[0];
  return [
    el("p", {}, text(first?.group_finding ?? null)),
    table(
      [
        { heading: "Claim" },
        { heading: "Of what" },
        { heading: "States, and who" },
        { heading: "The model gives" },
        { heading: "Verdict" },
      ],
      group.claims.map((row) => claimRow(study, row)),
    ),
    lazyDetails("Calculations", () => group.claims.map(calculation)),
  ];
}

function groupTitle(group: ClaimGroup): HTMLElement {
  const first = group.claims[0];
  const told = [...new Set(group.claims.map((row) => row.verdict))];
  const sources = first?.sources_count ?? 1;
  return el(
    "span",
    {},
    text(first?.subject ?? group.name),
    ", ",
    text(first?.quantity ?? null),
    el("span", { class: "quiet" }, ` ${countText(group.claims.length, "claim")}, ${countText(sources, "independent source")} `),
    ...told.flatMap((verdict) => [badge(verdict), " "]),
  );
}

export function mountClaims(host: HTMLElement, study: StudyView): void {
  const rows = study.rows("claim_checks");
  if (rows.length === 0) {
    host.append(missing("No claim stands in the ledger: the table claim_checks is empty."));
    return;
  }
  const counts = ORDER.map((verdict) => ({ verdict, count: rows.filter((row) => row.verdict === verdict).length }));
  host.append(
    el(
      "p",
      { class: "badges" },
      ...counts.filter(({ count }) => count > 0).map(({ verdict, count }) => badge(verdict, `${verdictWords(verdict)}: ${count}`)),
    ),
  );
  const groups = groupClaims(rows);
  const part = (group: ClaimGroup): HTMLElement => lazyDetails(groupTitle(group), () => groupPart(study, group));
  const open = groups.filter((group) => group.isOpen);
  if (open.length === 0) host.append(el("p", {}, "No claim that the model can tell of is wrong as worded."));
  host.append(...open.map(part));
  const rest = groups.filter((group) => !group.isOpen);
  if (rest.length > 0) {
    host.append(lazyDetails(`${countText(rest.length, "group")} in which nothing conflicts`, () => rest.map(part)));
  }
}
