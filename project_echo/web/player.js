"use strict";

/**
 * The first element that matches a selector. Throws an Error if there is none, or if it is of another type.
 * @template {Element} Type
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => Type} type the class of the element, such as HTMLElement
 * @returns {Type}
 */
function requireElement(parent, selector, type) {
  const element = parent.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} at ${selector}.`);
  return element;
}

/**
 * Start playback, or pause it.
 * @param {HTMLMediaElement} media
 */
function playOrPause(media) {
  if (media.paused) media.play();
  else media.pause();
}

/** Seconds by which a key moves the position. @type {Partial<Record<string, number>>} */
const KEY_STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 };

/**
 * Connect a player (web/player.html) with its timeline: the cursor follows playback; a click or an arrow key seeks.
 * The timeline may show a part of the sound, from data-start for data-duration seconds; then only that is played.
 * @param {HTMLElement} player
 */
function attachPlayer(player) {
  const media = requireElement(player, "video, audio", HTMLMediaElement);
  const track = requireElement(player, ".track", HTMLElement);
  const cursor = requireElement(player, ".cursor", HTMLElement);
  let announcedPosition = 0; // the last position given to screen readers, s
  // Read each time: the review page changes them with the event.
  const getDuration = () => Number(player.dataset.duration);
  const getStart = () => Number(player.dataset.start ?? 0);
  const isPart = () => player.dataset.start !== undefined;
  const getPosition = () => media.currentTime - getStart();

  function showPosition() {
    const end = getDuration();
    if (isPart() && !media.paused && getPosition() >= end) {
      media.pause();
      media.currentTime = getStart() + end;
    }
    const position = Math.max(0, Math.min(getPosition(), end));
    cursor.style.left = `${(100 * position) / end}%`;
    // Screen readers read each change aloud, so during playback update at most once a second.
    if (media.paused || Math.abs(position - announcedPosition) >= 1) announcePosition(position, end);
  }

  /**
   * Give screen readers the position.
   * @param {number} position seconds
   * @param {number} end seconds
   */
  function announcePosition(position, end) {
    announcedPosition = position;
    track.setAttribute("aria-valuenow", position.toFixed(1));
    track.setAttribute("aria-valuetext", `${position.toFixed(1)} s of ${end.toFixed(1)} s`);
  }

  /** @param {number} seconds from the start of the timeline; limited to it */
  function seek(seconds) {
    // The duration of the media file may differ slightly from that of the decoded sound.
    const end = Number.isFinite(media.duration) && !isPart() ? media.duration : getDuration();
    media.currentTime = getStart() + Math.max(0, Math.min(seconds, end));
    showPosition();
  }

  function followPlayback() {
    showPosition();
    if (!media.paused && !media.ended) requestAnimationFrame(followPlayback);
  }

  /** @param {PointerEvent} event */
  function seekToPointer(event) {
    const box = track.getBoundingClientRect();
    seek((getDuration() * (event.clientX - box.left)) / box.width);
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    track.setPointerCapture(event.pointerId);
    seekToPointer(event);
  });
  track.addEventListener("pointermove", (event) => {
    if (track.hasPointerCapture(event.pointerId)) seekToPointer(event);
  });
  track.addEventListener("keydown", (event) => {
    const step = KEY_STEPS[event.key];
    if (step) seek(getPosition() + step);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(getDuration());
    else if (event.key === " ") playOrPause(media);
    else return;
    event.preventDefault();
  });
  for (const name of ["timeupdate", "seeking", "loadedmetadata", "pause"]) media.addEventListener(name, showPosition);
  media.addEventListener("play", () => {
    if (isPart() && (getPosition() < 0 || getPosition() >= getDuration() - 0.01)) seek(0);
    // Play one recording at a time.
    /** @type {NodeListOf<HTMLMediaElement>} */
    const allMedia = document.querySelectorAll("video, audio");
    for (const otherMedia of allMedia) if (otherMedia !== media) otherMedia.pause();
    followPlayback();
  });
}

/** @type {NodeListOf<HTMLElement>} */
const players = document.querySelectorAll(".player:has(video, audio)");
for (const player of players) attachPlayer(player);
