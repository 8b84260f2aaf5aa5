/* Keys and buttons: what each does, and the list of all keys. */

/**
 * What a key does, with its description for the list of keys.
 * @typedef {{keys: string[], shown: string, text: string, run: () => void}} Action
 */

/** @type {Partial<Record<string, string>>} */
const ARROWS = { ArrowRight: "j", ArrowLeft: "k" };
/** @type {Partial<Record<string, string>>} */
const ARROWS_IN_QUEUE = { ArrowDown: "j", ArrowUp: "k" };
/** Keys of dialogs and elements, for the list of all keys. */
const OTHER_KEYS = [
  ["Ctrl + Z", "undo"],
  ["→, ←", "next or previous event"],
  ["↓, ↑ in the queue", "next or previous event"],
  ["→, ←, Page up, Page down, Home, End on the timeline", "move the position"],
  ["After R: Enter", "not this label; others not checked"],
  ["After R: 0", "none of ours"],
  ["After R: letters", "type a label"],
  ["After R: 1 to 9", "choose a label, or take it back"],
  ["In the input of labels: ↓, ↑", "go through the labels"],
  ["In the input of labels: Enter", "answer with this label and those chosen before"],
  ["In the input of labels: Shift + Enter", "choose this label, and go on to another one"],
  ["In the input of labels: Backspace", "take back the last chosen label"],
  ["Escape", "close a dialog; leave the note"],
];

/**
 * Connect the actions with keys, and with the buttons that have data-key.
 * @param {Action[]} actions
 * @param {Chooser} chooser
 */
function attachKeys(actions, chooser) {
  const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action.run])));
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll("button[data-key]");
  for (const button of buttons)
    button.addEventListener("click", (click) => {
      byKey.get(String(button.dataset.key))?.();
      // After a click with the mouse, Space plays instead of clicking again; keyboard users keep their focus.
      const isOpen = document.querySelector("dialog[open]") !== null;
      if (click.detail && !isOpen && document.activeElement === button)
        byId("event-list").focus({ preventScroll: true });
    });

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.defaultPrevented || event.altKey || !(target instanceof Element)) return;
    const isTyping = target.matches("input:not([type=checkbox], [type=range]), select, textarea");
    const isLetter = event.key.length === 1 && event.key !== " ";
    const key = event.key.toLowerCase();
    if (chooser.isOpen) {
      const isButton = event.key === "Enter" && target.matches("button");
      const isCommand = event.ctrlKey || event.metaKey;
      const isUsed = byId("shortcuts").checked || !/^[0-9]$/.test(key); // letters are typed
      if (!isTyping && !isButton && !isCommand && isUsed && chooser.takeKey(key)) event.preventDefault();
      return;
    }
    if (byId("help-dialog").open) return;
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" || event.shiftKey || isTyping) return;
      event.preventDefault();
      byKey.get("u")?.();
      return;
    }
    if (target === byId("note") && event.key === "Escape") byId("event-list").focus();
    if (isTyping || (target.matches("[type=range]") && ARROWS[event.key])) return;
    if (event.key === " " && target.matches("button, a, label, [type=checkbox]")) return;
    const queueKey = target === byId("event-list") ? ARROWS_IN_QUEUE[event.key] : undefined;
    const run = byKey.get(queueKey ?? ARROWS[event.key] ?? key);
    if (!run || (isLetter && !byId("shortcuts").checked)) return;
    event.preventDefault();
    run();
  });
  listKeys(actions);
}

/**
 * Fill the list of all keys.
 * @param {Action[]} actions
 */
function listKeys(actions) {
  const rows = [...actions.filter(({ text }) => text).map(({ shown, text }) => [shown, text]), ...OTHER_KEYS];
  const list = requireElement(byId("help-dialog"), "dl", HTMLElement);
  list.replaceChildren(...rows.flatMap(([keys, text]) => [createElement("dt", keys), createElement("dd", text)]));
  byId("close-help").addEventListener("click", () => byId("help-dialog").close());
}
