import { createLog, type Log } from '../../platform/index.ts'

/** The real log, its lines kept in memory. */
export function testLog(): { readonly log: Log; readonly lines: Record<string, unknown>[]; text(): string } {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) })
  return { log, lines, text: () => JSON.stringify(lines) }
}
