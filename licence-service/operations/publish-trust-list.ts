import { createHash } from 'node:crypto'
import {
  canonicalJson,
  TRUST_LIST_LIMIT,
  type TrustedEntity,
  type TrustList,
  trustListPayload,
} from '../../licence-format/index.ts'
import { LicenceError } from '../errors.ts'
import { addTrustList, latestTrustList } from '../store/trust-lists.ts'
import { listAssignments } from '../store/type-assignments.ts'
import type { Deps } from './deps.ts'

const LIFETIME_MS = 7 * 24 * 3_600_000
/** A list that nothing changed is signed again at this age. */
const REFRESH_MS = 24 * 3_600_000
const OPERATOR = { zh: '证印服务运营方', en: 'Operator of the Zhengyin service' }
/** TS 119 602 wants one; nobody here is reached by post. */
const NO_POSTAL_CODE = '000000'
const SCHEME = { zh: '证印电子证照信任列表', en: 'Zhengyin trust list of electronic licences' }

/** From here on a growing list is told of: there is time to act before it is one that nobody reads. */
const ALARMING_SHARE = 0.5

/**
 * Signs the trust list anew when what it says changed, it grows old, or it was signed while the clock was ahead. Each list has a higher
 * sequence number than the last. Throws for a list that its readers would refuse; the last one stays in force, with the dates it has: dated
 * anew it would say for certain what is known to have changed.
 */
export async function publishTrustList(deps: Deps): Promise<void> {
  const now = deps.clock.now()
  const entities = await entitiesOf(deps)
  const contentDigest = createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(entities, replaceBytes))))
    .digest('hex')
  const latest = await latestTrustList(deps.database)
  if (latest) deps.showTrustList?.(shareOf(latest.token))
  const ageMs = now.getTime() - (latest?.issuedAt.getTime() ?? 0)
  if (latest?.contentDigest === contentDigest && ageMs >= 0 && ageMs < REFRESH_MS) return
  const sequence = (latest?.sequence ?? 0n) + 1n
  const nextUpdate = new Date(now.getTime() + LIFETIME_MS)
  const list: TrustList = {
    sequenceNumber: Number(sequence),
    operator: OPERATOR,
    scheme: SCHEME,
    issuedAt: now,
    nextUpdate,
    entities,
  }
  const token = await deps.listSigner.signTrustList(trustListPayload(list))
  await addTrustList(deps.database, { sequence, contentDigest, token, issuedAt: now })
  const share = shareOf(token)
  deps.showTrustList?.(share)
  if (share > ALARMING_SHARE)
    deps.log.warn('the trust list is more than half as long as its readers take', {
      characters: token.length,
      limit: TRUST_LIST_LIMIT,
    })
}

const shareOf = (token: string): number => token.length / TRUST_LIST_LIMIT

const replaceBytes = (_name: string, value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

/** Departments with what they may issue and sign with, and the operator with the keys of the lists. */
async function entitiesOf(deps: Deps): Promise<TrustedEntity[]> {
  const [departments, services, assignments] = await Promise.all([
    deps.facts.departments(),
    deps.facts.services(),
    listAssignments(deps.database),
  ])
  const servicesOf = (code: string | null) =>
    services.filter(({ departmentCode }) => departmentCode === code).flatMap((one) => one.services)
  const place = { locality: OPERATOR.zh, postalCode: NO_POSTAL_CODE, website: deps.baseUrl }
  const addresses = {
    statements: deps.baseUrl,
    statusLists: `${deps.baseUrl}/status-lists`,
    licences: `${deps.baseUrl}/api/licences`,
  }
  const issuing = departments.map(({ code, name }): TrustedEntity => {
    const entitlements = assignments
      .filter(({ departmentCode }) => departmentCode === code)
      .map(({ typeCode, grantedAt, endedAt }) => ({
        typeCode,
        name: deps.templates.entry(typeCode)?.name ?? { zh: typeCode, en: typeCode },
        from: grantedAt,
        until: endedAt,
        state: endedAt ? ('withdrawn' as const) : ('granted' as const),
      }))
    return { code, name, ...place, locality: name.zh, services: servicesOf(code), entitlements, addresses }
  })
  const listed = issuing.filter(({ services, entitlements }) => services.length > 0 || entitlements.length > 0)
  return [
    { code: null, name: OPERATOR, ...place, services: servicesOf(null), entitlements: [], addresses: null },
    ...listed,
  ]
}

/**
 * The latest signed trust list.
 * @throws LicenceError LIST_NOT_PUBLISHED before the first publication
 */
export async function readTrustList(deps: Deps): Promise<string> {
  const latest = await latestTrustList(deps.database)
  if (!latest) throw new LicenceError('LIST_NOT_PUBLISHED', 'the trust list is being made', { retryAfterSeconds: 5 })
  return latest.token
}
