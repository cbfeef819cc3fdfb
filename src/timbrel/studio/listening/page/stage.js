// The stage of a page: what plays its sounds, and for MUSHRA the sliders beside them.

import { element } from "/page/questions.js";
import { Player } from "/page/player.js";

const ICON = { start: "M8 5v14l11-7z", pause: "M7 5h4v14H7zm6 0h4v14h-4z" };
const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICON[name]);
  svg.append(path);
  return svg;
}

const SHORT_S = 20; // of shorter sounds tenths are told
const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const clock = (seconds, of) => (of < SHORT_S ? `${seconds.toFixed(1)} s` : minutes(seconds));

export class Stage {
  constructor(box, { kind, page, question, changed }) {
    this.kind = kind;
    this.changed = changed;
    this.count = page.sounds.length;
    const names = [...page.sounds, ...(page.reference ? [page.reference] : []), ...(page.x ? [page.x] : [])];
    this.labels = names.map((_, place) => this.label(place));
    this.player = new Player(names, { loops: names.length > 1, changed: () => this.show() });
    if (page.plays) this.player.plays = [...page.plays];
    if (page.reference) this.player.current = this.count;
    this.ratings = question ? (page.given?.ratings ?? page.sounds.map(() => null)) : null;
    this.question = question;
    this.build(box);
    this.loaded = this.player.load();
  }

  label(place) {
    if (this.kind === "mushra") return place === this.count ? "Reference" : String(place + 1);
    return "ABX"[place];
  }

  build(box) {
    this.button = element("button", { type: "button", className: "play" }, icon("start"), icon("pause"));
    this.button.onclick = () => this.player.toggle();
    this.line = element("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, ariaLabel: "Place in the sound" });
    this.line.oninput = () => this.player.seek(Number(this.line.value));
    this.now = element("span", {}, "…");
    this.whole = element("span", {}, "…");
    const time = element("div", { className: "time" }, this.now, this.whole);
    const bar = element("div", { className: "player" }, this.button, element("div", { className: "line" }, this.line, time));
    this.tiles = this.labels.map((label, place) => this.tile(label, place));
    box.replaceChildren(bar, ...this.beneath());
    this.show();
  }

  tile(label, place) {
    const state = element("small", {}, "new");
    const tile = element("button", { type: "button", className: "stimulus" }, label, state);
    tile.onclick = () => this.choose(place);
    return tile;
  }

  beneath() {
    if (this.labels.length === 1) return [];
    if (!this.ratings) return [element("div", { className: "stimuli" }, ...this.tiles)];
    const marks = element("span", {}, ...this.question.marks.map((mark) => element("i", {}, mark)));
    this.sliders = this.ratings.map((_, place) => this.slider(place));
    this.outputs = this.ratings.map(() => element("output", {}, "–"));
    const rows = this.ratings.map((_, place) =>
      element("div", { className: "rating" }, this.tiles[place], this.sliders[place], this.outputs[place]));
    return [
      element("div", { className: "stimuli" }, this.tiles[this.count]),
      element("p", {}, this.question.text),
      element("div", { className: "ratings" }, element("div", { className: "words", ariaHidden: "true" }, marks), ...rows),
    ];
  }

  slider(place) {
    const { low, high } = this.question;
    const slider = element("input", { type: "range", min: low, max: high, step: 1, value: (low + high) / 2, ariaLabel: `Rating of sound ${place + 1}` });
    slider.onpointerdown = () => this.choose(place);
    slider.oninput = () => this.rate(place, Number(slider.value));
    return slider;
  }

  word(value) {
    const { marks, low, high } = this.question;
    return marks[Math.min(marks.length - 1, Math.floor(((value - low) / (high - low)) * marks.length))];
  }

  rate(place, value) {
    this.ratings[place] = value;
    if (this.player.current !== place && this.player.playing) this.choose(place);
    this.show();
    this.changed();
  }

  choose(place) {
    if (this.player.buffers) this.player.choose(place);
  }

  // The next or last sound, the reference first where there is one.
  step(by) {
    const order = this.ratings ? [this.count, ...this.ratings.keys()] : [...this.labels.keys()];
    const at = order.indexOf(this.player.current);
    this.choose(order[(at + by + order.length) % order.length]);
  }

  show() {
    const { player } = this;
    const one = this.labels.length === 1;
    this.button.setAttribute("aria-pressed", String(player.playing));
    this.button.setAttribute("aria-label", player.playing ? "Pause" : one ? "Play the sound" : `Play ${this.labels[player.current]}`);
    this.line.max = player.duration || 1;
    if (player.duration) this.whole.textContent = clock(player.duration, player.duration);
    this.tiles.forEach((tile, place) => {
      tile.setAttribute("aria-pressed", String(place === player.current));
      tile.lastChild.textContent = place === player.current && player.playing ? "playing" : player.plays[place] ? "heard" : "new";
    });
    this.ratings?.forEach((value, place) => {
      if (!this.sliders) return;
      this.sliders[place].classList.toggle("untouched", value === null);
      if (value !== null) this.sliders[place].value = value;
      this.sliders[place].setAttribute("aria-valuetext", value === null ? "not rated" : `${value}, ${this.word(value)}`);
      this.outputs[place].textContent = value ?? "–";
    });
    this.tick();
    this.changed?.();
  }

  tick() {
    cancelAnimationFrame(this.frame);
    const place = this.player.position();
    if (document.activeElement !== this.line || this.player.playing) this.line.value = place;
    const now = clock(place, this.player.duration);
    this.line.setAttribute("aria-valuetext", `${now} of ${this.whole.textContent}`);
    this.now.textContent = now;
    if (this.player.playing) this.frame = requestAnimationFrame(() => this.tick());
  }

  // What is still to be done here, in words; "" where nothing is.
  missing() {
    const unheard = this.player.unheard();
    if (!this.player.buffers) return "Fetching the sound";
    if (unheard >= 0) return this.labels.length === 1 ? "Listen to the sound first" : `Listen to ${this.labels[unheard]} as well`;
    const unrated = this.ratings?.indexOf(null) ?? -1;
    return unrated >= 0 ? `Rate sound ${unrated + 1}` : "";
  }

  close() {
    if (this.player.playing) this.player.pause();
    cancelAnimationFrame(this.frame);
    this.changed = null;
  }
}
