// The trust list: who may issue which type, and which certificates seal, sign statements and sign lists, from when to when.
import { primitives } from '../pki/index.ts'
import { expectTrustedJws, type JwsSigner, type ListTrust, type ParsedJws, parseJws, signJws } from './jws.ts'
import { expectOnce, readTrustListPayload, type TrustListPayload } from './trust-list-json.ts'

export const TRUST_LIST_TYPE = 'trustlist+jwt'
/** Characters of a signed list that its readers take, in the houses and on the pages of others too: a longer one is refused everywhere at once. */
export const TRUST_LIST_LIMIT = 8 << 20

export interface LocalisedText {
  readonly zh: string
  readonly en: string
}

/** What a listed certificate is for. */
export type ServiceKind = 'seal' | 'statement' | 'status-list' | 'trust-list' | 'time-stamp'

/**
 * `granted`: in use. `retired`: no longer signs, what it is proven to have signed before stands. `compromised`: what it signed counts only
 * where the issuer confirms it online. `withdrawn`: permission taken away; what it is proven to have signed before stands.
 */
export type ServiceState = 'granted' | 'retired' | 'compromised' | 'withdrawn'

export interface TrustedService {
  readonly kind: ServiceKind
  /** DER. */
  readonly certificate: Uint8Array
  /** Oldest first, at least one; the last is the present state. */
  readonly states: readonly { readonly state: ServiceState; readonly since: Date }[]
}

/** Permission to issue a type: from `from` until before `until` (null: open). `withdrawn` says that it ended by being taken away. */
export interface Entitlement {
  readonly typeCode: string
  readonly name: LocalisedText
  readonly from: Date
  readonly until: Date | null
  readonly state: 'granted' | 'withdrawn'
}

export interface TrustedAddresses {
  /** Public page of QR statements, `https://host`: a statement pointing to another host is refused. */
  readonly statements: string
  /** A status list is at `<statusLists>/<number>`. */
  readonly statusLists: string
  /** Live status is at `<licences>/<identifier>/status`. */
  readonly licences: string
}

/** A department, or the operator of the lists (which has neither code, entitlements nor addresses). */
export interface TrustedEntity {
  readonly code: string | null
  readonly name: LocalisedText
  readonly locality: string
  readonly postalCode: string
  readonly website: string
  readonly services: readonly TrustedService[]
  readonly entitlements: readonly Entitlement[]
  readonly addresses: TrustedAddresses | null
}

export interface TrustList {
  /** Never falls. */
  readonly sequenceNumber: number
  readonly operator: LocalisedText
  readonly scheme: LocalisedText
  readonly issuedAt: Date
  readonly nextUpdate: Date
  readonly entities: readonly TrustedEntity[]
}

/** A list as read; `jws` is not verified yet. */
export interface ParsedTrustList {
  readonly list: TrustList
  readonly jws: ParsedJws
}

/**
 * Signs the claims made by `trustListPayload`. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING, and for a list that nobody would
 * read what its readers say: JWS_TOO_LARGE, or TRUST_LIST_MALFORMED, for contrary entries about one department or certificate too.
 */
export async function signTrustList(payload: TrustListPayload, signer: JwsSigner): Promise<string> {
  const text = await signJws(payload, TRUST_LIST_TYPE, signer)
  // By the readers' own code: one signed list that they refuse would take every licence of the house with it.
  await indexTrustList(parseTrustList(text).list)
  return text
}

/** Reads a list from hostile text. Throws JWS_* or TRUST_LIST_MALFORMED. */
export function parseTrustList(text: string): ParsedTrustList {
  const jws = parseJws(text.trim(), TRUST_LIST_TYPE, TRUST_LIST_LIMIT)
  return { list: readTrustListPayload(jws.payload), jws }
}

/** Reads a list and believes it: JWS_SIGNATURE_WRONG, JWS_SIGNER_NOT_TRUSTED beside the refusals of `parseTrustList`. */
export async function verifyTrustList(text: string, trust: ListTrust): Promise<TrustList> {
  const { list, jws } = parseTrustList(text)
  await expectTrustedJws(jws, 'trust-list', trust)
  return list
}

