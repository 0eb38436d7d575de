/** `e2p csp`: prints the Content-Security-Policies of the page and of the engine worker, in the form that a server wants. */
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { pagePolicy, workerPolicy } from '../worker/content-policy.ts';

const FORMATS = ['text', 'json', 'headers', 'nginx'] as const;

export async function csp(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', multiple: true, default: [] },
      worker: { type: 'string', default: '/assets/engine-worker-*.js' },
      threads: { type: 'boolean', default: false },
      format: { type: 'string', default: 'text' },
    },
    allowPositionals: true,
  });
  if (positionals.length > 0) {
    throw new E2PError('invalid-argument', `found ${JSON.stringify(positionals[0])}, expected options only`);
  }
  const { format, worker: path } = values;
  if (!FORMATS.some((known) => known === format)) {
    throw new E2PError('invalid-argument', `--format is ${format}, expected ${FORMATS.join(', ')}`);
  }
  if (!/^\/[\w.*/-]+$/.test(path)) {
    throw new E2PError(
      'invalid-argument',
      `--worker is ${path}, expected a path such as /assets/engine-worker-*.js`,
    );
  }
  const options = { modelHosts: values.model.map(originOf), threads: values.threads };
  const [page, worker] = [pagePolicy(options), workerPolicy(options)];
  console.log(
    {
      text: `page:   ${page}\nworker: ${worker}`,
      json: JSON.stringify({ page, worker }, null, 2),
      headers: `/*\n  Content-Security-Policy: ${page}\n${path}\n  ! Content-Security-Policy\n  Content-Security-Policy: ${worker}`,
      nginx:
        `location / { add_header Content-Security-Policy "${page}"; }\n` +
        `location ~ ^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$ { add_header Content-Security-Policy "${worker}"; }`,
    }[format as (typeof FORMATS)[number]],
  );
}

/** An origin and nothing else: a semicolon or a space would be a directive of its own. */
function originOf(host: string): string {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== host.replace(/\/$/, '')) {
    throw new E2PError(
      'invalid-argument',
      `--model is ${JSON.stringify(host)}, expected an origin such as https://huggingface.co`,
    );
  }
  return url.origin;
}
