import type { TextRule } from './text-field.ts';

// The ground floor may not import the OCI room, which judges references in full: this catches what a person mistypes.
const COMPONENT = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';
// A first component is a host when it has a dot or a port, or is localhost (Docker's rule): "acme/agent" has none.
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
const PORT = ':[0-9]+';
const HOST = `(localhost(${PORT})?|${LABEL}(\\.${LABEL})+(${PORT})?|${LABEL}${PORT}|\\[[0-9A-Fa-f:]+\\](${PORT})?)`;

/** Where images are pushed to: registry and repository, no tag. */
export const REPOSITORY: TextRule = {
  expected: 'a repository like ghcr.io/acme/node-agent',
  description:
    'Where the image is published: registry and repository, without tag or digest. Without it there is no publish.',
  pattern: new RegExp(`^(${HOST}/)?${COMPONENT}(/${COMPONENT})*$`),
  examples: ['ghcr.io/acme/node-agent'],
  judge(text) {
    if (text.includes('://')) return { hint: `Leave the scheme away: ${text.slice(text.indexOf('://') + 3)}.` };
    if (text.includes('@')) return { expected: 'a repository without a digest', hint: `Write ${text.split('@')[0]}.` };
    const tag = /^(.+):[^/:\]]+$/.exec(text);
    const bare = tag?.[1] ?? '';
    if (tag !== null && REPOSITORY.pattern?.test(bare) === true) {
      return { expected: 'a repository without a tag', hint: `Write ${bare}; tags are listed in image.tags.` };
    }
    const [host = '', ...path] = text.split('/');
    const lower = (/[.:]|^localhost$/.test(host) ? [host, ...path.map(lowered)] : [host, ...path].map(lowered)).join(
      '/',
    );
    return lower !== text && REPOSITORY.pattern?.test(lower) === true
      ? { hint: `Repository names are lower-case: ${lower}.` }
      : undefined;
  },
};

/** The image that layers are put on, in a registry. */
export const IMAGE_REFERENCE: TextRule = {
  expected: 'an image reference with a tag or a digest, like registry/name:tag',
  description:
    'An image in a registry: `registry/name:tag` or `registry/name@sha256:...`; `image.lock.json` pins its digest.',
  pattern: /^[A-Za-z0-9[][^\s]*[:@][^\s/]+$/,
  examples: ['ghcr.io/acme/base:1.2'],
  judge(text) {
    if (text.includes('://')) return { hint: `Leave the scheme away: ${text.slice(text.indexOf('://') + 3)}.` };
    return undefined;
  },
};

/** An npm package's name. */
export const NPM_NAME: TextRule = {
  expected: 'the name of an npm package',
  description: 'The name of an npm package. Its version and integrity are kept in `image.lock.json`.',
  pattern: /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/,
  examples: ['@scope/name'],
  judge(text) {
    const versioned = /^(@?[^@]+)@(.+)$/.exec(text);
    return versioned === null
      ? undefined
      : { expected: "a package's name alone", hint: `Write npm: "${versioned[1]}", version: "${versioned[2]}".` };
  },
};

/** A Debian binary package's name (Debian Policy 5.6.1). */
export const DEBIAN_NAME: TextRule = {
  expected: 'the name of a Debian package, like libc6',
  description: 'The name of a Debian binary package.',
  pattern: /^[a-z0-9][a-z0-9+.-]+$/,
  judge: (text) =>
    /^[a-z0-9][a-z0-9+.-]+[=:]/.test(text)
      ? { hint: 'Versions are kept in image.lock.json (resolve: locked), architectures come from the platforms.' }
      : undefined,
};

function lowered(text: string): string {
  return text.toLowerCase();
}
