'use strict'
// Collects what goes wrong from the very start of the page.
window.wrong = []
window.checks = 0
addEventListener('error', (event) => window.wrong.push(`error: ${event.message}`))
addEventListener('unhandledrejection', (event) => window.wrong.push(`rejected: ${event.reason}`))
for (const name of ['error', 'warn']) {
  console[name] = (...words) => window.wrong.push(`console.${name}: ${words.join(' ')}`)
}
// What a hostile subject would call.
window.attacked = () => window.wrong.push('what a subject said was run')
window.expect = (what, is) => {
  window.checks += 1
  if (!is) window.wrong.push(what)
}
window.put = (form, name, value) => {
  const it = form.elements[name]
  if (it.type === 'checkbox') it.checked = value
  else it.value = value
  it.dispatchEvent(new Event('input', { bubbles: true }))
}
window.settled = () => new Promise((resolve) => setTimeout(resolve, 50))
// Runs what tries the page out, and hands on what it found.
window.attempt = async (act) => {
  try {
    await act()
  } catch (error) {
    window.wrong.push(`the script failed: ${error.stack}`)
  }
  const found = JSON.stringify({ wrong: window.wrong, checks: window.checks })
  parent.postMessage(found, '*')
}
// The theme that the system asks for is the one that is shown, and nothing is wider than the screen.
window.common = () => {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  const light = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3
  const style = getComputedStyle(document.body)
  window.expect('the page is dark where that is wanted', (light(style.backgroundColor) < 128) === isDark)
  window.expect('text stands out', Math.abs(light(style.backgroundColor) - light(style.color)) > 100)
  const root = document.scrollingElement
  window.expect(`nothing is wider than the screen: ${root.scrollWidth} > ${innerWidth}`, root.scrollWidth <= innerWidth)
  for (const it of document.querySelectorAll('main table')) {
    if (it.closest('.scroller')) continue
    const box = it.getBoundingClientRect()
    window.expect(`a table fits: ${Math.round(box.right)} > ${innerWidth}`, box.right <= innerWidth + 1)
  }
}
