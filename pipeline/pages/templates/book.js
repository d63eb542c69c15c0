
// The answers, what is wanted of them, and which of them belong together.
class Book {
  constructor(data) {
    this.data = data;
    this.words = data.words;
    this.answers = data.answers;
    this.rubrics = data.rubrics;
    this.judges = new Map(data.judges.map((judge) => [judge.id, judge]));
    this.arms = new Map(data.arms.map((arm) => [arm.name, arm]));
    this.twins = new Map();
    this.wanted = {};
    for (const answer of data.answers) {
      const key = this.seat(answer);
      if (!this.twins.has(key)) this.twins.set(key, new Map());
      this.twins.get(key).set(answer.arm, answer);
    }
  }

  say(key, values) {
    return said(values ? filled(this.words[key], values) : this.words[key]);
  }

  // The words for a name of the tables, or the name itself where there are none.
  named(key, name) {
    return this.words[key] ?? [name, name];
  }

  // Both arms' answers to one task, in one language, of one draw share a seat.
  seat(answer) {
    return JSON.stringify([answer.task, answer.language, answer.draw]);
  }

  // Both arms' answers on the seat of this one, the high end first; undefined where one lacks.
  pair(answer) {
    const twins = this.twins.get(this.seat(answer));
    return this.data.arms.map((arm) => twins.get(arm.name));
  }

  fits(answer) {
    const want = this.wanted;
    const task = this.data.tasks[answer.task];
    if (want.arm && answer.arm !== want.arm) return false;
    if (want.task && answer.task !== want.task) return false;
    if (want.kind && task.kind !== want.kind) return false;
    if (want.language && answer.language !== want.language) return false;
    const verdicts = this.verdicts(answer);
    const humans = this.humans(answer);
    if (want.judge && verdicts.length === 0) return false;
    if (want.rubric && verdicts.length + humans.length === 0) return false;
    return this.inRange(answer) && this.hasMark(answer, verdicts, humans);
  }

  // On the chosen rubric; where none is chosen, on any of them.
  inRange(answer) {
    const low = this.wanted.low === "" ? -Infinity : Number(this.wanted.low);
    const high = this.wanted.high === "" ? Infinity : Number(this.wanted.high);
    if (low === -Infinity && high === Infinity) return true;
    return this.columns().some((rubric) => {
      const panel = answer.panel[rubric.id];
      return panel && panel[1] !== null && panel[1] >= low && panel[1] <= high;
    });
  }

  hasMark(answer, verdicts, humans) {
    switch (this.wanted.mark) {
      case "missing":
        return verdicts.some((one) => (one.quotes ?? []).some((quote) => quote.length === 1));
      case "abstained":
        return verdicts.some((one) => one.score === undefined);
      case "people":
        return humans.length > 0;
      case "finish":
        return answer.finish !== "complete";
      default:
        return true;
    }
  }

  columns() {
    const all = this.rubrics;
    return this.wanted.rubric ? all.filter((one) => one.id === this.wanted.rubric) : all;
  }

  verdicts(answer) {
    const { rubric, judge } = this.wanted;
    return answer.verdicts.filter(
      (one) => (!rubric || one.rubric === rubric) && (!judge || one.judge === judge),
    );
  }

  humans(answer) {
    const { rubric } = this.wanted;
    return answer.humans.filter((one) => !rubric || one.rubric === rubric);
  }

  // The rubrics on which anything is said of these answers, in the study's order.
  spoken(answers) {
    const about = new Set(
      answers.flatMap((one) => [...this.verdicts(one), ...this.humans(one)].map((x) => x.rubric)),
    );
    return this.rubrics.filter((rubric) => about.has(rubric.id));
  }
}
