/** What is told of people, and what protection leaves, as `docs/results/inversion.json` keeps it, and its page. */
import { auditTables, type WholeAudit } from '../src/evaluate/audit/report.ts';
import { type Interval, isTold } from '../src/evaluate/index.ts';
import type { LlmAudit } from './inversion/llm.ts';
import type { MembersOfShipped } from './inversion/shipped.ts';
import type { MembersOfLlm } from './inversion/shipped-llm.ts';
import { shippedText } from './inversion/shipped-page.ts';
import { type TrainedLlm, trainedLlmText } from './inversion/trained-llm-page.ts';
import {
  type ErasedFrom,
  hiddenText,
  membersText,
  type TrainedOnPeople,
  type TrainedToHide,
} from './inversion/trainer-page.ts';
import { interval, table } from './results-table.ts';

/** One protection: what an attacker tells then, and what personalisation is left. */
export interface Protected {
  /** In standard deviations of the space. */
  readonly clip?: number;
  /** Of the noise, in standard deviations of the space; undefined where there is none. */
  readonly sigma?: number;
  /** At δ = 1e-5, of one release. */
  readonly epsilon?: number;
  /** Leading components that are kept. */
  readonly components?: number;
  readonly recovered: { readonly topAngle: Interval; readonly items: Interval };
  /** Nats per target token that the own embedding is better than somebody else's. */
  readonly personalisation: Interval;
}

/** People in their own words, whose embeddings are protected. */
export interface ProtectedLines {
  /** Of whom personalisation is. */
  readonly people: number;
  readonly attacked: { readonly seen: number; readonly unseen: number };
  readonly curve: readonly (Omit<Protected, 'recovered'> & {
    readonly recovered: { readonly area: Interval; readonly words: Interval };
    /** Nats per target token that the own embedding is better than nobody set. */
    readonly overNobody: Interval;
  })[];
}

export interface InversionResults {
  readonly whole: WholeAudit;
  readonly curve: readonly Protected[];
  readonly hidden?: readonly TrainedToHide[];
  readonly erased?: readonly ErasedFrom[];
  readonly members?: readonly TrainedOnPeople[];
  readonly llm?: LlmAudit;
  readonly llmVault?: ProtectedLines;
  readonly llmTrained?: TrainedLlm;
  readonly shipped?: MembersOfShipped;
  readonly shippedLlm?: MembersOfLlm;
}

const GAIN = 'nats per token that the own embedding is better than another';

export function inversionPage(results: InversionResults): string {
  const {
    whole,
    curve,
    hidden = [],
    erased = [],
    members = [],
    llm,
    llmVault,
    llmTrained,
    shipped,
    shippedLlm,
  } = results;
  const rows = curve.map((way) => [
    ...[wayText(way, 32), way.epsilon === undefined ? '–' : epsilonText(way.epsilon)],
    ...[level(way.recovered.topAngle), level(way.recovered.items), interval(way.personalisation)],
  ]);
  const bestOf = (attribute: string, view: string) =>
    whole.recoveries
      .filter((r) => r.attribute === attribute && r.view === view)
      .reduce((most, r) => (r.recovered.mean > most.recovered.mean ? r : most));
  const views = ['embedding', 'soft-token', 'kv-cache', 'text'] as const;
  const percent = (v: number) => `${(100 * v).toFixed(0)} %`;
  const seen = (attribute: string) =>
    views
      .map((view) => {
        const { recovered, gain } = bestOf(attribute, view);
        return `${percent(recovered.mean)} from ${view}${isTold(gain) && gain.low > 0 ? '' : ' (not significantly more than for everybody)'}`;
      })
      .join(', ');
  const [soft, cache] = (['soft-token', 'kv-cache'] as const).map((view) => bestOf('second angle', view));
  const isMore = cache!.recovered.low > soft!.recovered.high;
  const short = curve.filter(({ clip, sigma }) => clip !== undefined && sigma === undefined);
  const asItIs = curve.find(({ clip, sigma, components }) => (clip ?? sigma ?? components) === undefined);
  const isUseless = short.every(
    ({ recovered: { items } }) => items.high >= (asItIs?.recovered.items.mean ?? Infinity),
  );
  return `# What can be told of people, and what hiding it costs

Made by \`npm run bench inversion\`: the default model (\`public/models/e2p-tiny\`, 4 bits) with its projector, synthetic readers whose embeddings are folded in from clicks. An embedding is personal
data: what made it can be read from it again. No protection here makes it anonymous.

- *What the projector was trained to say* is in everything behind it, the better of two attackers: top angle ${seen('top angle')}; tone ${seen('tone')}.
- *What it was hardly trained to say*: second angle ${seen('second angle')}; the most frequent answer is right of ${percent(soft!.population)}.${isMore ? ' A KV cache shows more than the soft token that made it.' : ''} A cache is as personal as the embedding, and is kept like it.

${auditTables(whole)}

## In the vault

What \`protection\` of \`openUser\` does (\`src/user/gaussian-mechanism.ts\`), against personalisation. The attacker sees protected embeddings, and learnt from such; the better one of the two counts. The projector is the shipped one, and components are those of its reference. Length and noise are in standard deviations of the space; with noise an embedding is shortened to
1.5 √components first, and shrunk towards the mean user afterwards. ε is of one version at δ = 1e-5, for any two people; n versions are as one with noise of σ/√n. An ε of 10 and more promises next to nothing, whatever these attackers do.${isUseless ? " A length alone hides nothing here: the projector's norm takes it away." : ''}

${table(['protection', 'ε', 'top angle recovered', 'clicked items recovered', GAIN], rows)}
${hidden.length === 0 ? '' : hiddenText(hidden, erased)}${members.length === 0 ? '' : membersText(members)}${shippedText(shipped, shippedLlm)}${llm === undefined ? '' : llmText(llm)}${llmVault === undefined ? '' : llmVaultText(llmVault)}${llmTrained === undefined ? '' : trainedLlmText(llmTrained)}
Not measured: attackers with more data or larger models; people who are real; stronger tests of membership (many shadow models, as in LiRA);${shipped === undefined ? ' membership of the default projector among people alike (`-- --part shipped`);' : ''} the LLM${llmVault === undefined ? ' with protected embeddings, or' : ''}${llmTrained === undefined ? ' with a projector that was trained with protection' : ' with a projector that was trained for longer with protection'}.${llm === undefined ? ' The LLM itself is not in it yet (`-- --llm`).' : ''}
`;
}

