import type { Node } from 'yaml';
import { type ShellWord, shellParts } from '../scan/references/shell-words.ts';
import { entriesOf, textOf, valueAt } from '../scan/references/yaml-file.ts';

/** Values of `env` that are known; inner ones win. */
export type KnownEnv = ReadonlyMap<string, string>;

/** The literal values of an `env` on top of outer ones. */
export function withEnv(outer: KnownEnv, node: Node | undefined): KnownEnv {
  const own = entriesOf(valueAt(node, 'env')).flatMap(([name, value]): [string, string][] => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, expandEnv(text, outer)]];
  });
  return new Map([...outer, ...own]);
}

/** Puts known values in for `${{ env.NAME }}`, `$NAME` and `${NAME}`; what is not known stays, in one way of writing. */
export function expandEnv(text: string, env: KnownEnv): string {
  return text
    .replace(/\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g, (whole, name: string) => env.get(name) ?? whole)
    .replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, inside: string) => `\${{ ${inside} }}`)
    .replace(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g, (whole, curly?: string, bare?: string) => {
      return env.get(curly ?? bare ?? '') ?? whole;
    });
}

/** Images and tags that an action of a step publishes, and what it signs or attests. */
export function publishedByAction(uses: string, inputs: Node | undefined, env: KnownEnv): string[] {
  const [action = ''] = uses.split('@');
  const lines = (key: string): string[] =>
    expandEnv(textOf(valueAt(inputs, key)) ?? '', env)
      .split(/\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  if (action === 'docker/metadata-action') {
    const images = lines('images').map((image) => `image ${image.replace(/^name=([^,]+).*$/, '$1')}`);
    return [
      ...images,
      ...lines('tags').map((tag) => `tag ${tag}`),
      ...lines('flavor').map((flavor) => `flavor ${flavor}`),
    ];
  }
  if (action === 'docker/build-push-action') {
    const refs = lines('tags')
      .flatMap((line) => line.split(','))
      .flatMap((ref) => imageTexts(ref.trim()));
    const pushed = lines('push').map((value) => `push ${value}`);
    const attested = ['provenance', 'sbom'].flatMap((key) => {
      const [value = 'false'] = lines(key);
      return value === 'false' ? [] : [`attestation build-push ${key}`];
    });
    const platforms = lines('platforms')
      .flatMap((line) => line.split(','))
      .map((name) => `platform ${name.trim()}`);
    return [...refs, ...pushed, ...platforms, ...attested];
  }
  if (/attest|slsa|provenance/i.test(action)) return [`attestation ${action}`];
  if (/cosign|notation|sigstore/i.test(action)) return [`signing ${action}`];
  if (/sbom|syft/i.test(action)) return [`sbom ${action}`];
  return [];
}

/** Images that a script pushes, and what it signs or attests. */
export function publishedByScript(script: string, env: KnownEnv): string[] {
  const texts: string[] = [];
  for (const part of shellParts(expandEnv(script, env))) {
    if (part.kind !== 'command') continue;
    const words = part.words.map(({ text }) => text);
    const at = words.findIndex((word) =>
      /^(docker|podman|buildah|crane|skopeo|cosign|notation|syft|gh|oras)$/.test(word),
    );
    const program = words[at];
    if (program === undefined) continue;
    const [first = '', second = ''] = words.slice(at + 1).filter((word) => !word.startsWith('-'));
    if (program === 'cosign' || program === 'notation') texts.push(`signing ${program} ${first}`);
    else if (program === 'syft') texts.push('sbom syft');
    else if (program === 'gh' && first === 'attestation') texts.push(`attestation gh ${first} ${second}`);
    else texts.push(...pushed(program, part.words.slice(at + 1)));
  }
  return texts;
}

function pushed(program: string, args: readonly ShellWord[]): string[] {
  const words = args.map(({ text }) => text);
  const plain = words.filter((word) => !word.startsWith('-'));
  if (plain[0] === 'push' || (program === 'crane' && plain[0] === 'tag')) return imageTexts(plain.at(-1) ?? '');
  if (program === 'skopeo' && plain[0] === 'copy') return imageTexts((plain.at(-1) ?? '').replace(/^docker:\/\//, ''));
  const tagged = words.flatMap((word, index) => {
    if (word === '-t' || word === '--tag') return words[index + 1] ?? [];
    return word.startsWith('--tag=') ? word.slice('--tag='.length) : [];
  });
  const isPublishing = words.includes('--push') || plain.includes('imagetools');
  const attested = words.filter((word) => /^--(provenance|sbom)(=|$)/.test(word) && !word.endsWith('=false'));
  if (!isPublishing) return [];
  return [
    ...tagged.flatMap(imageTexts),
    ...attested.map((flag) => `attestation buildx ${flag.replace(/^--|=.*$/g, '')}`),
  ];
}

// `name:tag`; the colon of a port is in front of a slash, and those inside of expressions do not count.
function imageTexts(ref: string): string[] {
  if (ref === '') return [];
  const outside = ref.replace(/\$\{\{.*?\}\}|\$\{.*?\}/g, (inside) => '_'.repeat(inside.length));
  const colon = outside.lastIndexOf(':');
  if (colon <= outside.lastIndexOf('/')) return [`image ${ref}`];
  return [`image ${ref.slice(0, colon)}`, `tag ${ref.slice(colon + 1)}`];
}
