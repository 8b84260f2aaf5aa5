/* The answers to the events, and where the browser keeps them. */
const VERDICTS = /** @type {const} */ (["accepted", "rejected", "relabelled", "skipped"]);
const PREFIX = "project-echo-review/";

/** @typedef {(typeof VERDICTS)[number]} Verdict */

/**
 * The answer to an event.
 * @typedef {object} Answer
 * @property {Verdict} verdict
 * @property {string} label the event's own if accepted, "none" if rejected, another if relabelled, empty if skipped
 * @property {number} order counts up from answer to answer
 * @property {Answer} [before] the answer that this one replaced
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
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The answers to some events. Each is stored at once, in an item of its own, so that two open pages do not overwrite
 * each other's.
 */
class Answers {
  /** @param {ReviewEvent[]} events */
  constructor(events) {
    this.events = events;
    /** @type {Map<number, Answer>} by event number */
    this.found = new Map();
    this.order = 0; // of the last answer
    this.trouble = ""; // why the browser cannot store answers; empty if it can
    this.load();
  }

  /** Read all answers from the browser again. */
  load() {
    this.found.clear();
    for (const event of this.events) this.read(event);
  }

  /** @param {ReviewEvent} event */
  read(event) {
    try {
      /** @type {Answer | null} */
      const answer = JSON.parse(localStorage.getItem(PREFIX + event.id) ?? "null");
      if (!answer || !isVerdict(answer.verdict)) return;
      this.found.set(event.event, answer);
      this.order = Math.max(this.order, answer.order);
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.trouble = messageOf(error);
    }
  }

  /**
   * The answer to an event, if it has one.
   * @param {ReviewEvent} event
   * @returns {Answer | undefined}
   */
  of(event) {
    return this.found.get(event.event);
  }

  /**
   * The event that was answered last, if any was.
   * @returns {ReviewEvent | undefined}
   */
  last() {
    let order = 0;
    let last;
    for (const event of this.events) {
      const answer = this.of(event);
      if (answer && answer.order > order) [order, last] = [answer.order, event];
    }
    return last;
  }

  /**
   * Answer an event, in place of an earlier answer if it has one.
   * @param {ReviewEvent} event
   * @param {Verdict} verdict
   * @param {string} label as in Answer
   */
  give(event, verdict, label) {
    const before = this.of(event);
    if (before?.verdict === verdict && before.label === label) return;
    this.order += 1;
    this.put(event, { verdict, label, order: this.order, before });
  }

  /**
   * Undo the last answer, even one from before a reload, and restore the answer that it replaced.
   * @returns {ReviewEvent | undefined} its event, or undefined if no event has an answer
   */
  undo() {
    const event = this.last();
    if (event) this.put(event, this.of(event)?.before);
    return event;
  }

  /**
   * Set the answer to an event, or delete it.
   * @param {ReviewEvent} event
   * @param {Answer | undefined} answer
   */
  put(event, answer) {
    if (answer) this.found.set(event.event, answer);
    else this.found.delete(event.event);
    try {
      if (answer) localStorage.setItem(PREFIX + event.id, JSON.stringify(answer));
      else localStorage.removeItem(PREFIX + event.id);
    } catch (error) {
      this.trouble = messageOf(error);
    }
  }

  /** How many events have each verdict. */
  counts() {
    /** @type {Record<Verdict, number>} */
    const counts = { accepted: 0, rejected: 0, relabelled: 0, skipped: 0 };
    for (const answer of this.found.values()) counts[answer.verdict] += 1;
    return counts;
  }
}

/**
 * Store a setting of the page, such as the order of the queue. It is lost if the browser cannot store it.
 * @param {string} name
 * @param {unknown} value of which JSON can be made
 */
function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // The page shows a warning already, as answers cannot be stored either.
  }
}

/**
 * A stored setting.
 * @template Value
 * @param {string} name
 * @param {Value} otherwise if none is stored
 * @returns {Value}
 */
function remembered(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}
