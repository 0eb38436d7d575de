/**
 * Does knowing a person help to foretell what they say in a dialogue? Nothing of the projector was trained or chosen on dialogues. Two
 * ways to ask, chosen on validation dialogues by what *text* does there: the LLM drafts the person's next message, which is what the
 * words of the slot are made for; or it plays the person, which is what such data is usually measured by.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapMean, type Interval, pairedDifference } from '../../../src/evaluate/index.ts';
import { encodeText } from '../../../src/generate/prompt.ts';
import type { ChatMessage } from '../../../src/node.ts';
import { seededRandom } from '../../world/random.ts';
import { inSlots, NEUTRAL, nobody, softTokensOf, withSoft } from '../conditions.ts';
import { drawTurns, type Turn } from './dialogue-turns.ts';
import { meanOf, SEED, type Setting } from './setting.ts';

export interface DialogueRow {
  readonly name: string;
  /** Nats per token of the turns, over dialogues. */
  readonly nll: Interval;
  readonly minusOwn: Interval | undefined;
  /** Tokens that the prompt has more than the bare one. */
  readonly moreTokens: number;
}

export interface DialogueWay {
  readonly name: 'draft' | 'play';
  readonly rows: readonly DialogueRow[];
  /** Own soft tokens minus these, among turns that share a content word with the lines, and among the others. */
  readonly bySharing: readonly {
    readonly shares: boolean;
    readonly turns: number;
    readonly minus: readonly { readonly name: string; readonly difference: Interval }[];
  }[];
  /** Minus nobody: own soft tokens, and own text in the place where it does most. */
  readonly gain: { readonly soft: Interval; readonly text: Interval; readonly textName: string };
}

export interface DialogueReport {
  readonly turns: number;
  readonly tokens: number;
  readonly ways: readonly DialogueWay[];
}

type Messages = readonly ChatMessage[];

/** The bare conversation, and words in it as soft tokens stand there. */
interface Way {
  readonly name: DialogueWay['name'];
  bare(turn: Turn): Messages;
  /** The words that introduce lines in the system message. */
  readonly system: string;
}

const WAYS: readonly Way[] = [
  {
    name: 'draft',
    bare: ({ before }) => {
      const chat = before.map(({ own, text }) => `${own ? 'Me' : 'Friend'}: ${text}`);
      return [{ role: 'user', content: ['This is a chat.', ...chat, 'Write what I say next.'].join('\n') }];
    },
    system: 'You are a helpful assistant. The user says about themselves:',
  },
  {
    name: 'play',
    bare: ({ before }) =>
      before.map(({ own, text }) => ({ role: own ? 'assistant' : 'user', content: text })),
    system: 'You are a person in a chat. About you:',
  },
];

const OWN = 'own soft tokens';
const OTHERS = "somebody else's soft tokens";
const MEAN = 'mean soft token';
const CONSTANT = 'constant soft token, trained on the answers';
const NOBODY = 'nobody';

/** @returns undefined where the dialogues are not there */
export async function measureDialogue(setting: Setting, folder: string): Promise<DialogueReport | undefined> {
  if (!existsSync(join(folder, 'test.jsonl'))) return undefined;
  const { model, encoder, sizes } = setting;
  const turns = drawTurns(folder, setting.split === 'test' ? 'test' : 'valid', sizes.turns, SEED);
  const vectors = new Map<Turn, Float32Array>();
  for (const turn of turns) vectors.set(turn, await encoder.encode(turn.lines));
  const ways: DialogueWay[] = [];
  for (const way of WAYS) ways.push(await measureWay(setting, way, turns, vectors));
  const tokens = turns.reduce((sum, { text }) => sum + encodeText(model, text).length, 0);
  return { turns: turns.length, tokens, ways };
}

async function measureWay(
  { model, told, constant, asker }: Setting,
  way: Way,
  turns: readonly Turn[],
  vectors: ReadonlyMap<Turn, Float32Array>,
): Promise<DialogueWay> {
  // Turns are of groups that share no line, so that the next one is of somebody else.
  const mixed = seededRandom(SEED, 'others').shuffled(turns);
  const others = new Map(mixed.map((turn, i) => [turn, mixed[(i + 1) % mixed.length]!]));
  const soft = (turn: Turn, of: Turn | undefined) =>
    withSoft(told, way.bare(turn), softTokensOf(told, of && vectors.get(of)));
  const inSystem = (turn: Turn, of: Turn) =>
    nobody(model, [{ role: 'system', content: `${way.system} ${of.lines.join(' ')}` }, ...way.bare(turn)]);
  const conditions: Readonly<Record<string, (turn: Turn) => ReturnType<typeof nobody>>> = {
    [OWN]: (t) => soft(t, t),
    [OTHERS]: (t) => soft(t, others.get(t)!),
    [MEAN]: (t) => soft(t, undefined),
    ...(constant && {
      [CONSTANT]: (t: Turn) => withSoft(constant, way.bare(t), softTokensOf(constant, undefined)),
    }),
    [NOBODY]: (t) => nobody(model, way.bare(t)),
    [`"${NEUTRAL}", the slot's places`]: (t) => inSlots(told, way.bare(t), NEUTRAL),
    'own text, system message': (t) => inSystem(t, t),
    "somebody else's text, system message": (t) => inSystem(t, others.get(t)!),
    'own text, after the last message': (t) =>
      nobody(model, lastBehind(way.bare(t), ` ${t.lines.join(' ')}`)),
    "own text, the slot's places": (t) => inSlots(told, way.bare(t), t.lines.join(' ')),
  };
  const nats = new Map<string, readonly number[]>();
  const lengths = new Map<string, number>();
  for (const [name, prompt] of Object.entries(conditions)) {
    const runs = turns.map(prompt);
    const found: number[] = [];
    for (const [i, run] of runs.entries()) found.push(await asker.nll(run, turns[i]!.text));
    nats.set(name, found);
    lengths.set(name, meanOf(runs.map(({ ids }) => ids.length)));
    console.log(`dialogue, ${way.name}, ${name}: ${meanOf(found).toFixed(3)} nats per token`);
  }
  const weights = turns.map(({ text }) => encodeText(model, text).length);
  const all = [...turns.keys()];
  const minus = (a: string, b: string, at = all) =>
    pairedDifference(
      at.map((i) => nats.get(a)![i]!),
      at.map((i) => nats.get(b)![i]!),
      at.map((i) => weights[i]!),
    );
  const names = Object.keys(conditions);
  const texts = names.filter((name) => name.startsWith('own text'));
  const textName = texts.reduce((best, name) =>
    minus(name, NOBODY).mean < minus(best, NOBODY).mean ? name : best,
  );
  return {
    name: way.name,
    rows: names.map((name) => ({
      name,
      nll: bootstrapMean(nats.get(name)!, weights),
      minusOwn: name === OWN ? undefined : minus(name, OWN),
      moreTokens: lengths.get(name)! - lengths.get(NOBODY)!,
    })),
    bySharing: [true, false].map((shares) => {
      const at = all.filter((i) => turns[i]!.isAboutLines === shares);
      const against = [NOBODY, OTHERS, MEAN, ...(constant ? [CONSTANT] : [])].map((name) => ({
        name,
        difference: minus(OWN, name, at),
      }));
      return { shares, turns: at.length, minus: at.length === 0 ? [] : against };
    }),
    gain: { soft: minus(OWN, NOBODY), text: minus(textName, NOBODY), textName },
  };
}

const lastBehind = (messages: Messages, words: string): Messages =>
  messages.map((m, i) => (i === messages.length - 1 ? { ...m, content: m.content + words } : m));
