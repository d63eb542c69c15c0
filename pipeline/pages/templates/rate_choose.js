// The question with its levels, "cannot judge" and the comment: one form for practice and items.
const chooser = {
  show(rubricId, language, { held = null, fresh = false, practice = false }) {
    const rubric = form.rubrics[rubricId];
    this.rubric = rubric;
    this.language = language;
    $("chooser").classList.remove("told");
    $("feedback").hidden = true;
    $("remark").hidden = practice;
    $("rubric").textContent = rubric.title[language];
    $("rubric").lang = language;
    // Where the levels are a drawer, the question also stands at the end of the answer.
    for (const node of [$("question"), $("asked")]) {
      node.textContent = rubric.question[language];
      node.lang = language;
    }
    $("fresh").hidden = !fresh;
    $("levels").replaceChildren(
      ...rubric.levels.map((level) => this.card(level, language)),
      ...(practice ? [] : [this.cannot()]),
    );
    $("comment").value = held?.comment ?? "";
    $("remark").open = Boolean(held?.comment);
    for (const radio of document.getElementsByName("reason")) radio.checked = radio.value === held?.reason;
    const value = held && (held.score ?? (held.reason === null ? null : "none"));
    for (const radio of this.radios()) radio.checked = radio.value === String(value);
    this.fold(true);
    this.changed();
    $("chooser").scrollTop = 0;
  },

  card({ level, name, anchor }, language) {
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "level", value: String(level), id: `level-${level}` });
    radio.setAttribute("aria-labelledby", `digit-${level} name-${level}`);
    radio.setAttribute("aria-describedby", `anchor-${level}`);
    const parts = [["digit", String(level)], ["name", name[language]], ["anchor", anchor[language]]];
    const spans = parts.map(([kind, text]) => Object.assign(make("span", kind, text), { id: `${kind}-${level}` }));
    const card = make("label", "level", radio, ...spans);
    card.lang = language;
    return card;
  },

  cannot() {
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "level", value: "none", id: "level-none" });
    radio.setAttribute("aria-labelledby", "name-none");
    const name = Object.assign(make("span", "name", word("cannot")), { id: "name-none" });
    name.dataset.word = "cannot";
    const digit = make("span", "digit", "?");
    const key = make("kbd", "hint", "X");
    for (const node of [digit, key]) node.setAttribute("aria-hidden", "true");
    return make("label", "level none", radio, digit, name, key);
  },

  radios() {
    return [...document.getElementsByName("level")];
  },

  chosen() {
    return this.radios().find((radio) => radio.checked)?.value ?? null;
  },

  check(value) {
    const radio = this.radios().find((one) => one.value === String(value));
    if (!radio || radio.disabled) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  },

  step(by) {
    const radios = this.radios().filter((radio) => radio.value !== "none");
    const at = radios.findIndex((radio) => radio.checked);
    const next = at < 0 ? (by > 0 ? 0 : radios.length - 1) : at + by;
    if (radios[next]) this.check(radios[next].value);
  },

  // Shows what follows from the choice.
  changed() {
    const value = this.chosen();
    $("reasons").hidden = value !== "none";
    if (value === "none") this.fold(false);
    const level = this.rubric.levels.find((one) => String(one.level) === value);
    $("chosen").hidden = !level;
    $("chosen").lang = this.language;
    $("chosen").replaceChildren();
    if (level) {
      $("chosen").append(make("b", "", level.name[this.language]), ` ${level.anchor[this.language]}`);
    }
    this.complain("");
  },

  complain(text) {
    $("complaint").textContent = text;
  },

  value() {
    const value = this.chosen();
    const reason = [...document.getElementsByName("reason")].find((radio) => radio.checked)?.value ?? null;
    return {
      score: value === null || value === "none" ? null : Number(value),
      reason: value === "none" ? reason : null,
      // Half a character, as a cut emoji leaves it, can be kept nowhere.
      comment: $("comment").value.trim().replace(/\p{Surrogate}/gu, "\ufffd"),
    };
  },

  // What is missing before it can be kept; "" if nothing is.
  missing() {
    const { score, reason, comment } = this.value();
    if (this.chosen() === null) return "choose_first";
    if (score === null && reason === null) return "reason_first";
    return reason === "other" && comment === "" ? "comment_first" : "";
  },

  // On a small screen the levels lie under the text like a drawer.
  fold(folded) {
    $("chooser").classList.toggle("folded", folded);
    $("fold").setAttribute("aria-expanded", String(!folded));
    $("fold").dataset.word = folded ? "all_levels" : "to_text";
    $("fold").textContent = word($("fold").dataset.word);
  },

  pullOut(node) {
    this.fold(false);
    this.reveal(node);
  },

  reveal(node) {
    focusOn(node);
    // In the drawer the node would come to lie under the button at its lower edge.
    const drawer = $("chooser");
    if (getComputedStyle(drawer).position === "sticky") {
      const above = node.getBoundingClientRect().top - drawer.getBoundingClientRect().top;
      drawer.scrollTop += above - drawer.clientHeight / 3;
    } else node.scrollIntoView({ block: "nearest" });
  },

  lock(locked) {
    for (const radio of this.radios()) radio.disabled = locked;
  },

  // In practice: what the level is, and why.
  tell(practice) {
    const mine = this.value().score;
    const language = tongue();
    const name = this.rubric.levels.find((one) => one.level === practice.level).name[language];
    const key = mine === practice.level ? "practice_same" : Math.abs(mine - practice.level) === 1 ? "practice_near" : "practice_far";
    $("verdict").textContent = word(key, { mine, level: practice.level, name });
    paragraphs($("why"), practice.why[language], language);
    $(`level-${practice.level}`).closest("label").classList.add("right");
    $("feedback").hidden = false;
    $("chooser").classList.add("told");
    this.lock(true);
  },
};

$("chooser").addEventListener("change", (event) => {
  if (event.target.name === "level" || event.target.name === "reason") chooser.changed();
});
$("fold").addEventListener("click", () => chooser.fold(!$("chooser").classList.contains("folded")));
