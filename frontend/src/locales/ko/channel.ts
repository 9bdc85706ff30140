export default {
  tabs: { videos: '동영상', lives: '라이브', about: '정보' },
  tabsLabel: '채널 메뉴',
  videoCount: '동영상 없음 | 동영상 {count}개 | 동영상 {count}개',
  livesEmpty: '{name} 님이 아직 진행한 라이브가 없습니다.',
  noBio: '아직 소개가 없습니다.',
  joined: '가입일: {date}',
}
