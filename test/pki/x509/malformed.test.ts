import { describe, expect, it } from 'vitest'
import { asn1, OID, PkiError, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  extension,
  type Forged,
  forge,
  forgeCa,
  forgeCrl,
  generalName,
  subjectAltName,
} from '../../support/forge-pki.ts'

const { encodeContext, encodeContextPrimitive, encodeInteger, encodeOid, encodeSequence } = asn1
const { dns, email, uri, ip, directory, other } = generalName

const subtrees = (number: number, ...bases: Uint8Array[]) =>
  encodeContext(number, ...bases.map((base) => encodeSequence(base)))
const oids = (...list: string[]) => encodeSequence(...list.map((oid) => encodeSequence(encodeOid(oid))))

/** Extensions of a CA that are read only once a path is judged, each with a value that is sound. */
const lazily: readonly (readonly [string, Uint8Array])[] = [
  [
    OID.nameConstraints,
    encodeSequence(
      subtrees(0, dns('test'), email('.test'), uri('.test'), ip(10, 0, 0, 0, 255, 0, 0, 0), directory([['C', 'CN']])),
      subtrees(1, dns('bad.test'), other('1.2.3', encodeInteger(1))),
    ),
  ],
  [OID.certificatePolicies, oids('1.2.3', '2.5.29.32.0')],
  [OID.policyMappings, encodeSequence(encodeSequence(encodeOid('1.2.3'), encodeOid('1.2.4')))],
  [
    OID.policyConstraints,
    encodeSequence(encodeContextPrimitive(0, Uint8Array.of(3)), encodeContextPrimitive(1, Uint8Array.of(2))),
  ],
  [OID.inhibitAnyPolicy, encodeInteger(2)],
  [OID.issuerAltName, encodeSequence(dns('a.test'), directory([['O', 'x']]))],
]

describe('damaged extensions', () => {
  it.each(lazily)(
    'of type %s are a verdict, whatever octet of them is changed',
    async (oid, value) => {
      const root = await forgeCa({ name: 'Root' })
      const names = [
        dns('a.test'),
        email('a@b.test'),
        uri('https://a.test/'),
        ip(10, 1, 1, 1),
        directory([['C', 'CN']]),
      ]
      const rootList = await forgeCrl({ issuer: root })
      let verdicts = 0
      for (let at = 0; at < value.length; at++) {
        for (const flip of [0x01, 0x80]) {
          const changed = value.slice()
          changed[at]! ^= flip
          const found = await tryForge(root, extension(oid, changed))
          if (found === undefined) continue
          const leaf = await forge({ name: [['C', 'CN']], issuer: found, extensions: [subjectAltName(...names)] })
          const result = await x509.validatePath({
            leaf: leaf.certificate,
            intermediates: [found.certificate],
            anchors: [root.certificate],
            crls: [rootList],
            at: testTimes.now,
            requireExplicitPolicy: true,
          })
          expect(result.valid).toBe(false)
          verdicts++
        }
      }
      expect(verdicts).toBeGreaterThan(0)
    },
    60_000,
  )
})

/** A CA with a damaged extension, or nothing where it is refused as it is parsed. */
async function tryForge(issuer: Forged, damaged: Uint8Array): Promise<Forged | undefined> {
  try {
    return await forgeCa({ name: [['C', 'CN']], issuer, extensions: [damaged] })
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}
