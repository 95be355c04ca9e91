import type { StatusListPayload, TrustListPayload } from '../../licence-format/index.ts'

/** Signs the lists this service writes, as compact JWS; the keys are the PKI service's. */
export interface ListSigner {
  signStatusList(payload: StatusListPayload): Promise<string>
  signTrustList(payload: TrustListPayload): Promise<string>
}
