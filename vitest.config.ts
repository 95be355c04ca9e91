import { defineConfig } from 'vitest/config'

// Only what hangs shall run into a limit: CI and long runs share their processor with much else.
const limit = process.env['CI'] || process.env['TEST_LONG'] ? 600_000 : 120_000

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: limit,
    hookTimeout: limit,
    maxWorkers: 2,
  },
})
