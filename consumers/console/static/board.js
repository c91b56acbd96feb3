// The live board. What is under the pointer or the focus stays where it is: what comes meanwhile waits to be taken.

import { tick } from "./clock.js";

const board = document.getElementById("board");
const line = document.getElementById("line");
const news = document.getElementById("news");
const take = document.getElementById("take");
const said = document.getElementById("said");
const danger = document.getElementById("danger");
const sound = document.getElementById("sound");
const waitingText = document.getElementById("waiting");
const plainTitle = document.title.replace(/^\(\d+\) /, "");
const held = new Map();
let heardAt = new Date();
let first = true;

const utc = (when) => when.toISOString().slice(11, 19) + " UTC";

function state(name) {
  if (line.dataset.state === name && name === "live") return;
  line.dataset.state = name;
  line.textContent = line.dataset[name].replace("%s", utc(heardAt));
}

function before(one, other) {
  for (let at = 0; at < one.length; at += 1) {
    if (one[at] !== other[at]) return one[at] < other[at];
  }
  return false;
}

function put(row) {
  const item = document.getElementById(row.alert) ?? document.createElement("li");
  const isNew = !item.isConnected;
  item.id = row.alert;
  item.dataset.name = row.name;
  item.dataset.order = JSON.stringify(row.order);
  item.className = row.danger ? "danger" : "";
  item.innerHTML = row.html; // rendered and escaped by the console itself
  const after = [...board.children].find((other) => other !== item && before(row.order, JSON.parse(other.dataset.order)));
  board.insertBefore(item, after ?? null);
  if (isNew && !first) item.classList.add("new");
  document.getElementById("empty")?.remove();
}

function busy() {
  return board.matches(":hover") || board.contains(document.activeElement);
}

function settle() {
  const focused = document.activeElement?.closest?.("li")?.id;
  for (const row of held.values()) put(row);
  held.clear();
  news.hidden = true;
  if (focused) document.getElementById(focused)?.querySelector("a")?.focus();
  tick(board);
}

function beep() {
  if (sound.getAttribute("aria-pressed") !== "true") return;
  const audio = new AudioContext();
  for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const tone = audio.createOscillator(), level = audio.createGain();
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.2, audio.currentTime + at);
    level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.22);
    tone.connect(level).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.23);
  }
}

function receive(told) {
  const fresh = told.rows.filter((row) => document.getElementById(row.alert)?.dataset.name !== row.name
    && held.get(row.alert)?.name !== row.name);
  const unknown = fresh.filter((row) => !document.getElementById(row.alert) && !held.has(row.alert));
  for (const row of fresh) held.set(row.alert, row);
  for (const alert of told.gone) {
    held.delete(alert);
    document.getElementById(alert)?.remove();
  }
  document.title = told.waiting ? `(${told.waiting}) ${plainTitle}` : plainTitle;
  waitingText.textContent = told.waiting_said;
  const urgent = unknown.filter((row) => row.danger);
  if (urgent.length) {
    danger.textContent = urgent.map((row) => row.said).join(" ");
    beep();
  }
  const calm = unknown.filter((row) => !row.danger);
  if (calm.length && !first) {
    for (const row of calm.slice(0, 5)) said.append(Object.assign(document.createElement("span"), { textContent: `${row.said} ` }));
    while (said.childElementCount > 50) said.firstElementChild.remove();
  }
  if (!held.size) return;
  if (!busy()) return settle();
  take.textContent = take.dataset.text.replace("%s", held.size);
  news.hidden = false;
}

function connect() {
  const source = new EventSource("/live");
  const here = () => { heardAt = new Date(); state("live"); };
  source.addEventListener("rows", (event) => { here(); receive(JSON.parse(event.data)); first = false; });
  source.addEventListener("here", () => { here(); first = false; });
  source.addEventListener("away", () => state("away"));
  source.onerror = () => {
    state("lost");
    if (source.readyState === EventSource.CLOSED) {
      fetch("/session").then((answer) => {
        if (answer.status === 401) location.reload();
      }).catch(() => {});
      setTimeout(connect, 2000);
    }
  };
}

function select(step) {
  const links = [...board.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const does = { KeyJ: () => select(1), KeyK: () => select(-1), KeyN: settle, KeyM: () => sound.click() }[event.code];
  if (does) { event.preventDefault(); does(); }
});
take.addEventListener("click", settle);
sound.addEventListener("click", () => {
  const on = sound.getAttribute("aria-pressed") !== "true";
  sound.setAttribute("aria-pressed", String(on));
  localStorage.setItem("sound", on ? "on" : "off");
});
sound.setAttribute("aria-pressed", String(localStorage.getItem("sound") !== "off"));
board.addEventListener("mouseleave", () => { if (!board.contains(document.activeElement)) settle(); });
setInterval(() => {
  tick(document);
  if (Date.now() - heardAt > 5000 && line.dataset.state === "live") state("lost");
}, 1000);
tick(document);
connect();
