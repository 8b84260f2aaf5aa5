/* Labels: how they are read, compared, and several of them written as one text. */
const LABEL_SEPARATOR = "|"; // the same as in exchange.py

const displayNames = new Map([["none", "none of ours"]]);
for (const { label, name } of DATA.labels) displayNames.set(label, name);

/**
 * A label as people read it.
 * @param {string} label
 */
const displayName = (label) => displayNames.get(label) ?? label.replaceAll("_", " ");

/**
 * A label without differences in case, spaces and underscores, for comparison. placement.py compares labels the same
 * way.
 * @param {string} label
 */
const normalizeLabel = (label) =>
  label
    .normalize("NFC")
    .trim()
    .replace(/[\s_]+/g, "_")
    .toLowerCase();

/**
 * The labels of an answer.
 * @param {string} text as in Answer
 * @returns {string[]}
 */
const splitLabels = (text) => text.split(LABEL_SEPARATOR).filter(Boolean);

/**
 * Several labels as one text.
 * @param {string[]} labels
 */
const joinLabels = (labels) => labels.map((label) => label.replaceAll(LABEL_SEPARATOR, "_")).join(LABEL_SEPARATOR);

/**
 * The labels to choose from, each in one spelling: those of the classifier, and those that were typed before.
 * @param {Answers} answers
 * @returns {string[]}
 */
function labelChoices(answers) {
  const inSequence = [...answers.byEvent.values()].sort((a, b) => a.sequence - b.sequence);
  const typed = inSequence
    .filter(({ verdict }) => verdict === "accepted" || verdict === "relabelled")
    .flatMap(({ label }) => splitLabels(label));
  /** @type {Map<string, string>} */
  const choices = new Map();
  for (const label of [...DATA.labels.map(({ label }) => label), ...typed]) {
    const normalized = normalizeLabel(label);
    if (normalized !== "none" && !choices.has(normalized)) choices.set(normalized, label);
  }
  return [...choices.values()];
}

/**
 * The choices that a text may mean, the likeliest first: the label itself, labels that begin with it, the text as a new
 * label, and labels that contain it.
 * @param {string} text
 * @param {string[]} choices
 * @returns {{label: string, isNew: boolean}[]}
 */
function completeLabel(text, choices) {
  const typed = normalizeLabel(text);
  /** @param {(name: string) => boolean} test */
  const matching = (test) => choices.filter((label) => [label, displayName(label)].map(normalizeLabel).some(test));
  const exact = matching((name) => name === typed);
  const beginning = matching((name) => name.startsWith(typed));
  const containing = matching((name) => name.includes(typed));
  const known = [...new Set([...exact, ...beginning])].map((label) => ({ label, isNew: false }));
  const others = containing.filter((label) => !exact.includes(label) && !beginning.includes(label));
  const added = typed && !exact.length ? [{ label: text.replace(/\p{Cc}+/gu, " ").trim(), isNew: true }] : [];
  return [...known, ...added, ...others.map((label) => ({ label, isNew: false }))];
}
