/* The sound of an event: loading it into the page, speed, and a band-pass filter. */
const BUTTERWORTH_Q_DB = [-5.333, 2.323]; // of two filters in a row: together 24 dB per octave, flat in the band

/** @type {Map<string, (sampleRate: number, nSamples: number, sound: string) => void>} by the name of an event's files */
const expectedExcerpts = new Map();

/**
 * Called by the script of an event (reviews/page_sound.py).
 * @param {string} name of the event's files
 * @param {number} sampleRate Hz
 * @param {number} nSamples
 * @param {string} sound MP3, base64
 */
function receiveExcerpt(name, sampleRate, nSamples, sound) {
  expectedExcerpts.get(name)?.(sampleRate, nSamples, sound);
}

/**
 * Load the sound of an event. A page from disk cannot filter a sound file beside it, so a script brings the sound.
 * @param {string} path of the script
 * @returns {Promise<string>} a URL of the sound
 */
function loadExcerpt(path) {
  const name = path.replace(/^.*\/|\.js$/g, "");
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    expectedExcerpts.set(name, (sampleRate, nSamples, sound) => {
      const bytes = Uint8Array.from(atob(sound), (character) => character.charCodeAt(0));
      decodeToWav(bytes.buffer, sampleRate, nSamples).then((wav) => resolve(URL.createObjectURL(wav)), reject);
    });
    script.addEventListener("load", () => script.remove());
    script.addEventListener("error", () => {
      script.remove();
      const remedy = store.isOnDisk ? "Is the app still running?" : "Write the review again.";
      reject(new Error(`${path} is missing. ${remedy}`));
    });
    script.src = path;
    document.head.append(script);
  });
}

/** The sound of the page: that of one event at a time. */
class Sound {
  /** @param {HTMLMediaElement} media */
  constructor(media) {
    this.media = media;
    this.path = "";
    /** @type {Promise<void>} until the sound of the last event is loaded */
    this.ready = Promise.resolve();
    /** @type {{context: AudioContext, source: AudioNode, filters: BiquadFilterNode[]} | null} */
    this.graph = null; // made when a filter is first used: a context needs a click or a key
  }

  /**
   * Load the sound of an event, and pause.
   * @param {string} path of its script; empty for none
   * @param {number} start seconds from the start of the sound
   */
  load(path, start) {
    this.path = path;
    this.media.pause();
    this.ready = path ? this.fetch(path, start) : Promise.resolve();
    return this.ready;
  }

  /**
   * @param {string} path
   * @param {number} start
   */
  async fetch(path, start) {
    const url = await loadExcerpt(path);
    if (path !== this.path) {
      URL.revokeObjectURL(url); // another event was chosen meanwhile
      return;
    }
    if (this.media.src) URL.revokeObjectURL(this.media.src);
    this.media.src = url;
    this.media.currentTime = start;
  }

  /** Start playback as soon as the sound is loaded. The browser refuses before the first click or key on the page. */
  async play() {
    const { path } = this;
    await this.ready;
    if (path !== this.path) return;
    this.graph?.context.resume();
    await this.media.play().catch(() => {});
  }

  /** Start playback, or pause it. */
  toggle() {
    if (this.media.paused) this.play();
    else this.media.pause();
  }

  /**
   * Set the speed of playback.
   * @param {number} rate 1 for the original
   * @param {boolean} keepPitch
   */
  setSpeed(rate, keepPitch) {
    this.media.preservesPitch = keepPitch;
    this.media.defaultPlaybackRate = rate; // of the next sounds
    this.media.playbackRate = rate;
  }

  /**
   * Let only a band of frequencies pass.
   * @param {number} low Hz; 0 for no limit
   * @param {number} high Hz; 0 for no limit
   */
  setBand(low, high) {
    if (!this.graph && !low && !high) return;
    this.graph ??= this.connect();
    const { context, source, filters } = this.graph;
    for (const node of [source, ...filters]) node.disconnect();
    /** @type {[BiquadFilterType, number][]} */
    const cuts = [
      ["highpass", low],
      ["lowpass", high],
    ];
    this.graph.filters = cuts
      .filter(([, frequency]) => frequency > 0)
      .flatMap(([type, frequency]) =>
        BUTTERWORTH_Q_DB.map((Q) => new BiquadFilterNode(context, { type, Q, frequency: limit(frequency, context) })),
      );
    let last = source;
    for (const filter of this.graph.filters) last = last.connect(filter);
    last.connect(context.destination);
    if (!this.media.paused) context.resume();
  }

  /** Lead the sound through filters from now on. */
  connect() {
    const context = new AudioContext();
    return { context, source: context.createMediaElementSource(this.media), filters: [] };
  }
}

/**
 * A frequency that a filter can have.
 * @param {number} frequency Hz
 * @param {AudioContext} context
 */
function limit(frequency, context) {
  return Math.min(frequency, context.sampleRate / 2);
}
