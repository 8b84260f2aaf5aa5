/* The spectrogram of an event: how much of the excerpt is shown, zoom, ticks, contrast. */
const MAX_ZOOM = 16;
const TICKS = 6; // on the width of the window
const EDGE = 7; // % of that width, of which a tick's text needs up to half on each side

/** How the spectrogram is shown. */
const shown = { contextS: 0.5, zoom: 1, startS: 0, durationS: 1 };

/**
 * Show a part of the excerpt of an event: the event, and some seconds before and after it.
 * @param {HTMLElement} player
 * @param {ReviewEvent} event
 * @param {number} contextS
 */
function showRange(player, event, contextS) {
  const start = Math.max(0, event.start_s - event.excerpt_start_s - contextS);
  const end = Math.min(event.excerpt_duration_s, event.end_s - event.excerpt_start_s + contextS);
  Object.assign(shown, { contextS, startS: start, durationS: end - start });
  player.dataset.start = String(start);
  player.dataset.duration = String(end - start);
  const track = requireElement(player, ".track", HTMLElement);
  track.setAttribute("aria-valuemax", (end - start).toFixed(1));
  const image = requireElement(player, ".spectrogram", HTMLImageElement);
  image.style.width = `${(100 * event.excerpt_duration_s) / (end - start)}%`;
  image.style.marginLeft = `${(-100 * start) / (end - start)}%`;
  const left = rangePosition(event, event.start_s);
  const width = rangePosition(event, event.end_s) - left;
  const mark = setPosition(createElement("span", "", "event"), left, width);
  mark.style.setProperty("--color", DATA.colors[event.label]);
  requireElement(track, ".events", HTMLElement).replaceChildren(mark);
  /** @type {HTMLElement} */
  const bounds = track.querySelector(".bounds") ?? track.appendChild(createElement("span", "", "bounds"));
  setPosition(bounds, left, width);
  showTicks(player, event);
}

/**
 * Position of a time on the timeline.
 * @param {ReviewEvent} event
 * @param {number} seconds from the start of the recording
 * @returns {number} % from the left, 0 to 100
 */
function rangePosition(event, seconds) {
  const position = (100 * (seconds - event.excerpt_start_s - shown.startS)) / shown.durationS;
  return Math.max(0, Math.min(100, position));
}

/**
 * Draw the ticks of the time axis, in seconds of the recording.
 * @param {HTMLElement} player
 * @param {ReviewEvent} event
 */
function showTicks(player, event) {
  const track = requireElement(player, ".track", HTMLElement);
  for (const tick of track.querySelectorAll(".tick.x")) tick.remove();
  const first = event.excerpt_start_s + shown.startS;
  const step = tickStep(shown.durationS / shown.zoom / TICKS);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  for (let n = Math.ceil(first / step - 1e-9); n * step <= first + shown.durationS + 1e-9; n += 1) {
    const position = (100 * (n * step - first)) / shown.durationS;
    const tick = createElement("span", `${(n * step).toFixed(digits)} s`, "tick x");
    const fromEdge = shown.zoom * Math.min(position, 100 - position);
    if (fromEdge < EDGE) tick.classList.add(position < 50 ? "first" : "last"); // its text would be cut
    track.append(setPosition(tick, position));
  }
}

/**
 * The smallest of 1, 2, 5, 10, 20, 50, ... and their tenths that is not below a number.
 * @param {number} least
 */
function tickStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/**
 * Set the position of an element on the timeline, and hide it from screen readers.
 * @param {HTMLElement} element
 * @param {number} left in %
 * @param {number} [width] in %
 * @returns {HTMLElement} the same element
 */
function setPosition(element, left, width) {
  element.setAttribute("aria-hidden", "true");
  element.style.left = `${left}%`;
  if (width !== undefined) element.style.width = `${width}%`;
  return element;
}

/**
 * Zoom in or out, around the cursor.
 * @param {HTMLElement} player
 * @param {ReviewEvent} event
 * @param {number} zoom 1 to show the whole range
 */
function zoomTo(player, event, zoom) {
  shown.zoom = Math.max(1, Math.min(MAX_ZOOM, zoom));
  requireElement(player, ".track", HTMLElement).style.width = `${100 * shown.zoom}%`;
  byId("zoom").textContent = `${shown.zoom}×`;
  showTicks(player, event);
  followCursor(player, true);
}

/**
 * Scroll so that the cursor is visible.
 * @param {HTMLElement} player
 * @param {boolean} center whether to scroll even if it is visible
 */
function followCursor(player, center = false) {
  const viewport = requireElement(player, ".viewport", HTMLElement);
  const left = requireElement(player, ".cursor", HTMLElement).offsetLeft;
  const { scrollLeft, clientWidth } = viewport;
  if (center || left < scrollLeft || left > scrollLeft + clientWidth) viewport.scrollLeft = left - clientWidth / 2;
}

/**
 * Set the contrast of the spectrogram.
 * @param {HTMLElement} player
 * @param {number} percent 100 for the original
 */
function setContrast(player, percent) {
  requireElement(player, ".spectrogram", HTMLImageElement).style.filter = `contrast(${percent}%)`;
}
