/* The data of the page, and its elements. */

/**
 * An event of a screening, as reviews/page.py writes it into the page. Seconds count from the start of the recording.
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
 * @property {string} media path of the clip for a corpus; empty if there is none
 * @property {string} model identifies the classifier that found it
 * @property {string} excerpt path of the script with the longer sound that the page plays; empty if there is none
 * @property {string} spectrogram path of the spectrogram of the excerpt; empty if there is none
 * @property {string} reason why there is no sound; empty if there is
 * @property {string} sample "random" for a window drawn at random, which is an event for each label; empty otherwise
 * @property {boolean} reported whether an event of the label overlaps the window
 * @property {number} excerpt_start_s
 * @property {number} excerpt_duration_s
 * @property {Record<string, number>} probabilities the highest of each label within the event; empty if unknown
 * @property {string} vector its sound for comparison, Base64 of signed bytes; empty if there is no sound
 */

/**
 * The data that reviews/page.py writes into the page.
 * @typedef {object} Data
 * @property {string} review_id the same in every review of the same events
 * @property {Column[]} columns of the exported table
 * @property {Column[]} key_columns columns that identify an event in an imported table
 * @property {Column[]} added_columns columns that tables of earlier versions lack
 * @property {number[]} contexts_s seconds before and after an event that can be shown
 * @property {{label: string, name: string}[]} labels of the classifier, with their display names
 * @property {Record<string, string>} colors of the labels
 * @property {Record<string, number>} thresholds from which on an event is one of its label
 * @property {boolean} searched whether events are matches of a search; their confidences are similarities then
 * @property {ReviewEvent[]} events at least one
 */

/**
 * The elements of review.html that the scripts use, by id.
 * @typedef {{
 *   "answer": HTMLElement,
 *   "answered-labels": HTMLElement,
 *   "autoplay": HTMLInputElement,
 *   "cancel": HTMLButtonElement,
 *   "chosen-labels": HTMLElement,
 *   "close-help": HTMLButtonElement,
 *   "context": HTMLSelectElement,
 *   "contrast": HTMLInputElement,
 *   "decided-count": HTMLElement,
 *   "event-heading": HTMLElement,
 *   "event-list": HTMLElement,
 *   "event-rows": HTMLElement,
 *   "excerpt-note": HTMLElement,
 *   "export": HTMLButtonElement,
 *   "facts": HTMLElement,
 *   "help-dialog": HTMLDialogElement,
 *   "high-cut": HTMLInputElement,
 *   "import": HTMLInputElement,
 *   "label": HTMLSelectElement,
 *   "label-dialog": HTMLDialogElement,
 *   "label-form": HTMLFormElement,
 *   "label-heading": HTMLElement,
 *   "label-input": HTMLInputElement,
 *   "label-options": HTMLElement,
 *   "low-cut": HTMLInputElement,
 *   "no-audio": HTMLElement,
 *   "no-matches": HTMLElement,
 *   "none-of-ours": HTMLButtonElement,
 *   "not-this-label": HTMLButtonElement,
 *   "note": HTMLTextAreaElement,
 *   "order": HTMLSelectElement,
 *   "order-note": HTMLElement,
 *   "pitch": HTMLInputElement,
 *   "play": HTMLElement,
 *   "precision-rows": HTMLElement,
 *   "probabilities": HTMLElement,
 *   "probability-rows": HTMLElement,
 *   "progress": HTMLProgressElement,
 *   "reject-choices": HTMLElement,
 *   "recall": HTMLElement,
 *   "recall-rows": HTMLElement,
 *   "sample": HTMLSelectElement,
 *   "saved-where": HTMLElement,
 *   "shortcuts": HTMLInputElement,
 *   "show": HTMLSelectElement,
 *   "speed": HTMLSelectElement,
 *   "status": HTMLElement,
 *   "storage-error": HTMLElement,
 *   "storage-error-message": HTMLElement,
 *   "storage-error-remedy": HTMLElement,
 *   "storage-error-title": HTMLElement,
 *   "target-precision": HTMLInputElement,
 *   "verdict-counts": HTMLElement,
 *   "windows-count": HTMLElement,
 *   "windows-progress": HTMLElement,
 *   "zoom": HTMLElement,
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

/** @type {HTMLElement | null} */
const player = document.querySelector(".player"); // null if no event has sound
const media = player?.querySelector("audio");

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
