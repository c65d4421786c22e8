import { fitText, type Html, html } from '@baton/report';
import type { ScenarioVerdict, TimelineEvent } from '../model/verdict.ts';

/** Events that a lane draws; the others are counted. */
const MAX_EVENTS = 200;
/** Events that are told in words. */
const MAX_TOLD = 60;
/** Pixels. */
const LANE = 40;
const MARKS: Readonly<Record<TimelineEvent['kind'], { path: string; word: string }>> = {
  begin: { path: 'M-1.5 -8V8H1.5V-8Z', word: 'begin' },
  chunk: { path: 'M-.75 -6V6H.75V-6Z', word: 'chunk' },
  file: { path: 'M-5 -5H5V5H-5Z', word: 'file' },
  signal: { path: 'M0 -7L6 5H-6Z', word: 'signal' },
  end: { path: 'M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z', word: 'end' },
};

/**
 * What happened when, drawn: a lane for OLD and one for NEW in each run, all on one scale. The same in words stands below
 * it. Undefined when nothing is known.
 */
export function timelineHtml({ timeline, divergences }: ScenarioVerdict): Html | undefined {
  if (timeline.length === 0) return undefined;
  const runs = [...new Set(timeline.map(({ run }) => run))].sort((a, b) => a - b);
  const last = Math.max(0.001, ...timeline.map(({ seconds }) => seconds));
  const lanes = runs.flatMap((run) =>
    (['old', 'new'] as const).flatMap((side) => {
      const events = timeline.filter((event) => event.run === run && event.side === side);
      const diverged = divergences.some(({ channel }) => channel.startsWith(`run${run}/`));
      return events.length === 0 ? [] : [{ run, side, events, diverged }];
    }),
  );
  const drawn = lanes.map((lane, index) => laneSvg(lane, index * LANE, last));
  const height = lanes.length * LANE + 20;
  const told = [...timeline].sort((a, b) => a.run - b.run || a.seconds - b.seconds).slice(0, MAX_TOLD);
  const words = told.map(
    ({ run, side, kind, seconds, text }) =>
      html`<li>${seconds.toFixed(3)} s, run ${run}, ${side.toUpperCase()}: ${MARKS[kind].word} ${fitText(text, 200)}</li>
`,
  );
  const more = timeline.length > told.length ? html`<li>and ${timeline.length - told.length} more</li>` : undefined;
  return html`<div class="timeline"><svg width="100%" height="${height}" role="img" aria-label="Timeline, told in words below">
${drawn}<text x="1%" y="${height - 4}">0 s</text><text x="99%" y="${height - 4}" text-anchor="end">${last.toFixed(3)} s</text></svg>
<details><summary>Timeline in words</summary><ol>${words}${more}</ol></details></div>
`;
}

interface Lane {
  run: number;
  side: 'old' | 'new';
  events: readonly TimelineEvent[];
  diverged: boolean;
}

function laneSvg({ run, side, events, diverged }: Lane, top: number, last: number): Html {
  const end = events.find(({ kind }) => kind === 'end');
  const left = events.length > MAX_EVENTS ? `, ${events.length - MAX_EVENTS} events not drawn` : '';
  const told = end === undefined ? '' : `: ${fitText(end.text, 24)}, ${end.seconds.toFixed(3)} s`;
  const title = `run ${run} ${side.toUpperCase()}${told}${left}`;
  const middle = top + 28;
  const x = (seconds: number): string => `${(1.5 + (97 * Math.max(0, seconds)) / last).toFixed(2)}%`;
  const marks = events.slice(0, MAX_EVENTS).map(
    ({ kind, seconds, text }) =>
      html`<svg x="${x(seconds)}" y="${middle}" overflow="visible" class="${kind}"><path d="${MARKS[kind].path}"><title>${seconds.toFixed(3)} s, ${MARKS[kind].word}: ${fitText(text, 120)}</title></path></svg>
`,
  );
  const until = end === undefined ? last : end.seconds;
  return html`<g class="${side}${diverged ? ' diverged' : ''}"><text x="1%" y="${top + 13}">${title}${diverged ? ' ✗' : ''}</text>
<line x1="${x(0)}" x2="${x(until)}" y1="${middle}" y2="${middle}"/>
${marks}</g>
`;
}

/** What the signs of a timeline mean. */
export function timelineLegend(): Html {
  const items = (Object.keys(MARKS) as TimelineEvent['kind'][]).map(
    (kind) =>
      html`<span><svg width="16" height="18"><svg x="8" y="9" overflow="visible" class="${kind}"><path d="${MARKS[kind].path}"/></svg></svg> ${MARKS[kind].word}</span> `,
  );
  return html`<p class="legend timeline">Timelines: ${items}</p>
`;
}
