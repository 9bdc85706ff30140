export default {
  popular: '熱門影片',
  newest: '最新影片',
  sort: '排序',
  sorts: { newest: '最新', popular: '最多觀看' },
  heading: '影片',
  results: '「{q}」的搜尋結果',
  emptyTitle: '還沒有影片',
  emptyText: '上傳第一部影片吧，處理完成後就會出現在這裡。',
  noneTitle: '找不到「{q}」',
  noneText: '試試更短或不同的關鍵字，打錯一兩個字也沒關係。',
  clearSearch: '清除搜尋',
  ownerEmpty: '{name} 還沒有發布任何影片。',
}
