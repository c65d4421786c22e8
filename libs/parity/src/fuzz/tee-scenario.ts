import type { FeedStep, Scenario } from '../model/scenario.ts';
import type { TextFinding } from './fuzz-text.ts';
import type { PackageDraw } from './package-draw.ts';
import { packageScenario } from './package-scenario.ts';
import type { Found } from './search-cases.ts';
import type { TeeCase } from './tee-case.ts';

/** Bytes that a pipe takes at once. */
const AT_ONCE = 65_536;

/**
 * The ordinary scenario of a text that was found: a package with one step that hands over the same pieces. Its clock stands
 * still at the time of the first piece; a difference that hangs on several times is not in it.
 */
export function foundText(
  { seed, path, value, finding }: Found<TeeCase, TextFinding>,
  { clocks }: { clocks: boolean },
): Scenario {
  const fd = value.label === '[out]' ? 1 : 2;
  const feed = value.reads.flatMap(({ bytes }) =>
    piecesOf(bytes).flatMap((piece): FeedStep[] => [{ kind: 'write', fd, bytes: piece }, { kind: 'idle' }]),
  );
  const draw: PackageDraw = {
    modes: ['apply'],
    steps: [
      {
        feed,
        arguments: [],
        returncodes: [0],
        idempotence: false,
        upgrade: false,
        env: {},
        mode: '0755',
        flagged: false,
      },
    ],
    settings: { SKYHOOK_AGENT_BUFFER_LIMIT: String(value.limit) },
    clock: clocks ? instant(value.reads[0]?.micros) : undefined,
    umask: '0022',
    history: undefined,
    remains: [],
    action: undefined,
    streams: 'apart',
  };
  return packageScenario(draw, {
    id: `generated/text-${seed}`,
    why: `Generated (text, seed ${seed}${path === '' ? '' : `, path ${path}`}): ${finding.message}.`,
    tags: ['generated', `seed-${seed}`, ...(path === '' ? [] : [`path-${path.replaceAll(':', '.')}`])],
  });
}

function piecesOf(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / AT_ONCE);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * AT_ONCE, (i + 1) * AT_ONCE));
}

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`. */
function instant(micros: number | undefined): string | undefined {
  if (micros === undefined) return undefined;
  const text = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = micros % 1_000_000;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}
