/**
 * Does a projector fit the model it is about to steer? Decided before anything is generated. It fits the same model in any
 * precision, and not another one of the same sizes.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ProjectorContract } from './contract.ts';
import { ALLOWED_SHARE, matchFingerprint } from './model-fingerprint.ts';

/** @throws E2PError `contract-mismatch` naming the field, what the projector expects and what the model has. */
export async function checkContract(
  contract: ProjectorContract,
  model: BaseModel,
  runtime: Runtime,
  fileName: string,
): Promise<void> {
  const mismatch = (expected: string, found: string): never => {
    const trained = `${fileName} was trained for ${contract.model.id} with ${expected}`;
    throw new E2PError('contract-mismatch', `${trained}; ${model.name} has ${found}`);
  };
  const { hiddenSize, vocabularySize } = model.facts;
  if (contract.model.hiddenSize !== hiddenSize) {
    mismatch(`hidden size ${contract.model.hiddenSize}`, `${hiddenSize}`);
  }
  if (contract.model.vocabularySize !== vocabularySize) {
    mismatch(`vocabulary size ${contract.model.vocabularySize}`, `${vocabularySize}`);
  }
  // Another variant of the same model stores its table in other bytes.
  const sha256 = contract.model.dtype === model.dtype ? await model.tableSha256() : undefined;
  const sameTable = sha256 === contract.model.tableSha256;
  if (contract.fingerprint !== undefined) {
    const other = await matchFingerprint(contract.fingerprint, model, runtime, { sameTable });
    if (other === undefined) return;
    const allowed = `${other.part} of which at most ${100 * ALLOWED_SHARE} % differ by more than precision explains`;
    mismatch(
      allowed,
      `${other.beyond} of ${other.compared} that do: it is another model, or another fine-tune`,
    );
  }
  if (sha256 !== undefined && !sameTable) {
    const short = contract.model.tableSha256.slice(0, 16);
    mismatch(`an embedding table of SHA-256 ${short}`, sha256.slice(0, 16));
  }
}
