// Writes docs/errors.md: every code of every room, its HTTP status where a client may meet it, its title.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { directoryProblems } from '../directory/http/problems.ts'
import { licenceProblems } from '../licence-service/http/problems.ts'
import { pkiProblems } from '../pki-service/http/problems.ts'
import { type ProblemType, platformProblems } from '../platform/http/problem.ts'
import { sealProblems } from '../seal-service/http/problems.ts'
import { sharingProblems } from '../sharing-service/http/problems.ts'
import { verifierProblems } from '../verifier/http/problems.ts'

const root = join(import.meta.dirname, '..')

export const errorRooms = [
  'platform',
  'directory',
  'licence-service',
  'seal-service',
  'sharing-service',
  'pki-service',
  'verifier',
  'verifier/http',
  'verifier/bundle',
  'templates',
  'licence-format',
  'pades',
  'pki',
  'key-store',
  'bin',
] as const

const problems: Readonly<Record<string, ProblemType>> = {
  ...platformProblems,
  ...directoryProblems,
  ...licenceProblems,
  ...sealProblems,
  ...sharingProblems,
  ...pkiProblems,
  ...verifierProblems,
}

/** The closed list of codes that a room's `errors.ts` declares. */
export function codesOf(room: string): string[] {
  const source = readFileSync(join(root, room, 'errors.ts'), 'utf8')
  return [...new Set([...source.matchAll(/\|?\s'([A-Z][A-Z0-9_]+)'/g)].map((match) => match[1] as string))]
}

/** What a caller can do, which follows from the status. */
function advice(status: number): string {
  if (status >= 500) return status === 503 ? 'try again after a while' : 'tell the operator, with the request id'
  return (
    {
      400: 'mend the request',
      401: 'log in, or send an API key',
      403: 'ask someone who is entitled',
      404: 'check the address',
      405: 'use a method that Allow names',
      408: 'send again over a faster line',
      409: 'look at the present state, then decide anew',
      410: 'ask for a new one',
      413: 'send less',
      415: 'send another media type',
      422: 'mend the named fields',
      423: 'ask for a new one',
      429: 'wait as Retry-After says',
    }[status] ?? 'mend the request'
  )
}

/** The whole page. */
export function errorPage(): string {
  const sections = errorRooms.map((room) => {
    const rows = codesOf(room).map((code) => {
      const problem = problems[code]
      return problem
        ? `| \`${code}\` | ${problem.status} | ${problem.title} | ${advice(problem.status)} |`
        : `| \`${code}\` | — | not met over HTTP | |`
    })
    return [`## ${room}`, '', '| code | status | meaning | what to do |', '|---|---|---|---|', ...rows, ''].join('\n')
  })
  return [
    '# Error codes',
    '',
    'Made by `node tools/make-error-docs.ts`. The code is the contract; sentences may change. Over HTTP a code comes as a problem (RFC 9457) whose `type` is',
    '`BASE_URL/problems/<code in lower case with hyphens>`; field faults stand in `errors` with JSON Pointers. A bad document is no error: it is a verdict.',
    '',
    ...sections,
  ].join('\n')
}

if (import.meta.main) writeFileSync(join(root, 'docs', 'errors.md'), errorPage())
