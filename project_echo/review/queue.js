/* The queue: which events, in which order; only the rows in sight exist, so thousands scroll as smoothly as ten. */
const ROW = 52; // pixels; review.css has the same
const ORDERS = {
  uncertain: (one, other) => one.mean_confidence - other.mean_confidence,
  confident: (one, other) => other.mean_confidence - one.mean_confidence,
  time: (one, other) => compared(one.at, other.at) || compared(one.recording, other.recording), // then as numbered
  shuffled: (one, other) => compared(one.id, other.id), // digests: no order at all, and the same one each time
};

function compared(one, other) {
  return one < other ? -1 : Number(one > other);
}

function chosen(events, answers, { order, label, show }) {
  const wanted = events.filter(
    (event) =>
      (label === "" || event.label === label.slice(1)) &&
      (show === "all" || (show === "decided") === answers.of(event) instanceof Object),
  );
  return wanted.sort((one, other) => ORDERS[order](one, other) || one.event - other.event);
}

class Queue {
  constructor(list, draw, pick) {
    [this.list, this.rows, this.draw] = [list, list.firstElementChild, draw];
    [this.events, this.drawn, this.current] = [[], new Map(), null];
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
    list.addEventListener("click", (click) => {
      const row = click.target.closest("[role=option]");
      if (row) pick(this.events[Number(row.dataset.place)]);
    });
  }

  /* Show these events anew. */
  fill(events) {
    this.events = events;
    this.rows.style.height = `${ROW * events.length}px`;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.render();
  }

  /* Make an event the current one, in sight. */
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

  /* Draw a changed event again. */
  refresh(event) {
    const place = this.events.indexOf(event);
    this.drawn.get(place)?.remove();
    this.drawn.delete(place);
    this.render();
  }

  render() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - 5);
    const last = Math.min(this.events.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + 5);
    const current = this.events.indexOf(this.current);
    const wanted = new Set(Array.from({ length: Math.max(0, last - first) }, (_, place) => first + place));
    if (current >= 0) wanted.add(current); // screen readers follow it wherever the list is scrolled
    for (const [place, row] of this.drawn) {
      if (wanted.has(place)) continue;
      row.remove();
      this.drawn.delete(place);
    }
    for (const place of wanted) {
      if (!this.drawn.has(place)) this.drawn.set(place, this.add(place));
      this.drawn.get(place).setAttribute("aria-selected", String(place === current));
    }
    if (current >= 0) this.list.setAttribute("aria-activedescendant", this.drawn.get(current).id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  add(place) {
    const row = document.createElement("div");
    row.id = `row-${this.events[place].event}`;
    row.className = "row";
    row.dataset.place = place;
    row.style.top = `${ROW * place}px`;
    const told = { role: "option", "aria-posinset": place + 1, "aria-setsize": this.events.length };
    for (const [name, value] of Object.entries(told)) row.setAttribute(name, value);
    this.draw(row, this.events[place]);
    this.rows.append(row);
    return row;
  }
}
