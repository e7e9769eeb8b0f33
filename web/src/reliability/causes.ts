// Causes of delay: a tree of bars from the whole to its parts, and the ten causes that matter most.

import { clear, el, field, missing, select, svg } from "../core/dom";
import { countText, percentText } from "../core/format";
import { groupBy, type StudyView } from "../core/study-view";
import type { DelayCause } from "../rows";
import { table } from "../tables/table";
import { buildCauses, isRest, topCauses, type CauseNode } from "./cause-model";
import { groupChoice, sortByService } from "./likely";
import { causeWords, errorText, estimateCell, exactText, groupsOf, joinEnds, sectionNames } from "./words";

const TOP = 10;
const WIDTH = 520;
const HEIGHT = 18;

/** Bar of a cause: direct part solid, passed-on part hatched by lightness, its range as a line. */
function causeBar(node: CauseNode, most: number): SVGSVGElement {
  const scale = (minutes: number): number => (Math.min(Math.max(minutes, 0), most) / most) * WIDTH;
  const primary = scale(node.primary);
  const root = svg("svg", {
    class: "cause-bar",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  root.append(svg("rect", { class: "primary", x: 0, y: 3, width: primary, height: 12 }));
  root.append(svg("rect", { class: "knock-on", x: primary, y: 3, width: Math.max(scale(node.minutes) - primary, 0), height: 12 }));
  const { delay_min_low: low, delay_min_high: high } = node.row;
  if (low !== null && high !== null) {
    const [from, to] = [scale(low), scale(high)];
    const d = `M${from},9H${to}M${from},5V13M${to},5V13`;
    root.append(svg("path", { class: "whisker halo", d }), svg("path", { class: "whisker", d }));
  }
  return root;
}

function rangeWords(row: DelayCause): string {
  const { delay_min_low: low, delay_min_high: high } = row;
  return low === null || high === null ? "" : joinEnds(exactText(low), exactText(high));
}

function causeLine(node: CauseNode, label: string, whole: number, most: number): HTMLElement {
  return el(
    "span",
    { class: "cause-line" },
    el("span", { class: "cause-name" }, label),
    causeBar(node, most),
    el("span", { class: "cause-minutes" }, exactText(node.minutes)),
    el("span", { class: "cause-share" }, whole > 0 ? percentText(node.minutes / whole) : ""),
    el("span", { class: "cause-range" }, rangeWords(node.row)),
  );
}

function itemName(row: DelayCause, sections: Map<string, string>): string {
  const name = isRest(row) ? `${row.name ?? "others"} (together)` : (row.name ?? row.cause_id);
  const section = row.section_id === null ? undefined : sections.get(row.section_id);
  // Many names tell the place already, in their own way.
  const isPlaced = section === undefined || section.split(" – ").some((place) => name.includes(place));
  return isPlaced ? name : `${name}, ${section}`;
}

function kindNode(node: CauseNode, whole: number, most: number, sections: Map<string, string>): HTMLElement {
  const label = causeWords(node.row.cause ?? node.row.name);
  const line = causeLine(node, label, whole, most);
  if (node.parts.length === 0) return el("div", { class: "cause leaf" }, line);
  const parts = node.parts.map((part) => {
    const line = causeLine(part, itemName(part.row, sections), whole, most);
    return el("div", { class: "cause-part" }, line);
  });
  return el(
    "details",
    { class: "cause" },
    el("summary", {}, line),
    el("div", { class: "cause-parts" }, ...parts),
  );
}

function causeTree(study: StudyView, rows: DelayCause[]): HTMLElement {
  const root = buildCauses(rows);
  if (root === null) return missing("No delay was simulated for this service.");
  const sections = sectionNames(study);
  const reach = root.parts.flatMap((part) => [part.minutes, part.row.delay_min_high ?? 0]);
  const most = Math.max(...reach, 1);
  const kinds = root.parts.map((part) => kindNode(part, root.minutes, most, sections));
  const total = el(
    "div",
    { class: "cause total" },
    el(
      "span",
      { class: "cause-line" },
      el("span", { class: "cause-name" }, "All delay at the end, mean of a trip"),
      el("span", { class: "cause-split" }, `${exactText(root.primary)} direct, ${exactText(root.knockOn)} passed on`),
      el("span", { class: "cause-minutes" }, exactText(root.minutes)),
      el("span", { class: "cause-share" }, "100 %"),
      el("span", { class: "cause-range" }, rangeWords(root.row)),
    ),
  );
  const head = el(
    "div",
    { class: "cause-line cause-head", "aria-hidden": "true" },
    el("span", {}, "Kind of cause"),
    el("span", {}),
    el("span", { class: "cause-minutes" }, "Mean delay"),
    el("span", { class: "cause-share" }, "Share"),
    el("span", { class: "cause-range" }, "What is not known"),
  );
  return el("div", { class: "causes" }, head, ...kinds, total);
}

function topTable(study: StudyView, rows: DelayCause[]): HTMLElement {
  const sections = sectionNames(study);
  const columns = [
    { heading: "" , isNumber: true },
    { heading: "Cause" },
    { heading: "Kind" },
    { heading: "Mean delay", unit: "range, error of runs", isNumber: true },
    { heading: "Direct", isNumber: true },
    { heading: "Passed on", isNumber: true },
    { heading: "Share", isNumber: true },
  ];
  const minutes = (value: number | null): string => (value === null ? "—" : exactText(value));
  const body = topCauses(rows, TOP).map((row, index) => ({
    cells: [
      String(index + 1),
      itemName(row, sections),
      causeWords(row.cause),
      estimateCell(
        { best: row.delay_min, low: row.delay_min_low, high: row.delay_min_high, error: row.delay_min_error },
        exactText,
        errorText,
      ),
      minutes(row.primary_min),
      minutes(row.knock_on_min),
      row.share === null ? "—" : percentText(row.share),
    ],
  }));
  return table(columns, body, "top-causes");
}

function legend(): HTMLElement {
  const item = (kind: string, text: string): HTMLElement =>
    el("span", { class: "legend-item" }, el("span", { class: `chip ${kind}`, "aria-hidden": "true" }), text);
  return el(
    "div",
    { class: "legend" },
    item("primary", "caused directly"),
    item("knock-on", "passed on by other trains, a missed host or a late coach set"),
    item("whisker", "range of what is not known"),
  );
}

export function mountCauses(host: HTMLElement, study: StudyView): void {
  const rows = sortByService(study, study.rows("delay_causes"));
  if (rows.length === 0) {
    host.append(missing("No causes of delay were attributed."));
    return;
  }
  const services = groupBy(rows, (row) => row.service_id);
  const body = el("div");
  const show = (service: string): void => {
    const causes = services.get(service) ?? [];
    clear(body);
    groupChoice(body, groupsOf(causes), (group) => {
      const chosen = causes.filter((row) => row.group_id === group);
      const shown = topCauses(chosen, TOP).length;
      return el(
        "div",
        {},
        el("p", {}, el("strong", {}, study.serviceName(service))),
        causeTree(study, chosen),
        legend(),
        el("h3", {}, `The ${countText(shown, "cause")} that ${shown === 1 ? "matters" : "matter"} most`),
        topTable(study, chosen),
      );
    }, field("Service", node));
  };
  const choices = [...services.keys()].map((value) => ({ value, label: study.serviceName(value) }));
  const node = select("Service", choices, show);
  host.append(body);
  show(choices[0]!.value);
}
