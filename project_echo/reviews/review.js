/* The review page: takes the answer to an event, and goes on to the next one. */

/**
 * The data that review/page.py writes into the page.
 * @typedef {object} Data
 * @property {string} review_id the same in every review of the same events
 * @property {Column[]} columns of the exported table
 * @property {Column[]} key_columns columns that identify an event in an imported table
 * @property {{label: string, name: string}[]} labels of the classifier, with their display names
 * @property {Record<string, string>} colors of the labels
 * @property {ReviewEvent[]} events at least one
 */

/**
 * The elements of review.html that the scripts use, by id.
 * @typedef {{
 *   "answer": HTMLElement,
 *   "autoplay": HTMLInputElement,
 *   "cancel": HTMLButtonElement,
 *   "decided-count": HTMLElement,
 *   "event-heading": HTMLElement,
 *   "event-list": HTMLElement,
 *   "event-rows": HTMLElement,
 *   "excerpt-note": HTMLElement,
 *   "export": HTMLButtonElement,
 *   "facts": HTMLElement,
 *   "import": HTMLInputElement,
 *   "label": HTMLSelectElement,
 *   "label-choices": HTMLElement,
 *   "new-label": HTMLInputElement,
 *   "new-label-form": HTMLFormElement,
 *   "no-audio": HTMLElement,
 *   "no-matches": HTMLElement,
 *   "order": HTMLSelectElement,
 *   "precision-rows": HTMLElement,
 *   "progress": HTMLProgressElement,
 *   "relabel-dialog": HTMLDialogElement,
 *   "shortcuts": HTMLInputElement,
 *   "show": HTMLSelectElement,
 *   "status": HTMLElement,
 *   "storage-error": HTMLElement,
 *   "storage-error-message": HTMLElement,
 *   "target-precision": HTMLInputElement,
 *   "verdict-counts": HTMLElement,
 * }} Elements
 */

/** @type {Data} */
const DATA = JSON.parse(requireElement(document, "#data", HTMLScriptElement).textContent);

/**
 * The element with an id.
 * @template {keyof Elements} Id
 * @param {Id} id
 * @returns {Elements[Id]}
 */
const byId = (id) => /** @type {Elements[Id]} */ (document.getElementById(id));

const displayNames = new Map([["none", "none of these"]]);
for (const { label, name } of DATA.labels) displayNames.set(label, name);
/**
 * A label as people read it.
 * @param {string} label
 */
const displayName = (label) => displayNames.get(label) ?? label.replaceAll("_", " ");
const answers = new Answers(DATA.events);
/** @type {HTMLElement | null} */
const player = document.querySelector(".player"); // null if no event has sound
const media = player?.querySelector("audio");
/** @type {View & {current: number}} */
const view = { order: "uncertain", label: "", show: "all", current: 0, ...loadSetting(DATA.review_id, {}) };
const queue = new Queue(byId("event-list"), byId("event-rows"), fillRow, (event) => goTo(event));
let current = DATA.events[0];
let isUnsaved = false; // whether there are answers that were not exported

/**
 * Make an event the current one, and show it.
 * @param {ReviewEvent} event
 * @param {{autoplay?: boolean}} options autoplay: whether to play its sound if the user chose autoplay
 */
function goTo(event, { autoplay = true } = {}) {
  current = event;
  announce("");
  showFacts(event, answers.get(event));
  loadMedia(event);
  queue.select(event);
  saveView();
  // The browser refuses to play before the user has clicked or pressed a key on the page.
  if (autoplay && event.media && byId("autoplay").checked) media?.play().catch(() => {});
}

/**
 * Answer the current event, and go on to the next one that has no answer.
 * @param {Verdict} verdict
 * @param {string} label as in Answer
 */
function decide(verdict, label = "") {
  const event = current;
  answers.add(event, verdict, label);
  isUnsaved = true;
  const next = nextUndecided(event); // found before `refresh`, which may remove the event from the queue
  refresh();
  if (next) goTo(next);
  else goTo(event, { autoplay: false });
  const nextMessage = next
    ? `Next: event ${next.event}, ${displayName(next.label)}.`
    : "All events in this queue are decided.";
  announce(`${eventMessage(event)} ${nextMessage}`);
}

/**
 * The next event of the queue without an answer. The search continues at the start of the queue after its end.
 * @param {ReviewEvent} event
 * @returns {ReviewEvent | undefined}
 */
