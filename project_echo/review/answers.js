/* What was said of each event, kept in the browser at once: an item per event, so that two open pages do not overwrite
   each other's. An answer is {verdict, label, order, before}: `order` counts up, `before` is what it replaced. */
const VERDICTS = ["accepted", "rejected", "relabelled", "skipped"];
const PREFIX = "project-echo-review/";

class Answers {
  constructor(events) {
    this.events = events;
    this.found = new Map(); // by event number
    this.order = 0; // of the last answer
    this.trouble = ""; // why nothing is kept
    this.load();
  }

  load() {
    this.found.clear();
    for (const event of this.events) this.read(event);
  }

  read(event) {
    try {
      const answer = JSON.parse(localStorage.getItem(PREFIX + event.id));
      if (!VERDICTS.includes(answer?.verdict)) return;
      this.found.set(event.event, answer);
      this.order = Math.max(this.order, answer.order);
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.trouble = error.message;
    }
  }

  of(event) {
    return this.found.get(event.event);
  }

  last() {
    return this.events.reduce(
      (last, event) => ((this.of(event)?.order ?? 0) > (last ? this.of(last).order : 0) ? event : last),
      undefined,
    );
  }

  /* Say something of an event. A verdict with its label: the event's own, none, or another. */
  give(event, verdict, label) {
    const before = this.of(event);
    if (before?.verdict === verdict && before.label === label) return;
    this.order += 1;
    this.put(event, { verdict, label, order: this.order, before });
  }

  /* Take back what was said last, before a reload too; the event it was said of, if there is one. */
  undo() {
    const event = this.last();
    if (event) this.put(event, this.of(event).before);
    return event;
  }

  put(event, answer) {
    if (answer) this.found.set(event.event, answer);
    else this.found.delete(event.event);
    try {
      if (answer) localStorage.setItem(PREFIX + event.id, JSON.stringify(answer));
      else localStorage.removeItem(PREFIX + event.id);
    } catch (error) {
      this.trouble = error.message;
    }
  }

  counts() {
    const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
    for (const answer of this.found.values()) counts[answer.verdict] += 1;
    return counts;
  }
}

/* Small choices: how the queue is sorted, whether sound starts by itself. They may be lost without harm. */
function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // The page says so already where answers are not kept.
  }
}

function remembered(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
