/* Answers to CSV and back (RFC 4180). Text that a spreadsheet would run as a formula is escaped, by the rules of
   project_echo/core/spreadsheets.py. */
const UNGUARDED = /(?:^|(?<=[\t\r\n,;]))(?=[' ]*[=+\-@\t\r\n])/g;
const GUARDED = /(^|(?<=[\t\r\n,;]))'(?=[' ]*[=+\-@\t\r\n])/g;

/**
 * An event with its answer, as a row of the exported table; DATA.columns says which columns it has.
 * @typedef {Omit<ReviewEvent, "ticks"> & {verdict: Verdict | "", reviewed_label: string}} ExportedRow
 * @typedef {keyof ExportedRow} Column
 */

/**
 * A cell of a CSV text.
 * @param {string | number} value
 * @returns {string}
 */
function cell(value) {
  const text = typeof value === "number" ? String(value) : value.replace(UNGUARDED, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The CSV text of all events and the answers to them.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @param {Column[]} columns
 * @returns {string}
 */
function exported(events, answers, columns) {
  const rows = events.map((event) => {
    const answer = answers.of(event);
    /** @type {ExportedRow} */
    const told = { ...event, verdict: answer?.verdict ?? "", reviewed_label: answer?.label ?? "" };
    return columns.map((column) => cell(told[column]));
  });
  return [columns, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/**
 * The rows of a CSV text, without empty ones. Throws an Error if its quotation marks do not match.
 * @param {string} text
 * @returns {string[][]} the cells of each row, unescaped
 */
function parsed(text) {
  /** @type {string[]} */
  let row = [];
  const rows = [row];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  field.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw new Error(`unbalanced quotation marks in row ${rows.length}.`);
    row.push((found[1]?.replaceAll('""', '"') ?? found[2]).replace(GUARDED, ""));
    if (found[3] !== ",") {
      row = [];
      rows.push(row);
    } else if (field.lastIndex === text.length) row.push("");
  }
  return rows.filter((cells) => cells.length > 1 || cells[0]);
}

/**
 * Import the answers of an exported table. Throws an Error with a message for people if it is not a table of these
 * events; then no answer is imported.
 * @param {string} text the CSV text
 * @param {ReviewEvent[]} events
 * @param {Answers} answers where they go
 * @param {Column[]} columns that the table must have
 * @param {Column[]} same columns by which a row is matched with its event
 * @returns {number} how many answers the table has
 */
function imported(text, events, answers, columns, same) {
  const [head = [], ...rows] = parsed(text);
  const missing = columns.filter((column) => !head.includes(column));
  if (missing.length) throw new Error(`no column ${missing.join(", ")}. Choose a file that this page exported.`);
  /** @param {Partial<Record<string, unknown>>} row */
  const key = (row) => same.map((name) => (name.endsWith("_s") ? Number(row[name]).toFixed(3) : row[name])).join("\n");
  const known = new Map(events.map((event) => [key(event), event]));
  /** @type {[ReviewEvent, Verdict, string][]} */
  const found = [];
  rows.forEach((cells, place) => {
    const row = Object.fromEntries(head.map((name, column) => [name, cells[column] ?? ""]));
    const event = known.get(key(row));
    if (!event) throw new Error(`row ${place + 2}: no such event in this review. Choose a file exported here.`);
    if (!row.verdict) return;
    if (!isVerdict(row.verdict)) throw new Error(`row ${place + 2}: unknown verdict ${row.verdict}.`);
    found.push([event, row.verdict, row.reviewed_label]);
  });
  for (const [event, verdict, label] of found) answers.give(event, verdict, label);
  return found.length;
}