function nextUndecided(event) {
  const index = queue.events.indexOf(event);
  const following = [...queue.events.slice(index + 1), ...queue.events.slice(0, Math.max(0, index))];
  return following.find((candidate) => !answers.get(candidate));
}

/** Undo the last answer, and show its event. */
function undo() {
  const event = answers.undo();
  if (!event) {
    announce("Nothing to undo.");
    return;
  }
  refresh();
  goTo(event, { autoplay: false });
  announce(`Undone. ${eventMessage(event)}`);
}

/** @param {1 | -1} offset 1 for the next event of the queue, -1 for the previous one */
function step(offset) {
  const index = queue.events.indexOf(current);
  const event = queue.events[index < 0 ? 0 : index + offset];
  if (event) goTo(event);
}

/**
 * The answer to an event, as a sentence.
 * @param {ReviewEvent} event
 * @returns {string}
 */
function eventMessage(event) {
  return `Event ${event.event}: ${answerText(answers.get(event))}.`;
}

/**
 * Show a message, which screen readers read aloud.
 * @param {string} message
 */
function announce(message) {
  byId("status").textContent = message;
}

/** Update everything except the current event: queue, progress, precision. */
function refresh() {
  queue.setEvents(filterAndSort(DATA.events, answers, view));
  byId("no-matches").hidden = queue.events.length > 0;
  byId("event-list").hidden = queue.events.length === 0;
  const counts = answers.counts();
  const nDecided = answers.byEvent.size;
  byId("progress").value = nDecided;
  byId("decided-count").textContent = `${nDecided} of ${DATA.events.length} decided`;
  byId("verdict-counts").textContent = VERDICTS.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ");
  byId("storage-error").hidden = !answers.storageError;
  byId("storage-error-message").textContent = answers.storageError;
  showPrecision();
}

/** Update the precision table. */
function showPrecision() {
  const target = Number(byId("target-precision").value);
  if (!(target > 0 && target <= 1)) return;
  const groups = DATA.labels
    .map(({ label }) => ({ heading: createChip(label), events: DATA.events.filter((event) => event.label === label) }))
    .filter(({ events }) => events.length);
  if (groups.length > 1) groups.push({ heading: createElement("span", "all labels"), events: DATA.events });
  const rows = groups.map(({ heading, events }) => {
    const row = document.createElement("tr");
    const headerCell = document.createElement("th");
    headerCell.scope = "row";
    headerCell.append(heading);
    row.append(headerCell, ...precisionCells(events, answers, target).map((text) => createElement("td", text)));
    return row;
  });
  byId("precision-rows").replaceChildren(...rows);
}

/** Store the filters, the order and the current event, for the next time that the page is opened. */
function saveView() {
  saveSetting(DATA.review_id, { ...view, current: current.event });
}

/** Ask for another label: one of the classifier's, none, one that was typed before, or a new one. */
function openRelabelDialog() {
  byId("new-label").value = "";
  byId("label-choices").replaceChildren(...labelChoices().map(createLabelButton));
  byId("relabel-dialog").showModal();
}

function closeRelabelDialog() {
  byId("relabel-dialog").close();
  byId("new-label").blur(); // else it has the focus until the next frame, and takes the next key
}

/**
 * Answer the current event with the label that was chosen in the dialog.
 * @param {string} label
 */
function chooseLabel(label) {
  closeRelabelDialog();
  if (label === current.label) decide("accepted", label);
  else decide("relabelled", label);
}

/**
 * A label without differences in case, spaces and underscores, for comparison. review/placement.py compares labels the
 * same way.
 * @param {string} label
 */
const normalizeLabel = (label) =>
  label
    .normalize("NFC")
    .replace(/[\s_]+/g, "_")
    .toLowerCase();

/**
 * The labels to choose from, each in one spelling: those of the classifier, none, and those that were typed before.
 * @returns {string[]}
 */
function labelChoices() {
  const inSequence = [...answers.byEvent.values()].sort((a, b) => a.sequence - b.sequence);
  const typed = inSequence.filter(({ verdict }) => verdict === "relabelled").map(({ label }) => label);
  /** @type {Map<string, string>} */
  const choices = new Map();
  for (const label of [...DATA.labels.map(({ label }) => label), "none", ...typed]) {
    const normalized = normalizeLabel(label);
    if (label && !choices.has(normalized)) choices.set(normalized, label);
  }
  return [...choices.values()];
}

