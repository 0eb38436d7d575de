/**
 * Turns of Synthetic-Persona-Chat's test dialogues (Jandaghi et al., arXiv 2312.10007; CC BY 4.0), each by somebody of whom a few lines
 * are known. One turn of each group of personas that share any line, so that no two people are alike; whoever shares a line with the
 * validation dialogues, which projectors are aligned with, is left out.
 */
import {
  type Dialogue,
  readDialogues,
  type Speaker,
  speakersOf,
} from '../../../bench/persona-chat/dialogues.ts';
import { type Random, seededRandom } from '../../world/random.ts';
import { contentWords } from '../training-files.ts';

export interface Turn {
  readonly id: string;
  /** Of whoever says it. */
  readonly lines: readonly string[];
  /** What was said before, the latest last; never empty, and the last is the other's. */
  readonly before: readonly { readonly own: boolean; readonly text: string }[];
  readonly text: string;
  /** A content word of it stands in the lines too. */
  readonly isAboutLines: boolean;
}

const CONTEXT_TURNS = 4;
/** Shorter turns are greetings, longer ones are rare. */
const WORDS = { least: 5, most: 40 } as const;
/** Words that begin so are taken for the same. */
const STEM = 5;

export function drawTurns(folder: string, part: 'test' | 'valid', count: number, seed: number): Turn[] {
  const dialogues = readDialogues(folder);
  const isPart = ({ id }: Dialogue) => id.startsWith(`spc-${part}`);
  const seen = new Set(
    dialogues.filter((d) => part === 'test' && !isPart(d)).flatMap((d) => d.personas.flat()),
  );
  const speakers = speakersOf(dialogues.filter(isPart)).filter(
    ({ persona }) => !persona.some((line) => seen.has(line)),
  );
  const random = seededRandom(seed, `turns of ${part}`);
  const groups = random.shuffled([...new Set(speakers.map((s) => s.group))]);
  const turns = groups.flatMap((group) => {
    const own = random.shuffled(speakers.filter((s) => s.group === group));
    return drawTurn(own, random) ?? [];
  });
  return turns.slice(0, count);
}

/** In one of two draws a turn that speaks of the lines, where somebody of the group has any. */
function drawTurn(speakers: readonly Speaker[], random: Random): Turn | undefined {
  const wanted = random.next() < 0.5;
  const all = speakers.slice(0, 20).map((speaker) => random.shuffled(turnsOf(speaker)));
  const about = all.flat().find((turn) => turn.isAboutLines);
  return wanted && about !== undefined ? about : all.flat()[0];
}

function turnsOf({ dialogue, who, persona }: Speaker): Turn[] {
  const { turns } = dialogue;
  const known = stemsOf(persona.join(' '));
  return turns.flatMap(({ speaker, text }, at) => {
    const words = text.split(/\s+/).length;
    const isFit = speaker === who && turns[at - 1]?.speaker !== who && at >= CONTEXT_TURNS;
    // Names are left blank in some: "[User 1's name]".
    if (!isFit || words < WORDS.least || words > WORDS.most || text.includes('[')) return [];
    const before = turns.slice(at - CONTEXT_TURNS, at).map((t) => ({ own: t.speaker === who, text: t.text }));
    const isAboutLines = [...stemsOf(text)].some((stem) => known.has(stem));
    return [{ id: `${dialogue.id}.${who}.${at}`, lines: persona, before, text, isAboutLines }];
  });
}

const stemsOf = (text: string): Set<string> =>
  new Set(contentWords(text).map((word) => word.toLowerCase().slice(0, STEM)));
