import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, succeeded, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory } from '@baton/testkit';
import { AGENT, REPOSITORY } from './test-bundle.ts';

/** A place in the agent's source, which must be there exactly once, and what stands there instead. */
export interface Change {
  file: string;
  find: string;
  put: string;
}

const TRANSFORMATION = 'tee/transformation.ts';
const TEXT = '      const text = isUtf8(chunk) ? chunk : replaceIllFormed(chunk);\n';
const PREFIX = `      const prefix = \`\${label}\${stamp()} \`;\n`;
const RIGHT = '(isUtf8(chunk) ? chunk : replaceIllFormed(chunk))';

/** Another text for each chunk; the words of the change may use `chunk`. */
function text(put: string): Change[] {
  return [{ file: TRANSFORMATION, find: TEXT, put: `      const text = ${put};\n` }];
}

/** The text after a change to its latin-1 form, byte by byte. */
function bytes(put: string): Change[] {
  return text(`Buffer.from(Buffer.from${RIGHT}.toString('latin1')${put}, 'latin1')`);
}

/** Mistakes that a port of the agent makes, one build each. */
export const PLANTED_BUGS: Readonly<Record<string, readonly Change[]>> = {
  'runs of replacement characters merged': text(
    `isUtf8(chunk) ? chunk : Buffer.from(replaceIllFormed(chunk).toString().replace(/\\ufffd+/g, '\\ufffd'))`,
  ),
  'a replacement character per byte': [
    {
      file: 'python-text/utf8.ts',
      find: `return isUtf8(bytes) ? viewOf(bytes) : Buffer.from(decodeReplace(bytes), 'utf8');`,
      put: `return Buffer.from(decodeWith(bytes, ({ start, end }) => ({ text: '\\ufffd'.repeat(end - start), next: end })));`,
    },
  ],
  'decoder state across chunks': [
    {
      file: TRANSFORMATION,
      find: '  let first = true;\n',
      put: `  let first = true;\n  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });\n`,
    },
    ...text('Buffer.from(decoder.decode(chunk, { stream: true }))'),
  ],
  '.000000 printed': [{ file: 'time/time-text.ts', find: `return micros === 0 ? '' : `, put: 'return ' }],
  'CR LF folded': bytes(`.replaceAll('\\r\\n', '\\n')`),
  'the dangling prefix dropped': [
    {
      file: 'tee/tee-stream.ts',
      find: '      for (const sink of options.sinks) sink(text);\n',
      put: `      held = Buffer.concat([held, text]);
      const cut = Math.max(0, held.length - 64);
      for (const sink of options.sinks) sink(held.subarray(0, cut));
      held = held.subarray(cut);\n`,
    },
    {
      file: 'tee/tee-stream.ts',
      find: '  let sinkFailed = false;\n',
      put: '  let sinkFailed = false;\n  let held: Buffer = Buffer.alloc(0);\n',
    },
    {
      file: 'tee/tee-stream.ts',
      find: '    for (const source of sources) await source((bytes) => transform(bytes, emit));\n',
      put: `    for (const source of sources) await source((bytes) => transform(bytes, emit));
    const end = Buffer.from(held.toString('latin1').replace(/\\n\\[(out|err)\\]\\S+ $/, '\\n'), 'latin1');
    for (const sink of options.sinks) sink(end);\n`,
    },
  ],
  'NUL dropped': bytes(`.replaceAll('\\0', '')`),
  'the byte order mark swallowed': text('Buffer.from(new TextDecoder().decode(chunk))'),
  'other line separators split': [
    {
      file: TRANSFORMATION,
      find: TEXT + PREFIX,
      put: `${PREFIX}      const text = Buffer.from(Buffer.from${RIGHT}.toString().replace(/[\\v\\f\\x1c-\\x1e\\u0085\\u2028\\u2029]/g, (end) => end + prefix));\n`,
    },
  ],
  'only the first newline stamped': [
    {
      file: TRANSFORMATION,
      find: 'used = expansion.expand(part, prefix, used);',
      put: `used += output.write(Buffer.from(part).toString('latin1').replace('\\n', '\\n' + prefix), used, 'latin1');`,
    },
  ],
  'lines cut at 64 KiB': [
    { file: TRANSFORMATION, find: '  let first = true;\n', put: '  let first = true;\n  let column = 0;\n' },
    ...text(
      `Buffer.from${RIGHT}.filter((byte) => { column = byte === 10 ? 0 : column + 1; return column <= 65_536; })`,
    ),
  ],
  'milliseconds only': [
    {
      file: 'time/time-text.ts',
      find: `.padStart(6, '0')}\``,
      put: `.padStart(6, '0').slice(0, 3)}\``,
    },
  ],
  'decoded as latin-1': text(`Buffer.from(Buffer.from(chunk).toString('latin1'))`),
  'a prefix for empty output': [
    {
      file: 'tee/tee-stream.ts',
      find: '    for (const source of sources) await source((bytes) => transform(bytes, emit));\n',
      put: `    let came = false;
    for (const source of sources) await source((bytes) => { came = true; transform(bytes, emit); });
    if (!came) emit(Buffer.from(\`\${options.label}\${options.stamp()} \`));\n`,
    },
  ],
};

/** The agent's source in a directory of its own, with some changes; gives the directory. */
export function plantedSource(changes: readonly Change[]): string {
  const directory = temporaryDirectory('planted');
  cpSync(join(REPOSITORY, 'libs/node-agent/src'), join(directory, 'src'), { recursive: true });
  cpSync(join(REPOSITORY, 'libs/node-agent/package.json'), join(directory, 'package.json'));
  for (const { file, find, put } of changes) {
    const path = join(directory, 'src', file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places with: ${find}`);
    writeFileSync(path, parts.join(put));
  }
  const main = readFileSync(join(AGENT, 'src/main.ts'), 'utf8').replace("'@baton/node-agent'", "'./src/index.ts'");
  writeFileSync(join(directory, 'main.ts'), main);
  return directory;
}

/** The bundle of {@link plantedSource}, by the manifest's own command; gives the path of `main.cjs`. */
export async function plantedBundle(changes: readonly Change[]): Promise<string> {
  const directory = plantedSource(changes);
  const { manifest } = await loadManifest(AGENT);
  const [command = '', ...args] = (manifest.bundle?.command ?? []).map((word) =>
    word === 'src/main.ts' ? join(directory, 'main.ts') : word.replace('dist/bundle', join(directory, 'dist')),
  );
  const ran = await runProcess({ command, args, cwd: AGENT, env: toolEnv() });
  if (!succeeded(ran)) throw new Error(`the bundle could not be made: ${ran.stderr.toString('utf8')}`);
  return join(directory, 'dist/main.cjs');
}
