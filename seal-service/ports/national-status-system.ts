// 国家统一电子印章状态发布系统, as its client of 2019 spoke with it (standards reference §4.4): IK1008 to IK1013 by REST.
import { createHash } from 'node:crypto'
import { primitives, type SigningKey, x509 } from '../../pki/index.ts'
import { type Clock, fetchBytes, type Ids } from '../../platform/index.ts'
import { type Filing, filingFields, filingTime, signedText, taskCodes } from '../domain/filing.ts'
import { SealError } from '../errors.ts'

/** Who files with the system, and as whom. The secrets are never logged and never part of a message. */
export interface NationalStatusSystemOptions {
  /** `https://host/resource/rest/v1/shared`; the code of the call and `/1` follow. */
  readonly url: string
  readonly appKey: string
  readonly username: string
  /** app secret: headers and tokens */
  readonly secret: string
  readonly password: string
  readonly salt: string
  /** SM2, of the province's publishing system. */
  readonly key: SigningKey
  /** of `key`, DER: idA and provincePubSysId */
  readonly certificate: Uint8Array
  /** idB, DER: the only one that may answer IK1008; left out: whichever signs rightly. */
  readonly peer?: Uint8Array
  readonly clock: Clock
  readonly ids: Ids
  /** For each call; 10,000 when left out. */
  readonly timeoutMs?: number
}

/** What the system says of a seal: 0 有效, 1 无效; unknown where it says nothing. */
export type PublishedStatus = 'valid' | 'invalid' | 'unknown'

export interface NationalStatusSystem {
  /**
   * IK1008, then IK1009. Told twice the system keeps one record, so that asking again after no answer is safe. Resolves with the fields
   * as they were sent. Throws `SEAL_FILING_REFUSED`, `UPSTREAM_UNAVAILABLE`.
   */
  send(filing: Filing): Promise<Readonly<Record<string, string>>>
  /** IK1010 and IK1011. */
  status(seal: { readonly id: string; readonly name: string }): Promise<PublishedStatus>
  /** IK1012: what anybody is told. */
  publicStatus(seal: { readonly id: string; readonly name: string }): Promise<PublishedStatus>
  /** IK1010 and IK1013: ended seals of a time, page from 1. */
  deactivated(span: {
    readonly from: Date
    readonly to: Date
    readonly page: number
  }): Promise<readonly DeactivatedSeal[]>
}

export interface DeactivatedSeal {
  readonly sealCode: string
  readonly sealName: string
  /** as the system writes it */
  readonly revocationTime: string
}

const LONGEST_ANSWER = 256 * 1024
const PAGE_SIZE = 100
const DONE = '0'
const VERSION = '1.0'
/** A token is asked for anew so long before it ends. */
const TOKEN_MARGIN_MS = 10_000

const sm3 = (text: string): string => createHash('sm3').update(text, 'utf8').digest('hex')
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const refused = (what: string): SealError => new SealError('SEAL_FILING_REFUSED', what)
/** 20261122160509, Beijing time. */
const compactTime = (at: Date): string => filingTime(at).replaceAll(/\D/g, '')

