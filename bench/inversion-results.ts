/** What is told of people, and what protection leaves, as `docs/results/inversion.json` keeps it, and its page. */
import type { AuditReport } from '../src/evaluate/audit/audit.ts';
import { auditTables, type WholeAudit } from '../src/evaluate/audit/report.ts';
import { type Interval, isTold } from '../src/evaluate/index.ts';
import { interval, table } from './results-table.ts';

/** One protection: what an attacker tells then, and what personalisation is left. */
export interface Protected {
  readonly name: string;
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

export interface InversionResults {
  /** Longest deviation that noise is added to, in standard deviations. */
  readonly clip: number;
  readonly whole: WholeAudit;
  readonly curve: readonly Protected[];
  readonly llm?: AuditReport;
}

export function inversionPage({ clip, whole, curve, llm }: InversionResults): string {
  const rows = curve.map(({ name, epsilon, recovered, personalisation }) => [
    ...[name, epsilon === undefined ? '–' : epsilon.toFixed(epsilon < 10 ? 1 : 0)],
    ...[level(recovered.topAngle), level(recovered.items), interval(personalisation)],
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

## Protection against personalisation

The attacker sees protected embeddings, and learnt from such; the better one of the two counts. The projector is the shipped one. Noise is added to an embedding that is at most ${clip.toFixed(1)} standard deviations from the mean user (longer ones are shortened); ε is
of one release at δ = 1e-5, for any two people (\`src/user/gaussian-mechanism.ts\`). An ε of 10 and more promises next to nothing, whatever these attackers do.

${table(['protection', 'ε', 'top angle recovered', 'clicked items recovered', 'nats per token that the own embedding is better than another'], rows)}
${llm === undefined ? '' : `\n## A real LLM, people's own words\n\nMade by \`npm run bench inversion -- --llm\`: SmolLM2-135M-Instruct (4 bits), all-MiniLM-L6-v2, the shipped projector for words; people who say one line, lines that the projector was trained with. What is to be recovered: words of the line of five letters or more that at least five people of those learnt from say.\n\n${auditTables(llm)}\n`}
Not measured: attackers with more data or larger models; people who are real; DP-SGD and adversarial training of the projector, which do not exist here.
`;
}

const level = (value: Interval): string => {
  const text = (v: number) => v.toFixed(3);
  return `${text(value.mean)} [${isTold(value) ? `${text(value.low)}, ${text(value.high)}` : 'all the same'}]`;
};
