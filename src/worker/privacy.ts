/** What the page can know about where personal data is and which ways out are shut: facts and their means, no promise. */
import { allowsImport, sendsReports } from './content-policy.ts';
import type { FoundPolicies } from './policy-probe.ts';

export interface ExitState {
  /** `fetch`, `navigator.locks`, `Cache.prototype.put`, `import()` … */
  readonly name: string;
  /** `absent`: there is no such thing here. */
  readonly state: 'shut' | 'absent' | 'open';
  /** `script`: a gate in the worker throws. `policy`: a Content-Security-Policy of the worker. */
  readonly by: 'script' | 'policy' | 'absence' | 'nothing';
}

export interface PrivacyReport {
  /** `sealed`: the engine worker, which alone has the personal data, can only talk to its page. */
  readonly phase: 'sealed';
  readonly exits: readonly ExitState[];
  /** The worker's Content-Security-Policy, several separated by commas; undefined where none was noticed. */
  readonly policy: string | undefined;
  /** What is not sealed, in sentences for people. Never empty: the page itself is the app's business. */
  readonly notSealed: readonly string[];
}

const IMPORT = 'import()';
const REPORTS = 'reports of the policy';

/** @param strangers helper threads without a gate of their own */
export function describePrivacy(
  gated: readonly ExitState[],
  found: FoundPolicies,
  strangers: number,
): PrivacyReport {
  // Each policy has to allow an import; one that doesn't is enough.
  const isImportShut = found.isRefused && found.enforced.some((policy) => !allowsImport(policy));
  const isReported = [...found.enforced, ...found.reporting].some(sendsReports);
  const exits: readonly ExitState[] = [
    { name: IMPORT, ...(isImportShut ? BY_POLICY : OPEN) },
    { name: REPORTS, ...(isReported ? OPEN : ABSENT) },
    ...gated,
  ];
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  return {
    phase: 'sealed',
    exits,
    policy: found.enforced.length > 0 ? found.enforced.join(', ') : undefined,
    notSealed: [
      ...open.map((name) =>
        name === IMPORT
          ? whyImport(found)
          : name === REPORTS
            ? "reports of the policy: the engine worker's Content-Security-Policy names an address for reports (report-uri or report-to), and the browser sends it every address that script in the worker tried in vain."
            : `${name}: this browser did not let it be shut.`,
      ),
      ...(strangers > 0
        ? [
            `${strangers} helper threads of onnxruntime run a file of their own without the gate; only its Content-Security-Policy limits them.`,
          ]
        : []),
      'The page: what the app gives to the engine passes through it, and so does the generated text. Its own Content-Security-Policy and code decide what happens there.',
    ],
  };
}

const OPEN = { state: 'open', by: 'nothing' } as const;
const ABSENT = { state: 'absent', by: 'absence' } as const;
const BY_POLICY = { state: 'shut', by: 'policy' } as const;

function whyImport({ enforced, isRefused }: FoundPolicies): string {
  const risk = 'script in it could still load a module and put data into its address.';
  if (enforced.length > 0) {
    return `import(): the engine worker's Content-Security-Policy allows scripts of some hosts, so ${risk}`;
  }
  return isRefused
    ? `import(): this browser does not tell the engine worker its Content-Security-Policy; unless that forbids every script, ${risk}`
    : `import(): the engine worker is served without a Content-Security-Policy that limits imports, so ${risk}`;
}
