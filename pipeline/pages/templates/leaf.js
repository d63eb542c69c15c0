
// One answer beside its verdicts, or both arms' side by side.
class Leaf {
  constructor(book) {
    this.book = book;
    this.node = document.getElementById("answer");
    for (const kind of ["mouseover", "mouseout", "focusin", "focusout", "click"]) {
      this.node.addEventListener(kind, (event) => this.point(event));
    }
  }

  show(answer, both) {
    const { book } = this;
    if (!answer) {
      this.node.replaceChildren(make("p", "", ...book.say("reader_nothing")));
      return;
    }
    const task = book.data.tasks[answer.task];
    const under = [
      ...(task.kind ? [book.named(`kind_${task.kind}`, task.kind)] : []),
      book.named(`in_${answer.language}`, answer.language),
      ...(book.arms.size ? [filled(book.words.reader_draw, { draw: answer.draw + 1 })] : []),
      ...(book.arms.size || answer.key === answer.task ? [] : [[answer.key, answer.key]]),
    ];
    const prompt = this.foreign("div", "task", book.data.prompts[answer.prompt], answer.language);
    this.quotes = [];
    this.node.replaceChildren(
      make("h3", "", ...this.simulated(), ...said(task.title)),
      make("div", "quiet", ...said(joined(under, " · "))),
      prompt,
      both ? this.pair(answer) : this.single(answer),
    );
  }

  // Where raters and judges are simulated every heading says so.
  simulated() {
    if (!this.book.data.simulated) return [];
    return [make("span", "simulated", ...this.book.say("simulated")), " "];
  }

  // Brings the open answer into sight, on a wide screen at what is said of it on a rubric.
  turnTo(rubric) {
    const head = [...this.node.querySelectorAll("[data-head]")].find((x) => x.dataset.head === rubric);
    const wide = matchMedia("(min-width: 60rem)").matches;
    this.node.focus({ preventScroll: true });
    (wide && head ? head : document.getElementById("answer")).scrollIntoView({ block: "start" });
  }

  // A text that is not the page's own.
  foreign(tag, style, parts, language) {
    const node = make(tag, style, ...(Array.isArray(parts) ? parts : [parts]));
    node.dir = "auto";
    if (language) node.lang = language;
    return node;
  }

  single(answer) {
    const spread = make("div", "spread");
    const quotes = this.numbered(answer);
    const left = this.held(answer, quotes, 0);
    const right = make("div", "said");
    for (const rubric of this.book.spoken([answer])) {
      right.append(this.rubricHead(rubric), this.cell(answer, rubric, quotes));
    }
    if (right.childNodes.length === 0) right.append(make("p", "", ...this.book.say("reader_no_verdicts")));
    spread.append(left, right);
    return spread;
  }

  pair(answer) {
    const both = this.book.pair(answer);
    const quotes = both.map((one) => (one ? this.numbered(one) : null));
    const spread = make("div", "spread both");
    both.forEach((one, side) => {
      const alone = make("p", `held side-${side}`, ...this.book.say("reader_alone"));
      spread.append(one ? this.held(one, quotes[side], side) : alone);
    });
    for (const rubric of this.book.spoken(both.filter(Boolean))) {
      spread.append(this.rubricHead(rubric));
      both.forEach((one, side) => {
        if (!one) return spread.append(make("div", "cell"));
        const cell = this.cell(one, rubric, quotes[side]);
        const role = this.book.arms.get(one.arm)?.role;
        cell.prepend(make("div", "arm-tag", ...(role ? this.book.say(role) : [one.arm])));
        return spread.append(cell);
      });
    }
    return spread;
  }

  // Every quote shown gets a number, by which text and quote find each other.
  numbered(answer) {
    const found = new Map();
    for (const verdict of this.book.verdicts(answer)) {
      const own = (verdict.quotes ?? []).map(([text, start, end]) => {
        const quote = { id: this.quotes.length, text, start, end };
        this.quotes.push(quote);
        return quote;
      });
      found.set(verdict, own);
    }
    return found;
  }

  // The answer itself: it stays in sight, and scrolls by itself, while its verdicts go by.
  held(answer, quotes, side) {
    const node = make("div", `held side-${side}`, this.head(answer), ...this.body(answer, quotes));
    node.tabIndex = 0;
    node.setAttribute("role", "group");
    node.setAttribute("aria-label", this.book.arms.get(answer.arm)?.title[0] ?? answer.arm);
    return node;
  }

