/* What all pictures have: the axis, labels that fit, dimension lines, the end, and the veil. */
import {$, s} from './dom.js';
import {S, geo} from './state.js';
import {secs, word} from './words.js';

export const X = v => geo.padL + v / S.axis * (geo.w - geo.padL - geo.padR);
export const zero = v => X(v < 1e-3 ? 0 : v);

const meter = document.createElement('canvas').getContext('2d');
let family;
export function wide(text, size, weight = 400) {
  family ||= getComputedStyle(document.body).fontFamily;
  meter.font = `${weight} ${size}px ${family}`;
  return meter.measureText(text).width;
}

/* Text at a point. With `halo` it has a rim of that colour, for words in a hatched bar. */
export const text = (x, y, string, {size = 12, weight, anchor, kind, fill, halo} = {}) =>
  s('text', {x, y: y + size * .36, 'font-size': size, 'font-weight': weight, 'text-anchor': anchor, class: halo ? 'halo' : kind, fill, stroke: halo}, string);

/* Text on a ground of its own. */
export function label(x, y, string, {size = 12, weight = 500, anchor, fill = 'var(--ink)', ground = 'var(--card)', edge, pad = 10} = {}) {
  const w = wide(string, size, weight) + pad, tall = size + 6;
  const left = anchor === 'end' ? x - w : anchor === 'middle' ? x - w / 2 : x;
  return s('g', {}, s('rect', {x: left, y: y - tall / 2, width: w, height: tall, rx: 4, fill: ground, stroke: edge}),
    text(left + w / 2, y, string, {size, weight, anchor: 'middle', fill}));
}

const dashed = (x1, x2, y, dash) => s('line', {x1, x2, y1: y, y2: y, stroke: 'var(--muted)', 'stroke-dasharray': dash, 'stroke-linecap': 'round', 'stroke-width': 1.6, opacity: .8});
export const notBegun = (x1, x2, y) => dashed(x1, x2, y, '1 5');

export function ruler() {
  const box = $('rulebox'), w = box.clientWidth, tall = box.clientHeight;
  const svg = s('svg', {width: w, height: tall, 'aria-hidden': 'true'});
  const least = S.axis * 90 / (w - geo.padL - geo.padR), power = 10 ** Math.floor(Math.log10(least));
  geo.step = [1, 2, 5, 10].map(k => k * power).find(k => k >= least);
  for (let v = 0; v <= S.axis * 1.0001; v += geo.step) {
    const x = X(v), at = secs(+v.toPrecision(6));
    if (x + wide(at, 12) / 2 > w) continue;
    svg.append(s('line', {x1: x, x2: x, y1: tall - 7, y2: tall, stroke: 'var(--muted)'}), text(x, tall - 16, at, {anchor: 'middle', kind: 't-muted'}));
  }
  box.querySelector('svg')?.remove();
  box.prepend(svg);
  /* Its ends reach half a thumb over the axis, so that value and pixel agree. */
  const scrub = $('scrub');
  scrub.max = S.axis;
  scrub.style.left = geo.padL - 10 + 'px';
  scrub.style.width = w - geo.padL - geo.padR + 20 + 'px';
}

export function grid(svg, tall) {
  for (let v = 0; v <= S.axis; v += geo.step)
    svg.append(s('line', {x1: X(v), x2: X(v), y1: 0, y2: tall, stroke: 'var(--line)', 'stroke-dasharray': v ? '2 4' : null}));
}

/* One dimension line; of its texts the longest that fits. `beside`: where none does, it stands to the right. */
function dimension(svg, from, to, y, texts, {colour, beside} = {}) {
  const x1 = X(from), x2 = X(to), size = 12.5, fits = string => wide(string, size, 600) + 14 < x2 - x1;
  if (x2 - x1 < 3) return;
  for (const x of [x1, x2]) svg.append(s('line', {x1: x, x2: x, y1: y - 5, y2: y + 5, stroke: 'var(--muted)'}));
  svg.append(s('line', {x1, x2, y1: y, y2: y, stroke: colour || 'var(--muted)', 'stroke-dasharray': colour && '3 3'}));
  const string = texts.find(fits), least = texts[texts.length - 1];
  if (string) svg.append(label((x1 + x2) / 2, y, string, {anchor: 'middle', size, weight: 600, fill: colour, pad: 12}));
  else if (beside && x2 + wide(least, size, 600) + 14 < geo.w - 6) svg.append(label(x2 + 4, y, least, {size, weight: 600, fill: colour, pad: 8}));
}

