/* The events of a screening: the table follows the filters while they are changed, and the arrow keys go through it. */
const FILTER_DELAY_MS = 120; // after the last key
const CHOICE_DELAY_MS = 60; // while an arrow key is held down

/** The page of events: filters, table and the event that is chosen. */
class EventsPage {
  /** @param {HTMLFormElement} form the filters */
  constructor(form) {
    this.form = form;
    this.table = requireElement(document, "#event-table", HTMLElement);
    this.panel = requireElement(document, "#event-panel", HTMLElement);
    this.count = requireElement(document, "#event-count", HTMLElement);
    this.chosen = new URLSearchParams(location.search).get("event") ?? "";
    this.timer = 0;
    this.choiceTimer = 0;
    /** Ends the request that is no longer needed. @type {Record<string, AbortController>} */
    this.requests = {};
    form.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.filter(), FILTER_DELAY_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.filter();
    });
    this.table.addEventListener("click", (event) => this.click(event));
    this.panel.addEventListener("click", (event) => this.click(event));
    this.table.addEventListener("keydown", (event) => this.takeKey(event));
    requireElement(form, ".apply", HTMLElement).hidden = true; // the table follows by itself
    // On a phone the filters are as high as the screen.
    const isUsed = this.query().size > 1;
    if (innerWidth < 700 && !isUsed) requireElement(document, "#filter-box", HTMLDetailsElement).open = false;
    this.preparePanel();
    this.showChosen();
  }

  /** The filters that are set, and the name of the results. */
  query() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (value !== "") query.append(name, String(value));
    return query;
  }

  /** The links of the events in the table. */
  links() {
    return [...this.table.querySelectorAll("a[data-event]")].filter((link) => link instanceof HTMLAnchorElement);
  }

  /**
   * Get a part of the page; null if a later one has been asked for, or the app does not answer.
   * @param {string} part
   * @param {string} address
   * @returns {Promise<string | null>}
   */
  async get(part, address) {
    this.requests[part]?.abort();
    this.requests[part] = new AbortController();
    try {
      const response = await fetch(address, { signal: this.requests[part].signal });
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  /** Show the events that the filters let pass, and keep the filters in the address. */
  async filter() {
    clearTimeout(this.timer);
    const html = await this.get("table", `${this.form.dataset.table}?${this.query()}`);
    if (html === null) return;
    this.table.innerHTML = html;
    const text = requireElement(this.table, ".count-text", HTMLTemplateElement).content.textContent ?? "";
    this.count.textContent = text;
    this.keepAddress();
    this.showChosen();
    this.preparePanel();
  }

  /** Write the filters, the page of the table and the event into the address. */
  keepAddress() {
    const found = requireElement(this.table, ".found", HTMLElement);
    history.replaceState(null, "", `${found.dataset.address}${this.chosen && `&event=${this.chosen}`}`);
  }

  /** Mark the row of the chosen event. Only one row can be reached with the tab key: the others, with arrow keys. */
  showChosen() {
    const links = this.links();
    const current = links.find((link) => link.dataset.event === this.chosen) ?? links[0];
    for (const link of links) {
      const isChosen = link.dataset.event === this.chosen;
      link.tabIndex = link === current ? 0 : -1;
      link.closest("tr")?.classList.toggle("chosen", isChosen);
      if (isChosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /**
   * Choose the event of a row, or of a link in the panel, that was clicked.
   * @param {MouseEvent} event
   */
  click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
    const link =
      event.target.closest("a[data-event]") ?? event.target.closest("tbody tr")?.querySelector("a[data-event]");
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    if (this.table.contains(link)) link.focus({ preventScroll: true });
    this.choose(link.dataset.event ?? "", true);
  }

  /**
   * Go to another row with the arrow keys, and play with the space bar.
   * @param {KeyboardEvent} event
   */
  takeKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof Element)) return;
    const links = this.links();
    const index = event.target instanceof HTMLAnchorElement ? links.indexOf(event.target) : -1;
    if (index < 0) return;
    if (event.key === " ") {
      const media = this.panel.querySelector("audio");
      if (media) playOrPause(media);
    } else {
      /** @type {Partial<Record<string, number>>} */
      const targets = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: links.length - 1 };
      const target = targets[event.key];
      if (target === undefined) return;
      const link = links[target];
      if (link) {
        link.focus();
        clearTimeout(this.choiceTimer);
        this.choiceTimer = setTimeout(() => this.choose(link.dataset.event ?? "", false), CHOICE_DELAY_MS);
      }
    }
    event.preventDefault();
  }

  /**
   * Show an event.
   * @param {string} number
   * @param {boolean} isClicked whether to bring it into view where it is below the table
   */
  async choose(number, isClicked) {
    this.chosen = number;
    this.showChosen();
    this.panel.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ name: String(new FormData(this.form).get("name")), event: number });
    const html = await this.get("event", `${this.form.dataset.event}?${query}`);
    if (this.chosen !== number) return; // another one has been asked for
    this.panel.removeAttribute("aria-busy");
    if (html === null) return;
    this.panel.innerHTML = html;
    this.keepAddress();
    const player = this.panel.querySelector(".player");
    if (player instanceof HTMLElement) attachPlayer(player);
    this.preparePanel();
    if (isClicked && this.panel.getBoundingClientRect().top > innerHeight * 0.7) this.panel.scrollIntoView();
  }

  /** Say so if the sound cannot be played, and connect the buttons to the events before and after. */
  preparePanel() {
    this.panel.querySelector("audio")?.addEventListener("error", () => {
      requireElement(this.panel, ".sound-problem", HTMLElement).hidden = false;
    });
    const numbers = this.links().map((link) => link.dataset.event);
    const index = numbers.indexOf(this.chosen);
    for (const button of this.panel.querySelectorAll("button[data-step]")) {
      if (!(button instanceof HTMLButtonElement)) continue;
      const number = index < 0 ? undefined : numbers[index + Number(button.dataset.step)];
      button.hidden = false;
      button.disabled = number === undefined;
      button.addEventListener("click", async () => {
        await this.choose(number ?? "", false);
        const again = this.panel.querySelector(`button[data-step="${button.dataset.step}"]:enabled`);
        if (again instanceof HTMLElement) again.focus();
      });
    }
  }
}

const eventFilters = document.querySelector("#event-filters");
if (eventFilters instanceof HTMLFormElement) new EventsPage(eventFilters);
