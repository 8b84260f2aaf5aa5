/* One event on the page: its row in the queue, its facts, its answer as text. */

/** @type {Record<Verdict, string>} */
const VERDICT_MARKS = { accepted: "✓", relabelled: "→", not_this_label: "✗", rejected: "✗", skipped: "–" };
/** @type {Record<Verdict, string>} */
const VERDICT_NAMES = {
  accepted: "accepted",
  relabelled: "relabelled",
  not_this_label: "not this label",
  rejected: "none of ours",
  skipped: "skipped",
};

/**
 * What people call an event.
 * @param {ReviewEvent} event
 * @returns {string}
 */
function eventName(event) {
  return event.sample ? `window at ${event.start_s.toFixed(1)} s` : `event ${event.event}`;
}

/**
 * The answer to an event as text.
 * @param {ReviewEvent} event
 * @param {Answer | undefined} answer
 * @returns {string}
 */
function answerText(event, answer) {
  if (!answer) return "undecided";
  const labels = splitLabels(answer.label);
  const others = answer.verdict === "accepted" ? labels.filter((label) => label !== event.label) : labels;
  const names = others.map(displayName).join(", ");
  if (answer.verdict === "relabelled") return `relabelled: ${names}`;
  if (answer.verdict === "not_this_label") return `rejected: not ${displayName(event.label)}`;
  if (answer.verdict === "rejected") return `rejected: ${displayName("none")}`;
  return answer.verdict + (names && `, also ${names}`);
}

/**
 * A label with a square in its color.
 * @param {string} label
 * @returns {HTMLElement}
 */
function createChip(label) {
  const chip = createElement("span", displayName(label), "chip");
  chip.style.setProperty("--color", DATA.colors[label] ?? "transparent");
  return chip;
}

/**
 * Fill a row of the queue.
 * @param {HTMLElement} row
 * @param {ReviewEvent} event
 */
function fillRow(row, event) {
  const answer = answers.get(event);
  const mark = createElement("span", answer ? VERDICT_MARKS[answer.verdict] : "", `mark ${answer?.verdict ?? ""}`);
  mark.setAttribute("aria-hidden", "true");
  // With the site, as recorders of several sites may use the same file names.
  const location = [event.site, event.recording.split("/").pop(), `${event.start_s.toFixed(1)} s`]
    .filter(Boolean)
    .join(", ");
  row.append(
    mark,
    createChip(event.label),
    createElement("span", event.peak_confidence.toFixed(2), "confidence"),
    createElement("span", location, "location muted"),
    createElement("span", `, ${answerText(event, answer)}`, "visually-hidden"),
  );
}

/**
 * Show the facts of an event, and its answer.
 * @param {ReviewEvent} event
 * @param {Answer | undefined} answer
 */
function showFacts(event, answer) {
  const number = createElement("span", event.sample ? "in a random window?" : `event ${event.event}`, "muted number");
  byId("event-heading").replaceChildren(createChip(event.label), number);
  byId("answer").textContent = answerText(event, answer);
  byId("answer").className = `answer ${answer?.verdict ?? ""}`;
  const eventDuration = (event.end_s - event.start_s).toFixed(0);
  const excerptEnd = (event.excerpt_start_s + event.excerpt_duration_s).toFixed(0);
  const missingS = event.end_s - event.excerpt_start_s - event.excerpt_duration_s;
  byId("excerpt-note").hidden = !event.excerpt || missingS < 0.5;
  byId("excerpt-note").textContent =
    `The event lasts ${eventDuration} s; the page has its sound up to ${excerptEnd} s of the recording.`;
  byId("no-audio").hidden = Boolean(event.excerpt);
  byId("no-audio").textContent = `No sound: ${event.reason}.`;
  const [mean, peak] = [event.mean_confidence, event.peak_confidence].map((confidence) => confidence.toFixed(2));
  byId("note").value = answers.note(event);
  const facts = [
    ["recording", event.recording],
    ["site", event.site],
    ["time", event.event_time ? event.event_time.replace("T", " ") : "unknown"],
    ["position", `${event.start_s.toFixed(1)} to ${event.end_s.toFixed(1)} s`],
    DATA.searched
      ? ["similarity", peak]
      : event.sample
        ? ["probability", peak]
        : ["confidence", `peak ${peak}, mean ${mean}`],
  ].filter(([, text]) => text);
  byId("facts").replaceChildren(
    ...facts.flatMap(([term, text]) => [createElement("dt", term), createElement("dd", text)]),
  );
}
