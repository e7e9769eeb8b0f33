// Writes src/rows.ts: a type for each table of the page, from the study schema and report/rows.json.
//
// It runs before every check, test and build, and needs Node alone: whoever works on the page may
// have no Python. Since rows.ts is never kept, it cannot lag behind the schema.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const python = new URL("../../src/arterial/", import.meta.url);
const outPath = new URL("../src/rows.ts", import.meta.url);

const TYPES = { integer: "number", number: "number", boolean: "boolean" };

/** Rows of a CSV text as objects; a cell in quotes may hold commas, ends of lines and doubled quotes. */
function parseCsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/gy)) {
    if (end === "" && plain === "" && rows.at(-1).length === 0) break;
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
    if (end === "") break;
  }
  const [names, ...cells] = rows.filter((row) => row.length > 0);
  return cells.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
}

const schemas = new Map();

function readSchema(table) {
  if (!schemas.has(table)) {
    const path = new URL(`study/schema/${table}.csv`, python);
    if (!existsSync(path)) throw new Error(`report/rows.json names the table ${table}, which has no schema.`);
    schemas.set(table, new Map(parseCsv(readFileSync(path, "utf8")).map((row) => [row.name, row])));
  }
  return schemas.get(table);
}

function columnType(attribute) {
  if (attribute.allowed === "") return TYPES[attribute.type] ?? "string";
  return attribute.allowed.split(";").map((value) => JSON.stringify(value)).join(" | ");
}

/** Columns of a row with their types: those of its source tables, then those made for the page. */
function listColumns(name, { table, of = { [table]: "all" }, left_out = [], added = {}, filled = [], may_be_empty = [] }) {
  const columns = new Map();
  for (const [source, wanted] of Object.entries(of)) {
    const schema = readSchema(source);
    const names = wanted === "all" ? [...schema.keys()] : wanted;
    for (const column of names.filter((column) => !left_out.includes(column))) {
      const attribute = schema.get(column);
      if (attribute === undefined) throw new Error(`${name}: the table ${source} has no column ${column}.`);
      const isNeeded = ["key", "required"].includes(attribute.status) && attribute.default === "";
      columns.set(column, { type: columnType(attribute), isFilled: isNeeded && source === Object.keys(of)[0] });
    }
  }
  for (const [column, type] of Object.entries(added)) columns.set(column, { type: TYPES[type] ?? "string", isFilled: false });
  const mark = (column, isFilled) => {
    if (!columns.has(column)) throw new Error(`${name}: there is no column ${column} to mark.`);
    columns.get(column).isFilled = isFilled;
  };
  for (const column of filled) mark(column, true);
  for (const column of may_be_empty) mark(column, false);
  return columns;
}

function renderRow(name, row) {
  const lines = [...listColumns(name, row)].map(
    ([column, { type, isFilled }]) => `  ${column}: ${type}${isFilled ? "" : " | null"};`,
  );
  return `export interface ${name} {\n${lines.join("\n")}\n}\n`;
}

const rows = Object.entries(JSON.parse(readFileSync(new URL("report/rows.json", python), "utf8")));
const tables = rows.map(([name, { table }]) => `  ${table}: ${name};`).join("\n");
const text = [
  "// Made by build/rows.mjs from the study schema and src/arterial/report/rows.json; not to be edited.\n",
  ...rows.map(([name, row]) => renderRow(name, row)),
  `/** Row type of each table that the page may be given. */\nexport interface PageTables {\n${tables}\n}\n`,
].join("\n");

// A file that stays as it was keeps its time, so that the installation sees no newer source.
if (!existsSync(outPath) || readFileSync(outPath, "utf8") !== text) writeFileSync(outPath, text);
