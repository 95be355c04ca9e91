// Programs we did not write, asked from tests. With CI=true a missing one fails; elsewhere its suite is skipped in one line.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'

const judges = join(packageRoot, '.cache', 'judges')

/** Where judges fetched by tools/install-judges.sh lie. */
export const judgesPython = join(judges, 'python', 'bin', 'python')
export const pkilintPython = join(judges, 'pkilint', 'bin', 'python')
export const verapdfJar = join(judges, 'verapdf.jar')

/** Whether a program (by name on the PATH, or by path) or file is there. */
const isInstalled = (name: string) =>
  name.includes('/')
    ? existsSync(name)
    : spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0

/** True when any of the programs is missing and the suite may be skipped; says so in one line. Throws in CI. */
export function isMissing(...names: string[]): boolean {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return false
  if (process.env['CI'] === 'true') throw new Error(`not installed: ${missing.join(', ')}`)
  console.log(`skipped: ${missing.join(', ')} not installed`)
  return true
}

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly output: string
}

/** Runs a program to its end; `output` is stdout and stderr together. */
export function run(program: string, args: readonly string[], input?: Uint8Array): Run {
  const result = spawnSync(program, args, { maxBuffer: 1 << 28, ...(input ? { input } : {}), cwd: packageRoot })
  if (result.error) throw result.error
  const stdout = result.stdout.toString('utf8')
  return { status: result.status, stdout, output: stdout + result.stderr.toString('utf8') }
}

/** Texts of the QR codes in a picture (a path, or a form and `-` for what is given). Of bar codes, which zbar now and then sees in dense lines, none is asked. */
export function readQrCodes(picture: string, input?: Uint8Array): string[] {
  const symbols = ['-S*.enable=0', '-Sqrcode.enable=1']
  const { stdout } = run('zbarimg', ['-q', '--raw', ...symbols, picture], input)
  return stdout.split('\n').filter(Boolean)
}
