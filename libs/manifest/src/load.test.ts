import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { BatonError, runProcess, toolEnv } from '@baton/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifest, parseAgentManifest } from './load.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'baton-manifest-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function failure(work: Promise<unknown>): Promise<BatonError> {
  return await work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof BatonError) return error;
      throw error;
    },
  );
}

const SMALL = 'version: 1\nname: a\n';

describe('loadManifest', () => {
  it('takes the file, or the folder that holds it', async () => {
    const path = join(dir, 'agent.yaml');
    await writeFile(path, SMALL);
    for (const given of [path, dir, `${dir}/`]) {
      const loaded = await loadManifest(given);
      expect(loaded.path).toBe(path);
      expect(loaded.dir).toBe(dir);
      expect(loaded.bytes.toString()).toBe(SMALL);
      expect(loaded.manifest.name).toBe('a');
    }
  });

  it('gives absolute paths for a relative one, and shows the one that was given', async () => {
    await writeFile(join(dir, 'agent.yaml'), 'version: 1\nname: A\n');
    const given = relative(process.cwd(), dir);
    const error = await failure(loadManifest(given));
    expect(error.message.startsWith(`${join(given, 'agent.yaml')}:2:7: name: expected`)).toBe(true);
    await writeFile(join(dir, 'agent.yaml'), SMALL);
    expect((await loadManifest(given)).path).toBe(join(dir, 'agent.yaml'));
  });

  it('takes another name when it is given one', async () => {
    await writeFile(join(dir, 'other.yml'), SMALL);
    expect((await loadManifest(join(dir, 'other.yml'))).manifest.name).toBe('a');
  });

  it('keeps the folder of a link as it was named', async () => {
    await mkdir(join(dir, 'real'));
    await writeFile(join(dir, 'real', 'agent.yaml'), SMALL);
    await symlink('real', join(dir, 'link'));
    expect((await loadManifest(join(dir, 'link'))).dir).toBe(join(dir, 'link'));
  });

  it('says where there is none', async () => {
    const error = await failure(loadManifest(dir));
    expect(error).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
      message: `no manifest at ${join(dir, 'agent.yaml')}`,
      hint: 'Name the folder that holds agent.yaml, or write one there.',
    });
    expect(error.exitCode).toBe(2);
    expect((await failure(loadManifest(join(dir, 'absent')))).code).toBe('MANIFEST_NOT_FOUND');
  });

  it('names a file that is almost it', async () => {
    await writeFile(join(dir, 'agent.yml'), SMALL);
    expect((await failure(loadManifest(dir))).hint).toBe(
      `There is ${join(dir, 'agent.yml')}: rename it, or name it on the command line.`,
    );
  });

  it('looks below a file in vain', async () => {
    await writeFile(join(dir, 'agent.yaml'), SMALL);
    expect((await failure(loadManifest(join(dir, 'agent.yaml', 'x')))).code).toBe('MANIFEST_NOT_FOUND');
  });

  it('refuses what is not a file, without waiting for it', async () => {
    await mkdir(join(dir, 'agent.yaml'));
    expect(await failure(loadManifest(dir))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
      message: `expected a file at ${join(dir, 'agent.yaml')}, found a directory`,
      hint: expect.stringContaining('Move it away'),
    });
    await runProcess({ command: 'mkfifo', args: [join(dir, 'pipe')], env: toolEnv() });
    expect(await failure(loadManifest(join(dir, 'pipe')))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
      message: `expected a file at ${join(dir, 'pipe')}, found a pipe, socket or device`,
    });
  });

  it('refuses a file that is too large', async () => {
    await writeFile(join(dir, 'agent.yaml'), Buffer.alloc(1024 * 1024 + 1, '#'));
    expect(await failure(loadManifest(dir))).toMatchObject({
      code: 'MANIFEST_INVALID',
      message: `${join(dir, 'agent.yaml')}: expected at most 1048576 bytes, found 1048577`,
      hint: expect.stringContaining('is this the file'),
    });
  });

  it('does not offer a link to nowhere as the file to take', async () => {
    await symlink('gone.yaml', join(dir, 'agent.yaml'));
    expect(await failure(loadManifest(dir))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
      message: `${join(dir, 'agent.yaml')} is a link to a file that does not exist`,
      hint: expect.stringContaining('Correct the link'),
    });
  });

  it('stops at a loop of links', async () => {
    await symlink('agent.yaml', join(dir, 'agent.yaml'));
    expect((await failure(loadManifest(dir))).code).toBe('FILE_FAILED');
  });
});

describe('the error', () => {
  function invalid(text: string): BatonError {
    try {
      parseAgentManifest(Buffer.from(text), 'agent.yaml');
    } catch (error) {
      if (error instanceof BatonError) return error;
      throw error;
    }
    throw new Error('it was taken');
  }

  it('has the first problem in the message, its hint and the others in the hint, all in the details', () => {
    const error = invalid('version: 1\nname: a\nimagee: {}\nbundel: {}\n');
    expect(error.message).toBe('agent.yaml:3:1: unknown key "imagee", did you mean "image"?');
    expect(error.hint).toBe(
      'Known keys: version, name, bundle, image, parity, cutover, evidence, release.\n1 more problem:\n  agent.yaml:4:1: unknown key "bundel", did you mean "bundle"?',
    );
    expect(error.details).toEqual({
      problems: [
        { line: 3, column: 1, message: 'unknown key "imagee", did you mean "image"?', hint: expect.any(String) },
        { line: 4, column: 1, message: 'unknown key "bundel", did you mean "bundle"?', hint: expect.any(String) },
      ],
    });
    expect(error.exitCode).toBe(2);
  });

  it('shows ten problems and counts the rest', () => {
    const error = invalid(`version: 1\nname: a\n${Array.from({ length: 30 }, (_, i) => `k${i}: 1\n`).join('')}`);
    expect(error.hint?.split('\n')).toHaveLength(12);
    expect(error.hint?.split('\n').at(-1)).toBe('  and 20 more');
    expect(error.details.problems).toHaveLength(30);
  });

  it('has no hint where there is nothing to add', () => {
    expect(invalid('a: b: c').hint).toBeUndefined();
  });

  it('shows the smallest manifest for an empty file', () => {
    expect(invalid('').hint).toBe('The smallest manifest has two lines: "version: 1" and "name: my-agent".');
    expect(invalid('').message).toBe('agent.yaml:1:1: the file is empty, expected at least the keys version and name');
  });

  it('has the code VERSION_INVALID when the version comes first', () => {
    expect(invalid('version: 1\nname: a\nimage: { version: 1.2.3+x }\n')).toMatchObject({
      code: 'VERSION_INVALID',
      message:
        'agent.yaml:3:19: image.version: expected a version without build metadata, because "+" cannot be in a tag, found "1.2.3+x"',
      hint: 'Write 1.2.3-x.',
    });
    expect(invalid('version: 1\nname: A\nimage: { version: 1.2.3+x }\n').code).toBe('MANIFEST_INVALID');
  });
});
