import type { CutoverManifest, EditOperation, PathOperation } from '../model/manifest.ts';
import { carryOperations } from './carry.ts';
import { proposeCriteria, proposeScans } from './checks.ts';
import { findLayout } from './find-layout.ts';
import { judgeFile, mayNameTools } from './judge-file.ts';
import { oldWords } from './judge-words.ts';
import { baseName, type Listing, listTree, withTexts } from './listing.ts';
import { type Moves, movesOf } from './moves.ts';
import type { Layout, Place, Proposal, ProposalInput } from './proposal.ts';
import { namesOf } from './references.ts';
import { rewriteOperations } from './rewrite-operations.ts';
import { tryProposal } from './try-proposal.ts';

/** What stands where a person must write. */
export const BLANK = 'FILL-IN';
const MANIFEST = 'cutover.yaml';

/**
 * Looks at a tree in which an old and a new implementation live side by side, and proposes the manifest of the cutover.
 *
 * @throws BatonError `CUTOVER_NOT_FOUND` when no nested module lies beside an old implementation
 */
export async function proposeCutover(input: ProposalInput): Promise<Proposal> {
  const names = await listTree(input);
  const layout = findLayout(names, input.hints);
  const { renames } = movesOf(layout, names);
  const listing = await withTexts(input, names, {
    // A manifest of an earlier try names the old layout on purpose.
    reads: (path) => path !== MANIFEST,
    keeps: (path, text) => mayNameTools(layout, path) || namesOf(layout, renames).test(text),
  });
  const moves = movesOf(layout, listing);
  const { edits, places, changed } = judgeAll(moves);
  const { scans, left } = proposeScans({ ...moves, changed }, places, MANIFEST);
  const short = baseName(layout.component);
  const manifest: CutoverManifest = {
    version: 1,
    name: `${short}-in-${layout.newLanguage.toLowerCase()}`,
    requires: { clean: true },
    paths: proposePaths(layout, listing),
    edits: [...edits, ...layout.pairs.flatMap((pair) => carryOperations(moves, pair))],
    generate: [],
    scan: scans,
    accept: proposeCriteria(moves),
    gates: [],
    commit: {
      author: input.author ?? { name: BLANK, email: `${BLANK}@example.com` },
      subject: `feat(${short})!: the implementation in ${layout.newLanguage} takes the place of the one in ${layout.oldLanguage}`,
      signoff: true,
    },
    'pull-request': { branch: `cutover/${short}`, behaviour: [BLANK], rollback: [BLANK] },
  };
  return await tried(input, { layout, manifest, places: [...places, ...left], losses: [] });
}

/** A proposal that can be planned: edits that do not fit together are left for a person. */
async function tried(input: ProposalInput, proposal: Proposal): Promise<Proposal> {
  const { manifest } = proposal;
  const { refused, losses } = await tryProposal(input, manifest);
  if (refused.size === 0) return { ...proposal, losses };
  const places = [...refused].map(([index, { path = '', line = 1, message }]): Place => {
    const operation = Object.keys(manifest.edits[index] ?? {})[0] ?? '';
    return { path, line, text: '', decision: 'human', reason: `${operation} cannot be proposed: ${message}` };
  });
  const edits = manifest.edits.filter((_, index) => !refused.has(index));
  const rest = { ...manifest, edits };
  const again = await tryProposal(input, rest);
  return { ...proposal, manifest: rest, places: [...proposal.places, ...places], losses: again.losses };
}

function judgeAll(moves: Moves): { edits: EditOperation[]; places: Place[]; changed: NonNullable<Moves['changed']> } {
  const words = oldWords(moves.layout, moves.listing);
  const edits: EditOperation[] = [];
  const places: Place[] = [];
  const changed = new Map<
    string,
    { lines: ReadonlyMap<number, string>; gone: ReadonlySet<number>; stays: ReadonlyMap<number, string> }
  >();
  for (const path of moves.remaining) {
    const text = moves.listing.texts.get(path);
    if (text === undefined || path === MANIFEST) continue;
    const judged = judgeFile(moves, path, text, words);
    const owned = new Set(judged.pieces.flatMap(({ lines }) => lines));
    const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
    edits.push(...judged.pieces.map(({ operation, reason }) => withReason(operation, reason)));
    edits.push(...rewriteOperations(moves.after(path) ?? path, lines, judged.rewrites, owned));
    places.push(...judged.places);
    changed.set(path, {
      lines: judged.rewrites,
      gone: owned,
      stays: new Map(
        judged.places.flatMap(({ line, reason, decision }) => (decision === 'stay' ? [[line, reason]] : [])),
      ),
    });
  }
  return { edits, places, changed };
}

function withReason(operation: EditOperation, reason: string): EditOperation {
  const [name, fields] = Object.entries(operation)[0] ?? [];
  return { [name ?? '']: { ...fields, reason } } as EditOperation;
}

function proposePaths(layout: Layout, listing: Listing): PathOperation[] {
  const { component, nested, old, collisions, pairs } = layout;
  const links = listing.below(nested).some((path) => listing.leaves.get(path)?.mode === '120000');
  return [
    ...old.map((entry): PathOperation => {
      const isFile = listing.leaves.has(entry);
      return {
        delete: { glob: escapeGlob(entry) + (isFile ? '' : '/**'), expect: isFile ? 1 : listing.below(entry).length },
      };
    }),
    {
      flatten: {
        dir: nested,
        into: component,
        ...(collisions.length > 0
          ? { collisions: Object.fromEntries(collisions.map((name) => [name, 'nested' as const])) }
          : {}),
        ...(links ? { links: 'retarget' as const } : {}),
      },
    },
    ...pairs.map((pair): PathOperation => ({ move: { from: pair.new, to: pair.old, onto: 'replace' } })),
  ];
}

function escapeGlob(path: string): string {
  return path.replace(/[*?[\]{}\\]/g, '\\$&');
}
