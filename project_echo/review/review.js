/* The page: takes the answer to an event and moves on to the next. */

/**
 * The data that review/page.py writes into the page.
 * @typedef {object} Data
 * @property {string} key of this review, the same for the same events
 * @property {Column[]} columns of the exported table
 * @property {Column[]} same columns by which a row of it is matched with its event
 * @property {{label: string, name: string}[]} labels of the classifier, and as people write them
 * @property {Record<string, string>} colours of the labels
 * @property {ReviewEvent[]} events at least one
 */

/**
 * The elements of review.html that the scripts use, by their ids.
 * @typedef {object} Elements
 * @property {HTMLInputElement} autoplay
 * @property {HTMLButtonElement} cancel
 * @property {HTMLElement} counts
 * @property {HTMLElement} done
 * @property {HTMLElement} empty
 * @property {HTMLButtonElement} export
 * @property {HTMLElement} facts
 * @property {HTMLElement} heading
 * @property {HTMLInputElement} import
 * @property {HTMLInputElement} keys
 * @property {HTMLSelectElement} label
 * @property {HTMLElement} labels
 * @property {HTMLElement} list
 * @property {HTMLElement} long
 * @property {HTMLElement} mute
 * @property {HTMLSelectElement} order
 * @property {HTMLInputElement} other
 * @property {HTMLElement} precision
 * @property {HTMLProgressElement} progress
 * @property {HTMLDialogElement} relabelling
 * @property {HTMLElement} rows
 * @property {HTMLElement} said
 * @property {HTMLSelectElement} show
 * @property {HTMLElement} status
 * @property {HTMLElement} trouble
 * @property {HTMLFormElement} typed
 * @property {HTMLInputElement} wanted
 * @property {HTMLElement} why
 */

/** @type {Data} */
const DATA = JSON.parse(part(document, "#data", HTMLScriptElement).textContent);

/**
 * The element with an id.
 * @template {keyof Elements} Id
 * @param {Id} id
 * @returns {Elements[Id]}
 */
const find = (id) => /** @type {Elements[Id]} */ (document.getElementById(id));

const names = new Map([["none", "none of these"]]);
for (const { label, name } of DATA.labels) names.set(label, name);
/**
 * A label as people write it.
 * @param {string} label
 */
const nameOf = (label) => names.get(label) ?? label.replaceAll("_", " ");
const answers = new Answers(DATA.events);
/** @type {HTMLElement | null} */
const player = document.querySelector(".player"); // none if no event has sound
const media = player?.querySelector("audio");
/** @type {View & {current: number}} */
const view = { order: "uncertain", label: "", show: "all", current: 0, ...remembered(DATA.key, {}) };
const queue = new Queue(find("list"), find("rows"), drawRow, (event) => visit(event));
let current = DATA.events[0];
let unsaved = false;

/**
 * Make an event the current one, and show it.
 * @param {ReviewEvent} event
 * @param {{play?: boolean}} options play: whether its sound may start by itself, if that is chosen
 */
function visit(event, { play = true } = {}) {
  current = event;
  announce("");
  describe(event, answers.of(event));
  load(event);
  queue.select(event);
  keep();
  if (play && event.media && find("autoplay").checked) media?.play().catch(() => {}); // before the first key it may not
}

/**
 * Answer the current event, and go on to the next one that has no answer.
 * @param {Verdict} verdict
 * @param {string} label as in Answer
 */
function decide(verdict, label = "") {
  const event = current;
  answers.give(event, verdict, label);
  unsaved = true;
  const told = `Event ${event.event}: ${said(answers.of(event))}.`;
  const next = undecidedAfter(event); // before the queue loses what is decided now
  show();
  if (next) visit(next);
  else visit(event, { play: false });
  const then = next ? `Next: event ${next.event}, ${nameOf(next.label)}.` : "All events in this queue are decided.";
  announce(`${told} ${then}`);
}

/**
 * The next event of the queue without an answer, from its start again after its end.
 * @param {ReviewEvent} event
 * @returns {ReviewEvent | undefined}
 */
