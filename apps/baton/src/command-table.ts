import type { CommandEntry } from './command-entry.ts';
import { CUTOVER_COMMANDS } from './command-table-cutover.ts';
import { IMAGE_COMMANDS } from './command-table-image.ts';
import { PARITY_COMMANDS } from './command-table-parity.ts';

/** Command groups and what they are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  image: "Build an agent's image, publish it, verify it, keep it; no container engine is needed",
  'image retention': 'Tell which published images could go; nothing is ever deleted',
  parity: 'Run an old and a new implementation on the same scenarios, and compare everything they do, byte for byte',
  cutover: 'Switch a repository from the old implementation to the new one, in one commit that can be derived again',
  evidence: 'Read and check the statements that the other commands leave',
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  ...IMAGE_COMMANDS,
  ...PARITY_COMMANDS,
  ...CUTOVER_COMMANDS,
  {
    name: 'evidence show',
    summary: 'print statements: what went in, what came out, what was checked',
    about: 'Takes a statement, a directory of statements or a project.',
    examples: [{ line: 'baton evidence show apps/agent', meaning: 'every statement in apps/agent/dist/evidence' }],
    load: async () => (await import('./commands/evidence-show.ts')).evidenceShow,
  },
  {
    name: 'evidence verify',
    summary: 'check a statement: its form, its signature, what it is about',
    about: 'Exit code 1 when it does not hold.',
    examples: [
      { line: 'baton evidence verify dist/evidence/image.json', meaning: 'form and, when it is signed, the signature' },
      { line: 'baton evidence verify image.json --key release.pub', meaning: 'it must be signed by this key' },
    ],
    load: async () => (await import('./commands/evidence-verify.ts')).evidenceVerify,
  },
  {
    name: 'evidence import',
    summary: 'state the result of a suite that Baton does not run',
    about:
      'Wraps a JUnit file as a statement about an image, for the gates of a cutover. A suite in which nothing ran, or something ' +
      'failed, is never a pass: exit code 4 or 1, and the statement says so.',
    examples: [
      {
        line: 'baton evidence import --kind e2e --subject ghcr.io/acme/node-agent@sha256:... --junit results.xml',
        meaning: 'leaves dist/evidence/imported-e2e.json',
      },
    ],
    load: async () => (await import('./commands/evidence-import.ts')).evidenceImport,
  },
  {
    name: 'doctor',
    summary: 'tell what this machine has, and what each lack costs',
    about:
      'Changes nothing. With an agent.yaml in the directory it fails when something is missing that this file needs.',
    examples: [
      { line: 'baton doctor', meaning: 'this machine' },
      { line: 'baton -C apps/agent doctor', meaning: 'this machine, for that agent' },
    ],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
];
