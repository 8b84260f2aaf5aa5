/* Sound as WAV, in which browsers find any position at once and to the sample. */
const MP3_DELAY = 1105; // samples that an MP3 of LAME begins with, unless the browser leaves them out

/**
 * Decode MP3 to WAV.
 * @param {ArrayBuffer} mp3
 * @param {number} sampleRate Hz
 * @param {number} nSamples of the sound that was encoded
 * @returns {Promise<Blob>} one channel, 16 bits
 */
async function decodeToWav(mp3, sampleRate, nSamples) {
  const decoded = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(mp3);
  return encodeWav(withoutPadding(decoded.getChannelData(0), nSamples), sampleRate);
}

/**
 * A decoded sound without what MP3 adds before and after it, which some browsers leave out themselves.
 * @param {Float32Array} samples
 * @param {number} nSamples of the sound that was encoded
 * @returns {Float32Array}
 */
function withoutPadding(samples, nSamples) {
  const start = samples.length >= nSamples + MP3_DELAY ? MP3_DELAY : 0;
  return samples.subarray(start, start + nSamples);
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
