/** What the runners said of single tests, from the JSON reports of vitest and Playwright. */

/**
 * Every test: its title, whether it passed in the end, and why it did not at first.
 * @returns {{ title: string, passed: boolean, failure: string | undefined }[]}
 */
export function testsOf(unit, e2e) {
  const ofUnit = (unit.testResults ?? []).flatMap(({ message, name, status, assertionResults }) => [
    ...(status === 'failed' && assertionResults.every((test) => test.status !== 'failed')
      ? [{ title: name, passed: false, failure: message }]
      : []),
    ...assertionResults
      .filter((test) => test.status === 'passed' || test.status === 'failed')
      .map((test) => ({
        title: test.fullName,
        passed: test.status === 'passed',
        failure: test.failureMessages?.[0],
      })),
  ]);
  const ofSuite = ({ title, suites = [], specs = [] }) => [
    ...suites.flatMap(ofSuite),
    ...specs.flatMap((spec) =>
      spec.tests
        .filter(({ status }) => status !== 'skipped')
        .map(({ results }) => ({
          title: `${title} ${spec.title}`,
          passed: spec.ok,
          failure: results.find(({ error }) => error !== undefined)?.error.message,
        })),
    ),
  ];
  return [...ofUnit, ...(e2e.suites ?? []).flatMap(ofSuite)];
}

/** A line for each test that failed, or passed only when it was tried again; at the end of a long log nobody has to look for them. */
export const troubles = (tests) =>
  tests
    .filter(({ failure }) => failure !== undefined)
    .map(({ title, passed, failure }) => {
      const line = failure.split('\n').find((text) => text.trim() !== '');
      return `${passed ? 'passed only when tried again' : 'FAILED'}: ${title}: ${line}`;
    });
