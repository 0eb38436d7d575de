/**
 * The vault's exclusive lock where it lies in a folder: a file that names its holder, made only where there is none. Within a process a
 * queue comes first. The lock of a process that has died is removed; of another machine's (a shared folder) nobody here can know that.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { E2PError } from '../../error.ts';
import { createQueue, type Exclusive } from './exclusive.ts';

/** Longest wait for another process, in ms: a change takes some milliseconds. */
const PATIENCE_MS = 10_000;
/** Seconds by which the start of one process may seem to differ. */
const SAME_START_S = 3;

const queues = new Map<string, Exclusive>();

/** @param path absolute */
export function createFileLock(path: string, patienceMs = PATIENCE_MS): Exclusive {
  const queue = queues.get(path) ?? createQueue();
  queues.set(path, queue);
  return (task) =>
    queue(async () => {
      await take(path, patienceMs);
      try {
        return await task();
      } finally {
        await rm(path, { force: true });
      }
    });
}

/** @throws E2PError `storage-failed` where another one holds it for too long, or the folder can't be written. */
async function take(path: string, patienceMs: number): Promise<void> {
  const own = JSON.stringify({ pid: process.pid, start: startOf(), host: hostname(), id: randomUUID() });
  const until = Date.now() + patienceMs;
  while (!(await make(path, own))) {
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (await isDead(holder, path)) await removeOf(holder, path);
    else if (Date.now() > until) {
      const found = `is held by another process (${holder || 'unknown'}) for ${patienceMs / 1000} s`;
      throw new E2PError('storage-failed', `the vault's lock ${path} ${found}; delete it if that has ended`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 20));
  }
}

/** @returns whether there was no such file */
async function make(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new E2PError('storage-failed', `the vault's lock ${path} could not be made: ${code}`, { cause });
  }
}

/** Only whoever has the claim on a dead holder's lock removes it: a later one may be there by the time that another process looks. */
async function removeOf(holder: string, path: string): Promise<void> {
  const claim = `${path}.claim`;
  if (!(await make(claim, ''))) {
    const age = await ageOf(claim);
    if (age > PATIENCE_MS) await rm(claim, { force: true });
    return;
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === holder) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}

async function isDead(holder: string, path: string): Promise<boolean> {
  let found: { pid: number; start: number; host: string };
  try {
    found = JSON.parse(holder);
  } catch {
    // Between its making and its first word, or a process that died right there.
    return (await ageOf(path)) > PATIENCE_MS;
  }
  if (found.host !== hostname()) return false;
  // In a container that was started again everybody may have the same number as before.
  if (found.pid === process.pid) return Math.abs(found.start - startOf()) > SAME_START_S;
  try {
    process.kill(found.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Seconds after the machine's own start. */
const startOf = (): number => Math.round(uptime() - process.uptime());

const ageOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
