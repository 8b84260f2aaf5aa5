/* Answers to CSV and back (RFC 4180), guarded against spreadsheets that run text as formulas.
   The rules are those of project_echo/predict/spreadsheets.py. */
const UNGUARDED = /(?:^|(?<=[\t\r\n,;]))(?=[' ]*[=+\-@\t\r\n])/g;
const GUARDED = /(^|(?<=[\t\r\n,;]))'(?=[' ]*[=+\-@\t\r\n])/g;

function cell(value) {
  const text = typeof value === "number" ? String(value) : value.replace(UNGUARDED, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function exported(events, answers, columns) {
  const rows = events.map((event) => {
    const answer = answers.of(event);
    const told = { ...event, verdict: answer?.verdict ?? "", reviewed_label: answer?.label ?? "" };
    return columns.map((column) => cell(told[column]));
  });
  return [columns, ...rows].map((row) => row.join(",") + "\r\n").join("");
}

/* Rows of a CSV text, each a list of its cells as they were before they were guarded. */
function parsed(text) {
  const rows = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  field.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw new Error(`row ${rows.length} has a quotation mark too many or too few`);
    rows.at(-1).push((found[1]?.replaceAll('""', '"') ?? found[2]).replace(GUARDED, ""));
    if (found[3] !== ",") rows.push([]);
    else if (field.lastIndex === text.length) rows.at(-1).push("");
  }
  return rows.filter((row) => row.length > 1 || row[0]);
}

/* Take over the answers of an exported table; how many there are. Throws an Error for people, and then takes none. */
function imported(text, events, answers, columns, same) {
  const [head = [], ...rows] = parsed(text);
  const missing = columns.filter((column) => !head.includes(column));
  if (missing.length) throw new Error(`it has no column ${missing.join(", ")}. Choose one that this page exported.`);
  const key = (row) => same.map((name) => (name.endsWith("_s") ? Number(row[name]).toFixed(3) : row[name])).join("\n");
  const known = new Map(events.map((event) => [key(event), event]));
  const found = [];
  rows.forEach((cells, place) => {
    const row = Object.fromEntries(head.map((name, column) => [name, cells[column] ?? ""]));
    const event = known.get(key(row));
    if (!event) throw new Error(`row ${place + 2} is of no event of this page. Is it of another review?`);
    if (!row.verdict) return;
    if (!VERDICTS.includes(row.verdict)) throw new Error(`row ${place + 2} has no known verdict: ${row.verdict}.`);
    found.push([event, row.verdict, row.reviewed_label]);
  });
  for (const [event, verdict, label] of found) answers.give(event, verdict, label);
  return found.length;
}
