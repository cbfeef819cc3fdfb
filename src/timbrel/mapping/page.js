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
  const unpacked = (text, Kind) => new Kind(
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const count = data.names.length;
  const places = unpacked(data.places, Uint16Array); // x, y in 65535ths, sound by sound
  const X = Float64Array.from({ length: count }, (_, index) => places[2 * index] / 65535);
  const Y = Float64Array.from({ length: count }, (_, index) => places[2 * index + 1] / 65535);
  const OWN = unpacked(data.own, Uint16Array);
  const HEARD = unpacked(data.heard, Uint8Array);
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
    const base = Math.max(1.1, Math.min(6, 130 / Math.sqrt(count)));
    return Math.min(Math.max(6, 2.2 * base), base * Math.sqrt(view.unit / fit()));
  };
  // Sounds by cells of the map, so that the nearest one is found among few.
  const SIDE = Math.max(1, Math.min(256, Math.round(Math.sqrt(count / 4))));
  const cellOf = (value) => Math.max(0, Math.min(SIDE - 1, Math.floor(value * SIDE)));
  const starts = new Uint32Array(SIDE * SIDE + 1);
  for (let i = 0; i < count; i += 1) starts[cellOf(Y[i]) * SIDE + cellOf(X[i]) + 1] += 1;
  for (let cell = 0; cell < SIDE * SIDE; cell += 1) starts[cell + 1] += starts[cell];
  const inCells = new Uint32Array(count);
  const next = starts.slice();
  for (let i = 0; i < count; i += 1) {
    const cell = cellOf(Y[i]) * SIDE + cellOf(X[i]);
    inCells[next[cell]] = i;
    next[cell] += 1;
  }
  const within = (x0, y0, x1, y1, visit) => {
    for (let row = cellOf(y0); row <= cellOf(y1); row += 1) {
      const end = starts[row * SIDE + cellOf(x1) + 1];
      for (let at = starts[row * SIDE + cellOf(x0)]; at < end; at += 1) visit(inCells[at]);
    }
  };
  const nearest = (px, py, reach) => {
    let best = -1;
    let least = (reach / view.unit) ** 2;
    const [x, y] = toMap(px, py);
    const far = reach / view.unit;
    within(x - far, y - far, x + far, y + far, (index) => {
      const distance = (X[index] - x) ** 2 + (Y[index] - y) ** 2;
      if (distance < least && !hidden.has(OWN[index])) [best, least] = [index, distance];
    });
    return best;
  };

  // ---- drawing ------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const mark = (ink, x, y, radius, label) => {
    ink.save();
    ink.translate(x, y);
    ink.scale(radius, radius);
    ink.fill(SHAPES[label.shape]);
    ink.restore();
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
  // A shape becomes a stamp: the pixels that it covers, and how much of each. Stamps are laid into
  // a picture of our own, which is many times faster than drawing 100,000 shapes one by one.
  const stampOf = (shape, radius, width) => {
    const half = Math.ceil(radius * 1.2) + 1;
    const canvasOf = document.createElement("canvas");
    [canvasOf.width, canvasOf.height] = [2 * half + 1, 2 * half + 1];
    const ink = canvasOf.getContext("2d");
    mark(ink, half + 0.5, half + 0.5, radius, { shape });
    const pixels = ink.getImageData(0, 0, 2 * half + 1, 2 * half + 1).data;
    const stamp = { half, steps: [], cover: [] };
    for (let at = 0; at < pixels.length / 4; at += 1) {
      if (pixels[4 * at + 3] < 20) continue;
      const down = Math.floor(at / (2 * half + 1)) - half;
      stamp.steps.push(down * width + (at % (2 * half + 1)) - half);
      stamp.cover.push(pixels[4 * at + 3] / 255);
    }
    stamp.steps = Int32Array.from(stamp.steps);
    stamp.cover = Float32Array.from(stamp.cover);
    return stamp;
  };
  const layer = document.createElement("canvas");
  const brush = layer.getContext("2d");
  const BORDER = 20; // stamps at the rim lie partly outside the view
  let drawn = "";
  const lay = (pixels, at, stamp, rgb, alpha) => {
    const { steps, cover } = stamp;
    for (let k = 0; k < steps.length; k += 1) {
      const o = 4 * (at + steps[k]);
      const over = alpha * cover[k];
      if (pixels[o + 3] === 0) {
        pixels[o] = rgb[0];
        pixels[o + 1] = rgb[1];
        pixels[o + 2] = rgb[2];
        pixels[o + 3] = 255 * over;
        continue;
      }
      const under = (pixels[o + 3] / 255) * (1 - over);
      const share = over / (over + under);
      pixels[o] += (rgb[0] - pixels[o]) * share;
      pixels[o + 1] += (rgb[1] - pixels[o + 1]) * share;
      pixels[o + 2] += (rgb[2] - pixels[o + 2]) * share;
      pixels[o + 3] = 255 * (over + under);
    }
  };
  const drawLayer = (ratio) => {
    [layer.width, layer.height] = [canvas.width + 2 * BORDER, canvas.height + 2 * BORDER];
    const image = brush.createImageData(layer.width, layer.height);
    const pixels = image.data;
    const radius = Math.min(BORDER / 1.3, size() * ratio);
    const stamps = {};
    const looks = data.labels.map(({ colour: text, shape }) => {
      stamps[shape] = stamps[shape] || stampOf(shape, radius, layer.width);
      return { stamp: stamps[shape], rgb: [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) };
    });
    const [x0, y1] = toMap(-10, -10);
    const [x1, y0] = toMap(state.width + 10, state.height + 10);
    within(x0, y0, x1, y1, (index) => {
      if (hidden.has(OWN[index])) return;
      const x = Math.round((state.width / 2 + (X[index] - view.x) * view.unit) * ratio) + BORDER;
      const y = Math.round((state.height / 2 - (Y[index] - view.y) * view.unit) * ratio) + BORDER;
      const { stamp, rgb } = looks[OWN[index]];
      const { half } = stamp;
      if (x < half || y < half || x >= layer.width - half || y >= layer.height - half) return;
      lay(pixels, y * layer.width + x, stamp, rgb, HEARD[index] ? 0.85 : 0.45);
    });
    brush.putImageData(image, 0, 0);
  };
  const drawSounds = (ratio) => {
    const now = [view.x, view.y, view.unit, canvas.width, canvas.height, ...hidden].join();
    if (now !== drawn) drawLayer(ratio);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(layer, -BORDER, -BORDER);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return now;
  };
  const write = (text, x, y) => { pen.strokeText(text, x, y); pen.fillText(text, x, y); };
  const drawNames = () => {
    const taken = [];
    pen.font = "600 13px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = colour("--raised");
    pen.fillStyle = colour("--ink");
    for (const sign of data.signs) {
      const text = data.labels[sign.own].shown;
      const half = pen.measureText(text).width / 2 + 3;
      const [px, py] = toScreen(sign.x, sign.y);
      const x = Math.min(Math.max(px, half), state.width - half);
      const small = sign.height * view.unit < 50 && sign.width * view.unit < 2 * half;
      const y = Math.max(10, small ? py - sign.height * view.unit / 2 - 13 : py);
      const far = px < 0 || py < 0 || px > state.width || py > state.height;
      const hit = (t) => Math.abs(t.y - y) < 17 && Math.abs(t.x - x) < t.half + half;
      if (far || hidden.has(sign.own) || taken.some(hit)) continue;
      taken.push({ x, y, half });
      write(text, x, y);
    }
    return taken;
  };
  // Names of sounds stand to the right of their sounds where they cover nothing: more of them, the
  // nearer one looks. Room is kept on a board of squares of 4 pixels.
  const MOST_IN_VIEW = 6000;
  const MOST_NAMES = 300;
  let named = [];
  const findRoom = (taken) => {
    named = [];
    const inView = [];
    const [x0, y1] = toMap(0, 0);
    const [x1, y0] = toMap(state.width, state.height);
    within(x0, y0, x1, y1, (index) => { if (!hidden.has(OWN[index])) inView.push(index); });
    if (inView.length > MOST_IN_VIEW) return;
    const wide = Math.ceil(state.width / 4) + 1;
    const board = new Uint8Array(wide * (Math.ceil(state.height / 4) + 1));
    const squares = (left, top, right, bottom, visit) => {
      for (let row = Math.max(0, top >> 2); row <= Math.min(state.height, bottom) >> 2; row += 1) {
        for (let at = Math.max(0, left >> 2); at <= Math.min(state.width, right) >> 2; at += 1) {
          if (visit(row * wide + at)) return true;
        }
      }
      return false;
    };
    const fill = (square) => { board[square] = 1; };
    const radius = size();
    for (const { x, y, half } of taken) squares(x - half, y - 10, x + half, y + 10, fill);
    const spots = inView.map((index) => [index, ...toScreen(X[index], Y[index])]);
    for (const [, x, y] of spots) squares(x - radius, y - radius, x + radius, y + radius, fill);
    pen.font = "11px system-ui, sans-serif";
    for (const [index, x, y] of spots) {
      if (named.length >= MOST_NAMES) return;
      const text = data.names[index].length > 26 ? `${data.names[index].slice(0, 25)}…` : data.names[index];
      const left = x + radius + 5;
      const right = left + pen.measureText(text).width;
      if (right > state.width || squares(left, y - 6, right, y + 6, (square) => board[square])) continue;
      squares(left, y - 7, right + 6, y + 7, fill);
      named.push([text, left, y]);
    }
  };
  const drawSoundNames = () => {
    pen.font = "11px system-ui, sans-serif";
    pen.textAlign = "left";
    pen.lineWidth = 3;
    pen.fillStyle = colour("--soft");
    for (const [text, x, y] of named) write(text, x, y);
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
    const now = drawSounds(ratio);
    const taken = drawNames();
    if (now !== drawn) findRoom(taken);
    drawn = now;
    drawSoundNames();
    if (state.hover >= 0) drawRing(...toScreen(X[state.hover], Y[state.hover]), size() + 3);
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
  const called = (index) => `${data.names[index]} · ${data.labels[OWN[index]].shown}`;
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
      byId("name").textContent = called(index);
      byId("where").textContent = `at ${at}${HEARD[index] ? "" : " · not in this page, so silent"}`;
    }
    redraw();
  };
  const choose = (index) => { showPoint(X[index], Y[index], index); play(index); };
  const tip = byId("tip");
  const hover = (px, py) => {
    state.hover = nearest(px, py, NEAR_PX);
    tip.hidden = state.hover < 0;
    if (state.hover >= 0) {
      tip.textContent = called(state.hover);
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
    for (let index = 0; index < count; index += 1) {
      if (hidden.has(OWN[index]) || index === state.chosen) continue;
      const along = (X[index] - from[0]) * dx + (Y[index] - from[1]) * dy;
      const aside = Math.abs((X[index] - from[0]) * dy) + Math.abs((Y[index] - from[1]) * dx);
      if (along > 0 && aside <= along && along + aside < least) {
        [best, least] = [index, along + aside];
      }
    }
    if (best < 0) return;
    showPoint(X[best], Y[best], best);
    const [px, py] = toScreen(X[best], Y[best]);
    if (px < 20 || py < 20 || px > state.width - 20 || py > state.height - 20) {
      [view.x, view.y] = [X[best], Y[best]];
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
    const ink = icon.getContext("2d");
    ink.fillStyle = label.colour;
    mark(ink, 16, 16, 11, label);
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
