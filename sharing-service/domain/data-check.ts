/** 信息验证 results of GB/T 36906, in its words. */
export const dataCheckMeanings = [
  { zh: '信息正确且有效', en: 'right and in force' },
  { zh: '信息正确且未激活', en: 'right and not yet in force' },
  { zh: '信息正确且证照暂时失效', en: 'right and void for a time' },
  { zh: '信息正确且证照已失效', en: 'right and void' },
  { zh: '信息不全，无法验证', en: 'too little to check' },
  { zh: '查无此信息', en: 'nothing found' },
  { zh: '信息错误，参数不一致', en: 'something differs' },
] as const

/** 文件验证 results. */
export const fileCheckMeanings = [
  { zh: '文件验证通过', en: 'passed' },
  { zh: '文件签章校验失败', en: 'the seal does not hold' },
  { zh: '文件校验失败', en: 'the file does not hold' },
] as const
