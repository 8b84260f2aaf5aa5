/* How alike events sound, by the vectors of vectors.py: for the order "like this one", and to spread a queue. */

/** @type {Map<number, Float32Array>} unit vectors by event number, as they are needed */
const unitVectors = new Map();

/**
 * The direction of an event's vector.
 * @param {ReviewEvent} event
 * @returns {Float32Array} of length 1; empty without sound
 */
function unitVector(event) {
  const known = unitVectors.get(event.event);
  if (known) return known;
  const bytes = atob(event.vector);
  const vector = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) vector[i] = (bytes.charCodeAt(i) << 24) >> 24; // signed
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length) for (let i = 0; i < vector.length; i += 1) vector[i] /= length;
  unitVectors.set(event.event, vector);
  return vector;
}

/**
 * How alike two events sound: the cosine of the angle between their vectors.
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @returns {number} -1 to 1; -1 if one has no sound
 */
function similarity(a, b) {
  if (!a.length || !b.length) return -1;
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
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
  const vector = unitVector(reference);
  // The reference itself is first, also among others with the same sound.
  return new Map(events.map((event) => [event, event === reference ? -2 : -similarity(unitVector(event), vector)]));
}
