export default {
  views: '尚無觀看 | 觀看 {count} 次 | 觀看 {count} 次',
  likes: '還沒有人按讚 | {count} 個讚 | {count} 個讚',
  uploaded: '{ago}上傳',
  duration: '長度 {length}',
  resumeAt: '已看到 {time}',
  by: '作者：{name}',
  poster: '{title} 的預覽畫面',
  noPoster: '還沒有預覽畫面',
  visibility: { public: '公開', unlisted: '不公開列出', private: '私人' },
  visibilityHint: {
    public: '所有人都能找到並觀看。',
    unlisted: '只有知道連結的人可以觀看。',
    private: '只有你自己可以觀看。',
  },
  status: {
    uploading: '上傳中',
    queued: '等待中',
    probing: '檢查中',
    transcoding: '處理中',
    ready: '已完成',
    failed: '失敗',
  },
  statusPercent: '{status} {percent}',
  playable: '已經可以觀看',
  reasons: {
    unknown: '無法處理這個檔案。請再試一次，或重新上傳。',
  },
}
