/** What a call asks for and does not get; the SDK shows it, and the call goes on. */
import type { SharedV4Warning } from '@ai-sdk/provider';

export type Warn = (feature: string, details: string) => void;

export function collectWarnings(): { readonly warnings: SharedV4Warning[]; readonly warn: Warn } {
  const warnings: SharedV4Warning[] = [];
  return {
    warnings,
    warn: (feature, details) => void warnings.push({ type: 'unsupported', feature, details }),
  };
}
