/** Measures of one condition: what was answered, judged; how likely given texts are; what a prompt costs. */
import type { Decoder, TokenRun } from '../../src/generate/decoder.ts';
import { encodeText } from '../../src/generate/prompt.ts';
import type { Interest } from './data/interest.ts';
import { isAbout, loops, names, refuses } from './data/judge.ts';
import type { Person } from './data/people.ts';

/** One answer to one person's question. */
export interface Judged {
  readonly text: string;
  /** It names one of the person's interests. */
  readonly followed: boolean;
  /** By the stricter judge: it is about one of them. */
  readonly about: boolean;
  readonly refused: boolean;
  readonly looped: boolean;
}

export function judge(person: Pick<Person, 'interests' | 'lines'>, text: string): Judged {
  const any = (test: (interest: Interest) => boolean) => person.interests.some(test);
  return {
    text,
    followed: any((interest) => names(interest, text)),
    about: any((interest) => isAbout(interest, text, person.lines)),
    refused: refuses(text),
    looped: loops(text),
  };
}

/** Nats per token of a text behind a prompt, by the deployed graph. */
export async function nllOf(decoder: Decoder, prompt: TokenRun, text: string): Promise<number> {
  const ids = encodeText(decoder.model, text);
  const scores = await decoder.score({ ids: [...prompt.ids, ...ids], soft: prompt.soft }, prompt.ids.length);
  return -scores.reduce((sum, v) => sum + v, 0) / ids.length;
}
