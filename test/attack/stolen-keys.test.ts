import { describe, expect, it } from 'vitest'
import { ca, x509 } from '../../pki/index.ts'
import { addData, sealAt, stampDocument } from '../fixtures/levels.ts'
import {
  answerOf,
  crlAt,
  crlsAt,
  day,
  judge,
  later,
  NOW,
  pki,
  SEALED,
  seal,
  sealed,
  withAnswers,
} from '../verifier/past.ts'
import { page } from '../verifier/world.ts'

// A key that was stolen long before anybody noticed.

describe('a seal whose revocation says since when its key was not its own', () => {
  const at = day('2023-06-01')
  const listWith = async (invalidityDate: Date) => {
    const { certificate, key } = pki.get('ca')
    const { serialNumber } = x509.parseCertificate(pki.get('seal').certificate)
    const revocationDate = day('2023-01-01')
    return ca.issueCrl({
      issuer: { certificate },
      key,
      thisUpdate: later(-60, at),
      nextUpdate: later(86_400, at),
      crlNumber: 7,
      entries: [{ serialNumber, revocationDate, reason: 'keyCompromise', invalidityDate }],
    })
  }
  const judgeWith = async (invalidityDate: Date) =>
    seal(
      await judge(await withAnswers(), {
        at,
        crls: [...(await crlsAt(later(-60, at))), await listWith(invalidityDate)],
      }),
    )

  it('proves nothing by a stamp from after the theft, though from before the revocation', async () => {
    expect(await judgeWith(later(-86_400))).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
    })
    expect(await judgeWith(SEALED)).toMatchObject({ indication: 'INDETERMINATE' })
  })

  it('stands where it was stamped before the theft', async () => {
    expect(await judgeWith(later(86_400))).toMatchObject({ indication: 'TOTAL-PASSED' })
  })
})

describe('a stamp of an authority whose key was revoked before anything proves the stamp to be older', () => {
  it('proves nothing where a list from outside says so, whatever good answers the document holds', async () => {
    // Made with the stolen key in 2023, dated 2022, with answers of then; archived by an honest authority.
    const backdated = await withAnswers({ stamp: { by: 'tsaRevoked' } })
    const archivedAt = day('2023-06-01')
    const pdf = stampDocument(backdated, { by: pki.get('tsa'), at: archivedAt })
    const report = await judge(pdf, { crls: await crlsAt(later(-60, NOW)) })
    const stamped = report.findings.filter(({ code }) => code === 'TIME_STAMP_NOT_TRUSTED')
    expect(stamped).toHaveLength(1)
    expect(seal(report).bestSignatureTime).toBe(archivedAt.toISOString())
  })
})

describe('a seal that a word of its authority calls revoked, which has run out since', () => {
  const at = day('2023-06-01')
  const theft = day('2023-05-01')
  const status = { kind: 'revoked', revocationDate: theft, reason: 'keyCompromise' } as const
  const listFor = async (thisUpdate: Date, nextUpdate: Date, isRevoked: boolean) => {
    const { certificate, key } = pki.get('ca')
    const { serialNumber } = x509.parseCertificate(pki.get('seal').certificate)
    const entries = isRevoked ? [{ serialNumber, revocationDate: theft, reason: 'keyCompromise' as const }] : []
    return ca.issueCrl({ issuer: { certificate }, key, crlNumber: 1, thisUpdate, nextUpdate, entries })
  }
  const stampedAt = async (time: Date) =>
    sealAt(await page(), pki.get('seal'), { field: 'Seal1', signedAt: time, docMdp: 1 }, [
      { at: time, by: pki.get('tsa') },
    ])
  const evidence = async () => {
    const others = await Promise.all((['root', 'tsaCa'] as const).map((name) => crlAt(name, later(-3600, at))))
    return {
      good: [...others, await listFor(day('2023-04-25'), day('2023-06-25'), false)],
      emergency: await listFor(day('2023-05-02'), day('2023-05-03'), true),
      answer: await answerOf('seal', later(-7200, at), { nextUpdate: later(-3600, at), status }),
    }
  }

  it('is refused, though an older list that calls it good is still current', async () => {
    const { good, emergency, answer } = await evidence()
    const documents = [sealed({ stamp: null }), await stampedAt(later(-3600, at))]
    for (const document of documents) {
      expect((await judge(document, { at, crls: good })).verdict).toBe('accepted')
      for (const said of [{ crls: [...good, emergency] }, { crls: good, ocsps: [answer] }]) {
        const report = await judge(document, { at, ...said })
        expect(report.verdict).toBe('refused')
        expect(seal(report).subIndication).toBe('REVOKED_NO_POE')
      }
    }
  })

  it('is refused by what the document itself holds, stamped or not', async () => {
    const { good, emergency, answer } = await evidence()
    for (const document of [sealed({ stamp: null }), await stampedAt(later(-3600, at))])
      for (const data of [{ ocsps: [answer] }, { crls: [emergency] }])
        expect((await judge(addData(document, data), { at, crls: good })).verdict).toBe('refused')
  })

  it('stands where it was stamped before the theft', async () => {
    const { good, emergency, answer } = await evidence()
    const document = await stampedAt(later(-3600, theft))
    const report = await judge(document, { at, crls: [...good, emergency], ocsps: [answer] })
    expect(seal(report)).toMatchObject({ indication: 'TOTAL-PASSED' })
    expect(report.findings.map(({ code }) => code)).toContain('CERTIFICATE_REVOKED_SINCE')
  })
})