export interface ListedService {
  readonly entity: TrustedEntity
  readonly service: TrustedService
}

/** Look-ups in a trust list, made once per list. */
export interface TrustIndex {
  readonly list: TrustList
  /** A department by its code. */
  findEntity(code: string): TrustedEntity | undefined
  /** A statement key by its identifier (first 8 bytes of SHA-256 of its certificate). */
  findStatementKey(keyId: Uint8Array): ListedService | undefined
  /** All entries of a certificate for a purpose. */
  findCertificate(kind: ServiceKind, certificate: Uint8Array): ListedService | undefined
  /** The name of a licence type, whoever issues it. */
  typeName(typeCode: string): LocalisedText | undefined
}

/** Makes the look-ups of a list. Throws TRUST_LIST_MALFORMED where two statement keys have one identifier. */
export async function indexTrustList(list: TrustList): Promise<TrustIndex> {
  const entities = new Map(list.entities.flatMap((entity) => (entity.code ? [[entity.code, entity] as const] : [])))
  const names = new Map(
    list.entities.flatMap((entity) => entity.entitlements.map((item) => [item.typeCode, item.name])),
  )
  const certificates = new Map<string, ListedService>()
  for (const entity of list.entities)
    for (const service of entity.services)
      certificates.set(service.kind + primitives.mapKey(service.certificate), { entity, service })
  const keys = await indexStatementKeys(list.entities)
  return {
    list,
    findEntity: (code) => entities.get(code),
    findStatementKey: (keyId) => keys.get(primitives.mapKey(keyId)),
    findCertificate: (kind, certificate) => certificates.get(kind + primitives.mapKey(certificate)),
    typeName: (typeCode) => names.get(typeCode),
  }
}

async function indexStatementKeys(entities: readonly TrustedEntity[]): Promise<Map<string, ListedService>> {
  const listed = entities.flatMap((entity) =>
    entity.services.flatMap((service) => (service.kind === 'statement' ? [{ entity, service }] : [])),
  )
  const identifiers: string[] = []
  for (const { service } of listed) {
    const digest = await primitives.digest('SHA-256', service.certificate)
    identifiers.push(primitives.mapKey(digest.subarray(0, 8)))
  }
  expectOnce(identifiers, 'the identifier of a statement key')
  return new Map(identifiers.map((identifier, index) => [identifier, listed[index]!]))
}

/** State of a service at an instant; undefined before its first. */
export function serviceStateAt(service: TrustedService, at: Date): ServiceState | undefined {
  return service.states.findLast(({ since }) => since <= at)?.state
}

/**
 * Whether a key of this service is known to be compromised, from whatever time on: nothing outlives that but what a time stamp proves
 * (`provenAt`) to be older.
 */
export function isCompromised(service: TrustedService, provenAt: Date | null = null): boolean {
  const since = service.states.find(({ state }) => state === 'compromised')?.since
  return since !== undefined && (provenAt === null || provenAt >= since)
}

/** Whether an entity may issue a type at an instant, or might at one of those `since` another, and if not, why. */
export function entitlementAt(
  entity: TrustedEntity,
  typeCode: string,
  at: Date,
  since = at,
): 'entitled' | 'never' | 'not yet' | 'ended' | 'withdrawn' {
  const all = entity.entitlements.filter((item) => item.typeCode === typeCode)
  if (all.length === 0) return 'never'
  const covers = ({ from, until, state }: Entitlement) =>
    from <= at && (until === null ? state === 'granted' : since < until)
  if (all.some(covers)) return 'entitled'
  if (all.every(({ from }) => at < from)) return 'not yet'
  return all.some(({ state }) => state === 'withdrawn') ? 'withdrawn' : 'ended'
}

/** Address of a status list of an issuer, or undefined for one without addresses. */
export function statusListAddress(entity: TrustedEntity, list: number): string | undefined {
  return entity.addresses ? `${entity.addresses.statusLists}/${list}` : undefined
}
