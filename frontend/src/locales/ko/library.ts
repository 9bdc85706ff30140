export default {
  popular: '인기 동영상',
  newest: '새 동영상',
  sort: '정렬',
  sorts: { newest: '최신순', popular: '조회수순' },
  heading: '동영상',
  results: '‘{q}’ 검색 결과',
  emptyTitle: '아직 동영상이 없습니다',
  emptyText: '첫 동영상을 올려 보세요. 준비가 끝나면 여기에 나타납니다.',
  noneTitle: '‘{q}’에 맞는 결과가 없습니다',
  noneText: '더 짧거나 다른 단어로 검색해 보세요. 작은 오타는 괜찮습니다.',
  clearSearch: '검색어 지우기',
  ownerEmpty: '{name} 님이 아직 공개한 동영상이 없습니다.',
}
