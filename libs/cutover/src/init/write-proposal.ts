import { stringify } from 'yaml';
import type { EditOperation } from '../model/manifest.ts';
import type { Place, Proposal } from './proposal.ts';
import { BLANK } from './propose-cutover.ts';

/** The proposal as the text of `cutover.yaml`: commented, and with a mark at every place that a person must fill in. */
export function writeProposal({ layout, manifest, places, losses }: Proposal): string {
  const { component, nested, oldLanguage, newLanguage } = layout;
  const byHand = places.filter(({ decision }) => decision === 'human');
  const parts = [
    comment(
      `The implementation in ${newLanguage} (${nested}) takes the place of the one in ${oldLanguage} in ${component}, in one commit.`,
      '"baton cutover init" proposed this by looking at the repository. Read it, change it, and see what it does with "baton cutover plan".',
      `Counts are exact: an operation that finds more or less is an error. ${BLANK} marks what only a person can know.`,
    ),
    yaml({ version: manifest.version, name: manifest.name, requires: manifest.requires }),
    '\n' +
      comment('Where files go: all at once, out of the tree as it is.') +
      list(
        'paths',
        manifest.paths.map((operation) => ({ operation })),
      ),
    `\n${comment('What changes in files, by their new paths.')}${list('edits', byFile(manifest.edits))}`,
    handwork(byHand, losses),
    '\n' +
      list(
        'generate',
        manifest.generate.map((operation) => ({ operation })),
      ),
    '\n' +
      comment('What must not be found in the result. Each exception is one line, with the reason why it may stay.') +
      list(
        'scan',
        manifest.scan.map((operation) => ({ operation })),
      ),
    '\n' +
      comment('What the reviewer is promised.') +
      list(
        'accept',
        manifest.accept.map((operation) => ({ operation })),
      ),
    '\n' +
      comment(
        'Statements that must exist before the pull request is ready: parity of old and new for the image that will be shipped.',
      ) +
      list(
        'gates',
        manifest.gates.map((operation) => ({ operation })),
      ),
    '\n' +
      comment("Author and sign-off come from here alone: git's configuration is never asked.") +
      yaml({ commit: manifest.commit }),
    '\n' +
      comment('Say what changes for users, and how they go back.') +
      yaml({ 'pull-request': manifest['pull-request'] }),
  ];
  return parts.join('');
}

function comment(...lines: readonly string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}

function yaml(value: Record<string, unknown>): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A list with each item on its own, flow style where it is short enough to be read at a glance. */
function list(key: string, items: readonly { operation: object; above?: string }[]): string {
  if (items.length === 0) return `${key}: []\n`;
  const lines = items.map(({ operation, above }) => {
    const flow = stringify([operation], {
      lineWidth: 0,
      collectionStyle: 'flow',
      aliasDuplicateObjects: false,
    }).replace(/^\[\s*|\s*\]\s*$/g, '');
    const isShort = flow.length <= 130 && !flow.includes('\n');
    const block = stringify([operation], { lineWidth: 0, aliasDuplicateObjects: false });
    const text = isShort ? `  - ${unwrapped(flow)}\n` : block.replace(/^(?=.)/gm, '  ');
    return (above === undefined ? '' : `  # ${above}\n`) + text;
  });
  return `${key}:\n${lines.join('')}`;
}

// `{ lines: { ... } }` without its outer braces reads like the block style around it.
function unwrapped(flow: string): string {
  return flow.replace(/^\{ ([\w.-]+: \{.*\}) \}$/, '$1');
}

function byFile(edits: readonly EditOperation[]): { operation: EditOperation; above?: string }[] {
  let last = '';
  return edits.map((operation) => {
    const [fields] = Object.values(operation) as { in: string | readonly string[] }[];
    const file = [fields?.in ?? ''].flat().join(', ');
    if (file === last) return { operation };
    last = file;
    return { operation, above: JSON.stringify(file).slice(1, -1) };
  });
}

function handwork(places: readonly Place[], losses: Proposal['losses']): string {
  if (places.length + losses.length === 0) return '';
  const lines = places.map(
    ({ path, line, text, reason }) => `  ${JSON.stringify(path).slice(1, -1)}:${line}: ${reason}: ${oneLine(text)}`,
  );
  const lost = losses.map(({ old, what }) => `  ${old}: the new one lacks ${what}`);
  return `\n${comment(`By hand: ${places.length + losses.length} places that no rule can judge. Add an edit above, or an exception to a scan below.`, ...lines, ...lost)}`;
}

function oneLine(text: string): string {
  const plain = text.trim().replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
  return plain.length > 100 ? `${plain.slice(0, 99)}…` : plain;
}
