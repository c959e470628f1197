// The age of a live list, and a button that copies. Without it both pages work: by reload, and by hand.
"use strict";

const STALE_SECONDS = 15;

function tellAge() {
  for (const said of document.querySelectorAll("[data-k-age]:not([data-paused])")) {
    const at = new Date(said.dataset.kAge);
    const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
    const stale = seconds > STALE_SECONDS;
    said.textContent = stale
      ? said.dataset.stale.replace("%s", at.toLocaleTimeString("nl-BE"))
      : said.dataset.ago.replace("%s", seconds);
    said.closest("[data-k-live]").toggleAttribute("data-stale", stale);
  }
}

async function copy(button) {
  const text = document.getElementById(button.dataset.kCopy);
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    return;
  }
  document.getElementById("said").textContent = button.dataset.copied;
}

for (const button of document.querySelectorAll("[data-k-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
// A tab nobody looks at asks nothing.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.target.matches?.("[data-k-live]")) event.preventDefault();
});
tellAge();
setInterval(tellAge, 1000);
