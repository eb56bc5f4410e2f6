/*
 * Live: every request to this server as a card that grows while it runs. The server tells of them at
 * /events; the browser comes back by itself, and goes on where it was by the last event's id.
 */
import {$, calm, h, s} from './dom.js';
import {S} from './state.js';
import {secs} from './words.js';
import {toRun} from './run.js';
import {fetchRun, isMine} from './ask.js';

const MOST_CARDS = 40, DRAWN_AT_FIRST = 8, LANES = 8, MOST_TRIES = 3, TRY_AGAIN_MS = 3000, HIDDEN_MS = 60000, GROW_MS = 100;

const cards = new Map(); /* by run: {info, entries, density, began, element} */
let source = null, tries = 0, lastId = '', hiddenTimer = 0, again = 0, waiting = [], mineOnly = false, stoppedAt = '', isLoaded = false, hooks;

const timeOfDay = date => date.toTimeString().slice(0, 8);

/* ---- a card -------------------------------------------------------------------------------------- */

function runOf(card) {
  const {info} = card, isOver = info.outcome !== 'running' && info.outcome !== 'queued';
  const passed = (performance.now() - card.began) / 1000, last = card.entries.length ? card.entries[card.entries.length - 1].at_seconds : 0;
  return toRun(info.request, {head: {...info, tasks: info.tasks || []}, entries: card.entries,
    end: {outcome: info.outcome, reason: info.reason, error: info.error, elapsed_seconds: isOver ? info.elapsed_seconds : Math.max(last, passed, .001)}});
}

/* As long as it will last, where its deadlines tell. */
const lengthOf = (card, run) => Math.max(run.elapsed, ...(run.outcome === 'running' ? card.entries.map(entry => entry.until_seconds || 0) : []), 1e-4);

function picture(card, run) {
  const svg = s('svg', {viewBox: '0 0 192 26', preserveAspectRatio: 'none', 'aria-hidden': 'true'}), length = lengthOf(card, run), x = v => 1 + v / length * 190;
  const looks = {waiting: ['url(#p-wait)', 'var(--wait)'], blocking: ['var(--block)', null], ready: ['var(--readybg)', 'var(--ready)']};
  if (card.density.length) {
    card.density.forEach((sample, k) => {
      const from = x(sample.at_seconds), to = x(card.density[k + 1]?.at_seconds ?? run.elapsed), tall = sample.waiting / card.info.count * 24;
      svg.append(s('rect', {x: from, y: 25 - tall, width: Math.max(1, to - from), height: tall, fill: 'url(#p-wait)'}));
    });
  }
  const lanes = run.all.slice(0, LANES), lane = 26 / Math.max(lanes.length, 1);
  lanes.forEach((task, k) => {
    for (const seg of task.segs) if (looks[seg.state])
      svg.append(s('rect', {x: x(seg.from), y: k * lane + lane * .12, width: Math.max(1, x(seg.to) - x(seg.from)), height: lane * .72, rx: 1, fill: looks[seg.state][0], stroke: looks[seg.state][1], 'stroke-width': .8}));
    for (const mark of task.marks) svg.append(s('rect', {x: x(mark.at) - 1, y: k * lane + lane * .05, width: 2, height: lane * .86, fill: run.sleep === 'blocking' ? 'var(--block)' : 'var(--run)'}));
  });
  if (run.outcome === 'cancelled') svg.append(s('path', {d: `M${x(run.elapsed)} 0v26`, stroke: 'var(--muted)', 'stroke-width': 2}));
  return svg;
}

function outcome(card, run) {
  const at = secs(run.elapsed), kept = card.isIncomplete ? ', incomplete' : '';
  switch (run.outcome) {
    case 'queued': return ['ready', '· queued'];
    case 'running': return ['running', `▸ ${at} …`];
    case 'cancelled': return ['cancelled', `⊣ ${run.reason} at ${at}${kept}`];
    case 'failed': return ['refused', `✗ failed at ${at}${kept}`];
    default: return run.sleep === 'blocking' ? ['blocking', `■ loop held ${at}${kept}`] : ['done', `✓ ${at}${kept}`];
  }
}

