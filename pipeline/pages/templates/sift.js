
// The filters of the sections on agreement. What a row or a figure is about stands in its data-...;
// what says nothing is about all. Rows are hidden, never counted anew; the reader's filters follow.
class Sieve {
  constructor() {
    this.form = document.getElementById("sift");
    this.reader = document.getElementById("filters");
    if (!this.form) return;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.tell());
    this.form.addEventListener("reset", () => setTimeout(() => this.tell()));
    this.reader.addEventListener("input", () => this.hear());
    this.reader.addEventListener("reset", () => setTimeout(() => this.hear()));
    this.sift();
  }

  selects() {
    return [...this.form.querySelectorAll("[data-sift]")];
  }

  // The choice goes to the filters of the reader, which may lack it: not every answer has a text.
  tell() {
    for (const select of this.selects()) {
      const own = this.reader.elements[select.dataset.sift];
      if (own) own.value = select.value;
    }
    this.telling = true;
    this.reader.dispatchEvent(new Event("input"));
    this.telling = false;
    this.sift();
  }

  hear() {
    if (this.telling) return;
    for (const select of this.selects()) {
      const own = this.reader.elements[select.dataset.sift];
      if (own) select.value = own.value;
    }
    this.sift();
  }

  sift() {
    const wanted = this.selects().map((select) => [select.dataset.sift, select.value]);
    let hidden = 0;
    for (const node of document.querySelectorAll(
      ".audit :is([data-rubric], [data-judge], [data-arm], [data-language])",
    )) {
      const out = wanted.some(
        ([name, value]) => value && node.dataset[name] !== undefined && node.dataset[name] !== value,
      );
      if (node.closest("svg")) node.classList.toggle("faint", out);
      else node.hidden = out;
      if (out && node.matches("tr, li")) hidden += 1;
    }
    this.blanks();
    const output = document.getElementById("sift-hidden");
    const words = [output.dataset.enPattern, output.dataset.ruPattern];
    output.replaceChildren(...(hidden ? said(filled(words, { count: hidden })) : []));
  }

  // A list or a table of which nothing is left says so.
  blanks() {
    for (const node of document.querySelectorAll(".audit .sifted-out")) node.remove();
    const words = document.getElementById("sift-nothing");
    for (const list of document.querySelectorAll(".audit .sifted")) {
      const rows = [...list.children];
      if (rows.length === 0 || list.hidden || rows.some((row) => !row.hidden)) continue;
      const frame = list.closest(".wide, .looks-room") ?? list;
      if (frame.querySelector("tbody:not([hidden]) > tr:not([hidden])")) continue;
      const blank = make("p", "sifted-out quiet");
      blank.append(...[...words.childNodes].map((node) => node.cloneNode(true)));
      frame.append(blank);
    }
  }
}
