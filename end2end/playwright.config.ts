import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

// The system's Chromium where there is one, Playwright's own otherwise.
const system = '/usr/bin/chromium';

export default defineConfig({
  testDir: './specs',
  outputDir: '../target/end2end',
  // The longest look at a dozen pictures; what waits for something has a time of its own, below.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 2,
  maxFailures: 6,
  forbidOnly: true,
  // A journey that fails once on a busy machine is run again, and said to be flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list'], ['./support/last_words.ts']],
  use: {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000',
    launchOptions: {
      executablePath: existsSync(system) ? system : undefined,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
    // Recording every first try costs a fifth of the time; the second try of what failed is recorded.
    trace: 'on-first-retry',
  },
});
