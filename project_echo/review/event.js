/* An event on the page: its row in the queue, its facts, its sound and spectrogram. */

/**
 * An event of a screening, as review/page.py writes it into the page. Seconds count from the start of the recording.
 * @typedef {object} ReviewEvent
 * @property {number} event its number, from 1
 * @property {string} id the same in every review of the same screening
 * @property {string} recording
 * @property {string} site empty if there is none
 * @property {string} source the site, or the recording if there is none
 * @property {string} at its date and time, ISO 8601 on the recorder's clock; empty if unknown
 * @property {number} start_s
 * @property {number} end_s
 * @property {string} label the classifier's
 * @property {number} mean_confidence
 * @property {number} peak_confidence
 * @property {string} windows how many, in digits
 * @property {string} media the file of its sound; empty if there is none
 * @property {string} picture the file of its spectrogram; empty if there is none
 * @property {string} reason why there is no sound; empty if there is
 * @property {number} begin_s start of the excerpt
 * @property {number} cut_s duration of the excerpt
 * @property {[text: string, share: number][]} ticks of the time axis: text, and position in % from the left
 */

/** @type {Record<Verdict, string>} */
const MARKS = { accepted: "✓", rejected: "✗", relabelled: "→", skipped: "–" };

/**
 * An answer in words.
 * @param {Answer | undefined} answer
 * @returns {string}
 */
function said(answer) {
  if (!answer) return "undecided";
  return answer.verdict === "relabelled" ? `relabelled: ${nameOf(answer.label)}` : answer.verdict;
}

/**
 * A new element that holds a text.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name of the tag
 * @param {string} text
 * @param {string} className
 * @returns {HTMLElementTagNameMap[Name]}
 */
function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

/**
 * A label in its colour.
 * @param {string} label
 * @returns {HTMLElement}
 */
function chip(label) {
  const made = element("span", nameOf(label), "chip");
  made.style.setProperty("--colour", DATA.colours[label] ?? "transparent");
  return made;
}

/**
 * Fill a row of the queue.
 * @param {HTMLElement} row
 * @param {ReviewEvent} event
 */
function drawRow(row, event) {
  const answer = answers.of(event);
  const mark = element("span", answer ? MARKS[answer.verdict] : "", `mark ${answer?.verdict ?? ""}`);
  mark.setAttribute("aria-hidden", "true");
  // Recorders of several sites give the same names at the same times.
  const where = [event.site, event.recording.split("/").pop(), `${event.start_s.toFixed(1)} s`]
    .filter(Boolean)
    .join(", ");
  row.append(mark, chip(event.label), element("span", event.mean_confidence.toFixed(2), "sure"));
  row.append(element("span", where, "where soft"), element("span", `, ${said(answer)}`, "visually-hidden"));
}

/**
 * Show the facts of an event, and its answer.
 * @param {ReviewEvent} event
 * @param {Answer | undefined} answer
 */
function describe(event, answer) {
  find("heading").replaceChildren(chip(event.label), element("span", `event ${event.event}`, "soft number"));
  find("said").textContent = said(answer);
  find("said").className = `said ${answer?.verdict ?? ""}`;
  const [long_s, cut_s] = [event.end_s - event.start_s, event.cut_s].map((seconds) => seconds.toFixed(0));
  find("long").hidden = !event.media || event.end_s - event.begin_s - event.cut_s < 0.5;
  find("long").textContent = `The event lasts ${long_s} s; the excerpt has its first ${cut_s} s.`;
  find("mute").hidden = Boolean(event.media);
  find("mute").textContent = `No sound: ${event.reason}.`;
  const [mean, peak] = [event.mean_confidence, event.peak_confidence].map((share) => share.toFixed(2));
  const windows = `${event.windows} window${event.windows === "1" ? "" : "s"}`;
  const facts = [
    ["recording", event.recording],
    ["site", event.site],
    ["time", event.at ? event.at.replace("T", " ") : "unknown"],
    ["position", `${event.start_s.toFixed(1)} to ${event.end_s.toFixed(1)} s`],
    ["confidence", `mean ${mean}, peak ${peak}, ${windows}`],
  ].filter(([, text]) => text);
  const cells = facts.flatMap(([term, text]) => [element("dt", term), element("dd", text)]);
  find("facts").replaceChildren(...cells);
}

/**
 * Put the sound and spectrogram of an event into the player, or hide the player if it has none.
 * @param {ReviewEvent} event
 */
function load(event) {
  if (!player || !media) return;
  player.hidden = !event.media;
  if (player.dataset.event === String(event.event)) return; // it may be playing
  player.dataset.event = String(event.event);
  media.pause();
  if (!event.media) return;
  player.dataset.duration = String(event.cut_s);
  media.src = event.media;
  part(player, ".spectrogram", HTMLImageElement).src = event.picture;
  const track = part(player, ".track", HTMLElement);
  track.setAttribute("aria-valuemax", String(event.cut_s));
  for (const tick of track.querySelectorAll(".tick.s")) tick.remove();
  for (const [text, share] of event.ticks) track.append(placed(element("span", text, "tick s"), share));
  /** @param {number} seconds */
  const share = (seconds) => Math.min(100, (100 * (seconds - event.begin_s)) / event.cut_s);
  const mark = placed(element("span", "", "event"), share(event.start_s), share(event.end_s) - share(event.start_s));
  mark.style.setProperty("--colour", DATA.colours[event.label]);
  part(track, ".events", HTMLElement).replaceChildren(mark);
  /** @type {HTMLElement} */
  const bounds = track.querySelector(".bounds") ?? track.appendChild(element("span", "", "bounds"));
  placed(bounds, share(event.start_s), share(event.end_s) - share(event.start_s));
  media.dispatchEvent(new Event("seeking")); // the cursor goes back to the start
}

/**
 * Put an element at a place of the timeline, hidden from screen readers.
 * @param {HTMLElement} made
 * @param {number} left in %
 * @param {number} [width] in %
 * @returns {HTMLElement} the same element
 */
function placed(made, left, width) {
  made.setAttribute("aria-hidden", "true");
  made.style.left = `${left}%`;
  if (width !== undefined) made.style.width = `${width}%`;
  return made;
}
