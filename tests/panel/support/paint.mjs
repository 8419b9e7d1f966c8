// When a page has painted something: what a person can see, not what the document holds.

/**
 * In the page: waits until `fits`, and for the frame with it. The callbacks of the next frame run
 * before it is painted, those of the one after it when it has been.
 */
const PAINTED = `async (fits) => {
  const frame = () => new Promise(requestAnimationFrame);
  while (!fits()) await frame();
  await frame();
  await frame();
  return performance.timeOrigin + performance.now();
}`;

/** When an element whose label and text match `pattern` is painted, by this machine's clock. */
export function listPaints(page, selector, pattern) {
  return page.evaluate(`(${PAINTED})(() => {
    const words = (of) => (of.getAttribute("aria-label") ?? "") + " " + of.textContent;
    const all = [...document.querySelectorAll(${JSON.stringify(selector)})];
    return all.some((of) => ${pattern}.test(words(of)));
  })`);
}

/**
 * Watches the map from here on: `painted` is when it holds `by` pixels more of some inks than now, or
 * so many less if `by` is below zero.
 *
 * Motion must be reduced on the page, or a ripple is taken for a dot. A pixel counts if it has the
 * very colour, as those inside a shape have.
 */
export async function mapPaints(page, inks, by) {
  const counter = `(() => {
    const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const probe = document.body.appendChild(document.createElement("span"));
    const pixels = (width, height) =>
      new Uint32Array(copy.getImageData(0, 0, width, height).data.buffer);
    const colours = ${JSON.stringify(inks)}.map((ink) => {
      probe.style.setProperty("color", "var(--color-" + ink + ")");
      copy.fillStyle = getComputedStyle(probe).color;
      copy.fillRect(0, 0, 1, 1);
      return pixels(1, 1)[0];
    });
    probe.remove();
    return () => {
      const map = document.querySelector("[role=img] canvas");
      if (map === null || map.width === 0 || map.height === 0) return 0;
      // A new size clears it.
      [copy.canvas.width, copy.canvas.height] = [map.width, map.height];
      copy.drawImage(map, 0, 0);
      let count = 0;
      for (const pixel of pixels(map.width, map.height)) {
        if (colours.includes(pixel)) count += 1;
      }
      return count;
    };
  })()`;
  const bound = by + (await page.evaluate(`${counter}()`));
  const fits = by > 0 ? `count() >= ${bound}` : `count() <= ${bound}`;
  const painted = page.evaluate(
    `(() => { const count = ${counter}; return (${PAINTED})(() => ${fits}); })()`,
  );
  return { painted };
}
