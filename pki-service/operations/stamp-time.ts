import { OID, type SigningKey, tsp } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { toWholeSecond } from '../domain/authority.ts'
import { createClockGuard } from '../domain/clock-guard.ts'
import { PkiServiceError } from '../errors.ts'
import { findLastUse } from '../store/key-use-hours.ts'
import type { KeyUses } from './count-key-uses.ts'
import type { IssuedCertificate } from './issue-certificate.ts'
import { openKeyOf } from './open-key.ts'
import { chainOf, getMade, type OwnCertificates } from './own-certificates.ts'

/** Stamps are cut down to whole seconds: the time lies within this much of what they state. */
const accuracySeconds = 1

/** What is stamped, and how: SHA-256 digests alone by default. */
export type StampRequest = Omit<tsp.TokenContent, 'serialNumber' | 'genTime'>

/** The signer in use, ready to sign. */
interface OpenSigner {
  readonly certificate: IssuedCertificate
  readonly name: string
  readonly key: SigningKey
  readonly tokens: tsp.TokenSigner
  /** No stamp of this signer states an earlier time. */
  lastMs: number
}

export interface TimeStamper {
  /** A token (RFC 3161, DER) for each request, in order. Throws `PKI_CLOCK_UNRELIABLE`; what key and database throw passes through. */
  stamp(requests: readonly StampRequest[]): Promise<Uint8Array[]>
  /** Octets of the longest token. */
  maxTokenLength(): Promise<number>
  /** The policy that stamps are made under, dotted. */
  readonly policy: string
  /** Looks at the clock, so that a jump is noticed while nobody asks; whether a stamp could be made now. */
  isClockReliable(): boolean
}

export function createTimeStamper(deps: Dependencies, own: () => OwnCertificates, uses: KeyUses): TimeStamper {
  const guard = createClockGuard()
  let signer: OpenSigner | undefined
  let opening: Promise<OpenSigner> | undefined

  const open = async (certificate: IssuedCertificate): Promise<OpenSigner> => {
    const { name, key } = await openKeyOf(deps.keyStore, certificate)
    const tokens = tsp.compileTokenSigner({
      certificate: certificate.certificate,
      chain: chainOf(own(), certificate.issuer).slice(0, -1),
      signatureAlgorithm: key.signatureAlgorithm,
      policy: OID.timeStampPolicy,
      accuracySeconds,
    })
    const last = await findLastUse(deps.database, name, 'time-stamp')
    return { certificate, name, key, tokens, lastMs: last?.getTime() ?? 0 }
  }
  const current = async (): Promise<OpenSigner> => {
    const certificate = getMade(own(), 'time-stamp-signer')
    if (signer?.certificate.serialNumber === certificate.serialNumber) return signer
    opening ??= open(certificate).finally(() => {
      opening = undefined
    })
    signer = await opening
    return signer
  }
  /** The time to state; read once for a whole batch, at its beginning. */
  const readTime = (lastMs: number): Date => {
    const at = deps.clock.now()
    guard.check({ at, elapsedMs: deps.clock.elapsedMs?.() })
    const genTime = toWholeSecond(at)
    if (genTime.getTime() < lastMs) {
      throw new PkiServiceError('PKI_CLOCK_UNRELIABLE', 'the clock is behind the last stamp of this signer')
    }
    return genTime
  }
  return {
    policy: OID.timeStampPolicy,
    isClockReliable() {
      try {
        readTime(signer?.lastMs ?? 0)
        return true
      } catch {
        return false
      }
    },
    maxTokenLength: async () => (await current()).tokens.maxLength,
    async stamp(requests) {
      if (requests.length === 0) return []
      await uses.ready()
      const open = await current()
      const { name, key, tokens } = open
      const genTime = readTime(open.lastMs)
      open.lastMs = genTime.getTime()
      uses.add(name, 'time-stamp', genTime, requests.length)
      const made: Uint8Array[] = []
      for (const request of requests) {
        const serialNumber = deps.ids.bytes(16)
        const prepared = tokens.prepare({ ...request, serialNumber, genTime })
        made.push(prepared.assemble(key.signSync?.(prepared.toSign) ?? (await key.sign(prepared.toSign))))
      }
      return made
    },
  }
}
