"use strict";
// Language, light and dark, and printing. Runs in the head, before the page is painted.
const page = document.documentElement;

function speak(code) {
  page.className = code;
  page.lang = code;
  for (const node of document.querySelectorAll("[data-en]")) {
    node.textContent = node.dataset[code];
  }
  for (const node of document.querySelectorAll("[data-label-en]")) {
    node.setAttribute("aria-label", code === "ru" ? node.dataset.labelRu : node.dataset.labelEn);
  }
  for (const button of document.querySelectorAll(".switches [data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === code));
  }
}

function isDark() {
  const chosen = page.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

const first = /^ru\b/i.test(navigator.language || "") ? "ru" : "en";
page.className = first;
page.lang = first;

document.addEventListener("DOMContentLoaded", () => {
  speak(first);
  for (const button of document.querySelectorAll(".switches [data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  document.getElementById("theme").addEventListener("click", () => {
    page.dataset.theme = isDark() ? "light" : "dark";
  });
  new Sieve();
  startReader();
});

// What is folded prints too, also where the browser cannot do it by style alone.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:is(.rubric, .fold):not([open])")];
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
