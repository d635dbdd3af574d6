// Makes the frame as high as the message in it. Without script it is high and scrolls.
for (const frame of document.querySelectorAll(".mail-frame")) {
  const fit = () => {
    const page = frame.contentDocument?.documentElement;
    if (!page?.querySelector("body > *")) return;
    frame.style.blockSize = "0";
    frame.style.blockSize = `${page.scrollHeight + 2}px`;
  };
  frame.addEventListener("load", fit);
  new ResizeObserver(fit).observe(frame.parentElement);
  fit();
}
