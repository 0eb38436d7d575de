/** Does a projector fit the model it is about to steer? Decided before anything is generated. */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { ProjectorContract } from './contract.ts';

/** @throws E2PError `contract-mismatch` naming the field, what the projector expects and what the model has. */
export async function checkContract(
  contract: ProjectorContract,
  model: BaseModel,
  fileName: string,
): Promise<void> {
  const mismatch = (field: string, expected: string | number, found: string | number): never => {
    throw new E2PError(
      'contract-mismatch',
      `${fileName} was trained for ${contract.model.id} with ${field} ${expected}; ${model.name} has ${found}`,
    );
  };
  const { hiddenSize, vocabularySize } = model.facts;
  if (contract.model.hiddenSize !== hiddenSize) {
    mismatch('hidden size', contract.model.hiddenSize, hiddenSize);
  }
  if (contract.model.vocabularySize !== vocabularySize) {
    mismatch('vocabulary size', contract.model.vocabularySize, vocabularySize);
  }
  // Another variant of the same model stores its table in other bytes; those cannot be compared.
  if (contract.model.dtype === model.dtype) {
    const sha256 = await model.tableSha256();
    if (sha256 !== contract.model.tableSha256) {
      mismatch('an embedding table of SHA-256', contract.model.tableSha256.slice(0, 16), sha256.slice(0, 16));
    }
  }
}
