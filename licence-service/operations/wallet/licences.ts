import type { LicenceStatus } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { type Origin, originOf } from '../../domain/collected.ts'
import { publicStatus } from '../../domain/validity.ts'
import { findLicences, type LicenceRow } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { identifiersOfHolder } from '../../store/wallet.ts'
import type { Deps } from '../deps.ts'
import { type LabelledLicence, labelledLicence } from '../labelled-licence.ts'
import { asOfNow } from '../life/due-orders.ts'
import { openData, openDocument } from '../read-licence.ts'
import { type PastState, readStatus } from '../read-status.ts'
import { actingHolder, heldLicence } from './holder.ts'

type Words = { readonly zh: string; readonly en: string }

/** A licence as its holder sees it in the wallet, without opening it. */
export interface Card extends Origin {
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: Words
  readonly issuer: Words
  readonly number: string
  readonly status: LicenceStatus
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly replaces: string | null
  readonly replacedBy: string | null
}

/** Names of departments by code. */
export async function departmentNames(deps: Deps): Promise<(code: string) => Words> {
  const names = new Map((await deps.facts.departments()).map(({ code, name }) => [code, name]))
  return (code) => names.get(code) ?? { zh: code, en: code }
}

function cardOf(deps: Deps, row: LicenceRow, nameOf: (code: string) => Words): Card {
  const { identifier, typeCode, departmentCode, printedNumber: number, state } = row
  const { issuedOn, validFrom, validUntil, replaces, replacedBy } = row
  return {
    ...{ identifier, typeCode, number, issuedOn, validFrom, validUntil, replaces, replacedBy },
    typeName: deps.templates.entry(typeCode)?.name ?? { zh: typeCode, en: typeCode },
    ...originOf(row),
    issuer: nameOf(departmentCode),
    status: publicStatus(state, row, deps.clock.now()),
  }
}

export interface WalletPage {
  readonly limit: number
  /** An identifier of theirs to go on after. */
  readonly cursor?: string | undefined
  readonly agency?: string | undefined
}

/**
 * The holder's licences, in the order of their identifiers.
 * @throws LicenceError AGENT_SCOPE_EXCEEDED
 */
export async function listWallet(
  deps: Deps,
  principal: Principal,
  { limit, cursor, agency }: WalletPage,
): Promise<{ items: Card[]; next: string | null }> {
  const holder = await actingHolder(deps, principal, 'read', agency)
  const identifiers = await identifiersOfHolder(deps.database, {
    holderMac: holder.mac,
    typeCodes: holder.typeCodes,
    after: cursor ?? null,
    limit: limit + 1,
  })
  const page = identifiers.slice(0, limit)
  const found = await asOfNow(deps.database, await findLicences(deps.database, page), deps.clock.now())
  const rows = new Map(found.map((row) => [row.identifier, row]))
  const nameOf = await departmentNames(deps)
  const items = page.map((identifier) => cardOf(deps, rows.get(identifier)!, nameOf))
  const { reader } = holder
  if (items.length > 0)
    await recordRead(deps.database, {
      at: deps.clock.now(),
      reader,
      identifier: null,
      what: 'list',
      count: items.length,
    })
  return { items, next: identifiers.length > page.length ? page.at(-1)! : null }
}

export interface HeldLicence extends Card {
  readonly fields: LabelledLicence['fields']
  /** True once the personal data were erased; nothing but the card is left. */
  readonly isErased: boolean
  readonly history: readonly PastState[]
}

/** @throws LicenceError LICENCE_NOT_FOUND, AGENT_SCOPE_EXCEEDED, LICENCE_CONTENT_DAMAGED */
export async function readHeldLicence(
  deps: Deps,
  principal: Principal,
  identifier: string,
  agency?: string,
): Promise<HeldLicence> {
  const holder = await actingHolder(deps, principal, 'read', agency)
  const row = await heldLicence(deps, holder, identifier)
  const [current] = await asOfNow(deps.database, [row], deps.clock.now())
  const card = cardOf(deps, current!, await departmentNames(deps))
  const { history } = await readStatus(deps, row.identifier)
  if (!row.wrappedDataKey) return { ...card, fields: [], isErased: true, history }
  const { fields } = labelledLicence(deps, openData(deps, row), card.status)
  await recordRead(deps.database, { at: deps.clock.now(), reader: holder.reader, identifier, what: 'data' })
  return { ...card, fields, isErased: false, history }
}

/** @throws LicenceError LICENCE_NOT_FOUND, AGENT_SCOPE_EXCEEDED, LICENCE_ERASED, LICENCE_CONTENT_DAMAGED */
export async function readHeldDocument(
  deps: Deps,
  principal: Principal,
  identifier: string,
  agency?: string,
): Promise<Uint8Array> {
  const holder = await actingHolder(deps, principal, 'download', agency)
  const document = await openDocument(deps, await heldLicence(deps, holder, identifier))
  await recordRead(deps.database, { at: deps.clock.now(), reader: holder.reader, identifier, what: 'document' })
  return document
}
