/** Texts in the files of a command become vectors, where `--encoder` names what makes them. */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Anchors } from '../projector/anchors.ts';
import type { SentenceEncoderContract } from '../projector/contract.ts';
import { anchorWords } from '../train/anchor-words.ts';
import type { AlignmentText } from '../train/train-options.ts';
import type { AlignmentLine, UserLines, Users } from '../train/training-data.ts';
import { vocabularyWords } from '../train/vocabulary-words.ts';
import type { SentenceEncoder } from '../user/sentence-encoder.ts';
import { loadSentenceEncoder } from '../user/transformers-encoder.ts';

export interface EncodedInputs {
  readonly users: Users;
  /** Words of the model's vocabulary with what the encoder makes of them, where asked for. */
  readonly anchors: Anchors | undefined;
  readonly alignTo: readonly AlignmentText[] | undefined;
  readonly encoder: SentenceEncoderContract | undefined;
  /** Vectors of what was to be read beside users and texts. */
  readonly questions: ReadonlyMap<string, Float32Array>;
}

export interface TextInputs {
  readonly told: UserLines;
  readonly texts: readonly AlignmentLine[] | undefined;
  /** Where they were read, for messages. */
  readonly usersFile: string;
  readonly alignFile: string | undefined;
  readonly encoder: string | undefined;
  /** By which others find the encoder on the Hub; default: what was given to load it. */
  readonly encoderId: string | undefined;
  /** How many words of this model soft tokens are to be anchored in. */
  readonly anchors: { readonly model: BaseModel; readonly most: number } | undefined;
  /** What examples ask, where users are weighed by it. */
  readonly questions?: readonly string[] | undefined;
}

/**
 * Users, and texts to align with, as vectors.
 * @throws E2PError `invalid-data`, `invalid-model`; `invalid-argument` where a file has texts and no encoder is given
 */
export async function encodeInputs(inputs: TextInputs): Promise<EncodedInputs> {
  const { told, texts, usersFile, alignFile, encoder: id, encoderId, anchors, questions = [] } = inputs;
  const { users, lines } = told;
  const named = lines.size > 0 ? usersFile : texts?.some((t) => t.vector === undefined) && alignFile;
  if (id === undefined) {
    if (!named) {
      const words = anchors && vocabularyWords(anchors.model).slice(0, anchors.most);
      return {
        ...{ users, alignTo: texts as AlignmentText[] | undefined, encoder: undefined },
        anchors: words && { ids: words.map((word) => word.id) },
        questions: new Map(),
      };
    }
    throw new E2PError(
      'invalid-argument',
      `${named} holds texts, expected --encoder to make vectors of them`,
    );
  }
  const listed = (texts ?? []).flatMap(({ words }) => (typeof words === 'string' ? [] : words));
  const encoder = await loadSentenceEncoder({ id });
  try {
    if (users.rows.size > 0 && users.dim !== encoder.dim) {
      throw new E2PError(
        'invalid-data',
        `${usersFile}: the embeddings have ${users.dim} numbers, those of the encoder ${encoder.dim}`,
      );
    }
    const aligned = (texts ?? []).flatMap(({ text }) => text ?? []);
    const vectors = await encodeOnce(encoder, [...[...lines.values()].flat(), ...aligned, ...questions]);
    const rows = new Map(users.rows);
    for (const [user, told] of lines) {
      const flat = new Float32Array(told.length * encoder.dim);
      for (const [n, line] of told.entries()) flat.set(vectors.get(line)!, n * encoder.dim);
      rows.set(user, flat);
    }
    return {
      users: { rows, dim: encoder.dim },
      alignTo: texts?.map(({ words, text, vector }) => ({ words, vector: vector ?? vectors.get(text!)! })),
      encoder: encoder.contract(encoderId ?? id),
      questions: new Map(questions.map((text) => [text, vectors.get(text)!])),
      anchors: anchors && (await anchorWords(anchors.model, encoder, anchors.most, listed)),
    };
  } finally {
    await encoder.release();
  }
}

/** Each text once, with a line about how far it is at the start and every ten seconds. */
async function encodeOnce(
  encoder: SentenceEncoder,
  all: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const texts = [...new Set(all)];
  let shown = Number.NEGATIVE_INFINITY;
  const onProgress = (done: number, count: number) => {
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.error(`encoding texts ${done}/${count}`);
  };
  const values = await encoder.encode(texts, { onProgress });
  const { dim } = encoder;
  return new Map(texts.map((text, i) => [text, values.subarray(i * dim, (i + 1) * dim)]));
}
