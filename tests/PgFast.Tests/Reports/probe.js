// Records what goes wrong, then measures what was drawn and tells the page around it.
(() => {
  const errors = [];
  addEventListener("error", e => errors.push(String(e.message || e.target)), true);
  addEventListener("unhandledrejection", e => errors.push(String(e.reason)));
  addEventListener("securitypolicyviolation", e => errors.push("policy: " + e.violatedDirective + " " + e.blockedURI));
  for (const kind of ["error", "warn"]) console[kind] = (...words) => errors.push(words.join(" "));
  const measure = figure => {
    const svg = figure.querySelector("svg");
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")];
    const isOut = text => {
      const box = text.getBoundingClientRect();
      return box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5;
    };
    const isDrawn = shape => {
      const box = shape.getBBox();
      return box.width + box.height > 0 && shape.getTotalLength() > 0;
    };
    return {
      id: figure.id, width: frame.width, height: frame.height,
      shapes: [...svg.querySelectorAll("path,polyline,polygon,rect,circle,ellipse,line")].filter(isDrawn).length,
      clipped: texts.filter(isOut).map(text => text.textContent),
      smallest: texts.length === 0 ? null : Math.min(...texts.map(text => scale * parseFloat(getComputedStyle(text).fontSize))),
    };
  };
  addEventListener("load", () => {
    const pole = document.getElementById("episode-pole"), step = document.getElementById("episode-step");
    const start = pole && pole.getAttribute("transform");
    const hasMoved = () => pole !== null && pole.getAttribute("transform") !== start;
    const report = () => parent.postMessage(JSON.stringify({
      errors, windowWidth: innerWidth, pageWidth: document.documentElement.scrollWidth,
      figures: [...document.querySelectorAll("figure")].map(measure),
      step: step && step.textContent, hasMoved: hasMoved(),
    }), "*");
    // An animation is given the time it takes to begin; that none begins takes a moment to tell.
    const begin = performance.now();
    const wait = () => {
      const patience = matchMedia("(prefers-reduced-motion: reduce)").matches || !pole ? 1000 : 30000;
      if (hasMoved() || performance.now() - begin > patience) report();
      else setTimeout(wait, 100);
    };
    wait();
  });
})();
