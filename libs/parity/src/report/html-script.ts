/** What a parity page adds to the script of every page: filters, arrows in the grid, opening what a link leads to. */
export const PARITY_SCRIPT = `
'use strict';
{
  const form = document.getElementById('filters');
  const grid = document.getElementById('grid-table');
  const sections = [...document.querySelectorAll('.scenario')];
  const rows = new Map();
  for (const row of document.querySelectorAll('.grid tr[data-scenario]')) rows.set(row.dataset.scenario, row);
  const parts = sections.map((section) => ({
    section,
    row: rows.get(section.dataset.scenario),
    findings: [...section.querySelectorAll('article.finding')],
    text: section.textContent.toLowerCase(),
  }));
  const value = (name) => form.elements[name].value;
  const isGood = (state) => state === 'equal' || state === 'declared';

  const show = () => {
    const words = value('text').toLowerCase().split(/\\s+/);
    const state = value('state');
    const suite = value('suite');
    const inside = ['column', 'kind', 'cause'].filter((name) => value(name) !== '');
    let seen = 0;
    for (const { section, row, findings, text } of parts) {
      let found = 0;
      for (const finding of findings) {
        finding.hidden = !inside.every((name) => finding.dataset[name] === value(name));
        if (!finding.hidden) found += 1;
      }
      const own = section.dataset;
      const kept =
        (state === '' || own.state === state || (state === 'open' && !isGood(own.state))) &&
        (suite === '' || own.suite === suite) &&
        (inside.length === 0 || found > 0) &&
        words.every((word) => text.includes(word));
      section.hidden = !kept;
      if (row !== undefined) row.hidden = !kept;
      if (kept) seen += 1;
    }
    for (const body of grid?.tBodies ?? []) {
      body.hidden = [...body.rows].every((row) => row.hidden || row.classList.contains('suite'));
    }
    form.querySelector('output').textContent = seen + ' of ' + parts.length + ' scenarios';
  };

  if (form !== null) {
    form.hidden = false;
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', (event) => {
      if (event.target.name === 'hex') {
        const wanted = event.target.checked ? 'hex' : 'text';
        for (const radio of document.querySelectorAll('.hunk input[value=' + wanted + ']')) radio.checked = true;
      } else show();
    });
    // The fields are empty only after the event.
    form.addEventListener('reset', () => setTimeout(show));
    for (const button of document.querySelectorAll('[data-only-cause]')) {
      button.hidden = false;
      button.addEventListener('click', () => {
        form.reset();
        form.elements.cause.value = button.dataset.onlyCause;
        show();
        document.getElementById('grid').scrollIntoView();
        form.elements.cause.focus({ preventScroll: true });
      });
    }
    document.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.closest('input:not([type=radio], [type=checkbox]), select, textarea')) return;
      event.preventDefault();
      form.elements.text.focus();
    });
    show();
  }

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target === null) return;
    const section = target.closest('.scenario');
    if (section === null) return;
    if (section.hidden && form !== null) {
      form.reset();
      show();
    }
    section.open = true;
    // The browser goes there by itself where it can, and the reader may have gone on from there.
    if (target.contains(document.activeElement)) return;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener('hashchange', open);
  open();

  const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
  grid?.addEventListener('keydown', (event) => {
    const move = step[event.key];
    const cell = event.target.closest('th, td');
    if (move === undefined || cell === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const all = [...grid.querySelectorAll('tr[data-scenario]:not([hidden])')];
    let y = all.indexOf(cell.parentElement);
    let x = cell.cellIndex;
    for (;;) {
      y += move[0];
      x += move[1];
      const next = all[y]?.cells[x];
      if (next === undefined) return;
      const link = next.querySelector('a');
      if (link === null) continue;
      link.focus();
      return;
    }
  });
}
`;
