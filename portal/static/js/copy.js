// Adds a "Copy" button beside what a payer needs in their bank's form. Without script, or where the
// browser lets no page copy, there is no button: one press on the number still marks the whole of it.
if (navigator.clipboard) {
  const spoken = document.createElement("p");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  document.querySelector("main").append(spoken);

  for (const place of document.querySelectorAll("[data-copy]")) {
    const name = place.dataset.copy;
    const button = document.createElement("button");
    const verb = document.createElement("span");
    const rest = document.createElement("span");
    button.type = "button";
    button.className = "button copy no-print";
    rest.className = "visually-hidden";
    rest.textContent = ` ${name}`;
    verb.textContent = "Copy";
    button.append(verb, rest);

    const say = (word, sentence) => {
      verb.textContent = word;
      spoken.textContent = sentence;
      setTimeout(() => {
        verb.textContent = "Copy";
        spoken.textContent = "";
      }, 4_000);
    };
    button.addEventListener("click", async () => {
      const told = name[0].toUpperCase() + name.slice(1);
      try {
        await navigator.clipboard.writeText(place.dataset.copyText);
        say("Copied", `${told} copied`);
      } catch {
        getSelection().selectAllChildren(place.querySelector(".copyable"));
        say("Marked", `${told} could not be copied. It is marked, so that you can copy it yourself`);
      }
    });
    place.append(button);
  }
}
