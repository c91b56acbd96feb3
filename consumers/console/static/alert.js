// An alert's page: keys that answer, times that run, and word of a newer revision.

import { tick } from "./clock.js";

const article = document.querySelector("article.alert");
const form = document.querySelector("form.answer");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "Escape") { location.href = "/"; return; }
  const key = event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase(); // where a key is, in either script
  const button = form?.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  if (button && !button.disabled) { event.preventDefault(); form.requestSubmit(button); }
});
document.getElementById("print")?.addEventListener("click", () => window.print());
form?.addEventListener("submit", () => setTimeout(() => { for (const one of form.querySelectorAll("button")) one.disabled = true; }));

if (article) {
  const source = new EventSource("/live");
  source.addEventListener("rows", (event) => {
    const row = JSON.parse(event.data).rows.find((one) => one.alert === article.dataset.alert);
    if (row && row.revision > Number(article.dataset.revision) && !document.getElementById("newer")) {
      const link = Object.assign(document.createElement("a"), { href: location.pathname, textContent: row.newer });
      const note = Object.assign(document.createElement("p"), { id: "newer", className: "banner newer" });
      note.setAttribute("role", "alert");
      note.append(link);
      article.prepend(note);
    }
  });
}
setInterval(() => tick(document), 1000);
tick(document);
