export default {
  views: '조회수 없음 | 조회수 {count}회 | 조회수 {count}회',
  likes: '좋아요 없음 | 좋아요 {count}개 | 좋아요 {count}개',
  uploaded: '{ago} 업로드',
  duration: '길이 {length}',
  resumeAt: '{time}까지 시청함',
  by: '{name}',
  poster: '{title} 미리보기',
  noPoster: '아직 미리보기가 없습니다',
  visibility: { public: '공개', unlisted: '일부 공개', private: '비공개' },
  visibilityHint: {
    public: '누구나 찾아서 볼 수 있습니다.',
    unlisted: '링크를 아는 사람만 볼 수 있습니다.',
    private: '나만 볼 수 있습니다.',
  },
  status: {
    uploading: '업로드 중',
    queued: '대기 중',
    probing: '확인 중',
    transcoding: '처리 중',
    ready: '완료',
    failed: '실패',
  },
  statusPercent: '{status} {percent}',
  playable: '지금 바로 볼 수 있음',
  reasons: {
    unknown: '파일을 처리할 수 없습니다. 다시 시도하거나 파일을 새로 업로드해 주세요.',
  },
}
