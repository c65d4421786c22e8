/** How progress is drawn: lines, a live area on a terminal, JSON lines, or not at all. */
export type ReportMode = 'plain' | 'terminal' | 'json' | 'quiet';

/** What decides how progress is drawn. */
export interface ModeFacts {
  /** `--json` was given. */
  json?: boolean | undefined;
  /** The stream that progress goes to is a terminal that understands cursor codes. */
  isTty?: boolean | undefined;
  /** A continuous integration service runs this: its log keeps every line. */
  ci?: boolean | undefined;
  quiet?: boolean | undefined;
  /** NO_COLOR or `--no-color`: no escape codes at all, so no cursor codes either. */
  noColor?: boolean | undefined;
}

/** Chooses how to draw: `--json` beats `--quiet`, and the live area needs a terminal that may be sent escape codes. */
export function chooseMode(facts: ModeFacts): ReportMode {
  if (facts.json === true) return 'json';
  if (facts.quiet === true) return 'quiet';
  return facts.isTty === true && facts.ci !== true && facts.noColor !== true ? 'terminal' : 'plain';
}
