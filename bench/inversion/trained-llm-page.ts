/** Protected trainings on SmolLM2, as `docs/results/inversion.json` keeps them, and as a part of its page. */
import type { Interval } from '../../src/evaluate/index.ts';
import { interval, table } from '../results-table.ts';

/** One training, what is told from its soft tokens, and what they are good for. */
export interface TrainedWay {
  /** People whom an erasure of the area was fitted on; absent: nothing is erased. */
  readonly fittedOn?: number;
  /** Through the LLM, behind the alignment; absent: none. */
  readonly steps?: number;
  /** DP-SGD; absent: without. */
  readonly epsilon?: number;
  readonly noise?: number;
  /** By the better attacker. */
  readonly recovered: { readonly area: Interval; readonly words: Interval };
  /** Of the area: means, by attacker. */
  readonly by: Readonly<Record<string, number>>;
  /** Nats per target token that the own embedding is better than somebody else's, and than nobody set. */
  readonly personalisation: Interval;
  readonly overNobody: Interval;
  /** Of those who were trained on through the LLM: AUC. */
  readonly membership?: Interval;
}

export interface TrainedLlm {
  /** Of whom personalisation is. */
  readonly people: number;
  readonly attacked: { readonly seen: number; readonly unseen: number };
  /** Share right by the most frequent area. */
  readonly population: number;
  /** Of the alignment, and its steps. */
  readonly texts: number;
  readonly aligned: number;
  readonly dp: Readonly<Record<'trained' | 'people' | 'epsilon' | 'delta' | 'clip', number>>;
  /** Members, and as many others. */
  readonly sides?: number;
  readonly ways: readonly TrainedWay[];
}

const share = ({ mean, low, high }: Interval) => `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
const percent = (v: number) => `${(100 * v).toFixed(0)} %`;

export function trainedLlmText(of: TrainedLlm): string {
  const { people, attacked, population, texts, aligned, dp, sides, ways } = of;
  const [plain, ...others] = ways;
  const nameOf = ({ fittedOn, steps, epsilon, noise }: TrainedWay) =>
    [
      'aligned',
      ...(fittedOn === undefined ? [] : [`area erased by a fit on ${fittedOn}`]),
      ...(steps === undefined ? [] : [`${steps} steps through the LLM`]),
      ...(epsilon === undefined ? [] : [`ε = ${epsilon} at δ = ${dp.delta}, noise ${noise!.toFixed(2)}`]),
    ].join(', ');
  const rows = ways.map((way) => [
    ...[nameOf(way), share(way.recovered.area), (way.by.ridge ?? 0).toFixed(3), (way.by.mlp ?? 0).toFixed(3)],
    share(way.recovered.words),
    ...[interval(way.personalisation), interval(way.overNobody)],
    way.membership ? share(way.membership) : '–',
  ]);
  const kept = (way: TrainedWay) => percent(way.personalisation.mean / plain!.personalisation.mean);
  const areaOf = ({ recovered: { area } }: TrainedWay) => {
    const less = area.high < plain!.recovered.area.low ? 'less than' : 'not significantly less than';
    const still = area.low > population ? 'significantly more' : 'not significantly more';
    return `${percent(area.mean)} right, ${less} the ${percent(plain!.recovered.area.mean)} without, and ${still} than the ${percent(population)} of the most frequent area`;
  };
  const erased = others.filter(({ fittedOn }) => fittedOn !== undefined);
  const through = others.filter(({ steps }) => steps !== undefined);
  const said = [
    ...erased.map(
      (way) =>
        `- *Area erased, fitted on ${way.fittedOn}*: ${areaOf(way)}; ${kept(way)} of the personalisation is kept.`,
    ),
    ...through.map((way) => {
      const auc = way.membership;
      const told = auc
        ? ` Membership by the mean user's loss: AUC ${share(auc)}, ${auc.low > 0.5 ? 'above chance' : 'not significantly above chance'}.`
        : '';
      const { personalisation: now } = way;
      const before = plain!.personalisation;
      const changed =
        now.low > before.high ? 'more' : now.high < before.low ? 'less' : 'not significantly different';
      return `- *${way.epsilon === undefined ? 'Through the LLM without noise' : `DP-SGD, ε = ${way.epsilon}`}*: personalisation ${interval(now)}, ${changed} against the alignment alone (${interval(before)}); area ${areaOf(way)}.${told}`;
    }),
  ];
  const hasNoise = through.some(({ epsilon }) => epsilon !== undefined);
  const { low, high } = plain!.personalisation;
  const isUnchanged =
    hasNoise && through.every(({ personalisation: now }) => now.low <= high && now.high >= low);
  const hidesNothing = erased.every(({ recovered: { area } }) => area.high >= plain!.recovered.area.low);
  return `
### Projectors trained with protection

Made by \`npm run bench inversion -- --llm --part trained\`: projectors for SmolLM2 that are trained anew and briefly, ${aligned} steps of alignment to ${texts} texts, where the one that ships had 2,400. *Erased*: \`--hide\` of the area of interest, nine classes, fitted on people who say a template line each. *Through the LLM*: the aligned projector goes on with ${dp.trained} people in their own words, ${dp.people} in a step, without noise${hasNoise ? ` and by DP-SGD (clip ${dp.clip}): the same people, steps and rate` : ''}.
The lines of those attacked (${attacked.unseen}, learnt from ${attacked.seen}) are in no training, and the alignment is short: the projector that ships was aligned to these lines for longer, and its soft tokens tell more (above). The better attacker counts; *less* and *more* are said where intervals do not overlap. Personalisation is of ${people} others, as for the vault. ${sides === undefined ? '' : `Membership: ${sides} who were trained on through the LLM against ${sides} in their own words about interests of the same kinds, who were not. `}Not measured: ${hasNoise ? 'other ε' : 'DP-SGD through this LLM'}, longer trainings, more people, stronger attackers.

${said.join('\n')}
${isUnchanged ? '\nSteps through the LLM change no personalisation that can be told, with noise or without: what noise costs a training that gains something was not measured.\n' : ''}${erased.length > 0 && hidesNothing ? `\nErasure hides nothing here that these attackers could tell: an embedding has 384 numbers, the rule of 50 people for each asks for 19,200, and people in their own words may differ from those of template lines.\n` : ''}
${table(
  [
    ...['training', 'area recovered from the soft token', 'ridge', 'MLP', 'words of the line recovered'],
    ...[
      'nats per token that the own embedding is better than another',
      '… than nobody set',
      'membership AUC',
    ],
  ],
  rows,
)}
`;
}
