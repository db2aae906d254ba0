"use strict";
(() => {
  // Print shows what is folded away.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach(d => { d.open = true; }); });
  addEventListener("afterprint", () => opened.forEach(d => { d.open = false; }));

  const holder = document.getElementById("episode-data");
  if (!holder) return;
  const episode = JSON.parse(holder.textContent);
  const last = episode.x.length - 1;
  const part = name => document.getElementById("episode-" + name);
  const cart = part("cart"), pole = part("pole"), button = part("button"), slider = part("slider"), count = part("step");
  const holdSeconds = 1;
  let seconds = 0, playing = false, before = null;

  const show = () => {
    const step = Math.min(last, Math.floor(seconds / episode.stepSeconds + 1e-6));
    cart.setAttribute("transform", `translate(${(episode.middle + episode.scale * episode.x[step]).toFixed(2)} 100)`);
    pole.setAttribute("transform", `rotate(${episode.degrees[step]} 0 -6)`);
    slider.value = step;
    count.textContent = `step ${step} of ${last}`;
  };
  const frame = now => {
    if (!playing) return;
    // A page that was hidden goes on where it was.
    seconds += before === null ? 0 : Math.min(0.1, (now - before) / 1000);
    before = now;
    if (seconds > last * episode.stepSeconds + holdSeconds) seconds = 0;
    show();
    requestAnimationFrame(frame);
  };
  const play = wanted => {
    if (wanted && seconds >= last * episode.stepSeconds) seconds = 0;
    playing = wanted;
    before = null;
    button.textContent = wanted ? "Pause" : "Play";
    if (wanted) requestAnimationFrame(frame);
  };

  button.addEventListener("click", () => play(!playing));
  slider.addEventListener("input", () => { play(false); seconds = slider.value * episode.stepSeconds; show(); });
  addEventListener("beforeprint", () => play(false));
  part("controls").hidden = false;
  show();
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play(true);
})();
