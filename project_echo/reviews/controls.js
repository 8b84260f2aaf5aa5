/* The controls of the page, beside those of answers: sound, spectrogram, filters of the queue, export and import. */
const SPEEDS = [0.5, 0.75, 1, 1.5, 2];
const SAVED_CONTROLS = /** @type {const} */ (["speed", "context", "contrast", "low-cut", "high-cut"]);

/** Set the speed, the band and the contrast as chosen on the page. */
function applyControls() {
  sound?.setSpeed(Number(byId("speed").value), byId("pitch").checked);
  if (player) setContrast(player, Number(byId("contrast").value));
  const [low, high] = [Number(byId("low-cut").value), Number(byId("high-cut").value)];
  const isEmpty = high > 0 && low >= high;
  byId("high-cut").setCustomValidity(isEmpty ? "The high cut must be above the low cut." : "");
  if (isEmpty) {
    byId("high-cut").reportValidity();
    return;
  }
  sound?.setBand(low, high);
  for (const name of SAVED_CONTROLS) saveSetting(name, byId(name).value);
  saveSetting("pitch", byId("pitch").checked);
}

/** Show as much of the context as chosen on the page. */
function applyContext() {
  if (!player || !current.excerpt) return;
  showRange(player, current, Number(byId("context").value));
  media?.dispatchEvent(new Event("seeking")); // moves the cursor
  followCursor(player, true);
}

/** @param {number} factor by which to zoom in */
function zoomBy(factor) {
  if (player && current.excerpt) zoomTo(player, current, shown.zoom * factor);
}

/**
 * Choose the next option of a control, or the previous one.
 * @param {"speed" | "context"} name
 * @param {1 | -1} offset
 * @param {boolean} cyclic whether the first option follows the last one
 */
function stepControl(name, offset, cyclic = false) {
  const select = byId(name);
  const n = select.options.length;
  const index = select.selectedIndex + offset;
  select.selectedIndex = cyclic ? (index + n) % n : Math.max(0, Math.min(n - 1, index));
  select.dispatchEvent(new Event("change"));
  announce(`${name}: ${select.selectedOptions[0].text}`);
}

/** Save the answers as labels.csv, in the browser's downloads. */
function exportFile() {
  const csv = new Blob([exportAnswers(DATA.events, answers, DATA.columns)], { type: "text/csv" });
  const link = createElement("a", "");
  link.href = URL.createObjectURL(csv);
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  isUnsaved = false;
  announce("labels.csv is saved to this browser's downloads.");
}

/** Read the answers of the file that was chosen. */
async function importFile() {
  const [file] = byId("import").files ?? [];
  byId("import").value = ""; // so that choosing the same file again is a change
  if (!file) return;
  let message = "";
  try {
    const n = importAnswers(await file.text(), DATA.events, answers, DATA);
    message = `${n} answer${n === 1 ? "" : "s"} imported from ${file.name}.`;
  } catch (error) {
    message = `${file.name} was not imported: ${errorMessage(error)}`;
  }
  refresh();
  goTo(current, { autoplay: false });
  announce(message);
}

/** Order the queue by likeness to the current event, also if it is ordered by likeness to another one. */
function findMore() {
  byId("order").value = "similar";
  byId("order").dispatchEvent(new Event("change"));
  if (view.order === "similar") announce(`Queue: ${ORDERS.similar.note(view)}`);
}

