import type { Complaint, TextRule } from './text-field.ts';

/** The agent's name: also a project's name, a tag prefix and a directory name. */
export const NAME: TextRule = {
  expected: 'a name of lower-case letters, digits, ".", "_" and "-" that starts and ends with a letter or digit',
  description: "The agent's name: lower-case letters, digits, `.`, `_` and `-`; at most 100 characters.",
  pattern: /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/,
  examples: ['node-agent'],
  judge(text) {
    if (text.length > 100) return { expected: 'a name of at most 100 characters' };
    const lower = text.toLowerCase();
    return lower !== text && NAME.pattern?.test(lower) === true ? { hint: `Write ${lower}.` } : undefined;
  },
};

const PLATFORM_ALIASES: Record<string, string> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armv8: 'arm64',
  i386: '386',
  i686: '386',
};

/** `os/architecture[/variant]`, in Go's names (OCI image index specification, "platform"). */
export const PLATFORM: TextRule = {
  expected: 'a platform like linux/amd64',
  description: "A platform, `os/architecture[/variant]`, in Go's names.",
  pattern: /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/,
  examples: ['linux/amd64', 'linux/arm64'],
  judge(text) {
    const [first = '', second, ...variant] = text.toLowerCase().split('/');
    const proper = (architecture: string): string => PLATFORM_ALIASES[architecture] ?? architecture;
    const alone = second === undefined && ['amd64', 'arm64', '386'].includes(proper(first));
    const written = alone ? `linux/${proper(first)}` : [first, proper(second ?? ''), ...variant].join('/');
    return written !== text && PLATFORM.pattern?.test(written) === true ? { hint: `Write ${written}.` } : undefined;
  },
};

/** Who a process runs as: `user[:group]`, each a number or a name. */
export const USER: TextRule = {
  expected: 'a user like "0:0", "1000" or "node:node"',
  description: 'Who the program runs as: `user[:group]`, each a number or a name.',
  pattern: /^(\d+|[a-z_][a-z0-9_.-]*\$?)(:(\d+|[a-z_][a-z0-9_.-]*\$?))?$/,
  examples: ['0:0', '1000', 'node:node'],
  judge: idComplaint,
};

/** Who owns a layer's files: numbers, because an image need not have names. */
export const OWNER: TextRule = {
  expected: 'an owner like "0:0": numeric user and group',
  description: 'Who owns the files: numeric `user:group`.',
  pattern: /^\d+:\d+$/,
  examples: ['0:0'],
  judge: idComplaint,
};

/** Permission bits of a layer's files. */
export const MODE: TextRule = {
  expected: 'permission bits in octal, like "0644"',
  description:
    "Permission bits of the files in octal, quoted. Default: 0755 or 0644, as git's index (else the file) has it.",
  pattern: /^[0-7]{3,4}$/,
  examples: ['0644', '0755'],
};

/** The name of an environment variable. */
export const ENV_NAME: TextRule = {
  expected: 'the name of an environment variable: letters, digits, "_", "." and "-", not starting with a digit',
  description: 'The name of an environment variable.',
  pattern: /^[A-Za-z_][A-Za-z0-9_.-]*$/,
};

/** A key of a label or an annotation (OCI image specification, "Annotations": not empty; reversed domain names). */
export const LABEL_KEY: TextRule = {
  expected: 'a key like org.opencontainers.image.title: letters, digits, ".", "_", "-" and "/"',
  description: 'A key, usually in reversed domain notation.',
  pattern: /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/,
};

function idComplaint(text: string): Complaint | undefined {
  const tooBig = text.split(':').some((part) => /^\d+$/.test(part) && Number(part) > 4_294_967_294);
  return tooBig ? { expected: 'user and group numbers of at most 4294967294' } : undefined;
}
