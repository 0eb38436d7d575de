/** The option `--slot`. */
import { E2PError } from '../error.ts';
import { PLACES, readSlotOption, type Slot, SOFT } from '../projector/slot.ts';

export const SLOT = {
  value: '<slot>',
  many: true,
  meaning: `after-bos, placeholder, or places: ${PLACES.join('|')}:" About${SOFT}."`,
  without: 'in the conversation',
} as const;

/** @throws E2PError `invalid-argument` */
export function slotOf(texts: readonly string[] | undefined): Slot | undefined {
  if (texts === undefined) return undefined;
  const slot = readSlotOption(texts);
  if (slot !== undefined) return slot;
  throw new E2PError(
    'invalid-argument',
    `--slot is ${JSON.stringify(texts)}, expected after-bos, a placeholder, or places (${PLACES.join(', ')}), each with a text in which ${SOFT} stands once: user-end:" About${SOFT}."`,
  );
}
