/* Predict first: the picture is covered, one drags the end and builds what is printed; then it runs. */
import {h, phone, s} from './dom.js';
import {S, geo} from './state.js';
import {secs, word} from './words.js';
import {X, grid, text} from './picture.js';

/* Words are built for so many tasks at most. */
const MOST_TASKS = 4;

export const newGuess = () => ({secs: null, words: []});

/* Right is within a quarter of a ruler step, or 10 %. */
export function score() {
  let right = 0, of = 0;
  for (const {guess, run} of S.rows) {
    if (!guess) continue;
    guess.timeOk = guess.secs != null && Math.abs(guess.secs - run.elapsed) <= Math.max(geo.step / 4, run.elapsed * .1);
    of++;
    right += guess.timeOk;
    if (run.count > MOST_TASKS) continue;
    guess.orderOk = guess.words.length === run.out.length && guess.words.every((said, k) => said === run.out[k].says);
    of++;
    right += guess.orderOk;
  }
  return right === of ? `all ${word(of)} right` : `${word(right)} of ${word(of)} right`;
}

export function drawGuess(row) {
  const j = S.rows.indexOf(row), small = phone(), lane = small ? 24 : 35, n = Math.min(row.run.count, 3), top = small ? 62 : 56;
  const tall = top + n * lane + 34, base = tall - 30, guess = row.guess, svg = s('svg', {width: geo.w, height: tall, 'aria-hidden': 'true'});
  const each = Array.from({length: n}, (_, k) => top + k * lane);
  const bars = each.map(y => s('rect', {x: X(0), y: y + 4, height: lane - 10, rx: 5, fill: 'var(--neverbg)', stroke: 'var(--never)', 'stroke-dasharray': '3 4', 'stroke-width': 1.3}));
  const marks = each.map(y => text(0, y + lane / 2, '?', {size: 14, weight: 700, anchor: 'middle', fill: 'var(--never)'}));
  const flag = s('path', {stroke: 'var(--never)', 'stroke-width': 2.5}), told = h('b', {'aria-hidden': 'true'});
  row.marks = row.veil = null;
  row.box.style.height = tall + 'px';
  grid(svg, base);
  each.forEach((y, k) => svg.append(text(0, y + lane / 2, small ? String(k + 1) : `task ${k + 1}`, {size: 13, kind: 't-muted'})));
  svg.append(...bars, ...marks, flag);
  const range = h('input', {type: 'range', min: 0, max: S.axis, step: geo.step / 2, 'aria-label': `How long will ${'ABCD'[j]} take?`});
  Object.assign(range.style, {left: geo.padL - 8 + 'px', width: geo.w - geo.padL - geo.padR + 16 + 'px', top: base - 9 + 'px'});
  const show = () => {
    const x = X(+range.value), isOpen = guess.secs == null;
    told.style.left = Math.min(x, geo.w - 130) + 'px';
    told.textContent = isOpen ? '' : `done after ${secs(+range.value)}`;
    flag.setAttribute('d', `M${x} ${top - 22}V${base}`);
    flag.setAttribute('opacity', isOpen ? .3 : 1);
    for (const bar of bars) { bar.setAttribute('width', Math.max(0, x - X(0))); bar.setAttribute('opacity', isOpen ? .45 : 1); }
    for (const mark of marks) { mark.setAttribute('x', (X(0) + x) / 2); mark.setAttribute('opacity', x - X(0) < 24 ? 0 : 1); }
  };
  range.value = guess.secs ?? S.axis;
  range.addEventListener('input', () => {
    guess.secs = +range.value;
    range.setAttribute('aria-valuetext', secs(guess.secs));
    show();
  });
  row.box.replaceChildren(svg, h('div', {class: 'ask'}, range, told));
  show();
}

/* What will be printed, by two buttons, and one to take back. */
export function printGuess(row) {
  const {guess, run} = row, isShort = run.count <= MOST_TASKS, again = () => printGuess(row);
  const add = said => () => {
    if (guess.words.length < run.out.length) guess.words.push(said);
    again();
  };
  row.printed.replaceChildren(...(isShort
    ? run.out.map((_, k) => h('li', {class: k < guess.words.length ? '' : 'more'}, guess.words[k] || (k === guess.words.length ? '▏' : '·····')))
    : [h('li', {class: 'more'}, 'only the time')]));
  row.guessBox.replaceChildren(...(isShort ? [h('button', {on: {click: add('Hello')}}, 'Hello'), h('button', {on: {click: add('World')}}, 'World'),
    h('button', {'aria-label': 'Take the last one back', on: {click: () => { guess.words.pop(); again(); }}}, '⌫')] : []));
}
