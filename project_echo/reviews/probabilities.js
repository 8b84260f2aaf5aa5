/* The probabilities of all labels within an event, with a button to take another label than the reported one. */
const MAX_OTHER_LABELS = 9; // as many as digits

/**
 * Labels other than the event's own, the most probable first.
 * @param {ReviewEvent} event
 * @returns {string[]}
 */
function otherLabels(event) {
  const others = Object.keys(event.probabilities).filter((label) => label !== event.label);
  const ordered = others.sort((a, b) => event.probabilities[b] - event.probabilities[a] || compareText(a, b));
  return ordered.slice(0, MAX_OTHER_LABELS);
}

/**
 * Show the probabilities of an event.
 * @param {ReviewEvent} event
 * @param {(label: string) => void} useLabel called with the label of a clicked button
 */
function showProbabilities(event, useLabel) {
  const others = otherLabels(event);
  byId("probabilities").hidden = !others.length;
  const own = event.sample ? "asked about" : "reported";
  // The classifier need not know the label of a search.
  const labels = [event.label, ...others].filter((label) => label in event.probabilities);
  byId("probability-rows").replaceChildren(
    ...labels.map((label) => {
      const number = others.indexOf(label) + 1; // 0 for the event's own
      const row = document.createElement("tr");
      const heading = createElement("th", "");
      heading.scope = "row";
      heading.append(createChip(label));
      const value = createElement("td", event.probabilities[label].toFixed(2), "value");
      const bar = createElement("span", "", "bar");
      bar.style.width = `${100 * event.probabilities[label]}%`;
      bar.style.setProperty("--color", DATA.colors[label]);
      const cell = createElement("td", "", "bars");
      cell.append(bar);
      const use = createElement("td", number ? "" : own, "muted");
      if (number) use.replaceChildren(createUseButton(label, number, useLabel));
      row.append(heading, cell, value, use);
      return row;
    }),
  );
}

/**
 * The button that takes a label for the event.
 * @param {string} label
 * @param {number} index from 1: its key
 * @param {(label: string) => void} useLabel
 * @returns {HTMLButtonElement}
 */
function createUseButton(label, index, useLabel) {
  const button = createElement("button", "", "secondary");
  button.type = "button";
  button.append(createElement("kbd", String(index)), "Use this label");
  button.append(createElement("span", `: ${displayName(label)}`, "visually-hidden"));
  button.addEventListener("click", () => useLabel(label));
  return button;
}
