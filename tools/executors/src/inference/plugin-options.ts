import { BatonError, nearest } from '@baton/kernel';

/** What `nx.json` may set for this plugin: the names of the inferred targets. */
export interface PluginOptions {
  /** Default `bundle`. */
  bundleTargetName?: string;
  /** Default `image`. */
  imageTargetName?: string;
  /** Default `image-plan`. */
  imagePlanTargetName?: string;
  /** Default `publish`. */
  publishTargetName?: string;
  /** Default `verify`. */
  verifyTargetName?: string;
  /** Default `parity`. */
  parityTargetName?: string;
  /** Default `cutover`. */
  cutoverTargetName?: string;
}

/** The names of the inferred targets. */
export interface TargetNames {
  bundle: string;
  image: string;
  imagePlan: string;
  publish: string;
  verify: string;
  parity: string;
  cutover: string;
}

const KEYS = {
  bundleTargetName: 'bundle',
  imageTargetName: 'image',
  imagePlanTargetName: 'image-plan',
  publishTargetName: 'publish',
  verifyTargetName: 'verify',
  parityTargetName: 'parity',
  cutoverTargetName: 'cutover',
} as const satisfies Record<keyof PluginOptions, string>;

/**
 * The target names that `nx.json` asks for. Errors: `USAGE` for an unknown option, a name that is no name, and two
 * targets with one name.
 */
export function targetNames(options: unknown): TargetNames {
  const given = options ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new BatonError(
      'USAGE',
      `nx.json: the options of @baton/nx must be an object, found ${JSON.stringify(options)}`,
    );
  }
  for (const key of Object.keys(given)) if (!(key in KEYS)) throw unknownOption(key);
  const name = (key: keyof typeof KEYS): string => {
    const value = (given as Record<string, unknown>)[key] ?? KEYS[key];
    // Nx splits "project:target:configuration" at colons.
    if (typeof value === 'string' && /^[^\s:^]+$/.test(value)) return value;
    throw new BatonError('USAGE', `nx.json: ${key} must be a target name, found ${JSON.stringify(value)}`, {
      hint: 'A target name has no white space, no ":" and no "^".',
    });
  };
  const names: TargetNames = {
    bundle: name('bundleTargetName'),
    image: name('imageTargetName'),
    imagePlan: name('imagePlanTargetName'),
    publish: name('publishTargetName'),
    verify: name('verifyTargetName'),
    parity: name('parityTargetName'),
    cutover: name('cutoverTargetName'),
  };
  const all = Object.values(names);
  const twice = all.find((value, index) => all.indexOf(value) !== index);
  if (twice !== undefined) throw new BatonError('USAGE', `nx.json: two targets of @baton/nx are called "${twice}"`);
  return names;
}

function unknownOption(key: string): BatonError {
  const meant = nearest(key, Object.keys(KEYS));
  return new BatonError('USAGE', `nx.json: @baton/nx has no option "${key}"`, {
    hint: meant === undefined ? `It has ${Object.keys(KEYS).join(', ')}.` : `Did you mean ${meant}?`,
  });
}
