import { createHash } from 'node:crypto'
import {
  type StatusListPayload,
  signStatusList,
  signTrustList,
  type TrustListPayload,
} from '../../licence-format/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { ListSignerName } from '../domain/authority.ts'
import { insertKeyUse } from '../store/key-uses.ts'
import { openKey } from './open-key.ts'
import { chainOf, getMade, type OwnCertificates } from './own-certificates.ts'

/** Signs the lists around licences, each with the key of its kind (house rule: no seal can ever sign a list). */
export interface ListSigner {
  /** Token Status List as `statuslist+jwt` with x5c. */
  signStatusList(payload: StatusListPayload): Promise<string>
  /** Trust list as compact JWS with x5c. */
  signTrustList(payload: TrustListPayload): Promise<string>
}

export function createListSigner(deps: Dependencies, own: () => OwnCertificates): ListSigner {
  return {
    signStatusList: async (payload) => {
      const text = await signStatusList(payload, await openSigner(deps, own(), 'status-list-signer'))
      return recorded(deps, 'status-list', payload.sub, text)
    },
    signTrustList: async (payload) => {
      const text = await signTrustList(payload, await openSigner(deps, own(), 'trust-list-signer'))
      return recorded(deps, 'trust-list', 'trust-list', text)
    },
  }
}

async function openSigner(deps: Dependencies, own: OwnCertificates, name: ListSignerName) {
  const { key } = await openKey(deps.keyStore, name)
  const certificate = getMade(own, name)
  return { key, chain: [certificate.certificate, ...chainOf(own, certificate.issuer).slice(0, -1)] }
}

/** The list leaves this service only with the row of its signature committed. */
async function recorded(
  deps: Dependencies,
  purpose: 'status-list' | 'trust-list',
  subject: string,
  text: string,
): Promise<string> {
  await insertKeyUse(deps.database, {
    at: deps.clock.now(),
    keyName: `${purpose}-signer`,
    purpose,
    subject,
    digest: createHash('sha256').update(text).digest(),
  })
  return text
}
