/* The order "least sure, spread over recordings": each answer about another recording, and another sound. */
const N_COMPARED = 100; // events at the front of the queue that later ones are compared with; more would take long
const NEAREST = 0.001; // confidences and thresholds closer to 0 or 1 count as this far from them

/** @type {Map<string, Map<ReviewEvent, number>>} what `placesBySpread` returned, by sample and label */
const spreadPlaces = new Map();

/**
 * A place for each event. Sites take turns, and so do the recordings of a site. Of the events whose turn it is, one
 * follows that is unsure and unlike those before it ("maximal marginal relevance"). Answers have no part in it, so that
 * the queue does not change while it is answered.
 * @param {ReviewEvent[]} events of a sample and label, by number
 * @param {View} view
 * @returns {Map<ReviewEvent, number>} for sorting, ascending
 */
function placesBySpread(events, { sample, label }) {
  const key = `${sample} ${label}`;
  const places = spreadPlaces.get(key) ?? new Map(spreadEvents(events).map((event, place) => [event, place]));
  spreadPlaces.set(key, places);
  return places;
}

/**
 * How unsure the classifier is of an event: 1 if its peak confidence is the label's threshold, down to 0. Confidences
 * count as odds against those of the threshold, so that labels with different thresholds compare.
 * @param {ReviewEvent} event
 * @returns {number}
 */
function unsureness(event) {
  const [peak, threshold] = [event.peak_confidence, DATA.thresholds[event.label] ?? 0.5].map((probability) =>
    Math.min(Math.max(probability, NEAREST), 1 - NEAREST),
  );
  const [odds, even] = [peak * (1 - threshold), threshold * (1 - peak)];
  return 1 - Math.abs(odds - even) / (odds + even);
}

/**
 * The order itself; see `placesBySpread`.
 * @param {ReviewEvent[]} events
 * @returns {ReviewEvent[]}
 */
function spreadEvents(events) {
  const [bySite, byRecording] = [counters(events, "source"), counters(events, "recording")];
  const remaining = events.map((event, index) => ({
    event,
    site: bySite[index],
    recording: byRecording[index],
    vector: unitVector(event),
    unsure: unsureness(event),
    likeness: 0, // to the most like of those before it
  }));
  /** @type {ReviewEvent[]} */
  const ordered = [];
  while (remaining.length) {
    let next = remaining[0];
    for (const item of remaining) {
      const turn = item.site.n - next.site.n || item.recording.n - next.recording.n;
      if (turn < 0 || (turn === 0 && item.unsure - item.likeness > next.unsure - next.likeness)) next = item;
    }
    remaining.splice(remaining.indexOf(next), 1);
    ordered.push(next.event);
    next.site.n += 1;
    next.recording.n += 1;
    if (ordered.length > N_COMPARED) continue;
    for (const item of remaining) item.likeness = Math.max(item.likeness, similarity(item.vector, next.vector));
  }
  return ordered;
}

/**
 * A counter for each event, which those with the same site or recording share.
 * @param {ReviewEvent[]} events
 * @param {"source" | "recording"} property
 * @returns {{n: number}[]}
 */
function counters(events, property) {
  /** @type {Map<string, {n: number}>} */
  const shared = new Map();
  for (const event of events) if (!shared.has(event[property])) shared.set(event[property], { n: 0 });
  return events.map((event) => shared.get(event[property]) ?? { n: 0 });
}
