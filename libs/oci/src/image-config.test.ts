import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseImageConfig } from './image-config.ts';
import { encodeDocument } from './manifest.ts';

const DIFF = `sha256:${'d'.repeat(64)}` as const;
const small = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' as const, diff_ids: [DIFF] } };
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('parseImageConfig', () => {
  test('reads what encodeDocument wrote', () => {
    const full = {
      ...small,
      created: '1970-01-01T00:00:00Z',
      author: 'a',
      variant: 'v1',
      config: {
        User: '0:0',
        Env: ['A=b'],
        Entrypoint: ['/bin/x'],
        Cmd: [''],
        WorkingDir: '/',
        Volumes: { '/data': {} },
        Labels: { a: '' },
        ExposedPorts: { '80/tcp': {} },
        StopSignal: 'SIGTERM',
      },
      history: [{ created: '1970-01-01T00:00:00Z', created_by: 'x', comment: 'c', author: 'b', empty_layer: true }],
    };
    expect(parseImageConfig(encodeDocument(full), 'x')).toEqual(full);
  });

  test("what Docker's own configs have besides is kept, its nulls are left out", () => {
    const docker = {
      ...small,
      container: 'abc',
      docker_version: '20.10',
      config: {
        Hostname: '',
        Cmd: null,
        Entrypoint: ['/x'],
        Volumes: null,
        Labels: null,
        OnBuild: null,
        Healthcheck: { Test: ['NONE'] },
      },
      history: null,
    };
    expect(parseImageConfig(json(docker), 'x')).toEqual({
      ...small,
      container: 'abc',
      docker_version: '20.10',
      config: { Hostname: '', Entrypoint: ['/x'], OnBuild: null, Healthcheck: { Test: ['NONE'] } },
    });
  });

  test('an image without layers has none', () => {
    const config = parseImageConfig(json({ ...small, rootfs: { type: 'layers', diff_ids: null } }), 'x');
    expect(config.rootfs.diff_ids).toEqual([]);
  });

  test.each([
    [{}, 'rootfs'],
    [{ ...small, architecture: '' }, 'architecture'],
    [{ ...small, os: 7 }, 'os'],
    [{ ...small, rootfs: { ...small.rootfs, type: 'squashfs' } }, 'rootfs.type'],
    [{ ...small, rootfs: { type: 'layers', diff_ids: ['x'] } }, 'rootfs.diff_ids[0]'],
    [{ ...small, rootfs: { type: 'layers', diff_ids: Array.from({ length: 1001 }, () => DIFF) } }, 'rootfs.diff_ids'],
    [{ ...small, config: [] }, 'config'],
    [{ ...small, config: { Env: 'A=b' } }, 'config.Env'],
    [{ ...small, config: { Entrypoint: ['a', 1] } }, 'config.Entrypoint[1]'],
    [{ ...small, config: { Volumes: { '/data': 1 } } }, 'config.Volumes["/data"]'],
    [{ ...small, config: { Labels: { a: 1 } } }, 'config.Labels.a'],
    [{ ...small, history: [{ empty_layer: 'yes' }] }, 'history[0].empty_layer'],
  ])('refuses %j at %s', (value, path) => {
    expect(() => parseImageConfig(json(value), 'base')).toThrow(
      expect.objectContaining({
        code: 'IMAGE_INVALID',
        message: expect.stringMatching(/^base: expected /) as string,
      }),
    );
    expect(() => parseImageConfig(json(value), 'base')).toThrow(` at ${path}`);
  });

  test('whatever stands at one place, it is taken or IMAGE_INVALID', () => {
    const places = ['architecture', 'os', 'variant', 'config', 'rootfs', 'history', 'created', 'other'];
    void fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        try {
          expect(parseImageConfig(json({ ...small, [place]: value }), 'x').rootfs.type).toBe('layers');
        } catch (error) {
          expect(error).toMatchObject({ code: 'IMAGE_INVALID' });
        }
      }),
    );
  });
});
