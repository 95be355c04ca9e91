import { ca, type ocsp } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AuthorityName, toWholeSecond } from '../domain/authority.ts'
import { type HeldAnswer, isAged, isCurrent, ocspSchedule } from '../domain/ocsp-answer.ts'
import { PkiServiceError } from '../errors.ts'
import {
  type CertificateStanding,
  countAllRevoked,
  findCertificates,
  findStandings,
  listLive,
} from '../store/certificates.ts'
import type { KeyUses } from './count-key-uses.ts'
import { openResponders, type Responder, type Responders } from './open-responders.ts'
import type { OwnCertificates } from './own-certificates.ts'
import { createStandingReader } from './read-standings.ts'

/** Answers kept in memory, a kilobyte each. Beyond that the ones made first are forgotten and made again when asked for. */
const heldLimit = 20_000
/** Signed between two looks at other work. */
const signedAtOnce = 100

/** A request about certificates of one authority, as `ca.parseOcspRequest` reads it. */
export type OcspRequest = ca.OcspRequest

/** `known`: whether the register knows every certificate asked about. */
export interface FreshAnswer {
  readonly der: Uint8Array
  readonly known: boolean
}

/** Answers of the responders: made beforehand and held for whoever asks without nonce, signed fresh for everybody else. */
export interface OcspAnswers {
  /** Opens the responders; again whenever one may have changed. What another one signed is made anew. */
  load(own: OwnCertificates): Promise<void>
  /** The answer already made to a request without nonce about one certificate. */
  held(request: OcspRequest, now: Date): HeldAnswer | undefined
  /** Whether all questions are about certificates of one authority that answers here. */
  isOurs(request: OcspRequest): boolean
  /**
   * Makes the answer to a request and holds it where others may get it too. Asks `maySayUnknown` before it signs about a certificate that
   * is not known, and throws `PKI_TOO_MANY_QUESTIONS` when it may not. What key and database throw passes through.
   */
  answer(request: OcspRequest, maySayUnknown: () => boolean): Promise<HeldAnswer | FreshAnswer>
  /** One answer for each certificate, in order, whose thisUpdate is not before `notBefore`. Throws `PKI_CERTIFICATE_NOT_FOUND`. */
  evidence(
    certificates: readonly { readonly serialNumberHex: string; readonly raw: Uint8Array }[],
    notBefore: Date,
  ): Promise<Uint8Array[]>
  /** Makes what is missing, has aged or became untrue. */
  refresh(now: Date): Promise<void>
  /** A certificate was revoked: no answer of before leaves from now on. */
  replace(serialNumber: string): Promise<void>
  /** When the oldest held answer was made. */
  oldest(): Date | undefined
  /** An authority about whose certificates nobody can be told anything now: its responder or an answer held has ended. */
  findStale(now: Date): AuthorityName | undefined
}

interface Held extends HeldAnswer {
  readonly certId: ocsp.CertId
  readonly isRevoked: boolean
}

const listLiveEveryMs = 3_600_000

