import { dataCheckMeanings, fileCheckMeanings } from '../../domain/data-check.ts'
import type { SharedType } from '../../domain/entitlement.ts'
import type { FetchCaller } from '../../operations/caller.ts'
import { checkData, checkFile, checkQr } from '../../operations/check.ts'
import type { Deps } from '../../operations/deps.ts'
import { createDownload } from '../../operations/downloads.ts'
import { fetchData, type SharedData, type SharedLicence, search } from '../../operations/fetch.ts'
import { fetchFile } from '../../operations/fetch-file.ts'
import { FACADE_STATUS, type FacadeCall, FacadeRefusal } from './envelope.ts'
import * as input from './input.ts'

/** Who calls, and what of it was settled before the call is read. */
export interface FacadeContext {
  readonly deps: Deps
  readonly caller: FetchCaller
  readonly baseUrl: string
  /** The matter that stands for this machine's calls. */
  readonly matterCode: string | undefined
}

export interface FacadeService {
  readonly summary: string
  readonly takesFile?: true
  work(context: FacadeContext, call: FacadeCall): Promise<unknown>
}

/** Copies that one call by holder makes, at most. */
const MOST_COPIES = 10

/** Each service of the interface by the last part of its address. */
export const facadeServices: Readonly<Record<string, FacadeService>> = {
  token: {
    summary: 'whether a token holds',
    work: async (_context, { accessToken }) => ({ token: accessToken }),
  },
  queryCertInfoByHolderCode: {
    summary: '证照检索',
    async work({ deps, caller, matterCode }, { data }) {
      const found = await searchOf({ deps, caller, matterCode }, data)
      return { certList: found.map((licence) => briefOf(deps, licence)) }
    },
  },
  queryCertInfo: {
    summary: '信息获取',
    async work({ deps, caller, matterCode }, { data }) {
      const why = input.readWhy(data, ['useCause', 'yzsy'], matterCode)
      const asked = { ...why, identifier: input.readIdentifier(data), fields: input.readFields(data) }
      return certDataOf(deps, await fetchData(deps, caller, asked))
    },
  },
  downloadUrl: {
    summary: '文件地址获取',
    async work(context, { data }) {
      return urlOf(context, data, input.readIdentifier(data), ['useCause', 'yzsy'])
    },
  },
  downloadUrlsByHolderCode: {
    summary: '按持证主体获取文件地址',
    async work(context, { data }) {
      const found = (await searchOf(context, data)).filter(({ status }) => status === 'in force').slice(0, MOST_COPIES)
      const certList: unknown[] = []
      for (const { identifier } of found) certList.push(await urlOf(context, data, identifier, ['useCause', 'yzsy']))
      if (certList.length === 0) throw new FacadeRefusal(FACADE_STATUS.notFound)
      return { certList }
    },
  },
  downloadFile: {
    summary: '文件下载',
    async work(context, { data }) {
      input.refuseOtherForms(data)
      const identifier = input.readIdentifier(data)
      const { pdf } = await copyOf(context, data, identifier, ['certificateCopyCause', 'useCause', 'yzsy'])
      return { certIdentifier: identifier, fileType: 'pdf', content: Buffer.from(pdf).toString('base64') }
    },
  },
  verifyFile: {
    summary: '文件验证',
    takesFile: true,
    async work({ deps, caller, matterCode }, { data }) {
      const why = input.readWhy(data, ['useCause', 'yzsy'], matterCode)
      const asked = { ...why, typeCode: input.readTypeCode(data), pdf: input.readFile(data) }
      const { code } = await checkFile(deps, caller, asked)
      return { result: code, message: fileCheckMeanings[code].zh }
    },
  },
  verifyCertInfo: {
    summary: '信息验证',
    async work({ deps, caller, matterCode }, { data }) {
      const why = input.readWhy(data, ['useCause', 'yzsy'], matterCode)
      const asked = { ...why, typeCode: input.readTypeCode(data), data: input.readCertData(data) }
      const code = await checkData(deps, caller, asked)
      return { result: code, message: dataCheckMeanings[code].zh }
    },
  },
  queryCertInfoByQRcode: {
    summary: '二维码查询',
    async work({ deps, caller, matterCode }, { data }) {
      const why = input.readWhy(data, ['useCause', 'yzsy'], matterCode)
      const text = input.readQrText(data)
      const checked = await checkQr(deps, caller, { ...why, text, fields: input.readFields(data) })
      if (!checked.data) throw new FacadeRefusal(FACADE_STATUS.notFound)
      return certDataOf(deps, checked.data)
    },
  },
  getCertRemarkInfo: {
    summary: '照面信息项',
    async work({ deps }, { data }) {
      const type = deps.register.type(input.readTypeCode(data))
      if (!type) throw new FacadeRefusal(FACADE_STATUS.notFound)
      return { certName: type.name.zh, certTypeCode: type.typeCode, fields: remarksOf(type) }
    },
  },
}

type Data = FacadeCall['data']

async function searchOf(
  { deps, caller, matterCode }: Pick<FacadeContext, 'deps' | 'caller' | 'matterCode'>,
  data: Data,
): Promise<readonly SharedLicence[]> {
  const why = input.readWhy(data, ['useCause', 'yzsy'], matterCode)
  const asked = { ...why, holderCode: input.readHolderCode(data), typeCode: input.readTypeCode(data) }
  const found = await search(deps, caller, asked)
  if (found.length === 0) throw new FacadeRefusal(FACADE_STATUS.notFound)
  return found
}

async function copyOf(
  { deps, caller, matterCode }: FacadeContext,
  data: Data,
  identifier: string,
  cause: readonly string[],
) {
  const why = input.readWhy(data, cause, matterCode)
  const expiresAt = input.readExpiry(data, deps.clock.now())
  // The interface has no key of its own: each call makes a copy.
  return fetchFile(deps, caller, { ...why, identifier, fields: [], expiresAt, key: `zzgxpt ${deps.ids.uuid()}` })
}

async function urlOf(context: FacadeContext, data: Data, identifier: string, cause: readonly string[]) {
  const { copyId } = await copyOf(context, data, identifier, cause)
  const id = await createDownload(context.deps, copyId)
  const { protocol } = new URL(context.baseUrl)
  return {
    contentType: protocol.slice(0, -1),
    content: `${context.baseUrl}/zzgxpt/download?id=${id}`,
    certIdentifier: identifier,
  }
}

/** A licence in a list; the state in the type's own code and word where it has some. */
function briefOf({ register }: Deps, licence: SharedLicence) {
  const own = register.type(licence.typeCode)?.statusWords[licence.status]
  return {
    certIdentifier: licence.identifier,
    certName: licence.typeName.zh,
    certTypeCode: licence.typeCode,
    certState: own?.code ?? String(licence.checkCode),
    certStateName: own?.zh ?? dataCheckMeanings[licence.checkCode].zh.replace('信息正确且', ''),
    issueOrgCode: licence.issuerCode,
    issueOrgName: licence.issuerName,
    issueDate: licence.issuedOn,
    validStart: licence.validFrom,
    validEnd: licence.validUntil,
    ...(licence.origin === 'collected' && { source: licence.source, stateAsOf: licence.statusAsOf }),
  }
}

const certDataOf = (deps: Deps, { licence, fields }: SharedData) => ({ ...briefOf(deps, licence), certData: fields })

const remarksOf = ({ fields }: SharedType) =>
  fields.map(({ name, label, valueType }, index) => ({
    name: label.zh,
    valueType,
    value: '',
    columnName: name,
    orderNum: index + 1,
  }))
