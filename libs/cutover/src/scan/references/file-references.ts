import { dependabotReferences, renovateReferences } from './bot-references.ts';
import { dockerReferences } from './docker-references.ts';
import { ownersReferences, submoduleReferences } from './line-references.ts';
import { makeReferences } from './make-references.ts';
import type { FileReferences, PathReference } from './reference.ts';
import { shellReferences } from './shell-references.ts';
import { workflowReferences } from './workflow-references.ts';

/** Kinds of files that name others. */
export type FileKind = 'workflow' | 'docker' | 'make' | 'shell' | 'owners' | 'modules' | 'dependabot' | 'renovate';

/** What kind of file a path is by its name; undefined for one that is not looked into. */
export function fileKind(path: string): FileKind | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || /^action\.ya?ml$/.test(name)) return 'workflow';
  if (/^(Dockerfile|Containerfile)(\..+)?$|\.(Dockerfile|dockerfile|Containerfile)$/.test(name)) {
    return name.endsWith('.dockerignore') ? undefined : 'docker';
  }
  if (/^(GNUmakefile|[Mm]akefile)$|\.mk$/.test(name)) return 'make';
  if (/\.(sh|bash)$/.test(name)) return 'shell';
  if (/^(\.github\/|\.gitlab\/|docs\/)?CODEOWNERS$/.test(path)) return 'owners';
  if (path === '.gitmodules') return 'modules';
  if (/^\.github\/dependabot\.ya?ml$/.test(path)) return 'dependabot';
  if (/^(\.github\/|\.gitlab\/)?\.?renovate(rc)?(\.json5?)?$/.test(path)) return 'renovate';
  return undefined;
}

/** What a file of a kind says of other files. It depends on the bytes, the kind, and whether the name ends with `.mk`. */
export function fileReferences(kind: FileKind, bytes: Buffer, path: string): FileReferences {
  switch (kind) {
    case 'workflow':
      return workflowReferences(bytes.toString('utf8'));
    case 'docker':
      return dockerReferences(bytes);
    case 'make':
      return makeReferences(bytes, path);
    case 'shell':
      return shellReferences(bytes.toString('utf8'), { bases: ['.', '/'], linesBefore: 0 });
    case 'owners':
      return only(ownersReferences(bytes.toString('utf8')));
    case 'modules':
      return only(submoduleReferences(bytes.toString('utf8')));
    case 'dependabot':
      return only(dependabotReferences(bytes.toString('utf8')));
    case 'renovate':
      return only(renovateReferences(bytes));
  }
}

function only(references: readonly PathReference[]): FileReferences {
  return { references, builds: [], makes: [] };
}
