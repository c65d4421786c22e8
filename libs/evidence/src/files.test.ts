import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BatonError, canonicalJson, type Json, sha256 } from '@baton/kernel';
import { killMatrix, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { envelopePath, parseStatement, readStatement, STATEMENT_LIMIT, writeStatement } from './files.ts';
import { readSigner, type Signer } from './keys.ts';
import type { Statement } from './schema.ts';
import { digestSet, statement, statementBytes, statementDigest } from './statement.ts';

const keys = temporaryDirectory('keys');
let ed25519: Signer;
let p256: Signer;

beforeAll(async () => {
  const pairs = { ed25519: generateKeyPairSync('ed25519'), p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  for (const [name, { privateKey }] of Object.entries(pairs)) {
    await writeFile(join(keys, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  ed25519 = await readSigner(join(keys, 'ed25519.pem'));
  p256 = await readSigner(join(keys, 'p256.pem'));
});

function made(content = 'image'): Statement {
  return statement('image', {
    subject: [{ name: 'node-agent', digest: digestSet(sha256(content)) }],
    tool: { name: 'baton', version: '0.1.0' },
    result: 'built',
  });
}

function place(): string {
  return join(temporaryDirectory('evidence'), 'dist', 'evidence', 'image.json');
}

async function failure(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BatonError) return error;
  throw new Error(`expected a BatonError, found ${String(error)}`);
}

describe('writing and reading', () => {
  it('gives back what was written', async () => {
    const path = place();
    const digest = await writeStatement(path, made());
    const read = await readStatement(path);
    expect(read).toEqual({ path, statement: made(), digest, bytes: statementBytes(made()), signature: 'unsigned' });
    expect(digest).toBe(statementDigest(made()));
    expect(await readFile(path)).toEqual(statementBytes(made()));
    expect(await readdir(join(path, '..'))).toEqual(['image.json']);
  });

  it('keeps the file when it is written again', async () => {
    const path = place();
    await writeStatement(path, made(), { signer: p256 });
    const before = await Promise.all([path, envelopePath(path)].map((file) => stat(file)));
    await writeStatement(path, made(), { signer: p256 });
    const after = await Promise.all([path, envelopePath(path)].map((file) => stat(file)));
    expect(after.map(({ ino }) => ino)).toEqual(before.map(({ ino }) => ino));
  });

  it('knows whether a signature is there, is the key, is somebody else', async () => {
    const path = place();
    await writeStatement(path, made(), { signer: ed25519 });
    expect((await readStatement(path)).signature).toBe('unchecked');
    expect((await readStatement(path, { verifier: ed25519 })).signature).toBe('valid');
    expect((await readStatement(path, { verifier: p256 })).signature).toBe('wrong');
  });

  it('puts the envelope beside the statement', () => {
    expect(envelopePath('dist/evidence/image.json')).toBe('dist/evidence/image.dsse.json');
    expect(envelopePath('x/statement')).toBe('x/statement.dsse.json');
  });
});

describe('the envelope of an earlier statement', () => {
  it('is replaced when the new one is signed', async () => {
    const path = place();
    await writeStatement(path, made('old'), { signer: ed25519 });
    await writeStatement(path, made('new'), { signer: ed25519 });
    expect((await readStatement(path, { verifier: ed25519 })).signature).toBe('valid');
  });

  it('is removed when the new one is not', async () => {
    const path = place();
    await writeStatement(path, made('old'), { signer: ed25519 });
    await writeStatement(path, made('new'));
    expect((await readStatement(path)).signature).toBe('unsigned');
  });

  it('stays when the statement is the same: somebody else may have signed it', async () => {
    const path = place();
    await writeStatement(path, made(), { signer: ed25519 });
    await writeStatement(path, made());
    expect((await readStatement(path, { verifier: ed25519 })).signature).toBe('valid');
  });

  it('gives way to the key that signs now', async () => {
    const path = place();
    await writeStatement(path, made(), { signer: ed25519 });
    await writeStatement(path, made(), { signer: p256 });
    expect((await readStatement(path, { verifier: p256 })).signature).toBe('valid');
  });

  it('is removed when it is junk', async () => {
    const path = place();
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(envelopePath(path), 'junk');
    await writeStatement(path, made());
    expect((await readStatement(path)).signature).toBe('unsigned');
  });

  it('is an error when it is about other bytes', async () => {
    const path = place();
    await writeStatement(path, made('old'), { signer: ed25519 });
    await writeFile(path, statementBytes(made('new')));
    expect(await failure(readStatement(path))).toMatchObject({
      code: 'EVIDENCE_INVALID',
      message: `${envelopePath(path)}: the signature is about other bytes than ${path}`,
    });
  });

  it('is an error when it is junk', async () => {
    const path = place();
    await writeStatement(path, made());
    await writeFile(envelopePath(path), '{}');
    expect((await failure(readStatement(path))).message).toBe(
      `${envelopePath(path)}: expected text, found nothing at $.payload`,
    );
  });
});

describe('what is not there or no file', () => {
  it('is missing', async () => {
    const path = place();
    expect(await failure(readStatement(path))).toMatchObject({
      code: 'EVIDENCE_MISSING',
      message: `no statement at ${path}`,
    });
    await writeStatement(path, made());
    expect((await failure(readStatement(join(path, 'below.json')))).code).toBe('EVIDENCE_MISSING');
  });

  it('is invalid when it is a folder, or too large', async () => {
    const path = place();
    await mkdir(path, { recursive: true });
    expect((await failure(readStatement(path))).code).toBe('EVIDENCE_INVALID');
    await rm(path, { recursive: true });
    await writeFile(path, Buffer.alloc(STATEMENT_LIMIT + 1, ' '));
    expect((await failure(readStatement(path))).code).toBe('EVIDENCE_INVALID');
  });
});

describe('bytes that are no statement', () => {
  const good = statementBytes(made()).toString();
  const NOT_CANONICAL = 'the bytes are not canonical (keys sorted, no white space, one final newline)';

  it.each([
    ['no newline at the end', good.trimEnd(), NOT_CANONICAL],
    ['two newlines', `${good}\n`, NOT_CANONICAL],
    ['white space', good.replace(':', ': '), NOT_CANONICAL],
    ['a key twice', good.replace('{', '{"_type":"x",'), NOT_CANONICAL],
    ['other escapes', good.replace('node', '\\u006eode'), NOT_CANONICAL],
    ['a byte order mark', `\ufeff${good}`, /not JSON/],
    ['an empty file', '', /not JSON/],
    ['no object', '[]\n', 'expected an object, found [] at $'],
    ['null', 'null\n', 'expected an object, found null at $'],
    [
      'another type',
      good.replace('Statement/v1', 'Statement/v0.1'),
      /^expected https:\/\/in-toto.io\/Statement\/v1, found/,
    ],
    [
      'an unknown key',
      canonicalJson({ ...(made() as Json as object), more: 1 }).toString(),
      'expected no key "more" at $',
    ],
    ['another predicate', good.replace('baton.dev', 'example.com'), /^expected https:\/\/baton.dev\/evidence/],
    [
      'another result',
      good.replace('"built"', '"done"'),
      /^expected built or published or .*, found "done" at \$\.predicate\.result$/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseStatement(Buffer.from(text), 'x.json')).toThrow(
      expect.objectContaining({
        code: 'EVIDENCE_INVALID',
        message:
          typeof message === 'string'
            ? `x.json: ${message}`
            : expect.stringMatching(new RegExp(message.source.replace('^', '^x\\.json: '))),
      }),
    );
  });

  it('that are not UTF-8', () => {
    expect(() => parseStatement(Buffer.from(good.replace('node', 'n\xf6de'), 'latin1'), 'x.json')).toThrow(/not JSON/);
  });

  it('that are nested without end', () => {
    const deep = '[1,'.repeat(100_000);
    expect(() => parseStatement(Buffer.from(`${good.slice(0, -3)},"x":${deep}`), 'x.json')).toThrow(/not JSON/);
    const closed = `${'['.repeat(100_000)}${']'.repeat(100_000)}\n`;
    expect(() => parseStatement(Buffer.from(closed), 'x.json')).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_INVALID' }),
    );
  });

  it('keeps a key called __proto__ in what it gives and hashes', () => {
    const text = good
      .replace('"result"', '"proto":{"__proto__":{"a":1}},"result"')
      .replace('"materials"', '"materials"');
    const read = parseStatement(Buffer.from(text), 'x.json');
    expect(statementBytes(read).toString()).toBe(text);
  });

  it('one changed byte is another statement, or none', () => {
    const bytes = Buffer.from(good);
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        try {
          expect(statementDigest(parseStatement(changed, 'x'))).not.toBe(statementDigest(made()));
        } catch (error) {
          if (!(error instanceof BatonError)) throw error;
          expect(error.code).toBe('EVIDENCE_INVALID');
        }
      }),
    );
  });
});

