// Sets theme and language before the first paint, so that nothing flashes. A file, because inline scripts are refused.
;(function () {
  var read = function (key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  var scheme = read('vueuse-color-scheme') || 'auto'
  var dark = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
  var language = (read('locale') || navigator.language || 'en').slice(0, 2)
  document.documentElement.lang = language === 'es' ? 'es' : 'en'
})()
