import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { enginePolicy, loaderPolicy, pagePolicy } from './content-policy.ts';
import { framePolicy, frameScriptHash, frameText } from './sealed-frame.ts';

describe('the policies', () => {
  it('of the engine and of its frame let nothing be asked for', async () => {
    for (const policy of [enginePolicy(), framePolicy(await frameScriptHash())]) {
      expect(policy).toMatch(/^default-src 'none'; /);
      expect(policy).not.toMatch(/https?:|\*|connect-src (?!'none')/);
      expect(policy).not.toMatch(/'unsafe-(inline|eval)'|report/);
    }
  });

  it('of the frame allows the one script that is in it', async () => {
    const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(await frameText())!;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(await frameText()).toContain(`script-src 'sha256-${hash}'`);
    expect(await pagePolicy()).toContain(`'sha256-${hash}'`);
  });

  it('of page and loader start from nothing, and name the hosts of models', async () => {
    for (const policy of [
      await pagePolicy({ modelHosts: ['https://a.b'] }),
      loaderPolicy({ modelHosts: ['https://a.b'] }),
    ]) {
      expect(policy).toMatch(/^default-src 'none'; .*connect-src 'self' https:\/\/a\.b/);
      expect(policy).not.toMatch(/'unsafe-(inline|eval)'/);
    }
  });
});