/** Of each attribute and view the better attacker, in words, and all of them as a table. */
function llmText({ read, written }: LlmAudit): string {
  const recoveries = [...read.recoveries, ...(written?.recoveries ?? [])];
  const said = [...new Set(recoveries.map(({ attribute }) => attribute))].map((attribute) => {
    const found = recoveries.filter((r) => r.attribute === attribute);
    const each = [...new Set(found.map(({ view }) => view))].map((view) => {
      const best = found
        .filter((r) => r.view === view)
        .reduce((most, r) => (r.recovered.mean > most.recovered.mean ? r : most));
      const isMore = isTold(best.gain) && best.gain.low > 0;
      const [own, everybody] = [best.recovered.mean, best.population].map((v) => `${(100 * v).toFixed(0)} %`);
      return `${own} from ${view} (${isMore ? '' : 'not significantly more than '}${everybody} without a look)`;
    });
    return `- *${attribute}*: ${each.join(', ')}.`;
  });
  return `
## A real LLM, people's own words

Made by \`npm run bench inversion -- --llm\` (what is read took a minute of a processor): SmolLM2-135M-Instruct (4 bits), all-MiniLM-L6-v2, the shipped projector for words; ${read.users.seen + read.users.unseen} people who say one line each, a part of those that the projector was trained with; two lines of all are about one interest, so somebody else's about the same one may be among those learnt from. To be recovered: which of nine files the interest stands in (sport, food, …), and words of the line of five letters or more, as a share of all such words of the line; words that fewer than five of those learnt from say are never told.

${said.join('\n')}

${auditTables(read)}
${written === undefined ? '\nText was not measured.\n' : `\nOf fewer people, 24 tokens of the answer to one prompt:\n\n${auditTables(written)}\n`}`;
}

function llmVaultText({ people, attacked, curve }: ProtectedLines): string {
  const rows = curve.map((way) => [
    ...[wayText(way, 384), way.epsilon === undefined ? '–' : epsilonText(way.epsilon)],
    ...[level(way.recovered.area), level(way.recovered.words)],
    ...[interval(way.personalisation), interval(way.overNobody)],
  ]);
  return `
### Their embeddings in the vault

Made by \`npm run bench inversion -- --llm --part vault\`: protection as above, of vectors of 384 numbers. The reference in the projector's file has 64 directions, and protection keeps no more, with noise or without. Attackers see protected embeddings of the people above (${attacked.unseen}, learnt from ${attacked.seen}), and the better one of the two counts. Personalisation is of ${people} others who say one line each and ask about its topic; the target names their interest. Intervals are over people.

${table(['protection', 'ε', 'area of interest recovered', 'words of the line recovered', GAIN, '… than nobody set'], rows)}
`;
}

function wayText({ clip, sigma, components }: Omit<Protected, 'recovered'>, of: number): string {
  const parts = [
    ...(components === undefined ? [] : [`${components} of ${of} components`]),
    ...(clip === undefined || sigma !== undefined ? [] : [`length of ${clip.toFixed(1)} at most`]),
    ...(sigma === undefined ? [] : [`noise of ${sigma}`]),
  ];
  return parts.join(', ') || 'as it is';
}

const epsilonText = (epsilon: number): string => epsilon.toFixed(epsilon < 10 ? 1 : 0);

const level = (value: Interval): string => {
  const text = (v: number) => v.toFixed(3);
  return `${text(value.mean)} [${isTold(value) ? `${text(value.low)}, ${text(value.high)}` : 'all the same'}]`;
};
