// Every sentence a finding may say, in Chinese and English. A code without a sentence does not compile.
import { issuerMessages } from './messages/issuers.ts'
import { signatureMessages } from './messages/signatures.ts'
import { statusMessages } from './messages/status.ts'
import type { CheckName, Finding, Text } from './report.ts'

const messages = { ...signatureMessages, ...issuerMessages, ...statusMessages } as const

type Messages = typeof messages
export type FindingCode = keyof Messages
type FactsOf<Code extends FindingCode> = Parameters<Messages[Code]> extends [infer Facts] ? [facts: Facts] : []

/** Codes a finding may carry. */
export const findingCodes = Object.keys(messages) as FindingCode[]

/** A finding with its sentences. */
export function finding<Code extends FindingCode>(
  check: CheckName,
  outcome: Finding['outcome'],
  code: Code,
  ...facts: FactsOf<Code>
): Finding {
  const write = messages[code] as (...facts: unknown[]) => Text
  return { check, outcome, code, message: write(...facts) }
}
