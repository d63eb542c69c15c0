"use strict";
// Elements, words and the two languages. Whatever a model or a person wrote is set as text.
const page = document.documentElement;
const $ = (id) => document.getElementById(id);
const { form, digest, longest, words } = JSON.parse($("form").textContent);

function make(tag, style, ...children) {
  const node = document.createElement(tag);
  if (style) node.className = style;
  node.append(...children);
  return node;
}

function button(style, text, act) {
  const node = make("button", style, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

function tongue() {
  return page.lang;
}

function word(key, values = {}) {
  return words[key][tongue()].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function speak(language) {
  page.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) {
    node.textContent = word(node.dataset.word);
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
  }
  for (const node of document.querySelectorAll("[data-text-en]")) {
    node.textContent = language === "ru" ? node.dataset.textRu : node.dataset.textEn;
  }
  for (const node of document.querySelectorAll("[name=language]")) {
    node.checked = node.value === language;
  }
  document.title = `${form.title[language]} · Antipode`;
}

// Paragraphs are split so that they can stand apart; their text is not touched.
function paragraphs(node, text, language) {
  node.lang = language;
  node.replaceChildren(
    ...text.trim().split(/\n[ \t]*\n+/).map((one) => {
      const paragraph = make("p", "", one);
      paragraph.dir = "auto";
      return paragraph;
    }),
  );
}

// The numbers of the answers: one may have several questions.
function answers() {
  return [...new Set(form.items.map((item) => item.place))];
}

// Which answer an item is of, and which question on it.
function spot(index) {
  const { place } = form.items[index];
  const all = answers();
  const asked = form.items.filter((item) => item.place === place);
  return { n: all.indexOf(place) + 1, all: all.length, q: asked.indexOf(form.items[index]) + 1, of: asked.length };
}

function spotSaid(index) {
  if (!form.items[index]) return ""; // Nothing is left that can be shown.
  const { n, q, of } = spot(index);
  return of > 1 ? word("spot", { n, q }) : String(n);
}

function isDark() {
  const chosen = page.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function focusOn(node) {
  node.focus({ preventScroll: true });
}

// --- what must not pass unseen

function noticed(key) {
  return document.querySelector(`[data-notice="${CSS.escape(key)}"]`);
}

function notice(key, text, ...actions) {
  const old = noticed(key);
  const node = make("div", "notice", make("p", "", text), make("div", "row", ...actions));
  node.dataset.notice = key;
  node.setAttribute("role", "alert");
  // What stands there already is not read out again, and its buttons keep the focus.
  if (old?.textContent === node.textContent) return;
  const focused = old?.contains(document.activeElement);
  if (old) old.replaceWith(node);
  else $("notices").append(node);
  if (focused) actions[0]?.focus();
}

function withdraw(key) {
  const old = noticed(key);
  const focused = old?.contains(document.activeElement);
  old?.remove();
  // The focus must not fall out of the page with the button that had it.
  if (focused) focusOn(rating.heading());
}

function broken(message) {
  notice("broken", word("broken", { message }), button("", word("reload"), () => location.reload()));
}

addEventListener("error", (event) => broken(event.message));
addEventListener("unhandledrejection", (event) => broken(String(event.reason)));
