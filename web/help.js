/* What the marks mean, and the keys. */
import {$, h, s} from './dom.js';
import {S} from './state.js';

const KEYS = [['Space', 'play or pause'], ['← →', 'one step back, one on'], ['Shift ← →', 'a tenth of the axis'], ['Home End', 'start, end'],
  ['+ −', 'faster, slower'], ['1 … 7', 'scenes'], ['R', 'run again'], ['P', 'predict first; then run and compare'], ['C', 'copy curl'],
  ['S', 'copy a link'], ['T', 'light or dark'], ['Esc', 'close']];

function marks() {
  const sign = (...shapes) => s('svg', {viewBox: '0 0 44 18', 'aria-hidden': 'true'}, ...shapes);
  const bar = look => s('rect', {x: 1, y: 2, width: 42, height: 14, rx: 4, ...look});
  const mark = (x, colour) => s('rect', {x, y: 0, width: 4, height: 18, fill: `var(--${colour})`});
  const wait = {fill: 'url(#p-wait)', stroke: 'var(--wait)'}, ghost = {fill: 'none', stroke: 'var(--muted)', 'stroke-dasharray': '2 3'};
  const line = s('line', {x1: 2, x2: 42, y1: 9, y2: 9, stroke: 'var(--muted)', 'stroke-dasharray': '1 5', 'stroke-linecap': 'round', 'stroke-width': 1.8});
  return [
    [sign(mark(20, 'run')), 'runs: it has the thread. Mostly some microseconds, so only a mark'],
    [sign(bar(wait)), 'waits in an await; the thread is free for others'],
    [sign(bar({fill: 'url(#p-ready)', stroke: 'var(--ready)', 'stroke-dasharray': '4 3'})), 'could go on, but another has the thread'],
    [sign(bar({fill: 'var(--block)'})), 'holds the thread without using it: time.sleep()'],
    [sign(bar({fill: 'none', stroke: 'var(--never)', 'stroke-dasharray': '2 4'})), 'a sleep that was made, and never awaited'],
    [sign(line), 'not begun'],
    [sign(bar({...wait, width: 26}), mark(26, 'run')), 'done: it ends with what it says last'],
    [sign(bar({...wait, width: 26}), mark(26, 'muted'), bar({...ghost, x: 30, width: 13})), '⊣ cancelled: why stands beside it; the dotted part never happened'],
    [sign(bar({...wait, width: 26}), mark(26, 'fail')), '✗ failed'],
  ];
}

export function help() {
  const box = h('input', {type: 'checkbox', checked: S.letters, on: {change: () => { S.letters = box.checked; }}}), dialog = $('dialog');
  const list = rows => h('dl', {}, ...rows.flatMap(([key, meaning]) =>
    [h('dt', {}, ...(typeof key === 'string' ? key.split(' ').map(one => h('kbd', {}, one)) : [key])), h('dd', {}, meaning)]));
  dialog.replaceChildren(h('h2', {id: 'dialog-head'}, 'Help'),
    h('div', {class: 'two'}, h('div', {}, h('h3', {}, 'What the marks mean'), list(marks())), h('div', {}, h('h3', {}, 'Keys'), list(KEYS))),
    h('form', {method: 'dialog'}, h('button', {class: 'main'}, 'Close'), ' ', h('label', {}, box, ' letters and digits are keys')));
  dialog.showModal();
}
