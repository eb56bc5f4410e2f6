/* The page: what it starts with, and what its buttons and keys do. */
import {$, calm, copy, h, icon, phone, toast} from './dom.js';
import {S} from './state.js';
import {Refused, fetchRun, foresee, observe, observeMany} from './ask.js';
import {build, stageActions, update} from './stage.js';
import {isLive, play, rest, scrub, setTime, step, stop, tell} from './transport.js';
import {link, packed, readAddress, remember, unpacked} from './address.js';
import {newGuess} from './predict.js';
import {curlOf} from './row.js';
import {table} from './table.js';
import {pointer} from './pointer.js';
import {keys} from './keys.js';
import {help} from './help.js';
import {serverGone, setMineOnly, showNew, startLive} from './live.js';

const PLAN = '/run?plan=collect(sequence(hi(1s),hi(500ms)),race(hi(3s),hi(1s)),timeout(800ms,hi(2s)),fail(600ms))';
const SCENES = [
  ['Together or in turn', ['/parallel', '/sequence']],
  ['Different waits', ['/parallel?delay=3s,1s,2s', '/sequence?delay=3s,1s,2s']],
  ['Blocking', ['/parallel', '/parallel?sleep=blocking']],
  ['Forgotten await', ['/parallel', '/parallel?sleep=forgotten']],
  ['200 tasks', ['/parallel?count=200&delay=20ms', '/sequence?count=200&delay=20ms']],
  ['Cut short', ['/sequence#leave=1.5', PLAN]],
  ['All four', ['/parallel', '/sequence', '/parallel?sleep=blocking', '/parallel?sleep=forgotten']],
];

/* ---- bars over the stage --------------------------------------------------------------------------- */

const bars = {};
function bar(name, message, action, act) {
  bars[name]?.remove();
  if (message) $('bars').append(bars[name] = h('div', {class: `bar ${name}`, role: 'alert'}, message, action && h('button', {on: {click: act}}, action)));
}

/* ---- asking ---------------------------------------------------------------------------------------- */

let generation = 0, atOnce = 0;

function problemOf(error, given) {
  if (!(error instanceof Refused)) {
    serverGone();
    return {detail: 'The server does not answer.'};
  }
  const {detail, line, column} = {detail: error.message, ...error.problem};
  return {detail, line, column, given, text: given, retryAt: error.retryAfter && Date.now() + error.retryAfter * 1000};
}

/* What will happen or, of a recording that the server keeps, what did. */
async function prepare(target, given) {
  try {
    if (target.startsWith('run:')) return {target, run: await fetchRun(target.slice(4)), guess: null};
    const run = await foresee(target);
    return run.tooMany ? {target, run: await observeMany(target, run.head), guess: null} : {target, run, guess: null, isForeseen: true};
  } catch (error) {
    return {target, problem: problemOf(error, given)};
  }
}

const stepsIn = entries => entries.reduce((sum, {state, tasks}) => sum + (state === 'done' || state === 'ready' ? 0 : tasks ? tasks[1] - tasks[0] + 1 : 1), 0);

/* The real run takes the place of what was foreseen as it comes. */
async function follow(row, mine) {
  const leave = /#leave=([\d.]+)/.exec(row.target);
  if (!calm()) row.live = {arrived: 0, since: performance.now()};
  try {
    const run = await observe(row.target, {leave: leave && +leave[1], onEntries: entries => {
      if (row.live) row.live.arrived = stepsIn(entries);
    }});
    if (mine !== generation) return;
    atOnce = run.cameAtOnce ? atOnce + 1 : 0;
    if (atOnce > 1) bar('held', 'Something between here and the server holds events back.');
    row.run = run;
  } catch (error) {
    if (mine !== generation) return;
    row.problem = problemOf(error, row.target);
  }
  row.live = null;
  const rests = S.t >= S.span - 1e-9;
  build();
  setTime(rests ? S.span : S.t);
  update();
  if (!isLive() && calm()) tell();
}