function draw(card) {
  const run = runOf(card), [kind, string] = outcome(card, run), {started_at: began} = card.info;
  const request = card.info.request.replace(/[?&]format=ndjson$/, ''); /* as this page asks */
  const button = h('button', {title: `Show in B: ${request}`, on: {click: event => hooks.show(`run:${card.info.run}`, event.shiftKey ? 0 : 1)}},
    h('span', {class: 'l2'}, request), picture(card, run),
    h('span', {class: 'l1'}, h('span', {class: 'st ' + kind}, string), h('span', {}, timeOfDay(began ? new Date(began) : new Date()))));
  const hadFocus = card.element.contains(document.activeElement);
  card.element.replaceChildren(button);
  card.element.dataset.outcome = card.info.outcome;
  card.element.hidden = mineOnly && !isMine(card.info.request_id);
  if (hadFocus) button.focus();
}

/* ---- the list ------------------------------------------------------------------------------------ */

function cardOf(info) {
  let card = cards.get(info.run);
  if (card) {
    Object.assign(card.info, info);
    return card;
  }
  card = {info, entries: [], density: [], began: performance.now(), element: h('li', {'data-run': info.run})};
  cards.set(info.run, card);
  /* A list that has been scrolled does not move. */
  if ($('feed').scrollLeft > 40) waiting.push(card);
  else $('feed').prepend(card.element);
  while (cards.size > MOST_CARDS) {
    const [oldest, gone] = cards.entries().next().value;
    cards.delete(oldest);
    gone.element.remove();
    waiting = waiting.filter(one => one !== gone);
  }
  shape();
  return card;
}

function shape() {
  $('feed').querySelector('.empty')?.remove();
  if (!cards.size)
    $('feed').append(h('li', {class: 'empty'}, 'Nothing yet. Ask for something in a terminal, and it appears here while it runs.'));
  $('b-new').hidden = !waiting.length;
  $('b-new').textContent = `${waiting.length} new`;
}

export function showNew() {
  $('feed').prepend(...waiting.reverse().map(card => card.element));
  waiting = [];
  $('feed').scrollLeft = 0;
  shape();
}

export function setMineOnly(is) {
  mineOnly = is;
  for (const card of cards.values()) draw(card);
}

async function complete(card) {
  try {
    const run = await fetchRun(card.info.run);
    Object.assign(card.info, run.head, {elapsed_seconds: run.elapsed});
    card.entries = run.entries;
    card.density = run.density || [];
    card.isIncomplete = !run.head.complete && run.outcome !== 'running';
  } catch { /* it is no longer kept: the card stays as it is */ }
  draw(card);
}

/* What was there before the page came, and after a gap. Asked for once the stream has begun, so that no run
   is in neither; what the stream has told meanwhile is newer than the list. */
async function loadKept() {
  const answer = await fetch('/runs?limit=20').catch(() => null);
  if (!answer || !answer.ok) return;
  const {runs} = await answer.json();
  const isOver = run => cards.has(run) && cards.get(run).info.outcome !== 'running';
  const made = runs.reverse().map(info => isOver(info.run) ? cards.get(info.run) : cardOf(info));
  made.forEach((card, k) => k >= made.length - DRAWN_AT_FIRST ? complete(card) : draw(card));
  shape();
}

/* ---- events -------------------------------------------------------------------------------------- */

