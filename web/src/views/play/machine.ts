/** The steps as they run: a clock that plans a little ahead on the audio's own time. */

import { signal } from "@preact/signals";
import { context, load, start } from "../../audio/engine";
import { remember, remembered } from "../../state/storage";
import { urlOf } from "./audition";
import { hits, readPattern, stepTime, STEPS, type Pattern } from "./pattern";

const LOOK_MS = 25;
const AHEAD_S = 0.14;

export class Machine {
  readonly pattern = signal<Pattern>(readPattern(null));
  readonly running = signal(false);
  /** The step that is heard now; -1 while it rests. */
  readonly step = signal(-1);
  readonly #key: string;
  readonly #buffers = new Map<string, AudioBuffer>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #began = 0;
  #next = 0;
  #due: { step: number; at: number }[] = [];

  constructor(readonly instrument: string) {
    this.#key = `play.steps.${instrument}`;
    this.pattern.value = readPattern(remembered(this.#key));
  }

  set(pattern: Pattern): void {
    const before = this.pattern.value;
    this.pattern.value = pattern;
    remember(this.#key, JSON.stringify(pattern));
    if (this.running.value && (before.tempo !== pattern.tempo || before.swing !== pattern.swing)) this.#keepTime(before, pattern);
    void this.ready();
  }

  /** Brings the pads' sounds to memory, so that none is late; what is gone leaves its pad silent. */
  async ready(): Promise<void> {
    const sounds = new Set(this.pattern.value.pads.flatMap((pad) => (pad ? [pad.sound] : [])));
    await Promise.all([...sounds].map(async (sound) => {
      if (!this.#buffers.has(sound)) await load(urlOf(sound)).then((buffer) => this.#buffers.set(sound, buffer), () => undefined);
    }));
  }

  buffer(pad: number): AudioBuffer | undefined {
    const sound = this.pattern.value.pads[pad]?.sound;
    return sound === undefined ? undefined : this.#buffers.get(sound);
  }

  strike(pad: number, velocity = 1): void {
    const buffer = this.buffer(pad);
    if (buffer) start(buffer, { gain: velocity });
  }

  async begin(): Promise<void> {
    if (this.running.value) return;
    this.running.value = true;
    await this.ready();
    await context().resume();
    this.#began = context().currentTime + 0.06;
    this.#next = 0;
    this.#due = [];
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#follow();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.running.value = false;
    this.step.value = -1;
  }

  /** Plans all steps that begin within the next moments. */
  #look(): void {
    const { tempo, swing, pads } = this.pattern.value;
    const now = context().currentTime;
    for (;;) {
      const at = this.#began + stepTime(this.#next, tempo, swing);
      if (at > now + AHEAD_S) return;
      const step = this.#next++ % STEPS;
      // A page that slept does not play all that it missed at once.
      if (at < now - 0.05) continue;
      this.#due.push({ step, at });
      for (const { track, velocity } of hits(this.pattern.value, step)) {
        const buffer = pads[track] && this.buffer(track);
        if (buffer) start(buffer, { gain: velocity, when: Math.max(0, at - context().currentTime) });
      }
    }
  }

  /** Another tempo goes on from the step where the old one is. */
  #keepTime(before: Pattern, after: Pattern): void {
    const at = this.#began + stepTime(this.#next, before.tempo, before.swing);
    this.#began = at - stepTime(this.#next, after.tempo, after.swing);
  }

  #follow(): void {
    if (!this.running.value) return;
    const now = context().currentTime;
    while (this.#due[0] && this.#due[0].at <= now) this.step.value = this.#due.shift()?.step ?? -1;
    requestAnimationFrame(() => this.#follow());
  }
}

const all = new Map<string, Machine>();

export function machineOf(instrument: string): Machine {
  const known = all.get(instrument);
  if (known) return known;
  const made = new Machine(instrument);
  all.set(instrument, made);
  return made;
}
