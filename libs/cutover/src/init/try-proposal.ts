import { changeTree, leafAt, type ObjectFormat, type ObjectId, pathText } from '@baton/git';
import { BatonError, silent } from '@baton/kernel';
import { editFiles } from '../edits/edit-files.ts';
import { mapPaths } from '../mapping/map-paths.ts';
import type { ResultContext } from '../model/context.ts';
import type { CutoverManifest } from '../model/manifest.ts';
import type { Problem } from '../model/plan.ts';
import { compare } from '../parity/check-parity.ts';
import type { Proposal, ProposalInput } from './proposal.ts';

/** What a proposal does when it is carried out in memory. */
export interface TriedProposal {
  /** Edits that cannot be made as they are proposed, by their index. */
  refused: ReadonlyMap<number, Problem>;
  /** What replaced files could do and the new ones cannot, with all edits made. */
  losses: Proposal['losses'];
}

/** Carries out the path operations and edits of a proposal in memory, and compares what is replaced with what replaces it. */
export async function tryProposal(input: ProposalInput, manifest: CutoverManifest): Promise<TriedProposal> {
  const format: ObjectFormat = input.tree.id?.length === 64 ? 'sha256' : 'sha1';
  const fresh = new Map<ObjectId, Buffer>();
  async function* readBlobs(ids: Iterable<ObjectId>): AsyncIterable<{ id: ObjectId; bytes: Buffer }> {
    const stored: ObjectId[] = [];
    for (const id of ids) {
      const bytes = fresh.get(id);
      if (bytes === undefined) stored.push(id);
      else yield { id, bytes };
    }
    if (stored.length > 0) yield* input.readBlobs(stored);
  }
  const readLinks = async (ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, string>> => {
    const targets = new Map<ObjectId, string>();
    for await (const { id, bytes } of readBlobs(ids)) targets.set(id, pathText(bytes));
    return targets;
  };
  const files = new Map<string, Buffer>();
  const mapping = await mapPaths(input.tree, manifest.paths, { format, files, readLinks });
  for (const { id, bytes } of mapping.blobs) fresh.set(id, Buffer.from(bytes));
  const { destinationOf, sourceOf, output } = mapping;
  const edited = await editFiles(manifest.edits, {
    format,
    input: input.tree,
    output,
    files,
    readBlobs,
    destinationOf,
    sourceOf,
  });
  for (const { id, bytes } of edited.blobs) fresh.set(id, Buffer.from(bytes));
  const refused = new Map<number, Problem>();
  for (const problem of [...edited.problems, ...edited.idle]) {
    // Of two that collide both are named.
    for (const [, index] of (problem.operation ?? '').matchAll(/edits\[(\d+)\]/g)) refused.set(Number(index), problem);
  }
  const context: ResultContext = {
    repository: '',
    input: input.tree,
    output: changeTree(output, edited.changes),
    objects: [],
    destinationOf,
    sourceOf,
    readBlob: (id) => one(readBlobs([id])),
    readBlobs,
    cacheDir: undefined,
    signal: undefined,
    emit: silent,
  };
  return { refused, losses: await lossesOf(context, manifest) };
}

async function lossesOf(context: ResultContext, { accept }: CutoverManifest): Promise<Proposal['losses']> {
  const losses: Proposal['losses'][number][] = [];
  for (const criterion of accept) {
    if (!('parity' in criterion)) continue;
    const { kind, old, new: now } = criterion.parity;
    const [before, after] = [leafAt(context.input, old), leafAt(context.output, now)];
    if (before === undefined || after === undefined) continue;
    try {
      const parity = await compare(context, criterion.parity, before, after);
      losses.push(...parity.losses.map((what) => ({ kind, old, new: now, what })));
    } catch (error) {
      // A file that cannot be read is told by the plan, with its place.
      if (!(error instanceof BatonError)) throw error;
    }
  }
  return losses;
}

async function one(blobs: AsyncIterable<{ bytes: Buffer }>): Promise<Buffer> {
  for await (const { bytes } of blobs) return bytes;
  throw new BatonError('INTERNAL', 'a blob of the tree is not there');
}
