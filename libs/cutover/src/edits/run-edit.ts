import {
  type Edit,
  editDockerInstr,
  editJson,
  editLines,
  editMakeTarget,
  editMakeVar,
  editMdBullet,
  editMdFence,
  editMdRow,
  editMdSection,
  editPatch,
  editReplace,
  editToml,
  editYamlCarry,
  editYamlEmbedded,
  editYamlItem,
  editYamlList,
  editYamlMap,
  insertChangelogEntry,
  insertNotes,
  jsonFormatOf,
} from '@baton/edit';
import { BatonError } from '@baton/kernel';
import type { EditOperation } from '../model/manifest.ts';

/** What operations read besides the file itself. */
export interface EditMaterial {
  /** Files beside the manifest. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Files of the input tree that operations name. */
  inputs: ReadonlyMap<string, Uint8Array>;
}

/**
 * Runs one explicit operation on the bytes that a file has before any edit. `repath` and `merge` have a place of their own.
 *
 * @param beside all operations on this file: removals of neighbouring targets share what stands between them
 * @throws BatonError `EDIT_*`, `PATTERN_*`
 */
export function runEdit(
  operation: EditOperation,
  path: string,
  bytes: Uint8Array,
  material: EditMaterial,
  beside: readonly EditOperation[] = [],
): Edit {
  if ('replace' in operation) return editReplace(bytes, operation.replace);
  if ('lines' in operation) return editLines(bytes, operation.lines);
  if ('yaml.list' in operation) return editYamlList(bytes, operation['yaml.list']);
  if ('yaml.map' in operation) return editYamlMap(bytes, operation['yaml.map']);
  if ('yaml.item' in operation) return editYamlItem(bytes, operation['yaml.item']);
  if ('yaml.embedded' in operation) return editYamlEmbedded(bytes, operation['yaml.embedded']);
  if ('yaml.carry' in operation) {
    const { from } = operation['yaml.carry'];
    const source = material.inputs.get(from);
    if (source === undefined) throw notInInput(from);
    return editYamlCarry(bytes, source, operation['yaml.carry']);
  }
  if ('json.edit' in operation) {
    const format = operation['json.edit'].format ?? jsonFormatOf(path);
    return editJson(bytes, { ...operation['json.edit'], format });
  }
  if ('toml.edit' in operation) return editToml(bytes, operation['toml.edit']);
  if ('md.section' in operation) return editMdSection(bytes, operation['md.section']);
  if ('md.bullet' in operation) return editMdBullet(bytes, operation['md.bullet']);
  if ('md.row' in operation) return editMdRow(bytes, operation['md.row']);
  if ('md.fence' in operation) return editMdFence(bytes, operation['md.fence']);
  if ('make.target' in operation) {
    const removed = beside.flatMap((each) =>
      'make.target' in each && each['make.target'].remove === true ? [each['make.target'].name] : [],
    );
    return editMakeTarget(bytes, operation['make.target'], removed);
  }
  if ('make.var' in operation) return editMakeVar(bytes, operation['make.var']);
  if ('docker.instr' in operation) return editDockerInstr(bytes, operation['docker.instr']);
  if ('patch' in operation) return editPatch(bytes, { diff: textOf(operation.patch, 'diff', material) });
  if ('changelog' in operation) {
    const { format, version, date, section } = operation.changelog;
    return insertChangelogEntry(bytes, {
      format,
      version,
      ...(date === undefined ? {} : { date }),
      ...(section === undefined ? {} : { section }),
      entry: textOf(operation.changelog, 'entry', material),
    });
  }
  if ('notes' in operation) {
    return insertNotes(bytes, { under: operation.notes.under, text: textOf(operation.notes, 'text', material) });
  }
  if ('replace-file' in operation) {
    const whole = material.files.get(operation['replace-file'].from) ?? Buffer.alloc(0);
    const same = Buffer.from(whole).equals(bytes);
    return { splices: same ? [] : [{ start: 0, end: bytes.byteLength, bytes: whole }], matches: 1 };
  }
  throw new BatonError('INTERNAL', `no editor for ${Object.keys(operation).join(', ')}`);
}

/** The error for a file of the input tree that is not there. */
export function notInInput(path: string): BatonError {
  return new BatonError('EDIT_NO_MATCH', `${path} is no file of the input`, {
    hint: 'Sources are named as they are before the moves.',
  });
}

function textOf<K extends string>(
  body: { readonly [key in K]?: string } | { readonly from: string },
  key: K,
  { files }: EditMaterial,
): string {
  if ('from' in body) {
    const bytes = files.get(body.from) ?? Buffer.alloc(0);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new BatonError('EDIT_REFUSED', `${body.from} beside the manifest is not UTF-8`, { cause: error });
    }
  }
  return body[key] ?? '';
}
