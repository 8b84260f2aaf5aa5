/* What all pages of the app do: keep parts that change up to date, and copy commands. */
const POLL_MS = 1000;

/**
 * What can have the focus in an element, in its order.
 * @param {HTMLElement} element
 * @returns {(Element | null)[]}
 */
function focusables(element) {
  return [...element.querySelectorAll("a[href], button, input, select, summary, textarea, [tabindex]")];
}

/**
 * Tell screen readers when a job goes on to something else, and not each second how far it is.
 * @param {HTMLElement} element
 */
function announceStatus(element) {
  const text = element.querySelector("[data-status]")?.getAttribute("data-status") ?? "";
  const status = document.getElementById("job-status");
  const words = text.replace(/[\d.,]+/g, ""); // numbers change all the time
  if (status && status.dataset.words !== words) {
    status.dataset.words = words;
    status.textContent = text;
  }
}

/**
 * Replace the content of an element by what its source gives now, if that is another. What has the focus keeps it.
 * @param {HTMLElement} element with data-source
 */
async function update(element) {
  const response = await fetch(element.dataset.source ?? "", { headers: { accept: "text/html" } });
  // The page is of an app that has ended; another one answers here, at another address.
  if (response.status === 403 && element.id === "running") throw new Error("another app");
  if (!response.ok) return;
  const html = await response.text();
  if (element.dataset.shown === html) return;
  const focused = element.contains(document.activeElement) ? focusables(element).indexOf(document.activeElement) : -1;
  element.dataset.shown = html;
  const open = [...element.querySelectorAll("details")].map((details) => details.open);
  element.innerHTML = html;
  const parts = element.querySelectorAll("details");
  if (parts.length === open.length) for (const [index, details] of parts.entries()) details.open = open[index];
  const control = focusables(element)[focused];
  if (control instanceof HTMLElement) control.focus({ preventScroll: true });
  announceStatus(element);
  if (element.querySelector("[data-done]")) delete element.dataset.source; // it will not change any more
  const state = element.querySelector("[data-reload]");
  if (state) location.reload(); // the job of this page has ended: there is more to show
}

/** Update all parts of the page that change, while it is seen. */
async function updateAll() {
  if (!document.hidden) {
    let isGone = false;
    for (const element of document.querySelectorAll("[data-source]")) {
      if (!(element instanceof HTMLElement)) continue;
      await update(element).catch(() => {
        isGone = true;
      });
    }
    showGone(isGone);
  }
  setTimeout(updateAll, POLL_MS);
}

/**
 * Say whether the app answers.
 * @param {boolean} isGone
 */
function showGone(isGone) {
  const place = document.getElementById("gone");
  const text = isGone ? "The app does not answer. Start it again, and open the address that it prints." : "";
  if (place && place.textContent !== text) place.textContent = text;
}

setTimeout(updateAll, POLL_MS);

/**
 * Whether a control holds something.
 * @param {Element} control
 */
function isFilled(control) {
  if (control instanceof HTMLInputElement) return control.type === "checkbox" ? control.checked : control.value !== "";
  return control instanceof HTMLTextAreaElement && control.value !== "";
}

// Who goes back to a form to correct an option sees it.
window.addEventListener("pageshow", () => {
  for (const details of document.querySelectorAll("form details"))
    if (details instanceof HTMLDetailsElement)
      details.open ||= [...details.querySelectorAll("input, textarea")].some(isFilled);
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-copy]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  button.textContent = "Copied";
});

// A form that only notes something is sent without leaving the page, where something may have been typed.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-quiet]")) return;
  event.preventDefault();
  const response = await fetch(form.action, { method: "POST", redirect: "manual" }).catch(() => null);
  if (response?.type === "opaqueredirect") form.remove();
});
