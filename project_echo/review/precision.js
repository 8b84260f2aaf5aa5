/* How often the classifier was right among reviewed events, and from which confidence on it is right often enough. */
const FEWEST = 10; // reviewed events, below which nothing is suggested
const Z95 = 1.959963984540054; // of the normal distribution, 95 % in the middle

/* The 95 % interval of a share. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
   inference", J. Am. Stat. Assoc. 22 (1927) 209-212. */
function wilson(right, n) {
  const share = right / n;
  const middle = share + Z95 ** 2 / (2 * n);
  const spread = Z95 * Math.sqrt((share * (1 - share)) / n + Z95 ** 2 / (4 * n ** 2));
  const whole = 1 + Z95 ** 2 / n;
  return [Math.max(0, (middle - spread) / whole), Math.min(1, (middle + spread) / whole)];
}

/* The lowest confidence from which on at least `wanted` of reviewed events are right, as {from, right, n}; of too few
   reviewed events, or where no such confidence has enough of them above it, {from: null, few: true or false}.
   `reviewed` is a list of {confidence, right}. */
function threshold(reviewed, wanted) {
  const ordered = [...reviewed].sort((one, other) => other.confidence - one.confidence);
  let right = 0;
  let best = null;
  ordered.forEach(({ confidence, right: isRight }, place) => {
    right += isRight;
    const n = place + 1;
    if (ordered[n]?.confidence === confidence || n < FEWEST) return; // equals stand or fall together
    if (right >= wanted * n - 1e-9) best = { from: confidence, right, n };
  });
  return best ?? { from: null, few: ordered.length < FEWEST };
}

function judged(events, answers) {
  return events
    .filter((event) => ["accepted", "rejected", "relabelled"].includes(answers.of(event)?.verdict))
    .map((event) => ({ confidence: event.mean_confidence, right: answers.of(event).verdict === "accepted" }));
}

const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

function spread(right, n) {
  const [low, high] = wilson(right, n);
  return `${percent(right / n)} (${percent(low)} to ${percent(high)})`;
}

/* The cells of a label's row, text, after its name. */
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
