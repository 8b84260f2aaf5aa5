/* Answers on disk, in a page that the app serves: the page has what was stored, and sends what changes. The other side
   is stored_answers.py. */
const ANSWERS_URL = "answers"; // relative to the page
const RETRY_MS = 1000;
const TIMEOUT_MS = 5000;
const MOST_CHANGES = 500; // in a request
const MOST_CHARACTERS = 16_000; // in a request: browsers let 64 KiB leave after the page was closed
const REFUSED = [400, 413, 422]; // HTTP statuses: the change will never be stored

/** Keeps answers and notes by sending each change to the app, in order. @implements {AnswerStore} */
class DiskStore {
  /**
   * @param {Element} stored the element with the changes that are stored, as JSON
   * @param {() => void} onState called when it becomes known whether changes were stored
   */
  constructor(stored, onState) {
    this.isOnDisk = true;
    this.error = "";
    this.onState = onState;
    /** @type {Map<string, Answer | null>} by event id */
    this.answers = new Map();
    /** @type {Map<string, string>} by event id */
    this.notes = new Map();
    /** @type {Change[]} that are not known to be stored, in order */
    this.waiting = [];
    this.nSending = 0; // how many of them, from the first, are under way
    this.nRefused = 0;
    this.isRunning = false;
    this.channel = new BroadcastChannel(STORAGE_PREFIX + location.pathname); // to other open pages of this review
    for (const change of /** @type {Change[]} */ (JSON.parse(stored.textContent ?? "[]"))) this.apply(change);
    window.addEventListener("pagehide", () => this.sendRest());
  }

  /** Number of changes that are not known to be stored. */
  get unsaved() {
    return this.waiting.length + this.nRefused;
  }

  /**
   * @param {string} eventId
   * @returns {Answer | undefined}
   */
  answer(eventId) {
    return this.answers.get(eventId) ?? undefined;
  }

  /**
   * @param {string} eventId
   * @returns {string}
   */
  note(eventId) {
    return this.notes.get(eventId) ?? "";
  }

  /** @param {Change} change */
  apply(change) {
    if ("note" in change) this.notes.set(change.event, change.note);
    else this.answers.set(change.event, change.answer);
  }

  /** @param {Change} change */
  save(change) {
    this.apply(change);
    this.channel.postMessage(change);
    const last = this.waiting.length - 1;
    const isTyping = "note" in change && last >= this.nSending && "note" in this.waiting[last];
    if (isTyping && this.waiting[last].event === change.event) this.waiting[last] = change;
    else this.waiting.push(change);
    this.run();
  }

  /**
   * @param {ReviewEvent[]} _events
   * @param {() => void} onChange
   */
  watch(_events, onChange) {
    this.channel.addEventListener("message", (message) => {
      this.apply(message.data);
      onChange();
    });
  }

  /** Send what is waiting until all is stored. Only one request is under way, so that none overtakes another. */
  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    await undefined; // changes that are made together, such as an import, are sent together
    let most = MOST_CHANGES;
    while (this.waiting.length) {
      const batch = this.firstChanges(most);
      this.nSending = batch.length;
      const { reason, isRefused } = await postChanges(batch);
      this.nSending = 0;
      if (isRefused && batch.length > 1) {
        most = 1; // to find the one that is refused
        continue;
      }
      if (!reason || isRefused) this.waiting.splice(0, batch.length);
      if (isRefused) this.nRefused += 1;
      if (reason || !this.nRefused) this.error = reason;
      this.onState();
      if (reason && !isRefused) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.isRunning = false;
  }

  /**
   * The first changes that are waiting and not under way: as many as fit into a request, but at least one.
   * @param {number} most
   * @returns {Change[]}
   */
  firstChanges(most) {
    const changes = this.waiting.slice(this.nSending, this.nSending + most);
    let n = 0;
    for (let length = 0; n < changes.length && (n === 0 || length <= MOST_CHARACTERS); n += 1)
      length += JSON.stringify(changes[n]).length;
    return changes.slice(0, n);
  }

  /** Send what is waiting behind the request that is under way, as the page is being closed. */
  sendRest() {
    const changes = this.firstChanges(MOST_CHANGES);
    if (changes.length) postChanges(changes);
  }
}

/**
 * Send changes to the app.
 * @param {Change[]} changes
 * @returns {Promise<{reason: string, isRefused: boolean}>} why they were not stored, empty if they were; and whether
 *   trying again is in vain
 */
async function postChanges(changes) {
  const body = JSON.stringify(changes);
  try {
    const response = await fetch(ANSWERS_URL, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length <= 2 * MOST_CHARACTERS,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 204) return { reason: "", isRefused: false };
    const text = (await response.text()).slice(0, 300) || response.statusText;
    return { reason: `status ${response.status}: ${text}`, isRefused: REFUSED.includes(response.status) };
  } catch {
    return { reason: "the app does not answer", isRefused: false };
  }
}