/* Shows these requests; `ask` has them run, `guesses` are kept to be compared. */
async function load(targets, {given = [], guesses, ask = true, isNew} = {}) {
  const mine = ++generation, before = S.rows;
  const made = await Promise.all(targets.map((target, j) => prepare(target, given[j] || target)));
  if (mine !== generation) return;
  stop();
  /* What was there stays, under the error; a link that is wrong has something to stand on. */
  const spare = before[0] || made.find(row => row.run) || await prepare('/parallel');
  if (mine !== generation) return;
  S.rows = made.map((row, j) => {
    if (row.run) return {...row, guess: guesses ? guesses[j] : null};
    const kept = before[j] || spare;
    return kept.run && {...kept, target: given[j] ? kept.target : row.target, problem: row.problem, editing: !!given[j], isForeseen: false, live: null};
  }).filter(Boolean);
  if (!S.rows.length) return;
  Object.assign(S, {asking: false, guessed: !!guesses, stepping: null});
  const live = ask ? S.rows.filter(row => row.isForeseen && !row.problem && !/[?&]clock=virtual/.test(row.target)) : [];
  build();
  for (const row of live) follow(row, mine);
  setTime(live.length && !calm() ? 0 : S.span);
  update();
  scenes();
  predictLabel();
  remember(isNew);
  if (live.length && !calm()) play();
}

const targets = () => S.rows.map(row => row.target);

function run() {
  const guesses = S.asking ? S.rows.map(row => row.guess) : null;
  return load(targets(), {guesses});
}

function predict() {
  if (S.asking) return run();
  generation++;
  stop();
  Object.assign(S, {asking: true, guessed: false, stepping: null});
  for (const row of S.rows) Object.assign(row, {guess: newGuess(), live: null, problem: null});
  build();
  predictLabel();
}

function predictLabel() {
  $('b-predict').replaceChildren(icon('eye'), S.asking ? 'Run and compare' : 'Predict first');
  $('b-predict').classList.toggle('main', S.asking);
}

const withRow = (j, target) => { const all = targets(); all[j] = target; return all; };

stageActions({
  edit(j) {
    stop();
    S.rows[j].editing = true;
    build();
    $('rows').children[j].querySelector('.edit input, .edit textarea').focus();
  },
  leave(j) {
    Object.assign(S.rows[j], {editing: false, problem: null});
    build();
    $('rows').children[j].querySelector('.req button').focus();
  },
  ask(j, target, given) {
    const typed = [];
    if (given) typed[j] = given;
    return load(withRow(j, target), {given: typed, isNew: true});
  },
});

/* ---- scenes ------------------------------------------------------------------------------------------ */

function scenes() {
  const now = targets().join(' ');
  [...$('scenes').querySelectorAll('button')].forEach((button, k) => {
    const is = SCENES[k][1].join(' ') === now;
    button.setAttribute('aria-current', String(is));
    if (is && phone()) $('scenes').scrollLeft = button.offsetLeft - 60;
  });
}

const scene = k => load(SCENES[k][1], {isNew: true});

/* ---- the rest of the buttons ------------------------------------------------------------------------- */

function theme() {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme:dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try { localStorage.theme = root.dataset.theme; } catch { /* a private window */ }
  build();
}

function language(name) {
  S.language = name;
  for (const button of $('language').children) button.setAttribute('aria-pressed', String(button.textContent === name));
  if (S.rows.length) build();
}

/* A recording that the server may forget goes along in the link. */
async function share() {
  const keeps = S.gone || targets().some(target => target.startsWith('run:'));
  copy(new URL(link() + (keeps ? await packed() : ''), location.href).href, 'Link copied');
}

function speed(by) {
  const all = [...$('speed').options].map(option => +option.value), k = Math.max(0, Math.min(all.length - 1, all.indexOf(S.speed) + by));
  S.speed = all[k];
  $('speed').selectedIndex = k;
  if (by) toast(`${S.speed}×`);
}

