/** Dialogues as chats to pretrain on, and as examples of users. */
import type { ChatMessage } from '../../src/node.ts';
import type { Example } from '../../src/train.ts';
import type { Random } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { People } from '../study.ts';
import type { Speaker } from './dialogues.ts';
import { ENCODER_DIM, meanVector } from './encode.ts';

/** Turns before the one that is to be said. */
const CONTEXT_TURNS = 1;
/** In a chat to pretrain on; consecutive ones share half. */
const WINDOW_TURNS = 8;

/** From this speaker's side: what they say is the assistant's. */
const messagesOf = ({ dialogue, who }: Speaker): ChatMessage[] =>
  dialogue.turns.map(({ speaker, text }) => ({
    role: speaker === who ? ('assistant' as const) : ('user' as const),
    content: text,
  }));

export const personaText = (speaker: Speaker): string => speaker.persona.join(' ');

/**
 * Windows of each dialogue, three of four behind something that is known of the speaker as text: their persona, or, since there are few personas, some of
 * what they tell in this very window among sentences of the persona. (With personas alone 70 of them are learned by heart, and a new one, as text
 * or as soft token, changes next to nothing. Tried.)
 */
export function pretrainingChats(speakers: readonly Speaker[], passes: number, random: Random): Message[][] {
  const chats: Message[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    for (const speaker of speakers) {
      const messages = messagesOf(speaker);
      for (let from = 0; from < messages.length; from += WINDOW_TURNS / 2) {
        const window = messages.slice(from, from + WINDOW_TURNS);
        const own = window.filter((m) => m.role === 'assistant').map((m) => m.content);
        if (own.length === 0) continue;
        const kind = random.next();
        const told = own.filter((text) => isStatement(text) && random.next() < 0.6);
        const some = random.shuffled(speaker.persona).slice(0, random.below(speaker.persona.length + 1));
        const known = kind < 0.5 ? random.shuffled([...told, ...some]) : kind < 0.75 ? speaker.persona : [];
        const system = { role: 'system' as const, content: known.join(' ') };
        chats.push(known.length > 0 ? [system, ...window] : window);
      }
    }
  }
  return chats;
}

type Vectors = ReadonlyMap<string, Float32Array>;

/** Turns of one's own that answer something. */
const repliesOf = (messages: readonly ChatMessage[]): number[] =>
  [...messages.keys()].filter((at) => at > 0 && messages[at]!.role === 'assistant');

const reply = (messages: readonly ChatMessage[], at: number) => ({
  messages: messages.slice(Math.max(0, at - CONTEXT_TURNS), at),
  target: messages[at]!.content,
});

/** Each speaker's turns, at most `most` of one speaker, with what was said before. */
export function examplesOf(
  speakers: readonly Speaker[],
  vectors: Vectors,
  most: number,
  random: Random,
): People {
  const rows = new Map<string, Float32Array>();
  const examples: Example[] = [];
  for (const speaker of speakers) {
    const { group, persona } = speaker;
    const user = userOf(speaker);
    rows.set(user, meanVector(persona.map((sentence) => vectors.get(sentence)!)));
    const messages = messagesOf(speaker);
    for (const at of random.shuffled(repliesOf(messages)).slice(0, most)) {
      examples.push({
        ...{ user, group, line: examples.length + 1, persona: personaText(speaker) },
        ...reply(messages, at),
      });
    }
  }
  return peopleOf(rows, examples);
}

/** Something that a speaker told of themselves. */
export interface Statement {
  readonly speaker: Speaker;
  /** Index of the turn. */
  readonly at: number;
  readonly text: string;
}

/** At most `most` of each speaker. */
export function statementsOf(speakers: readonly Speaker[], most: number, random: Random): Statement[] {
  return speakers.flatMap((speaker) => {
    const messages = messagesOf(speaker);
    const told = repliesOf(messages).filter((at) => isStatement(messages[at]!.content));
    const chosen = random.shuffled(told).slice(0, most);
    return chosen.map((at) => ({ speaker, at, text: messages[at]!.content }));
  });
}

const isStatement = (text: string): boolean => /\b(I|my)\b/i.test(text) && !text.includes('?');

/**
 * More people to train on, since there are few personas: whoever made a statement is a user of whom that very statement is known, alone or with
 * a part of the persona, and says it. It teaches what an embedding means in words (as the pretraining of xRAG, Cheng et al., arXiv 2405.13792).
 */
export function statementExamples(
  statements: readonly Statement[],
  vectors: Vectors,
  random: Random,
): People {
  const rows = new Map<string, Float32Array>();
  const examples = statements.map(({ speaker, at, text }, i): Example => {
    const user = `${userOf(speaker)}.${at}`;
    const others = random.shuffled(speaker.persona).slice(0, random.below(speaker.persona.length + 1));
    const known = random.shuffled([text, ...others]);
    rows.set(user, meanVector(known.map((sentence) => vectors.get(sentence)!)));
    const facts = { user, group: speaker.group, line: i + 1, persona: known.join(' ') };
    return { ...facts, ...reply(messagesOf(speaker), at) };
  });
  return peopleOf(rows, examples);
}

const userOf = ({ dialogue, who }: Speaker): string => `${dialogue.id}.${who}`;

/** Without the few turns that go on from one's own: they answer nobody. */
const peopleOf = (rows: Map<string, Float32Array>, examples: readonly Example[]): People => ({
  users: { rows, dim: ENCODER_DIM },
  examples: examples.filter((e) => e.messages.at(-1)?.role === 'user'),
});

export const together = (a: People, b: People): People =>
  peopleOf(new Map([...a.users.rows, ...b.users.rows]), [...a.examples, ...b.examples]);
