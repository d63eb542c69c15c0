// One hand on the keyboard is enough.

// By the letter where it is Latin, by the place of the key where another alphabet is switched on.
function letter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) && event.key.length === 1 ? event.code.at(-1).toLowerCase() : null;
}

function isTyping(node) {
  return node.matches("textarea, input:not([type=radio], [type=checkbox], [type=file])");
}

// Buttons, links and the form's own fields know what to do with it.
const TAKES_ENTER = "button, a, summary, input, label";

const LETTERS = {
  c() {
    if (rating.view !== "item") return;
    $("remark").open = true;
    chooser.pullOut($("comment"));
  },
  x() {
    if (rating.view === "item" && chooser.check("none")) chooser.pullOut(document.getElementsByName("reason")[0]);
  },
  b() {
    if (rating.view === "item") rating.back();
  },
  t() {
    focusOn(rating.heading());
    scrollTo({ top: 0 });
  },
};

// A level that was chosen by key is kept by Enter, which a control that still has the focus, such as
// one pressed before in the header, would take for itself.
function chose(node) {
  if (node.name !== "level" && node.closest(TAKES_ENTER)) focusOn($("go"));
}

function withKeysAlone(event) {
  const rates = rating.view === "item" || rating.view === "practice";
  if (rates && /^[0-9]$/.test(event.key)) {
    if (chooser.check(event.key)) {
      event.preventDefault();
      chose(event.target);
    }
    return;
  }
  if (event.key === "?") {
    $("keys").showModal();
    return;
  }
  const act = LETTERS[letter(event)];
  if (!act) return;
  event.preventDefault();
  act();
}

document.addEventListener("keydown", (event) => {
  const node = event.target;
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && node === $("comment")) {
    event.preventDefault();
    rating.goOn();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(node)) {
    if (event.key === "Escape") focusOn(rating.heading());
    return;
  }
  if (event.key === "Enter") {
    if (!event.repeat && !node.closest(TAKES_ENTER)) rating.goOn();
    return;
  }
  const onRadio = node.matches("input[type=radio]");
  const rates = rating.view === "item" || rating.view === "practice";
  // Up and down scroll the text; on a radio button the arrows are the browser's own.
  if (rates && !onRadio && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    chooser.step(event.key === "ArrowRight" ? 1 : -1);
    chose(node);
    return;
  }
  if (!event.repeat && rating.who.keys !== false) withKeysAlone(event);
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
}
$("help").addEventListener("click", () => $("keys").showModal());
$("letters").addEventListener("change", () => rating.remember({ keys: $("letters").checked }));
