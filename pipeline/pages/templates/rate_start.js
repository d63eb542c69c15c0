// The way through the page: start, practice, one answer after another, end.
const rating = {
  keep: new Keep(),
  watch: new Watch(),
  view: "start",
  at: 0, // which practice answer
  told: false, // whether its feedback is shown
  now: null, // which item
  begun: false, // whether this visit has got past the first screen
  drawn: null, // what the work place shows now
  waits: false, // whether the last thing said was that something is not saved

  remember(values) {
    Object.assign(this.who, values);
    this.keep.put("who", this.who);
  },

  tell(text) {
    if ($("status").textContent !== text) $("status").textContent = text;
  },

  heading() {
    return this.view === "start" || this.view === "end" ? $(this.view).querySelector("h1") : $("heading");
  },

  // Whether all that was given is where it is meant to come: what came too late is not.
  isSafe() {
    return this.mayLeave() && this.book.stranded.size === 0;
  },

  mayLeave() {
    const { waiting, clashes, stranded } = this.book;
    const loose = waiting.size + clashes.size + (this.keep.works ? 0 : stranded.size);
    return loose === 0 && (this.keep.works || form.mode === "server");
  },

  handsOver() {
    return form.mode === "file" || this.book.stranded.size > 0;
  },

  returns() {
    return this.begun || this.book.rated() > 0;
  },

  show(view) {
    this.view = view;
    $("intro").open = !this.returns();
    page.dataset.view = view;
    for (const id of new Set(Object.values(VIEWS))) $(id).hidden = VIEWS[view] !== id;
    this.draw();
    scrollTo({ top: 0, behavior: "instant" });
    focusOn(this.heading());
  },

  draw() {
    drawCourse();
    ({ start: drawStart, practice: drawPractice, item: drawItem, end: drawEnd })[this.view]();
    drawWaiting();
    drawClashes();
    drawClosures();
  },

  practise(at) {
    Object.assign(this, { at, told: false, drawn: null });
    this.show("practice");
  },

  open(index, revising = false) {
    const item = form.items[index];
    const entry = this.book.entry(item.id);
    const draft = this.keep.get(`d:${item.id}`);
    const fresh = this.rubric !== undefined && this.rubric !== item.rubric;
    this.begun = true;
    this.rubric = item.rubric;
    this.drawn = null;
    this.now = { index, item, revising, fresh, held: draft ?? entry };
    this.book.bases.set(item.id, this.book.saved.get(item.id)?.revision ?? 0);
    this.watch.start(Math.max(draft?.seconds ?? 0, entry?.seconds ?? 0));
    this.show("item");
  },

  advance() {
    const front = this.book.front();
    this.now = null;
    if (front < 0) this.show("end");
    else this.open(front);
  },

  back() {
    const earlier = this.book.recent().filter((index) => index < this.now.index);
    if (earlier.length) this.open(earlier.at(-1), true);
  },

  goOn() {
    if (this.view === "practice") this.compare();
    else if (this.view === "item") this.give();
    else if (this.view === "start") $("enter").requestSubmit();
  },

  compare() {
    if (this.told) {
      if (this.at + 1 < form.practice.length) this.practise(this.at + 1);
      else {
        this.remember({ practised: true });
        this.advance();
      }
      return;
    }
    if (this.refuses()) return;
    this.told = true;
    this.draw();
    chooser.reveal($("verdict"));
  },

  refuses() {
    const missing = chooser.missing();
    if (!missing) return false;
    chooser.complain(word(missing));
    if (missing === "reason_first") chooser.pullOut(document.getElementsByName("reason")[0]);
    if (missing === "comment_first") LETTERS.c();
    return true;
  },

  give() {
    if (this.refuses()) return;
    const { item, index } = this.now;
    const value = chooser.value();
    const before = this.book.entry(item.id);
    this.keep.drop(`d:${item.id}`);
    if (!before || !same(before, value)) {
      this.last = index;
      this.desk.submit({
        id: item.id, ...value, seconds: this.watch.seconds(), when: new Date().toISOString(),
        base: this.book.bases.get(item.id),
      });
    }
    this.advance();
  },

  draft() {
    if (this.view !== "item") return;
    this.keep.put(`d:${this.now.item.id}`, { ...chooser.value(), seconds: this.watch.seconds() });
  },

  // The book has changed: by the rater, by the server's answer, or in another window.
  changed(id) {
    this.sayState(id);
    const item = this.view === "item" ? this.now.item : null;
    const elsewhere = item && id === item.id && !this.now.revising && chooser.chosen() === null && this.book.saved.has(id);
    if (elsewhere || (item && this.book.isClosed(item))) this.advance();
    else this.draw();
  },

  sayState(id) {
    const { waiting, saved, clashes } = this.book;
    const waited = this.waits;
    this.waits = waiting.size > 0;
    if (this.waits) {
      this.tell(this.desk.trouble || form.mode === "file" ? word("not_saved", { n: waiting.size }) : word("saving"));
    } else if (saved.has(id) && !clashes.has(id)) {
      const n = spotSaid(form.items.findIndex((item) => item.id === id));
      this.tell(word(`saved_${form.mode}`, { n }));
    } else if (waited) this.tell("");
  },
};

