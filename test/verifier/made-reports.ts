// Reports of every kind for tests of how they are written, one of them hostile in all that a document's maker can choose.
import type { AnyReport } from '../../verifier/formats/index.ts'
import { type VerificationReport, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { claimsOf, evidence, licence, NOW, policy, sealedLicence, statementText, verify } from './world.ts'

export const accepted = await verify(await sealedLicence())
export const facts = { subjectDigest: 'ab'.repeat(32), software: 'zhengyin 0.1.0' }

const EVIL = `<script>alert("1")</script>'&]]><!--\u202e\u0000\u0007\ud800😀`
/** A report in which everything that a document's maker can choose is hostile. */
export const hostile: VerificationReport = {
  ...accepted,
  file: EVIL,
  reason: EVIL,
  signatures: accepted.signatures.map((signature) => ({
    ...signature,
    field: EVIL,
    signedBy: EVIL,
    claimedSigningTime: EVIL,
    changes: [{ verdict: 'not-permitted', kind: EVIL, object: 1, page: 0, rect: null, detail: EVIL }],
  })),
  statement: { ...accepted.statement!, holder: EVIL, number: EVIL, typeName: { zh: EVIL, en: EVIL } },
  findings: accepted.findings.map((found) => ({ ...found, message: { zh: EVIL, en: EVIL }, field: EVIL })),
  explanation: { ...accepted.explanation, sentence: { zh: EVIL, en: EVIL } },
}

const text = await statementText(claimsOf(licence()))
const ofText = await verifyStatementText(text, await evidence(), policy, NOW)
const unreadable = await verifyDocument({ name: 'x', bytes: new Uint8Array([1]) }, await evidence(), policy, NOW)
const [first] = accepted.signatures
const two = {
  ...accepted,
  signatures: [
    first!,
    { ...first!, field: 'Seal2' },
    { ...first!, field: 'Stamp', type: 'document-time-stamp' as const },
  ],
}
export const reports: [string, AnyReport][] = [
  ['an accepted licence', accepted],
  ['a hostile document', hostile],
  ['a QR text', ofText],
  ['what is no PDF', unreadable],
  ['two seals', two],
]
