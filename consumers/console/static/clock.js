// Times that run: how long until somebody is called, how long ago something was.

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

export function length(seconds) {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS.at(-1);
  return `${Math.floor(seconds / size)} ${unit}`;
}

export function tick(root = document, now = Date.now()) {
  for (const one of root.querySelectorAll("[data-due]")) {
    const left = (Date.parse(one.dataset.due) - now) / 1000;
    one.dataset.text ??= one.textContent;
    const minutes = Math.floor(Math.abs(left) / 60), seconds = Math.floor(Math.abs(left) % 60);
    const shown = Math.abs(left) < 3600 ? `${minutes}:${String(seconds).padStart(2, "0")}` : length(Math.abs(left));
    one.textContent = left > 0 ? `${shown} · ${one.dataset.text}` : one.dataset.text;
    one.classList.toggle("soon", left > 0 && left < 60);
    one.classList.toggle("over", left <= 0);
  }
  for (const one of root.querySelectorAll("[data-ago]")) {
    one.dataset.text ??= one.textContent;
    const ago = Math.max(0, (now - Date.parse(one.dateTime)) / 1000);
    one.textContent = `${one.dataset.text} · −${length(ago)}`;
  }
}
