// The way through the test: welcome, volume, headphones, page by page, a last word, the end.

import { HeadphoneCheck, noise } from "/page/checks.js";
import { fetched } from "/page/player.js";
import { Form, element } from "/page/questions.js";
import { ask, code, drop, keep, Lost, openFor, Unknown } from "/page/server.js";
import { Stage } from "/page/stage.js";

const TYPING_MS = 900;
const LISTENS = 1.5; // how often a sound is heard, to estimate how long the test takes
const ANSWER_S = 12;

const $ = (id) => document.getElementById(id);
const views = [...document.querySelectorAll("main > section")];

let about = null; // what the test is
let state = null; // how far this listener is
let leave = () => {}; // stops what the view that is shown has begun
let goOn = async () => {}; // what the button Next does
let missing = () => ""; // what must be done before
let stage = null;
let form = null;
let typed = "";
let typedAt = 0;
let busy = false;

function show(id, { next = "Go on", back = false } = {}) {
  leave();
  leave = () => {};
  missing = () => "";
  for (const view of views) view.hidden = view.id !== id;
  $("next").textContent = next;
  $("next").hidden = !next;
  $("back").hidden = !back;
  $("mine").classList.toggle("away", !code());
  showProgress(id);
  hint("");
  scrollTo(0, 0);
  document.querySelector(`#${id} h1`).focus({ preventScroll: true });
}

function showProgress(id) {
  const done = state?.done ?? 0;
  const within = ["page", "closing", "end"].includes(id);
  $("progress").max = about?.count ?? 1;
  $("progress").value = within ? done : 0;
  if (id !== "page") $("where").textContent = "";
}

const hint = (text) => { $("hint").textContent = text; };

function settle() {
  const left = missing();
  $("next").setAttribute("aria-disabled", String(Boolean(left)));
  if (!left) hint("");
}

async function advance() {
  if (busy) return;
  const left = missing();
  if (left) {
    hint(/[.?]$/.test(left) ? left : `${left}.`);
    return;
  }
  await guarded(goOn);
}

// Runs what needs the server; nothing that was entered is lost where it fails.
async function guarded(work) {
  busy = true;
  try {
    await work();
  } catch (error) {
    if (error instanceof Unknown && code()) gone(error.message);
    else hint(error instanceof Lost ? "The server does not answer; this is not kept yet. Try again." : error.message);
  } finally {
    busy = false;
  }
}

function gone(reason) {
  drop();
  state = null;
  welcome();
  hint(reason);
}

// welcome

function welcome() {
  show("welcome", { next: state ? (state.ended ? "To the end" : "Go on") : "Begin" });
  const heading = document.querySelector("#welcome h1");
  heading.textContent = about.title;
  document.title = about.title;
  $("title").textContent = "Listening test";
  $("told").textContent = about.told;
  const minutes = Math.max(1, Math.round((about.count * (about.longest_s * LISTENS * soundsAPage() + ANSWER_S)) / 60));
  const facts = [
    `${about.count} ${about.count === 1 ? "page" : "pages"}, about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`,
    "Headphones are best; a phone will do",
    "You can leave at any time and go on later where you were",
  ];
  if (state) facts.unshift(`Welcome back: ${state.done} of ${state.count} are done`);
  $("facts").replaceChildren(...facts.map((fact) => element("li", {}, fact)));
  document.querySelector("#welcome details").hidden = Boolean(state);
  goOn = begin;
  settle();
}

const soundsAPage = () => ({ questionnaire: 1, mos: 1, abx: 3, preference: 2, mushra: 6 })[about.kind];

async function begin() {
  if (!state) {
    const { token, ...fresh } = await ask("/api/listener", { method: "POST" });
    keep(token);
    state = fresh;
  }
  if (state.ended) end();
  else volume();
}

$("resume").onsubmit = (event) => {
  event.preventDefault();
  guarded(async () => {
    keep($("code").value.trim().toLowerCase());
    state = await ask("/api/listener");
    welcome();
  });
};

// volume and headphones

