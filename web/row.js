/* A row: program, lanes, what it printed, and the request that can be edited in place. */
import {bold, copy, fill, h, icon, phone, plain} from './dom.js';
import {S, geo, stepsOfRow} from './state.js';
import {secs, sentence} from './words.js';
import {stateAt} from './run.js';
import {paint, program} from './program.js';
import {X} from './picture.js';

const letter = j => 'ABCD'[j];

export const curlOf = target => `curl -N '${location.origin}${target.replace(/#.*/, '')}${target.includes('?') ? '&' : '?'}format=text'`;

/* ---- editing ------------------------------------------------------------------------------------- */

/* The server says where in a plan it is wrong: the word is shown again, with its error under it. */
function problemOf(row) {
  if (!row.problem) return null;
  const {detail, line, column, text} = row.problem, at = text && column ? text.split('\n')[(line || 1) - 1] : null;
  if (!at) return h('p', {class: 'problem', role: 'alert'}, detail);
  const rest = at.slice(column - 1), word = (/^[\w*.]+/.exec(rest) || [rest.slice(0, 1)])[0] || ' ';
  const from = Math.max(0, column - 1 - 14);
  return h('div', {class: 'problem', role: 'alert'},
    h('pre', {}, (from ? '…' : '') + at.slice(from, column - 1), h('mark', {}, word), at.slice(column - 1 + word.length, column + 30)), h('p', {}, detail));
}

