/**
 * A pipeline that answers for a person. Its session gives way to one with a place for soft tokens; a call with a user reads its prompt
 * with soft tokens in it, and generates by the pipeline's own loop. Without a user a call goes to the pipeline as it is.
 */
import { E2PError } from '../error.ts';
import type { TokenRun } from '../generate/decoder.ts';
import { buildCompletion, buildPrompt } from '../generate/prompt.ts';
import { readInput } from '../generate/prompt-input.ts';
import { checkTemplateReads, readTemplateVariables } from '../generate/template-variables.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import { softTokensFor } from '../projector/soft-tokens-for.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import { createReader } from '../user/read-untrusted.ts';
import { checkEmbedding, type EmbeddingInput } from '../user/user-embedding.ts';
import { modelSource, readFileBytes } from './model-source.ts';
import { type CallOptions, type PipelineParts, readPipeline } from './pipeline-parts.ts';
import { pipelineRuntime } from './pipeline-runtime.ts';
import { createSoftSession, type SoftSession } from './soft-session.ts';

/** Of `personalize`. */
export interface PersonalizeOptions {
  /** The pipeline's model once more: its folder (in Node), the URL of that, its Hub id, or its files. */
  readonly model: string | ModelFiles;
  /** Path (in Node) or URL of a projector file, or the file. */
  readonly projector: string | Blob;
  /** λ: 0 = the average user, 1 = as trained (default). */
  readonly strength?: number;
}

/** The person a pipeline answers for. */
export interface GeneratorUser {
  /**
   * Calls from now on are for this person; one that runs goes on for the person before.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /** Forgets the person. */
  clear(): Promise<void>;
}

/** The generator as it was, and the person it answers for. */
export type PersonalGenerator<T> = T & { readonly user: GeneratorUser };

/** What would change the prompt in ways that soft tokens can't follow. */
const REFUSED = [...['tools', 'documents', 'chat_template', 'past_key_values']] as const;

/**
 * The given generator goes on working, on the same new session. Nothing may generate meanwhile.
 * @param generator what `pipeline('text-generation', …)` gave
 * @throws E2PError naming the file and what is wrong with it; the generator is then as it was
 */
export async function personalize<T extends object>(
  generator: T,
  options: PersonalizeOptions,
): Promise<PersonalGenerator<T>> {
  const reader = createReader('invalid-argument', 'the options of personalize');
  reader.fields(options, '', ['model', 'projector', 'strength']);
  const { model: place, projector: file, strength = 1 } = options;
  if (!Number.isFinite(strength) || strength < 0)
    throw new E2PError('invalid-argument', `strength is ${String(strength)}, expected a number from 0`);
  const parts = readPipeline(generator);
  const { pipeline, session: original } = parts;
  const runtime = pipelineRuntime(parts);
  const model = await loadBaseModel({ source: modelSource(place), dtypes: [parts.dtype] });
  const name = typeof file === 'string' ? file : 'the projector';
  const read = readProjector(await readFileBytes(file), name);
  await checkContract(read.contract, model, runtime, name);
  const projector = await withAnchorRows(read, model, runtime);
  const { space: named, slot } = projector.contract;
  const space = { id: named.id, dim: named.dim, vectors: projector.contract.vectors };
  const session = await createSoftSession(model, runtime, original);
  pipeline.model.sessions.model = session;
  await original.release();

  let vectors: readonly Float32Array[] | undefined;
  const user: GeneratorUser = {
    set: async (embedding) => {
      const { values } = checkEmbedding(embedding, space);
      try {
        vectors = softTokensFor(projector, values, strength, model.facts);
      } finally {
        values.fill(0);
      }
    },
    clear: async () => {
      for (const vector of vectors ?? []) vector.fill(0);
      vectors = undefined;
    },
  };
  const call = async (texts: unknown, asked: CallOptions = {}): Promise<unknown> => {
    if (vectors === undefined) return pipeline(texts, asked);
    // The user may change while this runs.
    const soft = { vectors: vectors.map((vector) => vector.slice()), slot };
    const answer = (text: unknown) => {
      const run = readPrompt(model, text, soft, asked.tokenizer_encode_kwargs);
      return generate(parts, { model, session, run, text, options: asked });
    };
    try {
      if (!isBatch(texts)) return await answer(texts);
      // One after the other: padding in front moves what stands behind it.
      const answers: unknown[] = [];
      for (const text of texts) answers.push(await answer(text));
      return answers;
    } finally {
      for (const vector of soft.vectors) vector.fill(0);
    }
  };
  return new Proxy(generator, {
    apply: (_, __, [texts, asked]) => call(texts, asked),
    get: (target, key) => (key === 'user' ? user : Reflect.get(target, key)),
  }) as PersonalGenerator<T>;
}

