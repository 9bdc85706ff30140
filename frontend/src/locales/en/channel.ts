export default {
  tabs: { videos: 'Videos', lives: 'Live', about: 'About' },
  tabsLabel: 'Part of the channel',
  videoCount: 'No videos | {count} video | {count} videos',
  livesEmpty: '{name} has not broadcast anything yet.',
  noBio: 'Nothing here yet.',
  joined: 'Here since {date}',
}
