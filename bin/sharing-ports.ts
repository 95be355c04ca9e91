// What the sharing service asks of the other rooms: the verifier with the house's own evidence.
import type { Clock } from '../platform/index.ts'
import type { DocumentJudge } from '../sharing-service/index.ts'
import { type Judge, judgeInThisThread } from '../verifier/http/index.ts'
import {
  anchorsByPurpose,
  createGatherer,
  createPolicySource,
  type TrustRoots,
  verifyStatementText,
} from '../verifier/index.ts'
import { evidenceOfHouse } from './evidence.ts'
import type { House } from './wire.ts'

const GATHER_TIMEOUT_MS = 3_000

/** Judges in the house's threads where it has some, by the same policy as the public check. */
export function documentJudgeOf(
  house: Pick<House, 'crls' | 'licences'> & { readonly roots: () => TrustRoots; readonly judge: Judge | undefined },
  { baseUrl, clock }: { readonly baseUrl: string; readonly clock: Clock },
): DocumentJudge {
  const gather = createGatherer(evidenceOfHouse(house, baseUrl), { timeoutMs: GATHER_TIMEOUT_MS })
  const policy = createPolicySource(() => anchorsByPurpose(house.roots()))
  const judge = house.judge ?? judgeInThisThread
  return {
    async file(pdf) {
      const { value: subject } = await judge.findSubject(pdf)
      const by = { evidence: await gather(subject), policy: policy(), at: clock.now(), question: {} }
      return (await judge.verify({ name: 'document.pdf', bytes: pdf }, by)).value
    },
    async statement(text) {
      const evidence = await gather({ identifier: null, statementText: text })
      return verifyStatementText(text, evidence, policy(), clock.now())
    },
  }
}