const on = {
  server(data) {
    S.limits = data.limits;
    state(data.draining ? 'stopping' : 'live');
    if (!isLoaded) loadKept();
    isLoaded = true;
  },
  run(data) {
    if (data.request || cards.has(data.run)) draw(cardOf(data)); /* else it began before this page */
    hooks.changed(data.run, data.outcome);
  },
  timeline(data) {
    const card = cards.get(data.run);
    if (!card) return;
    const key = entry => `${entry.at_seconds} ${entry.task || entry.tasks} ${entry.says || entry.state}`;
    const had = new Set(card.entries.map(key)); /* a recording that was fetched may be ahead of the stream */
    card.entries.push(...(data.timeline || []).filter(entry => !had.has(key(entry))));
    card.density.push(...(data.density || []));
    draw(card);
  },
  dropped(data) {
    const lost = data.runs.map(run => cards.get(run)).filter(Boolean);
    for (const card of lost) card.isIncomplete = true;
    hooks.bar('dropped', `${data.events} events were dropped because this page was too slow for them.`, 'Fetch the recordings', () => {
      hooks.bar('dropped');
      for (const card of cards.values()) if (card.isIncomplete) complete(card);
    });
  },
  missed() {
    for (const [run, card] of cards) if (card.info.outcome === 'running') { card.element.remove(); cards.delete(run); }
    loadKept();
  },
  rate(data) { note(data.runs_per_second > data.shown ? `${data.runs_per_second.toLocaleString('en')} requests/s, ${data.shown} of them shown` : ''); },
  loop(data) { note(`loop ${data.loop} was ${secs(data.late_seconds)} late`); },
  bye() { state('stopping'); },
};

let noteTimer = 0;
function note(text) {
  $('rate').textContent = text;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => { $('rate').textContent = ''; }, 3000);
}

function state(name) {
  const words = {live: 'live', reconnecting: 'reconnecting …', gone: 'server gone', stopping: 'stopping'};
  const pill = $('pill');
  if (pill.dataset.state === name) return;
  pill.dataset.state = name;
  pill.lastElementChild.textContent = words[name];
  stoppedAt = name === 'live' ? '' : stoppedAt || timeOfDay(new Date());
  $('until').textContent = stoppedAt && `until ${stoppedAt}`;
  S.gone = name === 'gone';
  hooks.bar('gone', S.gone ? 'The server does not answer. What is on the page is recorded: play and step go on working.' : '', 'Try now', connect);
  hooks.changed();
}

export function serverGone() {
  if (S.gone) return;
  state('gone');
  again = setTimeout(connect, TRY_AGAIN_MS);
}

function onError() {
  tries++;
  if (tries < MOST_TRIES && source.readyState !== EventSource.CLOSED) { state('reconnecting'); return; }
  source.close();
  source = null;
  clearTimeout(again);
  if (tries < MOST_TRIES) { state('reconnecting'); again = setTimeout(connect, 1000); return; }
  state('gone');
  again = setTimeout(connect, TRY_AGAIN_MS);
}

function connect() {
  clearTimeout(again);
  source?.close();
  source = new EventSource('/events' + (lastId ? `?after=${lastId}` : ''));
  source.addEventListener('open', () => { tries = 0; state('live'); });
  source.addEventListener('error', onError);
  for (const name in on) source.addEventListener(name, event => {
    if (event.lastEventId) lastId = event.lastEventId;
    on[name](JSON.parse(event.data));
  });
}

function disconnect() {
  source?.close();
  source = null;
}

/* A page that nobody sees takes none of the server's viewers, and goes on where it was. */
function onVisibility() {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(disconnect, HIDDEN_MS);
  else if (!source && !S.gone) connect();
}

/* False: this server has no live view. */
export async function startLive(given) {
  hooks = given;
  const answer = await fetch('/runs?limit=1').catch(() => null);
  if (!answer || !answer.ok) {
    document.body.classList.add('no-live');
    return false;
  }
  shape();
  connect();
  document.addEventListener('visibilitychange', onVisibility);
  /* One that was left may be kept to come back to; its stream would be one of the six connections that a
     browser has for all pages of this server. */
  addEventListener('pagehide', disconnect);
  addEventListener('pageshow', event => { if (event.persisted) connect(); });
  setInterval(() => {
    if (!calm()) for (const card of cards.values()) if (card.info.outcome === 'running' && !S.gone) draw(card);
  }, GROW_MS);
  return true;
}
