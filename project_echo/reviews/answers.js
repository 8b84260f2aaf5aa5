/* The answers to events, and the notes on them. */
const VERDICTS = /** @type {const} */ (["accepted", "relabelled", "not_this_label", "rejected", "skipped"]);
const MOST_PREVIOUS = 50; // answers to an event that can be restored

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
 * The new answer to an event, null if it was deleted, or the new note on it, empty if it was deleted.
 * @typedef {{event: string, answer: Answer | null} | {event: string, note: string}} Change event is ReviewEvent.id
 */

/**
 * Where answers and notes are kept: in this browser (browserstore.js) or on disk (diskstore.js).
 * @typedef {object} AnswerStore
 * @property {boolean} isOnDisk
 * @property {string} error why changes cannot be stored; empty if they can
 * @property {string} remedy what to do so that changes which are not stored are not lost
 * @property {number} unsaved number of changes that are not stored
 * @property {(eventId: string) => Answer | undefined} answer
 * @property {(eventId: string) => string} note empty if there is none
 * @property {(change: Change) => void} save
 * @property {(events: ReviewEvent[], onChange: () => void) => void} watch call `onChange` when another open page of the
 *   same review has changed an answer or a note
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
 * An answer without those that it replaced long ago.
 * @param {Answer | undefined} answer
 * @param {number} most answers to keep
 * @returns {Answer | undefined}
 */
function withRecent(answer, most = MOST_PREVIOUS) {
  return answer && most > 0 ? { ...answer, previous: withRecent(answer.previous, most - 1) } : undefined;
}

/** The answers to the events of a review, and the notes on them. Each is stored immediately. */
class Answers {
  /**
   * @param {ReviewEvent[]} events
   * @param {AnswerStore} store
   */
  constructor(events, store) {
    this.events = events;
    this.store = store;
    /** @type {Map<number, Answer>} by event number */
    this.byEvent = new Map();
    /** @type {Map<number, string>} by event number */
    this.notes = new Map();
    this.lastSequence = 0;
    this.load();
  }

  /** Read all answers and notes from the store again. */
  load() {
    this.byEvent.clear();
    this.notes.clear();
    for (const event of this.events) {
      const note = this.store.note(event.id);
      if (note) this.notes.set(event.event, note);
      const answer = this.store.answer(event.id);
      if (!answer || !isVerdict(answer.verdict)) continue;
      this.byEvent.set(event.event, answer);
      this.lastSequence = Math.max(this.lastSequence, answer.sequence);
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
    const previous = withRecent(this.get(event));
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
    this.store.save({ event: event.id, answer: answer ?? null });
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
    this.store.save({ event: event.id, note: text });
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
