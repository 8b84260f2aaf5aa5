/* The dialog that asks what is heard: a combobox with a list of labels, several of which may be chosen. */

/**
 * What the dialog asks about an event.
 * @typedef {object} Question
 * @property {ReviewEvent} event
 * @property {string} heading
 * @property {string[]} chosen labels that are chosen already
 * @property {boolean} rejecting whether the label was rejected: then the first choices are what it may be instead
 */

/** The dialog. Its answer is given to `onLabels`, or to `onReject`. */
class Chooser {
  /**
   * @param {() => string[]} listChoices labels to choose from
   * @param {(labels: string[]) => void} onLabels
   * @param {(verdict: "not_this_label" | "rejected") => void} onReject
   */
  constructor(listChoices, onLabels, onReject) {
    this.listChoices = listChoices;
    this.onLabels = onLabels;
    this.onReject = onReject;
    this.dialog = byId("label-dialog");
    this.input = byId("label-input");
    this.list = byId("label-options");
    /** @type {string[]} */
    this.chosen = [];
    /** @type {{label: string, isNew: boolean}[]} */
    this.options = [];
    this.active = -1; // index of the option that Enter takes
    this.rejected = ""; // a label that is not heard
    this.input.addEventListener("input", () => this.complete());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    byId("label-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.list.addEventListener("click", ({ target }) => {
      const option = target instanceof Element ? target.closest("[role=option]") : null;
      if (option instanceof HTMLElement) this.toggle(this.options[Number(option.dataset.index)].label);
      this.input.focus();
    });
    byId("not-this-label").addEventListener("click", () => this.reject("not_this_label"));
    byId("none-of-ours").addEventListener("click", () => this.reject("rejected"));
    byId("cancel").addEventListener("click", () => this.close());
    this.dialog.addEventListener("cancel", () => this.close()); // Escape
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** @param {Question} question */
  open({ event, heading, chosen, rejecting }) {
    this.chosen = [...chosen];
    this.rejected = rejecting ? event.label : "";
    byId("label-heading").textContent = heading;
    byId("reject-choices").classList.toggle("first", rejecting);
    const text = createElement("span", `Not ${displayName(event.label)}; others not checked`);
    byId("not-this-label").replaceChildren(createElement("kbd", "Enter"), text);
    this.input.value = "";
    this.complete();
    this.dialog.showModal();
    (rejecting ? byId("not-this-label") : this.input).focus();
  }

  close() {
    this.dialog.close();
    this.list.replaceChildren();
    this.input.blur(); // else it has the focus until the next frame, and takes the next key
  }

  /** @param {"not_this_label" | "rejected"} verdict */
  reject(verdict) {
    this.close();
    this.onReject(verdict);
  }

  /** Answer with the chosen labels and the active one. */
  submit() {
    const active = this.options[this.active];
    const labels = [...this.chosen];
    if (active && !labels.includes(active.label)) labels.push(active.label);
    if (!labels.length) return;
    if (labels.length === 1 && normalizeLabel(labels[0]) === "none") {
      this.reject("rejected");
      return;
    }
    this.close();
    this.onLabels(labels.filter((label) => normalizeLabel(label) !== "none"));
  }

  /**
   * Choose a label, or take it back.
   * @param {string} label
   */
  toggle(label) {
    const others = this.chosen.filter((chosen) => chosen !== label);
    this.chosen = others.length < this.chosen.length ? others : [...this.chosen, label];
    this.input.value = "";
    this.complete();
  }

  /** List the labels that the text of the input may mean. */
  complete() {
    const all = new Set([...this.listChoices(), ...this.chosen]);
    const choices = [...all].filter((label) => label !== this.rejected);
    this.options = completeLabel(this.input.value, choices);
    this.active = this.input.value.trim() ? 0 : -1;
    this.render();
  }

  render() {
    this.list.replaceChildren(
      ...this.options.map(({ label, isNew }, index) => {
        const option = createElement("div", "", index === this.active ? "option active" : "option");
        option.id = `label-option-${index}`;
        option.dataset.index = String(index);
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", String(this.chosen.includes(label)));
        if (isNew) option.append("New label: ");
        else if (!this.input.value && index < 9) option.append(createElement("kbd", String(index + 1)));
        option.append(createChip(label));
        return option;
      }),
    );
    const active = this.list.children[this.active];
    active?.scrollIntoView({ block: "nearest" });
    if (active) this.input.setAttribute("aria-activedescendant", active.id);
    else this.input.removeAttribute("aria-activedescendant");
    const names = this.chosen.map(displayName).join(", ");
    byId("chosen-labels").textContent = names ? `Chosen: ${names}` : "";
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length) {
      const from = this.active < 0 && step < 0 ? 0 : this.active; // up from none is the last one
      this.active = (from + step + this.options.length) % this.options.length;
      this.render();
    } else if (event.key === "Enter" && event.shiftKey && this.options[this.active])
      this.toggle(this.options[this.active].label);
    else if (this.isNumber(event.key)) this.toggle(this.options[Number(event.key) - 1].label);
    else if (this.isNone(event.key)) this.reject("rejected");
    else if (event.key === "Backspace" && !this.input.value && this.chosen.length)
      this.toggle(this.chosen[this.chosen.length - 1]);
    else return;
    event.preventDefault();
  }

  /**
   * Whether a key is the number that is shown beside a label.
   * @param {string} key
   */
  isNumber(key) {
    return !this.input.value && /^[1-9]$/.test(key) && Number(key) <= this.options.length;
  }

  /**
   * Whether a key says that none of the labels is heard.
   * @param {string} key
   */
  isNone(key) {
    return key === "0" && !this.input.value && !this.chosen.length;
  }

  /**
   * Take a key that was pressed outside the input. Letters go into the input: no name may answer while it is typed.
   * @param {string} key
   * @returns {boolean} whether it means something else
   */
  takeKey(key) {
    if (this.isNumber(key)) {
      this.toggle(this.options[Number(key) - 1].label);
      requireElement(this.dialog, "[type=submit]", HTMLButtonElement).focus();
    } else if (this.isNone(key)) this.reject("rejected");
    else if (key === "enter" && this.chosen.length) this.submit();
    else {
      if (/^\p{L}$/u.test(key)) this.input.focus(); // the letter is typed there
      return false;
    }
    return true;
  }
}
