// Says beside “held until 2:35pm” how many minutes are left. Without script the time itself is enough.
// A screen reader is told at five minutes, at one, and at the end; not at each minute between.
const box = document.querySelector("[data-countdown]");
const time = box?.querySelector("time");
if (time) {
  const until = Date.parse(time.dateTime);
  const left = document.createElement("span");
  time.parentElement.append(left);
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  spoken.setAttribute("aria-live", "polite");
  box.after(spoken);
  const aloud = [5, 1];

  const tell = () => {
    const minutes = Math.ceil((until - Date.now()) / 60_000);
    if (minutes > 0) {
      const words = `${minutes === 1 ? "One minute" : `${minutes} minutes`} left`;
      left.textContent = ` ${words}.`;
      if (aloud.some((mark) => minutes <= mark)) {
        while (minutes <= aloud[0]) aloud.shift();
        spoken.textContent = `${words} to order what is held for you.`;
      }
      return;
    }
    clearInterval(timer);
    time.parentElement.textContent = box.dataset.countdown;
    spoken.textContent = box.dataset.countdown;
  };
  const timer = setInterval(tell, 10_000);
  tell();
}
