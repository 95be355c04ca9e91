import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url))

/** A suite of other people's files, or `undefined` with one line on stderr when the folder is not there. */
export function openCorpus(name: string): { read(file: string): Uint8Array; json<T>(file: string): T } | undefined {
  const folder = `${root}${name}/`
  if (!existsSync(folder)) {
    process.stderr.write(`skipped: no corpus ${name}\n`)
    return undefined
  }
  const read = (file: string): Uint8Array => new Uint8Array(readFileSync(folder + file))
  return { read, json: <T>(file: string) => JSON.parse(new TextDecoder().decode(read(file))) as T }
}
