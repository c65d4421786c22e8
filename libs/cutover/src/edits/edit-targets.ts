import { compileGlob, isGlob } from '@baton/edit';
import { leafAt, type Tree, walkLeaves } from '@baton/git';
import type { EditOperation, InFiles } from '../model/manifest.ts';
import type { Problem } from '../model/plan.ts';

/** An edit operation with its name in messages, what all operations have, and its files. */
export interface TargetedEdit {
  operation: EditOperation;
  /** `edits[3] yaml.list`. */
  name: string;
  common: InFiles;
  /** Paths of the mapped tree, or the one path of a file that the operation makes. */
  paths: readonly string[];
}

/** The part of an operation that all have. */
export function commonOf(operation: EditOperation): InFiles {
  return Object.values(operation)[0] as InFiles;
}

/** Finds the files of each operation: a path as it is, else a glob over all regular files. */
export function findTargets(output: Tree, operations: readonly EditOperation[], problems: Problem[]): TargetedEdit[] {
  let files: string[] | undefined;
  const everyFile = (): string[] => {
    files ??= [...walkLeaves(output)].flatMap(({ path, leaf }) => (leaf.mode.startsWith('100') ? [path] : []));
    return files;
  };
  const found = new Map<string, readonly string[]>();
  const matching = (glob: string): readonly string[] => {
    const known = found.get(glob);
    if (known !== undefined) return known;
    const matches = compileGlob(glob);
    const paths = everyFile().filter(matches);
    found.set(glob, paths);
    return paths;
  };
  return operations.map((operation, index) => {
    const name = `edits[${index}] ${Object.keys(operation)[0] ?? ''}`;
    const common = commonOf(operation);
    const except = 'repath' in operation ? (operation.repath.except ?? []).map(compileGlob) : [];
    const paths = new Set<string>();
    for (const one of [common.in].flat()) {
      const leaf = leafAt(output, one);
      if (leaf?.mode === '120000' || leaf?.mode === '160000') {
        problems.push({
          code: 'EDIT_REFUSED',
          operation: name,
          path: one,
          message: `${one} is a ${leaf.mode === '120000' ? 'symbolic link' : 'submodule'}, and edits never follow one`,
          hint: 'Name the file that it leads to.',
        });
        continue;
      }
      const own = leaf === undefined ? matching(one) : [one];
      for (const path of own) if (!except.some((spares) => spares(path))) paths.add(path);
      if (own.length > 0) continue;
      if (makesFile(operation) && !isGlob(one)) {
        const file = fileAbove(output, one);
        if (file === undefined) paths.add(one);
        else {
          problems.push({
            code: 'COLLISION',
            operation: name,
            path: one,
            message: `${file} is no directory, and ${one} would be below it`,
            hint: 'Choose another path: edits never follow a link.',
          });
        }
      } else if (common.optional !== true) {
        problems.push({
          code: 'EDIT_NO_MATCH',
          operation: name,
          path: one,
          message: `${one} is not in the result of the path operations`,
          hint: 'Edits name files as they are after the moves.',
        });
      }
    }
    return { operation, name, common, paths: [...paths] };
  });
}

function fileAbove(output: Tree, path: string): string | undefined {
  const names = path.split('/');
  const above = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
  return above.find((directory) => leafAt(output, directory) !== undefined);
}

function makesFile(operation: EditOperation): boolean {
  return 'notes' in operation || 'merge' in operation;
}
