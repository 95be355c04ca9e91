import { readFileSync } from 'node:fs'
import { packagePath } from '../../platform/index.ts'

/** Name and version of this program and of what runs it, as transcripts name them. */
export function toolName(): string {
  const { name, version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as Record<string, string>
  return `${name} ${version}, Node ${process.version}`
}