describe('killed at any point', () => {
  const room = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;

  async function prepare() {
    const dir = temporaryDirectory('kill');
    const path = join(dir, 'evidence', 'image.json');
    await writeStatement(path, made('old'), { signer: ed25519 });
    await writeFile(
      join(dir, 'child.ts'),
      `import { digestSet, readSigner, statement, writeStatement } from ${JSON.stringify(room)};
       const made = statement('image', ${JSON.stringify({
         subject: made('new').subject,
         tool: { name: 'baton', version: '0.1.0' },
         result: 'built',
       })});
       await writeStatement(${JSON.stringify(path)}, made, { signer: await readSigner(${JSON.stringify(join(keys, 'ed25519.pem'))}) });`,
    );
    return { path, command: { script: join(dir, 'child.ts') } };
  }

  it('the old or the new statement is there, never one with the signature of another; a second run finishes', async () => {
    const points = await killMatrix(prepare, async ({ path }) => {
      const read = await readStatement(path, { verifier: ed25519 });
      expect([statementDigest(made('old')), statementDigest(made('new'))]).toContain(read.digest);
      expect(['valid', 'unsigned']).toContain(read.signature);
      await writeStatement(path, made('new'), { signer: ed25519 });
      expect((await readStatement(path, { verifier: ed25519 })).signature).toBe('valid');
      expect((await readdir(join(path, '..'))).sort()).toEqual(['image.dsse.json', 'image.json']);
    });
    // Remove, and twice: write, rename, fsync.
    expect(points.map(({ effect }) => effect.kind)).toEqual(
      ['unlink', 'write', 'rename', 'fsync', 'write', 'rename', 'fsync'].flatMap((kind) => [kind, kind]),
    );
  }, 60_000);
});
