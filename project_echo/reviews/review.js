/* The review page: takes the answer to an event, and goes on to the next one. */
const storedAnswers = document.querySelector("#stored-answers"); // if an app serves the page, and keeps them on disk
const store = storedAnswers ? new DiskStore(storedAnswers, showStorageError) : new BrowserStore();
const answers = new Answers(DATA.events, store);
const sound = media ? new Sound(media) : null;
/** @type {View & {current: number}} */
const view = {
  order: DATA.searched ? "confident" : "uncertain",
  label: "",
  show: "all",
  sample: "",
  reference: 0,
  current: 0,
  ...loadSetting(DATA.review_id, {}),
};
const queue = new Queue(byId("event-list"), byId("event-rows"), fillRow, (event) => goTo(event));
const chooser = new Chooser(
  () => labelChoices(answers),
  decideLabels,
  (verdict) => {
    decide(verdict, verdict === "rejected" ? "none" : "");
  },
);
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
  showProbabilities(event, (label) => decideLabels([label]));
  showMedia(event);
  queue.select(event);
  saveSetting(DATA.review_id, { ...view, current: current.event });
  if (autoplay && event.excerpt && byId("autoplay").checked) sound?.play();
}

/**
 * Show the sound and spectrogram of an event in the player, or hide the player if it has none.
 * @param {ReviewEvent} event
 */
function showMedia(event) {
  if (!player || !media || !sound) return;
  player.hidden = !event.excerpt;
  if (player.dataset.event === String(event.event)) return; // shown before, and it may be playing
  player.dataset.event = String(event.event);
  if (event.excerpt) {
    requireElement(player, ".spectrogram", HTMLImageElement).src = event.spectrogram;
    zoomTo(player, event, 1);
    showRange(player, event, shown.contextS);
  }
  sound.load(event.excerpt, shown.startS).catch((error) => {
    if (current !== event) return;
    byId("no-audio").hidden = false;
    byId("no-audio").textContent = `No sound: ${errorMessage(error)}`;
  });
  media.dispatchEvent(new Event("seeking")); // moves the cursor back to the start
}

/**
 * Answer the current event, and go on to the next one that has no answer.
 * @param {Verdict} verdict
 * @param {string} label as in Answer
 */
function decide(verdict, label = "") {
  const event = current;
  const given = { verdict, label, sequence: 0 };
  for (const implied of impliedAnswers(event, given, DATA.events)) answers.add(...implied, true);
  answers.add(event, verdict, label);
  isUnsaved = true;
  const next = nextUndecided(event); // found before `refresh`, which may remove the event from the queue
  refresh();
  if (next) goTo(next);
  else goTo(event, { autoplay: false });
  const nextMessage = next ? `Next: ${eventName(next)}, ${displayName(next.label)}.` : "All in this queue is decided.";
  announce(`${eventMessage(event)} ${nextMessage}`);
}

/**
 * Answer the current event with the labels that are heard.
 * @param {string[]} labels
 */
function decideLabels(labels) {
  const others = labels.filter((label) => label !== current.label);
  if (others.length < labels.length) decide("accepted", joinLabels([current.label, ...others]));
  else decide("relabelled", joinLabels(others));
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
  const name = eventName(event);
  return `${name[0].toUpperCase()}${name.slice(1)}: ${answerText(event, answers.get(event))}.`;
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
  byId("order-note").textContent = ORDERS[view.order].note(view);
  byId("no-matches").hidden = queue.events.length > 0;
  byId("event-list").hidden = queue.events.length === 0;
  showProgress(answers);
  showStorageError();
  showPrecision(answers);
  showRecall(answers);
}

/** Show why answers are not saved, if any are not; and that they are again. */
function showStorageError() {
  const wasShown = !byId("storage-error").hidden;
  byId("storage-error").hidden = !store.error;
  if (store.isOnDisk) byId("storage-error-title").textContent = "Your last answers are not saved";
  const changes = `${store.unsaved} change${store.unsaved === 1 ? "" : "s"}`;
  byId("storage-error-message").textContent = store.isOnDisk ? `${changes}: ${store.error}` : store.error;
  byId("storage-error-remedy").textContent = store.remedy;
  if (wasShown && !store.error) announce("All answers are saved.");
}

/** Ask what was heard instead of the label of the current event. */
function askWhatElse() {
  const name = displayName(current.label);
  chooser.open({ event: current, heading: `Not ${name}. What is heard?`, chosen: [], rejecting: true });
}

/** Ask for the label of the current event. */
function askForLabel() {
  chooser.open({ event: current, heading: "What is heard?", chosen: [], rejecting: false });
}

/** Ask what is heard as well as the label of the current event, or as the labels that it got before. */
function askForMore() {
  const given = splitLabels(answers.get(current)?.label ?? "").filter((label) => label !== "none");
  const chosen = given.length ? given : [current.label];
  chooser.open({ event: current, heading: "What else is heard?", chosen, rejecting: false });
}
