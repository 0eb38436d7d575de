/** A person's lines in another order: does the answer change? A set of soft tokens has an order of its own; words stand as written. */
import { bootstrapMean, type Interval } from '../../../src/evaluate/index.ts';
import { seededRandom } from '../../world/random.ts';
import { afterQuestion, inSlots, inSystem, softPrompt } from '../conditions.ts';
import { drawSubjects, meanOf, SEED, type Setting, type Subject } from './setting.ts';

export interface OrderReport {
  readonly people: number;
  readonly answers: number;
  readonly rows: readonly {
    readonly name: string;
    /** Share of answers that are the same, word by word, over people. */
    readonly same: Interval;
  }[];
}

/** Of people with two lines or more, one other order each; what they wrote is encoded anew in it. */
export async function measureOrder(setting: Setting): Promise<OrderReport> {
  const { model, told, encoder, asker, sizes } = setting;
  const several = { subjects: setting.subjects.filter(({ lines }) => lines.length > 1) };
  const people = drawSubjects(several, sizes.permuted);
  const jobs = people.flatMap((subject) => subject.questions.map((question) => ({ subject, question })));
  const permuted = new Map<Subject, Pick<Subject, 'lines' | 'vectors'>>();
  for (const subject of people) {
    const lines = otherOrder(subject);
    permuted.set(subject, { lines, vectors: await encoder.encode(lines) });
  }
  type Said = Pick<Subject, 'lines' | 'vectors'>;
  const conditions = {
    'soft tokens': (s: Said, q: string) => softPrompt(told, q, s.vectors),
    'text, system message': (s: Said, q: string) => inSystem(model, q, s.lines),
    'text, after the question': (s: Said, q: string) => afterQuestion(model, q, s.lines),
    'text, both slots': (s: Said, q: string) => inSlots(told, q, s.lines.join(' ')),
  };
  const rows: OrderReport['rows'][number][] = [];
  for (const [name, prompt] of Object.entries(conditions)) {
    const answers = (of: (subject: Subject) => Said) =>
      asker.answers(
        jobs.map(({ subject, question }) => prompt(of(subject), question)),
        sizes.tokens,
      );
    const [before, after] = [await answers((s) => s), await answers((s) => permuted.get(s)!)];
    const same = people.map((person) =>
      meanOf(jobs.flatMap(({ subject }, i) => (subject === person ? [Number(before[i] === after[i])] : []))),
    );
    rows.push({ name, same: bootstrapMean(same) });
    console.log(`another order, ${name}: ${rows.at(-1)!.same.mean.toFixed(3)} of answers are the same`);
  }
  return { people: people.length, answers: jobs.length, rows };
}

/** The lines shuffled until they stand otherwise. */
function otherOrder({ id, lines }: Subject): string[] {
  const random = seededRandom(SEED, `order of ${id}`);
  for (;;) {
    const shuffled = random.shuffled(lines);
    if (shuffled.some((line, i) => line !== lines[i])) return shuffled;
  }
}
