export default {
  tabs: { videos: '影片', lives: '直播', about: '簡介' },
  tabsLabel: '頻道內容',
  videoCount: '還沒有影片 | {count} 部影片 | {count} 部影片',
  livesEmpty: '{name} 還沒有直播過。',
  noBio: '還沒有簡介。',
  joined: '加入日期：{date}',
}
