import { isIPv6 } from 'node:net';
import { BatonError, type Digest, isDigest } from '@baton/kernel';

/** Where an image is: a registry host (with port), a repository in it, and a tag, a digest, both or neither. */
export interface Reference {
  registry: string;
  repository: string;
  tag?: string;
  digest?: Digest;
}

const HUB = 'docker.io';
const HOST_LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[([0-9A-Fa-f:.]+)\\])(?::([0-9]{1,5}))?$`);
const REPOSITORY_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads `[host[:port]/]repository[:tag][@digest]` (distribution specification, "Pulling manifests"; host and Docker Hub
 * rules as in the distribution project's reference grammar: `node` is `docker.io/library/node`).
 *
 * No tag is made up. Throws `INVALID_REFERENCE`.
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : checkDigest(text, text.slice(at + 1));
  const named = at === -1 ? text : text.slice(0, at);
  // A colon behind the last slash starts a tag; one before it is a port.
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon === -1 ? undefined : checkTag(named.slice(colon + 1));
  const name = colon === -1 ? named : named.slice(0, colon);
  const { registry, repository } = splitName(text, name);
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The canonical text of a reference: always with its registry. `parseReference` of it gives an equal reference. */
export function formatReference(ref: Reference): string {
  const tag = ref.tag === undefined ? '' : `:${ref.tag}`;
  const digest = ref.digest === undefined ? '' : `@${ref.digest}`;
  return `${ref.registry}/${ref.repository}${tag}${digest}`;
}

/** Gives the tag back when it is one (up to 128 of `[A-Za-z0-9_.-]`, not starting with `.` or `-`), else `INVALID_REFERENCE`. */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  const hint = tag.includes('+')
    ? `A version with build metadata cannot be a tag: write "${tag.replaceAll('+', '-')}".`
    : 'A tag has at most 128 letters, digits, "_", "." and "-", and starts with a letter, a digit or "_".';
  throw new BatonError('INVALID_REFERENCE', `expected an image tag, found ${quote(tag)}`, { hint });
}

function splitName(text: string, name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  // Other tools take an upper-case first part for a host too; here it is far more often a misspelt repository.
  const hasHost = /[.:[\]]/.test(first) || first === 'localhost';
  const host = hasHost ? first : HUB;
  const path = hasHost ? name.slice(slash + 1) : name;
  if (!isHost(host)) {
    const hint = 'Write host or host:port, such as ghcr.io or localhost:5000.';
    throw invalid(text, `${quote(host)} is not a registry host`, hint);
  }
  const registry = host === 'index.docker.io' || host === 'registry-1.docker.io' ? HUB : host.toLowerCase();
  const repository = registry === HUB && !path.includes('/') ? `library/${path}` : path;
  if (path === '' || repository.length > 255 || !repository.split('/').every((part) => REPOSITORY_PART.test(part))) {
    throw invalid(text, `${quote(path)} is not a repository name`, repositoryHint(path));
  }
  if (!hasHost && /^[0-9a-f]{64}$/.test(path)) {
    throw invalid(text, 'a bare digest names no repository', `Write repository@sha256:${path.slice(0, 8)}... instead.`);
  }
  return { registry, repository };
}

function isHost(host: string): boolean {
  const [whole, address, port] = HOST.exec(host) ?? [];
  return whole !== undefined && (address === undefined || isIPv6(address)) && Number(port ?? 1) <= 65535;
}

function checkDigest(text: string, digest: string): Digest {
  if (isDigest(digest)) return digest;
  throw invalid(
    text,
    `${quote(digest)} is not a digest`,
    'A digest is "sha256:" and 64 lower-case hexadecimal digits.',
  );
}

function repositoryHint(path: string): string {
  if (/[A-Z]/.test(path)) return `Repository names are lower case: ${quote(path.toLowerCase())}.`;
  return 'A repository is parts of a-z and 0-9, joined by ".", "_", "__" or "-", separated by "/", 255 characters at most.';
}

function invalid(text: string, why: string, hint: string): BatonError {
  return new BatonError('INVALID_REFERENCE', `expected an image reference, found ${quote(text)}: ${why}`, { hint });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text);
}
