/* One lane a task, to 40 tasks: bars to scale, marks where somebody ran, and the thread below. */
import {s, phone} from './dom.js';
import {S, geo, moment} from './state.js';
import {describe, secs} from './words.js';
import {X, zero, wide, text, label, notBegun, grid, dimensions, finish, turnsOf, threadName} from './picture.js';

/* Sizes in pixels, from how many lanes there are and how wide the page is. */
function sizes(run, n) {
  const small = phone(), four = S.rows.length > 2, tree = run.isPlan && n > 6;
  const lane = n > 12 ? Math.max(7, Math.floor(190 / n)) : tree ? 21 : n > 6 ? 20 : four && !small ? 20 : small ? 29 : 35;
  const bar = n > 12 ? lane - 3 : tree ? 16 : n > 6 ? 13 : four && !small ? 16 : small ? 20 : 23;
  const top = 22, thread = small || four ? 14 : 17, threadY = top + n * lane + (small ? 6 : four ? 5 : 8);
  const base = threadY + thread, dimY = base + (small ? 15 : 18);
  return {small, four, tree, lane, bar, top, thread, threadY, base, dimY,
    tall: four ? base + 8 : dimY + (small ? 10 : 12), names: n <= 12, words: n <= 6 || tree && n <= 12, size: small ? 11.5 : 12.5};
}

const WORD_FILL = {
  waiting: ['var(--waitink)', 'var(--waitbg)'], blocking: ['var(--onblock)', 'var(--block)'], ready: ['var(--ready)', 'var(--readybg)'],
};

function segment(svg, lane, seg, y, z) {
  const x = zero(seg.from), w = Math.max(2, X(seg.to) - x), at = {x, y: y - z.bar / 2, width: w, height: z.bar, rx: Math.min(5, z.bar / 3)};
  if (seg.state === 'idle') svg.append(notBegun(x, x + w, y));
  if (seg.state === 'waiting') svg.append(s('rect', {...at, fill: 'url(#p-wait)', stroke: 'var(--wait)', 'stroke-width': 1.4}));
  if (seg.state === 'ready') {
    const shift = z.bar > 9 ? 3 : 1;
    svg.append(s('rect', {...at, y: at.y + shift, height: z.bar - 2 * shift, fill: 'url(#p-ready)', stroke: 'var(--ready)', 'stroke-dasharray': '4 3'}));
  }
  if (seg.state === 'blocking') svg.append(s('rect', {...at, fill: 'var(--block)'}));
  if (seg.state === 'undone')
    svg.append(s('rect', {...at, width: Math.max(2, Math.min(w, geo.w - geo.padR - x)), fill: 'none', stroke: 'var(--muted)', 'stroke-dasharray': '2 4', opacity: .7}));
  if (!z.words || lane.end || !WORD_FILL[seg.state]) return;
  const delay = secs(lane.delay);
  const string = {
    waiting: z.small ? delay : `waits ${delay}`,
    ready: z.small ? 'cannot go on' : w > 300 ? 'could go on, but the thread is taken' : 'could go on',
    blocking: z.small ? '' : `time.sleep(${lane.delay})`,
  }[seg.state];
  const need = wide(string, 12.5, 500) + (seg.state === 'ready' ? 24 : wide('HelloWorld', z.size, 650) + 56);
  const [fill, ground] = WORD_FILL[seg.state];
  if (!string || w <= need) return;
  svg.append(seg.state === 'ready' ? label(x + w / 2, y, string, {anchor: 'middle', fill, ground, pad: 12})
    : text(x + w / 2, y, string, {anchor: 'middle', size: 12.5, weight: 500, fill, halo: ground}));
}

