// Forty made-up owners: 4 to 40 characters, one and two languages, every form and diameter.
import type { RoundSealSpec, SealPictureSpec } from '../../../seal-service/domain/seal-picture-spec.ts'

const round = (diameterMm: number, ringText: string, more: Partial<RoundSealSpec> = {}): RoundSealSpec => ({
  ...{ shape: 'round', diameterMm, ringText, ringTextEn: null, centre: 'star', lowerText: null, code: null },
  ...more,
})

/** A made-up emblem: a ring with a cogwheel's corners, five stars left free. */
const emblem = {
  width: 1000,
  height: 1000,
  path:
    'M500 20L600 110L735 85L760 220L890 270L860 400L960 500L860 600L890 730L760 780L735 915L600 890L500 980L400 890L265 915L240 780L110 730L140 600L40 500L140 400L110 270L240 220L265 85L400 110Z' +
    'M500 200C335 200 200 335 200 500C200 665 335 800 500 800C665 800 800 665 800 500C800 335 665 200 500 200Z' +
    'M500 280L550 430L708 432L582 527L629 678L500 587L371 678L418 527L292 432L450 430Z',
} as const

export const fortySeals: readonly SealPictureSpec[] = [
  round(60, '云岭共和国', { centre: 'artwork', artwork: emblem }),
  round(50, '云汀省人民政府', { centre: 'artwork', artwork: emblem }),
  round(50, '云汀省发展和改革委员会'),
  round(45, '云汀市人民政府', { centre: 'artwork', artwork: emblem }),
  round(45, '云汀市市场监督管理局'),
  round(45, '云汀市住房和城乡建设局'),
  round(45, '云汀市规划和自然资源局不动产登记中心', { lowerText: '登记专用章' }),
  round(45, '云汀市高新技术产业开发区管理委员会'),
  round(45, '云汀市高新技术产业开发区城市管理和综合行政执法局'),
  round(45, '云汀市高新技术产业开发区城市管理和综合行政执法局第二大队'),
  round(45, '云汀省云汀市高新技术产业开发区城市管理和综合行政执法局直属第二大队临江中队办公室', {
    lowerText: '业务专用章',
  }),
  round(45, '云汀自治州食品药品检验检测与医疗器械不良反应监测及化妆品安全风险评估技术服务中心'),
  round(42, '清溪镇政府'),
  round(42, '清溪镇人民政府'),
  round(42, '云汀市云台山街道办事处'),
  round(42, '云汀数智科技股份有限公司', { edgeMm: 1.2, code: '3301990012345' }),
  round(42, '云汀远洋国际货运代理（集团）股份有限公司', { edgeMm: 1.2, code: '3301990012346' }),
  round(42, '云汀民族文化宫', { ringTextEn: 'Yinzdingj Minzcuz Vwnzva Gungh' }),
  round(45, '云汀壮族自治县人民政府', { ringTextEn: 'Yinzdingj Bouxcuengh Swciyen Yinzminz Cwngfuj' }),
  round(45, '云汀市公证处', { ringTextEn: 'Notary Public Office of Yunting' }),
  round(45, '云汀市知识产权保护中心', {
    ringTextEn: 'Yunting Intellectual Property Protection Center',
    lowerText: '证照专用章',
  }),
  round(45, '云汀市高新技术产业开发区投资促进与企业服务中心', {
    ringTextEn: 'Investment Promotion and Enterprise Service Center of Yunting Hi-Tech Zone',
  }),
  round(45, '云汀边境口岸对俄贸易服务站', { ringTextEn: 'Юньтинский пограничный торговый центр' }),
  round(40, '云汀市清源环保有限公司', { code: '3301990012347' }),
  round(40, '云汀市青禾农业有限公司', { lowerText: '合同专用章', code: '3301990012348' }),
  round(38, '云汀晨曦建筑安装有限公司', { lowerText: '财务专用章', edgeMm: 1, code: '3301990012349' }),
  round(38, '云汀市万和物业服务有限公司', { lowerText: '合同专用章（2）', edgeMm: 1 }),
  round(38, '云汀市新材料产业园区企业信用促进会', { lowerText: '业务专用章', centre: 'none', edgeMm: 1 }),
  round(38, '云汀市临江区社区卫生服务中心（第一人民医院分院）', { lowerText: '财务专用章', edgeMm: 1 }),
  {
    shape: 'oval',
    widthMm: 45,
    heightMm: 30,
    ringText: '云汀海德精密机械有限公司',
    ringTextEn: 'YUNTING HAIDE CO., LTD.',
    centre: 'star',
    lowerText: null,
  },
  {
    shape: 'oval',
    widthMm: 45,
    heightMm: 30,
    ringText: '云汀赛弗利国际医疗器械（中国）有限公司',
    ringTextEn: 'Yunting Seferly International Medical Devices (China) Co., Ltd.',
    centre: 'none',
    lowerText: '合同专用章',
  },
  {
    shape: 'oval',
    widthMm: 45,
    heightMm: 30,
    ringText: '云汀金湖会计师事务所',
    ringTextEn: null,
    centre: 'star',
    lowerText: '报告专用章',
  },
  { shape: 'invoice', ringText: '云汀启明软件技术有限公司', taxNumber: '91330199MA2ABCDE1X', serial: null },
  {
    shape: 'invoice',
    ringText: '云汀远洋国际货运代理（集团）股份有限公司',
    taxNumber: '91330199MA2ABCDE2X',
    serial: 2,
  },
  {
    shape: 'invoice',
    ringText: '云汀市高新技术产业开发区投资促进与企业综合服务中心（有限合伙）',
    taxNumber: '91330199MA2ABCDE3X',
    serial: 11,
  },
  { shape: 'square', sideMm: 20, text: '李明', ending: null, style: 'red-characters' },
  { shape: 'square', sideMm: 18, text: '赵晖', ending: '之印', style: 'white-characters' },
  { shape: 'square', sideMm: 20, text: '王建国', ending: '印', style: 'red-characters' },
  { shape: 'square', sideMm: 18, text: '张丽华', ending: null, style: 'white-characters' },
  { shape: 'square', sideMm: 20, text: '欧阳文忠', ending: '印', style: 'red-characters' },
]