export function createOcspAnswers(deps: Dependencies, uses: KeyUses): OcspAnswers {
  const standings = createStandingReader(deps.database)
  const held = new Map<string, Held>()
  const heldBySerial = new Map<string, Set<string>>()
  let responders: Responders = { byAuthority: new Map(), find: () => undefined }
  /** Changes with every revocation: what was read before one may not be held after it. */
  let revocations = 0
  let revokedOnRecord: number | undefined
  let listedAt: Date | undefined

  const forget = (key: string): void => {
    const answer = held.get(key)
    if (answer === undefined) return
    held.delete(key)
    const keys = heldBySerial.get(answer.serialNumber)!
    keys.delete(key)
    if (keys.size === 0) heldBySerial.delete(answer.serialNumber)
  }
  const hold = (answer: Held): void => {
    const key = keyOf(answer.certId)
    forget(key)
    held.set(key, answer)
    const keys = heldBySerial.get(answer.serialNumber)
    if (keys === undefined) heldBySerial.set(answer.serialNumber, new Set([key]))
    else keys.add(key)
    if (held.size > heldLimit) forget(held.keys().next().value!)
  }
  const sign = async (
    responder: Responder,
    questions: readonly { readonly certId: ocsp.CertId; readonly standing: CertificateStanding | undefined }[],
    now: Date,
    nonce?: Uint8Array,
  ): Promise<Pick<HeldAnswer, 'der' | 'thisUpdate' | 'nextUpdate'>> => {
    const thisUpdate = toWholeSecond(now)
    const nextUpdate = new Date(Math.min(thisUpdate.getTime() + ocspSchedule.lifetimeMs, responder.notAfter.getTime()))
    const prepared = responder.answers.prepare({
      responses: questions.map(({ certId, standing }) => ({
        certId,
        status: statusOf(responder, standing, thisUpdate),
        thisUpdate,
        nextUpdate,
        // Nothing is ever removed from the register, so answers reach back to the authority's beginning.
        ...(standing !== undefined && standing.notAfter <= thisUpdate
          ? { archiveCutoff: responder.certificateOfAuthority.notBefore }
          : {}),
      })),
      producedAt: thisUpdate,
      nonce,
    })
    uses.add(responder.keyName, 'ocsp', thisUpdate, 1)
    const signature = responder.key.signSync?.(prepared.toSign) ?? (await responder.key.sign(prepared.toSign))
    return { der: prepared.assemble(signature), thisUpdate, nextUpdate }
  }
  /** Reads, signs and holds the answer to one question; again when a revocation came between. */
  const make = async (
    responder: Responder,
    certId: ocsp.CertId,
    maySayUnknown: () => boolean = () => false,
  ): Promise<Held | FreshAnswer> => {
    await uses.ready()
    for (;;) {
      const seen = revocations
      const now = deps.clock.now()
      const standing = await standings.read(certId.serialNumberHex)
      const known = isKnown(responder, standing)
      if (!known && !maySayUnknown()) throw tooManyQuestions()
      const made = await sign(responder, [{ certId, standing }], now)
      if (!known) return { der: made.der, known }
      if (seen !== revocations) continue
      const answer = { ...made, certId, serialNumber: certId.serialNumberHex, isRevoked: standing.state === 'revoked' }
      hold(answer)
      return answer
    }
  }
  const makeFresh = async (
    responder: Responder,
    { certIds, nonce }: OcspRequest,
    maySayUnknown: () => boolean,
  ): Promise<FreshAnswer> => {
    await uses.ready()
    const now = deps.clock.now()
    const questions = await Promise.all(
      certIds.map(async (certId) => ({ certId, standing: await standings.read(certId.serialNumberHex) })),
    )
    const known = questions.every(({ standing }) => isKnown(responder, standing))
    if (!known && !maySayUnknown()) throw tooManyQuestions()
    const { der } = await sign(responder, questions, now, nonce)
    return { der, known }
  }
  const makeInTurns = async (certIds: readonly ocsp.CertId[]): Promise<void> => {
    for (let from = 0; from < certIds.length; from += signedAtOnce) {
      const batch = certIds.slice(from, from + signedAtOnce)
      await Promise.all(
        batch.map((certId) => {
          const responder = responders.find(certId)
          // Nobody answers for an authority that ended.
          return responder === undefined ? forget(keyOf(certId)) : make(responder, certId)
        }),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** Living certificates that nobody has asked about yet, in the words in which most will. */
  const listMissing = async (now: Date): Promise<ocsp.CertId[]> => {
    const missing: ocsp.CertId[] = []
    for (const { serialNumber, issuer } of await listLive(deps.database, now, heldLimit / 2)) {
      const responder = responders.byAuthority.get(issuer)
      if (responder !== undefined && !heldBySerial.has(serialNumber)) {
        missing.push(await certIdOf(responder, serialNumber))
      }
    }
    return missing
  }
  const isHeldRevoked = (serialNumber: string): boolean =>
    [...(heldBySerial.get(serialNumber) ?? [])].every((key) => held.get(key)?.isRevoked)
  const dropAll = (serialNumbers: Iterable<string>): ocsp.CertId[] => {
    revocations++
    const dropped: ocsp.CertId[] = []
    for (const serialNumber of serialNumbers) {
      for (const key of heldBySerial.get(serialNumber) ?? []) {
        dropped.push(held.get(key)!.certId)
        forget(key)
      }
    }
    return dropped
  }
  return {
    async load(own) {
      const before = responders
      responders = await openResponders(deps, own)
      // Nothing that a responder of before signed is given out any more: it may have been revoked.
      const changed = [...held.values()].filter(
        ({ certId }) => before.find(certId)?.serialNumber !== responders.find(certId)?.serialNumber,
      )
      const certIds = changed.map(({ certId }) => certId)
      for (const certId of certIds) forget(keyOf(certId))
      await makeInTurns(certIds)
    },
    held({ certIds, nonce }, now) {
      if (nonce !== undefined || certIds.length !== 1) return undefined
      const answer = held.get(keyOf(certIds[0]!))
      return answer && isCurrent(answer, now) ? answer : undefined
    },
    isOurs({ certIds }) {
      const responder = responders.find(certIds[0]!)
      return responder !== undefined && certIds.every((certId) => responders.find(certId) === responder)
    },
    async answer(request, maySayUnknown) {
      const [first, second] = request.certIds
      const responder = first && responders.find(first)
      if (responder === undefined) throw new TypeError('only what isOurs is answered')
      return request.nonce === undefined && second === undefined
        ? make(responder, first!, maySayUnknown)
        : makeFresh(responder, request, maySayUnknown)
    },
    async evidence(certificates, notBefore) {
      if (deps.clock.now() < notBefore) {
        throw new PkiServiceError(
          'PKI_CLOCK_UNRELIABLE',
          'the clock is behind the time from which answers are asked for',
        )
      }
      const found = await findCertificates(
        deps.database,
        certificates.map(({ serialNumberHex }) => serialNumberHex),
      )
      const since = toWholeSecond(notBefore)
      const bySerial = new Map(found.map((standing) => [standing.serialNumber, standing]))
      return Promise.all(
        certificates.map(async ({ serialNumberHex, raw }) => {
          const standing = bySerial.get(serialNumberHex)
          const responder = standing && responders.byAuthority.get(standing.issuer)
          if (responder === undefined || Buffer.compare(standing?.certificate ?? new Uint8Array(0), raw) !== 0) {
            throw new PkiServiceError('PKI_CERTIFICATE_NOT_FOUND', `no responder here answers for ${serialNumberHex}`)
          }
          const certId = await certIdOf(responder, serialNumberHex)
          const known = held.get(keyOf(certId))
          if (known && known.thisUpdate >= since && isCurrent(known, deps.clock.now())) return known.der
          return (await make(responder, certId)).der
        }),
      )
    },
    async refresh(now) {
      // Another process may have revoked; the count is read first, so that what comes after it is found the next time.
      const revoked = await countAllRevoked(deps.database)
      if (revokedOnRecord !== undefined && revoked !== revokedOnRecord) {
        const good = [...heldBySerial.keys()].filter((serialNumber) => !isHeldRevoked(serialNumber))
        const found = await findStandings(deps.database, good)
        const untrue = found.filter(({ state }) => state === 'revoked').map(({ serialNumber }) => serialNumber)
        await makeInTurns(dropAll(untrue))
      }
      revokedOnRecord = revoked
      if (listedAt === undefined || now.getTime() - listedAt.getTime() >= listLiveEveryMs) {
        await makeInTurns(await listMissing(now))
        listedAt = now
      }
      await makeInTurns([...held.values()].filter((answer) => isAged(answer, now)).map(({ certId }) => certId))
    },
    async replace(serialNumber) {
      await makeInTurns(dropAll([serialNumber]))
    },
    oldest() {
      let oldest: Date | undefined
      for (const { thisUpdate } of held.values()) if (oldest === undefined || thisUpdate < oldest) oldest = thisUpdate
      return oldest
    },
    findStale(now) {
      const ended = [...held.values()].find((answer) => !isCurrent(answer, now))
      if (ended !== undefined) return responders.find(ended.certId)?.authority
      return [...responders.byAuthority.values()].find(({ notAfter }) => notAfter <= now)?.authority
    },
  }
}

function certIdOf(responder: Responder, serialNumber: string): Promise<ocsp.CertId> {
  return ca.createCertId(responder.certificateOfAuthority.raw, Buffer.from(serialNumber, 'hex'))
}

function tooManyQuestions(): PkiServiceError {
  return new PkiServiceError('PKI_TOO_MANY_QUESTIONS', 'too many questions about certificates that are not known')
}

/** A request's question as it came: its hashes and their algorithm's parameters are given back in the same octets. */
function keyOf({ raw }: ocsp.CertId): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
}

/** A serial number that another authority gave, or that was never handed out, is unknown to this one. */
function isKnown(responder: Responder, standing: CertificateStanding | undefined): standing is CertificateStanding {
  return standing !== undefined && standing.issuer === responder.authority && standing.state !== 'prepared'
}

function statusOf(responder: Responder, standing: CertificateStanding | undefined, now: Date): ca.CertificateStatus {
  if (!isKnown(responder, standing)) return { kind: 'unknown' }
  if (standing.revokedAt === null || standing.revocationReason === null) return { kind: 'good' }
  const revocationDate = new Date(Math.min(toWholeSecond(standing.revokedAt).getTime(), now.getTime()))
  return { kind: 'revoked', revocationDate, reason: standing.revocationReason }
}