/**
 * The button of a label. The first nine can be pressed with a digit too.
 * @param {string} label
 * @param {number} index from 0
 * @returns {HTMLButtonElement}
 */
function createLabelButton(label, index) {
  const button = createElement("button", "");
  button.type = "button";
  if (index < 9) button.append(createElement("kbd", String(index + 1)));
  button.append(createChip(label));
  button.addEventListener("click", () => chooseLabel(label));
  return button;
}

byId("new-label-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("new-label").value.trim();
  const existing = labelChoices().find((label) =>
    [label, displayName(label)].map(normalizeLabel).includes(normalizeLabel(text)),
  );
  if (text) chooseLabel(existing ?? text);
});
byId("cancel").addEventListener("click", closeRelabelDialog);

/** What the buttons and their keys do. @type {Record<string, () => void>} */
const ACTIONS = {
  a: () => decide("accepted", current.label),
  r: () => decide("rejected", "none"),
  l: openRelabelDialog,
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
const actionButtons = document.querySelectorAll("button[data-key]");
for (const button of actionButtons)
  button.addEventListener("click", (click) => {
    ACTIONS[String(button.dataset.key)]();
    // After a click with the mouse, Space plays instead of clicking again; keyboard users keep their focus.
    if (click.detail && !byId("relabel-dialog").open) byId("event-list").focus({ preventScroll: true });
  });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (!(target instanceof Element)) return;
  const isTyping = target.matches("input:not([type=checkbox]), select, textarea");
  if (byId("relabel-dialog").open) {
    const button = byId("label-choices").children[Number(event.key) - 1];
    if (button instanceof HTMLElement && !isTyping) button.click();
    return;
  }
  if (isTyping || target.matches("audio")) return;
  if (event.key === " " && target.matches("button, a, [type=checkbox]")) return;
  const queueKey = target === byId("event-list") ? ARROWS_IN_QUEUE[event.key] : undefined;
  const key = queueKey ?? ARROWS[event.key] ?? event.key.toLowerCase();
  if (!Object.hasOwn(ACTIONS, key) || (/^[a-z]$/.test(event.key) && !byId("shortcuts").checked)) return;
  event.preventDefault();
  ACTIONS[key]();
});

for (const name of /** @type {const} */ (["order", "label", "show"])) {
  const select = byId(name);
  select.value = view[name];
  select.addEventListener("change", () => {
    view[name] = select.value;
    refresh();
    const first = queue.events.find((event) => !answers.get(event)) ?? queue.events[0];
    if (first) goTo(first, { autoplay: false });
  });
}
for (const name of /** @type {const} */ (["autoplay", "shortcuts"])) {
  byId(name).checked = loadSetting(name, name === "shortcuts");
  byId(name).addEventListener("change", () => saveSetting(name, byId(name).checked));
}
byId("target-precision").addEventListener("input", showPrecision);

byId("export").addEventListener("click", () => {
  const csv = new Blob([exportAnswers(DATA.events, answers, DATA.columns)], { type: "text/csv" });
  const link = createElement("a", "");
  link.href = URL.createObjectURL(csv);
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  isUnsaved = false;
  announce("labels.csv is saved to this browser's downloads.");
});
byId("import").addEventListener("change", async () => {
  const [file] = byId("import").files ?? [];
  byId("import").value = ""; // so that choosing the same file again is a change
  if (!file) return;
  let message = "";
  try {
    const n = importAnswers(await file.text(), DATA.events, answers, DATA.columns, DATA.key_columns);
    message = `${n} answer${n === 1 ? "" : "s"} imported from ${file.name}.`;
  } catch (error) {
    message = `${file.name} was not imported: ${errorMessage(error)}`;
  }
  refresh();
  goTo(current, { autoplay: false });
  announce(message);
});

window.addEventListener("storage", (change) => {
  // Another open page of the same review may have stored an answer.
  if (change.key !== null && !DATA.events.some((event) => change.key === storageKey(event))) return;
  answers.load();
  refresh();
  goTo(current, { autoplay: false });
});
window.addEventListener("beforeunload", (event) => {
  if (answers.storageError && isUnsaved) event.preventDefault();
});

refresh();
goTo(
  DATA.events.find((event) => event.event === view.current) ??
    queue.events.find((event) => !answers.get(event)) ??
    DATA.events[0],
  { autoplay: false },
);
