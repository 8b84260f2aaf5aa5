/* How much of the review is done: events, and apart from them random windows. */

/**
 * How many of some things are decided.
 * @typedef {{decided: number, n: number}} Progress
 */

/**
 * Events, without random windows, that have an answer.
 * @param {ReviewEvent[]} events all
 * @param {Answers} answers
 * @returns {Progress}
 */
function countEvents(events, answers) {
  const own = events.filter((event) => !event.sample);
  return { decided: own.filter((event) => answers.get(event)).length, n: own.length };
}

/**
 * Random windows in which all labels have an answer.
 * @param {ReviewEvent[]} events all
 * @param {Answers} answers
 * @returns {Progress}
 */
function countWindows(events, answers) {
  /** @type {Map<string, boolean>} whether a window is decided */
  const windows = new Map();
  for (const event of events.filter(({ sample }) => sample)) {
    const key = `${event.start_s} ${event.recording}`;
    windows.set(key, (windows.get(key) ?? true) && answers.get(event) !== undefined);
  }
  return { decided: [...windows.values()].filter(Boolean).length, n: windows.size };
}

/**
 * Update what the page says about its progress.
 * @param {Answers} answers
 */
function showProgress(answers) {
  const events = countEvents(DATA.events, answers);
  const windows = countWindows(DATA.events, answers);
  byId("progress").max = events.n + windows.n;
  byId("progress").value = events.decided + windows.decided;
  byId("decided-count").textContent = `${events.decided} of ${events.n} event${events.n === 1 ? "" : "s"} decided`;
  const counts = answers.counts(DATA.events.filter((event) => !event.sample));
  byId("verdict-counts").textContent = VERDICTS.map((name) => `${counts[name]} ${VERDICT_NAMES[name]}`).join(", ");
  const rows = DATA.events.filter((event) => event.sample);
  const nAnswered = rows.filter((event) => answers.get(event)).length;
  byId("windows-progress").hidden = !windows.n;
  const windowsText = `${windows.decided} of ${windows.n} random window${windows.n === 1 ? "" : "s"} decided`;
  byId("windows-count").textContent = windows.n ? windowsText : ""; // it names the progress bar even where it is hidden
  byId("answered-labels").textContent = `${nAnswered} of ${rows.length} labels in them`;
}
