import { parseName } from './names.ts'

/** The names under which the authorities are known: in key files, in the register and in `/pki/ca/{name}.cer`. */
export const authorityNames = [
  'root',
  'seal-ca',
  'statement-ca',
  'time-stamp-ca',
  'list-ca',
  'sm2-root',
  'sm2-seal-ca',
] as const
export type FirstAuthority = (typeof authorityNames)[number]
/** A later generation of an authority has a key of its own and its number in the name: `seal-ca-2`. */
export type AuthorityName = FirstAuthority | `${FirstAuthority}-${number}`
export type ListSignerName = 'status-list-signer' | 'trust-list-signer'
/** Who answers OCSP for what an authority issued. */
export type ResponderName = `${AuthorityName}-ocsp`
export type SignerName = ListSignerName | 'time-stamp-signer' | ResponderName
export type EntityName = AuthorityName | SignerName
/** A later generation has a key of its own and its number in the name: `time-stamp-signer-2`. */
export type OwnName = EntityName | `${EntityName}-${number}`

/** Profiles as `pki/ca` knows them. */
export const profileNames = [
  'root',
  'issuing-ca',
  'seal',
  'seal-maker',
  'statement',
  'status-list-signer',
  'trust-list-signer',
  'receipt-signer',
  'ledger-signer',
  'time-stamp',
  'ocsp-responder',
] as const
export type IssuedProfile = (typeof profileNames)[number]
/** What others sign and the register keeps: CAs of other cities under our root, and CAs of an outside authority. */
export const importedProfiles = ['cross-ca', 'outside-ca'] as const
export type Profile = IssuedProfile | (typeof importedProfiles)[number]

const dayMs = 24 * 60 * 60 * 1000
/** Fifteen years with their leap days. */
const fifteenYears = 5480

/** A certificate that this service holds the key of: a certification authority or a signer below one. */
export interface OwnEntity {
  readonly name: EntityName
  readonly profile: IssuedProfile
  /** Who signs it; the root signs itself. */
  readonly issuer: FirstAuthority
  readonly commonName: string
  readonly validityDays: number
  /** For so long its key is used; then a next generation with a key of its own takes over. Without it: to the end of validity. */
  readonly useDays?: number
}

/** How long a CRL of an authority lasts, and how old it may grow before the next one is made. */
export interface CrlSchedule {
  readonly lifetimeMs: number
  readonly refreshAfterMs: number
}

const issuingCa = (
  name: FirstAuthority,
  purpose: string,
  validityDays: number,
  issuer: FirstAuthority = 'root',
): OwnEntity => ({
  name,
  profile: 'issuing-ca',
  issuer,
  commonName: `Zhengyin TEST ${purpose} CA`,
  validityDays,
})

const listSigner = (name: ListSignerName, purpose: string): OwnEntity => ({
  name,
  profile: name,
  issuer: 'list-ca',
  commonName: `Zhengyin TEST ${purpose} Signer`,
  validityDays: 1825,
})

/**
 * A responder is trusted without a look at any list (id-pkix-ocsp-nocheck), so its key is used for a year only. Its certificate lives
 * as long as a stamping one: the answers kept inside a B-LT licence count no longer than that.
 */
const responder = (issuer: FirstAuthority, purpose: string): OwnEntity => ({
  name: `${issuer}-ocsp`,
  profile: 'ocsp-responder',
  issuer,
  commonName: `Zhengyin TEST ${purpose} OCSP Responder`,
  validityDays: fifteenYears,
  useDays: 365,
})

/**
 * The demonstration PKI as data, issuers before those they issue to. One CA per purpose: a seal certificate can
 * never stand under the CA of the lists. TEST stands in every name, so that no one takes them for real ones.
 * A stamp must be verifiable for 14 years after its key was last used, and whoever stands above the stamping certificate with it.
 */
