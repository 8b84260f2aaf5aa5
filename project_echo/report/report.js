/* Clicking the start of an event seeks in its recording. */
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-seek]") : null;
  const recording = button?.closest(".recording");
  if (!(button instanceof HTMLElement) || !recording) return;
  requireElement(recording, "video, audio", HTMLMediaElement).currentTime = Number(button.dataset.seek);
});
