/* Making elements. What came in a request becomes a text node, never markup. */

export const $ = id => document.getElementById(id);

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value == null || value === false) continue;
    if (name === 'on') for (const event in value) element.addEventListener(event, value[event]);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat()) if (child != null && child !== false) element.append(child);
  return element;
}

export const h = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);

export const s = (tag, attributes, ...children) =>
  make(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

/* Sentences are lists of plain text and of [tag, text, class]. */
export const bold = (text, kind) => ['b', text, kind];
export const plain = parts => parts.map(part => Array.isArray(part) ? part[1] : part).join('');
export const fill = (element, parts) =>
  element.replaceChildren(...parts.map(part => Array.isArray(part) ? h(part[0], {class: part[2]}, part[1]) : part));

export const phone = () => matchMedia('(max-width:860px)').matches;
export const calm = () => matchMedia('(prefers-reduced-motion:reduce)').matches;

const paths = {
  edit: 'M11.3 1.7l3 3L5.5 13.5 2 14l.5-3.500zM10 4.700 3.600 11l1.400 1.400L11.300 6z',
  copy: 'M5 1.500h7.500a1 1 0 0 1 1 1V11H12V3H5zM3 4.500h6.500a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1zm.5 1.500v7H9V6z',
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  prev: 'M9.5 3v10L4 8zM11 3h2v10h-2z',
  next: 'M6.5 3v10L12 8zM3 3h2v10H3z',
  home: 'M2 3h2v10H2zM9 3v10L4 8zM14 3v10L9 8z',
  end: 'M12 3h2v10h-2zM7 3v10l5-5zM2 3v10l5-5z',
  run: 'M13.5 2v4h-4l1.5-1.5A4.5 4.5 0 1 0 12.5 8H14a6 6 0 1 1-2-4.5z',
  share: 'M9 3.2 12.8 7 9 10.8V8.6C6 8.6 4 9.6 3 12c0-4 2-6.3 6-6.6z',
  theme: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.600a5.400 5.400 0 0 1 0 10.800z',
  eye: 'M8 3.5c-3.5 0-6 3-7 4.5 1 1.5 3.5 4.5 7 4.5s6-3 7-4.5c-1-1.5-3.5-4.5-7-4.5zm0 7.2a2.7 2.7 0 1 1 0-5.4 2.7 2.7 0 0 1 0 5.4z',
  help: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-.8 11v-1.6h1.6V12zm1.5-2.9H7.3c0-2 2-2 2-3.2 0-.7-.6-1.1-1.3-1.1s-1.3.5-1.4 1.3l-1.400-.2C5.300 4.400 6.400 3.500 8 3.500s2.800.9 2.800 2.300c0 1.800-2.100 1.900-2.100 3.300z',
};

export const icon = name =>
  s('svg', {class: 'i', viewBox: '0 0 16 16', 'aria-hidden': 'true'}, s('path', {d: paths[name], 'fill-rule': 'evenodd'}));

export function toast(message) {
  const element = $('toast');
  element.textContent = message;
  element.classList.add('on');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => element.classList.remove('on'), 2200);
}

/* Where the clipboard is not allowed, the text itself is shown to be copied. */
export function copy(text, message) {
  const done = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
  done.then(() => toast(message), () => toast(text));
}
