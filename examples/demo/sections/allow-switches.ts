/** Switches of what the visitor allows. While a decision is under way its switch shows what was asked for, not yet what the vault says. */
import type { Purpose } from '../../../src/index.ts';
import { byId } from '../dom.ts';
import { showError } from '../page-status.ts';
import type { PageVault } from './page-vault.ts';
import './switch.css';

/**
 * @param onDecided after each decision, which came about or not
 * @returns shows anew what is allowed
 */
export function createAllowSwitches<P extends Purpose>(
  vault: Pick<PageVault<P>, 'allow' | 'allows'>,
  purposes: readonly P[],
  onDecided: () => void,
): () => void {
  const deciding: P[] = [];
  let decided = Promise.resolve();
  const switchOf = (purpose: P) => byId<HTMLInputElement>(`allow-${purpose}`);
  const decide = async (purpose: P, isAllowed: boolean): Promise<void> => {
    try {
      await vault.allow(purpose, isAllowed);
    } finally {
      deciding.splice(deciding.indexOf(purpose), 1);
      onDecided();
    }
  };
  for (const purpose of purposes) {
    const box = switchOf(purpose);
    // Before, a press would have gone nowhere.
    box.disabled = false;
    box.addEventListener('change', () => {
      deciding.push(purpose);
      const isAllowed = box.checked;
      // One decision after the other.
      decided = decided.then(() => decide(purpose, isAllowed)).catch(showError);
    });
  }
  return () => {
    for (const purpose of purposes)
      if (!deciding.includes(purpose)) switchOf(purpose).checked = vault.allows(purpose);
  };
}