  head(answer) {
    const arm = this.book.arms.get(answer.arm);
    const facts = [[answer.model ?? "", answer.model ?? ""]].filter((text) => text[0]);
    if (answer.seconds !== undefined) {
      facts.push(filled(this.book.words.reader_seconds, { n: number(answer.seconds, 1) }));
    }
    if (answer.tokens !== null) facts.push(filled(this.book.words.reader_tokens, { n: answer.tokens }));
    const finish = this.book.named(answer.finish, answer.finish);
    const flags = [];
    if (answer.finish !== "complete") {
      flags.push(make("span", "flag warn", ...said(finish)));
    } else if (this.book.arms.size) {
      facts.push(finish); // of a published answer nobody knows how it ended
    }
    if (answer.found && answer.found !== answer.language) {
      const language = this.book.words[`in_${answer.found}`];
      flags.push(make("span", "flag warn", ...this.book.say("reader_found", { language })));
    }
    return make(
      "div",
      `who ${arm?.role ?? ""}`,
      make("b", "", ...(arm ? [...this.book.say(arm.role), ": ", ...said(arm.title)] : [answer.arm])),
      make("div", "quiet", ...said(joined(facts, " · "))),
      ...flags,
    );
  }

  body(answer, quotes) {
    const parts = [];
    if (answer.text) {
      const pieces = marked(answer.text, [...quotes.values()].flat());
      parts.push(this.foreign("div", "text", pieces, answer.language));
    } else {
      parts.push(make("p", "none-given", ...this.book.say(answer.finish === "complete" ? "reader_text_unkept" : "reader_no_text")));
    }
    if (answer.said) parts.push(this.folded("reader_said", answer.said, true));
    if (answer.reasoning) parts.push(this.folded("reader_reasoning", answer.reasoning, false));
    return parts;
  }

  folded(key, text, open) {
    const inner = this.foreign("div", "reasoning", text);
    const details = make("details", "", make("summary", "quiet", ...this.book.say(key)), inner);
    details.open = open;
    return details;
  }

  rubricHead(rubric) {
    const head = make("h4", "rubric-head", ...this.simulated(), ...said(rubric.title));
    head.dataset.head = rubric.id;
    return head;
  }

  // All that is said of one answer on one rubric: the panel, people, models, counts.
  cell(answer, rubric, quotes) {
    const judge = (one) => this.book.judges.get(one.judge);
    const verdicts = this.book.verdicts(answer).filter((one) => one.rubric === rubric.id);
    const models = verdicts.filter((one) => !judge(one)?.floor);
    const counts = verdicts.filter((one) => judge(one)?.floor);
    const people = this.book.humans(answer).filter((one) => one.rubric === rubric.id);
    return make(
      "div",
      "cell",
      this.panelLine(answer.panel[rubric.id], rubric, answer.calibrated?.[rubric.id]),
      ...people.map((one) => this.person(one, rubric)),
      ...[...models, ...counts].map((one) => this.verdict(one, rubric, answer, quotes.get(one))),
    );
  }

  panelLine(panel, rubric, calibrated) {
    const line = make("p", "panel-line", make("b", "", ...this.book.say("reader_panel"), ": "));
    if (!panel || panel[0] === null) {
      line.append(...this.book.say("reader_no_panel"));
      return line;
    }
    const [median, mean] = panel;
    const [low, high] = panel.slice(2).map((score) => number(score));
    const alike = low[0] === high[0];
    const parts = [
      filled(this.book.words.reader_median, { score: this.level(median, rubric) }),
      filled(this.book.words.reader_mean, { score: number(mean) }),
      filled(this.book.words[alike ? "reader_unanimous" : "reader_spread"], { low, high, score: low }),
    ];
    if (calibrated) parts.push(this.calibrated(...calibrated));
    line.append(...said(joined(parts, " · ")));
    return line;
  }

  // What people would say of the answer, with its interval where there is one.
  calibrated(...three) {
    const [score, low, high] = three.map((value) => (value === null ? null : number(value, 1)));
    const key = low === null ? "reader_calibrated" : "reader_calibrated_span";
    return filled(this.book.words[key], { score, low, high });
  }

