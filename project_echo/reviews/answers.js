/* The answers to events, stored in the browser. */
const VERDICTS = /** @type {const} */ (["accepted", "relabelled", "not_this_label", "rejected", "skipped"]);
const STORAGE_PREFIX = "project-echo-review/";

/** @typedef {(typeof VERDICTS)[number]} Verdict */

/**
 * The answer to an event. "not_this_label" says nothing about other labels; "rejected" is that none of them is heard.
 * @typedef {object} Answer
 * @property {Verdict} verdict
 * @property {string} label what is heard (labels.js): the event's own label and others if accepted, others if
 *   relabelled, "none" if rejected, otherwise empty
 * @property {number} sequence position among all answers: 1 is the first one given
 * @property {Answer} [previous] the answer that this one replaced
 * @property {boolean} [implied] whether it followed from the next answer, and is undone with that
 */

/**
 * Whether a text is one of the verdicts.
 * @param {string} text
 * @returns {text is Verdict}
 */
function isVerdict(text) {
  return VERDICTS.some((verdict) => verdict === text);
}

/**
 * The message of an error.
 * @param {unknown} error
 * @returns {string}
 */
function errorMessage(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The key of an event's answer in localStorage.
 * @param {ReviewEvent} event
 * @returns {string}
 */
function storageKey(event) {
  return STORAGE_PREFIX + event.id;
}

/**
 * The key of the note on an event in localStorage.
 * @param {ReviewEvent} event
 * @returns {string}
 */
function noteKey(event) {
  return `${storageKey(event)}/note`;
}

/**
 * The answers to the events of a review, and the notes on them. Each answer is stored immediately, under a key of its
 * own, so that two open pages do not overwrite each other's.
 */
class Answers {
  /** @param {ReviewEvent[]} events */
  constructor(events) {
    this.events = events;
    /** @type {Map<number, Answer>} by event number */
    this.byEvent = new Map();
    /** @type {Map<number, string>} by event number */
    this.notes = new Map();
    this.lastSequence = 0;
    this.storageError = ""; // why the browser cannot store answers; empty if it can
    this.load();
  }

  /** Read all answers from the browser again. */
  load() {
    this.byEvent.clear();
    this.notes.clear();
    for (const event of this.events) this.loadAnswer(event);
  }

  /** @param {ReviewEvent} event */
  loadAnswer(event) {
    try {
      const note = JSON.parse(localStorage.getItem(noteKey(event)) ?? "null");
      if (typeof note === "string") this.notes.set(event.event, note);
      /** @type {Answer | null} */
      const answer = JSON.parse(localStorage.getItem(storageKey(event)) ?? "null");
      if (!answer || !isVerdict(answer.verdict)) return;
      this.byEvent.set(event.event, answer);
      this.lastSequence = Math.max(this.lastSequence, answer.sequence);
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.storageError = errorMessage(error);
    }
  }

  /**
   * The answer to an event, if it has one.
   * @param {ReviewEvent} event
   * @returns {Answer | undefined}
   */
  get(event) {
    return this.byEvent.get(event.event);
  }

  /**
   * The event that was answered last, if any was.
   * @returns {ReviewEvent | undefined}
   */
  lastAnswered() {
    let sequence = 0;
    let lastEvent;
    for (const event of this.events) {
      const answer = this.get(event);
      if (answer && answer.sequence > sequence) [sequence, lastEvent] = [answer.sequence, event];
    }
    return lastEvent;
  }

  /**
   * Answer an event. This replaces an earlier answer to it.
   * @param {ReviewEvent} event
   * @param {Verdict} verdict
   * @param {string} label as in Answer
   * @param {boolean} implied as in Answer
   */
  add(event, verdict, label, implied = false) {
    const previous = this.get(event);
    if (previous?.verdict === verdict && previous.label === label) return;
    this.lastSequence += 1;
    this.set(event, { verdict, label, sequence: this.lastSequence, previous, ...(implied && { implied }) });
  }

  /**
   * Undo the last answer, even one from before a reload, and restore the answer that it replaced.
   * @returns {ReviewEvent | undefined} its event, or undefined if no event has an answer
   */
  undo() {
    const event = this.lastAnswered();
    if (event) this.set(event, this.get(event)?.previous);
    for (let other = this.lastAnswered(); other && this.get(other)?.implied; other = this.lastAnswered())
      this.set(other, this.get(other)?.previous);
    return event;
  }

  /**
   * Set the answer to an event, or delete it.
   * @param {ReviewEvent} event
   * @param {Answer | undefined} answer
   */
  set(event, answer) {
    if (answer) this.byEvent.set(event.event, answer);
    else this.byEvent.delete(event.event);
    this.store(storageKey(event), answer);
  }

  /**
   * Store a value in the browser, or delete it.
   * @param {string} key
   * @param {Answer | string | undefined} value
   */
  store(key, value) {
    try {
      if (value === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch (error) {
      this.storageError = errorMessage(error);
    }
  }

  /**
   * The note on an event, empty if there is none.
   * @param {ReviewEvent} event
   * @returns {string}
   */
  note(event) {
    return this.notes.get(event.event) ?? "";
  }

  /**
   * Store the note on an event.
   * @param {ReviewEvent} event
   * @param {string} text empty to delete it
   */
  setNote(event, text) {
    if (text) this.notes.set(event.event, text);
    else this.notes.delete(event.event);
    this.store(noteKey(event), text || undefined);
  }

  /**
   * Number of events with each verdict.
   * @param {ReviewEvent[]} events
   */
  counts(events) {
    /** @type {Record<Verdict, number>} */
    const counts = { accepted: 0, relabelled: 0, not_this_label: 0, rejected: 0, skipped: 0 };
    for (const event of events) {
      const answer = this.get(event);
      if (answer) counts[answer.verdict] += 1;
    }
    return counts;
  }
}

/**
 * Store a setting of the page, such as the order of the queue. It is lost if the browser cannot store it.
 * @param {string} name
 * @param {unknown} value must be convertible to JSON
 */
function saveSetting(name, value) {
  try {
    localStorage.setItem(STORAGE_PREFIX + name, JSON.stringify(value));
  } catch {
    // The page already shows a warning, as answers cannot be stored either.
  }
}

/**
 * A stored setting.
 * @template Value
 * @param {string} name
 * @param {Value} defaultValue if none is stored
 * @returns {Value}
 */
function loadSetting(name, defaultValue) {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_PREFIX + name) ?? "null") ?? defaultValue;
  } catch {
    return defaultValue;
  }
}
