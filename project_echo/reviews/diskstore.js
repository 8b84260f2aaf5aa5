/* Answers on disk, in a page that the app serves: the page has what was stored, and sends what changes. The other side
   is stored_answers.py. */
const ANSWERS_URL = "answers"; // relative to the page
const RETRY_MS = 1000;
const TIMEOUT_MS = 5000;
const MOST_CHANGES = 500; // in a request
const MOST_CHARACTERS = 10_000; // in a request, about: two may be under way when the page is closed,
const KEEPALIVE_BYTES = 60_000; // and browsers let 64 KiB leave after that
const REFUSED = 422; // HTTP status: these changes will never be stored; after any other error they are sent again

/** Keeps answers and notes by sending each change to the app, in order. @implements {AnswerStore} */
class DiskStore {
  /**
   * @param {Element} stored the element with the changes that are stored, as JSON
   * @param {() => void} onState called when it becomes known whether changes were stored
   */
  constructor(stored, onState) {
    this.isOnDisk = true;
    this.failure = ""; // why the last request failed
    this.onState = onState;
    /** @type {Map<string, Answer | null>} by event id */
    this.answers = new Map();
    /** @type {Map<string, string>} by event id */
    this.notes = new Map();
    /** @type {Change[]} that are not known to be stored, in order */
    this.waiting = [];
    this.nSending = 0; // how many of them, from the first, are under way
    /** @type {Map<string, string>} why changes will never be stored, by changeKey */
    this.refused = new Map();
    this.isRunning = false;
    this.channel = new BroadcastChannel(STORAGE_PREFIX + location.pathname); // to other open pages of this review
    for (const change of /** @type {Change[]} */ (JSON.parse(stored.textContent ?? "[]"))) this.apply(change);
    window.addEventListener("pagehide", () => this.sendRest());
  }

  get unsaved() {
    return this.waiting.length + this.refused.size;
  }

  get error() {
    return this.failure.replace(/\.$/, "") || ([...this.refused.values()].at(-1) ?? "");
  }

  get remedy() {
    if (!this.failure) return EXPORT_FIRST;
    return `The page keeps trying, and has them until it is closed. If you have started the app again, it has another
      address, which this page does not know: export the answers, open the review at that address, and import them.`;
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
    const last = this.waiting.at(-1);
    const isTyping = this.waiting.length > this.nSending && last && "note" in change && "note" in last;
    if (isTyping && last.event === change.event) this.waiting.pop(); // an unfinished note
    this.waiting.push(change);
    this.run();
  }

  /**
   * @param {ReviewEvent[]} _events
   * @param {() => void} onChange
   */
  watch(_events, onChange) {
    let timer = 0;
    this.channel.addEventListener("message", (message) => {
      this.apply(message.data);
      clearTimeout(timer);
      timer = setTimeout(onChange); // once for all changes of an import
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
      most = isRefused && batch.length > 1 ? 1 : MOST_CHANGES; // one by one, to find which of them is refused
      if (most === 1) continue;
      this.failure = isRefused ? "" : reason;
      if (!this.failure) this.waiting.splice(0, batch.length);
      for (const change of batch)
        if (isRefused) this.refused.set(changeKey(change), reason);
        else if (!reason) this.refused.delete(changeKey(change));
      this.onState();
      if (this.failure) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
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
    let length = 0;
    const n = changes.findIndex((change) => {
      length += JSON.stringify(change).length;
      return length > MOST_CHARACTERS;
    });
    return n < 0 ? changes : changes.slice(0, Math.max(1, n));
  }

  /** Send what is waiting behind the request that is under way, as the page is being closed. */
  sendRest() {
    const changes = this.firstChanges(MOST_CHANGES);
    if (changes.length) postChanges(changes);
  }
}

/**
 * What a change changes: later changes with the same key replace it.
 * @param {Change} change
 * @returns {string}
 */
function changeKey(change) {
  return `${change.event} ${"note" in change}`;
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
      keepalive: new Blob([body]).size <= KEEPALIVE_BYTES,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 204) return { reason: "", isRefused: false };
    const isText = response.headers.get("Content-Type")?.startsWith("text/plain");
    const text = isText ? `: ${(await response.text()).slice(0, 300)}` : "";
    return { reason: `status ${response.status}${text}`, isRefused: response.status === REFUSED };
  } catch {
    return { reason: "the app does not answer", isRefused: false };
  }
}
