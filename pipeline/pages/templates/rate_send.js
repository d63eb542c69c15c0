// With a server: a rating waits in a queue, which outlives the page, until the server has it.
class ServerDesk {
  constructor(book, keep) {
    Object.assign(this, { book, keep, failures: 0, busy: false, timer: 0, trouble: null });
    for (const entry of keep.all("q:")) this.book.waiting.set(entry.id, entry);
    this.book.strand();
    keep.watch("q:", () => this.refresh());
    addEventListener("online", () => this.retry());
    addEventListener("focus", () => this.refresh());
  }

  wake() {
    this.pump();
  }

  submit(entry) {
    this.book.clashes.delete(entry.id);
    const before = this.book.waiting.get(entry.id);
    const held = before ? { ...entry, base: before.base, tried: before.tried } : entry;
    this.book.waiting.set(entry.id, { tried: [], ...held });
    this.keep.put(`q:${entry.id}`, this.book.waiting.get(entry.id));
    this.book.onchange(entry.id);
    this.pump();
  }

  settle(id, takeMine) {
    const { mine, theirs } = this.book.clashes.get(id);
    if (takeMine) {
      this.submit({ ...mine, base: theirs.revision });
      return;
    }
    this.book.clashes.delete(id);
    this.keep.drop(`q:${id}`);
    this.book.onchange(id);
  }

  greet() {
    // Whom the server knows it does not ask again, on whatever device.
    const said = form.rater_class === null ? { rater_class: rating.who.rater_class } : {};
    this.greeting = { ...said, language: tongue() };
    this.pump();
  }

  retry() {
    this.failures = 0;
    this.pump();
  }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    this.trouble = null;
    while (this.trouble === null && (this.greeting || this.book.waiting.size > 0)) {
      const [first] = this.book.waiting.values();
      // A rating is worth more than a greeting.
      if (first) await this.deliver(first);
      else await this.introduce();
    }
    this.busy = false;
    if (this.trouble === null) this.failures = 0;
    else this.later();
    this.book.onchange(null);
  }

  later() {
    this.failures += 1;
    // Spread, so that everybody's pages do not come back in the same second.
    const wait = Math.min(60, 2 ** Math.min(this.failures - 1, 6)) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => this.pump(), 1000 * Math.max(wait, this.trouble.wait ?? 0));
  }

  // The answer's status and body; status 0 where there was none.
  async ask(path, body) {
    const headers = { "X-CSRF-Token": form.csrf };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(path, {
        method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined,
        cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(20000),
      });
      const wait = Math.min(Number(answer.headers.get("Retry-After")) || 0, 300);
      return { status: answer.status, wait, body: await answer.json().catch(() => null) };
    } catch {
      return { status: 0, wait: 0, body: null }; // No network; said as "not saved yet".
    }
  }

  async introduce() {
    const sent = this.greeting;
    const { status, wait } = await this.ask("/api/hello", sent);
    if (status !== 200) this.trouble = { status, wait };
    else if (this.greeting === sent) {
      this.greeting = null;
      rating.remember({ greeted: true });
    }
  }

  async deliver(entry) {
    const { id, score, comment, reason, seconds, base } = entry;
    // Kept before it is sent: if the answer is lost, the server's copy is known to be ours.
    if (!entry.tried.some((one) => same(one, entry))) entry.tried.push({ score, comment, reason });
    this.keep.put(`q:${id}`, entry);
    const { status, wait, body } = await this.ask("/api/save", { id, score, comment, reason, seconds, revision: base });
    if (status === 200 && Number.isInteger(body?.revision)) this.delivered(entry, body.revision);
    else if (status === 409 && body?.saved) this.overtaken(entry, body.saved);
    else if (status === 410 && body?.closed) this.book.close(body.closed);
    else this.trouble = { status, wait };
  }

  delivered(entry, revision) {
    const { id, score, comment, reason, seconds, when } = entry;
    this.book.learn({ id, score, comment, reason, seconds, when, revision });
    this.book.bases.set(id, revision);
    const newest = this.book.waiting.get(id);
    if (newest === entry) {
      this.book.waiting.delete(id);
      this.keep.drop(`q:${id}`);
    } else if (newest) {
      newest.base = revision; // Changed while the first was on its way.
      this.keep.put(`q:${id}`, newest);
    }
    this.book.onchange(id);
  }

  overtaken(entry, theirs) {
    const newest = this.book.waiting.get(entry.id) ?? entry;
    if (same(theirs, newest)) this.delivered(newest, theirs.revision);
    else if (theirs.revision > newest.base && entry.tried.some((one) => same(one, theirs))) {
      // An earlier version of ours, whose answer was lost: the newer one goes on top of it.
      newest.base = theirs.revision;
      this.keep.put(`q:${entry.id}`, newest);
      this.book.learn(theirs);
    } else this.book.clash(newest, theirs);
  }

  // What other tabs and devices have saved.
  async refresh() {
    const { status, body } = await this.ask("/api/saved");
    if (status !== 200 || !Array.isArray(body?.saved)) return;
    // With another person's link open in this browser they would be that person's.
    const mine = body.saved.filter((one) => form.items.some((item) => item.id === one.id));
    for (const record of mine.filter((one) => this.book.learn(one))) {
      const given = this.book.waiting.get(record.id);
      if (given && !this.busy && same(given, record)) this.delivered(given, record.revision);
      this.book.onchange(record.id);
    }
  }
}
