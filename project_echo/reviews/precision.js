/* Precision of the classifier on reviewed events, and the lowest threshold that reaches a target precision. */
const MIN_REVIEWED = 10; // with fewer reviewed events, no threshold is suggested
const Z95 = 1.959963984540054; // quantile of the normal distribution for a 95% interval

/**
 * Wilson's 95% confidence interval of the share correct / n. Source: E. B. Wilson, "Probable inference, the law of
 * succession, and statistical inference", J. Am. Stat. Assoc. 22 (1927) 209-212.
 * @param {number} correct
 * @param {number} n
 * @returns {[low: number, high: number]}
 */
function wilson(correct, n) {
  const share = correct / n;
  const center = share + Z95 ** 2 / (2 * n);
  const margin = Z95 * Math.sqrt((share * (1 - share)) / n + Z95 ** 2 / (4 * n ** 2));
  const denominator = 1 + Z95 ** 2 / n;
  return [Math.max(0, (center - margin) / denominator), Math.min(1, (center + margin) / denominator)];
}

/**
 * A reviewed event: its peak confidence, as an event is reported if its peak reaches the threshold, and whether its label
 * was correct.
 * @typedef {{confidence: number, correct: boolean}} ReviewedEvent
 */

/**
 * A suggested threshold, and how many of the n reviewed events at or above it are correct; or null, and whether too few
 * events were reviewed.
 * @typedef {{threshold: number, correct: number, n: number} | {threshold: null, tooFew: boolean}} Suggestion
 */

/**
 * The lowest threshold at which the reviewed events at or above it reach the target precision. There must be at least
 * MIN_REVIEWED of them.
 * @param {ReviewedEvent[]} reviewed
 * @param {number} target precision, 0 to 1
 * @returns {Suggestion}
 */
function suggestThreshold(reviewed, target) {
  const descending = [...reviewed].sort((a, b) => b.confidence - a.confidence);
  let nCorrect = 0;
  let best = null;
  for (const [index, { confidence, correct }] of descending.entries()) {
    nCorrect += Number(correct);
    const n = index + 1;
    if (n < MIN_REVIEWED || descending[n]?.confidence === confidence) continue; // count all events of equal confidence
    if (nCorrect >= target * n - 1e-9) best = { threshold: confidence, correct: nCorrect, n };
  }
  return best ?? { threshold: null, tooFew: reviewed.length < MIN_REVIEWED };
}

/**
 * The events with a verdict other than skipped.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @returns {ReviewedEvent[]}
 */
function reviewedEvents(events, answers) {
  return events
    .filter((event) => !["skipped", undefined].includes(answers.get(event)?.verdict))
    .map((event) => ({ confidence: event.peak_confidence, correct: answers.get(event)?.verdict === "accepted" }));
}

/** @param {number} share 0 to 1 */
const formatPercent = (share) => `${Math.round(100 * share)}%`;

/**
 * A share with its 95% confidence interval, as text.
 * @param {number} correct
 * @param {number} n
 * @returns {string}
 */
function formatInterval(correct, n) {
  const [low, high] = wilson(correct, n);
  return `${formatPercent(correct / n)} (${formatPercent(low)} to ${formatPercent(high)})`;
}

/**
 * The cells of a label's row in the precision table, without the label.
 * @param {ReviewEvent[]} events of that label
 * @param {Answers} answers
 * @param {number} target precision, 0 to 1
 * @returns {string[]}
 */
function precisionCells(events, answers, target) {
  const reviewed = reviewedEvents(events, answers);
  const nCorrect = reviewed.filter(({ correct }) => correct).length;
  const precision = reviewed.length ? formatInterval(nCorrect, reviewed.length) : "–";
  const cells = [`${nCorrect} of ${reviewed.length}`, precision];
  const suggestion = suggestThreshold(reviewed, target);
  if (suggestion.threshold === null) {
    const tooFew = `too few reviewed (${reviewed.length} of at least ${MIN_REVIEWED})`;
    return [...cells, suggestion.tooFew ? tooFew : "not reached", "–", "–"];
  }
  const { threshold, correct, n } = suggestion;
  const nAbove = events.filter((event) => event.peak_confidence >= threshold).length;
  const precisionAbove = `${correct} of ${n}: ${formatInterval(correct, n)}`;
  return [...cells, String(threshold), precisionAbove, `${nAbove} of ${events.length}`];
}

/**
 * Update the precision table.
 * @param {Answers} answers
 */
function showPrecision(answers) {
  const target = Number(byId("target-precision").value);
  if (!(target > 0 && target <= 1)) return;
  const all = DATA.events.filter((event) => !event.sample);
  const groups = DATA.labels
    .map(({ label }) => ({ heading: createChip(label), events: all.filter((event) => event.label === label) }))
    .filter(({ events }) => events.length);
  if (groups.length > 1) groups.push({ heading: createElement("span", "all labels"), events: all });
  fillTable(
    byId("precision-rows"),
    groups.map(({ heading, events }) => ({ heading, cells: precisionCells(events, answers, target) })),
  );
}

/**
 * Fill a table. Each cell has the heading of its column, which is shown beside it where the page is narrow.
 * @param {HTMLElement} body of the table
 * @param {{heading: HTMLElement, cells: string[]}[]} rows
 */
function fillTable(body, rows) {
  const headings = [...(body.closest("table")?.querySelectorAll("thead th") ?? [])].slice(1);
  body.replaceChildren(
    ...rows.map(({ heading, cells }) => {
      const row = document.createElement("tr");
      const headerCell = document.createElement("th");
      headerCell.scope = "row";
      headerCell.append(heading);
      row.append(headerCell, ...cells.map((text) => createElement("td", text)));
      for (const [index, cell] of row.querySelectorAll("td").entries()) {
        cell.dataset.heading = headings[index]?.textContent ?? "";
        cell.classList.toggle("unknown", cell.textContent === "–");
      }
      return row;
    }),
  );
}
