import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const files = readdirSync(`${root}/examples`, { recursive: true, encoding: 'utf8' });
const paths = files.filter((path) => path.endsWith('headlines.js') && !path.includes('node_modules'));

describe("README's first code", () => {
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(read('README.md')) ?? [];

  it.each(paths.filter((path) => !/^(node|extension)/.test(path)))('is that of examples/%s', (path) => {
    expect(read(`examples/${path}`)).toBe(code);
  });

  it('needs another entry in Node, and two addresses in a Web Extension', () => {
    const lines = (text: string) => text.split('\n').toSorted();
    const inNode = code.replace("'e2p-web'", "'e2p-web/node'");
    expect(lines(read('examples/node/headlines.js'))).toEqual(lines(inNode));
    const options = /create\(\{[\s\S]*?\}\)/;
    expect(read('examples/extension/src/headlines.js').replace(options, '')).toBe(code.replace(options, ''));
  });

  it('is run from each of them', () => {
    expect(paths.length).toBe(8);
  });
});
