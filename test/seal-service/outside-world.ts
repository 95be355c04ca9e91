// A seal service beside a licensed authority outside, as tests of its certificates need them.
import { expect } from 'vitest'
import { revocationOf } from '../../bin/pki-ports.ts'
import type { ca } from '../../pki/index.ts'
import type { Database } from '../../platform/index.ts'
import {
  createHttpRevocationSource,
  type Seal,
  type SealedDocument,
  type SealService,
} from '../../seal-service/index.ts'
import { type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { type OutsideAuthority, openOutsideAuthority } from '../support/outside-authority.ts'
import { clerk, createSealWorld, market, type SealWorld, sealRequest } from './world.ts'

export const day = 86_400_000
export const by = '王管理员'

type Bringing = readonly Uint8Array[]

export interface OutsideWorld {
  readonly world: SealWorld
  readonly authority: OutsideAuthority
  readonly seals: SealService
  /** A service that remembers nothing, as after a restart. */
  restart(changed?: Parameters<SealWorld['another']>[0]): SealService
  /** A seal that waits for its certificate. */
  newSeal(service?: SealService): Promise<Seal>
  ask(seal: Seal, more?: { readonly newKey?: boolean }): Promise<Uint8Array>
  bring(certificates: Bringing, service?: SealService): ReturnType<SealService['importCertificate']>
  /** What the authority gives for a seal: its certificate and the one above. */
  answer(seal: Seal, changed?: Partial<ca.CertificateRequest>): Promise<Uint8Array[]>
  put(seal: Seal, level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA', service?: SealService): Promise<SealedDocument>
  refusedFor(certificates: Bringing, code: string): Promise<void>
  stateOf(seal: Seal): Promise<Seal>
  eventsOf(
    seal: Seal,
  ): Promise<
    { readonly action: string; readonly state: string; readonly reason: string | null; readonly caller_id: string }[]
  >
  judge(pdf: Uint8Array, anchors: readonly Uint8Array[], crls?: readonly Uint8Array[]): Promise<VerificationReport>
  close(): Promise<void>
}

/** Both, with trust in the authority. */
export async function createOutsideWorld(database: Database): Promise<OutsideWorld> {
  const world = await createSealWorld(database)
  const authority = await openOutsideAuthority(world.pki.clock)
  let count = 0
  const restart: OutsideWorld['restart'] = (changed = {}) => {
    const { clock, pki } = world.pki
    const source = createHttpRevocationSource({ clock, privateAddresses: 'loopback', timeoutMs: 500 })
    return world.another({ revocation: revocationOf(pki, source), outsideLists: source, ...changed })
  }
  const seals = restart()
  await seals.start()
  await seals.trustAuthority(authority.root, by)
  const ask: OutsideWorld['ask'] = async ({ id }, more = {}) =>
    (await seals.requestCertificate({ sealId: id, organisation: market.name, callerId: by, ...more })).csr
  const bring: OutsideWorld['bring'] = (certificates, service = seals) =>
    service.importCertificate({ certificates, callerId: by })
  return {
    ...{ world, authority, seals, restart, ask, bring },
    newSeal: (service = seals) =>
      service.makeSeal({
        departmentCode: market.code,
        departmentName: market.name,
        name: `专用章${++count}`,
        typeCodes: market.typeCodes,
        ringText: market.name,
        lowerText: null,
        diameterMm: 45,
        keyAlgorithm: 'ec-p256',
        certificate: 'outside',
        callerId: by,
      }),
    answer: async (seal, changed = {}) => [await authority.sign(await ask(seal), changed), authority.issuing],
    async put(seal, level, service = seals) {
      const [sealed] = await service.sealDocuments(clerk, [sealRequest({ seal }, 5000 + ++count, { level })])
      return sealed!
    },
    async refusedFor(certificates, code) {
      const failure = await bring(certificates).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED' })
      expect((failure as { faults: { code: string }[] }).faults.map((fault) => fault.code)).toContain(code)
    },
    stateOf: async ({ id }) => (await seals.seals(market.code)).find((one) => one.id === id)!,
    eventsOf: ({ id }) =>
      world.database.query(
        'select action, state, reason, caller_id from seal.seal_events where seal_id = $1 order by id',
        [id],
      ),
    judge(pdf, trustAnchors, crls = []) {
      const evidence = { crls, trustList: null, statusLists: new Map(), live: null }
      const policy = { trustAnchors, trustList: 'skipped', status: 'skipped' } as const
      const at = new Date(world.pki.clock.now().getTime() + 1000)
      return verifyDocument({ name: 'a.pdf', bytes: pdf }, evidence, policy, at)
    },
    async close() {
      await authority.close()
      await world.close()
    },
  }
}
