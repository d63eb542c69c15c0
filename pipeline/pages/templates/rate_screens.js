// What each screen shows.
const VIEWS = { start: "start", practice: "work", item: "work", end: "end" };

function minutes(book) {
  return Math.max(minutesLeft(book), 1);
}

function drawCourse() {
  const { book, view } = rating;
  const [done, all] = [book.rated(), book.total()];
  $("course").hidden = view === "practice" || (view === "start" && done === 0);
  $("progress").max = Math.max(all, 1);
  $("progress").value = done;
  $("count").textContent = word("count", { done, all });
  $("left").textContent = done < all ? word("left", { minutes: minutes(book) }) : "";
  const loose = form.mode === "file" ? done > 0 : book.waiting.size + book.stranded.size > 0;
  $("copy").hidden = !loose || (view === "end" && rating.handsOver());
}

function drawStart() {
  const { book, who, begun } = rating;
  const done = book.rated();
  const returning = rating.returns();
  $("start-eyebrow").dataset.word = !returning ? "intro_time" : begun ? "paused" : "welcome_back";
  $("start-eyebrow").textContent = word($("start-eyebrow").dataset.word);
  $("back").hidden = !returning;
  for (const node of document.querySelectorAll("#enter .ask")) node.hidden = returning && Boolean(who.rater_class);
  $("intro").classList.toggle("whole", !returning);
  $("so-far").textContent = word("so_far", { done, all: book.total() });
  $("may-close").textContent = word(rating.mayLeave() ? "may_close" : "may_not_close");
  const [n, q] = [answers().length, form.items.length];
  $("intro-length").textContent = word(q > n ? "intro_length_of" : "intro_length", { n, q, minutes: minutes(book) });
  const rater = form.rater ?? who.rater;
  $("intro-name").textContent = rater ? word("intro_name", { rater }) : word("intro_unnamed");
  const front = book.front();
  const practises = form.practice.length > 0 && !who.practised && done === 0;
  $("begin").textContent = practises ? word("start") : done === 0 && !begun ? word("start_bare") : word("resume", { n: spotSaid(Math.max(front, 0)) });
  if (front < 0) $("begin").textContent = word("start_bare");
}

function drawPractice() {
  const practice = form.practice[rating.at];
  const language = tongue();
  $("heading").textContent = word("practice_title", { n: rating.at + 1, all: form.practice.length });
  $("lead").hidden = false;
  $("lead").textContent = word("practice_lead");
  paragraphs($("task"), practice.task[language], language);
  paragraphs($("answer"), practice.answer[language], language);
  const [chosen, told] = [chooser.chosen(), rating.told];
  const fresh = rating.at > 0 && form.practice[rating.at - 1].rubric !== practice.rubric;
  chooser.show(practice.rubric, language, { fresh, practice: true });
  // The language may be switched in the middle: what was chosen stays chosen.
  if (rating.drawn === practice && chosen !== null) chooser.check(chosen);
  rating.drawn = practice;
  if (told) chooser.tell(practice);
  const last = rating.at + 1 === form.practice.length;
  $("go-text").textContent = word(!told ? "check" : last ? "practice_done" : "practice_next");
}

function drawItem() {
  const { item, index, revising, fresh, held } = rating.now;
  const { n, all, q, of } = spot(index);
  const title = of > 1 ? "item_title_of" : "item_title";
  $("heading").textContent = revising ? word("item_revised", { n: spotSaid(index) }) : word(title, { n, all, q, of });
  $("lead").hidden = !revising;
  $("lead").textContent = word("revised_lead");
  $("go-text").textContent = word(revising ? "go_back" : "go_on");
  if (rating.drawn === item) return; // Only the words around it change with the language.
  rating.drawn = item;
  paragraphs($("task"), item.task, item.language);
  if (item.answer.trim()) paragraphs($("answer"), item.answer, item.language);
  else paragraphs($("answer"), word("empty_answer"), tongue());
  chooser.show(item.rubric, item.language, { held, fresh });
}

function drawEnd() {
  const n = rating.book.stranded.size;
  const served = !rating.mayLeave() ? "end_waiting" : rating.isSafe() ? "end_server" : "end_stranded";
  $("end-said").textContent = word(form.mode === "file" ? "end_file" : served, { n });
  $("hand").hidden = !rating.handsOver();
}

function levelSaid(entry) {
  return entry.score === null ? word("recent_cannot") : String(entry.score);
}

// Two ratings of one level may still differ in what was written.
function ratingSaid(entry) {
  return levelSaid(entry) + (entry.comment ? ` (${entry.comment.slice(0, 60)})` : "");
}

function drawRecent() {
  const rows = rating.book.recent().reverse().map((index) => {
    const item = form.items[index];
    const { score } = rating.book.entry(item.id);
    const title = form.rubrics[item.rubric].title[tongue()];
    const what = make("b", "", score === null ? `${title}: ${word("recent_cannot")}` : title);
    const start = make("span", "", item.answer.trim().slice(0, 90));
    start.lang = item.language;
    const open = button("rated", "", () => {
      $("recent").close();
      rating.open(index, true);
    });
    // The level first: it is what one looks for, and a narrow line is cut at its end.
    const line = make("span", "quiet", word("recent_line", { n: spotSaid(index) }), " ", start);
    open.append(make("span", "digit", String(score ?? "?")), " ", what, " ", line);
    return make("li", "", open);
  });
  $("recent-list").replaceChildren(...(rows.length ? rows : [make("li", "", word("recent_none"))]));
}

// --- messages that follow from the state of things

function drawWaiting() {
  const { book, desk, keep } = rating;
  if (form.mode === "file" || !keep.works) {
    if (keep.works && book.waiting.size === 0) withdraw("storage");
    else notice("storage", word("no_storage"), button("", word("copy"), () => handOver("json")));
  }
  if (form.mode === "file") return;
  if (book.waiting.size === 0 || !desk.trouble) {
    if (book.waiting.size === 0) withdraw("waiting");
    return;
  }
  const { status } = desk.trouble;
  const n = book.waiting.size;
  // 200 without a revision is somebody else's page, such as a hotel's that asks to log in.
  const away = status === 0 || status === 200;
  const why = away ? "waiting_network" : status === 429 ? "waiting_slow" : "waiting_status";
  const text = status === 403 ? word("waiting_link", { n }) : `${word("waiting", { n })} ${word(why, { status })}`;
  notice("waiting", text, button("", word("try_now"), () => desk.retry()));
}

function drawClashes() {
  for (const node of document.querySelectorAll("[data-notice^='clash:']")) {
    if (!rating.book.clashes.has(node.dataset.notice.slice(6))) withdraw(node.dataset.notice);
  }
  for (const [id, { mine, theirs }] of rating.book.clashes) {
    const n = spotSaid(form.items.findIndex((item) => item.id === id));
    const settle = (takeMine) => () => rating.desk.settle(id, takeMine);
    notice(
      `clash:${id}`,
      word("clash", { n, theirs: ratingSaid(theirs), mine: ratingSaid(mine) }),
      button("", word("clash_mine"), settle(true)),
      button("", word("clash_theirs"), settle(false)),
    );
  }
}

function drawClosures() {
  const { closed, closures, stranded } = rating.book;
  for (const [about, { title, said }] of closures) {
    const lost = [...stranded.keys()].filter((id) => closed.get(id) === about);
    const text = word("closed_line", { title: title[tongue()], said: said[tongue()] });
    const late = lost.length ? ` ${word("closed_kept", { n: lost.length })}` : "";
    notice(`closed:${about}`, text + late);
  }
}
