import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../licence-format/index.ts'
import type { LicenceDefinition } from '../../../templates/index.ts'

/** SHA-256 (hex) of any JSON, whatever the order of its members. */
export const digestOf = (json: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(json))))
    .digest('hex')

/** Names what a definition says: two versions with the same digest differ in nothing but their number. */
export function definitionDigest({ templateVersion: _version, ...definition }: LicenceDefinition): string {
  return digestOf(definition)
}
