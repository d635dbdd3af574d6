// Adds a "Show" button to every password field; without script the field works as it is.
for (const box of document.querySelectorAll("[data-password]")) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  const verb = document.createElement("span");
  const rest = document.createElement("span");
  button.type = "button";
  button.className = "button password__show";
  button.setAttribute("aria-controls", input.id);
  rest.className = "visually-hidden";
  rest.textContent = " password";
  verb.textContent = "Show";
  button.append(verb, rest);

  const reveal = (shown) => {
    input.type = shown ? "text" : "password";
    verb.textContent = shown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => reveal(input.type === "password"));
  // Sent hidden, so that browsers offer to save it and never list it as typed text.
  input.form?.addEventListener("submit", () => reveal(false));
  box.append(button);
}
