import { dayOf } from '../../../licence-format/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import { codesActedFor } from '../../domain/department-range.ts'
import { type Actor, type LifeFacts, type LifeRules, lifeActions, plainRules } from '../../domain/life-policy.ts'
import { type ActOrder, findOpenOrder } from '../../store/acts.ts'
import { findLicence, type LicenceRow, lockLicence } from '../../store/licences.ts'
import type { Deps } from '../deps.ts'

/** A licence with the order that stands for it: what the next act depends on. */
export interface Held {
  readonly row: LicenceRow
  readonly order: ActOrder | undefined
  readonly facts: LifeFacts & { readonly departmentCode: string }
}

/** Who asks, and whose licences they have in hand. */
export async function actorOf(deps: Deps, caller: Principal): Promise<Actor> {
  const departments = await deps.facts.departments()
  return {
    id: caller.id,
    departmentCode: caller.departmentCode,
    actsFor: codesActedFor(departments, caller.departmentCode, deps.clock.now()),
    departments,
    may: (permission) => deps.people.isPermitted(caller, permission),
  }
}

/** Departments whose licences the caller has in hand. */
export const actedFor = async (deps: Deps, caller: Pick<Principal, 'departmentCode'>): Promise<ReadonlySet<string>> =>
  codesActedFor(await deps.facts.departments(), caller.departmentCode, deps.clock.now())

/** What is on record of a licence now. */
export async function readHeld(db: Queryable, identifier: string): Promise<Held | undefined> {
  return toHeld(db, await findLicence(db, identifier))
}

/** The same, held until the transaction ends: orders of a licence change only under its lock. */
export async function lockHeld(tx: Queryable, identifier: string): Promise<Held | undefined> {
  return toHeld(tx, await lockLicence(tx, identifier))
}

async function toHeld(db: Queryable, row: LicenceRow | undefined): Promise<Held | undefined> {
  if (!row) return undefined
  const order = await findOpenOrder(db, row.identifier)
  const { state, validUntil, replacedBy, departmentCode, archivedAt, collectedFrom, wrappedDataKey } = row
  const facts = { state, validUntil, replacedBy, departmentCode, archivedAt, collectedFrom }
  return { row, order, facts: { ...facts, isErased: wrappedDataKey === null, openOrder: order ?? null } }
}

/** What the catalogue says of the life of a type's licences. */
export function lifeRulesOf(deps: Deps, typeCode: string): LifeRules {
  const entry = deps.templates.entry(typeCode)
  if (!entry) return plainRules
  const { secondPerson, renewalDays, retention } = entry
  return {
    secondPerson: lifeActions.filter((action) => secondPerson.some((guarded) => guarded === action)),
    renewalDays,
    archiveAfterDays: retention.archiveAfterDays,
  }
}

export const todayOf = (deps: Deps): string => dayOf(deps.clock.now())
