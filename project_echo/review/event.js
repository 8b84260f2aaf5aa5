/* An event as people see it: a row of the queue, its facts, its sound and spectrogram. */
const MARKS = { accepted: "✓", rejected: "✗", relabelled: "→", skipped: "–" };

function said(answer) {
  if (!answer) return "not decided yet";
  return answer.verdict === "relabelled" ? `relabelled: ${nameOf(answer.label)}` : answer.verdict;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function chip(label) {
  const made = element("span", nameOf(label), "chip");
  made.style.setProperty("--colour", DATA.colours[label] ?? "transparent");
  return made;
}

function drawRow(row, event) {
  const answer = answers.of(event);
  const mark = element("span", MARKS[answer?.verdict] ?? "", `mark ${answer?.verdict ?? ""}`);
  mark.setAttribute("aria-hidden", "true");
  // Recorders of several sites give the same names at the same times.
  const where = [event.site, event.recording.split("/").pop(), `${event.start_s.toFixed(1)} s`].filter(Boolean).join(", ");
  row.append(mark, chip(event.label), element("span", event.mean_confidence.toFixed(2), "sure"));
  row.append(element("span", where, "where soft"), element("span", `, ${said(answer)}`, "visually-hidden"));
}

/* An event, large: what is known of it, and what was said of it. */
function describe(event, answer) {
  find("heading").replaceChildren(chip(event.label), element("span", `event ${event.event}`, "soft number"));
  find("said").textContent = said(answer);
  find("said").className = `said ${answer?.verdict ?? ""}`;
  const [long_s, cut_s] = [event.end_s - event.start_s, event.cut_s].map((seconds) => seconds.toFixed(0));
  find("long").hidden = !event.media || event.end_s - event.begin_s - event.cut_s < 0.5;
  find("long").textContent = `The event is ${long_s} s long; its first ${cut_s} s are here.`;
  find("mute").hidden = Boolean(event.media);
  find("mute").textContent = `No sound: ${event.reason}.`;
  const [mean, peak] = [event.mean_confidence, event.peak_confidence].map((share) => share.toFixed(2));
  const windows = `${event.windows} window${event.windows === "1" ? "" : "s"}`;
  const facts = [
    ["recording", event.recording],
    ["site", event.site],
    ["heard", event.at ? event.at.replace("T", " ") : "not known when"],
    ["in it", `${event.start_s.toFixed(1)} to ${event.end_s.toFixed(1)} s`],
    ["confidence", `${mean} on average, ${peak} at most, ${windows}`],
  ].filter(([, text]) => text);
  const cells = facts.flatMap(([term, text]) => [element("dt", term), element("dd", text)]);
  find("facts").replaceChildren(...cells);
}

/* Its sound and spectrogram in the player. */
function load(event) {
  player.hidden = !event.media;
  if (player.dataset.event === String(event.event)) return; // it may be playing
  player.dataset.event = event.event;
  media.pause();
  if (!event.media) return;
  player.dataset.duration = event.cut_s;
  media.src = event.media;
  player.querySelector(".spectrogram").src = event.picture;
  const track = player.querySelector(".track");
  track.setAttribute("aria-valuemax", event.cut_s);
  track.querySelectorAll(".tick.s").forEach((tick) => tick.remove());
  for (const [text, share] of event.ticks) track.append(placed(element("span", text, "tick s"), share));
  const share = (seconds) => Math.min(100, (100 * (seconds - event.begin_s)) / event.cut_s);
  const mark = placed(element("span", "", "event"), share(event.start_s), share(event.end_s) - share(event.start_s));
  mark.style.setProperty("--colour", DATA.colours[event.label]);
  track.querySelector(".events").replaceChildren(mark);
  const bounds = track.querySelector(".bounds") ?? track.appendChild(element("span", "", "bounds"));
  placed(bounds, share(event.start_s), share(event.end_s) - share(event.start_s));
  media.dispatchEvent(new Event("seeking")); // the cursor goes back to the start
}

function placed(made, left, width) {
  made.setAttribute("aria-hidden", "true");
  made.style.left = `${left}%`;
  if (width !== undefined) made.style.width = `${width}%`;
  return made;
}
