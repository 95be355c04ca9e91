import { createHash } from 'node:crypto'
import {
  canonicalJson,
  encodeStatement,
  encodeStatementSync,
  type StatementClaims,
  type StatementWriter,
} from '../../licence-format/index.ts'
import type { Workshop } from '../dependencies.ts'
import type { StatementKey } from '../domain/seal.ts'
import { type Caller, decideSealOnType, decideStatement, type LicenceFacts } from '../domain/seal-policy.ts'
import { SealError } from '../errors.ts'
import { findStandingAuthorisations } from '../store/authorisations.ts'
import { listSealsOfDepartment } from '../store/seals.ts'
import { findActiveStatementKey } from '../store/statement-keys.ts'
import {
  findStatements,
  insertIntendedStatementUses,
  insertRefusedStatementUses,
  insertStatements,
  type SignedStatement,
  type StatementUse,
} from '../store/statements.ts'
import { checkGroupSize, decideAll, uniqueBy } from './group.ts'
import { admitUses, partByState } from './use/admit-uses.ts'

export interface StatementRequest {
  readonly identifier: string
  readonly claims: StatementClaims
}

export interface StatementResult {
  readonly identifier: string
  /** The text of the QR code. */
  readonly text: string
}

interface Task {
  readonly request: StatementRequest
  readonly facts: LicenceFacts
  /** The seal whose authorisation lets the caller state this. */
  readonly sealId: string
  readonly claimsDigest: Uint8Array
  readonly key: string
}

/**
 * Signs the statements that stand in the QR codes of a group of licences: policy, intent on record, signature, result
 * on record. What has been stated before is given again. All or nothing: one refusal refuses the group.
 */
export async function signStatements(
  shop: Workshop,
  caller: Caller,
  requests: readonly StatementRequest[],
): Promise<StatementResult[]> {
  checkGroupSize(requests)
  if (requests.length === 0) return []
  const tasks = await decide(shop, caller, requests)
  const unique = uniqueBy(tasks, (task) => task.key)
  const stored = await findStored(shop, [...unique.values()])
  const fresh = [...unique.values()].filter((task) => !stored.has(task.key)).sort((a, b) => (a.key < b.key ? -1 : 1))
  const made = await signFresh(shop, caller, fresh)
  const overtaken = await findStored(
    shop,
    fresh.filter((task) => !made.has(task.key)),
  )
  return tasks.map((task) => {
    const statement = made.get(task.key) ?? stored.get(task.key) ?? overtaken.get(task.key)
    if (statement === undefined) throw new Error('a statement is neither signed nor on record')
    if (Buffer.compare(statement.claimsDigest, task.claimsDigest) !== 0) {
      throw new SealError('STATEMENT_REQUEST_CONFLICT', 'a statement with other claims was signed for this data before')
    }
    return { identifier: task.request.identifier, text: statement.text }
  })
}

async function decide(shop: Workshop, caller: Caller, requests: readonly StatementRequest[]): Promise<Task[]> {
  const seals = caller.departmentCode === null ? [] : await listSealsOfDepartment(shop.database, caller.departmentCode)
  const standing = await findStandingAuthorisations(
    shop.database,
    seals.map(({ id }) => id),
  )
  const leave = { standing, grants: [], at: shop.clock.now() }
  return decideAll(requests, (request) => {
    const { facts, sealId } = decideStatement(caller, request, seals, leave)
    const key = keyOf(facts.identifier, request.claims.dataDigest)
    return { request, facts, sealId, claimsDigest: digestOfClaims(facts, request.claims), key }
  })
}

function keyOf(identifier: string, dataDigest: Uint8Array): string {
  return `${identifier} ${Buffer.from(dataDigest).toString('hex')}`
}

/** To the second, as the statement itself carries the time. */
function digestOfClaims(facts: LicenceFacts, claims: StatementClaims): Uint8Array {
  const written = canonicalJson({
    identifier: facts.identifier,
    holder: claims.holder,
    number: claims.number,
    validFrom: claims.validFrom,
    validUntil: claims.validUntil,
    dataDigest: Buffer.from(claims.dataDigest).toString('hex'),
    statusList: claims.statusList,
    statusPlace: claims.statusPlace,
    issuedAt: Math.floor(claims.issuedAt.getTime() / 1000),
    // A statement of an original is digested as it always was.
    ...(claims.copy && {
      copy: { copyId: claims.copy.copyId, expiresAt: Math.floor(claims.copy.expiresAt.getTime() / 1000) },
    }),
  })
  return createHash('sha256').update(written).digest()
}

async function findStored(shop: Workshop, tasks: readonly Task[]): Promise<Map<string, SignedStatement>> {
  if (tasks.length === 0) return new Map()
  const keys = tasks.map(({ facts, request }) => ({
    identifier: facts.identifier,
    dataDigest: request.claims.dataDigest,
  }))
  const statements = await findStatements(shop.database, keys)
  return new Map(statements.map((statement) => [keyOf(statement.identifier, statement.dataDigest), statement]))
}