/* The server said when to come back. */
function retry(row, j, actions) {
  const button = h('button', {on: {click: () => actions.ask(j, row.target)}}), at = row.problem.retryAt;
  const show = () => {
    const left = Math.ceil((at - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `Try again in ${left} s` : 'Try again';
    if (left > 0) setTimeout(show, 250);
  };
  show();
  return button;
}

/* Of /run the plan is what one edits, by itself; of the others the request. */
function editor(row, j, actions) {
  const plan = /^\/run\?(?:.*&)?plan=([^&#]*)/.exec(row.target);
  const shown = row.problem && row.problem.given || (plan ? decodeURIComponent(plan[1].replace(/\+/g, ' ')) : row.target);
  const field = h(plan ? 'textarea' : 'input', {'aria-label': plan ? 'plan' : 'request', spellcheck: 'false', autocapitalize: 'off', rows: plan && 5, on: {
    keydown: event => {
      event.stopPropagation();
      if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); go(); }
      if (event.key === 'Escape') actions.leave(j);
    },
  }});
  field.value = shown;
  const go = () => {
    const given = field.value.trim();
    actions.ask(j, plan || !given.startsWith('/') ? '/run?plan=' + encodeURIComponent(given).replace(/%(28|29|2C|2A)/g, decodeURIComponent) : given, given);
  };
  const {max_delay: longest, max_count: most} = S.limits || {};
  return h('div', {class: 'edit'}, field, h('button', {on: {click: go}}, 'Run'), longest && h('small', {}, `delay to ${secs(longest)}, ${most.toLocaleString('en')} tasks`));
}

function requestLine(row, j, actions) {
  return h('div', {class: 'req'}, h('code', {title: row.target}, 'GET ' + decodeURI(row.target.replace(/#.*/, ''))),
    h('button', {'aria-label': `Edit ${letter(j)}'s request`, title: 'Edit this request', on: {click: () => actions.edit(j)}}, icon('edit')),
    h('button', {'aria-label': `Copy ${letter(j)} as curl`, title: 'Copy as curl (C)', on: {click: () => copy(curlOf(row.target), 'curl command copied')}}, icon('copy')));
}

/* ---- making it ----------------------------------------------------------------------------------- */

/* Lines that differ between A and B lie under the marker. */
function programOf(row, j) {
  const lines = program(row.run, S.language), other = S.rows.length === 2 && S.rows[1 - j].run;
  const compares = other && !other.isPlan && !row.run.isPlan && other.outcome === 'done' && row.run.outcome === 'done';
  const theirs = compares ? program(other, S.language).map(line => line.text) : [];
  return lines.map(({text, mark}) => {
    const base = text === '' ? 'gap' : compares && mark && !theirs.includes(text) ? 'pen' : '';
    return {mark, base, li: h('li', {class: base}, h('span', {class: 't'}, ...paint(text, row.run.isPlan)), h('span', {class: 'chips'}))};
  });
}

export function makeRow(row, j, actions) {
  const run = row.run, badge = {blocking: 'time.sleep', forgotten: 'no await'}[run.sleep];
  Object.assign(row, {
    lines: programOf(row, j), secs: h('div', {class: 'secs'}), now: h('p', {class: 'now'}), box: h('div', {class: 'lanes'}),
    printed: h('ol', {}), guessBox: h('div', {class: 'guess'}), shown: null,
  });
  const head = h('div', {class: 'head'}, h('span', {class: 'slot', 'aria-hidden': 'true'}, letter(j)),
    h('h2', {}, run.endpoint === 'run' ? 'plan' : run.endpoint, badge && h('em', {class: run.sleep}, badge)), row.secs);
  const code = h('div', {class: 'code'},
    row.editing && run.isPlan ? null : h('ol', {'aria-label': 'the program'}, row.lines.map(line => line.li)),
    row.editing ? editor(row, j, actions) : requestLine(row, j, actions), problemOf(row),
    row.problem && row.problem.retryAt ? retry(row, j, actions) : null);
  row.element = h('article', {class: 'grid row' + (row.editing ? ' editing' : ''), 'aria-label': `${letter(j)}: ${row.target}`}, head,
    h('div', {class: 'mid'}, row.now, row.box), h('div', {class: 'out'}, h('h3', {class: phone() ? '' : 'vh'}, `${letter(j)} prints`), row.printed, row.guessBox), code);
  return row.element;
}

/* ---- each frame: what has changed since the last ------------------------------------------------- */

const ON_LINE = {said: 'hello', waiting: 'wait', blocking: 'wait', forgot: 'wait'};
const WAIT_CLASS = {awaited: 'on-wait', blocking: 'on-blocking', forgotten: 'on-never'};

/* Behind a line stand the numbers of the tasks that are in it now. */
function light(row, n, isOver) {
  const run = row.run, {of, count} = stateAt(run, n), on = {};
  if (run.count > 12) {
    for (const state in ON_LINE) if (count[state]) on[ON_LINE[state]] = {length: count[state]};
  } else {
    for (const [task, state] of of) if (ON_LINE[state]) (on[ON_LINE[state]] ||= []).push(task);
  }
  if (S.stepping && S.stepping.row === run && n && run.steps[n - 1].is === 'done') (on.world ||= []).push?.(run.steps[n - 1].task);
  for (const line of row.lines) {
    const tasks = S.asking || isOver && line.mark !== 'world' ? null : on[line.mark];
    const kind = !tasks ? '' : line.mark === 'wait' ? WAIT_CLASS[run.sleep] : 'on-run';
    line.li.className = `${line.base} ${kind}`;
    const chips = !kind ? [] : !tasks.map || tasks.length > 3 ? ['×' + tasks.length] : tasks.map(String);
    line.li.lastChild.replaceChildren(...chips.map(chip => h('span', {class: 'chip'}, chip)));
  }
}

const chip = task => h('span', {class: 'chip', title: `task ${task}`}, String(task));

function print(row, n, isOver) {
  const run = row.run, guess = row.guess, most = S.rows.length > 2 ? 6 : run.out.length > 12 ? 9 : 12, said = n ? run.steps[n - 1].outs : 0;
  const judges = S.guessed && guess && guess.words.length === run.out.length;
  let from = 0, items = run.out;
  if (items.length > most) {
    from = Math.max(0, Math.min(said - most + 2, items.length - most + 1));
    items = items.slice(from, from + most - (from ? 1 : 0));
  }
  const lines = items.map((out, k) => {
    const at = from + k, isRight = judges && guess.words[at] === out.says;
    return h('li', {class: at >= said ? 'no' : at === said - 1 && !isOver ? 'last' : '', 'data-step': out.step},
      judges && h('span', {class: 'mk ' + (isRight ? 'ok' : 'ko')}, isRight ? '✓' : '✗'), out.says, chip(out.task));
  });
  if (from) lines.unshift(h('li', {class: 'more'}, `… ${from} before`));
  if (isOver && run.warnings) lines.push(h('li', {class: 'warn'}, run.warnings > 1 ? `⚠ ${run.warnings} × sleep was never awaited` : '⚠ sleep was never awaited'));
  row.printed.replaceChildren(...lines);
  row.guessBox.replaceChildren();
}

function clock(row, n, isOver) {
  const run = row.run, exact = isOver ? secs(run.elapsed, true) : n === 0 ? secs(0) : secs(Math.min(S.t, run.elapsed), true);
  const [value, unit] = (S.asking ? '?' : exact).split('\u00a0');
  const key = value + unit + isOver;
  if (row.shown.clock === key) return;
  row.shown.clock = key;
  row.secs.replaceChildren(value, unit ? h('small', {}, unit) : '');
  row.secs.style.color = isOver && !S.asking ? '' : 'var(--muted)';
}

function say(row, n, isOver) {
  const guess = row.guess, parts = S.asking ? ['How long will it take? ', bold('Drag the end, and build what it prints.', 'm')] : sentence(row, n);
  if (S.guessed && guess && isOver && S.t >= S.span - 1e-9) {
    const order = guess.orderOk == null ? '' : `, order ${guess.orderOk ? '✓' : '✗'}`;
    parts.push(' ', bold(`You: ${guess.secs == null ? 'no time' : secs(guess.secs)} ${guess.timeOk ? '✓' : '✗'}${order}`, guess.timeOk && guess.orderOk !== false ? 'd' : 'f'));
  }
  const said = plain(parts);
  if (row.shown.said === said) return;
  row.shown.said = said;
  fill(row.now, parts);
}

export function updateRow(row, j, printGuess) {
  const run = row.run, n = stepsOfRow(j), isOver = S.t >= run.elapsed - 1e-3 && n >= run.steps.length && !row.live;
  row.shown ||= {};
  if (row.veil) {
    const x = S.t >= S.span - 1e-9 && !row.live ? geo.w + 30 : X(S.t) + 1;
    row.veil.setAttribute('x', x);
    row.veil.setAttribute('width', Math.max(0, geo.w - x));
  }
  clock(row, n, isOver);
  say(row, n, isOver);
  if (row.marks) {
    const before = row.shownMarks;
    for (let k = Math.min(before, n); k < Math.max(before, n); k++) for (const mark of row.marks[k] || []) mark.setAttribute('opacity', k < n ? 1 : .16);
    row.shownMarks = n;
  }
  const key = `${n} ${isOver} ${S.asking} ${S.guessed}`;
  if (row.shown.key !== key || row.shown.stepping !== S.stepping) {
    if (S.asking) printGuess(row); else print(row, n, isOver);
    light(row, n, isOver);
  }
  row.shown.key = key;
  row.shown.stepping = S.stepping;
}
