/** What doctor found out about one thing that Baton may use. */
export interface Finding {
  /** A stable name, for `--json`. */
  id: string;
  /** What a person reads: 'Git'. */
  title: string;
  /** 'limited': it is there and something about it needs to be known. */
  state: 'here' | 'limited' | 'missing';
  /** Version, place, or what is wrong. */
  detail: string;
  /** What its lack, or its limit, costs: one sentence. Absent when all is well. */
  cost?: string;
  /** Why the manifest at hand cannot do without it; absent when it can. */
  neededFor?: string;
}

/** What every check is given. */
export interface DoctorIo {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  cacheDir: string;
}
