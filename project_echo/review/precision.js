/* Precision of the classifier on reviewed events, and the lowest threshold that reaches a target precision. */
const FEWEST = 10; // reviewed events; with fewer, no threshold is suggested
const Z95 = 1.959963984540054; // quantile of the normal distribution for a 95% interval

/**
 * Wilson's 95% confidence interval of the share right / n. Source: E. B. Wilson, "Probable inference, the law of
 * succession, and statistical inference", J. Am. Stat. Assoc. 22 (1927) 209-212.
 * @param {number} right
 * @param {number} n
 * @returns {[low: number, high: number]}
 */
function wilson(right, n) {
  const share = right / n;
  const middle = share + Z95 ** 2 / (2 * n);
  const spread = Z95 * Math.sqrt((share * (1 - share)) / n + Z95 ** 2 / (4 * n ** 2));
  const whole = 1 + Z95 ** 2 / n;
  return [Math.max(0, (middle - spread) / whole), Math.min(1, (middle + spread) / whole)];
}

/**
 * A reviewed event: the classifier's mean confidence, and whether its label was correct.
 * @typedef {{confidence: number, right: boolean}} Reviewed
 */

/**
 * The lowest threshold at which the reviewed events at or above it reach the target precision. There must be at least
 * FEWEST of them.
 * @param {Reviewed[]} reviewed
 * @param {number} wanted share, 0 to 1
 * @returns {{from: number, right: number, n: number} | {from: null, few: boolean}} the threshold, and how many
 *   of the n reviewed events at or above it are correct; or null, and whether too few events were reviewed
 */
function threshold(reviewed, wanted) {
  const ordered = [...reviewed].sort((one, other) => other.confidence - one.confidence);
  let right = 0;
  let best = null;
  for (const [place, { confidence, right: isRight }] of ordered.entries()) {
    right += Number(isRight);
    const n = place + 1;
    if (ordered[n]?.confidence === confidence || n < FEWEST) continue; // events with equal confidence belong together
    if (right >= wanted * n - 1e-9) best = { from: confidence, right, n };
  }
  return best ?? { from: null, few: ordered.length < FEWEST };
}

/**
 * The events that count: those with a verdict other than skipped.
 * @param {ReviewEvent[]} events
 * @param {Answers} answers
 * @returns {Reviewed[]}
 */
function judged(events, answers) {
  return events
    .filter((event) => ["accepted", "rejected", "relabelled"].includes(answers.of(event)?.verdict ?? ""))
    .map((event) => ({ confidence: event.mean_confidence, right: answers.of(event)?.verdict === "accepted" }));
}

/** @param {number} share 0 to 1 */
const percent = (share) => `${Math.round(100 * share)}%`;

/**
 * A share with its 95% confidence interval, as text.
 * @param {number} right
 * @param {number} n
 * @returns {string}
 */
function spread(right, n) {
  const [low, high] = wilson(right, n);
  return `${percent(right / n)} (${percent(low)} to ${percent(high)})`;
}

/**
 * The texts of a label's row of the precision table, without the label.
 * @param {ReviewEvent[]} events of that label
 * @param {Answers} answers
 * @param {number} wanted share, 0 to 1
 * @returns {string[]}
 */
function precisionRow(events, answers, wanted) {
  const reviewed = judged(events, answers);
  const right = reviewed.filter((one) => one.right).length;
  const cells = [`${right} of ${reviewed.length}`, reviewed.length ? spread(right, reviewed.length) : "–"];
  const found = threshold(reviewed, wanted);
  if (found.from === null) {
    const why = found.few ? `too few reviewed (${reviewed.length} of at least ${FEWEST})` : "not reached";
    return [...cells, why, "–", "–"];
  }
  const kept = events.filter((event) => event.mean_confidence >= found.from).length;
  const share = `${found.right} of ${found.n}: ${spread(found.right, found.n)}`;
  return [...cells, String(found.from), share, `${kept} of ${events.length}`];
}