export function dimensions(svg, run, y) {
  const n = run.count;
  if (run.sleep === 'forgotten' || run.isPlan && run.outcome !== 'done') return;
  if (run.oneByOne && n > 1 && n <= 8) {
    for (const lane of run.all) if (lane.world != null) dimension(svg, lane.hello < 1e-3 ? 0 : lane.hello, lane.world, y, [secs(lane.delay)]);
  } else if (run.oneByOne && n > 1) {
    dimension(svg, 0, run.elapsed, y, [run.mixed ? secs(run.elapsed) : `${n} × ${secs(run.delays[0])}`]);
  } else {
    const took = secs(run.elapsed);
    const texts = n === 1 || run.isPlan || run.density ? [took] : run.mixed ? [`${took}: the longest`, 'the longest'] : [`${took}, shared by all ${word(n)}`, took];
    dimension(svg, 0, run.elapsed, y, texts, {beside: run.elapsed >= S.axis * .1});
  }
  const slowest = Math.max(...S.rows.map(row => row.run.elapsed));
  const isQuicker = S.rows.length === 2 && run.sleep === 'awaited' && run.outcome === 'done';
  if (isQuicker && slowest - run.elapsed > S.axis * .12 && X(slowest) - X(run.elapsed) > 90)
    dimension(svg, run.elapsed, slowest, y, [`${secs(slowest - run.elapsed)} sooner`, secs(slowest - run.elapsed)], {colour: 'var(--done)'});
}

/* The end of a run: a line, and how it went. */
function flag(svg, run, base) {
  const x = X(run.elapsed), signs = {done: ['✓', 'done', 'donebg'], failed: ['✗', 'fail', 'card'], cancelled: ['⊣', 'muted', 'sunk']};
  const [sign, colour, ground] = signs[run.outcome] || ['▸', 'run', 'card'];
  const string = `${sign} ${secs(run.elapsed, true)}`, w = wide(string, 12.5, 650) + 10, isLast = x + w > geo.w;
  if (x - X(0) > 4) svg.append(s('line', {x1: x, x2: x, y1: 14, y2: base, stroke: `var(--${colour})`, 'stroke-width': 1.5}));
  svg.append(label(isLast ? geo.w : Math.max(X(0) - 2, x - 1), 9, string,
    {anchor: isLast ? 'end' : null, size: 12.5, weight: 650, fill: `var(--${colour})`, ground: `var(--${ground})`}));
}

/* The guess, as a dashed line whose words do not lie on the flag's. */
function guessed(svg, row, base) {
  const x = X(row.guess.secs), end = X(row.run.elapsed), string = `you: ${secs(row.guess.secs)}`;
  const w = wide(string, 12, 650) + 10, flagWide = wide('✓ 0.000 s', 12.5, 650) + 14, isLeft = x <= end + 1 && x - w > X(0);
  const right = Math.min(Math.max(x + 2, x < end + flagWide ? end + flagWide : 0), geo.w - w);
  svg.append(s('line', {x1: x, x2: x, y1: 14, y2: base, stroke: 'var(--never)', 'stroke-width': 2, 'stroke-dasharray': '5 4'}),
    label(isLeft ? x - 2 : right, 9, string, {anchor: isLeft ? 'end' : null, size: 12, weight: 650, fill: 'var(--never)', ground: 'var(--neverbg)'}));
}

/* Puts the veil over what is yet to come; `over` lies on it: marks show as soon as their step is past. */
export function finish(row, svg, {tall, base, over, canvas}) {
  flag(svg, row.run, base);
  row.veil = s('rect', {y: 0, height: tall, x: 0, width: 0, fill: 'var(--card)', opacity: .8});
  svg.append(row.veil);
  if (over) svg.append(over);
  if (row.guess && row.guess.secs != null) guessed(svg, row, base);
  row.box.style.height = tall + 'px';
  row.box.replaceChildren(...(canvas ? [canvas] : []), svg);
}

/* What turns of the thread there were: [{at, who: [1, 2, 3]}], a burst being one. */
export function turnsOf(run, moment) {
  const turns = [];
  for (const step of run.steps) {
    const at = moment(step.at), last = turns[turns.length - 1];
    if (!last || last.at !== at) turns.push({at, who: [step.task]});
    else if (last.who[last.who.length - 1] !== step.task) last.who.push(step.task);
  }
  return turns;
}

export const threadName = (svg, y, tall, short) =>
  svg.append(text(0, y + tall / 2, short ? '⚙' : 'thread', {size: short ? 12 : 13, kind: 't-muted'}));
