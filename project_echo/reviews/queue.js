/* The queue of events: filters, and a list in which only visible rows exist, so that it stays fast with
   thousands of events. */
const ROW_HEIGHT = 52; // pixels; the same as in review.css
const EXTRA_ROWS = 5; // drawn above and below the visible ones

/**
 * The events that the queue shows, in order.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @param {View} view
 * @returns {ReviewEvent[]}
 */
function filterAndSort(events, answers, view) {
  const { label, show, sample } = view;
  const ofLabel = events.filter((event) => event.sample === sample && (label === "" || event.label === label.slice(1)));
  const compare = ORDERS[view.order].compare(ofLabel, view); // of decided ones, too: answers do not change the order
  const shown = ofLabel.filter(
    (event) => show === "all" || (show === "decided") === (answers.get(event) !== undefined),
  );
  return shown.sort((a, b) => compare(a, b) || a.event - b.event);
}

/** The list of events, a listbox. */
class Queue {
  /**
   * @param {HTMLElement} list the listbox, which scrolls
   * @param {HTMLElement} container its only child, which contains the rows
   * @param {(row: HTMLElement, event: ReviewEvent) => void} fillRow
   * @param {(event: ReviewEvent) => void} onClick called with the event of a clicked row
   */
  constructor(list, container, fillRow, onClick) {
    this.list = list;
    this.container = container;
    this.fillRow = fillRow;
    /** @type {ReviewEvent[]} */
    this.events = [];
    /** @type {Map<number, HTMLElement>} the rows that exist, by their index in the queue */
    this.rows = new Map();
    /** @type {ReviewEvent | null} */
    this.current = null;
    let isScheduled = false;
    list.addEventListener("scroll", () => {
      if (isScheduled) return;
      isScheduled = true;
      requestAnimationFrame(() => {
        isScheduled = false;
        this.render();
      });
    });
    new ResizeObserver(() => this.render()).observe(list);
    list.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[role=option]") : null;
      if (row instanceof HTMLElement) onClick(this.events[Number(row.dataset.index)]);
    });
  }

  /**
   * Replace the events.
   * @param {ReviewEvent[]} events
   */
  setEvents(events) {
    this.events = events;
    this.container.style.height = `${ROW_HEIGHT * events.length}px`;
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.render();
  }

  /**
   * Make an event the current one, and scroll to it.
   * @param {ReviewEvent} event
   */
  select(event) {
    this.current = event;
    const index = this.events.indexOf(event);
    if (index >= 0) {
      const [top, height] = [index * ROW_HEIGHT, this.list.clientHeight];
      if (top < this.list.scrollTop) this.list.scrollTop = top;
      else if (top + ROW_HEIGHT > this.list.scrollTop + height) this.list.scrollTop = top + ROW_HEIGHT - height;
    }
    this.render();
  }

  /** Add the rows that are visible, and remove the others. */
  render() {
    const { scrollTop, clientHeight } = this.list;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - EXTRA_ROWS);
    const end = Math.min(this.events.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + EXTRA_ROWS);
    const current = this.current ? this.events.indexOf(this.current) : -1;
    const visible = new Set(Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset));
    if (current >= 0) visible.add(current); // screen readers need its row even where it is out of sight
    for (const [index, row] of this.rows) {
      if (visible.has(index)) continue;
      row.remove();
      this.rows.delete(index);
    }
    for (const index of visible) {
      const row = this.rows.get(index) ?? this.addRow(index);
      row.setAttribute("aria-selected", String(index === current));
    }
    const selected = this.rows.get(current);
    if (selected) this.list.setAttribute("aria-activedescendant", selected.id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  /**
   * Add the row at an index of the queue.
   * @param {number} index
   * @returns {HTMLElement}
   */
  addRow(index) {
    const event = this.events[index];
    const row = document.createElement("div");
    row.id = `row-${event.event}`;
    row.className = "row";
    row.dataset.index = String(index);
    row.style.top = `${ROW_HEIGHT * index}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-posinset", String(index + 1));
    row.setAttribute("aria-setsize", String(this.events.length));
    this.fillRow(row, event);
    this.container.append(row);
    this.rows.set(index, row);
    return row;
  }
}
