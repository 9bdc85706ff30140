// Runs before the first paint and therefore stands alone: the theme must not flash.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('trunkline.theme')
  } catch (_) {
    choice = null
  }
  var isLight = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = isLight ? 'light' : 'dark'
})()
