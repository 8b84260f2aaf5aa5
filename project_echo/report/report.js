/* Plotly draws the figures that stand beside their places as JSON. */
const CONFIG = { displayModeBar: false, responsive: true };

for (const place of document.querySelectorAll(".plot")) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  place.style.height = `${figure.layout.height}px`; // a resize on paper would forget it
  Plotly.newPlot(place, figure.data, figure.layout, CONFIG);
}

/* Paper is narrower than the window. */
const fit = () => document.querySelectorAll(".plot").forEach((place) => Plotly.Plots.resize(place));
window.addEventListener("beforeprint", fit);
window.addEventListener("afterprint", fit);
