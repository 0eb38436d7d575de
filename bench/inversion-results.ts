/** What is told of people, and what protection leaves, as `docs/results/inversion.json` keeps it, and its page. */
import type { AuditReport } from '../src/evaluate/audit/audit.ts';
import { auditTables, type WholeAudit } from '../src/evaluate/audit/report.ts';
import { type Interval, isTold } from '../src/evaluate/index.ts';
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

/** One training: what is recovered from what the projector makes, whom it tells that it was trained on, and what personalisation it gives. */
export interface Trained {
  readonly name: string;
  readonly people: number;
  readonly steps: number;
  /** DP-SGD. */
  readonly epsilon?: number;
  readonly delta?: number;
  readonly noise?: number;
  readonly personalisation: Interval;
  readonly recovered?: { readonly tone: ByView; readonly topAngle: ByView };
  /** AUC of those who were trained on against others. */
  readonly membership?: Interval;
}
interface ByView {
  readonly softToken: Interval;
  readonly kvCache: Interval;
}

export interface InversionResults {
  readonly whole: WholeAudit;
  readonly curve: readonly Protected[];
  readonly hidden?: readonly Trained[];
  readonly members?: readonly Trained[];
  readonly llm?: AuditReport;
}

const GAIN = 'nats per token that the own embedding is better than another';

export function inversionPage({ whole, curve, hidden = [], members = [], llm }: InversionResults): string {
  const rows = curve.map((way) => [
    ...[wayText(way), way.epsilon === undefined ? '–' : epsilonText(way.epsilon)],
    ...[level(way.recovered.topAngle), level(way.recovered.items), interval(way.personalisation)],
  ]);
  const best = (attribute: string, view: string) =>
    Math.max(
      ...whole.recoveries
        .filter((r) => r.attribute === attribute && r.view === view)
        .map((r) => r.recovered.mean),
    );
  const views = ['embedding', 'soft-token', 'kv-cache', 'text'] as const;
  const seen = (attribute: string) =>
    views.map((view) => `${(100 * best(attribute, view)).toFixed(0)} % from ${view}`).join(', ');
  return `# What can be told of people, and what hiding it costs

Made by \`npm run bench inversion\`: the default model (\`public/models/e2p-tiny\`, 4 bits) with its projector, synthetic readers whose embeddings are folded in from clicks. An embedding is personal
data: what made it can be read from it again. No protection here makes it anonymous.

- *What the projector was trained to say* is in everything behind it, the better of two attackers: top angle ${seen('top angle')}; tone ${seen('tone')}.
- *What it was not trained to say* is still there: second angle ${seen('second angle')}. A KV cache shows more than the soft token that made it, so it is as personal as the embedding, and is kept like it.

${auditTables(whole)}

## In the vault

What \`protection\` of \`openUser\` does (\`src/user/gaussian-mechanism.ts\`), against personalisation. The attacker sees protected embeddings, and learnt from such; the better one of the two counts. The projector is the shipped one, and components are those of its reference. Length and noise are in standard deviations of the space; with noise an embedding is shortened to
1.5 √components first, and shrunk towards the mean user afterwards. ε is of one version at δ = 1e-5, for any two people; n versions are as one with noise of σ/√n. An ε of 10 and more promises next to nothing, whatever these attackers do. A length alone hides nothing here: the projector's norm takes it away.

${table(['protection', 'ε', 'top angle recovered', 'clicked items recovered', GAIN], rows)}
${hidden.length === 0 ? '' : hiddenText(hidden)}${members.length === 0 ? '' : membersText(members)}${llm === undefined ? '' : `\n## A real LLM, people's own words\n\nMade by \`npm run bench inversion -- --llm\`: SmolLM2-135M-Instruct (4 bits), all-MiniLM-L6-v2, the shipped projector for words; people who say one line, lines that the projector was trained with. What is to be recovered: words of the line of five letters or more that at least five people of those learnt from say.\n\n${auditTables(llm)}\n`}
Not measured: attackers with more data or larger models; people who are real; stronger tests of membership (shadow models); the LLM with protected embeddings, or with a projector that was trained with protection.${llm === undefined ? ' The LLM itself is not in it: `-- --llm` was not through after an hour on a busy machine, with seven minutes of its processor.' : ''}
`;
}

function hiddenText(trained: readonly Trained[]): string {
  const rows = trained.map(({ name, recovered, personalisation }) => [
    ...[name, level(recovered!.tone.softToken), level(recovered!.tone.kvCache)],
    ...[level(recovered!.topAngle.softToken), level(recovered!.topAngle.kvCache), interval(personalisation)],
  ]);
  const { people, steps } = trained[0]!;
  const head = [
    'protection',
    'tone from soft token',
    'tone from KV cache',
    'top angle from soft token',
    'top angle from KV cache',
    GAIN,
  ];
  return `
## In the trainer: an attribute hidden

\`--hide tone\` (an adversary, \`src/train/adversary.ts\`) against the same training without; ${people} people, ${steps} steps of 32, far fewer than the shipped projector had. Attackers learn afterwards, from other people; the better one of the two counts. Texts here are about top angle *and* tone, so hiding tone must cost what it gave.

${table(head, rows)}
`;
}

function membersText(trained: readonly Trained[]): string {
  const rows = trained
    .toSorted((a, b) => a.people - b.people || (b.epsilon ?? Infinity) - (a.epsilon ?? Infinity))
    .map(({ name, people, steps, epsilon, delta, noise, personalisation, membership }) => [
      epsilon === undefined ? name : `${name}, noise ${noise!.toFixed(2)}`,
      ...[String(people), String(steps), epsilon === undefined ? '–' : `${epsilonText(epsilon)} at ${delta}`],
      ...[level(membership!), interval(personalisation)],
    ]);
  return `
## In the trainer: who was trained on

DP-SGD by user (\`--dp-epsilon\`; clip 0.1, a linear projector, in a step 32 people of 1,600 or 12 of 50), against trainings without noise. Membership is the attack of the audit above, 50 or 100 members against 100 others, two or three examples each; 0.5 is chance.

${table(['training', 'people', 'steps', 'ε at δ', 'membership AUC', GAIN], rows)}
`;
}

function wayText({ clip, sigma, components }: Protected): string {
  const parts = [
    ...(components === undefined ? [] : [`${components} of 32 components`]),
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
