/* One event on the page: its row in the queue, its facts, its sound and spectrogram. */

/**
 * An event of a screening, as review/page.py writes it into the page. Seconds count from the start of the recording.
 * @typedef {object} ReviewEvent
 * @property {number} event its number, from 1
 * @property {string} id the same in every review of the same screening
 * @property {string} recording
 * @property {string} site empty if there is none
 * @property {string} source the site, or the recording if there is no site
 * @property {string} event_time date and time of the event, ISO 8601 on the recorder's clock; empty if unknown
 * @property {number} start_s
 * @property {number} end_s
 * @property {string} label predicted by the classifier
 * @property {number} mean_confidence
 * @property {number} peak_confidence
 * @property {string} media path of the sound; empty if there is none
 * @property {string} spectrogram path of the spectrogram; empty if there is none
 * @property {string} reason why there is no sound; empty if there is
 * @property {number} excerpt_start_s
 * @property {number} excerpt_duration_s
 * @property {[text: string, position: number][]} time_ticks of the excerpt: text, and position in % from the left
 */

/** @type {Record<Verdict, string>} */
const VERDICT_MARKS = { accepted: "✓", rejected: "✗", relabelled: "→", skipped: "–" };

/**
 * An answer as text.
 * @param {Answer | undefined} answer
 * @returns {string}
 */
function answerText(answer) {
  if (!answer) return "undecided";
  return answer.verdict === "relabelled" ? `relabelled: ${displayName(answer.label)}` : answer.verdict;
}

/**
 * A new element with text.
 * @template {keyof HTMLElementTagNameMap} TagName
 * @param {TagName} tagName
 * @param {string} text
 * @param {string} className
 * @returns {HTMLElementTagNameMap[TagName]}
 */
function createElement(tagName, text, className = "") {
  const element = document.createElement(tagName);
  element.textContent = text;
  element.className = className;
  return element;
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
    createElement("span", event.mean_confidence.toFixed(2), "confidence"),
    createElement("span", location, "location muted"),
    createElement("span", `, ${answerText(answer)}`, "visually-hidden"),
  );
}

/**
 * Show the facts of an event, and its answer.
 * @param {ReviewEvent} event
 * @param {Answer | undefined} answer
 */
function showFacts(event, answer) {
  const number = createElement("span", `event ${event.event}`, "muted number");
  byId("event-heading").replaceChildren(createChip(event.label), number);
  byId("answer").textContent = answerText(answer);
  byId("answer").className = `answer ${answer?.verdict ?? ""}`;
  const eventDuration = (event.end_s - event.start_s).toFixed(0);
  const excerptDuration = event.excerpt_duration_s.toFixed(0);
  const missingS = event.end_s - event.excerpt_start_s - event.excerpt_duration_s;
  byId("excerpt-note").hidden = !event.media || missingS < 0.5;
  byId("excerpt-note").textContent =
    `The event lasts ${eventDuration} s; the excerpt has its first ${excerptDuration} s.`;
  byId("no-audio").hidden = Boolean(event.media);
  byId("no-audio").textContent = `No sound: ${event.reason}.`;
  const [mean, peak] = [event.mean_confidence, event.peak_confidence].map((confidence) => confidence.toFixed(2));
  const facts = [
    ["recording", event.recording],
    ["site", event.site],
    ["time", event.event_time ? event.event_time.replace("T", " ") : "unknown"],
    ["position", `${event.start_s.toFixed(1)} to ${event.end_s.toFixed(1)} s`],
    ["confidence", `mean ${mean}, peak ${peak}`],
  ].filter(([, text]) => text);
  byId("facts").replaceChildren(
    ...facts.flatMap(([term, text]) => [createElement("dt", term), createElement("dd", text)]),
  );
}

/**
 * Load the sound and spectrogram of an event into the player, or hide the player if it has none.
 * @param {ReviewEvent} event
 */
function loadMedia(event) {
  if (!player || !media) return;
  player.hidden = !event.media;
  if (player.dataset.event === String(event.event)) return; // loaded before, and it may be playing
  player.dataset.event = String(event.event);
  media.pause();
  if (!event.media) return;
  player.dataset.duration = String(event.excerpt_duration_s);
  media.src = event.media;
  requireElement(player, ".spectrogram", HTMLImageElement).src = event.spectrogram;
  const track = requireElement(player, ".track", HTMLElement);
  track.setAttribute("aria-valuemax", String(event.excerpt_duration_s));
  for (const tick of track.querySelectorAll(".tick.x")) tick.remove();
  for (const [text, position] of event.time_ticks)
    track.append(setPosition(createElement("span", text, "tick x"), position));
  const left = excerptPosition(event, event.start_s);
  const width = excerptPosition(event, event.end_s) - left;
  const mark = setPosition(createElement("span", "", "event"), left, width);
  mark.style.setProperty("--color", DATA.colors[event.label]);
  requireElement(track, ".events", HTMLElement).replaceChildren(mark);
  /** @type {HTMLElement} */
  const bounds = track.querySelector(".bounds") ?? track.appendChild(createElement("span", "", "bounds"));
  setPosition(bounds, left, width);
  media.dispatchEvent(new Event("seeking")); // moves the cursor back to the start
}

/**
 * Position of a time in the excerpt of an event.
 * @param {ReviewEvent} event
 * @param {number} seconds from the start of the recording
 * @returns {number} % from the left, at most 100
 */
function excerptPosition(event, seconds) {
  return Math.min(100, (100 * (seconds - event.excerpt_start_s)) / event.excerpt_duration_s);
}

/**
 * Set the position of an element on the timeline, and hide it from screen readers.
 * @param {HTMLElement} element
 * @param {number} left in %
 * @param {number} [width] in %
 * @returns {HTMLElement} the same element
 */
function setPosition(element, left, width) {
  element.setAttribute("aria-hidden", "true");
  element.style.left = `${left}%`;
  if (width !== undefined) element.style.width = `${width}%`;
  return element;
}
