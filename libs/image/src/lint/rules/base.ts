import { allInstructions, type Dockerfile } from '../dockerfile.ts';
import { expand } from '../expand.ts';
import { flagOf } from '../instruction.ts';
import type { Hit, Rule } from '../rule.ts';
import type { Span } from '../source.ts';

/** An image that a Dockerfile takes from outside. */
interface Outside {
  span: Span;
  /** Undefined when a variable without a value is in it. */
  reference: string | undefined;
  text: string;
}

/** `base-latest`. */
export const baseLatest: Rule = {
  code: 'base-latest',
  severity: 'error',
  about: 'An image is taken by the tag latest, or by no tag.',
  check: (file) =>
    outside(file).flatMap(({ span, reference }): Hit[] => {
      if (reference === undefined || pinned(reference)) return [];
      const tag = tagOf(reference);
      if (tag !== undefined && tag !== 'latest') return [];
      const how = tag === undefined ? 'has no tag, which means latest' : 'is whatever was pushed last';
      return [{ span, message: `${reference} ${how}`, hint: PIN }];
    }),
};

/** `base-unpinned`. */
export const baseUnpinned: Rule = {
  code: 'base-unpinned',
  severity: 'warning',
  about: 'An image is taken by a tag and not by its digest, or by an argument that has no default.',
  check: (file) =>
    outside(file).flatMap(({ span, reference, text }): Hit[] => {
      if (reference === undefined) {
        const message = `${text} depends on an argument without a default: the file does not say what it is built on`;
        return [{ span, message, hint: `Give the argument a default with a digest. ${PIN}` }];
      }
      const tag = tagOf(reference);
      if (pinned(reference) || tag === undefined || tag === 'latest') return [];
      return [{ span, message: `${reference} may be another image tomorrow: it has no digest`, hint: PIN }];
    }),
};

/** `base-platform`. */
export const basePlatform: Rule = {
  code: 'base-platform',
  severity: 'error',
  about: 'FROM fixes a platform, and the image is for another one as well.',
  check: (file, { platforms = [] }) =>
    file.chain.flatMap(({ from }): Hit[] => {
      const flag = flagOf(from, 'platform');
      if (flag === undefined || platforms.length === 0) return [];
      const isBuild = /^\$\{?BUILDPLATFORM\}?$/.test(flag.value);
      const fixed = isBuild ? '$BUILDPLATFORM' : expand(flag.value, from.scope, file.escapeChar);
      if (fixed === undefined || (platforms.length === 1 && platforms[0] === fixed)) return [];
      const wanted = platforms.join(', ');
      return [
        {
          span: flag.span,
          message: `the image is for ${wanted}, and this FROM takes ${fixed} whatever is built`,
          hint: 'Leave --platform out in the stages that the image stands on; stages that only build may have it.',
        },
      ];
    }),
};

const PIN = 'Name a version and its digest: name:1.2.3@sha256:...; "baton image inspect name:1.2.3" prints the digest.';

/** Bases of stages, and images that COPY and mounts take files from. */
function outside(file: Dockerfile): Outside[] {
  const found: Outside[] = [];
  for (const { base, baseSpan } of file.stages) {
    if (base.kind === 'image' && base.text !== '') found.push({ ...base, span: baseSpan });
  }
  const names = new Set(file.stages.flatMap(({ name, index }) => [name, String(index)]));
  for (const instruction of allInstructions(file)) {
    for (const { name, value, span } of instruction.flags) {
      const from = name === 'from' ? value : name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] : undefined;
      // Another build context is named in the same way; one word without tag is rather that, or a mistake of its own.
      if (from === undefined || names.has(from.toLowerCase()) || !/[:/@]/.test(from)) continue;
      const reference = from.includes('$') ? undefined : from;
      found.push({ span, reference, text: from });
    }
  }
  return found;
}

function pinned(reference: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(reference);
}

function tagOf(reference: string): string | undefined {
  const name = reference.slice(reference.lastIndexOf('/') + 1).replace(/@.*$/, '');
  const colon = name.indexOf(':');
  return colon < 0 ? undefined : name.slice(colon + 1);
}
