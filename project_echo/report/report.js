/* Plotly draws the figures that stand beside their places as JSON. */
const CONFIG = { displayModeBar: false, responsive: true };

for (const place of document.querySelectorAll(".plot")) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  place.style.height = `${figure.layout.height}px`; // a resize on paper would forget it
  Plotly.newPlot(place, figure.data, figure.layout, CONFIG);
}

/* Paper is narrower than the window. */
/* What was heard is told in words on paper. */
const told = () => document.querySelectorAll(".recording details");
const PAPER = 560; // px that a chart has on a page
window.addEventListener("beforeprint", () => {
  told().forEach((one) => { one.dataset.open = one.open; one.open = true; });
  document.querySelectorAll(".plot").forEach((place) => Plotly.relayout(place, { width: PAPER, autosize: false }));
});
window.addEventListener("afterprint", () => {
  told().forEach((one) => { one.open = one.dataset.open === "true"; });
  document.querySelectorAll(".plot").forEach((place) => Plotly.relayout(place, { width: null, autosize: true }));
});

/* The beginning of an event seeks in its recording. */
document.addEventListener("click", (event) => {
  const seek = event.target.closest("[data-seek]");
  if (seek) seek.closest(".recording").querySelector("video, audio").currentTime = Number(seek.dataset.seek);
});
