import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Material } from '@baton/evidence';
import { BatonError, type Digest, digestHex, errnoOf, Hasher, runProcess, succeeded, toolEnv } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ImageIo } from './types.ts';

/**
 * Runs the manifest's bundle command in the manifest's folder and checks that its outputs are there.
 *
 * The child sees an ordinary tool's environment and `SOURCE_DATE_EPOCH`; "node" is the Node that runs this. Errors:
 * `BUNDLE_FAILED` (with the last lines it printed), `TOOL_MISSING`.
 */
export async function runBundle(project: LoadedManifest, io: ImageIo): Promise<void> {
  const bundle = project.manifest.bundle;
  if (bundle === undefined) return;
  const [program = '', ...args] = bundle.command;
  const label = `bundle: ${bundle.command.join(' ')}`;
  io.emit({ type: 'bundle.start', id: project.dir, label });
  const { SOURCE_DATE_EPOCH } = io.env;
  const result = await runProcess({
    // Another Node on the PATH may be too old for the command.
    command: program === 'node' ? process.execPath : program,
    args,
    cwd: project.dir,
    env: toolEnv(SOURCE_DATE_EPOCH === undefined ? {} : { SOURCE_DATE_EPOCH }),
    signal: io.signal,
  }).catch((error: unknown) => {
    if (!(error instanceof BatonError) || error.code !== 'TOOL_MISSING') throw error;
    throw new BatonError('TOOL_MISSING', `bundle.command in agent.yaml: ${error.message}`, {
      hint: `Install ${program}, put it on the PATH, or correct the command.`,
      cause: error,
    });
  });
  if (!succeeded(result)) {
    const said = lastLines(result.stderr.byteLength > 0 ? result.stderr : result.stdout);
    const how = result.code === null ? `was ended by ${result.signal}` : `ended with code ${result.code}`;
    throw new BatonError('BUNDLE_FAILED', `"${bundle.command.join(' ')}" ${how}${said === '' ? '' : `: ${said}`}`, {
      hint: `Run it by hand in ${project.dir} to see all it says.`,
      details: { code: result.code, signal: result.signal },
    });
  }
  for (const output of [...bundle.outputs, ...(bundle.metafile === undefined ? [] : [bundle.metafile])]) {
    if ((await lstat(join(project.dir, output)).catch(() => undefined)) !== undefined) continue;
    throw new BatonError('BUNDLE_FAILED', `"${bundle.command.join(' ')}" ended well but did not make ${output}`, {
      hint: 'Correct bundle.outputs (or bundle.metafile) in agent.yaml, or what the command writes.',
    });
  }
  io.emit({ type: 'bundle.end', id: project.dir, label });
}

/** The files that the bundle consists of, for the statement; paths are relative to the project. */
export async function bundleMaterials(project: LoadedManifest): Promise<Material[]> {
  const { bundle } = project.manifest;
  if (bundle === undefined) return [];
  const metafile = bundle.metafile === undefined ? undefined : resolve(project.dir, bundle.metafile);
  const materials: Material[] = [];
  for (const output of bundle.outputs) {
    const root = resolve(project.dir, output);
    const found = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      // An output may be a single file.
      if (errnoOf(error) === 'ENOTDIR') return undefined;
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
    const files =
      found === undefined
        ? [root]
        : found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files) {
      // What a tool says about its own run is not in the image, and may name places.
      if (file === metafile) continue;
      const name = relative(project.dir, file);
      materials.push({ name, digest: { sha256: digestHex(await digestOf(file)) }, role: 'bundle' });
    }
  }
  return materials;
}

async function digestOf(file: string): Promise<Digest> {
  const hasher = new Hasher();
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hasher.update(chunk as Buffer);
  return hasher.digest();
}

function lastLines(bytes: Buffer): string {
  const lines = bytes.toString('utf8').trim().split('\n');
  return lines.slice(-5).join(' | ').slice(-600);
}
