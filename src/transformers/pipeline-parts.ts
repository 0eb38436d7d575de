/**
 * The parts of a text-generation pipeline that are relied on, as version 4.3.1 of Transformers.js has them: `model.sessions` holds sessions
 * of onnxruntime by name, a decoder's is `model`, and each call hands it tensors by the names in `inputNames`.
 */
import { E2PError } from '../error.ts';
import { DTYPE_SUFFIX, type Dtype } from '../model/model-config.ts';
import type { OrtModule, Tensor } from '../runtime/runtime.ts';

export interface InputMetadata {
  readonly name: string;
  /** Sizes, or the file's names of those that vary. */
  readonly shape?: readonly (number | string)[];
}

/** A session as the pipeline uses it. */
export interface PipelineSession {
  /** Of the cache, from which the pipeline makes an empty one. */
  readonly inputMetadata: readonly InputMetadata[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** What it was made with. */
  readonly config: { readonly dtype: string; readonly device: string };
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** A tensor of Transformers.js around one of onnxruntime. */
export interface PipelineTensor {
  readonly ort_tensor: Tensor;
  tolist(): readonly (readonly bigint[])[];
}

export type CallOptions = Readonly<Record<string, unknown>>;

export interface Pipeline {
  (texts: unknown, options?: CallOptions): Promise<unknown>;
  readonly model: {
    readonly sessions: Record<string, PipelineSession>;
    generate(options: CallOptions): Promise<PipelineTensor>;
  };
  readonly tokenizer: {
    (text: string): { readonly input_ids: PipelineTensor };
    decode(ids: readonly (number | bigint)[], options: { readonly skip_special_tokens: boolean }): string;
  };
  readonly _default_generation_config?: CallOptions;
}

export interface PipelineParts {
  readonly pipeline: Pipeline;
  readonly session: PipelineSession;
  readonly dtype: Dtype;
  /** The onnxruntime that the pipeline runs on: of another copy it takes no tensors. */
  readonly ort: OrtModule;
  /** Of Transformers.js, int64. */
  makeIds(values: readonly number[], dims: readonly number[]): PipelineTensor;
}

type TensorClass = new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => PipelineTensor;

/** @throws E2PError `invalid-argument` where it is no such pipeline, or one of several graphs */
export function readPipeline(generator: unknown): PipelineParts {
  const pipeline = generator as Pipeline;
  const refuse = (found: string): never => {
    throw new E2PError(
      'invalid-argument',
      `the generator ${found}, expected what pipeline('text-generation', …) of Transformers.js 4 gives`,
    );
  };
  if (typeof pipeline !== 'function' || typeof pipeline.tokenizer !== 'function') refuse('is no pipeline');
  const { sessions } = pipeline.model ?? {};
  const [name, ...others] = Object.keys(sessions ?? {});
  if (name !== 'model' || others.length > 0) refuse(`has the sessions ${[name, ...others].join(', ')}`);
  const session = sessions.model!;
  if (!Array.isArray(session.inputNames)) refuse('has a session without input names');
  if (session.constructor === Object) refuse('was personalised before');
  const { dtype = '' } = session.config ?? {};
  if (!Object.hasOwn(DTYPE_SUFFIX, dtype)) refuse(`has the dtype ${JSON.stringify(dtype)}`);
  const ids = pipeline.tokenizer('a').input_ids;
  const IdsTensor = ids.constructor as TensorClass;
  return {
    ...{ pipeline, session, dtype: dtype as Dtype },
    ort: {
      Tensor: ids.ort_tensor.constructor as OrtModule['Tensor'],
      InferenceSession: session.constructor as unknown as OrtModule['InferenceSession'],
    },
    makeIds: (values, dims) => new IdsTensor('int64', BigInt64Array.from(values, BigInt), dims),
  };
}
