import { statusWord } from '../../licence-format/index.ts'
import type { Table } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import type { ListedLicence } from '../operations/list-licences.ts'

const origins = { issued: { zh: '本系统签发', en: 'issued here' }, collected: { zh: '归集', en: 'collected' } } as const
const noEnd = { zh: '长期', en: 'no end' } as const

/** A list of licences as people keep it in a spreadsheet: names of types and states in the language of its heads. */
export const listedTable = ({ templates }: Pick<Deps, 'templates'>): Table<ListedLicence> => ({
  columns: [
    { zh: '证照编号', en: 'Number', of: ({ number }) => number },
    { zh: '电子证照标识', en: 'Identifier', of: ({ identifier }) => identifier },
    {
      ...{ zh: '证照类型', en: 'Type' },
      of: ({ typeCode, typeName }, lang) => templates.entry(typeCode)?.name[lang] ?? typeName,
    },
    { zh: '持证主体', en: 'Holder', of: ({ holder }) => holder },
    {
      ...{ zh: '状态', en: 'Status' },
      of: ({ status }, lang) => statusWord(status === 'pending' ? 'prepared' : status)[lang],
    },
    { zh: '签发日期', en: 'Issued on', of: ({ issuedOn }) => issuedOn },
    { zh: '有效期至', en: 'Valid until', of: ({ validUntil }, lang) => validUntil ?? noEnd[lang] },
    { zh: '来源', en: 'Origin', of: ({ origin }, lang) => origins[origin][lang] },
  ],
  toJson: (licence) => licence,
})
