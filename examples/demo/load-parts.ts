/** Data of the page as the tools write it: a file of JSON, and beside it one of float32 numbers, which is loaded with it. */

/**
 * @param expected how many numbers the JSON is about
 * @throws Error naming the file that is missing or does not fit.
 */
export async function loadParts<T>(
  folder: URL,
  [json, numbers]: readonly [json: string, numbers: string],
  expected: (data: T) => number,
): Promise<readonly [T, Float32Array]> {
  const [data, bytes] = await Promise.all([
    fetchPart(new URL(json, folder)).then((response) => response.json() as Promise<T>),
    fetchPart(new URL(numbers, folder)).then((response) => response.arrayBuffer()),
  ]);
  const found = new Float32Array(bytes);
  if (found.length !== expected(data)) {
    throw new Error(`${numbers} holds ${found.length} numbers, expected ${expected(data)}`);
  }
  return [data, found];
}

async function fetchPart(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return response;
}
