/* The orders of the queue. */

/**
 * What the queue shows, as chosen on the page.
 * @typedef {object} View
 * @property {string} order a key of ORDERS
 * @property {string} label "=" and a label; empty for all labels
 * @property {string} show "all", "undecided" or "decided"
 * @property {string} sample "random" for windows drawn at random, empty for events
 * @property {number} reference number of the event that the order "similar" compares with
 */

/** @typedef {(a: ReviewEvent, b: ReviewEvent) => number} Compare for Array.sort */

/**
 * An order of the queue.
 * @typedef {object} Order
 * @property {(view: View) => string} note what comes first, for people
 * @property {(events: ReviewEvent[], view: View) => Compare} compare how to sort the events of the view's label,
 *   decided ones too. Events that compare equal are ordered by number.
 */

/** @type {Record<string, Order>} */
const ORDERS = {
  uncertain: {
    note: () => "The lowest peak confidence first.",
    compare: () => (a, b) => a.peak_confidence - b.peak_confidence,
  },
  confident: {
    note: () => "The highest peak confidence first.",
    compare: () => (a, b) => b.peak_confidence - a.peak_confidence,
  },
  spread: {
    note: () =>
      "Confidences near the threshold of their label first. Sites and recordings take turns, and similar sounds wait.",
    compare: (events, view) => byPlace(placesBySpread(events, view)),
  },
  similar: {
    note: (view) => {
      const reference = referenceOf(view);
      return reference ? `Most like ${eventName(reference)} first, by the classifier's embeddings.` : "";
    },
    compare: (events, view) => byPlace(placesByLikeness(events, referenceOf(view))),
  },
  time: {
    note: () => "In the order of recording.",
    compare: () => (a, b) => compareText(a.event_time, b.event_time) || compareText(a.recording, b.recording),
  },
  shuffled: {
    note: () => "In random order, the same each time: for an unbiased estimate of the precision.",
    compare: () => (a, b) => compareText(a.id, b.id), // ids are digests
  },
};

/**
 * The event that the order "similar" compares with.
 * @param {View} view
 * @returns {ReviewEvent | undefined}
 */
function referenceOf(view) {
  return DATA.events.find(({ event }) => event === view.reference);
}

/**
 * Compare events by their places.
 * @param {Map<ReviewEvent, number>} places
 * @returns {Compare}
 */
function byPlace(places) {
  return (a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0);
}

/**
 * Compare two texts for Array.sort.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function compareText(a, b) {
  return a < b ? -1 : Number(a > b);
}
