// What is judged as of a time in the past, where those who told of it have ended themselves.
import { describe, expect, it } from 'vitest'
import { x509 } from '../../../pki/index.ts'
import { makeOcsp } from '../../fixtures/levels.ts'
import { createTestPki } from '../../fixtures/pki.ts'
import { withoutCertificates } from '../../support/forge-pki.ts'

const ended = new Date('2026-04-01T00:00:00Z')
const told = new Date('2026-03-01T00:00:00Z')
const now = new Date('2026-06-01T00:00:00Z')
const pki = await createTestPki({
  root: {},
  issuing: { under: 'root' },
  seal: { under: 'issuing', notAfter: ended },
  responder: { under: 'issuing', profile: 'ocsp-responder' },
  responderEnded: { under: 'issuing', profile: 'ocsp-responder', notAfter: ended },
  responderOfRoot: { under: 'root', profile: 'ocsp-responder' },
})
type Name = keyof typeof pki.entities

async function judge(by: Name, strip: boolean): Promise<x509.PathResult> {
  const answer = await makeOcsp({ about: pki.get('seal'), by: pki.get(by), thisUpdate: told })
  const ofCa = await makeOcsp({ about: pki.get('issuing'), by: pki.get('responderOfRoot'), thisUpdate: told })
  return x509.validatePastPath({
    leaf: pki.get('seal').certificate,
    intermediates: (['issuing', 'responder', 'responderEnded'] as const).map((name) => pki.get(name).certificate),
    anchors: [pki.get('root').certificate],
    ocsps: [strip ? withoutCertificates(answer) : answer, ofCa],
    asOf: new Date(told.getTime() - 1000),
    at: now,
  })
}

describe('validatePastPath of a certificate that has ended', () => {
  it.each([false, true])(
    'takes no answer of a responder that ended too, its certificate taken out: %s',
    async (strip) => {
      expect(await judge('responderEnded', strip)).toMatchObject({ valid: false, reason: 'REVOCATION_STALE' })
      expect(await judge('responder', strip)).toMatchObject({ valid: true })
    },
  )
})