  // A level with its name; between two levels there is no name.
  level(score, rubric) {
    const found = rubric.levels.find(([level]) => level === score);
    return found ? joined([number(score), found[1]], " ") : number(score);
  }

  score(score, rubric) {
    const node = make("span", "score");
    if (score === undefined || score === null) {
      node.append(make("span", "none-given", ...this.book.say("reader_no_score")));
      return node;
    }
    const found = rubric.levels.find(([level]) => level === score);
    node.append(make("b", "", ...said(number(score))), " ", ...(found ? said(found[1]) : []));
    return node;
  }

  person(one, rubric) {
    const by = make("span", "by", ...this.book.say("reader_person"), ` ${one.rater}`);
    const node = make("div", "verdict person", make("div", "top", this.score(one.score, rubric), by));
    if (one.comment) node.append(this.foreign("p", "", one.comment));
    return node;
  }

  verdict(one, rubric, answer, quotes) {
    const judge = this.book.judges.get(one.judge);
    const top = make("div", "top", this.score(one.score, rubric), make("span", "by", one.judge));
    if (judge && judge.draws > 1) {
      top.append(make("span", "by", ...this.book.say("reader_draw", { draw: one.draw + 1 })));
    }
    if (judge?.own.includes(answer.arm)) {
      top.append(make("span", "flag warn", ...this.book.say("own_family", { arms: answer.arm })));
    }
    if (judge?.floor) top.append(make("span", "flag", ...this.book.say("floor")));
    if (one.how === "measured") top.append(make("span", "by", ...this.book.say("how_measured")));
    if (one.expectation !== undefined) {
      top.append(make("span", "by", ...this.book.say("reader_expectation", { score: number(one.expectation) })));
    }
    if (one.probabilities) top.append(this.shares(one.probabilities, rubric));
    const node = make("div", judge?.floor ? "verdict floor" : "verdict", top);
    if (one.reason) node.append(this.foreign("p", "none-given", one.reason));
    if (one.rationale) node.append(this.foreign("p", "", one.rationale));
    if (quotes.length > 0) {
      node.append(make("ul", "quotes", ...quotes.map((quote) => make("li", "", ...this.quote(quote)))));
    }
    return node;
  }

  quote(quote) {
    if (quote.start === undefined) {
      const flag = make("span", "missing-flag", ...this.book.say("reader_not_there"));
      return [flag, this.foreign("span", "quote missing", quote.text)];
    }
    const button = this.foreign("button", "quote", quote.text);
    button.type = "button";
    button.dataset.quote = String(quote.id);
    return [button];
  }

  // One bar per level, worst to best.
  shares(probabilities, rubric) {
    const texts = probabilities.map((share, i) => {
      const level = rubric.levels[i] ? rubric.levels[i][0] : i + 1;
      return joined([[String(level), String(level)], number(share)], ": ");
    });
    const bars = probabilities.map((share, i) => {
      const bar = make("i", "");
      bar.style.height = `${Math.round(share * 100)}%`;
      return make("span", "", bar, texts[i][0].split(":")[0]);
    });
    const node = make("span", "shares", ...bars);
    node.setAttribute("role", "img");
    const label = filled(this.book.words.reader_shares, { shares: joined(texts, "; ") });
    node.dataset.labelEn = label[0];
    node.dataset.labelRu = label[1];
    node.setAttribute("aria-label", label[page.lang === "ru" ? 1 : 0]);
    return node;
  }

  // Quote and text light up together; a click brings the place into view.
  point(event) {
    const over = event.target.closest("[data-quote], [data-quotes]");
    const out = event.type === "mouseout" || event.type === "focusout";
    if (!over && !out) return;
    for (const node of this.node.querySelectorAll(".lit")) node.classList.remove("lit");
    if (!over || out) return;
    const ids = (over.dataset.quote ?? over.dataset.quotes).split(" ");
    const places = [...this.node.querySelectorAll("mark")].filter((node) =>
      node.dataset.quotes.split(" ").some((id) => ids.includes(id)),
    );
    const buttons = ids.map((id) => this.node.querySelector(`[data-quote="${id}"]`));
    const chosen = over.dataset.quote === undefined ? buttons : [...places, over];
    for (const node of chosen) node?.classList.add("lit");
    if (event.type !== "click") return;
    const goal = over.dataset.quote === undefined ? buttons[0] : places[0];
    goal?.scrollIntoView({ block: "nearest" });
  }
}
