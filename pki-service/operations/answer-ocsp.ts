import { ca, type ocsp } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AuthorityName, toWholeSecond } from '../domain/authority.ts'
import { type HeldAnswer, isAged, isCurrent } from '../domain/ocsp-answer.ts'
import { PkiServiceError } from '../errors.ts'
import { findCertificates, findStandings, listLive, markOfRevocations } from '../store/certificates.ts'
import type { KeyUses } from './count-key-uses.ts'
import { createHeldAnswers, type Held, revocationIn } from './held-answers.ts'
import { openResponders, type Responder, type Responders } from './open-responders.ts'
import type { OwnCertificates } from './own-certificates.ts'
import { createStandingReader } from './read-standings.ts'
import { isKnown, signAnswer } from './sign-answer.ts'

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

const listLiveEveryMs = 3_600_000

export function createOcspAnswers(deps: Dependencies, uses: KeyUses): OcspAnswers {
  const standings = createStandingReader(deps.database)
  const held = createHeldAnswers(heldLimit)
  let responders: Responders = { byAuthority: new Map(), find: () => undefined }
  /** Counts revocations and changes of responders: what was read before one may not leave after it. */
  let changes = 0
  let revokedOnRecord: string | undefined
  let listedAt: Date | undefined

  const expectResponder = (certId: ocsp.CertId | undefined): Responder => {
    const responder = certId && responders.find(certId)
    if (responder === undefined) throw new TypeError('only what isOurs is answered')
    return responder
  }
  /** Tries again when a revocation or a change of responders came between reading and signing. */
  const undisturbed = async <T>(attempt: () => Promise<T>, keep?: (made: T) => void): Promise<T> => {
    await uses.ready()
    for (;;) {
      const seen = changes
      const made = await attempt()
      if (seen !== changes) continue
      keep?.(made)
      return made
    }
  }
  /** Reads, signs and holds the answer to one question. */
  const make = (certId: ocsp.CertId, maySayUnknown: () => boolean = () => false): Promise<Held | FreshAnswer> =>
    undisturbed<Held | FreshAnswer>(
      async () => {
        const [now, responder] = [deps.clock.now(), expectResponder(certId)]
        const standing = await standings.read(certId.serialNumberHex)
        const known = isKnown(responder, standing)
        if (!known && !maySayUnknown()) throw tooManyQuestions()
        const answer = await signAnswer(responder, uses, [{ certId, standing }], now)
        if (!known) return { der: answer.der, known }
        return { ...answer, certId, serialNumber: certId.serialNumberHex, revocation: revocationIn(standing) }
      },
      (made) => {
        if (!('known' in made)) held.hold(made)
      },
    )
  const makeFresh = (request: OcspRequest, maySayUnknown: () => boolean): Promise<FreshAnswer> =>
    undisturbed(async () => {
      const [now, responder] = [deps.clock.now(), expectResponder(request.certIds[0])]
      const questions = await Promise.all(
        request.certIds.map(async (certId) => ({ certId, standing: await standings.read(certId.serialNumberHex) })),
      )
      const known = questions.every(({ standing }) => isKnown(responder, standing))
      if (!known && !maySayUnknown()) throw tooManyQuestions()
      const { der } = await signAnswer(responder, uses, questions, now, request.nonce)
      return { der, known }
    })
  const makeInTurns = async (certIds: readonly ocsp.CertId[]): Promise<void> => {
    for (let from = 0; from < certIds.length; from += signedAtOnce) {
      const batch = certIds.slice(from, from + signedAtOnce)
      await Promise.all(
        // Nobody answers for an authority that ended.
        batch.map((certId) => (responders.find(certId) === undefined ? held.forget(certId) : make(certId))),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  /** Living certificates that nobody has asked about yet, in the words in which most will. */
  const listMissing = async (now: Date): Promise<ocsp.CertId[]> => {
    const missing: ocsp.CertId[] = []
    for (const { serialNumber, issuer } of await listLive(deps.database, now, heldLimit / 2)) {
      const responder = responders.byAuthority.get(issuer)
      if (responder !== undefined && !held.has(serialNumber)) {
        missing.push(await certIdOf(responder, serialNumber))
      }
    }
    return missing
  }
  const drop = (serialNumbers: Iterable<string>): ocsp.CertId[] => {
    changes++
    return held.drop(serialNumbers)
  }
  return {
    async load(own) {
      const before = responders
      responders = await openResponders(deps, own)
      // Nothing that a responder of before signed is given out any more: it may have been revoked.
      changes++
      const certIds = held.values().map(({ certId }) => certId)
      const changed = certIds.filter(
        (certId) => before.find(certId)?.serialNumber !== responders.find(certId)?.serialNumber,
      )
      for (const certId of changed) held.forget(certId)
      await makeInTurns(changed)
    },
    held({ certIds, nonce }, now) {
      if (nonce !== undefined || certIds.length !== 1) return undefined
      const answer = held.get(certIds[0]!)
      return answer && isCurrent(answer, now) ? answer : undefined
    },
    isOurs({ certIds }) {
      const responder = responders.find(certIds[0]!)
      return responder !== undefined && certIds.every((certId) => responders.find(certId) === responder)
    },
    async answer(request, maySayUnknown) {
      const [first, second] = request.certIds
      const isForAll = request.nonce === undefined && second === undefined
      return isForAll && first ? make(first, maySayUnknown) : makeFresh(request, maySayUnknown)
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
          const known = held.get(certId)
          if (known && known.thisUpdate >= since && isCurrent(known, deps.clock.now())) return known.der
          return (await make(certId)).der
        }),
      )
    },
    async refresh(now) {
      // Another process may have revoked; the mark is read first, so that what comes after it is found the next time.
      const revoked = await markOfRevocations(deps.database)
      if (revokedOnRecord !== undefined && revoked !== revokedOnRecord) {
        const found = await findStandings(deps.database, held.serialNumbers())
        await makeInTurns(drop(found.filter(held.contradicts).map(({ serialNumber }) => serialNumber)))
      }
      revokedOnRecord = revoked
      if (listedAt === undefined || now.getTime() - listedAt.getTime() >= listLiveEveryMs) {
        await makeInTurns(await listMissing(now))
        listedAt = now
      }
      await makeInTurns(
        held
          .values()
          .filter((answer) => isAged(answer, now))
          .map(({ certId }) => certId),
      )
    },
    async replace(serialNumber) {
      await makeInTurns(drop([serialNumber]))
    },
    oldest() {
      let oldest: Date | undefined
      for (const { thisUpdate } of held.values()) if (oldest === undefined || thisUpdate < oldest) oldest = thisUpdate
      return oldest
    },
    findStale(now) {
      const ended = held.values().find((answer) => !isCurrent(answer, now))
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