function undecidedAfter(event) {
  const place = queue.events.indexOf(event);
  const ahead = [...queue.events.slice(place + 1), ...queue.events.slice(0, Math.max(0, place))];
  return ahead.find((other) => !answers.of(other));
}

/** Undo the last answer, and show its event. */
function undo() {
  const event = answers.undo();
  if (!event) {
    announce("Nothing to undo.");
    return;
  }
  show();
  visit(event, { play: false });
  announce(`Undone. Event ${event.event}: ${said(answers.of(event))}.`);
}

/** @param {1 | -1} by to the next event of the queue, or to the one before */
function step(by) {
  const place = queue.events.indexOf(current);
  const next = queue.events[place < 0 ? 0 : place + by];
  if (next) visit(next);
}

/**
 * Show a message, which screen readers read aloud.
 * @param {string} text
 */
function announce(text) {
  find("status").textContent = text;
}

/** Show everything but the event again: queue, progress, precision. */
function show() {
  queue.fill(chosen(DATA.events, answers, view));
  find("empty").hidden = queue.events.length > 0;
  find("list").hidden = queue.events.length === 0;
  const counts = answers.counts();
  const done = answers.found.size;
  find("progress").value = done;
  find("done").textContent = `${done} of ${DATA.events.length} decided`;
  find("counts").textContent = VERDICTS.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ");
  find("trouble").hidden = !answers.trouble;
  find("why").textContent = answers.trouble;
  showPrecision();
}

/** Show the table of precisions again. */
function showPrecision() {
  const wanted = Number(find("wanted").value);
  if (!(wanted > 0 && wanted <= 1)) return;
  const rows = DATA.labels
    .map(({ label }) => ({ head: chip(label), events: DATA.events.filter((event) => event.label === label) }))
    .filter(({ events }) => events.length);
  if (rows.length > 1) rows.push({ head: element("span", "all labels"), events: DATA.events });
  find("precision").replaceChildren(
    ...rows.map(({ head, events }) => {
      const row = document.createElement("tr");
      const first = document.createElement("th");
      first.scope = "row";
      first.append(head);
      row.append(first, ...precisionRow(events, answers, wanted).map((text) => element("td", text)));
      return row;
    }),
  );
}

/** Store what is chosen and the current event, for when the page is opened again. */
function keep() {
  remember(DATA.key, { ...view, current: current.event });
}

/** Ask for another label: one of the classifier's, none, one that was typed before, or a new one. */
function relabel() {
  find("other").value = "";
  find("labels").replaceChildren(...offered().map(offer));
  find("relabelling").showModal();
}

function closeRelabelling() {
  find("relabelling").close();
  find("other").blur(); // else it keeps the focus until the next frame, and the next key is taken for typing
}

/**
 * Answer the current event with the label that was chosen.
 * @param {string} label
 */
function relabelled(label) {
  closeRelabelling();
  if (label === current.label) decide("accepted", label);
  else decide("relabelled", label);
}

/**
 * A label without differences in case, spaces and underscores, as placement.py compares labels.
 * @param {string} label
 */
const loosely = (label) =>
  label
    .normalize("NFC")
    .replace(/[\s_]+/g, "_")
    .toLowerCase();

/**
 * The labels to choose from, each once.
 * @returns {string[]}
 */
function offered() {
  /** @type {Map<string, string>} */
  const found = new Map([...DATA.labels.map(({ label }) => label), "none"].map((label) => [loosely(label), label]));
  for (const { verdict, label } of [...answers.found.values()].sort((one, other) => one.order - other.order))
    if (verdict === "relabelled" && label && !found.has(loosely(label))) found.set(loosely(label), label);
  return [...found.values()];
}

/**
 * The button of a label. The first nine can be pressed with a digit too.
 * @param {string} label
 * @param {number} place from 0
 * @returns {HTMLButtonElement}
 */
function offer(label, place) {
  const button = element("button", "");
  button.type = "button";
  if (place < 9) button.append(element("kbd", String(place + 1)));
  button.append(chip(label));
  button.addEventListener("click", () => relabelled(label));
  return button;
}

