// What failed, and why, once more at the very end: whoever reads only the last lines of a long log reads this.
import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

export default class LastWords implements Reporter {
  private suite?: Suite;

  onBegin(_: FullConfig, suite: Suite) {
    this.suite = suite;
  }

  onEnd() {
    for (const test of this.suite?.allTests() ?? []) {
      if (test.outcome() !== 'unexpected' && test.outcome() !== 'flaky') continue;
      for (const result of test.results.filter((result) => result.errors.length)) {
        console.log(`\n== ${test.outcome()}: ${test.title}`);
        for (const error of result.errors) console.log(shown(error.message ?? error.value ?? ''), `\n   at ${error.location?.file}:${error.location?.line}`);
      }
    }
  }

  printsToStdio() {
    return true;
  }
}

/** The first lines, without colours. */
function shown(text: string) {
  return text.replace(/\u001b\[[0-9;]*m/g, '').split('\n').slice(0, 14).map((line) => `   ${line.slice(0, 300)}`).join('\n');
}
