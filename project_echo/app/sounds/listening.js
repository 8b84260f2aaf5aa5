/* Listening: links with data-sound show the player of a sound in the element #listening. */

/** What is being asked for; it is given up when something else is asked for. @type {AbortController | null} */
let askedSound = null;

/** The link whose sound is shown. @type {HTMLElement | null} */
let shownLink = null;

/** @returns {HTMLElement | null} */
function soundPlace() {
  return document.getElementById("listening");
}

/**
 * Show the player of a sound, and play it.
 * @param {string} address of the player
 */
async function showSound(address) {
  const place = soundPlace();
  if (!place) return;
  askedSound?.abort();
  const asked = new AbortController();
  askedSound = asked;
  place.hidden = false;
  place.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: asked.signal });
    const text = await response.text();
    const isPage = response.headers.get("content-type")?.startsWith("text/html");
    putSound(place, isPage ? text : "", isPage ? "" : text);
  } catch (error) {
    if (asked.signal.aborted) return;
    putSound(place, "", "The app does not answer. Start it again, and open the address that it prints.");
  }
  place.removeAttribute("aria-busy");
  currentLink()?.scrollIntoView({ block: "nearest" }); // it may be behind the player
  // A browser may not want to play without a click.
  place
    .querySelector("audio")
    ?.play()
    .catch(() => {});
}

/**
 * @param {HTMLElement} place
 * @param {string} html of the player, or empty
 * @param {string} reason why there is none
 */
function putSound(place, html, reason) {
  place.querySelector("audio")?.pause(); // one that was taken out of the page would play on
  place.innerHTML = html;
  if (reason) {
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.setAttribute("role", "alert");
    notice.textContent = reason;
    place.append(notice);
  }
  const player = place.querySelector(".player");
  if (player instanceof HTMLElement) attachPlayer(player);
  attachStretches(place);
  if (!place.classList.contains("dock")) return;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close the player");
  close.addEventListener("click", closeSound);
  place.append(close);
}

/** @param {HTMLElement} place */
function attachStretches(place) {
  const form = place.querySelector("form.stretches");
  const range = place.querySelector(".stretches input[type=range]");
  const output = place.querySelector(".stretches output");
  if (!(form instanceof HTMLFormElement && range instanceof HTMLInputElement && output)) return;
  const showStart = () => {
    const text = positionText(Number(range.value));
    output.textContent = text;
    range.setAttribute("aria-valuetext", text);
  };
  showStart();
  range.addEventListener("input", showStart);
  range.addEventListener("change", async () => {
    const path = String(new FormData(form).get("path"));
    await showSound(`${form.dataset.player}?${new URLSearchParams({ path, start_s: range.value })}`);
    const again = soundPlace()?.querySelector(".stretches input[type=range]");
    if (again instanceof HTMLElement) again.focus();
  });
}

/**
 * A position in a recording, as app/positions.py writes it.
 * @param {number} seconds
 */
function positionText(seconds) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Close the player; who listened goes back to the list. */
function closeSound() {
  const place = soundPlace();
  if (!place?.classList.contains("dock") || place.hidden) return;
  askedSound?.abort();
  place.querySelector("audio")?.pause();
  place.replaceChildren();
  place.hidden = true;
  const link = currentLink();
  link?.removeAttribute("aria-current");
  link?.focus();
  shownLink = null;
}

/** The link of the list whose sound is shown; the list may have been replaced. */
function currentLink() {
  if (!shownLink || shownLink.isConnected) return shownLink;
  const address = CSS.escape(shownLink.dataset.sound ?? "");
  const link = document.querySelector(`[data-sounds] [data-sound="${address}"]`);
  return link instanceof HTMLElement ? link : null;
}

/**
 * Show and play the sound of a link; if it is shown already, play it or pause.
 * @param {HTMLElement} link
 */
function listenTo(link) {
  const audio = soundPlace()?.querySelector("audio");
  if (audio && link === currentLink()) {
    playOrPause(audio);
    return;
  }
  if (link.closest("[data-sounds]")) {
    currentLink()?.removeAttribute("aria-current");
    shownLink = link;
    link.setAttribute("aria-current", "true");
  }
  showSound(link.dataset.sound ?? "");
}

/**
 * The link with a sound that an event is about.
 * @param {Event} event
 */
function soundLink(event) {
  const link = event.target instanceof Element ? event.target.closest("a[data-sound]") : null;
  return link instanceof HTMLElement ? link : null;
}

document.addEventListener("click", (event) => {
  const link = soundLink(event);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  listenTo(link);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") {
    closeSound();
    return;
  }
  const link = soundLink(event);
  if (!link) return;
  if (event.key === " ") {
    event.preventDefault();
    listenTo(link);
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = link.closest("[data-sounds]");
  if (!step || !list) return;
  /** @type {NodeListOf<HTMLElement>} */
  const found = list.querySelectorAll("a[data-sound]");
  const links = [...found];
  const next = links[links.indexOf(link) + step];
  event.preventDefault();
  next?.focus();
});

{
  const place = soundPlace();
  if (place) attachStretches(place);
}
