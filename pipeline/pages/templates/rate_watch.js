// How long the rater is at an item, and how long the rest may take.
const IDLE = 120000;

class Watch {
  constructor() {
    this.spent = 0;
    this.last = null; // when the rater was last seen at it; null while the tab is out of sight
    for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"]) {
      addEventListener(kind, () => this.tick(), { passive: true, capture: true });
    }
    for (const kind of ["focus", "blur", "pageshow", "pagehide"]) addEventListener(kind, () => this.tick());
    document.addEventListener("visibilitychange", () => this.tick());
  }

  tick() {
    const now = performance.now();
    // Who does nothing for two minutes may have left: more than that is not counted.
    if (this.last !== null) this.spent += Math.min(now - this.last, IDLE);
    this.last = document.visibilityState === "visible" && document.hasFocus() ? now : null;
  }

  start(seconds) {
    this.tick();
    this.spent = seconds * 1000;
  }

  seconds() {
    this.tick();
    return Math.round(this.spent / 100) / 10;
  }
}

// A guess from the length of the texts, before anything is known of this rater's pace. An answer
// is read once, for the first of its questions.
function expected(item) {
  if (form.items.find((one) => one.place === item.place) !== item) return 20;
  const count = `${item.task} ${item.answer}`.trim().split(/\s+/).length;
  return 20 + (60 * count) / 200;
}

function minutesLeft(book) {
  let [spent, guessed, left] = [0, 0, 0];
  for (const item of form.items) {
    const entry = book.entry(item.id);
    if (entry) {
      spent += entry.seconds;
      guessed += expected(item);
    } else if (!book.isClosed(item)) left += expected(item);
  }
  // A few minutes' worth of the guess weighs against a pace that is known from one or two items.
  const pace = (spent + 180) / (guessed + 180);
  return Math.ceil((left * Math.min(Math.max(pace, 0.3), 3)) / 60);
}
