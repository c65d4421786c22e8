import { describe, expect, test } from 'vitest';
import { agentSchema } from './schema.ts';
import { inImage } from './test-problems.ts';

function image(section: Record<string, unknown>): string {
  return JSON.stringify({ version: 1, name: 'agent', image: section });
}

describe('image.dockerfile', () => {
  test('has defaults for all but what only its owner knows', () => {
    const read = agentSchema.parse(JSON.parse(image({ dockerfile: {} })));
    expect(read.image?.dockerfile).toEqual({ file: 'Dockerfile', context: '.', network: 'default', protocol: 'auto' });
  });

  test('takes arguments, a stage, a context elsewhere', () => {
    const dockerfile = { file: '../docker/Agent', context: '../..', target: 'final', args: { VERSION: '1' } };
    const read = agentSchema.parse(JSON.parse(image({ driver: 'docker', dockerfile })));
    expect(read.image?.dockerfile).toMatchObject(dockerfile);
  });

  test('is what the driver docker builds, so that wants one', () => {
    expect(inImage('driver: docker')).toEqual([expect.stringContaining('a section image.dockerfile')]);
    expect(inImage('driver: docker, dockerfile: {}')).toEqual([]);
  });

  test.each([
    ['file: /etc/Dockerfile', 'image.dockerfile.file'],
    ['context: ""', 'image.dockerfile.context'],
    ['network: bridge', 'image.dockerfile.network'],
    ['protocol: buildx', 'image.dockerfile.protocol'],
    ['target: ""', 'image.dockerfile.target'],
    ['args: [A]', 'image.dockerfile.args'],
    ['flie: Dockerfile', 'flie'],
  ])('refuses %s', (text, what) => {
    const found = inImage(`dockerfile: { ${text} }`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(what);
  });
});
