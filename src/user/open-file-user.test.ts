/** A person's vault in a folder: what lies there, and what it is after a restart, beside another process, and after a write that broke off. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddingOf, SPACE, withCode } from '../testing/user-world.ts';
import { forgetFileUser, type OpenFileUserOptions, openFileUser } from './open-file-user.ts';
import { createFileLock } from './vault/file-lock.ts';

const SECRET_WORD = 'marzipan-lighthouse';
let folder = '';
const path = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options?: Partial<OpenFileUserOptions>) =>
  openFileUser({ folder, policyVersion: '1', passphraseIterations: 1000, ...options });

/** A vault with something of everything in it, closed. */
async function filled(options?: Partial<OpenFileUserOptions>): Promise<void> {
  const user = await open(options);
  await user.consent.grant('personalise');
  await user.consent.grant('learn-from-activity');
  await user.embedding.set(embeddingOf(0.5));
  await user.events.add({ type: 'click', item: SECRET_WORD });
  await user.close();
}

describe('a vault in a folder', () => {
  it('is there after a restart: consent, embedding, events, and a log whose chain holds', async () => {
    await filled();
    await using user = await open();
    expect(user).toMatchObject({ persistent: true, warning: undefined, lockKind: 'none', isLocked: false });
    expect((await user.embedding.get(SPACE))?.values).toEqual(embeddingOf(0.5).values);
    expect(await user.audit.verify()).toMatchObject({ valid: true });
    const text = JSON.stringify(await user.export());
    expect(text).toContain(SECRET_WORD);
    await user.consent.withdraw('personalise');
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('consent-required'));
  });

  it('is files that nobody else may read, and that say nothing', async () => {
    await filled({ folder: path('new') });
    expect(readdirSync(path('new')).toSorted()).toEqual(['default.vault', 'default.vault.key']);
    expect(statSync(path('new')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path('new'))) {
      expect(statSync(path(`new/${name}`)).mode & 0o777).toBe(0o600);
    }
    const text = readFileSync(path('new/default.vault'), 'latin1');
    for (const word of [SECRET_WORD, SPACE, 'click', 'granted']) expect(text).not.toContain(word);
    const key = readFileSync(path('new/default.vault.key'));
    expect(key).toHaveLength(32);
    for (const code of ['hex', 'base64', 'latin1'] as const) expect(text).not.toContain(key.toString(code));
  });

  it('opens with its passphrase alone, where it has one', async () => {
    const lock = { passphrase: 'correct horse' };
    await filled({ lock });
    await expect(open({ lock: { passphrase: 'wrong' } })).rejects.toMatchObject(withCode('vault-locked'));
    await using user = await open();
    expect(user).toMatchObject({ lockKind: 'passphrase', isLocked: true });
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('vault-locked'));
    await user.unlock(lock);
    expect(await user.embedding.get(SPACE)).toBeDefined();
    await user.setLock(undefined);
    await user.close();
    await using again = await open();
    expect(again).toMatchObject({ lockKind: 'none', isLocked: false });
  });

  it('does not open without its device key, or with that of another vault', async () => {
    await filled();
    await filled({ name: 'other' });
    copyFileSync(path('other.vault.key'), path('default.vault.key'));
    await expect(open()).rejects.toMatchObject(withCode('vault-corrupt'));
    rmSync(path('default.vault.key'));
    await expect(open()).rejects.toMatchObject(withCode('vault-corrupt'));
    expect((await forgetFileUser({ folder })).isComplete).toBe(true);
  });

  it('leaves nothing when the person is forgotten, and begins anew', async () => {
    await filled();
    const user = await open();
    const other = await open();
    const report = await user.forget();
    expect(report).toMatchObject({ isComplete: true, remaining: [] });
    expect(report.removed).toContainEqual({ what: 'key', where: 'storage', count: 1 });
    expect(readdirSync(folder)).toEqual([]);
    await expect(other.embedding.get(SPACE)).rejects.toMatchObject(withCode('destroyed'));
    await using fresh = await open();
    expect(await fresh.audit.entries()).toEqual([]);
  });

  it('takes its device key from elsewhere, and leaves it there', async () => {
    const keyFile = path('secrets/device');
    await filled({ keyFile });
    expect(readdirSync(folder).toSorted()).toEqual(['default.vault', 'secrets']);
    const user = await open({ keyFile });
    expect((await user.forget()).isComplete).toBe(true);
    expect(existsSync(keyFile)).toBe(true);
  });

  it('a deleted record is in the file no more', async () => {
    await filled();
    await using user = await open();
    const before = statSync(path('default.vault')).size;
    await user.embedding.set({ space: 'large', values: new Float32Array(1000).fill(1) });
    expect(statSync(path('default.vault')).size).toBeGreaterThan(before + 4000);
    await user.embedding.delete('large');
    expect(statSync(path('default.vault')).size).toBeLessThan(before + 2000);
  });
});

