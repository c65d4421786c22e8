import { type Digest, sha256 } from '@baton/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { noise, tinyImage } from './registry-helpers.ts';
import { startRegistryServer, type TestRegistryOptions } from './registry-server.ts';

// What the OCI distribution specification 1.1 demands of a registry, section by section, so that clients which pass
// against the test registry are not spoilt by it. Digests of other algorithms than sha256 are left out.

const INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

async function start(options: TestRegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  const call = async (
    method: string,
    path: string,
    body?: Uint8Array | string,
    headers: Record<string, string> = {},
  ) => {
    const init = {
      method,
      headers,
      redirect: 'manual' as const,
      ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    };
    const response = await fetch(new URL(path, `http://${registry.host}`), init);
    return {
      status: response.status,
      header: (name: string) => response.headers.get(name),
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  };
  const open = async (query = '') => {
    const opened = await call('POST', `/v2/a/b/blobs/uploads/${query}`);
    expect(opened.status).toBe(202);
    return opened.header('location') ?? '';
  };
  const end = (location: string, digest: Digest) => `${location}&digest=${digest}`;
  const push = async (bytes: Buffer) => {
    const put = await call('PUT', end(await open(), sha256(bytes)), bytes);
    expect([put.status, put.header('location')]).toEqual([201, `/v2/a/b/blobs/${sha256(bytes)}`]);
  };
  const pushImage = async (tag: string, content = tag) => {
    const image = tinyImage(content);
    for (const blob of [image.config, image.layer]) await push(blob.bytes);
    const put = await call('PUT', `/v2/a/b/manifests/${tag}`, image.manifest, { 'Content-Type': image.mediaType });
    expect([put.status, put.header('docker-content-digest')]).toEqual([201, image.digest]);
    expect((await call('GET', put.header('location') ?? '')).bytes.equals(image.manifest)).toBe(true);
    return image;
  };
  return { registry, call, open, end, push, pushImage };
}

const code = (bytes: Buffer): string => JSON.parse(bytes.toString()).errors[0].code;

test('pulling manifests and blobs, and asking whether they are there', async () => {
  const { call, pushImage } = await start();
  const image = await pushImage('v1');
  for (const reference of ['v1', image.digest]) {
    const [get, head] = [
      await call('GET', `/v2/a/b/manifests/${reference}`),
      await call('HEAD', `/v2/a/b/manifests/${reference}`),
    ];
    expect([get.status, get.bytes.equals(image.manifest), get.header('content-type')]).toEqual([
      200,
      true,
      image.mediaType,
    ]);
    for (const answer of [get, head]) {
      expect([answer.status, answer.header('docker-content-digest'), answer.header('content-length')]).toEqual([
        200,
        image.digest,
        `${image.manifest.byteLength}`,
      ]);
    }
  }
  const blob = `/v2/a/b/blobs/${image.layer.digest}`;
  expect((await call('GET', blob)).bytes.equals(image.layer.bytes)).toBe(true);
  const head = await call('HEAD', blob);
  expect([head.status, head.header('content-length')]).toEqual([200, `${image.layer.size}`]);
  for (const path of ['manifests/v2', `manifests/${sha256('none')}`, `blobs/${sha256('none')}`]) {
    for (const method of ['GET', 'HEAD']) expect((await call(method, `/v2/a/b/${path}`)).status).toBe(404);
  }
});

test('ranges of a blob', async () => {
  const { call, push } = await start();
  const bytes = noise(100);
  await push(bytes);
  const part = (range: string) => call('GET', `/v2/a/b/blobs/${sha256(bytes)}`, undefined, { Range: range });
  const middle = await part('bytes=10-19');
  expect([middle.status, middle.header('content-range'), middle.bytes.equals(bytes.subarray(10, 20))]).toEqual([
    206,
    'bytes 10-19/100',
    true,
  ]);
  expect((await part('bytes=0-0')).bytes.equals(bytes.subarray(0, 1))).toBe(true);
  expect((await part('bytes=90-')).bytes.equals(bytes.subarray(90))).toBe(true);
  expect((await part('bytes=90-500')).header('content-range')).toBe('bytes 90-99/100');
  expect((await part('bytes=100-')).status).toBe(416);
});

test('pushing a blob with a single POST', async () => {
  const { call } = await start();
  const bytes = noise(1000);
  const put = await call('POST', `/v2/a/b/blobs/uploads/?digest=${sha256(bytes)}`, bytes);
  expect([put.status, put.header('location')]).toEqual([201, `/v2/a/b/blobs/${sha256(bytes)}`]);
  expect((await call('GET', put.header('location') ?? '')).bytes.equals(bytes)).toBe(true);
  const wrong = await call('POST', `/v2/a/b/blobs/uploads/?digest=${sha256('x')}`, bytes);
  expect([wrong.status, code(wrong.bytes)]).toEqual([400, 'DIGEST_INVALID']);
});

test('pushing a blob in chunks: in order only, with its progress told, the last one in PATCH or PUT', async () => {
  const { call, open, end } = await start();
  const bytes = noise(300);
  for (const inPut of [false, true]) {
    let location = await open();
    const chunk = (first: number, last: number, method = 'PATCH', at = location) =>
      call(method, at, bytes.subarray(first, last + 1), { 'Content-Range': `${first}-${last}` });
    expect((await chunk(100, 199)).status).toBe(416);
    const one = await chunk(0, 99);
    expect([one.status, one.header('range')]).toEqual([202, '0-99']);
    location = one.header('location') ?? '';
    for (const [first, last] of [
      [0, 99],
      [101, 200],
      [200, 299],
    ] as const) {
      const refused = await chunk(first, last);
      expect([refused.status, refused.header('range')]).toEqual([416, '0-99']);
    }
    const state = await call('GET', location);
    expect([state.status, state.header('range')]).toEqual([204, '0-99']);
    location = state.header('location') ?? '';
    location = (await chunk(100, 199)).header('location') ?? '';
    const done = inPut
      ? await chunk(200, 299, 'PUT', end(location, sha256(bytes)))
      : await call('PUT', end((await chunk(200, 299)).header('location') ?? '', sha256(bytes)));
    expect([done.status, done.header('location')]).toEqual([201, `/v2/a/b/blobs/${sha256(bytes)}`]);
    expect((await call('GET', location)).status).toBe(404);
  }
});

test('a stream in one PATCH without Content-Range', async () => {
  const { call, open, end } = await start();
  const bytes = noise(300);
  const patched = await call('PATCH', await open(), bytes);
  expect([patched.status, patched.header('range')]).toEqual([202, '0-299']);
  expect((await call('PUT', end(patched.header('location') ?? '', sha256(bytes)))).status).toBe(201);
});

test('a least length of chunks is announced and enforced', async () => {
  const { call, end } = await start({ chunkMinLength: 100 });
  const bytes = noise(250);
  const upload = async (lengths: number[]) => {
    const opened = await call('POST', '/v2/a/b/blobs/uploads/');
    expect(opened.header('oci-chunk-min-length')).toBe('100');
    let location = opened.header('location') ?? '';
    let at = 0;
    for (const length of lengths) {
      const headers = { 'Content-Range': `${at}-${at + length - 1}` };
      const patched = await call('PATCH', location, bytes.subarray(at, at + length), headers);
      if (patched.status !== 202) return patched.status;
      location = patched.header('location') ?? '';
      at += length;
    }
    return (await call('PUT', end(location, sha256(bytes)))).status;
  };
  expect(await upload([100, 100, 50])).toBe(201);
  expect(await upload([50, 100, 100])).toBe(416);
});

test('ending an upload: wrong digest, no digest, unknown session, cancelled', async () => {
  const { call, open, end } = await start();
  const wrong = await call('PUT', end(await open(), sha256('x')), 'y');
  expect([wrong.status, code(wrong.bytes)]).toEqual([400, 'DIGEST_INVALID']);
  expect((await call('PUT', await open(), 'y')).status).toBe(400);
  const unknown = await call('PUT', `/v2/a/b/blobs/uploads/00?digest=${sha256('y')}`, 'y');
  expect([unknown.status, code(unknown.bytes)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  const location = await open();
  expect((await call('DELETE', location)).status).toBe(204);
  expect((await call('GET', location)).status).toBe(404);
});

test('mounting: 201 where the blob is, an upload where it is not or nobody says where', async () => {
  const { call, push } = await start();
  const bytes = noise(100);
  await push(bytes);
  const mount = (query: string) => call('POST', `/v2/c/d/blobs/uploads/?mount=${query}`);
  expect((await mount(`${sha256(bytes)}&from=a/b`)).status).toBe(201);
  expect((await call('HEAD', `/v2/c/d/blobs/${sha256(bytes)}`)).status).toBe(200);
  for (const query of [`${sha256('none')}&from=a/b`, `${sha256(bytes)}`]) {
    const upload = await mount(query);
    expect([upload.status, upload.header('location')]).toEqual([
      202,
      expect.stringContaining('/v2/c/d/blobs/uploads/'),
    ]);
  }
});

test('pushing manifests: strict about parts, size, digest and tag; layers from elsewhere and nested indexes', async () => {
  const { call, pushImage, push } = await start();
  const image = await pushImage('v1');
  const put = (reference: string, body: Uint8Array | string, type = image.mediaType) =>
    call('PUT', `/v2/a/b/manifests/${reference}`, body, { 'Content-Type': type });
  const other = await put(sha256('other'), image.manifest);
  expect([other.status, code(other.bytes)]).toEqual([400, 'DIGEST_INVALID']);
  const absent = await put('v2', tinyImage('absent').manifest);
  expect([absent.status, code(absent.bytes)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  expect((await put('v2', 'x'.repeat(4 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await put('.bad', image.manifest)).status).toBe(400);
  const large = JSON.stringify({
    ...JSON.parse(image.manifest.toString()),
    annotations: { large: 'A'.repeat(3_900_000) },
  });
  expect((await put('large', large)).status).toBe(201);
  const index = (digests: [string, string, number][]) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: digests.map(([mediaType, digest, size]) => ({ mediaType, digest, size })),
    });
  const inner = index([[image.mediaType, image.digest, image.manifest.byteLength]]);
  expect((await put('inner', inner, INDEX)).status).toBe(201);
  expect((await put('outer', index([[INDEX, sha256(inner), inner.length]]), INDEX)).status).toBe(201);
  expect((await put('none', index([]), INDEX)).status).toBe(201);
  expect((await put('gone', index([[INDEX, sha256('gone'), 4]]), INDEX)).status).toBe(400);
  await push(Buffer.from('{}'));
  const elsewhere = {
    schemaVersion: 2,
    mediaType: image.mediaType,
    config: { mediaType: EMPTY, digest: sha256('{}'), size: 2 },
    layers: [
      {
        mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
        digest: sha256('far'),
        size: 3,
        urls: ['https://store.example.com/far'],
      },
    ],
  };
  expect((await put('elsewhere', JSON.stringify(elsewhere))).status).toBe(201);
});

test('listing tags: sorted, in pages of n, behind last', async () => {
  const { call, pushImage } = await start();
  const tags = ['a', 'b', 'c', 'd'];
  for (const tag of tags.toReversed()) await pushImage(tag, 'same');
  const list = async (query = '') => {
    const answer = await call('GET', `/v2/a/b/tags/list${query}`);
    return { status: answer.status, ...JSON.parse(answer.bytes.toString()), link: answer.header('link') };
  };
  expect(await list()).toMatchObject({ status: 200, name: 'a/b', tags, link: null });
  expect(await list('?n=2')).toMatchObject({
    tags: ['a', 'b'],
    link: expect.stringMatching(/^<\/v2\/a\/b\/tags\/list\?n=2&last=b>; rel="next"$/),
  });
  expect(await list('?n=2&last=b')).toMatchObject({ tags: ['c', 'd'], link: null });
  expect(await list('?n=0')).toMatchObject({ tags: [] });
  expect((await call('GET', '/v2/none/tags/list')).status).toBe(404);
});

test('deleting: a tag, a manifest with its tags, a blob', async () => {
  const { call, pushImage } = await start();
  const image = await pushImage('v1');
  await pushImage('v2', 'v1');
  expect((await call('DELETE', '/v2/a/b/manifests/v1')).status).toBe(202);
  expect((await call('GET', '/v2/a/b/manifests/v1')).status).toBe(404);
  expect((await call('GET', `/v2/a/b/manifests/${image.digest}`)).status).toBe(200);
  expect((await call('DELETE', `/v2/a/b/manifests/${image.digest}`)).status).toBe(202);
  for (const reference of ['v2', image.digest])
    expect((await call('GET', `/v2/a/b/manifests/${reference}`)).status).toBe(404);
  expect(JSON.parse((await call('GET', '/v2/a/b/tags/list')).bytes.toString()).tags).toEqual([]);
  expect((await call('DELETE', `/v2/a/b/blobs/${image.layer.digest}`)).status).toBe(202);
  for (const method of ['GET', 'DELETE'])
    expect((await call(method, `/v2/a/b/blobs/${image.layer.digest}`)).status).toBe(404);
});

test('referrers: of a subject that is there or not, with type and annotations, filtered, gone when deleted', async () => {
  const { call, pushImage, push } = await start();
  const image = await pushImage('v1');
  await push(Buffer.from('{}'));
  for (const subject of [image.digest, sha256('not there')]) {
    const put = async (artifactType: string | undefined, type = image.mediaType) => {
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: type,
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(type === INDEX
          ? { manifests: [] }
          : { config: { mediaType: EMPTY, digest: sha256('{}'), size: 2 }, layers: [] }),
        subject: { mediaType: image.mediaType, digest: subject, size: 7 },
        annotations: { of: subject },
      });
      const answer = await call('PUT', `/v2/a/b/manifests/${sha256(body)}`, body, { 'Content-Type': type });
      expect([answer.status, answer.header('oci-subject')]).toEqual([201, subject]);
      return { digest: sha256(body), size: body.length };
    };
    const one = await put('application/one');
    await put(undefined);
    await put('application/two', INDEX);
    const list = async (query = '') => {
      const answer = await call('GET', `/v2/a/b/referrers/${subject}${query}`);
      expect([answer.status, answer.header('content-type')]).toEqual([200, INDEX]);
      const { manifests, ...rest } = JSON.parse(answer.bytes.toString());
      expect(rest).toEqual({ schemaVersion: 2, mediaType: INDEX });
      return { manifests, filters: answer.header('oci-filters-applied') };
    };
    const all = await list();
    expect(all.filters).toBe(null);
    expect(all.manifests.map(({ artifactType }: { artifactType: string }) => artifactType).sort()).toEqual(
      ['application/one', 'application/two', EMPTY].sort(),
    );
    expect(await list('?artifactType=application/one')).toEqual({
      manifests: [
        { mediaType: image.mediaType, ...one, artifactType: 'application/one', annotations: { of: subject } },
      ],
      filters: 'artifactType',
    });
    expect((await call('DELETE', `/v2/a/b/manifests/${one.digest}`)).status).toBe(202);
    expect((await list()).manifests).toHaveLength(2);
  }
  expect(JSON.parse((await call('GET', `/v2/a/b/referrers/${sha256('none')}`)).bytes.toString()).manifests).toEqual([]);
  expect((await call('GET', '/v2/a/b/referrers/sha256:short')).status).toBe(400);
});
