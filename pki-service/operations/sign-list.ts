import { createHash } from 'node:crypto'
import {
  type StatusListPayload,
  signStatusList,
  signTrustList,
  type TrustListPayload,
} from '../../licence-format/index.ts'
import { asn1, x509 } from '../../pki/index.ts'
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

/** `cross`: what other cities gave our roots; those who trust only these reach our signers through it. */
export function createListSigner(
  deps: Dependencies,
  own: () => OwnCertificates,
  cross: () => readonly Uint8Array[],
): ListSigner {
  return {
    signStatusList: async (payload) => {
      const text = await signStatusList(payload, await openSigner(deps, own(), 'status-list-signer', cross()))
      return recorded(deps, 'status-list', payload.sub, text)
    },
    signTrustList: async (payload) => {
      const text = await signTrustList(payload, await openSigner(deps, own(), 'trust-list-signer', cross()))
      return recorded(deps, 'trust-list', 'trust-list', text)
    },
  }
}

/** Readers take six certificates; a cross certificate stands in the place of the root, which needs none. */
const MOST_CERTIFICATES = 6

async function openSigner(
  deps: Dependencies,
  own: OwnCertificates,
  name: ListSignerName,
  cross: readonly Uint8Array[],
) {
  const { key } = await openKey(deps.keyStore, name)
  const certificate = getMade(own, name)
  const above = chainOf(own, certificate.issuer)
  const root = x509.parseCertificate(above.at(-1)!)
  const ours = cross.filter((der) =>
    asn1.equalBytes(x509.parseCertificate(der).subjectPublicKeyInfo, root.subjectPublicKeyInfo),
  )
  return { key, chain: [certificate.certificate, ...above.slice(0, -1), ...ours].slice(0, MOST_CERTIFICATES) }
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
