
function addressOf(answer) {
  return `#answer-${encodeURIComponent(answer.key)}`;
}

// The filters, the list of answers and the keys.
class Shelf {
  constructor(book, leaf) {
    this.book = book;
    this.leaf = leaf;
    for (const id of ["list", "rows", "filters", "compare", "next", "previous"]) {
      this[id] = document.getElementById(id);
    }
    this.selected = null;
    const two = book.data.arms.length === 2;
    this.compare.checked = two && matchMedia("(min-width: 72rem)").matches;
    document.getElementById("reader-choice").open = matchMedia("(min-width: 60rem)").matches;
    this.row = parseFloat(getComputedStyle(page).fontSize) * 3.25;
    this.listen();
    const asked = this.asked(location.hash);
    this.filter(asked);
    if (asked) document.getElementById("reader-room").scrollIntoView();
  }

  listen() {
    this.filters.addEventListener("input", () => this.filter());
    this.filters.addEventListener("submit", (event) => event.preventDefault());
    this.filters.addEventListener("reset", () => setTimeout(() => this.filter()));
    this.compare.addEventListener("change", () => this.show());
    this.next.addEventListener("click", () => this.step(1));
    this.previous.addEventListener("click", () => this.step(-1));
    this.list.addEventListener("scroll", () => this.paint());
    this.list.addEventListener("keydown", (event) => this.listKey(event));
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest("[data-at]");
      if (row) this.select(this.shown[Number(row.dataset.at)]);
    });
    new ResizeObserver(() => this.paint()).observe(this.list);
    document.addEventListener("click", (event) => this.follow(event));
    addEventListener("popstate", () => {
      const answer = this.asked(location.hash);
      if (this.shown.includes(answer)) this.select(answer);
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
      const key = event.key.toLowerCase();
      if (key === "j" || key === "о") this.step(1);
      if (key === "k" || key === "л") this.step(-1);
    });
  }

  // The answer that an address points to.
  asked(hash) {
    return this.book.answers.find((answer) => addressOf(answer) === hash);
  }

  // A link to an answer opens it here, at the rubric of the row that the link stands in.
  follow(event) {
    const link = event.target.closest('a[href^="#answer-"]');
    const answer = link && this.asked(link.getAttribute("href"));
    if (!answer) return;
    event.preventDefault();
    history.pushState(null, "", addressOf(answer));
    this.open(answer, link.closest("[data-rubric]")?.dataset.rubric);
  }

  open(answer, rubric) {
    if (!this.book.fits(answer)) this.filters.reset();
    this.filter(answer);
    this.leaf.turnTo(rubric);
  }

  filter(selected) {
    this.book.wanted = Object.fromEntries(new FormData(this.filters));
    this.shown = this.book.answers.filter((answer) => this.book.fits(answer));
    this.rows.style.height = `${this.shown.length * this.row}px`;
    const numbers = { shown: this.shown.length, all: this.book.answers.length };
    const count = document.getElementById("reader-count");
    count.replaceChildren(...this.book.say("reader_shown", numbers));
    const titles = joined(this.book.columns().map((rubric) => rubric.title), " · ");
    document
      .getElementById("reader-columns")
      .replaceChildren(...this.book.say("reader_columns", { rubrics: titles }));
    const kept = this.shown.includes(this.selected) ? this.selected : this.shown[0];
    this.select(selected ?? kept ?? null);
  }

  step(by) {
    const goal = this.neighbour(by);
    if (goal) this.select(goal);
  }

  // Side by side, the other arm's answer is on the page already: go past it.
  neighbour(by) {
    let to = this.shown.indexOf(this.selected) + by;
    if (this.compare.checked && this.selected) {
      const here = this.book.seat(this.selected);
      while (this.shown[to] && this.book.seat(this.shown[to]) === here) to += by;
    }
    return this.shown[to];
  }

  listKey(event) {
    const last = this.shown.length - 1;
    const at = this.shown.indexOf(this.selected);
    const leap = Math.max(1, Math.floor(this.list.clientHeight / this.row) - 1);
    const places = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + leap,
      PageUp: at - leap,
      Home: 0,
      End: last,
    };
    if (!(event.key in places) || last < 0) return;
    event.preventDefault();
    this.select(this.shown[Math.max(0, Math.min(last, places[event.key]))]);
  }

  select(answer) {
    const turned = this.selected !== null && answer !== this.selected;
    this.selected = answer;
    const at = this.shown.indexOf(answer);
    const top = at * this.row;
    const { scrollTop, clientHeight } = this.list;
    if (at >= 0 && (top < scrollTop || top + this.row > scrollTop + clientHeight)) {
      this.list.scrollTop = Math.max(0, top - clientHeight / 2 + this.row / 2);
    }
    if (turned && answer) history.replaceState(null, "", addressOf(answer));
    this.paint();
    this.show();
  }

  show() {
    this.previous.disabled = !this.neighbour(-1);
    this.next.disabled = !this.neighbour(1);
    this.leaf.show(this.selected, this.compare.checked);
  }

  // --- the list: only the rows in sight are on the page

  paint() {
    const from = Math.max(0, Math.floor(this.list.scrollTop / this.row) - 4);
    const to = Math.ceil((this.list.scrollTop + this.list.clientHeight) / this.row) + 4;
    const rows = this.shown.slice(from, to).map((answer, i) => this.rowOf(answer, from + i));
    this.rows.replaceChildren(...rows);
    const at = this.shown.indexOf(this.selected);
    this.list.setAttribute("aria-activedescendant", `row-${at}`);
  }

  rowOf(answer, at) {
    const where = joined(
      [
        this.book.named(this.book.arms.get(answer.arm)?.role, answer.arm),
        [answer.language.toUpperCase(), answer.language.toUpperCase()],
        ...(answer.draw > 0 ? [filled(this.book.words.reader_draw, { draw: answer.draw + 1 })] : []),
        ...(answer.finish === "complete" ? [] : [this.book.named(answer.finish, answer.finish)]),
      ],
      " · ",
    );
    const means = this.book.columns().map((rubric) => {
      const panel = answer.panel[rubric.id];
      const mean = panel && panel[1] !== null ? number(panel[1], 1) : this.book.words.none;
      return make("span", "", ...said(mean));
    });
    const row = make(
      "div",
      "row",
      make("span", "name", ...said(this.book.data.tasks[answer.task].title)),
      make("span", "under", make("span", "", ...said(where)), make("span", "means", ...means)),
    );
    row.id = `row-${at}`;
    row.dataset.at = String(at);
    row.style.top = `${at * this.row}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(answer === this.selected));
    row.setAttribute("aria-setsize", String(this.shown.length));
    row.setAttribute("aria-posinset", String(at + 1));
    return row;
  }
}
