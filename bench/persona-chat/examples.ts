/** Dialogues as chats to pretrain on, and as examples of users. */
import type { ChatMessage } from '../../src/model/text-codec.ts';
import type { Example } from '../../src/train/training-data.ts';
import type { Random } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { People } from '../study.ts';
import type { Speaker } from './dialogues.ts';
import { meanVector } from './encode.ts';

/** Turns before the one that is to be said. */
const CONTEXT_TURNS = 3;
/** In a chat to pretrain on; consecutive ones share half. */
const WINDOW_TURNS = 8;

/** From this speaker's side: what they say is the assistant's. */
const messagesOf = ({ dialogue, who }: Speaker): ChatMessage[] =>
  dialogue.turns.map(({ speaker, text }) => ({
    role: speaker === who ? ('assistant' as const) : ('user' as const),
    content: text,
  }));

export const personaText = (speaker: Speaker): string => speaker.persona.join(' ');

/** Windows of each dialogue, every other one behind the persona as text. */
export function pretrainingChats(speakers: readonly Speaker[], passes: number, random: Random): Message[][] {
  const chats: Message[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    for (const speaker of speakers) {
      const messages = messagesOf(speaker);
      for (let from = 0; from < messages.length; from += WINDOW_TURNS / 2) {
        const window = messages.slice(from, from + WINDOW_TURNS);
        if (!window.some((m) => m.role === 'assistant')) continue;
        const persona = { role: 'system' as const, content: personaText(speaker) };
        chats.push(random.next() < 0.5 ? [persona, ...window] : window);
      }
    }
  }
  return chats;
}

/** Each speaker's turns, at most `most` of one speaker, with what was said before. */
export function examplesOf(
  speakers: readonly Speaker[],
  vectors: ReadonlyMap<string, Float32Array>,
  most: number,
  random: Random,
): People {
  const rows = new Map<string, Float32Array>();
  const examples: Example[] = [];
  for (const speaker of speakers) {
    const { dialogue, who, group, persona } = speaker;
    const user = `${dialogue.id}.${who}`;
    rows.set(user, meanVector(persona.map((sentence) => vectors.get(sentence)!)));
    const messages = messagesOf(speaker);
    const own = [...messages.keys()].filter((at) => at > 0 && messages[at]!.role === 'assistant');
    for (const at of random.shuffled(own).slice(0, most)) {
      examples.push({
        ...{ user, group, line: examples.length + 1, persona: personaText(speaker) },
        messages: messages.slice(Math.max(0, at - CONTEXT_TURNS), at),
        target: messages[at]!.content,
      });
    }
  }
  return { users: { rows, dim: rows.values().next().value!.length }, examples };
}
