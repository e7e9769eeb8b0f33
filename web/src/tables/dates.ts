// Dates that a finding hits, in few words and in full.

import { el } from "../core/dom";
import { dateText, monthText } from "../core/time";
import { lazyDetails } from "./table";

/** "2025: 17 Jun, 3 Jul; 2026: 3 Jan" */
export function datesByYear(dates: string[]): [string, string][] {
  const years = new Map<string, string[]>();
  for (const date of [...dates].sort()) {
    const [year = "", month = "", day = ""] = date.split("-");
    const words = `${Number(day)} ${monthText(Number(month) - 1)}`;
    years.set(year, [...(years.get(year) ?? []), words]);
  }
  return [...years].map(([year, days]) => [year, days.join(", ")]);
}

export function datesNode(dates: (string | null)[]): HTMLElement {
  const known = [...new Set(dates.filter((date) => date !== null))].sort();
  if (known.length === 0) return el("span", {}, "every day");
  const first = known[0]!;
  if (known.length === 1) return el("span", {}, dateText(first));
  const head = `${known.length} dates, ${dateText(first)} – ${dateText(known.at(-1)!)}`;
  return lazyDetails(head, () =>
    datesByYear(known).map(([year, days]) =>
      el("div", { class: "dates" }, el("strong", {}, year), ` ${days}`),
    ),
  );
}
