// The admin's searching selects say their field's label, as every other input does: the library
// that draws them names the box by its content alone, and its content by nothing. Its own script
// waits for the ready page before this one does, so the boxes are there.
window.django?.jQuery?.(() => {
  for (const content of document.querySelectorAll(".select2-selection__rendered")) {
    const box = content.closest("[role=combobox]");
    const select = box?.closest(".select2-container")?.previousElementSibling;
    const label = select?.labels?.[0];
    if (!label) continue;
    label.id ||= `${select.id}-label`;
    box.setAttribute("aria-labelledby", `${label.id} ${content.id}`);
    content.removeAttribute("role");
    content.removeAttribute("aria-readonly");
  }
});
