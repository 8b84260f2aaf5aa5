"use strict";

/* A player and its timeline: the cursor runs with playback, a click or an arrow key seeks. */
function attachPlayer(player) {
  const media = player.querySelector("video, audio");
  const track = player.querySelector(".track");
  const cursor = player.querySelector(".cursor");
  let told = 0; // s, where it was when it was last told
  const length = () => Number(player.dataset.duration); // a review shows one event after the other in one player

  function show() {
    const duration = length();
    const at = Math.min(media.currentTime, duration);
    cursor.style.left = `${(100 * at) / duration}%`;
    if (media.paused || Math.abs(at - told) >= 1) tell(at, duration);
  }

  /* Once a second while it plays: more often would flood who listens to a screen reader. */
  function tell(at, duration) {
    told = at;
    track.setAttribute("aria-valuenow", at.toFixed(1));
    track.setAttribute("aria-valuetext", `${at.toFixed(1)} s of ${duration.toFixed(1)} s`);
  }

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
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (step) seek(media.currentTime + step);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(length());
    else if (event.key === " ") media.paused ? media.play() : media.pause();
    else return;
    event.preventDefault();
  });
  for (const name of ["timeupdate", "seeking", "loadedmetadata", "pause"]) media.addEventListener(name, show);
  media.addEventListener("play", () => {
    // One recording is heard at a time.
    for (const other of document.querySelectorAll("video, audio")) if (other !== media) other.pause();
    run();
  });
}

document.querySelectorAll(".player:has(video, audio)").forEach(attachPlayer);
