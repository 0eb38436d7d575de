/** The page of `npm run bench ablate-embedding`, from what its JSON keeps. */
import { type Interval, isTold } from '../../src/evaluate/index.ts';
import { interval, signed, table } from '../results-table.ts';
import type { ComparedVariant } from './compare.ts';
import type { FusedLines } from './fused-lines.ts';
import type { FusedWorld } from './fused-world.ts';
import type { LlmLines } from './llm-lines.ts';
import type { MovieEmbeddings } from './movie-embeddings.ts';

export interface EmbeddingParts {
  readonly world?: FusedWorld;
  readonly movielens?: MovieEmbeddings;
  readonly llm?: LlmLines;
  readonly 'llm-fusion'?: FusedLines;
}

type Fusion = FusedWorld['fusion'];

const notMeasured = (parts: readonly (string | false)[]): string => {
  const missing = parts.filter(Boolean);
  return missing.length === 0 ? '' : `Not measured so far: ${missing.join(', ')}.`;
};

export const embeddingPage = ({ movielens, llm, world, 'llm-fusion': fused }: EmbeddingParts): string =>
  `# What ways of making a user embedding are worth

Made by \`npm run bench ablate-embedding\`, from [ablate-embedding.json](ablate-embedding.json). Each way is compared with the plain vector, which is the first row. Gain = nats per target token of *nobody set* minus those of the person's soft
token: more is better. *over the first row*: the same targets of the same people, by this way instead. 95 % bootstrap intervals over people (and training seeds where there are several), paired within people. [How each is used](../embeddings.md).

${[notMeasured([!movielens?.question && 'weighing by the question on MovieLens', !movielens?.peers && 'difference to peers on MovieLens', !movielens?.fusion && 'fusion on MovieLens', !world && 'the default model']), movielens && movieSection(movielens), llm && llmSection(llm), fused && fusedLinesSection(fused), world && worldSection(world)].filter(Boolean).join('\n\n')}
`;

const movieSection = (of: MovieEmbeddings): string => `## MovieLens

MovieLens latest-small (Harper & Konstan, ACM TiiS 5(4), 2015), ${of.people.train} people to train on, ${of.people.validation} to validate, ${of.people.test} to test: what they liked first is the user, ${of.titles} films that they liked later are told, each asked for by one of its genres or its decade ("A film: Comedy.").
The base model is a Llama of 3 layers, H = 96, pretrained on far fewer chats than that of [movielens](movielens.md): figures of the two pages do not compare. Each row is ${of.seeds} trainings of ${of.steps} steps of ${of.batch}, of which the validation people choose the best of 20 looks.

${[of.question && questionPart(of.question, of.temperatures!), of.peers && peersPart(of.peers, of.clusters), of.fusion && fusedPart(of.fusion, of.dropout)].filter(Boolean).join('\n\n')}`;

const questionPart = (
  question: readonly ComparedVariant[],
  temperatures: NonNullable<MovieEmbeddings['temperatures']>,
): string => `### Weighed by the question

A film is what all-MiniLM-L6-v2 (int8) makes of its title, genres and decade; a person is a set of at most 64 of them. τ was chosen on the validation people, by one training each: ${temperatures.map(({ temperature, nats }) => `${temperature}: ${nats.toFixed(4)}`).join(', ')} nats per token.

${variants(question)}

${verdict('Weighing by the question', question[1]!.overFirst!)}`;

const peersPart = (peers: readonly ComparedVariant[], clusters: number): string => `### Difference to peers

Of the factorisation's vectors (as in [movielens](movielens.md)), with ${clusters} cluster means asked for, the nearest of which is the peers.

${ofPeers(peers)}`;

/** The plain vector, the difference alone, and both. */
const ofPeers = (rows: readonly ComparedVariant[]): string => `${variants(rows)}

${verdict('The difference alone', rows[1]!.overFirst!)} ${verdict('The difference beside the vector', rows[2]!.overFirst!)}`;

const fusedPart = (rows: Fusion, dropout: number): string => `### Several sources

The factorisation's vector and the mean of the words, fused. Everybody in the training has both; source dropout ${dropout}.

${fusion(rows)}`;

const llmSection = (of: LlmLines): string => `## A real LLM: SmolLM2-135M-Instruct

The projector that ships for it, which was aligned to lines about interests; nothing is trained here. ${of.people} people of four lines, each of which names an interest of another topic in wordings of the test set, ask about each of the four topics
("What should I eat or drink tonight?"): ${of.questions} questions, whose target is an answer that names the interest ("How about baking bread?"). τ was chosen on ${of.dev} other people in the wordings of dev, gain by τ: ${of.temperatures.map(({ temperature, gain }) => `${temperature}: ${signed(gain, 3)}`).join(', ')}.
Difference: to the nearest of ${of.clusters} cluster means of training lines; the projector was never trained on differences.

${variants(of.variants)}

${of.variants
  .slice(1)
  .map(({ label, overFirst }) => verdict(`${label.charAt(0).toUpperCase()}${label.slice(1)}`, overFirst!))
  .join(' ')}

${of.temperature === Math.min(...of.temperatures.map((t) => t.temperature)) ? 'The best τ is the smallest that was tried: nearly the nearest line alone. ' : ''}Interests are those of training, in unseen wordings. No answers were generated; answers were written by a template. Not measured: a projector trained on weighed vectors, or on differences, through this LLM.`;

