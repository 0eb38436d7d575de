/**
 * Many conversations at once, for a long time, while whatever can go wrong goes wrong: aborts, sessions that are destroyed, users that are
 * replaced, cleared or withdraw consent, runs that fail, a device that is lost. Each text that comes must be the one that an undisturbed
 * session wrote before; each error must be one that was caused.
 */
import { E2PError } from '../error.ts';
import type { Session } from '../generate/session.ts';
import { INJECTED } from './faulty-runtime.ts';

export interface SoakWorld {
  /** Personalised where a user is set. */
  createSession(options: { readonly personalise: boolean }): Promise<Session>;
  /** Sets one of the users. */
  setUser(index: number): Promise<unknown>;
  readonly users: number;
  readonly prompts: readonly string[];
  /** Ways to let go of the user who is set, with the code that sessions then tell and what the message has. */
  readonly endings: readonly {
    readonly code: string;
    readonly message?: string;
    readonly end: () => Promise<unknown>;
  }[];
}

export interface SoakOptions {
  readonly seconds: number;
  readonly random: () => number;
  /** The expected texts are known; now things may break. */
  readonly onReady?: () => unknown;
}

export interface SoakReport {
  readonly seconds: number;
  /** Texts that were compared. */
  readonly right: number;
  readonly wrong: number;
  /** Calls that an abort of ours ended, and how long it took at most, ms. */
  readonly aborted: number;
  readonly slowestAbortMs: number;
  /** Calls that failed with a code that was caused → how many. */
  readonly failed: Readonly<Record<string, number>>;
  /** Anything else that failed. */
  readonly unexpected: readonly string[];
}

const CONVERSATIONS = 6;
const TOKENS = 16;
const USER_LASTS_MS = 700;
/** Who then still waits will for ever. */
const PATIENCE_MS = 60_000;
const GREEDY = { temperature: 0, maxTokens: TOKENS } as const;

export async function soak(world: SoakWorld, { seconds, random, onReady }: SoakOptions): Promise<SoakReport> {
  const pick = (count: number) => Math.floor(random() * count);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const expected = await expectedTexts(world);
  const failed: Record<string, number> = {};
  const unexpected: string[] = [];
  const waiting = new Set<string>();
  let [right, wrong, aborted, slowestAbortMs] = [0, 0, 0, 0];
  let user = 0;
  await world.setUser(user);
  await onReady?.();
  /** A session is made for the user who is set, while none is being set. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const started = performance.now();
  const isOver = () => performance.now() - started > 1000 * seconds;

  async function changeUsers(): Promise<void> {
    while (!isOver()) {
      await pause(USER_LASTS_MS * 2 * random());
      await inTurn(async () => {
        const way = pick(world.endings.length + 1);
        await world.endings[way]?.end();
        user = pick(world.users);
        await world.setUser(user);
      });
    }
  }

  async function converse(): Promise<void> {
    while (!isOver()) {
      const personalise = random() < 0.8;
      const [session, whose] = await inTurn(async () => [
        await world.createSession({ personalise }),
        personalise ? user : undefined,
      ]);
      const said: number[] = [];
      for (let turns = 1 + pick(2); turns > 0 && said.length < 2; turns--) {
        const prompt = pick(world.prompts.length);
        if (await ask(session, whose, [...said, prompt])) said.push(prompt);
      }
      if (random() < 0.2) {
        const clone = await session.clone().catch(note);
        if (clone !== undefined && said.length < 2)
          await ask(clone, whose, [...said, pick(world.prompts.length)]);
        await clone?.destroy();
      }
      await session.destroy();
    }
  }

  /** @returns whether it was answered */
  async function ask(session: Session, whose: number | undefined, said: readonly number[]): Promise<boolean> {
    const controller = new AbortController();
    const fate = random();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let abortedAt = 0;
    if (fate < 0.3) {
      timer = setTimeout(() => {
        abortedAt = performance.now();
        controller.abort();
      }, 150 * random());
    } else if (fate < 0.35) timer = setTimeout(() => void session.destroy(), 100 * random());
    const pieces: string[] = [];
    const key = keyOf(whose, said);
    waiting.add(key);
    try {
      const text = await session.prompt(world.prompts[said.at(-1)!]!, {
        ...GREEDY,
        signal: controller.signal,
        onText: (piece) => pieces.push(piece),
      });
      const shown = pieces.join('');
      // An abort that comes too late to end the call keeps the rest from being shown.
      const isShown = shown === text || (controller.signal.aborted && text.startsWith(shown));
      const isRight = text === expected.get(key) && isShown;
      if (isRight) right++;
      else {
        wrong++;
        const what = isShown ? 'another text' : 'pieces of another text';
        const others = [...expected].flatMap(([key, other]) => (other === text ? [key] : []));
        unexpected.push(`${what} for ${key}, which is that of ${others.join(' or ') || 'none'}`);
      }
      return true;
    } catch (error) {
      if (error === controller.signal.reason) {
        aborted++;
        slowestAbortMs = Math.max(slowestAbortMs, performance.now() - abortedAt);
      } else note(error);
      return false;
    } finally {
      clearTimeout(timer);
      waiting.delete(key);
    }
  }

  function note(error: unknown): undefined {
    const { code = 'none', message } = error as E2PError;
    const caused = [
      ...['destroyed', 'user-replaced'].map((each) => ({ code: each, message: '' })),
      // A lost device is never told: another goes on.
      { code: 'runtime-failed', message: INJECTED },
      ...world.endings,
    ];
    const isCaused = caused.some((each) => each.code === code && message.includes(each.message ?? ''));
    if (error instanceof E2PError && isCaused) {
      failed[code] = (failed[code] ?? 0) + 1;
    } else unexpected.push(`${code}: ${message}`);
  }

  let late: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<void>((resolve) => {
    late = setTimeout(resolve, 1000 * seconds + PATIENCE_MS);
  }).then(() => {
    const left = [...waiting].join(' and ') || 'nothing';
    unexpected.push(`not ended after ${PATIENCE_MS / 1000} s more; what is unanswered: ${left}`);
  });
  await Promise.race([
    isLate,
    Promise.all([changeUsers(), ...Array.from({ length: CONVERSATIONS }, converse)]),
  ]).finally(() => clearTimeout(late));
  return { seconds, right, wrong, aborted, slowestAbortMs: Math.round(slowestAbortMs), failed, unexpected };
}

const keyOf = (user: number | undefined, said: readonly number[]) => `${user}: ${said.join(', ')}`;

/** Of conversations of up to two turns. */
async function expectedTexts(world: SoakWorld): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (let index = -1; index < world.users; index++) {
    const user = index < 0 ? undefined : index;
    if (user !== undefined) await world.setUser(user);
    for (const [first, prompt] of world.prompts.entries()) {
      const session = await world.createSession({ personalise: user !== undefined });
      texts.set(keyOf(user, [first]), await session.prompt(prompt, GREEDY));
      for (const [second, other] of world.prompts.entries()) {
        const clone = await session.clone();
        texts.set(keyOf(user, [first, second]), await clone.prompt(other, GREEDY));
        await clone.destroy();
      }
      await session.destroy();
    }
  }
  return texts;
}
