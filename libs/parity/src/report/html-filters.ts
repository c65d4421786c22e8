import { type Html, html } from '@baton/report';
import { STATE_NAMES, STATES } from './words.ts';

/** What can be chosen. The number of an entry is its place in the list. */
export interface FilterLists {
  suites: readonly string[];
  columns: readonly string[];
  kinds: readonly string[];
  causes: readonly string[];
}

/** The fields of the filters. They are hidden until the script shows them: without script nothing is filtered. */
export function filterForm({ suites, columns, kinds, causes }: FilterLists): Html {
  return html`<form class="filters" id="filters" hidden aria-label="Filters">
<label>Text <input type="search" name="text" autocomplete="off" placeholder="id or words ( / )"></label>
${choice(
  'State',
  'state',
  STATE_NAMES.map((state) => [state, STATES[state].word]),
  [['open', 'all that are not equal or declared']],
)}
${choice('Suite', 'suite', numbered(suites))}
${choice('Channel', 'column', numbered(columns))}
${choice('Kind', 'kind', numbered(kinds))}
${choice('Cause', 'cause', numbered(causes))}
<button type="reset">Show all</button> <label class="box"><input type="checkbox" name="hex"> Hex everywhere</label> <output aria-live="polite"></output>
</form>
`;
}

function numbered(names: readonly string[]): [string, string][] {
  return names.map((name, index) => [String(index), name]);
}

function choice(
  label: string,
  name: string,
  options: readonly (readonly [string, string])[],
  first: readonly (readonly [string, string])[] = [],
): Html {
  const items = [...first, ...options].map(([value, text]) => html`<option value="${value}">${text}</option>`);
  return html`<label>${label} <select name="${name}"><option value="">all</option>${items}</select></label>`;
}
