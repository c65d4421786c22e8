import { type Node, visit } from 'yaml';
import { filterReferences } from './filter-references.ts';
import {
  type Collected,
  collect,
  type FileReferences,
  joinBase,
  nothingCollected,
  type PathReference,
} from './reference.ts';
import { shellReferences } from './shell-references.ts';
import { entriesOf, itemsOf, readYaml, textOf, valueAt, type YamlFile } from './yaml-file.ts';

// Inputs of the common actions that name files; a value may be several lines, each a path or a glob.
const FILE_INPUTS = new Set([
  'go-version-file',
  'node-version-file',
  'python-version-file',
  'java-version-file',
  'ruby-version-file',
  'global-json-file',
  'go-work-file',
  'cache-dependency-path',
  'dockerfile',
]);
const ROOT = ['/'];

/**
 * What a GitHub workflow or composite action names: path filters of triggers (also behind `!`) and of paths-filter, directories
 * to work in, version and lock files, `hashFiles`, local actions and workflows, builds, and what its scripts name.
 */
export function workflowReferences(text: string): FileReferences {
  const yaml = readYaml(text);
  const found = nothingCollected();
  const { root } = yaml;
  if (root === undefined) return found;
  for (const [, trigger] of entriesOf(valueAt(root, 'on'))) {
    for (const key of ['paths', 'paths-ignore']) {
      for (const item of itemsOf(valueAt(trigger, key))) {
        found.references.push(...filterReferences(textOf(item) ?? '', yaml.lineOf(item), 'paths filter'));
      }
    }
  }
  const workflowDirectory = defaultDirectory(root, yaml, found.references);
  for (const [, job] of entriesOf(valueAt(root, 'jobs'))) {
    addUses(job, yaml, found.references);
    const jobDirectory = defaultDirectory(job, yaml, found.references) ?? workflowDirectory;
    for (const step of itemsOf(valueAt(job, 'steps'))) addStep(step, jobDirectory, yaml, found);
  }
  for (const step of itemsOf(valueAt(valueAt(root, 'runs'), 'steps'))) addStep(step, undefined, yaml, found);
  found.references.push(...hashedFiles(root, yaml));
  return found;
}

function defaultDirectory(node: Node, yaml: YamlFile, references: PathReference[]): string | undefined {
  const value = valueAt(valueAt(valueAt(node, 'defaults'), 'run'), 'working-directory');
  addDirectory(value, yaml, references);
  return textOf(value);
}

function addStep(step: Node, directory: string | undefined, yaml: YamlFile, found: Collected): void {
  addUses(step, yaml, found.references);
  const own = valueAt(step, 'working-directory');
  addDirectory(own, yaml, found.references);
  const inputs = valueAt(step, 'with');
  addDirectory(valueAt(inputs, 'working-directory'), yaml, found.references);
  for (const [name, value] of entriesOf(inputs)) {
    const text = textOf(value);
    if (text === undefined) continue;
    const line = yaml.lineOf(value);
    if (FILE_INPUTS.has(name)) found.references.push(...listed(text, line, name));
    if (name === 'filters') found.references.push(...pathsFilter(text, line));
  }
  addBuild(valueAt(step, 'uses'), inputs, yaml, found);
  const run = valueAt(step, 'run');
  const script = textOf(run);
  if (run === undefined || script === undefined) return;
  const base = joinBase('/', textOf(own) ?? directory ?? '');
  const place = { bases: base === undefined ? undefined : [base], linesBefore: yaml.lineOf(run) - 1 };
  collect(found, shellReferences(script, place));
}

function addDirectory(node: Node | undefined, yaml: YamlFile, references: PathReference[]): void {
  const text = textOf(node);
  if (node === undefined || text === undefined || !isStatic(text)) return;
  const line = yaml.lineOf(node);
  references.push({ line, text, what: 'working-directory', target: text, bases: ROOT, kind: 'directory' });
}

function addUses(node: Node, yaml: YamlFile, references: PathReference[]): void {
  const uses = valueAt(node, 'uses');
  const text = textOf(uses);
  if (uses === undefined || text === undefined || !text.startsWith('./')) return;
  references.push({ line: yaml.lineOf(uses), text, what: 'uses', target: text, bases: ROOT });
}

// docker/build-push-action: `context` is the root when it is left out, `file` is `Dockerfile` in the context.
function addBuild(uses: Node | undefined, inputs: Node | undefined, yaml: YamlFile, found: Collected): void {
  if (!/\/(build-push-action|bake-action)@/.test(textOf(uses) ?? '')) return;
  const context = valueAt(inputs, 'context');
  const file = valueAt(inputs, 'file');
  const contextText = textOf(context) ?? '.';
  const fileText = textOf(file) ?? `${contextText}/Dockerfile`;
  if (context !== undefined && isStatic(contextText)) {
    const line = yaml.lineOf(context);
    const what = 'build context';
    found.references.push({ line, text: contextText, what, target: contextText, bases: ROOT, kind: 'directory' });
  }
  if (file !== undefined && isStatic(fileText)) {
    const line = yaml.lineOf(file);
    found.references.push({ line, text: fileText, what: 'Dockerfile', target: fileText, bases: ROOT });
  }
  if (isStatic(contextText) && isStatic(fileText)) {
    found.builds.push({ file: fileText, context: contextText, bases: ROOT });
  }
}

/** One path or glob per line. */
function listed(text: string, line: number, what: string): PathReference[] {
  return text.split('\n').flatMap((entry, index) => filterReferences(entry.trim(), line + index, what));
}

// A document of its own: names with lists of globs, or of `added|modified: glob`; lists may be nested by anchors.
function pathsFilter(text: string, line: number): PathReference[] {
  const inner = readYaml(text, line - 1);
  const references: PathReference[] = [];
  const add = (node: Node): void => {
    const glob = textOf(node);
    if (glob !== undefined) references.push(...filterReferences(glob, inner.lineOf(node), 'paths filter'));
    else if (entriesOf(node).length > 0) for (const [, value] of entriesOf(node)) add(value);
    else for (const item of itemsOf(node)) add(item);
  };
  if (inner.root !== undefined) add(inner.root);
  return references;
}

// `hashFiles('go.sum', '**/package-lock.json')` in any value.
function hashedFiles(root: Node, yaml: YamlFile): PathReference[] {
  const references: PathReference[] = [];
  visit(root, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string' || !node.value.includes('hashFiles(')) return;
      const first = yaml.lineOf(node);
      for (const [index, row] of node.value.split('\n').entries()) {
        for (const [, list = ''] of row.matchAll(/hashFiles\(([^()]*)\)/g)) {
          for (const [, glob = ''] of list.matchAll(/'([^']*)'/g)) {
            references.push(...filterReferences(glob, first + index, 'hashFiles'));
          }
        }
      }
    },
  });
  return references;
}

function isStatic(text: string): boolean {
  return (
    text !== '' && !text.includes('${{') && !text.startsWith('/') && !text.startsWith('~') && !text.includes('://')
  );
}
