export default {
  popular: 'Most watched',
  newest: 'New',
  sort: 'Order',
  sorts: { newest: 'Newest', popular: 'Most viewed' },
  heading: 'Videos',
  results: 'Results for “{q}”',
  emptyTitle: 'No videos yet',
  emptyText: 'Be the first: upload one, and it appears here when it is ready.',
  noneTitle: 'Nothing found for “{q}”',
  noneText: 'Try fewer or other words. Small typing mistakes are no problem.',
  clearSearch: 'Clear the search',
  ownerEmpty: '{name} has not published anything yet.',
}