/** Signs and records; returns the statements that were the first of their key to be recorded. */
async function signFresh(
  shop: Workshop,
  caller: Caller,
  tasks: readonly Task[],
): Promise<Map<string, SignedStatement>> {
  const departmentCode = tasks[0]?.facts.issuerCode
  if (departmentCode === undefined) return new Map()
  const statementKey = await getStatementKey(shop, departmentCode)
  const uses = await recordIntent(shop, caller, tasks, statementKey)
  const writer: StatementWriter = {
    key: await shop.keyStore.get(statementKey.keyName),
    certificate: statementKey.certificate,
    baseUrl: shop.baseUrl,
  }
  const texts = await Promise.all(tasks.map((task) => encode(timed(task.request.claims, statementKey), writer)))
  const signed = new Map<string, SignedUse>()
  for (const [index, task] of tasks.entries()) {
    const use = uses[index]!
    const { identifier, dataDigest, useId, kid } = use
    const statement = {
      identifier,
      dataDigest,
      useId,
      kid,
      claimsDigest: task.claimsDigest,
      signedAt: shop.clock.now(),
      text: texts[index]!,
    }
    signed.set(task.key, { sealId: task.sealId, use, statement })
  }
  const first = await recordResults(shop, [...signed.values()])
  return new Map(
    [...signed].flatMap(([key, { use, statement }]) => (first.has(use.useId) ? [[key, statement] as const] : [])),
  )
}

/**
 * The claims with a time at which the key was in use: what was prepared before a key took the place of another, and signed by that one, would
 * claim an earlier one and be refused by everybody. Statements tell whole seconds.
 */
function timed(claims: StatementClaims, { signsFrom }: StatementKey): StatementClaims {
  if (claims.issuedAt >= signsFrom) return claims
  return { ...claims, issuedAt: new Date(Math.ceil(signsFrom.getTime() / 1000) * 1000) }
}

function encode(claims: StatementClaims, writer: StatementWriter): string | Promise<string> {
  return writer.key.signSync === undefined ? encodeStatement(claims, writer) : encodeStatementSync(claims, writer)
}

/** The department's key in use; refuses one that has come to its last day. */
async function getStatementKey(shop: Workshop, departmentCode: string): Promise<StatementKey> {
  const key = await findActiveStatementKey(shop.database, departmentCode)
  if (key === undefined) {
    throw new SealError('STATEMENT_KEY_NOT_FOUND', 'the department has no statement key in use')
  }
  if (shop.clock.now() >= key.signsUntil) {
    throw new SealError('STATEMENT_KEY_EXPIRED', `statement key ${key.kid} signs no more`)
  }
  return key
}

interface SignedUse {
  readonly sealId: string
  readonly use: StatementUse
  readonly statement: SignedStatement
}

/** Allowed, counted and on record as intended, in one transaction. No second person is asked: it is the document that is approved. */
async function recordIntent(
  shop: Workshop,
  caller: Caller,
  tasks: readonly Task[],
  key: StatementKey,
): Promise<readonly StatementUse[]> {
  const at = shop.clock.now()
  const wanted = tasks.map(({ facts, request, sealId }) => ({
    useId: shop.ids.uuid(),
    sealId,
    identifier: facts.identifier,
    purpose: facts.typeCode,
    copyId: request.claims.copy?.copyId ?? null,
    digest: request.claims.dataDigest,
  }))
  return shop.database.transaction(async (tx) => {
    const admission = await admitUses(tx, {
      kind: 'statement',
      caller,
      uses: wanted,
      at,
      allow: ({ sealId, purpose: typeCode, isCopy }, seal, leave) =>
        decideSealOnType(caller, { sealId, typeCode, isCopy }, seal, leave),
    })
    if (admission.admitted === null) throw admission.awaited
    const uses = wanted.map(({ useId, identifier, purpose, copyId, digest }) => ({
      useId,
      kid: key.kid,
      identifier,
      typeCode: purpose,
      copyId,
      dataDigest: digest,
      callerId: caller.id,
      callerDepartment: caller.departmentCode ?? '',
      authorisationId: admission.admitted.get(useId) ?? null,
    }))
    await insertIntendedStatementUses(tx, uses, at)
    return uses
  })
}

/** Statements of a department whose seal has been reported lost or stopped since the intent are thrown away: throws why. */
async function recordResults(shop: Workshop, signed: readonly SignedUse[]): Promise<ReadonlySet<string>> {
  const { first, refusal } = await shop.database.transaction(async (tx) => {
    const { good, refused } = await partByState(tx, signed, ({ sealId }) => sealId)
    if (refused.length > 0)
      await insertRefusedStatementUses(
        tx,
        refused.map(({ one, refusal }) => ({ ...one.use, refusal: refusal.code })),
        shop.clock.now(),
      )
    return {
      first: good.length === 0 ? new Set<string>() : await insertStatements(tx, good),
      refusal: refused[0]?.refusal,
    }
  })
  if (refusal !== undefined) throw refusal
  return first
}