export const demonstrationPki: readonly OwnEntity[] = [
  { name: 'root', profile: 'root', issuer: 'root', commonName: 'Zhengyin TEST Root CA', validityDays: 10950 },
  issuingCa('seal-ca', 'Seal', 5475),
  issuingCa('statement-ca', 'Statement', 5475),
  issuingCa('time-stamp-ca', 'Time Stamp', 7300),
  issuingCa('list-ca', 'List', 5475),
  listSigner('status-list-signer', 'Status List'),
  listSigner('trust-list-signer', 'Trust List'),
  {
    name: 'time-stamp-signer',
    profile: 'time-stamp',
    issuer: 'time-stamp-ca',
    commonName: 'Zhengyin TEST Time Stamp Signer',
    validityDays: fifteenYears,
    useDays: 365,
  },
  responder('root', 'Root'),
  responder('seal-ca', 'Seal'),
  responder('statement-ca', 'Statement'),
  responder('time-stamp-ca', 'Time Stamp'),
  responder('list-ca', 'List'),
  // What stands below a root takes its words from it: "Zhengyin TEST SM2 Seal CA".
  {
    name: 'sm2-root',
    profile: 'root',
    issuer: 'sm2-root',
    commonName: 'Zhengyin TEST SM2 Root CA',
    validityDays: 10950,
  },
  issuingCa('sm2-seal-ca', 'Seal', 5475, 'sm2-root'),
  responder('sm2-root', 'Root'),
  responder('sm2-seal-ca', 'Seal'),
]

/** The root's list changes once in years and its key should rest; the issuing CAs publish daily. */
export const crlSchedules: Readonly<Record<FirstAuthority, CrlSchedule>> = {
  root: { lifetimeMs: 90 * dayMs, refreshAfterMs: 30 * dayMs },
  'seal-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'statement-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'time-stamp-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'list-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
  'sm2-root': { lifetimeMs: 90 * dayMs, refreshAfterMs: 30 * dayMs },
  'sm2-seal-ca': { lifetimeMs: 7 * dayMs, refreshAfterMs: dayMs },
}

/** What `certify` offers to other services: by which profile of `pki/ca`, under which CA and for how long. */
export const offeredProfiles = {
  seal: { profile: 'seal', issuer: 'seal-ca', validityDays: 1826 },
  statement: { profile: 'statement', issuer: 'statement-ca', validityDays: 1826 },
  'sm2-seal': { profile: 'seal', issuer: 'sm2-seal-ca', validityDays: 1826 },
  'seal-maker': { profile: 'seal-maker', issuer: 'sm2-seal-ca', validityDays: 1826 },
  receipt: { profile: 'receipt-signer', issuer: 'list-ca', validityDays: 1826 },
  ledger: { profile: 'ledger-signer', issuer: 'list-ca', validityDays: 1826 },
} as const satisfies Record<string, { profile: Profile; issuer: FirstAuthority; validityDays: number }>

export type OfferedProfile = keyof typeof offeredProfiles

export function isAuthorityName(text: string): text is AuthorityName {
  return parseName(text)?.responder === null
}

/** Whether an entity stands in the chain of SM2 keys, and so has one itself. */
export function isSm2(name: OwnName): boolean {
  return name.startsWith('sm2-')
}

/** The purpose of an authority: its name without the number of its generation. */
export function purposeOf(name: AuthorityName): FirstAuthority {
  return parseName(name)!.authority
}

/** The name of the n-th generation of an entity, counted from 1. */
export function generationName(name: EntityName, generation: number): OwnName {
  return generation === 1 ? name : `${name}-${generation}`
}

/** Which generation of an entity a name means; undefined when it means none. */
export function generationOf(name: EntityName, ownName: string): number | undefined {
  if (ownName === name) return 1
  const number = ownName.startsWith(`${name}-`) ? ownName.slice(name.length + 1) : ''
  return /^[1-9]\d*$/.test(number) ? Number(number) : undefined
}

/** When the key of a certificate made at `notBefore` rests; undefined where it is used to the certificate's end. */
export function endOfUse(notBefore: Date, useDays: number | undefined, notAfter: Date): Date | undefined {
  if (useDays === undefined) return undefined
  return new Date(Math.min(notBefore.getTime() + useDays * dayMs - 1000, notAfter.getTime()))
}

/** Whether the key of a certificate may be used now: from its beginning on for as many days as its kind is used. */
export function isInUse(entity: OwnEntity, certificate: { readonly notBefore: Date }, now: Date): boolean {
  const usedMs = now.getTime() - certificate.notBefore.getTime()
  return usedMs >= 0 && (entity.useDays === undefined || usedMs < entity.useDays * dayMs)
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
