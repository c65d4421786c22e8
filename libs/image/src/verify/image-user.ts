import type { ImageTree, TreeFile } from './image-tree.ts';

/** Who runs the program, as the kernel sees it. */
export interface ImageUser {
  uid: number;
  /** The first is the one that new files get. */
  gids: number[];
  home: string;
}

/** The user of a config, or why it is nobody. */
export type UserLookup = { user: ImageUser; why?: undefined } | { user?: undefined; why: string; pending?: boolean };

/**
 * Finds the user that a config names (`user`, `uid`, each with `:group`) as engines do: names come from the image's own
 * /etc/passwd and /etc/group, a number needs neither.
 */
export function findUser(text: string, tree: ImageTree): UserLookup {
  const [name = '', group, ...rest] = text.split(':');
  if (rest.length > 0) return { why: `"${text}" is not user, uid, or one of them with :group` };
  const users = readTable(tree, '/etc/passwd', 7);
  const groups = readTable(tree, '/etc/group', 4);
  if (typeof users === 'string') return { why: users, pending: true };
  if (typeof groups === 'string') return { why: groups, pending: true };
  const wanted = name === '' ? '0' : name;
  const isNumber = /^\d{1,10}$/.test(wanted);
  const known =
    users.find((fields) => fields[0] === wanted) ?? users.find((fields) => isNumber && fields[2] === wanted);
  const uid = known === undefined ? (isNumber ? Number(wanted) : undefined) : numberOf(known[2]);
  if (uid === undefined) return { why: `the user "${wanted}" is not in /etc/passwd of the image` };
  if (uid > MOST_ID) return { why: `the user ${wanted} is more than ${MOST_ID}` };
  const home = known?.[5] === undefined || known[5] === '' ? '/' : known[5];
  if (group !== undefined) {
    const gid = /^\d{1,10}$/.test(group) ? Number(group) : numberOf(groups.find((fields) => fields[0] === group)?.[2]);
    if (gid === undefined) return { why: `the group "${group}" is not in /etc/group of the image` };
    return { user: { uid, gids: [gid], home } };
  }
  const login = known?.[0];
  const more = groups.filter((fields) => login !== undefined && (fields[3] ?? '').split(',').includes(login));
  const gids = [numberOf(known?.[3]) ?? 0, ...more.flatMap((fields) => numberOf(fields[2]) ?? [])];
  return { user: { uid, gids: [...new Set(gids)], home } };
}

/** The largest ID that Linux has. */
const MOST_ID = 4_294_967_294;

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function readTable(tree: ImageTree, path: string, columns: number): string[][] | string {
  const { found } = tree.look(path);
  if (found === undefined || found.header.size < 2) return [];
  if (found.facts?.kind !== 'text') return `${path} of the image could not be read: it is larger than 64 kB or no text`;
  return found.facts.text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= Math.min(columns, 4));
}

/** Why a user may not run a file, or undefined when nothing is in the way: each directory above it counts as well. */
export function refusalToRun(file: TreeFile, tree: ImageTree, user: ImageUser): string | undefined {
  for (const directory of tree.above(file.path)) {
    if (!mayExecute(directory, user, true)) return `${shown(directory)} may not be entered by ${named(user)}`;
  }
  if (file.header.type !== 'file') return `${file.path} is a ${file.header.type}`;
  if (mayExecute(file, user, false)) return undefined;
  return `${shown(file)} may not be executed by ${named(user)}`;
}

// Root needs no permission to enter a directory, and any one to execute a file (capabilities(7), CAP_DAC_OVERRIDE).
function mayExecute({ header }: TreeFile, user: ImageUser, isDirectory: boolean): boolean {
  if (user.uid === 0) return isDirectory || (header.mode & 0o111) !== 0;
  if (header.uid === user.uid) return (header.mode & 0o100) !== 0;
  if (user.gids.includes(header.gid)) return (header.mode & 0o010) !== 0;
  return (header.mode & 0o001) !== 0;
}

function shown({ path, header }: TreeFile): string {
  return `${path} (mode ${header.mode.toString(8).padStart(4, '0')}, owner ${header.uid}:${header.gid})`;
}

/** The user as messages name it. */
export function named(user: ImageUser): string {
  return `user ${user.uid}, group ${user.gids.join(', ')}`;
}
