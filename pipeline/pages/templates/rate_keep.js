// What this browser keeps, and what is known of each item.
class Keep {
  // Two forms in one browser, or two people at one computer, must not meet.
  constructor() {
    this.base = `antipode:${form.study}:${form.rater ?? "-"}:${digest}:`;
    this.works = this.put("works", true);
  }

  get(name) {
    try {
      return JSON.parse(localStorage.getItem(this.base + name));
    } catch {
      return null; // Blocked, or not written by this page: as if nothing were there.
    }
  }

  put(name, value) {
    try {
      localStorage.setItem(this.base + name, JSON.stringify(value));
      return true;
    } catch {
      return false; // Blocked or full; whoever calls says so to the rater.
    }
  }

  drop(name) {
    try {
      localStorage.removeItem(this.base + name);
    } catch {
      // Where nothing can be kept there is nothing to drop.
    }
  }

  all(prefix) {
    return form.items.map((item) => this.get(prefix + item.id)).filter((kept) => kept !== null);
  }

  // Calls `act` with the id when another tab changes an item's entry under `prefix`.
  watch(prefix, act) {
    addEventListener("storage", (event) => {
      if (event.key?.startsWith(this.base + prefix)) act(event.key.slice((this.base + prefix).length));
    });
  }
}

function same(a, b) {
  return a.score === b.score && a.comment === b.comment && a.reason === b.reason;
}

class Book {
  constructor(onchange) {
    this.saved = new Map(form.saved.map((one) => [one.id, one]));
    this.waiting = new Map(); // given, but not yet safe
    this.stranded = new Map(); // given, but its rubric was closed
    this.clashes = new Map(); // given here and, otherwise, elsewhere
    this.closed = new Map(); // id -> what it is about
    this.closures = new Map(); // what it is about -> its title, and why it is closed
    this.bases = new Map(); // id -> the revision that the rater has before their eyes
    this.onchange = onchange;
    for (const closure of form.closed) this.note(closure);
  }

  entry(id) {
    return this.waiting.get(id) ?? this.clashes.get(id)?.mine ?? this.saved.get(id);
  }

  isClosed(item) {
    return this.closed.has(item.id);
  }

  front() {
    return form.items.findIndex((item) => !this.entry(item.id) && !this.isClosed(item));
  }

  recent() {
    const rated = form.items.flatMap((item, i) =>
      this.entry(item.id) && !this.isClosed(item) ? [i] : [],
    );
    return rated.slice(-10);
  }

  rated() {
    return form.items.filter((item) => this.entry(item.id)).length;
  }

  total() {
    return form.items.filter((item) => this.entry(item.id) || !this.isClosed(item)).length;
  }

  // Another tab or device may have saved; an older revision teaches nothing.
  learn(record) {
    const held = this.saved.get(record.id);
    if (held && held.revision >= record.revision) return false;
    this.saved.set(record.id, record);
    return true;
  }

  clash(mine, theirs) {
    this.waiting.delete(mine.id);
    this.clashes.set(mine.id, { mine, theirs });
    this.learn(theirs);
    this.onchange(mine.id);
  }

  note({ about, title, said, items }) {
    this.closures.set(about, { title, said });
    for (const id of items) this.closed.set(id, about);
    this.strand();
  }

  // What was given too late is kept, and not sent again.
  strand() {
    for (const [id, entry] of [...this.waiting]) {
      if (!this.closed.has(id)) continue;
      this.stranded.set(id, entry);
      this.waiting.delete(id);
    }
  }

  close(closure) {
    this.note(closure);
    this.onchange(null);
  }
}
