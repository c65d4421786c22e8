import {
  type Html,
  type HtmlRow,
  htmlFacts,
  htmlOutput,
  htmlPage,
  htmlSection,
  htmlTable,
  htmlText,
  htmlTree,
} from '@baton/report';
import { platformNode, RESULT_WORDS, verdictCounts } from './report-verification.ts';
import type { ImageCheck, SmokeRun, Verification } from './types.ts';

const STATES: Readonly<Record<ImageCheck['result'], HtmlRow['state']>> = {
  passed: 'good',
  failed: 'bad',
  noted: 'note',
  pending: 'open',
};

/** What is read first comes first: what is wrong, what is open, what is to be known. */
const ORDER: readonly ImageCheck['result'][] = ['failed', 'pending', 'noted', 'passed'];

/** A verification as one page. */
export function verificationPage(verification: Verification): string {
  const { image, index, platforms, checks, run, verdict } = verification;
  const sorted = ORDER.flatMap((wanted) => checks.filter(({ result }) => result === wanted));
  return htmlPage({
    title: image,
    kind: 'Image verification',
    verdict: {
      state: verdict === 'failed' ? 'bad' : checks.some(({ result }) => result === 'pending') ? 'open' : 'good',
      word: verdict === 'failed' ? 'Not verified' : 'Verified',
      text: verdictCounts(checks),
    },
    parts: [
      htmlSection(
        'Image',
        htmlFacts([
          ['Digest', index.digest],
          ...(index.mediaType === undefined ? [] : [['Media type', index.mediaType] as const]),
          ['Platforms', platforms.map(({ platform }) => platform).join(', ') || 'none'],
          ...platforms.map(({ platform, manifest }) => [platform, manifest.digest] as const),
        ]),
      ),
      htmlSection('Checks', htmlTable(['Platform', 'Check', 'Found'], sorted.map(checkRow))),
      ...(run === undefined ? [] : [runSection(run)]),
      htmlSection('Contents', htmlTree(platforms.map(platformNode), 1)),
    ],
  });
}

function checkRow({ id, platform, result, detail }: ImageCheck): HtmlRow {
  return { state: STATES[result], word: RESULT_WORDS[result], cells: [platform ?? 'image', id, detail] };
}

function runSection({ platform, how, command, code, stdout, stderr, cut }: SmokeRun): Html {
  return htmlSection(
    'Start',
    htmlFacts([
      ['Command', command.join(' ')],
      ['Platform', platform],
      ['How', how],
      ['Ended', code === null ? 'by a signal or its time limit' : `with exit code ${code}`],
    ]),
    ...(stdout === '' ? [] : [htmlOutput('Standard output', stdout)]),
    ...(stderr === '' ? [] : [htmlOutput('Standard error', stderr)]),
    ...(stdout === '' && stderr === '' ? [htmlText('It printed nothing.')] : []),
    ...(cut ? [htmlText('More was printed than is kept here.')] : []),
  );
}