/* A moment at which it ran, with what it said. */
function markOf(run, lane, mark, y, z, after) {
  const x = zero(mark.at), held = run.sleep === 'blocking', forgot = run.sleep === 'forgotten', grown = z.names ? 2 : .5;
  const g = s('g', {}, s('rect', {x: x - 2.5, y: y - z.bar / 2 - grown, width: 5, height: z.bar + 2 * grown, rx: 1.5,
    fill: held ? 'var(--block)' : 'var(--run)', stroke: 'var(--card)', 'stroke-width': 1, 'paint-order': 'stroke'}));
  const until = lane.segs.find(seg => seg.state !== 'idle' && seg.state !== 'ready' && (mark.first ? seg.from === mark.at : seg.to === mark.at));
  const room = until ? X(until.to) - X(until.from) : 0, size = z.tree ? 11.5 : z.size;
  if (z.words && forgot) {
    g.append(text(after.x, y, mark.says, {size, weight: 650, fill: 'var(--run)', halo: 'var(--card)'}));
    after.x += wide(mark.says, size, 650) + 9;
  } else if (z.words && room > wide('HelloWorld', size, 650) + 26) {
    g.append(text(x + (mark.first ? 9 : -9), y, mark.says, {anchor: mark.first ? null : 'end', size, weight: 650,
      fill: held ? 'var(--onblock)' : 'var(--run)', halo: held ? 'var(--block)' : 'var(--waitbg)'}));
  }
  return g;
}

/* In turn: from World to the next Hello. */
function arrow(run, x, y, z) {
  const y1 = y + z.bar / 2 + 3, y2 = y + z.lane - z.bar / 2 - 4;
  return s('path', {d: `M${x} ${y1}V${y2}M${x - 3.5} ${y2 - 3.5}L${x} ${y2}L${x + 3.5} ${y2 - 3.5}`,
    stroke: run.sleep === 'blocking' ? 'var(--block)' : 'var(--run)', fill: 'none', 'stroke-width': 1.6});
}

function endOf(end, y, z) {
  const x = X(end.at), isBad = end.state === 'failed', colour = isBad ? 'var(--fail)' : 'var(--muted)';
  const g = s('g', {}, s('rect', {x: x - 1.5, y: y - z.bar / 2 - 2, width: 3.5, height: z.bar + 4, fill: colour}));
  if (!z.names) return g;
  const string = isBad ? '✗ failed' : `⊣ ${end.reason}`, isRight = x + 6 + wide(string, 12, 600) + 12 < geo.w;
  g.append(label(isRight ? x + 6 : x - 5, y, string, {anchor: isRight ? null : 'end', size: z.small ? 11 : 12, weight: 600, fill: colour, edge: colour, pad: 12}));
  return g;
}

function neverAwaited(lane, x, y, z) {
  const string = z.small ? 'never awaited' : '⚠ sleep was never awaited', g = s('g', {});
  const w = wide(string, 12, 600) + 16, ghost = X(lane.delay) - x;
  if (ghost > w * .6)
    g.append(s('rect', {x, y: y - z.bar / 2, width: Math.max(ghost, w + 8), height: z.bar, rx: 5, fill: 'none', stroke: 'var(--never)', 'stroke-dasharray': '2 4', 'stroke-width': 1.4}));
  g.append(label(x + 8, y, string, {weight: 600, fill: 'var(--never)', ground: 'var(--neverbg)'}));
  return g;
}

function groupLane(svg, group, y) {
  const from = zero(group.from), to = X(group.to);
  svg.append(s('path', {d: `M${from} ${y + 7}V${y}H${to}V${y + 7}`, fill: 'none', stroke: 'var(--muted)', 'stroke-width': 1.4}));
}

