/**
 * Content-Security-Policies (https://www.w3.org/TR/CSP3/) for the page and for the engine worker. The worker's is what shuts the one
 * exit that script can't shut: `import()`. It works only where the worker is one file, since a policy that allows the worker to import its
 * own parts also allows it to import `/part.js?data=…`.
 */

export interface PolicyOptions {
  /** Origins that models come from, besides the page's own: `https://huggingface.co`. */
  readonly modelHosts?: readonly string[];
  /** WASM threads: helper workers made of the worker's own file while it loads. Default false. */
  readonly threads?: boolean;
}

type Directives = Readonly<Record<string, readonly string[]>>;

/** For the response that carries the engine worker's script. */
export function workerPolicy({ modelHosts = [], threads = false }: PolicyOptions = {}): string {
  return format({
    'default-src': ["'none'"],
    'script-src': ["'wasm-unsafe-eval'"],
    'connect-src': ["'self'", ...modelHosts],
    ...(threads && { 'worker-src': ["'self'"] }),
  });
}

/** For the page: what a page around the engine needs, and nothing else. */
export function pagePolicy({ modelHosts = [] }: PolicyOptions = {}): string {
  return format({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'worker-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", ...modelHosts],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
}

const format = (directives: Directives): string =>
  Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');

export function parsePolicy(policy: string): Directives {
  const directives: Record<string, readonly string[]> = Object.create(null);
  for (const text of policy.split(';')) {
    const [name = '', ...sources] = text.trim().split(/\s+/);
    // The first of a name counts.
    if (name !== '') directives[name.toLowerCase()] ??= sources;
  }
  return directives;
}

/** Whether script under this policy can still import or run a file of some host. */
export function allowsImport(policy: string): boolean {
  const directives = parsePolicy(policy);
  const sources = directives['script-src-elem'] ?? directives['script-src'] ?? directives['default-src'];
  return sources === undefined || sources.some(isSource);
}

/** Whether it may make workers: `worker-src`, else `child-src`, else as scripts. */
export function allowsWorkers(policy: string): boolean {
  const directives = parsePolicy(policy);
  const sources =
    directives['worker-src'] ??
    directives['child-src'] ??
    directives['script-src'] ??
    directives['default-src'];
  return sources === undefined || sources.some(isSource);
}

/** Whether the browser sends reports of what it refuses: they hold the refused address, and whatever script wrote into it. */
export function sendsReports(policy: string): boolean {
  const directives = parsePolicy(policy);
  return directives['report-uri'] !== undefined || directives['report-to'] !== undefined;
}

/** Hosts, schemes, `'self'`, `*` and nonces let files in; the other keywords don't. */
const isSource = (source: string): boolean =>
  !/^'(none|wasm-unsafe-eval|unsafe-eval|unsafe-inline|unsafe-hashes|report-sample|sha(256|384|512)-.*)'$/i.test(
    source,
  );