const toStart = () => { scrub(0); rest(); };
const toEnd = () => { scrub(S.span); rest(); };

function wire() {
  const click = {'b-play': () => S.asking ? run() : play(), 'b-prev': () => step(-1), 'b-next': () => step(1), 'b-home': toStart, 'b-end': toEnd,
    'b-predict': predict, 'b-run': run, 'b-theme': theme, 'b-help': help, 'b-share': share, 'b-new': showNew};
  for (const id in click) $(id).addEventListener('click', click[id]);
  for (const name of ['home', 'prev', 'next', 'end', 'share', 'theme', 'help']) $('b-' + name).append(icon(name));
  $('b-run').append(icon('run'), 'Run again');
  $('scenes').append(...SCENES.map(([name], k) => h('button', {on: {click: () => scene(k)}}, name, ' ', h('kbd', {'aria-hidden': 'true'}, String(k + 1)))));
  $('language').append(...['Python', 'C'].map(name => h('button', {'aria-pressed': 'false', on: {click: () => { language(name); remember(); }}}, name)));
  $('table').addEventListener('toggle', table);
  $('mine').addEventListener('change', event => setMineOnly(event.target.checked));
  $('speed').addEventListener('change', event => { S.speed = +event.target.value; remember(); });
  $('scrub').addEventListener('input', event => scrub(+event.target.value));
  $('scrub').addEventListener('change', rest);
  $('curl').textContent = `curl '${location.origin}/parallel?delay=3s,1s,2s'`;
}

const KEYS = {
  ' ': () => S.asking ? run() : play(), Home: toStart, End: toEnd, '+': () => speed(1), '-': () => speed(-1), '−': () => speed(-1),
  ArrowLeft: shift => shift ? (scrub(S.t - S.axis / 10), rest()) : step(-1), ArrowRight: shift => shift ? (scrub(S.t + S.axis / 10), rest()) : step(1),
  r: run, p: predict, t: theme, '?': help, s: share, c: () => copy(curlOf(S.rows[0].target), 'curl command copied'),
};

/* ---- the start --------------------------------------------------------------------------------------- */

/* A card was clicked, or a run that is shown has gone on. */
function changed(id, outcome) {
  update();
  const j = S.rows.findIndex(row => row.target === `run:${id}`);
  if (j >= 0 && outcome !== 'running') load(targets(), {ask: false});
}

function saved() {
  try { return localStorage.theme; } catch { return ''; }
}

async function start() {
  const address = readAddress(), chosen = address.theme || saved();
  if (chosen) document.documentElement.dataset.theme = chosen;
  document.body.classList.toggle('embed', address.embed);
  S.speed = address.speed;
  wire();
  pointer();
  keys(KEYS, scene);
  speed(0);
  language(address.language);
  let width = 0;
  new ResizeObserver(() => {
    if (width && width !== $('rulebox').clientWidth && S.rows.length) build();
    width = $('rulebox').clientWidth;
  }).observe($('stage'));
  const kept = await unpacked();
  if (kept) {
    S.rows = kept;
    build();
    setTime(S.span);
    update();
    predictLabel();
  } else {
    const fixed = address.t != null || address.step != null || address.predict;
    await load(address.targets.length ? address.targets.slice(0, 4) : SCENES[Math.max(1, Math.min(7, address.scene || 1)) - 1][1], {ask: !fixed});
    if (address.predict) predict();
    else if (address.step != null) { S.i = 0; step(Math.max(0, address.step)); }
    else if (address.t != null) scrub(address.t);
  }
  if (!address.embed) startLive({bar, changed, show: (target, j) => load(withRow(Math.min(j, S.rows.length), target).filter(Boolean).slice(0, 4), {ask: false, isNew: true})});
  addEventListener('popstate', () => { const back = readAddress(); if (back.targets.length) load(back.targets, {ask: false}); });
}

start();
