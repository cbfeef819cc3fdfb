// The volume's noise, and the headphone check after Woods, Siegel, Traer and McDermott 2017: of three
// tones one is softer, and another is in antiphase, which loudspeakers cancel and headphones do not.

import { audio } from "/page/player.js";

const TONE_HZ = 200;
const TONE_S = 1.0;
const GAP_S = 0.5;
const RAMP_S = 0.1;
const SOFTER_DB = -6;
export const THREES = 3;

const amplitude = (db) => 10 ** (db / 20);
const shuffled = (items) => items.map((item) => [Math.random(), item]).sort((a, b) => a[0] - b[0]).map(([, item]) => item);

// Pink noise of a loudness, by Kellet's filter of white noise.
export function noise(lufs) {
  const at = audio();
  const buffer = at.createBuffer(1, at.sampleRate * 4, at.sampleRate);
  const samples = buffer.getChannelData(0);
  let [b0, b1, b2] = [0, 0, 0];
  let power = 0;
  for (let n = 0; n < samples.length; n += 1) {
    const white = Math.random() * 2 - 1;
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    samples[n] = b0 + b1 + b2 + white * 0.1848;
    power += samples[n] ** 2;
  }
  const scale = amplitude(lufs) / Math.sqrt(power / samples.length);
  for (let n = 0; n < samples.length; n += 1) samples[n] *= scale;
  const source = at.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  const gain = at.createGain();
  gain.gain.setValueAtTime(0, at.currentTime);
  gain.gain.linearRampToValueAtTime(1, at.currentTime + 0.3);
  source.connect(gain).connect(at.destination);
  source.start();
  return () => {
    gain.gain.setTargetAtTime(0, at.currentTime, 0.03);
    source.stop(at.currentTime + 0.2);
  };
}

// Plays tones one after the other, each {left, right} linear; resolves when they have ended.
function tones(list) {
  const at = audio();
  const rate = at.sampleRate;
  const step = Math.round((TONE_S + GAP_S) * rate);
  const buffer = at.createBuffer(2, step * list.length, rate);
  const length = Math.round(TONE_S * rate);
  list.forEach((tone, place) => {
    [tone.left, tone.right].forEach((level, side) => {
      const samples = buffer.getChannelData(side);
      for (let n = 0; n < length; n += 1) {
        const edge = Math.min(n, length - 1 - n) / (RAMP_S * rate);
        const ramp = edge < 1 ? 0.5 - 0.5 * Math.cos(Math.PI * edge) : 1;
        samples[place * step + n] = level * ramp * Math.sin((2 * Math.PI * TONE_HZ * n) / rate);
      }
    });
  });
  const source = at.createBufferSource();
  source.buffer = buffer;
  source.connect(at.destination);
  source.start();
  return new Promise((resolve) => { source.onended = resolve; });
}

export class HeadphoneCheck {
  constructor(lufs) {
    this.level = amplitude(Math.min(-3, lufs + 6));
    this.side = Math.random() < 0.5 ? "left" : "right";
    this.step = 0; // 0 asks for the side, then one three a step
    this.sides = "";
    this.right = 0;
    this.draw();
  }

  draw() {
    const { level } = this;
    this.three = shuffled([
      { left: level, right: level, softest: false },
      { left: level, right: -level, softest: false },
      { left: level * amplitude(SOFTER_DB), right: level * amplitude(SOFTER_DB), softest: true },
    ]);
  }

  told() {
    if (this.step === 0) return "Play the tone. On which side do you hear it?";
    return `Play the three tones. Which of them is the softest? (${this.step} of ${THREES})`;
  }

  choices() {
    return this.step === 0 ? [["left", "Left"], ["right", "Right"], ["both", "In the middle"]] : [["0", "First"], ["1", "Second"], ["2", "Third"]];
  }

  play() {
    if (this.step > 0) return tones(this.three);
    const { level, side } = this;
    return tones([{ left: side === "left" ? level : 0, right: side === "right" ? level : 0 }]);
  }

  // Takes an answer; gives what was found when it was the last one, else null.
  answer(value) {
    if (this.step === 0) this.sides = value === this.side ? "right" : "wrong";
    else if (this.three[Number(value)].softest) this.right += 1;
    this.step += 1;
    this.draw();
    return this.step > THREES ? this.found() : null;
  }

  found() {
    const passed = this.sides === "right" && this.right === THREES;
    return { headphones: passed ? "passed" : "failed", sides: this.sides, right: this.right, asked: THREES };
  }

  skipped() {
    return { headphones: "skipped", sides: this.sides, right: this.right, asked: Math.max(0, this.step - 1) };
  }
}
