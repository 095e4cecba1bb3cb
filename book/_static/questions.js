// Questions: choosing an answer tells whether it is right, and why (book/_ext/questions.py).

document.querySelectorAll(".question").forEach((question) => {
  const told = question.querySelector(".question-told");
  const answers = question.querySelector("details");
  const reasons = question.querySelectorAll("details li");
  if (!told || !answers) return;
  answers.hidden = true; // on paper they are shown, see paper.css
  question.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const reason = reasons[Number(target.value)];
    const right = reason.textContent?.trim().startsWith("Right") ?? false;
    told.className = `question-told ${right ? "right" : "wrong"}`;
    told.replaceChildren(...[...reason.cloneNode(true).childNodes].flatMap((node) => [...node.childNodes]));
  });
});
