/* Keys: not while a field has the focus, not with Ctrl, Alt or Meta; Space and Enter on a button are its own. */
import {$} from './dom.js';
import {S} from './state.js';

/* `acts` is what each key does, by its name. */
export function keys(acts, scene) {
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || $('dialog').open || !S.rows.length) return;
    const {tagName, id} = event.target, key = event.key;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(tagName) && id !== 'scrub') return;
    if (/^(BUTTON|SUMMARY|A)$/.test(tagName) && (key === ' ' || key === 'Enter')) return;
    if (S.asking && /^(Arrow|Home|End)/.test(key)) return;
    const act = acts[key] || key.length === 1 && acts[key.toLowerCase()] || /^[1-7]$/.test(key) && (() => scene(key - 1));
    if (!act || !S.letters && key.length === 1 && /[\w?]/.test(key)) return;
    event.preventDefault();
    act(event.shiftKey);
  });
}
