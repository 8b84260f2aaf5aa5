/* The page: hears what people say of an event, and goes on to the next. */
const DATA = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const names = new Map([...DATA.labels.map(({ label, name }) => [label, name]), ["none", "none of these"]]);
const nameOf = (label) => names.get(label) ?? label.replaceAll("_", " ");
const answers = new Answers(DATA.events);
const player = document.querySelector(".player");
const media = player?.querySelector("audio");
const view = { order: "uncertain", label: "", show: "all", current: 0, ...remembered(DATA.key, {}) };
const queue = new Queue(find("list"), drawRow, (event) => visit(event));
let current = null;
let unsaved = false;

/* Make an event the current one. */
function visit(event, { play = true } = {}) {
  current = event;
  announce("");
  describe(event, answers.of(event));
  if (player) load(event);
  queue.select(event);
  keep();
  if (play && event.media && find("autoplay").checked) media.play().catch(() => {}); // before the first key it may not
}

/* Say something of the current event, and go on. */
function decide(verdict, label = "") {
  const event = current;
  answers.give(event, verdict, label);
  unsaved = true;
  const told = `Event ${event.event}: ${said(answers.of(event))}.`;
  const next = undecidedAfter(event); // before the queue loses what is decided now
  show();
  if (next) visit(next);
  else visit(event, { play: false });
  const then = next ? `Next: event ${next.event}, ${nameOf(next.label)}.` : "No event in this queue is left undecided.";
  announce(`${told} ${then}`);
}

function undecidedAfter(event) {
  const place = queue.events.indexOf(event);
  const ahead = [...queue.events.slice(place + 1), ...queue.events.slice(0, Math.max(0, place))];
  return ahead.find((other) => !answers.of(other));
}

function undo() {
  const event = answers.undo();
  if (!event) return announce("Nothing to take back.");
  show();
  visit(event, { play: false });
  return announce(`Event ${event.event} is back: ${said(answers.of(event))}.`);
}

function step(by) {
  const place = queue.events.indexOf(current);
  const next = queue.events[place < 0 ? 0 : place + by];
  if (next) visit(next);
}

function announce(text) {
  find("status").textContent = text;
}

/* Everything but the event: queue, progress, precision. */
function show() {
  queue.fill(chosen(DATA.events, answers, view));
  find("empty").hidden = queue.events.length > 0;
  find("list").hidden = queue.events.length === 0;
  const counts = answers.counts();
  const done = answers.found.size;
  find("progress").value = done;
  find("done").textContent = `${done} of ${DATA.events.length} decided`;
  find("counts").textContent = VERDICTS.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ");
  find("trouble").hidden = !answers.trouble;
  find("why").textContent = answers.trouble;
  showPrecision();
}

function showPrecision() {
  const wanted = Number(find("wanted").value);
  if (!(wanted > 0 && wanted <= 1)) return;
  const rows = DATA.labels
    .map(({ label }) => [chip(label), DATA.events.filter((event) => event.label === label)])
    .filter(([, events]) => events.length);
  if (rows.length > 1) rows.push([element("span", "all labels"), DATA.events]);
  find("precision").replaceChildren(
    ...rows.map(([head, events]) => {
      const row = document.createElement("tr");
      const first = document.createElement("th");
      first.scope = "row";
      first.append(head);
      row.append(first, ...precisionRow(events, answers, wanted).map((text) => element("td", text)));
      return row;
    }),
  );
}

function keep() {
  remember(DATA.key, { ...view, current: current.event });
}

/* Another label: one of the classifier's, none, one that was typed before, or what is typed. */
function relabel() {
  find("other").value = "";
  find("labels").replaceChildren(...offered().map(offer));
  find("relabelling").showModal();
}

function closed() {
  find("relabelling").close();
  find("other").blur(); // else it has the focus until the page is drawn anew, and the next key is taken for typing
}

function relabelled(label) {
  closed();
  if (label === current.label) decide("accepted", label);
  else decide("relabelled", label);
}

/* Labels, each once, as collect-labels tells them apart (placing.py): by more than case, spaces or underscores. */
const loosely = (label) => label.normalize("NFC").replace(/[\s_]+/g, "_").toLowerCase();

