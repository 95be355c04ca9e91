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
import { type Caller, decideStatement, type LicenceFacts } from '../domain/seal-policy.ts'
import { SealError } from '../errors.ts'
import { listSealsOfDepartment } from '../store/seals.ts'
import { findActiveStatementKey } from '../store/statement-keys.ts'
import {
  findStatements,
  insertIntendedStatementUses,
  insertStatements,
  type SignedStatement,
  type StatementUse,
} from '../store/statements.ts'
import { checkGroupSize, decideAll, uniqueBy } from './group.ts'

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
  return decideAll(requests, (request) => {
    const facts = decideStatement(caller, request, seals)
    const key = keyOf(facts.identifier, request.claims.dataDigest)
    return { request, facts, claimsDigest: digestOfClaims(facts, request.claims), key }
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
  const uses = tasks.map((task) => toUse(shop, caller, task, statementKey))
  await shop.database.transaction((tx) => insertIntendedStatementUses(tx, uses, shop.clock.now()))
  const writer: StatementWriter = {
    key: await shop.keyStore.get(statementKey.keyName),
    certificate: statementKey.certificate,
    baseUrl: shop.baseUrl,
  }
  const texts = await Promise.all(tasks.map((task) => encode(task.request.claims, writer)))
  const signed = new Map<string, { use: StatementUse; statement: SignedStatement }>()
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
    signed.set(task.key, { use, statement })
  }
  const first = await shop.database.transaction((tx) => insertStatements(tx, [...signed.values()]))
  return new Map(
    [...signed].flatMap(([key, { use, statement }]) => (first.has(use.useId) ? [[key, statement] as const] : [])),
  )
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

function toUse(shop: Workshop, caller: Caller, { facts, request }: Task, key: StatementKey): StatementUse {
  return {
    useId: shop.ids.uuid(),
    kid: key.kid,
    identifier: facts.identifier,
    typeCode: facts.typeCode,
    dataDigest: request.claims.dataDigest,
    callerId: caller.id,
    callerDepartment: facts.issuerCode,
  }
}
