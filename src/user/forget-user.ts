/** Forgetting without the key. */
import { type ForgetReport, reportForgetting } from './forget-report.ts';
import { shredRecords } from './vault/shred-records.ts';
import { locateVault, type VaultLocation } from './vault-location.ts';

/**
 * Forgets a person whose vault can't be opened: the passphrase is lost, or the vault is damaged. Other tabs are told.
 * What `User.forget()` does with memory it can't do.
 */
export async function forgetUser(location: VaultLocation = {}): Promise<ForgetReport> {
  const { records, exclusive, channel } = await locateVault(location);
  try {
    const shredded = await exclusive(() => shredRecords(records));
    channel?.post('forget');
    const attachments = { items: [], failures: 0 };
    return await reportForgetting({
      time: (location.now ?? Date.now)(),
      records,
      shredded,
      buffers: 0,
      attachments,
    });
  } finally {
    channel?.close();
    records.close();
  }
}