describe('a write that broke off', () => {
  it('beside the vault changes nothing, and goes with the next one', async () => {
    await filled();
    const half = readFileSync(path('default.vault')).subarray(0, 500);
    writeFileSync(path('default.vault.tmp'), half);
    await using user = await open();
    expect((await user.embedding.get(SPACE))?.values).toEqual(embeddingOf(0.5).values);
    expect(existsSync(path('default.vault.tmp'))).toBe(false);
  });

  it.each([
    ['cut', (file: Buffer) => file.subarray(0, file.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['of zeros', (file: Buffer) => Buffer.alloc(file.length)],
    ['of a later version', () => Buffer.from('{"v":2,"records":{}}'), 'vault-too-new'],
  ])('in the vault (%s): it says so, keeps it, and can be forgotten', async (_, spoil, code = 'vault-corrupt') => {
    await filled();
    const spoilt = spoil(readFileSync(path('default.vault')));
    writeFileSync(path('default.vault'), spoilt);
    await expect(open()).rejects.toMatchObject(withCode(code));
    expect(readFileSync(path('default.vault'))).toEqual(spoilt);
    expect((await forgetFileUser({ folder })).isComplete).toBe(true);
    await using user = await open();
    expect(await user.audit.entries()).toEqual([]);
  });

  it('where nothing can be written is an error, and the vault is as before', async () => {
    writeFileSync(path('file'), '');
    await expect(open({ folder: path('file/inside') })).rejects.toMatchObject(withCode('storage-failed'));
    await expect(open({ name: '../x' })).rejects.toMatchObject(withCode('invalid-argument'));
  });
});

describe('another process', () => {
  it('writes between our writes, and nothing of either is lost', async () => {
    await filled();
    const script = `
      import { openFileUser } from ${JSON.stringify(new URL('./open-file-user.ts', import.meta.url).href)};
      const user = await openFileUser({ folder: ${JSON.stringify(folder)}, policyVersion: '1' });
      for (let i = 0; i < 20; i++) await user.events.add({ type: 'theirs', item: String(i) });
      await user.close();`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    await using user = await open();
    let ours = 0;
    while (child.exitCode === null || ours < 20) {
      await user.events.add({ type: 'ours', item: String(ours++) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await ended).toEqual([0, null]);
    const events = await user.events.list();
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect([count('theirs'), count('ours')]).toEqual([20, ours]);
    expect(await user.audit.verify()).toMatchObject({ valid: true });
  });

  it('that died with the lock does not keep anybody out', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const [pid] = [child.pid!];
    await once(child, 'exit');
    writeFileSync(path('default.vault.lock'), JSON.stringify({ pid, start: 1, host: hostname(), id: 'x' }));
    await filled();
    // The same number as ours, of before the container was started again.
    const ours = JSON.stringify({ pid: process.pid, start: -1000, host: hostname(), id: 'x' });
    writeFileSync(path('default.vault.lock'), ours);
    await (await open()).close();
    expect(readdirSync(folder).toSorted()).toEqual(['default.vault', 'default.vault.key']);
  });

  it('on another machine may be alive: its lock is waited for, and left', async () => {
    const lock = path('x.lock');
    writeFileSync(lock, JSON.stringify({ pid: 1, start: 1, host: 'elsewhere', id: 'x' }));
    const exclusive = createFileLock(lock, 100);
    await expect(exclusive(async () => 1)).rejects.toMatchObject(withCode('storage-failed'));
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(await exclusive(async () => 1)).toBe(1);
  });
});
