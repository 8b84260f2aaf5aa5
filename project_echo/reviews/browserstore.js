/* What this browser keeps: settings of the page and, if the page was opened from disk, answers and notes. */
const STORAGE_PREFIX = "project-echo-review/";
const EXPORT_FIRST = "Export them before you close the page.";

/** Keeps answers and notes in localStorage, each under a key of its own, so that two open pages do not overwrite
 * each other's. @implements {AnswerStore} */
class BrowserStore {
  constructor() {
    this.isOnDisk = false;
    this.error = "";
    this.remedy = EXPORT_FIRST;
    this.unsaved = 0;
  }

  /**
   * @param {string} eventId
   * @returns {Answer | undefined}
   */
  answer(eventId) {
    return /** @type {Answer | undefined} */ (this.read(STORAGE_PREFIX + eventId)) ?? undefined;
  }

  /**
   * @param {string} eventId
   * @returns {string}
   */
  note(eventId) {
    const note = this.read(noteKey(eventId));
    return typeof note === "string" ? note : "";
  }

  /**
   * The value of a key, null if there is none or it is no JSON.
   * @param {string} key
   * @returns {unknown}
   */
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null");
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.error = errorMessage(error);
      return null;
    }
  }

  /** @param {Change} change */
  save(change) {
    const [key, value] =
      "note" in change ? [noteKey(change.event), change.note] : [STORAGE_PREFIX + change.event, change.answer];
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch (error) {
      this.error = errorMessage(error);
      this.unsaved += 1;
    }
  }

  /**
   * @param {ReviewEvent[]} events
   * @param {() => void} onChange
   */
  watch(events, onChange) {
    window.addEventListener("storage", ({ key }) => {
      const isOurs = events.some(({ id }) => key === STORAGE_PREFIX + id || key === noteKey(id));
      if (key === null || isOurs) onChange();
    });
  }
}

/**
 * The key of the note on an event in localStorage.
 * @param {string} eventId
 * @returns {string}
 */
function noteKey(eventId) {
  return `${STORAGE_PREFIX}${eventId}/note`;
}

/**
 * Store a setting of the page, such as the order of the queue. It is lost if the browser cannot store it.
 * @param {string} name
 * @param {unknown} value must be convertible to JSON
 */
function saveSetting(name, value) {
  try {
    localStorage.setItem(STORAGE_PREFIX + name, JSON.stringify(value));
  } catch {
    // The page already shows a warning, if answers cannot be stored either.
  }
}

/**
 * A stored setting.
 * @template Value
 * @param {string} name
 * @param {Value} defaultValue if none is stored
 * @returns {Value}
 */
function loadSetting(name, defaultValue) {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_PREFIX + name) ?? "null") ?? defaultValue;
  } catch {
    return defaultValue;
  }
}