/* The thread: who had it, in this order. */
function threadLane(svg, run, z) {
  const y = z.threadY, mid = y + z.thread / 2, end = X(run.elapsed), held = run.sleep === 'blocking';
  threadName(svg, y, z.thread, z.small && !z.tree);
  svg.append(s('rect', {x: X(0), y, width: Math.max(4, end - X(0)), height: z.thread, rx: 3,
    fill: held ? 'var(--block)' : 'var(--sunk)', stroke: held ? 'none' : 'var(--line)'}));
  if (held) {
    for (const lane of run.all) for (const seg of lane.segs.filter(seg => seg.state === 'blocking')) {
      const x1 = zero(seg.from), x2 = X(seg.to), string = z.small ? `held by ${lane.n}` : `held by task ${lane.n}`;
      if (x1 > X(0)) svg.append(s('line', {x1, x2: x1, y1: y, y2: y + z.thread, stroke: 'var(--card)', 'stroke-width': 2}));
      if (x2 - x1 > wide(string, 11.5, 600) + 6) svg.append(text((x1 + x2) / 2, mid, string, {anchor: 'middle', size: 11.5, weight: 600, fill: 'var(--onblock)'}));
    }
    return;
  }
  const turns = turnsOf(run, moment);
  const closest = Math.min(...turns.slice(1).map((turn, k) => X(turn.at) - X(turns[k].at)), Infinity);
  if (closest < 8 && turns.length > 12) {
    const string = z.small ? 'free, mostly' : `free, but for ${run.steps.length} turns of some microseconds each`;
    if (end - X(0) > wide(string, 11.5) + 12) svg.append(text((X(0) + end) / 2, mid, string, {anchor: 'middle', size: 11.5, kind: 't-muted'}));
    return;
  }
  turns.forEach((turn, k) => {
    const x = X(turn.at), isLast = k === turns.length - 1 && k > 0, string = turn.who.join(' '), w = wide(string, 11, 600);
    const gap = k < turns.length - 1 ? X(turns[k + 1].at) - x : Infinity;
    svg.append(s('rect', {x: x - 2, y, width: 4, height: z.thread, fill: 'var(--run)', rx: 1}));
    const before = k ? x - X(turns[k - 1].at) : Infinity;
    if (turn.who.length <= 6 && run.count <= 6 && (isLast ? before > w * 2 + 50 : gap > w + 14))
      svg.append(text(x + (isLast ? -6 : 6), mid, string, {anchor: isLast ? 'end' : null, size: 11, weight: 600, fill: 'var(--run)'}));
    if (run.sleep !== 'forgotten' && gap < Infinity && gap > 70 + w * 2)
      svg.append(text(x + gap / 2, mid, 'free', {anchor: 'middle', size: 11.5, kind: 't-muted'}));
  });
}

export function drawLanes(row) {
  const run = row.run, n = run.order.length, z = sizes(run, n), forgot = run.sleep === 'forgotten';
  const svg = s('svg', {width: geo.w, height: z.tall, role: 'img', 'aria-label': describe(run)}), over = s('g', {});
  row.marks = [];
  row.shownMarks = 0;
  row.lane = z;
  const mark = (k, element) => {
    (row.marks[k] ||= []).push(element);
    element.setAttribute('opacity', .16);
    over.append(element);
  };
  grid(svg, z.base);
  if (run.sleep === 'blocking')
    svg.append(s('rect', {x: X(0), y: z.top - 2, width: X(run.elapsed) - X(0), height: z.base - z.top + 4, fill: 'var(--blockbg)', opacity: .75, rx: 4}));
  run.order.forEach((lane, k) => {
    const y = z.top + k * z.lane + z.lane / 2, after = {x: X(0) + 10};
    if (z.names) {
      const name = lane.inside ? (z.small ? lane.kind.slice(0, 8) : lane.kind) : z.small && !run.isPlan ? String(lane.n) : `task ${lane.n}`;
      svg.append(text((lane.depth || 0) * (z.small ? 6 : 14), y, name, {size: z.small && run.isPlan ? 11 : 13, kind: lane.inside ? null : 't-muted', weight: lane.inside ? 600 : null}));
    }
    if (lane.inside) return groupLane(svg, lane, y);
    for (const seg of lane.segs) segment(svg, lane, seg, y, z);
    for (const one of lane.marks) {
      const element = markOf(run, lane, one, y, z, after);
      if (!one.first && run.oneByOne && !forgot && n <= 8 && k < n - 1 && z.lane - z.bar > 7) element.append(arrow(run, zero(one.at), y, z));
      mark(one.k, element);
    }
    for (const end of lane.ends) mark(end.k, endOf(end, y, z));
    if (forgot && z.words && lane.marks.length > 1) mark(lane.marks[1].k, neverAwaited(lane, after.x + 6, y, z));
  });
  threadLane(svg, run, z);
  if (!z.four) dimensions(svg, run, z.dimY);
  finish(row, svg, {tall: z.tall, base: z.base, over});
}
