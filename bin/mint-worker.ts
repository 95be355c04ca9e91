// A thread that draws and judges licences. It holds no key and reaches nothing: pure functions with their caches.
import { createHash } from 'node:crypto'
import { serveTasks } from '../platform/workers/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  createFonts,
  findTemplate,
  renderLicence,
  TemplateError,
} from '../templates/index.ts'
import { type ValidationPolicy, type VerificationReport, verifyDocument } from '../verifier/index.ts'
import type { JudgeTask, PlainPage, RenderTask } from './mint-pool.ts'

/** Policies arrive as copies; what the verifier prepares for one is kept with the first. */
const policies = new Map<string, ValidationPolicy>()
const MOST_POLICIES = 8

function samePolicy(policy: ValidationPolicy): ValidationPolicy {
  const anchors = [...policy.trustAnchors, ...(policy.timeStampAnchors ?? [])]
  const digests = anchors.map((anchor) => createHash('sha256').update(anchor).digest('hex'))
  const name = JSON.stringify({ ...policy, trustAnchors: digests, timeStampAnchors: policy.timeStampAnchors?.length })
  const known = policies.get(name)
  if (known !== undefined) return known
  if (policies.size >= MOST_POLICIES) policies.delete(policies.keys().next().value!)
  policies.set(name, policy)
  return policy
}

async function judge({ documents, evidence, policy, at }: JudgeTask): Promise<VerificationReport[]> {
  const kept = samePolicy(policy)
  const reports: VerificationReport[] = []
  for (const document of documents) reports.push(await verifyDocument(document, evidence, kept, at))
  return reports
}

const fonts = createFonts()
const templates = new Map<string, CompiledTemplate>()

function templateOf(typeCode: string): CompiledTemplate {
  let compiled = templates.get(typeCode)
  if (compiled === undefined) {
    const definition = findTemplate(typeCode)
    if (definition === undefined) throw new TypeError(`there is no licence type ${typeCode}`)
    templates.set(typeCode, (compiled = compileTemplate(definition, fonts)))
  }
  return compiled
}

function render({ pages }: RenderTask): PlainPage[] {
  return pages.map(({ typeCode, ...input }) => {
    try {
      const { pdf, sealCentre } = renderLicence(templateOf(typeCode), input)
      return { ok: true, pdf, sealCentre, unsignedDigest: createHash('sha256').update(pdf).digest('hex') }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      return { ok: false, code: error.code, message: error.message }
    }
  })
}

serveTasks(async (task: JudgeTask | RenderTask) => {
  if (task.what === 'judge') return { result: await judge(task) }
  const result = render(task)
  return { result, transfer: result.flatMap((page) => (page.ok ? [page.pdf.buffer as ArrayBuffer] : [])) }
})
