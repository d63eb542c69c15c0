// Without a server: the browser keeps the ratings, and the rater hands back a file.
class FileDesk {
  constructor(book, keep) {
    Object.assign(this, { book, keep });
    for (const record of keep.all("r:")) book.learn(record);
    keep.watch("r:", (id) => this.heard(id));
  }

  // Clashes that were not settled when the page was closed.
  wake() {
    for (const entry of this.keep.all("q:")) this.submit(entry);
  }

  heard(id) {
    const record = this.keep.get(`r:${id}`);
    if (record && this.book.learn(record)) this.book.onchange(id);
  }

  submit({ base, ...entry }) {
    this.book.clashes.delete(entry.id);
    const theirs = this.keep.get(`r:${entry.id}`);
    if (theirs && theirs.revision > base && !same(theirs, entry)) {
      this.keep.put(`q:${entry.id}`, { ...entry, base });
      this.book.clash({ ...entry, base }, theirs);
      return;
    }
    this.keep.drop(`q:${entry.id}`);
    const record = { ...entry, revision: Math.max(base, theirs?.revision ?? 0) + 1 };
    const kept = this.keep.put(`r:${entry.id}`, record);
    this.book[kept ? "saved" : "waiting"].set(entry.id, kept ? record : { ...entry, base });
    if (kept) {
      this.book.waiting.delete(entry.id);
      this.book.bases.set(entry.id, record.revision);
    }
    this.book.onchange(entry.id);
  }

  settle(id, takeMine) {
    const { mine, theirs } = this.book.clashes.get(id);
    this.submit({ ...(takeMine ? mine : theirs), base: theirs.revision });
  }

  greet() {}

  retry() {
    for (const entry of [...this.book.waiting.values()]) this.submit(entry);
  }

  refresh() {}
}

// --- the file that is handed back, and taken in again on another device

function handed() {
  const { book, who } = rating;
  const ratings = form.items.flatMap((item) => {
    const entry = book.entry(item.id) ?? book.stranded.get(item.id);
    if (!entry) return [];
    const { id, score, comment, reason, seconds, when } = entry;
    const revision = entry.revision ?? entry.base + 1;
    const { rubric, rubric_digest, language } = item;
    return [{ id, rubric, rubric_digest, language, score, comment, reason, seconds, when, revision }];
  });
  return {
    kind: "antipode-ratings", version: 1, study: form.study, rater: who.rater,
    rater_class: who.rater_class, form: digest, interface: tongue(), ratings,
  };
}

function asCsv({ ratings, ...head }) {
  const shared = { study: head.study, rater: head.rater, rater_class: head.rater_class, form: head.form };
  const columns = [
    ...Object.keys(shared), "id", "rubric", "rubric_digest", "language", "score", "comment", "reason",
    "seconds", "when", "revision",
  ];
  const cell = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const rows = ratings.map((one) => columns.map((name) => cell({ ...shared, ...one }[name])).join(","));
  // Without the mark at the start Excel takes UTF-8 for something else.
  return `\ufeff${[columns.join(","), ...rows].join("\r\n")}\r\n`;
}

function handOver(kind) {
  const copy = handed();
  const text = kind === "csv" ? asCsv(copy) : JSON.stringify(copy, null, 1);
  const type = kind === "csv" ? "text/csv" : "application/json";
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = `${form.study}-${copy.rater}-${copy.ratings.length}.${kind}`.replace(/[^\p{L}\p{N}_.-]+/gu, "_");
  link.click();
  // The browser may still be reading it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  rating.tell(word("copied", { name: link.download }));
}

function isRating(one) {
  const item = form.items.find((each) => each.id === one?.id);
  if (!item || !Number.isInteger(one.revision) || one.revision < 1) return false;
  const levels = form.rubrics[item.rubric].levels.map((level) => level.level);
  const judged = one.score === null ? typeof one.reason === "string" : levels.includes(one.score);
  return judged && typeof one.comment === "string" && Number.isFinite(one.seconds);
}

// What is here and what a copy says instead: both are kept until the rater has chosen.
function disagree(held, record) {
  const { book, keep } = rating;
  const known = book.saved.get(record.id)?.revision ?? 0;
  const theirs = { ...record, revision: Math.max(known, record.revision) };
  const mine = { ...held, base: theirs.revision - 1 };
  keep.put(`q:${mine.id}`, mine);
  keep.put(`r:${mine.id}`, theirs);
  book.clash(mine, theirs);
}

// Takes in a copy; gives back what to tell the rater.
async function takeIn(file) {
  let copy;
  try {
    copy = JSON.parse(await file.text());
  } catch {
    return word("copy_unreadable");
  }
  if (copy?.kind !== "antipode-ratings" || copy.form !== digest) return word("copy_foreign");
  const good = copy.ratings.filter(isRating);
  for (const { id, score, comment, reason, seconds, when, revision } of good) {
    const record = { id, score, comment, reason, seconds, when, revision };
    const held = rating.book.entry(id);
    // Which of two came of the other no number tells: each device counts its own changes.
    if (held && !same(held, record)) disagree(held, record);
    else if (rating.book.learn(record)) rating.keep.put(`r:${id}`, record);
  }
  if (form.rater === null) rating.remember({ rater: copy.rater });
  if (form.rater_class === null) rating.remember({ rater_class: copy.rater_class });
  rating.book.onchange(null);
  return word("copy_taken", { n: good.length });
}
