// A stand-in of the national status system for seals (IK1008 to IK1013). It believes nothing: digests, random numbers and SM2 signatures
// are checked, the signatures by another implementation than the house's.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sm2, sm3 } from 'sm-crypto-v2'
import { parsePublicKey, type SigningKey, x509 } from '../../pki/index.ts'

export interface StatusSystemOptions {
  readonly appKey: string
  readonly username: string
  readonly secret: string
  readonly password: string
  readonly salt: string
  /** The one province it knows, DER. */
  readonly client: Uint8Array
  /** Its own SM2 key and certificate. */
  readonly key: SigningKey
  readonly certificate: Uint8Array
  now(): Date
}

export interface PublishedSeal {
  readonly fields: Readonly<Record<string, string>>
  validEndTime: string
  invalidType: string | null
  invalidEffectTime: string | null
}

export interface StatusSystem {
  readonly url: string
  /** By seal code. */
  readonly seals: ReadonlyMap<string, PublishedSeal>
  /** Task codes in the order in which they were taken. */
  readonly tasks: readonly string[]
  /** Words about what was refused. */
  readonly refusals: readonly string[]
  /** How it behaves from now on: as it should, not at all, with a server's error, with a refusal of every task, late, or taking the task and losing the answer. */
  behave(how: 'well' | 'silent' | 'broken' | 'refusing' | 'losing'): void
  close(): Promise<void>
}

const order = {
  '207':
    'provincePubSysId sealCode sealName useUnitCode sealZone validStartTime validEndTime parentSealCode createTime creater legalType signature certStartTime certEndTime signCert requestParam',
  '108': 'sealCode sealName validEndTime signature signCert',
  '209': 'sealName cancelReason cancelDescribe applyDate signature invalidType invalidEffectTime',
} as const

const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/
class Refused extends Error {}

function expectThat(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Refused(what)
}

/** Whether another implementation takes the signature (DER, base64) over the text. */
function isSigned(certificate: Uint8Array, text: string, signature: string): boolean {
  const key = parsePublicKey(x509.parseCertificate(certificate).subjectPublicKeyInfo)
  expectThat(key.kind === 'sm2', 'not a certificate of an SM2 key')
  const spki = x509.parseCertificate(certificate).subjectPublicKeyInfo
  const point = Buffer.from(spki.subarray(spki.length - 65)).toString('hex')
  return sm2.doVerifySignature(text, Buffer.from(signature, 'base64').toString('hex'), point, { der: true, hash: true })
}

