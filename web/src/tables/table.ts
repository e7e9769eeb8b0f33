// A plain table: headings with optional units, cells as text or elements, numbers to the right.

import { el, type Child } from "../core/dom";
import { UNKNOWN } from "../core/format";

export interface Column {
  heading: string;
  unit?: string;
  isNumber?: boolean;
}

export interface Row {
  cells: Child[];
  class?: string;
}

function heading(column: Column): HTMLElement {
  const unit = column.unit === undefined ? null : el("span", { class: "unit" }, column.unit);
  const attributes = { scope: "col", ...(column.isNumber === true ? { class: "number" } : {}) };
  return el("th", attributes, column.heading, unit);
}

export function table(columns: Column[], rows: Row[], className = ""): HTMLElement {
  const body = rows.map((row) => {
    const cells = row.cells.map((cell, index) =>
      el("td", columns[index]?.isNumber === true ? { class: "number" } : {}, cell),
    );
    return el("tr", row.class === undefined ? {} : { class: row.class }, ...cells);
  });
  const head = el("thead", {}, el("tr", {}, ...columns.map(heading)));
  return el("div", { class: "scroll" }, el("table", { class: className }, head, el("tbody", {}, ...body)));
}

/** Label and value pairs, one below the other. */
export function pairs(entries: [string, Child][]): HTMLElement {
  return el(
    "dl",
    {},
    ...entries.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)]),
  );
}

/** Best value with its range below it. */
export function rangeCell(
  low: number | null,
  best: number | null,
  high: number | null,
  show: (value: number) => string,
): HTMLElement {
  const node = el("span", { class: "range" }, best === null ? UNKNOWN : show(best));
  if (low === null || high === null || best === null) return node;
  const ends = [show(low), show(high)];
  if (ends.some((end) => end !== show(best))) {
    node.append(el("span", { class: "spread" }, ends.join(" – ")));
  }
  return node;
}

/** Details whose content is long: it is made when they are first opened. */
export function lazyDetails(summary: Child, build: () => Child[]): HTMLElement {
  const node = el("details", {}, el("summary", {}, summary));
  node.addEventListener(
    "toggle",
    () => {
      for (const child of build()) if (child !== null) node.append(child);
    },
    { once: true },
  );
  return node;
}

export function details(summary: Child, ...children: Child[]): HTMLElement {
  return el("details", {}, el("summary", {}, summary), ...children);
}