function volume() {
  show("volume");
  let stop = null;
  const button = $("noise");
  const quiet = () => {
    stop?.();
    stop = null;
    button.textContent = "Play the noise";
    button.setAttribute("aria-pressed", "false");
  };
  button.onclick = () => {
    if (stop) return quiet();
    stop = noise(about.loudness_lufs);
    button.textContent = "Stop the noise";
    button.setAttribute("aria-pressed", "true");
  };
  leave = quiet;
  goOn = async () => (state.checked ? further() : headphones());
  settle();
}

function headphones() {
  const check = new HeadphoneCheck(about.loudness_lufs);
  show("headphones");
  let played = false;
  let chosen = "";
  const step = () => {
    played = false;
    chosen = "";
    $("check-told").textContent = check.told();
    const labels = check.choices().map(([value, label]) => {
      const input = element("input", { type: "radio", name: "heard", value });
      input.onchange = () => { chosen = value; settle(); };
      return element("label", { className: "choice" }, input, element("span", {}, label));
    });
    const legend = element("legend", { className: "told-apart" }, check.told());
    $("check-choices").replaceChildren(legend, element("div", { className: "choices" }, ...labels));
    settle();
  };
  $("tones").onclick = async () => {
    $("tones").disabled = true;
    await check.play();
    $("tones").disabled = false;
    played = true;
    settle();
  };
  const found = async (result) => {
    state = await ask("/api/check", { method: "PUT", body: result });
    await further();
  };
  $("skip").onclick = () => guarded(() => found(check.skipped()));
  missing = () => (!played ? "Play it first" : chosen ? "" : "Say what you hear");
  goOn = async () => {
    const result = check.answer(chosen);
    if (result) await found(result);
    else step();
  };
  step();
}

// the pages

const further = () => (state.done < state.count ? turnTo(state.done) : closing());

async function turnTo(place) {
  const page = await ask(`/api/pages/${place}`);
  show("page", { next: place + 1 < page.count ? "Next" : "Done", back: place > 0 });
  const opened = performance.now();
  const where = `${place + 1} of ${page.count}`;
  $("where").textContent = where;
  $("title").textContent = about.title;
  document.title = `${where} · ${about.title}`;
  document.querySelector("#page h1").textContent = `Page ${where}`;
  const ratings = about.questions.find((question) => question.form === "ratings");
  form = new Form($("questions"), about.questions, { given: page.given, changed: settle });
  stage = new Stage($("player"), { kind: about.kind, page, question: ratings, changed: settle });
  const here = stage;
  showKeys();
  missing = () => here.missing() || short(form.missing());
  leave = () => { here.close(); stage = null; form = null; };
  goOn = async () => {
    const given = { ...form.answers(), ...(here.ratings ? { ratings: here.ratings } : {}) };
    const body = { given, plays: here.player.plays, seconds: (performance.now() - opened) / 1000 };
    state = await ask(`/api/pages/${place}`, { method: "PUT", body });
    if (place + 1 < page.count) await turnTo(place + 1);
    else closing();
  };
  $("back").onclick = () => guarded(() => turnTo(place - 1));
  settle();
  here.loaded.then(settle, () => { if (stage === here) hint("The sound cannot be fetched. Load the page again."); });
  page.ahead.forEach((name) => fetched(name).catch(() => {}));
}

const short = (question) => (question ? `Still to answer: ${question.text}` : "");

function showKeys() {
  const keys = [["Space", "plays and pauses"]];
  if (stage.labels.length > 1) keys.push(["← →", "switch"]);
  if (stage.ratings) keys.push(["0–100", "rates what plays"], ["↑ ↓", "one more or less"]);
  else if (stage.labels.length > 1) form.questions[0].choices.forEach(([, label], place) => keys.push([String(place + 1), label]));
  else for (const [letter, { label }] of lettersInUse()) keys.push([letter.toUpperCase(), label.toLowerCase()]);
  if (form.scale()) keys.push(["0–10", "rates"]);
  if (about.kind === "mos") keys.push(["1–5", "grades"]);
  keys.push(["Enter", "goes on"]);
  $("keys").replaceChildren(...keys.flatMap(([key, does], place) =>
    [place ? " · " : "", element("kbd", {}, key), ` ${does}`]));
}

