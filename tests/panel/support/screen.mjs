// When a page shows something, to the pixel.
//
// The page marks the change of its document; the browser's own trace then tells when the first
// frame that was committed after the mark came to the screen. A change that paints nothing has no
// such frame, and is never taken for one that was shown.

/** Frames of the compositor, and the marks of pages. */
const CATEGORIES = ["cc", "benchmark", "blink.user_timing"];
const MARK = "covey-shown";
/** How long a change may let itself be waited for. */
const PATIENCE_MS = 60_000;
/** What a frame takes from its commit to the screen, with room for a busy machine. */
const SETTLE_MS = 200;

/**
 * Watches `page` for elements that match `selector` and have `pattern` in their label or text; for
 * their absence, if `gone`. What it gives waits, and tells when the screen showed that, by this
 * machine's clock in milliseconds. One at a time in a browser.
 */
export async function watch(page, selector, pattern, { gone = false } = {}) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: CATEGORIES });
  const wanted = {
    selector,
    source: pattern.source,
    gone,
    mark: MARK,
    patience: PATIENCE_MS,
  };
  await page.evaluate(markWhen, wanted);
  return async () => {
    let trace;
    let wall;
    try {
      wall = await page.evaluate(changeAndFrames);
      await page.waitForTimeout(SETTLE_MS);
    } finally {
      trace = JSON.parse(String(await browser.stopTracing()));
    }
    return wall + presentedAfter(trace.traceEvents);
  };
}

/** In the page: begins to wait for the change, to mark it and to note its time. */
function markWhen({ selector, source, gone, mark, patience }) {
  const pattern = new RegExp(source);
  const words = (of) =>
    `${of.getAttribute("aria-label") ?? ""} ${of.textContent}`;
  const holds = () =>
    [...document.querySelectorAll(selector)].some((of) =>
      pattern.test(words(of)),
    ) !== gone;
  globalThis.coveyShown = new Promise((done, fail) => {
    const look = () => {
      if (!holds()) return;
      observer.disconnect();
      performance.mark(mark);
      done(performance.timeOrigin + performance.now());
    };
    const observer = new MutationObserver(look);
    observer.observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    look();
    setTimeout(() => {
      observer.disconnect();
      fail(new Error(`not shown within ${patience} ms: ${source}`));
    }, patience);
  });
  // Whoever waits hears of a failure; nobody else needs to.
  globalThis.coveyShown.catch(() => {});
}

/** In the page: gives the time of the change once two frames have begun since. */
async function changeAndFrames() {
  const wall = await globalThis.coveyShown;
  for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
  return wall;
}

/** Milliseconds from the mark to the end of the first frame on screen that was committed after it. */
function presentedAfter(events) {
  const mark = events.find(({ name }) => name === MARK);
  if (mark === undefined) throw new Error("the trace has no mark");
  const frames = events
    .filter(({ pid, ts }) => pid === mark.pid && ts >= mark.ts)
    .sort((a, b) => a.ts - b.ts);
  const committed = new Set();
  for (const { name, ph, id2, ts } of frames) {
    const frame = id2?.local;
    if (name === "Commit" && ph === "b") committed.add(frame);
    // An identity is used again once its frame has ended.
    if (name === "PipelineReporter") committed.delete(frame);
    if (
      name === "SwapEndToPresentationCompositorFrame" &&
      ph === "e" &&
      committed.has(frame)
    ) {
      return (ts - mark.ts) / 1_000;
    }
  }
  throw new Error("no frame came to the screen after the change");
}
