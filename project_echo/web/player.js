"use strict";

/**
 * The first element below another one that a selector matches. Throws an Error if there is none, or it is of another
 * kind.
 * @template {Element} Kind
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => Kind} kind the class of the element, such as HTMLElement
 * @returns {Kind}
 */
function part(within, selector, kind) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} at ${selector}.`);
  return found;
}

/**
 * Start playback, or pause it.
 * @param {HTMLMediaElement} media
 */
function playOrPause(media) {
  if (media.paused) media.play();
  else media.pause();
}

/** Seconds that a key of the timeline moves by. @type {Partial<Record<string, number>>} */
const KEY_STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 };

/**
 * Connect a player (web/player.html) with its timeline: the cursor runs with playback, a click or an arrow key seeks.
 * @param {HTMLElement} player
 */
function attachPlayer(player) {
  const media = part(player, "video, audio", HTMLMediaElement);
  const track = part(player, ".track", HTMLElement);
  const cursor = part(player, ".cursor", HTMLElement);
  let told = 0; // s, the position that a screen reader was told last
  const length = () => Number(player.dataset.duration); // a review shows one event after the other in one player

  function show() {
    const duration = length();
    const at = Math.min(media.currentTime, duration);
    cursor.style.left = `${(100 * at) / duration}%`;
    if (media.paused || Math.abs(at - told) >= 1) tell(at, duration);
  }

  /**
   * Tell screen readers the position. While it plays this is done once a second only, as they read each change aloud.
   * @param {number} at seconds
   * @param {number} duration seconds
   */
  function tell(at, duration) {
    told = at;
    track.setAttribute("aria-valuenow", at.toFixed(1));
    track.setAttribute("aria-valuetext", `${at.toFixed(1)} s of ${duration.toFixed(1)} s`);
  }

  /** @param {number} seconds from the start; kept within the recording */
  function seek(seconds) {
    // A file's own length may differ from that of its sound by a little.
    const end = Number.isFinite(media.duration) ? media.duration : length();
    media.currentTime = Math.max(0, Math.min(seconds, end));
    show();
  }

  function run() {
    show();
    if (!media.paused && !media.ended) requestAnimationFrame(run);
  }

  /** @param {PointerEvent} event the place on the timeline to go to */
  function seekTo(event) {
    const box = track.getBoundingClientRect();
    seek((length() * (event.clientX - box.left)) / box.width);
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    track.setPointerCapture(event.pointerId);
    seekTo(event);
  });
  track.addEventListener("pointermove", (event) => {
    if (track.hasPointerCapture(event.pointerId)) seekTo(event);
  });
  track.addEventListener("keydown", (event) => {
    const step = KEY_STEPS[event.key];
    if (step) seek(media.currentTime + step);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(length());
    else if (event.key === " ") playOrPause(media);
    else return;
    event.preventDefault();
  });
  for (const name of ["timeupdate", "seeking", "loadedmetadata", "pause"]) media.addEventListener(name, show);
  media.addEventListener("play", () => {
    // One recording is heard at a time.
    /** @type {NodeListOf<HTMLMediaElement>} */
    const all = document.querySelectorAll("video, audio");
    for (const other of all) if (other !== media) other.pause();
    run();
  });
}

/** @type {NodeListOf<HTMLElement>} */
const players = document.querySelectorAll(".player:has(video, audio)");
for (const player of players) attachPlayer(player);
