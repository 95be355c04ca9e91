import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import type { AskedApplication } from '../../domain/seal-application.ts'
import type { FileMediaType } from '../../store/application-files.ts'
import { listRequests } from '../../store/seal-certificates.ts'
import type { Once } from '../use/answer-once.ts'
import type { LifeAnswer } from './act.ts'
import type { ActRequest } from './act-request.ts'
import { type HandedFile, handInFile, readApplicationFile } from './application-files.ts'
import { type AppliedSeal, amendApplication, applyForSeal } from './apply.ts'
import { findSealInSight } from './life-facts.ts'
import { performAct } from './perform-act.ts'
import {
  listTasks,
  readDrawnPicture,
  readSealLife,
  type SealLife,
  type SealSearch,
  type SealTask,
  searchSeals,
} from './read-seals.ts'
import { readStatistics, type SealStatistics } from './read-statistics.ts'
import { type ClockReport, runClock } from './run-clock.ts'

/** Where people take part in the life of seals. */
export interface LifeDesk {
  apply(principal: Principal, form: AskedApplication, once: Omit<Once, 'callerId'>): Promise<AppliedSeal>
  amend(principal: Principal, sealId: string, form: AskedApplication): Promise<AppliedSeal>
  act(principal: Principal, sealId: string, request: ActRequest, once?: Omit<Once, 'callerId'>): Promise<LifeAnswer>
  search(principal: Principal, search: SealSearch): Promise<{ seals: readonly Seal[]; next: string | null }>
  read(principal: Principal, sealId: string): Promise<SealLife>
  tasks(principal: Principal): Promise<SealTask[]>
  statistics(principal: Principal, days: number): Promise<SealStatistics>
  drawnPicture(principal: Principal, sealId: string): Promise<string>
  /** The latest request for its certificate (PKCS #10, DER) that was handed out; undefined where there is none. */
  certificateRequest(principal: Principal, sealId: string): Promise<Uint8Array | undefined>
  handIn(
    principal: Principal,
    file: { readonly bytes: Uint8Array; readonly mediaType: FileMediaType; readonly name: string },
  ): Promise<HandedFile>
  file(principal: Principal, sealId: string, digest: string): Promise<HandedFile & { readonly bytes: Uint8Array }>
  /** Takes the steps whose time has come; to be called at the start and every minute. */
  runClock(): Promise<ClockReport>
}

export function createLifeDesk(shop: Workshop): LifeDesk {
  return {
    apply: (principal, form, once) => applyForSeal(shop, principal, form, once),
    amend: (principal, sealId, form) => amendApplication(shop, principal, sealId, form),
    act: (principal, sealId, request, once) => performAct(shop, { principal, sealId, ...(once && { once }) }, request),
    search: (principal, search) => searchSeals(shop, principal, search),
    read: (principal, sealId) => readSealLife(shop, principal, sealId),
    tasks: (principal) => listTasks(shop, principal),
    statistics: (principal, days) => readStatistics(shop, principal, days),
    drawnPicture: (principal, sealId) => readDrawnPicture(shop, principal, sealId),
    async certificateRequest(principal, sealId) {
      const seal = await findSealInSight(shop, principal, sealId)
      return (await listRequests(shop.database, seal.id)).at(-1)?.csr
    },
    handIn: (principal, file) => handInFile(shop, principal, file),
    file: (principal, sealId, digest) => readApplicationFile(shop, principal, sealId, digest),
    runClock: () => runClock(shop),
  }
}
