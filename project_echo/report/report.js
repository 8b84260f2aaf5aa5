/* Plotly draws the figures that stand beside their places as JSON. */
const CONFIG = { displayModeBar: false, responsive: true };

/** @type {NodeListOf<HTMLElement>} */
const plots = document.querySelectorAll(".plot");
for (const place of plots) {
  /** @type {PlotlyFigure} */
  const figure = JSON.parse(part(document, `#${place.dataset.figure}`, HTMLScriptElement).textContent);
  place.style.height = `${figure.layout.height}px`; // a resize on paper would forget it
  Plotly.newPlot(place, figure.data, figure.layout, CONFIG);
}

/* On paper charts have the page's width, and the tables of what was heard are open. */
const PAPER = 560; // px that a chart has on a page
/** @type {NodeListOf<HTMLDetailsElement>} */
const heard = document.querySelectorAll(".recording details");
window.addEventListener("beforeprint", () => {
  for (const one of heard) {
    one.dataset.open = String(one.open);
    one.open = true;
  }
  for (const place of plots) Plotly.relayout(place, { width: PAPER, autosize: false });
});
window.addEventListener("afterprint", () => {
  for (const one of heard) one.open = one.dataset.open === "true";
  for (const place of plots) Plotly.relayout(place, { width: null, autosize: true });
});

/* The beginning of an event seeks in its recording. */
document.addEventListener("click", ({ target }) => {
  const seek = target instanceof Element ? target.closest("[data-seek]") : null;
  const recording = seek?.closest(".recording");
  if (!(seek instanceof HTMLElement) || !recording) return;
  part(recording, "video, audio", HTMLMediaElement).currentTime = Number(seek.dataset.seek);
});
