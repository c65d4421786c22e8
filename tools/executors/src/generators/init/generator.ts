import {
  addDependenciesToPackageJson,
  formatFiles,
  type GeneratorCallback,
  NX_VERSION,
  readJson,
  readNxJson,
  type Tree,
  updateNxJson,
} from '@nx/devkit';
import own from '../../../package.json' with { type: 'json' };

const { version } = own;

/** Options of the generator `init`; `nx add` passes the first and the last. */
export interface InitOptions {
  skipFormat?: boolean;
  skipPackageJson?: boolean;
  keepExistingVersions?: boolean;
}

const PLUGIN = '@baton/nx';

/**
 * Adds Baton to a workspace: the plugin to `nx.json`, the packages it needs to `package.json`, `dist` to `.gitignore`.
 *
 * Run again it changes nothing. `nx add @baton/nx` runs it after installing the package. It returns the installation
 * of what it added, which Nx runs once the files are written.
 */
export async function initGenerator(tree: Tree, options: InitOptions = {}): Promise<GeneratorCallback> {
  addPlugin(tree);
  ignoreOutputs(tree);
  const install = options.skipPackageJson === true ? nothing : addPackages(tree, options.keepExistingVersions === true);
  if (options.skipFormat !== true) await formatFiles(tree);
  return install;
}

const nothing: GeneratorCallback = () => undefined;

function addPlugin(tree: Tree): void {
  const nxJson = readNxJson(tree) ?? {};
  const plugins = nxJson.plugins ?? [];
  const isThere = plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === PLUGIN);
  if (!isThere) updateNxJson(tree, { ...nxJson, plugins: [...plugins, PLUGIN] });
}

function addPackages(tree: Tree, keepExisting: boolean): GeneratorCallback {
  if (!tree.exists('package.json')) return nothing;
  const packages = readJson<Record<string, Record<string, string> | undefined>>(tree, 'package.json');
  const present: Record<string, string | undefined> = { ...packages.dependencies, ...packages.devDependencies };
  const wanted: Record<string, string> = {};
  // A path, a URL or a workspace link is where somebody wants it from: only a version may be raised.
  const current = present[PLUGIN];
  if (current === undefined || (!keepExisting && /^[\d^~]/.test(current))) wanted[PLUGIN] = version;
  // The devkit must be of the workspace's Nx: left to itself, npm takes the newest that our range allows.
  if (present['@nx/devkit'] === undefined) wanted['@nx/devkit'] = NX_VERSION;
  return Object.keys(wanted).length === 0
    ? nothing
    : addDependenciesToPackageJson(tree, {}, wanted, undefined, keepExisting);
}

function ignoreOutputs(tree: Tree): void {
  const text = tree.read('.gitignore', 'utf8') ?? '';
  const ignored = text.split(/\r?\n/).some((line) => /^(\*\*\/)?dist(\/\*{0,2})?$/.test(line.trim()));
  if (ignored) return;
  // Appended: the rest is somebody's own.
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${text}${gap}dist/\n`);
}
