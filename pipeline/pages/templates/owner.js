"use strict";
// The figures read themselves anew. What is open stays open, and the focus where it is.
const EVERY = 15000;
const parts = (root) => [...root.querySelectorAll("[data-part]")];
const read = new Map(parts(document).map((part) => [part.dataset.part, part.innerHTML]));
const unread = document.getElementById("unread");

// By what a link or a summary is found again among fresh ones.
function handle(node) {
  return node?.getAttribute("href") ?? node?.closest("details")?.dataset.held ?? null;
}

function renew(part, fresh) {
  if (read.get(part.dataset.part) === fresh.innerHTML) return;
  // Somebody reads there: it waits until that is shut.
  if (part.querySelector("details[open]")) return;
  read.set(part.dataset.part, fresh.innerHTML);
  const held = part.contains(document.activeElement) ? handle(document.activeElement) : null;
  part.replaceChildren(...fresh.childNodes);
  if (held) [...part.querySelectorAll("a, summary")].find((node) => handle(node) === held)?.focus();
}

async function again() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts(document)) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (fresh) renew(part, fresh);
    }
    unread.textContent = "";
  } catch {
    unread.textContent = unread.dataset.said;
  }
  setTimeout(again, EVERY);
}

setTimeout(again, EVERY);
