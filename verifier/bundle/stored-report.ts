// What the report in a bundle must have, whichever version wrote it: without that there is nothing to hold against the report of now.
import type { JsonValue } from '../../licence-format/index.ts'
import { malformed, readObject } from './codec.ts'
import type { BundleSubject } from './content.ts'

/** Throws BUNDLE_MALFORMED where a report lacks its conclusions: what was taken out would else read as what later versions added. */
export function expectConclusions(stored: JsonValue, kind: BundleSubject['kind']): void {
  const report = expectTexts(stored, ['verdict', 'validationTime'])
  expectTexts(report['policy'], ['digest'])
  for (const found of expectList(report['findings'])) expectTexts(found, ['check', 'outcome', 'code'])
  if (report['licence'] === undefined || report['statement'] === undefined) throw lacking()
  if (report['licence'] !== null) expectTexts(report['licence'], ['identifier', 'status'])
  if (kind === 'statement') return
  expectTexts(stored, ['indication'])
  for (const signature of expectList(report['signatures'])) expectTexts(signature, ['indication'])
}

const lacking = () => malformed('the report lacks what every report has')

function expectTexts(json: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const object = readObject(json)
  if (names.some((name) => typeof object[name] !== 'string')) throw lacking()
  return object
}

function expectList(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw lacking()
  return json
}
