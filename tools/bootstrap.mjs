// Installs what package-lock.json asks for and node_modules lacks. Runs before every npm script, on the machine's own
// Node (18 or newer) and without any package; what it prints and how it ends is all there is to it.
//
// Exit code 0: everything is here, and node_modules/.bin/node is the Node that the repository pins.
// Exit code 1: it is not; the first line says why, the hint what to do.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = readFileSync(join(root, '.node-version'), 'utf8').trim();

await main();

async function main() {
  if (whatLacks() !== undefined) {
    const { release, descriptor } = await lock();
    try {
      // Asked again: another run may have installed it while this one waited.
      const reason = whatLacks();
      if (reason !== undefined) await install(reason, descriptor);
    } finally {
      await release();
    }
  }
  const found = installedNode();
  if (found !== pinned) {
    fail(
      `expected node_modules/.bin/node to be Node ${pinned}, found ${found ?? 'none'}`,
      'The install script of the package "node" did not run. Allow it (npm config get ignore-scripts; ' +
        'npm config get allow-scripts), then run: npm ci',
    );
  }
}

/** Why an installation is needed, or undefined when everything is there. */
function whatLacks() {
  const wanted = packagesOf('package-lock.json');
  if (wanted === undefined)
    fail('package-lock.json is missing or damaged', 'Restore it: git checkout package-lock.json');
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing';
  // npm writes this file when it is done: without it an installation was cut short.
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined) return 'an earlier installation was not finished';
  const names = Object.keys(wanted).filter((name) => name.includes('node_modules/'));
  const lacking = names.filter((name) => !isInstalled(wanted[name], installed[name], name));
  if (lacking.length === 0) return undefined;
  const first = lacking[0].replace(/^.*node_modules\//, '');
  return lacking.length === 1
    ? `${first} is not what the lock asks for`
    : `${lacking.length} packages lack, ${first} first`;
}

function isInstalled(wanted, installed, name) {
  // Packages for other platforms are never there.
  if (installed === undefined) return wanted.optional === true;
  if (wanted.link !== true && (wanted.version !== installed.version || wanted.integrity !== installed.integrity))
    return false;
  return existsSync(join(root, name, 'package.json'));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function install(reason, descriptor) {
  const started = Date.now();
  console.log(`Installing packages, because ${reason}: this takes about 20 seconds.`);
  // The npm that called us, under the Node that runs it; else the first on the PATH.
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const code = await new Promise((resolve) => {
    const child = spawn(command, [...args, 'ci', '--include=dev', '--loglevel=error'], {
      cwd: root,
      // The lock goes to npm as well: should we be killed, the next run still waits for npm to end.
      stdio: ['ignore', 'ignore', 'inherit', ...(descriptor === undefined ? [] : [descriptor])],
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      console.error(error.message);
      resolve('an error');
    });
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) {
    const old = Number(process.versions.node.split('.')[0]) < 20;
    fail(
      `npm ci ended with ${code}`,
      old
        ? `This is Node ${process.versions.node}, which is no longer maintained: use Node 20 or newer to install.`
        : 'Packages come from the registry that npm is configured for (npm config get registry): is it reachable?',
    );
  }
  const still = whatLacks();
  if (still !== undefined)
    fail(`npm ci ended well, and yet ${still}`, 'Run it once more; if that does not help: rm -r node_modules');
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function installedNode() {
  const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'node'), ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace(/^v/, '') : undefined;
}

/**
 * Waits until no other run installs here. The lock is a listening socket named after the directory: the kernel frees it
 * when its holder dies. Abstract on Linux, where libuv knows such names (since 1.46); elsewhere a socket file.
 */
async function lock() {
  const key = `baton-install-${createHash('sha256')
    .update(`${root}\n${statSync(root).ino}`)
    .digest('hex')
    .slice(0, 32)}`;
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  const isAbstract = process.platform === 'linux' && (major > 1 || minor >= 46);
  const address = isAbstract ? `\0${key}` : join(tmpdir(), key);
  for (let told = false; ; told = true) {
    const held = await listen(address);
    if (held !== undefined) return held;
    if (!told) console.log('Waiting for another run that installs packages here.');
    if (!(await closed(address)) && !isAbstract) removeDead(address);
  }
}

/** Takes the lock, or undefined when somebody has it. */
function listen(address) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined);
    });
    const release = () =>
      new Promise((done) => {
        server.close(done);
        for (const socket of waiting) socket.destroy();
      });
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => resolve({ release, descriptor: server._handle?.fd }));
  });
}

/** Resolves when the holder of a lock lets go, with whether there was one. */
function closed(address) {
  return new Promise((resolve) => {
    let connected = false;
    const socket = createConnection(address);
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(connected));
  });
}

function removeDead(address) {
  try {
    unlinkSync(address);
  } catch {
    // Another run was faster.
  }
}

function fail(message, hint) {
  console.error(`error: ${message}\n  hint: ${hint}`);
  process.exit(1);
}
