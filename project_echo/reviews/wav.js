/* Sound as WAV, in which browsers find any position at once; in FLAC without an index they may search in vain. */
const MIN_RATE = 8000; // Hz, of OfflineAudioContext in all browsers
const MAX_RATE = 192_000;

/**
 * Decode a sound to WAV.
 * @param {ArrayBuffer} encoded in any format of the browser
 * @param {number} sampleRate Hz, of the sound
 * @returns {Promise<Blob>} one channel, 16 bits
 */
async function decodeToWav(encoded, sampleRate) {
  const rate = Math.max(MIN_RATE, Math.min(MAX_RATE, sampleRate));
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(encoded);
  return encodeWav(decoded.getChannelData(0), rate);
}

/**
 * Samples as WAV.
 * @param {Float32Array} samples -1 to 1
 * @param {number} sampleRate Hz
 * @returns {Blob}
 */
function encodeWav(samples, sampleRate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  /** @type {[string, number][]} the four letters of a chunk, and where it starts */
  const names = [
    ["RIFF", 0],
    ["WAVE", 8],
    ["fmt ", 12],
    ["data", 36],
  ];
  for (const [name, start] of names)
    for (const [index, letter] of [...name].entries()) view.setUint8(start + index, letter.charCodeAt(0));
  view.setUint32(4, 36 + 2 * samples.length, true);
  view.setUint32(16, 16, true); // bytes of the format
  view.setUint16(20, 1, true); // integers
  view.setUint16(22, 1, true); // channel
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a sample
  view.setUint16(34, 16, true); // bits
  view.setUint32(40, 2 * samples.length, true);
  for (const [index, sample] of samples.entries())
    view.setInt16(44 + 2 * index, Math.max(-32768, Math.min(32767, Math.round(32768 * sample))), true);
  return new Blob([view], { type: "audio/wav" });
}
