/* The program beside a row: what it is in Python or C, painted, with the tasks that are in each line. */
import {h} from './dom.js';

const seconds = delay => String(+delay.toPrecision(6));

/* A plan's text, a word a line, indented as deep as it stands; short calls stay whole. */
function layPlan(text, indent = '') {
  const open = text.indexOf('(');
  if (indent.length + text.length <= 36 || open < 0) return [indent + text];
  const parts = [];
  let depth = 0, from = open + 1;
  for (let k = open + 1; k < text.length; k++) {
    if (text[k] === '(') depth++;
    if (text[k] === ')' && depth-- === 0 || text[k] === ',' && depth === 0) {
      parts.push(text.slice(from, k).trim());
      from = k + 1;
    }
  }
  const lines = parts.map((part, k) => {
    const inner = layPlan(part, indent + '  ');
    inner[inner.length - 1] += k < parts.length - 1 ? ',' : ')';
    return inner;
  });
  return [indent + text.slice(0, open + 1), ...lines.flat()];
}

function inC(run, add) {
  if (run.endpoint === 'parallel') {
    add('async(co) {');
    add(`    await(gather(co, hi, each, ${run.count}));`, 'caller');
    add('}');
  } else if (run.endpoint === 'sequence') {
    add('async(co) {');
    add(`    for (i = 0; i < ${run.count}; i++)`);
    add('        await(call(co, hi, &one));', 'caller');
    add('}');
  }
  if (run.endpoint !== 'hi') add('');
  add('async(co) {');
  add('    say(co, "Hello");', 'hello');
  add({awaited: '    await(co_sleep(co, delay));', blocking: '    block(co, delay);', forgotten: '    ▢ co_sleep(co, delay);'}[run.sleep], 'wait');
  add('    say(co, "World");', 'world');
  add('}');
}

function inPython(run, add) {
  const n = run.count;
  if (run.endpoint === 'parallel') {
    add('async def parallel():');
    if (n <= 3) {
      add(`    await asyncio.gather(${run.delays.map(d => run.mixed ? `hi(${seconds(d)})` : 'hi()').join(', ')})`, 'caller');
    } else {
      add('    await asyncio.gather(', 'caller');
      add(run.mixed ? '        *[hi(d) for d in delays])' : `        *[hi() for _ in range(${n})])`, 'caller');
    }
  } else if (run.endpoint === 'sequence') {
    add('async def sequence():');
    add(run.mixed ? `    for delay in ${run.delays.slice(0, 3).map(seconds).join(', ')}${n > 3 ? ', …' : ''}:` : `    for i in range(${n}):`);
    add(run.mixed ? '        await hi(delay)' : '        await hi()', 'caller');
  }
  if (run.endpoint !== 'hi') add('');
  add(run.mixed ? 'async def hi(delay):' : 'async def hi():');
  add('    print("Hello")', 'hello');
  const call = {awaited: 'await asyncio.sleep', blocking: 'time.sleep', forgotten: '▢ asyncio.sleep'}[run.sleep];
  add(`    ${call}(${run.mixed ? 'delay' : seconds(run.delays[0])})`, 'wait');
  add('    print("World")', 'world');
}

/* Lines: {text, mark}; the mark is what a task is doing that is in this line. */
export function program(run, language) {
  const lines = [], add = (text, mark) => lines.push({text, mark});
  if (run.isPlan) layPlan(run.plan.replace(/,(?=\S)/g, ', ')).forEach(text => add(text));
  else if (language === 'C') inC(run, add);
  else inPython(run, add);
  return lines;
}

const TOKEN = /(▢)|(async def|async(?=\()|await|\bfor\b|\bin\b|\b(?:hi|fail|parallel|collect|group|sequence|race|timeout|shield|limit|retry|catch)(?=\())|("[^"]*")|(time\.sleep\([^)]*\)|block\([^)]*\))/g;

export function paint(text, isPlan) {
  const out = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [all, hole, keyword, quoted] = match;
    if (keyword && !isPlan && !/^(async|await|for|in)/.test(keyword)) continue;
    if (match.index > at) out.push(text.slice(at, match.index));
    out.push(hole ? h('span', {class: 'hole', role: 'img', 'aria-label': 'await is missing here'})
      : h('span', {class: keyword ? 'k' : quoted ? 's' : 'bad'}, all));
    at = match.index + all.length;
  }
  out.push(text.slice(at));
  return out;
}
