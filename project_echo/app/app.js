/* What all pages of the app do: keep parts that change up to date, and copy commands. */
const POLL_MS = 1000;

/**
 * Replace the content of an element by what its source gives now, if that is another. What has the focus keeps it.
 * @param {HTMLElement} element with data-source
 */
async function update(element) {
  const response = await fetch(element.dataset.source ?? "", { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const html = await response.text();
  if (element.dataset.shown === html || element.contains(document.activeElement)) return;
  element.dataset.shown = html;
  element.innerHTML = html;
  if (element.querySelector("[data-done]")) delete element.dataset.source; // it will not change any more
  const state = element.querySelector("[data-reload]");
  if (state) location.reload(); // the job of this page has ended: there is more to show
}

/** Update all parts of the page that change, while it is seen. */
async function updateAll() {
  if (!document.hidden) {
    for (const element of document.querySelectorAll("[data-source]")) {
      if (!(element instanceof HTMLElement)) continue;
      await update(element).catch(() => {}); // the app may have been stopped, and started again
    }
  }
  setTimeout(updateAll, POLL_MS);
}

setTimeout(updateAll, POLL_MS);

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-copy]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  button.textContent = "Copied";
});
