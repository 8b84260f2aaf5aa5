/* How alike events sound, by the vectors of vectors.py: for the order "like this one", and to spread a queue. */

/** @type {Map<number, Float32Array | null>} unit vectors by event number, as they are needed */
const unitVectors = new Map();

/**
 * The direction of an event's vector.
 * @param {ReviewEvent} event
 * @returns {Float32Array | null} of length 1; null without sound
 */
function unitVector(event) {
  const known = unitVectors.get(event.event);
  if (known !== undefined) return known;
  const bytes = Int8Array.from(atob(event.vector), (character) => character.charCodeAt(0));
  const length = Math.sqrt(bytes.reduce((sum, value) => sum + value * value, 0));
  const vector = bytes.length ? Float32Array.from(bytes, (value) => value / (length || 1)) : null;
  unitVectors.set(event.event, vector);
  return vector;
}

/**
 * How alike two events sound: the cosine of the angle between their vectors.
 * @param {ReviewEvent} a
 * @param {ReviewEvent} b
 * @returns {number} -1 to 1; -1 if one has no sound
 */
function similarity(a, b) {
  const [u, v] = [unitVector(a), unitVector(b)];
  if (!u || !v) return -1;
  let sum = 0;
  for (let i = 0; i < u.length; i += 1) sum += u[i] * v[i];
  return sum;
}

/**
 * A place for each event, the most like another one first.
 * @param {ReviewEvent[]} events
 * @param {ReviewEvent | undefined} reference
 * @returns {Map<ReviewEvent, number>} for sorting, ascending
 */
function placesByLikeness(events, reference) {
  if (!reference) return new Map();
  // The reference itself is first, also among others with the same sound.
  return new Map(events.map((event) => [event, event === reference ? -2 : -similarity(event, reference)]));
}
