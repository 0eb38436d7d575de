/** A decoder's graph as the engine runs it: every rewrite in its order, and the names of the inputs they add. */
import { feedLengths, type LengthInputs } from './feed-lengths.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import { inspected } from './inspected.ts';
import { keepPositions } from './last-position.ts';
import type { OnnxModel } from './onnx-model.ts';
import { addSoftTokens } from './soft-token.ts';

export interface AddedInputs {
  /** bool [batch, sequence, 1] (each dim may be 1): true where a soft token stands. */
  readonly softMask: string;
  /** [batch, sequence, H] (each dim may be 1), in the type of the embeddings. */
  readonly softEmbeds: string;
  /** int64 [count]: positions whose logits are wanted. */
  readonly logitPositions: string;
  /** Whether, on the CPU, none may be wanted. */
  readonly mayWantNone: boolean;
  /** Where the graph takes lengths instead of computing them from the mask. */
  readonly lengths: LengthInputs | undefined;
  /** Whether the attention mask is still an input. */
  readonly needsMask: boolean;
}

export interface PersonalisedGraph {
  readonly model: OnnxModel;
  /** Of the graph before it was rewritten. */
  readonly facts: GraphFacts;
  readonly inputs: AddedInputs;
}

/** @throws E2PError `unsupported-graph` with the reason. */
export function personaliseGraph(original: OnnxModel, fileName = 'model.onnx'): PersonalisedGraph {
  const { plain, facts } = inspected(original, fileName);
  const soft = addSoftTokens(plain, facts);
  const kept = keepPositions(soft.model, facts);
  const { model, lengths, needsMask } = feedLengths(kept.model, facts);
  const { mask: softMask, embeds: softEmbeds } = soft.inputs;
  const { input: logitPositions, mayBeNone: mayWantNone } = kept;
  return {
    ...{ model, facts },
    inputs: { softMask, softEmbeds, logitPositions, mayWantNone, lengths, needsMask },
  };
}