const isBatch = (texts: unknown): texts is readonly unknown[] =>
  Array.isArray(texts) && texts.every((text) => typeof text === 'string' || Array.isArray(text));

/** A chat through the model's template, a text as it is. */
function readPrompt(
  model: BaseModel,
  text: unknown,
  soft: Parameters<typeof buildPrompt>[2],
  given: unknown,
): TokenRun {
  const option = 'tokenizer_encode_kwargs';
  const variables = readTemplateVariables(given ?? {}, option);
  if (typeof text === 'string') {
    if (Object.keys(variables).length === 0) return buildCompletion(model, text, soft);
    throw new E2PError(
      'invalid-argument',
      `${option} is given, expected none beside a text without a template`,
    );
  }
  checkTemplateReads(model.codec, variables, option);
  const { messages } = readInput(text as Parameters<typeof readInput>[0]);
  return buildPrompt(model, messages, soft, { variables });
}

interface Prompted {
  readonly model: BaseModel;
  readonly session: SoftSession;
  readonly run: TokenRun;
  readonly text: unknown;
  readonly options: CallOptions;
}

/** @returns what the pipeline would for one text */
async function generate(
  { pipeline, makeIds }: PipelineParts,
  { model, session, run, text, options }: Prompted,
): Promise<unknown> {
  const refused = REFUSED.find((name) => options[name] !== undefined && options[name] !== null);
  if (refused !== undefined)
    throw new E2PError('invalid-argument', `${refused} is given, expected none where a user is set`);
  const {
    add_special_tokens: _,
    tokenizer_encode_kwargs: __,
    return_full_text: isFull = true,
    ...generation
  } = options;
  const { contextLength } = model.config;
  if (run.ids.length >= contextLength) {
    const tokens = `${run.ids.length} tokens`;
    throw new E2PError('context-overflow', `${tokens} do not fit the context of ${contextLength} tokens`);
  }
  const prompt = run.ids.map((id, at) => (run.soft?.has(at) ? placeholder(model) : id));
  const input_ids = makeIds(prompt, [1, prompt.length]);
  if (run.soft?.size) session.place(input_ids.ort_tensor, run.soft);
  const output = await pipeline.model.generate({
    ...{
      input_ids,
      attention_mask: makeIds(
        prompt.map(() => 1),
        [1, prompt.length],
      ),
    },
    ...pipeline._default_generation_config,
    ...generation,
  });
  const ids = output.tolist()[0]!;
  const decode = (some: readonly bigint[]) => pipeline.tokenizer.decode(some, { skip_special_tokens: true });
  const written = decode(ids).slice(decode(ids.slice(0, prompt.length)).length);
  if (typeof text === 'string') return [{ generated_text: isFull ? text + written : written }];
  return [{ generated_text: [...(text as object[]), { role: 'assistant', content: written }] }];
}

/** A special token, which is left out of what is decoded; the one least missed by a repetition penalty. */
const placeholder = ({ codec, config }: BaseModel): number =>
  (codec.bosToken === undefined ? undefined : codec.tokenId(codec.bosToken)) ??
  config.bosTokenId ??
  config.eosTokenIds[0] ??
  0;
