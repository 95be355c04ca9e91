import { formatCount, formatDay, formatInstant } from '../kit/format.ts'
import { say, type Text } from '../kit/language.ts'
import { statusText } from '../kit/status-words.ts'
import { actionText } from './act-words.ts'
import { listBatches } from './batches.ts'
import { listDrafts } from './catalogue.ts'
import { textIn, typeStates } from './catalogue-words.ts'
import { noFilter, searchLicences } from './licences.ts'
import { licenceOf, listOrders } from './life.ts'
import { toBatch, toLicence, toType } from './route.ts'
import { listDisputes } from './statistics.ts'

/** Something that waits for the person. */
export interface Waiting {
  readonly key: string
  readonly href: string
  readonly title: string
  /** What it is and since when, already in words. */
  readonly about: string
  readonly isLate?: boolean
}

/** One queue of the work desk: what waits in it, the oldest first. */
export interface Queue {
  readonly name: Text
  /** Where all of it is. */
  readonly href: string
  readonly roles: readonly string[]
  ask(): Promise<readonly Waiting[]>
}

const ordersOf = (state: string) => async (): Promise<readonly Waiting[]> =>
  (await listOrders(state, '')).items.map((order) => ({
    key: order.orderId,
    href: '#/orders',
    title: `${say(actionText(order.action))} · ${licenceOf(order)}`,
    about: [order.holder, formatInstant(order.effectiveAt ?? order.askedAt)].filter(Boolean).join(' · '),
  }))

const licencesThatAre = (status: string) => async (): Promise<readonly Waiting[]> =>
  (await searchLicences({ ...noFilter, status }, '')).items.map((licence) => ({
    key: licence.identifier,
    href: toLicence(licence.identifier),
    title: `${licence.typeName} · ${licence.number}`,
    about: `${licence.holder} · ${say(statusText(licence.status))} · ${formatDay(licence.issuedOn)}`,
  }))

const batchesThatAre = (state: string) => async (): Promise<readonly Waiting[]> =>
  (await listBatches(state, '')).items.map(({ batchId, title, counts, uploadedAt }) => ({
    key: batchId,
    href: toBatch(batchId),
    title,
    about: `${formatCount(counts.rows)} · ${formatInstant(uploadedAt)}`,
  }))

const draftsToReview = async (): Promise<readonly Waiting[]> =>
  (await listDrafts()).versions.map(({ typeCode, entry, state, writtenAt }) => ({
    key: typeCode,
    href: toType(typeCode),
    title: say(entry.name),
    about: `${say(textIn(typeStates, state))} · ${formatInstant(writtenAt)}`,
  }))

const disputesToAnswer = async (): Promise<readonly Waiting[]> =>
  (await listDisputes('')).items.map(({ dispute, identifier, answerUntil, isLate }) => ({
    key: dispute,
    href: '#/quality',
    title: identifier,
    about: formatDay(answerUntil),
    isLate,
  }))

export const queues: readonly Queue[] = [
  {
    name: { zh: '待我审批', en: 'For me to approve' },
    href: '#/orders',
    roles: ['licence-reviewer'],
    ask: ordersOf('awaiting approval'),
  },
  {
    name: { zh: '批量样本待我批准', en: 'Samples of batches to approve' },
    href: '#/batches',
    roles: ['licence-reviewer'],
    ask: batchesThatAre('sampled'),
  },
  {
    name: { zh: '目录：编写与审核', en: 'Catalogue: drafts and reviews' },
    href: '#/catalogue',
    roles: ['licence-reviewer', 'catalogue-editor'],
    ask: draftsToReview,
  },
  {
    name: { zh: '待答复的异议', en: 'Disputes to be answered' },
    href: '#/quality',
    roles: ['issuer'],
    ask: disputesToAnswer,
  },
  {
    name: { zh: '可以制作的批次', en: 'Batches that are ready' },
    href: '#/batches',
    roles: ['issuer'],
    ask: batchesThatAre('approved'),
  },
  {
    name: { zh: '待接收的转入', en: 'Transfers offered to us' },
    href: '#/orders',
    roles: ['issuer'],
    ask: ordersOf('offered'),
  },
  {
    name: { zh: '待生效的操作', en: 'Acts to come' },
    href: '#/orders',
    roles: ['issuer', 'licence-reviewer'],
    ask: ordersOf('scheduled'),
  },
  {
    name: { zh: '暂扣中的证照', en: 'Suspended licences' },
    href: '#/licences',
    roles: ['issuer', 'viewer'],
    ask: licencesThatAre('suspended'),
  },
  {
    name: { zh: '已过有效期的证照', en: 'Licences past their last day' },
    href: '#/licences',
    roles: ['issuer'],
    ask: licencesThatAre('expired'),
  },
]
