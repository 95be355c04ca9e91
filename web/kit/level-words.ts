import type { Text } from './language.ts'

const meanings: Readonly<Record<string, Text>> = {
  'B-B': { zh: '只有印章，没有时间戳', en: 'the seal alone, without a time stamp' },
  'B-T': { zh: '时间戳证明盖章时间', en: 'a time stamp proves when it was sealed' },
  'B-LT': {
    zh: '另附核验资料，印章证书到期后仍可核验',
    en: 'carries what proves it, also after the seal’s certificate has ended',
  },
  'B-LTA': {
    zh: '核验资料另有文档时间戳保护，可续期，供长期保存',
    en: 'what proves it is protected by a document time stamp, which can be renewed for decades',
  },
}

/** A PAdES level with what it means; a foreign or SM2 seal has none. A word of a newer server is shown as it came. */
export function levelText(level: string): Text {
  if (level === 'not-pades') return { zh: '不属于 PAdES', en: 'not a PAdES seal' }
  const meaning = meanings[level]
  return meaning ? { zh: `${level}：${meaning.zh}`, en: `${level}: ${meaning.en}` } : { zh: level, en: level }
}
