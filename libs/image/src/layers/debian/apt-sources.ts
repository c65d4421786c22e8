import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, compareText, type Digest, errnoOf, Hasher, succeeded } from '@baton/kernel';
import type { Apt } from './apt-state.ts';

/** What the host's package sources say, as far as it matters here. */
export interface AptSources {
  /** Changes when the host's sources change. */
  digest: Digest;
  /** Addresses that the host trusts without a valid signature. */
  unsigned: string[];
}

/** Reads the host's package sources from where apt reads them. Errors: `TOOL_FAILED`, `FILE_UNREADABLE`. */
export async function readSources(apt: Apt): Promise<AptSources> {
  const asked = await apt.run('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  if (!succeeded(asked)) {
    throw new BatonError('TOOL_FAILED', `apt-config failed: ${asked.stderr.toString('utf8').trim().split('\n')[0]}`);
  }
  const places = shellValues(asked.stdout.toString('utf8'));
  const hasher = new Hasher();
  const unsigned: string[] = [];
  for (const path of await sourceFiles(places.LIST, places.PARTS)) {
    const text = await readText(path);
    hasher.update(Buffer.from(`${path}\0${text}\0`));
    unsigned.push(...(path.endsWith('.sources') ? unsignedStanzas(text) : unsignedLines(text)));
  }
  return { digest: hasher.digest(), unsigned };
}

/** Addresses in one-line sources (`deb [options] URI suite ...`) whose options do away with the signature. */
export function unsignedLines(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, options, uri] = /^\s*deb\s+\[([^\]]*)\]\s+(\S+)/.exec(line) ?? [];
    if (options === undefined || uri === undefined) return [];
    const waived = options.split(/\s+/).some((option) => {
      const [name, value] = option.split(/[-+]?=/);
      return isWaiver(name ?? '') && isYes(value ?? '');
    });
    return waived ? [uri] : [];
  });
}

/** Addresses in deb822 sources (`URIs:`) of stanzas that do away with the signature. */
export function unsignedStanzas(text: string): string[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string>();
      for (const [, name, value] of stanza.matchAll(/^([^\s:]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
        fields.set((name ?? '').toLowerCase(), (value ?? '').trim());
      }
      const waived = [...fields].some(([name, value]) => isWaiver(name) && isYes(value));
      return waived ? (fields.get('uris') ?? '').split(/\s+/).filter((uri) => uri !== '') : [];
    });
}

function isWaiver(option: string): boolean {
  return /^(trusted|allow-insecure|allow-weak|allow-downgrade-to-insecure)$/i.test(option);
}

// apt's own reading of a boolean.
function isYes(value: string): boolean {
  return /^(yes|true|with|on|enable|[1-9]\d*)$/i.test(value);
}

async function sourceFiles(list: string | undefined, parts: string | undefined): Promise<string[]> {
  const files = list === undefined ? [] : [list];
  if (parts === undefined) return files;
  const names = await readdir(parts).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const wanted = names.filter((name) => /^[\w.-]+\.(list|sources)$/.test(name)).sort(compareText);
  return [...files, ...wanted.map((name) => join(parts, name))];
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  });
}

// NAME='value', a quote in it written as '\''.
function shellValues(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/^(\w+)='((?:[^']|'\\'')*)'$/gm)) {
    if (name !== undefined && value !== undefined) values[name] = value.replaceAll("'\\''", "'");
  }
  return values;
}
