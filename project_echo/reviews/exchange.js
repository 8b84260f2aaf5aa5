/* Export of answers to CSV (RFC 4180), and import. Text that a spreadsheet would run as a formula is escaped, by the
   rules of project_echo/core/spreadsheets.py. */
const FORMULA_START = /(?:^|(?<=[\t\r\n,;]))(?=[' ]*[=+\-@\t\r\n])/g;
const ESCAPED_FORMULA_START = /(^|(?<=[\t\r\n,;]))'(?=[' ]*[=+\-@\t\r\n])/g;

/**
 * An event with its answer, as a row of the exported table; DATA.columns lists the columns.
 * @typedef {Omit<ReviewEvent, "probabilities" | "reported"> & {verdict: Verdict | "", reviewed_label: string, note: string}} ExportedRow
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

/** @type {Column[]} of matches of a search, whose similarities are no confidences, and must not choose thresholds */
const MISSING_IN_SEARCH = ["mean_confidence", "peak_confidence"];

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
    const given = { verdict: answer?.verdict ?? /** @type {const} */ (""), reviewed_label: answer?.label ?? "" };
    /** @type {ExportedRow} */
    const row = { ...event, ...given, note: answers.note(event) };
    const isMissing = (/** @type {Column} */ column) => DATA.searched && MISSING_IN_SEARCH.includes(column);
    return columns.map((column) => (isMissing(column) ? "NaN" : csvCell(row[column])));
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
 * Import the answers and notes of an exported table, also of an earlier version, in which an accepted event had its own
 * label alone. Throws an Error with a message for people if it is not a table of these events; then nothing is imported.
 * @param {string} text the CSV text
 * @param {ReviewEvent[]} events
 * @param {Answers} answers to which the imported ones are added
 * @param {Pick<Data, "columns" | "key_columns" | "added_columns">} table
 * @returns {number} number of answers in the table
 */
function importAnswers(text, events, answers, { columns, key_columns, added_columns }) {
  const [header = [], ...rows] = parseCsv(text);
  const missing = columns.filter((column) => !header.includes(column) && !added_columns.includes(column));
  if (missing.length) throw new Error(`no column ${missing.join(", ")}. Choose a file that this page exported.`);
  /** @param {Partial<Record<string, unknown>>} row */
  const eventKey = (row) =>
    [...key_columns, "sample"] // an event may have the seconds and the label of a random window
      .map((name) => (name.endsWith("_s") ? Number(row[name]).toFixed(3) : (row[name] ?? "")))
      .join("\n");
  const eventsByKey = new Map(events.map((event) => [eventKey(event), event]));
  /** @type {[ReviewEvent, Verdict, string][]} */
  const imported = [];
  /** @type {[ReviewEvent, string][]} */
  const notes = [];
  rows.forEach((cells, index) => {
    const rowNumber = index + 2; // the header is row 1
    const row = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ""]));
    const event = eventsByKey.get(eventKey(row));
    if (!event) throw new Error(`row ${rowNumber}: no such event in this review. Choose a file exported here.`);
    if (row.note) notes.push([event, row.note]);
    if (!row.verdict) return;
    if (!isVerdict(row.verdict)) throw new Error(`row ${rowNumber}: unknown verdict ${row.verdict}.`);
    if (/\p{Cc}/u.test(row.reviewed_label)) throw new Error(`row ${rowNumber}: reviewed_label is not on one line.`);
    imported.push([event, row.verdict, importedLabel(row.verdict, row.reviewed_label, event)]);
  });
  for (const [event, verdict, label] of imported) answers.add(event, verdict, label);
  for (const [event, note] of notes) answers.setNote(event, note);
  return imported.length;
}

/**
 * The label of an imported answer, as in Answer, whatever the cell of a verdict without labels has.
 * @param {Verdict} verdict
 * @param {string} label
 * @param {ReviewEvent} event
 * @returns {string}
 */
function importedLabel(verdict, label, event) {
  if (verdict === "rejected") return "none";
  if (verdict === "accepted") return joinLabels([...new Set([event.label, ...splitLabels(label)])]);
  return verdict === "relabelled" ? label : "";
}
