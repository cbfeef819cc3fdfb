// Sounds: all versions of a page run together and only one is let through, so that switching between
// them is gapless and at the same moment of each.

import { soundBytes } from "/page/server.js";

const CROSSFADE_S = 0.02;
const MOST_KEPT = 24;

let context = null;
const buffers = new Map(); // name -> promise of a decoded sound, the latest last

export function audio() {
  context ??= new AudioContext({ latencyHint: "interactive" });
  if (context.state === "suspended") context.resume();
  return context;
}

export function fetched(name) {
  const known = buffers.get(name) ?? soundBytes(name).then((bytes) => decoder().decodeAudioData(bytes));
  buffers.delete(name);
  buffers.set(name, known);
  known.catch(() => buffers.delete(name));
  while (buffers.size > MOST_KEPT) buffers.delete(buffers.keys().next().value);
  return known;
}

// Decoding needs no permission to make noise; only `audio` may be called in answer to a touch.
let quiet = null;
const decoder = () => context ?? (quiet ??= new OfflineAudioContext(1, 1, 48000));

export class Player {
  constructor(names, { loops, changed }) {
    this.names = names;
    this.loops = loops;
    this.changed = changed;
    this.plays = names.map(() => 0);
    this.current = 0;
    this.playing = false;
    this.duration = 0;
    this.buffers = null;
    this.sources = [];
    this.gains = [];
    this.offset = 0; // where it stands, in s, while it does not play
    this.begun = 0; // when the context's clock was at the sounds' beginning
    this.counted = false;
  }

  async load() {
    this.buffers = await Promise.all(this.names.map(fetched));
    this.duration = Math.max(...this.buffers.map((buffer) => buffer.duration));
    this.changed();
  }

  position() {
    if (!this.playing) return this.offset;
    const passed = Math.max(0, context.currentTime - this.begun);
    return this.loops ? passed % this.duration : Math.min(passed, this.duration);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (!this.buffers || this.playing) return;
    const at = audio();
    const start = at.currentTime + 0.03;
    this.gains = this.buffers.map((_, place) => {
      const gain = at.createGain();
      gain.gain.value = place === this.current ? 1 : 0;
      gain.connect(at.destination);
      return gain;
    });
    this.sources = this.buffers.map((buffer, place) => {
      const source = at.createBufferSource();
      source.buffer = buffer;
      source.loop = this.loops;
      source.connect(this.gains[place]);
      source.start(start, this.offset);
      return source;
    });
    this.sources[0].onended = () => { if (this.playing && !this.loops) this.rest(0); };
    this.begun = start - this.offset;
    this.playing = true;
    this.count();
    this.changed();
  }

  pause() {
    this.rest(this.position());
  }

  rest(offset) {
    const now = context?.currentTime ?? 0;
    for (const gain of this.gains) gain.gain.setTargetAtTime(0, now, CROSSFADE_S / 4);
    for (const source of this.sources) { source.onended = null; source.stop(now + CROSSFADE_S); }
    this.sources = [];
    this.gains = [];
    this.offset = offset;
    this.playing = false;
    this.changed();
  }

  seek(seconds) {
    const again = this.playing;
    this.rest(Math.min(Math.max(0, seconds), Math.max(0, this.duration - 0.01)));
    if (again) this.play();
  }

  choose(place) {
    if (place === this.current && this.playing) return;
    const last = this.current;
    this.current = place;
    if (!this.playing) {
      this.play();
      return;
    }
    const now = context.currentTime;
    for (const [which, level] of [[last, 0], [place, 1]]) {
      const gain = this.gains[which].gain;
      gain.cancelScheduledValues(now);
      gain.setValueAtTime(gain.value, now);
      gain.linearRampToValueAtTime(level, now + CROSSFADE_S);
    }
    this.count();
    this.changed();
  }

  count() {
    this.plays[this.current] += 1;
  }

  unheard() {
    return this.plays.findIndex((count) => count === 0);
  }
}
