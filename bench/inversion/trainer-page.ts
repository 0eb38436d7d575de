/** What the trainer's protections leave and cost, as `docs/results/inversion.json` keeps it, and as parts of its page: what is said follows from the figures. */
import type { MembershipReport } from '../../src/evaluate/audit/membership.ts';
import type { Interval } from '../../src/evaluate/index.ts';
import { interval, table } from '../results-table.ts';

/** One training, and whom it tells that it was trained on. */
export interface TrainedOnPeople {
  readonly people: number;
  /** Texts of each. */
  readonly texts: number;
  /** Of a step. */
  readonly perStep: number;
  readonly steps: number;
  /** Width of the inner layer; 0: linear. */
  readonly hidden: number;
  /** DP-SGD. */
  readonly epsilon?: number;
  readonly delta?: number;
  readonly clip?: number;
  readonly noise?: number;
  /** Nats per target token that the own embedding is better than somebody else's. */
  readonly personalisation: Interval;
  readonly membership: Pick<MembershipReport, 'members' | 'others' | 'auc'>;
}

/** One training, and what is recovered from what its projector makes. */
export interface TrainedToHide {
  readonly people: number;
  readonly steps: number;
  readonly batch: number;
  readonly hides?: { readonly attribute: string; readonly weight: number };
  readonly personalisation: Interval;
  /** Of soft tokens' variance, the share that lies between the classes of each attribute (η²). */
  readonly between: Readonly<Record<string, number>>;
  readonly recovered: Readonly<
    Record<string, { readonly softToken: Recovered; readonly kvCache: Recovered }>
  >;
}
interface Recovered {
  readonly level: Interval;
  readonly population: number;
}

const GAIN = 'nats per token that the own embedding is better than another';
const share = (v: number) => v.toFixed(3);
const nats = (v: number) => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(3)}`;
const level = ({ mean, low, high }: Interval) => `${share(mean)} [${share(low)}, ${share(high)}]`;
const epsilonText = (epsilon?: number) => (epsilon === undefined ? 'none' : String(epsilon));
const list = (parts: readonly string[]) => parts.join('; ');

export function membersText(found: readonly TrainedOnPeople[]): string {
  const sorted = found.toSorted(
    (a, b) => a.people - b.people || (b.epsilon ?? Infinity) - (a.epsilon ?? Infinity),
  );
  const rows = sorted.map(({ people, perStep, steps, hidden, epsilon, delta, noise, ...way }) => [
    ...[String(people), String(perStep), String(steps), hidden === 0 ? 'linear' : String(hidden)],
    epsilon === undefined ? 'none' : `${epsilon} at ${delta}, noise ${noise!.toFixed(2)}`,
    ...[`${way.membership.members} against ${way.membership.others}`, level(way.membership.auc)],
    interval(way.personalisation),
  ]);
  const said = [...new Set(sorted.map(({ people }) => people))].map((people) => {
    const [none, ...noisy] = sorted.filter((way) => way.people === people);
    if (none!.epsilon !== undefined) return '';
    const gain = none!.personalisation.mean;
    const kept = ({ personalisation: { mean, low } }: TrainedOnPeople) =>
      `${nats(mean)} (${low > 0 ? `${((100 * mean) / gain).toFixed(0)} % of it` : 'not significant'})`;
    const gains = noisy.map((way) => `${kept(way)} at ε = ${epsilonText(way.epsilon)}`);
    const told = [none!, ...noisy].map(
      ({ epsilon, membership: { auc } }) =>
        `${share(auc.mean)} ${epsilon === undefined ? 'without noise' : `at ε = ${epsilon}`} (${auc.low > 0.5 ? 'the interval is above 0.5' : 'the interval contains 0.5'})`,
    );
    return `- *${people} people*: without noise personalisation is ${nats(gain)} nats per token${gains.length === 0 ? '' : `; with it ${list(gains)}`}. AUC of membership ${list(told)}.`;
  });
  const clips = [...new Set(found.flatMap(({ clip = [] }) => clip))].join(', ');
  return `
## In the trainer: who was trained on

DP-SGD by user (\`--dp-epsilon\`${clips && `, clip ${clips}`}) against the same training without: the same people, texts, steps, people per step, rate and width. Embeddings are folded in by item factors that were fitted on other people, who standardise them too, so ε covers all that the people trained on gave. Rate, steps and people per step were chosen in runs that ε does not count. Membership is the attack of the audit above on a part of those who were trained on, against people alike who were not, with texts about the same stories. Personalisation is that of other people, texts about other stories.

${said.filter(Boolean).join('\n')}

${table(['people', 'in a step', 'steps', 'inner layer', 'ε at δ', 'members against others', 'membership AUC', GAIN], rows)}
`;
}

