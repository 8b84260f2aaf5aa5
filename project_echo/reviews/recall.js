/* Windows drawn at random: answers to all labels of a window at once, and how much of each label is reported. */

/**
 * The answers to the other labels of a random window that follow from the answer to one of them.
 * @param {ReviewEvent} event of a random window
 * @param {Answer} answer
 * @param {ReviewEvent[]} events all
 * @returns {[ReviewEvent, Verdict, string][]} events with their verdicts and labels, as in Answer
 */
function impliedAnswers(event, answer, events) {
  if (!event.sample) return [];
  const others = events.filter(
    (other) =>
      other !== event &&
      other.sample === event.sample &&
      other.recording === event.recording &&
      other.start_s === event.start_s,
  );
  if (answer.verdict === "rejected") return others.map((other) => [other, "rejected", "none"]);
  const heard = splitLabels(answer.label);
  return others.filter(({ label }) => heard.includes(label)).map((other) => [other, "accepted", other.label]);
}

/**
 * The cells of a label's row in the table of recall, without the label.
 * @param {ReviewEvent[]} windows random ones, of that label
 * @param {Answers} answers
 * @returns {string[]}
 */
function recallCells(windows, answers) {
  const answered = windows.filter((event) => !["skipped", undefined].includes(answers.get(event)?.verdict));
  const heard = answered.filter((event) => answers.get(event)?.verdict === "accepted");
  const reported = heard.filter((event) => event.reported);
  const recall = heard.length ? formatInterval(reported.length, heard.length) : "–";
  return [`${heard.length} of ${answered.length}`, `${reported.length} of ${heard.length}`, recall];
}

/**
 * Update the table of recall.
 * @param {Answers} answers
 */
function showRecall(answers) {
  const windows = DATA.events.filter((event) => event.sample);
  byId("recall").hidden = !windows.length;
  fillTable(
    byId("recall-rows"),
    DATA.labels
      .map(({ label }) => ({ label, own: windows.filter((event) => event.label === label) }))
      .filter(({ own }) => own.length)
      .map(({ label, own }) => ({ heading: createChip(label), cells: recallCells(own, answers) })),
  );
}