export async function startStatusSystem(options: StatusSystemOptions): Promise<StatusSystem> {
  const seals = new Map<string, PublishedSeal>()
  const tasks: string[] = []
  const refusals: string[] = []
  const randoms = new Set<string>()
  const tokens = new Set<string>()
  const nonces = new Set<string>()
  let how: 'well' | 'silent' | 'broken' | 'refusing' | 'losing' = 'well'
  let counter = 0
  const idB = Buffer.from(options.certificate).toString('base64')

  const checkHeaders = ({ headers }: IncomingMessage) => {
    const nonce = String(headers['nonce'])
    const created = String(headers['created'])
    expectThat(headers['app_key'] === options.appKey && headers['username'] === options.username, 'unknown caller')
    expectThat(TIME.test(created), 'Created is no time')
    expectThat(headers['passwddigest'] === sm3(`${nonce}_${created}_${options.secret}`), 'wrong PasswdDigest')
    expectThat(!nonces.has(nonce), 'Nonce used before')
    nonces.add(nonce)
  }

  const identify = async ({ parameters }: { parameters: { idA: string; randomA: string } }) => {
    const { idA, randomA } = parameters
    expectThat(Buffer.from(idA, 'base64').equals(options.client), 'unknown certificate')
    expectThat(/^[0-9A-Z]{16}$/.test(randomA), 'randomA is not one of 16 characters')
    const randomB = `RANDOMB${String(++counter).padStart(9, '0')}`
    randoms.add(randomB)
    const signed = `${idB}||${randomB}||${randomA}`
    const signature = Buffer.from(await options.key.sign(new TextEncoder().encode(signed))).toString('base64')
    return { result: '0', msg: 'ok', token: `${signed}||${signature}` }
  }

  const transfer = ({ data }: { data: string }) => {
    const [certA, randomB, json, signature, ...more] = data.split('||')
    expectThat(more.length === 0 && signature !== undefined, 'data has not four parts')
    expectThat(Buffer.from(certA!, 'base64').equals(options.client), 'unknown certificate')
    expectThat(randoms.delete(randomB!), 'randomB unknown or used before')
    const { taskCode, taskData, taskSignature, ...rest } = JSON.parse(json!) as Record<string, string>
    expectThat(Object.keys(rest).length === 0, 'unknown members of the task')
    expectThat(taskCode === '207' || taskCode === '108' || taskCode === '209', 'unknown task')
    const fields = JSON.parse(taskData!) as Record<string, string>
    const names = order[taskCode].split(' ')
    expectThat(Object.keys(fields).join(' ') === order[taskCode], 'other fields than the task has')
    const text = names.map((name) => fields[name]).join('|')
    expectThat(text.split('|').length === names.length, 'a value holds the separator')
    expectThat(isSigned(options.client, text, taskSignature!), 'wrong task signature')
    expectThat(isSigned(options.client, text, signature), 'wrong signature')
    for (const name of names.filter((one) => one.endsWith('Time') || one === 'applyDate'))
      expectThat(TIME.test(fields[name]!), `${name} is no time`)
    if (how === 'refusing') return { code: '9', msg: 'refused' }
    apply(taskCode, fields)
    tasks.push(taskCode)
    return { code: '0', msg: 'ok', isSuccess: 'true', resultCode: '0' }
  }

  const apply = (taskCode: '207' | '108' | '209', fields: Record<string, string>) => {
    if (taskCode === '207') {
      expectThat(/^\d{14}$/.test(fields['sealCode']!) && fields['sealZone'] === fields['sealCode']!.slice(0, 6), 'code')
      const { validEndTime } = fields
      seals.set(fields['sealCode']!, {
        fields,
        validEndTime: validEndTime!,
        invalidType: null,
        invalidEffectTime: null,
      })
      return
    }
    const seal = [...seals.values()].find(({ fields: { sealName } }) => sealName === fields['sealName'])
    expectThat(seal !== undefined, 'no such seal')
    if (taskCode === '108') seal.validEndTime = fields['validEndTime']!
    else Object.assign(seal, { invalidType: fields['invalidType'], invalidEffectTime: fields['invalidEffectTime'] })
  }

  const giveToken = (body: Record<string, string>) => {
    expectThat(body['password'] === sm3(sm3(options.password) + options.salt), 'wrong password')
    expectThat(body['client_id'] === options.appKey && body['client_secret'] === options.secret, 'wrong client')
    expectThat(body['grant_type'] === 'password' && /^\d{14}$/.test(body['timestamp']!), 'wrong grant')
    const token = `token-${++counter}`
    tokens.add(token)
    return { code: '0', data: [{ access_token: token, expires_in: '3600' }] }
  }

  const statusOf = (body: Record<string, string>, isRegistered: boolean) => {
    if (isRegistered) expectThat(tokens.has(body['token']!), 'unknown token')
    const { sealCode, sealName, queryTime } = body
    expectThat(
      body['sign'] === sm3(`sealCode${sealCode}sealName${sealName}queryTime${queryTime}`),
      'wrong sign of the query',
    )
    const seal = seals.get(sealCode!)
    if (seal === undefined || seal.fields['sealName'] !== sealName) return { code: '0', data: [] }
    const isInTime = seal.fields['validStartTime']! <= queryTime! && queryTime! <= seal.validEndTime
    const isEnded = seal.invalidEffectTime !== null && queryTime! >= seal.invalidEffectTime
    return { code: '0', data: [{ sealCode, sealName, sealStatus: isInTime && !isEnded ? '0' : '1' }] }
  }

  const listEnded = (body: Record<string, string>) => {
    expectThat(tokens.has(body['token']!), 'unknown token')
    const { pageNow, pageSize, queryEndTime, queryStartTime } = body
    expectThat(
      body['sign'] ===
        sm3(`pageNow${pageNow}pageSize${pageSize}queryEndTime${queryEndTime}queryStartTime${queryStartTime}`),
      'wrong sign of the query',
    )
    const ended = [...seals.values()].filter(({ invalidType }) => invalidType === '0' || invalidType === '1')
    const revocationList = ended.map(({ fields, invalidEffectTime }) => ({
      sealCode: fields['sealCode'],
      sealName: fields['sealName'],
      revocationTime: invalidEffectTime,
    }))
    return { code: '0', data: [{ version: '1', revocationList }] }
  }

  const answer = async (request: IncomingMessage): Promise<object> => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    checkHeaders(request)
    const body = JSON.parse(Buffer.concat(parts).toString('utf8'))
    const [, code] = /\/resource\/rest\/v1\/shared\/(IK10\d\d)\/1$/.exec(request.url ?? '') ?? []
    if (code === 'IK1008') return identify(body)
    if (code === 'IK1009') return transfer(body)
    if (code === 'IK1010') return giveToken(body)
    if (code === 'IK1011' || code === 'IK1012') return statusOf(body, code === 'IK1011')
    if (code === 'IK1013') return listEnded(body)
    throw new Refused('unknown address')
  }

  const server: Server = createServer(async (request, response) => {
    if (how === 'silent') return
    if (how === 'broken') return void response.writeHead(503).end()
    let told: object
    try {
      told = await answer(request)
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error))
      told = request.url?.includes('IK1008') ? { result: '1', msg: 'no' } : { code: '1', msg: 'no' }
    }
    if (how === 'losing' && request.url?.includes('IK1009')) return void request.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/resource/rest/v1/shared`,
    seals,
    tasks,
    refusals,
    behave(next) {
      how = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