export function hiddenText(found: readonly TrainedToHide[]): string {
  const none = found.find(({ hides }) => hides === undefined);
  if (none === undefined) return '';
  const attributes = [...new Set(found.flatMap(({ hides }) => hides?.attribute ?? []))];
  const way = ({ hides }: TrainedToHide) =>
    hides ? `${hides.attribute}, weight ${hides.weight}` : 'nothing';
  const seen = [...attributes, ...Object.keys(none.recovered).filter((name) => !attributes.includes(name))];
  const sorted = found.toSorted(
    (a, b) =>
      (a.hides?.attribute ?? '').localeCompare(b.hides?.attribute ?? '') ||
      (a.hides?.weight ?? 0) - (b.hides?.weight ?? 0),
  );
  const rows = sorted.map((each) => [
    way(each),
    ...seen.flatMap((name) => [
      share(each.between[name]!),
      level(each.recovered[name]!.softToken.level),
      level(each.recovered[name]!.kvCache.level),
    ]),
    interval(each.personalisation),
  ]);
  const said = attributes.map((name) => {
    const before = none.recovered[name]!;
    const ways = sorted.filter(({ hides }) => hides?.attribute === name);
    const each = ways.map(({ hides, between, recovered, personalisation: { mean, low: least } }) => {
      const { softToken, kvCache } = recovered[name]!;
      const verdicts = [softToken, kvCache].map(({ level: { mean, low, high }, population }, v) => {
        const was = [before.softToken, before.kvCache][v]!.level;
        const verdict =
          low <= population
            ? 'not significantly more than the most frequent answer'
            : high < was.low
              ? 'less than without'
              : 'not significantly less than without';
        return `${(100 * mean).toFixed(0)} % from the ${['soft token', 'KV cache'][v]} (${verdict})`;
      });
      const kept =
        least > 0
          ? `${((100 * mean) / none.personalisation.mean).toFixed(0)} % of the personalisation`
          : 'no significant personalisation';
      return `weight ${hides!.weight} leaves ${verdicts.join(' and ')}, with ${kept} and an η² of ${share(between[name]!)}`;
    });
    return `- *${name}*: without an adversary ${(100 * before.softToken.level.mean).toFixed(0)} % from the soft token, ${(100 * before.kvCache.level.mean).toFixed(0)} % from the KV cache; the most frequent answer is right of ${(100 * before.softToken.population).toFixed(0)} %; η² is ${share(none.between[name]!)}. With it, ${list(each)}.`;
  });
  const small = sorted.filter(({ hides, between, recovered }) => {
    if (!hides) return false;
    const { level: told, population } = recovered[hides.attribute]!.softToken;
    return between[hides.attribute]! < 0.7 * none.between[hides.attribute]! && told.low > population;
  });
  const faint = sorted.filter(({ hides, recovered }) => {
    if (!hides || none.between[hides.attribute]! > 0.05) return false;
    const { level: told, population } = recovered[hides.attribute]!.softToken;
    return told.low > population;
  });
  const reasons = [
    ...(small.length === 0
      ? []
      : [
          `η², the share of soft tokens' variance that lies between the classes, did fall (${small.map(way).join('; ')}), but a projector is a function without noise: what it makes small beside the rest is not gone, and attackers who learn afterwards weigh small differences up again`,
        ]),
    ...(faint.length === 0
      ? []
      : [
          `η² was small without an adversary too (${faint.map(way).join('; ')}), so that an adversary that learns in passing sees little of what ridge regression on everybody at once finds`,
        ]),
  ];
  const reason =
    reasons.length === 0 ? '' : `\n\nLikely reasons why attackers still tell it: ${reasons.join('; ')}.`;
  return `
## In the trainer: an attribute hidden

\`--hide\` (an adversary, \`src/train/adversary.ts\`) against the same training without: ${none.people} people, ${none.steps} steps of ${none.batch}, far fewer than the shipped projector had. Attackers learn afterwards, from other people; the better one of the two counts. Texts depend on tone and top angle, so hiding tone must cost what it gives; on the topic a person reads most of they do not depend, clicks do.

${said.join('\n')}${reason}

${table(['hidden', ...seen.flatMap((name) => [`${name}: η²`, 'from soft token', 'from KV cache']), GAIN], rows)}
`;
}
