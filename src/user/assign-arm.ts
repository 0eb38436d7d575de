/**
 * Who is in which arm: SHA-256 over a secret of the vault and the experiment's id. Two numbers of the digest decide, one whether the person
 * takes part, one which arm it is, so that neither share moves anybody for the sake of the other. Nothing is asked of a server, and arms of
 * two experiments say nothing of each other.
 */
import type { Arm, CheckedExperiment } from './experiment.ts';

/** Bits of a digest for one decision: whole numbers of this size are exact in a double. */
const RANGE = 2 ** 48;

/** @param unit secret of the vault, hexadecimal */
export async function assignArm(
  unit: string,
  { id, enrolled, treatment }: Pick<CheckedExperiment, 'id' | 'enrolled' | 'treatment'>,
): Promise<Arm> {
  const text = JSON.stringify(['e2p-arm', unit, id]);
  const digest = new DataView(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const numberAt = (at: number) => digest.getUint16(at) * 2 ** 32 + digest.getUint32(at + 2);
  // Below a threshold that only rises with the share: who is in stays in.
  if (numberAt(0) >= Math.floor(enrolled * RANGE)) return 'outside';
  return numberAt(6) < Math.floor(treatment * RANGE) ? 'treatment' : 'control';
}
