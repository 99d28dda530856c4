// Keeps a page live: reads the event stream from the last event that the page knows of, and on
// every event fetches the page anew and puts in the regions (`data-live`) that have changed.

const { events, xsrf } = document.body.dataset;
let lastEvent = document.body.dataset.lastEvent;
const connection = document.getElementById("connection");
const announcer = document.getElementById("announcer");

const SHORTEST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const SILENCE = 45000; // The server speaks every 15 s: after three times that, the line is dead.

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// A fetch rather than an EventSource: only a fetch can send the XSRF token as a header.
async function listen(heard) {
  const controller = new AbortController();
  let watchdog = setTimeout(() => controller.abort(), SILENCE);
  try {
    const response = await fetch(events, {
      headers: { "X-XSRFToken": xsrf, "Last-Event-ID": lastEvent },
      redirect: "manual",
      signal: controller.signal,
    });
    if (response.status === 401 || response.type === "opaqueredirect") {
      location.reload(); // Signed out: the Hub takes it from here.
      return;
    }
    if (!response.ok) throw new Error(`The event stream answered ${response.status}`);
    heard();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => controller.abort(), SILENCE);
      const frames = (text + value).split("\n\n");
      text = frames.pop();
      const ids = frames.map((frame) => /^id: (\d+)$/m.exec(frame)?.[1]).filter(Boolean);
      if (ids.length) {
        await refresh();
        lastEvent = ids.at(-1); // Only now: what was not shown is to be told again.
      }
    }
  } finally {
    clearTimeout(watchdog);
    controller.abort();
  }
}

async function refresh() {
  const response = await fetch(location.href, {
    headers: { "X-XSRFToken": xsrf },
    redirect: "manual",
  });
  if (!response.ok) throw new Error(`The page answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(region.id);
    if (fresh) replace(region, fresh);
  }
}

function replace(region, fresh) {
  localise(fresh);
  const said = fresh.dataset.say;
  if (said && said !== region.dataset.say) announcer.textContent = said;
  for (const details of region.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = details.open;
  }
  if (region.isEqualNode(fresh)) return;
  const focused = region.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const node = document.adoptNode(fresh);
  region.replaceWith(node);
  if (focused) node.querySelector(focused)?.focus({ preventScroll: true });
}

// What finds the focused element again in the new region.
function keyOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.localName === "summary" && element.parentElement.id) {
    return `#${CSS.escape(element.parentElement.id)} > summary`;
  }
  const href = element.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

// Instants come in UTC; a learner reads them in their own time zone.
function localise(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}

async function stay() {
  let wait = SHORTEST_PAUSE;
  for (;;) {
    try {
      await listen(() => {
        wait = SHORTEST_PAUSE;
        connection.hidden = true;
      });
    } catch (error) {
      console.info("Milepost: the event stream ended, and is tried again.", error);
      connection.hidden = wait === SHORTEST_PAUSE;
      wait = Math.min(wait * 2, LONGEST_PAUSE);
    }
    await pause(wait * (0.5 + Math.random() / 2));
  }
}

localise(document);
stay();
