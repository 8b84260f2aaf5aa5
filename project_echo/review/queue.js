/* The queue: which events, in which order. Only visible rows exist, so thousands scroll as smoothly as ten. */
const ROW = 52; // pixels; review.css has the same

/**
 * What the queue shows, as chosen on the page.
 * @typedef {object} View
 * @property {string} order a key of ORDERS
 * @property {string} label "=" and a label; empty for all labels
 * @property {string} show "all", "undecided" or "decided"
 */

/** @type {Record<string, (one: ReviewEvent, other: ReviewEvent) => number>} */
const ORDERS = {
  uncertain: (one, other) => one.mean_confidence - other.mean_confidence,
  confident: (one, other) => other.mean_confidence - one.mean_confidence,
  time: (one, other) => compared(one.at, other.at) || compared(one.recording, other.recording), // then as numbered
  shuffled: (one, other) => compared(one.id, other.id), // digests: a random order, the same each time
};

/**
 * Less than, equal to or greater than 0, as `one` comes before, with or after `other`.
 * @param {string} one
 * @param {string} other
 * @returns {number}
 */
function compared(one, other) {
  return one < other ? -1 : Number(one > other);
}

/**
 * The events that the queue shows, in their order.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @param {View} view
 * @returns {ReviewEvent[]}
 */
function chosen(events, answers, { order, label, show }) {
  const wanted = events.filter(
    (event) =>
      (label === "" || event.label === label.slice(1)) &&
      (show === "all" || (show === "decided") === (answers.of(event) !== undefined)),
  );
  return wanted.sort((one, other) => ORDERS[order](one, other) || one.event - other.event);
}

/** The list of events, a listbox. */
class Queue {
  /**
   * @param {HTMLElement} list the listbox, which scrolls
   * @param {HTMLElement} rows its only child, where the rows go
   * @param {(row: HTMLElement, event: ReviewEvent) => void} draw fills a row
   * @param {(event: ReviewEvent) => void} pick is called with the event of a row that is clicked
   */
  constructor(list, rows, draw, pick) {
    this.list = list;
    this.rows = rows;
    this.draw = draw;
    /** @type {ReviewEvent[]} */
    this.events = [];
    /** @type {Map<number, HTMLElement>} the rows that exist, by their place in the queue */
    this.drawn = new Map();
    /** @type {ReviewEvent | null} */
    this.current = null;
    let asked = false;
    list.addEventListener("scroll", () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        this.render();
      });
    });
    new ResizeObserver(() => this.render()).observe(list);
    list.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[role=option]") : null;
      if (row instanceof HTMLElement) pick(this.events[Number(row.dataset.place)]);
    });
  }

  /**
   * Show these events in place of those before.
   * @param {ReviewEvent[]} events
   */
  fill(events) {
    this.events = events;
    this.rows.style.height = `${ROW * events.length}px`;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.render();
  }

  /**
   * Make an event the current one, and scroll to it.
   * @param {ReviewEvent} event
   */
  select(event) {
    this.current = event;
    const place = this.events.indexOf(event);
    if (place >= 0) {
      const [top, height] = [place * ROW, this.list.clientHeight];
      if (top < this.list.scrollTop) this.list.scrollTop = top;
      else if (top + ROW > this.list.scrollTop + height) this.list.scrollTop = top + ROW - height;
    }
    this.render();
  }

  /**
   * Draw the row of a changed event again.
   * @param {ReviewEvent} event
   */
  refresh(event) {
    const place = this.events.indexOf(event);
    this.drawn.get(place)?.remove();
    this.drawn.delete(place);
    this.render();
  }

  /** Add the rows that are visible, and remove the others. */
  render() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - 5);
    const last = Math.min(this.events.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + 5);
    const current = this.current ? this.events.indexOf(this.current) : -1;
    const wanted = new Set(Array.from({ length: Math.max(0, last - first) }, (_, place) => first + place));
    if (current >= 0) wanted.add(current); // screen readers follow it wherever the list is scrolled
    for (const [place, row] of this.drawn) {
      if (wanted.has(place)) continue;
      row.remove();
      this.drawn.delete(place);
    }
    for (const place of wanted) {
      const row = this.drawn.get(place) ?? this.add(place);
      row.setAttribute("aria-selected", String(place === current));
    }
    const selected = this.drawn.get(current);
    if (selected) this.list.setAttribute("aria-activedescendant", selected.id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  /**
   * Make the row at a place of the queue.
   * @param {number} place
   * @returns {HTMLElement}
   */
  add(place) {
    const row = document.createElement("div");
    row.id = `row-${this.events[place].event}`;
    row.className = "row";
    row.dataset.place = String(place);
    row.style.top = `${ROW * place}px`;
    const told = { role: "option", "aria-posinset": place + 1, "aria-setsize": this.events.length };
    for (const [name, value] of Object.entries(told)) row.setAttribute(name, String(value));
    this.draw(row, this.events[place]);
    this.rows.append(row);
    this.drawn.set(place, row);
    return row;
  }
}
