/** The names under which the authorities are known: in key files, in the register and in `/pki/ca/{name}.cer`. */
export type AuthorityName = 'root' | 'seal-ca' | 'statement-ca' | 'list-ca'
export type ListSignerName = 'status-list-signer' | 'trust-list-signer'
export type OwnName = AuthorityName | ListSignerName

/** Profiles as `pki/ca` knows them. */
export type Profile = 'root' | 'issuing-ca' | 'seal' | 'statement' | 'status-list-signer' | 'trust-list-signer'

const dayMs = 24 * 60 * 60 * 1000

/** A certificate that this service holds the key of: a certification authority or a signer of lists. */
export interface OwnEntity {
  readonly name: OwnName
  readonly profile: Profile
  /** Who signs it; the root signs itself. */
  readonly issuer: AuthorityName
  readonly commonName: string
  readonly validityDays: number
}

/** How long a CRL of an authority lasts, and how old it may grow before the next one is made. */
export interface CrlSchedule {
  readonly lifetimeMs: number
  readonly refreshAfterMs: number
}

/**
 * The demonstration PKI as data, issuers before those they issue to. One CA per purpose: a seal certificate can
 * never stand under the CA of the lists. TEST stands in every name, so that no one takes them for real ones.
 */
export const demonstrationPki: readonly OwnEntity[] = [
  { name: 'root', profile: 'root', issuer: 'root', commonName: 'Zhengyin TEST Root CA', validityDays: 7300 },
  { name: 'seal-ca', profile: 'issuing-ca', issuer: 'root', commonName: 'Zhengyin TEST Seal CA', validityDays: 5475 },
  {
    name: 'statement-ca',
    profile: 'issuing-ca',
    issuer: 'root',
    commonName: 'Zhengyin TEST Statement CA',
    validityDays: 5475,
  },
  { name: 'list-ca', profile: 'issuing-ca', issuer: 'root', commonName: 'Zhengyin TEST List CA', validityDays: 5475 },
  {
    name: 'status-list-signer',
    profile: 'status-list-signer',
    issuer: 'list-ca',
    commonName: 'Zhengyin TEST Status List Signer',
    validityDays: 1825,
  },
  {
    name: 'trust-list-signer',
    profile: 'trust-list-signer',
    issuer: 'list-ca',
    commonName: 'Zhengyin TEST Trust List Signer',
    validityDays: 1825,
  },
]

export const authorityNames: readonly AuthorityName[] = ['root', 'seal-ca', 'statement-ca', 'list-ca']

/** The root's list changes once in years and its key should rest; the issuing CAs publish daily. */
export const crlSchedules: Readonly<Record<AuthorityName, CrlSchedule>> = {
  root: { lifetimeMs: 90 * dayMs, refreshAfterMs: 30 * dayMs },
  'seal-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'statement-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'list-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
}

/** What `certify` offers to other services: under which CA and for how long. */
export const offeredProfiles = {
  seal: { issuer: 'seal-ca', validityDays: 1826 },
  statement: { issuer: 'statement-ca', validityDays: 1826 },
} as const satisfies Partial<Record<Profile, { issuer: AuthorityName; validityDays: number }>>

export type OfferedProfile = keyof typeof offeredProfiles

export function isAuthorityName(text: string): text is AuthorityName {
  return (authorityNames as readonly string[]).includes(text)
}

/** The last moment of a certificate made at `notBefore`; never after its issuer's own end. */
export function endOfValidity(notBefore: Date, validityDays: number, issuerNotAfter: Date | undefined): Date {
  const end = notBefore.getTime() + validityDays * dayMs - 1000
  return new Date(issuerNotAfter === undefined ? end : Math.min(end, issuerNotAfter.getTime()))
}

/** X.509 times carry whole seconds. */
export function toWholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000)
}
