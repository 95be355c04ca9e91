/** By the kind of a later change: what was done to a document after it was sealed, in Chinese; the English sentence comes with the change. */
export const changeWords: ReadonlyMap<string, string> = new Map([
  ['evidence-added', '加了长期验证资料'],
  ['document-time-stamp-added', '加了文档时间戳'],
  ['signature-added', '加了签章'],
  ['field-filled', '填写了表单栏'],
  ['annotation-added', '加了批注或图形'],
  ['annotation-changed', '改了批注或图形'],
  ['annotation-removed', '删了批注或图形'],
  ['metadata-changed', '改了文件说明信息'],
  ['end-of-line-added', '末尾加了换行'],
  ['object-changed', '改了文件内容'],
  ['structure', '改了文件结构'],
  ['unreadable', '有读不懂的部分'],
])
