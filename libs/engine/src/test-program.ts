// What tools/bundle/slim-dockerode.test.ts bundles: builds and pushes where nothing is installed.
import { connectEngine } from './connect.ts';

/** Arguments: context, name for the image, "classic", "buildkit" or "session", and "push" to push it; prints one line of JSON. */
async function main([context = '', reference = '', protocol = '', push = '']: readonly string[]): Promise<void> {
  const engine = connectEngine(process.env);
  const io = { emit: () => undefined };
  const image = await engine.build(
    {
      context,
      dockerfile: `${context}/Dockerfile`,
      network: 'none',
      tags: [reference],
      protocol: protocol === 'classic' ? 'classic' : 'buildkit',
      ...(protocol === 'session' ? { auth: [{ registry: 'none.example', username: 'u', password: 'none' }] } : {}),
    },
    io,
  );
  const pushed = push === 'push' ? await engine.push(reference, io) : {};
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ id: image.id, ...pushed, cpu: (user + system) / 1000 })}\n`);
  engine.close();
}

void main(process.argv.slice(2));