/** @type {Action[]} */
const ACTIONS = [
  { keys: ["a"], shown: "A", text: "accept", run: () => decide("accepted", current.label) },
  { keys: ["m"], shown: "M", text: "accept, and say what else is heard", run: askForMore },
  { keys: ["r"], shown: "R", text: "reject, and say what is heard instead, if anything", run: askWhatElse },
  { keys: ["l"], shown: "L", text: "give another label", run: askForLabel },
  { keys: ["s"], shown: "S", text: "skip", run: () => decide("skipped") },
  { keys: ["u"], shown: "U", text: "undo", run: undo },
  { keys: ["j"], shown: "J", text: "next event", run: () => step(1) },
  { keys: ["k"], shown: "K", text: "previous event", run: () => step(-1) },
  { keys: [" "], shown: "Space", text: "play or pause", run: () => current.excerpt && sound?.toggle() },
  { keys: ["f"], shown: "F", text: "find more like this one: order the queue by likeness to it", run: findMore },
  { keys: ["n"], shown: "N", text: "write a note", run: () => byId("note").focus() },
  { keys: [","], shown: ",", text: "slower", run: () => stepControl("speed", -1) },
  { keys: ["."], shown: ".", text: "faster", run: () => stepControl("speed", 1) },
  {
    keys: ["c"],
    shown: "C",
    text: "more context, or again as little as possible",
    run: () => stepControl("context", 1, true),
  },
  { keys: ["+", "="], shown: "+", text: "zoom in", run: () => zoomBy(2) },
  { keys: ["-"], shown: "-", text: "zoom out", run: () => zoomBy(0.5) },
  { keys: ["?"], shown: "?", text: "show all keys", run: () => byId("help-dialog").showModal() },
  ...Array.from({ length: MAX_OTHER_LABELS }, (_, index) => ({
    keys: [String(index + 1)],
    shown: "1 to 9",
    text: index ? "" : "use the other label with this number",
    run: () => {
      const label = otherLabels(current)[index];
      if (label) decideLabels([label]);
    },
  })),
];
attachKeys(ACTIONS, chooser);

for (const name of /** @type {const} */ (["order", "label", "show", "sample"])) {
  const select = byId(name);
  select.value = view[name];
  select.addEventListener("change", () => {
    if (name === "order" && select.value === "similar") {
      if (!current.vector) {
        select.value = view.order;
        announce(`There is no sound of ${eventName(current)} to compare others with.`);
        return;
      }
      view.reference = current.event;
    }
    view[name] = select.value;
    refresh();
    const first = queue.events.find((event) => !answers.get(event)) ?? queue.events[0];
    goTo(first ?? current, { autoplay: false });
  });
}
for (const name of /** @type {const} */ (["autoplay", "shortcuts"])) {
  byId(name).checked = loadSetting(name, name === "shortcuts");
  byId(name).addEventListener("change", () => saveSetting(name, byId(name).checked));
}
byId("target-precision").addEventListener("input", () => showPrecision(answers));

byId("speed").replaceChildren(
  ...SPEEDS.map((speed) => new Option(`${speed}×`, String(speed), speed === 1, speed === 1)),
);
byId("context").replaceChildren(...DATA.contexts_s.map((seconds) => new Option(`${seconds} s`, String(seconds))));
byId("pitch").checked = loadSetting("pitch", true);
for (const name of SAVED_CONTROLS) {
  byId(name).value = loadSetting(name, byId(name).value);
  byId(name).addEventListener(name === "contrast" ? "input" : "change", applyControls);
}
byId("pitch").addEventListener("change", applyControls);
byId("context").addEventListener("change", applyContext);
shown.contextS = Number(byId("context").value);
media?.addEventListener("timeupdate", () => player && followCursor(player));
if (media) media.controls = false; // the page has its own, for the part that is shown
for (const name of ["play", "pause"])
  media?.addEventListener(name, () => {
    byId("play").textContent = media.paused ? "Play" : "Pause";
  });

byId("note").addEventListener("input", () => {
  answers.setNote(current, byId("note").value);
  isUnsaved = true;
  showStorageError();
});
byId("export").addEventListener("click", exportFile);
byId("import").addEventListener("change", importFile);

store.watch(DATA.events, () => {
  answers.load();
  refresh();
  goTo(current, { autoplay: false });
});
window.addEventListener("beforeunload", (event) => {
  if (store.unsaved && (store.isOnDisk || isUnsaved)) event.preventDefault();
});
if (store.isOnDisk) {
  byId("saved-where").textContent = "on disk";
  byId("export").classList.remove("primary"); // nothing is lost without it
}

applyControls();
refresh();
goTo(
  DATA.events.find((event) => event.event === view.current) ??
    queue.events.find((event) => !answers.get(event)) ??
    DATA.events[0],
  { autoplay: false },
);