const lettersInUse = () => (about.kind === "questionnaire" ? [...form.letters] : []);

// the end

function closing() {
  show("closing", { next: "Finish", back: false });
  const words = new Form($("closing-questions"), about.closing, { given: {}, changed: settle });
  goOn = async () => {
    state = await ask("/api/closing", { method: "PUT", body: { given: words.answers() } });
    end();
  };
  settle();
}

function end() {
  show("end", { next: "" });
  $("receipt").textContent = state.receipt;
}

// keys

const isText = (target) => target.matches?.("textarea, input:not([type]), input[type=text]");
// Who walks with Tab operates what has the focus; who clicks has the keys for the test itself.
let walks = false;
addEventListener("pointerdown", () => { walks = false; }, true);
const isOperated = (target) => walks && Boolean(target.matches?.("button, summary, input"));

function number(digit, high) {
  const now = performance.now();
  const joined = now - typedAt < TYPING_MS ? typed + digit : digit;
  typed = Number(joined) <= high ? joined : digit;
  typedAt = now;
  return Number(typed);
}

function digit(mark) {
  if (stage.ratings) {
    const place = stage.player.current;
    if (place < stage.count) stage.rate(place, number(mark, stage.question.high));
    else hint("Choose a sound to rate with the arrow keys.");
    return;
  }
  const scale = form.scale();
  if (scale) {
    form.pick(scale, String(number(mark, scale.high)));
    return;
  }
  const [question] = form.questions;
  const value = about.kind === "mos" ? mark : question.choices[Number(mark) - 1]?.[0];
  if (question.choices.some(([known]) => known === value)) form.pick(question, value);
}

function arrow(key) {
  if (key === "ArrowLeft" || key === "ArrowRight") {
    if (stage.labels.length < 2) return false;
    stage.step(key === "ArrowLeft" ? -1 : 1);
    return true;
  }
  const place = stage.player.current;
  if (!stage.ratings || place >= stage.count) return false;
  const value = (stage.ratings[place] ?? 50) + (key === "ArrowUp" ? 1 : -1);
  stage.rate(place, Math.min(stage.question.high, Math.max(stage.question.low, value)));
  return true;
}

function letter(key) {
  const pick = new Map(lettersInUse()).get(key);
  if (pick) form.pick(pick.question, pick.value);
  const place = stage.labels.length > 1 ? stage.labels.indexOf(key.toUpperCase()) : -1;
  if (place >= 0) stage.choose(place);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("answers").open) return;
  const { key, target } = event;
  if (key === "Tab") walks = true;
  if (isText(target)) {
    if (key === "Escape") target.blur();
    return;
  }
  const own = isOperated(target);
  if (key === "Enter" && !own) {
    event.preventDefault();
    advance();
  } else if (!stage) {
    return;
  } else if (key === " " && !own) {
    event.preventDefault();
    stage.player.toggle();
  } else if (key.startsWith("Arrow") && !own) {
    if (arrow(key)) event.preventDefault();
  } else if (/^[0-9]$/.test(key)) {
    digit(key);
    return;
  } else if (/^[a-z]$/i.test(key)) {
    letter(key.toLowerCase());
  }
  typed = ""; // a number ends where anything else is pressed
});

$("next").onclick = advance;

// my answers

$("mine").onclick = () => {
  $("token").textContent = code();
  disarm();
  $("answers").showModal();
};
$("close").onclick = () => $("answers").close();
const disarm = () => { $("delete").textContent = "Delete my answers"; };
$("delete").onclick = () => {
  if ($("delete").textContent !== "Really delete") {
    $("delete").textContent = "Really delete";
    return;
  }
  $("answers").close();
  guarded(async () => {
    await ask("/api/listener", { method: "DELETE" });
    gone("Your answers are deleted.");
  });
};

async function start() {
  try {
    about = await ask("/api/test");
  } catch (error) {
    show("failed", { next: "" });
    $("failure").textContent = error.message;
    return;
  }
  openFor(about.id);
  if (code()) {
    try {
      state = await ask("/api/listener");
    } catch (error) {
      if (!(error instanceof Unknown)) throw error;
      drop();
    }
  }
  welcome();
}

start();