function enter(event) {
  event.preventDefault();
  const rater = $("rater")?.value.trim() ?? form.rater;
  const calling = document.querySelector("[name=calling]:checked")?.value ?? null;
  const fault = !/^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,39}$/u.test(rater)
    ? ["pseudonym_first", $("rater")]
    : form.rater_class === null && calling === null
      ? ["calling_first", document.querySelector("[name=calling]")]
      : null;
  $("enter-complaint").textContent = fault ? word(fault[0]) : "";
  if (fault) {
    fault[1].focus();
    return;
  }
  rating.remember({ rater, rater_class: form.rater_class ?? calling });
  if (!rating.who.greeted) rating.desk.greet();
  const practises = form.practice.length > 0 && !rating.who.practised && rating.book.rated() === 0;
  if (practises) rating.practise(0);
  else rating.advance();
}

function wire() {
  $("enter").addEventListener("submit", enter);
  $("chooser").addEventListener("submit", (event) => {
    event.preventDefault();
    rating.goOn();
  });
  // The second click of a double click would fall on the next answer.
  $("go").addEventListener("click", (event) => event.detail > 1 && event.preventDefault());
  for (const kind of ["change", "input"]) $("chooser").addEventListener(kind, () => rating.draft());
  addEventListener("pagehide", () => rating.draft());
  $("pause").addEventListener("click", () => {
    rating.draft();
    rating.show("start");
  });
  for (const node of document.querySelectorAll("button.recent")) {
    node.addEventListener("click", () => {
      drawRecent();
      $("recent").showModal();
    });
  }
  $("copy").addEventListener("click", () => handOver("json"));
  $("save-json").addEventListener("click", () => handOver("json"));
  $("save-csv").addEventListener("click", () => handOver("csv"));
  $("take")?.addEventListener("change", async () => {
    const [file] = $("take").files;
    if (file) notice("taken", await takeIn(file), button("", word("close"), () => withdraw("taken")));
    $("take").value = "";
  });
  $("theme").addEventListener("click", () => {
    page.dataset.theme = isDark() ? "light" : "dark";
    rating.remember({ theme: page.dataset.theme });
  });
  for (const node of document.getElementsByName("language")) {
    node.addEventListener("change", () => {
      speak(node.value);
      rating.remember({ language: node.value });
      rating.draw();
    });
  }
  addEventListener("beforeunload", (event) => {
    if (!rating.mayLeave() && rating.book.rated() > 0) event.preventDefault();
  });
}

function begin() {
  rating.who = rating.keep.get("who") ?? {};
  if (rating.who.theme) page.dataset.theme = rating.who.theme;
  $("letters").checked = rating.who.keys !== false;
  rating.book = new Book((id) => rating.changed(id));
  rating.desk = new (form.mode === "file" ? FileDesk : ServerDesk)(rating.book, rating.keep);
  speak(rating.who.language ?? (/^ru\b/i.test(navigator.language) ? "ru" : "en"));
  if ($("rater")) $("rater").value = rating.who.rater ?? "";
  const calling = document.querySelector(`[name=calling][value="${CSS.escape(rating.who.rater_class ?? "")}"]`);
  if (calling) calling.checked = true;
  for (const node of document.querySelectorAll("h1")) node.tabIndex = -1;
  wire();
  rating.show(form.items.length > 0 && rating.book.front() < 0 ? "end" : "start");
  rating.desk.wake();
}

begin();
