/** From a projector's file to a projector that a model can be given: read, checked against the model, with what it borrows of it. */
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { checkContract } from './check-contract.ts';
import { type Projector, readProjector, withAnchorRows } from './projector.ts';

export interface ProjectorFile {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @throws E2PError `invalid-projector`, `contract-mismatch` */
export async function readyProjector(
  { name, bytes }: ProjectorFile,
  model: BaseModel,
  runtime: Runtime,
): Promise<Projector> {
  const projector = readProjector(bytes, name);
  await checkContract(projector.contract, model, runtime, name);
  return withAnchorRows(projector, model, runtime);
}