/** Equal for everybody: no interval. */
const level = (value: Interval): string => (isTold(value) ? interval(value, 3) : signed(value.mean, 3));

const fusedLinesSection = (of: FusedLines): string => {
  const [alone, ...both] = of.ways;
  const own = alone!.known[0]!.known;
  const other = both[0]?.known
    .map(({ known }) => known)
    .find((known) => !known.includes(own) && !known.startsWith('no '));
  const nameOf = (known: string) =>
    known === own ? 'the first alone' : known === other ? 'the second alone' : known;
  const rows = of.ways.flatMap(({ way, known }) =>
    known.map(({ known: label, gain, overOthers, overAlone }) => [
      ...[way, nameOf(label), level(gain)],
      ...[overOthers ? level(overOthers) : '', overAlone ? level(overAlone) : ''],
    ]),
  );
  const told = both.map(({ way, known }) => {
    const each = known.flatMap(({ known: label, overAlone }) =>
      overAlone ? [`${said(overAlone)} with ${nameOf(label)} (${level(overAlone)})`] : [],
    );
    return `- *${way}*, against the projector of one source that reads its one: ${each.join(', ')}.`;
  });
  return `## Fusion on the real LLM: SmolLM2-135M-Instruct

Made by \`npm run bench ablate-embedding -- --part llm-fusion\`. People have one interest and ask about its topic; the target names it. One service knows a line of theirs as a vector of all-MiniLM-L6-v2 (the first source), another service another line as one of the Universal Sentence Encoder (the second). ${of.people} test people, whose lines are in wordings of the test set, about interests of training.
Each projector is trained anew, and briefly: ${of.aligned} steps of alignment to ${of.texts} texts, anchored in ${of.words} words and the phrases, then ${of.steps} steps of ${of.batch} through the LLM on ${of.trained} people who have both sources. Source dropout is ${of.dropout}; the trainer drops sources in steps through the LLM alone, so texts of the alignment leave sources out beforehand, in the same share. Longer trainings, and more seeds than one, were not measured.

${table(['trained on', 'known of a person', 'gain over nobody', "over somebody else's", 'over the projector of one source'], rows)}

${told.join('\n')}`;
};

const worldSection = (of: FusedWorld): string => `## The default model

Synthetic readers, public/models/e2p-tiny, q4: ${of.readers} test readers, ${of.seeds} ${of.seeds === 1 ? 'training' : 'trainings'} of ${of.steps} steps of 32 each, which is far less than the projector that ships has had: what would come out of longer trainings was not measured.

### Difference to peers

${ofPeers(of.peers)}

### Two services, each with clicks on half of the items

Everybody in the training has both; source dropout ${of.dropout}.

${fusion(of.fusion)}`;

function variants(rows: readonly ComparedVariant[]): string {
  const others = rows.some(({ overOthers }) => overOthers !== undefined);
  const seeds = rows.some(({ gainBySeed }) => gainBySeed.length > 1);
  return table(
    [
      '',
      'gain over nobody',
      ...(seeds ? ['by seed'] : []),
      ...(others ? ["over somebody else's"] : []),
      'over the first row',
    ],
    rows.map(({ label, gain, gainBySeed, overOthers, overFirst }) => [
      ...[label, interval(gain)],
      ...(seeds ? [gainBySeed.map((v) => v.toFixed(4)).join(', ')] : []),
      ...(others ? [overOthers ? interval(overOthers) : ''] : []),
      overFirst ? interval(overFirst) : '',
    ]),
  );
}

/** Who is known by what, against ways of training. */
function fusion(known: Fusion): string {
  const ways = known[0]!.variants.map(({ label }) => label);
  const gains = table(
    ['gain over nobody; what is known', ...ways],
    known.map(({ known: label, variants: of }) => [label, ...of.map(({ gain }) => interval(gain))]),
  );
  const over = table(
    ['over the first column', ...ways.slice(1)],
    known.map(({ known: label, variants: of }) => [
      label,
      ...of.slice(1).map(({ overFirst }) => interval(overFirst!)),
    ]),
  );
  const verdicts = ways.slice(1).map((way, i) => {
    const by = known.map(({ known: label, variants: of }) => `${said(of[i + 1]!.overFirst!)} (${label})`);
    return `${way.charAt(0).toUpperCase()}${way.slice(1)}, against neither: ${by.join(', ')}.`;
  });
  const helped = known.filter(({ variants: of }) => of.slice(1).some(({ overFirst }) => overFirst!.low > 0));
  const plainly =
    helped.length === 0
      ? ' Neither gates nor source dropout gained anything here, whatever is known of a person.'
      : '';
  return `${gains}\n\n${over}\n\n${verdicts.join(' ')}${plainly}`;
}

const said = ({ low, high }: Interval): string =>
  low > 0 ? 'gains' : high < 0 ? 'loses' : 'is not significantly different';

const verdict = (what: string, over: Interval): string =>
  `${what} ${said(over)} ${over.low <= 0 && over.high >= 0 ? 'from' : 'against'} the plain vector (${interval(over)}).`;
