/* Draw the charts: each has its plotly figure as JSON in a script element beside it. */
const CONFIG = { displayModeBar: false, responsive: true };

/** @type {NodeListOf<HTMLElement>} */
const plots = document.querySelectorAll(".plot");
for (const plot of plots) {
  /** @type {PlotlyFigure} */
  const figure = JSON.parse(requireElement(document, `#${plot.dataset.figure}`, HTMLScriptElement).textContent);
  plot.style.height = `${figure.layout.height}px`; // without it, a resize for print would change the height
  Plotly.newPlot(plot, figure.data, figure.layout, CONFIG);
}

/* In print, charts have a fixed width, and the event tables of recordings are open. */
const PRINT_WIDTH = 560; // px
/** @type {NodeListOf<HTMLDetailsElement>} */
const eventTables = document.querySelectorAll(".recording details");
window.addEventListener("beforeprint", () => {
  for (const details of eventTables) {
    details.dataset.wasOpen = String(details.open);
    details.open = true;
  }
  for (const plot of plots) Plotly.relayout(plot, { width: PRINT_WIDTH, autosize: false });
});
window.addEventListener("afterprint", () => {
  for (const details of eventTables) details.open = details.dataset.wasOpen === "true";
  for (const plot of plots) Plotly.relayout(plot, { width: null, autosize: true });
});

/* Clicking the start of an event seeks in its recording. */
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-seek]") : null;
  const recording = button?.closest(".recording");
  if (!(button instanceof HTMLElement) || !recording) return;
  requireElement(recording, "video, audio", HTMLMediaElement).currentTime = Number(button.dataset.seek);
});
