// Says beside “held until 2:35pm” how many minutes are left. Without script the time itself is enough.
const box = document.querySelector("[data-countdown]");
const time = box?.querySelector("time");
if (time) {
  const until = Date.parse(time.dateTime);
  const left = document.createElement("span");
  time.parentElement.append(left);

  const tell = () => {
    const minutes = Math.ceil((until - Date.now()) / 60_000);
    if (minutes > 0) {
      left.textContent = ` ${minutes === 1 ? "One minute" : `${minutes} minutes`} left.`;
      return;
    }
    clearInterval(timer);
    time.parentElement.textContent = box.dataset.countdown;
  };
  const timer = setInterval(tell, 10_000);
  tell();
}