function offered() {
  const found = new Map([...DATA.labels.map(({ label }) => label), "none"].map((label) => [loosely(label), label]));
  for (const { verdict, label } of [...answers.found.values()].sort((one, other) => one.order - other.order))
    if (verdict === "relabelled" && label && !found.has(loosely(label))) found.set(loosely(label), label);
  return [...found.values()];
}

function offer(label, place) {
  const button = element("button", "");
  button.type = "button";
  if (place < 9) button.append(element("kbd", String(place + 1)));
  button.append(chip(label));
  button.addEventListener("click", () => relabelled(label));
  return button;
}

find("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("other").value.trim();
  const known = offered().find((label) => [label, nameOf(label)].map(loosely).includes(loosely(text)));
  if (text) relabelled(known ?? text);
});
find("cancel").addEventListener("click", closed);

const ACTIONS = {
  a: () => decide("accepted", current.label),
  r: () => decide("rejected", "none"),
  l: relabel,
  s: () => decide("skipped"),
  u: undo,
  j: () => step(1),
  k: () => step(-1),
  " ": () => current.media && (media.paused ? media.play() : media.pause()),
};
for (const button of document.querySelectorAll("[data-key]"))
  button.addEventListener("click", (click) => {
    ACTIONS[button.dataset.key]();
    // After a click Space is to play, not to click again; whoever came by Tab stays.
    if (click.detail && !find("relabelling").open) find("list").focus({ preventScroll: true });
  });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (find("relabelling").open) {
    const button = find("labels").children[Number(event.key) - 1];
    if (button && !typing) button.click();
    return;
  }
  if (typing || event.target.matches("audio")) return;
  if (event.key === " " && event.target.matches("button, a, [type=checkbox]")) return;
  const inQueue = { ArrowDown: "j", ArrowUp: "k" }[event.target === find("list") ? event.key : ""];
  const key = inQueue ?? { ArrowRight: "j", ArrowLeft: "k" }[event.key] ?? event.key.toLowerCase();
  if (!Object.hasOwn(ACTIONS, key) || (/^[a-z]$/.test(event.key) && !find("keys").checked)) return;
  event.preventDefault();
  ACTIONS[key]();
});

for (const name of ["order", "label", "show"]) {
  const select = find(name);
  select.value = view[name];
  select.addEventListener("change", () => {
    view[name] = select.value;
    show();
    const first = queue.events.find((event) => !answers.of(event)) ?? queue.events[0];
    if (first) visit(first, { play: false });
  });
}
for (const name of ["autoplay", "keys"]) {
  find(name).checked = remembered(name, name === "keys");
  find(name).addEventListener("change", () => remember(name, find(name).checked));
}
find("wanted").addEventListener("input", showPrecision);

find("export").addEventListener("click", () => {
  const table = new Blob([exported(DATA.events, answers, DATA.columns)], { type: "text/csv" });
  const link = element("a", "");
  link.href = URL.createObjectURL(table);
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  unsaved = false;
  announce("labels.csv is saved where this browser puts downloads.");
});
find("import").addEventListener("change", async () => {
  const [file] = find("import").files;
  find("import").value = ""; // the same file may be chosen again
  let told;
  try {
    const n = imported(await file.text(), DATA.events, answers, DATA.columns, DATA.same);
    told = `${n} answer${n === 1 ? "" : "s"} taken over from ${file.name}.`;
  } catch (error) {
    told = `${file.name} was not taken over: ${error.message}`;
  }
  show();
  visit(current, { play: false });
  announce(told);
});

window.addEventListener("storage", (change) => {
  // Another page of the same review may have said something.
  if (change.key !== null && !DATA.events.some((event) => change.key === PREFIX + event.id)) return;
  answers.load();
  show();
  visit(current, { play: false });
});
window.addEventListener("beforeunload", (event) => {
  if (answers.trouble && unsaved) event.preventDefault();
});

show();
visit(
  DATA.events.find((event) => event.event === view.current) ??
    queue.events.find((event) => !answers.of(event)) ??
    DATA.events[0],
  { play: false },
);
