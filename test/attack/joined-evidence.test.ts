import { describe, expect, it } from 'vitest'
import type { TrustedEntity } from '../../licence-format/index.ts'
import { type Evidence, verifyStatementText } from '../../verifier/index.ts'
import {
  codes,
  crls,
  evidence,
  fromNow,
  MARKET,
  NOW,
  pki,
  policy,
  sealedLicence,
  statementText,
  type statusList,
  trustList,
  verify,
  withEntity,
} from '../verifier/world.ts'

// Parts that are genuine each by itself, and do not speak for one another: lists of other departments, times that contradict each other,
// seals that sealed on, codes that a document's stamp does not cover.

const LAND = '11330100002490001X'
const since = new Date('2026-01-02T00:00:00Z')

const service = (
  kind: TrustedEntity['services'][number]['kind'],
  name: Parameters<typeof pki.get>[0],
  ...later: TrustedEntity['services'][number]['states']
): TrustedEntity['services'][number] => ({
  kind,
  certificate: pki.get(name).certificate,
  states: [{ state: 'granted', since }, ...later],
})

const adding =
  (added: TrustedEntity['services'][number]) =>
  (entity: TrustedEntity): TrustedEntity => ({ ...entity, services: [...entity.services, added] })

describe('a status list of a department', () => {
  const anchors = { listAnchors: [pki.get('root').certificate, pki.get('otherRoot').certificate] }
  const signedBy = async (code: string, parts: Parameters<typeof statusList>[0] = {}): Promise<Partial<Evidence>> => ({
    crls,
    trustList: await trustList({ entities: withEntity(code, adding(service('status-list', 'strangerStatusSigner'))) }),
    ...(await evidence({ status: { signer: 'strangerStatusSigner', issuedAt: fromNow(-30_000), ...parts } }).then(
      ({ statusLists }) => ({ statusLists }),
    )),
  })

  it('says nothing of the licences of another, whatever address it names', async () => {
    const report = await verify(await sealedLicence(), await signedBy(LAND), NOW, anchors)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['STATUS_LIST_REFUSED'])
    const statement = await verifyStatementText(
      statementText(),
      await evidence(await signedBy(LAND)),
      { ...policy, ...anchors },
      NOW,
    )
    expect(statement.verdict).toBe('undecided')
  })

  it('counts for its own licences, as that of the operator does', async () => {
    const sealed = await sealedLicence()
    expect((await verify(sealed, await signedBy(MARKET), NOW, anchors)).verdict).toBe('accepted')
    expect((await verify(sealed, await signedBy(MARKET, { value: 1 }), NOW, anchors)).verdict).toBe('refused')
    expect((await verify(sealed)).verdict).toBe('accepted')
  })
})