/** A client of the system; nothing is asked before the first call. */
export function createNationalStatusSystem(options: NationalStatusSystemOptions): NationalStatusSystem {
  const { key, clock, ids } = options
  const idA = base64(options.certificate)
  const call = (code: string, body: object) => ask(options, code, body)

  /** IK1008: our random number for theirs, which is signed with ours. */
  const authenticate = async (): Promise<string> => {
    const randomA = ids.serial(16)
    const { result, token } = await call('IK1008', { parameters: { idA, randomA } })
    if (result !== DONE || typeof token !== 'string') throw refused('the status system did not take our certificate')
    const [idB, randomB, echo, signature, ...more] = token.split('||')
    if (!idB || !randomB || echo !== randomA || !signature || more.length > 0)
      throw refused('the answer to our random number is not one')
    await checkPeer(options.peer, idB, `${idB}||${randomB}||${randomA}`, signature)
    return randomB
  }

  let token: { readonly text: string; readonly until: number } | undefined
  /** IK1010. The password goes as SM3(SM3(password) ‖ salt), digests in lower-case hexadecimal. */
  const accessToken = async (): Promise<string> => {
    const now = clock.now()
    if (token !== undefined && now.getTime() < token.until) return token.text
    const { data } = await expectDone(
      call('IK1010', {
        method: 'DB.oauth.token',
        username: options.username,
        password: sm3(sm3(options.password) + options.salt),
        client_id: options.appKey,
        client_secret: options.secret,
        grant_type: 'password',
        version: VERSION,
        timestamp: compactTime(now),
      }),
    )
    const [first] = asList(data)
    const text = first?.['access_token']
    if (typeof text !== 'string') throw refused('no token was given')
    const seconds = Number(first?.['expires_in'])
    const lastsMs = Number.isFinite(seconds) ? seconds * 1000 - TOKEN_MARGIN_MS : 0
    token = { text, until: now.getTime() + lastsMs }
    return text
  }

  const query = async (code: 'IK1011' | 'IK1012', seal: { readonly id: string; readonly name: string }) => {
    const now = clock.now()
    const asked = { sealCode: seal.id, sealName: seal.name, queryTime: filingTime(now) }
    const { data } = await expectDone(
      call(code, {
        method: 'DB.seal.status.query',
        ...(code === 'IK1011' && { appKey: options.appKey, username: options.username, token: await accessToken() }),
        sign: signOfQuery(asked),
        ...common(now),
        ...asked,
      }),
    )
    return toStatus(asList(data)[0]?.['sealStatus'])
  }

  return {
    async send(filing) {
      const fields = filingFields(filing, idA)
      const signature = base64(await key.sign(new TextEncoder().encode(signedText(fields))))
      const sent = Object.fromEntries(fields)
      const randomB = await authenticate()
      const text = { taskCode: taskCodes[filing.task], taskData: JSON.stringify(sent), taskSignature: signature }
      await expectDone(call('IK1009', { data: [idA, randomB, JSON.stringify(text), signature].join('||') }))
      return sent
    },
    status: (seal) => query('IK1011', seal),
    publicStatus: (seal) => query('IK1012', seal),
    async deactivated({ from, to, page }) {
      const now = clock.now()
      const asked = {
        pageNow: String(page),
        pageSize: String(PAGE_SIZE),
        queryEndTime: filingTime(to),
        queryStartTime: filingTime(from),
      }
      const { data } = await expectDone(
        call('IK1013', {
          method: 'DB.seal.deactive.list.query',
          appKey: options.appKey,
          username: options.username,
          token: await accessToken(),
          sign: signOfQuery(asked),
          ...common(now),
          ...asked,
        }),
      )
      return asList(asList(data)[0]?.['revocationList']).map((one) => ({
        sealCode: String(one['sealCode'] ?? ''),
        sealName: String(one['sealName'] ?? ''),
        revocationTime: String(one['revocationTime'] ?? ''),
      }))
    },
  }
}

const common = (now: Date) => ({ timestamp: compactTime(now), format: 'json', version: VERSION, type: 'sync' })

/** Names and values in the order of the names, digested. */
const signOfQuery = (asked: Readonly<Record<string, string>>): string =>
  sm3(
    Object.entries(asked)
      .map(([name, value]) => name + value)
      .join(''),
  )

/** One call. The digest in the headers proves the secret without sending it. Throws `UPSTREAM_UNAVAILABLE`, `SEAL_FILING_REFUSED`. */
async function ask(
  { url, appKey, username, secret, ids, clock, timeoutMs = 10_000 }: NationalStatusSystemOptions,
  code: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const nonce = ids.uuid()
  const created = filingTime(clock.now())
  const answer = await fetchBytes(`${url.replace(/\/+$/, '')}/${code}/1`, {
    contentType: 'application/json; charset=utf-8',
    headers: {
      App_key: appKey,
      Username: username,
      Nonce: nonce,
      Created: created,
      PasswdDigest: sm3(`${nonce}_${created}_${secret}`),
    },
    body: new TextEncoder().encode(JSON.stringify(body)),
    timeoutMs,
    maxBytes: LONGEST_ANSWER,
  })
  const value = readJson(answer)
  if (value === undefined) throw refused(`${code}: the answer is no JSON object`)
  return value
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

async function expectDone(
  answer: Promise<Readonly<Record<string, unknown>>>,
): Promise<Readonly<Record<string, unknown>>> {
  const value = await answer
  if (value['code'] === DONE) return value
  // Its words may quote what was sent: the code is enough.
  const code = typeof value['code'] === 'string' ? value['code'].slice(0, 40) : 'without a code'
  throw refused(`the status system refused the call: ${code}`)
}

const asList = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []

const toStatus = (value: unknown): PublishedStatus => (value === '0' ? 'valid' : value === '1' ? 'invalid' : 'unknown')

/** Who answers holds the key of the certificate it names, and is the one we know where we know one. */
async function checkPeer(peer: Uint8Array | undefined, idB: string, signed: string, signature: string): Promise<void> {
  const certificate = Buffer.from(idB, 'base64')
  if (peer !== undefined && Buffer.compare(certificate, peer) !== 0) throw refused('another system answered')
  let publicKey: Uint8Array
  try {
    publicKey = x509.parseCertificate(certificate).subjectPublicKeyInfo
  } catch (cause) {
    throw new SealError('SEAL_FILING_REFUSED', 'the status system names no certificate', { cause })
  }
  const data = new TextEncoder().encode(signed)
  if (!(await primitives.verify('SM2-with-SM3', publicKey, data, Buffer.from(signature, 'base64'))))
    throw refused('the status system did not sign our random number')
}
