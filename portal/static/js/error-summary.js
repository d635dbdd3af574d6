// Takes the reader to the summary of errors, and from each of its links into the field itself.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    const place = field.closest(".field") ?? field;
    const target = field.matches("input, select, textarea, button") ? field : field.querySelector("input");
    if (!target) return;
    event.preventDefault();
    place.scrollIntoView();
    target.focus({ preventScroll: true });
  });
}

// Back to a page of errors that have been mended since: the form as it is now.
window.addEventListener("pageshow", (event) => {
  const [visit] = performance.getEntriesByType("navigation");
  const cameBack = event.persisted || visit?.type === "back_forward";
  if (cameBack && summary) {
    location.replace(location.href);
  }
});
