/* The order "least sure, spread over recordings": answers that tell the most, each about another sound. */
const LEAST_SURE = 0.5; // calibrated confidence at which right and wrong are equally probable
const N_COMPARED = 50; // earlier events of a recording that later ones are compared with

/**
 * A place for each event: least sure first, one event of each site in turn, and of each recording of a site in turn.
 * Answers have no part in it, so that the queue does not change while it is answered.
 * @param {ReviewEvent[]} events
 * @returns {Map<ReviewEvent, number>} for sorting, ascending
 */
function placesBySpread(events) {
  const sites = groupBy(events, (event) => event.source).map((ofSite) =>
    takeTurns(groupBy(ofSite, (event) => event.recording).map(varyEvents)),
  );
  return new Map(takeTurns(sites).map((event, place) => [event, place]));
}

/**
 * How far from sure the label of an event is.
 * @param {ReviewEvent} event
 * @returns {number} 0 to 1
 */
function unsureness(event) {
  return 1 - 2 * Math.abs(event.peak_confidence - LEAST_SURE);
}

/**
 * Order events of one recording: the least sure first, then each time one that is unsure and unlike those before it
 * ("maximal marginal relevance").
 * @param {ReviewEvent[]} events
 * @returns {ReviewEvent[]}
 */
function varyEvents(events) {
  const remaining = events
    .map((event) => ({ event, unsure: unsureness(event), likeness: 0 }))
    .sort((a, b) => b.unsure - a.unsure || a.event.event - b.event.event);
  /** @type {ReviewEvent[]} */
  const ordered = [];
  while (remaining.length && ordered.length < N_COMPARED) {
    let best = 0;
    remaining.forEach((item, index) => {
      const leading = remaining[best];
      if (item.unsure - item.likeness > leading.unsure - leading.likeness) best = index;
    });
    const [{ event }] = remaining.splice(best, 1);
    ordered.push(event);
    for (const item of remaining) item.likeness = Math.max(item.likeness, similarity(item.event, event));
  }
  return [...ordered, ...remaining.map(({ event }) => event)];
}

/**
 * Join lists: first the first events of all, the least sure of these first, then the second ones, and so on.
 * @param {ReviewEvent[][]} lists
 * @returns {ReviewEvent[]}
 */
function takeTurns(lists) {
  /** @type {ReviewEvent[][]} */
  const rounds = [];
  for (const list of lists)
    list.forEach((event, round) => {
      rounds[round] ??= [];
      rounds[round].push(event);
    });
  return rounds.flatMap((events) => events.sort((a, b) => unsureness(b) - unsureness(a) || a.event - b.event));
}

/**
 * Events in groups, in the order in which these first occur.
 * @param {ReviewEvent[]} events
 * @param {(event: ReviewEvent) => string} key
 * @returns {ReviewEvent[][]}
 */
function groupBy(events, key) {
  /** @type {Map<string, ReviewEvent[]>} */
  const groups = new Map();
  for (const event of events) {
    const group = groups.get(key(event));
    if (group) group.push(event);
    else groups.set(key(event), [event]);
  }
  return [...groups.values()];
}
