import { formatBytes, plural, shortDigest } from '@baton/kernel';
import { type TreeNode, table, tree } from '@baton/report';
import type { ImageCheck, SmokeRun, Verification, VerifiedPlatform } from './types.ts';

/** How a result is called. */
export const RESULT_WORDS: Readonly<Record<ImageCheck['result'], string>> = {
  passed: 'ok',
  failed: 'FAILED',
  noted: 'noted',
  pending: 'pending',
};

/** What came of reading an image back, for a terminal: the image as a tree, the checks as a table, the start, the verdict. */
export function reportVerification(verification: Verification): string {
  const { image, index, platforms, checks, run } = verification;
  const parts = [
    tree({
      label: image.includes('@') ? image : `${image} ${shortDigest(index.digest)}`,
      children: platforms.map(platformNode),
    }),
    table(checks.map(({ id, platform, result, detail }) => [RESULT_WORDS[result], platform ?? 'image', id, detail])),
    ...(run === undefined ? [] : [reportRun(run)]),
    verdictLine(verification),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The tree of one platform: manifest, layers, what is started and what that needs. */
export function platformNode({ platform, manifest, layers, files, program, libraries }: VerifiedPlatform): TreeNode {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  return {
    label: `${platform} ${shortDigest(manifest.digest)}`,
    children: [
      {
        label: `${plural(layers.length, 'layer')}, ${formatBytes(size)}, ${plural(files, 'entry', 'entries')}`,
        children: layers.map((layer) => ({ label: `${shortDigest(layer.digest)} ${formatBytes(layer.size)}` })),
      },
      ...program.map((path, i) => ({ label: i === 0 ? `starts ${path}` : `which is started by ${path}` })),
      ...(libraries.length === 0
        ? []
        : [
            {
              label: plural(libraries.length, 'library', 'libraries'),
              children: libraries.map(({ name, path }) => ({ label: `${name} ${path}` })),
            },
          ]),
    ],
  };
}

function verdictLine({ image, verdict, checks }: Verification): string {
  return `${verdict === 'verified' ? 'verified' : 'not verified:'} ${image}: ${verdictCounts(checks)}`;
}

/** How many checks there are of each result: '12 passed, 1 pending, which is not passed'. */
export function verdictCounts(checks: readonly ImageCheck[]): string {
  const count = (wanted: ImageCheck['result']): number => checks.filter(({ result }) => result === wanted).length;
  const [failed, noted, pending] = [count('failed'), count('noted'), count('pending')];
  return [
    `${count('passed')} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(noted > 0 ? [`${noted} noted`] : []),
    ...(pending > 0 ? [`${pending} pending, which is not passed`] : []),
  ].join(', ');
}

function reportRun({ platform, how, command, code, stdout, stderr, cut }: SmokeRun): string {
  const ended = code === null ? 'ended by a signal or its time limit' : `exit code ${code}`;
  const lines = (name: string, text: string): string[] =>
    text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .slice(0, MOST_LINES)
          .map((line) => `  ${name} ${line}`);
  const output = [...lines('out', stdout), ...lines('err', stderr)];
  const more = cut || stdout.split('\n').length > MOST_LINES + 1 ? ['  (more was printed)'] : [];
  return table([
    [`started ${command.join(' ')} (${platform}) ${how}: ${ended}`],
    ...[...output, ...more].map((line) => [line]),
  ]);
}

const MOST_LINES = 20;
