import { describe, expect, test } from 'vitest';
import { testProject } from '../project.fixture.ts';
import { build } from '../publish.fixture.ts';
import { type Driver, driverOf } from './driver.ts';

const layers = [{ from: 'files/shared', to: '/app' }];
const dockerfile = { file: 'Dockerfile' };

async function choose(image: Record<string, unknown>, driver?: Driver): Promise<Driver> {
  const project = await (await testProject(image)).load();
  return driverOf(project, { driver });
}

describe('who builds', () => {
  test('is what the manifest says, unless the caller says another', async () => {
    expect(await choose({ layers })).toBe('embedded');
    expect(await choose({ driver: 'docker', dockerfile })).toBe('docker');
    expect(await choose({ layers, dockerfile }, 'docker')).toBe('docker');
    expect(await choose({ layers, dockerfile }, 'embedded')).toBe('embedded');
    expect(await choose({ driver: 'docker', layers, dockerfile }, 'docker')).toBe('docker');
  });

  test.each([
    ['no Dockerfile', { layers }, 'docker', 'has no section image.dockerfile'],
    ['layers that would be left out', { driver: 'docker', layers, dockerfile }, undefined, 'lists layers, which only'],
    ['no layers', { driver: 'docker', dockerfile }, 'embedded', 'lists no layers'],
  ] as const)('%s is refused', async (_, image, driver, message) => {
    await expect(choose(image, driver)).rejects.toMatchObject({
      code: 'DRIVER_UNSUPPORTED',
      message: expect.stringContaining(message),
    });
  });
});

test('the embedded driver builds all platforms or none', async () => {
  const project = await (await testProject({ layers })).load();
  expect(() => driverOf(project, { platform: 'linux/amd64' })).toThrow('builds all platforms of agent.yaml at once');
});

test('no engine: said before anything is written', async () => {
  const p = await testProject({ driver: 'docker', dockerfile: { file: 'Dockerfile' } });
  await p.write({ Dockerfile: 'FROM scratch\nCOPY files /\nENTRYPOINT ["/x"]\n' });
  p.io.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
  await expect(build(p)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', exitCode: 3 });
});
