import { describe, expect, it } from 'vitest';
import { allowsImport, allowsWorkers, pagePolicy, sendsReports, workerPolicy } from './content-policy.ts';

describe('the policies', () => {
  it('of the worker lets nothing be imported, with threads or without', () => {
    for (const threads of [false, true]) {
      expect(allowsImport(workerPolicy({ threads }))).toBe(false);
      expect(allowsWorkers(workerPolicy({ threads }))).toBe(threads);
      expect(sendsReports(workerPolicy({ threads }))).toBe(false);
    }
  });

  it('of the page starts from nothing', () => {
    expect(pagePolicy()).toMatch(/^default-src 'none'; /);
    expect(pagePolicy()).not.toContain('unsafe');
  });

  it.each([
    ['', true],
    ["img-src 'none'", true],
    ["default-src 'none'", false],
    ["default-src 'self'", true],
    ["default-src 'none'; script-src *", true],
    ["script-src 'none'; script-src *", false],
    ["script-src 'nonce-abc'", true],
    ["script-src 'sha256-abc='", false],
    ["SCRIPT-SRC 'none'; script-src-elem https://a.b", true],
  ])('%j: import is possible: %s', (policy, possible) => {
    expect(allowsImport(policy)).toBe(possible);
  });
});
