// The payload that Python embeds in the page, and how its compact tables become rows again.

export type Cell = string | number | boolean | null;

/** A column: plain values, codes into a dictionary, one constant, or differences of whole numbers. */
export type EncodedColumn =
  | { v: Cell[] }
  | { d: Cell[]; c: number[] }
  | { k: Cell }
  | { i: number[] };

export interface EncodedTable {
  rows: number;
  columns: Record<string, EncodedColumn>;
}

export interface KeyFigure {
  label: string;
  value: string;
  detail: string;
}

export interface StudyHead {
  name: string;
  title: string;
  summary: string;
  epoch: string;
  horizon_from: string;
  horizon_to: string;
  as_of: string;
}

export type ViewName = "report" | "string-line" | "map" | "speed" | "calendar" | "rotation";

/** One service of the answer, as `arterial.report.answer` gives it. */
export interface ServiceAnswer {
  name: string;
  departures: string;
  tone: string;
  chance: number | null;
  chance_low: number | null;
  chance_high: number | null;
  chance_error: number | null;
  limit: string;
  elapsed: string;
}

export interface Concern {
  gravity: string;
  what: string;
  why: string;
  figures: string;
  cure: string;
  section: string;
}

export interface Answer {
  headline: string;
  services: ServiceAnswer[];
  services_left: number;
  concerns: Concern[];
  concerns_left: number;
  basis: string;
}

export interface Payload {
  format: number;
  view: ViewName;
  study: StudyHead;
  /** Of the whole report alone. */
  answer?: Answer;
  summary: string[];
  key_figures: KeyFigure[];
  stamp: [string, string][];
  trip_ids: string[];
  route_ids: string[];
  outlines: object | null;
  tables: Record<string, EncodedTable>;
  /** All stated trains of the study; absent where none has times. */
  timetable?: EncodedTimetable;
}

/** The timetable as `arterial.report.timetable_section` gives it. */
export interface EncodedTimetable {
  answer: string[];
  day_shift_s: number;
  trains: EncodedTable;
  points: EncodedTable;
  zones: { name: string; at_s: number[]; offset_min: number[] }[];
  lines: EncodedTable;
  line_points: EncodedTable;
  profiles: EncodedTable;
  passings: EncodedTable;
  courses: EncodedTable;
  day_texts: string[];
  conflicts: EncodedTable | null;
  conflicts_left_out: number;
  /** Of simulated trains alone. */
  punctuality?: EncodedTable;
  tolerance_min?: number;
  causes?: EncodedTable;
}

export function decodeColumn(column: EncodedColumn, rows: number): Cell[] {
  if ("v" in column) return column.v;
  if ("k" in column) return new Array<Cell>(rows).fill(column.k);
  if ("i" in column) {
    let sum = 0;
    return column.i.map((step) => (sum += step));
  }
  const { d, c } = column;
  return c.map((code) => (code < 0 ? null : (d[code] ?? null)));
}

/** Rows of one table, as objects with the column names of the study schema; none if it is absent. */
export function decodeRows<Row>(payload: Payload, table: string): Row[] {
  const encoded = payload.tables[table];
  return encoded === undefined ? [] : decodeTable<Row>(encoded);
}

export function decodeTable<Row>(encoded: EncodedTable): Row[] {
  const names = Object.keys(encoded.columns);
  const columns = names.map((name) => decodeColumn(encoded.columns[name]!, encoded.rows));
  const rows: Row[] = [];
  for (let index = 0; index < encoded.rows; index += 1) {
    const row: Record<string, Cell> = {};
    names.forEach((name, position) => {
      row[name] = columns[position]?.[index] ?? null;
    });
    rows.push(row as Row);
  }
  return rows;
}

async function unpack(text: string): Promise<string> {
  const packed = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Reads the payload out of its data block; packed payloads are unpacked in the page. */
export async function readPayload(block: HTMLElement): Promise<Payload> {
  const text = block.textContent ?? "";
  const json = block.dataset["encoding"] === "gzip-base64" ? await unpack(text) : text;
  return JSON.parse(json) as Payload;
}
