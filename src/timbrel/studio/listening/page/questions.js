// Questions as forms: radio buttons that look like buttons, scales, words; and the keys that answer them.

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && key !== "form") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};
export { element };

function choice(question, value, label) {
  const input = element("input", { type: "radio", name: question.name, value });
  return element("label", { className: "choice" }, input, element("span", {}, label));
}

function choiceField(question) {
  const choices = question.choices.map(([value, label]) => choice(question, value, /^\d/.test(value) ? `${value} ${label}` : label));
  const className = choices.length > 3 ? "choices many" : "choices";
  return element("fieldset", {}, element("legend", {}, question.text), element("div", { className }, ...choices));
}

function scaleField(question) {
  const numbers = Array.from({ length: question.high - question.low + 1 }, (_, n) => String(question.low + n));
  const steps = element("div", { className: "scale" }, ...numbers.map((number) => choice(question, number, number)));
  const ends = element("div", { className: "ends" }, ...question.marks.map((mark, end) => element("span", {}, `${end ? question.high : question.low} ${mark.toLowerCase()}`)));
  return element("fieldset", {}, element("legend", {}, question.text), steps, ends);
}

function wordsField(question) {
  const id = `words-${question.name}`;
  const area = element("textarea", { id, name: question.name, maxLength: 2000, rows: 2 });
  return element("div", { className: "question" }, element("label", { htmlFor: id }, question.text), area);
}

const FIELDS = { choice: choiceField, scale: scaleField, words: wordsField };

export class Form {
  constructor(form, questions, { given, changed }) {
    this.form = form;
    this.questions = questions.filter((question) => question.form in FIELDS);
    this.fields = this.questions.map((question) => FIELDS[question.form](question));
    form.replaceChildren(...this.fields);
    for (const [name, answer] of Object.entries(given ?? {})) this.set(name, String(answer));
    form.oninput = () => { this.depend(); changed(); };
    form.onsubmit = (event) => event.preventDefault();
    this.depend();
    this.letters = this.lettersOfChoices();
  }

  // A question that belongs to an answer of another one is there all the time, so that nothing jumps.
  depend() {
    this.questions.forEach((question, place) => {
      if (!question.only_if) return;
      const [name, value] = question.only_if;
      this.fields[place].disabled = this.value(name) !== value;
    });
  }

  value(name) {
    const field = this.form.elements.namedItem(name);
    return field ? field.value.trim() : "";
  }

  set(name, value) {
    const field = this.form.elements.namedItem(name);
    if (field) field.value = value;
  }

  applies(question) {
    return !question.only_if || this.value(question.only_if[0]) === question.only_if[1];
  }

  missing() {
    return this.questions.find((question) => question.required && this.applies(question) && !this.value(question.name));
  }

  answers() {
    const answers = {};
    for (const question of this.questions) {
      const value = this.value(question.name);
      if (value && this.applies(question)) answers[question.name] = question.form === "scale" ? Number(value) : value;
    }
    return answers;
  }

  // The first letter of each choice that no other has taken.
  lettersOfChoices() {
    const letters = new Map();
    for (const question of this.questions) {
      if (question.form !== "choice") continue;
      for (const [value, label] of question.choices) {
        const letter = [...label.toLowerCase()].find((mark) => /[a-z]/.test(mark) && !letters.has(mark));
        if (letter) letters.set(letter, { question, value, label });
      }
    }
    return letters;
  }

  pick(question, value) {
    if (!this.applies(question)) return;
    this.set(question.name, value);
    this.form.dispatchEvent(new Event("input"));
  }

  scale() {
    return this.questions.find((question) => question.form === "scale");
  }
}
