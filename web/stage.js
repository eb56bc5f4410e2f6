/* The stage: its rows, drawn once for each run or width, and what a frame changes of them. */
import {$, h, icon, phone, plain, s} from './dom.js';
import {S, geo, sortSteps, stepsOfRow} from './state.js';
import {headline, secs, sentence} from './words.js';
import {makeRow, updateRow} from './row.js';
import {X, ruler} from './picture.js';
import {drawLanes} from './lanes.js';
import {drawDense} from './dense.js';
import {drawGuess, printGuess, score} from './predict.js';
import {table} from './table.js';

const isDense = run => run.density || run.order.length > 40;
let actions;

export const stageActions = given => { actions = given; };

/* After anything but the time has changed. */
export function build() {
  const small = phone(), hasPlan = S.rows.some(row => row.run.isPlan);
  sortSteps();
  document.body.classList.toggle('four', S.rows.length > 2);
  geo.padL = hasPlan ? (small ? 84 : 124) : small ? 20 : 56;
  geo.padR = small ? 10 : 30;
  const guesses = S.rows.map(row => row.guess && row.guess.secs || 0);
  S.axis = S.asking ? S.span * 1.5 + (S.span < .5 ? .5 : 1) : Math.max(S.span, ...guesses) * (small ? 1.06 : 1.075);
  const focused = document.activeElement && document.activeElement.closest('.edit');
  $('rows').replaceChildren(...S.rows.map((row, j) => makeRow(row, j, actions)));
  headline(score);
  legend();
  draw();
  table();
  const field = (focused || S.rows.some(row => row.editing)) && $('rows').querySelector('.edit input, .edit textarea');
  if (field && document.activeElement === document.body) field.focus();
  update();
}

function draw() {
  geo.w = $('rulebox').clientWidth;
  if (!geo.w) return;
  ruler();
  for (const row of S.rows) if (S.asking) drawGuess(row); else if (isDense(row.run)) drawDense(row); else drawLanes(row);
  const stage = $('stage').getBoundingClientRect();
  geo.off = $('rulebox').getBoundingClientRect().left - stage.left - 1;
  $('playhead').style.height = phone() ? S.rows[S.rows.length - 1].box.getBoundingClientRect().bottom - stage.top + 'px' : '';
}

const shown = {};
export function update() {
  if (!S.rows.length) return;
  const atRest = S.t >= S.span - 1e-9, time = secs(S.t, S.t >= .1 && S.axis > .2), head = $('playhead');
  head.style.transform = `translateX(${geo.off + X(Math.min(S.t, S.span))}px)`;
  head.hidden = S.asking;
  head.classList.toggle('rest', atRest && !S.playing);
  if (shown.time !== time) head.firstElementChild.textContent = shown.time = time;
  $('scrub').value = S.t;
  if (!S.playing) $('scrub').setAttribute('aria-valuetext', `${time}. ${spoken()}`);
  S.rows.forEach((row, j) => updateRow(row, j, printGuess));
  for (const id of ['b-home', 'b-prev', 'b-next', 'b-end', 'scrub']) $(id).disabled = S.asking;
  $('b-run').hidden = S.asking;
  $('b-run').disabled = S.gone;
  if (shown.playing === S.playing) return;
  shown.playing = S.playing;
  $('b-play').replaceChildren(icon(S.playing ? 'pause' : 'play'));
  $('b-play').setAttribute('aria-label', S.playing ? 'Pause' : 'Play');
}

export const spoken = () => S.rows.map((row, j) => `${'ABCD'[j]}: ${plain(sentence(row, stepsOfRow(j)))}`).join(' ');

function legend() {
  const used = new Set(S.rows.flatMap(row => row.run.all.flatMap(lane => lane.segs.map(seg => seg.state))));
  const item = (name, shape) => h('span', {}, s('svg', {viewBox: '0 0 22 13'}, shape), name);
  const bar = look => s('rect', {x: .7, y: .7, width: 20.6, height: 11.6, rx: 3, ...look});
  const items = [item('runs', s('rect', {x: 9, y: 0, width: 5, height: 13, rx: 1.5, fill: 'var(--run)'}))];
  if (used.has('waiting')) items.push(item('waits', bar({fill: 'url(#p-wait)', stroke: 'var(--wait)', 'stroke-width': 1.3})));
  if (used.has('idle')) items.push(item('not begun', s('line', {x1: 1, x2: 21, y1: 7, y2: 7, stroke: 'var(--muted)', 'stroke-width': 1.6, 'stroke-dasharray': '1 4', 'stroke-linecap': 'round'})));
  if (used.has('ready')) items.push(item('could go on', bar({fill: 'url(#p-ready)', stroke: 'var(--ready)', 'stroke-dasharray': '4 3'})));
  if (used.has('blocking')) items.push(item('holds the thread', bar({fill: 'var(--block)'})));
  if (S.rows.some(row => row.run.sleep === 'forgotten')) items.push(item('never awaited', bar({fill: 'none', stroke: 'var(--never)', 'stroke-width': 1.4, 'stroke-dasharray': '2 3'})));
  $('legend').replaceChildren(...items);
}
