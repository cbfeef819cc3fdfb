"use strict";
// A map of sounds on a canvas. Positions run from 0 to 1 and y points up; the view is where on the
// map the middle of the canvas lies and how many pixels one unit of the map takes.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const canvas = byId("map");
  const pen = canvas.getContext("2d");
  const hidden = new Set();
  const view = { x: 0.5, y: 0.5, unit: 1 };
  const state = { hover: -1, chosen: -1, point: null, playing: null, width: 1, height: 1 };
  const sounds = data.sounds.map(([x, y, label, name, id, heard]) => (
    { x, y, label, name, id, heard }));
  const NEAR_PX = 14;
  const TOUCH_PX = 26;
  const MAX_ZOOM = 80;

  // ---- shapes -------------------------------------------------------------------------------
  const ring = (corners, turn, inner) => {
    const path = new Path2D();
    const steps = inner ? corners * 2 : corners;
    for (let step = 0; step < steps; step += 1) {
      const angle = (step / steps + turn) * 2 * Math.PI;
      const radius = inner && step % 2 ? inner : 1.15;
      path.lineTo(radius * Math.sin(angle), -radius * Math.cos(angle));
    }
    path.closePath();
    return path;
  };
  const bars = (turn) => {
    const path = new Path2D();
    const arm = new Path2D();
    arm.rect(-1.1, -0.4, 2.2, 0.8);
    for (const angle of [turn, turn + 90]) path.addPath(arm, new DOMMatrix().rotate(angle));
    return path;
  };
  const disc = new Path2D();
  disc.arc(0, 0, 1, 0, 2 * Math.PI);
  const SHAPES = {
    circle: disc, square: ring(4, 1 / 8), triangle: ring(3, 0), diamond: ring(4, 0),
    plus: bars(0), star: ring(5, 0, 0.5), triangle_down: ring(3, 1 / 2), cross: bars(45),
    pentagon: ring(5, 0), triangle_left: ring(3, 3 / 4), triangle_right: ring(3, 1 / 4),
  };

  // ---- where things are ---------------------------------------------------------------------
  const fit = () => Math.min(state.width, state.height);
  const toScreen = (x, y) => [
    state.width / 2 + (x - view.x) * view.unit, state.height / 2 - (y - view.y) * view.unit];
  const toMap = (px, py) => [
    view.x + (px - state.width / 2) / view.unit, view.y - (py - state.height / 2) / view.unit];
  const size = () => {
    const base = Math.max(2.2, Math.min(6, 130 / Math.sqrt(sounds.length)));
    return base * Math.min(2.2, Math.sqrt(view.unit / fit()));
  };
  const nearest = (px, py, reach) => {
    let best = -1;
    let least = reach * reach;
    sounds.forEach((sound, index) => {
      if (hidden.has(sound.label)) return;
      const [x, y] = toScreen(sound.x, sound.y);
      const distance = (x - px) ** 2 + (y - py) ** 2;
      if (distance < least) [best, least] = [index, distance];
    });
    return best;
  };

  // ---- drawing ------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const mark = (brush, x, y, radius, label) => {
    brush.save();
    brush.translate(x, y);
    brush.scale(radius, radius);
    brush.fill(SHAPES[label.shape]);
    brush.restore();
  };
  const drawGrid = () => {
    pen.strokeStyle = colour("--faint");
    pen.lineWidth = 1;
    pen.beginPath();
    for (const at of [0, 0.25, 0.5, 0.75, 1]) {
      const [x0, y0] = toScreen(at, at);
      const [low, high] = [toScreen(0, 0), toScreen(1, 1)];
      pen.moveTo(x0, low[1]); pen.lineTo(x0, high[1]);
      pen.moveTo(low[0], y0); pen.lineTo(high[0], y0);
    }
    pen.stroke();
  };
  const drawSounds = () => {
    const radius = size();
    for (const sound of sounds) {
      if (hidden.has(sound.label)) continue;
      const [x, y] = toScreen(sound.x, sound.y);
      if (x < -9 || y < -9 || x > state.width + 9 || y > state.height + 9) continue;
      pen.globalAlpha = sound.heard ? 0.85 : 0.35;
      pen.fillStyle = data.labels[sound.label].colour;
      mark(pen, x, y, radius, data.labels[sound.label]);
    }
    pen.globalAlpha = 1;
  };
  const drawNames = () => {
    const taken = [];
    pen.font = "600 13px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = colour("--raised");
    pen.fillStyle = colour("--ink");
    data.labels.forEach((label, index) => {
      if (hidden.has(index) || !label.label) return;
      const half = pen.measureText(label.shown).width / 2 + 3;
      const [px, py] = toScreen(label.x, label.y);
      const x = Math.min(Math.max(px, half), state.width - half);
      const small = label.height * view.unit < 50 && label.width * view.unit < 2 * half;
      const y = Math.max(10, small ? py - label.height * view.unit / 2 - 13 : py);
      const far = px < 0 || py < 0 || px > state.width || py > state.height;
      if (far || taken.some((t) => Math.abs(t.y - y) < 17 && Math.abs(t.x - x) < t.half + half)) {
        return;
      }
      taken.push({ x, y, half });
      pen.strokeText(label.shown, x, y);
      pen.fillText(label.shown, x, y);
    });
  };
  const drawRing = (x, y, radius) => {
    pen.strokeStyle = colour("--accent");
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  };
  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, state.width, state.height);
    drawGrid();
    drawSounds();
    drawNames();
    if (state.hover >= 0) {
      drawRing(...toScreen(sounds[state.hover].x, sounds[state.hover].y), size() + 3);
    }
    if (state.point) {
      drawRing(...toScreen(...state.point), size() + 6);
    }
  };
  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };

  // ---- saying and playing -------------------------------------------------------------------
  const labelOf = (sound) => data.labels[sound.label].shown;
  const play = (index) => {
    if (state.playing) state.playing.pause();
    const stored = byId(`sound-${index}`);
    if (!stored) return;
    const kind = stored.dataset.kind;
    state.playing = new Audio(`data:${kind};base64,${stored.textContent}`);
    state.playing.play().catch((error) => { byId("where").textContent = String(error.message); });
  };
  const showPoint = (x, y, index) => {
    const at = `${x.toFixed(4)},${y.toFixed(4)}`;
    byId("command").textContent = `${data.command} --at ${at} --out picked.wav`;
    byId("copy").hidden = false;
    state.point = [x, y];
    state.chosen = index;
    if (index < 0) {
      byId("name").textContent = "Between the sounds";
      byId("where").textContent = `at ${at}: the instrument can make what belongs here`;
    } else {
      const sound = sounds[index];
      byId("name").textContent = `${sound.name} · ${labelOf(sound)}`;
      byId("where").textContent = `at ${at}${sound.heard ? "" : " · not in this page, so silent"}`;
    }
    redraw();
  };
  const choose = (index) => { showPoint(sounds[index].x, sounds[index].y, index); play(index); };
  const tip = byId("tip");
  const hover = (px, py) => {
    state.hover = nearest(px, py, NEAR_PX);
    tip.hidden = state.hover < 0;
    if (state.hover >= 0) {
      const sound = sounds[state.hover];
      tip.textContent = `${sound.name} · ${labelOf(sound)}`;
      const left = px + 16 + tip.offsetWidth > state.width ? px - 12 - tip.offsetWidth : px + 16;
      tip.style.left = `${Math.max(2, left)}px`;
      tip.style.top = `${Math.min(py + 14, state.height - tip.offsetHeight - 4)}px`;
    }
    redraw();
  };

  // ---- moving about -------------------------------------------------------------------------
  const zoom = (factor, px = state.width / 2, py = state.height / 2) => {
    const [x, y] = toMap(px, py);
    view.unit = Math.min(fit() * MAX_ZOOM, Math.max(fit() * 0.6, view.unit * factor));
    view.x = x - (px - state.width / 2) / view.unit;
    view.y = y + (py - state.height / 2) / view.unit;
    redraw();
  };
  const showAll = () => { Object.assign(view, { x: 0.5, y: 0.5, unit: fit() * 0.98 }); redraw(); };
  const resize = () => {
    const zoomed = view.unit / fit();
    [state.width, state.height] = [canvas.clientWidth, canvas.clientHeight];
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(state.width * ratio);
    canvas.height = Math.round(state.height * ratio);
    view.unit = zoomed * fit();
    redraw();
  };
  const step = (dx, dy) => {
    const from = state.point || [0.5, 0.5];
    let best = -1;
    let least = Infinity;
    sounds.forEach((sound, index) => {
      if (hidden.has(sound.label) || index === state.chosen) return;
      const along = (sound.x - from[0]) * dx + (sound.y - from[1]) * dy;
      const aside = Math.abs((sound.x - from[0]) * dy) + Math.abs((sound.y - from[1]) * dx);
      if (along > 0 && aside <= along && along + aside < least) {
        [best, least] = [index, along + aside];
      }
    });
    if (best < 0) return;
    showPoint(sounds[best].x, sounds[best].y, best);
    const [px, py] = toScreen(sounds[best].x, sounds[best].y);
    if (px < 20 || py < 20 || px > state.width - 20 || py > state.height - 20) {
      [view.x, view.y] = [sounds[best].x, sounds[best].y];
    }
  };
  const KEYS = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0),
    ArrowUp: () => step(0, 1), ArrowDown: () => step(0, -1),
    Enter: () => play(state.chosen), " ": () => play(state.chosen),
    "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: showAll,
  };

  // ---- fingers and mice: one drags, two pinch, none moved far clicks -------------------------
  const fingers = new Map();
  let moved = 0;
  const spanOf = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y) || 1;
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!fingers.size) moved = 0;
    fingers.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = fingers.get(event.pointerId);
    if (!before) { hover(now.x, now.y); return; }
    const span = fingers.size === 2 ? spanOf() : 0;
    fingers.set(event.pointerId, now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (span) { zoom(spanOf() / span, now.x, now.y); return; }
    if (moved < 5) return;
    view.x -= (now.x - before.x) / view.unit;
    view.y += (now.y - before.y) / view.unit;
    redraw();
  });
  canvas.addEventListener("pointerup", (event) => {
    const alone = fingers.size === 1;
    fingers.delete(event.pointerId);
    if (!alone || moved >= 5) return;
    const { x, y } = place(event);
    const index = nearest(x, y, event.pointerType === "mouse" ? NEAR_PX : TOUCH_PX);
    const at = toMap(x, y).map((value) => Math.min(1, Math.max(0, value)));
    if (index >= 0) choose(index); else showPoint(...at, -1);
  });
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => { state.hover = -1; tip.hidden = true; redraw(); });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), x, y);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  byId("in").addEventListener("click", () => zoom(1.4));
  byId("out").addEventListener("click", () => zoom(1 / 1.4));
  byId("all").addEventListener("click", showAll);
  byId("copy").addEventListener("click", () => {
    const box = document.createRange();
    box.selectNodeContents(byId("command"));
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(box);
    document.execCommand("copy"); // the clipboard API is closed to pages opened from a file
  });

  // ---- the legend ---------------------------------------------------------------------------
  const buttons = data.labels.map((label, index) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    const icon = document.createElement("canvas");
    const [text, count] = [document.createElement("span"), document.createElement("small")];
    [icon.width, icon.height] = [32, 32];
    const brush = icon.getContext("2d");
    brush.fillStyle = label.colour;
    mark(brush, 16, 16, 11, label);
    text.textContent = label.shown;
    count.textContent = label.count.toLocaleString("en");
    button.type = "button";
    button.append(icon, text, count);
    button.addEventListener("click", () => show(index, hidden.has(index)));
    row.append(button);
    byId("legend").append(row);
    return button;
  });
  const show = (index, visible) => {
    if (visible) hidden.delete(index); else hidden.add(index);
    buttons[index].setAttribute("aria-pressed", String(visible));
    byId("toggle").textContent = hidden.size ? "show all" : "hide all";
    redraw();
  };
  byId("toggle").addEventListener("click", () => {
    const visible = hidden.size > 0;
    buttons.forEach((_, index) => show(index, visible));
  });
  buttons.forEach((_, index) => show(index, true));

  window.addEventListener("resize", resize);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  resize();
  showAll();
})();
