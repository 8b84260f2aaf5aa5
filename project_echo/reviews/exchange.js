/* Export of answers to CSV (RFC 4180), and import. Text that a spreadsheet would run as a formula is escaped, by the
   rules of project_echo/core/spreadsheets.py. */
const FORMULA_START = /(?:^|(?<=[\t\r\n,;]))(?=[' ]*[=+\-@\t\r\n])/g;
const ESCAPED_FORMULA_START = /(^|(?<=[\t\r\n,;]))'(?=[' ]*[=+\-@\t\r\n])/g;

/**
 * An event with its answer, as a row of the exported table; DATA.columns lists the columns.
 * @typedef {Omit<ReviewEvent, "time_ticks"> & {verdict: Verdict | "", reviewed_label: string}} ExportedRow
 * @typedef {keyof ExportedRow} Column
 */

/**
 * A value as a cell of a CSV text.
 * @param {string | number} value
 * @returns {string}
 */
function csvCell(value) {
  const text = typeof value === "number" ? String(value) : value.replace(FORMULA_START, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * All events and the answers to them as CSV text.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @param {Column[]} columns
 * @returns {string}
 */
function exportAnswers(events, answers, columns) {
  const rows = events.map((event) => {
    const answer = answers.get(event);
    /** @type {ExportedRow} */
    const row = { ...event, verdict: answer?.verdict ?? "", reviewed_label: answer?.label ?? "" };
    return columns.map((column) => csvCell(row[column]));
  });
  return [columns, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/**
 * The rows of a CSV text, without empty ones. Throws an Error if quotation marks are unbalanced.
 * @param {string} text
 * @returns {string[][]} the cells of each row, unescaped
 */
function parseCsv(text) {
  /** @type {string[]} */
  let row = [];
  const rows = [row];
  const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  cellPattern.lastIndex = text.startsWith("\uFEFF") ? 1 : 0; // after a byte order mark
  while (cellPattern.lastIndex < text.length) {
    const match = cellPattern.exec(text);
    if (!match) throw new Error(`unbalanced quotation marks in row ${rows.length}.`);
    const [, quoted, unquoted, separator] = match;
    row.push((quoted?.replaceAll('""', '"') ?? unquoted).replace(ESCAPED_FORMULA_START, ""));
    if (separator !== ",") {
      row = [];
      rows.push(row);
    } else if (cellPattern.lastIndex === text.length) row.push("");
  }
  return rows.filter((cells) => cells.length > 1 || cells[0]);
}

/**
 * Import the answers of an exported table. Throws an Error with a message for people if it is not a table of these
 * events; then no answer is imported.
 * @param {string} text the CSV text
 * @param {ReviewEvent[]} events
 * @param {Answers} answers to which the imported ones are added
 * @param {Column[]} columns that the table must have
 * @param {Column[]} keyColumns columns that identify an event
 * @returns {number} number of answers in the table
 */
function importAnswers(text, events, answers, columns, keyColumns) {
  const [header = [], ...rows] = parseCsv(text);
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length) throw new Error(`no column ${missing.join(", ")}. Choose a file that this page exported.`);
  /** @param {Partial<Record<string, unknown>>} row */
  const eventKey = (row) =>
    keyColumns.map((name) => (name.endsWith("_s") ? Number(row[name]).toFixed(3) : row[name])).join("\n");
  const eventsByKey = new Map(events.map((event) => [eventKey(event), event]));
  /** @type {[ReviewEvent, Verdict, string][]} */
  const imported = [];
  rows.forEach((cells, index) => {
    const rowNumber = index + 2; // the header is row 1
    const row = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ""]));
    const event = eventsByKey.get(eventKey(row));
    if (!event) throw new Error(`row ${rowNumber}: no such event in this review. Choose a file exported here.`);
    if (!row.verdict) return;
    if (!isVerdict(row.verdict)) throw new Error(`row ${rowNumber}: unknown verdict ${row.verdict}.`);
    imported.push([event, row.verdict, row.reviewed_label]);
  });
  for (const [event, verdict, label] of imported) answers.add(event, verdict, label);
  return imported.length;
}
