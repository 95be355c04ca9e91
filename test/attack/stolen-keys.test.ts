import { describe, expect, it } from 'vitest'
import { ca, x509 } from '../../pki/index.ts'
import { stampDocument } from '../fixtures/levels.ts'
import { crlsAt, day, judge, later, NOW, pki, SEALED, seal, withAnswers } from '../verifier/past.ts'

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
