import { fixedCredentials, instantWaits, startRegistryServer, tinyImage } from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry } from './registry-client.ts';
import { nextLink } from './registry-pages.ts';

async function setUp(tagPage?: number) {
  const registry = await startRegistryServer(tagPage === undefined ? {} : { tagPage });
  onTestFinished(() => registry.stop());
  const client = connectRegistry(registry.host, { credentials: fixedCredentials(), waits: instantWaits() });
  onTestFinished(() => client.close());
  const { manifest, mediaType } = tinyImage();
  for (const tag of ['b', 'a', 'c', 'latest', '1.2.3']) await registry.store.putManifest('x', tag, manifest, mediaType);
  return { registry, client };
}

test.each([undefined, 1, 2, 4, 5, 6])('all tags, in pages of %s', async (page) => {
  const { client, registry } = await setUp(page);
  expect(await client.listTags('x')).toEqual(['1.2.3', 'a', 'b', 'c', 'latest']);
  expect(registry.log).toHaveLength(Math.ceil(5 / (page ?? 5)));
});

test('a page that fails is fetched again, by itself', async () => {
  const { client, registry } = await setUp(2);
  registry.inject({ path: /last=/ }, { kind: 'status', status: 500 });
  expect(await client.listTags('x')).toHaveLength(5);
  expect(registry.log).toHaveLength(4);
});

test('a repository without tags', async () => {
  const { client, registry } = await setUp();
  for (const body of ['{"name":"x","tags":null}', '{"name":"x"}', '{"name":"x","tags":[]}']) {
    registry.inject({}, { kind: 'status', status: 200, body });
    expect(await client.listTags('x')).toEqual([]);
  }
});

test.each([
  '<html>',
  '',
  '7',
  '{"tags":"v1"}',
  '{"tags":[1]}',
])('a list that is none is REGISTRY_PROTOCOL: %s', async (body) => {
  const { client, registry } = await setUp();
  registry.inject({}, { kind: 'status', status: 200, body });
  await expect(client.listTags('x')).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test.each([
  ['in a circle', '</v2/x/tags/list>; rel="next"'],
  ['to another host', '<http://127.0.0.2:1/v2/x/tags/list?n=1>; rel=next'],
])('a registry that links %s is REGISTRY_PROTOCOL', async (_, link) => {
  const { client, registry } = await setUp();
  registry.inject({}, { kind: 'headers', headers: { Link: link } }, { times: 10 });
  await expect(client.listTags('x')).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('Link headers', () => {
  const from = new URL('https://r.example.com/v2/x/tags/list');
  const next = (header: string | undefined) => nextLink(header, from)?.href;
  expect(next('</v2/x/tags/list?n=1&last=a>; rel="next"')).toBe('https://r.example.com/v2/x/tags/list?n=1&last=a');
  expect(next('<?last=a,b>;rel=next')).toBe('https://r.example.com/v2/x/tags/list?last=a,b');
  expect(next('</a>; rel="prev", </b>; title="x"; rel="last next"')).toBe('https://r.example.com/b');
  for (const none of [undefined, '', '</a>', '</a>; rel="prev"', 'rel="next"', '<>; rel="nextone"']) {
    expect(next(none)).toBe(undefined);
  }
});
