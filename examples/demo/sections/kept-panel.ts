/** What is kept of the visitor, shown: what lies on the disk, who asked for it, a copy to take away, and the end of it. */
import { verifyAuditLog, weights } from '../../../src/index.ts';
import { byId, element } from '../dom.ts';
import { showError } from '../page-status.ts';
import { saveFile } from '../save-file.ts';
import { readDisk } from './disk.ts';
import './kept.css';
import html from './kept.html?raw';
import { type Forgotten, type PageVault, USE } from './page-vault.ts';

/** Of whatever page. */
type KeptVault = Pick<PageVault<never>, 'name' | 'user' | 'forget'>;

const KINDS = {
  key: 'Keys of the vault',
  ledger: 'What you decided',
  embedding: 'Your points',
  event: 'Your clicks',
  audit: 'Who asked for it',
} as const;
const SHOWN_ENTRIES = 20;
const SHOWN_RECORDS = 12;

/**
 * Fills its room.
 * @param names of kinds of records, where they are not those of clicks
 * @returns looks again
 */
export function createKeptPanel(
  vault: KeptVault,
  names: Partial<Record<keyof typeof KINDS, string>> = {},
): () => Promise<void> {
  byId('kept-room').innerHTML = html;
  const kinds = { ...KINDS, ...names };
  const audit = byId<HTMLDetailsElement>('audit');
  const show = async (): Promise<void> => {
    await Promise.all([showDisk(vault, kinds), showWeights(), audit.open && showAudit(vault)]);
    for (const id of ['export', 'forget']) byId<HTMLButtonElement>(id).disabled = vault.user === undefined;
  };
  const forget = async (): Promise<void> => {
    const report = await vault.forget();
    await show();
    byId('kept').textContent = whatIsForgotten(report);
  };
  audit.addEventListener('toggle', () => void show().catch(showError));
  byId('export').addEventListener('click', () => void save(vault).catch(showError));
  byId('forget').addEventListener('click', () => void forget().catch(showError));
  return show;
}

/** In a sentence. */
export function whatIsForgotten({ removed, isComplete }: Forgotten): string {
  const what = removed.map(({ what, count }) => `${count} ${what}`).join(', ');
  return isComplete
    ? `Forgotten: ${what}. Looked again: nothing is left.`
    : `Not all of it could be deleted. Gone: ${what}.`;
}

let asked = 0;

async function showDisk(
  { name: vault, user }: KeptVault,
  kinds: Readonly<Record<string, string>>,
): Promise<void> {
  const own = ++asked;
  const records = await readDisk(vault);
  // Somebody looked later.
  if (own !== asked) return;
  const rows = Object.entries(kinds).flatMap(([kind, name]) => {
    const of = records.filter(({ key }) => key.split(':')[0] === kind);
    if (of.length === 0) return [];
    const row = element('tr', {});
    const bytes = of.reduce((sum, record) => sum + record.bytes, 0);
    row.append(
      element('th', { scope: 'row' }, name),
      element('td', {}, String(of.length)),
      element('td', {}, bytes > 0 ? String(bytes) : '–'),
    );
    row.dataset.testid = `disk-${kind}`;
    return [row];
  });
  byId('disk').hidden = rows.length === 0;
  byId('disk')
    .querySelector('tbody')!
    .replaceChildren(...rows);
  byId('kept').textContent =
    rows.length === 0
      ? (user?.warning ?? 'Nothing.')
      : `${records.length} records, encrypted, in this browser and nowhere else.`;
  const lines = records.map(
    ({ key, bytes, beginning }) => `${key}  ${bytes > 0 ? `${bytes} bytes  ` : ''}${beginning}`,
  );
  const more = lines.length - SHOWN_RECORDS;
  byId('raw-records').textContent =
    [...lines.slice(0, SHOWN_RECORDS), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n') || 'Nothing.';
}

/** Not personal, and not forgotten with the visitor. */
async function showWeights(): Promise<void> {
  const bytes = (await weights.list().catch(() => [])).reduce((sum, folder) => sum + folder.bytes, 0);
  byId('kept-weights').textContent =
    bytes > 0
      ? `Beside it lie weights of models, ${(bytes / 1e6).toFixed(1)} MB, the same for everybody.`
      : 'No weights of models are kept.';
}

async function showAudit({ user }: KeptVault): Promise<void> {
  const log = await user?.audit.export();
  const entries = log?.entries ?? [];
  const report = log && (await verifyAuditLog(log));
  byId('audit-check').textContent =
    report === undefined
      ? 'Nobody.'
      : report.valid
        ? `${report.entries} entries, none changed or taken out.`
        : `Entry ${report.firstBad} is ${report.reason}.`;
  byId('audit-entries').replaceChildren(
    ...entries
      .toReversed()
      .slice(0, SHOWN_ENTRIES)
      .map(({ seq, time, actor, action, purpose, projector }) => {
        const why = [purpose, projector && 'for a text'].filter(Boolean).join(', ');
        return element(
          'li',
          { value: seq },
          `${new Date(time).toLocaleTimeString()} ${actor}: ${action}${why ? ` (${why})` : ''}`,
        );
      }),
  );
}

/** Everything, in clear, as a file. */
async function save({ user }: KeptVault): Promise<void> {
  const json = JSON.stringify(await user?.export(USE), null, 2);
  saveFile(new Blob([json], { type: 'application/json' }), 'e2p-web-me.json');
}
