import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, temporaryDirectory } from '@baton/testkit';

/** A step of a test's package: a shell script, or all of a script that begins with `#!`. */
export interface TestStep {
  path: string;
  script: string;
  arguments?: readonly string[];
  returncodes?: readonly number[];
}

/** A node for tests: the root file system that the agent is to enter, with busybox and one package in it. */
export interface TestNode {
  /** The root mount. */
  readonly root: string;
  /** The package, as seen from inside of the root mount. */
  readonly copyDir: string;
  /** Environment of the agent: complete, and such that it writes nowhere but below directories of the test. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the package's step logs are, as the agent sees it. */
  readonly logDir: string;
  /** The path, as the agent sees it, of something in the root mount. */
  at(path: string): string;
  /** Path of the only log of a step, as the agent sees it; `undefined` while there is none. */
  logFile(step: string, stream: 'out' | 'err'): string | undefined;
  /** What that log holds. */
  log(step: string, stream: 'out' | 'err'): Buffer | undefined;
  /** The flag files of the package, without the one of the run: one for each step that succeeded. */
  flags(): string[];
}

const APPLETS = [
  ...['sh', 'env', 'cat', 'printf', 'sleep', 'kill', 'dd', 'echo', 'true', 'false', 'head', 'tail', 'tr', 'yes', 'seq'],
  ...['mkdir', 'rm', 'touch', 'ls', 'test', 'id'],
];

/** Lays out a node whose package runs these steps in mode `apply`; each has the check that the agent expects. */
export function testNode(steps: readonly TestStep[], applets: readonly string[] = APPLETS): TestNode {
  const base = temporaryDirectory('node');
  const root = join(base, 'root');
  const copyDir = '/var/lib/packages/tool-1.2.3';
  // The agent also makes the log directory of its own container, by the same name.
  const logs = join(base, 'container/log');
  const scripts = `${root}${copyDir}/skyhook_dir`;
  for (const dir of [`${root}/bin`, `${root}/dev`, `${root}/tmp`, scripts]) mkdirSync(dir, { recursive: true });
  copyFileSync(findProgram('busybox') ?? '/bin/busybox', `${root}/bin/busybox`);
  for (const applet of applets) symlinkSync('busybox', `${root}/bin/${applet}`);
  // A shell reads from it what it starts in the background; an empty file does.
  writeFileSync(`${root}/dev/null`, '');
  const checkOf = (path: string): string => path.replace(/(\.[^.]*)?$/, '_check$1');
  for (const { path, script } of steps) {
    const text = script.startsWith('#!') || script === '' ? script : `#!/bin/sh\n${script}\n`;
    mkdirSync(dirname(`${scripts}/${path}`), { recursive: true });
    writeFileSync(`${scripts}/${path}`, text);
    writeFileSync(`${scripts}/${checkOf(path)}`, '#!/bin/sh\n');
  }
  const step = (path: string, more: Partial<TestStep> = {}): object => ({
    name: path,
    path,
    arguments: more.arguments ?? [],
    returncodes: more.returncodes ?? [0],
    on_host: true,
    idempotence: false,
    upgrade_step: false,
  });
  const none = { uninstall: [], upgrade: [], config: [], 'post-interrupt': [] };
  const noneChecked = { 'uninstall-check': [], 'upgrade-check': [], 'config-check': [], 'post-interrupt-check': [] };
  const apply = {
    apply: steps.map((one) => step(one.path, one)),
    'apply-check': steps.map(({ path }) => step(checkOf(path))),
  };
  const config = {
    schema_version: 'v1',
    package_name: 'tool',
    package_version: '1.2.3',
    expected_config_files: [],
    modes: { ...none, ...noneChecked, ...apply },
  };
  writeFileSync(`${root}${copyDir}/config.json`, JSON.stringify(config));

  const logDir = `${root}${logs}/tool/1.2.3`;
  const flagDir = `${root}/etc/skyhook/flags/tool/1.2.3`;
  return {
    root,
    copyDir,
    logDir,
    env: {
      PATH: '/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TMPDIR: base,
      COPY_RESOLV: 'false',
      SKYHOOK_RESOURCE_ID: 'node-1_tool_1.2.3',
      SKYHOOK_LOG_DIR: logs,
    },
    at: (path) => `${root}${path}`,
    logFile(path, stream) {
      const suffix = stream === 'out' ? '.log' : '.log.err';
      const found = list(logDir).filter((name) => name.startsWith(`${path}-`) && name.endsWith(suffix));
      if (found.length > 1) throw new Error(`several logs of ${path}: ${found.join(', ')}`);
      return found[0] === undefined ? undefined : join(logDir, found[0]);
    },
    log(path, stream) {
      const file = this.logFile(path, stream);
      return file === undefined ? undefined : readFileSync(file);
    },
    flags: () => list(flagDir).map((name) => name.replace(/_[A-Za-z0-9+=]+$/, '')),
  };
}

/** Puts a file of the test's own into the root mount. */
export function putFile(node: TestNode, path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(node.at(path)), { recursive: true });
  writeFileSync(node.at(path), content);
  chmodSync(node.at(path), mode);
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