find("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("other").value.trim();
  const known = offered().find((label) => [label, nameOf(label)].map(loosely).includes(loosely(text)));
  if (text) relabelled(known ?? text);
});
find("cancel").addEventListener("click", closeRelabelling);

/** What the buttons and their keys do. @type {Record<string, () => void>} */
const ACTIONS = {
  a: () => decide("accepted", current.label),
  r: () => decide("rejected", "none"),
  l: relabel,
  s: () => decide("skipped"),
  u: undo,
  j: () => step(1),
  k: () => step(-1),
  " ": () => {
    if (media && current.media) playOrPause(media);
  },
};
/** @type {Partial<Record<string, string>>} */
const ARROWS = { ArrowRight: "j", ArrowLeft: "k" };
/** @type {Partial<Record<string, string>>} */
const ARROWS_IN_QUEUE = { ArrowDown: "j", ArrowUp: "k" };

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-key]");
for (const button of buttons)
  button.addEventListener("click", (click) => {
    ACTIONS[String(button.dataset.key)]();
    // After a click, Space plays instead of clicking again; keyboard users keep their focus.
    if (click.detail && !find("relabelling").open) find("list").focus({ preventScroll: true });
  });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (!(target instanceof Element)) return;
  const typing = target.matches("input:not([type=checkbox]), select, textarea");
  if (find("relabelling").open) {
    const button = find("labels").children[Number(event.key) - 1];
    if (button instanceof HTMLElement && !typing) button.click();
    return;
  }
  if (typing || target.matches("audio")) return;
  if (event.key === " " && target.matches("button, a, [type=checkbox]")) return;
  const inQueue = target === find("list") ? ARROWS_IN_QUEUE[event.key] : undefined;
  const key = inQueue ?? ARROWS[event.key] ?? event.key.toLowerCase();
  if (!Object.hasOwn(ACTIONS, key) || (/^[a-z]$/.test(event.key) && !find("keys").checked)) return;
  event.preventDefault();
  ACTIONS[key]();
});

for (const name of /** @type {const} */ (["order", "label", "show"])) {
  const select = find(name);
  select.value = view[name];
  select.addEventListener("change", () => {
    view[name] = select.value;
    show();
    const first = queue.events.find((event) => !answers.of(event)) ?? queue.events[0];
    if (first) visit(first, { play: false });
  });
}
for (const name of /** @type {const} */ (["autoplay", "keys"])) {
  find(name).checked = remembered(name, name === "keys");
  find(name).addEventListener("change", () => remember(name, find(name).checked));
}
find("wanted").addEventListener("input", showPrecision);

find("export").addEventListener("click", () => {
  const table = new Blob([exported(DATA.events, answers, DATA.columns)], { type: "text/csv" });
  const link = element("a", "");
  link.href = URL.createObjectURL(table);
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  unsaved = false;
  announce("labels.csv is saved to this browser's downloads.");
});
find("import").addEventListener("change", async () => {
  const [file] = find("import").files ?? [];
  find("import").value = ""; // the same file may be chosen again
  if (!file) return;
  let told = "";
  try {
    const n = imported(await file.text(), DATA.events, answers, DATA.columns, DATA.same);
    told = `${n} answer${n === 1 ? "" : "s"} imported from ${file.name}.`;
  } catch (error) {
    told = `${file.name} was not imported: ${messageOf(error)}`;
  }
  show();
  visit(current, { play: false });
  announce(told);
});

window.addEventListener("storage", (change) => {
  // Another page of the same review may have stored an answer.
  if (change.key !== null && !DATA.events.some((event) => change.key === PREFIX + event.id)) return;
  answers.load();
  show();
  visit(current, { play: false });
});
window.addEventListener("beforeunload", (event) => {
  if (answers.trouble && unsaved) event.preventDefault();
});

show();
visit(
  DATA.events.find((event) => event.event === view.current) ??
    queue.events.find((event) => !answers.of(event)) ??
    DATA.events[0],
  { play: false },
);
