/**
 * Synthetic-Persona-Chat (Jandaghi et al., arXiv 2312.10007; CC BY 4.0), as the JSON lines that lie beside the checkout: speakers with a
 * persona of a few sentences. Personas that share any sentence are one group: a random split would have every persona of the test in training too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../tools/world/random.ts';

export interface Dialogue {
  readonly id: string;
  /** Of speaker 0 and 1. */
  readonly personas: readonly (readonly string[])[];
  readonly turns: readonly { readonly speaker: 0 | 1; readonly text: string }[];
}

/** One side of a dialogue. */
export interface Speaker {
  readonly dialogue: Dialogue;
  readonly who: 0 | 1;
  readonly persona: readonly string[];
  readonly group: string;
}

export function readDialogues(folder: string): Dialogue[] {
  return ['valid.jsonl', 'test.jsonl'].flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path))
      throw new Error(`${path} is not there, expected Synthetic-Persona-Chat as JSON lines`);
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Dialogue);
  });
}

export function speakersOf(dialogues: readonly Dialogue[]): Speaker[] {
  const groupOf = groupBySentences(dialogues.flatMap((d) => d.personas));
  return dialogues.flatMap((dialogue) =>
    ([0, 1] as const).map((who) => {
      const persona = dialogue.personas[who]!;
      return { dialogue, who, persona, group: groupOf(persona) };
    }),
  );
}

/** Names the group of a persona: whoever shares a sentence, also by way of others, is in one. */
function groupBySentences(personas: readonly (readonly string[])[]): (persona: readonly string[]) => string {
  const parent = new Map<string, string>();
  const root = (sentence: string): string => {
    const up = parent.get(sentence) ?? sentence;
    if (up === sentence) return sentence;
    const top = root(up);
    parent.set(sentence, top);
    return top;
  };
  for (const [first, ...rest] of personas) for (const other of rest) parent.set(root(other), root(first!));
  return ([first]) => root(first!);
}

export interface SplitSpeakers {
  /** Their dialogues make the base model, without anybody's embedding. */
  readonly pretrain: readonly Speaker[];
  readonly train: readonly Speaker[];
  readonly validation: readonly Speaker[];
  readonly test: readonly Speaker[];
}

/**
 * By group, at random: 40 % for the base model, 35 % for the projector, 5 % to stop by, 20 % to test. The two sides of a dialogue may fall into
 * different parts; what a side is trained on is its own turns, with the other's as context.
 */
export function splitSpeakers(speakers: readonly Speaker[], seed: number): SplitSpeakers {
  const random = seededRandom(seed, 'groups');
  const groups = random.shuffled([...new Set(speakers.map((s) => s.group))]);
  const part = new Map(groups.map((group, i) => [group, i / groups.length]));
  const between = (from: number, to: number) =>
    speakers.filter(({ group }) => part.get(group)! >= from && part.get(group)! < to);
  return {
    pretrain: between(0, 0.4),
    train: between(0.4, 0.75),
    validation: between(0.75, 0.8),
    test: between(0.8, 1),
  };
}
