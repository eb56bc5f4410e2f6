/* What the page says: numbers, the sentence over each row, and the headline. */
import {$, bold, fill, h} from './dom.js';
import {S, moment} from './state.js';
import {stateAt} from './run.js';

const NBSP = '\u00a0';
const isNear = (a, b, by) => Math.abs(a - b) < by;

/* 1 s, 0.5 s, 20 ms, 6.2 µs; `exact` with three decimals. */
export function secs(v, exact) {
  if (v < 1e-6) return '0' + NBSP + 's';
  if (v < 9.5e-4) return (v * 1e6).toFixed(v < 9.95e-6 ? 1 : 0) + NBSP + 'µs';
  if (v < .1) return (v * 1e3).toFixed(exact || (v < .0095 && !isNear(v * 1e3, Math.round(v * 1e3), .06)) ? 1 : 0) + NBSP + 'ms';
  const decimals = exact ? 3 : isNear(v, Math.round(v), .004) ? 0 : isNear(v * 10, Math.round(v * 10), .04) ? 1 : 2;
  return v.toFixed(decimals) + NBSP + 's';
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
export const word = n => WORDS[n] || n.toLocaleString('en');
const capital = text => text[0].toUpperCase() + text.slice(1);
const list = numbers => numbers.length < 2 ? numbers.join('') : numbers.slice(0, -1).join(', ') + ' and ' + numbers[numbers.length - 1];
const sum = delays => delays.length > 4 && delays.every(d => d === delays[0])
  ? `${delays.length}${NBSP}×${NBSP}${secs(delays[0])}`
  : delays.length > 4 ? `${delays.length} waits` : delays.map(d => secs(d)).join(`${NBSP}+${NBSP}`);

/* "Task 1 waits", "Tasks 1 and 2 wait", "17 tasks wait". `tasks` is {length} where nobody keeps numbers. */
function who(tasks, one, many) {
  const n = tasks.length;
  const name = n > 4 || !tasks.join ? `${n.toLocaleString('en')} ${n === 1 ? 'task' : 'tasks'}` : (n === 1 ? 'Task ' : 'Tasks ') + list(tasks);
  return `${name} ${n === 1 ? one : many}`;
}

const countEnds = (run, state) => run.all.filter(lane => lane.end && lane.end.state === state).length;

function verdictOfPlan(run) {
  const failed = countEnds(run, 'failed'), cancelled = countEnds(run, 'cancelled'), parts = [];
  if (failed) parts.push(bold(`${capital(word(failed))} failed`, 'f'));
  if (cancelled) parts.push(parts.length ? ', ' : '', bold(`${failed ? word(cancelled) : capital(word(cancelled))} ${cancelled > 1 ? 'were' : 'was'} cancelled`, 'c'));
  if (run.outcome === 'failed') return [...parts, parts.length ? ', and so ' : '', bold('the whole failed', 'f'), `: ${run.error}.`];
  if (!parts.length) return [`All ${word(run.count)} came to their end.`];
  const others = run.count - failed - cancelled;
  return [...parts, others > 1 ? ', and the others went on to their end.' : others ? ', and the other went on to its end.' : '.'];
}

function verdict(run) {
  if (run.density) return ['More tasks than lines: how many were in which state.'];
  if (run.outcome === 'cancelled') {
    const cut = run.all.filter(lane => lane.end), idle = run.all.filter(lane => lane.begun == null);
    const why = run.reason === 'client left' ? 'The client left.' : `Cut short: ${run.reason}.`;
    return [bold(why, 'c'), cut.length ? ` ${who(cut.map(lane => lane.n), 'is', 'are')} dropped where ${cut.length > 1 ? 'they wait' : 'it waits'}` : '',
      idle.length ? `${cut.length ? ', and ' : ' '}${who(idle.map(lane => lane.n), 'never begins', 'never begin').replace(/^T/, 't')}.` : '.'];
  }
  if (run.isPlan) return verdictOfPlan(run);
  if (run.sleep === 'forgotten') return [bold('Nothing waited.', 'n'), ' Each sleep was made and thrown away: the await is missing.'];
  if (run.count === 1) return ['One task, alone: it waits, and nobody else has anything to do.'];
  if (run.sleep === 'blocking') return [bold('time.sleep() held the only thread,', 'x'), ` so the waits could not overlap: ${sum(run.delays)}.`];
  if (run.delays.every(d => d === 0)) return ['delay=0 lets the others go first, without waiting.'];
  if (run.endpoint === 'sequence') return ['Each one waited ', bold('for the one before it', 'w'), `: ${sum(run.delays)}.`];
  if (run.mixed) return ['They waited ', bold('at the same time', 'w'), `: it takes as long as the longest, ${secs(Math.max(...run.delays))}.`];
  return [`All ${word(run.count)} waited `, bold('at the same time', 'w'), `: ${secs(run.delays[0])} is enough for all.`];
}

/* What the step did that was stepped to. */
function sayStep(run, step) {
  const lane = run.lanes.get(step.task), delay = secs(lane.delay), task = `Task ${step.task} `;
  switch (step.kind) {
    case 'says':
      return step.first ? [task, 'runs and says ', bold('Hello.', 'w')] : [task, 'goes on, says ', bold('World,', 'w'), ' and is done.'];
    case 'failed': return [task, bold('fails.', 'f')];
    case 'cancelled': return [task, 'is ', bold('cancelled', 'c'), step.reason ? `: ${step.reason}.` : '.'];
    case 'awaited':
      return [task, bold(`awaits ${delay}`, 'w'), ' and steps aside', run.endpoint === 'sequence' && run.count > 1
        ? '. The thread is free, but nobody else has begun.' : run.count > 1 ? ': the thread is free for others.' : '.'];
    case 'blocking': return [task, bold(`calls time.sleep(${lane.delay})`, 'x'), ' and keeps the thread.'];
    default: return [task, 'makes a sleep, but ', bold('does not await it', 'n'), ': it just goes on.'];
  }
}

/* Between steps: who is in which state. */
function sayState(run, i) {
  const {of, count} = stateAt(run, i), at = {};
  for (const state of ['waiting', 'blocking', 'ready', 'idle', 'done', 'said']) at[state] = {length: count[state] || 0};
  if (run.count <= 12) {
    for (const state in at) at[state] = [];
    for (const [n, state] of of) (at[state] ||= []).push(n);
  }
  const waiting = at.waiting.concat ? at.waiting.concat(at.said) : {length: at.waiting.length + at.said.length};
  if (at.blocking.length) {
    const one = at.blocking.join ? `Task ${at.blocking[0]} holds the thread` : 'One task holds the thread';
    return [bold(one, 'x'), at.ready.length ? `. ${who(at.ready, 'could go on, but cannot', 'could go on, but cannot')}.` : ' and does nothing with it.'];
  }
  if (waiting.length === run.count && run.count > 1) return [bold(`All ${word(run.count)} wait, at the same time.`, 'w'), ' The thread is free.'];
  if (!waiting.length) return verdict(run);
  return [who(waiting, 'waits', 'wait') + '. ', at.idle.length ? who(at.idle, 'has not begun', 'have not begun') + '.'
    : at.done.length ? who(at.done, 'is done', 'are done') + '.' : ''];
}

/* The sentence over a row's lanes: about this moment; at rest it is the verdict. */
export function sentence(row, i) {
  const run = row.run, last = run.steps[i - 1], stepping = S.stepping && S.stepping.row === run;
  if (row.live && row.live.arrived === 0)
    return run.sleep === 'blocking' && performance.now() - row.live.since > 300
      ? [bold('Queued:', 'r'), ' another blocking request holds the loop.'] : ['Asked. Nothing has happened yet.'];
  if (run.density) return S.t >= run.elapsed - 1e-3 ? verdict(run) : [`${run.count.toLocaleString('en')} tasks.`];
  if (i === 0) return [run.count === 1 ? 'Not started.' : run.endpoint === 'sequence'
    ? 'Not started: one will follow the other.' : `Not started: ${word(run.count)} tasks are about to begin.`];
  const isOver = i >= run.steps.length && S.t >= run.elapsed - 1e-3;
  if (isOver && !(stepping && Math.abs(moment(last.at) - S.t) < 1e-6)) return verdict(run);
  return stepping ? sayStep(run, last) : sayState(run, i);
}

/* What a screen reader is told of a picture: the content itself. */
export function describe(run) {
  const how = run.sleep === 'forgotten' ? 'Every sleep was never awaited.' : run.isPlan ? run.plan : run.oneByOne ? 'One after another.' : 'All at the same time.';
  const head = `${run.endpoint}, ${run.count} task${run.count > 1 ? 's' : ''}, ${secs(run.elapsed, true)}. ${how}`;
  if (run.count > 12) return head;
  return head + ' ' + run.all.map(lane => `Task ${lane.n}: ` + (lane.marks.map(m => `${m.says} at ${secs(m.at)}`).join(', ') || 'not begun')
    + (lane.end ? `, ${lane.end.state} at ${secs(lane.end.at)}${lane.end.reason ? ': ' + lane.end.reason : ''}` : '') + '.').join(' ');
}

/* ---- the headline -------------------------------------------------------------------------------- */

function headlineOf([p, q]) {
  const n = capital(word(p.count)), delay = p.delays[0], same = q && p.delays.join() === q.delays.join();
  if (S.rows.length > 2) return ['The same three tasks, four ways.', ['Together, in turn, with the thread held, and with the await left out.']];
  if (p.outcome === 'cancelled') return ['Not everything gets to its end.', ['A client leaves, a race is lost, time runs out, something fails.']];
  if (same && p.sleep === 'awaited' && q.sleep === 'blocking')
    return ['The same tasks, but one line is wrong.', [bold('time.sleep()'), ` holds the only thread: ${secs(q.elapsed)} instead of ${secs(p.elapsed)}.`]];
  if (same && p.sleep === 'awaited' && q.sleep === 'forgotten')
    return ['The same tasks, but one word is missing.', ['Without ', bold('await'), ' nothing waits at all.']];
  if (same && p.endpoint === 'parallel' && q.endpoint === 'sequence' && p.mixed)
    return [`${n} tasks wait ${p.delays.slice(0, 4).map(d => secs(d)).join(', ')}.`, ['Together: as long as the ', bold('longest'), '. In turn: the ', bold('sum'), '.']];
  if (same && p.endpoint === 'parallel' && q.endpoint === 'sequence')
    return [`${n} tasks. Each waits ${delay === 1 ? 'one second' : secs(delay)}.`, ['Together that takes ', bold(secs(p.elapsed)), '. One after another, ', bold(secs(q.elapsed)), '.']];
  const one = run => `${word(run.count)} ${run.count > 1 ? 'tasks' : 'task'} in ${secs(run.elapsed)}.`;
  return [q ? `A: ${one(p)}` : capital(one(p)), [q ? `B: ${one(q)}` : '']];
}

export function headline(score) {
  const runs = S.rows.map(row => row.run);
  let [first, second] = headlineOf(runs);
  if (S.asking) [first, second] = ['Predict before you look.', ['What will be printed, and how long will each take?']];
  else if (S.guessed) [first, second] = [`You had ${score()}.`, runs.map((run, j) => `${j ? ', ' : ''}${'ABCD'[j]} took ${secs(run.elapsed)}`)];
  const span = h('span', {});
  fill(span, second);
  $('lead').replaceChildren(first, ' ', span);
}
