import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { startEngine } from './engine.ts';
import { needs } from './needs.ts';

const test = needs('dockerd');

/** Processes whose command line names the directory, and mounts below it. */
function leftovers(directory: string): string[] {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(directory));
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${directory}/`));
  return [...commands, ...mounts];
}

const get = (socket: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const ask = request({ socketPath: socket, path, agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    ask.once('error', reject);
    ask.end();
  });

test('an engine answers, and nothing of it is left when it is stopped', async () => {
  const engine = await startEngine();
  expect(JSON.parse(await get(engine.socket, '/version'))).toMatchObject({ Os: 'linux' });
  expect(engine.host).toBe(`unix://${engine.socket}`);
  expect(engine.pids().length).toBeGreaterThanOrEqual(2);
  await engine.stop();
  expect(existsSync(dirname(engine.socket))).toBe(false);
  expect(leftovers(dirname(engine.socket))).toEqual([]);
}, 60_000);

test('one that was killed leaves nothing either', async () => {
  const engine = await startEngine();
  await engine.kill();
  await expect(get(engine.socket, '/_ping')).rejects.toThrow(/ECONNREFUSED/);
  await engine.stop();
  expect(leftovers(dirname(engine.socket))).toEqual([]);
}, 60_000);

test('one that cannot start says why', async () => {
  const starting = startEngine({ args: ['--storage-driver=nothing-like-that'] });
  await expect(starting).rejects.toThrow(/dockerd did not start: it ended with 1\n.*nothing-like-that/s);
}, 60_000);
