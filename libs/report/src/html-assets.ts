/** The style of every page. Its hash stands in the page's content security policy. */
export const PAGE_STYLE = `
:root {
  --ground: #fff; --raised: #f6f7f9; --line: #d9dde3; --ink: #16191d; --soft: #57606a; --focus: #0b5fd8;
  --good: #14692f; --good-ground: #e3f4e8; --bad: #a5141f; --bad-ground: #fde8e9;
  --note: #3f4a56; --note-ground: #e9edf2; --open: #7a4b00; --open-ground: #fdf0d5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1c2026; --line: #343b44; --ink: #e8ebef; --soft: #a0a9b4; --focus: #77aeff;
    --good: #83d99b; --good-ground: #15301d; --bad: #ff9b9b; --bad-ground: #3c171a;
    --note: #c2cad3; --note-ground: #2a3038; --open: #f3c56c; --open-ground: #382a0e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, p, dd, dt, td, li, summary { overflow-wrap: anywhere; unicode-bidi: isolate; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 1rem; }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem; }
.kind { color: var(--soft); margin: 0 0 .25rem; }
.verdict { margin: 0; padding: .75rem 1rem; border-radius: .5rem; border-left: .3rem solid currentColor; }
.verdict span { color: var(--ink); }
.good .chip, .verdict.good { color: var(--good); background: var(--good-ground); }
.bad .chip, .verdict.bad { color: var(--bad); background: var(--bad-ground); }
.note .chip, .verdict.note { color: var(--note); background: var(--note-ground); }
.open .chip, .verdict.open { color: var(--open); background: var(--open-ground); }
.chip { display: inline-block; padding: 0 .55rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; overflow-wrap: anywhere; }
dl { margin: 0; border-top: 1px solid var(--line); }
dl div { display: grid; grid-template-columns: 11rem 1fr; gap: .25rem 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; font: .9rem/1.6 ui-monospace, monospace; }
table { width: 100%; border-collapse: collapse; }
[data-filter] { table-layout: fixed; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
th, td { padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
[data-filter] td:nth-child(2), [data-filter] td:nth-child(3) { font: .88rem/1.7 ui-monospace, monospace; }
[data-filter] th:nth-child(1) { width: 6rem; }
[data-filter] th:nth-child(2) { width: 9rem; }
[data-filter] th:nth-child(3) { width: 12rem; }
[data-filter] th:last-child { width: auto; }
ul.tree, .tree ul { list-style: none; margin: 0; padding: 0; font: .9rem/1.75 ui-monospace, monospace; }
.tree ul { padding-left: 1.1rem; margin-left: .3rem; border-left: 1px solid var(--line); }
summary { cursor: pointer; }
.output { margin: .75rem 0; }
pre { margin: .5rem 0 0; padding: .9rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem;
  font: .86rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 30rem; overflow-y: auto; unicode-bidi: isolate; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 .75rem; color: var(--soft); }
.filter input[type=search] { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: .4rem;
  padding: .35rem .6rem; width: 16rem; max-width: 100%; }
.filter label { display: inline-flex; gap: .4rem; align-items: center; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
[hidden] { display: none; }
@media (max-width: 44rem) {
  main { padding: 1.25rem 1rem 3rem; }
  dl div { grid-template-columns: 1fr; gap: 0; }
  [data-filter] thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  [data-filter], [data-filter] :is(tbody, tr, td) { display: block; width: auto; }
  [data-filter] tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
  [data-filter] td { border: 0; padding: .1rem 0; }
  [data-filter] td:not(:last-child) { display: inline-block; margin-right: .8rem; }
  [data-filter] tr[hidden] { display: none; }
  .filter input[type=search] { width: 100%; }
}
@media print { .filter { display: none; } main { max-width: none; } }
`;

/** The script of every page: filters for its tables. Without it everything is shown. */
export const PAGE_SCRIPT = `
'use strict';
{
  const element = (name, values, ...children) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...children);
    return made;
  };
  let first;
  for (const table of document.querySelectorAll('table[data-filter]')) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 6) continue;
    const search = element('input', { type: 'search', placeholder: 'Filter ( / )', autocomplete: 'off', spellcheck: false });
    search.setAttribute('aria-label', 'Filter the rows by text');
    const hide = element('input', { type: 'checkbox' });
    const count = element('output', {});
    const show = () => {
      const words = search.value.toLowerCase().split(/\\s+/);
      let seen = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word)) || (hide.checked && row.classList.contains('good'));
        if (!row.hidden) seen += 1;
      }
      count.textContent = seen + ' of ' + rows.length;
    };
    search.addEventListener('input', show);
    search.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      search.value = '';
      show();
    });
    hide.addEventListener('change', show);
    show();
    table.before(element('div', { className: 'filter' }, search, element('label', {}, hide, 'only what is not good'), count));
    first ??= search;
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || first === undefined || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    first.focus();
  });
}
`;
