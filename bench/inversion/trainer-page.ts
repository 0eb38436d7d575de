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
  /** With a weight: by an adversary, which the trainer had before. */
  readonly hides?: { readonly attribute: string; readonly weight?: number };
  /** Attackers choose penalty and epoch for each attribute by itself; absent: for all of them together, as the audit had it before. */
  readonly isByAttribute?: true;
  readonly personalisation: Interval;
  /** Of soft tokens' variance, the share that lies between the classes of each attribute (η²). */
  readonly between: Readonly<Record<string, number>>;
  readonly recovered: Readonly<
    Record<
      string,
      { readonly embedding?: Recovered; readonly softToken: Recovered; readonly kvCache: Recovered }
    >
  >;
}
/** What attackers tell from what the layers of a projector read, erased by a fit on so many people; 0: not erased. */
export interface ErasedFrom {
  readonly attribute: string;
  readonly classes: number;
  readonly people: number;
  readonly recovered: Recovered;
}
interface Recovered {
  /** By the better attacker. */
  readonly level: Interval;
  readonly population: number;
  /** Means, by attacker. */
  readonly by?: Readonly<Record<string, number>>;
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

export function hiddenText(all: readonly TrainedToHide[], fitted: readonly ErasedFrom[]): string {
  const least = Math.min(...all.map(({ steps }) => steps));
  const found = all.filter(({ steps }) => steps === least);
  const none = found.find(({ hides }) => hides === undefined);
  if (none === undefined) return '';
  const longer = all.filter(({ steps }) => steps > least);
  const attributes = [...new Set(found.flatMap(({ hides }) => hides?.attribute ?? []))];
  const seen = [...attributes, ...Object.keys(none.recovered).filter((name) => !attributes.includes(name))];
  const sorted = found.toSorted(
    (a, b) =>
      (a.hides?.attribute ?? '').localeCompare(b.hides?.attribute ?? '') ||
      (a.hides?.weight ?? 0) - (b.hides?.weight ?? 0),
  );
  const rows = sorted.map((each) => [
    wayOf(each),
    ...seen.flatMap((name) => [
      share(each.between[name]!),
      level(each.recovered[name]!.softToken.level),
      level(each.recovered[name]!.kvCache.level),
    ]),
    interval(each.personalisation),
  ]);
  const said = attributes.map((name) => {
    const { embedding, softToken, kvCache } = none.recovered[name]!;
    const ways = sorted.filter(({ hides }) => hides?.attribute === name);
    const erased = ways.filter(({ hides }) => hides!.weight === undefined);
    const against = ways.filter(({ hides }) => hides!.weight !== undefined);
    const parts = [
      `without, ${percent(softToken)} from the soft token, ${percent(kvCache)} from the KV cache; the most frequent answer is right of ${(100 * softToken.population).toFixed(0)} %`,
      ...erased.map((way) => `erased, ${leftBy(way, none)}`),
      ...(against.length === 0 ? [] : [leftByAll(against, none)]),
    ];
    const vault = embedding ? ` The embedding on the device still tells it: ${percent(embedding)}.` : '';
    return `- *${name}*: ${list(parts)}.${vault}`;
  });
  const attackers = found.flatMap(({ hides, recovered }) => {
    const { by: soft, population } = (hides && recovered[hides.attribute]!.softToken) ?? {};
    const cache = hides && recovered[hides.attribute]!.kvCache.by;
    if (!hides || !soft || !cache) return [];
    const of = (by: Readonly<Record<string, number>>) => ['ridge', 'mlp'].map((name) => share(by[name]!));
    return [[hides.attribute, ...of(soft), ...of(cache), share(population!)]];
  });
  return `
## In the trainer: an attribute hidden

\`--hide\` (what tells it linearly is taken out of embeddings in closed form, LEACE, \`src/train/erase-attribute.ts\`) against the same training without: ${none.people} people, ${none.steps} steps of ${none.batch}, far fewer than the shipped projector had. Attackers learn afterwards, from other people; the better one of the two counts. Texts depend on tone and top angle, so hiding tone must cost what it gives; on the topic a person reads most of they do not depend, clicks do.
The trainer had an adversary before (domain confusion, arXiv 1510.02192): one hidden layer that learns to tell the attribute from soft tokens, and in the projector's loss that it shall say how frequent each class is. Its rows are of the same people and steps. It was taken out because of these figures.${togetherText(all, least)}

${said.join('\n')}
${longerText(longer)}
η² is the share of soft tokens' variance that lies between the classes. The adversary made it small, and attackers who learn afterwards weighed the small differences up again. Erasure makes no difference small: class means of what the layers read are the same.

${table(['hidden', ...seen.flatMap((name) => [`${name}: η²`, 'from soft token', 'from KV cache']), GAIN], rows)}
${attackers.length === 0 ? '' : `\nBoth attackers on what was erased, share right:\n\n${table(['erased', 'soft token, ridge', 'soft token, MLP', 'KV cache, ridge', 'KV cache, MLP', 'most frequent answer'], attackers)}\n`}${fitted.length === 0 ? '' : fittedText(fitted)}`;
}

/** Which rows are of attackers that the audit has no more. */
function togetherText(all: readonly TrainedToHide[], least: number): string {
  const before = all.filter(({ isByAttribute }) => !isByAttribute);
  if (before.length === 0) return '';
  const rest = before.filter(({ hides }) => hides?.weight === undefined);
  const which =
    rest.length === 0
      ? "the adversary's rows"
      : rest.every(({ steps }) => steps > least)
        ? "the adversary's rows and of what was trained for longer"
        : 'the list and the first two tables below';
  return ` Attackers of ${which} chose penalty and stopping epoch for the three attributes together, which understates what can be told; all others on this page choose for each by itself.`;
}

const wayOf = ({ hides }: TrainedToHide) =>
  hides
    ? `${hides.attribute}, ${hides.weight === undefined ? 'erased' : `adversary of ${hides.weight}`}`
    : 'nothing';
const percent = ({ level: { mean } }: Recovered) => `${(100 * mean).toFixed(0)} %`;

function leftBy({ hides, recovered, personalisation: { mean, low } }: TrainedToHide, none: TrainedToHide) {
  const views = ['softToken', 'kvCache'] as const;
  const left = views.map((view) => {
    const now = recovered[hides!.attribute]![view];
    const before = none.recovered[hides!.attribute]![view].level;
    const verdict =
      now.level.low <= now.population
        ? 'not significantly more than the most frequent answer'
        : now.level.high < before.low
          ? 'less than without'
          : 'not significantly less than without';
    return `${percent(now)} (${verdict})`;
  });
  const kept =
    low > 0
      ? `${((100 * mean) / none.personalisation.mean).toFixed(0)} % of the personalisation`
      : 'no personalisation that can be told';
  return `${left.join(' and ')}, with ${kept}`;
}

/** Whether a projector that learns for longer undoes it. */
function longerText(longer: readonly TrainedToHide[]): string {
  const said = longer.flatMap(({ hides, steps, recovered, personalisation }) => {
    if (!hides) return [];
    const { softToken, kvCache } = recovered[hides.attribute]!;
    const left = [softToken, kvCache].map((found) => level(found.level)).join(' from the soft token and ');
    return [
      `${hides.attribute}, ${steps} steps: ${left} from the KV cache, where the most frequent answer is right of ${share(softToken.population)}; personalisation ${nats(personalisation.mean)} nats per token`,
    ];
  });
  return said.length === 0 ? '' : `- *Erased, and trained for longer*: ${list(said)}.\n`;
}

/** Of an adversary at several weights. */
function leftByAll(ways: readonly TrainedToHide[], none: TrainedToHide): string {
  const range = (of: readonly number[]) =>
    `${(100 * Math.min(...of)).toFixed(0)} to ${(100 * Math.max(...of)).toFixed(0)} %`;
  const [soft, cache] = (['softToken', 'kvCache'] as const).map((view) =>
    range(ways.map(({ hides, recovered }) => recovered[hides!.attribute]![view].level.mean)),
  );
  const weights = ways.map(({ hides }) => hides!.weight!);
  const kept = range(
    ways.map(({ personalisation: { mean } }) => Math.max(0, mean) / none.personalisation.mean),
  );
  return `by an adversary of weight ${Math.min(...weights)} to ${Math.max(...weights)}, ${soft} and ${cache}, with ${kept} of the personalisation`;
}

/** What the layers read, when it was fitted on few or many. */
function fittedText(fitted: readonly ErasedFrom[]): string {
  const rows = fitted.map(({ attribute, classes, people, recovered: { level: found, population, by } }) => [
    ...[attribute, String(classes), people === 0 ? 'not erased' : String(people), level(found)],
    ...[share(by!.ridge!), share(by!.mlp!), share(population)],
  ]);
  return `
How many people it takes: what is recovered from what the layers read (embeddings of 32 numbers, standardised and normed), erased by a fit on so many people. None of those attacked was among them.

${table(['attribute', 'classes', 'fitted on', 'the better attacker', 'ridge', 'MLP', 'most frequent answer'], rows)}
`;
}
